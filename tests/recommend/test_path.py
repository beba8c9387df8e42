"""Paths through sound: along lines with a known answer, by plain search, and what holds of every path."""

from __future__ import annotations

from itertools import pairwise, permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommend.known import at, traits_of, unit
from recommend.small import dataset_of
from zetdard.data.dataset import Dataset
from zetdard.data.traits import SongTraits
from zetdard.errors import InputError, NoDataError, UnknownEntityError
from zetdard.recommend import path as paths
from zetdard.recommend import soundgraph
from zetdard.recommend.path import SoundPath, path_through_sound
from zetdard.recommend.soundgraph import EXPONENTS, distances, near_graph, shortest, unit_points, walk


def circle(degrees: dict[str, float], **more: Any) -> tuple[Dataset, SongTraits]:
    dataset = dataset_of(credits={song: [f"by {song}"] for song in degrees} | {"mute": []})
    return dataset, traits_of(dataset, sound={song: at(angle) for song, angle in degrees.items()}, **more)


def songs(found: SoundPath) -> list[str]:
    return [stop.song.id for stop in found.stops]


def size(degrees: float) -> float:
    return float(1 - np.cos(np.radians(degrees)))


# ── Known answers ───────────────────────────────────────────────────────────────────────────────────────────────────

ARC = {"a": 0, "b": 10, "c": 20, "d": 30, "e": 40, "off": 180, "beyond": 55}


def test_along_an_arc_every_song_is_passed() -> None:
    dataset, traits = circle(ARC)
    found = path_through_sound("a", "e", traits, dataset)
    assert songs(found) == ["a", "b", "c", "d", "e"]
    assert [stop.step for stop in found.stops[1:]] == pytest.approx([size(10)] * 4, rel=1e-5)
    assert found.stops[0].step is None
    assert found.largest == pytest.approx(size(10), rel=1e-5)
    assert found.direct == pytest.approx(size(40), rel=1e-5)
    assert found.note is None
    assert songs(path_through_sound("e", "a", traits, dataset)) == ["e", "d", "c", "b", "a"]


@pytest.mark.parametrize(
    ("longest", "expected"),
    [
        (2, ["a", "e"]),
        (3, ["a", "c", "e"]),
        (4, ["a", "b", "c", "e"]),
        (5, ["a", "b", "c", "d", "e"]),
        (50, ["a", "b", "c", "d", "e"]),
    ],
)
def test_the_longest_path_that_is_wanted(longest: int, expected: list[str]) -> None:
    dataset, traits = circle(ARC)
    found = songs(path_through_sound("a", "e", traits, dataset, longest=longest))
    assert len(found) == len(expected)
    if longest != 4:  # one step of two: three paths cost the same but for rounding
        assert found == expected


def test_one_song_is_a_path_of_one() -> None:
    dataset, traits = circle(ARC)
    found = path_through_sound("c", "c", traits, dataset, least_songs=5)
    assert (songs(found), found.direct, found.largest, found.note) == (["c"], 0, 0, "it is one song")


def test_a_detour_is_taken_where_its_steps_are_small_enough() -> None:
    """Over `mid`, off the straight way, the steps are 0.7 of the direct one: 2 · 0.7² < 1 < 2 · 0.75²."""
    for share, expected in ((0.7, ["a", "mid", "z"]), (0.75, ["a", "z"])):
        # a and z lie 90° apart (size 1); mid has the cosine 1 − share with both.
        x = 1 - share
        dataset = dataset_of(credits={"a": [], "mid": [], "z": []})
        points = {"a": [1, 0, 0], "z": [0, 1, 0], "mid": [x, x, (1 - 2 * x * x) ** 0.5]}
        assert songs(path_through_sound("a", "z", traits_of(dataset, sound=points), dataset)) == expected


def test_more_songs_on_demand() -> None:
    x = 1 - 0.75
    dataset = dataset_of(credits={"a": [], "mid": [], "z": []})
    points = {"a": [1, 0, 0], "z": [0, 1, 0], "mid": [x, x, (1 - 2 * x * x) ** 0.5]}
    traits = traits_of(dataset, sound=points)
    found = path_through_sound("a", "z", traits, dataset, least_songs=3)
    assert (songs(found), found.note) == (["a", "mid", "z"], None)
    found = path_through_sound("a", "z", traits, dataset, least_songs=4)
    assert songs(found) == ["a", "mid", "z"]
    assert found.note == "no smaller steps were found: 4 songs were asked for"


def test_neighbours_have_nothing_between_them() -> None:
    dataset, traits = circle(ARC)
    found = path_through_sound("a", "b", traits, dataset, least_songs=3)
    assert songs(found) == ["a", "b"]
    assert found.largest == found.direct
    assert found.note is not None


def test_songs_that_sound_the_same() -> None:
    dataset, traits = circle({"a": 10, "b": 10, "c": 10, "d": 50})
    found = path_through_sound("a", "c", traits, dataset)
    assert (songs(found), found.largest, found.direct) == (["a", "c"], 0, 0)
    assert songs(path_through_sound("a", "d", traits, dataset)) == ["a", "d"]


def test_no_version_of_a_song_twice() -> None:
    titles = {"a": "Sky", "b": "Sky (Live)", "c": "Sea", "d": "Sea (Remix)", "e": "Sun", "f": "Sun (Live)"}
    dataset = dataset_of(credits={song: ["x"] for song in titles}, titles=titles)
    angles = {"a": 0, "b": 10, "c": 18, "d": 20, "e": 40, "f": 30}
    traits = traits_of(dataset, sound={song: at(angle) for song, angle in angles.items()})
    # d lies nearer to the middle than c; b and f are versions of the ends.
    assert songs(path_through_sound("a", "e", traits, dataset)) == ["a", "d", "e"]
    # Between two versions of one song, others may be passed.
    assert songs(path_through_sound("a", "b", traits, dataset)) == ["a", "b"]
    assert songs(path_through_sound("e", "f", traits, dataset)) == ["e", "f"]


def test_tags_that_come_and_go() -> None:
    tags = {"a": [0.9, 0.05, 0.5], "b": [0.9, 0.8, 0.5], "c": [0.1, 0.8, 0.5], "off": [0.01, 0.01, 0.5]}
    dataset, traits = circle(
        {"a": 0, "b": 10, "c": 20, "d": 30, "off": 180}, tags=tags, tag_names=("guitar", "piano", "rock")
    )
    found = path_through_sound("a", "d", traits, dataset)
    assert [(stop.song.id, stop.comes, stop.goes) for stop in found.stops] == [
        ("a", (), ()),
        ("b", ("piano",), ()),
        ("c", (), ("guitar",)),
        ("d", (), ()),  # nothing is known of d's tags
    ]


def test_the_document() -> None:
    dataset, traits = circle(ARC)
    document = path_through_sound("a", "c", traits, dataset).to_json()
    assert list(document) == ["direct", "largest", "songs"]
    first, second, third = document["songs"]
    assert first == {
        "place": 1, "id": "a", "title": "a", "artists": [{"id": "by a", "name": "by a"}], "step": None, "comes": [], "goes": [],
    }  # fmt: skip
    assert (second["place"], third["place"], third["id"]) == (2, 3, "c")
    assert second["step"] == pytest.approx(size(10), rel=1e-5)
    assert path_through_sound("a", "a", traits, dataset).to_json()["note"] == "it is one song"


# ── What cannot be ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_song_without_sound_is_refused() -> None:
    dataset, traits = circle(ARC)
    for ends in (("a", "mute"), ("mute", "a"), ("mute", "mute")):
        with pytest.raises(NoDataError, match=r"mute .*`zetdard featurize audio` has not been run"):
            path_through_sound(*ends, traits, dataset)
    with pytest.raises(NoDataError, match="no song is known yet"):
        path_through_sound("a", "b", SongTraits(), dataset)


def test_wrong_questions_are_refused() -> None:
    dataset, traits = circle(ARC)
    for wrong in (
        {"longest": 1},
        {"longest": 3, "least_songs": 4},
        {"least_songs": -1},
        {"least_songs": 10_001},
    ):
        with pytest.raises(InputError, match=r"a path (may|can) be"):
            path_through_sound("a", "b", traits, dataset, **wrong)
    with pytest.raises(UnknownEntityError):
        path_through_sound("a", "nothing of the kind", traits, dataset)
    with pytest.raises(InputError, match="other songs"):
        path_through_sound("x", "x", traits, dataset_of({"ann": ["x"]}))


# ── What holds of every path ────────────────────────────────────────────────────────────────────────────────────────

POINTS = st.lists(st.tuples(*[st.integers(-3, 3)] * 3).filter(any), min_size=2, max_size=7)


def plainly_shortest(points: np.ndarray, exponent: float, most_steps: int | None) -> float:
    """Return the least cost of all paths from point 0 to point 1, by trying each of them."""
    best = np.inf
    between = range(2, len(points))
    for n in range(len(points) - 1 if most_steps is None else min(most_steps, len(points) - 1)):
        for middle in permutations(between, n):
            way = [0, *middle, 1]
            best = min(
                best, sum((np.square(points[a] - points[b]).sum() / 2) ** exponent for a, b in pairwise(way))
            )
    return best


@given(POINTS, st.sampled_from(EXPONENTS[::4]), st.none() | st.integers(1, 5))
@settings(max_examples=150, deadline=None)
def test_the_shortest_path_by_trying_all(
    numbers: list[tuple[int, ...]], exponent: float, most_steps: int | None
) -> None:
    points = unit_points(np.array(numbers, np.float32))
    graph, direct = near_graph(points)
    found = shortest(graph, direct, exponent, most_steps)
    assert (found[0], found[-1]) == (0, 1)
    assert len(set(found.tolist())) == len(found)
    assert most_steps is None or len(found) <= most_steps + 1
    cost = (distances(points, found[:-1], found[1:]) ** exponent).sum()
    assert cost == pytest.approx(plainly_shortest(points, exponent, most_steps), rel=1e-5, abs=1e-9)


@given(st.integers(0, 2**32 - 1), st.integers(2, 40), st.integers(0, 9), st.none() | st.integers(9, 12))
@settings(max_examples=100, deadline=None)
def test_no_step_is_larger_than_the_direct_one(seed: int, n: int, least: int, longest: int | None) -> None:
    rng = np.random.default_rng(seed)
    dataset = dataset_of(credits={f"s{i:02d}": [f"a{i}"] for i in range(n)})
    sound = {f"s{i:02d}": unit(*rng.normal(size=1 + seed % 7)) for i in range(n)}
    start, end = (f"s{int(i):02d}" for i in rng.choice(n, 2, replace=False))
    traits = traits_of(dataset, sound=sound)
    found = path_through_sound(start, end, traits, dataset, least_songs=least, longest=longest)
    assert (songs(found)[0], songs(found)[-1]) == (start, end)
    assert len(set(songs(found))) == len(found.stops)
    assert found.largest <= found.direct
    assert longest is None or len(found.stops) <= longest
    assert (found.note is None) == (len(found.stops) >= least)
    place = dataset.songs.vocabulary.row
    for before, stop in pairwise(found.stops):
        a, b = (traits.sound.values[place(song.song.id)].astype(float) for song in (before, stop))  # type: ignore[union-attr]
        assert stop.step == pytest.approx(1 - a @ b / np.linalg.norm(a) / np.linalg.norm(b), abs=1e-12)
    again = path_through_sound(start, end, traits, dataset, least_songs=least, longest=longest)
    assert again.to_json() == found.to_json()


# ── Larger libraries ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def few_neighbours(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is done with many songs, done with few."""
    monkeypatch.setattr(soundgraph, "COMPLETE", 4)
    monkeypatch.setattr(soundgraph, "NEIGHBOURS", 2)
    monkeypatch.setattr(soundgraph, "_ROWS_AT_ONCE", 3)
    monkeypatch.setattr(soundgraph, "_PAIRS_AT_ONCE", 5)


@pytest.mark.usefixtures("few_neighbours")
def test_nearest_neighbours_are_enough_along_an_arc() -> None:
    angles = {f"s{place:02d}": 3.0 * place for place in range(30)}
    dataset, traits = circle(angles)
    assert songs(path_through_sound("s02", "s27", traits, dataset)) == [
        f"s{place:02d}" for place in range(2, 28)
    ]


@pytest.mark.usefixtures("few_neighbours")
def test_parts_that_lie_apart_are_joined_by_the_shortest_bridges() -> None:
    """Three groups on an arc, each of which is closed by its nearest neighbours."""
    angles = [0, 1, 2, 3, 30, 31, 32, 33, 60, 61, 62, 63]
    dataset, traits = circle({f"s{angle:02d}": float(angle) for angle in angles})
    found = path_through_sound("s00", "s63", traits, dataset)
    assert songs(found)[0] == "s00"
    assert found.largest == pytest.approx(size(27), rel=1e-5)
    bridges = {(before.song.id, stop.song.id) for before, stop in pairwise(found.stops)}
    assert {("s03", "s30"), ("s33", "s60")} <= bridges


@pytest.mark.usefixtures("few_neighbours")
def test_where_every_way_out_is_longer_the_direct_step_is_taken() -> None:
    """a's nearest are a0 and a1, and z's z0 and z1, on the far sides; between a and z lies nothing."""
    angles = {"a": 0.0, "a0": -1.0, "a1": -2.0, "z": 20.0, "z0": 21.0, "z1": 22.0}
    dataset, traits = circle(angles)
    assert songs(path_through_sound("a", "z", traits, dataset)) == ["a", "z"]


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_a_graph_of_neighbours_has_only_true_edges(seed: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(soundgraph, "COMPLETE", 4)
        patch.setattr(soundgraph, "NEIGHBOURS", 3)
        rng = np.random.default_rng(seed)
        points = unit_points(rng.normal(size=(40, 3)).astype(np.float32))
        graph, direct = near_graph(points)
        sizes = graph.toarray()
        assert (sizes == sizes.T).all()
        assert sizes[0, 1] == direct == sizes.max()
        plain = 1 - points @ points.T
        np.testing.assert_allclose(sizes[sizes > 0], plain[sizes > 0], atol=1e-6)
        # Each point is joined with its nearest ones, but for those farther away than points 0 and 1.
        np.fill_diagonal(plain, np.inf)
        for row in range(40):
            for near in np.argsort(plain[row])[:3]:
                assert sizes[row, near] > 0 or plain[row, near] > direct
        found = walk(points)
        assert distances(points, found[:-1], found[1:]).max() <= direct


def test_of_many_songs_those_between_both_ends_are_walked_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "POOL", 3)
    angles = {f"s{place:02d}": 5.0 * place for place in range(30)}
    dataset, traits = circle(angles)
    assert songs(path_through_sound("s10", "s20", traits, dataset)) == ["s10", "s14", "s15", "s16", "s20"]
    assert songs(path_through_sound("s10", "s12", traits, dataset)) == ["s10", "s11", "s12"]
