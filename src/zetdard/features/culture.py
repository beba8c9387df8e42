"""Numbers about places, given by a person as a table: happiness, Hofstede's dimensions of culture, or any others.

After Zangerle, Pichl and Schedl, "User models for culture-aware music recommendation: fusing acoustic and cultural cues",
TISMIR 3 (2020), who describe listeners by the World Happiness Report and by Hofstede's dimensions of their country.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from zetdard.data.features import FeatureBlock
from zetdard.data.types import Floats
from zetdard.data.vocabulary import Vocabulary
from zetdard.errors import FormatError, InputError
from zetdard.whole import written_whole

PLACE_COLUMNS = ("region", "country")
"""What the first column may be called."""


KEPT = "culture.csv"
"""Name of the copy that a home keeps."""


@dataclass(frozen=True, slots=True, eq=False)
class Culture:
    """A table of numbers about places.

    Attributes:
        columns: Names of the numbers.
        places: Name of each place, without case → its numbers, shape (columns,), float64; NaN = not known.
    """

    columns: tuple[str, ...]
    places: Mapping[str, np.ndarray]

    def find(self, region: str) -> np.ndarray | None:
        """Return the numbers of a region, or of the smallest place around it that the table has.

        The province stands before the city: 浙江省 杭州市 is found as itself, else as 浙江省.
        """
        words = region.casefold().split()
        for end in range(len(words), 0, -1):
            found = self.places.get(" ".join(words[:end]))
            if found is not None:
                return found
        return None


def read_culture(path: Path) -> Culture:
    """Read a CSV file: a header, then a line for each place, its name first and then numbers; an empty field = not known.

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
    places: dict[str, np.ndarray] = {}
    try:
        header = [name.strip() for name in next(reader, [])]
        _check_header(header, path)
        for fields in reader:
            if fields:
                name = " ".join(fields[0].casefold().split())
                numbers = _numbers(fields, header, path, reader.line_num)
                if not name or name in places:
                    reason = f"{fields[0].strip()!r} has a second line" if name else "the line names no place"
                    raise FormatError(reason, path=path, line=reader.line_num)
                places[name] = numbers
    except csv.Error as error:
        raise FormatError(f"not a CSV file: {error}", path=path, line=reader.line_num) from None
    if not places:
        raise FormatError("the file holds no place", path=path)
    return Culture(tuple(header[1:]), places)


def keep_culture(file: Path, home: Path) -> None:
    """Copy a table into a home, whole or not at all.

    Raises:
        InputError: The home cannot be written to.
    """
    kept = home / KEPT
    try:
        home.mkdir(parents=True, exist_ok=True)
        with written_whole(kept) as begun:
            begun.write_bytes(file.read_bytes())
    except OSError as error:
        raise InputError(f"{kept} cannot be written: {error.strerror or error}") from None


def culture_block(culture: Culture, users: Vocabulary, regions: Sequence[str]) -> FeatureBlock:
    """Return the numbers of each listener's place.

    Each column has mean 0 and standard deviation 1 over the listeners of whom it is known; one that is not known is 0, the
    mean, and a further column "… not known" says so, where that is needed. A column that is the same for all is 0.

    Args:
        culture: The table.
        users: The listeners.
        regions: Shape (listeners,): names; "" = not known. Whose region the table does not have is not present.
    """
    found = [culture.find(region) for region in regions]
    present = np.array([numbers is not None for numbers in found], np.bool_)
    values = np.full((len(users), len(culture.columns)), np.nan)
    for row, numbers in enumerate(found):
        if numbers is not None:
            values[row] = numbers
    blank = np.isnan(values)
    gaps = blank & present[:, None]
    known = np.maximum((~blank).sum(axis=0), 1)
    centred = np.where(blank, 0, values - np.where(blank, 0, values).sum(axis=0) / known)
    spread = np.sqrt(np.square(centred).sum(axis=0) / known)
    # Equal numbers differ by rounding after the mean is taken away.
    flat = spread <= 1e-9 * np.abs(np.where(blank, 0, values)).max(axis=0, initial=0)
    standard = np.where(flat, 0, centred / np.where(flat, 1, spread))
    gappy = gaps.any(axis=0)
    names = (*culture.columns, *(f"{culture.columns[at]} not known" for at in np.flatnonzero(gappy)))
    table: Floats = np.hstack([standard, gaps[:, gappy]]).astype(np.float32)
    return FeatureBlock(users, table, names, present=present)


def _check_header(header: list[str], path: Path) -> None:
    if len(header) < 2 or header[0].casefold() not in PLACE_COLUMNS:
        raise FormatError(
            "the header must be region (or country) and then the name of at least one number",
            path=path,
            line=1,
        )
    names = [name.casefold() for name in header]
    if "" in names or len(set(names)) != len(names):
        raise FormatError("the header must name each column once", path=path, line=1)


def _numbers(fields: list[str], header: list[str], path: Path, line: int) -> np.ndarray:
    if len(fields) != len(header):
        raise FormatError(
            f"the line has {len(fields)} fields, the header {len(header)}", path=path, line=line
        )
    numbers = []
    for name, field in zip(header[1:], fields[1:], strict=True):
        try:
            number = float(field) if field.strip() else np.nan
        except ValueError:
            number = np.inf
        # A field that says nan or inf is a word here and no number.
        if np.isinf(number) or (np.isnan(number) and field.strip()):
            raise FormatError(f"{name}: {field.strip()!r} is not a number", path=path, line=line)
        numbers.append(number)
    return np.array(numbers)
