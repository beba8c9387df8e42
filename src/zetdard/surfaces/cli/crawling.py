"""``crawl``: what a person may say, what they see meanwhile, and what they are told at the end."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import typer

from zetdard.jobs.crawl.plan import CrawlReport, CrawlState
from zetdard.surfaces.cli.text import print_json, print_table, printable

if TYPE_CHECKING:
    from rich.table import Table

_PLAIN_S = 5.0
_UNITS_MS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


def read_age(text: str) -> int:
    """Return the milliseconds that ``7d``, ``12h``, ``30m`` or ``0s`` means."""
    found = re.fullmatch(r"(\d{1,6})([smhd])", text.strip())
    if found is None:
        raise typer.BadParameter(f"{text!r} is no age; write for example 7d, 12h or 30m")
    return int(found[1]) * _UNITS_MS[found[2]]


def read_limits(texts: Sequence[str]) -> dict[str, int]:
    """Return what ``--limit KIND=N`` says, by kind."""
    limits: dict[str, int] = {}
    for text in texts:
        name, _, number = text.partition("=")
        if not name or not re.fullmatch(r"\d{1,9}", number):
            raise typer.BadParameter(f"{text!r} is no limit; write KIND=N, for example comments=100")
        limits[name.strip()] = int(number)
    return limits


def duration(seconds: float) -> str:
    """Return a span of time as a person says it: ``40 s``, ``5 min``, ``3 h 20 min``."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours < 48 else f"{hours // 24} days"


def pace(state: CrawlState) -> str:
    """Return one line about the whole crawl."""
    left = state.seconds_left
    parts = [
        f"{state.done:,} done",
        f"{state.todo:,} to do",
        f"{state.per_second:.1f}/s",
    ]
    if state.ended:
        parts.insert(2, f"{state.ended:,} not to be had")
    if left is not None and state.todo:
        parts.append(f"at least {duration(left)} left")
    if state.workers > 1:
        parts.append(f"{state.workers} workers")
    if state.rate is not None:
        parts.append(f"at most {state.rate:.3g} requests/s")
    return ", ".join(parts)


@dataclass(slots=True)
class Display:
    """Shows on standard error how far a crawl is."""

    _live: Any = None
    _told_at: float = 0.0

    def __call__(self, state: CrawlState) -> None:
        """Show it; see ``zetdard.jobs.crawl.crawling.Watch``."""
        if self._live is not None:
            self._live.update(_table(state))
            return
        now = time.monotonic()
        if now - self._told_at >= _PLAIN_S:
            self._told_at = now
            kinds = "; ".join(f"{kind.name} {kind.done:,}+{kind.todo:,}" for kind in state.kinds)
            print(f"crawl: {pace(state)} ({kinds})", file=sys.stderr, flush=True)


@contextmanager
def display() -> Iterator[Display]:
    """Give a display: a table that is rewritten on a terminal, few plain lines elsewhere."""
    if not sys.stderr.isatty():
        yield Display(_told_at=time.monotonic() - _PLAIN_S + 1)
        return
    from rich.console import Console
    from rich.live import Live

    with Live(console=Console(stderr=True), auto_refresh=False, transient=True) as live:

        class _Shown:
            def update(self, table: Table) -> None:
                live.update(table, refresh=True)

        yield Display(_live=_Shown())


def _table(state: CrawlState) -> Table:
    from rich.table import Table

    table = Table(caption=pace(state), caption_justify="left", box=None, padding=(0, 2, 0, 0))
    table.add_column("crawl")
    for title in ("done", "to do", "not to be had", "a second"):
        table.add_column(title, justify="right")
    for kind in state.kinds:
        ended = sum(kind.ended.values())
        table.add_row(
            kind.name,
            f"{kind.done:,}",
            f"{kind.todo:,}",
            f"{ended:,}" if ended else "",
            f"{kind.per_second:.1f}",
        )
    return table


def state_document(state: CrawlState) -> dict[str, Any]:
    """Return a state as ``--json`` shows it."""
    return {
        "done": state.done,
        "todo": state.todo,
        "rate": state.rate,
        "workers": state.workers,
        "stopped": state.stopped,
        "causes": [
            {"kind": cause.kind, "state": cause.state, "reason": cause.reason, "count": cause.count}
            for cause in state.causes
        ],
        "kinds": {
            kind.name: {"done": kind.done, "todo": kind.todo, "ended": dict(kind.ended)}
            for kind in state.kinds
        },
    }


def print_kinds(state: CrawlState) -> None:
    """Write a table of the kinds of visits."""
    rows = [
        (
            kind.name,
            f"{kind.done:,}",
            f"{kind.todo:,}",
            ", ".join(f"{number:,} {reason}" for reason, number in sorted(kind.ended.items())),
        )
        for kind in state.kinds
    ]
    print_table(("visits", "done", "to do", "not to be had"), rows)
    if state.causes:
        print("why some are not to be had:")
    for cause in state.causes:
        print(f"  {cause.count:,} × {cause.kind} {cause.state}: {printable(cause.reason)}")


def show_crawl(report: CrawlReport, *, json: bool) -> None:
    """Say what a crawl did."""
    state = report.state
    if json:
        print_json(
            {
                "source": report.source,
                "visits": report.visits,
                "seconds": round(state.seconds, 3),
                **state_document(state),
            }
        )
        return
    print(f"made {report.visits:,} visits in {duration(state.seconds)} (source {report.source}):")
    print_kinds(state)
    waiting = sum(kind.ended.get("needs-login", 0) for kind in state.kinds)
    if waiting:
        print(f"{waiting:,} visits wait for somebody to be logged in: zetdard login, then the same command")
