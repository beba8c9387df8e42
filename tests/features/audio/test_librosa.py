"""Every number that librosa defines is librosa's."""

from __future__ import annotations

from typing import NamedTuple

import librosa
import numpy as np
import pytest
from numpy.typing import NDArray

from features.audio.signals import RATE, Sound, clicks, in_blocks, musical, noise, pink_noise, sine
from zetdard.features.audio import filterbanks, rhythm
from zetdard.features.audio.descriptors import describe
from zetdard.features.audio.spectra import Frames, FrameStream

SOUNDS = {
    "music": musical(8),
    "noise": noise(4),
    "pink noise": pink_noise(4),
    "tone": sine(440, 3) + noise(3, amplitude=1e-4),
    "clicks in a room": clicks(120, 6) + noise(6, amplitude=1e-3),
    "a length that is no multiple of anything": musical(3.21987),
}

TOLERANCES = {
    "log_mel": 1e-3,  # dB
    "mfcc": 1e-3,  # dB
    "chroma": 1e-5,
    "contrast": 1e-3,  # dB/2
    "centroid": 0.01,  # Hz
    "bandwidth": 0.01,  # Hz
    "flatness": 1e-5,
    "zero crossings": 1e-9,
    "RMS": 1e-7,
}
"""The greatest difference in any frame. Rolloff may fall on the neighbouring bin where the sums round differently."""

SHAPE = ("centroid", "bandwidth", "rolloff", "flatness", "zero crossings", "RMS")


class Reference(NamedTuple):
    frames: dict[str, NDArray[np.floating]]
    deltas: NDArray[np.floating]
    envelope: NDArray[np.floating]


def reference(y: Sound) -> Reference:
    """What the plain functions of librosa say, each on its own."""
    log_mel = librosa.power_to_db(librosa.feature.melspectrogram(y=y, sr=RATE), top_db=None)
    mfcc = librosa.feature.mfcc(S=log_mel, sr=RATE)
    shape = (
        librosa.feature.spectral_centroid(y=y, sr=RATE),
        librosa.feature.spectral_bandwidth(y=y, sr=RATE),
        librosa.feature.spectral_rolloff(y=y, sr=RATE),
        librosa.feature.spectral_flatness(y=y),
        librosa.feature.zero_crossing_rate(y),
        librosa.feature.rms(y=y),
    )
    frames = {
        "log_mel": log_mel.T,
        "mfcc": mfcc.T,
        "chroma": librosa.feature.chroma_stft(y=y, sr=RATE, tuning=0.0).T,
        "contrast": librosa.feature.spectral_contrast(y=y, sr=RATE).T,
        "shape": np.concatenate(shape).T,
    }
    envelope = librosa.onset.onset_strength(S=log_mel, sr=RATE)
    return Reference(frames, librosa.feature.delta(mfcc).T, envelope)


REFERENCES = {name: reference(sound) for name, sound in SOUNDS.items()}


def measured(sound: Sound, sizes: tuple[int, ...]) -> Frames:
    stream = FrameStream()
    found = [frames for block in in_blocks(sound, sizes) for frames in stream.push(block)] + stream.finish()
    return Frames(*(np.concatenate(part) for part in zip(*found, strict=True)))


@pytest.mark.parametrize("sizes", [(1 << 30,), (33_075,), (1, 700, 3, 511, 512, 513, 4_000)])
@pytest.mark.parametrize("name", SOUNDS)
def test_every_frame_is_librosas(name: str, sizes: tuple[int, ...]) -> None:
    found = measured(SOUNDS[name], sizes)
    expected = REFERENCES[name].frames
    for part in ("log_mel", "mfcc", "chroma", "contrast"):
        _assert_near(part, getattr(found, part), expected[part])
    for number, part in enumerate(SHAPE):
        got, wanted = found.shape[:, number], expected["shape"][:, number]
        if part == "rolloff":
            bins = np.abs(got - wanted) / (RATE / 2048)
            assert bins.max() <= 1.001
            assert np.mean(bins > 0.5) < 0.01
        else:
            _assert_near(part, got, wanted)


def _assert_near(part: str, found: NDArray[np.floating], expected: NDArray[np.floating]) -> None:
    assert found.shape == expected.shape
    assert np.abs(found - expected).max() <= TOLERANCES[part], part


@pytest.mark.parametrize("name", SOUNDS)
def test_means_and_spreads_are_those_of_all_frames(name: str) -> None:
    found = describe(in_blocks(SOUNDS[name], (7_001,))).vector
    frames, deltas = REFERENCES[name].frames, REFERENCES[name].deltas
    parts = (frames["mfcc"], deltas, frames["chroma"], frames["contrast"], frames["shape"])
    expected = np.concatenate([part for p in parts for part in (p.mean(axis=0), p.std(axis=0))])
    np.testing.assert_allclose(found[: len(expected)], expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", SOUNDS)
def test_onsets_and_tempo_are_librosas(name: str) -> None:
    found = measured(SOUNDS[name], (33_075,))
    onsets = rhythm.OnsetStream()
    for part in np.array_split(found.log_mel, 5):
        onsets.push(part)
    envelope = onsets.envelope()
    np.testing.assert_allclose(envelope, REFERENCES[name].envelope, atol=1e-3)
    (clipped,) = rhythm.clipped([envelope])
    (frames,) = rhythm.onset_frames([clipped])
    (scaled,) = rhythm.scaled([clipped])
    expected = librosa.onset.onset_detect(onset_envelope=scaled, sr=RATE, normalize=False)
    assert set(frames.tolist()) == set(expected.tolist())
    (bpm,) = librosa.feature.tempo(onset_envelope=clipped, sr=RATE)
    _, period = rhythm.tempo([clipped])
    # librosa answers in whole frames; ours is the sharpened period around the same one.
    assert abs(period - 60 * rhythm.FRAMES_A_SECOND / bpm) <= 0.6 + 1e-9


def test_the_matrices_are_librosas() -> None:
    for rate, n_fft in ((22_050, 2_048), (16_000, 512), (44_100, 4_096)):
        expected = librosa.filters.mel(sr=rate, n_fft=n_fft, n_mels=64).T
        np.testing.assert_allclose(filterbanks.mel(rate, n_fft, 64), expected, atol=1e-7)
        chroma = librosa.filters.chroma(sr=rate, n_fft=n_fft, tuning=0.0).T
        np.testing.assert_allclose(filterbanks.chroma(rate, n_fft), chroma, atol=1e-6)
    cosines = filterbanks.cosines(40, 40).astype(np.float64)
    np.testing.assert_allclose(cosines.T @ cosines, np.eye(40), atol=1e-6)
