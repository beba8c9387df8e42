"""Moods that a person knows of some songs, given as a table: valence and energy, or any other numbers."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from zetdard.data.dataset import Entities
from zetdard.data.features import FeatureBlock
from zetdard.errors import FormatError
from zetdard.features.tables import NumberTable, TableForm, keep_table, read_table

MOODS = "moods"
MOODS_VERSION = "2"
"""Changes when the same table and the same sound give other numbers."""
KEPT = "moods.csv"
"""Name of the copy that a home keeps."""

_FORM = TableForm(("song",), "song")
_LARGEST = 1e18
"""Numbers are kept as float32, of which the largest is 3e38, and squared."""


@dataclass(frozen=True, slots=True, eq=False)
class GivenMoods:
    """Moods that were given, as moods of songs that are stored.

    Attributes:
        block: Of all songs; those whose moods were given are present.
        unknown: (line, song) of what is not stored.
        unsure: (line, song) of ids that several songs have.
        twice: (line, song) of what is the song of an earlier line under another id; the earlier line counts.
    """

    block: FeatureBlock
    unknown: tuple[tuple[int, str], ...]
    unsure: tuple[tuple[int, str], ...]
    twice: tuple[tuple[int, str], ...]

    def check(self, path: Path) -> None:
        """Refuse lines that do not say what they are about.

        Raises:
            FormatError: The first of them is named.
        """
        wrong = [
            (line, f"several songs have the id {name!r}: write source:{name}") for line, name in self.unsure
        ]
        wrong += [(line, f"{name!r} is a song that has a line already") for line, name in self.twice]
        if wrong:
            line, reason = min(wrong)
            raise FormatError(reason, path=path, line=line)


def read_moods(path: Path) -> NumberTable:
    """Read a CSV file: a header ``song`` and names of moods, then a line for each song, its id first and then numbers.

    Raises:
        FormatError: The file cannot be read or breaks the format; the line is named.
    """
    table = read_table(path, _FORM)
    large = np.abs(table.values) > _LARGEST
    if large.any():
        row, column = np.argwhere(large)[0].tolist()
        raise FormatError(
            f"{table.columns[column]}: {table.values[row, column]:g} is too large",
            path=path,
            line=table.lines[row],
        )
    return table


def keep_moods(file: Path, kept: Path) -> None:
    """Copy a table into a home, whole or not at all.

    Raises:
        InputError: The home cannot be written to.
    """
    keep_table(file, kept)


def given_moods(table: NumberTable, songs: Entities) -> GivenMoods:
    """Return whose moods a table gives.

    A song is named by its label, or by ``source:id``, or by an id that only one song has.

    Args:
        table: The table.
        songs: The songs that are stored.
    """
    bare = _rows_by_id(songs)
    rows: dict[int, int] = {}
    unknown: list[tuple[int, str]] = []
    unsure: list[tuple[int, str]] = []
    twice: list[tuple[int, str]] = []
    for place, (name, line) in enumerate(zip(table.names, table.lines, strict=True)):
        row = songs.vocabulary.get(name)
        if row is None:
            source, _, id_ = name.partition(":")
            row = songs.by_origin(source, id_)
        if row is None:
            same = bare.get(name, ())
            if len(same) != 1:
                (unsure if same else unknown).append((line, name))
                continue
            (row,) = same
        if row in rows:
            twice.append((line, name))
        else:
            rows[row] = place
    values = np.zeros((len(songs), len(table.columns)), np.float32)
    present = np.zeros(len(songs), np.bool_)
    if rows:
        values[list(rows)] = table.values[list(rows.values())]
        present[list(rows)] = True
    block = FeatureBlock(songs.vocabulary, values, table.columns, {"given in": KEPT}, present)
    return GivenMoods(block, tuple(unknown), tuple(unsure), tuple(twice))


def digest_of(table: NumberTable) -> str:
    """Return the identity of what a table says."""
    digest = hashlib.sha256(repr((table.columns, table.names)).encode())
    digest.update(np.ascontiguousarray(table.values).tobytes())
    return digest.hexdigest()


def _rows_by_id(songs: Entities) -> Mapping[str, set[int]]:
    """Return the rows of each source's own id."""
    found: dict[str, set[int]] = {}
    for row, (_, id_) in enumerate(songs.origins):
        found.setdefault(id_, set()).add(row)
    for (_, id_), row in songs.joined.items():
        found.setdefault(id_, set()).add(row)
    return found
