"""Workers that are processes: none gets what another has, and one that is killed leaves nothing half."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor

import pytest

from store.facts import SHA, contents
from store.visits import KINDS, LEASE_MS, claim, done, task
from zetdard.records import AudioFile, Picture, Song, User
from zetdard.store.frontier import Frontier
from zetdard.store.store import Store
from zetdard.tasks import Task


def work(url: str, name: str, limit: int | None) -> list[str]:
    """Claim and settle until nothing is left; each visit brings one user and, once, a child."""
    visited = []
    with Store.open(url) as store:
        frontier = store.frontier("here")
        limits = {} if limit is None else {"song": limit}
        while claims := claim(frontier, name, 7, limits=limits):
            visited += [held.task.id for held in claims]
            settled = frontier.settle(
                name,
                [
                    done(
                        held,
                        [User(id=held.task.id)],
                        [] if held.task.depth else [task(f"child of {held.task.id}", depth=1)],
                    )
                    for held in claims
                ],
            )
            assert len(settled.done) == len(claims)
    return visited


def run_workers(url: str, limit: int | None = None) -> list[str]:
    # Not forked: threads and open databases do not survive that.
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        jobs = [pool.submit(work, url, f"w{number}", limit) for number in range(2)]
        return [name for job in jobs for name in job.result(timeout=100)]


def test_two_processes_share_the_work_and_do_nothing_twice(store: Store, database_url: str) -> None:
    store.frontier("here").sow([task(f"t{number}") for number in range(200)])
    visited = run_workers(database_url)
    # The last claim of one may come before the other's last children: a worker of a real crawl waits for those.
    rest = store.frontier("here")
    visited += [held.task.id for held in claim(rest, "rest", 500)]
    expected = {f"{prefix}t{number}" for prefix in ("", "child of ") for number in range(200)}
    assert len(visited) == len(set(visited)) == 400
    assert set(visited) == expected


def test_two_processes_together_keep_a_limit(store: Store, database_url: str) -> None:
    store.frontier("here").sow([task(f"t{number}", depth=1) for number in range(100)])
    assert len(run_workers(database_url, limit=33)) == 33
    (progress,) = store.frontier("here").progress()
    assert (progress.done, progress.todo) == (33, 67)


SETTLING = """
import sys, time
from zetdard.records import User
from zetdard.store import tasktable
from zetdard.store.store import Store
from zetdard.tasks import Outcome, Result, Task, TaskState

url, moment = sys.argv[1:]
end = tasktable.end

def told(*words):
    if moment == "after":
        end(*words)
    print("half-way", flush=True)
    time.sleep(60)

tasktable.end = told
with Store.open(url) as store:
    frontier = store.frontier("here")
    (held,) = frontier.claim("killed", 1, kinds=frozenset({"song"}), max_depth=9, lease_ms=60_000)
    outcome = Outcome(records=(User(id="u"),), children=(Task(kind="song", id="child"),))
    frontier.settle("killed", [Result(claim=held, state=TaskState.DONE, outcome=outcome)])
"""


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_worker_that_is_killed_while_it_settles_leaves_nothing_and_its_work_is_taken_over(
    store: Store, database_url: str, moment: str
) -> None:
    store.frontier("here").sow([task("a")])
    process = subprocess.Popen(
        [sys.executable, "-c", SETTLING, database_url, moment], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "half-way\n"
    finally:
        process.kill()
        process.communicate()
    frontier = store.frontier("here")
    assert frontier.workers() == ["killed"]
    assert claim(frontier, "w", 9) == []
    (row,) = contents(store)["tasks"]
    assert (row["state"], row["lease_owner"], store.counts()["users"]) == ("todo", "killed", 0)
    later = Frontier(store.database, "here", clock=lambda: row["lease_until"])
    (taken,) = claim(later, "w", 9)
    assert later.settle("w", [done(taken, [User(id="u")], [task("child")])]).done == {taken.key}
    assert store.counts()["users"] == 1


@pytest.mark.parametrize("new_database", ["postgresql"], indirect=True)
def test_claims_do_not_wait_for_an_import_where_the_database_can_tell(store: Store) -> None:
    frontier = store.frontier("here")
    frontier.sow([task("a")])
    with store.importing("other") as importing:
        list(importing.write([User(id="u")]))
        held = claim(frontier, "w", 1)
        assert frontier.renew("w", held, LEASE_MS) == {held[0].key}
        store.budget("here").configure(2)
        assert store.budget("here").take() == 0


def test_files_that_are_gone_are_fetched_again(store: Store) -> None:
    frontier = store.frontier("here")
    gone = SHA[::-1]
    picture = Task(
        kind="picture", id="https://x/1", payload={"kind": "user", "of": "s2", "url": "https://x/1"}
    )
    other = Task(kind="picture", id="https://x/2", payload={"kind": "user", "of": "s1", "url": "https://x/2"})
    audio = [Task(kind="audio", id=f"s{number}") for number in (1, 2)]
    lyrics = Task(kind="lyrics", id="s2")
    frontier.sow([*audio, picture, other, lyrics])
    everything = KINDS | {"audio", "picture", "lyrics"}
    held = claim(frontier, "w", 9, kinds=everything)
    records = [
        Song(id="s1", title=""),
        Song(id="s2", title=""),
        AudioFile(song="s1", sha256=SHA, size=1, format="mp3", place="p"),
        AudioFile(song="s2", sha256=gone, size=1, format="mp3", place="p"),
        AudioFile(song="s2", sha256=gone, size=1, format="mp3", place="elsewhere"),
        Picture(kind="user", of="s1", sha256=SHA, size=1, media_type="image/png", place="p"),
        Picture(kind="user", of="s2", sha256=gone, size=1, media_type="image/png", place="p"),
    ]
    frontier.settle("w", [done(held[0], records), *(done(one) for one in held[1:])])
    assert frontier.reset_missing("q", lambda _: False) == 0
    assert frontier.reset_missing("p", lambda sha256: sha256 == SHA) == 2
    again = claim(frontier, "w", 9, kinds=everything)
    assert {(one.task.kind, one.task.id) for one in again} == {("audio", "s2"), ("picture", "https://x/1")}
    tables = contents(store)
    assert {(row["song"], row["place"]) for row in tables["audio_files"]} == {
        ("here:s2", "elsewhere"),
        ("here:s1", "p"),
    }
    assert [row["of"] for row in tables["pictures"]] == ["s1"]
