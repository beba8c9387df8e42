"""A decoder that crashes, hangs or eats memory costs its own file and no other."""

from __future__ import annotations

import itertools
import os
import pickle
from collections import Counter
from pathlib import Path

import pytest

from features.audio import fake_decoders
from zetdard.errors import Failure, InputError, ZetDardError
from zetdard.features.audio.isolation import Isolated


def _alive(pid: int) -> bool:
    """Whether a process is there, as one that works or as a zombie."""
    return Path(f"/proc/{pid}").exists()


def test_each_failure_costs_one_file_and_the_others_are_done() -> None:
    bad = ["segfault", "allocate", "exit", "refuse", "raise", "extra", "unsendable"]
    good = [f"good-{number}" for number in range(7)]
    files = [name for pair in zip(bad, good, strict=True) for name in pair]
    # Long enough for a machine that is busy with other things.
    with Isolated(fake_decoders.decode, processes=2, seconds=60, memory_mb=700) as pool:
        outcomes = dict(pool.map(files))
    assert sorted(outcomes) == sorted(files)
    workers = {outcomes[name] for name in good}
    assert all(isinstance(worker, str) for worker in workers)
    failures = {name: outcomes[name] for name in bad}
    assert failures["segfault"] == Failure("crashed", "the process was ended by SIGSEGV")
    assert failures["allocate"] == Failure("memory-limit", "more than 700 MiB")
    assert failures["exit"] == Failure("crashed", "the process ended with code 3")
    assert failures["refuse"] == Failure("truncated", "2.0 s are missing")
    assert failures["raise"] == Failure("error", "ZeroDivisionError: no channels")
    assert isinstance(failures["extra"], Failure)
    assert failures["extra"].reason == "missing-extra"
    assert "zetdard[m4a]" in failures["extra"].detail
    assert isinstance(failures["unsendable"], Failure)
    assert failures["unsendable"].reason == "error"
    assert not any(_alive(int(str(worker))) for worker in workers)


def test_a_file_that_never_ends_is_given_up_and_the_others_are_done() -> None:
    with Isolated(fake_decoders.decode, processes=2, seconds=2, memory_mb=700) as pool:
        outcomes = dict(pool.map(["good-1", "sleep", "good-2"]))
    assert outcomes["sleep"] == Failure("time-limit", "more than 2 s")
    assert isinstance(outcomes["good-1"], str)
    assert isinstance(outcomes["good-2"], str)


def test_workers_stay_warm_and_share_the_files(capfd: pytest.CaptureFixture[str]) -> None:
    files = [f"{'pause' if number % 2 else 'noise'}-{number}" for number in range(12)]
    with Isolated(fake_decoders.decode, processes=2) as pool:
        first = Counter(worker for _, worker in pool.map(files))
        second = Counter(worker for _, worker in pool.map(files))
    assert len(first) == 2
    assert set(second) == set(first)
    assert os.getpid() not in map(int, map(str, first))
    assert capfd.readouterr().err == ""  # what C libraries print goes nowhere


def test_no_files_start_no_process() -> None:
    with Isolated(fake_decoders.decode) as pool:
        assert list(pool.map([])) == []
        assert pool._workers == []


def test_files_without_end_are_taken_one_by_one_and_leaving_early_leaves_nothing() -> None:
    taken = []

    def endless() -> itertools.count[int]:
        return itertools.count()

    def names() -> object:
        for number in endless():
            taken.append(number)
            yield f"good-{number}"

    with Isolated(fake_decoders.decode, processes=1) as pool:
        outcomes = pool.map(names())  # type: ignore[arg-type]
        workers = [int(str(next(outcomes)[1])) for _ in range(3)]
        outcomes.close()  # type: ignore[attr-defined]
        assert len(taken) <= 4
        assert not _alive(workers[0])  # it was at work on the fourth
        again = list(pool.map(["good-again"]))
    assert isinstance(again[0][1], str)


def test_a_worker_killed_at_rest_is_replaced() -> None:
    with Isolated(fake_decoders.decode) as pool:
        [(_, worker)] = pool.map(["good-1"])
        os.kill(int(str(worker)), 9)
        pool._workers[0].process.join(10)
        [(_, other)] = pool.map(["good-2"])
    assert isinstance(other, str)
    assert other != worker


def test_workers_compute_with_one_thread_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    with Isolated(fake_decoders.threads) as pool:
        assert list(pool.map(["a"])) == [("a", "1")]
    assert "OMP_NUM_THREADS" not in os.environ
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    with Isolated(fake_decoders.threads) as pool:
        assert list(pool.map(["a"])) == [("a", "2")]


def test_workers_that_cannot_load_are_not_started_for_ever() -> None:
    with Isolated(fake_decoders.decode) as pool:
        pool._function = pickle.dumps(fake_decoders.decode).replace(b"fake_decoders", b"fake_DECODERS")
        with pytest.raises(ZetDardError, match="do not start"):
            list(pool.map(map(str, range(50))))


@pytest.mark.parametrize("wrong", [{"processes": 0}, {"seconds": 0}, {"memory_mb": -1}])
def test_impossible_settings_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(InputError):
        Isolated(fake_decoders.decode, **wrong)


def test_a_function_without_a_module_is_refused() -> None:
    with pytest.raises(InputError, match="function of a module"):
        Isolated(lambda file: file)
