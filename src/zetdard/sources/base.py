"""What every file source is: a format name, an id namespace, and ``read`` → records.

To add a source, write one file here, add one line to ``zetdard.registry`` and one subclass of the source
conformance test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol

from zetdard.errors import FormatError
from zetdard.progress import Progress, silent
from zetdard.records import MusicFile, Record

Refuse = Callable[[FormatError], None]
"""Called with each row that cannot be used. A strict import raises the error; ``--keep-going`` writes the
row's place and reason to the rejects file and goes on. After it returns, the reader skips the row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """What a person may say about the files.

    Attributes:
        encoding: Name of the text encoding; ``None`` = the format's documented one. Never guessed.
        user: Whose history it is, for exports that do not name their owner.
        progress: Told what goes on before the first record comes, where that takes a while.
        known: Gives the files of music as earlier imports found them, by ``uri``: what is unchanged since then need not
            be read again.
    """

    encoding: str | None = None
    user: str | None = None
    progress: Progress = silent
    known: Callable[[], Mapping[str, MusicFile]] = dict


class FileSource(Protocol):
    """A file format."""

    format: ClassVar[str]
    """The word after ``zetdard import``."""
    source: ClassVar[str]
    """Namespace of the ids; formats of one service share it ("netease")."""
    summary: ClassVar[str]
    """One line: what it reads."""

    def read(self, path: Path, options: ReadOptions, refuse: Refuse) -> Iterator[Record]:
        """Yield every fact in ``path``, streaming; a record comes before the records that name its id.

        Raises:
            FormatError: The file as a whole cannot be used (missing, empty, wrong columns, wrong encoding).
        """
        ...
