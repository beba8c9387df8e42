"""Songs of several sources that are one recording: one row, both ids, nothing lost, and undone by a word."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from store.facts import ALL_RELATIONS, write
from zetdard.data.dataset import Dataset
from zetdard.errors import AmbiguousIdError
from zetdard.records import (
    Artist,
    Playlist,
    PlaylistSong,
    Record,
    Song,
    SongArtist,
    User,
    Verdict,
)
from zetdard.store import schema
from zetdard.store.store import Store


def world(user: str, songs: dict[str, list[str]], artists: dict[str, str]) -> list[Record]:
    """A user who holds songs; song id -> artist ids, artist id -> name."""
    return [
        User(id=user),
        *(Artist(id=id_, name=name) for id_, name in artists.items()),
        *(Song(id=id_, title=f"title of {id_}") for id_ in songs),
        *(
            SongArtist(song=song, artist=artist, position=at)
            for song, credited in songs.items()
            for at, artist in enumerate(credited)
        ),
        Playlist(id="list", creator=user, name="all"),
        *(PlaylistSong(playlist="list", song=song, position=at) for at, song in enumerate(songs)),
    ]


def join(store: Store, *pairs: tuple[str, str], state: str = "joined") -> None:
    """Join a song of ``files`` to one of ``netease``."""
    with store.database.write() as connection:
        keys = {
            (source, id_): key
            for key, source, id_ in connection.execute(
                select(schema.songs.c.key, schema.songs.c.source, schema.songs.c.id)
            )
        }
        for song, other in pairs:
            connection.execute(
                schema.song_matches.insert().values(
                    song=keys["files", song],
                    other=keys["netease", other],
                    confidence=1.0,
                    reasons="[]",
                    state=state,
                    decided_by="rule",
                    at=1,
                )
            )


def read(store: Store) -> Dataset:
    return store.dataset(ALL_RELATIONS)


def held(dataset: Dataset, user: str) -> set[str]:
    row = dataset.users.find(user)
    return {dataset.songs.vocabulary.label(int(song)) for song in dataset.holdings.held(row)}


@pytest.fixture
def two_sources(store: Store) -> Store:
    write(
        store,
        *world("me", {"f1": ["name:jay"], "f2": ["name:me"], "f3": []}, {"name:jay": "JAY", "name:me": "Me"}),
        source="files",
    )
    write(
        store,
        *world("u", {"11": ["7"], "12": ["8", "7"], "13": []}, {"7": "Jay", "8": "Other"}),
        source="netease",
    )
    return store


def test_a_joined_song_has_one_row_and_both_ids(two_sources: Store) -> None:
    join(two_sources, ("f1", "11"))
    dataset = read(two_sources)
    assert list(dataset.songs.vocabulary) == ["11", "12", "13", "f2", "f3"]
    row = dataset.songs.find("11")
    assert dataset.songs.find("f1") == dataset.songs.find("files:f1") == row
    assert dataset.songs.by_origin("files", "f1") == row
    assert dataset.songs.all_origins(row) == (("netease", "11"), ("files", "f1"))
    assert dataset.songs.name(row) == "title of 11"
    assert held(dataset, "me") == {"11", "f2", "f3"}
    assert held(dataset, "u") == {"11", "12", "13"}


def test_the_artist_of_a_joined_song_is_one_artist_and_credited_once(two_sources: Store) -> None:
    join(two_sources, ("f1", "11"))
    dataset = read(two_sources)
    assert dataset.artists.find("name:jay") == dataset.artists.find("7")
    assert [
        dataset.artists.vocabulary.label(row) for row in dataset.artists_of(dataset.songs.find("f1"))
    ] == ["7"]
    holdings = dataset.artist_holdings()
    assert holdings.matrix[dataset.users.find("me"), dataset.artists.find("7")] == 1


def test_credits_of_a_joined_file_do_not_add_to_those_of_the_other_source(two_sources: Store) -> None:
    join(two_sources, ("f2", "11"))  # Me, and Jay
    dataset = read(two_sources)
    artists = dataset.artists_of(dataset.songs.find("11"))
    assert [dataset.artists.vocabulary.label(row) for row in artists] == ["7"]


def test_credits_of_a_file_count_where_the_other_source_names_nobody(two_sources: Store) -> None:
    join(two_sources, ("f2", "13"))
    dataset = read(two_sources)
    assert [
        dataset.artists.vocabulary.label(row) for row in dataset.artists_of(dataset.songs.find("13"))
    ] == ["name:me"]


def test_an_artist_whose_songs_lead_to_two_artists_of_one_name_stays_apart(store: Store) -> None:
    write(store, *world("me", {"f1": ["x"], "f2": ["x"]}, {"x": "Same"}), source="files")
    write(store, *world("u", {"1": ["a"], "2": ["b"]}, {"a": "same", "b": "SAME"}), source="netease")
    join(store, ("f1", "1"), ("f2", "2"))
    dataset = read(store)
    assert len(dataset.artists) == 3


@pytest.mark.parametrize("state", ["unsure", "apart"])
def test_what_is_not_joined_stays_apart_and_a_join_is_undone_by_its_state(
    two_sources: Store, state: str
) -> None:
    before = read(two_sources)
    join(two_sources, ("f1", "11"))
    assert len(read(two_sources).songs) == len(before.songs) - 1
    with two_sources.database.write() as connection:
        connection.execute(update(schema.song_matches).values(state=state))
    after = read(two_sources)
    assert list(after.songs.vocabulary) == list(before.songs.vocabulary)
    assert (after.holdings.matrix != before.holdings.matrix).nnz == 0
    assert (after.song_artists != before.song_artists).nnz == 0


def test_what_was_said_about_either_song_counts_and_can_be_taken_back(two_sources: Store) -> None:
    apart = read(two_sources)
    me = apart.users.find("me")
    two_sources.say(apart, me, Verdict.BAN, "song", apart.songs.find("f1"))
    join(two_sources, ("f1", "11"))
    dataset = read(two_sources)
    me, song = dataset.users.find("me"), dataset.songs.find("11")
    assert two_sources.opinions(dataset, me).hidden_songs.tolist() == [song]
    assert two_sources.undo(dataset, me, "song", song).verdict is Verdict.BAN
    assert not len(two_sources.opinions(dataset, me).hidden_songs)


def test_an_id_that_a_joined_song_shares_with_another_source_names_neither(store: Store) -> None:
    write(store, *world("me", {"5": []}, {}), source="files")
    write(store, *world("u", {"1": []}, {}), source="netease")
    write(store, *world("w", {"5": []}, {}), source="other")
    join(store, ("5", "1"))
    songs = read(store).songs
    assert songs.find("5") == songs.find("other:5")
    assert songs.find("files:5") == songs.find("1")
    write(store, *world("v", {"5": []}, {}), source="fourth")
    with pytest.raises(AmbiguousIdError):
        read(store).songs.find("5")
