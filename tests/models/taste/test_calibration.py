"""Log-odds from decision values."""

from __future__ import annotations

import numpy as np
import pytest

from zetdard.models.taste.calibration import Sigmoid, inner_folds


def test_finds_the_log_odds_that_made_the_labels() -> None:
    random = np.random.default_rng(1)
    decisions = random.normal(size=20_000) * 3 + 5
    true = 0.8 * (decisions - 4)
    liked = random.random(len(true)) < 1 / (1 + np.exp(-true))
    found = Sigmoid.fit(decisions, liked)
    # Both classes weigh the same, which moves the log-odds by those of the classes.
    prior = np.log(liked.mean() / (1 - liked.mean()))
    np.testing.assert_allclose(found.log_odds(decisions), true - prior, atol=0.25)


@pytest.mark.parametrize("share", [0.5, 0.2, 0.05])
def test_zero_lies_between_the_classes_however_few_are_liked(share: float) -> None:
    random = np.random.default_rng(2)
    liked = random.random(4000) < share
    decisions = random.normal(size=4000) + np.where(liked, 1.0, -1.0) - 3
    found = Sigmoid.fit(decisions, liked)
    # By symmetry, half-way between the classes' means.
    assert -found.offset / found.slope == pytest.approx(-3, abs=0.15)


def test_order_is_never_turned_around() -> None:
    liked = np.array([True, True, False, False, False])
    assert Sigmoid.fit(np.array([-3.0, -2, 1, 2, 3]), liked).slope > 0


def test_few_songs_that_are_told_apart_do_not_make_certain() -> None:
    liked = np.array([True, True, False, False, False, False])
    found = Sigmoid.fit(np.where(liked, 9.0, -9.0), liked)
    assert 0.5 < found.log_odds(np.array([9.0]))[0] < 4


@pytest.mark.parametrize("liked", [[True, True], [False, False], [True, False]])
def test_nothing_to_learn_from_leaves_all_as_it_is(liked: list[bool]) -> None:
    assert Sigmoid.fit(np.ones(2), np.array(liked)) == Sigmoid()


def test_folds_hold_both_classes() -> None:
    liked = np.arange(23) % 4 == 0
    dealt = inner_folds(liked, 3, seed=0)
    assert dealt is not None
    for rows in (liked, ~liked):
        counts = np.bincount(dealt[rows], minlength=3)
        assert counts.max() - counts.min() <= 1
    np.testing.assert_array_equal(dealt, inner_folds(liked, 3, seed=0))
    assert (dealt != inner_folds(liked, 3, seed=1)).any()


def test_folds_are_as_many_as_the_rarer_class_allows() -> None:
    two = inner_folds(np.array([True, True, False, False, False]), 4, seed=0)
    assert two is not None
    assert two.max() == 1
    assert inner_folds(np.array([True, False, False]), 4, seed=0) is None
    assert inner_folds(np.empty(0, np.bool_), 4, seed=0) is None
