"""The front door: begin or go on with a crawl, watch it, and say what it did."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from zetdard.errors import (
    BlockedError,
    CrawlStoppedError,
    NoDataError,
    SlowDownError,
    UnavailableError,
    UnreadableReplyError,
)
from zetdard.jobs.crawl.crew import AtWork, Post
from zetdard.jobs.crawl.plan import CrawlPlan, CrawlReport, CrawlState, KindState
from zetdard.jobs.crawl.worker import stopped_by, wait_for_turn
from zetdard.records import Record
from zetdard.sources.crawling import Beginning, Connect, CrawlKind, CrawlSource
from zetdard.store.blobs import Blobs
from zetdard.store.budget import Budget
from zetdard.store.frontier import Frontier
from zetdard.store.store import Store
from zetdard.tasks import Task, TaskState

Watch = Callable[[CrawlState], None]
"""Told now and then how far the crawl is."""

_GIVEN_UP = frozenset(TaskState) - {TaskState.TODO, TaskState.DONE, TaskState.NEEDS_LOGIN}

_LOOK_S = 1.0
_PACE_S = 30.0
"""The pace is that of so many seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """What of earlier crawls is visited again.

    Attributes:
        older_than_ms: Visits that were made longer ago than this; ``None`` = none.
        failed: Visits that brought nothing and were given up, for whatever reason.
        logged_in: Visits that wait for a login, which is there now.
    """

    older_than_ms: int | None = None
    failed: bool = False
    logged_in: bool = False


def crawl(
    store: Store,
    database: str,
    source: str,
    connect: Connect,
    plan: CrawlPlan,
    beginning: Beginning | None,
    *,
    blobs: Path,
    again: Again | None = None,
    unblock: bool = False,
    watch: Watch | None = None,
) -> CrawlReport:
    """Visit a service until nothing is left to do.

    Args:
        store: Where to.
        database: Its URL, for workers that are processes of their own.
        source: Namespace of the ids.
        connect: Opens the service.
        plan: What is wanted, and how fast.
        beginning: Where to begin; ``None`` = go on with what waits.
        blobs: Folder of files.
        again: What is visited again.
        unblock: A person has done what an earlier stop asked for.
        watch: Told about once a second how far it is.

    Raises:
        CrawlStoppedError: The service wants a person; nothing is lost.
        KeyboardInterrupt: Ctrl-C; what was in flight is finished and stored.
        NoDataError: There is nothing to go on with.
        RefusalError: The beginning is refused.
    """
    frontier, budget = store.frontier(source), store.budget(source)
    if unblock:
        budget.clear()
    if (stop := budget.stopped()) is not None:
        raise CrawlStoppedError(stop)
    budget.configure(plan.rate)
    begun = time.monotonic()
    kinds, added = _begin(frontier, connect, plan, beginning, again or Again(), budget)
    if (keeper := Blobs(blobs)).is_used():
        frontier.reset_missing(keeper.place, keeper.has)
    view = _View(frontier=frontier, plan=plan, kinds=kinds, budget=budget, begun=begun)
    if view.look().todo == 0 and beginning is None:
        raise NoDataError("nothing waits to be visited: say where to begin, for example with --user")
    post = Post(database=database, source=source, blobs=blobs, connect=connect, plan=plan)
    with AtWork(post) as crew:
        try:
            while crew.is_working():
                if watch is not None:
                    watch(view.look())
                _nap(crew.is_working)
        except KeyboardInterrupt:
            crew.interrupt()
            while crew.is_working():
                time.sleep(0.1)
            raise
    visits = crew.visits()
    state = view.look(causes=True)
    if watch is not None:
        watch(state)
    return CrawlReport(source=source, state=state, visits=visits, begun_with=added)


def state_of(store: Store, source: str, kinds: Mapping[str, CrawlKind], plan: CrawlPlan) -> CrawlState:
    """Return how far the crawls of a source are, without crawling."""
    frontier, budget = store.frontier(source), store.budget(source)
    view = _View(frontier=frontier, plan=plan, kinds=kinds, budget=budget, begun=time.monotonic())
    return view.look(causes=True)


def _nap(is_working: Callable[[], bool]) -> None:
    """Wait for the next look; a crawl that ends sooner need not be waited for."""
    until = time.monotonic() + _LOOK_S
    while time.monotonic() < until and is_working():
        time.sleep(0.05)


def _begin(
    frontier: Frontier,
    connect: Connect,
    plan: CrawlPlan,
    beginning: Beginning | None,
    again: Again,
    budget: Budget,
) -> tuple[Mapping[str, CrawlKind], int]:
    """Put the first tasks into the frontier; return the source's kinds and how many tasks were added."""
    service = connect(lambda: wait_for_turn(budget))
    try:
        kinds = service.kinds
        added = 0
        if again.older_than_ms is not None:
            added += frontier.revive({TaskState.DONE}, older_than_ms=again.older_than_ms, kinds=plan.wanted)
        if again.failed:
            added += frontier.revive(_GIVEN_UP, kinds=plan.wanted)
        if again.logged_in:
            added += frontier.revive({TaskState.NEEDS_LOGIN}, kinds=plan.wanted)
        # Of a kind that was not wanted so far: what leads to it has been visited already.
        for name, kind in kinds.items():
            if name in plan.wanted:
                added += frontier.sow_from_visits(name, kind.ways)
        if beginning is not None:
            records, tasks = _first_visits(service, beginning, plan, budget)
            added += frontier.sow(tasks, records)
            # Who says where to begin wants that visit made, also where it was given up in an earlier crawl.
            added += frontier.reopen_failed(tasks)
        return kinds, added
    finally:
        service.close()


def _first_visits(
    service: CrawlSource, beginning: Beginning, plan: CrawlPlan, budget: Budget
) -> tuple[Sequence[Record], Sequence[Task]]:
    """Ask the service where to begin, as patiently as any visit is made."""
    for attempt in range(plan.max_attempts):
        try:
            return service.begin(beginning)
        except BlockedError as error:
            raise stopped_by(error, budget) from None
        except SlowDownError:
            budget.slow_down(plan.cool_ms)
            if attempt + 1 == plan.max_attempts:
                raise
        except (UnavailableError, UnreadableReplyError):
            if attempt + 1 == plan.max_attempts:
                raise
            time.sleep(plan.retry_ms * 2**attempt / 1000)
    raise AssertionError("max_attempts is at least 1")


@dataclass(slots=True, kw_only=True)
class _View:
    """Looks at the frontier and works out the pace."""

    frontier: Frontier
    plan: CrawlPlan
    kinds: Mapping[str, CrawlKind]
    budget: Budget
    begun: float
    _past: deque[tuple[float, dict[str, int]]] = field(default_factory=deque)

    def look(self, *, causes: bool = False) -> CrawlState:
        now = time.monotonic()
        found = {progress.kind: progress for progress in self.frontier.progress(max_depth=self.plan.depth)}
        done = {name: progress.done for name, progress in found.items()}
        self._past.append((now, done))
        while len(self._past) > 2 and self._past[1][0] <= now - _PACE_S:
            self._past.popleft()
        since, before = self._past[0]
        passed = now - since
        kinds = tuple(
            KindState(
                name=name,
                done=found[name].done,
                todo=found[name].todo + found[name].leased if name in self.plan.wanted else 0,
                ended=found[name].ended,
                per_second=(done[name] - before.get(name, 0)) / passed if passed > 0 else 0.0,
            )
            for name in (*self.kinds, *sorted(found.keys() - self.kinds.keys()))
            if name in found
        )
        budget = self.budget.state()
        return CrawlState(
            kinds=kinds,
            workers=len(self.frontier.workers()),
            rate=budget.rate,
            seconds=now - self.begun,
            stopped=budget.stopped,
            causes=tuple(self.frontier.causes()) if causes else (),
        )
