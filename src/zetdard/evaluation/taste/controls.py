"""What always stands beside a model of taste: who knows nothing, who knows all, and who hears only the mastering."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from zetdard.data.taste import Labelled, TasteSongs
from zetdard.data.types import Floats, Rows
from zetdard.errors import InputError, MissingExtraError
from zetdard.evaluation.taste.pool import Pool
from zetdard.evaluation.taste.protocol import LearnerFactory
from zetdard.models.base import TasteLearner, TasteScorer

ALWAYS_NO, MASTERING, ORACLE, SHUFFLED = "always-no", "mastering", "oracle", "shuffled"
"""Names of the controls in the results; ``mastering`` is the name of its block of features too."""

NOTES: Mapping[str, str] = {
    ALWAYS_NO: "predicts that nothing is liked",
    MASTERING: "a logistic regression on six numbers that tell how a track was mastered",
    ORACLE: "knows the taste, and not the listener's chance likes and dislikes: the most that can be reached",
    SHUFFLED: "learns from each listener's training labels in random order",
}


ORACLE_OF = "oracle of "
"""How the control begins that knows one modality's part in the taste."""


def note_of(name: str) -> str | None:
    """Return what is to be said of a control, or ``None`` where the name is not a control's."""
    if name.startswith(ORACLE_OF):
        return f"knows what {name.removeprefix(ORACLE_OF)} contributes to the taste, and nothing else"
    return NOTES.get(name)


def controls(pool: Pool, first: LearnerFactory | None = None) -> dict[str, LearnerFactory]:
    """Return the controls that a pool allows, by name.

    Args:
        pool: Its features and oracle say which are possible.
        first: The model that is to learn from shuffled labels too.
    """
    found: dict[str, LearnerFactory] = {ALWAYS_NO: AlwaysNo}
    if first is not None:
        found[SHUFFLED] = partial(_shuffled, first)
    if MASTERING in pool.blocks:
        found[MASTERING] = partial(PlainLogistic, MASTERING)
    if all(listener.truth() is not None for listener in pool.listeners):
        found[ORACLE] = partial(Oracle, pool)
        parts = [part for part in pool.listeners[0].parts if all(part in one.parts for one in pool.listeners)]
        found |= {f"{ORACLE_OF}{part}": partial(Oracle, pool, part) for part in parts}
    return found


def _shuffled(first: LearnerFactory) -> TasteLearner:
    return Shuffled(first())


@dataclass(frozen=True, slots=True)
class AlwaysNo:
    """Predicts that nothing is liked: right as often as things are not."""

    def learn(self, songs: TasteSongs, listeners: Sequence[Labelled], *, seed: int) -> TasteScorer:
        """Learn nothing."""
        return self

    def score(self, listener: int, rows: Rows) -> Floats:
        """Return −1 for all."""
        return np.full(len(rows), -1, np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Oracle:
    """Knows what each listener of a pool likes by taste.

    Attributes:
        pool: Whose listeners.
        part: The only part of the taste that it knows; ``None`` = all of it.
    """

    pool: Pool
    part: str | None = None

    def learn(self, songs: TasteSongs, listeners: Sequence[Labelled], *, seed: int) -> TasteScorer:
        """Learn nothing; all is known."""
        return self

    def score(self, listener: int, rows: Rows) -> Floats:
        """Return how well each song fits: above 0 for as many as are liked; 1 and −1 where only that is known."""
        one = self.pool.listeners[listener]
        truth = one.truth() if self.part is None else one.verdict(one.parts[self.part])
        if truth is None:
            raise InputError(f"the taste of {one.name!r} is not known")
        return truth[np.searchsorted(one.rows, rows)]


@dataclass(frozen=True, slots=True)
class Shuffled:
    """Learns from training labels in random order: what is left of a model's success is not taste.

    Attributes:
        learner: Who learns.
    """

    learner: TasteLearner

    def learn(self, songs: TasteSongs, listeners: Sequence[Labelled], *, seed: int) -> TasteScorer:
        """Let the learner learn from each listener's labels, dealt out anew among the same songs."""
        told = [
            Labelled(one.rows, np.random.default_rng((seed, place)).permutation(one.liked))
            for place, one in enumerate(listeners)
        ]
        return self.learner.learn(songs, told, seed=seed)


@dataclass(frozen=True, slots=True)
class PlainLogistic:
    """A logistic regression for each listener on one block of features.

    Columns are standardised by the listener's training songs; L2 with C = 1; both classes weigh the same. Songs
    without features get the mean of the training songs.

    Attributes:
        block: Name of the features.
        c: Inverse strength of the L2 penalty.
    """

    block: str
    c: float = 1.0

    def learn(self, songs: TasteSongs, listeners: Sequence[Labelled], *, seed: int) -> TasteScorer:
        """Learn listener by listener."""
        try:
            from sklearn.linear_model import LogisticRegression
            from threadpoolctl import threadpool_limits
        except ImportError as error:
            raise MissingExtraError(
                "learn", "the logistic regression beside which tastes are measured"
            ) from error
        block = songs.blocks.get(self.block)
        if block is None:
            raise InputError(f"the pool has no features {self.block!r}")
        values = block.values.astype(np.float64)
        present = block.known
        fitted = []
        # So small a fit takes many times as long on threads that wait for each other.
        with threadpool_limits(1):
            for one in listeners:
                known = values[one.rows[present[one.rows]]]
                if not len(known):
                    known = np.zeros((1, values.shape[1]))
                mean, sd = known.mean(axis=0), known.std(axis=0)
                scale = np.where(sd > 0, sd, 1)
                model = LogisticRegression(C=self.c, class_weight="balanced", max_iter=2_000)
                told = _standard(values[one.rows], present[one.rows], mean, scale)
                fitted.append((model.fit(told, one.liked), mean, scale))
        return _Fitted(fitted, values, present)


@dataclass(frozen=True, slots=True, eq=False)
class _Fitted:
    models: Sequence[tuple[Any, Any, Any]]
    values: Any
    present: Any

    def score(self, listener: int, rows: Rows) -> Floats:
        model, mean, scale = self.models[listener]
        found: Floats = model.decision_function(
            _standard(self.values[rows], self.present[rows], mean, scale)
        ).astype(np.float32)
        return found


def _standard(values: Any, present: Any, mean: Any, scale: Any) -> Any:
    return np.where(present[:, None], (values - mean) / scale, 0.0)
