"""Options that several commands share, and how a command ends."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ParamSpec

import typer

from zetdard.errors import ZetDardError

if TYPE_CHECKING:
    from zetdard.registry import Entry
    from zetdard.surfaces.python_api import ZetDard

P = ParamSpec("P")

HomeOption = Annotated[
    Path | None,
    typer.Option(
        "--home", help="Folder of everything that is kept. [default: ZETDARD_HOME, else the platform's]"
    ),
]
DatabaseOption = Annotated[
    str | None, typer.Option("--database", help="SQLAlchemy URL. [default: SQLite in the home]")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Write one JSON document to standard output.")]


def command(run: Callable[P, None]) -> Callable[P, None]:
    """Make errors meant for a person one clear line and exit code 1, and Ctrl-C exit code 130."""

    @functools.wraps(run)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            run(*args, **kwargs)
            # Here and not at exit, where a reader who has gone could no longer be told from a failure.
            sys.stdout.flush()
        except ZetDardError as error:
            from zetdard.surfaces.cli.text import printable

            print(f"error: {printable(str(error))}", file=sys.stderr)
            raise typer.Exit(1) from None
        except KeyboardInterrupt:
            print("interrupted; the same command goes on", file=sys.stderr)
            raise typer.Exit(130) from None
        except BrokenPipeError:
            # The reader of our output has gone, as after ``| head``: nothing is wrong. Python would complain when
            # it flushes at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(0) from None

    return wrapped


@contextmanager
def opened(home: Path | None, database: str | None) -> Iterator[ZetDard]:
    """Open the home that the options name, with progress on standard error."""
    from zetdard.surfaces.cli.progress import TerminalProgress
    from zetdard.surfaces.python_api import open as open_home

    with (
        TerminalProgress() as progress,
        notices(),
        open_home(home, database=database, progress=progress) as zetdard,
    ):
        yield zetdard


@contextmanager
def notices() -> Iterator[None]:
    """Show on standard error what is logged as worth knowing, for example how many rows were passed over."""
    import logging

    from zetdard.surfaces.cli.text import printable

    class Lines(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            print(f"note: {printable(record.getMessage())}", file=sys.stderr)

    logger, lines, level = (
        logging.getLogger("zetdard"),
        Lines(logging.INFO),
        logging.getLogger("zetdard").level,
    )
    logger.addHandler(lines)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(lines)
        logger.setLevel(level)


def listed(entries: Mapping[str, Entry]) -> str:
    """Return names with their summaries, as ``--help`` lists them."""
    return "\n\n".join(f"{name}: {entry.summary}" for name, entry in entries.items())
