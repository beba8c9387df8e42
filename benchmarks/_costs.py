"""What a piece of work takes: seconds by the clock, seconds of processor time, and memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, process_time


@dataclass
class Cost:
    """What something took.

    Attributes:
        seconds: By the clock.
        busy: Of processor time, all threads.
        grown: MiB by which the process was larger at its peak than before; ``None`` where the system does not say.
    """

    seconds: float = 0.0
    busy: float = 0.0
    grown: float | None = None

    def to_json(self) -> dict[str, float | None]:
        """Return plain numbers."""
        return {"seconds": self.seconds, "cpu_seconds": self.busy, "grown_mib": self.grown}


@contextmanager
def costing() -> Iterator[Cost]:
    """Measure what is done within; the numbers are there when it has ended."""
    cost, before = Cost(), resident("VmRSS")
    begin_peak()
    begun = perf_counter(), process_time()
    yield cost
    cost.seconds, cost.busy = perf_counter() - begun[0], process_time() - begun[1]
    peak = resident("VmHWM")
    cost.grown = None if before is None or peak is None else max(0.0, peak - before)


def resident(which: str) -> float | None:
    """Return the process's size in memory now (``VmRSS``) or at its peak (``VmHWM``) in MiB."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{which}:")), None)


def begin_peak() -> None:
    """Let the peak begin anew, where the system can; elsewhere it is that of the whole process."""
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return
