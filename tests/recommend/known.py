"""What is known of songs, written by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.sparse import csr_array

from zetdard.data.dataset import Dataset
from zetdard.data.features import FeatureBlock
from zetdard.data.traits import Lexicon, SongTraits
from zetdard.data.vocabulary import Vocabulary


def unit(*numbers: float) -> list[float]:
    """Return a point in a direction, at length 1."""
    point = np.array(numbers, float)
    return (point / np.linalg.norm(point)).tolist()


def at(degrees: float) -> list[float]:
    """Return a point of the unit circle."""
    return [float(np.cos(np.radians(degrees))), float(np.sin(np.radians(degrees)))]


def block(
    songs: Vocabulary, rows: Mapping[str, Sequence[float]], columns: Sequence[str] | None = None
) -> FeatureBlock:
    """Return a block in which the named songs are present."""
    names = tuple(columns or (f"axis {axis}" for axis in range(len(next(iter(rows.values()))))))
    values = np.zeros((len(songs), len(names)), np.float32)
    present = np.zeros(len(songs), bool)
    for song, numbers in rows.items():
        values[songs.row(song)] = numbers
        present[songs.row(song)] = True
    return FeatureBlock(songs, values, names, present=present)


def lexicon(songs: Vocabulary, words: Mapping[str, Mapping[str, float]]) -> Lexicon:
    """Return the words of songs with their weights."""
    names = sorted({word for weights in words.values() for word in weights})
    matrix = np.zeros((len(songs), len(names)), np.float32)
    for song, weights in words.items():
        for word, weight in weights.items():
            matrix[songs.row(song), names.index(word)] = weight
    return Lexicon(songs, csr_array(matrix), tuple(names))


def traits_of(
    dataset: Dataset,
    *,
    sound: Mapping[str, Sequence[float]] | None = None,
    words: Mapping[str, Sequence[float]] | None = None,
    tags: Mapping[str, Sequence[float]] | None = None,
    tag_names: Sequence[str] | None = None,
    lyrics: Mapping[str, Mapping[str, float]] | None = None,
    descriptors: Mapping[str, Sequence[float]] | None = None,
    descriptor_names: Sequence[str] | None = None,
) -> SongTraits:
    """Return the traits of a dataset's songs."""
    songs = dataset.songs.vocabulary
    return SongTraits(
        sound=block(songs, sound) if sound else None,
        words=block(songs, words) if words else None,
        tags=block(songs, tags, tag_names) if tags else None,
        lexicon=lexicon(songs, lyrics) if lyrics else None,
        descriptors=block(songs, descriptors, descriptor_names) if descriptors else None,
    )
