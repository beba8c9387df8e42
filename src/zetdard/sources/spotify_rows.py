"""One play, playlist or liked song of a Spotify export → records."""

from __future__ import annotations

import re
from collections.abc import Sequence

from zetdard.errors import InputError
from zetdard.names import normal_form, split_artists
from zetdard.records import (
    Listen,
    Playlist,
    PlaylistId,
    PlaylistSong,
    Record,
    Relation,
    Song,
    SongId,
    User,
    UserId,
)
from zetdard.sources.definitions import Introductions
from zetdard.sources.fields import iso_date_ms, minute_ms, shown
from zetdard.sources.identity import ArtistNames, song_name_id
from zetdard.sources.jsonfields import (
    Object,
    as_object,
    optional_list,
    optional_object,
    optional_text,
    required_count,
    required_text,
)

SHORTEST_STREAM_MS = 30_000
"""Spotify counts a stream from 30 seconds on; a shorter play says that a song was skipped, not heard."""

_TRACK_URI = re.compile(r"spotify:track:([0-9A-Za-z]{1,60})", re.ASCII)
_LOCAL_URI = "spotify:local:"
_EXTENDED_TIME = re.compile(r"(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})Z", re.ASCII)
_SHORT_TIME = re.compile(r"(\d{4})-(\d{2})-(\d{2}) (\d{2}):(\d{2})", re.ASCII)


class ExtendedRow:
    """A play of the extended history. ``title`` is ``None`` for podcasts, audiobooks and withdrawn tracks."""

    def __init__(self, value: object) -> None:
        row = as_object(value, "the play")
        self.user = optional_text(row, "username")
        self.played_ms = required_count(row, "ms_played")
        self.at = _time(row, "ts", _EXTENDED_TIME, "2024-05-07T21:15:00Z")
        self.title = optional_text(row, "master_metadata_track_name")
        self.artist = optional_text(row, "master_metadata_album_artist_name")
        self.album = optional_text(row, "master_metadata_album_album_name")
        self.uri = optional_text(row, "spotify_track_uri")


class ShortRow:
    """A play of the one-year history: no album, no id, the time in whole minutes."""

    def __init__(self, value: object) -> None:
        row = as_object(value, "the play")
        self.user: str | None = None
        self.played_ms = required_count(row, "msPlayed")
        self.at = _time(row, "endTime", _SHORT_TIME, "2024-05-07 21:15")
        self.title: str | None = required_text(row, "trackName")
        self.artist: str | None = required_text(row, "artistName")
        self.album: str | None = None
        self.uri: str | None = None


class SpotifyReader:
    """Turns rows into records and keeps what later rows refer to.

    Args:
        owner: Whose export it is.
    """

    def __init__(self, owner: UserId) -> None:
        self._owner = User(id=owner).id
        self._username: str | None = None
        self._introductions = Introductions()
        self._artists = ArtistNames()
        self._track_ids: dict[tuple[str, str], set[SongId]] = {}
        self._names: dict[str, int] = {}
        self._open: PlaylistId | None = None
        self._filled: dict[SongId, int] = {}
        self.playlists = 0
        """Playlists taken."""
        self.too_short = 0
        """Plays shorter than ``SHORTEST_STREAM_MS``."""
        self.not_music = 0
        """Podcasts, audiobooks, withdrawn tracks, and files of the listener's own."""

    def play(self, row: ExtendedRow | ShortRow) -> list[Record]:
        """Return the records of one play; nothing for one that is too short or not music."""
        if row.user is not None:
            if self._username is None:
                self._username = row.user
            elif row.user != self._username:
                raise InputError(
                    f"the play is of {shown(row.user)}, earlier ones are of {shown(self._username)};"
                    " a folder holds one person's export"
                )
        if row.title is None or (row.uri or "").startswith(_LOCAL_URI):
            self.not_music += 1
            return []
        if row.artist is None:
            raise InputError("the play names a track but no artist")
        track_id = _track_id(row.uri)
        if row.played_ms < SHORTEST_STREAM_MS:
            self.too_short += 1
            return []
        song, introduced = self._song(row.title, row.artist, row.album, track_id)
        listen = Listen(user=self._owner, song=song, at=row.at, played_ms=row.played_ms)
        return [*self._introductions.user(self._owner), *introduced, listen]

    def liked_list(self) -> list[Record]:
        """Return the list that holds the liked songs."""
        return self._begin("liked", "Liked Songs", Relation.LIKED)

    def liked(self, value: object) -> list[Record]:
        """Return the records of one liked song."""
        track = as_object(value, "the track")
        return self._entry(
            required_text(track, "track"),
            required_text(track, "artist"),
            optional_text(track, "album"),
            optional_text(track, "uri"),
            added_at=None,
        )

    def playlist(self, value: object) -> list[Record]:
        """Return a playlist, to be filled by ``item``."""
        playlist = as_object(value, "the playlist")
        optional_list(playlist, "items")
        name = required_text(playlist, "name")
        # The export has no playlist ids; a name may be used several times.
        folded = normal_form(name)[:200].strip()
        number = self._names[folded] = self._names.get(folded, 0) + 1
        return self._begin(f"list:{number}:{folded}", name, Relation.OWN)

    def items(self, value: object) -> Sequence[object]:
        """Return the items of a playlist that ``playlist`` has accepted."""
        return optional_list(as_object(value, "the playlist"), "items")

    def item(self, value: object) -> list[Record]:
        """Return the records of one item; nothing for a podcast episode or a file of the listener's own."""
        item = as_object(value, "the item")
        track = optional_object(item, "track")
        uri = optional_text(track, "trackUri")
        if not track or (uri or "").startswith(_LOCAL_URI):
            self.not_music += 1
            return []
        added = optional_text(item, "addedDate")
        return self._entry(
            required_text(track, "trackName"),
            required_text(track, "artistName"),
            optional_text(track, "albumName"),
            uri,
            added_at=iso_date_ms(added, "addedDate") if added else None,
        )

    def _begin(self, key: str, name: str, relation: Relation) -> list[Record]:
        # The owner belongs to the id: everybody has a list of liked songs.
        playlist = Playlist(
            id=PlaylistId(f"{self._owner}:{key}"), creator=self._owner, name=name, relation=relation
        )
        self._open, self._filled = playlist.id, {}
        self.playlists += 1
        return [*self._introductions.user(self._owner), playlist]

    def _entry(
        self, title: str, artist: str, album: str | None, uri: str | None, *, added_at: int | None
    ) -> list[Record]:
        if (uri or "").startswith(_LOCAL_URI):
            self.not_music += 1
            return []
        track_id = _track_id(uri)
        song, introduced = self._song(title, artist, album, track_id)
        if track_id is not None:
            self._track_ids.setdefault((normal_form(artist), normal_form(title)), set()).add(track_id)
        assert self._open is not None  # a list is begun before its entries
        # Spotify lets a list hold a song twice; where it stands first is its place.
        if song in self._filled:
            return introduced
        position = self._filled[song] = len(self._filled)
        return [
            *introduced,
            PlaylistSong(playlist=self._open, song=song, position=position, added_at=added_at),
        ]

    def _song(
        self, title: str, artist: str, album: str | None, track_id: SongId | None
    ) -> tuple[SongId, list[Record]]:
        """Return the song's id and, the first time, its records.

        A play without an id is of the track that the listener's own lists know under the same artist and title,
        if it is exactly one.
        """
        if track_id is None:
            known = self._track_ids.get((normal_form(artist), normal_form(title)), set())
            track_id = next(iter(known)) if len(known) == 1 else song_name_id(artist, title)
        song = Song(id=track_id, title=title, album=album, artists_raw=artist)
        artists = self._artists.artists(split_artists(artist, separator=None))
        return track_id, self._introductions.song(song, artists)


def _track_id(uri: str | None) -> SongId | None:
    if uri is None:
        return None
    match = _TRACK_URI.fullmatch(uri)
    if not match:
        raise InputError(f"{shown(uri)} is not a track address like spotify:track:4uLU6hMCjMI75M1A2tKUQC")
    return SongId(match.group(1))


def _time(row: Object, name: str, form: re.Pattern[str], example: str) -> int:
    text = required_text(row, name)
    match = form.fullmatch(text)
    if not match:
        raise InputError(f"{name} {shown(text)} is not a time like {example}")
    return minute_ms(*map(int, match.groups()))
