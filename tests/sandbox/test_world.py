"""The invented world states consistent records, and its truth is what the records show."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zetdard.errors import UnknownEntityError
from zetdard.records import (
    Artist,
    Comment,
    Follow,
    Lyric,
    Playlist,
    PlaylistSong,
    Record,
    Relation,
    Role,
    Song,
    SongArtist,
    Subscription,
    User,
    UserId,
)
from zetdard.sandbox import World, WorldConfig, generate
from zetdard.sandbox.collecting import DAY_MS, LAST_DAY
from zetdard.sandbox.music import NOBODY

ORDER = [User, Artist, Song, SongArtist, Playlist, PlaylistSong, Subscription, Follow, Lyric, Comment]
TINY = WorldConfig(n_users=20, n_songs=60, n_artists=12, n_genres=3, n_regions=2, latent_size=4)


@pytest.fixture(scope="module")
def world() -> World:
    return generate()


@pytest.fixture(scope="module")
def records(world: World) -> list[Record]:
    return list(world.records())


def of(records: list[Record], kind: type) -> list:
    return [record for record in records if isinstance(record, kind)]


@pytest.mark.smoke
def test_same_seed_same_records() -> None:
    assert list(generate(TINY).records()) == list(generate(TINY).records())


def test_another_seed_is_another_world() -> None:
    one, other = generate(TINY), generate(replace(TINY, seed=1))
    assert one.music_labels.song_ids != other.music_labels.song_ids
    assert one.music_labels.titles != other.music_labels.titles
    assert not np.allclose(one.music.song_latents, other.music.song_latents)


def test_records_can_be_asked_for_twice(world: World, records: list[Record]) -> None:
    assert list(world.records()) == records


def test_kinds_come_in_dependency_order(records: list[Record]) -> None:
    order = [ORDER.index(type(record)) for record in records]
    assert order == sorted(order)
    assert set(order) == set(range(len(ORDER)))


def assert_references_resolve(records: list[Record]) -> None:
    users = {record.id for record in of(records, User)}
    artists = {record.id for record in of(records, Artist)}
    songs = {record.id for record in of(records, Song)}
    playlists = {record.id: record for record in of(records, Playlist)}
    assert all(edge.song in songs and edge.artist in artists for edge in of(records, SongArtist))
    assert all(playlist.creator in users for playlist in playlists.values())
    assert all(row.playlist in playlists and row.song in songs for row in of(records, PlaylistSong))
    for subscription in of(records, Subscription):
        assert subscription.user in users
        assert playlists[subscription.playlist].creator != subscription.user
        assert playlists[subscription.playlist].relation is Relation.OWN
    follows = of(records, Follow)
    assert all(follow.user in users and follow.followed in users for follow in follows)
    assert all(follow.user != follow.followed for follow in follows)


def assert_keys_are_distinct(records: list[Record]) -> None:
    keys = [
        *(
            (type(record), record.id)
            for record in records
            if isinstance(record, User | Artist | Song | Playlist)
        ),
        *((SongArtist, edge.song, edge.artist) for edge in of(records, SongArtist)),
        *((SongArtist, edge.song, edge.position) for edge in of(records, SongArtist)),
        *((PlaylistSong, row.playlist, row.position) for row in of(records, PlaylistSong)),
        *((PlaylistSong, row.playlist, row.song) for row in of(records, PlaylistSong)),
        *((Subscription, row.user, row.playlist) for row in of(records, Subscription)),
        *((Follow, row.user, row.followed) for row in of(records, Follow)),
    ]
    # Positions are numbers and ids are strings, so the two kinds of key cannot be taken for each other.
    assert [key for key, count in Counter(keys).items() if count > 1] == []


def test_references_resolve(records: list[Record]) -> None:
    assert_references_resolve(records)


def test_nothing_is_stated_twice(records: list[Record]) -> None:
    assert_keys_are_distinct(records)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**40),
    n_users=st.integers(1, 12),
    n_artists=st.integers(1, 9),
    more_songs=st.integers(0, 25),
    n_genres=st.integers(1, 4),
    share=st.sampled_from([0.0, 0.3, 1.0]),
)
def test_small_worlds_are_sound(
    seed: int, n_users: int, n_artists: int, more_songs: int, n_genres: int, share: float
) -> None:
    config = WorldConfig(
        seed=seed,
        n_users=n_users,
        n_artists=n_artists,
        n_songs=n_artists + more_songs,
        n_genres=n_genres,
        latent_size=5,
        few_share=share,
        unheld_share=share,
        guest_share=share,
    )
    world = generate(config)
    records = list(world.records())
    assert_references_resolve(records)
    assert_keys_are_distinct(records)
    assert len(of(records, User)) == n_users
    assert len(of(records, Song)) == n_artists + more_songs
    assert np.isfinite(world.oracle(world.people_labels.user_ids[0])).all()


@pytest.mark.smoke
def test_counts_are_those_of_the_config(world: World, records: list[Record]) -> None:
    config = world.config
    assert len(of(records, User)) == config.n_users == 300
    assert len(of(records, Song)) == config.n_songs == 1500
    assert len(of(records, Artist)) == config.n_artists == 200
    assert len(set(world.music.artist_genres.tolist())) == config.n_genres == 8
    liked = [playlist for playlist in of(records, Playlist) if playlist.relation is Relation.LIKED]
    assert Counter(playlist.creator for playlist in liked) == Counter(world.people_labels.user_ids)


def test_every_artist_has_a_song(world: World) -> None:
    assert set(world.music.song_artists.tolist()) == set(range(world.config.n_artists))


def test_positions_count_from_zero(records: list[Record]) -> None:
    for kind, owner in ((PlaylistSong, "playlist"), (SongArtist, "song")):
        positions: dict[str, list[int]] = {}
        for record in of(records, kind):
            positions.setdefault(getattr(record, owner), []).append(record.position)
        assert all(found == list(range(len(found))) for found in positions.values())


def test_some_listeners_have_few_songs_and_one_has_none(world: World) -> None:
    held = np.array([world.songs_of(user).size for user in world.people_labels.user_ids])
    assert (held == 0).sum() == 1
    few = ((held > 0) & (held <= world.config.few_songs)).sum()
    assert few == round(world.config.few_share * world.config.n_users)
    assert 25 < np.median(held) < 80
    assert held.max() <= world.config.n_songs // 3


def test_some_songs_are_held_by_nobody(world: World, records: list[Record]) -> None:
    held = {row.song for row in of(records, PlaylistSong)}
    barred = {
        song for song, may in zip(world.music_labels.song_ids, world.music.song_held, strict=True) if not may
    }
    assert len(barred) == round(world.config.unheld_share * world.config.n_songs)
    assert held.isdisjoint(barred)


def test_popularity_has_a_head_and_a_tail(world: World) -> None:
    holders = np.zeros(world.config.n_songs)
    for user in world.people_labels.user_ids:
        holders[world.songs_of(user)] += 1
    ranked = np.sort(holders)[::-1]
    top_tenth = ranked[: len(ranked) // 10].sum() / ranked.sum()
    assert 0.25 < top_tenth < 0.75
    assert np.corrcoef(world.music_labels.popularity, holders)[0, 1] > 0.4


def test_the_figure_of_popularity_is_netease_like(records: list[Record]) -> None:
    figures = [song.popularity for song in of(records, Song)]
    assert min(figures) == 0
    assert max(figures) == 100
    assert all(figure % 5 == 0 for figure in figures)


def test_dates_are_possible(records: list[Record]) -> None:
    created = {playlist.id: playlist.created_at for playlist in of(records, Playlist)}
    released = {song.id: song.released_at for song in of(records, Song)}
    newest: dict[str, int] = {}
    for row in of(records, PlaylistSong):
        assert created[row.playlist] <= row.added_at <= LAST_DAY * DAY_MS
        assert released[row.song] <= row.added_at
        assert row.added_at <= newest.get(row.playlist, row.added_at), "newest first"
        newest[row.playlist] = row.added_at


def test_versions_and_covers_follow_their_originals(world: World) -> None:
    music, labels = world.music, world.music_labels
    derived = np.flatnonzero(music.song_originals != NOBODY)
    originals = music.song_originals[derived]
    assert (music.song_originals[originals] == NOBODY).all()
    assert (labels.released_at[derived] > labels.released_at[originals]).all()
    cover = music.song_artists[derived] != music.song_artists[originals]
    assert cover.any()
    assert not cover.all()
    for song, original in zip(derived, originals, strict=True):
        assert labels.titles[song].startswith(labels.titles[original].split(" (feat. ")[0])
    near = (music.song_latents[derived] * music.song_latents[originals]).sum(axis=1)
    assert near[~cover].mean() > near[cover].mean() > 0.5


def test_only_covered_songs_are_marked_as_originals(world: World, records: list[Record]) -> None:
    music = world.music
    covered = {
        world.music_labels.song_ids[original]
        for song, original in enumerate(music.song_originals.tolist())
        if original != NOBODY and music.song_artists[song] != music.song_artists[original]
    }
    marked = {edge.song for edge in of(records, SongArtist) if edge.role is Role.ORIGINAL}
    assert marked == covered


def test_names_hold_what_careless_code_splits(world: World) -> None:
    names, titles = world.music_labels.artist_names, world.music_labels.titles
    assert any(" & " in name for name in names)
    assert any("/" in name for name in names)
    assert any("(feat. " in title for title in titles)
    assert any(title.endswith("(Live)") for title in titles)
    for text in (names, titles, world.people_labels.nicknames):
        assert any(name.isascii() for name in text)
        assert any(not name.isascii() for name in text)
    assert len(set(names)) == len(names)
    assert len(set(world.people_labels.nicknames)) == world.config.n_users


def test_ids_are_digits(records: list[Record]) -> None:
    assert all(
        record.id.isdecimal() for record in records if isinstance(record, User | Artist | Song | Playlist)
    )


def test_an_unknown_listener_is_refused(world: World) -> None:
    with pytest.raises(UnknownEntityError, match="no user 5"):
        world.oracle(UserId("5"))
    with pytest.raises(UnknownEntityError):
        world.songs_of(UserId("5"))
