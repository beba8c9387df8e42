"""What every service is that can be crawled: it names its kinds of visits, begins somewhere, and makes visits.

A service decides what leads where and how a reply becomes records. How often it may be asked, who makes which
visit, and where results go is none of its business: the crawl job hands it a ``Gate`` and a ``Keeper``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from zetdard.records import Record
from zetdard.tasks import Kept as Kept
from zetdard.tasks import Outcome, Task, Way

Gate = Callable[[], None]
"""Called before every single request. It returns when the request may be sent, and raises what ends the visit."""


class Keeper(Protocol):
    """Receives files."""

    def keep(
        self,
        part: str,
        stream: Callable[[int], Iterator[bytes]],
        *,
        size: int | None = None,
        md5: str | None = None,
        most: int | None = None,
    ) -> Kept:
        """Receive a file and keep it under its content hash.

        What arrives before the stream breaks is kept; calling again with the same ``part`` goes on there.

        Args:
            part: Name of the unfinished file: the same for the same content only.
            stream: Called with a byte offset, yields the file's bytes from there on.
            size: Bytes that the source states; another length is an error.
            md5: Hash that the source states; another hash is an error and drops what was received.
            most: Bytes after which it is given up.

        Raises:
            UnavailableError: Length or hash are not what was stated.
            UnreadableReplyError: The file is longer than ``most``.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlKind:
    """A kind of visit.

    Attributes:
        name: The word in ``Task.kind``.
        summary: What a visit brings, for a person.
        default: Whether it is made unless a person says otherwise.
        ways: Visits that lead to one of this kind, where the store tells to which; so a kind that is asked for later
            is found.
    """

    name: str
    summary: str
    default: bool = True
    ways: Sequence[Way] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """Where a person wants a crawl to begin; at least one thing is named."""

    me: bool = False
    users: Sequence[str] = ()
    nicknames: Sequence[str] = ()
    playlists: Sequence[str] = ()
    artist_list: bool = False


class CrawlSource(Protocol):
    """A service that can be crawled, over one connection of one worker."""

    @property
    def source(self) -> str:
        """Namespace of the ids."""
        ...

    @property
    def kinds(self) -> Mapping[str, CrawlKind]:
        """The kinds of visits, by name, in the order in which a person should see them."""
        ...

    def begin(self, beginning: Beginning) -> tuple[Sequence[Record], Sequence[Task]]:
        """Return the first facts and tasks; this may ask the service.

        Raises:
            RefusalError: The service refuses.
            UnknownEntityError: Nobody has that nickname.
        """
        ...

    def visit(self, task: Task, wanted: frozenset[str], keeper: Keeper) -> Outcome:
        """Make a visit.

        Args:
            task: What to do.
            wanted: Names of the kinds that this crawl makes; children of other kinds are left out.
            keeper: Where files go.

        Raises:
            RefusalError: The service refuses; its type says how.
        """
        ...

    def close(self) -> None:
        """Give back the connection."""
        ...


Connect = Callable[[Gate], CrawlSource]
"""Opens a connection whose every request passes the gate. It can be sent to another process."""
