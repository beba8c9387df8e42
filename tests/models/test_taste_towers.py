"""``taste``: features carry it to songs, artists and people that share nothing with the listener."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.sparse import csr_array

from models.conformance import (
    LONELY_USER,
    N_USERS,
    ModelConformance,
    interactions_of,
    random_matrix,
    state_bytes,
)
from models.taste.conforming import block_of, features_of
from zetdard.data.interactions import Histories
from zetdard.errors import InputError
from zetdard.models.base import ManySided, Model, TrainingData, Workshop
from zetdard.models.deep.towers import Collected, Halves, Performed, Towers
from zetdard.models.taste_towers import TasteTowers, TasteTowersConfig, taste_of

SMALL = {"width": 6, "hidden": 10, "epochs": 3}


class TestTasteTowers(ModelConformance):
    model_class = TasteTowers
    unheld_items_score_zero = False

    def make(self) -> Model:
        return TasteTowers(TasteTowersConfig(**SMALL))  # type: ignore[arg-type]  # settings by their names

    def data(self, matrix: np.ndarray, seed: int = 0) -> TrainingData:
        return replace(super().data(matrix, seed), item_features=features_of(matrix.shape[1]))


class TestWithoutFeatures(ModelConformance):
    model_class = TasteTowers

    def make(self) -> Model:
        return TasteTowers(TasteTowersConfig(**SMALL))  # type: ignore[arg-type]  # settings by their names


N_SONGS, N_ARTISTS, PEOPLE = 80, 20, 60


def two_tastes(seed: int = 0) -> TrainingData:
    """Two genres by turns: songs 0, 2, 4 … and 1, 3, 5 …; four songs an artist; listeners of six songs of one genre.

    Listener n holds songs of the half n // 30 of the catalogue alone: listeners of both halves share no song. The last
    artist of each genre is held by nobody. Three columns of the features say the genre.
    """
    random = np.random.default_rng(seed)
    genre = np.arange(N_SONGS) % 2
    artist = np.arange(N_SONGS) // 8 * 2 + genre
    matrix = np.zeros((PEOPLE, N_SONGS), np.float32)
    held_by_none = artist >= N_ARTISTS - 2
    for user in range(PEOPLE):
        half = (np.arange(N_SONGS) < N_SONGS // 2) == (user < PEOPLE // 2)
        mine = np.flatnonzero((genre == user % 2) & half & ~held_by_none)
        matrix[user, random.choice(mine, 6, replace=False)] = 1
    values = random.normal(size=(N_SONGS, 8))
    values[:, :3] += np.where(genre, 2.0, -2.0)[:, None]
    credits = csr_array(
        (np.ones(N_SONGS, np.float32), (np.arange(N_SONGS), artist)), shape=(N_SONGS, N_ARTISTS)
    )
    return TrainingData(
        interactions_of(matrix),
        item_artists=credits,
        item_features={"descriptors": block_of(values)},
        seed=seed,
    )


@pytest.fixture(scope="module")
def fitted() -> tuple[TasteTowers, TrainingData]:
    data = two_tastes()
    return TasteTowers(TasteTowersConfig(epochs=25, width=8, hidden=24, batch=30)).fit(data), data


def asked(data: TrainingData) -> Histories:
    return Histories.of_users(data.interactions, np.arange(PEOPLE))


def test_people_who_share_no_song_are_found_by_taste(fitted: tuple[TasteTowers, TrainingData]) -> None:
    model, data = fitted
    scores = model.offering("people").score(asked(data))
    assert scores.shape == (PEOPLE, PEOPLE)
    assert not np.diag(scores).any()
    held = data.interactions.matrix.toarray()
    strangers = held @ held.T == 0
    alike = np.arange(PEOPLE)[:, None] % 2 == np.arange(PEOPLE) % 2
    for user in range(PEOPLE):
        same = scores[user, strangers[user] & alike[user]]
        others = scores[user, strangers[user] & ~alike[user]]
        assert len(same) >= PEOPLE // 4
        assert (same[:, None] > others).mean() > 0.95, f"user {user}"


def test_artists_whom_nobody_holds_are_found_by_style(fitted: tuple[TasteTowers, TrainingData]) -> None:
    model, data = fitted
    scores = model.offering("artists").score(asked(data))
    assert scores.shape == (PEOPLE, N_ARTISTS)
    new = scores[:, -2:]  # of genre 0 and of genre 1
    right = np.arange(PEOPLE) % 2
    assert (new[np.arange(PEOPLE), right] > new[np.arange(PEOPLE), 1 - right]).mean() > 0.95


def test_all_sides_share_what_was_learned(fitted: tuple[TasteTowers, TrainingData]) -> None:
    model, _ = fitted
    assert isinstance(model, ManySided)
    people = model.offering("people")
    assert people.config.offered == "people"  # type: ignore[attr-defined]  # every side is TasteTowers
    assert state_bytes(people) == state_bytes(model)
    assert model.config.offered == "songs"


def test_scores_are_cosines_of_the_learned_codes(fitted: tuple[TasteTowers, TrainingData]) -> None:
    model, data = fitted
    state = model.state()
    held = data.interactions.matrix.toarray()
    sums = held @ state["songs"]
    tastes = sums / np.linalg.norm(sums, axis=1, keepdims=True)
    np.testing.assert_allclose(state["people"], tastes, atol=1e-6)
    for side in ("songs", "artists", "people"):
        expected = (1 + tastes @ state[side].T) / 2
        if side == "people":
            np.fill_diagonal(expected, 0)
        found = model.offering(side).score(asked(data))  # type: ignore[arg-type]  # a parametrised word
        np.testing.assert_allclose(found, expected, atol=1e-6)


def test_who_holds_nothing_has_no_taste_and_is_nobodys_companion() -> None:
    kit = TestTasteTowers()
    data = kit.data(random_matrix())
    model = kit.make().fit(data)
    assert isinstance(model, ManySided)
    scores = model.offering("people").score(Histories.of_users(data.interactions, np.arange(N_USERS)))
    assert not scores[:, LONELY_USER].any()
    assert not scores[LONELY_USER].any()
    assert taste_of(np.zeros((0, 3), np.float32)).tolist() == [0, 0, 0]


def test_styles_are_means_of_codes_and_what_is_alone() -> None:
    torch.manual_seed(0)
    network = Towers(2, 3, 2, 4, 5, 0.5).eval()
    with torch.no_grad():
        network.artist_alone.normal_()
    points, featured = torch.randn(3, 2), torch.tensor([1.0, 1.0, 0.0])
    credits = csr_array(np.array([[1, 0], [1, 1], [0, 1]], np.float32))
    with torch.no_grad():
        codes, styles = network(points, featured, Performed.of(credits))
        heard = torch.nn.functional.normalize(network.listening(points), dim=1) * featured[:, None]
        own = torch.nn.functional.normalize(heard + network.song_alone, dim=1)
    torch.testing.assert_close(codes, own)
    means = torch.stack([codes[:2].mean(dim=0), codes[1:].mean(dim=0)]) + network.artist_alone
    torch.testing.assert_close(styles, torch.nn.functional.normalize(means, dim=1))


def test_the_halves_share_nothing_and_are_all() -> None:
    data = two_tastes()
    held = data.interactions.matrix
    credits = data.item_artists
    collected = Collected(held, np.zeros((N_SONGS, 0), np.float32), np.zeros(N_SONGS, bool), credits)
    network = Towers(0, N_SONGS, N_ARTISTS, 4, 4, 0.5)
    lesson = Halves(network, collected, 16, np.empty(0, np.int64), 0)
    rows = np.array([3, 40])
    given, other, performers = lesson._halved(rows, np.random.default_rng(1))
    assert (given + other).numpy().tolist() == held[rows].toarray().tolist()
    assert given.sum(dim=1).tolist() == other.sum(dim=1).tolist() == [3, 3]
    np.testing.assert_array_equal(performers.numpy(), other.numpy() @ credits.toarray())
    assert lesson.validation() is None


def test_a_training_that_was_stopped_goes_on_with_the_same_bytes(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    from zetdard.models.deep import training

    monkeypatch.setattr(training, "_CHECKPOINT_S", -1.0)
    kit = TestTasteTowers()
    data = kit.data(random_matrix())
    expected = state_bytes(kit.make().fit(data))
    losses, calls = Halves.losses, 0

    def stopping(self: Halves, random: np.random.Generator) -> object:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise KeyboardInterrupt
        return losses(self, random)

    monkeypatch.setattr(Halves, "losses", stopping)
    workshop = Workshop(folder=tmp_path)
    with pytest.raises(KeyboardInterrupt):
        kit.make().fit(replace(data, workshop=workshop))
    assert state_bytes(kit.make().fit(replace(data, workshop=workshop))) == expected


def test_features_and_artists_of_other_songs_are_refused() -> None:
    data = two_tastes()
    with pytest.raises(InputError, match="the features are those of 5 items, not of 80"):
        TasteTowers().fit(replace(data, item_features={"tags": block_of(np.ones((5, 2)))}))
    with pytest.raises(InputError, match="the artists are those of 2 items, not of 80"):
        TasteTowers().fit(replace(data, item_artists=csr_array(np.ones((2, 2), np.float32))))


def test_its_layers_are_those_of_what_was_learned(fitted: tuple[TasteTowers, TrainingData]) -> None:
    kinds = [layer.kind for layer in fitted[0].layers()]
    assert kinds == ["Linear", "GELU", "Dropout", "Linear"]
