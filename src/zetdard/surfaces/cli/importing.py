"""``import`` and ``status``."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from zetdard.surfaces.cli.text import print_json, print_table, printable
from zetdard.surfaces.library import ZetDard


def run_import(
    zetdard: ZetDard,
    format: str,
    path: Path,
    *,
    encoding: str | None,
    user: str | None,
    rejects: Path | None,
    json: bool,
) -> None:
    """Import files and say what was stored."""
    report = zetdard.import_files(format, path, encoding=encoding, user=user, rejects=rejects)
    listed = str(rejects) if report.refused else None
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
        print(f"refused: {report.refused:,} rows; they are listed in {printable(str(listed))}")


def run_status(zetdard: ZetDard, *, json: bool) -> None:
    """Show what is stored and where it came from."""
    counts, imports = zetdard.counts(), zetdard.imports()
    if json:
        print_json({"home": str(zetdard.settings.home), "stored": counts, "imports": imports})
        return
    print(f"home: {printable(str(zetdard.settings.home))}")
    print_table(("stored", "rows"), [(name, f"{count:,}") for name, count in counts.items() if count])
    if not imports:
        print("nothing has been imported yet: see zetdard import --help")
    for entry in imports:
        moment = datetime.fromtimestamp(int(str(entry["finished_at"])) / 1000, UTC)
        print(
            f"{moment:%Y-%m-%d %H:%M} UTC  {entry['format']} from {printable(str(entry['path']) or '(made here)')}: "
            f"{entry['records']:,} records, {entry['refused']:,} refused"
        )
