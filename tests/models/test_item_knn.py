"""``item-knn``: the formula, a plain reference, and independence of batches and numbering."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from models.conformance import ModelConformance, interactions_of, random_matrix
from zetdard.data.interactions import Histories
from zetdard.errors import InputError
from zetdard.models import item_knn
from zetdard.models.base import TrainingData
from zetdard.models.item_knn import ItemKNN, ItemKNNConfig


class TestItemKNN(ModelConformance):
    model_class = ItemKNN
    amounts_sum_to_score = True


class TestItemKNNWithFewNeighbours(ModelConformance):
    model_class = ItemKNN
    amounts_sum_to_score = True

    def make(self) -> ItemKNN:
        return ItemKNN(ItemKNNConfig(neighbours=4))


def plain_weights(matrix: np.ndarray, config: ItemKNNConfig) -> np.ndarray:
    """Return all w(i→j) by the formula, one pair at a time: shape (items, items)."""
    n_items = matrix.shape[1]
    holders = [set(np.flatnonzero(matrix[:, item])) for item in range(n_items)]
    weights = np.zeros((n_items, n_items))
    for i in range(n_items):
        for j in range(n_items):
            common = len(holders[i] & holders[j])
            if i != j and common:
                scale = len(holders[i]) ** config.alpha * len(holders[j]) ** (1 - config.alpha)
                weights[i, j] = common / (scale + config.shrink)
        if config.neighbours is not None:
            # Rounded, so that weights that are equal by the formula are equal here too.
            order = sorted(range(n_items), key=lambda j: (-round(weights[i, j], 11), j))
            weights[i, order[config.neighbours :]] = 0
    return weights


def fitted(matrix: np.ndarray, config: ItemKNNConfig) -> tuple[ItemKNN, Histories]:
    data = interactions_of(matrix)
    model = ItemKNN(config).fit(TrainingData(data))
    return model, Histories.of_users(data, np.arange(data.n_users))


def test_hand_computed_weights() -> None:
    # Users hold {a, b}, {a, b}, {a, c}: n = 3, 2, 1. With α = 1/2 only perfect squares would be rational; α = 1
    # gives w(i→j) = |U(i) ∩ U(j)| / (n_i + shrink).
    matrix = np.array([[1, 1, 0], [1, 1, 0], [1, 0, 1]])
    model, histories = fitted(matrix, ItemKNNConfig(alpha=1, shrink=1))
    a, b, c = 3 + 1, 2 + 1, 1 + 1
    expected = [
        [Fraction(2, b), Fraction(2, a), Fraction(1, a)],
        [Fraction(2, b), Fraction(2, a), Fraction(1, a)],
        [Fraction(1, c), Fraction(2, a), Fraction(1, a)],
    ]
    np.testing.assert_allclose(model.score(histories), np.array(expected, float), rtol=1e-6)


@pytest.mark.parametrize("neighbours", [None, 1, 3, 100])
@pytest.mark.parametrize(("alpha", "shrink"), [(0.4, 5), (0.5, 0), (0, 0), (1, 2)])
def test_agrees_with_the_plain_reference(neighbours: int | None, alpha: float, shrink: float) -> None:
    config = ItemKNNConfig(alpha=alpha, shrink=shrink, neighbours=neighbours)
    matrix = random_matrix(seed=3)
    model, histories = fitted(matrix, config)
    np.testing.assert_allclose(
        model.score(histories), matrix @ plain_weights(matrix, config), rtol=1e-6, atol=1e-9
    )


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    matrix = random_matrix(seed=4, users=40, items=50)
    model, histories = fitted(matrix, ItemKNNConfig())
    whole = model.score(histories)
    for entries in (1, 60, 300):
        monkeypatch.setattr(item_knn, "_ENTRIES_AT_ONCE", entries)
        monkeypatch.setattr(item_knn, "_LISTENERS_AT_ONCE", 7)
        assert model.score(histories).tobytes() == whole.tobytes()


@settings(deadline=None, max_examples=30)
@given(st.randoms(use_true_random=False))
def test_numbering_of_items_changes_nothing(random: object) -> None:
    order = list(range(30))
    random.shuffle(order)  # type: ignore[attr-defined]
    matrix = random_matrix(seed=5)
    model, histories = fitted(matrix, ItemKNNConfig())
    renumbered, their_histories = fitted(matrix[:, order], ItemKNNConfig())
    np.testing.assert_array_equal(renumbered.score(their_histories), model.score(histories)[:, order])


def test_strengths_and_dislikes() -> None:
    matrix = random_matrix(seed=6)
    model, histories = fitted(matrix, ItemKNNConfig())
    louder = Histories(histories.matrix * np.float32(9), histories.users)
    np.testing.assert_array_equal(model.score(louder), model.score(histories))
    # What is stored with strength 0 or below is not held.
    negative = Histories(histories.matrix * np.float32(-1), histories.users)
    assert not model.score(negative).any()


def test_contributions_of_a_hand_made_case() -> None:
    matrix = np.array([[1, 1, 0, 1], [1, 1, 0, 0], [1, 0, 1, 1], [0, 0, 0, 1]])
    model, _ = fitted(matrix, ItemKNNConfig(alpha=1, shrink=0))
    made = model.contributions(Histories.of_items(np.array([0, 1, 2]), 4), 3)
    # w(c→d) = 1/1; w(a→d) = 2/3; w(b→d) = 1/2.
    assert made.items.tolist() == [2, 0, 1]
    np.testing.assert_allclose(made.amounts, [1, 2 / 3, 1 / 2], rtol=1e-9)
    assert made.users.tolist() == []


@pytest.mark.parametrize("item", [-1, 30])
def test_contributions_to_no_item_are_refused(item: int) -> None:
    model, histories = fitted(random_matrix(), ItemKNNConfig())
    with pytest.raises(InputError):
        model.contributions(Histories(histories.matrix[[0]], histories.users[[0]]), item)
    with pytest.raises(InputError):
        model.contributions(histories, 3)


@pytest.mark.parametrize(
    "setting", [{"shrink": -1}, {"alpha": 1.1}, {"alpha": float("nan")}, {"neighbours": 0}]
)
def test_settings_out_of_range_are_refused(setting: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        ItemKNNConfig(**setting)
