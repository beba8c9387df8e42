"""What is learned from and what is asked for: pure functions from interactions to (train, test).

Both sides keep the vocabularies of the whole, every interaction lies on exactly one side, and strengths and times
travel along. The same arguments give the same split.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zetdard.data.interactions import Interactions
from zetdard.data.types import Csr, Rows
from zetdard.errors import InputError, NoDataError


@dataclass(frozen=True, slots=True, eq=False)
class HeldOut:
    """Held-out items, seen from the training side: users and items that train does not know have no row.

    Attributes:
        users: External ids of the users with at least one held-out item.
        rows: Shape (users,): their rows in train's vocabulary; −1 = train does not know the user.
        matrix: CSR, shape (users, items of train), binary: the held-out items that have a row there.
        n_relevant: Shape (users,): how many items were held out, with or without a row.
    """

    users: tuple[str, ...]
    rows: Rows
    matrix: Csr
    n_relevant: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.users)

    @classmethod
    def of(cls, test: Interactions) -> HeldOut:
        """Return the test side of a split in which both sides share their vocabularies."""
        degrees = test.user_degrees()
        rows = np.flatnonzero(degrees).astype(np.int32)
        users = tuple(test.users.label(int(row)) for row in rows)
        return cls(users, rows, test.binary()[rows], degrees[rows])


def random_holdout(
    interactions: Interactions, share: float = 0.2, *, seed: int = 0
) -> tuple[Interactions, Interactions]:
    """Hold out a random share of each user's items.

    Of n items, n · share rounded half up are held out, but at least 1 and at most n − 1. A user with fewer than
    two items keeps all of them in train.

    Args:
        interactions: The whole.
        share: Share to hold out, 0 < share < 1.
        seed: Seed of the draw.

    Returns:
        (train, test).
    """
    counts = _held_out_counts(interactions.user_degrees(), share)
    keys = np.random.default_rng(seed).random(len(interactions))
    return _split(interactions, _largest_of_each_user(interactions, keys, counts))


def validation_fold(
    train: Interactions, share: float = 0.1, *, seed: int = 0
) -> tuple[Interactions, Interactions]:
    """Split train once more, for choosing settings without a look at the test side.

    As :func:`random_holdout`, with a stream of its own: the same seed in both gives independent draws.

    Returns:
        (what to fit on, what to choose by).
    """
    counts = _held_out_counts(train.user_degrees(), share)
    keys = np.random.default_rng((seed, 1)).random(len(train))
    return _split(train, _largest_of_each_user(train, keys, counts))


def temporal_holdout(interactions: Interactions, share: float = 0.2) -> tuple[Interactions, Interactions]:
    """Hold out each user's latest items.

    The number is that of :func:`random_holdout`, but no more than the user's items of known time: an item of
    unknown time stays in train. Of items with the same time, the larger row counts as later.

    Returns:
        (train, test).

    Raises:
        NoDataError: No time is known.
    """
    times = interactions.times
    if times is None or not (times > 0).any():
        raise NoDataError("a split by time needs interactions whose time is known")
    counts = _held_out_counts(interactions.user_degrees(), share)
    known = np.bincount(_user_of_each(interactions)[times > 0], minlength=interactions.n_users)
    counts = np.minimum(counts, known)
    return _split(interactions, _largest_of_each_user(interactions, times, counts))


def edge_holdout(
    edges: Interactions, share: float = 0.2, *, seed: int = 0
) -> tuple[Interactions, Interactions]:
    """Hold out a random share of the edges between users.

    Both directions of a pair fall on the same side: u → v in train would give v → u in test away. The share is
    one of all unordered pairs, rounded half up, at least one pair on each side; a single pair stays in train.

    Args:
        edges: Who is linked with whom: users and items are the same vocabulary.
        share: Share of the pairs to hold out, 0 < share < 1.
        seed: Seed of the draw.

    Returns:
        (train, test).
    """
    if edges.users != edges.items:
        raise InputError("edges need the same vocabulary on both sides")
    source, target = _user_of_each(edges), edges.matrix.indices.astype(np.int64)
    if (source == target).any():
        raise InputError("an edge joins a user with itself")
    keys = np.minimum(source, target) * edges.n_users + np.maximum(source, target)
    pairs, pair_of_each = np.unique(keys, return_inverse=True)
    count = int(_held_out_counts(np.array([len(pairs)]), share)[0])
    drawn = np.zeros(len(pairs), bool)
    drawn[np.random.default_rng(seed).permutation(len(pairs))[:count]] = True
    return _split(edges, drawn[pair_of_each])


def _held_out_counts(degrees: NDArray[np.int64], share: float) -> NDArray[np.int64]:
    """Return how many of each number of things to hold out: same shape."""
    if not 0 < share < 1:
        raise InputError(f"the share to hold out must lie between 0 and 1, not {share}")
    rounded = np.floor(degrees * share + 0.5).astype(np.int64)
    # With fewer than two things the upper limit is 0 or below, and nothing is held out.
    counts: NDArray[np.int64] = np.maximum(np.minimum(np.maximum(rounded, 1), degrees - 1), 0)
    return counts


def _user_of_each(interactions: Interactions) -> NDArray[np.int64]:
    """Return the user row of each interaction, in storage order: shape (interactions,)."""
    return np.repeat(np.arange(interactions.n_users, dtype=np.int64), interactions.user_degrees())


def _largest_of_each_user(
    interactions: Interactions, keys: NDArray[np.float64] | NDArray[np.int64], counts: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Mark the ``counts[u]`` interactions of each user u with the largest keys; equal keys: the later stored."""
    users = _user_of_each(interactions)
    order = np.lexsort((keys, users))
    # Sorted by user first, so that position p of the order lies in the same user's stretch as storage place p.
    from_end = interactions.matrix.indptr[users + 1] - 1 - np.arange(len(users))
    marked = np.zeros(len(users), bool)
    marked[order[from_end < counts[users]]] = True
    return marked


def _split(interactions: Interactions, test: NDArray[np.bool_]) -> tuple[Interactions, Interactions]:
    return interactions.keep(~test), interactions.keep(test)
