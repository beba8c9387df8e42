"""A lyric → everything that is to be known of its words: what a worker process does."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zetdard.features.lyrics.describe import LYRIC_VERSION, describe_lyric
from zetdard.features.lyrics.embedding import EMBEDDING_VERSION, embed_lines
from zetdard.records import Lyric, LyricState

LYRICS = "lyrics"

WORDING_VERSION = f"{LYRIC_VERSION} {EMBEDDING_VERSION}"
"""Changes when the same words give other numbers."""


def lyric_hash(lyric: Lyric) -> str:
    """Return the content hash of a lyric: of its state and texts, whosever they are."""
    content = [lyric.state.value, lyric.text, lyric.translation, lyric.word_times]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def word(lyric: Lyric) -> dict[str, NDArray[Any]]:
    """Return the arrays of a lyric.

    Returns:
        ``values``: ``LYRIC_NAMES``; ``meaning``: (512,) of unit length, zero without words; ``tokens``: the words that
        say something, in order; ``present``: whether there are words at all, ().

    Raises:
        MissingExtraError: A library of the ``[lyrics]`` extra is not installed.
    """
    description = describe_lyric(lyric)
    return {
        "values": description.vector,
        "meaning": embed_lines(description.lines),
        "tokens": np.array(description.tokens, dtype=np.str_),
        "present": np.array(description.state is LyricState.PRESENT),
    }
