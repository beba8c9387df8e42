"""The vector on sounds whose description is known beforehand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from features.audio.signals import (
    RATE,
    Sound,
    cadence,
    clicks,
    in_blocks,
    musical,
    noise,
    pink_noise,
    sine,
    write,
)
from zetdard.errors import InputError
from zetdard.features.audio.descriptors import (
    DESCRIPTOR_NAMES,
    GAIN_DEPENDENT,
    WHOLE_NAMES,
    Description,
    DescriptorConfig,
    describe,
)
from zetdard.features.audio.refusal import AudioError
from zetdard.features.audio.sampling import Sampling
from zetdard.features.audio.tonality import PITCH_CLASSES

DOCUMENT = Path(__file__).parents[3] / "docs" / "audio.md"


def of(sound: Sound) -> Description:
    return describe(in_blocks(sound))


def test_a_tone_of_440_hz() -> None:
    found = of(sine(440, 5))
    assert found["centroid mean (Hz)"] == pytest.approx(440, abs=12)  # the ends of the sound are not a tone
    assert found["rolloff mean (Hz)"] == pytest.approx(440, abs=2 * RATE / 2048)
    assert found["bandwidth mean (Hz)"] < 100
    assert found["flatness mean"] < 0.01
    assert found["zero crossings mean"] == pytest.approx(2 * 440 / RATE, rel=0.02)
    assert found["RMS mean (full scale)"] == pytest.approx(0.5 / np.sqrt(2), rel=0.01)
    assert found["crest (dB)"] == pytest.approx(3.01, abs=0.01)
    assert found["chroma A mean"] == pytest.approx(1, abs=1e-6)
    assert max(found[f"chroma {name} mean"] for name in PITCH_CLASSES if name not in ("A♭", "A", "B♭")) < 0.1
    assert found["onset rate (1/s)"] <= 0.5
    assert found["stereo width"] == 0


@pytest.mark.parametrize("bpm", [70, 90, 100, 120, 137, 160])
def test_the_tempo_of_a_click_track(bpm: float) -> None:
    found = of(clicks(bpm, 30))
    assert found["tempo (BPM)"] == pytest.approx(bpm, abs=0.5)
    assert found["tempo confidence"] > 0.6
    assert found["onset rate (1/s)"] == pytest.approx(bpm / 60, rel=0.05)


def test_noise_has_no_tempo_to_be_sure_of_and_few_onsets() -> None:
    found = of(noise(20))
    assert found["tempo confidence"] < 0.15
    assert found["onset rate (1/s)"] < 1


@pytest.mark.parametrize("tonic", range(12))
@pytest.mark.parametrize("major", [True, False])
def test_the_key_of_a_cadence(tonic: int, major: bool) -> None:
    found = of(cadence(tonic, major))
    assert (found.tonality.tonic, found.tonality.major) == (tonic, major)
    assert found.tonality.name == f"{PITCH_CLASSES[tonic]} {'major' if major else 'minor'}"
    assert (found["mode"] > 0) == major
    assert found["key confidence"] > 0.4
    steps = 7 * tonic % 12  # fifths above C
    assert found["key cos"] == pytest.approx(np.cos(np.pi * steps / 6), abs=1e-6)
    assert found["key sin"] == pytest.approx(np.sin(np.pi * steps / 6), abs=1e-6)


def test_noise_has_no_key_to_be_sure_of() -> None:
    assert of(pink_noise(20))["key confidence"] < 0.2


def test_white_and_pink_noise() -> None:
    white, pink = of(noise(10)), of(pink_noise(10))
    assert white["centroid mean (Hz)"] == pytest.approx(RATE / 4, rel=0.02)
    assert white["rolloff mean (Hz)"] == pytest.approx(0.85 * RATE / 2, rel=0.02)
    assert white["bandwidth mean (Hz)"] == pytest.approx(RATE / 2 / np.sqrt(12), rel=0.02)
    # The power of noise is exponential: the geometric mean is e^−γ of the arithmetic one.
    assert white["flatness mean"] == pytest.approx(np.exp(-np.euler_gamma), abs=0.01)
    assert white["zero crossings mean"] == pytest.approx(0.5, abs=0.01)
    assert pink["centroid mean (Hz)"] < 0.8 * white["centroid mean (Hz)"]
    assert pink["flatness mean"] < 0.5 * white["flatness mean"]
    # Amplitude of pink noise falls as f^−½: the mean frequency under it is a third of the highest.
    assert pink["centroid mean (Hz)"] == pytest.approx(RATE / 6, rel=0.05)


def test_silence_is_described_with_finite_numbers() -> None:
    found = of(np.zeros(3 * RATE, np.float32))
    assert np.isfinite(found.vector).all()
    assert found["loudness (LUFS)"] == -70
    assert found["MFCC 0 mean (dB)"] == pytest.approx(-100 * np.sqrt(128), rel=1e-5)
    for name in ("onset rate (1/s)", "tempo confidence", "key confidence", "crest (dB)", "stereo width"):
        assert found[name] == 0
    assert not any(found[f"chroma {name} mean"] for name in PITCH_CLASSES)


def test_clipping_is_described_with_finite_numbers() -> None:
    assert np.isfinite(of(np.sign(sine(300, 3)) * np.float32(1)).vector).all()


@pytest.mark.parametrize("decibels", [-20, -10, 6])
def test_gain_moves_only_what_depends_on_it(decibels: float) -> None:
    sound = musical(8)
    before, after = of(sound), of(sound * np.float32(10 ** (decibels / 20)))
    for name in DESCRIPTOR_NAMES:
        if name not in GAIN_DEPENDENT:
            assert after[name] == pytest.approx(before[name], rel=2e-3, abs=2e-3), name
    assert after["loudness (LUFS)"] - before["loudness (LUFS)"] == pytest.approx(decibels, abs=1e-3)
    rise = after["MFCC 0 mean (dB)"] - before["MFCC 0 mean (dB)"]
    assert rise == pytest.approx(decibels * np.sqrt(128), rel=1e-3)
    for name in ("RMS mean (full scale)", "RMS sd (full scale)"):
        assert after[name] / before[name] == pytest.approx(10 ** (decibels / 20), rel=1e-4)


def test_stereo_width() -> None:
    left, right = noise(3), noise(3, seed=9)
    for other, width in ((left, 0.0), (right, 0.5), (-left, 1.0)):
        assert of(np.column_stack((left, other)))["stereo width"] == pytest.approx(width, abs=0.01)


def test_mono_and_both_channels_alike_are_the_same() -> None:
    sound = musical(4)
    np.testing.assert_array_equal(of(sound).vector, of(np.column_stack((sound, sound))).vector)


@pytest.mark.parametrize("sizes", [(1 << 30,), (10, 5_000), (2_205,)])
def test_the_blocks_do_not_matter(sizes: tuple[int, ...]) -> None:
    sound = musical(5)
    np.testing.assert_allclose(
        describe(in_blocks(sound, sizes)).vector, of(sound).vector, rtol=1e-5, atol=1e-5
    )


def test_a_file_and_its_samples_are_described_alike(tmp_path: Path) -> None:
    sound = musical(6)
    path = write(tmp_path / "a.wav", sound, RATE, subtype="FLOAT")
    found = describe(path)
    np.testing.assert_allclose(found.vector, of(sound).vector, rtol=1e-5, atol=1e-5)
    assert found.seconds == pytest.approx(6)


def test_excerpts_are_described_as_if_there_were_nothing_else(tmp_path: Path) -> None:
    low, high = sine(300, 10), sine(3_000, 10)
    path = write(tmp_path / "a.wav", np.concatenate((low, high)), RATE, subtype="FLOAT")
    early = DescriptorConfig(Sampling((0.25,), 4.0))
    np.testing.assert_allclose(describe(path, early).vector, of(low[3 * RATE : 7 * RATE]).vector, atol=1e-3)
    both = describe(path, DescriptorConfig(Sampling.spread(2, 4.0)))
    assert both.seconds == pytest.approx(8)
    # Half of the frames have 300 Hz, half 3 kHz, and no frame has both.
    assert both["rolloff mean (Hz)"] == pytest.approx(1_650, rel=0.02)
    assert both["rolloff sd (Hz)"] == pytest.approx(1_350, rel=0.02)


def test_excerpts_share_one_tempo_and_one_measure_of_loudness(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", clicks(120, 60), RATE, subtype="FLOAT")
    found = describe(path, DescriptorConfig(Sampling.spread(3, 8.0)))
    assert found["tempo (BPM)"] == pytest.approx(120, abs=0.5)
    assert found["onset rate (1/s)"] == pytest.approx(2, rel=0.1)
    assert found["loudness (LUFS)"] == pytest.approx(of(clicks(120, 60))["loudness (LUFS)"], abs=0.2)


def test_names_are_distinct_and_documented() -> None:
    found = of(noise(1))
    assert found.names == DESCRIPTOR_NAMES
    assert found.vector.shape == (141,)
    assert found.vector.dtype == np.float32
    assert len(set(DESCRIPTOR_NAMES)) == 141
    assert set(DESCRIPTOR_NAMES) > GAIN_DEPENDENT
    text = DOCUMENT.read_text(encoding="utf-8")
    for name in WHOLE_NAMES:
        assert f"`{name}`" in text, name
    for name in DESCRIPTOR_NAMES:
        if name not in WHOLE_NAMES:  # a row for each kind, with its mean and sd
            kind = name.split(" (")[0].removesuffix(" mean").removesuffix(" sd").split(" ")[0]
            assert f"`{kind}" in text, name
    assert "141" in text


def test_too_little_sound_is_refused() -> None:
    with pytest.raises(AudioError) as caught:
        of(noise(0.9))
    assert caught.value.reason == "too-short"


@pytest.mark.parametrize("shape", [(100, 3), (4, 100, 2)])
def test_other_shapes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match="shape"):
        describe([np.zeros(shape, np.float32)])


def test_excerpts_too_short_to_be_described_are_refused() -> None:
    with pytest.raises(InputError):
        DescriptorConfig(Sampling((0.5,), 0.5))
