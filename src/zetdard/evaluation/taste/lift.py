"""How much of what can be known of tastes a learner finds: its share of the oracle's lift over chance."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from zetdard.evaluation.taste.controls import ORACLE
from zetdard.evaluation.taste.protocol import TasteRun
from zetdard.measure.intervals import LEVEL, Interval, bootstrap_means

_CHANCE = 0.5


@dataclass(frozen=True, slots=True)
class Lift:
    """A share of the oracle's lift: (AUC − ½) / (oracle's AUC − ½), both means over listeners.

    Attributes:
        share: 1 where the learner is as good as the oracle, 0 where it knows nothing.
        interval: Percentile bootstrap: each resample of listeners gives a share of its own.
    """

    share: float
    interval: Interval

    def to_json(self) -> dict[str, Any]:
        """Return plain numbers."""
        return {"share": self.share, "ci": list(self.interval)}


def lifts(runs: Iterable[TasteRun], *, resamples: int, seed: int) -> dict[str, Lift]:
    """Return the lift of each run but the oracle; none where there is no oracle, or it knows nothing.

    Args:
        runs: All on the same listeners.
        resamples: How many resamples.
        seed: Seed of the draws.
    """
    auc = {run.name: run.per_listener["auc"] - _CHANCE for run in runs}
    oracle = auc.pop(ORACLE, None)
    if oracle is None or not auc:
        return {}
    columns = np.column_stack([oracle, *auc.values()])
    means = bootstrap_means(columns, resamples=resamples, seed=seed)
    # A resample in which even the oracle knows nothing has no share.
    if oracle.mean() <= 0 or (means[:, 0] <= 0).any():
        return {}
    low, high = np.quantile(means[:, 1:] / means[:, :1], [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return {
        name: Lift(float(own.mean() / oracle.mean()), Interval(float(low[at]), float(high[at])))
        for at, (name, own) in enumerate(auc.items())
    }
