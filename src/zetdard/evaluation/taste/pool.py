"""A pool: listeners with labelled songs, and folds of songs; and how songs are dealt into folds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zetdard.data.clips import Clips
from zetdard.data.features import FeatureBlock
from zetdard.data.types import Floats, Rows
from zetdard.data.vocabulary import Vocabulary
from zetdard.errors import InputError, NoDataError

Folds = NDArray[np.int64]
"""The fold of each song, 0 … n − 1: shape (songs,)."""
Marks = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class PoolListener:
    """One listener and the songs that they have an opinion of.

    Attributes:
        name: Who it is.
        rows: Songs, ascending, each once: shape (n,).
        liked: Shape (n,).
        in_taste: Shape (n,): what an oracle says, where one is known.
        fit: Shape (n,): how well each song fits, where the true taste is known as numbers; goes before ``in_taste``.
        parts: Name of a modality → shape (n,): its part in the fit.
    """

    name: str
    rows: Rows
    liked: Marks
    in_taste: Marks | None = None
    fit: Floats | None = None
    parts: Mapping[str, Floats] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if (np.diff(self.rows) <= 0).any() or self.liked.shape != self.rows.shape:
            raise InputError(f"{self.name!r}: labelled songs are ascending rows with one label each")
        known = [*self.parts.values(), *(one for one in (self.in_taste, self.fit) if one is not None)]
        if any(one.shape != self.rows.shape for one in known):
            raise InputError(f"{self.name!r}: the oracle needs a word about each labelled song")

    def truth(self) -> Floats | None:
        """Return what an oracle would say of each song, above 0 where it is liked by taste; ``None`` = not known."""
        if self.fit is not None:
            return self.verdict(self.fit)
        return None if self.in_taste is None else np.where(self.in_taste, 1, -1).astype(np.float32)

    def verdict(self, fit: Floats) -> Floats:
        """Return a fit less its least value among as many of the best as are liked."""
        return np.asarray(fit - np.quantile(fit, 1 - self.liked.mean()), np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """What a taste experiment is made on. A song has one fold, whoever labelled it.

    Attributes:
        name: What it is.
        songs: Labels of the songs.
        listeners: Each with songs of both kinds outside every fold.
        folds: The fold of each song.
        blocks: Features of the songs by name; each block's vocabulary is ``songs``.
        facts: How it was made, for the report.
        clips: Excerpts of the songs, where there are some; their vocabulary is ``songs``.
    """

    name: str
    songs: Vocabulary
    listeners: tuple[PoolListener, ...]
    folds: Folds
    blocks: Mapping[str, FeatureBlock] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    clips: Clips | None = None

    def __post_init__(self) -> None:
        if self.folds.shape != (len(self.songs),) or (self.folds < 0).any():
            raise InputError("every song of a pool needs a fold, counted from 0")
        for name, block in self.blocks.items():
            if block.vocabulary != self.songs:
                raise InputError(f"the features {name!r} are about other songs than the pool's")
        if self.clips is not None and self.clips.vocabulary != self.songs:
            raise InputError("the clips are of other songs than the pool's")
        for listener in self.listeners:
            if len(listener.rows) and (listener.rows[0] < 0 or listener.rows[-1] >= len(self.songs)):
                raise InputError(f"{listener.name!r} has labelled a song that the pool does not know")
            if not learnable(listener, self.folds):
                raise InputError(f"{listener.name!r} has no songs of both kinds outside every fold")
        if not self.listeners:
            raise NoDataError(f"{self.name}: nobody has songs of both kinds outside every fold")

    def with_blocks(self, blocks: Mapping[str, FeatureBlock]) -> Pool:
        """Return the same pool with further features."""
        return replace(self, blocks={**self.blocks, **blocks})


def learnable(listener: PoolListener, folds: Folds) -> bool:
    """Whether both kinds of labels remain when any one fold is held out."""
    own = folds[listener.rows]
    return all(
        len(np.unique(listener.liked[own != fold])) == 2 for fold in range(int(folds.max(initial=0)) + 1)
    )


def dealt(groups: Sequence[int] | NDArray[np.int64], n_folds: int, seed: int) -> Folds:
    """Deal songs into folds of about equal size, songs of one group into the same.

    Groups in descending order of size, equal ones in random order, each into the smallest fold so far.

    Args:
        groups: Shape (songs,): the group of each song.
        n_folds: At least 2.
        seed: Seed of the order.
    """
    if n_folds < 2:
        raise InputError("a held-out part needs at least two folds")
    _, place, sizes = np.unique(np.asarray(groups), return_inverse=True, return_counts=True)
    order = np.lexsort((np.random.default_rng(seed).permutation(len(sizes)), -sizes))
    fold_of_group, filled = np.zeros(len(sizes), np.int64), np.zeros(n_folds, np.int64)
    for group in order:
        fold = int(np.argmin(filled))
        fold_of_group[group] = fold
        filled[fold] += sizes[group]
    folds: Folds = fold_of_group[place]
    return folds
