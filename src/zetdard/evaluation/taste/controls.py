"""What always stands beside a model of taste: who knows nothing, who knows all, and who hears only the mastering."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from zetdard.data.taste import Labelled, TasteSongs
from zetdard.data.types import Floats, Rows
from zetdard.errors import InputError
from zetdard.evaluation.taste.plain import Plain
from zetdard.evaluation.taste.pool import Pool
from zetdard.evaluation.taste.protocol import LearnerFactory
from zetdard.models.base import TasteLearner, TasteScorer

ALWAYS_NO, MASTERING, ORACLE, SHUFFLED = "always-no", "mastering", "oracle", "shuffled"
MFCC, PLAIN_SVM = "mfcc", "plain-svm"
"""Names of the controls in the results; ``mastering`` and ``mfcc`` are the names of their blocks of features too."""

OF_SOUND = (MASTERING, MFCC, PLAIN_SVM)
"""What a model that hears has to beat."""
_FUSED = ("descriptors", "musicnn")

NOTES: Mapping[str, str] = {
    ALWAYS_NO: "predicts that nothing is liked",
    MASTERING: "a logistic regression on six numbers that tell how a track was mastered",
    MFCC: "a logistic regression on means and deviations of 20 cepstral coefficients",
    PLAIN_SVM: "a support vector machine with a Gaussian kernel, untuned, on descriptors and MusiCNN side by side",
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
        found[MASTERING] = partial(Plain, (MASTERING,))
        if MFCC in pool.blocks:
            found[MFCC] = partial(Plain, (MFCC,))
        if pool.blocks.keys() >= set(_FUSED):
            found[PLAIN_SVM] = partial(Plain, _FUSED, kind="svm")
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
