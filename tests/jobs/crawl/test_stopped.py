"""A service that is asked too often, or takes us for abusive: all workers hear of it, and nothing is lost."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from jobs.crawl.conftest import TINY, NewCrawl
from jobs.crawl.crawls import PATIENCE_S, Crawl, assert_same
from zetdard.errors import CrawlStoppedError
from zetdard.jobs.crawl.crew import AtWork
from zetdard.sandbox.server import Fault, FaultAt, Plan, RunningServer, Spell
from zetdard.sandbox.world import generate
from zetdard.sources.crawling import Beginning
from zetdard.sources.netease.connect import INVENTED
from zetdard.store.budget import BudgetState
from zetdard.store.store import Store
from zetdard.tasks import TaskState


def refusals(server: RunningServer) -> dict[str, int]:
    return server.requests()["refusals"]


def wait_until(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.02)


def sow(crawl: Crawl, store: Store) -> None:
    """Put the first visits into the frontier, as the command does before its workers begin."""
    source = crawl.post.connect(lambda: None)
    records, tasks = source.begin(Beginning(**crawl.begin or {}))
    source.close()
    store.frontier(INVENTED).sow(tasks, records)


def test_a_burst_of_405_lowers_the_rate_of_all_and_it_recovers(
    new_crawl: NewCrawl, village: RunningServer
) -> None:
    crawl = new_crawl(plan={"workers": 2})
    states: list[BudgetState] = []
    with Store.open(crawl.database) as store:
        budget = store.budget(INVENTED)
        budget.configure(160, recover_ms=700)
        sow(crawl, store)
        village.set_plan(Plan(slow_down=(Spell(at=60, requests=3),)))
        before = refusals(village).get("405", 0)
        with AtWork(crawl.post) as crew:
            while crew.is_working():
                states.append(budget.state())
                time.sleep(0.02)
        assert crew.visits() > 60
        assert refusals(village)["405"] - before == 3
        assert min(state.rate or 0 for state in states) <= 80
        assert max(state.cools_ms for state in states) > 0
        wait_until(lambda: budget.state().rate == 160)
    village.set_plan(Plan())
    fresh = new_crawl()
    fresh.run()
    assert_same(crawl.outcome(), fresh.outcome())


@pytest.mark.parametrize("workers", [1, 3])
def test_460_stops_every_worker_within_a_request(
    workers: int, new_crawl: NewCrawl, village: RunningServer
) -> None:
    crawl = new_crawl(plan={"workers": workers, "rate": 100.0})
    village.set_plan(Plan(cheating=(Spell(at=150),)))
    before = refusals(village).get("-460", 0)
    with pytest.raises(CrawlStoppedError, match=r"Cheating \(code -460\)\. Nothing is lost\."):
        crawl.run()
    assert 1 <= refusals(village)["-460"] - before <= workers
    with Store.open(crawl.database) as store:
        assert store.frontier(INVENTED).workers() == []
        assert {progress.done > 0 for progress in store.frontier(INVENTED).progress()} >= {True}
    village.set_plan(Plan())
    asked = village.requests()
    with pytest.raises(CrawlStoppedError, match="--unblock"):
        crawl.run()
    assert village.requests() == asked
    crawl.with_plan(rate=None).run(unblock=True)
    fresh = new_crawl()
    fresh.run()
    assert_same(crawl.outcome(), fresh.outcome())


def test_462_carries_the_address_of_the_check(new_crawl: NewCrawl, village: RunningServer) -> None:
    crawl = new_crawl()
    village.set_plan(Plan(risk_check=(Spell(at=20),)))
    with pytest.raises(CrawlStoppedError) as caught:
        crawl.run()
    url = f"{village.url}/verify?event=invented"
    assert f"open {url} in a browser" in str(caught.value)
    with Store.open(crawl.database) as store:
        state = store.budget(INVENTED).state()
    assert (state.url, state.stopped) == (url, str(caught.value))


def test_a_beginning_that_is_refused_stops_the_crawl_too(new_crawl: NewCrawl, village: RunningServer) -> None:
    crawl = new_crawl(begin={"nicknames": [village.about["listener"]["name"]]})
    village.set_plan(Plan(risk_check=(Spell(at=1),)))
    with pytest.raises(CrawlStoppedError, match="verify"):
        crawl.run()


def test_a_beginning_that_goes_wrong_is_tried_again(new_crawl: NewCrawl, village: RunningServer) -> None:
    crawl = new_crawl()
    village.set_plan(
        Plan(faults_at=(FaultAt(at=1, fault=Fault.HTML), FaultAt(at=3, fault=Fault.HTTP_503)), times=1)
    )
    assert crawl.run().state.todo == 0
    fresh = new_crawl()
    fresh.run()
    assert_same(crawl.outcome(), fresh.outcome())


def test_a_stalled_connection_stops_only_its_own_worker(new_crawl: NewCrawl, village: RunningServer) -> None:
    crawl = new_crawl(plan={"workers": 2}, service={"timeout_s": 4.0})
    village.set_plan(Plan(faults_at=(FaultAt(at=40, fault=Fault.STALLED),), stall_seconds=60.0))
    before = refusals(village).get("stalled", 0)
    assert crawl.run().state.ended == 0
    assert refusals(village)["stalled"] - before == 1
    with Store.open(crawl.database) as store, store.database.read() as connection:
        ended = connection.exec_driver_sql(
            "SELECT attempts, finished_at FROM tasks WHERE finished_at IS NOT NULL"
        ).all()
    (stalled,) = [at for attempts, at in ended if attempts > 1]
    # It was made after its time limit. By then the other worker had made all that was to do without what the
    # stalled one held: much more than had been asked for when the connection stalled.
    assert sum(at < stalled for _, at in ended) > 60
    village.set_plan(Plan())
    fresh = new_crawl()
    fresh.run()
    assert_same(crawl.outcome(), fresh.outcome())


def test_a_service_that_never_answers_ends_the_crawl(new_crawl: NewCrawl, village: RunningServer) -> None:
    people = generate(TINY).people_labels.user_ids
    crawl = new_crawl(plan={"workers": 2, "retry_ms": 500}, begin={"users": people})
    village.set_plan(Plan(http_503=1.0, times=1_000))
    with pytest.raises(CrawlStoppedError, match="20 requests in a row brought nothing, .* Nothing is lost"):
        crawl.run()
    assert crawl.ends() == {("user", user): TaskState.TODO for user in people}
    village.set_plan(Plan())
    assert crawl.run().state.todo == 0


def test_the_same_command_goes_on_after_an_outage(new_crawl: NewCrawl, village: RunningServer) -> None:
    begin = {"users": [village.about["listener"]["id"]]}
    crawl = new_crawl(begin=begin, plan={"max_attempts": 3, "retry_ms": 1})
    outage = replace(crawl, service={"web": "http://127.0.0.1:9", "interface": "http://127.0.0.1:9"})
    # The first visit is the only one that is due: nothing else could show that the service is not there.
    with pytest.raises(CrawlStoppedError, match="3 requests in a row brought nothing"):
        outage.run()
    assert outage.run().state.ended == 1  # and now it is given up
    assert crawl.run().visits > 100
    fresh = new_crawl(begin=begin)
    fresh.run()
    assert_same(crawl.outcome(), fresh.outcome())


def test_a_crawl_without_files_needs_no_folder_for_them(new_crawl: NewCrawl) -> None:
    crawl = new_crawl()
    crawl.blobs.write_text("a file stands where the folder would be")
    assert crawl.run().state.ended == 0
