"""The table of tasks: what each step of the frontier reads and changes there."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from zetdard.errors import InputError
from zetdard.records import MAX_ID_CHARACTERS
from zetdard.store import schema
from zetdard.store.statements import among, inserting, rows, run, scalar, update_by_key
from zetdard.tasks import Claim, Task, TaskState

PLACE_KEEPS_MS = 600_000
"""How long after it is due a task waits for the machine that holds the first part of its file."""

_LIMITS_LOCK = 0x5A_65_75
"""Number of PostgreSQL's advisory lock that one who counts against a limit holds."""

_MOST = 2**31 - 1

_NEW = (
    "source",
    "kind",
    "id",
    "cursor",
    "depth",
    "priority",
    "payload",
    "state",
    "attempts",
    "not_before",
    "reason",
    "led",
    "added_at",
)
_ENDED = (
    "key",
    "state",
    "reason",
    "not_before",
    "attempts",
    "place",
    "led",
    "finished_at",
    "lease_owner",
    "lease_until",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which tasks of a source a worker takes.

    Attributes:
        source: Namespace of the ids.
        kinds: Kinds of visits.
        max_depth: Deepest depth.
        limits: At most so many tasks of a kind, over all that was done before.
        place: The worker's folder of blobs.
    """

    source: str
    kinds: frozenset[str]
    max_depth: int
    limits: Mapping[str, int]
    place: str | None


def checked(task: Task) -> Task:
    """Return a task that can be kept.

    Raises:
        InputError: It cannot.
    """
    for name, text in (("kind", task.kind), ("id", task.id), ("cursor", task.cursor)):
        most = 40 if name == "kind" else MAX_ID_CHARACTERS
        if len(text) > most or "\0" in text or (not text and name != "cursor"):
            raise InputError(
                f"the {name} of a task is empty, too long or holds a NUL character: {text[:50]!r}"
            )
        try:
            text.encode()
        except UnicodeEncodeError:
            raise InputError(f"the {name} of a task holds half of a surrogate pair") from None
    if not 0 <= task.depth <= _MOST or abs(task.priority) > _MOST:
        raise InputError(f"depth {task.depth} or priority {task.priority} of a task is out of range")
    return task


def insert(connection: Connection, source: str, tasks: Iterable[Task], now: int) -> None:
    """Add tasks; one that is there already keeps all but a greater depth or priority.

    A visit that was made and led further is made again when its depth falls: what follows lies less deep too.
    """
    newest: dict[tuple[str, str, str], Task] = {}
    depths: dict[tuple[str, str, str], tuple[int, int]] = {}
    for task in tasks:
        known = newest.get(task.identity)
        if known is None or task.priority < known.priority:
            # What a visit needs to know besides is what the most urgent way to it says.
            newest[task.identity] = task
        depth, priority = depths.get(task.identity, (task.depth, task.priority))
        depths[task.identity] = min(depth, task.depth), min(priority, task.priority)
    if not newest:
        return
    n = len(newest)
    columns: list[list[Any]] = [
        [source] * n,
        [task.kind for task in newest.values()],
        [task.id for task in newest.values()],
        [task.cursor for task in newest.values()],
        [depth for depth, _ in depths.values()],
        [priority for _, priority in depths.values()],
        [_json(task.payload) for task in newest.values()],
        ["todo"] * n,
        [0] * n,
        [now] * n,
        [""] * n,
        [0] * n,
        [now] * n,
    ]
    dialect = connection.dialect.name
    statement = f"{inserting(dialect, schema.tasks, _NEW)} {_MEETING}"
    if dialect == "sqlite":
        connection.exec_driver_sql(statement, list(zip(*columns, strict=True)))
    else:
        connection.exec_driver_sql(statement, tuple(columns))


# More follows from a visit that lies less deep than it was taken to do, or nearer to whoever crawls.
_AGAIN = """tasks.state = 'done' AND tasks.led > 0 AND (excluded.depth < tasks.depth
    OR (excluded.priority < tasks.priority AND excluded.payload <> tasks.payload))"""
_MEETING = f"""ON CONFLICT (source, kind, id, "cursor") DO UPDATE SET
    depth = CASE WHEN excluded.depth < tasks.depth THEN excluded.depth ELSE tasks.depth END,
    priority = CASE WHEN excluded.priority < tasks.priority THEN excluded.priority ELSE tasks.priority END,
    payload = CASE WHEN excluded.priority < tasks.priority THEN excluded.payload ELSE tasks.payload END,
    state = CASE WHEN {_AGAIN} THEN 'todo' ELSE tasks.state END,
    attempts = CASE WHEN {_AGAIN} THEN 0 ELSE tasks.attempts END,
    not_before = CASE WHEN {_AGAIN} THEN excluded.not_before ELSE tasks.not_before END,
    finished_at = CASE WHEN {_AGAIN} THEN NULL ELSE tasks.finished_at END
    WHERE excluded.depth < tasks.depth OR excluded.priority < tasks.priority"""


def _json(payload: Mapping[str, Any]) -> str:
    return json.dumps(dict(payload), sort_keys=True) if payload else "{}"


def newest_key(connection: Connection) -> int:
    """Return the key of the task that was added last, of any source."""
    return int(scalar(connection, 'SELECT coalesce(max("key"), 0) FROM tasks'))


def count_after(connection: Connection, key: int) -> int:
    """Return how many tasks were added after one."""
    return int(scalar(connection, 'SELECT count(*) FROM tasks WHERE "key" > ?', [key]))


def claim(
    connection: Connection, wanted: Wanted, worker: str, n: int, now: int, lease_ms: int
) -> list[Claim]:
    """Take the ``n`` most urgent tasks that are due, and note whose they are and until when."""
    free = sorted(wanted.kinds - wanted.limits.keys())
    found = _due(connection, wanted, free, n, now) if free else []
    limited = sorted(wanted.kinds & wanted.limits.keys())
    if limited and connection.dialect.name == "postgresql":
        # Two who count at once would both take the last one.
        rows(connection, f"SELECT pg_advisory_xact_lock({_LIMITS_LOCK})")
    for kind in limited:
        left = min(n, wanted.limits[kind] - _used(connection, wanted.source, kind, wanted.limits[kind], now))
        if left > 0:
            found += _due(connection, wanted, [kind], left, now)
    found = sorted(found, key=lambda row: (row[5], row[0]))[:n]
    for condition, keys in among(connection, '"key"', [row[0] for row in found]):
        run(
            connection,
            f"UPDATE tasks SET lease_owner = ?, lease_until = ? WHERE {condition}",  # noqa: S608 - our names
            [worker, now + lease_ms, *keys],
        )
    return [
        Claim(
            key=key,
            task=Task(
                kind=kind,
                id=id_,
                cursor=cursor,
                depth=depth,
                priority=priority,
                payload=json.loads(payload) if payload != "{}" else {},
            ),
            attempts=attempts,
        )
        for key, kind, id_, cursor, depth, priority, payload, attempts in found
    ]


def _due(
    connection: Connection, wanted: Wanted, kinds: Sequence[str], n: int, now: int
) -> list[tuple[Any, ...]]:
    locking = "FOR UPDATE SKIP LOCKED" if connection.dialect.name == "postgresql" else ""
    return rows(
        connection,
        f"""SELECT "key", kind, id, "cursor", depth, priority, payload, attempts FROM tasks
        WHERE source = ? AND state = 'todo' AND not_before <= ? AND (lease_until IS NULL OR lease_until <= ?)
        AND depth <= ? AND (place IS NULL OR place = ? OR not_before <= ?)
        AND kind IN ({", ".join("?" * len(kinds))})
        ORDER BY priority, "key" LIMIT ? {locking}""",  # noqa: S608 - our names
        [
            wanted.source,
            now,
            now,
            wanted.max_depth,
            wanted.place or "",
            now - PLACE_KEEPS_MS,
            *kinds,
            n,
        ],
    )


def _used(connection: Connection, source: str, kind: str, most: int, now: int) -> int:
    """Return how many tasks of a kind are done or in somebody's hands; it stops counting at ``most``."""
    done = scalar(
        connection,
        "SELECT count(*) FROM (SELECT 1 FROM tasks WHERE source = ? AND kind = ? AND state = 'done' LIMIT ?) AS x",
        [source, kind, most],
    )
    held = scalar(
        connection,
        "SELECT count(*) FROM tasks WHERE source = ? AND lease_until > ? AND kind = ?",
        [source, now, kind],
    )
    return int(done) + int(held)


def due_in(connection: Connection, wanted: Wanted, now: int) -> int | None:
    """Return in how many milliseconds the first task that nobody holds may be claimed; ``None`` = there is none."""
    kinds = [
        kind
        for kind in sorted(wanted.kinds)
        if kind not in wanted.limits
        or _used(connection, wanted.source, kind, wanted.limits[kind], now) < wanted.limits[kind]
    ]
    if not kinds:
        return None
    first = scalar(
        connection,
        f"""SELECT min(CASE WHEN place IS NULL OR place = ? THEN not_before ELSE not_before + ? END) FROM tasks
        WHERE source = ? AND state = 'todo' AND (lease_until IS NULL OR lease_until <= ?) AND depth <= ?
        AND kind IN ({", ".join("?" * len(kinds))})""",  # noqa: S608 - our names
        [wanted.place or "", PLACE_KEEPS_MS, wanted.source, now, wanted.max_depth, *kinds],
    )
    return None if first is None else max(0, int(first) - now)


def renew(connection: Connection, worker: str, keys: Sequence[int], now: int, lease_ms: int) -> set[int]:
    """Prolong what a worker still holds and return it."""
    held: set[int] = set()
    for condition, portion in among(connection, '"key"', keys):
        ours = f"{condition} AND lease_owner = ? AND state = 'todo'"
        which = ours
        if connection.dialect.name == "postgresql":
            # What is being settled this moment is locked: to wait for it here could lock both out.
            which = f'"key" IN (SELECT "key" FROM tasks WHERE {ours} FOR UPDATE SKIP LOCKED)'  # noqa: S608 - our names
        run(
            connection,
            f"UPDATE tasks SET lease_until = ? WHERE {which}",  # noqa: S608 - our names
            [now + lease_ms, *portion, worker],
        )
        found = rows(connection, f'SELECT "key" FROM tasks WHERE {ours}', [*portion, worker])  # noqa: S608 - our names
        held.update(row[0] for row in found)
    return held


def held_by(connection: Connection, worker: str, keys: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Return (depth, attempts) of those tasks that are still a worker's, by key, and keep them so."""
    locking = "FOR UPDATE" if connection.dialect.name == "postgresql" else ""
    held: dict[int, tuple[int, int]] = {}
    for condition, portion in among(connection, '"key"', sorted(keys)):
        found = rows(
            connection,
            f"""SELECT "key", depth, attempts FROM tasks WHERE {condition} AND lease_owner = ? AND state = 'todo'
            ORDER BY "key" {locking}""",  # noqa: S608 - our names
            [*portion, worker],
        )
        held.update((key, (depth, attempts)) for key, depth, attempts in found)
    return held


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What a task's row says after a visit."""

    key: int
    state: TaskState
    reason: str
    not_before: int
    attempts: int
    place: str | None
    led: int
    finished_at: int | None


def end(connection: Connection, endings: Sequence[Ending]) -> None:
    """Note how visits ended and give the tasks back."""
    columns = [[getattr(ending, name) for ending in endings] for name in _ENDED[:-2]]
    columns[1] = [state.value for state in columns[1]]
    nothing: list[Any] = [None] * len(endings)
    update_by_key(connection, schema.tasks, _ENDED, [*columns, nothing, nothing])


def release(connection: Connection, worker: str, keys: Sequence[int]) -> None:
    """Give back what a worker holds, as if it had never been claimed."""
    for condition, portion in among(connection, '"key"', sorted(keys)):
        run(
            connection,
            f"""UPDATE tasks SET lease_owner = NULL, lease_until = NULL
            WHERE {condition} AND lease_owner = ? AND state = 'todo'""",  # noqa: S608 - our names
            [*portion, worker],
        )


def reopen(connection: Connection, source: str, condition: str, values: Sequence[Any], now: int) -> int:
    """Make ended tasks that meet a condition due again; return how many."""
    return run(
        connection,
        f"""UPDATE tasks SET state = 'todo', attempts = 0, not_before = ?, reason = '', place = NULL,
        finished_at = NULL WHERE source = ? AND state <> 'todo' AND {condition}""",  # noqa: S608 - our names
        [now, source, *values],
    )
