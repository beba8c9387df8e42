"""Learn from the labels outside a fold, score the songs inside it, pool the folds, measure each listener."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from time import perf_counter
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from zetdard.data.taste import Labelled, TasteSongs
from zetdard.data.types import Floats, Rows
from zetdard.errors import InputError
from zetdard.evaluation.taste.pool import Marks, Pool, PoolListener
from zetdard.measure.binary import METRICS, grouped_auc, roc_curve
from zetdard.measure.metrics import PerUser
from zetdard.models.base import TasteLearner, TasteScorer
from zetdard.progress import Progress, silent

IN_FOLDS = "auc_in_folds"
"""The AUC of pairs in one fold. Pooled scores mix folds: where albums keep together, the share of likes outside a fold is low
where it is high inside, and even labels in random order then fall below one half. In folds they do not."""


LearnerFactory: TypeAlias = Callable[[], TasteLearner]


@dataclass(frozen=True, slots=True)
class TastePlan:
    """How a pool is used.

    Attributes:
        likes: Of a listener's liked songs outside the fold, so many are told at most; ``None`` = all, and all others.
        others: Where likes are few, so many other songs are told for each, as far as there are. Not the listener's own
            share: outside a fold that is low where it is high inside, and a learner that copies it would rank the
            folds the wrong way round.
        draws: How often all of it is done, with seeds that follow each other; a listener's metrics are their means.
        seed: Seed of what is told and of the learners.
    """

    likes: int | None = None
    others: int = 4
    draws: int = 1
    seed: int = 0

    def __post_init__(self) -> None:
        if (self.likes is not None and self.likes < 1) or self.others < 1 or self.draws < 1:
            raise InputError("a learner needs a like at least, another song, and a draw")


@dataclass(frozen=True, slots=True, eq=False)
class TasteRun:
    """What came out for one learner.

    Attributes:
        name: Its name in the results.
        control: Whether it is there only to be compared with.
        scores: For each listener, shape (draws, labelled songs): the score of each song, told without its fold.
        per_listener: Metric → shape (listeners,).
        learn_seconds: Time to learn, all folds and draws together.
        score_seconds: Time to score, all folds and draws together.
        roc: Shape (101,): the mean ROC curve over listeners and draws, at ``measure.binary.FALSE_ALARMS``.
    """

    name: str
    control: bool
    scores: tuple[Floats, ...]
    per_listener: Mapping[str, PerUser]
    learn_seconds: float
    score_seconds: float
    roc: NDArray[np.float64]

    def means(self) -> dict[str, float]:
        """Return each metric's mean over listeners."""
        return {name: float(values.mean()) for name, values in self.per_listener.items()}


def run(
    name: str,
    make: LearnerFactory,
    pool: Pool,
    how: TastePlan,
    *,
    control: bool = False,
    progress: Progress = silent,
) -> TasteRun:
    """Measure a learner on a pool.

    For each fold a new learner is made, so that none can remember the labels of another fold; it gets copies of the
    labels outside the fold, and nobody's label of a song inside it. A listener's scores of all folds are measured
    together: a learner whose scores do not mean the same in each fold pays for it. ``auc_in_folds`` is the AUC without
    that price.

    Args:
        name: The learner's name in the results.
        make: Makes a learner.
        pool: Listeners, folds and features.
        how: How the pool is used.
        control: Whether it is there only to be compared with.
        progress: Told after each fold.

    Raises:
        InputError: The learner returned something else than a finite score for each song.
    """
    scores = [np.zeros((how.draws, len(listener.rows)), np.float32) for listener in pool.listeners]
    learn_seconds = score_seconds = 0.0
    songs = TasteSongs(pool.blocks, pool.clips)
    rounds = list(product(range(how.draws), np.unique(pool.folds).tolist()))
    for number, (draw, fold) in enumerate(rounds):
        progress(f"{name}: folds", number, len(rounds))
        this = replace(how, seed=how.seed + draw)
        told = [
            training_labels(listener, pool, fold, this, place)
            for place, listener in enumerate(pool.listeners)
        ]
        begun = perf_counter()
        scorer = make().learn(songs, told, seed=this.seed)
        learned = perf_counter()
        for place, inside in _held_out(pool, fold):
            rows = pool.listeners[place].rows[inside]
            scores[place][draw, inside] = _scored(name, scorer, place, rows)
        learn_seconds += learned - begun
        score_seconds += perf_counter() - learned
    progress(f"{name}: folds", len(rounds), len(rounds))
    return TasteRun(
        name,
        control,
        tuple(scores),
        _measured(scores, pool),
        learn_seconds,
        score_seconds,
        _roc(scores, pool),
    )


def training_labels(listener: PoolListener, pool: Pool, fold: int, how: TastePlan, place: int) -> Labelled:
    """Return what a learner is told of a listener when a fold is held out.

    Args:
        listener: Who.
        pool: Whose folds count.
        fold: What is held out.
        how: How many likes are told.
        place: The listener's place in the pool, which the draw depends on.
    """
    outside = np.flatnonzero(pool.folds[listener.rows] != fold)
    if how.likes is not None:
        liked = listener.liked[outside]
        rng = np.random.default_rng((how.seed, fold, place))
        told = rng.permutation(outside[liked])[: how.likes]
        others = rng.permutation(outside[~liked])[: how.others * len(told)]
        outside = np.sort(np.concatenate((told, others)))
    return Labelled(listener.rows[outside].astype(np.int32), listener.liked[outside])


def _held_out(pool: Pool, fold: int) -> Iterator[tuple[int, Marks]]:
    for place, listener in enumerate(pool.listeners):
        inside = pool.folds[listener.rows] == fold
        if inside.any():
            yield place, inside


def _scored(name: str, scorer: TasteScorer, place: int, rows: Rows) -> Floats:
    found = np.asarray(scorer.score(place, rows.copy()))
    if found.shape != rows.shape or not np.isfinite(found).all():
        raise InputError(f"{name} must score each song with a finite number; {len(rows)} songs got {found!r}")
    return found.astype(np.float32)


def _roc(scores: Sequence[Floats], pool: Pool) -> NDArray[np.float64]:
    curves = [
        np.mean([roc_curve(draw, listener.liked) for draw in own], axis=0)
        for own, listener in zip(scores, pool.listeners, strict=True)
    ]
    return np.asarray(np.mean(curves, axis=0), np.float64)


def _measured(scores: Sequence[Floats], pool: Pool) -> dict[str, PerUser]:
    measures: dict[str, list[float]] = {metric: [] for metric in (*METRICS, IN_FOLDS)}
    for own, listener in zip(scores, pool.listeners, strict=True):
        for metric, measure in METRICS.items():
            measures[metric].append(float(np.mean([measure(draw, listener.liked) for draw in own])))
        folds = pool.folds[listener.rows]
        in_folds = [grouped_auc(draw, listener.liked, folds) for draw in own]
        measures[IN_FOLDS].append(float(np.mean(in_folds)))
    return {metric: np.array(values) for metric, values in measures.items()}
