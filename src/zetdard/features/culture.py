"""Numbers about places, given by a person as a table: happiness, Hofstede's dimensions of culture, or any others.

After Zangerle, Pichl and Schedl, "User models for culture-aware music recommendation: fusing acoustic and cultural cues",
TISMIR 3 (2020), who describe listeners by the World Happiness Report and by Hofstede's dimensions of their country.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from zetdard.data.features import FeatureBlock
from zetdard.data.types import Floats
from zetdard.data.vocabulary import Vocabulary
from zetdard.features.tables import TableForm, keep_table, read_table

PLACE_COLUMNS = ("region", "country")
"""What the first column may be called."""


KEPT = "culture.csv"
"""Name of the copy that a home keeps."""

_FORM = TableForm(PLACE_COLUMNS, "place", key=lambda name: " ".join(name.casefold().split()), gaps=True)


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
    table = read_table(path, _FORM)
    return Culture(table.columns, dict(zip(table.names, table.values, strict=True)))


def keep_culture(file: Path, home: Path) -> None:
    """Copy a table into a home, whole or not at all.

    Raises:
        InputError: The home cannot be written to.
    """
    keep_table(file, home / KEPT)


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
