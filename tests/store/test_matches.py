"""Pairs of songs that are, or may be, one: rules propose, a person decides, and all can be taken back."""

from __future__ import annotations

import pytest

from store.facts import ALL_RELATIONS, write
from zetdard.errors import AmbiguousIdError, InputError, UnknownEntityError
from zetdard.records import Artist, Song, SongArtist
from zetdard.store import matches
from zetdard.store.matches import MatchState, Proposal, StoredSong
from zetdard.store.store import Store

JOINED, UNSURE, APART = MatchState.JOINED, MatchState.UNSURE, MatchState.APART


@pytest.fixture
def two(store: Store) -> Store:
    for source, ids in (("files", "ab"), ("netease", "123")):
        write(
            store,
            Artist(id="x", name="周杰伦"),
            Artist(id="y", name="Guest"),
            *(Song(id=id_, title=f"t{id_}", album="叶惠美", duration_ms=1_000) for id_ in ids),
            *(
                SongArtist(song=id_, artist=artist, position=at)
                for id_ in ids
                for at, artist in enumerate("xy")
            ),
            source=source,
        )
    return store


def songs(store: Store, source: str = "files", *, others: bool = False) -> dict[str, StoredSong]:
    with store.database.read() as connection:
        return {song.id: song for song in matches.read_songs(connection, source=source, others=others)}


def propose(store: Store, *pairs: tuple[str, str, float, bool]) -> None:
    own, others = songs(store), songs(store, others=True)
    proposals = [
        Proposal(own[song].key, others[other].key, confidence, ("title", "歌手"), joins)
        for song, other, confidence, joins in pairs
    ]
    with store.database.write() as connection:
        matches.write_proposals(connection, "files", proposals)


def pairs(store: Store, state: MatchState) -> list[tuple[str, str, str]]:
    with store.database.read() as connection:
        found = matches.read_matches(connection, state)
    return [(pair.song.id, pair.other.id, pair.decided_by) for pair in found]


def say(store: Store, song: str, other: str, *, same: bool) -> None:
    with store.database.write() as connection:
        matches.decide(connection, song, other, same=same)


def test_songs_are_read_with_their_facts(two: Store) -> None:
    found = songs(two)["a"]
    assert (found.source, found.title, found.artists) == ("files", "ta", ("周杰伦", "Guest"))
    assert (found.album, found.duration_ms, found.recording_mbid) == ("叶惠美", 1_000, None)
    assert songs(two, others=True).keys() == {"1", "2", "3"}


def test_rules_are_kept_and_replaced(two: Store) -> None:
    propose(two, ("a", "1", 0.95, True), ("b", "2", 0.6, False), ("b", "3", 0.8, False))
    assert pairs(two, JOINED) == [("a", "1", "rule")]
    assert pairs(two, UNSURE) == [("b", "3", "rule"), ("b", "2", "rule")]
    propose(two, ("b", "2", 0.92, True))
    assert pairs(two, JOINED) == [("b", "2", "rule")]
    assert pairs(two, UNSURE) == []


def test_what_a_person_said_stays_whatever_rules_say(two: Store) -> None:
    propose(two, ("a", "1", 0.95, True), ("b", "2", 0.6, False))
    say(two, "a", "1", same=False)
    say(two, "b", "3", same=True)
    propose(two, ("a", "1", 0.99, True), ("a", "2", 0.7, False), ("b", "2", 0.95, True))
    assert pairs(two, JOINED) == [("b", "3", "person")]
    assert pairs(two, APART) == [("a", "1", "person")]
    assert pairs(two, UNSURE) == [("a", "2", "rule")]
    with two.database.read() as connection:
        assert len(matches.decided_apart(connection, "files")) == 1
        assert matches.count_matches(connection) == {"joined": 1, "unsure": 1, "apart": 1}


def test_a_decision_joins_and_parts_what_readers_see(two: Store) -> None:
    propose(two, ("a", "1", 0.6, False))
    assert len(two.dataset(ALL_RELATIONS).songs) == 5
    say(two, "1", "a", same=True)  # in either order, where the pair is known
    assert two.dataset(ALL_RELATIONS).songs.find("a") == two.dataset(ALL_RELATIONS).songs.find("1")
    say(two, "files:a", "netease:1", same=False)
    assert len(two.dataset(ALL_RELATIONS).songs) == 5
    say(two, "a", "1", same=True)
    say(two, "a", "2", same=True)  # it cannot be both
    assert pairs(two, JOINED) == [("a", "2", "person")]
    assert pairs(two, APART) == [("a", "1", "person")]


def test_models_learn_anew_only_when_what_is_joined_changes(two: Store) -> None:
    before = two.revision()
    propose(two, ("a", "1", 0.6, False))
    assert two.revision() == before
    propose(two, ("a", "1", 0.95, True))
    assert two.revision() == before + 1
    propose(two, ("a", "1", 0.96, True))
    assert two.revision() == before + 1
    propose(two)
    assert two.revision() == before + 2


def test_decisions_that_cannot_be(two: Store) -> None:
    write(two, Song(id="1", title="the same id"), Song(id="z", title="z"), source="third")
    with pytest.raises(UnknownEntityError, match="no song 'q'"):
        say(two, "q", "1", same=True)
    with pytest.raises(AmbiguousIdError, match=r"netease:1, third:1"):
        say(two, "a", "1", same=True)
    with pytest.raises(InputError, match="both songs are of the source 'files'"):
        say(two, "a", "b", same=True)
    with pytest.raises(InputError, match="itself"):
        say(two, "a", "a", same=False)
    say(two, "a", "2", same=True)
    with pytest.raises(InputError, match="is joined to another song"):
        say(two, "third:1", "a", same=True)
    say(two, "2", "third:1", same=True)  # what is joined to it follows
    assert pairs(two, JOINED) == [("a", "1", "person"), ("2", "1", "person")]
    assert len(two.dataset(ALL_RELATIONS).songs) == 5


@pytest.mark.parametrize("named", [("files:a", "netease:1"), ("netease:1", "files:a")])
def test_a_person_may_part_two_songs_in_either_order_before_any_rule_saw_them(
    two: Store, named: tuple[str, str]
) -> None:
    say(two, *named, same=False)
    a, one = songs(two)["a"].key, songs(two, others=True)["1"].key
    with two.database.read() as connection:
        assert matches.decided_apart(connection, "files") == {(a, one)}
    propose(two, ("a", "1", 1.0, True))
    assert pairs(two, JOINED) == []


@pytest.fixture
def three(two: Store) -> Store:
    write(two, Song(id="s", title="elsewhere"), source="spotify")
    return two


def rows_of(store: Store, *ids: str) -> set[int]:
    """Return the rows that readers have for some songs."""
    dataset = store.dataset(ALL_RELATIONS)
    return {dataset.songs.find(id_) for id_ in ids}


def test_what_a_joined_song_would_be_joined_to_is_what_that_one_is_joined_to(three: Store) -> None:
    say(three, "netease:1", "spotify:s", same=True)
    propose(three, ("a", "1", 0.95, True), ("b", "1", 0.6, False), ("b", "s", 0.7, False))
    assert pairs(three, JOINED) == [("1", "s", "person"), ("a", "s", "rule")]
    assert pairs(three, UNSURE) == [("b", "s", "rule")]
    assert len(rows_of(three, "a", "1", "s")) == 1


def test_what_other_songs_are_joined_to_is_joined_to_nothing_by_a_rule(three: Store) -> None:
    say(three, "spotify:s", "files:a", same=True)
    propose(three, ("a", "1", 0.95, True))
    assert pairs(three, JOINED) == [("s", "a", "person")]
    assert len(rows_of(three, "a", "s")) == 1
    assert len(rows_of(three, "a", "1")) == 2


def test_a_song_that_was_parted_from_one_of_two_joined_songs_is_not_joined_to_the_other(three: Store) -> None:
    say(three, "files:a", "netease:1", same=False)
    say(three, "netease:1", "spotify:s", same=True)
    propose(three, ("a", "s", 0.95, True))
    assert pairs(three, JOINED) == [("1", "s", "person")]
