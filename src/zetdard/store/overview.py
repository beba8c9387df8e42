"""How far a crawl is: its tasks, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from zetdard.store.statements import rows
from zetdard.tasks import TaskState


@dataclass(frozen=True, slots=True, kw_only=True)
class KindProgress:
    """How far the visits of a kind are.

    Attributes:
        kind: Which.
        todo: Waiting, within the depth that was asked for.
        leased: Somebody is at it.
        done: Made.
        ended: Ended without success, by state (the words of ``TaskState``).
    """

    kind: str
    todo: int
    leased: int
    done: int
    ended: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why visits ended without success.

    Attributes:
        kind: Of the visits.
        state: How they ended (a word of ``TaskState``).
        reason: Why.
        count: How many.
    """

    kind: str
    state: str
    reason: str
    count: int


def causes_of(connection: Connection, source: str, most: int) -> list[Cause]:
    """Return why visits ended without success, the most frequent first."""
    found = rows(
        connection,
        """SELECT kind, state, reason, count(*) AS n FROM tasks
        WHERE source = ? AND state NOT IN ('todo', 'done') AND reason <> ''
        GROUP BY kind, state, reason ORDER BY n DESC, kind, state, reason LIMIT ?""",
        [source, most],
    )
    return [Cause(kind=kind, state=state, reason=reason, count=n) for kind, state, reason, n in found]


def sources_of(connection: Connection) -> list[str]:
    """Return the sources that have tasks."""
    return [source for (source,) in rows(connection, "SELECT DISTINCT source FROM tasks ORDER BY source")]


def workers_of(connection: Connection, source: str, now: int) -> list[str]:
    """Return the names of those who hold tasks now."""
    found = rows(
        connection,
        "SELECT DISTINCT lease_owner FROM tasks WHERE source = ? AND lease_until > ? ORDER BY lease_owner",
        [source, now],
    )
    return [owner for (owner,) in found]


def progress_of(connection: Connection, source: str, now: int, max_depth: int | None) -> list[KindProgress]:
    """Return how far each kind is; with ``max_depth``, deeper tasks that wait are not counted."""
    states: dict[str, Counter[str]] = {}
    for kind, state, n in rows(
        connection, "SELECT kind, state, count(*) FROM tasks WHERE source = ? GROUP BY kind, state", [source]
    ):
        states.setdefault(kind, Counter())[state] = n
    held = Counter(
        dict(
            rows(
                connection,
                "SELECT kind, count(*) FROM tasks WHERE source = ? AND lease_until > ? GROUP BY kind",
                [source, now],
            )
        )
    )
    deep: Counter[str] = Counter()
    if max_depth is not None:
        for kind, n in rows(
            connection,
            """SELECT kind, count(*) FROM tasks WHERE source = ? AND state = 'todo' AND depth > ?
            AND (lease_until IS NULL OR lease_until <= ?) GROUP BY kind""",
            [source, max_depth, now],
        ):
            deep[kind] = n
    return [
        KindProgress(
            kind=kind,
            todo=found["todo"] - held[kind] - deep[kind],
            leased=held[kind],
            done=found["done"],
            ended={
                TaskState(state): n for state, n in sorted(found.items()) if state not in {"todo", "done"}
            },
        )
        for kind, found in sorted(states.items())
    ]
