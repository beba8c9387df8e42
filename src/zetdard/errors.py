"""The exception tree: every error that ZetDard raises on purpose.

::

    ZetDardError                what a surface shows as one clear line (exit code 1)
    ├── InputError              an argument or a record breaks the stated contract
    │   └── FormatError         a file breaks its documented format; carries file, line and reason
    ├── UnknownEntityError      a user, song, artist or model that is not there
    │   └── AmbiguousIdError    an id that several sources use: qualify it as ``source:id``
    ├── NoDataError             the question is sound, but the store holds nothing to answer it with
    ├── NotFittedError          a model was asked before it had learned
    ├── ArtifactError           a saved model or array is missing, damaged or of another version
    ├── StoreError              the database cannot be opened, read or written
    └── MissingExtraError       an optional part is not installed; names the extra
"""

from __future__ import annotations

from pathlib import Path


class ZetDardError(Exception):
    """Base of every error raised on purpose; its text is meant for a person."""


class InputError(ZetDardError):
    """An argument or a record breaks the stated contract."""


class FormatError(InputError):
    """A file breaks its documented format.

    Args:
        reason: What is wrong, in one sentence without a final full stop.
        path: The file, where one is known.
        line: The line number, counted from 1, where one is known.
    """

    def __init__(self, reason: str, *, path: Path | str | None = None, line: int | None = None) -> None:
        self.reason = reason
        self.path = path
        self.line = line
        place = ":".join(str(part) for part in (path, line) if part is not None)
        super().__init__(f"{place}: {reason}" if place else reason)


class UnknownEntityError(ZetDardError):
    """A user, song, artist or model that is not there."""


class AmbiguousIdError(UnknownEntityError):
    """An id that several sources use; qualify it as ``source:id``."""


class NoDataError(ZetDardError):
    """The question is sound, but nothing is stored to answer it with."""


class NotFittedError(ZetDardError):
    """A model was asked before it had learned."""


class ArtifactError(ZetDardError):
    """A saved model or array is missing, damaged or of another version."""


class StoreError(ZetDardError):
    """The database cannot be opened, read or written."""


class MissingExtraError(ZetDardError):
    """An optional part is not installed.

    Args:
        extra: Name of the extra, for example ``audio``.
        purpose: What it is needed for.
    """

    def __init__(self, extra: str, purpose: str) -> None:
        self.extra = extra
        super().__init__(f"{purpose} needs an optional part: pip install 'zetdard[{extra}]'")
