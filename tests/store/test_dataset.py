"""Rows → Dataset: which edges count, what rows are called, in which order they stand."""

from __future__ import annotations

import itertools

import pytest

from store.databases import NewDatabase
from store.facts import ALL_RELATIONS, EVERY_KIND, held, write
from zetdard.data.dataset import Dataset
from zetdard.errors import AmbiguousIdError, UnknownEntityError
from zetdard.records import (
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
from zetdard.settings import Settings
from zetdard.store.store import Store

EDGES: list[Record] = [
    *(User(id=user) for user in ("maker", "fan")),
    *(Song(id=song, title=song) for song in ("own", "liked", "both", "played", "never")),
    Playlist(id="mine", creator="maker", name="", created_at=500),
    PlaylistSong(playlist="mine", song="own", position=0, added_at=900),
    PlaylistSong(playlist="mine", song="both", position=1),
    Playlist(id="hearts", creator="maker", name="", relation=Relation.LIKED),
    PlaylistSong(playlist="hearts", song="liked", position=0),
    PlaylistSong(playlist="hearts", song="both", position=1, added_at=300),
    Subscription(user="fan", playlist="mine"),
    Listen(user="fan", song="played", at=70),
    Listen(user="fan", song="played", at=60),
    Listen(user="maker", song="both", at=400),
]
OWN = {("maker", "own"): 900, ("maker", "both"): 500}
LIKED = {("maker", "liked"): 0, ("maker", "both"): 300}
SUBSCRIBED = {("fan", "own"): 0, ("fan", "both"): 0}
LISTENED = {("fan", "played"): 60, ("maker", "both"): 400}
BY_RELATION = {
    Relation.OWN: OWN,
    Relation.LIKED: LIKED,
    Relation.SUBSCRIBED: SUBSCRIBED,
    Relation.LISTENED: LISTENED,
}
SUBSETS = [
    chosen for size in range(len(BY_RELATION) + 1) for chosen in itertools.combinations(BY_RELATION, size)
]


def test_exactly_the_relations_that_count_are_holdings_since_their_earliest_known_time(store: Store) -> None:
    write(store, *EDGES)
    for chosen in SUBSETS:
        expected: dict[tuple[str, str], int | None] = {}
        for relation in chosen:
            for pair, time in BY_RELATION[relation].items():
                known = [each for each in (time, expected.get(pair)) if each]
                expected[pair] = min(known, default=0)
        if not any(expected.values()):
            expected = dict.fromkeys(expected)  # no time is known at all
        assert held(store, *chosen) == expected, chosen
        assert (store.dataset(chosen).holdings.matrix.data == 1).all()


def test_by_default_a_followed_list_does_not_count(store: Store) -> None:
    assert set(Settings().relations) == set(Relation) - {Relation.SUBSCRIBED}


def test_the_rest_of_the_dataset(store: Store) -> None:
    write(
        store,
        *EVERY_KIND,
        Follow(user="u2", followed="u1"),
        ArtistPlays(user="u2", artist="a2", plays=3),
        SongArtist(song="s3", artist="a1", position=1),
        SongArtist(song="s3", artist="a2", position=0),
    )
    data = store.dataset(ALL_RELATIONS)
    assert data.users.names == ("安", "")
    assert data.users.name(1) == "u2"
    assert data.follows.toarray().tolist() == [[0, 1], [1, 0]]
    assert data.plays.matrix.toarray().tolist() == [[2**40, 0], [0, 3]]
    assert data.song_artists.toarray().tolist() == [[1, 2], [0, 0], [2, 1]]
    assert data.artists_of(2).tolist() == [1, 0]


def test_an_empty_store_is_an_empty_dataset(store: Store) -> None:
    data = store.dataset(ALL_RELATIONS)
    assert (len(data.users), len(data.songs), len(data.artists)) == (0, 0, 0)
    assert len(data.holdings) == len(data.plays) == data.follows.nnz == data.song_artists.nnz == 0
    assert len(data.artist_holdings()) == 0


LABELS = ("007", "043031882418", "10", "37e075492390", "7", "9", "A", "b", "é", "一", "﹏", "🎵")
"""In the order of their code points."""


def test_rows_stand_in_code_point_order_whatever_came_first(store: Store) -> None:
    for order in (LABELS[::-1], LABELS[::2] + LABELS[1::2]):
        for label in order:
            write(store, Song(id=label, title=label), User(id=label), Listen(user=label, song=label, at=1))
        data = store.dataset(ALL_RELATIONS)
        assert data.songs.vocabulary.labels == data.users.vocabulary.labels == LABELS
        assert data.songs.names == LABELS
        assert held(store, Relation.LISTENED) == {(label, label): 1 for label in LABELS}


def test_rows_do_not_depend_on_the_order_of_insertion(new_database: NewDatabase) -> None:
    found: list[tuple[Dataset, dict]] = []
    for songs in (LABELS, LABELS[::-1]):
        with Store.open(new_database()) as store:
            write(store, User(id="u"), *(Song(id=label, title=label) for label in songs))
            write(store, *(Listen(user="u", song=label, at=at) for at, label in enumerate(LABELS, 1)))
            found.append((store.dataset(ALL_RELATIONS), held(store, Relation.LISTENED)))
    (first, held_first), (second, held_second) = found
    assert first.songs.vocabulary == second.songs.vocabulary
    assert held_first == held_second


def two_sources(store: Store) -> Dataset:
    write(store, Song(id="7", title="here"), Song(id="8", title="only here"), User(id="u"), source="a")
    write(store, Song(id="7", title="there"), source="b")
    return store.dataset(ALL_RELATIONS)


def test_an_id_of_two_sources_stays_two_songs(store: Store) -> None:
    songs = two_sources(store).songs
    assert songs.vocabulary.labels == ("8", "a:7", "b:7")
    assert songs.names == ("only here", "here", "there")
    assert songs.origins == (("a", "8"), ("a", "7"), ("b", "7"))


def test_find(store: Store) -> None:
    songs = two_sources(store).songs
    assert [songs.find(text) for text in ("8", "a:8", "a:7", "b:7")] == [0, 0, 1, 2]
    with pytest.raises(AmbiguousIdError, match=r"several sources: a:7, b:7"):
        songs.find("7")
    for unknown in ("07", "b:8", "c:7", "", ":", "a:"):
        with pytest.raises(UnknownEntityError, match="is stored"):
            songs.find(unknown)
    assert songs.by_origin("b", "7") == 2
    assert songs.by_origin("b", "8") is None


def test_an_id_that_reads_like_another_songs_qualified_id(store: Store) -> None:
    write(store, Song(id="7", title="of a"), source="a")
    write(store, Song(id="a:7", title="of c"), Song(id="c:x:9", title="colons"), source="c")
    songs = store.dataset(ALL_RELATIONS).songs
    assert songs.vocabulary.labels == ("7", "c:a:7", "c:x:9")
    assert [songs.find(text) for text in ("7", "a:7", "c:a:7", "c:x:9", "c:c:x:9")] == [0, 0, 1, 2, 2]
    write(store, Song(id="7", title="of b"), source="b")
    assert store.dataset(ALL_RELATIONS).songs.vocabulary.labels == ("a:7", "b:7", "c:a:7", "c:x:9")


def test_the_fingerprint_tells_relations_and_states_apart(store: Store) -> None:
    write(store, *EVERY_KIND)
    first = store.dataset(ALL_RELATIONS).fingerprint
    assert store.dataset(reversed(ALL_RELATIONS)).fingerprint == first
    assert store.dataset([Relation.OWN]).fingerprint != first
    write(store, *EVERY_KIND)
    assert store.dataset(ALL_RELATIONS).fingerprint != first


def test_two_databases_that_changed_equally_often_are_not_taken_for_one(new_database: NewDatabase) -> None:
    prints = set()
    for number in range(2):
        with Store.open(new_database()) as store:
            write(store, User(id=f"u{number}"))
            assert store.revision() == 1
            prints.add(store.dataset(ALL_RELATIONS).fingerprint)
    assert len(prints) == 2


def test_keys_far_apart(store: Store) -> None:
    """PostgreSQL spends a key on each row that is written again; SQLite is told to."""
    from zetdard.store import schema

    write(store, User(id="u"), Song(id="a", title="a"))
    with store.database.write() as connection:
        connection.execute(
            schema.songs.insert().values(key=2**40, source="here", id="A", title="far", fetched_at=1)
        )
    write(store, Listen(user="u", song="A", at=3), Listen(user="u", song="a", at=2))
    assert held(store, Relation.LISTENED) == {("u", "A"): 3, ("u", "a"): 2}


def test_where_users_live_stands_in_their_order(store: Store) -> None:
    write(store, User(id="b", region="south"), User(id="a"), User(id="c", region="north"))
    dataset = store.dataset(ALL_RELATIONS)
    assert dict(zip(dataset.users.vocabulary, dataset.regions, strict=True)) == {
        "a": "",
        "b": "south",
        "c": "north",
    }


def test_where_nobody_says_where_they_live_there_are_no_regions(store: Store) -> None:
    write(store, User(id="b"), User(id="a"))
    assert store.dataset(ALL_RELATIONS).regions == ()
