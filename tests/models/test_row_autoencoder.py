"""row-autoencoder: communities are found, plain and variational; dense arithmetic says the same; layers narrow."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from models.conformance import ModelConformance, interactions_of, random_matrix
from zetdard.models.base import TrainingData
from zetdard.models.deep.graph_edges import song_network
from zetdard.models.deep.rows_lesson import RowLesson, RowSettings, codes_of
from zetdard.models.deep.rows_network import RowAutoencoder as Network
from zetdard.models.row_autoencoder import RowAutoencoder, RowAutoencoderConfig

SMALL = {"widths": (8,), "size": 4, "epochs": 3, "neighbours": 5, "learning_rate": 0.05}


class TestRowAutoencoder(ModelConformance):
    model_class: ClassVar[type[RowAutoencoder]] = RowAutoencoder
    amounts_sum_to_score = True

    def make(self) -> RowAutoencoder:
        return RowAutoencoder(RowAutoencoderConfig(**SMALL))


@pytest.mark.parametrize("variational", [True, False])
def test_two_communities_are_found(variational: bool) -> None:
    random = np.random.default_rng(5)
    community, user = random.integers(2, size=40), np.arange(60) % 2
    chance = np.where(user[:, None] == community[None, :], 0.4, 0.02)
    held = (random.random((60, 40)) < chance).astype(np.float32)
    config = RowAutoencoderConfig(widths=(16,), size=4, neighbours=10, clusters=2, variational=variational)
    cluster = RowAutoencoder(config).fit(TrainingData(interactions_of(held))).state()["cluster"]
    known = cluster >= 0
    right = (cluster[known] == community[known]).mean()
    assert max(right, 1 - right) > 0.9


def test_the_network_is_what_dense_arithmetic_gives() -> None:
    rows = song_network(interactions_of(random_matrix()), 5)
    torch.manual_seed(2)
    network = Network(rows.shape[0], (9, 6), 3, variational=True).eval()
    w = {name: value.numpy().astype(np.float64) for name, value in network.state_dict().items()}
    dense = rows.toarray().astype(np.float64)
    inner = np.tanh(dense @ w["enter.weight"] + w["enter.bias"])
    inner = np.tanh(inner @ w["narrow.1.weight"].T + w["narrow.1.bias"])
    codes = inner @ w["mean.weight"].T + w["mean.bias"]
    np.testing.assert_allclose(codes_of(network, rows), codes, atol=1e-5)

    wide = np.tanh(codes @ w["widen.0.weight"].T + w["widen.0.bias"])
    wide = np.tanh(wide @ w["widen.2.weight"].T + w["widen.2.bias"])
    odds = wide @ w["leave.weight"].T + w["leave.bias"]
    # Looking at all columns, what is judged is −Σ share · log softmax, the mean over rows that have entries.
    filled = dense.sum(axis=1) > 0
    likelihood = odds - np.log(np.exp(odds).sum(axis=1, keepdims=True))
    shares = dense[filled] / dense[filled].sum(axis=1, keepdims=True)
    lesson = RowLesson(network, rows, 1.0, RowSettings(0.0, 0.0, 7, rows.shape[0]), seed=0)
    with torch.no_grad():
        found = lesson.validation()
    assert found == pytest.approx(-(shares * likelihood[filled]).sum(axis=1).mean(), rel=1e-5)


def test_layers_narrow_and_widen() -> None:
    data = TrainingData(interactions_of(random_matrix()))
    layers = RowAutoencoder(RowAutoencoderConfig(**{**SMALL, "widths": (8, 6)})).fit(data).layers()
    assert [layer.shape[0] for layer in layers if layer.parameters] == [8, 6, 4, 4, 6, 8, 30]


@pytest.mark.parametrize("widths", [(8, 8), (4,), ()])
def test_layers_that_do_not_narrow_are_refused(widths: tuple[int, ...]) -> None:
    with pytest.raises(ValidationError):
        RowAutoencoderConfig(widths=widths, size=4)
