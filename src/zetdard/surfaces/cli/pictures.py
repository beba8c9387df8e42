"""``picture``: where it is, and what the reader should be told."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from zetdard.surfaces.cli.text import print_json, printable


def show_picture(out: Path, notes: Sequence[str], *, json: bool) -> None:
    """Say that a picture was written."""
    if json:
        print_json({"picture": str(out), "notes": list(notes)})
        return
    print(f"drawn: {printable(str(out))}")
    for note in notes:
        print(f"note: {printable(note)}", file=sys.stderr)
