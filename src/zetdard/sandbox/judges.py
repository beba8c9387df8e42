"""The judges of an invented world: outside its network, of a taste to which sound, words and network each give a known share.

A judge's **fit** with a song is Σ √share · part over the three parts, shares scaled to sum to 1. A part is a direction of
the judge's own through the **qualities** of that kind: what is really heard, said, or gone by when songs are collected. Each
part has mean 0 and variance 1 over all songs. A judge likes the top share of fit + chance among the songs they speak of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from zetdard.sandbox.config import WorldConfig
from zetdard.sandbox.lyrics import SUNG_LINES, Said
from zetdard.sandbox.music import Floats, Ints, Music, lock_arrays
from zetdard.sandbox.sound import SoundTraits

PARTS: Final = ("sound", "words", "network")
"""What a judge's taste is made of."""

HEARD: Final = ("tempo", "major", "brightness", "busy", "roughness")
"""Qualities of sound: octaves of tempo, 1 for the major mode, octaves of the middle of the melody's harmonics, chance of
notes between the beats, logarithm of how much the waves are bent."""


@dataclass(frozen=True, slots=True, eq=False)
class Judges:
    """What is true of the judges. Rows of songs are those of ``World``, parts are in the order of ``PARTS``.

    Attributes:
        names: One for each judge.
        parts: (n_judges, parts, n_songs) how well each song fits in each way, mean 0 and variance 1 over songs.
        fit: (n_judges, n_songs) how well each song fits.
        labelled: (n_judges, judge_labels) rows of the songs that each judge speaks of, rising.
        liked: (n_judges, judge_labels) whether the judge likes them.
    """

    names: tuple[str, ...]
    parts: Floats
    fit: Floats
    labelled: Ints
    liked: NDArray[np.bool_]

    def __post_init__(self) -> None:
        """Lock the truth: what reads it cannot change it."""
        lock_arrays(self)


def shares_of(config: WorldConfig) -> Floats:
    """Return what each part contributes to the variance of a judge's taste, (parts,), summing to 1."""
    weights = np.array([config.sound_share, config.words_share, config.network_share])
    shares: Floats = weights / weights.sum()
    return shares


def heard_in(sounds: Sequence[SoundTraits]) -> Floats:
    """Return the qualities of sounds, (songs, len(HEARD)), as they are synthesised."""
    numbers = np.arange(1, sounds[0].harmonics.size + 1)
    rows = [
        (
            np.log2(one.tempo),
            float(one.major),
            np.log2(one.harmonics @ numbers / one.harmonics.sum()),
            one.busy,
            np.log(one.drive),
        )
        for one in sounds
    ]
    return np.array(rows)


def said_in(words: Sequence[Said], n_genres: int) -> Floats:
    """Return the qualities of lyrics, (songs, n_genres + 2), counted over the sung lines.

    They are each genre's share of the nouns, the share of bright looks, and the share of lively acts.
    """
    sung = list(SUNG_LINES)
    rows = [
        (
            *np.bincount(one.genres[sung].ravel(), minlength=n_genres) / (2 * len(sung)),
            one.bright[sung].mean(),
            one.lively[sung].mean(),
        )
        for one in words
    ]
    return np.array(rows)


def collected_by(music: Music) -> Floats:
    """Return the qualities that collectors go by, (songs, n_genres): the cosine with the centre of each genre."""
    qualities: Floats = music.song_latents @ music.genre_centres.T
    return qualities


def draw_judges(config: WorldConfig, qualities: Sequence[Floats]) -> Judges:
    """Draw the judges' tastes and what they say.

    Args:
        config: How many, and the shares.
        qualities: For each part, (n_songs, qualities).
    """
    random = config.stream("tastes of judges")
    parts = np.empty((config.n_judges, len(PARTS), config.n_songs))
    for place, of_songs in enumerate(qualities):
        directions = random.standard_normal((config.n_judges, of_songs.shape[1]))
        parts[:, place] = _standard(directions @ _standard(of_songs.T))
    fit = np.tensordot(parts, np.sqrt(shares_of(config)), axes=(1, 0))
    # Streams of their own: whatever the shares are, the same songs are spoken of, with the same chance in the liking.
    spoken = config.stream("songs that judges speak of")
    labelled = np.sort(
        [spoken.permutation(config.n_songs)[: config.judge_labels] for _ in range(config.n_judges)], axis=1
    )
    chance = config.stream("chance in judges' liking").standard_normal(labelled.shape)
    liking = np.take_along_axis(fit, labelled, axis=1) + config.judge_noise * chance
    n_liked = round(config.judge_likes * config.judge_labels)
    liked = np.zeros(labelled.shape, dtype=np.bool_)
    np.put_along_axis(liked, np.argsort(-liking, axis=1, kind="stable")[:, :n_liked], True, axis=1)
    names = tuple(f"judge-{number:03d}" for number in range(1, config.n_judges + 1))
    return Judges(names, parts, fit, labelled.astype(np.int64), liked)


def _standard(rows: Floats) -> Floats:
    """Return rows (…, n) with mean 0 and variance 1; rows that do not vary become 0."""
    spread = rows.std(axis=-1, keepdims=True)
    centred = rows - rows.mean(axis=-1, keepdims=True)
    scaled: Floats = np.divide(centred, spread, out=np.zeros_like(centred), where=spread > 1e-9)
    return scaled
