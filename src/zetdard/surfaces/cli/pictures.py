"""``picture``: where it is, and what the reader should be told."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zetdard.surfaces.cli.text import print_json, printable

if TYPE_CHECKING:
    from zetdard.surfaces.picturing import ClusterMap


def show_clusters(out: Path, found: ClusterMap, *, json: bool) -> None:
    """Say that a map was written, and which clusters are on it."""
    facts = asdict(found)
    facts.pop("notes")
    show_picture(out, found.notes, json=json, more=facts)
    if json:
        return
    for cluster in found.clusters:
        words = ", ".join((*cluster.artists, *cluster.tags)) or "nobody is typical"
        print(f"{cluster.size:>7,}  {printable(words)}")
    print(f"two clusterings of resampled {found.of} agree by {found.stability:.2f} (adjusted Rand index)")


def show_picture(
    out: Path, notes: Sequence[str], *, json: bool, more: Mapping[str, Any] | None = None
) -> None:
    """Say that a picture was written; ``more`` goes into the JSON as well."""
    if json:
        print_json({"picture": str(out), "notes": list(notes), **(more or {})})
        return
    print(f"drawn: {printable(str(out))}")
    for note in notes:
        print(f"note: {printable(note)}", file=sys.stderr)
