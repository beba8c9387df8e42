"""A block of features keeps its promises about shape and values."""

from __future__ import annotations

import numpy as np
import pytest

from zetdard.data.features import FeatureBlock
from zetdard.data.vocabulary import Vocabulary
from zetdard.errors import InputError

ROWS = Vocabulary("ab")
NAMES = ("tempo (BPM)", "loudness (dB)", "length (s)")


def test_what_fits_is_taken() -> None:
    block = FeatureBlock(ROWS, np.ones((2, 3), np.float32), NAMES, present=np.array([True, False]))
    assert block.values.shape == (2, 3)
    assert block.provenance == {}


@pytest.mark.parametrize(
    ("values", "present", "message"),
    [
        (np.ones((3, 2), np.float32), None, r"2 rows and 3 columns got values of shape \(3, 2\)"),
        (np.ones((2, 3)), None, "float32"),
        (np.array([[0, np.nan, 0]] * 2, np.float32), None, "finite"),
        (np.ones((2, 3), np.float32), np.array([True]), "present"),
    ],
)
def test_what_does_not_fit_is_refused(values: np.ndarray, present: np.ndarray | None, message: str) -> None:
    with pytest.raises(InputError, match=message):
        FeatureBlock(ROWS, values, NAMES, present=present)
