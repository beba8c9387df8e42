"""``featurize``: what was made, what was there already, and what has no features and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from zetdard.jobs.featurize.report import FeatureReport
from zetdard.surfaces.cli.text import print_json, print_table, printable

_SHOWN = 10
"""So many refused recordings are listed; --json lists all."""

_WORDS = {
    "descriptors": "sound: descriptors",
    "musicnn": "sound: embedding and tags",
    "clips": "sound: excerpts",
    "lyrics": "lyrics",
    "network": "network",
    "moods": "sound: moods",
}


def show_features(reports: Sequence[FeatureReport], *, json: bool) -> None:
    """Say what was done."""
    if json:
        print_json({"features": [report.to_json() for report in reports]})
        return
    rows = [
        (_WORDS.get(name, name), f"{made:,}", f"{report.known.get(name, 0):,}", f"{report.seconds:.0f} s")
        for report in reports
        for name, made in report.made.items()
    ]
    if rows:
        print_table(("features", "made", "known", "time"), rows)
    for report in reports:
        _show_refused(report)
        for note in report.notes:
            print(f"note: {printable(note)}")


def show_culture(known: int, users: int, *, json: bool) -> None:
    """Say of how many listeners a table has the place."""
    if json:
        print_json({"culture": {"known": known, "users": users}})
    else:
        print(f"kept: numbers about the places of {known:,} of {users:,} listeners")


def _show_refused(report: FeatureReport) -> None:
    if not report.refused:
        return
    reasons = Counter(refused.reason for refused in report.refused)
    said = ", ".join(f"{count:,} {reason}" for reason, count in sorted(reasons.items()))
    print(f"{len(report.refused):,} without features ({said}):")
    for refused in report.refused[:_SHOWN]:
        name = Path(refused.place).name if report.kind == "audio" else refused.song
        detail = f": {refused.detail}" if refused.detail else ""
        print(f"  {printable(name)} – {refused.reason}{printable(detail)}")
    if len(report.refused) > _SHOWN:
        print(f"  and {len(report.refused) - _SHOWN:,} more; --json lists all")
