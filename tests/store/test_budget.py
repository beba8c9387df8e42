"""The budget: one for all, falls when told to, recovers, stops."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor

import pytest

from zetdard.errors import CrawlStoppedError, InputError
from zetdard.store.budget import DEFAULT_RATE, Budget
from zetdard.store.store import Store

START = 1_700_000_000_000


@pytest.fixture
def clock() -> list[int]:
    """The time; a test may change it."""
    return [START]


@pytest.fixture
def budget(store: Store, clock: list[int]) -> Budget:
    return Budget(store.database, "here", clock=lambda: clock[0])


def test_slots_lie_as_far_apart_as_the_rate_says(budget: Budget, clock: list[int]) -> None:
    budget.configure(4)
    assert [budget.take() for _ in range(4)] == [0, 250, 500, 750]
    clock[0] += 900
    assert budget.take() == 100
    clock[0] += 10_000
    # What was not used is gone: a burst is one request.
    assert [budget.take() for _ in range(2)] == [0, 250]


def test_a_rate_that_does_not_divide_a_second_is_kept_in_the_long_run(budget: Budget) -> None:
    budget.configure(300)
    waits = [budget.take() for _ in range(301)]
    assert waits[-1] == 1_000
    assert waits == sorted(waits)


def test_unless_told_otherwise_it_is_polite(budget: Budget) -> None:
    assert budget.state().rate == DEFAULT_RATE == 2.0
    assert [budget.take() for _ in range(3)] == [0, 500, 1_000]


def test_without_limit(budget: Budget) -> None:
    budget.configure(None)
    assert [budget.take() for _ in range(100)] == [0] * 100
    assert (budget.state().top, budget.state().rate) == (None, None)


def test_each_source_has_its_own(budget: Budget, store: Store) -> None:
    budget.configure(1)
    budget.stop("enough")
    other = store.budget("there")
    other.configure(None)
    assert (other.take(), other.stopped()) == (0, None)


def test_a_change_by_another_is_seen_at_once(budget: Budget, store: Store) -> None:
    budget.configure(None)
    assert budget.take() == 0
    url = store.database.engine.url.render_as_string(hide_password=False)
    with Store.open(url) as elsewhere:
        elsewhere.budget("here").stop("enough")
        with pytest.raises(CrawlStoppedError):
            budget.take()
        elsewhere.budget("here").clear()
        assert budget.take() == 0


def test_it_falls_pauses_and_recovers_slowly(budget: Budget, clock: list[int]) -> None:
    budget.configure(10, recover_ms=1_000)
    budget.take()
    budget.slow_down(5_000)
    assert (budget.state().rate, budget.state().cools_ms) == (5.0, 5_000)
    assert [budget.take() for _ in range(2)] == [5_000, 5_200]
    clock[0] += 5_000
    rates = []
    for _ in range(7):
        rates.append(budget.state().rate)
        clock[0] += 1_000
    assert rates == [5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 10.0]
    assert [budget.take() for _ in range(2)] == [0, 100]


def test_refusals_of_one_burst_count_once_and_those_after_the_pause_make_it_longer(
    budget: Budget, clock: list[int]
) -> None:
    budget.configure(8)
    for _ in range(5):
        budget.slow_down(1_000)
    assert (budget.state().rate, budget.state().cools_ms) == (4.0, 1_000)
    clock[0] += 1_500
    budget.slow_down(1_000)
    assert (budget.state().rate, budget.state().cools_ms) == (2.0, 2_000)
    clock[0] += 2_000
    budget.slow_down(1_000)
    assert (budget.state().rate, budget.state().cools_ms) == (1.0, 4_000)
    clock[0] += 4_000 + 60_000
    budget.slow_down(1_000)
    assert budget.state().cools_ms == 1_000


def test_it_does_not_fall_for_ever(budget: Budget, clock: list[int]) -> None:
    budget.configure(64, recover_ms=10**9)
    for _ in range(20):
        budget.slow_down(10)
        clock[0] += budget.state().cools_ms
    assert budget.state().rate == 1.0


def test_a_crawl_without_limit_gets_one_until_it_has_recovered(budget: Budget, clock: list[int]) -> None:
    budget.configure(None, recover_ms=1_000)
    budget.slow_down(1_000)
    assert (budget.state().top, budget.state().rate) == (None, 2.0)
    assert [budget.take() for _ in range(3)] == [1_000, 1_500, 2_000]
    clock[0] += 1_000 + 4_000
    assert budget.state().rate == pytest.approx(3.6)
    clock[0] += 1_000
    assert budget.state().rate is None
    assert [budget.take() for _ in range(3)] == [0, 0, 0]


def test_what_is_configured_again_does_not_undo_a_fall(budget: Budget, clock: list[int]) -> None:
    budget.configure(8)
    budget.slow_down(1_000)
    budget.configure(8)
    assert (budget.state().rate, budget.state().cools_ms) == (4.0, 1_000)
    budget.configure(2)
    assert budget.state().rate == 2.0
    clock[0] += 10_000
    budget.configure(None)
    budget.configure(16)
    assert budget.state().top == 16
    budget.clear()


def test_another_rate_holds_at_once(budget: Budget) -> None:
    budget.configure(1)
    budget.configure(4)
    assert [budget.take() for _ in range(2)] == [0, 250]
    budget.configure(None)
    assert budget.take() == 0
    budget.configure(4)
    assert budget.take() == 0


def test_a_stop_says_why_and_what_a_person_can_do(budget: Budget, clock: list[int]) -> None:
    assert budget.stopped() is None
    budget.configure(None)
    budget.stop("cheating (code -460)")
    budget.stop("another", url="https://elsewhere.example")
    said = budget.stopped()
    assert said is not None
    for words in ("here", "cheating (code -460)", "Nothing is lost", "in a browser"):
        assert words in said
    with pytest.raises(CrawlStoppedError, match="cheating"):
        budget.take()
    state = budget.state()
    assert (state.stopped, state.url, state.stopped_at) == (said, None, START)
    budget.configure(5)
    assert budget.stopped() == said
    budget.clear()
    assert (budget.stopped(), budget.take()) == (None, 0)
    budget.stop("risk", url="https://check.example/1")
    assert "https://check.example/1" in (budget.stopped() or "")
    assert budget.state().url == "https://check.example/1"


def test_a_stop_works_before_anything_was_configured(budget: Budget) -> None:
    budget.stop("enough")
    with pytest.raises(CrawlStoppedError):
        budget.take()


@pytest.mark.parametrize("rate", [0, -1, float("inf"), float("nan")])
def test_rates_that_are_none(budget: Budget, rate: float) -> None:
    with pytest.raises(InputError):
        budget.configure(rate)
    with pytest.raises(InputError):
        budget.configure(1, recover_ms=0)


def take_many(url: str, n: int) -> list[int]:
    """Take slots by a clock that stands still: what matters is which slots are given out."""
    with Store.open(url) as store:
        budget = Budget(store.database, "here", clock=lambda: START)
        return [budget.take() for _ in range(n)]


def test_several_processes_never_get_the_same_slot(store: Store, database_url: str) -> None:
    store.budget("here").configure(100)
    # Not forked: threads and open databases do not survive that.
    with ProcessPoolExecutor(3, mp_context=multiprocessing.get_context("spawn")) as pool:
        jobs = [pool.submit(take_many, database_url, 40) for _ in range(3)]
        slots = sorted(slot for job in jobs for slot in job.result(timeout=60))
    assert slots == [10 * number for number in range(120)]


def test_in_memory_there_is_one_connection() -> None:
    with Store.open("sqlite:///:memory:") as store:
        budget = store.budget("here")
        budget.configure(None)
        assert budget.take() == 0
        budget.stop("enough")
        assert "enough" in (budget.stopped() or "")


def test_a_higher_rate_does_not_wait_for_the_slots_of_a_lower_one(budget: Budget, clock: list[int]) -> None:
    budget.configure(0.01)
    assert [budget.take() for _ in range(3)] == [0, 100_000, 200_000]
    budget.configure(2)
    assert [budget.take(), budget.take()] == [500, 1_000]
    # But a pause that the service asked for holds whatever the rate.
    budget.slow_down(60_000)
    budget.configure(4)
    assert budget.take() >= 60_000
