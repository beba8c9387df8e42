"""Excerpts by row, and batches of them as numbers."""

from __future__ import annotations

import numpy as np
import pytest

from zetdard.data.clips import Clips
from zetdard.data.vocabulary import Vocabulary
from zetdard.errors import InputError


def clips(shape: tuple[int, ...] = (2, 2, 3)) -> Clips:
    def opened(row: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
        return np.full(shape, 1000 * (row + 1), np.int16) * np.array([1, -1], np.int16)[:, None, None]

    return Clips(Vocabulary(["a", "b", "c"], kind="song"), 16_000, 2, 3, np.array([0, 2], np.int32), opened)


def test_a_batch_is_the_asked_excerpts_at_full_scale_one() -> None:
    batch = clips().batch(np.array([2, 0, 2], np.int32), np.array([0, 1, 1], np.int32))
    assert batch.shape == (3, 2, 3)
    assert batch.dtype == np.float32
    assert batch[:, 0, 0].tolist() == [3000 / 32768, -1000 / 32768, -3000 / 32768]


def test_a_song_without_excerpts_and_excerpts_of_another_shape_are_refused() -> None:
    with pytest.raises(InputError, match="'b' has no clips"):
        clips().of(1)
    with pytest.raises(InputError, match="shape"):
        clips((2, 1, 3)).of(0)
