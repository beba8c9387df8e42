"""The records that a source would state of an invented world."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from zetdard.records import (
    Artist,
    Comment,
    Follow,
    Lyric,
    Playlist,
    PlaylistSong,
    Record,
    Role,
    Song,
    SongArtist,
    Subscription,
    User,
)
from zetdard.sandbox.config import GENRES, REGIONS
from zetdard.sandbox.music import NOBODY

if TYPE_CHECKING:
    from zetdard.sandbox.world import World

_ROLES = (Role.PERFORMER, Role.ORIGINAL, Role.COVER)
"""By what the service says of the song: ``World.original_cover_type``."""


def state_records(world: World) -> Iterator[Record]:
    """Yield every fact that a crawl with the default kinds of visits finds; what is named comes first."""
    people = world.people_labels
    regions = world.listeners.user_regions.tolist()
    for user, name, region in zip(people.user_ids, people.nicknames, regions, strict=True):
        yield User(id=user, name=name, region=REGIONS[region].name)
    yield from _music(world)
    yield from _playlists(world)
    for user_row, playlist_row in world.subscriptions.tolist():
        yield Subscription(user=people.user_ids[user_row], playlist=people.playlist_ids[playlist_row])
    for user_row, followed_row in world.follows.tolist():
        yield Follow(user=people.user_ids[user_row], followed=people.user_ids[followed_row])
    for row, song in enumerate(world.music_labels.song_ids):
        lyric = world.lyric(row)
        yield Lyric(song=song, state=lyric.state, text=lyric.text, translation=lyric.translation)
    for row, song in enumerate(world.music_labels.song_ids):
        for comment in world.comments(row):
            yield Comment(
                id=comment.id,
                song=song,
                user=people.user_ids[comment.user_row],
                at=comment.at,
                liked_count=comment.liked_count,
                text=comment.text,
            )


def performers_of(world: World, song_row: int) -> list[int]:
    """Return the rows of a song's artists, the main one first."""
    main, guest = int(world.music.song_artists[song_row]), int(world.music.song_guests[song_row])
    return [main] if guest == NOBODY else [main, guest]


def _music(world: World) -> Iterator[Record]:
    labels = world.music_labels
    for artist, name in zip(labels.artist_ids, labels.artist_names, strict=True):
        yield Artist(id=artist, name=name)
    for row, song in enumerate(labels.song_ids):
        yield Song(
            id=song,
            title=labels.titles[row],
            album=labels.albums[row],
            duration_ms=int(labels.durations_ms[row]),
            popularity=float(labels.popularity[row]),
            released_at=int(labels.released_at[row]),
            # NetEase's pages join names with a slash, which some names hold themselves.
            artists_raw="/".join(labels.artist_names[artist] for artist in performers_of(world, row)),
        )
    for row, song in enumerate(labels.song_ids):
        role = _ROLES[world.original_cover_type(row)]
        for position, artist_row in enumerate(performers_of(world, row)):
            yield SongArtist(song=song, artist=labels.artist_ids[artist_row], position=position, role=role)


def _playlists(world: World) -> Iterator[Record]:
    people, songs = world.people_labels, world.music_labels.song_ids
    collected = np.bincount(world.subscriptions[:, 1], minlength=len(world.playlists))
    for row, drawn in enumerate(world.playlists):
        yield Playlist(
            id=people.playlist_ids[row],
            creator=people.user_ids[drawn.owner],
            name=people.playlist_names[row],
            tags=() if drawn.theme == NOBODY else (GENRES[drawn.theme],),
            created_at=drawn.created_at,
            play_count=int(people.play_counts[row]),
            collect_count=int(collected[row]),
            comment_count=0,  # people here write about songs only
            relation=drawn.relation,
        )
    for row, drawn in enumerate(world.playlists):
        places = zip(drawn.songs.tolist(), drawn.added_at.tolist(), strict=True)
        for position, (song_row, added_at) in enumerate(places):
            yield PlaylistSong(
                playlist=people.playlist_ids[row],
                song=songs[song_row],
                position=position,
                added_at=added_at,
            )
