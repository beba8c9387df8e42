"""Artist cap, overflow, and versions of one song."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommend.small import dataset_of, ids, recommend
from zetdard import ZetDard
from zetdard.data.ranking import Ranking
from zetdard.recommend.rerank import PlainArranger, SongArranger, places_of

SONGS = {
    "s1": ("Sky", ["a"]),
    "s2": ("Sea", ["a"]),
    "s3": ("Sun", ["a"]),
    "s4": ("Star", ["b"]),
    "s5": ("Stone", ["a", "b"]),
    "s6": ("Sky (Live)", ["a"]),
    "s7": ("Sky", ["b"]),
    "s8": ("Sea - Remastered 2009", ["b", "a"]),
    "s9": ("Nobody's", []),
}
DATASET = dataset_of(
    {"ann": SONGS},
    titles={song: title for song, (title, _) in SONGS.items()},
    credits={song: artists for song, (_, artists) in SONGS.items()},
)


def shown(order: list[str], *, cap: int | None = None, one_version: bool = False) -> list[str]:
    rows = np.array([DATASET.songs.vocabulary.row(song) for song in order], np.int32)
    ranking = Ranking(rows, np.arange(len(rows), 0, -1, dtype=np.float32))
    arranger = SongArranger(DATASET, artist_cap=cap, one_version=one_version)
    return [DATASET.songs.vocabulary.label(row) for row, _ in arranger.arrange(ranking)]


def test_songs_over_the_cap_come_after_all_others() -> None:
    assert shown(["s1", "s2", "s3", "s4", "s9"], cap=2) == ["s1", "s2", "s4", "s9", "s3"]
    assert shown(["s1", "s2", "s3", "s4", "s9"], cap=1) == ["s1", "s4", "s9", "s2", "s3"]
    assert shown(["s1", "s2", "s3", "s4"]) == ["s1", "s2", "s3", "s4"]


def test_a_song_of_several_artists_counts_for_each() -> None:
    assert shown(["s5", "s1", "s4"], cap=1) == ["s5", "s1", "s4"]
    assert shown(["s5", "s1", "s2", "s4", "s7"], cap=2) == ["s5", "s1", "s4", "s2", "s7"]
    # One of its artists is at the cap already.
    assert shown(["s1", "s5", "s4"], cap=1) == ["s1", "s4", "s5"]


def test_of_several_versions_the_best_placed_stays() -> None:
    assert shown(["s6", "s1", "s7"], one_version=True) == ["s6", "s7"]  # s7 has the title but another artist
    assert shown(["s2", "s8", "s4"], one_version=True) == ["s2", "s4"]  # one artist in common is enough
    assert shown(["s6", "s1", "s7"]) == ["s6", "s1", "s7"]


def test_a_version_in_the_overflow_is_no_second_chance() -> None:
    assert shown(["s2", "s1", "s6", "s9"], cap=1, one_version=True) == ["s2", "s9", "s1"]


@given(st.permutations(sorted(SONGS)), st.sampled_from([None, 1, 2]), st.booleans())
def test_laws(order: list[str], cap: int | None, one_version: bool) -> None:
    arranged = shown(order, cap=cap, one_version=one_version)
    assert len(set(arranged)) == len(arranged)
    if not one_version:
        assert sorted(arranged) == sorted(order)
    # In one walk: what may stand, in order; then what is over the cap, in order.
    counts: Counter[str] = Counter()
    within = []
    for song in (song for song in order if song in arranged):
        if cap is None or all(counts[artist] < cap for artist in SONGS[song][1]):
            within.append(song)
            counts.update(SONGS[song][1])
    assert arranged == [*within, *(song for song in order if song in arranged and song not in within)]
    assert arranged[0] == order[0]


def test_places() -> None:
    arranged = [(4, 0.5), (2, 0.4), (9, 0.3)]
    assert places_of({9, 4, 7}, iter(arranged)) == {4: 1, 9: 3}
    assert places_of(set(), iter(arranged)) == {}


def test_plain_order() -> None:
    ranking = Ranking(np.array([3, 1], np.int32), np.array([2, 1], np.float32))
    assert list(PlainArranger().arrange(ranking)) == [(3, 2.0), (1, 1.0)]


@pytest.mark.parametrize("cap", [1, 2, 3])
def test_the_cap_on_the_invented_world(world: ZetDard, cap: int) -> None:
    for user in world.dataset().users.vocabulary.labels[::15]:
        answer = world.recommend("songs", user, n=10, artist_cap=cap, reasons=False)
        counts = Counter(artist.id for item in answer.items for artist in item.artists)
        assert max(counts.values(), default=0) <= cap
        free = world.recommend("songs", user, n=10, artist_cap=None, one_version=False, reasons=False)
        scores = [item.score for item in free.items]
        assert scores == sorted(scores, reverse=True)
        assert not answer.items or answer.items[0] == free.items[0]


def test_popular_lists_are_arranged_too() -> None:
    holds = {"ann": [], "bob": ["s1", "s2", "s6"], "cat": ["s1", "s6"], "dan": ["s3"]}
    titles = {"s1": "Sky", "s6": "Sky (Live)", "s2": "Sea", "s3": "Sun"}
    data = dataset_of(holds, titles=titles, credits={song: ["a"] for song in titles})
    assert ids(recommend(data, "songs", "ann")) == ["s1", "s2", "s3"]
    assert ids(recommend(data, "songs", "ann", one_version=False, artist_cap=1)) == ["s1", "s6", "s2", "s3"]
