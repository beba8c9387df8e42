"""Models that are strict: what is not predicted to be liked takes nobody's place."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from recommend.small import dataset_of
from zetdard.data.opinions import Opinions
from zetdard.models.base import Config
from zetdard.recommend.course import Space, Spaces
from zetdard.recommend.query import Kind, Query, Recommendation
from zetdard.recommend.recommender import Recommender


class StrictConfig(Config):
    strict: bool = True


class Liked:
    """Predicts of the first songs that they are liked, and says nothing of the others."""

    name = "liked"
    personal = True

    def __init__(self, songs: int, *, strict: bool) -> None:
        self.songs, self.config = songs, StrictConfig(strict=strict)

    def score(self, histories: Any) -> Any:
        n_songs = histories.matrix.shape[1]
        return np.where(np.arange(n_songs) < self.songs, 0.9, 0.0)[None, :].astype(np.float32)


def answer(songs: int, *, strict: bool) -> Recommendation:
    dataset = dataset_of({"ann": ["e"], "bob": ["a", "b", "c", "d", "e"]})
    model: Any = Liked(songs, strict=strict)
    spaces = Spaces(songs=Space(dataset.holdings, model))
    recommender = Recommender(dataset, spaces, lambda user: Opinions())
    return recommender.recommend(Query(kind=Kind.SONGS, user="ann", n=3, reasons=False))


@pytest.mark.parametrize(
    ("songs", "said"),
    [
        (0, "no song is predicted to be liked; without strict the next likely ones follow"),
        (1, "only one song is predicted to be liked"),
        (2, "only 2 songs are predicted to be liked"),
    ],
)
def test_nothing_fills_a_strict_list(songs: int, said: str) -> None:
    found = answer(songs, strict=True)
    assert (found.model, found.personal, len(found.items)) == ("liked", True, songs)
    assert found.note is not None
    assert said in found.note


def test_a_full_list_needs_no_note_and_others_are_filled_as_before() -> None:
    assert answer(4, strict=True).note is None
    plain = answer(0, strict=False)
    assert (plain.model, plain.personal, len(plain.items)) == ("popular", False, 3)
