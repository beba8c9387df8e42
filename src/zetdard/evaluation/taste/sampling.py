"""Pools of listeners of whom only likes are known: what they do not hold is sampled as not liked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from zetdard.data.dataset import Dataset
from zetdard.data.features import FeatureBlock
from zetdard.data.types import Rows
from zetdard.errors import InputError, NoDataError
from zetdard.evaluation.taste.pool import Folds, Marks, Pool, PoolListener, dealt, learnable

Negatives = Literal["uniform", "popularity"]
By = Literal["track", "artist"]
Histories: TypeAlias = Sequence[tuple[str, Rows]]
"""Each listener's name and what they hold: ascending rows."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """Who is taken into a pool, and what they are taken not to like.

    Attributes:
        negatives: ``uniform``: any songs that the listener does not hold; ``popularity``: such as are held by about
            as many others as the liked ones are, so that being popular tells nothing.
        ratio: Songs not liked for each liked one.
        least: Listeners with fewer likes are left out.
        most_likes: Of more likes, so many are drawn.
        listeners: So many listeners at most are drawn.
    """

    negatives: Negatives = "uniform"
    ratio: float = 3.0
    least: int = 10
    most_likes: int = 200
    listeners: int = 100

    def __post_init__(self) -> None:
        if self.negatives not in get_args(Negatives):
            raise InputError(f"negatives are sampled uniform or popularity, not {self.negatives!r}")
        if not 0 < self.ratio <= 100:
            raise InputError("the ratio of songs not liked to liked ones lies between 0 and 100")
        if not 2 <= self.least <= self.most_likes or self.listeners < 1:
            raise InputError("a pool needs a listener, with two likes at least")


def stored(
    dataset: Dataset,
    blocks: Mapping[str, FeatureBlock],
    *,
    by: By = "track",
    groups: NDArray[np.int64] | None = None,
    dislikes: Mapping[int, Rows] | None = None,
    n_folds: int = 5,
    sampling: Sampling | None = None,
    seed: int = 0,
) -> Pool:
    """Make a pool of what is stored: liked = held. Songs of which no block knows anything take no part.

    Args:
        dataset: What is stored.
        blocks: Features of its songs, by name.
        by: Whether folds are dealt by track, or the songs of an artist (the first in the credits) stay together.
        groups: Shape (songs,): other groups that stay together, such as albums; then ``by`` does not count.
        dislikes: User row → songs that the user dislikes: taken before any are sampled, and all of them.
        n_folds: How many.
        sampling: Who is taken, and what they are taken not to like.
        seed: Seed of folds and samples.

    Raises:
        NoDataError: Nobody has enough labelled songs of which features are known.
    """
    songs = dataset.songs.vocabulary
    known = np.zeros(len(songs), np.bool_)
    for block in blocks.values():
        known |= block.known
    if not known.any():
        raise NoDataError("no features of songs are stored: there is nothing to tell taste from")
    kept: str = by
    if groups is not None:
        kept = "given groups"
    elif by == "artist":
        groups = _first_artists(dataset)
    else:
        groups = np.arange(len(songs))
    folds = dealt(groups, n_folds, seed)
    histories = [(label, dataset.holdings.held(row)) for row, label in enumerate(dataset.users.vocabulary)]
    listeners, facts = sampled(
        histories, folds, known, sampling or Sampling(), seed=seed, dislikes=dislikes or {}
    )
    return Pool(
        name=f"stored by {kept}",
        songs=songs,
        listeners=listeners,
        folds=folds,
        blocks=blocks,
        facts={"folds": f"{n_folds}, by {kept}", "listeners are": "users", **facts},
    )


def _first_artists(dataset: Dataset) -> NDArray[np.int64]:
    """Return the first artist of each song; a song without any is a group of its own."""
    groups = len(dataset.artists) + np.arange(len(dataset.songs), dtype=np.int64)
    for song in range(len(dataset.songs)):
        artists = dataset.artists_of(song)
        if len(artists):
            groups[song] = artists[0]
    return groups


def sampled(
    histories: Histories,
    folds: Folds,
    known: Marks,
    sampling: Sampling,
    *,
    seed: int,
    dislikes: Mapping[int, Rows] | None = None,
) -> tuple[tuple[PoolListener, ...], dict[str, Any]]:
    """Give listeners of whom likes are known songs that they do not like.

    Args:
        histories: Who holds what.
        folds: The fold of each song.
        known: Shape (songs,): which songs may take part.
        sampling: Who is taken, and how songs are sampled.
        seed: Seed of all draws; a listener's do not depend on who else is drawn.
        dislikes: Place in ``histories`` → songs known as disliked.

    Returns:
        The listeners with labels of both kinds outside every fold, and how it was done.
    """
    degrees = np.zeros(len(known), np.int64)
    for _, held in histories:
        degrees[held] += 1
    able = [
        place for place, (_, held) in enumerate(histories) if np.count_nonzero(known[held]) >= sampling.least
    ]
    drawn = np.random.default_rng((seed, 0)).permutation(np.array(able, np.int64))[: sampling.listeners]
    listeners = []
    for place in sorted(drawn.tolist()):
        name, held = histories[place]
        disliked = (dislikes or {}).get(place, np.empty(0, np.int32))
        listener = _labelled(name, held, disliked, known, degrees, sampling, (seed, 1, place))
        if learnable(listener, folds):
            listeners.append(listener)
    facts = {
        "negatives": f"{sampling.negatives}, {sampling.ratio:g} for each like",
        "listeners with enough likes": len(able),
        "drawn": len(drawn),
        "drawn and left out, for want of both kinds outside a fold": len(drawn) - len(listeners),
        "seed": seed,
    }
    return tuple(listeners), facts


def _labelled(
    name: str,
    held: Rows,
    disliked: Rows,
    known: Marks,
    degrees: NDArray[np.int64],
    sampling: Sampling,
    seed: tuple[int, ...],
) -> PoolListener:
    rng = np.random.default_rng(seed)
    liked = np.setdiff1d(held[known[held]], disliked)
    if len(liked) > sampling.most_likes:
        liked = rng.choice(liked, sampling.most_likes, replace=False)
    free = known.copy()
    free[held] = False
    free[disliked] = False
    given = np.unique(disliked[known[disliked]]).astype(np.int64)
    wanted = max(round(len(liked) * sampling.ratio), 1) - len(given)
    if sampling.negatives == "popularity":
        # The listener's own holding is no popularity: nobody else could have that in advance.
        others = _matched(degrees[liked] - 1, degrees, np.flatnonzero(free), wanted, rng)
    else:
        others = rng.permutation(np.flatnonzero(free))[: max(wanted, 0)]
    rows = np.concatenate((liked, given, others)).astype(np.int32)
    labels = np.arange(len(rows)) < len(liked)
    order = np.argsort(rows, kind="stable")
    return PoolListener(name, rows[order], labels[order])


def _matched(
    wanted_degrees: NDArray[np.int64],
    degrees: NDArray[np.int64],
    free: NDArray[np.int64],
    wanted: int,
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    """Draw songs whose holders are as many as those of the liked ones, by classes of doubling size.

    A class in which too few are free gives all it has; what is missing then comes from the rest, at random.
    """
    if wanted <= 0:
        return np.empty(0, np.int64)
    classes_wanted = np.bincount(_classes(wanted_degrees), minlength=64)
    shares = classes_wanted * wanted / classes_wanted.sum()
    order = rng.permutation(free)
    classes = _classes(degrees[order])
    # Largest remainders first, so that the shares sum to what is wanted.
    counts = np.floor(shares).astype(np.int64)
    rest = wanted - int(counts.sum())
    counts[np.argsort(-(shares - counts), kind="stable")[:rest]] += 1
    taken = np.zeros(len(order), np.bool_)
    for class_ in np.flatnonzero(counts):
        taken[np.flatnonzero(classes == class_)[: counts[class_]]] = True
    taken[np.flatnonzero(~taken)[: wanted - int(taken.sum())]] = True
    return order[taken]


def _classes(degrees: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return 0 for no holder, 1 for one, 2 for 2 and 3, 3 for 4 to 7, and so on."""
    classes: NDArray[np.int64] = np.ceil(np.log2(degrees + 1.0)).astype(np.int64)
    return classes
