"""Names for the array types that travel through the house."""

from __future__ import annotations

from typing import Any, NewType, TypeAlias

import numpy as np
from numpy.typing import NDArray

UserRow = NewType("UserRow", int)
"""Row number of a user in a vocabulary; never an id of a source."""
ItemRow = NewType("ItemRow", int)
"""Row number of an item (a song, or an artist) in a vocabulary."""
ArtistRow = NewType("ArtistRow", int)
"""Row number of an artist in a vocabulary."""

Rows: TypeAlias = NDArray[np.int32]
"""Row numbers, shape (n,)."""
Floats: TypeAlias = NDArray[np.float32]
"""Scores, weights or features; the shape is stated where the name is used."""
Times: TypeAlias = NDArray[np.int64]
"""Milliseconds since 1970-01-01 UTC."""
Csr: TypeAlias = Any
"""A ``scipy.sparse.csr_array``. SciPy ships no types; the shape is stated where the name is used."""
