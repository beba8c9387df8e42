"""Finding songs by ids, by words, and by words with slips."""

from __future__ import annotations

import pytest

from recommend.small import dataset_of
from zetdard.errors import AmbiguousIdError, UnknownEntityError
from zetdard.recommend.search import SongSearch

TITLES = {
    "1": "稻香",
    "2": "晴天",
    "3": "天晴",
    "4": "晴天 (Live)",
    "5": "Yesterday",
    "6": "Yesterday",
    "7": "Love Story",
    "8": "Love",
    "9": "186016",
    "186016": "Something Else",
    "n:77": "Here",
    "s:77": "There",
    "10": "Paris in the Rain",
}
CREDITS = {
    "1": ["周杰伦"],
    "2": ["周杰伦"],
    "3": ["某人"],
    "4": ["周杰伦"],
    "5": ["The Beatles"],
    "6": ["Boyz II Men"],
    "7": ["Taylor Swift"],
    "8": ["Taylor Swift"],
    "10": ["Lauv"],
}
DATASET = dataset_of(
    {"ann": ["3", "4", "6", "8"], "bob": ["3", "4", "6"], "cat": ["3", "5"]},
    titles=TITLES,
    credits=CREDITS,
    names={artist: artist for artists in CREDITS.values() for artist in artists},
    origins={"n:77": ("n", "77"), "s:77": ("s", "77")},
)
SEARCH = SongSearch(DATASET)


def found(text: str) -> str:
    return DATASET.songs.vocabulary.label(SEARCH.song(text))


def test_an_id_wins_over_words() -> None:
    assert found("186016") == "186016"
    assert found("test:186016") == "186016"


def test_an_id_of_several_sources_must_be_qualified() -> None:
    assert found("n:77") == "n:77"
    assert found("s:77") == "s:77"
    with pytest.raises(AmbiguousIdError, match="n:77, s:77"):
        SEARCH.song("77")


@pytest.mark.parametrize(
    ("text", "song"),
    [
        ("稻香 周杰伦", "1"),
        ("稻香周杰伦", "1"),
        ("周杰伦稻香", "1"),
        ("《稻香》", "1"),
        ("稻乡 周杰伦", "1"),  # a slip
        ("ＹＥＳＴＥＲＤＡＹ beatles", "5"),  # full width, capitals
        ("yesteday beatles", "5"),
        ("paris in teh rain", "10"),
        ("Paris in the Rain – Lauv", "10"),
        ("love story taylor swift", "7"),
        ("paris in the rane", "10"),  # a slip, and no artist
        ("parris in teh rain", "10"),
        ("love taylor swift", "8"),
    ],
)
def test_words(text: str, song: str) -> None:
    assert found(text) == song


def test_a_title_as_it_was_typed_wins_over_popular_ones_with_the_same_signs() -> None:
    # 3 has the two signs the other way round, and more holders; 4 is a version with more holders.
    assert found("晴天") == "2"
    assert found("天晴") == "3"
    assert found("晴天 live") == "4"


def test_of_equal_matches_the_one_that_more_people_hold() -> None:
    assert found("Yesterday") == "6"
    assert found("yesterday the beatles") == "5"


def test_nothing_near_names_the_nearest() -> None:
    with pytest.raises(UnknownEntityError, match=r"the nearest are .*Paris in the Rain – Lauv \(10\)"):
        SEARCH.song("Paris Metro")
    with pytest.raises(UnknownEntityError, match=r"^no song is called 'qqqq'$"):
        SEARCH.song("qqqq")


def test_another_song_of_the_same_artist_is_not_what_was_meant() -> None:
    # Four of its six signs are those of 稻香 周杰伦.
    with pytest.raises(UnknownEntityError, match="no song is called '迷迭香 周杰伦'"):
        SEARCH.song("迷迭香 周杰伦")
    with pytest.raises(UnknownEntityError):
        SEARCH.song("blank space taylor swift")
    # Nothing but an artist: any of their songs will do, the most held first.
    assert found("taylor swift") == "8"
    assert found("周杰伦") == "4"


@pytest.mark.parametrize("text", ["", "  ", "!?", "\x1b[31m"])
def test_no_words(text: str) -> None:
    with pytest.raises(UnknownEntityError):
        SEARCH.song(text)


def test_lists_are_cut_and_in_order() -> None:
    rows = SEARCH.songs("yesterday", limit=10)
    assert [DATASET.songs.vocabulary.label(row) for row in rows] == ["6", "5"]
    assert SEARCH.songs("yesterday", limit=1) == rows[:1]
    assert SEARCH.songs("", limit=5) == []


def test_an_empty_store() -> None:
    with pytest.raises(UnknownEntityError):
        SongSearch(dataset_of()).song("sky")


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ("yesterday", ["5"]),  # 6 is held by more people
        ("yesterday beatles", []),
        ("6", []),  # an id leaves no doubt
        ("稻香", []),
        ("晴天", []),  # the live version fits less well
    ],
)
def test_what_words_may_mean_as_well(text: str, others: list[str]) -> None:
    row = SEARCH.song(text)
    assert [DATASET.songs.vocabulary.label(other) for other in SEARCH.rivals(text, row)] == others
    note = SEARCH.also(text, row)
    assert (note is None) == (not others)
    if note is not None:
        assert f"({others[0]})" in note
