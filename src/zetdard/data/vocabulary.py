"""External id ↔ row number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from zetdard.data.types import Rows
from zetdard.errors import InputError, UnknownEntityError


class Vocabulary:
    """A fixed, ordered set of external ids; an id's row number is its position.

    Args:
        labels: The ids, in row order, each once.
        kind: What they name ("user", "song", "artist"), for error messages.

    Raises:
        InputError: An id occurs twice.
    """

    __slots__ = ("_labels", "_rows", "kind")

    def __init__(self, labels: Iterable[str], *, kind: str = "id") -> None:
        self.kind = kind
        self._labels: tuple[str, ...] = tuple(labels)
        self._rows: dict[str, int] = {label: row for row, label in enumerate(self._labels)}
        if len(self._rows) != len(self._labels):
            # The dictionary has kept the last row of each label.
            twice = next(label for row, label in enumerate(self._labels) if self._rows[label] != row)
            raise InputError(f"the {kind} {twice!r} occurs twice in a vocabulary")

    def __len__(self) -> int:
        return len(self._labels)

    def __iter__(self) -> Iterator[str]:
        return iter(self._labels)

    def __contains__(self, label: object) -> bool:
        return label in self._rows

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Vocabulary) and self._labels == other._labels

    def __hash__(self) -> int:
        return hash(self._labels)

    def __repr__(self) -> str:
        return f"Vocabulary({len(self)} × {self.kind})"

    @property
    def labels(self) -> tuple[str, ...]:
        """All ids, in row order."""
        return self._labels

    def label(self, row: int) -> str:
        """Return the id at ``row``."""
        if not 0 <= row < len(self._labels):
            raise InputError(f"no {self.kind} has row {row}; there are {len(self)}")
        return self._labels[row]

    def row(self, label: str) -> int:
        """Return the row of an id.

        Raises:
            UnknownEntityError: The id is not here.
        """
        try:
            return self._rows[label]
        except KeyError:
            raise UnknownEntityError(f"no {self.kind} {label!r} is stored") from None

    def get(self, label: str) -> int | None:
        """Return the row of an id, or ``None``."""
        return self._rows.get(label)

    def rows(self, labels: Sequence[str]) -> Rows:
        """Return the rows of ids, in the order given.

        Raises:
            UnknownEntityError: One of them is not here.
        """
        return np.fromiter((self.row(label) for label in labels), dtype=np.int32, count=len(labels))
