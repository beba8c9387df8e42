"""Generator and discriminator: built as the thesis has them, learn, go on after a stop with the same bytes, and are caught copying."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from zetdard.errors import InputError, NotFittedError
from zetdard.models.base import Workshop
from zetdard.models.deep import gan_training
from zetdard.models.deep.devices import seeded
from zetdard.models.deep.gan_copies import nearness
from zetdard.models.deep.gan_music import Composer, DcganConfig
from zetdard.models.deep.gan_networks import Discriminator, Generator
from zetdard.models.deep.gan_sound import BANDS, HOP, RATE, log_mel, sound_of
from zetdard.models.deep.gan_training import DuelPlan, Pair, duel
from zetdard.models.deep.weights import weights_of

SMALL = DcganConfig(code=8, width=2, frames=32, batch=8, common_steps=50, own_steps=25)


def tone(hertz: float, seconds: float = 1.0) -> np.ndarray:
    return (0.3 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)).astype(np.float32)


def noises(count: int, frames: int = 80, seed: int = 0) -> np.ndarray:
    """Spectrograms of nothing in particular, in decibels."""
    return np.random.default_rng(seed).normal(size=(count, BANDS, frames)).astype(np.float32) * 10


@pytest.fixture
def pair() -> Pair:
    with seeded(1):
        return Pair(Generator(8, 2), Discriminator(2))


def test_strides_instead_of_pooling_no_dense_layer_and_normalisation_in_both(pair: Pair) -> None:
    for network, convolution in ((pair.generator, nn.ConvTranspose2d), (pair.discriminator, nn.Conv2d)):
        layers = [layer for layer in network.modules() if not list(layer.children())]
        assert not any(isinstance(layer, (nn.Linear, nn.Bilinear)) for layer in layers)
        assert (
            sum(layer.stride == (2, 2) for layer in network.modules() if isinstance(layer, convolution)) == 4
        )
        assert any(isinstance(layer, nn.BatchNorm2d) for layer in layers)
        pools = [layer for layer in layers if "Pool" in type(layer).__name__]
        if network is pair.generator:
            assert pools == []
        else:
            assert [type(layer) for layer in pools] == [nn.AdaptiveAvgPool2d]
            assert pools[0].output_size == 1


@pytest.mark.parametrize("frames", [16, 48, 160])
def test_any_length_of_time(pair: Pair, frames: int) -> None:
    made = pair.generator(pair.generator.noise(3, frames))
    assert made.shape == (3, 1, BANDS, frames)
    assert pair.discriminator(made).shape == (3,)


def test_what_lies_beyond_the_ends_does_not_reach_the_middle(pair: Pair) -> None:
    noise = pair.generator.eval().noise(1, 64)
    longer = torch.cat([torch.randn(1, 8, 1, 3), noise, torch.randn(1, 8, 1, 3)], dim=3)
    with torch.no_grad():
        torch.testing.assert_close(pair.generator(longer)[..., 48:-48], pair.generator(noise))


def test_half_of_the_noise_lasts(pair: Pair) -> None:
    noise = pair.generator.noise(2, 64)
    assert torch.equal(noise[:, :4, :, :1].expand_as(noise[:, :4]), noise[:, :4])
    assert noise[:, 4:].std(dim=3).min() > 0


def test_spectral_normalisation_bounds_every_convolution(pair: Pair) -> None:
    for _ in range(10):  # each pass is a step of the power iteration
        pair.discriminator(torch.randn(2, 1, BANDS, 16))
    for layer in pair.discriminator.modules():
        if isinstance(layer, nn.Conv2d):
            assert float(torch.linalg.matrix_norm(layer.weight.detach().flatten(1), ord=2)) == pytest.approx(
                1, rel=0.05
            )


def test_it_learns_a_constant_spectrogram() -> None:
    real = np.full((4, BANDS, 32), -0.5, np.float32)
    real[:, 20:30] = 0.5
    with seeded(0):
        pair = Pair(Generator(8, 4), Discriminator(4))
    curve = duel(
        pair,
        real,
        DuelPlan(150, batch=8, frames=32, averaging=0.9, generator_rate=3e-3),
        Workshop(),
        name="t",
        identity="",
    )
    assert curve.shape == (6, 2)
    with torch.no_grad(), seeded(5):
        made = pair.averaged(pair.averaged.noise(16, 32)).mean(dim=(0, 1, 3)).numpy()
    assert np.abs(made - real[0, :, 0]).mean() < 0.2


@pytest.mark.parametrize("stop_at", [1, 3])
def test_a_stopped_duel_goes_on_with_the_same_bytes(
    tmp_path: Path, stop_at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gan_training, "_CHECKPOINT_S", -1.0)
    real = np.tanh(noises(5) / 10)

    def run(folder: Path | None, stop_at: int | None = None) -> tuple[np.ndarray, np.ndarray]:
        def progress(message: str, done: int, total: int | None) -> None:
            if stop_at is not None and done == stop_at * gan_training.ROUND:
                raise KeyboardInterrupt

        with seeded(1):
            pair = Pair(Generator(8, 2), Discriminator(2))
        plan = DuelPlan(100, batch=4, frames=16, seed=3)
        curve = duel(pair, real, plan, Workshop(folder, progress), name="t", identity="this")
        return curve, weights_of(pair.averaged)

    expected = run(None)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, stop_at)
    assert (tmp_path / "t.npz").exists()
    torch.rand(7)
    found = run(tmp_path)
    assert [one.tobytes() for one in found] == [one.tobytes() for one in expected]
    assert not list(tmp_path.iterdir())


def test_a_budget_ends_it(pair: Pair) -> None:
    plan = DuelPlan(10_000, batch=2, frames=16)
    curve = duel(pair, np.tanh(noises(2)), plan, Workshop(budget_s=0.0), name="t", identity="")
    assert len(curve) < 10


@pytest.mark.parametrize("real", [np.zeros((0, BANDS, 80)), np.zeros((2, BANDS, 15))])
def test_clips_that_cannot_be_learned_from(pair: Pair, real: np.ndarray) -> None:
    with pytest.raises(InputError, match="clips of 16 frames"):
        duel(pair, real.astype(np.float32), DuelPlan(1, frames=16), Workshop(), name="t", identity="")


def test_a_spectrogram_has_its_tone_and_its_level() -> None:
    quiet, loud = (log_mel(level * tone(1000)) for level in (1, 2))
    assert quiet.shape == (BANDS, 1 + RATE // HOP)
    np.testing.assert_allclose((loud - quiet)[quiet.argmax(axis=0)[10], 10:-10], 20 * np.log10(2), atol=0.01)
    higher = log_mel(tone(3000))
    assert higher[:, 30].argmax() > quiet[:, 30].argmax()


def test_a_sound_is_found_for_a_spectrogram() -> None:
    wanted = log_mel(tone(440) + tone(1500))
    sound = sound_of(wanted, seed=0)
    assert sound.shape == (HOP * (wanted.shape[1] - 1),)
    assert np.isfinite(sound).all()
    spectrum = np.abs(np.fft.rfft(sound[: RATE // 2]))
    assert {round(int(place) * 2, -2) for place in np.argsort(spectrum)[-4:]} <= {400, 500, 1500, 1400, 1600}
    assert np.array_equal(sound, sound_of(wanted, seed=0))
    assert not np.array_equal(sound, sound_of(wanted, seed=1))
    assert np.abs(sound_of(wanted + 40, seed=0)).max() <= 1


def test_music_of_the_length_that_is_asked_for_and_of_its_seed(tmp_path: Path) -> None:
    composer = Composer(SMALL)
    with pytest.raises(NotFittedError):
        composer.compose(1, seed=0)
    composer.learn(noises(6), Workshop())
    composer.learn_more(noises(3, seed=1), Workshop())
    first = composer.compose(1.3, seed=1)
    assert first.sound.shape == (round(1.3 * RATE),)
    assert np.array_equal(composer.compose(1.3, seed=1).sound, first.sound)
    assert not np.array_equal(composer.compose(1.3, seed=2).sound, first.sound)
    composer.keep(tmp_path / "kept.npz")
    other = Composer(SMALL)
    assert other.take(tmp_path / "kept.npz")
    assert np.array_equal(other.compose(1.3, seed=1).sound, first.sound)
    assert other.curve.tobytes() == composer.curve.tobytes()
    assert not Composer(SMALL, seed=1).take(tmp_path / "kept.npz")
    with pytest.raises(InputError, match="1 to 600"):
        composer.compose(0.5, seed=0)


def test_learning_again_forgets() -> None:
    once, twice = Composer(SMALL), Composer(SMALL)
    once.learn(noises(6), Workshop())
    twice.learn(noises(6, seed=9), Workshop())
    twice.learn(noises(6), Workshop())
    assert weights_of(once.pair.averaged).tobytes() == weights_of(twice.pair.averaged).tobytes()


def test_copies_are_caught_and_music_of_its_own_is_not() -> None:
    clips = noises(12, 100)
    songs = np.arange(12) // 2
    copied = np.concatenate([clips[4][:, 10:90], clips[7][:, 5:85]], axis=1) * 0.7 + 3
    found = nearness(copied, clips, songs)
    assert found.only_copies
    assert found.nearest == pytest.approx(0, abs=1e-3)
    assert found.clip in (4, 7)
    own = nearness(noises(1, 640, seed=5)[0], clips, songs)
    assert not own.only_copies
    assert own.median == pytest.approx(own.among_clips, abs=0.03)


def test_one_song_has_nothing_to_be_compared_with() -> None:
    found = nearness(noises(1)[0], noises(3), np.zeros(3, np.int64))
    assert np.isnan(found.among_clips)
    assert not found.only_copies


def test_a_distance_is_one_less_the_correlation_at_the_best_shift() -> None:
    made, clips = noises(1, 64)[0], noises(2, 90, seed=3)
    pattern = made - made.mean(axis=1, keepdims=True)

    def distance(clip: np.ndarray) -> float:
        stretches = [clip[:, start : start + 64] for start in range(27)]
        centred = [one - one.mean(axis=1, keepdims=True) for one in stretches]
        return min(
            1 - float((pattern * one).sum() / np.linalg.norm(pattern) / np.linalg.norm(one))
            for one in centred
        )

    assert nearness(made, clips, np.arange(2)).nearest == pytest.approx(min(map(distance, clips)), abs=1e-4)
