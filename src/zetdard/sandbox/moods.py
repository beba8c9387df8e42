"""What can be heard and read in a song: where it lies on axes of mood, and what it has of each genre.

Words, comments and sound all follow these, so that each of them says something of taste.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from zetdard.sandbox.config import WorldConfig
from zetdard.sandbox.music import Floats, Music, lock_arrays, orthonormal, unit

AXES: Final = ("valence", "energy", "brightness", "density", "roughness")
VALENCE, ENERGY, BRIGHTNESS, DENSITY, ROUGHNESS = range(len(AXES))

_SHARPNESS = 8.0


@dataclass(frozen=True, slots=True, eq=False)
class Moods:
    """The songs' moods. Rows of songs are those of ``World``.

    Attributes:
        axes: (len(AXES), latent_size), unit length; orthonormal where the space has room for that.
        songs: (n_songs, len(AXES)) where each song lies; the spread over random latents is 1.
        genre_shares: (n_songs, n_genres) softmax of 8 · cosine(song, genre centre); rows sum to 1.
    """

    axes: Floats
    songs: Floats
    genre_shares: Floats

    def __post_init__(self) -> None:
        """Lock the truth: what reads it cannot change it."""
        lock_arrays(self)


def draw_moods(config: WorldConfig, music: Music, latents: Floats | None = None) -> Moods:
    """Draw the axes, and find where the songs lie on them.

    Args:
        config: The size of the space.
        music: Genres and songs.
        latents: (n_songs, latent_size), unit length: where the songs lie, if not where collectors see them.
    """
    songs = music.song_latents if latents is None else latents
    directions = orthonormal(config.stream("axes of mood"), config.latent_size)
    axes = directions[np.arange(len(AXES)) % config.latent_size]
    fit = np.exp(_SHARPNESS * (songs @ music.genre_centres.T))
    return Moods(
        axes=axes,
        songs=np.sqrt(config.latent_size) * (songs @ axes.T),
        genre_shares=fit / fit.sum(axis=1, keepdims=True),
    )


def draw_moods_apart(config: WorldConfig, music: Music, what: str) -> Moods:
    """Draw moods that say nothing of anything else: every song lies anywhere, whoever its artist is.

    Args:
        config: The size of the space.
        music: Genres, and how many songs there are.
        what: What follows these moods.
    """
    random = config.stream(f"latents of {what}")
    return draw_moods(config, music, unit(random.standard_normal((config.n_songs, config.latent_size))))
