"""Sound and images on disk: complete and right, or not there, whatever becomes of connections, addresses and workers."""

from __future__ import annotations

import hashlib
import os
import random
from collections.abc import Iterator
from typing import Any

import pytest

from jobs.crawl.conftest import NewCrawl
from jobs.crawl.crawls import assert_same, files
from store.databases import NewDatabase
from zetdard.sandbox.server import Plan, RunningServer
from zetdard.sources.netease.transport import Wire
from zetdard.store.blobs import Blobs
from zetdard.tasks import TaskState

FAULTS = dict.fromkeys(("http_503", "empty", "html", "truncated", "dropped"), 0.02)
PLACES = ("blob-kept:3", "after-claim:4", "in-settle:3", "blob-kept:20", "after-visit:40")


@pytest.fixture
def received(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int, int]]:
    """Address, offset and number of bytes of every file, or part of one, that came."""
    seen: list[tuple[str, int, int]] = []
    stream = Wire.stream

    def counting(self: Wire, url: str, offset: int = 0) -> Iterator[bytes]:
        size = 0
        try:
            for piece in stream(self, url, offset):
                size += len(piece)
                yield piece
        finally:
            if size:
                seen.append((url.partition("?")[0], offset, size))

    monkeypatch.setattr(Wire, "stream", counting)
    return seen


def check_files(crawl: Any) -> None:
    """Check that every file that the store names is there, and is what its name says."""
    outcome, kept = crawl.outcome(), files(crawl.blobs)
    assert kept == {row["sha256"] for name in ("audio_files", "pictures") for row in outcome[name]}
    blobs = Blobs(crawl.blobs)
    for row in outcome["audio_files"]:
        content = blobs.path(row["sha256"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == row["sha256"]
        assert hashlib.md5(content).hexdigest() == row["md5"]
        assert len(content) == row["size"]


@pytest.mark.parametrize("run", range(max(1, int(os.environ.get("ZETDARD_SOAK", "3")) // 3)))
def test_files_of_a_killed_crawl_of_a_service_that_fails_now_and_then(
    run: int, new_crawl: NewCrawl, village: RunningServer, new_database: NewDatabase
) -> None:
    fresh = new_crawl(also=("audio", "picture"))
    fresh.run()
    check_files(fresh)

    crawl = new_crawl(
        also=("audio", "picture"), database=new_database(), plan={"workers": 2, "lease_ms": 1_500}
    )
    village.set_plan(Plan(**FAULTS, halved_sounds=0.5))
    for place in random.Random(run).sample(PLACES, 2):
        with crawl.start(failpoint=place) as command:
            assert command.end()[0] in {0, 1}
    with crawl.start() as command:
        assert command.end() == (0, "")
    assert_same(crawl.outcome(), fresh.outcome())
    assert files(crawl.blobs) == files(fresh.blobs)
    check_files(crawl)


def test_a_file_goes_on_where_its_connection_broke(
    new_crawl: NewCrawl, village: RunningServer, received: list[tuple[str, int, int]]
) -> None:
    crawl = new_crawl(also=("audio",))
    village.set_plan(Plan(halved_sounds=1.0))
    crawl.run()
    sounds = crawl.outcome()["audio_files"]
    # Every sound came in two parts, and no byte of it was kept twice.
    assert sum(size for _, _, size in received) == sum(row["size"] for row in sounds)
    assert len(received) == 2 * len(sounds) > 0
    assert sum(offset > 0 for _, offset, _ in received) == len(sounds)
    check_files(crawl)


def test_an_address_that_has_run_out_is_asked_for_again(
    new_crawl: NewCrawl, village: RunningServer, received: list[tuple[str, int, int]]
) -> None:
    fresh = new_crawl(also=("audio",))
    fresh.run()
    received.clear()
    before = village.requests()["requests"]["song-url"]
    village.set_plan(Plan(expired_sounds=1))
    crawl = new_crawl(also=("audio",))
    crawl.run()
    sounds = crawl.outcome()["audio_files"]
    assert len(received) == len(sounds)
    assert village.requests()["requests"]["song-url"] - before == len(crawl.ends("audio")) + len(sounds)
    assert_same(crawl.outcome(), fresh.outcome())


def test_a_file_that_is_not_what_was_stated_is_never_kept(
    new_crawl: NewCrawl, village: RunningServer
) -> None:
    fresh = new_crawl(also=("audio",))
    fresh.run()
    crawl = new_crawl(also=("audio",), plan={"max_attempts": 2})
    village.set_plan(Plan(wrong_md5=0.4))
    crawl.run()
    failed = {id_ for (_, id_), state in crawl.ends("audio").items() if state is TaskState.FAILED}
    kept = {row["song"].removeprefix("sandbox:") for row in crawl.outcome()["audio_files"]}
    sounding = {row["song"].removeprefix("sandbox:") for row in fresh.outcome()["audio_files"]}
    assert failed
    assert kept == sounding - failed
    check_files(crawl)


def test_a_file_that_has_gone_from_the_disk_is_fetched_again(
    new_crawl: NewCrawl, village: RunningServer, received: list[tuple[str, int, int]]
) -> None:
    crawl = new_crawl(also=("audio", "picture"))
    crawl.run()
    expected = crawl.outcome()
    blobs = Blobs(crawl.blobs)
    lost = [expected[name][0]["sha256"] for name in ("audio_files", "pictures")]
    for sha256 in lost:
        blobs.path(sha256).unlink()
    received.clear()
    crawl.run()
    assert {blobs.has(sha256) for sha256 in lost} == {True}
    assert 2 <= len(received) <= 4
    assert_same(crawl.outcome(), expected)
