"""One worker: claim visits, make them, and settle what came of them."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

from zetdard.errors import (
    BlockedError,
    CrawlStoppedError,
    ForbiddenError,
    GoneError,
    InputError,
    NeedsLoginError,
    NoRightsError,
    PreviewOnlyError,
    RefusalError,
    RejectedRequestError,
    RiskCheckError,
    SlowDownError,
    StoreError,
    UnreadableReplyError,
)
from zetdard.failpoints import failpoint
from zetdard.jobs.crawl.plan import CrawlPlan
from zetdard.sources.crawling import Connect, CrawlSource, Keeper
from zetdard.store.budget import Budget
from zetdard.store.frontier import Frontier
from zetdard.tasks import Claim, Kept, Result, TaskState

_ENDS: tuple[tuple[type[RefusalError], TaskState], ...] = (
    (NeedsLoginError, TaskState.NEEDS_LOGIN),
    (ForbiddenError, TaskState.FORBIDDEN),
    (GoneError, TaskState.GONE),
    (NoRightsError, TaskState.NO_RIGHTS),
    (PreviewOnlyError, TaskState.PREVIEW),
    (RejectedRequestError, TaskState.FAILED),
)
"""Refusals that another try would not change, and the state they leave."""

FILE_KINDS = frozenset({"audio", "picture"})
"""Kinds of visits that bring files."""

_MOST_IN_A_BATCH = 128
_MOST_WAIT_MS = 300_000
_UNREADABLE_TRIES = 3
_NAP_S = 0.2
_NAP_MS = 500
_REFUSED_IN_A_ROW = 20
"""So many refusals of one worker, with nothing granted between them, are no accident: the crawl must stop."""


_PATIENCE_MS = 2_000
"""Who is interrupted waits so long for the turn of a request, to finish the visit that it belongs to."""


class _LeaseLostError(Exception):
    """Somebody else has taken the visit over: whatever came of it here is dropped."""


class _BrokenOffError(Exception):
    """The worker was interrupted, and the visit would have to wait long for its next request."""


class Flag(Protocol):
    """A threading or multiprocessing event."""

    def is_set(self) -> bool:
        """Return whether it was set."""
        ...


@dataclass(slots=True)
class Worker:
    """Makes visits, one request at a time, until there is nothing left to do.

    The visits of one batch are all that is lost, and made again, when the process dies. Results are not written by a
    second thread: it would compute while the first one waits for the service, but Python lets only one of them
    compute, and handing over costs more than that brings.

    Args:
        name: Who holds the leases; no two workers have the same.
        connect: Opens the service.
        frontier: What there is to do.
        budget: When a request may be sent.
        keeper: Where files go.
        plan: What is wanted.
        interrupted: Set when the worker should finish what is in flight and end.
    """

    name: str
    connect: Connect
    frontier: Frontier
    budget: Budget
    keeper: Keeper
    plan: CrawlPlan
    interrupted: Flag
    place: str | None = None
    _held: dict[int, Claim] = field(default_factory=dict)
    _visited: int | None = None
    _renewed_at: float = 0.0
    _in_a_row: int = 0
    _random: random.Random = field(default_factory=random.Random)

    def run(self) -> int:
        """Work until nothing is left to do, or ``interrupted``; return how many visits were made.

        Raises:
            CrawlStoppedError: The service wants a person.
        """
        source = self.connect(self._gate)
        try:
            return self._work(source)
        finally:
            source.close()

    def _work(self, source: CrawlSource) -> int:
        visits, size = 0, 1
        try:
            while not self._is_interrupted():
                claims = self._claim(size)
                if not claims:
                    if not self._wait_for_work():
                        break
                    continue
                begun = time.monotonic()
                results = self._visit_all(source, claims)
                if results:
                    size = self._next_size(len(results), time.monotonic() - begun)
                failpoint("before-settle")
                self._settle(results)
                self._held = {}
                visits += sum(result.state is TaskState.DONE for result in results)
        except BaseException:
            # What ended the work is what a person should hear, not that its leases must run out by themselves.
            with suppress(StoreError):
                self._let_go()
            raise
        return visits

    def _settle(self, results: list[Result]) -> None:
        self.frontier.settle(self.name, results)
        failpoint("after-settle")

    def _next_size(self, made: int, seconds: float) -> int:
        """Return how many visits to claim, so that they take about ``batch_ms``."""
        fitting = made * self.plan.batch_ms / 1000 / max(seconds, 1e-3)
        # No more than double: one quick batch may be an accident.
        return max(1, min(int(fitting), 2 * made, _MOST_IN_A_BATCH))

    def _claim(self, n: int) -> list[Claim]:
        claims = self.frontier.claim(
            self.name,
            n,
            kinds=self.plan.wanted,
            max_depth=self.plan.depth,
            limits=self.plan.limits,
            place=self.place,
            lease_ms=self.plan.lease_ms,
        )
        self._held = {claim.key: claim for claim in claims}
        self._renewed_at = time.monotonic()
        failpoint("after-claim")
        return claims

    def _wait_for_work(self) -> bool:
        """Wait a little for others' results or for a visit that is not due yet; False if there is nothing to wait for."""
        if (stop := self.budget.stopped()) is not None:
            raise CrawlStoppedError(stop)
        due, others_work = self.frontier.outlook(
            kinds=self.plan.wanted, max_depth=self.plan.depth, limits=self.plan.limits, place=self.place
        )
        if due is None and not others_work:
            return False
        time.sleep(_NAP_S if due is None else min(_NAP_S, max(due, 10) / 1000))
        return True

    def _visit_all(self, source: CrawlSource, claims: list[Claim]) -> list[Result]:
        """Make the visits of a batch; what an interruption leaves is given back."""
        results: list[Result] = []
        for number, claim in enumerate(claims):
            if self._is_interrupted():
                self.frontier.release(self.name, claims[number:])
                break
            if claim.key not in self._held:
                continue  # lost meanwhile
            self._visited = claim.key
            try:
                results.append(self._visit(source, claim))
            except _LeaseLostError:
                continue
            except _BrokenOffError:
                self.frontier.release(self.name, claims[number:])
                break
            except Exception:
                # Whatever ends the work, what was made before counts; the rest is given back.
                with suppress(StoreError):
                    self._settle(results)
                raise
            finally:
                self._visited = None
            failpoint("after-visit")
        return results

    def _visit(self, source: CrawlSource, claim: Claim) -> Result:
        try:
            outcome = source.visit(claim.task, self.plan.wanted, self)
        except BlockedError as error:
            raise stopped_by(error, self.budget) from None
        except SlowDownError as error:
            self.budget.slow_down(self.plan.cool_ms)
            self._count_refusal(error)
            return Result(claim=claim, state=TaskState.TODO, reason=str(error), wait_ms=0, counts=False)
        except RefusalError as error:
            return self._refused(claim, error)
        except InputError as error:
            return Result(claim=claim, state=TaskState.FAILED, reason=str(error))
        self._in_a_row = 0
        return Result(claim=claim, state=TaskState.DONE, outcome=outcome)

    def _refused(self, claim: Claim, error: RefusalError) -> Result:
        for kind, state in _ENDS:
            if isinstance(error, kind):
                self._in_a_row = 0
                return Result(claim=claim, state=state, reason=str(error))
        unreadable = isinstance(error, UnreadableReplyError)
        most = min(_UNREADABLE_TRIES, self.plan.max_attempts) if unreadable else self.plan.max_attempts
        self._count_refusal(error)
        network = not unreadable and claim.task.kind not in FILE_KINDS
        if claim.attempts + 1 >= most and network and self._in_a_row >= most:
            # It is not this visit: the service has answered nothing else meanwhile either.
            raise self._nothing_granted(error)
        if claim.attempts + 1 >= most:
            return Result(claim=claim, state=TaskState.FAILED, reason=str(error))
        wait = min(self.plan.retry_ms * 2**claim.attempts, _MOST_WAIT_MS)
        # Spread, so that what failed together is not tried again together.
        wait = int(wait * self._random.uniform(0.75, 1.25))
        return Result(
            claim=claim, state=TaskState.TODO, reason=str(error), wait_ms=wait, place=self._place(claim)
        )

    def _place(self, claim: Claim) -> str | None:
        """A file whose first part lies here is best finished here."""
        return self.place if claim.task.kind in FILE_KINDS else None

    def _count_refusal(self, error: RefusalError) -> None:
        self._in_a_row += 1
        if self._in_a_row >= _REFUSED_IN_A_ROW:
            raise self._nothing_granted(error)

    def _nothing_granted(self, error: RefusalError) -> CrawlStoppedError:
        return CrawlStoppedError(
            f"{self._in_a_row} requests in a row brought nothing, the last one: {error}. "
            "Nothing is lost; the same command goes on when the service answers again"
        )

    def keep(
        self,
        part: str,
        stream: Callable[[int], Iterator[bytes]],
        *,
        size: int | None = None,
        md5: str | None = None,
        most: int | None = None,
    ) -> Kept:
        """Hand a file to the keeper, see ``Keeper``: the leases are kept alive for as long as it takes to come."""

        def renewing(offset: int) -> Iterator[bytes]:
            for piece in stream(offset):
                self._renew_in_time()
                yield piece

        return self.keeper.keep(part, renewing, size=size, md5=md5, most=most)

    def _gate(self) -> None:
        """Wait for the turn of the next request; keep the leases alive meanwhile."""

        def before_each_nap(wait_ms: int) -> None:
            self._renew_in_time()
            if wait_ms > _PATIENCE_MS and self._is_interrupted():
                raise _BrokenOffError

        wait_for_turn(self.budget, before_each_nap)

    def _renew_in_time(self) -> None:
        """Hold for longer what is held, if much of the time has passed.

        Raises:
            _LeaseLostError: The visit that is being made is somebody else's now.
        """
        if not self._held or time.monotonic() - self._renewed_at <= self.plan.lease_ms / 3000:
            return
        kept = self.frontier.renew(self.name, list(self._held.values()), self.plan.lease_ms)
        self._renewed_at = time.monotonic()
        self._held = {key: claim for key, claim in self._held.items() if key in kept}
        if self._visited is not None and self._visited not in self._held:
            raise _LeaseLostError

    def _let_go(self) -> None:
        """Give back what is held, so that nobody has to wait for the leases to run out."""
        self.frontier.release(self.name, list(self._held.values()))
        self._held = {}

    def _is_interrupted(self) -> bool:
        return self.interrupted.is_set()


def wait_for_turn(budget: Budget, before_each_nap: Callable[[int], None] = lambda wait_ms: None) -> None:
    """Return when the next request may be sent.

    Args:
        budget: Whose turn it is.
        before_each_nap: Called at least once, with how long is still to wait.

    Raises:
        CrawlStoppedError: Nobody may ask any more.
    """
    wait_ms = budget.take()
    while True:
        before_each_nap(wait_ms)
        if wait_ms <= 0:
            return
        nap_ms = min(wait_ms, _NAP_MS)
        time.sleep(nap_ms / 1000)
        wait_ms -= nap_ms
        state = budget.state()
        if state.stopped is not None:
            raise CrawlStoppedError(state.stopped)
        if state.cools_ms > wait_ms:
            # Somebody else was asked to slow down meanwhile: this turn is void.
            wait_ms = budget.take()


def stopped_by(error: BlockedError, budget: Budget) -> CrawlStoppedError:
    """Let nobody ask any more, and return what tells a person why."""
    budget.stop(str(error), url=error.url if isinstance(error, RiskCheckError) else None)
    return CrawlStoppedError(budget.stopped() or str(error))
