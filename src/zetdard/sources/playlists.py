"""NetEase Cloud Music playlists in three CSV files.

The columns are those of public crawls of NetEase's playlist pages (song, playlist, and the pairs of both),
with NetEase's own ids. The files and columns are listed in ``docs/formats.md``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import ClassVar

from zetdard.errors import InputError
from zetdard.names import split_artists
from zetdard.records import (
    Artist,
    Playlist,
    PlaylistId,
    PlaylistSong,
    Record,
    Relation,
    Role,
    Song,
    SongId,
    Subscription,
    UserId,
)
from zetdard.sources.base import ReadOptions, Refuse
from zetdard.sources.definitions import Definitions, Introductions
from zetdard.sources.fields import decimal_number, identifier, iso_date_ms, required, shown, whole_number
from zetdard.sources.identity import artist_name_id
from zetdard.sources.textfiles import Row, Table
from zetdard.sources.textlines import require_folder, resolve_encoding

SONG_COLUMNS = ("song_id", "title", "artists", "popularity")
PLAYLIST_COLUMNS = (
    "playlist_id",
    "creator",
    "name",
    "tags",
    "created",
    "play_count",
    "collect_count",
    "comment_count",
)
PLAYLIST_SONG_COLUMNS = ("playlist_id", "song_id", "position")
SUBSCRIPTION_COLUMNS = ("user", "playlist_id")

# NetEase's playlist page prints the button's word where it has no number to print.
_NO_NUMBER = frozenset({"", "评论", "收藏", "分享"})
# ``originCoverType`` of NetEase's song detail: 0 unknown, 1 original, 2 cover.
_ROLES = {"": Role.PERFORMER, "0": Role.PERFORMER, "1": Role.ORIGINAL, "2": Role.PERFORMER}
_RELATIONS = {"": Relation.OWN, "own": Relation.OWN, "liked": Relation.LIKED}


class PlaylistFiles:
    """Reads ``songs.csv``, ``playlists.csv``, ``playlist_songs.csv`` and, if there, ``subscriptions.csv``."""

    format: ClassVar[str] = "playlists"
    source: ClassVar[str] = "netease"
    summary: ClassVar[str] = "a folder of NetEase playlists: songs.csv, playlists.csv, playlist_songs.csv"

    def read(self, path: Path, options: ReadOptions, refuse: Refuse) -> Iterator[Record]:
        """Yield users, songs, artists, playlists and subscriptions; see ``FileSource.read``."""
        encoding = resolve_encoding(options.encoding)
        require_folder(path)
        with ExitStack() as files:

            def table(name: str, columns: tuple[str, ...]) -> Table:
                return files.enter_context(Table(path / name, columns=columns, encoding=encoding))

            # All headers are checked before the first record is yielded.
            songs = table("songs.csv", SONG_COLUMNS)
            playlists = table("playlists.csv", PLAYLIST_COLUMNS)
            pairs = table("playlist_songs.csv", PLAYLIST_SONG_COLUMNS)
            subscribed = path / "subscriptions.csv"
            subscriptions = table("subscriptions.csv", SUBSCRIPTION_COLUMNS) if subscribed.exists() else None

            reader = _Reader()
            yield from songs.records(refuse, reader.song)
            yield from playlists.records(refuse, reader.playlist)
            yield from pairs.records(refuse, reader.pair)
            if subscriptions is not None:
                yield from subscriptions.records(refuse, reader.subscription)


class _Reader:
    """Turns rows into records and keeps what later files refer to."""

    def __init__(self) -> None:
        self._introductions = Introductions()
        self._songs = Definitions("song")
        self._playlists = Definitions("playlist")
        self._pairs = Definitions("the place of the song in the playlist:")
        self._subscriptions = Definitions("subscription")
        self._creators: dict[str, str] = {}
        self._artists: dict[str, list[Artist]] = {}

    def song(self, row: Row) -> list[Record]:
        fields = row.fields
        song_id = identifier(fields["song_id"], "song_id")
        title = required(fields["title"], "title")
        raw = fields["artists"]
        popularity = fields["popularity"]
        origin = fields.get("originCoverType", "")
        if origin not in _ROLES:
            raise InputError(f"originCoverType {shown(origin)} is none of 0, 1, 2 and empty")
        song = Song(
            id=SongId(song_id),
            title=title,
            popularity=decimal_number(popularity, "popularity", maximum=100) if popularity else None,
            artists_raw=raw or None,
        )
        artists = self._named(raw)
        if not self._songs.is_new(song_id, (title, raw, popularity, origin), row.line):
            return []
        return self._introductions.song(song, artists, role=_ROLES[origin])

    def _named(self, raw: str) -> list[Artist]:
        known = self._artists.get(raw)
        if known is None:
            names = split_artists(raw, separator="|")
            known = self._artists[raw] = [Artist(id=artist_name_id(name), name=name) for name in names]
        return known

    def playlist(self, row: Row) -> list[Record]:
        fields = row.fields
        playlist_id = identifier(fields["playlist_id"], "playlist_id")
        creator = identifier(fields["creator"], "creator")
        relation = fields.get("relation", "")
        if relation not in _RELATIONS:
            raise InputError(f"relation {shown(relation)} is neither own nor liked")
        playlist = Playlist(
            id=PlaylistId(playlist_id),
            creator=UserId(creator),
            name=required(fields["name"], "name"),
            tags=tuple(dict.fromkeys(tag.strip() for tag in fields["tags"].split("|") if tag.strip())),
            created_at=iso_date_ms(fields["created"], "created") if fields["created"] else None,
            play_count=_count(fields, "play_count"),
            collect_count=_count(fields, "collect_count"),
            comment_count=_count(fields, "comment_count"),
            relation=_RELATIONS[relation],
        )
        if not self._playlists.is_new(playlist_id, playlist, row.line):
            return []
        self._creators[playlist_id] = creator
        return [*self._introductions.user(playlist.creator), playlist]

    def pair(self, row: Row) -> list[Record]:
        fields = row.fields
        playlist_id = identifier(fields["playlist_id"], "playlist_id")
        song_id = identifier(fields["song_id"], "song_id")
        position = whole_number(fields["position"], "position", maximum=10**9)
        self._require_playlist(playlist_id)
        if song_id not in self._songs:
            raise InputError(f"song_id {shown(song_id)} is not in songs.csv, or its row was refused")
        record = PlaylistSong(playlist=PlaylistId(playlist_id), song=SongId(song_id), position=position)
        return [record] if self._pairs.is_new((playlist_id, song_id), position, row.line) else []

    def subscription(self, row: Row) -> list[Record]:
        user = identifier(row.fields["user"], "user")
        playlist_id = identifier(row.fields["playlist_id"], "playlist_id")
        self._require_playlist(playlist_id)
        if self._creators[playlist_id] == user:
            raise InputError(
                f"user {shown(user)} made the playlist {shown(playlist_id)} and cannot subscribe to it"
            )
        record = Subscription(user=UserId(user), playlist=PlaylistId(playlist_id))
        if not self._subscriptions.is_new((user, playlist_id), None, row.line):
            return []
        return [*self._introductions.user(record.user), record]

    def _require_playlist(self, playlist_id: str) -> None:
        if playlist_id not in self._playlists:
            raise InputError(
                f"playlist_id {shown(playlist_id)} is not in playlists.csv, or its row was refused"
            )


def _count(fields: dict[str, str], name: str) -> int | None:
    text = fields[name]
    return None if text in _NO_NUMBER else whole_number(text, name)
