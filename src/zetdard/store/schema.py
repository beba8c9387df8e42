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

# The words of a song, its sound, and images. Sound is kept once for each folder of blobs; "" = a folder without an id.
lyrics = _edge(
    "lyrics",
    _reference("song", "songs"),
    Column("state", String(20), nullable=False),
    Column("text", Text),
    Column("translation", Text),
    Column("romanised", Text),
    Column("word_times", Text),
    primary=("song",),
)
audio_files = _edge(
    "audio_files",
    _reference("song", "songs"),
    Column("place", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("md5", Text),
    Column("size", BigInteger, nullable=False),
    Column("format", Text, nullable=False),
    Column("level", Text),
    Column("preview", Integer, nullable=False),
    primary=("song", "place"),
)
# The files of listeners' own folders, refused ones too. ``uri`` may be too long for an index; its hash is not.
music_files = _edge(
    "music_files",
    _reference("playlist", "playlists"),
    Column("uri_sha256", String(64), nullable=False),
    Column("uri", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("modified_ns", BigInteger, nullable=False),
    Column("song", _Key, ForeignKey("songs.key", ondelete="CASCADE")),
    Column("sha256", String(64)),
    Column("format", Text),
    Column("reason", Text),
    Column("detail", Text),
    primary=("playlist", "uri_sha256"),
    index="song",
)
# ``of`` is the source's id of a user, song, playlist or artist, whichever ``kind`` says.
pictures = _edge(
    "pictures",
    Column("kind", String(20), nullable=False),
    Column("of", String(300), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("place", Text),
    primary=("source", "kind", "of"),
)

# The service's own opinions.
chart_entries = _edge(
    "chart_entries",
    _reference("user", "users"),
    _reference("song", "songs"),
    Column("period", String(20), nullable=False),
    Column("position", Integer, nullable=False),
    Column("score", BigInteger, nullable=False),
    Column("plays", BigInteger),
    primary=("user", "song", "period"),
    index="song",
)
similar_songs = _edge(
    "similar_songs",
    _reference("song", "songs"),
    _reference("similar", "songs"),
    Column("position", Integer, nullable=False),
    primary=("song", "similar"),
    index="similar",
)
suggestions = _edge(
    "suggestions",
    _reference("user", "users"),
    _reference("song", "songs"),
    Column("by", String(20), nullable=False),
    Column("day", String(10), nullable=False),
    Column("position", Integer, nullable=False),
    Column("reason", Text),
    primary=("user", "song", "by", "day"),
    index="song",
)

# ``song`` is, or may be, the same recording as ``other``, which another source describes. Nothing is merged: readers
# treat what is joined as one, so that taking a join back is changing ``state`` (joined, unsure, apart).
song_matches = Table(
    "song_matches",
    metadata,
    _reference("song", "songs"),
    _reference("other", "songs"),
    Column("confidence", Float, nullable=False),
    Column("reasons", Text, nullable=False),  # a JSON array of words
    Column("state", String(20), nullable=False),
    Column("decided_by", String(20), nullable=False),  # rule, person
    Column("at", BigInteger, nullable=False),
    PrimaryKeyConstraint("song", "other"),
)
Index(None, song_matches.c.other)

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

# The frontier of the crawls. A task is there once; ``lease_*`` says who is at work on it, ``place`` in which folder
# of blobs its unfinished file lies, ``led`` how many tasks followed from it.
tasks = Table(
    "tasks",
    metadata,
    Column("key", _Key, primary_key=True, autoincrement=True),
    Column("source", String(40), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("id", String(300), nullable=False),
    Column("cursor", String(300), nullable=False),
    Column("depth", Integer, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("payload", Text, nullable=False),  # a JSON object
    Column("state", String(20), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("not_before", BigInteger, nullable=False),
    Column("lease_owner", Text),
    Column("lease_until", BigInteger),
    Column("place", Text),
    Column("reason", Text, nullable=False),
    Column("led", Integer, nullable=False),
    Column("added_at", BigInteger, nullable=False),
    Column("finished_at", BigInteger),
    UniqueConstraint("source", "kind", "id", "cursor"),
)
# What is claimed next, in the order in which it is claimed; what is done leaves this index.
Index(
    "ix_tasks_next",
    tasks.c.source,
    tasks.c.priority,
    tasks.c.key,
    sqlite_where=tasks.c.state == "todo",
    postgresql_where=tasks.c.state == "todo",
)
# The few that somebody is at work on.
Index(
    "ix_tasks_leased",
    tasks.c.source,
    tasks.c.lease_until,
    sqlite_where=tasks.c.lease_until.is_not(None),
    postgresql_where=tasks.c.lease_until.is_not(None),
)
Index("ix_tasks_kind", tasks.c.source, tasks.c.kind, tasks.c.state)

# How often a service may be asked, by all who share this database. Rates are requests a second; ``top`` is the rate
# that was asked for and ``rate`` the one in force at ``changed_at``; ``NULL`` = without limit. ``next_at``: when the
# next request may be sent.
budgets = Table(
    "budgets",
    metadata,
    Column("source", String(40), primary_key=True),
    Column("top", Float),
    Column("rate", Float),
    Column("changed_at", BigInteger, nullable=False),
    Column("next_at", Float, nullable=False),
    Column("recover_ms", BigInteger, nullable=False),
    Column("slowed_at", BigInteger),
    Column("slowed_times", Integer, nullable=False),
    Column("stopped", Text),
    Column("stopped_url", Text),
    Column("stopped_at", BigInteger),
)

CRAWL_TABLES = frozenset({"tasks", "budgets"})
"""Tables that say how a crawl goes and hold no facts."""

# ``revision`` counts the transactions that changed what models learn from; feedback does not. ``mark`` is drawn
# anew by each of them, so that two databases that were changed equally often are not taken for one.
state = Table(
    "state",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", Text, nullable=False),
)
