"""How long work tells what it is doing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

Progress: TypeAlias = Callable[[str, int, int | None], None]
"""Called with (what is going on, how much is done, of how much or ``None`` where that is not known)."""


def silent(message: str, done: int, total: int | None) -> None:
    """Tell nobody."""
