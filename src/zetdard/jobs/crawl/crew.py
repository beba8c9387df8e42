"""The workers of one command: a thread for one, processes for several."""

from __future__ import annotations

import logging
import multiprocessing
import signal
import socket
import threading
import time
import traceback
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Protocol

from zetdard.errors import CrawlStoppedError, ZetDardError
from zetdard.jobs.crawl.plan import CrawlPlan
from zetdard.jobs.crawl.worker import FILE_KINDS, Flag, Worker
from zetdard.sources.crawling import Connect
from zetdard.store.blobs import Blobs
from zetdard.store.store import Store

_log = logging.getLogger(__name__)

_END_S = 10.0
"""How long a process may take to end after it was told to."""
_LOOK_S = 1.0
"""How often a worker looks whether the process that started it is still there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """All that a worker needs to begin, wherever it runs.

    Attributes:
        database: SQLAlchemy URL.
        source: Namespace of the ids.
        blobs: Folder of files.
        connect: Opens the service.
        plan: What is wanted.
    """

    database: str
    source: str
    blobs: Path
    connect: Connect
    plan: CrawlPlan


def work(post: Post, name: str, interrupted: Flag) -> int:
    """Be a worker until nothing is left to do; return how many visits were made."""
    blobs = Blobs(post.blobs)
    with Store.open(post.database) as store:
        worker = Worker(
            name=name,
            connect=post.connect,
            frontier=store.frontier(post.source),
            budget=store.budget(post.source),
            keeper=blobs,
            plan=post.plan,
            interrupted=interrupted,
            # Only who fetches files needs a folder that can be written to.
            place=blobs.place if post.plan.wanted & FILE_KINDS else None,
        )
        return worker.run()


class Crew(Protocol):
    """Workers that are at work."""

    def is_working(self) -> bool:
        """Return whether any of them still is."""
        ...

    def interrupt(self) -> None:
        """Let them finish what is in flight, and end."""
        ...

    def end(self) -> None:
        """Wait for their end, or bring it about."""
        ...

    def visits(self) -> int:
        """Return how many visits they made.

        Raises:
            ZetDardError: What ended one of them, the service's wish for a person first.
        """
        ...


def name_of_worker(number: int) -> str:
    """Return a name that no other worker has, on no machine and at no time."""
    return f"{socket.gethostname()[:40]}-{number}-{uuid.uuid4().hex[:12]}"


@dataclass(slots=True)
class ThreadCrew:
    """One worker, in a thread of this process."""

    post: Post
    _interrupted: threading.Event = field(default_factory=threading.Event)
    _made: int = 0
    _error: BaseException | None = None
    _thread: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        self._thread = threading.Thread(target=self._run, name="crawl worker", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._made = work(self.post, name_of_worker(0), self._interrupted)
        except BaseException as error:  # handed to whoever asks for ``visits``
            self._error = error

    def is_working(self) -> bool:
        """See ``Crew``."""
        self._thread.join(timeout=0)
        return self._thread.is_alive()

    def interrupt(self) -> None:
        """See ``Crew``."""
        self._interrupted.set()

    def end(self) -> None:
        """See ``Crew``: the thread ends with its present visit, or with the process."""
        self._interrupted.set()
        self._thread.join(timeout=_END_S)

    def visits(self) -> int:
        """See ``Crew``."""
        if self._error is not None:
            raise self._error
        return self._made


class ProcessCrew:
    """Several workers, each a process of its own: Python computes in one thread at a time.

    Nothing that they share is locked: a process that is killed while it holds a lock would stop the others for ever.
    """

    def __init__(self, post: Post) -> None:
        # Not forked: threads and open databases do not survive that.
        context = multiprocessing.get_context("spawn")
        self._interrupted = context.RawValue("b", 0)
        self._told: dict[str, int | BaseException] = {}
        self._news: dict[str, Connection] = {}
        self._processes: dict[str, Any] = {}
        with _without_interrupts():
            for name in [name_of_worker(number) for number in range(post.plan.workers)]:
                news, telling = context.Pipe(duplex=False)
                process = context.Process(
                    target=_run_process, args=(post, name, self._interrupted, telling), name=name, daemon=True
                )
                process.start()
                # Only the worker has this end now, so that its death ends the pipe.
                telling.close()
                self._news[name], self._processes[name] = news, process

    @property
    def processes(self) -> dict[str, int]:
        """Names of the workers and their process ids."""
        return {name: process.pid or 0 for name, process in self._processes.items()}

    def _listen(self) -> None:
        for name, news in list(self._news.items()):
            try:
                if not news.poll():
                    continue
                self._told[name] = news.recv()
            except (EOFError, OSError):
                pass  # it died without a word
            news.close()
            del self._news[name]

    def is_working(self) -> bool:
        """See ``Crew``."""
        self._listen()
        if any(isinstance(told, CrawlStoppedError) for told in self._told.values()):
            # The others find out with their next request; nothing new is begun meanwhile.
            self.interrupt()
        return any(process.is_alive() for process in self._processes.values())

    def interrupt(self) -> None:
        """See ``Crew``."""
        self._interrupted.value = 1

    def end(self) -> None:
        """See ``Crew``."""
        self.interrupt()
        for process in self._processes.values():
            process.join(timeout=_END_S)
            if process.is_alive():
                process.terminate()
                process.join(timeout=_END_S)
        self._listen()

    def visits(self) -> int:
        """See ``Crew``."""
        self._listen()
        errors = [told for told in self._told.values() if isinstance(told, BaseException)]
        if errors:
            raise min(errors, key=lambda error: not isinstance(error, CrawlStoppedError))
        if not self._told:
            raise ZetDardError("all workers died; nothing is lost, the same command goes on")
        if silent := len(self._processes) - len(self._told):
            _log.warning("%d of %d workers died; others took over", silent, len(self._processes))
        return sum(told for told in self._told.values() if isinstance(told, int))


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Start processes that Ctrl-C does not reach, not even before they have begun to run.

    It reaches every process of a terminal; the first one tells the others what to do. What is blocked here stays so
    in the processes that are started meanwhile.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@dataclass(slots=True)
class _Told:
    """Set when the first process says so, or is no longer there to say anything."""

    interrupted: Any
    _alone: bool = False
    _looked_at: float = 0.0

    def is_set(self) -> bool:
        """See ``Flag``."""
        now = time.monotonic()
        if now - self._looked_at > _LOOK_S:
            parent = multiprocessing.parent_process()
            self._looked_at, self._alone = now, parent is not None and not parent.is_alive()
        return self._alone or bool(self.interrupted.value)


def _run_process(post: Post, name: str, interrupted: Any, news: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    told: int | ZetDardError
    try:
        told = work(post, name, _Told(interrupted))
    except ZetDardError as error:
        told = type(error)(str(error)) if _is_plain(error) else CrawlError(str(error))
    except Exception as error:
        # A mistake of ours. What it says is for whoever mends it; that it happened is for everybody.
        traceback.print_exc()
        told = CrawlError(
            f"a worker ended by a mistake of ZetDard's, {type(error).__name__}: please report it"
        )
    # Nobody may be there any more to hear it.
    with suppress(BrokenPipeError):
        news.send(told)


class CrawlError(ZetDardError):
    """What ended a worker in another process."""


def _is_plain(error: ZetDardError) -> bool:
    """Return whether the error can be made from its text alone, as sending it to another process does."""
    return type(error) in {CrawlStoppedError, ZetDardError}


class AtWork:
    """A crew as a context manager: leaving it ends all workers."""

    def __init__(self, post: Post) -> None:
        self._post = post

    def __enter__(self) -> Crew:
        self.crew: Crew = ThreadCrew(self._post) if self._post.plan.workers == 1 else ProcessCrew(self._post)
        return self.crew

    def __exit__(self, *_: object) -> None:
        self.crew.end()
