"""The sound of invented songs: a few seconds, synthesised from the song's latents.

What is heard is drawn as ``s · mood + √(1 − s²) · chance`` with s = ``sound_strength``, so that s is the correlation
between both. A version or cover has its original's melody, key, mode and (nearly) tempo; timbre, rhythm, loudness
and noise are its own.
"""

from __future__ import annotations

import io
import wave
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zetdard.sandbox.config import WorldConfig
from zetdard.sandbox.moods import BRIGHTNESS, DENSITY, ENERGY, ROUGHNESS, VALENCE, Moods
from zetdard.sandbox.music import Floats, Ints, Music

SAMPLE_RATE = 22_050

_MAJOR = np.array([0, 2, 4, 5, 7, 9, 11])
_MINOR = np.array([0, 2, 3, 5, 7, 8, 10])
"""Semitones of the degrees of both scales."""
_PROGRESSIONS = np.array([[0, 4, 5, 3], [0, 3, 4, 0], [5, 3, 0, 4], [0, 5, 3, 4]])
"""Degrees on which the chords of four bars stand."""

_N_HARMONICS = 10
_TABLE_SIZE = 2048
_MELODY_NOTES = 32
_EIGHTHS_A_BAR = 8
_TONIC_HZ = 220.0
_MIX = {"melody": 1.0, "chord": 0.28, "bass": 0.6, "drums": 0.5}

_Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class SoundTraits:
    """What is heard in a song.

    Attributes:
        tempo: Beats a minute; follows energy.
        major: Whether the mode is major, else minor; follows valence.
        key: Semitones of the tonic above A; follows nothing.
        harmonics: (10,) amplitudes of the melody's harmonics; their slope follows brightness, their shape the genre.
        hits: (8,) how loud the drums are on each eighth of a bar, 0–1; follow the genre.
        busy: Chance that an eighth between the beats has a note, 0–1; follows density.
        noise: Level of noise beside the music; follows roughness.
        drive: How much the waves are bent; follows roughness.
        loudness_db: Root mean square level below full scale; follows energy.
        melody: (32,) degrees of the scale, one for each eighth; follow nothing.
        chords: (4,) degrees on which the chords stand, one for each bar; follow nothing.
    """

    tempo: float
    major: bool
    key: int
    harmonics: Floats
    hits: Floats
    busy: float
    noise: float
    drive: float
    loudness_db: float
    melody: Ints
    chords: Ints


def draw_sounding(config: WorldConfig, music: Music) -> NDArray[np.bool_]:
    """Draw which songs have sound, (n_songs,): known works first, each with its versions and covers."""
    random = config.stream("songs with sound")
    known = music.log_popularity + random.gumbel(size=config.n_songs)
    works = music.song_works
    # Songs sort by their work's standing; within a work the original comes first.
    order = np.lexsort((np.arange(config.n_songs), works != np.arange(config.n_songs), works, -known[works]))
    sounding = np.zeros(config.n_songs, dtype=np.bool_)
    sounding[order[: config.total_sounding]] = True
    return sounding


def sound_traits(config: WorldConfig, music: Music, moods: Moods, song: int, work: int) -> SoundTraits:
    """Draw what is heard in a song.

    Args:
        config: ``sound_strength``.
        music: The songs.
        moods: What the sound follows.
        song: Row of the song.
        work: Row of its original, which is itself for most.
    """
    strength = config.sound_strength
    chance = np.sqrt(1 - strength**2)
    shared, own = config.stream("melody", work), config.stream("timbre", song)
    tempo_z, mode_z = strength * moods.songs[work, [ENERGY, VALENCE]] + chance * shared.standard_normal(2)
    heard = strength * moods.songs[song] + chance * own.standard_normal(moods.songs.shape[1])
    heard = np.clip(heard, -2.5, 2.5)
    tempo = np.clip(105 * 2 ** (0.35 * tempo_z), 60, 190)
    if work != song:
        tempo *= own.uniform(0.97, 1.03)
    # What the genre sounds like, (n_genres, harmonics and eighths), and what this song adds to it.
    genres = config.stream("timbres of genres").standard_normal(
        (config.n_genres, _N_HARMONICS + _EIGHTHS_A_BAR)
    )
    style = strength * (moods.genre_shares[song] @ genres) + chance * own.standard_normal(genres.shape[1])
    shape, hits = np.split(style, [_N_HARMONICS])
    slope = np.arange(1, _N_HARMONICS + 1) ** -(1.6 - 0.5 * heard[BRIGHTNESS])
    melody = np.cumsum(shared.integers(-2, 3, size=_MELODY_NOTES))
    return SoundTraits(
        tempo=float(tempo),
        major=bool(mode_z > 0),
        key=int(shared.integers(-6, 6)),
        harmonics=np.exp(0.6 * shape) * slope,
        hits=1 / (1 + np.exp(-2 * hits)),
        busy=float(1 / (1 + np.exp(-1.5 * heard[DENSITY]))),
        noise=float(0.02 * np.exp(0.8 * heard[ROUGHNESS])),
        drive=float(np.exp(0.6 * heard[ROUGHNESS])),
        loudness_db=float(np.clip(-20 + 4 * heard[ENERGY], -30, -12)),
        # Notes that walk too far turn back: an octave up and down at most.
        melody=np.abs((melody + 7) % 28 - 14) - 7,
        chords=_PROGRESSIONS[int(shared.integers(len(_PROGRESSIONS)))],
    )


def synthesise(traits: SoundTraits, random: np.random.Generator, seconds: float) -> NDArray[np.int16]:
    """Return the samples of a sound, (round(seconds · SAMPLE_RATE),), mono.

    Args:
        traits: What is heard.
        random: Which eighths have a note, and the noise.
        seconds: Length.
    """
    n = round(seconds * SAMPLE_RATE)
    eighth_samples = 30 * SAMPLE_RATE / traits.tempo
    place = np.arange(n) / eighth_samples
    eighth = place.astype(np.int64)  # (n,) which eighth note a sample lies in
    since = ((place - eighth) * (eighth_samples / SAMPLE_RATE)).astype(np.float32)  # seconds
    n_eighths = int(eighth[-1]) + 1
    numbers = np.arange(n_eighths)
    begins = (numbers % 2 == 0) | (random.random(n_eighths) < traits.busy)
    # The eighth in which the sounding note began: an eighth without a note holds the one before.
    began = np.maximum.accumulate(np.where(begins, numbers, 0))
    held = since + ((eighth - began[eighth]) * (eighth_samples / SAMPLE_RATE)).astype(np.float32)
    scale = _MAJOR if traits.major else _MINOR
    table = _wave_table(traits.harmonics)
    melody = _voice(table, _hertz(traits, scale, traits.melody[began % _MELODY_NOTES])[eighth])
    sound = _MIX["melody"] * np.exp(-2.5 * held) * melody
    roots = traits.chords[numbers // _EIGHTHS_A_BAR % len(traits.chords)]
    soft = _wave_table(traits.harmonics[:4])
    for step in (0, 2, 4):
        sound += _MIX["chord"] * _voice(soft, _hertz(traits, scale, roots + step - 7)[eighth])
    sound += _MIX["bass"] * np.exp(-4 * since) * _voice(soft, _hertz(traits, scale, roots - 14)[eighth])
    hiss = random.standard_normal(n, dtype=np.float32)
    hit = traits.hits.astype(np.float32)[eighth % _EIGHTHS_A_BAR]
    sound += _MIX["drums"] * hit * np.exp(-30 * since) * hiss
    sound = np.tanh(traits.drive * sound) + traits.noise * hiss
    level = 10 ** (traits.loudness_db / 20) / np.sqrt(np.mean(sound**2))
    samples: NDArray[np.int16] = np.rint(32_767 * np.clip(level * sound, -1, 1)).astype(np.int16)
    return samples


def wav(samples: NDArray[np.int16]) -> bytes:
    """Return a WAV file of mono samples: 16-bit PCM at ``SAMPLE_RATE``."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(SAMPLE_RATE)
        out.writeframes(samples.astype("<i2").tobytes())
    return file.getvalue()


def _wave_table(harmonics: Floats) -> _Samples:
    """Return one cycle of a wave with these amplitudes of harmonics, largest value 1."""
    phase = 2 * np.pi * np.arange(_TABLE_SIZE) / _TABLE_SIZE
    cycle = harmonics @ np.sin(np.outer(np.arange(1, harmonics.size + 1), phase))
    table: _Samples = (cycle / np.abs(cycle).max()).astype(np.float32)
    return table


def _voice(table: _Samples, hertz: Floats) -> _Samples:
    """Return the samples (n,) of a wave whose frequency is ``hertz`` (n,) at each."""
    phase = np.cumsum(hertz * (_TABLE_SIZE / SAMPLE_RATE))
    samples: _Samples = table[phase.astype(np.int64) % _TABLE_SIZE]
    return samples


def _hertz(traits: SoundTraits, scale: Ints, degrees: Ints) -> Floats:
    """Return the frequencies of degrees of the scale; 7 degrees are an octave."""
    semitones = traits.key + 12 * (degrees // 7) + scale[degrees % 7]
    frequencies: Floats = _TONIC_HZ * 2 ** (semitones / 12)
    return frequencies
