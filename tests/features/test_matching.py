"""Which songs are one: known answers, real-life noise, crowds, and no joins that must not be."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zetdard.features.matching import JOIN, UNSURE, Match, SongFacts, Why, compare, match

MBID = "0f4a1b0e-3a53-4b2a-9d8e-0123456789ab"
SUNNY = SongFacts(1, "晴天", ("周杰伦",), "叶惠美", 269_000)


def other(**changed: object) -> SongFacts:
    return replace(SUNNY, key=2, **changed)  # type: ignore[arg-type]


def joins(one: SongFacts, two: SongFacts) -> bool:
    forward, back = compare(one, two), compare(two, one)
    assert forward.confidence == pytest.approx(back.confidence)
    return forward.confidence >= JOIN


@pytest.mark.parametrize(
    "same",
    [
        {},
        {"duration_ms": 270_500},
        {"duration_ms": None},
        {"album": None},
        {"album": "Another album"},
        {"title": " 晴天 "},
        {"title": "晴天 (Remastered 2013)"},
        {"artists": ("周杰伦", "Guest")},
        {"title": "晴天 (feat. Guest)"},
        {"recording_mbid": MBID},
    ],
)
def test_the_same_recording_said_otherwise_is_joined(same: dict[str, object]) -> None:
    assert joins(SUNNY, other(**same))


@pytest.mark.parametrize(
    ("title", "artists", "said"),
    [
        ("Creep", ("Radiohead",), {"title": "CREEP", "artists": ("radiohead",)}),
        ("Ｃｒｅｅｐ", ("Radiohead",), {"title": "Creep"}),
        ("Don't Stop", ("A", "B"), {"title": "Don’t Stop", "artists": ("B", "A")}),
        ("Hello, World!", ("A",), {"title": "Hello World"}),
        ("A", ("X",), {"artists": ("X feat. Y",)}),
    ],
)
def test_writing_does_not_matter(title: str, artists: tuple[str, ...], said: dict[str, object]) -> None:
    one = SongFacts(1, title, artists, None, 200_000)
    assert joins(one, replace(one, key=2, **said))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "differs",
    [
        {"title": "晴天 (Live)"},
        {"title": "晴天 - Remix"},
        {"title": "晴天 (伴奏)"},
        {"title": "晴天 (钢琴版)"},
        {"title": "晴天 2"},
        {"title": "雨天"},
        {"duration_ms": 281_000},
        {"artists": ()},
        {"artists": ("Somebody else",)},
        {"artists": ("Somebody else",), "album": "Covers"},
    ],
)
def test_what_may_be_another_recording_is_not_joined(differs: dict[str, object]) -> None:
    assert not joins(SUNNY, other(**differs))


def test_one_recording_id_is_certain_and_another_one_is_against_it() -> None:
    tagged = replace(SUNNY, recording_mbid=MBID)
    found = compare(tagged, other(recording_mbid=MBID.upper(), title="Sunny Day", artists=(), album=None))
    assert (found.confidence, found.reasons[0]) == (1.0, Why.RECORDING)
    assert not joins(tagged, other(recording_mbid=MBID[::-1]))


def test_a_confidence_says_how_sure_and_why() -> None:
    sure, unsure = compare(SUNNY, other()), compare(SUNNY, other(artists=()))
    assert sure.confidence > 0.95
    assert UNSURE <= unsure.confidence < JOIN
    assert set(sure.reasons) == {Why.TITLE, Why.ARTISTS, Why.LENGTH, Why.ALBUM}
    assert Why.NO_ARTIST in unsure.reasons


def keys(found: list[Match]) -> list[tuple[int, int, bool]]:
    return [(one.song, one.other, one.joins) for one in found]


def test_the_best_of_several_is_joined_and_equals_are_unsure() -> None:
    exact = replace(SUNNY, key=10)
    live = replace(SUNNY, key=11, title="晴天 (Live)")
    assert keys(match([SUNNY], [exact, live])) == [(1, 10, True)]
    twice = match([SUNNY], [exact, replace(exact, key=12)])
    assert keys(twice) == [(1, 10, False), (1, 12, False)]
    assert all(Why.SEVERAL in one.reasons for one in twice)


def test_others_of_several_sources_are_no_rivals_and_the_standing_join_stays() -> None:
    others = [replace(SUNNY, key=10, source="x"), replace(SUNNY, key=11, source="y")]
    assert keys(match([SUNNY], others)) == [(1, 10, True)]
    assert keys(match([SUNNY], others, standing={1: 11})) == [(1, 11, True)]
    twins = [*others, replace(SUNNY, key=12, source="x")]
    assert keys(match([SUNNY], twins)) == [(1, 11, True)]


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Nocturne in E♭", "Nocturne in E"),
        ("Etude C#", "Etude C"),
        ("Part 1.1", "Part 11"),
        ("X+", "X-"),
        ("This Song Is Really Very Nice A", "This Song Is Really Very Nice B"),
        ("一首非常非常非常长的歌名叫做我在这里一直等你", "一首非常非常非常长的歌名叫做我在这里一直等她"),
    ],
)
def test_one_sign_or_word_may_be_another_piece(one: str, two: str) -> None:
    facts = SongFacts(1, one, ("A",), None, 200_000)
    assert not joins(facts, replace(facts, key=2, title=two))


def test_several_files_may_be_one_song() -> None:
    files = [SUNNY, replace(SUNNY, key=2, title="晴天 "), replace(SUNNY, key=3, duration_ms=268_000)]
    assert keys(match(files, [replace(SUNNY, key=10)])) == [(1, 10, True), (2, 10, True), (3, 10, True)]


def test_pairs_that_a_person_parted_are_not_proposed() -> None:
    others = [replace(SUNNY, key=10), replace(SUNNY, key=11, artists=())]
    assert keys(match([SUNNY], others, apart={(1, 10)})) == [(1, 11, False)]


def test_slips_of_the_pen_are_looked_for_among_the_artists_own_songs() -> None:
    long = SongFacts(1, "Somebody That I Used to Know", ("Gotye",), None, 244_000)
    slip = replace(long, key=10, title="Somebody That I Use to Know")
    found = match([long], [slip, replace(slip, key=11, artists=("Another",))])
    assert [one.other for one in found] == [10]


def test_a_crowd_of_one_title_is_no_quadratic_work_and_joins_the_right_artist() -> None:
    crowd = [SongFacts(100 + n, "Intro", (f"artist {n}",), None, 60_000) for n in range(3_000)]
    files = [SongFacts(n, "Intro", (f"artist {n}",), None, 60_000) for n in range(50)]
    assert keys(match(files, crowd)) == [(n, 100 + n, True) for n in range(50)]
    nobody = SongFacts(1, "Intro", (), None, 60_000)
    assert match([nobody], crowd) == []


WORDS = st.sampled_from(["晴天", "Creep", "Live", "Remix", "(Live)", "feat. X", "2", "-", "Remastered", ""])
FACTS = st.builds(
    SongFacts,
    key=st.just(0),
    title=st.lists(WORDS, min_size=1, max_size=4).map(" ".join).filter(str.strip),
    artists=st.lists(st.sampled_from(["A", "B", "A & B", "群星"]), max_size=2).map(tuple),
    album=st.sampled_from([None, "x", "x (Live)"]),
    duration_ms=st.sampled_from([None, 0, 100_000, 101_500, 104_000, 160_000]),
    recording_mbid=st.sampled_from([None, MBID, MBID[::-1]]),
)


@given(st.lists(FACTS, max_size=5), st.lists(FACTS, max_size=8), st.randoms())
@settings(max_examples=150, deadline=None)
def test_laws_of_matching(songs: list[SongFacts], others: list[SongFacts], random: object) -> None:
    songs = [replace(song, key=key) for key, song in enumerate(songs)]
    others = [replace(song, key=100 + key) for key, song in enumerate(others)]
    found = match(songs, others)
    assert found == match(songs[::-1], others[::-1])
    joined = [one.song for one in found if one.joins]
    assert len(joined) == len(set(joined))
    assert not set(joined) & {one.song for one in found if not one.joins}
    for one in found:
        assert UNSURE <= one.confidence <= 1
        alone = compare(songs[one.song], others[one.other - 100])
        assert one.confidence <= alone.confidence
        assert alone.confidence == pytest.approx(compare(others[one.other - 100], songs[one.song]).confidence)
