"""Learners of taste by a classifier for each listener, and the mean of several."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

from zetdard.data.taste import Labelled, TasteSongs
from zetdard.data.types import Floats, Rows
from zetdard.models.base import TasteLearner, TasteScorer
from zetdard.models.taste.classifiers import (
    Classifier,
    ForestClassifier,
    KnnClassifier,
    LogisticClassifier,
    SvmClassifier,
    calibrated,
)
from zetdard.models.taste.kernels import Kernel
from zetdard.models.taste.learning import ALL_BLOCKS, one_thread
from zetdard.models.taste.scaling import Scale

Doubles: TypeAlias = NDArray[np.float64]

_SONGS_AT_ONCE = 4096


@dataclass(frozen=True, slots=True, eq=False)
class _Scorer:
    points: Floats
    tastes: tuple[Callable[[Doubles], Doubles], ...]

    def score(self, listener: int, rows: Rows) -> Floats:
        scores = np.empty(len(rows), np.float32)
        with one_thread():
            for start in range(0, len(rows), _SONGS_AT_ONCE):
                part = slice(start, start + _SONGS_AT_ONCE)
                scores[part] = self.tastes[listener](self.points[rows[part]].astype(np.float64))
        return scores


@dataclass(frozen=True, slots=True)
class ClassifierLearner:
    """One listener after the other, by a classifier.

    How features become points is learned once, from the songs that any of the listeners has labelled: from the
    features alone, and from no song that is not among them.

    Attributes:
        blocks: Blocks to use, of those there are.
        decorrelation: See ``Scale``.
    """

    name: ClassVar[str]
    blocks: tuple[str, ...] = ALL_BLOCKS
    decorrelation: float = 0.5

    def classifier(self) -> Classifier:
        """Return the classifier that each listener gets."""
        raise NotImplementedError

    def learn(self, songs: TasteSongs, listeners: Sequence[Labelled], *, seed: int) -> TasteScorer:
        """Learn from labelled songs.

        Raises:
            NoDataError: None of the blocks is there.
        """
        names = songs.available(self.blocks) or self.blocks
        values, spans = songs.matrix(names), songs.spans(names)
        training = np.unique(np.concatenate([np.empty(0, np.int32), *(one.rows for one in listeners)]))
        with one_thread():
            scale = Scale.learn(values[training], spans, decorrelation=self.decorrelation)
            points, classifier = scale.points(values), self.classifier()
            return _Scorer(
                points,
                tuple(
                    calibrated(classifier, points[one.rows].astype(np.float64), one.liked, seed=seed)
                    for one in listeners
                ),
            )


@dataclass(frozen=True, slots=True)
class Svm(ClassifierLearner):
    """Log-odds by support vector machines."""

    name: ClassVar[str] = "svm"
    kernels: tuple[Kernel, ...] = (Kernel("laplacian"),)
    c: float = 3.0

    def classifier(self) -> Classifier:
        """Return the machine."""
        return SvmClassifier(self.kernels, self.c)


@dataclass(frozen=True, slots=True)
class Logistic(ClassifierLearner):
    """Log-odds by logistic regression."""

    name: ClassVar[str] = "logistic"
    strength: float = 4.0

    def classifier(self) -> Classifier:
        """Return the regression."""
        return LogisticClassifier(self.strength)


@dataclass(frozen=True, slots=True)
class Forest(ClassifierLearner):
    """Log-odds by random forests; columns keep their own meaning, since trees ask about one at a time."""

    name: ClassVar[str] = "random-forest"
    decorrelation: float = 0.0
    trees: int = 200
    least_leaf: int = 2

    def classifier(self) -> Classifier:
        """Return the forest."""
        return ForestClassifier(self.trees, self.least_leaf)


@dataclass(frozen=True, slots=True)
class Knn(ClassifierLearner):
    """Log-odds by nearest neighbours."""

    name: ClassVar[str] = "knn"
    neighbours: int = 15

    def classifier(self) -> Classifier:
        """Return the rule."""
        return KnnClassifier(self.neighbours)


@dataclass(frozen=True, slots=True, eq=False)
class _MeanScorer:
    scorers: tuple[TasteScorer, ...]

    def score(self, listener: int, rows: Rows) -> Floats:
        scores = [one.score(listener, rows) for one in self.scorers]
        return np.asarray(np.mean(scores, axis=0), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Fused:
    """Mean of the calibrated log-odds of several learners.

    Attributes:
        learners: Who is asked.
    """

    name: ClassVar[str] = "fused"
    learners: tuple[TasteLearner, ...] = (Svm(), Logistic(blocks=("musicnn",)))

    def learn(self, songs: TasteSongs, listeners: Sequence[Labelled], *, seed: int) -> TasteScorer:
        """Let each of them learn."""
        return _MeanScorer(tuple(learner.learn(songs, listeners, seed=seed) for learner in self.learners))
