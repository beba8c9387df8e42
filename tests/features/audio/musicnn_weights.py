"""Invented weights of musicnn's shapes, for tests that need no published ones."""

from __future__ import annotations

import numpy as np

from zetdard.data.types import Floats
from zetdard.features.audio.musicnn.network import EPSILON
from zetdard.features.audio.musicnn.weights import SHAPES


def empty_weights() -> dict[str, Floats]:
    """Filters that answer 0 to everything, and normalisations that change nothing."""
    weights = {name: np.zeros(shape, dtype=np.float32) for name, shape in SHAPES.items()}
    for name, array in weights.items():
        if name.endswith(".gamma"):
            array[:] = 1
        if name.endswith(".variance"):
            array[:] = 1 - EPSILON
    return weights


def random_weights(seed: int = 0, silent_share: float = 0.7) -> dict[str, Floats]:
    """Random filters, of which many learned nothing, and normalisations of either sign."""
    random = np.random.default_rng(seed)
    weights: dict[str, Floats] = {}
    for name, shape in SHAPES.items():
        part = name.rpartition(".")[2]
        if part == "kernel":
            array = random.standard_normal(shape) * np.sqrt(2 / np.prod(shape[:-1]))
            if name.startswith(("timbral", "temporal")):
                array[..., random.random(shape[-1]) < silent_share] *= 1e-25
        elif part == "variance":
            array = random.uniform(0.5, 2, shape)
        elif part == "gamma":
            array = random.uniform(0.5, 1, shape) * random.choice([-1, 1], shape, p=[0.2, 0.8])
        else:
            array = 0.3 * random.standard_normal(shape)
        weights[name] = array.astype(np.float32)
    return weights
