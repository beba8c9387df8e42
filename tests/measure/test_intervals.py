"""Bootstrap intervals: a known distribution, coverage, and pairs."""

from __future__ import annotations

import numpy as np
import pytest

from zetdard.errors import InputError
from zetdard.measure import intervals as module
from zetdard.measure.intervals import bootstrap_means, compare, intervals


def plain_means(values: np.ndarray, resamples: int, seed: int) -> np.ndarray:
    """Return what ``bootstrap_means`` does, one resample at a time."""
    rng = np.random.default_rng(seed)
    return np.array([values[rng.integers(len(values), size=len(values))].mean(0) for _ in range(resamples)])


def test_agrees_with_the_plain_reference() -> None:
    values = np.random.default_rng(0).random((37, 3))
    found = bootstrap_means(values, resamples=50, seed=4)
    np.testing.assert_allclose(found, plain_means(values, 50, 4), rtol=1e-12)


def test_memory_bound_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(0).random((37, 2))
    whole = bootstrap_means(values, resamples=50, seed=4)
    monkeypatch.setattr(module, "_DRAWS_AT_ONCE", 100)
    np.testing.assert_allclose(bootstrap_means(values, resamples=50, seed=4), whole, rtol=1e-12)


def test_width_is_that_of_the_normal_law() -> None:
    # The mean of n values of spread σ has a 95% interval of ± 1.96 σ / √n.
    values = np.random.default_rng(1).normal(3, 2, 4000)
    low, high = intervals({"x": values}, seed=0)["x"]
    half = 1.96 * values.std() / np.sqrt(len(values))
    assert low == pytest.approx(values.mean() - half, abs=0.1 * half)
    assert high == pytest.approx(values.mean() + half, abs=0.1 * half)


def test_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(2)
    inside = 0
    for seed in range(300):
        low, high = intervals({"x": rng.exponential(1, 100)}, resamples=400, seed=seed)["x"]
        inside += low <= 1 <= high
    # 95% nominal, a little less for a skewed law and 100 users; five σ of a binomial of 300 are 6%.
    assert 0.87 <= inside / 300 <= 0.99


def test_one_user_and_constants() -> None:
    found = intervals({"one": np.array([0.25])})["one"]
    assert found.low == found.high == 0.25
    low, high = intervals({"same": np.full(50, 0.3)})["same"]
    assert low == pytest.approx(0.3)
    assert high == pytest.approx(0.3)
    assert intervals({}) == {}


def test_seed_decides_and_metrics_share_their_draws() -> None:
    values = np.random.default_rng(3).random(40)
    first = intervals({"a": values, "b": values}, seed=1)
    assert first == intervals({"a": values, "b": values}, seed=1)
    assert first["a"] == first["b"]
    assert first != intervals({"a": values, "b": values}, seed=2)


def test_level_widens() -> None:
    values = {"x": np.random.default_rng(3).random(40)}
    narrow, wide = intervals(values, level=0.5)["x"], intervals(values, level=0.99)["x"]
    assert wide.low < narrow.low < narrow.high < wide.high


def test_comparison_by_hand() -> None:
    a, b = np.array([1.0, 0.5, 0.5, 0.0]), np.array([0.5, 0.5, 0.0, 0.5])
    found = compare({"x": a}, {"x": b})["x"]
    assert found.difference == pytest.approx(0.125)
    assert found.better == 0.5
    assert found.worse == 0.25
    assert found.interval.low <= 0.125 <= found.interval.high


def test_comparison_turns_round() -> None:
    rng = np.random.default_rng(4)
    a, b = {"x": rng.random(60)}, {"x": rng.random(60)}
    there, back = compare(a, b)["x"], compare(b, a)["x"]
    assert there.difference == pytest.approx(-back.difference)
    assert there.interval.low == pytest.approx(-back.interval.high)
    assert (there.better, there.worse) == (back.worse, back.better)
    same = compare(a, a)["x"]
    assert same.difference == same.interval.low == same.interval.high == same.better == same.worse == 0


def test_pairing_sees_what_single_intervals_do_not() -> None:
    rng = np.random.default_rng(5)
    hard = rng.random(200)
    a, b = {"x": hard + 0.01 + 0.001 * rng.random(200)}, {"x": hard}
    assert intervals(a)["x"].low < intervals(b)["x"].high
    assert compare(a, b)["x"].interval.low > 0


def test_what_has_no_meaning_is_refused() -> None:
    with pytest.raises(InputError):
        intervals({"x": np.empty(0)})
    with pytest.raises(InputError):
        intervals({"x": np.ones(3)}, level=1)
    with pytest.raises(InputError):
        intervals({"x": np.ones(3)}, resamples=0)
    with pytest.raises(InputError):
        compare({"x": np.ones(3)}, {"x": np.ones(4)})
    with pytest.raises(InputError):
        compare({"x": np.ones(3)}, {"y": np.ones(3)})
