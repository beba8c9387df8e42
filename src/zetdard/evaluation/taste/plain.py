"""Plain uses of scikit-learn, beside which models of taste stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np

from zetdard.data.taste import Labelled, TasteSongs
from zetdard.data.types import Floats, Rows
from zetdard.errors import InputError, MissingExtraError
from zetdard.models.base import TasteScorer


@dataclass(frozen=True, slots=True)
class Plain:
    """A plain use of scikit-learn for each listener: what anyone would try first.

    Columns are standardised by the listener's training songs; both classes weigh the same; the rest is scikit-learn's own
    (C = 1; for the Gaussian kernel γ = 1 / columns). Songs without features get the mean of the training songs.

    Attributes:
        blocks: Names of the features, side by side.
        kind: A logistic regression with an L2 penalty, or a support vector machine with a Gaussian kernel.
        c: Inverse strength of the penalty.
    """

    blocks: tuple[str, ...]
    kind: Literal["logistic", "svm"] = "logistic"
    c: float = 1.0

    def learn(self, songs: TasteSongs, listeners: Sequence[Labelled], *, seed: int) -> TasteScorer:
        """Learn listener by listener."""
        try:
            from threadpoolctl import threadpool_limits
        except ImportError as error:
            raise self._missing() from error
        for name in self.blocks:
            if name not in songs.blocks:
                raise InputError(f"the pool has no features {name!r}")
        parts = [
            _Standard(songs.blocks[name].values.astype(np.float64), songs.blocks[name].known)
            for name in self.blocks
        ]
        # So small a fit takes many times as long on threads that wait for each other.
        with threadpool_limits(1):
            fitted = []
            for one in listeners:
                scales = [part.scale(one.rows) for part in parts]
                values = _beside(parts, scales, one.rows)
                fitted.append((self._model().fit(values, one.liked), scales))
        return _Fitted(fitted, parts)

    def _model(self) -> Any:
        try:
            from sklearn.linear_model import LogisticRegression
            from sklearn.svm import SVC
        except ImportError as error:
            raise self._missing() from error
        if self.kind == "svm":
            return SVC(C=self.c, gamma="auto", class_weight="balanced")
        return LogisticRegression(C=self.c, class_weight="balanced", max_iter=2_000)

    def _missing(self) -> MissingExtraError:
        return MissingExtraError("learn", "the plain models beside which tastes are measured")


_Scale: TypeAlias = "tuple[Floats, Floats]"


@dataclass(frozen=True, slots=True, eq=False)
class _Standard:
    values: Any
    known: Any

    def scale(self, rows: Rows) -> _Scale:
        own = self.values[rows[self.known[rows]]]
        if not len(own):
            own = np.zeros((1, self.values.shape[1]))
        spread = own.std(axis=0)
        return own.mean(axis=0), np.where(spread > 0, spread, 1)

    def standard(self, rows: Rows, scale: _Scale) -> Any:
        mean, spread = scale
        return np.where(self.known[rows][:, None], (self.values[rows] - mean) / spread, 0.0)


def _beside(parts: Sequence[_Standard], scales: Sequence[_Scale], rows: Rows) -> Any:
    return np.hstack([part.standard(rows, scale) for part, scale in zip(parts, scales, strict=True)])


@dataclass(frozen=True, slots=True, eq=False)
class _Fitted:
    models: Sequence[tuple[Any, Sequence[_Scale]]]
    parts: Sequence[_Standard]

    def score(self, listener: int, rows: Rows) -> Floats:
        model, scales = self.models[listener]
        return np.asarray(model.decision_function(_beside(self.parts, scales, rows)), np.float32)
