"""``multimodal-cnn`` as a recommender: what every model must do, and that no song's own label reaches its score."""

from __future__ import annotations

import numpy as np

from models.conformance import interactions_of, random_matrix
from models.taste.conforming import TasteConformance, block_of, features_of
from zetdard.data.interactions import Histories
from zetdard.measure.binary import roc_auc
from zetdard.models.base import TrainingData
from zetdard.models.multimodal_cnn import MultimodalCNN, MultimodalConfig

SMALL = {"epochs": 2, "hidden": 6, "width": 4, "folds": 2}


class TestMultimodalCNN(TasteConformance):
    model_class = MultimodalCNN

    def make(self) -> MultimodalCNN:
        return MultimodalCNN(MultimodalConfig(**SMALL))


class TestOtherSettings(TasteConformance):
    model_class = MultimodalCNN

    def make(self) -> MultimodalCNN:
        return MultimodalCNN(MultimodalConfig(**SMALL, fusing="concatenation", pool=0.5, strict=True))


def test_the_networks_learn_what_listeners_share() -> None:
    random = np.random.default_rng(0)
    songs = random.normal(size=(240, 12))
    liked = songs[:, :1] @ random.choice([-1.0, 1.0], size=(1, 30)) > 0.4
    held = (liked.T & (random.random((30, 240)) < 0.5)).astype(np.float32)
    data = TrainingData(interactions_of(held), item_features={"musicnn": block_of(songs)}, seed=1)
    model = MultimodalCNN(MultimodalConfig(epochs=15, learning_rate=0.02)).fit(data)
    scores = model.score(Histories.of_users(data.interactions, np.arange(30)))
    free = held == 0
    found = [roc_auc(scores[user][free[user]], liked.T[user][free[user]]) for user in range(30)]
    assert np.mean(found) > 0.85
    curve = model.state()["curve"]
    assert curve.shape == (3, 15, 2)
    assert (curve[:, -1, 0] < curve[:, 0, 0]).all()


class Noted(MultimodalCNN):
    """Notes which songs each of its networks is told about."""

    def codes(self, songs, labels, data, *, name, seed):  # type: ignore[no-untyped-def]  # as in the class above
        self.told = [*getattr(self, "told", []), labels.songs()]
        return super().codes(songs, labels, data, name=name, seed=seed)


def test_a_fold_is_scored_by_a_network_that_was_told_nothing_of_its_songs() -> None:
    matrix = random_matrix()
    model = Noted(MultimodalConfig(**SMALL))
    model.fit(TrainingData(interactions_of(matrix), item_features=features_of(matrix.shape[1])))
    assert len(model.told) == 2
    for fold, told in enumerate(model.told):
        assert len(told)
        assert (model.fold_of(told) != fold).all()


def test_its_layers_are_those_of_its_network() -> None:
    matrix = random_matrix()
    data = TrainingData(interactions_of(matrix), item_features=features_of(matrix.shape[1]))
    layers = MultimodalCNN(MultimodalConfig(**SMALL)).fit(data).layers()
    assert layers[0].settings.startswith("in_features=6, out_features=6") or layers[0].kind == "Dropout"
    assert sum(layer.parameters for layer in layers if layer.kind == "Linear") > 0
    assert layers[-1].shape == (4,)
