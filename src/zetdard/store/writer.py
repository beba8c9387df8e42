"""Records → rows, in one transaction."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from sqlalchemy import Connection, delete, select, update

from zetdard import records as r
from zetdard.errors import InputError
from zetdard.store import schema
from zetdard.store.database import bump_revision, now_ms
from zetdard.store.dialect import upsert

BATCH = 5_000
"""Rows of one kind that are held back before they are written together."""

_PARAMETERS = 500
"""Values in one IN list; old SQLite allows 999 parameters a statement."""

_FORMER = -1
"""``fetched_at`` of a playlist's song or a song's artist that this reading has not met yet; never outlives the
transaction."""

_REPLACED = {"playlist_songs": "playlist", "song_artists": "song"}
"""Edges that are replaced as a whole when a reading states them anew, and whose they are."""

_SOURCE = re.compile(r"[\w.-]{1,40}")

_IDENTITY = frozenset({"source", "id"})


@dataclass(slots=True)
class RecordWriter:
    """Writes the records of one source inside one transaction.

    Writing the same records again changes nothing but ``fetched_at``. A playlist whose songs are read again
    is replaced: songs that are no longer in it leave. So are the credits of a song.

    Args:
        connection: Inside a write transaction.
        source: Namespace of the records' ids: a word without a colon, because ``source:id`` names an entity.

    Raises:
        InputError: ``source`` is not such a word.
    """

    connection: Connection
    source: str
    counts: Counter[str] = field(default_factory=Counter)
    """Records taken, by kind."""
    _fetched_at: int = field(default_factory=now_ms)
    _waiting: dict[str, dict[tuple[Any, ...], dict[str, Any]]] = field(default_factory=dict)
    _keys: dict[str, dict[str, int]] = field(default_factory=dict)
    _newest: dict[str, int] = field(default_factory=dict)
    _refilled: dict[str, set[int]] = field(default_factory=lambda: {name: set() for name in _REPLACED})

    def __post_init__(self) -> None:
        if not _SOURCE.fullmatch(self.source):
            raise InputError(f"{self.source!r} cannot name a source: use up to 40 letters, digits, . _ or -")

    def write(self, records: Iterable[r.Record]) -> Counter[str]:
        """Write records and return how many of each kind were taken.

        Raises:
            InputError: A record names an id that is neither stored nor among the records before it.
        """
        for record in records:
            self.add(record)
        return self.finish()

    def add(self, record: r.Record) -> None:
        """Take one record; it may be written later, together with others."""
        handler = _HANDLERS.get(type(record))
        if handler is None:
            raise InputError(f"{type(record).__name__} is not a record that the store knows")
        handler(self, record)
        self.counts[type(record).__name__] += 1

    def finish(self) -> Counter[str]:
        """Write what is waiting."""
        for name in _ORDER:
            self._flush(name)
        self._drop_former()
        if self.counts:
            bump_revision(self.connection)
        return self.counts

    def _put(self, name: str, identity: tuple[Any, ...], row: dict[str, Any]) -> None:
        waiting = self._waiting.setdefault(name, {})
        earlier = waiting.get(identity)
        if earlier is not None:
            # As in the database: what is not said does not erase what was said.
            row = {column: earlier[column] if value is None else value for column, value in row.items()}
        waiting[identity] = row | {"source": self.source, "fetched_at": self._fetched_at}
        if len(waiting) >= BATCH:
            for table in _ORDER[: _ORDER.index(name) + 1]:
                self._flush(table)

    def _flush(self, name: str) -> None:
        rows = self._waiting.pop(name, None)
        if not rows:
            return
        resolved = [self._resolve(name, row) for row in rows.values()]
        if name in _REPLACED:
            self._mark_former(name, {row[_REPLACED[name]] for row in resolved})
        upsert(self.connection, schema.metadata.tables[name], resolved, keep=_PRIMARY.get(name, _IDENTITY))

    def _resolve(self, name: str, row: dict[str, Any]) -> dict[str, Any]:
        """Replace the ids in a row's references by keys."""
        for column, target in _REFERENCES.get(name, {}).items():
            row[column] = self._key(target, row[column])
        return row

    def _key(self, kind: str, id_: str) -> int:
        known = self._keys.get(kind)
        if known is None or id_ not in known:
            self._flush(kind)
            self._learn_keys(kind)
            known = self._keys[kind]
        if id_ not in known:
            raise InputError(f"{kind[:-1]} {id_!r} is named before any record describes it")
        return known[id_]

    def _learn_keys(self, kind: str) -> None:
        """Read the keys of everything that this source has of a kind, once, and then only what is new."""
        table = schema.metadata.tables[kind]
        known = self._keys.setdefault(kind, {})
        newest = self._newest.get(kind, 0)
        found = self.connection.execute(
            select(table.c.id, table.c.key).where(table.c.source == self.source, table.c.key > newest)
        ).all()
        known.update((id_, key) for id_, key in found)
        self._newest[kind] = max((key for _, key in found), default=newest)

    # One method for each kind of record.

    def _user(self, user: r.User) -> None:
        self._put("users", (user.id,), {"id": user.id, "name": user.name, "region": user.region})

    def _artist(self, artist: r.Artist) -> None:
        self._put("artists", (artist.id,), {"id": artist.id, "name": artist.name})

    def _song(self, song: r.Song) -> None:
        row = {name: getattr(song, name) for name in _SONG_FIELDS}
        self._put("songs", (song.id,), row)

    def _song_artist(self, edge: r.SongArtist) -> None:
        row = {"song": edge.song, "artist": edge.artist, "position": edge.position, "role": edge.role.value}
        self._put("song_artists", (edge.song, edge.artist), row)

    def _playlist(self, playlist: r.Playlist) -> None:
        if playlist.relation not in {r.Relation.OWN, r.Relation.LIKED}:
            raise InputError(f"a playlist is its maker's own or liked list, not {playlist.relation.value!r}")
        row = {name: getattr(playlist, name) for name in _PLAYLIST_FIELDS}
        row["tags"] = json.dumps(playlist.tags, ensure_ascii=False)
        row["relation"] = playlist.relation.value
        self._put("playlists", (playlist.id,), row)

    def _playlist_song(self, entry: r.PlaylistSong) -> None:
        row = {
            "playlist": entry.playlist,
            "song": entry.song,
            "position": entry.position,
            "added_at": entry.added_at,
        }
        self._put("playlist_songs", (entry.playlist, entry.song), row)

    def _mark_former(self, name: str, owners: set[int]) -> None:
        """Mark the stored edges of owners whose edges arrive now; writing an edge again removes its mark."""
        table = schema.metadata.tables[name]
        for keys in _portions(owners - self._refilled[name]):
            self.connection.execute(
                update(table).where(table.c[_REPLACED[name]].in_(keys)).values(fetched_at=_FORMER)
            )
        self._refilled[name] |= owners

    def _drop_former(self) -> None:
        """Remove what is still marked: this reading states the owner's edges and did not find it among them."""
        for name, owners in self._refilled.items():
            table = schema.metadata.tables[name]
            for keys in _portions(owners):
                self.connection.execute(
                    delete(table).where(table.c[_REPLACED[name]].in_(keys), table.c.fetched_at == _FORMER)
                )

    def _subscription(self, edge: r.Subscription) -> None:
        row = {"user": edge.user, "playlist": edge.playlist}
        self._put("subscriptions", (edge.user, edge.playlist), row)

    def _listen(self, listen: r.Listen) -> None:
        row = {"user": listen.user, "song": listen.song, "at": listen.at, "played_ms": listen.played_ms}
        self._put("listens", (listen.user, listen.song, listen.at), row)

    def _artist_plays(self, edge: r.ArtistPlays) -> None:
        if edge.plays < 1:
            raise InputError(f"user {edge.user!r} played artist {edge.artist!r} {edge.plays} times")
        row = {"user": edge.user, "artist": edge.artist, "plays": edge.plays}
        self._put("artist_plays", (edge.user, edge.artist), row)

    def _tagging(self, edge: r.Tagging) -> None:
        row = {"user": edge.user, "artist": edge.artist, "tag": edge.tag, "at": edge.at}
        self._put("taggings", (edge.user, edge.artist, edge.tag), row)

    def _follow(self, edge: r.Follow) -> None:
        if edge.user == edge.followed:
            raise InputError(f"user {edge.user!r} cannot follow themselves")
        self._put("follows", (edge.user, edge.followed), {"user": edge.user, "followed": edge.followed})

    def _comment(self, comment: r.Comment) -> None:
        row = {name: getattr(comment, name) for name in _COMMENT_FIELDS}
        self._put("comments", (comment.id,), row)

    def _verdict(self, verdict: r.SongVerdict) -> None:
        """Store a verdict that an export holds; reading the export again adds nothing."""
        table = schema.feedback
        row = {
            "user": self._key("users", verdict.user),
            "song": self._key("songs", verdict.song),
            "verdict": verdict.verdict.value,
            "at": verdict.at,
            "source": self.source,
        }
        same = select(table.c.key).where(*(table.c[name] == value for name, value in row.items()))
        if self.connection.execute(same).first() is None:
            self.connection.execute(table.insert().values(**row))


def _portions(keys: Iterable[int]) -> Iterator[list[int]]:
    """Yield ``keys`` in lists that one statement can take."""
    waiting = iter(sorted(keys))
    while portion := list(islice(waiting, _PARAMETERS)):
        yield portion


_SONG_FIELDS = (
    "id",
    "title",
    "artists_raw",
    "album",
    "duration_ms",
    "popularity",
    "released_at",
    "recording_mbid",
)
_PLAYLIST_FIELDS = (
    "id",
    "creator",
    "name",
    "created_at",
    "play_count",
    "collect_count",
    "comment_count",
)
_COMMENT_FIELDS = ("id", "song", "user", "at", "liked_count", "text")

# Entities before what refers to them.
_ORDER = (
    "users",
    "artists",
    "songs",
    "playlists",
    "song_artists",
    "playlist_songs",
    "subscriptions",
    "listens",
    "artist_plays",
    "taggings",
    "follows",
    "comments",
)
_REFERENCES: dict[str, dict[str, str]] = {
    "playlists": {"creator": "users"},
    "song_artists": {"song": "songs", "artist": "artists"},
    "playlist_songs": {"playlist": "playlists", "song": "songs"},
    "subscriptions": {"user": "users", "playlist": "playlists"},
    "listens": {"user": "users", "song": "songs"},
    "artist_plays": {"user": "users", "artist": "artists"},
    "taggings": {"user": "users"},
    "follows": {"user": "users", "followed": "users"},
    "comments": {"user": "users"},
}
_PRIMARY = {
    "song_artists": frozenset({"song", "artist"}),
    "playlist_songs": frozenset({"playlist", "song"}),
    "subscriptions": frozenset({"user", "playlist"}),
    "listens": frozenset({"user", "song", "at"}),
    "artist_plays": frozenset({"user", "artist"}),
    "taggings": frozenset({"user", "artist", "tag"}),
    "follows": frozenset({"user", "followed"}),
}
_HANDLERS: dict[type, Callable[[RecordWriter, Any], None]] = {
    r.User: RecordWriter._user,
    r.Artist: RecordWriter._artist,
    r.Song: RecordWriter._song,
    r.SongArtist: RecordWriter._song_artist,
    r.Playlist: RecordWriter._playlist,
    r.PlaylistSong: RecordWriter._playlist_song,
    r.Subscription: RecordWriter._subscription,
    r.Listen: RecordWriter._listen,
    r.ArtistPlays: RecordWriter._artist_plays,
    r.Tagging: RecordWriter._tagging,
    r.Follow: RecordWriter._follow,
    r.Comment: RecordWriter._comment,
    r.SongVerdict: RecordWriter._verdict,
}
