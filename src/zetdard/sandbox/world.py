"""An invented world: the truth about its listeners and music, and the records that a source would state."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from zetdard.errors import UnknownEntityError
from zetdard.records import (
    Artist,
    Follow,
    Playlist,
    PlaylistSong,
    Record,
    Role,
    Song,
    SongArtist,
    Subscription,
    User,
    UserId,
)
from zetdard.sandbox.collecting import (
    DrawnPlaylist,
    draw_follows,
    draw_playlists,
    draw_subscriptions,
    oracle_scores,
)
from zetdard.sandbox.config import GENRES, REGIONS, WorldConfig
from zetdard.sandbox.labels import MusicLabels, PeopleLabels, label_music, label_people
from zetdard.sandbox.listeners import Listeners, draw_listeners
from zetdard.sandbox.music import NOBODY, Floats, Ints, Music, draw_music


@dataclass(frozen=True, eq=False)
class World:
    """An invented world. Rows of users, artists, songs and playlists are the positions in ``*_labels``.

    Attributes:
        config: What it was drawn from.
        music: The truth about genres, artists and songs.
        listeners: The truth about regions and tastes.
        playlists: What the listeners collected; a liked list for everyone, empty for the one with nothing.
        subscriptions: (n, 2) user row, playlist row.
        follows: (n, 2) user row, followed row.
        music_labels: Ids, names and dates of artists and songs.
        people_labels: Ids and names of listeners and playlists.
    """

    config: WorldConfig
    music: Music
    listeners: Listeners
    playlists: tuple[DrawnPlaylist, ...]
    subscriptions: Ints
    follows: Ints
    music_labels: MusicLabels
    people_labels: PeopleLabels

    def records(self) -> Iterator[Record]:
        """Yield every fact; a record comes before the records that name its id."""
        people = self.people_labels
        regions = self.listeners.user_regions.tolist()
        for user, name, region in zip(people.user_ids, people.nicknames, regions, strict=True):
            yield User(id=user, name=name, region=REGIONS[region])
        yield from self._music_records()
        yield from self._playlist_records()
        for user_row, playlist_row in self.subscriptions.tolist():
            yield Subscription(user=people.user_ids[user_row], playlist=people.playlist_ids[playlist_row])
        for user_row, followed_row in self.follows.tolist():
            yield Follow(user=people.user_ids[user_row], followed=people.user_ids[followed_row])

    def oracle(self, user: UserId) -> Floats:
        """Return the true score of every song for a listener, shape (n_songs,), in song rows.

        The listener picks songs with chance ∝ exp(score), so no recommender ranks better in expectation.
        Songs the listener holds and songs that nobody may hold are scored like the others.

        Raises:
            UnknownEntityError: Nobody here has that id.
        """
        return oracle_scores(self.config, self.music, self.listeners.user_latents[self.user_row(user)])

    def user_row(self, user: UserId) -> int:
        """Return a listener's row.

        Raises:
            UnknownEntityError: Nobody here has that id.
        """
        try:
            return self._user_rows[user]
        except KeyError:
            raise UnknownEntityError(f"no user {user} in the invented world") from None

    def songs_of(self, user: UserId) -> Ints:
        """Return the sorted, distinct rows of the songs in a listener's liked list and own playlists."""
        row = self.user_row(user)
        held = [drawn.songs for drawn in self.playlists if drawn.owner == row]
        return np.unique(np.concatenate(held))

    @cached_property
    def _user_rows(self) -> dict[UserId, int]:
        return {user: row for row, user in enumerate(self.people_labels.user_ids)}

    def _music_records(self) -> Iterator[Record]:
        music, labels = self.music, self.music_labels
        for artist, name in zip(labels.artist_ids, labels.artist_names, strict=True):
            yield Artist(id=artist, name=name)
        performers = [
            [main] if guest == NOBODY else [main, guest]
            for main, guest in zip(music.song_artists.tolist(), music.song_guests.tolist(), strict=True)
        ]
        for row, song in enumerate(labels.song_ids):
            yield Song(
                id=song,
                title=labels.titles[row],
                album=labels.albums[row],
                duration_ms=int(labels.durations_ms[row]),
                popularity=float(labels.popularity[row]),
                released_at=int(labels.released_at[row]),
                # NetEase's pages join names with a slash, which some names hold themselves.
                artists_raw="/".join(labels.artist_names[artist] for artist in performers[row]),
            )
        # The service marks a recording as the original only where it knows of a cover.
        derived = np.flatnonzero(music.song_originals != NOBODY)
        originals = music.song_originals[derived]
        is_cover = music.song_artists[derived] != music.song_artists[originals]
        covered = set(originals[is_cover].tolist())
        for row, song in enumerate(labels.song_ids):
            role = Role.ORIGINAL if row in covered else Role.PERFORMER
            for position, artist_row in enumerate(performers[row]):
                yield SongArtist(
                    song=song, artist=labels.artist_ids[artist_row], position=position, role=role
                )

    def _playlist_records(self) -> Iterator[Record]:
        people, songs = self.people_labels, self.music_labels.song_ids
        collected = np.bincount(self.subscriptions[:, 1], minlength=len(self.playlists))
        for row, drawn in enumerate(self.playlists):
            yield Playlist(
                id=people.playlist_ids[row],
                creator=people.user_ids[drawn.owner],
                name=people.playlist_names[row],
                tags=() if drawn.theme == NOBODY else (GENRES[drawn.theme],),
                created_at=drawn.created_at,
                play_count=int(people.play_counts[row]),
                collect_count=int(collected[row]),
                relation=drawn.relation,
            )
        for row, drawn in enumerate(self.playlists):
            places = zip(drawn.songs.tolist(), drawn.added_at.tolist(), strict=True)
            for position, (song_row, added_at) in enumerate(places):
                yield PlaylistSong(
                    playlist=people.playlist_ids[row],
                    song=songs[song_row],
                    position=position,
                    added_at=added_at,
                )


def generate(config: WorldConfig | None = None) -> World:
    """Draw the world that ``config`` describes; without one, the small world of seed 0."""
    config = config or WorldConfig()
    music = draw_music(config)
    listeners = draw_listeners(config, music)
    music_labels = label_music(config, music)
    playlists = draw_playlists(config, music, listeners, music_labels.released_at)
    return World(
        config=config,
        music=music,
        listeners=listeners,
        playlists=playlists,
        subscriptions=draw_subscriptions(config, music, listeners, playlists),
        follows=draw_follows(config, listeners),
        music_labels=music_labels,
        people_labels=label_people(config, playlists),
    )
