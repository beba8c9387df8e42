"""The recommender out of a classifier: what it is trained on, what it scores, the pool, strictness."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from pydantic import ValidationError

from models.conformance import interactions_of
from models.taste.conforming import block_of
from zetdard.data.interactions import Histories
from zetdard.errors import InputError, NoDataError
from zetdard.features.network import describe_network
from zetdard.models.base import TrainingData
from zetdard.models.logistic import LogisticTaste
from zetdard.models.persistence import load, save
from zetdard.models.svm import SvmConfig, SvmTaste
from zetdard.models.taste.classifiers import Classifier, Trained
from zetdard.models.taste.recommender import TasteConfig, TasteModel
from zetdard.surfaces.choosing import make_model, settings_of

N = 200


class Spy:
    """Remembers which songs it was trained on and asked about; a song is told by its first number."""

    def __init__(self) -> None:
        self.trainings: list[tuple[set[float], set[float]]] = []
        self.asked: list[set[float]] = []

    def train(self, points: np.ndarray, liked: np.ndarray, *, seed: int) -> Trained:
        self.trainings.append((set(points[liked, 0].tolist()), set(points[~liked, 0].tolist())))
        self.asked.append(set())
        mine = self.asked[-1]

        def decide(at: np.ndarray) -> np.ndarray:
            mine.update(at[:, 0].tolist())
            return at[:, 0]

        return Trained(decide, None)


class Spied(TasteModel):
    name: ClassVar[str] = "spied"
    summary: ClassVar[str] = "a spy"

    def __init__(self, config: TasteConfig | None = None) -> None:
        super().__init__(config)
        self.spy = Spy()

    def classifier(self) -> Classifier:
        return self.spy


def numbered(n_items: int = N, held: list[list[int]] | None = None) -> TrainingData:
    """Return songs whose only number tells which they are, and who holds them."""
    matrix = np.zeros((len(held or [[]]), n_items))
    for user, items in enumerate(held or [[]]):
        matrix[user, items] = 1
    return TrainingData(
        interactions_of(matrix), item_features={"musicnn": block_of(np.arange(float(n_items))[:, None])}
    )


def spied(config: TasteConfig | None = None, held: list[int] | None = None, n_items: int = N):
    """Score one listener; return the spy, the row of each number, and the scores."""
    own = list(range(0, 30, 2)) if held is None else held
    data = numbered(n_items, [own])
    model = Spied(config).fit(data)
    rows = {float(number): row for row, number in enumerate(model.state()["points"][:, 0])}
    scores = model.score(Histories.of_users(data.interactions, np.array([0])))[0]
    return model.spy, rows, scores


@pytest.mark.parametrize("folds", [2, 3, 7])
@pytest.mark.parametrize("policy", ["uniform", "popularity"])
def test_no_song_is_scored_by_a_model_that_had_it_as_a_negative(folds: int, policy: str) -> None:
    spy, rows, scores = spied(TasteConfig(folds=folds, negatives=policy))
    assert len(spy.trainings) == folds
    for (_, negatives), asked in zip(spy.trainings, spy.asked, strict=True):
        assert negatives
        assert asked
        assert not negatives & asked
    # And yet all songs are scored, each once, and all that was drawn is used.
    assert sorted(number for asked in spy.asked for number in asked) == sorted(rows)
    assert (scores > 0).all()
    drawn = set().union(*(negatives for _, negatives in spy.trainings))
    assert len(drawn) == 45  # three for each of 15 songs
    assert {number: sum(number in negatives for _, negatives in spy.trainings) for number in drawn} == (
        dict.fromkeys(drawn, folds - 1)
    )


def test_positives_are_the_songs_held_and_negatives_are_not() -> None:
    held = [3, 8, 100, 150]
    spy, rows, _ = spied(held=held)
    for positives, negatives in spy.trainings:
        assert sorted(rows[number] for number in positives) == held
        assert not {rows[number] for number in negatives} & set(held)
    assert len(set().union(*(negatives for _, negatives in spy.trainings))) == 20  # at least


def test_negatives_have_an_upper_bound() -> None:
    spy, _, _ = spied(TasteConfig(most_negatives=25))
    assert len(set().union(*(negatives for _, negatives in spy.trainings))) == 25


def test_popular_negatives_are_popular() -> None:
    # Each of the last fifty songs is held by ten others, the rest by nobody.
    others = [list(range(150, 200))] * 10
    data = numbered(held=[list(range(5)), *others])
    drawn: dict[str, set[int]] = {}
    for policy in ("uniform", "popularity"):
        model = Spied(TasteConfig(negatives=policy)).fit(data)
        rows = {float(number): row for row, number in enumerate(model.state()["points"][:, 0])}
        model.score(Histories.of_users(data.interactions, np.array([0])))
        drawn[policy] = {rows[number] for _, negatives in model.spy.trainings for number in negatives}
    assert min(drawn["popularity"]) >= 150
    assert min(drawn["uniform"]) < 150
    assert len(drawn["popularity"]) == len(drawn["uniform"]) == 20


def test_strict_recommends_only_what_is_predicted() -> None:
    _, _, all_scores = spied()
    _, _, strict = spied(TasteConfig(strict=True))
    # The spy's decision is the song's number, whose mean is 0.
    assert (all_scores > 0).all()
    np.testing.assert_array_equal(strict, np.where(all_scores > 0.5, all_scores, 0))
    assert 0 < (strict > 0).sum() < N


def test_everything_held_leaves_nothing_to_tell_apart() -> None:
    spy, _, scores = spied(held=list(range(10)), n_items=10)
    assert not spy.trainings
    assert scores.tolist() == [0.5] * 10


@pytest.fixture(scope="module")
def two_tastes() -> tuple[TrainingData, np.ndarray]:
    """Return songs of twenty styles, of which each listener likes three, and what each would like besides."""
    random = np.random.default_rng(0)
    n, styles, users = 1200, 20, 12
    style = random.integers(styles, size=n)
    sound = random.normal(size=(styles, 12))[style] * 1.5 + random.normal(size=(n, 12))
    likes = np.array([np.isin(style, random.permutation(styles)[:3]) for _ in range(users)])
    held = likes & (random.random(likes.shape) < 0.15)
    heard = random.random(n) < 0.95
    blocks = {"descriptors": block_of(sound, heard), "lyrics": block_of(random.normal(size=(n, 4)))}
    return TrainingData(interactions_of(held), item_features=blocks), likes & ~held


def recall(scores: np.ndarray, data: TrainingData, wanted: np.ndarray, k: int = 100) -> float:
    """Return the share of the wanted songs among the first k that are not held, mean over listeners."""
    found = []
    for user in range(len(wanted)):
        own = scores[user].copy()
        own[data.interactions.held(user)] = -1
        top = np.argsort(-own)[:k]
        found.append(wanted[user][top].sum() / min(k, wanted[user].sum()))
    return float(np.mean(found))


@pytest.mark.parametrize("kind", [SvmTaste, LogisticTaste])
def test_finds_what_listeners_like(
    kind: type[TasteModel], two_tastes: tuple[TrainingData, np.ndarray]
) -> None:
    data, wanted = two_tastes
    scores = kind().fit(data).score(Histories.of_users(data.interactions, np.arange(12)))
    assert recall(scores, data, wanted) > 0.6  # 0.15 by chance


def test_the_pool_scores_fewer_songs_and_finds_nearly_as_many(
    two_tastes: tuple[TrainingData, np.ndarray],
) -> None:
    data, wanted = two_tastes
    histories = Histories.of_users(data.interactions, np.arange(12))
    found, scored = {}, {}
    for share in (0.1, 0.3, 0.6, 1.0):
        scores = SvmTaste(SvmConfig(pool=share)).fit(data).score(histories)
        scored[share] = float((scores > 0).mean())
        found[share] = recall(scores, data, wanted)
    assert scored[1.0] == 1
    for share in (0.1, 0.3, 0.6):
        assert share * 0.9 < scored[share] < share + 0.1
    assert scored[0.1] < scored[0.3] < scored[0.6]
    # A third of the songs holds nearly all that the whole catalogue would give, a tenth does not.
    assert found[0.3] > 0.9 * found[1.0]
    assert found[0.1] < found[0.3]


def test_the_pool_changes_no_score_of_what_is_in_it(two_tastes: tuple[TrainingData, np.ndarray]) -> None:
    data, _ = two_tastes
    histories = Histories.of_users(data.interactions, np.arange(3))
    whole = SvmTaste().fit(data).score(histories)
    part = SvmTaste(SvmConfig(pool=0.2)).fit(data).score(histories)
    inside = part > 0
    np.testing.assert_allclose(part[inside], whole[inside], rtol=1e-4)


def test_songs_without_features_are_not_recommended() -> None:
    values = np.random.default_rng(0).normal(size=(60, 3))
    heard = np.arange(60) % 3 > 0
    matrix = np.zeros((2, 60))
    matrix[0, :20] = 1
    matrix[1, [0, 3, 6]] = 1  # holds only songs without features
    data = TrainingData(interactions_of(matrix), item_features={"descriptors": block_of(values, heard)})
    scores = LogisticTaste().fit(data).score(Histories.of_users(data.interactions, np.arange(2)))
    assert not scores[:, ~heard].any()
    assert (scores[0, heard] > 0).all()
    assert not scores[1].any()


def test_only_the_blocks_asked_for_are_used() -> None:
    values = np.random.default_rng(0).normal(size=(20, 3))
    matrix = np.zeros((1, 20))
    matrix[0, :5] = 1
    blocks = {"tags": block_of(values), "lyrics": block_of(values * 2), "mood": block_of(values)}
    data = TrainingData(interactions_of(matrix), item_features=blocks)
    assert LogisticTaste().fit(data).state()["points"].shape == (20, 6)
    model = LogisticTaste(LogisticTaste.config_class(blocks=("lyrics", "network")))
    assert model.fit(data).state()["points"].shape == (20, 3)
    with pytest.raises(NoDataError, match="network"):
        LogisticTaste(LogisticTaste.config_class(blocks=("network",))).fit(data)


def test_features_that_there_are_not_are_refused_with_those_there_are() -> None:
    settings = settings_of(['blocks=["tags", "musicn"]'])
    for name in ("svm", "multimodal-cnn"):
        with pytest.raises(
            InputError, match=r"'blocks' of .* no features 'musicn'; there are: .*musicnn, tags"
        ):
            make_model(name, settings)


def test_features_of_other_items_are_refused() -> None:
    data = TrainingData(interactions_of(np.ones((1, 4))), item_features={"tags": block_of(np.ones((5, 2)))})
    with pytest.raises(InputError, match="5 items"):
        LogisticTaste().fit(data)


def test_same_history_same_scores_whoever_holds_it() -> None:
    data = numbered(held=[[1, 5, 9], [1, 5, 9], [1, 5, 10]])
    model = SvmTaste().fit(data)
    known = model.score(Histories.of_users(data.interactions, np.array([2, 0, 1])))
    strange = model.score(Histories.of_items(np.array([9, 5, 1]), N))
    assert known[1].tobytes() == known[2].tobytes() == strange[0].tobytes()
    assert (known[0] != known[1]).any()
    other_seed = TrainingData(data.interactions, item_features=data.item_features, seed=1)
    assert (SvmTaste().fit(other_seed).score(Histories.of_items(np.array([1, 5, 9]), N)) != strange).any()


@pytest.mark.parametrize("pool", [1.0, 0.3])
def test_a_saved_model_scores_the_same(
    pool: float, tmp_path: Path, two_tastes: tuple[TrainingData, np.ndarray]
) -> None:
    data, _ = two_tastes
    config = SvmConfig(kernels={"sigmoid": 0.5, "gaussian": 2.0}, pool=pool, blocks=("lyrics", "descriptors"))
    model = SvmTaste(config).fit(data)
    loaded = load({"svm": SvmTaste}, save(model, tmp_path / "model"))
    assert loaded.config == config
    histories = Histories.of_users(data.interactions, np.arange(4))
    assert loaded.score(histories).tobytes() == model.score(histories).tobytes()


@pytest.mark.parametrize(
    "settings",
    [
        {"folds": 1},
        {"pool": 0},
        {"pool": 1.1},
        {"negatives": "nearest"},
        {"negatives_per_positive": 0},
        {"blocks": ()},
        {"blocks": ("musicnn", "moods")},
        {"kernels": {}},
        {"kernels": {"linear": 0}},
        {"kernels": {"linear": 1, "gaussian": -1}},
        {"kernels": {"cubic": 1}},
        {"shift": -1},
    ],
)
def test_settings_out_of_range_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        SvmConfig(**settings)


def test_the_pool_is_made_of_what_the_same_people_hold() -> None:
    random = np.random.default_rng(0)
    circle = np.arange(120) % 4
    matrix = (random.random((24, 120)) < 0.4) & (circle == np.arange(24)[:, None] % 4)
    interactions = interactions_of(matrix.astype(float))
    blocks = {
        "musicnn": block_of(random.normal(size=(120, 8))),  # says nothing
        "network": describe_network(interactions),
    }
    data = TrainingData(interactions, item_features=blocks)
    asked = Histories.of_users(interactions, np.arange(4))
    held = interactions.item_degrees() > 0

    def hits(names: tuple[str, ...]) -> float:
        model = SvmTaste(SvmConfig(blocks=names, pool=0.2, clusters=8)).fit(data)
        pool = model.score(asked) > 0
        return float(np.mean([pool[row, held & (circle == row)].mean() for row in range(4)]))

    assert hits(("musicnn", "network")) > 0.7
    assert hits(("musicnn",)) < 0.5
