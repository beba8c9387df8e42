"""The network: known answers by weights set by hand, and the lean graph against the plain form."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from features.audio.musicnn_weights import empty_weights, random_weights
from zetdard.data.types import Floats
from zetdard.errors import ArtifactError, MissingExtraError
from zetdard.features.audio.musicnn import graph
from zetdard.features.audio.musicnn.embedding import OnnxNetwork
from zetdard.features.audio.musicnn.network import Network, PlainNetwork, normalisation
from zetdard.features.audio.musicnn.weights import N_FRAMES, N_MELS, TEMPORAL, TIMBRAL, Weights

TIMBRAL_1, TEMPORAL_0, TEMPORAL_2 = 204, 408, 510
MIDDLE_0, MIDDLE_1, MIDDLE_2 = 561, 625, 689
"""Where a layer's first filter stands among the 753 joined features."""


def some_patches(n: int = 2, seed: int = 1) -> Floats:
    return np.random.default_rng(seed).uniform(0, 4, (n, N_FRAMES, N_MELS)).astype(np.float32)


def listen_to(weights: dict[str, Floats], feature: int, unit: int) -> None:
    """Let one hidden unit answer the maximum of a feature over time, and the next one its mean."""
    weights["hidden.kernel"][2 * feature, unit] = 1
    weights["hidden.kernel"][2 * feature + 1, unit + 1] = 1


@pytest.fixture(params=[PlainNetwork, OnnxNetwork])
def form(request: pytest.FixtureRequest) -> type[Network]:
    return request.param


def test_each_layer_answers_what_it_must(form: type[Network]) -> None:
    weights = empty_weights()
    weights["timbral.0.kernel"][3, 5, 0] = 1  # this frame, the sixth band under the filter
    weights["timbral.1.kernel"][0, 66, 0] = 1  # three frames ago, the highest band under the filter
    weights["temporal.0.kernel"][63, 0] = 1  # this frame: one more lies after it than before
    weights["temporal.2.kernel"][31, 0] = 1  # sixteen frames ahead
    weights["middle.0.kernel"][3, 0, 0] = 2  # twice the first feature
    weights["middle.1.kernel"][6, 0, 0] = 1  # three frames ahead, added
    for unit, feature in enumerate((0, TIMBRAL_1, TEMPORAL_0, TEMPORAL_2, MIDDLE_0, MIDDLE_1, MIDDLE_2)):
        listen_to(weights, feature, 2 * unit)
    weights["tags.kernel"][0, 7] = 1
    weights["tags.bias"][8] = -2
    x = some_patches()
    hidden, tags = form(weights)(x)

    bands_5_to_63 = x[:, :, 5:64].max(axis=2)
    highest = np.pad(x[:, :, 66:].max(axis=2), [(0, 0), (3, 0)])[:, :N_FRAMES]
    ahead = np.pad(x.max(axis=2), [(0, 0), (0, 16)])[:, 16:]
    first = 2 * bands_5_to_63
    second = first + np.pad(first, [(0, 0), (0, 3)])[:, 3:]
    for unit, expected in enumerate((bands_5_to_63, highest, x.max(axis=2), ahead, first, second, second)):
        np.testing.assert_allclose(hidden[:, 2 * unit], expected.max(axis=1), rtol=1e-5)
        np.testing.assert_allclose(hidden[:, 2 * unit + 1], expected.mean(axis=1), rtol=1e-5)
    assert not hidden[:, 14:].any()
    np.testing.assert_allclose(tags[:, 7], 1 / (1 + np.exp(-hidden[:, 0])), rtol=1e-5)
    np.testing.assert_allclose(tags[:, 8], 1 / (1 + np.exp(2)), rtol=1e-5)
    np.testing.assert_allclose(tags[:, 9], 0.5)


def test_normalisation_comes_after_the_relu_and_may_turn_a_filter_over(form: type[Network]) -> None:
    weights = empty_weights()
    weights["input.mean"][:] = 1
    weights["timbral.0.kernel"][3, 0, 0] = 1
    weights["timbral.0.gamma"][0] = -2
    weights["timbral.0.beta"][0] = 10
    listen_to(weights, 0, 0)
    x = some_patches()
    hidden, _ = form(weights)(x)
    heard = 10 - 2 * np.maximum(x[:, :, :59] - 1, 0).min(axis=2)
    np.testing.assert_allclose(hidden[:, 0], heard.max(axis=1), rtol=1e-5)
    np.testing.assert_allclose(hidden[:, 1], heard.mean(axis=1), rtol=1e-5)


def test_a_filter_that_hears_nothing_still_answers_its_bias(form: type[Network]) -> None:
    weights = empty_weights()
    weights["temporal.1.bias"][4] = 3
    weights["middle.0.kernel"][:, 408 + 51 + 4, 0] = 1
    listen_to(weights, 408 + 51 + 4, 0)
    listen_to(weights, MIDDLE_0, 2)
    hidden, _ = form(weights)(some_patches(1))
    # Three frames at either edge have 4, 5 and 6 of the seven frames inside.
    mean = 3 * (7 * (N_FRAMES - 6) + 2 * (4 + 5 + 6)) / N_FRAMES
    np.testing.assert_allclose(hidden[0, :4], [3, 3, 21, mean], rtol=1e-6)


@pytest.mark.parametrize("seed", [0, 1])
def test_the_lean_graph_agrees_with_the_plain_network(seed: int) -> None:
    weights = random_weights(seed)
    x = some_patches(2, seed)
    for plain, lean in zip(PlainNetwork(weights)(x), OnnxNetwork(weights)(x), strict=True):
        assert plain.shape == lean.shape
        assert plain.dtype == lean.dtype == np.float32
        assert np.abs(plain).max() > 0.1
        np.testing.assert_allclose(lean, plain, atol=1e-4, rtol=0)


def test_the_lean_graph_agrees_where_every_filter_hears() -> None:
    weights = random_weights(silent_share=0)
    x = some_patches(1)
    np.testing.assert_allclose(OnnxNetwork(weights)(x)[0], PlainNetwork(weights)(x)[0], atol=1e-4, rtol=0)


def test_patches_do_not_hear_each_other() -> None:
    network = OnnxNetwork(random_weights())
    x = some_patches(5)
    together, _ = network(x)
    alone = np.concatenate([network(x[i : i + 1])[0] for i in range(5)])
    np.testing.assert_allclose(together, alone, atol=1e-5)
    assert np.abs(together[0] - together[1]).max() > 1e-3


def test_only_silent_filters_are_left_out() -> None:
    weights = random_weights(3)
    for layer in (*TIMBRAL, *TEMPORAL):
        kernel = weights[f"{layer}.kernel"]
        heard = np.abs(kernel).reshape(-1, kernel.shape[-1]).max(axis=0) > 1e-12
        np.testing.assert_array_equal(graph.front_layer(weights, layer).kept, heard)
        assert 0 < heard.sum() < len(heard)


def test_the_filters_that_are_left_out_change_nothing() -> None:
    weights, x = random_weights(4), some_patches()
    for lean, every in zip(OnnxNetwork(weights)(x), OnnxNetwork(weights, negligible=-1)(x), strict=True):
        np.testing.assert_allclose(lean, every, atol=2e-5)
    assert len(graph.build_graph(weights)) < len(graph.build_graph(weights, negligible=-1))


def test_the_graph_is_the_same_bytes_each_time() -> None:
    weights = random_weights()
    assert graph.build_graph(weights) == graph.build_graph(dict(weights))


def test_normalisation_is_scale_and_shift() -> None:
    weights: Weights = {
        "x.gamma": np.float32([3]),
        "x.beta": np.float32([1]),
        "x.mean": np.float32([2]),
        "x.variance": np.float32([4 - 1e-3]),
    }
    scale, shift = normalisation(weights, "x")
    np.testing.assert_allclose([scale[0], shift[0]], [1.5, -2], rtol=1e-6)


def test_without_onnxruntime_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(MissingExtraError, match=r"zetdard\[audio\]"):
        OnnxNetwork(empty_weights())


def test_a_graph_that_onnxruntime_does_not_take_is_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zetdard.features.audio.musicnn.embedding.build_graph", lambda *_: b"no graph")
    with pytest.raises(ArtifactError, match="does not take the graph"):
        OnnxNetwork(empty_weights())
