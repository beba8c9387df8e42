"""The music of an invented world: genres, artists, songs, and how known each song is."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zetdard.sandbox.config import WorldConfig

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NOBODY = -1
"""Stands for "no such row": a song without a guest, a song that is its own original."""

_GUEST_WEIGHT = 0.3
_COVER_WEIGHT = 0.5
_VERSION_STEP = 0.15
# Versions and covers are less known than originals, by so many standard deviations of rank noise.
_VERSION_HANDICAP = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Music:
    """What is true of the music. Rows of artists and songs are those of ``World``.

    Attributes:
        genre_centres: (n_genres, latent_size), orthonormal.
        artist_genres: (n_artists,) main genre.
        artist_latents: (n_artists, latent_size), unit length.
        artist_fame: (n_artists,) standard normal.
        song_artists: (n_songs,) row of the main artist.
        song_guests: (n_songs,) row of the featured artist, or ``NOBODY``.
        song_originals: (n_songs,) row of the song that this one is a version (same artist) or a cover
            (another artist) of, or ``NOBODY``.
        song_latents: (n_songs, latent_size), unit length.
        log_popularity: (n_songs,) natural logarithm, mean 0.
        song_held: (n_songs,) False where nobody may hold the song.
    """

    genre_centres: Floats
    artist_genres: Ints
    artist_latents: Floats
    artist_fame: Floats
    song_artists: Ints
    song_guests: Ints
    song_originals: Ints
    song_latents: Floats
    log_popularity: Floats
    song_held: NDArray[np.bool_]

    def __post_init__(self) -> None:
        """Lock the truth: what reads it cannot change it."""
        lock_arrays(self)

    @property
    def song_genres(self) -> Ints:
        """(n_songs,) main genre of the main artist."""
        return self.artist_genres[self.song_artists]

    @property
    def song_works(self) -> Ints:
        """(n_songs,) row of the original of each song: itself, or what it is a version or a cover of."""
        itself = np.arange(self.song_originals.size)
        return np.where(self.song_originals == NOBODY, itself, self.song_originals)

    @property
    def is_cover(self) -> NDArray[np.bool_]:
        """(n_songs,) whether the song is another artist's."""
        derived = self.song_originals != NOBODY
        covers: NDArray[np.bool_] = derived & (self.song_artists[self.song_originals] != self.song_artists)
        return covers


def draw_music(config: WorldConfig) -> Music:
    """Draw genres, then artists near their genre, then songs near their artist."""
    centres = _genre_centres(config)
    genres, artists, fame = _artists(config, centres)
    song_artists = _song_artists(config, fame)
    guests = _guests(config, song_artists, genres)
    originals = _originals(config, song_artists)
    latents = _song_latents(config, artists, song_artists, guests, originals)
    log_popularity = _log_popularity(config, fame[song_artists], originals)
    n_unheld = round(config.unheld_share * config.n_songs)
    held = np.ones(config.n_songs, dtype=np.bool_)
    held[config.stream("unheld songs").permutation(config.n_songs)[:n_unheld]] = False
    return Music(
        genre_centres=centres,
        artist_genres=genres,
        artist_latents=artists,
        artist_fame=fame,
        song_artists=song_artists,
        song_guests=guests,
        song_originals=originals,
        song_latents=latents,
        log_popularity=log_popularity,
        song_held=held,
    )


def lock_arrays(holder: Any) -> None:
    """Make every array in the fields of ``holder``, a dataclass instance, read-only."""
    for field in fields(holder):
        value = getattr(holder, field.name)
        if isinstance(value, np.ndarray):
            value.setflags(write=False)


def unit(vectors: Floats) -> Floats:
    """Return the rows of ``vectors`` (n, d) scaled to length 1."""
    lengths: Floats = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: Floats = vectors / np.maximum(lengths, 1e-12)
    return scaled


def steps(random: np.random.Generator, n: int, size: int, length: float) -> Floats:
    """Return (n, size) Gaussian steps whose root mean square length is ``length``."""
    moves: Floats = random.standard_normal((n, size)) * (length / np.sqrt(size))
    return moves


def orthonormal(random: np.random.Generator, size: int) -> Floats:
    """Return ``size`` random orthonormal rows, (size, size)."""
    orthogonal, _ = np.linalg.qr(random.standard_normal((size, size)))
    # QR leaves each column's sign to the linear algebra library; fix it.
    signs = np.sign(orthogonal[np.abs(orthogonal).argmax(axis=0), np.arange(size)])
    rows: Floats = np.ascontiguousarray((orthogonal * signs).T)
    return rows


def _genre_centres(config: WorldConfig) -> Floats:
    return orthonormal(config.stream("genres"), config.latent_size)[: config.n_genres].copy()


def _artists(config: WorldConfig, centres: Floats) -> tuple[Ints, Floats, Floats]:
    random = config.stream("artists")
    shares = random.dirichlet(np.full(config.n_genres, 6.0))
    genres = random.choice(config.n_genres, size=config.n_artists, p=shares).astype(np.int64)
    spread = steps(random, config.n_artists, config.latent_size, config.artist_spread)
    return genres, unit(centres[genres] + spread), random.standard_normal(config.n_artists)


def _song_artists(config: WorldConfig, fame: Floats) -> Ints:
    """Give every artist a song, and the rest in proportion to a skewed weight; known artists have more."""
    random = config.stream("songs of artists")
    weights = np.exp(0.7 * random.standard_normal(config.n_artists) + 0.4 * fame)
    extra = random.multinomial(config.n_songs - config.n_artists, weights / weights.sum())
    return random.permutation(np.repeat(np.arange(config.n_artists), extra + 1)).astype(np.int64)


def _guests(config: WorldConfig, song_artists: Ints, genres: Ints) -> Ints:
    """Draw featured artists, of the main artist's genre where it has others."""
    random = config.stream("guests")
    guests = np.full(config.n_songs, NOBODY, dtype=np.int64)
    if config.n_artists > 1:
        for song in random.permutation(config.n_songs)[: round(config.guest_share * config.n_songs)]:
            main = song_artists[song]
            others = np.flatnonzero(genres == genres[main])
            others = others[others != main]
            if others.size == 0:
                others = np.delete(np.arange(config.n_artists), main)
            guests[song] = random.choice(others)
    return guests


def _originals(config: WorldConfig, song_artists: Ints) -> Ints:
    """Choose which songs are versions or covers; an original is never one itself."""
    random = config.stream("versions and covers")
    n_versions = round(config.version_share * config.n_songs)
    n_covers = round(config.cover_share * config.n_songs)
    order = random.permutation(config.n_songs)
    derived, free = order[: n_versions + n_covers], order[n_versions + n_covers :]
    originals = np.full(config.n_songs, NOBODY, dtype=np.int64)
    for number, song in enumerate(derived):
        same = song_artists[free] == song_artists[song]
        choices = free[same if number < n_versions else ~same]
        # An artist with one song has no version of it; that song stays an original.
        if choices.size:
            originals[song] = random.choice(choices)
    return originals


def _song_latents(
    config: WorldConfig, artists: Floats, song_artists: Ints, guests: Ints, originals: Ints
) -> Floats:
    random = config.stream("song latents")
    centres = artists[song_artists]
    with_guest = guests != NOBODY
    centres[with_guest] += _GUEST_WEIGHT * (artists[guests[with_guest]] - centres[with_guest])
    latents = unit(centres + steps(random, config.n_songs, config.latent_size, config.song_spread))
    derived = originals != NOBODY
    cover = derived & (song_artists[originals] != song_artists)
    version = derived & ~cover
    latents[cover] += _COVER_WEIGHT * (latents[originals[cover]] - latents[cover])
    latents[version] = latents[originals[version]] + steps(
        random, int(version.sum()), config.latent_size, _VERSION_STEP
    )
    return unit(latents)


def _log_popularity(config: WorldConfig, fame: Floats, originals: Ints) -> Floats:
    """Zipf's law over a rank made of the artist's fame and luck, with some noise on top."""
    random = config.stream("popularity")
    luck = random.standard_normal(config.n_songs)
    standing = config.fame_strength * fame + luck - _VERSION_HANDICAP * (originals != NOBODY)
    rank = np.empty(config.n_songs)
    rank[np.argsort(-standing, kind="stable")] = np.arange(1, config.n_songs + 1)
    noise = config.popularity_noise * random.standard_normal(config.n_songs)
    log_popularity: Floats = -config.zipf_exponent * np.log(rank) + noise
    log_popularity -= log_popularity.mean()
    return log_popularity
