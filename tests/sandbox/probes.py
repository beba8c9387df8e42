"""Simple probes: how much of a truth can be read off what people see."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def told(seen: Floats, truth: Floats, *, ridge: float = 10.0) -> float:
    """Return the share of the variance of ``truth`` (n, d) that ``seen`` (n, m) explains in the other half.

    Ridge regression on the even rows, R² on the odd ones; about 0 or less where nothing is told.
    """
    learn, check = np.arange(len(seen)) % 2 == 0, np.arange(len(seen)) % 2 == 1
    middle, spread = seen[learn].mean(axis=0), seen[learn].std(axis=0) + 1e-9
    scaled = (seen - middle) / spread
    aim = truth - truth[learn].mean(axis=0)
    known = scaled[learn]
    weights = np.linalg.solve(known.T @ known + ridge * np.eye(known.shape[1]), known.T @ aim[learn])
    left = ((aim[check] - scaled[check] @ weights) ** 2).sum()
    return float(1 - left / ((aim[check] - aim[check].mean(axis=0)) ** 2).sum())
