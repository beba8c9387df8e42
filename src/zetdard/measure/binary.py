"""How well scores and verdicts tell two classes apart: one listener's liked songs from the others.

Notation: P positives and N negatives; s⁺ and s⁻ are scores of either. A verdict is "yes" or "no" for each of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import scipy.stats
from numpy.typing import NDArray

from zetdard.errors import InputError

Truth = NDArray[np.bool_]
"""Which of the judged are positive: shape (n,)."""


def roc_auc(scores: NDArray[np.floating[Any]], positive: Truth) -> float:
    """Area under the ROC curve: the chance that a positive scores above a negative, 0 … 1; ties count one half.

    AUC = (|{s⁺ > s⁻}| + ½ |{s⁺ = s⁻}|) / (P · N) = (R⁺ − P (P + 1) / 2) / (P · N), where R⁺ is the sum of the
    positives' ranks among all scores, equal scores sharing the mean of their ranks.

    Hanley and McNeil, "The meaning and use of the area under a receiver operating characteristic (ROC) curve",
    Radiology 143 (1982).

    Args:
        scores: Shape (n,), finite; higher = rather positive.
        positive: Shape (n,); both classes occur.
    """
    _check(scores, positive)
    n_positive = int(positive.sum())
    ranks = scipy.stats.rankdata(scores)
    above = float(ranks[positive].sum()) - n_positive * (n_positive + 1) / 2
    return above / (n_positive * (len(positive) - n_positive))


FALSE_ALARMS = np.linspace(0, 1, 101)
"""Shares of the negatives at which ROC curves are read, so that those of several listeners can be averaged."""


def roc_curve(scores: NDArray[np.floating[Any]], positive: Truth) -> NDArray[np.float64]:
    """ROC curve: the share of the positives that scores above as many negatives as ``FALSE_ALARMS`` says, 0 … 1.

    Between two scores the curve is a straight line, and so it is within equal ones: the area below it is
    :func:`roc_auc`, but for the corners that fall between two of the shares. Curves of several listeners are averaged at equal
    shares ("vertical averaging").

    Fawcett, "An introduction to ROC analysis", Pattern Recognition Letters 27 (2006).

    Args:
        scores: Shape (n,), finite; higher = rather positive.
        positive: Shape (n,); both classes occur.

    Returns:
        Shape (101,), not falling, ending with 1.
    """
    _check(scores, positive)
    order = np.argsort(-scores, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(order) - 1)
    hits = np.cumsum(positive[order])[ends]
    alarms = ends + 1 - hits
    hit_shares, alarm_shares = (np.append(0, counts) / counts[-1] for counts in (hits, alarms))
    # Of several points at one share of false alarms, where the curve rises straight up, the upper one counts there: by an
    # offset that is far smaller than one song.
    steps = np.linspace(0, 5e-10, len(alarm_shares))
    return np.asarray(np.interp(FALSE_ALARMS + 1e-9, alarm_shares + steps, hit_shares), np.float64)


def grouped_auc(
    scores: NDArray[np.floating[Any]], positive: Truth, groups: NDArray[np.integer[Any]]
) -> float:
    """Area under the ROC curve of pairs within a group: only scores of the same group are compared, 0 … 1.

    AUC = Σ_g P_g N_g AUC_g / Σ_g P_g N_g, over the groups with both classes; ½ where there is none. Where each group
    was scored by another model, this asks nothing of how their scores lie to each other.

    Args:
        scores: Shape (n,), finite; higher = rather positive.
        positive: Shape (n,); both classes occur.
        groups: Shape (n,): the group of each score.
    """
    _check(scores, positive)
    if groups.shape != positive.shape:
        raise InputError(f"{groups.shape} groups for {positive.shape} truths")
    won = pairs = 0.0
    for group in np.unique(groups):
        inside = groups == group
        own = positive[inside]
        weight = float(own.sum()) * float((~own).sum())
        if weight:
            won += weight * roc_auc(scores[inside], own)
            pairs += weight
    return won / pairs if pairs else 0.5


def average_precision(scores: NDArray[np.floating[Any]], positive: Truth) -> float:
    """Average precision, the area under the stepped precision–recall curve: P / n (chance) … 1 (perfect).

    AP = Σ_t (R_t − R_{t−1}) · P_t over the distinct scores t, descending, with precision P_t and recall R_t of
    "score ≥ t": equal scores are taken together, so that their order does not matter.

    Manning et al., "Introduction to Information Retrieval" (2008), section 8.4.

    Args:
        scores: Shape (n,), finite; higher = rather positive.
        positive: Shape (n,); both classes occur.
    """
    _check(scores, positive)
    order = np.argsort(-scores, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(order) - 1)
    found = np.cumsum(positive[order])[ends].astype(np.float64)
    gained = np.diff(found, prepend=0.0) / found[-1]
    return float((gained * found / (ends + 1)).sum())


def accuracy(verdicts: Truth, positive: Truth) -> float:
    """Share of right verdicts, 0 … 1.

    Args:
        verdicts: Shape (n,): "yes" or "no".
        positive: Shape (n,); both classes occur.
    """
    _check(verdicts, positive)
    return float(np.mean(verdicts == positive))


def balanced_accuracy(verdicts: Truth, positive: Truth) -> float:
    """Mean of the shares of right verdicts in either class, 0 … 1; ½ for whoever always says the same.

    BA = ½ (TP / P + TN / N). Brodersen et al., "The balanced accuracy and its posterior distribution", ICPR 2010.

    Args:
        verdicts: Shape (n,): "yes" or "no".
        positive: Shape (n,); both classes occur.
    """
    _check(verdicts, positive)
    return float((np.mean(verdicts[positive]) + np.mean(~verdicts[~positive])) / 2)


def _of_scores(
    metric: Callable[[Truth, Truth], float],
) -> Callable[[NDArray[np.floating[Any]], Truth], float]:
    def by_sign(scores: NDArray[np.floating[Any]], positive: Truth) -> float:
        _check(scores, positive)
        return metric(scores > 0, positive)

    return by_sign


METRICS: Mapping[str, Callable[[NDArray[np.floating[Any]], Truth], float]] = {
    "auc": roc_auc,
    "balanced_accuracy": _of_scores(balanced_accuracy),
    "average_precision": average_precision,
    "accuracy": _of_scores(accuracy),
}
"""All of them as functions of scores, of which those above 0 mean "yes", by the name that results use."""


def _check(judged: NDArray[Any], positive: Truth) -> None:
    if judged.ndim != 1 or judged.shape != positive.shape:
        raise InputError(f"{judged.shape} scores or verdicts for {positive.shape} truths")
    if not np.isfinite(judged).all():
        raise InputError("a score is not a finite number")
    if positive.dtype != np.bool_ or positive.all() or not positive.any():
        raise InputError("what is told apart needs at least one of either class")
