"""How sure a mean over users is, and a difference between two models: percentile bootstrap over users."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from zetdard.errors import InputError
from zetdard.measure.metrics import PerUser

RESAMPLES = 2000
LEVEL = 0.95
_DRAWS_AT_ONCE = 2**22
"""Resampled users held in memory at once (32 MiB of row numbers)."""


class Interval(NamedTuple):
    """A confidence interval."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two models on the same users.

    Attributes:
        difference: Mean of a − b over users.
        interval: Of the difference.
        better: Share of users for whom a is larger.
        worse: Share of users for whom a is smaller.
    """

    difference: float
    interval: Interval
    better: float
    worse: float


def bootstrap_means(
    values: NDArray[np.float64], *, resamples: int = RESAMPLES, seed: int = 0
) -> NDArray[np.float64]:
    """Return the column means of resampled users: shape (resamples, columns).

    Each resample draws as many users as there are, with replacement; all columns see the same draws.

    Args:
        values: Shape (users, columns).
        resamples: How many resamples.
        seed: Seed of the draws.
    """
    n_users = len(values)
    if n_users == 0 or resamples < 1:
        raise InputError("a bootstrap needs at least one user and one resample")
    rng = np.random.default_rng(seed)
    means = np.empty((resamples, values.shape[1]))
    at_once = max(1, _DRAWS_AT_ONCE // n_users)
    for start in range(0, resamples, at_once):
        rows = min(at_once, resamples - start)
        drawn = rng.integers(n_users, size=(rows, n_users))
        drawn += np.arange(rows)[:, None] * n_users
        # How often each user was drawn turns all the means into one matrix product.
        times = np.bincount(drawn.ravel(), minlength=rows * n_users).reshape(rows, n_users)
        means[start : start + rows] = times.astype(np.float64) @ values / n_users
    return means


def intervals(
    per_user: Mapping[str, PerUser], *, level: float = LEVEL, resamples: int = RESAMPLES, seed: int = 0
) -> dict[str, Interval]:
    """Return the percentile bootstrap interval of each metric's mean.

    Efron and Tibshirani, "An Introduction to the Bootstrap" (1993), section 13.3.

    Args:
        per_user: Metric → shape (users,).
        level: Confidence level, 0 < level < 1.
        resamples: How many resamples.
        seed: Seed of the draws.
    """
    if not 0 < level < 1:
        raise InputError(f"a confidence level must lie between 0 and 1, not {level}")
    if not per_user:
        return {}
    means = bootstrap_means(np.column_stack(list(per_user.values())), resamples=resamples, seed=seed)
    lows, highs = np.quantile(means, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return {
        name: Interval(float(low), float(high)) for name, low, high in zip(per_user, lows, highs, strict=True)
    }


def compare(
    a: Mapping[str, PerUser],
    b: Mapping[str, PerUser],
    *,
    level: float = LEVEL,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> dict[str, Comparison]:
    """Compare two models user by user.

    Args:
        a: Metric → shape (users,).
        b: The same metrics of the same users, in the same order.
        level: Confidence level of the difference.
        resamples: How many resamples.
        seed: Seed of the draws.

    Raises:
        InputError: The metrics or the numbers of users differ.
    """
    if a.keys() != b.keys() or any(a[name].shape != b[name].shape for name in a):
        raise InputError("a paired comparison needs the same metrics of the same users")
    differences = {name: a[name] - b[name] for name in a}
    found = intervals(differences, level=level, resamples=resamples, seed=seed)
    return {
        name: Comparison(
            difference=float(values.mean()),
            interval=found[name],
            better=float(np.mean(values > 0)),
            worse=float(np.mean(values < 0)),
        )
        for name, values in differences.items()
    }
