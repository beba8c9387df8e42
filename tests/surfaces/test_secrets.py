"""A login is a secret: of all that a run writes, only the file that keeps it may hold it."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import make_url

from postgres import postgres as postgres
from surfaces.crawled import Town, town
from zetdard.sandbox.server import Fault, FaultAt, Plan, Spell
from zetdard.sources.netease.connect import invented_service, open_transport
from zetdard.sources.netease.session import Session

CSRF = "c5rfSECRETc5rfSECRET"
WRONG = "wr0ngSECRETwr0ngSECRET"
KEPT_IN = "sandbox-session.json"
TALKATIVE = """
import logging, sys
from pathlib import Path
from zetdard.sources.netease import login
from zetdard.surfaces.cli import main

login.POLL_SECONDS = 0.01

everything = [logging.StreamHandler(), logging.FileHandler(Path(sys.argv.pop(1)))]
logging.getLogger("sqlalchemy").setLevel(logging.INFO)
logging.basicConfig(level=logging.DEBUG, handlers=everything, format="%(name)s %(message)s %(args)s", force=True)
main()
"""
"""The command line with every logger as talkative as it can be, on standard error and into a file."""


@pytest.fixture(scope="module")
def place() -> Iterator[Town]:
    with town() as place:
        yield place


@dataclass
class Run:
    """A home in use, and everything that was ever written there, by file, or said."""

    folder: Path
    secrets: tuple[str, ...]
    environment: Mapping[str, str]
    said: list[bytes] = field(default_factory=list)
    holders: dict[str, set[int]] = field(default_factory=dict)
    """Files that held a secret at any time, and their modes then."""
    seen: set[str] = field(default_factory=set)

    @property
    def home(self) -> Path:
        return self.folder / "home"

    def __call__(self, *words: str | Path, ends: int = 0) -> str:
        """Run a command, look into every file while it runs and afterwards; return standard output."""
        log = self.folder / "home" / "log.txt"
        with (self.folder / "out").open("w+b") as out, (self.folder / "err").open("w+b") as err:
            process = subprocess.Popen(
                [sys.executable, "-c", TALKATIVE, str(log), *map(str, words)],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                env={**os.environ, **self.environment},
            )
            try:
                while process.poll() is None:
                    self.look()
                    time.sleep(0.03)
            finally:
                process.kill()
                process.wait()
            self.look()
            out.seek(0)
            err.seek(0)
            said, errors = out.read(), err.read()
        self.said += [said, errors]
        assert process.returncode == ends, errors[-2000:].decode()
        return said.decode("utf-8")

    def look(self) -> None:
        for path in self.folder.rglob("*"):
            try:
                mode = path.stat().st_mode
                if not stat.S_ISREG(mode):
                    continue
                content = path.read_bytes()
            except FileNotFoundError:
                continue
            name = str(path.relative_to(self.folder))
            self.seen.add(name)
            if self.tells(content):
                self.holders.setdefault(name, set()).add(stat.S_IMODE(mode))

    def tells(self, content: bytes) -> bool:
        """Say whether it holds a secret, or as much of one as is of use."""
        return any(secret[:20].encode() in content for secret in self.secrets)

    def check(self) -> None:
        """Nothing that was said holds a secret, and of the files only that of the login, for its owner alone."""
        for said in self.said:
            assert not self.tells(said), "a secret was said"
        others = {
            name: modes
            for name, modes in self.holders.items()
            # A login is written beside its place and then put there.
            if name != f"home/{KEPT_IN}" and not name.startswith(f"home/.{KEPT_IN}-")
        }
        assert others == {}
        assert set().union(*self.holders.values()) <= {0o600}


@pytest.fixture
def run(place: Town, tmp_path: Path) -> Run:
    """A home of its own; the cookie lies outside of what is looked at, where its owner has put it."""
    folder = tmp_path / "run"
    for name in ("home", "tmp"):
        (folder / name).mkdir(parents=True)
    music_u = login_of(place)
    (tmp_path / "cookie").write_text(f"MUSIC_U={music_u}; __csrf={CSRF}\n", encoding="utf-8")
    (tmp_path / "wrong").write_text(f"MUSIC_U={WRONG}; __csrf={CSRF}\n", encoding="utf-8")
    secret, given_csrf = music_u.partition(".")[2], hashlib.md5(music_u.encode()).hexdigest()
    assert len(secret) == 64
    environment = {"ZETDARD_HOME": str(folder / "home"), "TMPDIR": str(folder / "tmp")}
    return Run(folder, (secret, CSRF, WRONG, given_csrf), environment)


def login_of(place: Town) -> str:
    """Return a ``MUSIC_U`` of the listener, from a login by QR code."""
    transport = open_transport(invented_service(place.server.url), None)
    try:
        key = transport.call("qr-key")["unikey"]
        replies = [transport.call("qr-check", key=key) for _ in range(3)]
    finally:
        transport.close()
    return Session.from_cookie(replies[-1]["cookie"]).music_u


def log_in_and_crawl(run: Run, place: Town, cookies: Path) -> None:
    """Log in, and crawl with failures and a stop."""
    run("login", *place.here, "--cookie-file", cookies / "cookie", "--json")
    words = place.crawl("--me", "--depth", "0", "--audio", "--with", "record", "--with", "suggestions")
    faults = (Fault.HTTP_503, Fault.EMPTY, Fault.HTML, Fault.TRUNCATED, Fault.DROPPED)
    at = tuple(FaultAt(at=5 + number, fault=fault) for number, fault in enumerate(faults))
    place.server.set_plan(Plan(faults_at=at, no_rights=0.2, cheating=(Spell(at=40),)))
    run(*words, ends=1)
    place.server.set_plan(Plan(needs_login=("user-detail",)))
    document = json.loads(run(*words, "--unblock", "--json"))
    assert document["kinds"]["audio"]["done"] > 0
    assert document["kinds"]["suggestions"]["done"] == 1, "the login went along"
    place.server.set_plan(Plan())


@pytest.mark.skipif(os.name != "posix", reason="modes of files are those of POSIX here")
def test_only_the_file_of_the_login_holds_it(place: Town, run: Run, tmp_path: Path) -> None:
    run("login", *place.here, "--cookie-file", tmp_path / "wrong", ends=1)
    assert not (run.home / KEPT_IN).exists()
    log_in_and_crawl(run, place, tmp_path)
    run("login", *place.here, "--status")
    run("status")
    run("status", "--json")
    run("recommend", "songs", place.listener, "-n", "3", "--explain")
    run.check()
    assert f"home/{KEPT_IN}" in run.holders, "the secret can be found where it is"
    assert stat.S_IMODE((run.home / KEPT_IN).stat().st_mode) == 0o600
    for name in ("home/zetdard.sqlite3", "home/zetdard.sqlite3-wal", "home/log.txt", "home/blobs/place"):
        assert name in run.seen, "it was looked at"
    log = (run.home / "log.txt").read_text(encoding="utf-8")
    assert "httpcore.connection" in log, "the loggers were talkative"
    assert "sqlalchemy.engine" in log

    # A damaged file of the login is complained of without showing it.
    kept = run.home / KEPT_IN
    kept.write_bytes(kept.read_bytes()[:-3])
    run("login", *place.here, "--status", ends=1)
    run(*place.crawl("--me"), ends=1)
    run.check()
    run("login", *place.here, "--logout")
    assert not kept.exists()
    run.holders.clear()
    run.look()
    assert run.holders == {}, "nothing of it is left"

    # A login by QR code comes from the service, in the headers of a reply.
    run("login", *place.here, "--qr")
    run.check()
    assert all(secret in kept.read_text(encoding="ascii") for secret in (run.secrets[0], run.secrets[-1]))


@pytest.mark.skipif(os.name != "posix", reason="modes of files are those of POSIX here")
def test_nor_does_postgresql(place: Town, run: Run, tmp_path: Path, postgres: str) -> None:
    admin = create_engine(postgres, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("CREATE DATABASE zetdard_secrets"))
    url = make_url(postgres).set(database="zetdard_secrets")
    try:
        address = url.render_as_string(hide_password=False)
        run.environment = {**run.environment, "ZETDARD_DATABASE": address}
        log_in_and_crawl(run, place, tmp_path)
        run("status", "--json")
        run.check()
        engine = create_engine(url)
        tables = inspect(engine).get_table_names()
        with engine.connect() as connection:
            dump = [
                str(row) for table in tables for row in connection.execute(text(f"SELECT * FROM {table}"))
            ]
        engine.dispose()
        assert any("needs-login" in row or "done" in row for row in dump), "tasks were looked at"
        assert not run.tells("\n".join(dump).encode())
    finally:
        with admin.connect() as connection:
            connection.execute(text("DROP DATABASE zetdard_secrets WITH (FORCE)"))
        admin.dispose()
