"""What a recording looks like: known sounds light the right places, whatever their length."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from features.audio.signals import noise, sine, write
from zetdard.errors import InputError
from zetdard.features.audio.portrait import mel_band_of, portrait
from zetdard.features.audio.tonality import PITCH_CLASSES

A = PITCH_CLASSES.index("A")


@pytest.mark.parametrize(("seconds", "columns"), [(1.0, 50), (40.0, 50), (3.0, 400)])
def test_a_tone_lights_its_pitch_class_and_its_band_in_every_column(
    tmp_path: Path, seconds: float, columns: int
) -> None:
    found = portrait(write(tmp_path / "a.wav", sine(440, seconds), 22_050), columns)
    assert found.envelope.shape == (columns, 2)
    assert found.log_mel.shape == (128, columns)
    assert found.chroma.shape == (12, columns)
    assert found.seconds == pytest.approx(seconds, abs=0.01)
    inner = slice(1, -1)
    assert (found.chroma[:, inner].argmax(axis=0) == A).all()
    band = float(mel_band_of([440.0])[0])
    assert np.abs(found.log_mel[:, inner].argmax(axis=0) - band).max() <= 1
    np.testing.assert_allclose(found.envelope[inner], np.tile([-0.5, 0.5], (columns - 2, 1)), atol=0.05)


def test_silence_is_finite_and_dark(tmp_path: Path) -> None:
    found = portrait(write(tmp_path / "a.wav", np.zeros(44_100, np.float32), 22_050), 40)
    assert not found.envelope.any()
    assert not found.chroma.any()
    np.testing.assert_allclose(found.log_mel, -100)


def test_half_silence_half_noise(tmp_path: Path) -> None:
    sound = np.concatenate([np.zeros(4 * 22_050, np.float32), noise(4.0)])
    found = portrait(write(tmp_path / "a.flac", sound, 22_050, "flac"), 100)
    loudness = found.log_mel.mean(axis=0)
    assert loudness[55:].min() > loudness[:45].max() + 40
    heights = np.ptp(found.envelope, axis=1)
    assert heights[:49].max() == 0
    assert heights[51:].min() > 0


def test_stereo_and_other_rates(tmp_path: Path) -> None:
    tone = sine(440, 2, 48_000)
    found = portrait(write(tmp_path / "a.wav", np.stack([tone, tone], 1), 48_000), 30)
    assert (found.rate, found.channels) == (48_000, 2)
    assert (found.chroma[:, 1:-1].argmax(axis=0) == A).all()


@pytest.mark.parametrize("columns", [0, 20_001])
def test_numbers_of_columns_that_cannot_be(tmp_path: Path, columns: int) -> None:
    with pytest.raises(InputError):
        portrait(write(tmp_path / "a.wav", sine(440, 1), 22_050), columns)
