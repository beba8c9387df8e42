"""Layers against plain numpy: pooling, spectrograms, summaries."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from zetdard.models.deep.audio_networks import CnnLstm, MelCnn, WaveformCnn
from zetdard.models.deep.layers import L1Pool1d, LogCompress, MeanAndSpread, Reshape, pool1d
from zetdard.models.deep.mel import LogMel, mel_bands, mid_and_side

X = np.random.default_rng(0).normal(size=(2, 3, 23)).astype(np.float32)


def windows(x: np.ndarray, size: int) -> np.ndarray:
    """(…, time) -> (…, time // size, size)."""
    n = x.shape[-1] // size
    return x[..., : n * size].reshape(*x.shape[:-1], n, size)


@pytest.mark.parametrize("size", [1, 4, 23])
def test_l1_pooling_sums_what_is_there_whatever_its_sign(size: int) -> None:
    found = L1Pool1d(size)(torch.from_numpy(X)).numpy()
    np.testing.assert_allclose(found, np.abs(windows(X, size)).sum(axis=-1), rtol=1e-5)


def test_it_is_not_torchs_pooling_of_the_first_norm() -> None:
    wave = torch.tensor([[[1.0, -1.0, 1.0, -1.0]]])
    assert torch.nn.LPPool1d(1, 4)(wave).item() == 0
    assert L1Pool1d(4)(wave).item() == 4


def test_average_and_largest() -> None:
    x = torch.from_numpy(X)
    np.testing.assert_allclose(pool1d("average", 5)(x), windows(X, 5).mean(axis=-1), atol=1e-6)
    np.testing.assert_array_equal(pool1d("max", 5)(x), windows(X, 5).max(axis=-1))
    assert isinstance(pool1d("l1", 5), L1Pool1d)


def test_small_layers() -> None:
    x = torch.from_numpy(X)
    np.testing.assert_allclose(LogCompress(2.0, 0.5)(x.abs()), np.log(2 * np.abs(X) + 0.5) / 2, rtol=1e-5)
    expected = np.concatenate([X.mean(axis=2), np.sqrt(X.var(axis=2) + 1e-5)], axis=1)
    np.testing.assert_allclose(MeanAndSpread()(x), expected, rtol=1e-4, atol=1e-6)
    assert Reshape(3, 1)(x).shape == (2, 3, 1, 23)


def test_silence_has_a_slope() -> None:
    silence = torch.zeros(1, 2, 8, requires_grad=True)
    MeanAndSpread()(silence).sum().backward()
    assert silence.grad is not None
    assert torch.isfinite(silence.grad).all()


@pytest.mark.parametrize("network", [WaveformCnn, MelCnn, CnnLstm])
@pytest.mark.parametrize("seconds", [0.5, 1.3])
def test_excerpts_of_any_length_become_codes_and_silence_too(network: type, seconds: float) -> None:
    made = network(8_000, 5, bands=8, channels=2).eval()
    sound = torch.zeros(3, 2, round(8_000 * seconds))
    sound[1] = 0.3 * torch.randn(sound.shape[1:], generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        codes = made(sound)
    assert codes.shape == (3, 5)
    assert torch.isfinite(codes).all()
    torch.testing.assert_close(codes[0], codes[2])
    assert (codes[0] != codes[1]).all()


@pytest.mark.parametrize("pooling", ["l1", "average", "max"])
def test_filters_are_as_large_whatever_begins(pooling: str) -> None:
    """A step of the optimiser is as long for each weight: it must not be longer than the weights."""
    for first in ("waves", "random"):
        filters = WaveformCnn(8_000, 4, pooling=pooling, first=first).layers[0]  # type: ignore[arg-type]  # parametrised words
        assert 0.2 < float(filters.weight.detach().std()) < 0.8


def test_a_wave_is_heard_by_the_filter_of_its_pitch() -> None:
    network = WaveformCnn(8_000, 4, bands=20)
    heard = network.layers[:3].requires_grad_(False)
    for hertz in (317.0, 733.0, 1_511.0, 3_019.0):
        wave = torch.sin(2 * torch.pi * hertz * torch.arange(8_000) / 8_000)
        both, sides = (heard(torch.stack([wave, sign * wave])[None]).mean(dim=2)[0] for sign in (1, -1))
        assert int(both.argmax()) == int(sides.argmax()) - 20
        assert (
            abs(int(both.argmax()) - int(mel_bands(8_000, 1024, 20)[:, round(hertz * 1024 / 8_000)].argmax()))
            <= 1
        )


def test_log_mel_of_a_wave() -> None:
    rate, hertz = 8_000, 1_000.0
    wave = torch.sin(2 * torch.pi * hertz * torch.arange(rate) / rate)
    found = LogMel(rate, 32, 512, 256)(torch.stack([wave, wave / 10]))
    assert found.shape == (2, 32, 1 + rate // 256)
    loudest = int(found[0].mean(dim=1).argmax())
    assert loudest == int(mel_bands(rate, 512, 32)[:, round(hertz * 512 / rate)].argmax())
    # A tenth of the amplitude is 20 dB less, and 20 dB are 1.
    np.testing.assert_allclose(found[0, loudest, 2:-2] - found[1, loudest, 2:-2], 1.0, atol=1e-3)


def test_mid_and_side() -> None:
    sound = torch.from_numpy(X[:, :2])
    found = mid_and_side(sound).numpy()
    np.testing.assert_allclose(found[:, 0] + found[:, 1], X[:, 0], atol=1e-6)
    np.testing.assert_allclose(found[:, 0] - found[:, 1], X[:, 1], atol=1e-6)
