"""Crawls of the invented NetEase: in this process, or as commands that can be killed; and what is left of them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from store.facts import contents
from zetdard.jobs.crawl.crawling import Again, Watch, crawl
from zetdard.jobs.crawl.crew import Post
from zetdard.jobs.crawl.plan import CrawlPlan, CrawlReport, wanted_kinds
from zetdard.registry import netease_connect, netease_kinds
from zetdard.sandbox.server import RunningServer
from zetdard.sources.crawling import Beginning
from zetdard.sources.netease.connect import INVENTED, Service
from zetdard.store.store import Store
from zetdard.tasks import TaskState

COMMAND = Path(__file__).with_name("command.py")
PATIENCE_S = 120
"""How long a command may take before a test gives it up: far more than it needs."""

Outcome = dict[str, list[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawl:
    """What a crawl is given; the defaults make it quick.

    Attributes:
        server: The invented NetEase.
        database: URL.
        blobs: Folder of files.
        begin: Where it begins.
        also: Kinds of visits besides the usual ones.
        without: Usual kinds to leave out.
        plan: Further fields of ``CrawlPlan``.
        service: Further fields of ``Service``.
    """

    server: RunningServer
    database: str
    blobs: Path
    begin: Mapping[str, Any] | None = None
    also: Iterable[str] = ()
    without: Iterable[str] = ()
    plan: Mapping[str, Any] = field(default_factory=dict)
    service: Mapping[str, Any] = field(default_factory=dict)

    def with_plan(self, **changes: Any) -> Crawl:
        return replace(self, plan={**self.plan, **changes})

    @property
    def asked(self) -> Service:
        server = self.server
        service = Service(
            web=server.url,
            interface=server.url,
            modulus=server.modulus,
            exponent=server.exponent,
            invented=True,
        )
        return replace(service, **self.service)

    @property
    def crawl_plan(self) -> CrawlPlan:
        quick = {"rate": None, "lease_ms": 60_000, "retry_ms": 20, "cool_ms": 50}
        wanted = wanted_kinds(netease_kinds(), frozenset(self.also), frozenset(self.without))
        return CrawlPlan(wanted=wanted, **{**quick, **self.plan})

    @property
    def post(self) -> Post:
        return Post(
            database=self.database,
            source=INVENTED,
            blobs=self.blobs,
            connect=netease_connect(self.asked),
            plan=self.crawl_plan,
        )

    def run(
        self, *, again: Again | None = None, unblock: bool = False, watch: Watch | None = None
    ) -> CrawlReport:
        """Crawl here until the end."""
        post = self.post
        with Store.open(self.database) as store:
            return crawl(
                store,
                self.database,
                INVENTED,
                post.connect,
                post.plan,
                Beginning(**self.begin) if self.begin else None,
                blobs=self.blobs,
                again=again,
                unblock=unblock,
                watch=watch,
            )

    def outcome(self) -> Outcome:
        with Store.open(self.database) as store:
            return outcome(store)

    def ends(self, kind: str | None = None) -> dict[tuple[str, str], TaskState]:
        """Return how the tasks ended, by kind and id (of their first page)."""
        tasks = self.outcome()["tasks"]
        return {
            (name, id_): TaskState(state)
            for name, id_, cursor, state, _ in tasks
            if cursor == "" and kind in (None, name)
        }

    def start(self, failpoint: str | None = None) -> Command:
        """Crawl in a process of its own, with processes of its own."""
        plan = asdict(self.crawl_plan)
        order = {
            "database": self.database,
            "service": asdict(self.asked),
            "blobs": str(self.blobs),
            "plan": plan | {"wanted": sorted(plan["wanted"])},
            "begin": self.begin,
        }
        environment = {name: value for name, value in os.environ.items() if name != "ZETDARD_FAILPOINT"}
        if failpoint is not None:
            environment["ZETDARD_FAILPOINT"] = failpoint
        process = subprocess.Popen(
            [sys.executable, str(COMMAND), json.dumps(order)],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # Its processes are a group, so that all of them can be killed at once, and Ctrl-C sent to all.
            start_new_session=True,
        )
        return Command(process)


@dataclass(slots=True)
class Command:
    """A crawl that runs in processes of its own."""

    process: subprocess.Popen[str]
    said: list[str] = field(default_factory=list)

    def __enter__(self) -> Command:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self.process.wait()
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()

    def wait_for(self, done: int) -> None:
        """Wait until it has told of so many visits; it may end before."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line)
            if json.loads(line).get("done", 0) >= done:
                return

    def workers(self) -> list[int]:
        """Return the process ids of its workers."""
        # Python starts a process that looks after shared things, too: it is no worker.
        words = ["pgrep", "-P", str(self.process.pid), "-f", "spawn_main"]
        return [
            int(word) for word in subprocess.run(words, stdout=subprocess.PIPE, check=False).stdout.split()
        ]

    def kill(self) -> None:
        """Kill all of its processes at once."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def kill_worker(self, number: int) -> None:
        """Kill one worker and leave the others alone."""
        if workers := self.workers():
            with suppress(ProcessLookupError):
                os.kill(workers[number % len(workers)], signal.SIGKILL)

    def interrupt(self) -> None:
        """Press Ctrl-C: in a terminal it reaches all of its processes."""
        os.killpg(self.process.pid, signal.SIGINT)

    def end(self) -> tuple[int, str]:
        """Wait for its end; return the exit code and what it wrote as errors."""
        _, errors = self.process.communicate(timeout=PATIENCE_S)
        return self.process.returncode, errors


def outcome(store: Store) -> Outcome:
    """Return all that a crawl brought, without what depends on when and by whom it was brought.

    Facts by the ids of the service; of tasks: kind, id, cursor, state and depth.
    """
    tables = contents(store, without=("key", "fetched_at"))
    for name in ("state", "budgets", "imports"):
        del tables[name]
    # Folders of files have ids of their own.
    for name in ("audio_files", "pictures"):
        tables[name] = [row | {"place": ""} for row in tables[name]]
    names = ("kind", "id", "cursor", "state", "depth")
    tasks = sorted(tuple(row[name] for name in names) for row in tables["tasks"])
    return {**tables, "tasks": tasks}


def files(folder: Path) -> set[str]:
    """Return the content hashes of the complete files in a folder of blobs."""
    return {path.parent.name + path.name for path in folder.glob("??/*")}


def assert_same(found: Outcome, expected: Outcome) -> None:
    """Compare table by table, so that a failure shows the few rows that differ and not all of them."""
    assert found.keys() == expected.keys()
    for name, rows in expected.items():
        if found[name] != rows:
            missing = [row for row in rows if row not in found[name]]
            more = [row for row in found[name] if row not in rows]
            raise AssertionError(
                f"{name}: {len(found[name])} rows instead of {len(rows)}; {len(missing)} are missing: "
                f"{missing[:5]}; {len(more)} should not be there: {more[:5]}"
            )


def copy_of(migrated: Path, database: str) -> str:
    """Give an empty SQLite database today's schema, quicker than by migrating; return its URL."""
    if database.startswith("sqlite:///"):
        shutil.copy(migrated, database.removeprefix("sqlite:///"))
    return database
