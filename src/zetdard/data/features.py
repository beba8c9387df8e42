"""FeatureBlock: numbers about the items of a vocabulary, with names and origin."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from zetdard.data.types import Floats
from zetdard.data.vocabulary import Vocabulary
from zetdard.errors import InputError


@dataclass(frozen=True, slots=True, eq=False)
class FeatureBlock:
    """A table of features, one row for each label of its vocabulary.

    Attributes:
        vocabulary: Labels of the rows.
        values: Shape (rows, columns), float32; a row that is not ``present`` is zero.
        columns: Name of each column, with its unit where it has one ("tempo (BPM)").
        provenance: What made it: extractor, version, settings.
        present: Shape (rows,): whether the row was measured.
    """

    vocabulary: Vocabulary
    values: Floats
    columns: tuple[str, ...]
    provenance: dict[str, str] = field(default_factory=dict)
    present: NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        if self.values.shape != (len(self.vocabulary), len(self.columns)):
            raise InputError(
                f"a feature block of {len(self.vocabulary)} rows and {len(self.columns)} columns got values "
                f"of shape {self.values.shape}"
            )
        if self.values.dtype != np.float32 or not np.isfinite(self.values).all():
            raise InputError("features must be finite float32 numbers")
        if self.present is not None and self.present.shape != (len(self.vocabulary),):
            raise InputError("present must have one entry for each row")

    @property
    def known(self) -> NDArray[np.bool_]:
        """Which rows were measured, shape (rows,): all, where the block does not say."""
        return np.ones(len(self.vocabulary), np.bool_) if self.present is None else self.present
