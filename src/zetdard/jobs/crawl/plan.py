"""What a crawl is asked to do, and what it has done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from zetdard.errors import InputError
from zetdard.sources.crawling import CrawlKind
from zetdard.store.overview import Cause


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlPlan:
    """How a crawl is made; where it begins is said apart.

    Attributes:
        wanted: Names of the kinds of visits to make.
        depth: How many steps from person to person to go from where the crawl begins.
        workers: Processes that make visits, one request at a time each.
        rate: Requests a second that all workers together may send; ``None`` = any number.
        limits: At most so many visits of a kind, by its name.
        lease_ms: After this time without a sign of life a worker's visits are given to others.
        max_attempts: After so many tries that brought nothing a visit is given up.
        retry_ms: Wait before the second try; it doubles with each further one.
        cool_ms: Wait of all workers after the service has asked us to slow down.
        batch_ms: Visits that are claimed together, and results that are written together, take about so long.
    """

    wanted: frozenset[str]
    depth: int = 1
    workers: int = 1
    rate: float | None = 2.0
    limits: Mapping[str, int] = field(default_factory=dict)
    lease_ms: int = 120_000
    max_attempts: int = 6
    retry_ms: int = 2_000
    cool_ms: int = 20_000
    batch_ms: int = 500

    def __post_init__(self) -> None:
        """Refuse what cannot be done.

        Raises:
            InputError: A number is out of its range.
        """
        if self.depth < 0:
            raise InputError(f"depth {self.depth} is below 0")
        if not 1 <= self.workers <= 64:
            raise InputError(f"{self.workers} workers: between 1 and 64 are possible")
        if self.rate is not None and not 0.001 <= self.rate <= 10_000:
            raise InputError(f"a rate of {self.rate:g} requests a second is not possible")
        if self.max_attempts < 1 or self.lease_ms < 1:
            raise InputError(
                f"{self.max_attempts} attempts, leases of {self.lease_ms} ms: at least 1 is needed"
            )
        for name, limit in self.limits.items():
            if limit < 0:
                raise InputError(f"the limit of {name} is below 0")


def wanted_kinds(
    kinds: Mapping[str, CrawlKind], also: frozenset[str] = frozenset(), without: frozenset[str] = frozenset()
) -> frozenset[str]:
    """Return the names of the kinds to visit: the usual ones, and what a person adds and takes away.

    Raises:
        InputError: A name is none of a kind, or is both added and taken away.
    """
    for name in sorted(also | without):
        if name not in kinds:
            raise InputError(f"there is no kind of visit {name!r}; there are {', '.join(kinds)}")
    if both := also & without:
        raise InputError(f"{', '.join(sorted(both))}: wanted and not wanted")
    usual = frozenset(name for name, kind in kinds.items() if kind.default)
    return (usual | also) - without


@dataclass(frozen=True, slots=True, kw_only=True)
class KindState:
    """How far the visits of one kind are.

    Attributes:
        name: The kind.
        done: Visits made.
        todo: Visits known and not yet made, within the depth of this crawl.
        ended: Visits that ended without success, by the reason's name.
        per_second: Visits made lately, a second.
    """

    name: str
    done: int
    todo: int
    ended: Mapping[str, int]
    per_second: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlState:
    """How far a crawl is.

    Attributes:
        kinds: By kind, in the source's order; kinds without visits are left out.
        workers: How many hold work now, also on other machines.
        rate: Requests a second that all workers together may send now; ``None`` = any number.
        seconds: Since this command began.
        stopped: Why nothing more may be asked, and what a person can do; ``None`` = the crawl may go on.
        causes: Why visits ended without success, the most frequent first; only in what is told at the end.
    """

    kinds: tuple[KindState, ...]
    workers: int
    rate: float | None
    seconds: float
    stopped: str | None = None
    causes: tuple[Cause, ...] = ()

    @property
    def done(self) -> int:
        """Visits made, of all kinds."""
        return sum(kind.done for kind in self.kinds)

    @property
    def todo(self) -> int:
        """Visits known and not yet made."""
        return sum(kind.todo for kind in self.kinds)

    @property
    def ended(self) -> int:
        """Visits that ended without success."""
        return sum(sum(kind.ended.values()) for kind in self.kinds)

    @property
    def per_second(self) -> float:
        """Visits made lately, a second."""
        return sum(kind.per_second for kind in self.kinds)

    @property
    def seconds_left(self) -> float | None:
        """At this pace, for what is known now; what is found on the way comes on top."""
        return self.todo / self.per_second if self.per_second > 0 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlReport:
    """What a crawl did.

    Attributes:
        source: Namespace of the ids.
        state: How far it is now.
        visits: Visits made by this command.
        begun_with: What this command added to the frontier before it began.
    """

    source: str
    state: CrawlState
    visits: int
    begun_with: int
