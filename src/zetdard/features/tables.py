"""Tables of numbers that a person gives as CSV: a header, then a line for each thing, its name first."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zetdard.errors import FormatError, InputError
from zetdard.whole import written_whole


@dataclass(frozen=True, slots=True)
class TableForm:
    """What a table is about.

    Attributes:
        firsts: What the first column may be called; the first of these is what messages call for.
        thing: What a line is about, in a word.
        key: A name as it is written → as it is compared.
        gaps: Whether a field may be empty: the number is not known.
    """

    firsts: tuple[str, ...]
    thing: str
    key: Callable[[str], str] = str.strip
    gaps: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class NumberTable:
    """What a table says.

    Attributes:
        columns: Names of the numbers.
        names: Shape (lines,): what each line is about, as it is compared.
        lines: Shape (lines,): where it stands in the file, counted from 1.
        values: Shape (lines, columns), float64; NaN = not known.
    """

    columns: tuple[str, ...]
    names: tuple[str, ...]
    lines: tuple[int, ...]
    values: NDArray[np.float64]


def read_table(path: Path, form: TableForm) -> NumberTable:
    """Read a table in UTF-8.

    Raises:
        FormatError: The file cannot be read or breaks the format; the line is named.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise FormatError("the line is not UTF-8", path=path, line=line) from None
    except OSError as error:
        raise FormatError(f"cannot be read: {error.strerror or error}", path=path) from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    found: dict[str, tuple[int, list[float]]] = {}
    try:
        header = [name.strip() for name in next(reader, [])]
        _check_header(header, form, path)
        for fields in reader:
            if fields:
                name = form.key(fields[0])
                numbers = _numbers(fields, header, form, path, reader.line_num)
                if not name or name in found:
                    reason = (
                        f"{fields[0].strip()!r} has a second line"
                        if name
                        else f"the line names no {form.thing}"
                    )
                    raise FormatError(reason, path=path, line=reader.line_num)
                found[name] = reader.line_num, numbers
    except csv.Error as error:
        raise FormatError(f"not a CSV file: {error}", path=path, line=reader.line_num) from None
    if not found:
        raise FormatError(f"the file holds no {form.thing}", path=path)
    lines, values = zip(*found.values(), strict=True)
    return NumberTable(tuple(header[1:]), tuple(found), lines, np.array(values))


def keep_table(file: Path, kept: Path) -> None:
    """Copy a table into a home, whole or not at all.

    Raises:
        InputError: The home cannot be written to.
    """
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        content = file.read_bytes()
        with written_whole(kept) as begun:
            begun.write_bytes(content)
    except OSError as error:
        raise InputError(f"{kept} cannot be written: {error.strerror or error}") from None


def _check_header(header: list[str], form: TableForm, path: Path) -> None:
    if len(header) < 2 or header[0].casefold() not in form.firsts:
        first, *others = form.firsts
        called = f"{first} (or {', '.join(others)})" if others else first
        raise FormatError(
            f"the header must be {called} and then the name of at least one number", path=path, line=1
        )
    names = [name.casefold() for name in header]
    if "" in names or len(set(names)) != len(names):
        raise FormatError("the header must name each column once", path=path, line=1)


def _numbers(fields: list[str], header: Sequence[str], form: TableForm, path: Path, line: int) -> list[float]:
    if len(fields) != len(header):
        raise FormatError(
            f"the line has {len(fields)} fields, the header {len(header)}", path=path, line=line
        )
    numbers = []
    for name, field in zip(header[1:], fields[1:], strict=True):
        if not field.strip():
            if not form.gaps:
                raise FormatError(
                    f"{name}: there is no number; leave out the whole line of a {form.thing} of which one is not known",
                    path=path,
                    line=line,
                )
            numbers.append(np.nan)
            continue
        try:
            number = float(field)
        except ValueError:
            number = np.inf
        # A field that says nan or inf is a word here and no number; 1_000 is a number in Python's own source alone.
        if not np.isfinite(number) or "_" in field:
            raise FormatError(f"{name}: {field.strip()!r} is not a number", path=path, line=line)
        numbers.append(number)
    return numbers
