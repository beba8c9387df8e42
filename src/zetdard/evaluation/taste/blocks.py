"""Features of a pool's songs in one file, for pools whose sound was heard elsewhere."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from zetdard.data.features import FeatureBlock
from zetdard.data.vocabulary import Vocabulary
from zetdard.errors import FormatError, InputError

_SONGS = "songs"
_PARTS = ("values", "columns", "present", "provenance")


def write_blocks(path: Path, blocks: Mapping[str, FeatureBlock]) -> None:
    """Write features as an ``.npz`` file: ``songs``, and for each block ``NAME/values``, ``/columns``, ``/present``.

    Args:
        path: The file.
        blocks: Features of the same songs, by name.
    """
    vocabularies = {block.vocabulary for block in blocks.values()}
    if len(vocabularies) != 1:
        raise InputError("a file of features holds blocks about the same songs")
    arrays = {_SONGS: np.array(vocabularies.pop().labels)}
    for name, block in blocks.items():
        present = block.known
        facts = [f"{key}\t{value}" for key, value in block.provenance.items()]
        parts = (block.values, np.array(block.columns), present, np.array(facts, np.str_))
        arrays |= {f"{name}/{part}": array for part, array in zip(_PARTS, parts, strict=True)}
    with path.open("wb") as file:
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]  # its stub takes the arrays for its own options


def read_blocks(path: Path, songs: Vocabulary) -> dict[str, FeatureBlock]:
    """Read what :func:`write_blocks` wrote.

    Args:
        path: The file.
        songs: Whose features are wanted; a song that the file does not know is not present.

    Raises:
        FormatError: The file is something else.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        names = sorted({name.split("/")[0] for name in arrays} - {_SONGS})
        known = {str(label): row for row, label in enumerate(arrays[_SONGS])}
        places = np.array([known.get(label, -1) for label in songs])
        return {name: _block(name, arrays, songs, places) for name in names}
    except (OSError, ValueError, KeyError, IndexError, EOFError, zipfile.BadZipFile, InputError) as error:
        raise FormatError(f"is no file of features: {error}", path=path) from error


def _block(
    name: str, arrays: Mapping[str, np.ndarray], songs: Vocabulary, places: np.ndarray
) -> FeatureBlock:
    values, columns, present, facts = (arrays[f"{name}/{part}"] for part in _PARTS)
    found = (places >= 0) & present[places]
    taken = np.where(found[:, None], values[places], 0).astype(np.float32)
    provenance = dict(str(fact).split("\t", 1) for fact in facts)
    return FeatureBlock(songs, taken, tuple(map(str, columns)), provenance, found)
