"""The space of words and meaning: learned from all lyrics at hand, kept, and found again."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from zetdard.data.types import Csr, Floats
from zetdard.errors import NoDataError, StoreError
from zetdard.features.lyrics.interest import learn_word_space
from zetdard.jobs.featurize.shelf import FeatureShelf
from zetdard.store.arrays import ArrayFolder

Arrays = dict[str, NDArray[Any]]


def keep_word_space(shelf: FeatureShelf) -> None:
    """Learn the space of all lyrics that have been read, unless it is there."""
    contents = _with_words(shelf.lyrics())
    if len(contents) > 1 and _name(contents) not in shelf.word_space().hashes():
        _learn(shelf, contents)


def standing_word_space(shelf: FeatureShelf, wanted: Collection[str]) -> Arrays:
    """Return a space that holds the lyrics asked for; it is learned now only where none does.

    Args:
        shelf: Where features lie.
        wanted: Content hashes of lyrics that have words.

    Returns:
        ``contents``: content hashes, rising, shape (lyrics,); ``places``: shape (lyrics, …), rows of unit length; ``names``:
        the words; ``data``, ``indices``, ``indptr``: their TF-IDF, CSR of shape (lyrics, words).
    """
    folder = shelf.word_space()
    for name in folder.hashes():
        with suppress(StoreError):  # a damaged one is learned again
            arrays = folder.read(name)
            if set(wanted) <= set(arrays["contents"].tolist()):
                return arrays
    return _learn(shelf, sorted({*wanted, *_with_words(shelf.lyrics())}))


def _with_words(lyrics: ArrayFolder) -> list[str]:
    made = sorted(sha256 for sha256, ending in lyrics.hashes().items() if ending == ".npz")
    if not made:
        return []
    present = lyrics.table("present", made)
    return [sha256 for sha256, there in zip(made, present, strict=True) if there]


def _name(contents: list[str]) -> str:
    return hashlib.sha256("".join(contents).encode()).hexdigest()


def _learn(shelf: FeatureShelf, contents: list[str]) -> Arrays:
    lyrics, folder = shelf.lyrics(), shelf.word_space()
    tokens = [[str(token) for token in lyrics.read(sha256)["tokens"]] for sha256 in contents]
    parts = [_unit(lyrics.table("meaning", contents))]
    names: tuple[str, ...] = ()
    weights: Csr = csr_array((len(contents), 0), dtype=np.float32)
    with suppress(NoDataError):  # a few songs may share no word
        space = learn_word_space(tokens)
        parts.append(space.place(tokens))
        names, weights = space.words, space.weigh(tokens)
    arrays: Arrays = {
        "contents": np.array(contents, dtype=np.str_),
        "places": _unit(np.concatenate(parts, axis=1)),
        "names": np.array(names, dtype=np.str_),
        "data": weights.data.astype(np.float32),
        "indices": weights.indices,
        "indptr": weights.indptr,
    }
    former = list(folder.hashes())
    folder.write(_name(contents), arrays)
    for name in former:
        if name != _name(contents):
            folder.forget(name)
    return arrays


def _unit(rows: Floats) -> Floats:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: Floats = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 1e-9)
    return unit.astype(np.float32)
