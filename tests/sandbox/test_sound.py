"""The sound of invented songs: sound files in which tempo, mode, timbre and loudness follow the latents."""

from __future__ import annotations

import io
import itertools
import wave
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from sandbox.probes import told
from zetdard.errors import InputError, UnknownEntityError
from zetdard.sandbox import World, WorldConfig, generate
from zetdard.sandbox.moods import ENERGY, VALENCE
from zetdard.sandbox.music import NOBODY
from zetdard.sandbox.sound import SAMPLE_RATE, SoundTraits, synthesise

CONFIG = WorldConfig(
    n_users=2,
    n_songs=400,
    n_artists=100,
    n_sounding=400,
    sound_seconds=2.0,
    version_share=0.1,
    cover_share=0.1,
)


@pytest.fixture(scope="module")
def world() -> World:
    return generate(CONFIG)


def samples(file: bytes) -> NDArray[np.float64]:
    with wave.open(io.BytesIO(file)) as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, SAMPLE_RATE)
        frames = sound.readframes(sound.getnframes())
    return np.frombuffer(frames, dtype="<i2") / 32768


def heard(sound: NDArray[np.float64]) -> list[float]:
    """Simple statistics: loudness, crossings of zero, steadiness, and the energy of 16 bands."""
    spectrum = np.abs(np.fft.rfft(sound)) ** 2
    edges = np.geomspace(8, spectrum.size, 17).astype(int)
    bands = [np.log(spectrum[low:high].mean() + 1e-9) for low, high in itertools.pairwise(edges)]
    loudness = float(np.log(np.sqrt(np.mean(sound**2)) + 1e-9))
    level = np.sqrt(np.mean(sound[: len(sound) // 512 * 512].reshape(-1, 512) ** 2, axis=1))
    crossings = float(np.mean(np.diff(np.signbit(sound))))
    return [loudness, crossings, float(level.std() / level.mean()), *(band - bands[4] for band in bands)]


@pytest.mark.smoke
def test_exactly_so_many_songs_have_sound() -> None:
    world = generate()
    sounding = [world.has_sound(row) for row in range(world.config.n_songs)]
    assert sum(sounding) == world.config.total_sounding == 300
    few = generate(replace(world.config, n_sounding=7))
    assert sum(few.has_sound(row) for row in range(world.config.n_songs)) == 7


def test_works_have_sound_with_their_versions_and_covers() -> None:
    world = generate()
    originals = world.music.song_originals
    derived = [row for row in np.flatnonzero(originals != NOBODY).tolist() if world.has_sound(row)]
    assert len(derived) > 10
    assert all(world.has_sound(int(originals[row])) for row in derived)


def test_a_sound_is_a_sound_file_of_its_length(world: World) -> None:
    sound = samples(world.sound(0))
    assert sound.size == 2 * SAMPLE_RATE
    assert np.abs(sound).max() > 0.05
    np.testing.assert_array_equal(samples(world.preview(0)), sound[:SAMPLE_RATE])


def test_a_song_sounds_the_same_whoever_was_asked_before(world: World) -> None:
    assert generate(CONFIG).sound(5) == world.sound(5)
    assert world.sound(5) != world.sound(6)
    assert generate(replace(CONFIG, seed=1)).sound(5) != world.sound(5)


def test_a_song_without_sound_is_refused() -> None:
    world = generate(replace(CONFIG, n_sounding=0))
    for give in (world.sound, world.preview):
        with pytest.raises(UnknownEntityError, match="does not have the sound of song"):
            give(3)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"sound_seconds": 0.0}, "too small"),
        ({"sound_seconds": 61.0}, "at most 60"),
        ({"n_sounding": 1501}, "n_sounding 1501 > n_songs 1500"),
        ({"sound_strength": 1.5}, "at most 1"),
    ],
)
def test_impossible_sounds_are_refused(values: dict, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        WorldConfig(**values)


def test_the_loudness_is_what_the_truth_says(world: World) -> None:
    for row in range(30):
        root_mean_square = np.sqrt(np.mean(samples(world.sound(row)) ** 2))
        assert 20 * np.log10(root_mean_square) == pytest.approx(world.sound_traits(row).loudness_db, abs=0.5)


def test_the_tempo_can_be_heard(world: World) -> None:
    """The drums come back after a beat: the autocorrelation of the level of high tones says so."""
    traits = replace(world.sound_traits(0), tempo=90.0, hits=np.tile([1.0, 0.0], 4), noise=0.0, drive=1.0)
    sound = synthesise(traits, np.random.default_rng(1), 8.0) / 32768
    hop, sound = 256, np.diff(sound, n=2)
    level = np.sqrt(np.mean(sound[: sound.size // hop * hop].reshape(-1, hop) ** 2, axis=1))
    rise = np.maximum(np.diff(level), 0)
    echo = np.correlate(rise, rise, mode="full")[rise.size - 1 :]
    lags = np.arange(echo.size) * hop / SAMPLE_RATE
    wanted = (lags > 0.4) & (lags < 1.0)
    assert lags[wanted][echo[wanted].argmax()] == pytest.approx(60 / 90, abs=0.03)


def test_the_mode_can_be_heard(world: World) -> None:
    """The third above the tonic is major or minor."""
    traits = world.sound_traits(0)

    def thirds(major: bool) -> float:
        still = replace(
            traits,
            key=0,
            major=major,
            melody=np.full(32, 2),
            chords=np.zeros(1, dtype=int),
            noise=0.0,
            drive=0.1,
        )
        spectrum = np.abs(np.fft.rfft(synthesise(still, np.random.default_rng(1), 4.0) / 32768))
        frequencies = np.arange(spectrum.size) / 4.0
        big, small = (spectrum[np.abs(frequencies - 220 * 2 ** (step / 12)) < 2].max() for step in (4, 3))
        return float(np.log(big / small))

    assert thirds(True) > 1
    assert thirds(False) < -1


def test_versions_and_covers_keep_the_tune_and_change_the_timbre(world: World) -> None:
    originals = world.music.song_originals
    for row in np.flatnonzero(originals != NOBODY).tolist():
        own, first = world.sound_traits(row), world.sound_traits(int(originals[row]))
        np.testing.assert_array_equal(own.melody, first.melody)
        np.testing.assert_array_equal(own.chords, first.chords)
        assert (own.key, own.major) == (first.key, first.major)
        assert own.tempo == pytest.approx(first.tempo, rel=0.031)
        assert not np.allclose(own.harmonics, first.harmonics)


def test_what_is_heard_follows_the_mood_as_much_as_wanted() -> None:
    def links(strength: float) -> tuple[float, float]:
        world = generate(
            WorldConfig(n_users=2, n_songs=600, version_share=0.0, cover_share=0.0, sound_strength=strength)
        )
        traits: list[SoundTraits] = [world.sound_traits(row) for row in range(600)]
        tempo = np.log([each.tempo for each in traits])
        major = np.array([each.major for each in traits], dtype=float)
        moods = world.moods.songs
        return (
            float(np.corrcoef(tempo, moods[:, ENERGY])[0, 1]),
            float(np.corrcoef(major, moods[:, VALENCE])[0, 1]),
        )

    assert np.abs(links(0.0)).max() < 0.12
    tempo, major = links(0.8)
    assert tempo == pytest.approx(0.8, abs=0.1)
    assert major > 0.45
    assert links(1.0)[0] > 0.95


def test_sound_tells_of_the_song_as_much_as_wanted(world: World) -> None:
    """So "does sound help?" has a known answer."""

    def learnt(world: World) -> float:
        rows = np.flatnonzero(world.music.song_originals == NOBODY)
        seen = np.array([heard(samples(world.sound(row))) for row in rows.tolist()])
        return told(seen, world.moods.songs[rows])

    assert learnt(generate(replace(CONFIG, sound_strength=0.0))) < 0.05
    assert learnt(world) > 0.15
