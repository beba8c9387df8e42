"""Processes: one that is killed leaves nothing behind, and several at once all succeed."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from store.facts import ALL_RELATIONS, contents, write
from zetdard.records import Song, User
from zetdard.store import dialect
from zetdard.store.store import Store

IMPORTING = """
import sys
from zetdard.records import Listen, Song, User
from zetdard.store.store import Store

url, user, step = sys.argv[1], sys.argv[2], int(sys.argv[3])
songs = [str(number) for number in range(6_000)][::step]
print("ready", flush=True)
sys.stdin.readline()
with Store.open(url) as store, store.importing("here") as importing:
    list(importing.write([User(id=user), *(Song(id=song, title=user) for song in songs)]))
    print("half-way", flush=True)
    if step == 1:
        sys.stdin.readline()
    list(importing.write(Listen(user=user, song=song, at=1) for song in songs[:9]))
    importing.finish(format="test", path="", started_at=0, refused=0)
"""


@contextmanager
def importing(url: str, user: str, *, step: int) -> Iterator[subprocess.Popen[str]]:
    """Give a process that imports when told to; with step 1 it waits half-way to be told again."""
    words = [sys.executable, "-c", IMPORTING, url, user, str(step)]
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def hear(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def tell(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("go on\n")
    process.stdin.flush()


def test_a_killed_import_leaves_nothing_and_no_lock(store: Store, database_url: str) -> None:
    write(store, User(id="u"), Song(id="7", title="before"))
    before = contents(store, without=())
    with importing(database_url, "killed", step=1) as process:
        assert hear(process) == "ready"
        tell(process)
        assert hear(process) == "half-way"
    assert process.returncode < 0
    assert contents(store, without=()) == before
    write(store, User(id="u"), Song(id="8", title="after"))
    assert (store.revision(), store.counts()["songs"]) == (2, 2)


def test_two_processes_make_a_database_and_import_the_same_songs_in_another_order(database_url: str) -> None:
    with (
        importing(database_url, "ann", step=1) as first,
        importing(database_url, "bob", step=-1) as second,
    ):
        for process in (first, second):
            assert hear(process) == "ready"
        for process in (first, second):
            tell(process)
        assert hear(first) == "half-way"
        tell(first)
        assert (first.wait(60), second.wait(60)) == (0, 0)
    with Store.open(database_url) as store:
        data = store.dataset(ALL_RELATIONS)
        assert data.users.vocabulary.labels == ("ann", "bob")
        assert data.holdings.user_degrees().tolist() == [9, 9]
        assert (len(data.songs), store.revision(), len(store.imports())) == (6_000, 2, 2)


def test_a_database_that_another_is_just_making_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite refuses the switch to the write-ahead log beside a writer at once, whatever the busy timeout."""
    file = tmp_path / "new.sqlite3"
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    naps: list[float] = []

    def nap(seconds: float) -> None:
        naps.append(seconds)
        if len(naps) == 2:
            other.execute("COMMIT")

    monkeypatch.setattr(dialect, "sleep", nap)
    Store.open(f"sqlite:///{file}").close()
    other.close()
    assert len(naps) == 2
