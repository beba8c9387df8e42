"""Records of every kind, and ways to write and read them in tests."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from zetdard.records import (
    Artist,
    ArtistPlays,
    AudioFile,
    ChartEntry,
    Comment,
    Follow,
    Listen,
    Lyric,
    LyricState,
    MusicFile,
    Period,
    Picture,
    Playlist,
    PlaylistSong,
    Record,
    Relation,
    Role,
    SimilarSong,
    Song,
    SongArtist,
    SongVerdict,
    Subscription,
    Suggester,
    Suggestion,
    Tagging,
    User,
    Verdict,
)
from zetdard.store import schema
from zetdard.store.store import Store

SHA = "0123456789abcdef" * 4

BIG = 2**40
"""More than 32 bits: times and counts are wide."""

EVERY_KIND: tuple[Record, ...] = (
    User(id="u1", name="安", region="上海"),
    User(id="u2"),
    Artist(id="a1", name="周杰伦"),
    Artist(id="a2", name="AC/DC"),
    Song(
        id="s1",
        title="晴天",
        album="叶惠美",
        duration_ms=269_000,
        popularity=99.5,
        released_at=-BIG,
        recording_mbid="0f4a1b0e-3a53-4b2a-9d8e-0123456789ab",
        artists_raw="周杰伦|AC/DC",
    ),
    Song(id="s2", title="'; DROP TABLE songs; --"),
    Song(id="s3", title="🎵 emoji\tand\ncontrol"),
    SongArtist(song="s1", artist="a1", position=0, role=Role.ORIGINAL),
    SongArtist(song="s1", artist="a2", position=1),
    Playlist(
        id="p1",
        creator="u1",
        name="夜",
        tags=("华语", 'quo"te'),
        created_at=1_000,
        play_count=BIG,
        collect_count=2,
        comment_count=3,
    ),
    Playlist(id="p2", creator="u2", name="liked", relation=Relation.LIKED),
    PlaylistSong(playlist="p1", song="s1", position=0, added_at=2_000),
    PlaylistSong(playlist="p1", song="s2", position=1),
    PlaylistSong(playlist="p2", song="s3", position=0),
    Subscription(user="u2", playlist="p1"),
    Listen(user="u1", song="s3", at=BIG, played_ms=30_000),
    Listen(user="u1", song="s3", at=5_000),
    ArtistPlays(user="u1", artist="a1", plays=BIG),
    Tagging(user="u2", artist="unknown", tag="摇滚", at=7),
    Follow(user="u1", followed="u2"),
    Comment(id="c1", song="unknown", user="u1", at=BIG, liked_count=BIG, text="听哭了\n"),
    SongVerdict(user="u2", song="s1", verdict=Verdict.LIKE, at=9_000),
    Lyric(
        song="s1", state=LyricState.PRESENT, text="[00:01.00]故事的小黄花\n", translation="[00:01.00]flower"
    ),
    Lyric(song="s2", state=LyricState.INSTRUMENTAL),
    AudioFile(song="s1", sha256=SHA, md5="0" * 32, size=BIG, format="mp3", level="exhigh", place="here"),
    AudioFile(song="s1", sha256=SHA, size=1, format="mp3", preview=True),
    MusicFile(
        playlist="p1",
        uri="file:///music/%D0%C2.mp3",
        size=BIG,
        modified_ns=BIG,
        song="s1",
        sha256=SHA,
        format="mp3",
    ),
    MusicFile(playlist="p1", uri="file:///music/x.mp3", size=0, modified_ns=-1, reason="empty", detail="空"),
    Picture(of="u1", kind="user", sha256=SHA, size=BIG, media_type="image/png", place="here"),
    Picture(of="s1", kind="song", sha256=SHA, size=2, media_type="image/jpeg"),
    ChartEntry(user="u1", song="s1", period=Period.ALL, position=0, score=100, plays=BIG),
    ChartEntry(user="u1", song="s1", period=Period.WEEK, position=0, score=100),
    SimilarSong(song="s1", similar="s2", position=0),
    Suggestion(user="u1", song="s2", by=Suggester.DAILY, day="2024-02-29", position=3, reason="因为你喜欢"),
)

ALL_RELATIONS = tuple(Relation)

_KEYED = ("users", "artists", "songs", "playlists", "comments")


def write(store: Store, *records: Record, source: str = "here") -> None:
    """Import records in one transaction."""
    with store.importing(source) as importing:
        for _ in importing.write(records):
            pass
        importing.finish(format="test", path="", started_at=0, refused=0)


def contents(store: Store, *, without: Iterable[str] = ("key",)) -> dict[str, list[dict[str, Any]]]:
    """Return every table's rows, references as ``source:id``, without the columns named, in one order."""
    dropped = set(without)
    with store.database.read() as connection:
        tables = {
            name: [dict(row._mapping) for row in connection.execute(select(table))]
            for name, table in schema.metadata.tables.items()
        }
    words = {name: {row["key"]: f"{row['source']}:{row['id']}" for row in tables[name]} for name in _KEYED}
    for name, table in schema.metadata.tables.items():
        for column in table.columns:
            for foreign in column.foreign_keys:
                for row in tables[name]:
                    if row[column.name] is not None:
                        row[column.name] = words[foreign.column.table.name][row[column.name]]
        tables[name] = sorted(
            ({key: value for key, value in row.items() if key not in dropped} for row in tables[name]),
            key=repr,
        )
    return tables


def held(store: Store, *relations: Relation) -> dict[tuple[str, str], int | None]:
    """Return who holds what, and since when: (user, song) → time, ``None`` where there are no times."""
    data = store.dataset(relations).holdings
    matrix = data.matrix.tocoo()
    times = [None] * len(data) if data.times is None else data.times.tolist()
    return {
        (data.users.label(user), data.items.label(item)): time
        for user, item, time in zip(matrix.row.tolist(), matrix.col.tolist(), times, strict=True)
    }
