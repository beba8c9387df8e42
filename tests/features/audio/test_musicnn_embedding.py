"""What the network hears, and what becomes of its answers."""

from __future__ import annotations

from collections.abc import Iterator

import librosa
import numpy as np
import pytest

from features.audio.musicnn_weights import random_weights
from zetdard.data.types import Floats
from zetdard.errors import InputError
from zetdard.features.audio.musicnn import (
    EMBEDDING_NAMES,
    RATE,
    TAG_NAMES,
    TAGS,
    Embedding,
    EmbeddingConfig,
    OnnxNetwork,
    embed,
)
from zetdard.features.audio.musicnn.spectrogram import HOP, log_mel_frames, mel_filters, patches
from zetdard.features.audio.musicnn.weights import N_FRAMES, N_MELS
from zetdard.features.audio.sampling import Sampling

PATCH = N_FRAMES * HOP


def noise(samples: int, seed: int = 0) -> Floats:
    return np.random.default_rng(seed).uniform(-0.5, 0.5, samples).astype(np.float32)


def in_blocks(sound: Floats, seed: int = 0) -> Iterator[Floats]:
    """The sound in blocks of all sizes, also of none."""
    random = np.random.default_rng(seed)
    while len(sound):
        size = int(random.choice([0, 1, 100, 256, 257, 5_000, 70_000]))
        yield sound[:size]
        sound = sound[size:]


def frames_of(*blocks: Floats) -> Floats:
    return np.concatenate(list(log_mel_frames(blocks)))


class Listener:
    """A network that answers the loudest and the mean of each patch, and remembers how it was asked."""

    def __init__(self) -> None:
        self.asked: list[Floats] = []

    def __call__(self, patches: Floats) -> tuple[Floats, Floats]:
        self.asked.append(patches)
        hidden = np.zeros((len(patches), 200), dtype=np.float32)
        hidden[:, 0] = patches.max(axis=(1, 2))
        tags = np.zeros((len(patches), 50), dtype=np.float32)
        tags[:, 3] = patches.mean(axis=(1, 2))
        return hidden, tags


def test_the_mel_filters_are_librosas() -> None:
    theirs = librosa.filters.mel(sr=RATE, n_fft=512, n_mels=N_MELS)
    np.testing.assert_allclose(mel_filters(), theirs, atol=1e-8)


@pytest.mark.parametrize("samples", [257, 511, 512, 513, 16_000, 3 * PATCH + 77, 150_000])
def test_the_frames_are_librosas_however_the_sound_comes(samples: int) -> None:
    sound = noise(samples)
    # Mirrored here, because librosa warns of sounds that are shorter than a window.
    mirrored = np.pad(sound, 256, mode="reflect")
    power = librosa.feature.melspectrogram(
        y=mirrored, sr=RATE, n_fft=512, hop_length=HOP, n_mels=N_MELS, center=False
    )
    theirs = np.log10(10_000 * power.T + 1)
    whole = frames_of(sound)
    assert whole.dtype == np.float32
    assert whole.shape == (1 + samples // HOP, N_MELS)
    np.testing.assert_allclose(whole, theirs, atol=1e-4)
    np.testing.assert_allclose(frames_of(*in_blocks(sound)), whole, atol=1e-5)


@pytest.mark.parametrize("samples", [1, 2, 100, 256])
def test_a_very_short_sound_has_frames(samples: int) -> None:
    frames = frames_of(noise(samples))
    assert frames.shape == (1 + samples // HOP, N_MELS)
    assert np.isfinite(frames).all()


def test_a_sine_is_heard_in_its_band() -> None:
    seconds = np.arange(RATE) / RATE
    frames = frames_of(np.sin(2 * np.pi * 1000 * seconds).astype(np.float32))
    heard = mel_filters()[frames.mean(axis=0).argmax()]
    assert heard[32] > 0  # bin 32 of 31.25 Hz each is 1 kHz


def test_silence_and_the_loudest_sound_are_finite_numbers() -> None:
    assert not frames_of(np.zeros(RATE, dtype=np.float32)).any()
    square = np.where(np.arange(RATE) % 40 < 20, 1, -1)
    for loudness in (1, 32_768, 1e10):
        frames = frames_of((loudness * square).astype(np.float32))
        assert np.isfinite(frames).all()
        assert frames.max() > 4


@pytest.mark.parametrize("hop", [1, 50, 187, 400])
@pytest.mark.parametrize("batch", [1, 3, 64])
def test_patches_lie_where_they_must(hop: int, batch: int) -> None:
    sound = noise(3 * PATCH + 40 * HOP)
    frames = frames_of(sound)
    starts = range(0, len(frames) - N_FRAMES + 1, hop)
    batches = list(patches(in_blocks(sound), hop_frames=hop, batch=batch))
    assert all(len(one) == batch for one in batches[:-1])
    assert 1 <= len(batches[-1]) <= batch
    together = np.concatenate(batches)
    assert together.shape == (len(starts), N_FRAMES, N_MELS)
    for patch, start in zip(together, starts, strict=True):
        np.testing.assert_allclose(patch, frames[start : start + N_FRAMES], atol=1e-5)


def test_a_sound_shorter_than_a_patch_is_repeated() -> None:
    sound = noise(49 * HOP)
    (only,) = patches([sound])
    np.testing.assert_allclose(only[0], np.tile(frames_of(sound), (4, 1))[:N_FRAMES], atol=1e-6)


def test_an_embedding_is_the_mean_over_patches() -> None:
    sound = noise(5 * PATCH)
    sound[2 * PATCH :] *= 0.1
    listener = Listener()
    found = embed(sound, listener, EmbeddingConfig(batch=2))
    assert [len(batch) for batch in listener.asked] == [2, 2, 1]
    assert found.patches.shape == (5, 200)
    assert found.mean.shape == (200,) == (len(EMBEDDING_NAMES),)
    assert found.tags.shape == (50,) == (len(TAG_NAMES),)
    np.testing.assert_allclose(
        found.mean[0], np.concatenate(listener.asked).max(axis=(1, 2)).mean(), rtol=1e-6
    )
    np.testing.assert_allclose(found.tags[3], np.concatenate(listener.asked).mean(), rtol=1e-5)
    assert found.patches[0, 0] > found.patches[4, 0] > 0


def test_a_stream_is_heard_as_the_whole() -> None:
    network = OnnxNetwork(random_weights())
    sound = noise(4 * PATCH + 1000)
    whole, stream = embed(sound, network), embed(in_blocks(sound), network, EmbeddingConfig(batch=1))
    for ours, theirs in ((whole.patches, stream.patches), (whole.tags, stream.tags)):
        np.testing.assert_allclose(ours, theirs, atol=1e-4)


def test_no_patch_reaches_from_one_excerpt_into_the_next() -> None:
    sound = np.zeros(40 * RATE, dtype=np.float32)
    sound[20 * RATE :] = noise(20 * RATE)
    listener = Listener()
    spans = Sampling((0.25, 0.75), 7).spans(len(sound), RATE)
    embed(in_blocks(sound), listener, EmbeddingConfig(batch=1), spans)
    loudest = [float(batch.max()) for batch in listener.asked]
    assert len(loudest) == 4
    assert loudest[:2] == [0, 0]
    assert min(loudest[2:]) > 2


def test_silence_has_an_embedding() -> None:
    found = embed(np.zeros(RATE, dtype=np.float32), OnnxNetwork(random_weights()))
    assert np.isfinite(found.mean).all()
    assert ((found.tags > 0) & (found.tags < 1)).all()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e20])
def test_what_is_no_sound_is_refused(bad: float) -> None:
    sound = noise(1000)
    sound[700] = bad
    with pytest.raises(InputError, match="finite"):
        embed(sound, Listener())


@pytest.mark.parametrize("sound", [np.zeros((10, 2), dtype=np.float32), np.zeros(10, dtype=np.int16)])
def test_what_is_no_row_of_samples_is_refused(sound: Floats) -> None:
    with pytest.raises(InputError, match="row of floating-point samples"):
        embed(sound, Listener())


def test_no_sample_is_refused() -> None:
    for nothing in (np.zeros(0, dtype=np.float32), iter(())):
        with pytest.raises(InputError, match="no sound"):
            embed(nothing, Listener())
    with pytest.raises(InputError, match="no sound"):
        embed(noise(100), Listener(), spans=())


@pytest.mark.parametrize("wrong", [{"hop_frames": 0}, {"batch": 0}, {"batch": 5000}])
def test_a_config_refuses_what_cannot_be(wrong: dict[str, int]) -> None:
    with pytest.raises(InputError):
        EmbeddingConfig(**wrong)


def test_the_top_tags_are_the_most_probable() -> None:
    tags = np.zeros(50, dtype=np.float32)
    tags[[TAGS.index("metal"), TAGS.index("punk")]] = 0.75, 0.5
    found = Embedding(np.zeros(200, np.float32), np.zeros((1, 200), np.float32), tags)
    assert found.top_tags(3) == (("metal", 0.75), ("punk", 0.5), ("rock", 0))


def test_there_are_fifty_different_tags() -> None:
    assert len(set(TAGS)) == len(TAGS) == 50
