"""Ranking metrics at k, one value a user, and what lists do to the catalogue.

Notation: a user's list is i₁, i₂, …; R is the set of their relevant (held-out) items; rel_r is 1 where i_r ∈ R
and 0 elsewhere. A list shorter than k is filled with misses. Averages run over users with at least one relevant
item; a metric of a user without any is not defined, and :func:`judge` refuses it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from zetdard.data.types import Csr, Rows
from zetdard.errors import InputError

PerUser: TypeAlias = NDArray[np.float64]
"""One metric value for each user: shape (users,)."""


@dataclass(frozen=True, slots=True, eq=False)
class Judgements:
    """Which places of each user's list hold a relevant item.

    Attributes:
        hits: Shape (users, depth): rel_r for r = 1 … depth.
        n_relevant: Shape (users,): |R|, at least 1. Relevant items that cannot be ranked belong to it.
    """

    hits: NDArray[np.bool_]
    n_relevant: NDArray[np.int64]

    def top(self, k: int) -> NDArray[np.bool_]:
        """Return ``hits`` of the first k places: shape (users, min(k, depth))."""
        if k < 1:
            raise InputError(f"k must be at least 1, not {k}")
        return self.hits[:, :k]


def judge(ranked: Rows, relevant: Csr, n_relevant: NDArray[np.int64] | None = None) -> Judgements:
    """Mark the relevant items of each list.

    Args:
        ranked: Shape (users, depth): item rows, best first; −1 fills up a short list.
        relevant: CSR, shape (users, items), sorted indices: each user's relevant items.
        n_relevant: Shape (users,): how many relevant items each user has, where some of them have no row in
            ``relevant``; ``None`` = its row counts.

    Raises:
        InputError: A list holds an item twice, or a user has no relevant item.
    """
    n_users, n_items = relevant.shape
    if ranked.ndim != 2 or len(ranked) != n_users:
        raise InputError(f"{n_users} users need a two-dimensional table of lists, not shape {ranked.shape}")
    stored = np.diff(relevant.indptr).astype(np.int64)
    counts = stored if n_relevant is None else n_relevant.astype(np.int64)
    if counts.shape != (n_users,) or (counts < stored).any() or (counts < 1).any():
        raise InputError("every user needs at least one relevant item, and no fewer than are listed")
    in_order = np.sort(ranked, axis=1)
    if ((in_order[:, 1:] == in_order[:, :-1]) & (in_order[:, 1:] >= 0)).any():
        raise InputError("a list holds an item twice")
    # One key for each (user, item): a sorted look-up needs no dense users × items table.
    first = np.arange(n_users, dtype=np.int64) * n_items
    keys = np.repeat(first, stored) + relevant.indices
    wanted = first[:, None] + ranked
    if len(keys) == 0:
        return Judgements(np.zeros(ranked.shape, bool), counts)
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return Judgements((keys[place] == wanted) & (ranked >= 0), counts)


def ndcg(judged: Judgements, k: int) -> PerUser:
    """Normalised discounted cumulative gain: shape (users,), 0 … 1.

    nDCG@k = DCG / IDCG, DCG = Σ_{r ≤ k} rel_r / log₂(r + 1), IDCG = Σ_{r ≤ min(|R|, k)} 1 / log₂(r + 1): the
    ideal list is cut at k too.

    Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques", ACM TOIS 20 (2002).
    """
    top = judged.top(k)
    discount = 1 / np.log2(np.arange(2, k + 2))
    ideal = np.cumsum(discount)[np.minimum(judged.n_relevant, k) - 1]
    normalised: PerUser = _total(top * discount[: top.shape[1]]) / ideal
    return normalised


def recall(judged: Judgements, k: int) -> PerUser:
    """Share of the relevant items that the list found: shape (users,), 0 … 1.

    Recall@k = Σ_{r ≤ k} rel_r / |R|. Manning et al., "Introduction to Information Retrieval" (2008), eq. 8.2.
    """
    found: PerUser = judged.top(k).sum(axis=1) / judged.n_relevant
    return found


def precision(judged: Judgements, k: int) -> PerUser:
    """Share of the k places that hold a relevant item: shape (users,), 0 … 1.

    Precision@k = Σ_{r ≤ k} rel_r / k, also where the list is shorter than k. Manning et al. (2008), eq. 8.1.
    """
    found: PerUser = judged.top(k).sum(axis=1) / k
    return found


def average_precision(judged: Judgements, k: int) -> PerUser:
    """Average precision, whose mean over users is MAP@k: shape (users,), 0 … 1.

    AP@k = 1 / min(|R|, k) · Σ_{r ≤ k} rel_r · Precision@r. The divisor is cut at k, so that a perfect list
    has 1 whatever |R| is. Manning et al. (2008), eq. 8.8, cut at k.
    """
    top = judged.top(k)
    at_rank = np.cumsum(top, axis=1) / np.arange(1, top.shape[1] + 1)
    mean: PerUser = _total(at_rank * top) / np.minimum(judged.n_relevant, k)
    return mean


def reciprocal_rank(judged: Judgements, k: int) -> PerUser:
    """One over the place of the first relevant item, whose mean is MRR@k: shape (users,), 0 … 1.

    RR@k = 1 / min{r ≤ k : rel_r = 1}, and 0 where there is none. Voorhees, "The TREC-8 question answering
    track report" (1999).
    """
    top = judged.top(k)
    if top.shape[1] == 0:
        return np.zeros(len(top))
    reciprocal: PerUser = top.any(axis=1) / (np.argmax(top, axis=1) + 1)
    return reciprocal


def hit_rate(judged: Judgements, k: int) -> PerUser:
    """Whether the list holds any relevant item: shape (users,), 0 or 1.

    HR@k = [Σ_{r ≤ k} rel_r > 0]. Deshpande and Karypis, "Item-based top-N recommendation algorithms", ACM TOIS
    22 (2004), section 5.2.
    """
    return np.asarray(judged.top(k).any(axis=1), np.float64)


ACCURACY: Mapping[str, Callable[[Judgements, int], PerUser]] = {
    "ndcg": ndcg,
    "recall": recall,
    "precision": precision,
    "map": average_precision,
    "mrr": reciprocal_rank,
    "hit_rate": hit_rate,
}
"""Accuracy metrics by the name that results use."""


def _total(parts: NDArray[np.float64]) -> PerUser:
    """Sum each row from left to right: shape (rows,); a row's sum does not depend on the rows beside it."""
    total: PerUser = np.cumsum(parts, axis=1)[:, -1:].sum(axis=1)
    return total


def exposure(ranked: Rows, k: int, candidates: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Count in how many users' first k places each candidate stands: shape (candidates,).

    Args:
        ranked: Shape (users, depth): item rows, best first; −1 fills up a short list.
        k: How many places count.
        candidates: Shape (items,): which items could have been ranked.
    """
    shown = ranked[:, :k]
    counts = np.bincount(shown[shown >= 0], minlength=len(candidates))
    return counts[candidates].astype(np.int64)


def coverage(exposures: NDArray[np.int64]) -> float:
    """Share of the candidates that stand in at least one list (catalogue coverage), 0 … 1.

    Coverage@k = |⋃_u L_u| / |C|. Herlocker et al., "Evaluating collaborative filtering recommender systems",
    ACM TOIS 22 (2004), section 4.1. Without candidates: 0.
    """
    return float(np.mean(exposures > 0)) if len(exposures) else 0.0


def gini(exposures: NDArray[np.int64]) -> float:
    """Inequality of exposure: 0 where all candidates are shown equally often, near 1 where one takes all.

    G@k = Σ_j (2j − n − 1) x_j / (n · Σ_j x_j) with exposures x₁ ≤ … ≤ x_n. Shani and Gunawardana, "Evaluating
    recommendation systems", Recommender Systems Handbook (2011), section 8.3.3, with divisor n. Without any
    exposure: 0.
    """
    x = np.sort(exposures).astype(np.float64)
    n, total = len(x), x.sum()
    if total == 0:
        return 0.0
    return float((2 * np.arange(1, n + 1) - n - 1) @ x / (n * total))


def novelty(ranked: Rows, k: int, holders: NDArray[np.int64], n_users: int) -> PerUser:
    """Mean self-information of the list in bits: shape (users,), 0 … log₂(n_users).

    Novelty@k = 1 / |L| · Σ_{i ∈ L} −log₂ p(i), p(i) = max(n_i, 1) / n_users. An item that nobody holds counts
    as if one user held it, so that its surprise stays finite. An empty list has 0.

    Zhou et al., "Solving the apparent diversity-accuracy dilemma of recommender systems", PNAS 107 (2010).

    Args:
        ranked: Shape (users, depth): item rows, best first; −1 fills up a short list.
        k: How many places count.
        holders: Shape (items,): n_i, how many users hold each item in train.
        n_users: How many users hold anything in train.
    """
    shown = ranked[:, :k]
    filled = shown >= 0
    surprise = np.log2(max(n_users, 1) / np.maximum(holders, 1))
    if len(surprise) == 0:
        return np.zeros(len(ranked))
    bits = np.where(filled, surprise[np.maximum(shown, 0)], 0.0).sum(axis=1)
    mean: PerUser = bits / np.maximum(filled.sum(axis=1), 1)
    return mean


@dataclass(frozen=True, slots=True, eq=False)
class MetricTable:
    """All metrics of one set of lists, kept a user so that intervals and paired comparisons can be made.

    Attributes:
        users: External ids of the evaluated users, in the order of the lists.
        per_user: "ndcg@20" → shape (users,).
        overall: "coverage@20" → one number about all lists together.
    """

    users: tuple[str, ...]
    per_user: Mapping[str, PerUser]
    overall: Mapping[str, float]

    def means(self) -> dict[str, float]:
        """Return each metric's mean over users, and the overall ones."""
        averaged = {name: float(values.mean()) for name, values in self.per_user.items()}
        return averaged | dict(self.overall)


def metric_table(
    users: Sequence[str],
    ranked: Rows,
    judged: Judgements,
    ks: Sequence[int],
    *,
    holders: NDArray[np.int64],
    n_holding_users: int,
    candidates: NDArray[np.bool_],
) -> MetricTable:
    """Compute every metric at every k.

    Args:
        users: External ids, one for each list.
        ranked: Shape (users, depth): item rows, best first; −1 fills up a short list.
        judged: What :func:`judge` made of ``ranked``.
        ks: Cut-offs.
        holders: Shape (items,): how many users hold each item in train.
        n_holding_users: How many users hold anything in train.
        candidates: Shape (items,): which items could have been ranked.
    """
    if len(users) == 0:
        raise InputError("metrics need at least one user with held-out items")
    per_user = {f"{name}@{k}": metric(judged, k) for name, metric in ACCURACY.items() for k in ks}
    per_user |= {f"novelty@{k}": novelty(ranked, k, holders, n_holding_users) for k in ks}
    exposures = {k: exposure(ranked, k, candidates) for k in ks}
    overall = {f"coverage@{k}": coverage(exposures[k]) for k in ks}
    overall |= {f"gini@{k}": gini(exposures[k]) for k in ks}
    return MetricTable(tuple(users), per_user, overall)
