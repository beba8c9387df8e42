"""Tables. An entity is known by (source, id), both the source's own words; ``key`` never leaves the store.

Times are integer milliseconds since 1970-01-01 UTC. ``fetched_at`` says when the row was last read from its
source.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite numbers rows by itself only for a column that is exactly INTEGER PRIMARY KEY.
_Key = BigInteger().with_variant(Integer, "sqlite")


def _entity(name: str, *columns: Column[Any]) -> Table:
    return Table(
        name,
        metadata,
        Column("key", _Key, primary_key=True, autoincrement=True),
        Column("source", String(40), nullable=False),
        Column("id", String(300), nullable=False),
        *columns,
        Column("fetched_at", BigInteger, nullable=False),
        UniqueConstraint("source", "id"),
    )


def _reference(name: str, target: str) -> Column[int]:
    return Column(name, _Key, ForeignKey(f"{target}.key", ondelete="CASCADE"), nullable=False)


def _edge(name: str, *columns: Column[Any], primary: tuple[str, ...], index: str | None = None) -> Table:
    table = Table(
        name,
        metadata,
        *columns,
        Column("source", String(40), nullable=False),
        Column("fetched_at", BigInteger, nullable=False),
        PrimaryKeyConstraint(*primary),
    )
    if index is not None:
        Index(None, table.c[index])
    return table


users = _entity("users", Column("name", Text), Column("region", Text))
artists = _entity("artists", Column("name", Text, nullable=False))
songs = _entity(
    "songs",
    Column("title", Text, nullable=False),
    Column("artists_raw", Text),
    Column("album", Text),
    Column("duration_ms", BigInteger),
    Column("popularity", Float),
    Column("released_at", BigInteger),
    Column("recording_mbid", String(36)),
)
playlists = _entity(
    "playlists",
    _reference("creator", "users"),
    Column("name", Text, nullable=False),
    Column("tags", Text, nullable=False),  # a JSON array of strings
    Column("created_at", BigInteger),
    Column("play_count", BigInteger),
    Column("collect_count", BigInteger),
    Column("comment_count", BigInteger),
    Column("relation", String(20), nullable=False),
)
Index(None, playlists.c.creator)

# A comment may be read before, or without, the facts of its song: ``song`` is the source's id, not a key.
comments = _entity(
    "comments",
    Column("song", String(300), nullable=False),
    _reference("user", "users"),
    Column("at", BigInteger, nullable=False),
    Column("liked_count", BigInteger, nullable=False),
    Column("text", Text, nullable=False),
)
Index(None, comments.c.source, comments.c.song)

song_artists = _edge(
    "song_artists",
    _reference("song", "songs"),
    _reference("artist", "artists"),
    Column("position", Integer, nullable=False),
    Column("role", String(20), nullable=False),
    primary=("song", "artist"),
    index="artist",
)
playlist_songs = _edge(
    "playlist_songs",
    _reference("playlist", "playlists"),
    _reference("song", "songs"),
    Column("position", Integer, nullable=False),
    Column("added_at", BigInteger),
    primary=("playlist", "song"),
    index="song",
)
subscriptions = _edge(
    "subscriptions",
    _reference("user", "users"),
    _reference("playlist", "playlists"),
    primary=("user", "playlist"),
)
listens = _edge(
    "listens",
    _reference("user", "users"),
    _reference("song", "songs"),
    Column("at", BigInteger, nullable=False),
    Column("played_ms", BigInteger),
    primary=("user", "song", "at"),
    index="song",
)
artist_plays = _edge(
    "artist_plays",
    _reference("user", "users"),
    _reference("artist", "artists"),
    Column("plays", BigInteger, nullable=False),
    primary=("user", "artist"),
)
# Like a comment's song, a tagged artist may be one that the source does not describe: ``artist`` is its id.
taggings = _edge(
    "taggings",
    _reference("user", "users"),
    Column("artist", String(300), nullable=False),
    Column("tag", String(500), nullable=False),
    Column("at", BigInteger),
    primary=("user", "artist", "tag"),
)
follows = _edge(
    "follows",
    _reference("user", "users"),
    _reference("followed", "users"),
    primary=("user", "followed"),
    index="followed",
)

# What a listener said, in order. Exactly one of song and artist is set. ``undone_at`` marks what was taken
# back; nothing is deleted, so that undo can be undone by saying it again.
feedback = Table(
    "feedback",
    metadata,
    Column("key", _Key, primary_key=True, autoincrement=True),
    _reference("user", "users"),
    Column("song", _Key, ForeignKey("songs.key", ondelete="CASCADE")),
    Column("artist", _Key, ForeignKey("artists.key", ondelete="CASCADE")),
    Column("verdict", String(20), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("source", String(40), nullable=False),
    Column("undone_at", BigInteger),
)
Index(None, feedback.c.user)

# One row for each import: what was read, when, how much of it.
imports = Table(
    "imports",
    metadata,
    Column("key", _Key, primary_key=True, autoincrement=True),
    Column("source", String(40), nullable=False),
    Column("format", String(40), nullable=False),
    Column("path", Text, nullable=False),
    Column("started_at", BigInteger, nullable=False),
    Column("finished_at", BigInteger, nullable=False),
    Column("records", BigInteger, nullable=False),
    Column("refused", BigInteger, nullable=False),
)

# ``revision`` counts the transactions that changed what models learn from; feedback does not. ``mark`` is drawn
# anew by each of them, so that two databases that were changed equally often are not taken for one.
state = Table(
    "state",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", Text, nullable=False),
)
