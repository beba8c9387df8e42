"""Sounds whose description is known before they are heard, and files of them."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import soundfile
from numpy.typing import NDArray

Sound = NDArray[np.float32]

RATE = 22_050


def sine(frequency: float, seconds: float, rate: int = RATE, amplitude: float = 0.5) -> Sound:
    return (amplitude * np.sin(2 * np.pi * frequency * np.arange(round(seconds * rate)) / rate)).astype(
        np.float32
    )


def noise(seconds: float, rate: int = RATE, seed: int = 0, amplitude: float = 0.1) -> Sound:
    """White noise."""
    drawn = np.random.default_rng(seed).standard_normal(round(seconds * rate))
    return (amplitude * drawn).astype(np.float32)


def pink_noise(seconds: float, rate: int = RATE, seed: int = 0) -> Sound:
    """Noise with equal energy in every octave: power 1 / f."""
    spectrum = np.fft.rfft(noise(seconds, rate, seed).astype(np.float64))
    spectrum[1:] /= np.sqrt(np.arange(1, len(spectrum)))
    spectrum[0] = 0
    sound = np.fft.irfft(spectrum)
    return (0.2 * sound / np.abs(sound).max()).astype(np.float32)


def clicks(bpm: float, seconds: float, rate: int = RATE) -> Sound:
    """A tick of 10 ms on every beat."""
    sound = np.zeros(round(seconds * rate), np.float32)
    tick = sine(1_000, 0.01, rate, 0.8) * np.linspace(1, 0, round(0.01 * rate), dtype=np.float32)
    for beat in np.arange(0.25, seconds - 0.1, 60 / bpm):
        at = round(beat * rate)
        sound[at : at + len(tick)] = tick
    return sound


def chords(chords_of_semitones: list[tuple[int, ...]], seconds_each: float = 1.0) -> Sound:
    """Chords of tones with four harmonics; 0 is middle C."""
    fade = np.minimum(1, np.arange(round(seconds_each * RATE)) / 500).astype(np.float32)
    fade *= fade[::-1]
    parts = []
    for chord in chords_of_semitones:
        tones = [
            sine(261.63 * 2 ** (tone / 12) * harmonic, seconds_each, amplitude=0.1 / harmonic)
            for tone in chord
            for harmonic in (1, 2, 3, 4)
        ]
        parts.append(np.sum(tones, axis=0, dtype=np.float32) * fade)
    return np.concatenate(parts)


def cadence(tonic: int, major: bool) -> Sound:
    """Tonic, subdominant, dominant, tonic, three times over; the dominant of minor has its raised seventh."""
    third = 4 if major else 3
    triad = (tonic, tonic + third, tonic + 7)
    fourth = (tonic + 5, tonic + 5 + third, tonic + 12)
    fifth = (tonic + 7, tonic + 11, tonic + 14)
    return chords([triad, fourth, fifth, triad] * 3)


def in_blocks(sound: Sound, sizes: tuple[int, ...] = (10_000,)) -> Iterator[Sound]:
    """Cut a sound into blocks of these sizes in turn."""
    at = number = 0
    while at < len(sound):
        size = sizes[number % len(sizes)]
        yield sound[at : at + size]
        at, number = at + size, number + 1


def musical(seconds: float, seed: int = 1) -> Sound:
    """Something of everything: chords, ticks, noise that swells."""
    n = round(seconds * RATE)
    harmony = np.resize(chords([(0, 4, 7), (5, 9, 12), (7, 11, 14), (9, 12, 16)], 0.7), n)
    swelling = noise(seconds, seed=seed, amplitude=0.03) * (1 + np.sin(np.arange(n) / 9_000)).astype(
        np.float32
    )
    return harmony + 0.5 * clicks(97, seconds) + swelling


FORMATS = {
    "wav": ("WAV", "PCM_16", 44_100),
    "flac": ("FLAC", "PCM_16", 44_100),
    "mp3": ("MP3", "MPEG_LAYER_III", 44_100),
    "ogg": ("OGG", "VORBIS", 44_100),
    "opus": ("OGG", "OPUS", 48_000),
}


def write(path: Path, sound: Sound, rate: int, kind: str = "wav", subtype: str | None = None) -> Path:
    """Write a file; in small portions, because libsndfile crashes on long ones in ogg."""
    format_, usual, _ = FORMATS[kind]
    channels = 1 if sound.ndim == 1 else sound.shape[1]
    with soundfile.SoundFile(path, "w", rate, channels, subtype or usual, format=format_) as file:
        for block in in_blocks(sound, (65_536,)):
            file.write(block)
    return path


def write_m4a(path: Path, sound: Sound, rate: int) -> Path:
    """Write AAC in an mp4 file."""
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=rate, layout="mono")
        for number, block in enumerate(in_blocks(sound, (1_024,))):
            frame = av.AudioFrame.from_ndarray(block[None, :], format="fltp", layout="mono")
            frame.rate, frame.pts, frame.time_base = rate, number * 1_024, Fraction(1, rate)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path
