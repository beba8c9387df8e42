"""CSV files of labelled songs, read line by line; what is wrong is said with file and line."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from zetdard.errors import FormatError

Line: TypeAlias = tuple[int, dict[str, str]]
"""The number of a line, and its fields by column."""


def lines(path: Path, columns: Sequence[str]) -> list[Line]:
    """Return the lines of a CSV file with their numbers.

    Raises:
        FormatError: It cannot be read, is no CSV, lacks a column, or a field of one of these is empty.
    """
    return list(_read(path, columns))


def _read(path: Path, columns: Sequence[str]) -> Iterator[Line]:
    try:
        file = path.open(encoding="utf-8-sig", newline="")
    except OSError as error:
        raise FormatError(f"cannot be read: {error.strerror or error}", path=path) from error
    with file:
        reader = csv.DictReader(file, strict=True)
        try:
            missing = [column for column in columns if column not in (reader.fieldnames or ())]
            if missing:
                raise FormatError(f"has no column {missing[0]!r}", path=path, line=1)
            for row in reader:
                if None in row or None in row.values():
                    raise FormatError(
                        "has more or fewer fields than the header", path=path, line=reader.line_num
                    )
                for column in columns:
                    if not row[column]:
                        raise FormatError(f"{column} is empty", path=path, line=reader.line_num)
                yield reader.line_num, row
        except (csv.Error, UnicodeDecodeError) as error:
            raise FormatError(f"is no CSV: {error}", path=path, line=reader.line_num) from error


def flag(path: Path, line: int, row: Mapping[str, str], column: str) -> bool:
    """Return whether a field is 1 and not 0."""
    if row[column] not in {"0", "1"}:
        raise FormatError(f"{column} is 0 or 1, not {row[column]!r}", path=path, line=line)
    return row[column] == "1"


def whole(path: Path, line: int, row: Mapping[str, str], column: str) -> int:
    """Return a field that is a whole number below 1,000."""
    text = row[column]
    if not (text.isascii() and text.isdigit() and len(text) < 4):
        raise FormatError(f"{column} is a small whole number, not {text!r}", path=path, line=line)
    return int(text)


def number(path: Path, line: int, row: Mapping[str, str], column: str) -> float:
    """Return a field that is a finite number."""
    try:
        value = float(row[column])
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise FormatError(f"{column} is a number, not {row[column]!r}", path=path, line=line)
    return value
