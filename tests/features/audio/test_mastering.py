"""Mastering numbers of sounds for which they are known, whatever the blocks."""

from __future__ import annotations

import numpy as np
import pytest

from features.audio.signals import RATE, Sound, in_blocks, noise, sine
from zetdard.errors import InputError
from zetdard.features.audio.mastering import MASTERING_COLUMNS, Mastering, MasteringStream
from zetdard.features.audio.refusal import AudioError


def measure(stereo: Sound, sizes: tuple[int, ...] = (10_000,)) -> Mastering:
    stream = MasteringStream(RATE)
    for block in in_blocks(stereo, sizes):
        stream.push(block)
    return stream.finish()


def both(sound: Sound) -> Sound:
    return np.column_stack((sound, sound))


def plain(stereo: Sound) -> list[float]:
    """The definition, of all samples at once."""
    left, right = stereo[:, 0].astype(np.float64), stereo[:, 1].astype(np.float64)
    mid, side = (left + right) / 2, (left - right) / 2
    energy, other = np.mean(mid**2) + 1e-12, np.mean(side**2)
    rms, peak = 10 * np.log10(energy), 20 * np.log10(np.abs(mid).max() + 1e-6)
    levels = [
        max(10 * np.log10(np.mean(mid[at : at + RATE] ** 2) + 1e-12), rms - 60)
        for at in range(0, len(mid) - RATE + 1, RATE)
    ]
    fade = max(10 * np.log10(np.mean(mid[-5 * RATE :] ** 2) + 1e-12) - rms, -60)
    return [rms, peak - rms, other / (energy + other), peak, fade, float(np.std(levels))]


def test_a_steady_tone() -> None:
    found = measure(both(sine(1_102.5, 20)))  # 20 samples a period: the peak is among them
    assert found.rms == pytest.approx(20 * np.log10(0.5) - 10 * np.log10(2), abs=1e-3)
    assert found.peak == pytest.approx(20 * np.log10(0.5), abs=0.01)
    assert found.crest == pytest.approx(10 * np.log10(2), abs=0.01)
    assert found.width == pytest.approx(0, abs=1e-12)
    assert found.fade == pytest.approx(0, abs=1e-3)
    assert found.dynamics == pytest.approx(0, abs=1e-3)


def test_one_sided_sound_is_half_wide_and_opposed_sound_wholly() -> None:
    sound = noise(5)
    assert measure(np.column_stack((sound, np.zeros_like(sound)))).width == pytest.approx(0.5)
    opposed = measure(np.column_stack((sound, -sound)))
    assert opposed.width == pytest.approx(1, abs=1e-6)
    assert opposed.rms == pytest.approx(-120)


def test_a_fade_is_the_last_five_seconds() -> None:
    loud, soft = sine(1_102.5, 15), sine(1_102.5, 5, amplitude=0.05)
    # energy of the whole: (15 · 1 + 5 · 0.01) / 20
    expected = -20 - 10 * np.log10(15.05 / 20)
    assert measure(both(np.concatenate((loud, soft)))).fade == pytest.approx(expected, abs=0.01)
    assert measure(both(np.concatenate((loud, np.zeros(5 * RATE, np.float32))))).fade == -60


def test_dynamics_are_the_spread_of_seconds() -> None:
    steps = [sine(1_102.5, 1, amplitude=amplitude) for amplitude in (0.5, 0.05) * 4]
    assert measure(both(np.concatenate(steps))).dynamics == pytest.approx(10, abs=1e-3)


def test_gain_moves_level_and_peak_only() -> None:
    sound = np.column_stack((noise(12, seed=1), noise(12, seed=2))) * np.linspace(1, 0.2, 12 * RATE)[:, None]
    sound = sound.astype(np.float32)
    before, after = measure(sound), measure(sound * np.float32(0.1))
    assert after.rms - before.rms == pytest.approx(-20, abs=1e-3)
    assert after.peak - before.peak == pytest.approx(-20, abs=1e-2)
    for name in ("crest", "width", "fade", "dynamics"):
        assert getattr(after, name) == pytest.approx(getattr(before, name), abs=1e-2)


@pytest.mark.parametrize("sizes", [(10_000,), (1, 22_049, 3), (700_000,), (22_050,), (1_000, 150_000)])
def test_blocks_do_not_matter(sizes: tuple[int, ...]) -> None:
    n = round(13.3 * RATE)
    sound = np.column_stack((noise(13.3, seed=1), noise(13.3, seed=2, amplitude=0.05)))
    sound = (sound * (1 + np.sin(np.arange(n) / 40_000))[:, None]).astype(np.float32)
    np.testing.assert_allclose(measure(sound, sizes), plain(sound), rtol=1e-9, atol=1e-9)


def test_silence_and_a_moment_have_finite_numbers() -> None:
    silence = measure(np.zeros((3 * RATE, 2), np.float32))
    assert silence == (-120, 0, 0, -120, 0, 0)
    short = measure(both(sine(1_000, 0.5)))
    assert np.isfinite(short).all()
    assert short.dynamics == 0
    assert len(short) == len(MASTERING_COLUMNS)


def test_what_is_no_stereo_sound_is_refused() -> None:
    with pytest.raises(AudioError, match="no-samples"):
        MasteringStream(RATE).finish()
    with pytest.raises(InputError, match="shape"):
        MasteringStream(RATE).push(np.zeros(10, np.float32))
    with pytest.raises(InputError, match="rate"):
        MasteringStream(0)
