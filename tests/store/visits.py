"""Short words for tasks, claims and results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from zetdard.records import Record
from zetdard.store.frontier import Frontier
from zetdard.tasks import Claim, Outcome, Result, Task, TaskState

KINDS = frozenset({"song", "user"})
LEASE_MS = 60_000


def task(name: str, *, kind: str = "song", depth: int = 0, priority: int = 0) -> Task:
    return Task(kind=kind, id=name, depth=depth, priority=priority)


def claim(
    frontier: Frontier,
    worker: str,
    n: int,
    *,
    kinds: Iterable[str] = KINDS,
    max_depth: int = 9,
    limits: Mapping[str, int] | None = None,
    place: str | None = None,
) -> list[Claim]:
    return frontier.claim(
        worker,
        n,
        kinds=frozenset(kinds),
        max_depth=max_depth,
        limits=limits,
        place=place,
        lease_ms=LEASE_MS,
    )


def done(held: Claim, records: Iterable[Record] = (), children: Iterable[Task] = ()) -> Result:
    return Result(
        claim=held,
        state=TaskState.DONE,
        outcome=Outcome(records=tuple(records), children=tuple(children)),
    )
