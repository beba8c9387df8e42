"""How many processes work at once, and what each may take."""

from __future__ import annotations

import os
from dataclasses import dataclass

from zetdard.errors import InputError


@dataclass(frozen=True, slots=True)
class Workers:
    """Limits of the work.

    Attributes:
        processes: How many at once; ``None`` = one for each processor that this process may use.
        seconds: The longest that one item may take.
        memory_mb: The most memory that a process may take, MiB.
    """

    processes: int | None = None
    seconds: float = 600.0
    memory_mb: int = 1024

    def __post_init__(self) -> None:
        if self.processes is not None and self.processes < 1:
            raise InputError("at least one process must work")

    def count(self, items: int) -> int:
        """Return how many processes work on so many items: not more than there are items."""
        if self.processes is not None:
            wanted = self.processes
        elif hasattr(os, "sched_getaffinity"):
            wanted = len(os.sched_getaffinity(0))
        else:
            wanted = os.cpu_count() or 1
        return max(1, min(wanted, items))
