"""What a crawl has to do: one visit to one thing of a service, and what came of it.

A source says which visits there are and makes them; the store keeps them in its frontier; the crawl job brings
the two together. All three speak in the words of this file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from zetdard.records import Record


class TaskState(StrEnum):
    """Where a task stands. Only ``TODO`` is ever claimed."""

    TODO = "todo"
    DONE = "done"
    NEEDS_LOGIN = "needs-login"
    """Waits until somebody is logged in."""
    FORBIDDEN = "forbidden"
    GONE = "gone"
    NO_RIGHTS = "no-rights"
    PREVIEW = "preview"
    """Only an excerpt is to be had, and excerpts were not asked for."""
    FAILED = "failed"
    """Tried as often as is sensible; the reason is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One visit. ``(kind, id, cursor)`` is its identity: it is in the frontier once.

    Attributes:
        kind: What is visited, a word of the source: ``playlist``.
        id: Of which thing.
        cursor: Which page of it, in the source's words; empty = the first or only one.
        depth: How many steps from person to person lead here from where the crawl began.
        priority: What is smaller is visited first.
        payload: What the visit needs to know besides, as a JSON object.
    """

    kind: str
    id: str
    cursor: str = ""
    depth: int = 0
    priority: int = 0
    payload: Mapping[str, Any] = field(default_factory=dict)

    @property
    def identity(self) -> tuple[str, str, str]:
        """``(kind, id, cursor)``."""
        return self.kind, self.id, self.cursor


class Led(StrEnum):
    """To which things that are stored a visit led."""

    ITSELF = "itself"
    """To what was visited."""
    PLAYLIST_SONGS = "playlist-songs"
    PLAYLIST_ARTISTS = "playlist-artists"
    """To the artists of a playlist's songs."""
    ARTIST_SONGS = "artist-songs"
    CHART_SONGS = "chart-songs"
    """To what a listener plays."""
    CHART_ARTISTS = "chart-artists"
    LIKED_SONGS = "liked-songs"
    LIKED_ARTISTS = "liked-artists"
    LIKED_PLAYLIST = "liked-playlist"
    """To the list of liked songs, which a listener made."""
    PLAYLISTS = "playlists"
    """To the playlists that a listener made or collected."""
    FOLLOWED = "followed"
    """To whom a listener follows."""
    FANS = "fans"
    """To who follows a listener."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How a visit that was made leads to another, which can so be found later without making the first one again.

    Attributes:
        visited: Kind of the visit that was made.
        to: Of which things it leads to visits.
        deeper: Steps from person to person that this is.
        later: What is added to the priority.
    """

    visited: str
    to: Led
    deeper: int = 0
    later: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A task that a worker holds for a while.

    Attributes:
        key: The frontier's own number of the task.
        task: What to do.
        attempts: How often it was tried before.
    """

    key: int
    task: Task
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a task that was carried out: facts, and further tasks.

    Attributes:
        records: A record comes before the records that name its id.
        children: Tasks that follow; those that the frontier knows already change nothing.
        emptied: What was read in whole and holds nothing (any more), as ``(kind of the rows, id of their owner, …)``:
            ``(PlaylistSong, playlist)``, ``(ChartEntry, user, period)``, ``(SimilarSong, song)``. Where it holds
            something, the records say so.
    """

    records: tuple[Record, ...] = ()
    children: tuple[Task, ...] = ()
    emptied: tuple[tuple[Any, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How a claimed task ended, for the frontier to keep.

    Attributes:
        claim: Which.
        state: ``DONE``; an end without success; or ``TODO``, to be tried again.
        outcome: Facts and children; empty unless ``state`` is ``DONE``.
        reason: Why it did not succeed.
        wait_ms: With ``TODO``: how long to leave it alone.
        counts: With ``TODO``: whether this try counts as one (a visit that was broken off does not).
        place: With ``TODO``: the folder of blobs that holds the part that was received, if any: the next try is
            best made there.
    """

    claim: Claim
    state: TaskState
    outcome: Outcome = field(default_factory=Outcome)
    reason: str = ""
    wait_ms: int = 0
    counts: bool = True
    place: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A file that lies in the folder of blobs now.

    Attributes:
        sha256: Its content hash and name.
        size: Bytes.
        head: Its first bytes (up to 64), to tell what it is.
        place: Id of the folder.
    """

    sha256: str
    size: int
    head: bytes
    place: str
