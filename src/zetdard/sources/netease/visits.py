"""Which visits there are to NetEase, and which comes before which."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from zetdard.sources.crawling import CrawlKind
from zetdard.sources.netease.reading import PictureLink, Reading
from zetdard.tasks import Led, Task, Way

_ORDER = {
    "user": 0,
    "user-playlists": 10,
    "likes": 12,
    "record": 14,
    "suggestions": 16,
    "playlist": 20,
    "follows": 30,
    "fans": 35,
    "artist": 40,
    "artist-songs": 45,
    "lyrics": 50,
    "comments": 60,
    "similar": 62,
    "subscribers": 65,
    "audio": 70,
    "picture": 80,
}
_A_DEPTH = 1000


def _way(visited: str, kind: str, to: Led = Led.ITSELF, *, deeper: int = 0) -> Way:
    later = _ORDER[kind] - _ORDER[visited] + _A_DEPTH * deeper
    return Way(visited=visited, to=to, deeper=deeper, later=later)


def _song_ways(kind: str) -> tuple[Way, ...]:
    return (
        _way("playlist", kind, Led.PLAYLIST_SONGS),
        _way("likes", kind, Led.LIKED_SONGS),
        _way("record", kind, Led.CHART_SONGS),
        _way("artist-songs", kind, Led.ARTIST_SONGS),
    )


KINDS: Mapping[str, CrawlKind] = {
    kind.name: kind
    for kind in (
        CrawlKind(
            name="user",
            summary="who a listener is and where they live",
            ways=(_way("follows", "user", Led.FOLLOWED), _way("fans", "user", Led.FANS)),
        ),
        CrawlKind(
            name="user-playlists",
            summary="which playlists a listener made, likes and collected",
            ways=(_way("user", "user-playlists"),),
        ),
        CrawlKind(
            name="playlist",
            summary="a playlist with all its songs",
            ways=(
                _way("user-playlists", "playlist", Led.PLAYLISTS),
                _way("likes", "playlist", Led.LIKED_PLAYLIST),
            ),
        ),
        CrawlKind(
            name="artist",
            summary="an artist with the songs that are heard most",
            ways=(
                _way("playlist", "artist", Led.PLAYLIST_ARTISTS),
                _way("likes", "artist", Led.LIKED_ARTISTS),
                _way("record", "artist", Led.CHART_ARTISTS),
            ),
        ),
        CrawlKind(name="lyrics", summary="the words of a song", ways=_song_ways("lyrics")),
        CrawlKind(name="comments", summary="what listeners write about a song", ways=_song_ways("comments")),
        CrawlKind(
            name="follows", summary="whom a listener follows", ways=(_way("user", "follows", deeper=1),)
        ),
        CrawlKind(name="audio", summary="the sound of a song", default=False, ways=_song_ways("audio")),
        CrawlKind(
            name="picture", summary="album covers, avatars and images of playlists and artists", default=False
        ),
        CrawlKind(
            name="fans",
            summary="who follows a listener",
            default=False,
            ways=(_way("user", "fans", deeper=1),),
        ),
        CrawlKind(
            name="likes",
            summary="a listener's liked songs, where their list of them cannot be read",
            default=False,
            ways=(_way("user", "likes"),),
        ),
        CrawlKind(
            name="record",
            summary="the charts of what a listener plays",
            default=False,
            ways=(_way("user", "record"),),
        ),
        CrawlKind(
            name="subscribers",
            summary="who collected a playlist",
            default=False,
            ways=(_way("playlist", "subscribers"),),
        ),
        CrawlKind(
            name="similar",
            summary="songs that NetEase calls similar",
            default=False,
            ways=_song_ways("similar"),
        ),
        CrawlKind(
            name="artist-songs",
            summary="all songs of an artist, and what hangs on them",
            default=False,
            ways=(_way("artist", "artist-songs"),),
        ),
        CrawlKind(
            name="suggestions", summary="what NetEase offers to the person who is logged in", default=False
        ),
    )
}

ME = 1
"""How near the listener of ``--me`` is: it is about themselves."""
FOLLOWED = 2
"""It is about somebody whom they follow."""
_NEAR = {ME: -1000, FOLLOWED: -900}
"""What is near them comes first: in this order, and before everything else."""

_SONG_KINDS = ("lyrics", "comments", "similar", "audio")
_REMEMBERED_TASKS = 32_768


def visit(kind: str, id: str, *, depth: int = 0, near: int = 0) -> Task:
    """Return the visit to something, or to the first page of it.

    Args:
        kind: A name in ``KINDS``.
        id: Of what.
        depth: Steps from person to person.
        near: ``ME``, ``FOLLOWED`` or 0.
    """
    return _visit(kind, id, depth, near)


@lru_cache(maxsize=_REMEMBERED_TASKS)
def _visit(kind: str, id: str, depth: int, near: int) -> Task:
    # The songs of many playlists are the same, and so are the visits to what hangs on them.
    return Task(
        kind=kind,
        id=id,
        depth=depth,
        priority=_priority(kind, depth, near),
        payload={"near": near} if near else {},
    )


def page_of(task: Task, cursor: str, **payload: Any) -> Task:
    """Return the visit to a further page of what ``task`` visits."""
    kept = {"near": nearness(task)} if nearness(task) else {}
    return Task(
        kind=task.kind,
        id=task.id,
        cursor=cursor,
        depth=task.depth,
        priority=task.priority,
        payload=kept | payload,
    )


def nearness(task: Task) -> int:
    """Return ``ME``, ``FOLLOWED`` or 0."""
    near = task.payload.get("near")
    return near if near in _NEAR else 0


def picture_visit(link: PictureLink, depth: int) -> Task:
    """Return the visit to an image."""
    return Task(
        kind="picture",
        id=f"{link.kind}:{link.of}",
        depth=depth,
        priority=_priority("picture", depth, 0),
        payload={"kind": link.kind, "of": link.of, "url": link.url},
    )


def pictures_of(reading: Reading, depth: int, wanted: frozenset[str]) -> Iterator[Task]:
    """Yield the visits to the images of what a reply describes."""
    if "picture" in wanted:
        yield from (picture_visit(link, depth) for link in reading.pictures)


def songs_of(
    reading: Reading, depth: int, wanted: frozenset[str], *, with_artists: bool = True
) -> Iterator[Task]:
    """Yield the visits to what hangs on the songs that a reply describes.

    Without artists where an artist led to the songs: their guests would lead to all that those sang, and so on.
    """
    if with_artists:
        yield from each_wanted("artist", reading.artists, depth, wanted)
    for kind in _SONG_KINDS:
        yield from each_wanted(kind, reading.songs, depth, wanted)
    yield from pictures_of(reading, depth, wanted)


def each_wanted(
    kind: str, ids: Iterable[str], depth: int, wanted: frozenset[str], *, near: int = 0
) -> Iterator[Task]:
    """Yield a visit for each id, if this crawl makes visits of this kind."""
    if kind in wanted:
        for id in ids:
            yield _visit(kind, id, depth, near)


def _priority(kind: str, depth: int, near: int) -> int:
    return _ORDER[kind] + (_NEAR[near] if near else _A_DEPTH * depth)
