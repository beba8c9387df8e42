"""Telling two classes apart, against counts by hand and against scikit-learn."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from zetdard.errors import InputError
from zetdard.measure.binary import (
    FALSE_ALARMS,
    METRICS,
    accuracy,
    average_precision,
    balanced_accuracy,
    grouped_auc,
    roc_auc,
    roc_curve,
)

SCORES = np.array([0.9, 0.8, 0.8, 0.1, -0.5, -0.5])
TRUTH = np.array([True, True, False, False, True, False])


def test_auc_by_hand() -> None:
    # pairs won: the first 3; the second 2 and a tie; the third loses 2 and has a tie
    assert roc_auc(SCORES, TRUTH) == (3 + 2.5 + 0.5) / 9


def test_a_curve_by_hand() -> None:
    # Of three negatives one ties with a positive at .8, one is alone at .1, one ties at the end.
    curve = roc_curve(SCORES, TRUTH)
    at = {
        round(share, 2): height for share, height in zip(FALSE_ALARMS.tolist(), curve.tolist(), strict=True)
    }
    assert at[0.0] == pytest.approx(1 / 3)
    assert at[0.5] == pytest.approx(2 / 3)
    assert at[1.0] == pytest.approx(1)
    assert at[0.2] == pytest.approx(1 / 3 + 0.2)
    assert at[0.8] == pytest.approx(2 / 3 + (0.8 - 2 / 3))


@given(st.integers(0, 1000), st.integers(2, 100), st.integers(0, 2))
def test_the_area_below_a_curve_is_the_auc(seed: int, n: int, digits: int) -> None:
    rng = np.random.default_rng(seed)
    positive = rng.permutation(np.arange(n) % 3 == 0)
    scores = (rng.standard_normal(n) + positive).round(digits)
    curve = roc_curve(scores, positive)
    assert (np.diff(curve) >= 0).all()
    assert curve[-1] == 1
    # A corner between two of the shares costs at most half a hundredth of its height.
    assert np.trapezoid(curve, dx=0.01) == pytest.approx(roc_auc(scores, positive), abs=0.006)


def test_a_curve_of_many_rises_straight_up() -> None:
    positive = np.arange(3_500) < 3_000
    curve = roc_curve(-np.arange(3_500.0), positive)
    assert (curve == 1).all()


def test_average_precision_by_hand() -> None:
    # thresholds .9, .8 (two at once), .1, −.5 (two at once)
    assert average_precision(SCORES, TRUTH) == pytest.approx(1 / 3 * 1 + 1 / 3 * 2 / 3 + 1 / 3 * 3 / 6)


def test_verdicts_by_hand() -> None:
    assert accuracy(SCORES > 0, TRUTH) == 3 / 6
    assert balanced_accuracy(SCORES > 0, TRUTH) == pytest.approx((2 / 3 + 1 / 3) / 2)
    assert METRICS["accuracy"](SCORES, TRUTH) == 3 / 6
    assert METRICS["balanced_accuracy"](SCORES, TRUTH) == pytest.approx(0.5)


def test_zero_is_no() -> None:
    assert METRICS["accuracy"](np.zeros(6), TRUTH) == 0.5
    assert METRICS["accuracy"](np.zeros(4), np.array([True, False, False, False])) == 0.75


def test_who_always_says_the_same_knows_nothing() -> None:
    scores = np.full(6, -1.0)
    rare = np.array([True, False, False, False, False, False])
    assert roc_auc(scores, rare) == 0.5
    assert average_precision(scores, rare) == pytest.approx(1 / 6)
    assert METRICS["balanced_accuracy"](scores, rare) == 0.5
    assert METRICS["accuracy"](scores, rare) == pytest.approx(5 / 6)


def test_within_groups_other_groups_do_not_matter() -> None:
    groups = np.array([0, 0, 0, 0, 1, 1])
    # group 0: the first positive wins 2, the second a tie and 1; group 1: a tie
    assert grouped_auc(SCORES, TRUTH, groups) == (2 + 1.5 + 0.5) / 5
    assert grouped_auc(SCORES + 10 * groups, TRUTH, groups) == (2 + 1.5 + 0.5) / 5
    assert grouped_auc(SCORES, TRUTH, np.zeros(6, np.int64)) == roc_auc(SCORES, TRUTH)
    assert grouped_auc(SCORES, TRUTH, TRUTH.astype(np.int64)) == 0.5
    with pytest.raises(InputError, match="groups"):
        grouped_auc(SCORES, TRUTH, groups[:-1])


@st.composite
def judged(draw: st.DrawFn) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    n = draw(st.integers(2, 30))
    scores = draw(st.lists(st.integers(-4, 4), min_size=n, max_size=n))
    truth = draw(st.lists(st.booleans(), min_size=n, max_size=n).filter(lambda each: 0 < sum(each) < n))
    return np.array(scores, np.float64), np.array(truth)


@given(judged())
def test_all_agree_with_scikit_learn_and_with_counting(
    case: tuple[NDArray[np.float64], NDArray[np.bool_]],
) -> None:
    scores, truth = case
    assert average_precision(scores, truth) == pytest.approx(
        sklearn.metrics.average_precision_score(truth, scores)
    )
    assert METRICS["balanced_accuracy"](scores, truth) == pytest.approx(
        sklearn.metrics.balanced_accuracy_score(truth, scores > 0)
    )
    won = [(p > n) + (p == n) / 2 for p, n in product(scores[truth], scores[~truth])]
    assert roc_auc(scores, truth) == pytest.approx(np.mean(won))


@given(judged())
def test_only_the_order_counts(case: tuple[NDArray[np.float64], NDArray[np.bool_]]) -> None:
    scores, truth = case
    for metric in (roc_auc, average_precision):
        assert metric(np.exp(scores), truth) == metric(scores, truth)
    assert roc_auc(-scores, truth) == pytest.approx(1 - roc_auc(scores, truth))


@pytest.mark.parametrize(
    ("scores", "truth", "reason"),
    [
        (np.zeros(3), np.ones(3, bool), "either class"),
        (np.zeros(3), np.zeros(3, bool), "either class"),
        (np.zeros(0), np.zeros(0, bool), "either class"),
        (np.zeros(2), np.array([1, 0]), "either class"),
        (np.zeros(2), np.array([True, False, True]), "truths"),
        (np.array([0.0, np.nan]), np.array([True, False]), "finite"),
    ],
)
@pytest.mark.parametrize("metric", METRICS)
def test_what_cannot_be_judged_is_refused(
    metric: str, scores: NDArray[np.float64], truth: NDArray[np.bool_], reason: str
) -> None:
    with pytest.raises(InputError, match=reason):
        METRICS[metric](scores, truth)
