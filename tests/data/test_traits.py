"""What is known of songs keeps its promises about rows, lengths and values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array

from zetdard.data.features import FeatureBlock
from zetdard.data.moods import SongMoods
from zetdard.data.traits import (
    KEY_CONFIDENCE,
    KEY_COS,
    KEY_MODE,
    KEY_SIN,
    TEMPO,
    TEMPO_CONFIDENCE,
    Lexicon,
    SongTraits,
)
from zetdard.data.vocabulary import Vocabulary
from zetdard.errors import InputError
from zetdard.features.audio.descriptors import DESCRIPTOR_NAMES

SONGS = Vocabulary("abc", kind="song")


def block(values: Any, present: list[bool] | None = None) -> FeatureBlock:
    numbers = np.array(values, np.float32)
    columns = tuple(f"axis {axis}" for axis in range(numbers.shape[1]))
    return FeatureBlock(SONGS, numbers, columns, present=None if present is None else np.array(present, bool))


def words(rows: Any = ((1, 0), (0, 2), (0, 0))) -> Lexicon:
    return Lexicon(SONGS, csr_array(np.array(rows, np.float32)), ("月亮", "sea"))


def test_what_fits_is_taken() -> None:
    space = block([[1, 0], [0.6, 0.8], [0, 0]], [True, True, False])
    traits = SongTraits(
        sound=space,
        words=space,
        tags=block([[0, 1], [0.5, 0.5], [0, 0]]),
        lexicon=words(),
        descriptors=block([[120], [-60], [0]]),
        moods=SongMoods(block([[0.1], [7], [0]]), np.array([True, False, False])),
    )
    traits.check(SONGS)
    traits.check(Vocabulary("abc", kind="song"))
    assert traits.sound is space
    SongTraits().check(SONGS)


def test_nothing_present_is_nothing_known() -> None:
    nothing = block([[0, 0]] * 3, [False] * 3)
    traits = SongTraits(
        sound=nothing,
        words=nothing,
        tags=nothing,
        lexicon=words(np.zeros((3, 2))),
        descriptors=nothing,
        moods=SongMoods(nothing, np.zeros(3, bool)),
    )
    assert [getattr(traits, part) for part in SongTraits.__dataclass_fields__] == [None] * 6


def test_rows_are_present_where_a_block_does_not_say() -> None:
    assert block([[1], [1], [1]]).known.tolist() == [True] * 3
    assert block([[1], [1], [1]], [True, False, True]).known.tolist() == [True, False, True]


@pytest.mark.parametrize("part", ["sound", "words"])
@pytest.mark.parametrize(
    ("values", "present", "message"),
    [
        ([[1, 0], [0.6, 0.7], [0, 1]], None, "length 1"),
        ([[1, 0], [0, 0], [0, 1]], None, "length 1"),
        ([[1, 0], [0, 1], [0, 1]], [True, True, False], "not present .* must be zero"),
    ],
)
def test_points_lie_at_length_one(part: str, values: Any, present: list[bool] | None, message: str) -> None:
    with pytest.raises(InputError, match=message):
        SongTraits(**{part: block(values, present)})


@pytest.mark.parametrize("wrong", [-0.1, 1.1])
def test_tags_fit_from_nought_to_one(wrong: float) -> None:
    with pytest.raises(InputError, match="from 0 to 1"):
        SongTraits(tags=block([[0.5], [wrong], [0]]))


@pytest.mark.parametrize("part", ["sound", "words", "tags", "descriptors", "lexicon", "moods"])
@pytest.mark.parametrize("others", [Vocabulary("ab"), Vocabulary("acb"), Vocabulary("abcd")])
def test_traits_of_other_songs_are_refused(part: str, others: Vocabulary) -> None:
    made = {"lexicon": words(), "moods": SongMoods(block([[1.0]] * 3), np.ones(3, bool))}
    what = made.get(part, block([[1.0]] * 3))
    with pytest.raises(InputError, match=f"the {part} that"):
        SongTraits(**{part: what}).check(others)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (csr_array(np.ones((3, 3), np.float32)), "shape"),
        (csr_array(np.ones((2, 2), np.float32)), "shape"),
        (csr_array(np.array([[1, -1]] * 3, np.float32)), "not negative"),
        (csr_array(np.array([[1, np.nan]] * 3, np.float32)), "finite"),
        (
            csr_array((np.ones(2, np.float32), np.array([1, 0]), np.array([0, 2, 2, 2])), shape=(3, 2)),
            "sorted",
        ),
    ],
)
def test_a_lexicon_that_does_not_fit_is_refused(weights: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Lexicon(SONGS, weights, ("月亮", "sea"))


def test_the_columns_that_reasons_read_are_measured() -> None:
    read = {TEMPO, TEMPO_CONFIDENCE, KEY_COS, KEY_SIN, KEY_MODE, KEY_CONFIDENCE}
    assert read <= set(DESCRIPTOR_NAMES)
