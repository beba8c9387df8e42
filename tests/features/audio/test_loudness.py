"""Loudness by the recommendation's own figures."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.signal

from features.audio.signals import Sound, in_blocks, noise, sine
from zetdard.errors import InputError
from zetdard.features.audio.loudness import SILENCE, Loudness, LoudnessStream, k_weighting
from zetdard.features.audio.moments import Moments

# ITU-R BS.1770, tables 1 and 2: the coefficients at 48 kHz.
SHELF = (1.53512485958697, -2.69169618940638, 1.19839281085285, 1.0, -1.69065929318241, 0.73248077421585)
HIGH_PASS = (1.0, -2.0, 1.0, 1.0, -1.99004745483398, 0.99007225036621)


def measure(sound: Sound, rate: int = 48_000) -> Loudness:
    """Both channels are alike."""
    stream = LoudnessStream(rate)
    for block in in_blocks(np.column_stack((sound, sound)), (7_777,)):
        stream.push(block)
    return stream.finish()


def level(decibels: float, seconds: float, rate: int = 48_000) -> Sound:
    """A tone of 1 kHz whose peak is so far below full scale."""
    return sine(1_000, seconds, rate, 10 ** (decibels / 20))


def test_the_weighting_is_the_tabulated_one() -> None:
    np.testing.assert_allclose(k_weighting(48_000), [SHELF, HIGH_PASS], atol=1e-6)


@pytest.mark.parametrize("rate", [16_000, 22_050, 44_100, 96_000])
def test_the_weighting_does_not_depend_on_the_rate(rate: int) -> None:
    frequencies = np.array([40.0, 100.0, 1_000.0, 3_000.0])
    _, response = scipy.signal.sosfreqz(k_weighting(rate), frequencies, fs=rate)
    _, expected = scipy.signal.sosfreqz(np.array([SHELF, HIGH_PASS]), frequencies, fs=48_000)
    np.testing.assert_allclose(np.abs(response), np.abs(expected), rtol=0.02)


@pytest.mark.parametrize(("decibels", "rate"), [(-23, 48_000), (-33, 48_000), (-23, 22_050), (-23, 44_100)])
def test_a_stereo_tone_of_1_khz_is_as_loud_as_its_level(decibels: float, rate: int) -> None:
    """EBU Tech 3341, cases 1 and 2: −23 dBFS in both channels is −23.0 ± 0.1 LUFS."""
    assert measure(level(decibels, 20, rate), rate).integrated == pytest.approx(decibels, abs=0.1)


def test_quiet_parts_are_gated() -> None:
    """EBU Tech 3341, cases 3 and 4: parts below both gates do not lower the loudness."""
    sound = np.concatenate((level(-36, 10), level(-23, 60), level(-36, 10)))
    assert measure(sound).integrated == pytest.approx(-23, abs=0.1)
    sound = np.concatenate((level(-72, 10), level(-36, 10), level(-23, 60), level(-36, 10), level(-72, 10)))
    assert measure(sound).integrated == pytest.approx(-23, abs=0.1)


@pytest.mark.parametrize(("levels", "expected"), [((-20, -30), 10), ((-20, -15), 5), ((-40, -20), 20)])
def test_the_loudness_range_is_the_step_between_levels(levels: tuple[float, float], expected: float) -> None:
    """EBU Tech 3342, cases 1 to 3: 20 s each, ± 1 LU."""
    sound = np.concatenate([level(decibels, 20) for decibels in levels])
    assert measure(sound).range == pytest.approx(expected, abs=1)


def test_silence_is_the_least_loudness() -> None:
    assert measure(np.zeros(96_000, np.float32)) == (SILENCE, 0.0)
    assert LoudnessStream(48_000).finish() == (SILENCE, 0.0)


def test_what_is_cut_is_measured_apart_and_counted_together() -> None:
    stream = LoudnessStream(48_000)
    for part in (level(-23, 5), level(-23, 5)):
        stream.cut()
        stream.push(np.column_stack((part, part)))
    assert stream.finish().integrated == pytest.approx(-23, abs=0.1)


def test_rates_too_low_for_the_filter_are_refused() -> None:
    with pytest.raises(InputError):
        LoudnessStream(3_000)


def test_running_moments_are_those_of_all_rows() -> None:
    rows = noise(1).reshape(-1, 7)[:3_000] + 1e4  # far from 0: a plain sum of squares would lose the spread
    moments = Moments()
    for part in np.array_split(rows, [1, 2, 500, 500, 1_234]):
        moments.add(part)
    np.testing.assert_allclose(moments.mean, rows.mean(axis=0, dtype=np.float64), rtol=1e-12)
    np.testing.assert_allclose(moments.sd, rows.std(axis=0, dtype=np.float64), rtol=1e-9)
