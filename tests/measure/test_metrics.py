"""Metrics: closed forms by hand, and laws."""

from __future__ import annotations

from fractions import Fraction
from math import log2

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from zetdard.errors import InputError
from zetdard.measure.metrics import (
    ACCURACY,
    Judgements,
    average_precision,
    coverage,
    exposure,
    gini,
    hit_rate,
    judge,
    metric_table,
    ndcg,
    novelty,
    precision,
    recall,
    reciprocal_rank,
)


def judged(places: str, n_relevant: int) -> Judgements:
    """Return one user's judgements: "x" is a hit, "." a miss."""
    return Judgements(np.array([[place == "x" for place in places]]), np.array([n_relevant]))


def relevant_of(sets: list[set[int]], n_items: int) -> csr_array:
    matrix = np.zeros((len(sets), n_items), np.float32)
    for row, items in enumerate(sets):
        matrix[row, list(items)] = 1
    return csr_array(matrix)


# By hand


@pytest.mark.parametrize(
    ("metric", "places", "n_relevant", "k", "expected"),
    [
        (recall, "x.x..", 4, 5, Fraction(2, 4)),
        (recall, "x.x..", 4, 2, Fraction(1, 4)),
        (recall, "x.x", 4, 10, Fraction(2, 4)),
        (precision, "x.x..", 4, 5, Fraction(2, 5)),
        (precision, "x.x", 4, 10, Fraction(2, 10)),
        (average_precision, "x.x..", 4, 5, (Fraction(1, 1) + Fraction(2, 3)) / 4),
        (average_precision, "x.x..", 9, 3, (Fraction(1, 1) + Fraction(2, 3)) / 3),
        (average_precision, ".x.xx", 3, 5, (Fraction(1, 2) + Fraction(2, 4) + Fraction(3, 5)) / 3),
        (average_precision, "xxx", 3, 3, Fraction(1)),
        (reciprocal_rank, "..x.x", 2, 5, Fraction(1, 3)),
        (reciprocal_rank, "..x.x", 2, 2, Fraction(0)),
        (hit_rate, "..x.x", 2, 3, Fraction(1)),
        (hit_rate, "..x.x", 2, 2, Fraction(0)),
        (ndcg, "xxx", 3, 3, Fraction(1)),
        (ndcg, "...", 3, 3, Fraction(0)),
        # Place 3 has discount log₂ 4 = 2, and one relevant item has ideal 1.
        (ndcg, "..x", 1, 3, Fraction(1, 2)),
        # The ideal is cut at k: one place, one hit, whatever is left to find.
        (ndcg, "x", 50, 1, Fraction(1)),
    ],
)
def test_by_hand(metric, places: str, n_relevant: int, k: int, expected: Fraction) -> None:
    np.testing.assert_allclose(metric(judged(places, n_relevant), k), [float(expected)], rtol=1e-14)


def test_ndcg_closed_form() -> None:
    found = ndcg(judged(".x..x", 3), 5)[0]
    gain = 1 / log2(3) + 1 / log2(6)
    ideal = 1 + 1 / log2(3) + 1 / 2
    assert found == pytest.approx(gain / ideal, rel=1e-14)
    # A list shorter than k: the ideal still has min(|R|, k) places.
    assert ndcg(judged("x", 2), 10)[0] == pytest.approx(1 / (1 + 1 / log2(3)), rel=1e-14)


def test_empty_lists() -> None:
    nothing = Judgements(np.zeros((2, 0), bool), np.array([1, 3]))
    for metric in ACCURACY.values():
        assert metric(nothing, 5).tolist() == [0, 0]


@pytest.mark.parametrize("metric", ACCURACY.values())
def test_k_below_one_is_refused(metric) -> None:
    with pytest.raises(InputError):
        metric(judged("x", 1), 0)


# Judging


def test_judge_marks_relevant_places() -> None:
    ranked = np.array([[3, 0, 1], [2, 3, -1]], np.int32)
    found = judge(ranked, relevant_of([{0, 1}, {3}], 4))
    assert found.hits.tolist() == [[False, True, True], [False, True, False]]
    assert found.n_relevant.tolist() == [2, 1]


def test_relevant_items_without_a_row_count_as_misses() -> None:
    ranked = np.array([[0, 1]], np.int32)
    found = judge(ranked, relevant_of([{0}], 2), np.array([4]))
    assert recall(found, 2).tolist() == [1 / 4]
    nothing_known = judge(ranked, relevant_of([set()], 2), np.array([4]))
    assert recall(nothing_known, 2).tolist() == [0]


def test_judge_refuses_what_has_no_meaning() -> None:
    ranked = np.array([[0, 1]], np.int32)
    with pytest.raises(InputError, match="at least one relevant item"):
        judge(ranked, relevant_of([set()], 2))
    with pytest.raises(InputError, match="no fewer"):
        judge(ranked, relevant_of([{0, 1}], 2), np.array([1]))
    with pytest.raises(InputError, match="twice"):
        judge(np.array([[1, 1]], np.int32), relevant_of([{0}], 2))
    with pytest.raises(InputError, match="lists"):
        judge(ranked[0], relevant_of([{0}], 2))
    # Filling up is not an item twice.
    judge(np.array([[1, -1, -1]], np.int32), relevant_of([{0}], 2))


# Beyond accuracy


def test_coverage_and_gini_by_hand() -> None:
    ranked = np.array([[0, 1], [0, 2], [0, -1]], np.int32)
    candidates = np.array([True, True, True, False, True])
    counts = exposure(ranked, 2, candidates)
    assert counts.tolist() == [3, 1, 1, 0]
    assert coverage(counts) == 3 / 4
    # Ascending 0, 1, 1, 3: (−3·0 − 1·1 + 1·1 + 3·3) / (4 · 5).
    assert gini(counts) == pytest.approx(9 / 20)
    assert exposure(ranked, 1, candidates).tolist() == [3, 0, 0, 0]


@pytest.mark.parametrize("n", [1, 2, 10])
def test_gini_at_its_ends(n: int) -> None:
    assert gini(np.full(n, 7)) == pytest.approx(0)
    assert gini(np.array([0] * (n - 1) + [5])) == pytest.approx((n - 1) / n)
    assert gini(np.zeros(n, np.int64)) == 0


def test_nothing_to_cover() -> None:
    empty = np.empty(0, np.int64)
    assert coverage(empty) == 0
    assert gini(empty) == 0


def test_novelty_by_hand() -> None:
    # Of 8 users, 4, 1 and none hold the items: 1, 3 and (as if one did) 3 bits.
    holders = np.array([4, 1, 0])
    ranked = np.array([[0, 1, 2], [0, -1, -1], [-1, -1, -1]], np.int32)
    np.testing.assert_allclose(novelty(ranked, 3, holders, 8), [7 / 3, 1, 0])
    np.testing.assert_allclose(novelty(ranked, 1, holders, 8), [1, 1, 0])
    assert novelty(np.full((2, 3), -1, np.int32), 3, np.empty(0, np.int64), 0).tolist() == [0, 0]


# Laws


@st.composite
def lists_and_relevant(draw: st.DrawFn) -> tuple[np.ndarray, list[set[int]], int]:
    n_items = draw(st.integers(1, 12))
    n_users = draw(st.integers(1, 5))
    items = st.permutations(range(n_items))
    ranked = np.array([draw(items) for _ in range(n_users)], np.int32)
    sets = [draw(st.sets(st.integers(0, n_items - 1), min_size=1)) for _ in range(n_users)]
    return ranked, sets, n_items


@settings(deadline=None)
@given(lists_and_relevant(), st.integers(1, 15))
def test_bounds_and_relations(case, k: int) -> None:
    ranked, sets, n_items = case
    found = judge(ranked, relevant_of(sets, n_items))
    values = {name: metric(found, k) for name, metric in ACCURACY.items()}
    for name, value in values.items():
        assert (value >= 0).all(), name
        assert (value <= 1 + 1e-12).all(), name
    hit = values["hit_rate"] > 0
    for name, value in values.items():
        assert ((value > 0) == hit).all(), f"{name} is positive exactly where something was found"
    np.testing.assert_allclose(values["precision"] * k, values["recall"] * found.n_relevant)


@settings(deadline=None)
@given(lists_and_relevant())
def test_recall_hits_and_reciprocal_rank_grow_with_k(case) -> None:
    ranked, sets, n_items = case
    found = judge(ranked, relevant_of(sets, n_items))
    for metric in (recall, hit_rate, reciprocal_rank):
        for k in range(1, n_items + 1):
            assert (metric(found, k + 1) >= metric(found, k)).all()
    # A list of everything finds everything.
    assert recall(found, n_items).tolist() == [1] * len(sets)


@settings(deadline=None)
@given(lists_and_relevant(), st.integers(1, 12))
def test_perfect_list_is_the_best(case, k: int) -> None:
    ranked, sets, n_items = case
    perfect = np.array([sorted(range(n_items), key=lambda i, s=s: i not in s) for s in sets], np.int32)
    relevant = relevant_of(sets, n_items)
    best, found = judge(perfect, relevant), judge(ranked, relevant)
    for metric in (ndcg, average_precision, reciprocal_rank, hit_rate):
        np.testing.assert_allclose(metric(best, k), 1)
    for metric in ACCURACY.values():
        assert (metric(found, k) <= metric(best, k) + 1e-12).all()


@settings(deadline=None)
@given(lists_and_relevant(), st.randoms(use_true_random=False), st.integers(1, 12))
def test_other_ids_same_metrics(case, random, k: int) -> None:
    ranked, sets, n_items = case
    to = list(range(n_items))
    random.shuffle(to)
    renamed = np.array(to, np.int32)[ranked]
    found = judge(ranked, relevant_of(sets, n_items))
    again = judge(renamed, relevant_of([{to[i] for i in s} for s in sets], n_items))
    for metric in ACCURACY.values():
        np.testing.assert_array_equal(metric(found, k), metric(again, k))


@settings(deadline=None)
@given(lists_and_relevant(), st.integers(1, 12))
def test_batch_is_its_users(case, k: int) -> None:
    ranked, sets, n_items = case
    found = judge(ranked, relevant_of(sets, n_items))
    for row in range(len(sets)):
        alone = judge(ranked[[row]], relevant_of([sets[row]], n_items))
        for metric in ACCURACY.values():
            assert metric(alone, k)[0] == metric(found, k)[row]


def test_table_keeps_users_and_averages_them() -> None:
    ranked = np.array([[0, 1], [1, 2]], np.int32)
    found = judge(ranked, relevant_of([{0}, {0}], 3))
    table = metric_table(
        ["a", "b"],
        ranked,
        found,
        (1, 2),
        holders=np.array([2, 1, 1]),
        n_holding_users=2,
        candidates=np.ones(3, bool),
    )
    assert table.users == ("a", "b")
    assert table.per_user["recall@1"].tolist() == [1, 0]
    means = table.means()
    assert means["recall@1"] == 1 / 2
    assert means["coverage@2"] == 1
    assert means["novelty@1"] == 1 / 2
    assert {name.split("@")[0] for name in means} == {*ACCURACY, "novelty", "coverage", "gini"}


def test_table_of_nobody_is_refused() -> None:
    nobody = Judgements(np.zeros((0, 2), bool), np.empty(0, np.int64))
    with pytest.raises(InputError, match="at least one user"):
        metric_table(
            [],
            np.empty((0, 2), np.int32),
            nobody,
            (1,),
            holders=np.array([1]),
            n_holding_users=1,
            candidates=np.ones(1, bool),
        )
