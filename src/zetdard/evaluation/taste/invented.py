"""Other invented listeners over real tracks: who like what some composers made, or one style, and are not quite consistent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from zetdard.data.types import Rows
from zetdard.errors import InputError
from zetdard.evaluation.taste.pool import PoolListener

LISTENERS = 24
_COMPOSERS = (2, 3)
_LEAST_IN_TASTE, _MOST_IN_TASTE = 16, 45
_MISSED = 0.1
"""The chance that a song in taste is not liked, and the share of likes that is chance."""
_OTHERS_FOR_A_LIKE = 4


def invented_listeners(
    groups: Sequence[str], kind: Literal["composer", "style"], seed: int, *, listeners: int = LISTENERS
) -> tuple[PoolListener, ...]:
    """Invent listeners by the recipe of the listeners of ``audio_taste``.

    A composer listener likes the tracks of two or three composers who have 16 or more together; a style listener those of one
    style, each style in turn; at most 45 tracks are in taste. A tenth of these is missed, and a tenth of the likes is chance.
    Four other tracks for each liked one are labelled too, as far as there are.

    Args:
        groups: Shape (tracks,): the composer, or the style, of each track.
        kind: Which of both the groups are.
        seed: Who they are.
        listeners: How many. Over few tracks one of them may like all or none of theirs.

    Raises:
        InputError: There is one group only, or no composers have enough tracks.
    """
    names, group_of, sizes = np.unique(np.asarray(groups), return_inverse=True, return_counts=True)
    if len(names) < 2 or (kind == "composer" and np.sort(sizes)[-2:].sum() < _LEAST_IN_TASTE):
        raise InputError(f"{len(groups)} tracks of {len(names)} groups are too few to invent listeners over")
    random = np.random.default_rng((seed, 0 if kind == "composer" else 1))
    turns = random.permutation(len(names))
    found = []
    for number in range(listeners):
        own = turns[[number % len(names)]] if kind == "style" else _composers(sizes, random)
        found.append(_listener(f"{kind}-{number:02}", np.isin(group_of, own), random))
    return tuple(found)


def _composers(sizes: NDArray[np.int64], random: np.random.Generator) -> NDArray[np.int64]:
    while True:
        own = random.choice(len(sizes), min(int(random.choice(_COMPOSERS)), len(sizes)), replace=False)
        if sizes[own].sum() >= _LEAST_IN_TASTE:
            return own


def _listener(name: str, fits: NDArray[np.bool_], random: np.random.Generator) -> PoolListener:
    inside = random.permutation(np.flatnonzero(fits))[:_MOST_IN_TASTE]
    outside = random.permutation(np.flatnonzero(~fits))
    kept = inside[random.random(len(inside)) >= _MISSED]
    by_chance = outside[: round(len(kept) * _MISSED / (1 - _MISSED))]
    likes = np.concatenate((kept, by_chance))
    n_others = _OTHERS_FOR_A_LIKE * len(likes) - (len(inside) - len(kept))
    others = outside[len(by_chance) :][: max(0, n_others)]
    rows: Rows = np.sort(np.concatenate((inside, by_chance, others))).astype(np.int32)
    return PoolListener(name, rows, np.isin(rows, likes), np.isin(rows, inside))
