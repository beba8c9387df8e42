"""``import`` and ``status``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from zetdard.jobs.crawl.plan import CrawlState
from zetdard.records import MusicFile
from zetdard.store.store import ImportReport
from zetdard.surfaces.cli.crawling import print_kinds, state_document
from zetdard.surfaces.cli.text import print_json, print_table, printable

_SHOWN = 10
"""So many refused files are listed."""


def show_import(report: ImportReport, path: Path, rejects: Path | None, *, json: bool) -> None:
    """Say what was stored."""
    listed = str(rejects) if report.refused and rejects else None
    if json:
        print_json(
            {
                "source": report.source,
                "format": report.format,
                "path": report.path,
                "records": report.counts,
                "refused": report.refused,
                "rejects": listed,
            }
        )
        return
    print(f"stored from {printable(str(path))} (source {report.source}):")
    print_table(("kind", "records"), [(name, f"{count:,}") for name, count in report.counts.items()])
    if report.refused:
        what = "files" if report.format == "music" else "rows"
        where = f"; they are listed in {printable(str(rejects))}" if rejects else ""
        print(f"refused: {report.refused:,} {what}{where}")


def show_refused_files(files: Sequence[MusicFile]) -> None:
    """Say which files of a music folder cannot be used, and why."""
    reasons = Counter(file.reason for file in files)
    for file in files[:_SHOWN]:
        name = PurePosixPath(unquote(file.uri)).name
        print(f"  {printable(name)} – {file.reason}: {printable(file.detail or '')}")
    if len(files) > _SHOWN:
        said = ", ".join(f"{count:,} {reason}" for reason, count in sorted(reasons.items()))
        print(f"  and {len(files) - _SHOWN:,} more; in all {said}; --rejects FILE lists them")


def show_status(
    home: Path,
    counts: Mapping[str, int],
    imports: Sequence[Mapping[str, object]],
    crawls: Mapping[str, CrawlState],
    matches: Mapping[str, int],
    refused: int,
    *,
    json: bool,
) -> None:
    """Show what is stored, where it came from, what crawls have to do, and what waits for a person."""
    if json:
        states = {source: state_document(state) for source, state in crawls.items()}
        print_json(
            {
                "home": str(home),
                "stored": dict(counts),
                "imports": list(imports),
                "crawls": states,
                "matches": dict(matches),
                "refused_files": refused,
            }
        )
        return
    print(f"home: {printable(str(home))}")
    print_table(("stored", "rows"), [(name, f"{count:,}") for name, count in counts.items() if count])
    for source, state in crawls.items():
        print(f"crawled from {source}, at all depths:")
        print_kinds(state)
        if state.stopped:
            print(f"stopped: {printable(state.stopped)}")
        elif state.workers:
            print(f"at work now: {state.workers} {'worker' if state.workers == 1 else 'workers'}")
    if matches.get("joined"):
        print(f"joined: {matches['joined']:,} music files are songs that another source describes too")
    if matches.get("unsure"):
        print(f"unsure: {matches['unsure']:,} pairs of songs may be one: zetdard match")
    if refused:
        print(f"refused: {refused:,} music files cannot be used")
    if not imports and not crawls:
        print("nothing is stored yet: see zetdard import --help and zetdard crawl --help")
    for entry in imports:
        moment = datetime.fromtimestamp(int(str(entry["finished_at"])) / 1000, UTC)
        print(
            f"{moment:%Y-%m-%d %H:%M} UTC  {entry['format']} from {printable(str(entry['path']) or '(made here)')}: "
            f"{entry['records']:,} records, {entry['refused']:,} refused"
        )
