"""graph-autoencoder: communities and directions are found, whole or in parts; dense arithmetic says the same."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
import torch
from scipy.sparse import csr_array

from models.conformance import ModelConformance, interactions_of, random_matrix, state_bytes
from zetdard.models.base import TrainingData, Workshop
from zetdard.models.deep import training
from zetdard.models.deep.graph_edges import averaging, song_network
from zetdard.models.deep.graph_lesson import EdgeLesson, codes_of
from zetdard.models.deep.graph_network import GraphEncoder, divergence, gravity, squared_distances
from zetdard.models.graph_autoencoder import GraphAutoencoder, GraphAutoencoderConfig
from zetdard.models.song_codes import NEAR

SMALL = {"hidden": 8, "size": 4, "epochs": 3, "neighbours": 5, "learning_rate": 0.05}


class TestGraphAutoencoder(ModelConformance):
    model_class: ClassVar[type[GraphAutoencoder]] = GraphAutoencoder
    amounts_sum_to_score = True

    def make(self) -> GraphAutoencoder:
        return GraphAutoencoder(GraphAutoencoderConfig(**SMALL))


class TestPlainInGroups(TestGraphAutoencoder):
    """More songs than are encoded at once."""

    def make(self) -> GraphAutoencoder:
        return GraphAutoencoder(GraphAutoencoderConfig(**SMALL, variational=False, whole=16))


def communities(n_users: int = 60, n_songs: int = 40) -> tuple[np.ndarray, np.ndarray]:
    """Return who holds what, and the community of each song: users hold songs of their own, and now and then another."""
    random = np.random.default_rng(5)
    song, user = random.integers(2, size=n_songs), np.arange(n_users) % 2
    chance = np.where(user[:, None] == song[None, :], 0.4, 0.02)
    return (random.random((n_users, n_songs)) < chance).astype(np.float32), song


@pytest.mark.parametrize("setting", [{}, {"variational": False}, {"whole": 24}])
def test_two_communities_are_found(setting: dict[str, object]) -> None:
    held, community = communities()
    config = GraphAutoencoderConfig(hidden=16, size=4, neighbours=10, epochs=60, clusters=2, **setting)
    model = GraphAutoencoder(config).fit(TrainingData(interactions_of(held)))
    cluster = model.state()["cluster"]
    known = cluster >= 0
    right = (cluster[known] == community[known]).mean()
    assert max(right, 1 - right) > 0.9


def test_direction_is_that_of_the_network() -> None:
    # w(a→b) / w(b→a) = |U(b)| / |U(a)|: the strongest edges of rare songs lead to well-known ones, and not back.
    random = np.random.default_rng(2)
    chance = np.repeat([0.08, 0.7], [30, 6])
    held = (random.random((80, 36)) < chance).astype(np.float32)
    data = TrainingData(interactions_of(held))
    model = GraphAutoencoder(GraphAutoencoderConfig(hidden=16, size=4, neighbours=6, epochs=80)).fit(data)
    network = song_network(data.interactions, 6).toarray()
    a, b = np.nonzero((network > 0) & (network.T == 0))
    assert len(a) > 50
    forth, back = model.edges(a, b), model.edges(b, a)
    assert (forth > back).mean() > 0.9
    assert ((forth > 0) & (forth < 1)).all()


def dense_codes(encoder: GraphEncoder, network: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The encoder in a few lines of numpy, every matrix dense."""
    weights = {name: value.numpy().astype(np.float64) for name, value in encoder.state_dict().items()}
    looped = network.astype(np.float64) + np.eye(len(network))
    average = looped / looped.sum(axis=1, keepdims=True)
    inner = average @ np.maximum(average @ weights["begin.weight"], 0)
    return (
        inner @ weights["mean.weight"].T + weights["mean.bias"],
        inner @ weights["spread.weight"].T + weights["spread.bias"],
    )


def test_encoder_and_decoder_are_what_dense_arithmetic_gives() -> None:
    network = song_network(interactions_of(random_matrix()), 5)
    torch.manual_seed(1)
    encoder = GraphEncoder(network.shape[0], 6, 3, variational=True).eval()
    mean, spread = dense_codes(encoder, network.toarray())
    np.testing.assert_allclose(codes_of(encoder, network), mean, atol=1e-5)

    kl = 0.5 * (mean**2 + np.exp(2 * spread) - 2 * spread - 1).sum(axis=1).mean()
    assert float(divergence(torch.tensor(mean), torch.tensor(spread))) == pytest.approx(kl, rel=1e-5)

    places, masses = mean[:, :-1], mean[:, -1]
    squared = np.square(places[:, None] - places[None]).sum(axis=2)
    odds = masses[None] - 2 * np.log(squared + NEAR)
    x = torch.tensor(places, dtype=torch.float32)
    found = gravity(squared_distances(x, x), torch.tensor(masses, dtype=torch.float32), 2.0)
    np.testing.assert_allclose(found.numpy(), odds, atol=1e-3)  # 1 / ε times the rounding of squares

    n = len(mean)
    model = GraphAutoencoder(GraphAutoencoderConfig(**SMALL)).restore(
        {
            "places": places.astype(np.float32),
            "masses": masses.astype(np.float32),
            "pull": np.array([2.0], np.float32),
            "cluster": np.zeros(n, np.int32),
            "centres": np.zeros((1, 3), np.float32),
            "curve": np.empty((0, 2), np.float32),
        }
    )
    a, b = np.divmod(np.arange(n * n), n)
    np.testing.assert_allclose(model.edges(a, b).reshape(n, n), 1 / (1 + np.exp(-odds)), atol=1e-5)


def test_a_training_that_was_killed_goes_on_with_the_same_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def make() -> GraphAutoencoder:
        return GraphAutoencoder(GraphAutoencoderConfig(**{**SMALL, "epochs": 6}))

    interactions = interactions_of(random_matrix())
    expected = state_bytes(make().fit(TrainingData(interactions)))
    monkeypatch.setattr(training, "_CHECKPOINT_S", -1.0)
    judged = EdgeLesson.validation
    calls = []

    def stop(lesson: EdgeLesson) -> float | None:
        calls.append(1)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return judged(lesson)

    monkeypatch.setattr(EdgeLesson, "validation", stop)
    data = TrainingData(interactions, workshop=Workshop(tmp_path))
    with pytest.raises(KeyboardInterrupt):
        make().fit(data)
    assert list(tmp_path.iterdir())
    assert state_bytes(make().fit(data)) == expected
    assert len(calls) == 4 + 3


def test_the_curve_falls() -> None:
    held, _ = communities()
    config = GraphAutoencoderConfig(hidden=16, size=4, neighbours=10, epochs=40)
    curve = GraphAutoencoder(config).fit(TrainingData(interactions_of(held))).state()["curve"]
    assert np.isfinite(curve).all()
    assert curve[-1, 0] < 0.8 * curve[0, 0]
    assert curve[:, 1].min() < curve[0, 1]


def test_layers() -> None:
    data = TrainingData(interactions_of(random_matrix()))
    layers = GraphAutoencoder(GraphAutoencoderConfig(**SMALL)).fit(data).layers()
    assert [(layer.name, layer.shape) for layer in layers] == [
        ("begin", (8,)),
        ("relu", (8,)),
        ("mean", (5,)),
        ("spread", (5,)),
    ]


def test_one_song_alone_keeps_its_own() -> None:
    assert averaging(csr_array((1, 1), dtype=np.float32)).toarray().tolist() == [[1.0]]
