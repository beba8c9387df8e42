"""Where listeners live, as features of theirs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from zetdard.data.features import FeatureBlock
from zetdard.data.vocabulary import Vocabulary


def region_block(users: Vocabulary, regions: Sequence[str]) -> FeatureBlock:
    """Return one column for each region, in the order of their names: 1 where a listener lives there.

    Args:
        users: The listeners.
        regions: Shape (listeners,): names; "" = not known.
    """
    names = sorted({region for region in regions if region})
    column = {name: number for number, name in enumerate(names)}
    values = np.zeros((len(users), len(names)), np.float32)
    for row, region in enumerate(regions):
        if region:
            values[row, column[region]] = 1
    return FeatureBlock(users, values, tuple(names), present=np.asarray(values.any(axis=1), np.bool_))
