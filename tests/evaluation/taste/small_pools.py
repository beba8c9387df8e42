"""Pools whose tastes are known, and learners that watch what they are told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zetdard.data.features import FeatureBlock
from zetdard.data.taste import Labelled, TasteSongs
from zetdard.data.vocabulary import Vocabulary
from zetdard.evaluation.taste.pool import Pool, PoolListener, dealt


def pool_of(n_songs: int = 90, n_listeners: int = 6, *, noise: float = 0.1, seed: int = 0) -> Pool:
    """Listeners who like the songs on one side of a direction of their own, and some at random.

    The block ``sound`` holds the two numbers that taste depends on, ``mastering`` six that say nothing.
    """
    rng = np.random.default_rng(seed)
    songs = Vocabulary((f"song-{number:03d}" for number in range(n_songs)), kind="song")
    sound = rng.standard_normal((n_songs, 2)).astype(np.float32)
    listeners = []
    for number in range(n_listeners):
        rows = np.sort(rng.choice(n_songs, n_songs * 2 // 3, replace=False)).astype(np.int32)
        angle = 2 * np.pi * number / n_listeners
        in_taste = sound[rows] @ np.array([np.cos(angle), np.sin(angle)]) > 0.5
        liked = in_taste ^ (rng.random(len(rows)) < noise)
        listeners.append(PoolListener(f"listener-{number}", rows, liked, in_taste))
    mastering = rng.standard_normal((n_songs, 6)).astype(np.float32)
    return Pool(
        "small",
        songs,
        tuple(listeners),
        dealt(np.arange(n_songs), 3, seed),
        {
            "sound": FeatureBlock(songs, sound, ("x", "y")),
            "mastering": FeatureBlock(songs, mastering, tuple("abcdef")),
        },
        {"folds": "3"},
    )


def with_labels_turned(pool: Pool, fold: int) -> Pool:
    """The same pool; the songs in a fold have the opposite labels."""
    turned = tuple(
        replace(listener, liked=listener.liked ^ (pool.folds[listener.rows] == fold), in_taste=None)
        for listener in pool.listeners
    )
    return replace(pool, listeners=turned)


@dataclass
class Watch:
    """What learners were told, and which learner scored what."""

    told: list[dict[int, Labelled]] = field(default_factory=list)
    scored: list[tuple[int, int, NDArray[np.int32]]] = field(default_factory=list)

    def learner(self) -> Watcher:
        return Watcher(self)


class Watcher:
    """Refuses to score a song of which it has seen anybody's label, and to learn twice."""

    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        self.seen: set[int] | None = None

    def learn(self, songs: TasteSongs, listeners: Sequence[Labelled], *, seed: int) -> Watcher:
        assert self.seen is None, "a learner that has seen the labels of another fold"
        self.seen = {int(row) for one in listeners for row in one.rows}
        self.watch.told.append(dict(enumerate(listeners)))
        return self

    def score(self, listener: int, rows: NDArray[np.int32]) -> Any:
        assert self.seen is not None
        assert self.seen.isdisjoint(rows.tolist()), "a song whose label has been seen"
        self.watch.scored.append((len(self.watch.told), listener, rows))
        return -np.ones(len(rows), np.float32)


class Nearest:
    """Likes what is near to liked songs and far from the others: a plain learner on the block ``sound``."""

    def learn(self, songs: TasteSongs, listeners: Sequence[Labelled], *, seed: int) -> Nearest:
        self.sound = songs.blocks["sound"].values
        self.told = list(listeners)
        return self

    def score(self, listener: int, rows: NDArray[np.int32]) -> NDArray[np.float32]:
        one = self.told[listener]
        far = [
            np.linalg.norm(self.sound[rows, None] - self.sound[one.rows[one.liked == kind]], axis=2)
            for kind in (True, False)
        ]
        return np.asarray(
            np.sort(far[1], axis=1)[:, :3].mean(axis=1) - np.sort(far[0], axis=1)[:, :3].mean(axis=1),
            np.float32,
        )
