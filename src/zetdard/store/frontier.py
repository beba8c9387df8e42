"""The frontier of a crawl: what is to be visited, who is at it, and what came of it, in one transaction."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from zetdard import records as r
from zetdard.errors import InputError
from zetdard.failpoints import failpoint
from zetdard.store import tasktable
from zetdard.store.database import Database
from zetdard.store.keys import KeyCache
from zetdard.store.layout import owner_of
from zetdard.store.missing import reset_missing
from zetdard.store.overview import Cause, KindProgress, causes_of, progress_of, workers_of
from zetdard.store.sowing import sow_from_visits
from zetdard.store.statements import clock_ms
from zetdard.store.tasktable import Ending, Wanted
from zetdard.store.writer import RecordWriter, check_source
from zetdard.tasks import Claim, Outcome, Result, Task, TaskState, Way

MOST_REMEMBERED = 400_000
"""Facts and tasks after which what was written is forgotten, to bound the memory; writing it again does no harm."""

_REPEATED = frozenset({r.User, r.Artist, r.Song, r.SongArtist, r.Playlist, r.Follow, r.Subscription})
"""Records that many visits bring: the same song is in hundreds of playlists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What became of results.

    Attributes:
        done: Keys of the tasks whose results are kept.
        lost: Keys of those whose lease somebody else had taken over; nothing of them is kept.
        spoilt: Keys of those that ended ``FAILED`` because a record cannot be stored, and why.
        counts: Records written, by kind.
    """

    done: frozenset[int]
    lost: frozenset[int]
    spoilt: Mapping[int, str]
    counts: Mapping[str, int]


@dataclass(slots=True)
class _Fresh:
    """What the transaction under way has written and may be skipped from then on."""

    facts: set[int] = field(default_factory=set)
    groups: dict[Hashable, int] = field(default_factory=dict)
    tasks: set[int] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)

    def take(self, other: _Fresh) -> None:
        self.facts |= other.facts
        self.groups |= other.groups
        self.tasks |= other.tasks
        self.counts += other.counts


class Frontier:
    """The tasks of one source. Several workers, on several machines, share it through the database.

    A task's results, its child tasks and its done-mark are one transaction.

    Args:
        database: Where it is kept.
        source: Namespace of the ids.
        clock: Milliseconds UTC; ``None`` = the clock that all who share the database share.

    Raises:
        InputError: ``source`` cannot name a source.
    """

    def __init__(self, database: Database, source: str, *, clock: Callable[[], int] | None = None) -> None:
        check_source(source)
        self.source = source
        self._database = database
        self._clock = clock
        self._keys = KeyCache()
        self._known = _Fresh()
        self._writing = threading.Lock()

    def _now(self, connection: Connection) -> int:
        return clock_ms(connection) if self._clock is None else self._clock()

    def sow(self, tasks: Iterable[Task], records: Iterable[r.Record] = ()) -> int:
        """Add facts and tasks in one transaction; return how many tasks are new.

        Raises:
            InputError: A record or a task cannot be stored; nothing is.
        """
        with self._writing:
            try:
                with self._database.write() as connection:
                    before = tasktable.newest_key(connection)
                    outcome = Outcome(records=tuple(records), children=tuple(tasks))
                    fresh = self._write(connection, [outcome], self._now(connection))
                    new = tasktable.count_after(connection, before)
            except BaseException:
                self._forget()
                raise
            self._remember(fresh)
            return new

    def claim(
        self,
        worker: str,
        n: int,
        *,
        kinds: frozenset[str],
        max_depth: int,
        limits: Mapping[str, int] | None = None,
        place: str | None = None,
        lease_ms: int,
    ) -> list[Claim]:
        """Take up to ``n`` tasks that are due, the smallest priority first and then the oldest.

        Args:
            worker: A name that nobody else has, now or earlier.
            n: How many.
            kinds: Which kinds.
            max_depth: How deep.
            limits: At most so many tasks of a kind in all, those counted that are done or claimed.
            place: The worker's folder of blobs: tasks whose file was begun elsewhere are left for a while to those
                who have it.
            lease_ms: After so long without ``renew`` others may take them over.
        """
        wanted = self._wanted(kinds, max_depth, limits, place)
        with self._database.brief() as connection:
            return tasktable.claim(connection, wanted, worker, n, self._now(connection), lease_ms)

    def _wanted(
        self, kinds: frozenset[str], max_depth: int, limits: Mapping[str, int] | None, place: str | None
    ) -> Wanted:
        return Wanted(
            source=self.source, kinds=kinds, max_depth=max_depth, limits=dict(limits or {}), place=place
        )

    def renew(self, worker: str, claims: Sequence[Claim], lease_ms: int) -> set[int]:
        """Hold tasks for longer; return the keys of those that are still the worker's."""
        with self._database.brief() as connection:
            return tasktable.renew(
                connection, worker, [claim.key for claim in claims], self._now(connection), lease_ms
            )

    def release(self, worker: str, claims: Sequence[Claim]) -> None:
        """Give tasks back untouched."""
        if claims:
            with self._database.write() as connection:
                tasktable.release(connection, worker, [claim.key for claim in claims])

    def settle(self, worker: str, results: Sequence[Result]) -> Settled:
        """Keep results, in one transaction: facts, further tasks, and how each visit ended.

        A result whose lease was lost is dropped whole. One with a record that cannot be stored ends ``FAILED`` and
        leaves the others alone.
        """
        if not results:
            return Settled(done=frozenset(), lost=frozenset(), spoilt={}, counts={})
        with self._writing:
            try:
                with self._database.write() as connection:
                    now = self._now(connection)
                    held = tasktable.held_by(connection, worker, [result.claim.key for result in results])
                    ours = {result.claim.key: result for result in results if result.claim.key in held}
                    fresh, spoilt = self._write_apart(connection, list(ours.values()), now)
                    # Read again: what one of these visits led to may be another of them, at a smaller depth.
                    held = tasktable.held_by(connection, worker, list(ours))
                    endings = [
                        _ending(result, *held[key], now=now, spoilt=spoilt.get(key))
                        for key, result in ours.items()
                    ]
                    failpoint("in-settle")
                    tasktable.end(connection, endings)
            except BaseException:
                self._forget()
                raise
            self._remember(fresh)
        return Settled(
            done=frozenset(ours.keys() - spoilt.keys()),
            lost=frozenset(result.claim.key for result in results) - ours.keys(),
            spoilt=spoilt,
            counts=dict(fresh.counts),
        )

    def _write_apart(
        self, connection: Connection, results: Sequence[Result], now: int
    ) -> tuple[_Fresh, dict[int, str]]:
        """Write all outcomes together; where that fails, each by itself, so that one cannot spoil the others."""
        done = [result for result in results if result.state is TaskState.DONE]
        try:
            with connection.begin_nested():
                return self._write(connection, [result.outcome for result in done], now), {}
        except InputError:
            self._keys.rolled_back()
        fresh, spoilt = _Fresh(), {}
        for result in done:
            try:
                with connection.begin_nested():
                    fresh.take(self._write(connection, [result.outcome], now))
            except InputError as error:
                # This forgets a little more than it must: keys of the results before are read again.
                self._keys.rolled_back()
                spoilt[result.claim.key] = str(error)
        return fresh, spoilt

    def _write(
        self,
        connection: Connection,
        outcomes: Sequence[Outcome],
        now: int,
    ) -> _Fresh:
        known, fresh = self._known, _Fresh()
        writer = RecordWriter(connection, self.source, self._keys)
        groups: dict[tuple[Any, ...], list[r.Record]] = {}
        for outcome in outcomes:
            begun: set[Hashable] = set()
            for emptied in outcome.emptied:
                groups[emptied] = []
            for record in outcome.records:
                owner = owner_of(record)
                if owner is not None:
                    if owner not in begun:
                        # A later reading of a playlist replaces the earlier one, here as in the database.
                        begun.add(owner)
                        groups[owner] = []
                    groups[owner].append(record)
                elif type(record) in _REPEATED:
                    mark = hash((type(record), record))
                    if mark not in known.facts and mark not in fresh.facts:
                        fresh.facts.add(mark)
                        writer.add(record)
                else:
                    writer.add(record)
        for owner, group in groups.items():
            if not group:
                writer.clear(*owner)
                known.groups.pop(owner, None)
            elif type(group[0]) in _REPEATED:
                mark = hash(tuple(group))
                if known.groups.get(owner) == mark:
                    continue
                fresh.groups[owner] = mark
            for record in group:
                writer.add(record)
        fresh.counts = writer.finish()
        new: list[Task] = []
        for outcome in outcomes:
            for task in outcome.children:
                mark = hash((task.identity, task.depth, task.priority))
                if mark not in known.tasks and mark not in fresh.tasks:
                    new.append(tasktable.checked(task))
                    fresh.tasks.add(mark)
        tasktable.insert(connection, self.source, new, now)
        return fresh

    def _remember(self, fresh: _Fresh) -> None:
        self._keys.committed()
        known = self._known
        known.take(_Fresh(facts=fresh.facts, groups=fresh.groups, tasks=fresh.tasks))
        if len(known.facts) + len(known.groups) + len(known.tasks) > MOST_REMEMBERED:
            self._known = _Fresh()

    def _forget(self) -> None:
        """Forget what may not be stored after all."""
        self._keys.rolled_back()
        self._known = _Fresh()

    def revive(
        self,
        states: Collection[TaskState],
        *,
        older_than_ms: int | None = None,
        kinds: Collection[str] | None = None,
    ) -> int:
        """Make ended tasks due again; return how many.

        Args:
            states: Of those that ended so.
            older_than_ms: And longer ago than this; ``None`` = whenever.
            kinds: And of these kinds; ``None`` = of all.
        """
        ended = sorted(state.value for state in states)
        if not ended:
            return 0
        condition, values = f"state IN ({', '.join('?' * len(ended))})", list[str | int](ended)
        if kinds is not None:
            # Never empty, which SQL does not allow.
            condition += f" AND kind IN ({', '.join('?' * (len(kinds) + 1))})"
            values += [*sorted(kinds), ""]
        with self._writing, self._database.write() as connection:
            self._forget()
            now = self._now(connection)
            if older_than_ms is None:
                return tasktable.reopen(connection, self.source, condition, values, now)
            condition += " AND finished_at <= ?"
            return tasktable.reopen(connection, self.source, condition, [*values, now - older_than_ms], now)

    def sow_from_visits(self, kind: str, ways: Iterable[Way]) -> int:
        """Add the tasks of a kind to which visits that were made would lead; return how many are new.

        That is none for a kind that was wanted when those visits were made.
        """
        with self._database.write() as connection:
            now = self._now(connection)
            return sum(sow_from_visits(connection, self.source, kind, way, now) for way in ways)

    def reopen_failed(self, tasks: Iterable[Task]) -> int:
        """Make those of the tasks due again that were given up; return how many."""
        with self._writing, self._database.write() as connection:
            self._forget()
            now = self._now(connection)
            condition = """state = 'failed' AND kind = ? AND id = ? AND "cursor" = ?"""
            return sum(
                tasktable.reopen(connection, self.source, condition, task.identity, now) for task in tasks
            )

    def next_due_ms(
        self,
        *,
        kinds: frozenset[str],
        max_depth: int,
        limits: Mapping[str, int] | None = None,
        place: str | None = None,
    ) -> int | None:
        """Return in how many milliseconds the first task that nobody holds is due; ``None`` = there is none."""
        return self.outlook(kinds=kinds, max_depth=max_depth, limits=limits, place=place)[0]

    def outlook(
        self,
        *,
        kinds: frozenset[str],
        max_depth: int,
        limits: Mapping[str, int] | None = None,
        place: str | None = None,
    ) -> tuple[int | None, bool]:
        """Return the same and whether anybody holds tasks, both at one moment: neither means that all is over."""
        wanted = self._wanted(kinds, max_depth, limits, place)
        with self._database.read() as connection:
            now = self._now(connection)
            due = tasktable.due_in(connection, wanted, now)
            return due, bool(workers_of(connection, self.source, now))

    def workers(self) -> list[str]:
        """Return the names of those who hold tasks now."""
        with self._database.read() as connection:
            return workers_of(connection, self.source, self._now(connection))

    def progress(self, *, max_depth: int | None = None) -> list[KindProgress]:
        """Return how far each kind is; with ``max_depth``, deeper tasks that wait are not counted."""
        with self._database.read() as connection:
            return progress_of(connection, self.source, self._now(connection), max_depth)

    def causes(self, most: int = 5) -> list[Cause]:
        """Return why visits ended without success, the most frequent first."""
        with self._database.read() as connection:
            return causes_of(connection, self.source, most)

    def reset_missing(self, place: str, present: Callable[[str], bool]) -> int:
        """Forget files that are no longer in a folder of blobs, and have them fetched again; return how many.

        Args:
            place: Id of the folder.
            present: Whether the folder has a file of this content hash.
        """
        with self._writing, self._database.write() as connection:
            self._forget()
            return reset_missing(connection, self.source, place, present, self._now(connection))


def _ending(result: Result, depth: int, attempts: int, *, now: int, spoilt: str | None) -> Ending:
    state, reason = (result.state, result.reason) if spoilt is None else (TaskState.FAILED, spoilt)
    led = len(result.outcome.children) if state is TaskState.DONE else 0
    if state is TaskState.DONE and led and depth < result.claim.task.depth:
        # Meanwhile a shorter way led here: what follows lies less deep than this visit took it to be.
        state = TaskState.TODO
    again = state is TaskState.TODO
    return Ending(
        key=result.claim.key,
        state=state,
        reason=reason.replace("\0", "").encode("utf-8", "replace").decode(),
        not_before=now + (result.wait_ms if again else 0),
        attempts=attempts + int(result.counts or not again),
        place=result.place if again else None,
        led=led,
        finished_at=None if again else now,
    )
