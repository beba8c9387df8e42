"""Strict reading of delimited text: comma-separated with quotes, and tab-separated without.

Line-level problems go to ``refuse`` and the rows after them are still read; what makes the whole file
unusable is raised. Columns that are not asked for are ignored, as are lines with nothing on them.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from zetdard.errors import FormatError, InputError
from zetdard.records import Record
from zetdard.sources.base import Refuse
from zetdard.sources.textlines import BadLineError, TextLines, open_binary

MAX_RECORD_CHARACTERS = 1 << 20
"""A quoted field may hold line ends, so a record is bounded as well as a line."""


class Delimiter(StrEnum):
    """How a line is cut into fields."""

    COMMA = "comma"
    """RFC 4180: fields may be quoted; a quoted field may hold commas, line ends and doubled quotes."""
    TAB = "tab"
    """Every tab separates; quotes are ordinary characters."""


class Row(NamedTuple):
    """One record; ``line`` is the line on which it starts."""

    line: int
    fields: dict[str, str]


class Table:
    """A delimited file whose header has been checked.

    Args:
        path: The file.
        columns: Columns it must have.
        encoding: As ``resolve_encoding`` returned it.
        delimiter: Commas or tabs.
        header: The columns, in order, of a file that has no header line.

    Raises:
        FormatError: The file cannot be opened, is empty, or its header lacks or repeats a column.
    """

    def __init__(
        self,
        path: Path,
        *,
        columns: Sequence[str],
        encoding: str,
        delimiter: Delimiter = Delimiter.COMMA,
        header: Sequence[str] | None = None,
    ) -> None:
        self.path = path
        self._stream = open_binary(path)
        try:
            lines = TextLines(self._stream, label=path, encoding=encoding)
            self._records = _CsvRecords(lines) if delimiter is Delimiter.COMMA else _TabRecords(lines)
            self._has_header = header is None
            self._header = self._read_header(columns) if header is None else list(header)
        except BaseException:
            self._stream.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()

    def rows(self, refuse: Refuse) -> Iterator[Row]:
        """Yield the rows that have as many fields as the header.

        Raises:
            FormatError: There is no row at all, or the bytes are not text.
        """
        seen = 0
        width = len(self._header)
        while True:
            try:
                fields = next(self._records)
            except StopIteration:
                break
            except BadLineError as error:
                seen += 1
                refuse(FormatError(error.reason, path=self.path, line=self._records.start))
                continue
            if not fields:
                continue
            seen += 1
            if len(fields) != width:
                refuse(
                    self.error(
                        f"the row has {len(fields)} fields, but {width} are expected", self._records.start
                    )
                )
                continue
            yield Row(self._records.start, dict(zip(self._header, fields, strict=True)))
        if not seen:
            raise FormatError(
                "there is a header but no row" if self._has_header else "the file is empty", path=self.path
            )

    def records(self, refuse: Refuse, build: Callable[[Row], Sequence[Record]]) -> Iterator[Record]:
        """Yield what ``build`` makes of each row; a row it rejects with InputError is refused with its place."""
        for row in self.rows(refuse):
            try:
                records = build(row)
            except InputError as error:
                refuse(self.error(str(error), row.line))
                continue
            yield from records

    def error(self, reason: str, line: int) -> FormatError:
        """Return an error that names this file and the line."""
        return FormatError(reason, path=self.path, line=line)

    def _read_header(self, columns: Sequence[str]) -> list[str]:
        try:
            found = next(self._records)
        except StopIteration:
            raise FormatError("the file is empty", path=self.path) from None
        except BadLineError as error:
            raise FormatError(error.reason, path=self.path, line=1) from None
        repeated = sorted({name for name in found if found.count(name) > 1})
        if repeated:
            raise self.error(f"the header names a column twice: {_listed(repeated)}", 1)
        missing = [name for name in columns if name not in found]
        if missing:
            raise self.error(
                f"the header lacks {_listed(missing)}; expected columns: {_listed(columns)};"
                f" found: {_listed(found) or 'nothing'}",
                1,
            )
        return found


def _listed(names: Sequence[str]) -> str:
    text = ", ".join(names)
    return text if len(text) <= 500 else text[:500] + " …"


class _TabRecords(Iterator[list[str]]):
    """Fields of each line of a tab-separated file; no fields for an empty line."""

    def __init__(self, lines: TextLines) -> None:
        self._lines = lines

    @property
    def start(self) -> int:
        return self._lines.number

    def __next__(self) -> list[str]:
        line = next(self._lines).removesuffix("\n").removesuffix("\r")
        return line.split("\t") if line else []


class _CsvRecords(Iterator[list[str]]):
    """Fields of each record of a comma-separated file; no fields for an empty line."""

    def __init__(self, lines: TextLines) -> None:
        self._lines = lines
        self._characters = 0
        self._reader = csv.reader(self._bounded(), strict=True)
        self.start = 1

    def __next__(self) -> list[str]:
        self.start = self._lines.number + 1
        self._characters = 0
        try:
            return next(self._reader)
        except csv.Error as error:
            raise BadLineError(self._explain(str(error)), path=self._lines.label, line=self.start) from None

    def _bounded(self) -> Iterator[str]:
        # ``map`` and not a generator: iteration must be able to go on after an exception.
        return map(self._counted, self._lines)

    def _counted(self, line: str) -> str:
        self._characters += len(line)
        if self._characters > MAX_RECORD_CHARACTERS:
            raise BadLineError(
                f"the row is longer than {MAX_RECORD_CHARACTERS} characters; is a closing quote missing?",
                path=self._lines.label,
                line=self.start,
            )
        return line

    def _explain(self, message: str) -> str:
        if "unexpected end" in message:
            return f"a quote that opens in this row is never closed; nothing up to line {self._lines.number} was read"
        if "expected after" in message:
            return "a quoted field goes on after its closing quote; a quote inside a field must be doubled"
        if "new-line" in message:
            return "there is a carriage return inside the line; lines end with LF or CRLF"
        if "field limit" in message:
            return f"a field is longer than {csv.field_size_limit()} characters; is a closing quote missing?"
        return f"not readable as CSV: {message}"
