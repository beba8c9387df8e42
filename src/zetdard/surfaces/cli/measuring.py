"""``evaluate`` and ``benchmark``."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, Literal

from zetdard.errors import InputError
from zetdard.evaluation.report import to_text
from zetdard.evaluation.result import Measured
from zetdard.recommend.query import Kind
from zetdard.settings import own_database
from zetdard.surfaces.choosing import chosen
from zetdard.surfaces.cli.options import opened
from zetdard.surfaces.cli.progress import TerminalProgress
from zetdard.surfaces.cli.text import print_json, printable
from zetdard.surfaces.python_api import ZetDard, benchmark


def run_evaluate(
    kind: str,
    models: list[str],
    data: Path | None,
    k: str,
    split: Literal["auto", "time", "random"],
    *,
    home: Path | None,
    database: str | None,
    json: bool,
) -> None:
    """Measure on what is stored, or on files that are read into a temporary home."""
    ks = cutoffs(k)

    def measure(zetdard: ZetDard) -> Measured:
        return zetdard.evaluate(chosen(Kind, kind).value, models, ks=ks, split=split)

    if data is None:
        with opened(home, database) as zetdard:
            result = measure(zetdard)
    else:
        with (
            tempfile.TemporaryDirectory(prefix="zetdard-") as folder,
            opened(Path(folder), own_database(Path(folder))) as zetdard,
        ):
            zetdard.import_files(_format_of(data), data)
            result = measure(zetdard)
    _show(result, json=json)


def run_benchmark(folder: Path, models: str, k: str, *, cold: bool, seed: int, json: bool) -> None:
    """Measure on ready-made split files."""
    names = [name.strip() for name in models.split(",") if name.strip()]
    with TerminalProgress() as progress:
        result = benchmark(folder, names, ks=cutoffs(k), cold=cold, seed=seed, progress=progress)
    _show(result, json=json)


def print_evaluation(result: Measured) -> None:
    """Write an evaluation as text."""
    # The name of a data set is somebody else's word.
    print("\n".join(printable(line) for line in to_text(result).splitlines()))


def cutoffs(text: str) -> tuple[int, ...]:
    """Read "10,20,40".

    Raises:
        InputError: It is something else.
    """
    try:
        ks = tuple(sorted({int(part) for part in text.split(",")}))
    except ValueError:
        raise InputError(f"cut-offs are whole numbers separated by commas, not {text!r}") from None
    if ks[0] < 1:
        raise InputError("cut-offs begin at 1")
    return ks


def _show(result: Measured, *, json: bool) -> None:
    document: dict[str, Any] = result.to_json()
    if json:
        print_json(document)
    else:
        print_evaluation(result)


def _format_of(folder: Path) -> str:
    for name, format in (("user_artists.dat", "hetrec"), ("playlist_songs.csv", "playlists")):
        if (folder / name).is_file():
            return format
    raise InputError(
        f"{folder} holds neither playlist_songs.csv nor user_artists.dat: it cannot be measured on"
    )
