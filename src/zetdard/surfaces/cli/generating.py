"""``generate``: what was written, and how near it comes to what was learned from."""

from __future__ import annotations

import sys
from pathlib import Path

from zetdard.jobs.generating import Generated
from zetdard.surfaces.cli.text import print_json, printable


def show_generated(made: Generated, song: str, out: Path, *, json: bool) -> None:
    """Say what was generated.

    Args:
        made: The music.
        song: The song of the nearest clip, in words.
        out: The file.
        json: As one JSON document; the warning still goes to standard error.
    """
    near = made.nearness
    if near.only_copies:
        print(
            f"warning: {near.copied:.0%} of this music is nearer to a clip than 95% of the clips are to other songs: "
            "it may be a copy",
            file=sys.stderr,
        )
    if json:
        print_json({"file": str(out), **made.to_json(), "nearest song": song})
        return
    print(
        f"{printable(str(out))}: {len(made.sound) / 16_000:g} s of generated music, after {made.liked} liked songs"
    )
    print(
        f"nearest clip: {printable(song)} (distance {near.nearest:.2f}; of 0 = the same to 1 = nothing alike)"
    )
    print(
        f"nearer than all but 5% of clips to other songs' ({near.rare:.2f}): {near.copied:.0%} of the music"
    )
