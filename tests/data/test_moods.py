"""Moods of songs: what was given, what was heard, and by how much a song stands out."""

from __future__ import annotations

import numpy as np
import pytest

from zetdard.data.features import FeatureBlock
from zetdard.data.moods import SongMoods, mean_and_spread
from zetdard.data.vocabulary import Vocabulary
from zetdard.errors import InputError

VALUES = np.array([[1, 7], [3, 7], [5, 7], [9, 7], [0, 0]], np.float32)
KNOWN = np.array([True, True, True, True, False])
GIVEN = np.array([True, True, True, False, False])


def moods(given: np.ndarray = GIVEN) -> SongMoods:
    block = FeatureBlock(Vocabulary("abcde"), VALUES, ("energy", "same"), present=KNOWN)
    return SongMoods(block, given)


def rows(*songs: int) -> np.ndarray:
    return np.array(songs, np.int32)


def test_what_is_known_and_was_not_given_was_heard() -> None:
    assert moods().heard.tolist() == [False, False, False, True, False]


def test_a_song_leads_by_standard_deviations_of_what_was_given() -> None:
    spread = np.std([1, 3, 5])
    found = moods()
    np.testing.assert_allclose(found.leads(rows(3)), [(9 - 3) / spread, 0])
    np.testing.assert_allclose(found.leads(rows(0)), [(1 - 3) / spread, 0])
    # Of several songs the mean counts; what is not known does not.
    np.testing.assert_allclose(found.leads(rows(0, 3, 4)), [(5 - 3) / spread, 0])


def test_nothing_stands_out_where_nothing_is_known_or_given() -> None:
    assert moods().leads(rows(4)).tolist() == [0, 0]
    assert moods(np.arange(5) < 1).leads(rows(3)).tolist() == [0, 0]


def test_numbers_that_differ_by_rounding_alone_have_no_spread() -> None:
    values = np.stack([np.full(54, 0.1), np.arange(54) % 2 * 1e-3 + 1, np.zeros(54)], axis=1).astype(
        np.float32
    )
    assert values[:, 0].std() > 0  # in float32
    mean, spread = mean_and_spread(values)
    np.testing.assert_array_equal(mean[[0, 2]].astype(np.float32), values[0, [0, 2]])
    np.testing.assert_allclose(spread, [0, 5e-4, 0], rtol=1e-3)
    assert (mean.dtype, spread.dtype) == (np.float64, np.float64)
    huge = np.array([[1e18], [-1e18]], np.float32)
    np.testing.assert_allclose(mean_and_spread(huge)[1], 1e18)


def test_given_moods_must_be_there() -> None:
    with pytest.raises(InputError, match="present"):
        moods(np.ones(5, bool))
    with pytest.raises(InputError):
        moods(np.ones(4, bool))
