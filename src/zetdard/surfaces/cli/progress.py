"""Progress on standard error: a line that is rewritten on a terminal, few plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Self

QUIET_SECONDS = 1.0
"""What is done sooner than this needs no progress."""

_REDRAW_SECONDS = 0.1
_PLAIN_SECONDS = 5.0


class TerminalProgress:
    """Shows what is going on, how far it is, and how long it has taken."""

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self._drawn_at = 0.0
        self._message = ""
        self._message_begun = self._begun
        self._width = 0
        self._terminal = sys.stderr.isatty()

    def __call__(self, message: str, done: int, total: int | None) -> None:
        """Show a step; see ``zetdard.progress.Progress``."""
        now = time.monotonic()
        if message != self._message:
            self._message, self._message_begun = message, now
            self._drawn_at = 0.0 if self._terminal else now - _PLAIN_SECONDS + QUIET_SECONDS
        wait = _REDRAW_SECONDS if self._terminal else _PLAIN_SECONDS
        if now - self._begun < QUIET_SECONDS or now - self._drawn_at < wait:
            return
        self._drawn_at = now
        text = self._text(message, done, total, now - self._message_begun)
        if self._terminal:
            print(f"\r{text.ljust(self._width)}", end="", file=sys.stderr, flush=True)
            self._width = len(text)
        else:
            print(text, file=sys.stderr, flush=True)

    def _text(self, message: str, done: int, total: int | None, seconds: float) -> str:
        if total is None:
            return f"{message}: {done:,} so far, {seconds:.0f} s"
        if total <= 1:
            return f"{message} …"
        left = f", {seconds * (total - done) / done:.0f} s left" if done and seconds >= 1 else ""
        return f"{message}: {done:,} of {total:,} ({done / total:.0%}{left})"

    def clear(self) -> None:
        """Take the line away, before something is printed."""
        if self._terminal and self._width:
            print(f"\r{' ' * self._width}\r", end="", file=sys.stderr, flush=True)
            self._width = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.clear()
