"""From a row that breaks the format to a refusal that says where the row stands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from zetdard.errors import FormatError, InputError
from zetdard.records import Record
from zetdard.sources.base import Refuse


class Tally:
    """Rows met so far, good and bad: an import that met none has nothing to report as a success.

    Args:
        refuse: Called with each row that cannot be used.
    """

    def __init__(self, refuse: Refuse) -> None:
        self._refuse = refuse
        self._rows = 0
        self._refused = 0
        self._records = 0

    def refuse(self, error: FormatError) -> None:
        """Count a row that could not even be read, and refuse it."""
        self._rows += 1
        self._refused += 1
        self._refuse(error)

    def build(
        self, place: tuple[Path | str, int], build: Callable[[], Sequence[Record]], *, what: str = ""
    ) -> Sequence[Record]:
        """Count a row and return its records; none if ``build`` raises InputError, and the row is refused.

        Args:
            place: File and line of the row.
            build: Makes the records.
            what: Where in the line the row stands, for the error's text.
        """
        try:
            records = build()
        except InputError as error:
            path, line = place
            self.refuse(FormatError(f"{what}{error}", path=path, line=line))
            return ()
        self._rows += 1
        self._records += len(records)
        return records

    def require_facts(self, path: Path, what: str) -> None:
        """Raise FormatError if there was neither a record nor a refusal; ``what`` names what was looked for."""
        if self._records or self._refused:
            return
        if self._rows:
            raise FormatError(f"none of its {self._rows} rows holds {what}", path=path)
        raise FormatError(f"there is not one row in it; {what} was expected", path=path)
