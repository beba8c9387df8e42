"""The conformance kit: what every model must do. A model's test subclasses it in a few lines::

class TestPopular(ModelConformance):
    model_class = Popular
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pytest
from pydantic import ValidationError
from scipy.sparse import csr_array

from zetdard.data.interactions import Histories, Interactions
from zetdard.data.vocabulary import Vocabulary
from zetdard.errors import ArtifactError, InputError, NotFittedError
from zetdard.models.base import Explainable, Model, TrainingData

N_USERS, N_ITEMS = 24, 30
LONELY_USER = 7
"""Holds nothing."""
UNHELD_ITEM = 11
"""Nobody holds it."""


def interactions_of(matrix: np.ndarray) -> Interactions:
    """Wrap a dense matrix, shape (users, items), with invented labels."""
    users = Vocabulary((f"u{row}" for row in range(matrix.shape[0])), kind="user")
    items = Vocabulary((f"i{row}" for row in range(matrix.shape[1])), kind="item")
    return Interactions(users, items, csr_array(matrix.astype(np.float32)))


def random_matrix(seed: int = 0, users: int = N_USERS, items: int = N_ITEMS) -> np.ndarray:
    """Draw who holds what: shape (users, items), 0 or 1, with a lonely user and an unheld item."""
    matrix = np.random.default_rng(seed).random((users, items)) < 0.3
    matrix[LONELY_USER] = False
    matrix[:, UNHELD_ITEM] = False
    # Everybody else holds something.
    matrix[[row for row in range(users) if row != LONELY_USER], 0] = True
    return matrix.astype(np.float32)


class ModelConformance:
    """Inherit, and name the model.

    Attributes:
        model_class: The model; called without arguments unless ``make`` is replaced.
        amounts_sum_to_score: Whether the contributions' amounts sum to the score.
        unheld_items_score_zero: Whether an item that nobody holds has no evidence (models of interactions
            alone).
    """

    model_class: ClassVar[Any]
    amounts_sum_to_score: ClassVar[bool] = False
    unheld_items_score_zero: ClassVar[bool] = True

    def make(self) -> Model:
        """Return a fresh model."""
        return self.model_class()

    def data(self, matrix: np.ndarray, seed: int = 0) -> TrainingData:
        """Return what the model learns from; replace it for a model that needs more."""
        artists = np.arange(matrix.shape[1]) // 3
        shape = (matrix.shape[1], int(artists.max(initial=-1)) + 1)
        item_artists = csr_array(
            (np.ones(len(artists), np.float32), (np.arange(len(artists)), artists)), shape=shape
        )
        return TrainingData(interactions_of(matrix), item_artists=item_artists, seed=seed)

    def fitted(self, matrix: np.ndarray | None = None) -> tuple[Model, Interactions]:
        """Return a model fitted on ``matrix``, and its interactions."""
        data = self.data(random_matrix() if matrix is None else matrix)
        return self.make().fit(data), data.interactions

    def check_scores(self, scores: np.ndarray, shape: tuple[int, int]) -> None:
        assert scores.shape == shape
        assert scores.dtype == np.float32
        assert np.isfinite(scores).all()

    # What it is

    def test_says_what_it_is(self) -> None:
        model = self.make()
        assert model.name
        assert model.name == model.name.lower()
        assert " " not in model.name
        assert model.summary
        assert "\n" not in model.summary
        assert isinstance(model.personal, bool)
        assert all(model.learned.values())

    def test_config_refuses_an_unknown_key(self) -> None:
        config = self.make().config
        with pytest.raises(ValidationError):
            type(config)(**{**config.model_dump(), "no_such_setting": 1})

    def test_config_is_frozen_and_survives_json(self) -> None:
        config = self.make().config
        assert type(config).model_validate_json(config.model_dump_json()) == config
        assert config.model_config["frozen"]

    # Learning

    def test_fit_returns_itself(self) -> None:
        model = self.make()
        assert model.fit(self.data(random_matrix())) is model

    def test_score_and_state_before_fit_are_refused(self) -> None:
        with pytest.raises(NotFittedError):
            self.make().score(Histories.of_items(np.array([0]), N_ITEMS))
        with pytest.raises(NotFittedError):
            self.make().state()

    def test_fit_leaves_the_data_alone(self) -> None:
        data = self.data(random_matrix())
        before = data.interactions.matrix.copy()
        model = self.make().fit(data)
        model.score(Histories.of_users(data.interactions, np.arange(N_USERS)))
        after = data.interactions.matrix
        for name in ("data", "indices", "indptr"):
            np.testing.assert_array_equal(getattr(after, name), getattr(before, name))

    def test_two_fits_give_the_same_bytes(self) -> None:
        assert state_bytes(self.fitted()[0]) == state_bytes(self.fitted()[0])

    def test_second_fit_forgets_the_first(self) -> None:
        again, _ = self.fitted(random_matrix(seed=1, users=31, items=17))
        again.fit(self.data(random_matrix()))
        assert state_bytes(again) == state_bytes(self.fitted()[0])
        data = self.data(random_matrix()).interactions
        histories = Histories.of_users(data, np.arange(N_USERS))
        assert again.score(histories).tobytes() == self.fitted()[0].score(histories).tobytes()

    # Saving

    def test_state_is_what_it_declares(self) -> None:
        state = self.fitted()[0].state()
        assert state.keys() == self.make().learned.keys()
        for name, array in state.items():
            assert isinstance(array, np.ndarray), name
            assert not array.dtype.hasobject, f"{name} would need pickle"

    def test_restored_model_scores_the_same_bytes(self) -> None:
        model, data = self.fitted()
        saved = {name: array.copy() for name, array in model.state().items()}
        for array in saved.values():
            array.setflags(write=False)  # as arrays mapped from a file are
        restored = self.make().restore(saved)
        histories = Histories.of_users(data, np.arange(N_USERS))
        assert restored.score(histories).tobytes() == model.score(histories).tobytes()
        assert state_bytes(restored) == state_bytes(model)

    def test_restore_refuses_other_arrays(self) -> None:
        state = self.fitted()[0].state()
        with pytest.raises(ArtifactError):
            self.make().restore({**state, "no_such_array": np.zeros(1)})
        for missing in state:
            with pytest.raises(ArtifactError):
                self.make().restore({name: array for name, array in state.items() if name != missing})

    # Scoring

    def test_scores_everybody(self) -> None:
        model, data = self.fitted()
        scores = model.score(Histories.of_users(data, np.arange(N_USERS)))
        self.check_scores(scores, (N_USERS, N_ITEMS))
        if model.personal:
            assert (scores[0] != scores[1]).any()
        else:
            np.testing.assert_array_equal(scores, np.broadcast_to(scores[0], scores.shape))

    def test_scoring_twice_gives_the_same_bytes(self) -> None:
        model, data = self.fitted()
        histories = Histories.of_users(data, np.arange(N_USERS))
        assert model.score(histories).tobytes() == model.score(histories).tobytes()

    def test_batch_of_one_is_a_row_of_the_batch(self) -> None:
        model, data = self.fitted()
        together = model.score(Histories.of_users(data, np.arange(N_USERS)))
        for user in range(N_USERS):
            alone = model.score(Histories.of_users(data, np.array([user])))
            self.check_scores(alone, (1, N_ITEMS))
            assert alone[0].tobytes() == together[user].tobytes(), f"user {user}"

    def test_batch_of_none(self) -> None:
        model, data = self.fitted()
        self.check_scores(model.score(Histories.of_users(data, np.empty(0, np.int32))), (0, N_ITEMS))

    def test_listener_without_history(self) -> None:
        model, data = self.fitted()
        known = model.score(Histories.of_users(data, np.array([LONELY_USER])))
        unknown = model.score(Histories.of_items(np.empty(0, np.int32), N_ITEMS))
        for scores in (known, unknown):
            self.check_scores(scores, (1, N_ITEMS))
            if model.personal:
                assert not scores.any()

    def test_listener_it_has_never_seen(self) -> None:
        model, _ = self.fitted()
        scores = model.score(Histories.of_items(np.array([0, 3, 5]), N_ITEMS))
        self.check_scores(scores, (1, N_ITEMS))
        assert scores.any()

    def test_item_that_nobody_holds(self) -> None:
        model, data = self.fitted()
        scores = model.score(Histories.of_users(data, np.arange(N_USERS)))
        if self.unheld_items_score_zero:
            assert not scores[:, UNHELD_ITEM].any()
        self.check_scores(model.score(Histories.of_items(np.array([UNHELD_ITEM]), N_ITEMS)), (1, N_ITEMS))

    @pytest.mark.parametrize("shape", [(1, 1), (1, 5), (5, 1)])
    def test_one_user_or_one_item(self, shape: tuple[int, int]) -> None:
        model, data = self.fitted(np.ones(shape))
        self.check_scores(model.score(Histories.of_users(data, np.arange(shape[0]))), shape)

    @pytest.mark.parametrize("shape", [(4, 5), (0, 5), (4, 0), (0, 0)])
    def test_no_interactions(self, shape: tuple[int, int]) -> None:
        model, data = self.fitted(np.zeros(shape))
        scores = model.score(Histories.of_users(data, np.arange(shape[0])))
        self.check_scores(scores, shape)
        assert not scores.any()

    @pytest.mark.parametrize("strength", [np.nan, np.inf, -np.inf])
    def test_histories_that_are_not_numbers_are_refused(self, strength: float) -> None:
        model, data = self.fitted()
        matrix = data.matrix[[0]].copy()
        matrix.data[0] = strength
        with pytest.raises(InputError):
            model.score(Histories(matrix, np.array([0], np.int32)))

    @pytest.mark.parametrize("width", [N_ITEMS - 1, N_ITEMS + 1])
    def test_histories_over_other_items_are_refused(self, width: int) -> None:
        with pytest.raises(InputError):
            self.fitted()[0].score(Histories.of_items(np.array([0]), width))

    # Explaining: nothing to check for a model that does not

    def unheld(self, data: Interactions) -> list[tuple[Histories, int, int]]:
        """Return (history, user, item) of each item that a user does not hold."""
        return [
            (Histories.of_users(data, np.array([user])), user, int(item))
            for user in range(N_USERS)
            for item in np.setdiff1d(np.arange(N_ITEMS), data.held(user))
        ]

    def test_contributions_are_of_own_items_and_in_order(self) -> None:
        model, data = self.fitted()
        if not isinstance(model, Explainable):
            return
        some = False
        for history, user, item in self.unheld(data):
            made = model.contributions(history, item)
            some = some or len(made.items) > 0
            assert (made.amounts > 0).all()
            assert made.items.shape == made.amounts.shape
            assert made.amounts.dtype == np.float64
            assert np.isin(made.items, data.held(user)).all()
            assert len(np.unique(made.items)) == len(made.items)
            assert (np.lexsort((made.items, -made.amounts)) == np.arange(len(made.items))).all()
            assert user not in made.users
        assert some

    def test_amounts_sum_to_the_score(self) -> None:
        model, data = self.fitted()
        if not isinstance(model, Explainable) or not self.amounts_sum_to_score:
            return
        scores = model.score(Histories.of_users(data, np.arange(N_USERS)))
        for history, user, item in self.unheld(data):
            total = model.contributions(history, item).amounts.sum()
            np.testing.assert_allclose(total, scores[user, item], rtol=1e-5, atol=1e-7)

    def test_no_history_no_contributions(self) -> None:
        model, _ = self.fitted()
        if not isinstance(model, Explainable):
            return
        made = model.contributions(Histories.of_items(np.empty(0, np.int32), N_ITEMS), 3)
        assert len(made.items) == len(made.amounts) == 0

    def test_explaining_before_fit_is_refused(self) -> None:
        model = self.make()
        if not isinstance(model, Explainable):
            return
        with pytest.raises(NotFittedError):
            model.contributions(Histories.of_items(np.array([0]), N_ITEMS), 0)


def state_bytes(model: Model) -> dict[str, tuple[str, tuple[int, ...], bytes]]:
    """Return each learned array as (dtype, shape, bytes)."""
    return {
        name: (array.dtype.str, array.shape, np.ascontiguousarray(array).tobytes())
        for name, array in model.state().items()
    }
