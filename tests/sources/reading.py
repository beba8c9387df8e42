"""How a test reads a file and looks at what came out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from zetdard.errors import FormatError
from zetdard.records import Record
from zetdard.sources.base import FileSource, ReadOptions


def collect(
    source: FileSource, path: Path, *, encoding: str | None = None, user: str | None = None
) -> tuple[list[Record], list[FormatError]]:
    """Read with ``--keep-going``: return the records and the refusals."""
    refused: list[FormatError] = []
    records = list(source.read(path, ReadOptions(encoding=encoding, user=user), refused.append))
    return records, refused


def strict(
    source: FileSource, path: Path, *, encoding: str | None = None, user: str | None = None
) -> list[Record]:
    """Read as a strict import does: the first refusal is raised."""

    def refuse(error: FormatError) -> None:
        raise error

    return list(source.read(path, ReadOptions(encoding=encoding, user=user), refuse))


def counts(records: list[Record]) -> dict[str, int]:
    """Return how many records of each kind there are."""
    return dict(Counter(type(record).__name__ for record in records))


Kind = TypeVar("Kind")


def of(records: Sequence[Record], kind: type[Kind]) -> list[Kind]:
    """Return the records of one kind."""
    return [record for record in records if isinstance(record, kind)]
