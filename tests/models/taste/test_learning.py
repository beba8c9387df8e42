"""Songs as numbers: joined columns, songs without a block, labels."""

from __future__ import annotations

import numpy as np
import pytest

from models.taste.conforming import block_of
from zetdard.data.taste import Labelled, Span, TasteSongs
from zetdard.errors import InputError, MissingExtraError, NoDataError
from zetdard.models.taste.learning import sklearn_module

WHOLE = np.arange(8.0).reshape(4, 2)
PARTIAL = np.arange(12.0).reshape(4, 3)
PRESENT = np.array([True, False, True, True])


def songs() -> TasteSongs:
    return TasteSongs({"musicnn": block_of(WHOLE), "lyrics": block_of(PARTIAL, PRESENT)})


def test_blocks_lie_beside_each_other_in_the_order_asked_for() -> None:
    matrix = songs().matrix(["lyrics", "musicnn"])
    nan = np.nan
    expected = [[0, 1, 2, 1, 0, 1], [nan, nan, nan, 0, 2, 3], [6, 7, 8, 1, 4, 5], [9, 10, 11, 1, 6, 7]]
    np.testing.assert_array_equal(matrix, expected)
    assert matrix.dtype == np.float32
    assert songs().spans(["lyrics", "musicnn"]) == (Span(0, 3, 3), Span(4, 6, None))


def test_a_song_is_known_by_any_block() -> None:
    assert len(songs()) == 4
    assert songs().known(["lyrics"]).tolist() == PRESENT.tolist()
    assert songs().known(["lyrics", "musicnn"]).all()
    assert songs().available(["tags", "musicnn"]) == ("musicnn",)


@pytest.mark.parametrize("names", [[], ["tags"], ["musicnn", "tags"]])
def test_blocks_that_are_not_there_are_refused(names: list[str]) -> None:
    with pytest.raises(NoDataError):
        songs().matrix(names)


def test_blocks_about_other_songs_are_refused() -> None:
    with pytest.raises(InputError, match="different songs"):
        TasteSongs({"musicnn": block_of(WHOLE), "lyrics": block_of(WHOLE[:3])})


@pytest.mark.parametrize(
    ("rows", "liked"),
    [([0, 0], [True, False]), ([0, 1], [True]), ([0, 1], [1, 0])],
    ids=["twice", "too few", "not yes or no"],
)
def test_labels_that_make_no_sense_are_refused(rows: list[int], liked: list[object]) -> None:
    with pytest.raises(InputError):
        Labelled(np.array(rows, np.int32), np.array(liked))


def test_a_missing_library_names_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "sklearn.svm", None)
    with pytest.raises(MissingExtraError, match="learn"):
        sklearn_module("svm")
