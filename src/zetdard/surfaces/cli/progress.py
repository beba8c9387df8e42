"""Progress on standard error: a line that is rewritten on a terminal, few plain lines elsewhere."""

from __future__ import annotations

import sys
import threading
import time
from types import TracebackType
from typing import Self

QUIET_SECONDS = 1.0
"""What is done sooner than this needs no progress."""

_REDRAW_SECONDS = 0.1
_PLAIN_SECONDS = 5.0
_TICK_SECONDS = 0.5


class TerminalProgress:
    """Shows what is going on, how far it is, and how long it has taken."""

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self._drawn_at = 0.0
        self._step: tuple[str, int, int | None] | None = None
        """What is going on; ``None`` between two steps, when others may print."""
        self._message_begun = self._begun
        self._width = 0
        self._terminal = sys.stderr.isatty()
        self._lock = threading.Lock()
        self._over = threading.Event()

    def __call__(self, message: str, done: int, total: int | None) -> None:
        """Show a step; see ``zetdard.progress.Progress``."""
        with self._lock:
            now = time.monotonic()
            if self._step is None or message != self._step[0]:
                self._message_begun = now
                self._drawn_at = 0.0 if self._terminal else now - _PLAIN_SECONDS + QUIET_SECONDS
            self._step = (message, done, total)
            self._draw(now)
            if total is not None and done >= total:
                self._erase()
                self._step = None

    def _draw(self, now: float) -> None:
        wait = _REDRAW_SECONDS if self._terminal else _PLAIN_SECONDS
        if self._step is None or now - self._begun < QUIET_SECONDS or now - self._drawn_at < wait:
            return
        self._drawn_at = now
        text = self._text(*self._step, now - self._message_begun)
        if self._terminal:
            print(f"\r{text.ljust(self._width)}", end="", file=sys.stderr, flush=True)
            self._width = len(text)
        else:
            print(text, file=sys.stderr, flush=True)

    def _tick(self) -> None:
        """Redraw now and then: a single long step says nothing while it lasts."""
        while not self._over.wait(_TICK_SECONDS):
            with self._lock:
                self._draw(time.monotonic())

    def _text(self, message: str, done: int, total: int | None, seconds: float) -> str:
        if total is None:
            return f"{message}: {done:,} so far, {seconds:.0f} s"
        if total <= 1:
            return f"{message} … {seconds:.0f} s" if seconds >= 1 else f"{message} …"
        left = f", {seconds * (total - done) / done:.0f} s left" if done and seconds >= 1 else ""
        return f"{message}: {done:,} of {total:,} ({done / total:.0%}{left})"

    def _erase(self) -> None:
        if self._terminal and self._width:
            print(f"\r{' ' * self._width}\r", end="", file=sys.stderr, flush=True)
            self._width = 0

    def __enter__(self) -> Self:
        threading.Thread(target=self._tick, name="progress", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the line away, before something is printed."""
        self._over.set()
        with self._lock:
            self._erase()
            self._step = None
