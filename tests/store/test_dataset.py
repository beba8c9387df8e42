"""Rows → Dataset: labels, who holds what and since when, credits and follows."""

from __future__ import annotations

import itertools

import pytest

from store.facts import ALL_RELATIONS, EVERY_KIND, held, write
from zetdard.errors import AmbiguousIdError, UnknownEntityError
from zetdard.records import (
    Artist,
    ArtistPlays,
    Follow,
    Listen,
    Playlist,
    PlaylistSong,
    Record,
    Relation,
    Song,
    SongArtist,
    Subscription,
    User,
)
from zetdard.store.store import Store

# Two users; every song is held by "u" for another reason, "both" for all of them.
HOLDING: tuple[Record, ...] = (
    User(id="u"),
    User(id="v"),
    *(Song(id=id_, title=id_.upper()) for id_ in ("own", "liked", "collected", "heard", "both", "nobody")),
    Playlist(id="mine", creator="u", name="", created_at=100),
    Playlist(id="hearts", creator="u", name="", relation=Relation.LIKED),
    Playlist(id="theirs", creator="v", name="", created_at=50),
    PlaylistSong(playlist="mine", song="own", position=0),
    PlaylistSong(playlist="mine", song="both", position=1, added_at=300),
    PlaylistSong(playlist="hearts", song="liked", position=0, added_at=200),
    PlaylistSong(playlist="hearts", song="both", position=1),
    PlaylistSong(playlist="theirs", song="collected", position=0, added_at=60),
    PlaylistSong(playlist="theirs", song="both", position=1),
    Subscription(user="u", playlist="theirs"),
    Listen(user="u", song="heard", at=500),
    Listen(user="u", song="heard", at=400),
    Listen(user="u", song="both", at=250),
)
BY_RELATION: dict[Relation, dict[tuple[str, str], int]] = {
    Relation.OWN: {("u", "own"): 100, ("u", "both"): 300, ("v", "collected"): 60, ("v", "both"): 50},
    Relation.LIKED: {("u", "liked"): 200, ("u", "both"): 0},
    Relation.SUBSCRIBED: {("u", "collected"): 0, ("u", "both"): 0},
    Relation.LISTENED: {("u", "heard"): 400, ("u", "both"): 250},
}
SETS = [chosen for n in range(5) for chosen in itertools.combinations(Relation, n)]


def test_each_set_of_relations_gives_its_edges_with_the_earliest_known_time(store: Store) -> None:
    write(store, *HOLDING)
    for chosen in SETS:
        expected: dict[tuple[str, str], int] = {}
        for relation in chosen:
            for pair, time in BY_RELATION[relation].items():
                known = [t for t in (time, expected.get(pair, 0)) if t]
                expected[pair] = min(known, default=0)
        timeless = dict.fromkeys(expected)
        assert held(store, *chosen) == (expected if any(expected.values()) else timeless), chosen


def test_the_order_of_relations_is_nothing_and_repeats_count_once(store: Store) -> None:
    write(store, *HOLDING)
    one = store.dataset(ALL_RELATIONS)
    other = store.dataset([*reversed(ALL_RELATIONS), Relation.OWN])
    assert one.fingerprint == other.fingerprint
    assert (one.holdings.matrix != other.holdings.matrix).nnz == 0
    assert set(one.holdings.matrix.data.tolist()) == {1.0}


def test_the_fingerprint_knows_relations_and_data(store: Store) -> None:
    write(store, *HOLDING)
    prints = {store.dataset(chosen).fingerprint for chosen in SETS}
    assert len(prints) == len(SETS)
    assert store.dataset(ALL_RELATIONS).fingerprint in prints
    write(store, User(id="w"))
    assert store.dataset(ALL_RELATIONS).fingerprint not in prints


def test_credits_plays_and_follows(store: Store) -> None:
    write(
        store,
        *(User(id=id_) for id_ in "uvw"),
        Song(id="s", title="s"),
        Song(id="t", title="t"),
        *(Artist(id=id_, name=id_) for id_ in ("z", "m", "a")),
        SongArtist(song="s", artist="z", position=0),
        SongArtist(song="s", artist="a", position=1),
        SongArtist(song="s", artist="m", position=2),
        ArtistPlays(user="v", artist="m", plays=12),
        Follow(user="u", followed="w"),
        Follow(user="w", followed="v"),
        Playlist(id="p", creator="w", name=""),
        PlaylistSong(playlist="p", song="s", position=0),
    )
    data = store.dataset(ALL_RELATIONS)
    artists = data.artists.vocabulary
    assert [artists.label(row) for row in data.artists_of(data.songs.find("s"))] == ["z", "a", "m"]
    assert data.artists_of(data.songs.find("t")).tolist() == []
    assert data.plays.matrix.toarray().tolist() == [[0, 0, 0], [0, 12, 0], [0, 0, 0]]
    assert data.follows.toarray().tolist() == [[0, 0, 1], [0, 0, 0], [0, 1, 0]]
    assert data.artist_holdings().matrix.toarray().tolist() == [[0, 0, 0], [0, 0, 0], [1, 1, 1]]


def test_an_empty_store_is_an_empty_dataset(store: Store) -> None:
    data = store.dataset(ALL_RELATIONS)
    assert (len(data.users), len(data.songs), len(data.artists), len(data.holdings)) == (0, 0, 0, 0)
    assert data.song_artists.shape == (0, 0)
    assert data.plays.matrix.shape == (0, 0)


IDS = (
    "043031882418",
    "37e075492390",
    "007",
    "7",
    "7.0",
    "1e3",
    "NaN",
    "None",
    "ａ",
    "a",
    "A",
    "é",
    "e\u0301",
    "x y",
)


def test_ids_stay_exactly_as_the_source_wrote_them(store: Store) -> None:
    write(store, *(User(id=id_, name="n" + id_) for id_ in IDS), *(Song(id=id_, title=id_) for id_ in IDS))
    data = store.dataset(ALL_RELATIONS)
    assert data.songs.vocabulary.labels == tuple(sorted(IDS))
    for id_ in IDS:
        row = data.users.find(id_)
        assert data.users.name(row) == "n" + id_
        assert data.users.origins[row] == ("here", id_)


def test_an_id_of_two_sources_is_labelled_with_its_source(store: Store) -> None:
    write(store, Song(id="1", title="ours"), Song(id="2", title="alone"), source="netease")
    write(store, Song(id="1", title="theirs"), source="lastfm")
    songs = store.dataset(ALL_RELATIONS).songs
    assert songs.vocabulary.labels == ("2", "lastfm:1", "netease:1")
    titles = {text: songs.name(songs.find(text)) for text in ("2", "netease:2", "netease:1", "lastfm:1")}
    assert titles == {"2": "alone", "netease:2": "alone", "netease:1": "ours", "lastfm:1": "theirs"}
    with pytest.raises(AmbiguousIdError, match="lastfm:1, netease:1"):
        songs.find("1")
    for text in ("3", "lastfm:2", ":1", "netease:", "", "NETEASE:1"):
        with pytest.raises(UnknownEntityError) as refusal:
            songs.find(text)
        assert not isinstance(refusal.value, AmbiguousIdError)
    assert songs.by_origin("lastfm", "2") is None


def test_an_id_that_reads_like_anothers_qualified_id(store: Store) -> None:
    write(store, Song(id="1", title="ours"), source="netease")
    write(store, Song(id="1", title="theirs"), Song(id="netease:1", title="odd"), source="lastfm")
    songs = store.dataset(ALL_RELATIONS).songs
    labels = {label: songs.name(row) for row, label in enumerate(songs.vocabulary)}
    assert labels == {"lastfm:1": "theirs", "netease:1": "ours", "lastfm:netease:1": "odd"}
    assert all(songs.find(label) == row for row, label in enumerate(songs.vocabulary))


def test_two_sources_do_not_touch_each_other(store: Store) -> None:
    write(store, *HOLDING, source="one")
    before = held(store, *ALL_RELATIONS)
    write(store, *EVERY_KIND, source="two")
    after = held(store, *ALL_RELATIONS)
    assert {pair: time for pair, time in after.items() if pair in before} == before
    assert len(store.dataset(ALL_RELATIONS).users) == 4
