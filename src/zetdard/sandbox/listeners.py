"""The listeners of an invented world: where they live, what they like, how much they collect."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zetdard.sandbox.config import WorldConfig
from zetdard.sandbox.music import Floats, Ints, Music, lock_arrays, steps, unit


@dataclass(frozen=True, slots=True, eq=False)
class Listeners:
    """What is true of the listeners. Rows are those of ``World``.

    Attributes:
        region_tastes: (n_regions, n_genres) expected genre shares in a region; rows sum to 1.
        user_regions: (n_users,) row of the region.
        user_tastes: (n_users, n_genres) genre shares; rows sum to 1.
        user_latents: (n_users, latent_size), unit length: the genre shares carried into the space of songs,
            and a personal step.
        user_picks: (n_users,) how many songs the listener picks, repeats between playlists counted.
    """

    region_tastes: Floats
    user_regions: Ints
    user_tastes: Floats
    user_latents: Floats
    user_picks: Ints

    def __post_init__(self) -> None:
        """Lock the truth: what reads it cannot change it."""
        lock_arrays(self)

    def sparse_users(self, few_songs: int) -> Ints:
        """Return the rows of the listeners with at most ``few_songs`` picks."""
        return np.flatnonzero(self.user_picks <= few_songs).astype(np.int64)


def draw_listeners(config: WorldConfig, music: Music) -> Listeners:
    """Draw regions, then listeners: a Dirichlet taste that leans towards the region."""
    random = config.stream("listeners")
    region_tastes = random.dirichlet(np.full(config.n_genres, 0.6), size=config.n_regions)
    regions = random.choice(config.n_regions, size=config.n_users).astype(np.int64)
    everywhere = np.full(config.n_genres, 1.0 / config.n_genres)
    lean = config.region_strength
    expected = (1 - lean) * everywhere + lean * region_tastes[regions]
    # A Dirichlet parameter of exactly 0 is refused by numpy.
    parameters = np.maximum(config.taste_concentration * expected, 1e-3)
    gammas = np.maximum(random.standard_gamma(parameters), 1e-12)
    tastes: Floats = gammas / gammas.sum(axis=1, keepdims=True)
    latents = unit(
        unit(tastes @ music.genre_centres)
        + steps(random, config.n_users, config.latent_size, config.user_spread)
    )
    return Listeners(
        region_tastes=region_tastes,
        user_regions=regions,
        user_tastes=tastes,
        user_latents=latents,
        user_picks=_picks(config),
    )


def _picks(config: WorldConfig) -> Ints:
    random = config.stream("numbers of songs")
    usual = np.exp(np.log(config.median_songs) + config.songs_sigma * random.standard_normal(config.n_users))
    # Nobody holds more than a third of all songs, or the world has nothing left to recommend.
    most = max(1, config.n_songs // 3)
    picks: Ints = np.clip(np.rint(usual), min(config.few_songs + 1, most), most).astype(np.int64)
    order = random.permutation(config.n_users)
    n_few = round(config.few_share * config.n_users)
    picks[order[1 : n_few + 1]] = random.integers(1, config.few_songs + 1, size=len(order[1 : n_few + 1]))
    if config.n_users > 1:
        picks[order[0]] = 0
    return picks
