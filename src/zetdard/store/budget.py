"""How often a service may be asked: one budget for all workers on all machines, kept in the database."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from zetdard.errors import CrawlStoppedError, InputError
from zetdard.store import schema
from zetdard.store.database import Database
from zetdard.store.statements import clock_ms, rows, run, upsert
from zetdard.store.writer import check_source

DEFAULT_RATE = 2.0
"""Requests a second, unless another rate was asked for."""

_FALLS_TO = 2.0
"""Requests a second after the first refusal of a crawl without limit."""

_LEAST_SHARE = 64
"""The rate never falls under this part of the rate that was asked for."""

_STEP = 0.1
"""Part of the rate that was asked for by which the rate in force rises at a time."""

_SOON_MS = 60_000
"""A refusal so soon after the last pause is a sign that the pause was too short."""

_MOST_DOUBLINGS = 5

_NAMES = tuple(schema.budgets.columns.keys())


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetState:
    """How a budget stands.

    Attributes:
        top: Requests a second that were asked for; ``None`` = without limit.
        rate: Requests a second that are allowed now.
        cools_ms: How long nobody may ask at all.
        stopped: Why nobody may ask any more, and what a person can do; ``None`` = the crawl may go on.
        url: Where a person is to pass a check.
        stopped_at: Since when, in milliseconds UTC.
    """

    top: float | None
    rate: float | None
    cools_ms: int = 0
    stopped: str | None = None
    url: str | None = None
    stopped_at: int | None = None


@dataclass(slots=True)
class _Row:
    """A row of the table; see there."""

    source: str
    top: float | None
    rate: float | None
    changed_at: int
    next_at: float
    recover_ms: int
    slowed_at: int | None = None
    slowed_times: int = 0
    stopped: str | None = None
    stopped_url: str | None = None
    stopped_at: int | None = None

    @property
    def reference(self) -> float:
        """What counts as full speed; a crawl without limit has recovered when it reaches double its first fall."""
        return 2 * _FALLS_TO if self.top is None else self.top

    def rate_at(self, now: int) -> float | None:
        """Return the rate in force: it rises by a step for each ``recover_ms`` since it fell."""
        if self.rate is None:
            return None
        steps = max(0, now - self.changed_at) // self.recover_ms
        risen = self.rate + steps * _STEP * self.reference
        return self.top if risen >= self.reference else risen

    def advice(self) -> str | None:
        """Return why the crawl stopped and what a person can do."""
        if self.stopped is None:
            return None
        if self.stopped_url:
            todo = f"open {self.stopped_url} in a browser and pass the check there"
        else:
            todo = (
                f"leave {self.source} alone for some hours and see in a browser whether it lets you in again"
            )
        return f"{self.source} stopped the crawl: {self.stopped}. Nothing is lost. What you can do: {todo}; then give the same command with --unblock"


class Budget:
    """Says when the next request to a service may be sent. A burst is one request.

    Args:
        database: Where it is kept.
        source: The service.
        clock: Milliseconds UTC; ``None`` = the clock that all who share the database share.

    Raises:
        InputError: ``source`` cannot name a source.
    """

    def __init__(self, database: Database, source: str, *, clock: Callable[[], int] | None = None) -> None:
        check_source(source)
        self.source = source
        self._database = database
        self._clock = clock

    def configure(self, rate: float | None, *, recover_ms: int = 30_000) -> None:
        """Say how often the service may be asked; a rate that has fallen, and a stop, stay in force.

        Args:
            rate: Requests a second; ``None`` = without limit.
            recover_ms: After how long a rate that has fallen rises by a tenth of this one.

        Raises:
            InputError: The rate is not a positive number.
        """
        if rate is not None and not 0 < rate < math.inf:
            raise InputError(f"rate {rate}: give requests a second, more than 0")
        if recover_ms < 1:
            raise InputError(f"recover_ms {recover_ms}: give at least 1")
        with self._database.brief() as connection:
            row = self._locked(connection)
            now = self._now(connection)
            if row is None:
                self._insert(connection, rate, recover_ms, now)
                return
            current = row.rate_at(now)
            has_fallen = current != row.top
            row.top, row.recover_ms = rate, recover_ms
            if not has_fallen or current is None:
                row.rate = rate
                row.slowed_times = 0
            else:
                row.rate = min(current, row.reference)
            # Slots that were handed out under the former rate bind nobody; a pause does.
            pause = row.changed_at if row.slowed_at is not None else now
            step = 0.0 if row.rate is None else 1000 / row.rate
            row.next_at = min(row.next_at, max(now, pause) + step)
            row.changed_at = max(now, row.changed_at)
            self._save(connection, row)

    def take(self) -> int:
        """Reserve the next free moment; return how many milliseconds away it is.

        Raises:
            CrawlStoppedError: Nobody may ask any more; says why and what a person can do.
        """
        # Most of the time a crawl without limit asks here: it costs a glance.
        seen = self._glance()
        if seen is not None:
            _refuse_if_stopped(seen)
            if seen.rate is None:
                return 0
        with self._database.brief() as connection:
            row = self._locked(connection)
            now = self._now(connection)
            if row is None:
                row = self._insert(connection, DEFAULT_RATE, 30_000, now)
            _refuse_if_stopped(row)
            rate = row.rate_at(now)
            if rate is None:
                row.rate, row.slowed_times = None, 0
                self._save(connection, row)
                return 0
            slot = max(float(now), row.next_at)
            run(
                connection,
                "UPDATE budgets SET next_at = ? WHERE source = ?",
                [slot + 1000 / rate, self.source],
            )
            return math.ceil(slot - now)

    def slow_down(self, cool_ms: int) -> None:
        """Ask half as often from now on, and not at all for a while: the service said that we ask too often.

        What is said during the pause belongs to requests from before it and changes nothing; said again within a
        minute after it, the next pause is twice as long.

        Args:
            cool_ms: How long the first pause is.
        """
        with self._database.brief() as connection:
            row = self._locked(connection)
            now = self._now(connection)
            if row is None:
                row = self._insert(connection, DEFAULT_RATE, 30_000, now)
            if row.slowed_at is not None and row.slowed_at <= now < row.changed_at:
                return
            rate = row.rate_at(now)
            again = row.slowed_at is not None and now < row.changed_at + _SOON_MS
            row.slowed_times = row.slowed_times + 1 if again else 1
            pause = cool_ms * 2 ** min(row.slowed_times - 1, _MOST_DOUBLINGS)
            row.rate = max(
                row.reference / 2 if rate is None else rate / 2,
                row.reference / _LEAST_SHARE,
            )
            row.slowed_at = now
            # The rate begins to rise when the pause is over.
            row.changed_at = now + pause
            row.next_at = max(row.next_at, float(now + pause))
            self._save(connection, row)

    def stop(self, reason: str, url: str | None = None) -> None:
        """Let nobody ask any more until ``clear``; the first reason stays."""
        with self._database.brief() as connection:
            row = self._locked(connection)
            now = self._now(connection)
            if row is None:
                row = self._insert(connection, DEFAULT_RATE, 30_000, now)
            if row.stopped is None:
                row.stopped, row.stopped_url, row.stopped_at = reason, url, now
                self._save(connection, row)

    def stopped(self) -> str | None:
        """Return why nobody may ask any more and what a person can do; ``None`` = the crawl may go on."""
        row = self._glance()
        return None if row is None else row.advice()

    def clear(self) -> None:
        """Let the crawl go on: a person has seen to it."""
        with self._database.brief() as connection:
            run(
                connection,
                "UPDATE budgets SET stopped = NULL, stopped_url = NULL, stopped_at = NULL WHERE source = ?",
                [self.source],
            )

    def state(self) -> BudgetState:
        """Return how the budget stands."""
        with self._database.read() as connection:
            found = rows(connection, _SELECT, [self.source])
            now = self._now(connection)
        if not found:
            return BudgetState(top=DEFAULT_RATE, rate=DEFAULT_RATE)
        row = _Row(*found[0])
        cools = row.changed_at - now if row.slowed_at is not None else 0
        return BudgetState(
            top=row.top,
            rate=row.rate_at(now),
            cools_ms=max(0, cools),
            stopped=row.advice(),
            url=row.stopped_url,
            stopped_at=row.stopped_at,
        )

    def _now(self, connection: Connection) -> int:
        return clock_ms(connection) if self._clock is None else self._clock()

    def _glance(self) -> _Row | None:
        found = self._database.glance(_SELECT, (self.source,))
        return None if found is None else _Row(*found)

    def _locked(self, connection: Connection) -> _Row | None:
        locking = " FOR UPDATE" if connection.dialect.name == "postgresql" else ""
        found = rows(connection, _SELECT + locking, [self.source])
        return _Row(*found[0]) if found else None

    def _insert(self, connection: Connection, rate: float | None, recover_ms: int, now: int) -> _Row:
        row = _Row(
            source=self.source, top=rate, rate=rate, changed_at=now, next_at=0.0, recover_ms=recover_ms
        )
        values: list[Any] = [getattr(row, name) for name in _NAMES]
        marks = ", ".join("?" * len(_NAMES))
        run(
            connection,
            f"INSERT INTO budgets ({_COLUMNS}) VALUES ({marks}) ON CONFLICT (source) DO NOTHING",  # noqa: S608 - our names
            values,
        )
        # Somebody else may have been quicker.
        return self._locked(connection) or row

    def _save(self, connection: Connection, row: _Row) -> None:
        columns: list[list[Any]] = [[getattr(row, name)] for name in _NAMES]
        upsert(connection, schema.budgets, columns, keep=("source",), anew=True)


_COLUMNS = ", ".join(f'"{name}"' for name in _NAMES)
_SELECT = f"SELECT {_COLUMNS} FROM budgets WHERE source = ?"  # noqa: S608 - our names


def _refuse_if_stopped(row: _Row) -> None:
    advice = row.advice()
    if advice is not None:
        raise CrawlStoppedError(advice)
