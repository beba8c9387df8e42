"""From decision values to log-odds, so that those of different classifiers and folds can be compared and averaged.

Platt, "Probabilistic outputs for support vector machines" (1999), with the targets proposed there; both classes weigh the
same, so that 0 is where a song is as likely to come from the liked as from the others, however few are liked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import scipy.optimize
import scipy.special
from numpy.typing import NDArray

Doubles: TypeAlias = NDArray[np.float64]

_LEAST_SLOPE = 0.1
"""A few songs that happen to lie the wrong way round must not turn a taste upside down."""


def inner_folds(liked: NDArray[np.bool_], folds: int, seed: int) -> NDArray[np.int64] | None:
    """Deal the songs into folds, liked and others apart; ``None`` where a class has fewer than two.

    Args:
        liked: Shape (n,).
        folds: How many; fewer where a class has fewer songs.
        seed: Of the dealing.
    """
    folds = min(folds, int(liked.sum()), int((~liked).sum()))
    if folds < 2:
        return None
    dealt = np.empty(len(liked), np.int64)
    random = np.random.default_rng(seed)
    for rows in (np.flatnonzero(liked), np.flatnonzero(~liked)):
        dealt[random.permutation(rows)] = np.arange(len(rows)) % folds
    return dealt


@dataclass(frozen=True, slots=True)
class Sigmoid:
    """Log-odds = slope · decision value + offset."""

    slope: float = 1.0
    offset: float = 0.0

    def log_odds(self, decisions: Doubles) -> Doubles:
        """Return the log-odds that a song is liked, were half of all songs liked: shape of ``decisions``."""
        return self.slope * decisions + self.offset

    @classmethod
    def fit(cls, decisions: Doubles, liked: NDArray[np.bool_]) -> Sigmoid:
        """Fit to decision values of songs on which the classifier was not trained.

        Least Σ w_i [log(1 + e^(−z_i)) + (1 − t_i) z_i] + ½ (a − 1)², z = a f / s + b, s the spread of the decision values,
        w_i = n / (2 n_class), t = (n₊ + 1) / (n₊ + 2) of a liked song and 1 / (n₋ + 2) of another.

        Args:
            decisions: Shape (n,).
            liked: Shape (n,).
        """
        spread = float(decisions.std())
        if spread == 0 or liked.all() or not liked.any():
            return cls()
        standard = (decisions - decisions.mean()) / spread
        n, n_liked = len(liked), int(liked.sum())
        weights = np.where(liked, n / (2 * n_liked), n / (2 * (n - n_liked)))
        targets = np.where(liked, (n_liked + 1) / (n_liked + 2), 1 / (n - n_liked + 2))

        def loss(at: Doubles) -> tuple[float, Doubles]:
            z = at[0] * standard + at[1]
            excess = weights * (scipy.special.expit(z) - targets)
            value = (weights * (np.logaddexp(0, -z) + (1 - targets) * z)).sum() + (at[0] - 1) ** 2 / 2
            return float(value), np.array([(excess * standard).sum() + at[0] - 1, excess.sum()])

        found: Any = scipy.optimize.minimize(
            loss,
            np.array([1.0, 0.0]),
            jac=True,
            method="L-BFGS-B",
            bounds=[(_LEAST_SLOPE, None), (None, None)],
        )
        slope = float(found.x[0]) / spread
        return cls(slope, float(found.x[1]) - slope * float(decisions.mean()))
