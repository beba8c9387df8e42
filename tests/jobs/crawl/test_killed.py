"""Workers that are killed, again and again: in the end the store is what an undisturbed crawl leaves.

Three runs on each kind of database; ``ZETDARD_SOAK=20`` makes twenty.
"""

from __future__ import annotations

import os
import random
import time

import pytest

from jobs.crawl.crawls import Command, Crawl, Outcome, assert_same

RUNS = int(os.environ.get("ZETDARD_SOAK", "3"))
PLACES = ("after-claim", "after-visit", "before-settle", "in-settle", "after-settle")


def kill_somehow(command: Command, chance: random.Random) -> None:
    """Kill one worker, or all processes, at some moment after the crawl has begun."""
    command.wait_for(1)
    time.sleep(chance.uniform(0, 1))
    if chance.random() < 0.5:
        command.kill_worker(chance.randrange(2))
        time.sleep(chance.uniform(0, 0.5))
    command.kill()


def crawl_to_the_end(crawl: Crawl) -> None:
    with crawl.start() as command:
        assert command.end() == (0, "")


@pytest.mark.parametrize("run", range(RUNS))
def test_the_store_of_a_killed_crawl_is_that_of_an_undisturbed_one(
    run: int, big: Crawl, undisturbed: Outcome
) -> None:
    chance = random.Random(run)
    # Three runs come to all places.
    for place in PLACES[run % 3 :: 3]:
        # Each worker dies at its own so-manyth time there, long before all is done, and the command says so.
        with big.start(failpoint=f"{place}:{chance.randint(2, 8)}") as command:
            code, errors = command.end()
        assert (code, errors) == (1, "all workers died; nothing is lost, the same command goes on\n")
    with big.start() as command:
        kill_somehow(command, chance)
    crawl_to_the_end(big)
    assert_same(big.outcome(), undisturbed)
    assert len(undisturbed["tasks"]) >= 3_000
