"""Run a function on files in processes of their own, so that a file that kills its decoder costs that file only.

Workers are started afresh (never forked from a process with threads), stay warm from file to file, and are replaced when
one dies. Each holds one thread of linear algebra: there is a worker for each processor instead.

The memory limit is ``RLIMIT_DATA``: private memory that can be written to. ``RLIMIT_AS`` would also count what numerical
libraries only reserve, gigabytes that are never touched. A worker that reaches it gets ``MemoryError``, or dies if its C
code does not look. Where the system has no such limit (Windows; macOS ignores it) only the time is limited.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any, Generic, TypeVar

from zetdard.errors import Failure, InputError, MissingExtraError, StoreError, ZetDardError
from zetdard.features.audio.refusal import AudioError

Item = TypeVar("Item")
Value = TypeVar("Value")

STORE = "store"
"""Reason of a failure to keep what was made: it says nothing about the item, and will be the same for the next."""

START_SECONDS = 120.0
"""How long a worker may take to load its libraries."""
_MOST_FALSE_STARTS = 3
_WORTH_A_PROCESS = 8
_GOODBYE_SECONDS = 2.0
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_starting = threading.Lock()


class Isolated(Generic[Item, Value]):
    """A pool of workers for one function; a context manager, whose end is the end of every worker.

    Args:
        function: What to do with an item; a function of a module, so that it can be found again in another process.
        processes: How many workers.
        seconds: The longest that an item may take; the start of a worker is not counted.
        memory_mb: The most private memory of a worker, MiB, its libraries included; 0 for no limit.

    Raises:
        InputError: A number is out of range, or the function cannot be sent to another process.
    """

    def __init__(
        self,
        function: Callable[[Item], Value],
        processes: int = 1,
        seconds: float = 300.0,
        memory_mb: int = 2048,
    ) -> None:
        if processes < 1 or seconds <= 0 or memory_mb < 0:
            raise InputError("isolation needs a process, a time above 0 s, and a memory limit of 0 or more")
        try:
            self._function = pickle.dumps(function)
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            raise InputError(f"only a function of a module can run in another process: {error}") from error
        self._processes = processes
        self._seconds = seconds
        self._memory_mb = memory_mb
        self._workers: list[_Worker] = []
        self._false_starts = 0
        self._again: list[Item] = []
        """Items whose worker died before it had begun with them."""

    def __enter__(self) -> Isolated[Item, Value]:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End every worker: those at rest by a word, those at work by force."""
        for worker in self._workers:
            worker.dismiss()
        for worker in self._workers:
            worker.bury()
        self._workers = []

    def map(self, items: Iterable[Item]) -> Iterator[tuple[Item, Value | Failure]]:
        """Yield each item with its value or failure, in the order of completion.

        A failure's reason is ``time-limit``, ``memory-limit``, ``crashed``, ``missing-extra``, ``store``, the reason of an
        ``AudioError``, or ``error`` for any other exception.

        Items are taken one by one as workers become free, so that they may be without end. Leaving the iterator early
        ends the workers that are at work.

        Raises:
            ZetDardError: Workers die again and again before they have begun.
        """
        waiting = iter(items)
        self._again = []
        more = True
        done: list[tuple[Item, Value | Failure]] = []
        try:
            while True:
                while (more or self._again) and sum(
                    worker.busy for worker in self._workers
                ) < self._processes:
                    try:
                        item = self._again.pop() if self._again else next(waiting)
                    except StopIteration:
                        more = False
                    else:
                        self._free().give(item)
                yield from done  # only now: while the caller looks at them, the workers have work
                done = []
                busy = [worker for worker in self._workers if worker.busy]
                if not busy:
                    if self._again:
                        continue
                    return
                done = list(self._completed(busy))
        finally:
            self._drop([worker for worker in self._workers if worker.busy])

    def _free(self) -> _Worker:
        """Return a worker at rest; there are fewer at work than there may be."""
        for worker in [worker for worker in self._workers if not worker.busy]:
            if worker.process.is_alive():
                return worker
            self._drop([worker])  # killed from outside while it was at rest
        self._workers.append(_Worker(self._function, self._seconds, self._memory_mb))
        return self._workers[-1]

    def _completed(self, busy: list[_Worker]) -> Iterator[tuple[Any, Any]]:
        left = min(worker.deadline for worker in busy) - time.monotonic()
        ready = set(wait([worker.connection for worker in busy], timeout=max(0.0, left)))
        for worker in busy:
            if worker.connection in ready:
                try:
                    begun, outcome = worker.connection.recv()
                except (EOFError, OSError):
                    yield from self._died(worker)
                    continue
                except Exception as error:  # a value that cannot be put together here
                    yield worker.take(), Failure("error", f"the value cannot be read: {error}")
                    continue
                if not begun:  # loaded; now the clock of the item runs
                    self._false_starts = 0
                    worker.begin()
                    continue
                yield worker.take(), outcome
            elif time.monotonic() >= worker.deadline:
                item, started = worker.take(), worker.started
                self._drop([worker])
                if not started:
                    self._count_false_start("it took too long to start")
                yield item, Failure("time-limit", f"more than {self._seconds:g} s")

    def _died(self, worker: _Worker) -> Iterator[tuple[Any, Failure]]:
        item, started = worker.take(), worker.started
        worker.process.join(_GOODBYE_SECONDS)
        code = worker.process.exitcode
        self._drop([worker])
        if not started:  # it was killed while it loaded its libraries: the item is not to blame
            self._count_false_start(f"exit code {code}")
            self._again.append(item)
        elif code is not None and code < 0:
            yield item, Failure("crashed", f"the process was ended by {_signal_name(-code)}")
        else:
            yield item, Failure("crashed", f"the process ended with code {code}")

    def _count_false_start(self, detail: str) -> None:
        self._false_starts += 1
        if self._false_starts >= _MOST_FALSE_STARTS:
            raise ZetDardError(f"worker processes do not start: {detail}")

    def _drop(self, workers: list[_Worker]) -> None:
        for worker in workers:
            self._workers.remove(worker)
            worker.bury()


def run_apart(
    function: Callable[[Item], Value], items: Sequence[Item], *, seconds: float, memory_mb: int
) -> Iterator[tuple[Item, Value | Failure]]:
    """Run a function on items in as many processes as there are processors, in the order of completion.

    A few items are done by one process, because each takes a while to load its libraries.
    """
    if not items:
        return
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    processes = min(count, 1 + len(items) // _WORTH_A_PROCESS)
    with Isolated(function, processes, seconds, memory_mb) as pool:
        yield from pool.map(items)


class _Worker:
    """A process, the line to it, and the item it works on."""

    def __init__(self, function: bytes, seconds: float, memory_mb: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._seconds = seconds
        self.connection, theirs = context.Pipe()
        self.process: SpawnProcess = context.Process(
            target=_work, args=(theirs, function, memory_mb), daemon=True, name="zetdard-isolated"
        )
        with _single_threaded():
            self.process.start()
        theirs.close()  # so that its end is seen when the process dies
        self.busy = self.started = False
        self._item: Any = None
        self.deadline = 0.0

    def give(self, item: Any) -> None:
        """Hand over an item; until the process has loaded, the time limit is that of the start."""
        self._item, self.busy = item, True
        self.deadline = time.monotonic() + (self._seconds if self.started else START_SECONDS)
        with suppress(OSError):  # it has died: seen when its answer is waited for
            self.connection.send(item)

    def begin(self) -> None:
        """Note that the libraries are loaded."""
        self.started = True
        self.deadline = time.monotonic() + self._seconds

    def take(self) -> Any:
        """Take the item back."""
        item, self._item, self.busy = self._item, None, False
        return item

    def dismiss(self) -> None:
        """Ask a process at rest to end, and make one at work end."""
        if self.busy:
            self.process.kill()
        else:
            with suppress(OSError):  # it has ended already
                self.connection.close()

    def bury(self) -> None:
        """Leave neither a process nor a zombie behind."""
        if self.busy or not self.connection.closed:
            self.process.kill()
        self.process.join(_GOODBYE_SECONDS)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        self.process.close()
        self.connection.close()


@contextmanager
def _single_threaded() -> Iterator[None]:
    """Let the next process load its libraries with one thread each, unless the user has chosen a number."""
    with _starting:
        added = [name for name in _ONE_THREAD if name not in os.environ]
        os.environ.update(dict.fromkeys(added, "1"))
        try:
            yield
        finally:
            for name in added:
                del os.environ[name]


def _work(connection: Connection, function: bytes, memory_mb: int) -> None:
    """What a worker does until the line is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what an interruption ends
    _silence()
    call = pickle.loads(function)  # noqa: S301 -- comes from our own parent process
    _limit(memory_mb)
    connection.send((False, None))
    while True:
        try:
            item = connection.recv()
        except (EOFError, OSError):
            return
        try:
            answer = (True, call(item))
        except MemoryError:
            answer = (True, Failure("memory-limit", f"more than {memory_mb} MiB"))
        except AudioError as error:
            answer = (True, Failure(error.reason, error.detail))
        except MissingExtraError as error:
            answer = (True, Failure("missing-extra", str(error)))
        except StoreError as error:
            answer = (True, Failure(STORE, str(error)))
        except Exception as error:  # whatever a decoder raises costs this item only
            answer = (True, Failure("error", f"{type(error).__name__}: {error}"))
        try:
            connection.send(answer)
        except OSError:  # the parent is gone
            return
        except Exception as error:  # the value cannot be pickled
            connection.send((True, Failure("error", f"the value cannot be sent: {error}")))


def _silence() -> None:
    """Send what C libraries print about broken files to nowhere; the parent's terminal shows progress."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)


def _limit(memory_mb: int) -> None:
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if memory_mb:
        with suppress(ValueError, OSError):  # a lower limit is already set
            resource.setrlimit(resource.RLIMIT_DATA, (memory_mb << 20, memory_mb << 20))


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
