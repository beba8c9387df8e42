"""Experiments: what is masked, what is ranked, what counts as a miss, and what the lists may depend on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from zetdard.data.interactions import Histories, Interactions
from zetdard.data.ranking import rank
from zetdard.data.vocabulary import Vocabulary
from zetdard.errors import InputError
from zetdard.evaluation.experiment import Experiment
from zetdard.evaluation.lists import top_places
from zetdard.measure.splits import HeldOut, random_holdout
from zetdard.models.base import TrainingData
from zetdard.models.item_knn import ItemKNN
from zetdard.models.popular import Popular


class Fixed:
    """A model whose scores are given: shape (items,), or a function of the histories."""

    name = "fixed"
    personal = True

    def __init__(self, scores: Any) -> None:
        self.scores = scores
        self.asked: list[Histories] = []

    def fit(self, data: TrainingData) -> Fixed:
        return self

    def score(self, histories: Histories) -> np.ndarray:
        self.asked.append(histories)
        if callable(self.scores):
            return self.scores(histories)
        return np.tile(np.array(self.scores, np.float32), (len(histories), 1))


def interactions_of(matrix: Any) -> Interactions:
    dense = np.array(matrix, np.float32)
    users = Vocabulary((f"u{row}" for row in range(dense.shape[0])), kind="user")
    items = Vocabulary((f"i{row}" for row in range(dense.shape[1])), kind="item")
    return Interactions(users, items, csr_array(dense))


def experiment_of(train: Any, test: Any, **settings: Any) -> Experiment:
    data = interactions_of(train)
    settings = {"candidates": data.item_degrees() > 0, "ks": (3,)} | settings
    return Experiment(TrainingData(data, seed=3), HeldOut.of(interactions_of(test)), **settings)


# Ranking


@settings(deadline=None, max_examples=200)
@given(st.integers(0, 2**32 - 1), st.integers(1, 12), st.integers(1, 6), st.integers(1, 15))
def test_top_places_agree_with_rank(seed: int, columns: int, levels: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.integers(-1, levels, (4, columns)).astype(np.float32)  # few levels: many ties
    eligible = rng.random((4, columns)) < rng.choice([0, 0.5, 1])
    found = top_places(scores, eligible, n)
    assert found.shape == (4, n)
    for row in range(4):
        expected = rank(scores[row], eligible[row], n).items
        assert found[row, : len(expected)].tolist() == expected.tolist()
        assert (found[row, len(expected) :] == -1).all()


def test_top_places_of_nothing() -> None:
    assert top_places(np.empty((2, 0), np.float32), np.empty((2, 0), bool), 3).tolist() == [[-1] * 3] * 2
    assert top_places(np.empty((0, 4), np.float32), np.empty((0, 4), bool), 3).shape == (0, 3)


def test_train_items_are_masked_and_nothing_else() -> None:
    run = experiment_of([[1, 0, 0, 1], [0, 1, 1, 0]], [[0, 0, 1, 0], [1, 0, 0, 0]]).run(
        "x", Fixed([4, 3, 2, 1])
    )
    assert run.ranked.tolist() == [[1, 2, -1], [0, 3, -1]]


def test_ties_break_by_row() -> None:
    run = experiment_of([[1, 0, 0, 0], [0, 1, 1, 1]], [[0, 1, 0, 0], [0, 0, 0, 0]]).run(
        "x", Fixed([0, 0, 0, 0])
    )
    assert run.ranked.tolist() == [[1, 2, 3]]


def test_items_that_train_does_not_hold_are_never_ranked_and_count_as_misses() -> None:
    train = [[1, 0, 0, 0], [0, 1, 1, 0]]
    run = experiment_of(train, [[0, 1, 0, 1], [0, 0, 0, 0]]).run("x", Fixed([0, 5, 1, 9]))
    assert run.ranked.tolist() == [[1, 2, -1]]
    assert run.table.per_user["recall@3"].tolist() == [1 / 2]
    ideal = 1 + 1 / np.log2(3)
    assert run.table.per_user["ndcg@3"][0] == pytest.approx(1 / ideal)


def test_users_without_train_items_get_the_most_held_items() -> None:
    train = [[1, 0, 1], [0, 1, 1], [0, 1, 0], [0, 1, 0], [0, 0, 0]]
    model = Fixed([9, 1, 1])
    run = experiment_of(train, [[0, 1, 0]] + [[0, 0, 0]] * 3 + [[1, 0, 0]]).run("x", model)
    assert run.ranked.tolist() == [[1, -1, -1], [1, 2, 0]]


def test_users_that_train_does_not_know_are_asked_as_unseen() -> None:
    data = interactions_of([[1, 1, 0], [0, 1, 1]])
    held_out = HeldOut(
        ("new", "u0"),
        np.array([-1, 0], np.int32),
        csr_array(np.array([[1, 0, 0], [0, 0, 1]], np.float32)),
        np.array([1, 1]),
    )
    experiment = Experiment(TrainingData(data), held_out, np.ones(3, bool), (2,))
    histories = experiment.histories()
    assert histories.users.tolist() == [-1, 0]
    assert histories.matrix.toarray().tolist() == [[0, 0, 0], [1, 1, 0]]
    assert experiment.run("x", Fixed([1, 1, 1])).ranked.tolist() == [[1, 0], [2, -1]]


def test_batches_change_nothing() -> None:
    train, test = random_holdout(interactions_of(np.random.default_rng(0).random((40, 30)) < 0.3), seed=1)
    runs = [
        Experiment(TrainingData(train), HeldOut.of(test), train.item_degrees() > 0, (5,), size).run(
            "x", ItemKNN()
        )
        for size in (1, 7, 256)
    ]
    assert len({run.ranked.tobytes() for run in runs}) == 1


def test_numbering_changes_nothing_without_ties() -> None:
    rng = np.random.default_rng(0)
    matrix, scores = rng.random((20, 15)) < 0.4, rng.permutation(15)
    train, test = random_holdout(interactions_of(matrix), seed=1)
    whole = experiment_of(train.matrix.toarray(), test.matrix.toarray(), ks=(4,)).run("x", Fixed(scores))
    order = rng.permutation(15)
    renumbered = experiment_of(
        train.matrix.toarray()[:, order], test.matrix.toarray()[:, order], ks=(4,)
    ).run("x", Fixed(scores[order]))
    for name, values in whole.table.per_user.items():
        np.testing.assert_allclose(renumbered.table.per_user[name], values, err_msg=name)
    for name, value in whole.table.overall.items():
        assert renumbered.table.overall[name] == pytest.approx(value), name


def test_lists_do_not_depend_on_what_is_held_out() -> None:
    rng = np.random.default_rng(0)
    train, test = random_holdout(interactions_of(rng.random((40, 30)) < 0.3), seed=1)
    other = (rng.random((40, 30)) < 0.1) & (train.matrix.toarray() == 0)
    other[test.user_degrees() == 0] = False
    other[test.user_degrees() > 0, 0] = True  # the same users are asked
    runs = [
        experiment_of(train.matrix.toarray(), held, ks=(5,)).run("x", ItemKNN())
        for held in (test.matrix.toarray(), other)
    ]
    assert runs[0].ranked.tobytes() == runs[1].ranked.tobytes()
    assert runs[0].table.means() != runs[1].table.means()


# The shuffled-identity control


def test_shuffled_asks_with_the_history_of_another_and_masks_the_own() -> None:
    rng = np.random.default_rng(0)
    matrix = rng.random((9, 12)) < 0.4
    matrix[:, 0] = True
    matrix[4] = False
    test = np.zeros((9, 12))
    test[:, 11] = 1
    matrix[:, 11] = False
    # The histories differ from one another, so that one's own is not met again by chance.
    assert len(np.unique(matrix, axis=0)) == 9
    experiment = experiment_of(matrix, test, ks=(12,))
    model = Fixed(np.zeros(12))
    run = experiment.run_shuffled("shuffled", model)
    assert run is not None
    assert run.control
    (asked,) = model.asked
    own = experiment.histories()
    same = (asked.matrix.toarray() == own.matrix.toarray()).all(axis=1)
    assert np.flatnonzero(same).tolist() == [4], "only who has no history keeps it"
    assert sorted(asked.users) == sorted(own.users), "each history is used once"
    np.testing.assert_array_equal(asked.matrix.toarray(), matrix[asked.users])
    for row in range(9):
        assert not set(run.ranked[row]) & set(np.flatnonzero(matrix[row]))
    again = Fixed(np.zeros(12))
    experiment.run_shuffled("shuffled", again)
    np.testing.assert_array_equal(again.asked[0].users, asked.users)


def test_shuffled_needs_two_listeners() -> None:
    experiment = experiment_of([[1, 1, 0], [0, 0, 0]], [[0, 0, 1], [1, 0, 0]])
    assert experiment.run_shuffled("shuffled", Fixed([1, 1, 1])) is None


# What is refused, and what is told


@pytest.mark.parametrize(
    "scores",
    [
        lambda h: np.full((len(h), 3), np.nan, np.float32),
        lambda h: np.full((len(h), 3), np.inf, np.float32),
        lambda h: np.ones((len(h), 2), np.float32),
        lambda h: np.ones((1, 3), np.float32),
    ],
)
def test_scores_that_break_the_contract_are_refused(scores) -> None:
    with pytest.raises(InputError, match="x returned"):
        experiment_of([[1, 1, 0], [0, 1, 1]], [[0, 0, 1], [1, 0, 0]]).run("x", Fixed(scores))


@pytest.mark.parametrize("ks", [(), (0, 5), (5, 5), (10, 5)])
def test_cut_offs_out_of_order_are_refused(ks: tuple[int, ...]) -> None:
    with pytest.raises(InputError):
        experiment_of([[1]], [[0]], ks=ks)


def test_progress_ends_with_everybody() -> None:
    told: list[tuple[str, int, int]] = []
    experiment = experiment_of(np.eye(5), np.roll(np.eye(5), 1, axis=0), batch_size=2)
    run = experiment.run("popular", Popular(), progress=lambda *news: told.append(news))
    assert told[0] == ("popular: fitting", 0, 1)
    assert [done for _, done, _ in told[1:]] == [2, 4, 5]
    assert told[-1] == ("popular: scoring", 5, 5)
    assert run.fit_seconds >= 0
    assert run.score_seconds >= 0
