"""Names for the array types that travel through the house."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Rows: TypeAlias = NDArray[np.int32]
"""Row numbers, shape (n,)."""
Floats: TypeAlias = NDArray[np.float32]
"""Scores, weights or features; the shape is stated where the name is used."""
Times: TypeAlias = NDArray[np.int64]
"""Milliseconds since 1970-01-01 UTC."""
Csr: TypeAlias = Any
"""A ``scipy.sparse.csr_array``. SciPy ships no types; the shape is stated where the name is used."""
