"""Ctrl-C, a first process that is gone, and workers that die: whoever is left ends in order, or goes on."""

from __future__ import annotations

import os
import signal

import pytest

from jobs.crawl.conftest import NewCrawl
from jobs.crawl.crawls import Crawl, assert_same
from zetdard.jobs.crawl.plan import CrawlState
from zetdard.sources.netease.connect import INVENTED
from zetdard.store.store import Store


def check_it_goes_on(crawl: Crawl, new_crawl: NewCrawl) -> None:
    """Check that nobody holds anything, that much is left to do, and that the same command does it."""
    with Store.open(crawl.database) as store:
        assert store.frontier(INVENTED).workers() == []
        assert sum(progress.todo for progress in store.frontier(INVENTED).progress()) > 0
    crawl.with_plan(rate=None).run()
    fresh = new_crawl()
    fresh.run()
    assert_same(crawl.outcome(), fresh.outcome())


def test_an_interrupted_worker_gives_back_what_it_has_not_begun(new_crawl: NewCrawl) -> None:
    crawl = new_crawl(plan={"rate": 100.0})
    seen = []

    def watch(state: CrawlState) -> None:
        seen.append(state)
        if len(seen) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        crawl.run(watch=watch)
    assert len(seen) == 3
    check_it_goes_on(crawl, new_crawl)


def test_an_interrupted_worker_does_not_sit_out_a_long_pause(new_crawl: NewCrawl) -> None:
    # At this rate the second request would be sent after a quarter of an hour.
    crawl = new_crawl(plan={"rate": 0.001}, begin={"artist_list": False, "users": ["1", "2", "3"]})

    def watch(state: CrawlState) -> None:
        if state.workers:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        crawl.run(watch=watch)
    with Store.open(crawl.database) as store:
        assert store.frontier(INVENTED).workers() == []


def test_ctrl_c_reaches_all_workers_of_a_command(new_crawl: NewCrawl) -> None:
    crawl = new_crawl(plan={"workers": 2, "rate": 100.0})
    with crawl.start() as command:
        command.wait_for(20)
        command.interrupt()
        assert command.end() == (130, "")
    check_it_goes_on(crawl, new_crawl)


def test_workers_end_when_the_first_process_is_killed(new_crawl: NewCrawl) -> None:
    crawl = new_crawl(plan={"workers": 2, "rate": 50.0})
    with crawl.start() as command:
        command.wait_for(20)
        assert len(command.workers()) == 2
        os.kill(command.process.pid, signal.SIGKILL)
        # It is over when nobody is left who could write.
        code, errors = command.end()
    assert (code, errors) == (-signal.SIGKILL, "")
    check_it_goes_on(crawl, new_crawl)


def test_the_other_worker_takes_over_from_one_that_was_killed(new_crawl: NewCrawl) -> None:
    crawl = new_crawl(plan={"workers": 2, "rate": 100.0, "lease_ms": 1_500})
    with crawl.start() as command:
        command.wait_for(20)
        command.kill_worker(0)
        assert command.end() == (0, "1 of 2 workers died; others took over\n")
    fresh = new_crawl()
    fresh.run()
    assert_same(crawl.outcome(), fresh.outcome())


def test_leases_of_a_worker_that_is_gone_are_taken_over(new_crawl: NewCrawl) -> None:
    crawl = new_crawl()
    crawl.with_plan(limits={"user": 0}, workers=1).run()
    with Store.open(crawl.database) as store:
        gone = store.frontier(INVENTED).claim(
            "gone", 9, kinds=crawl.crawl_plan.wanted, max_depth=9, lease_ms=1_000
        )
        assert len(gone) == 1
    assert crawl.run().state.todo == 0
    fresh = new_crawl()
    fresh.run()
    assert_same(crawl.outcome(), fresh.outcome())
