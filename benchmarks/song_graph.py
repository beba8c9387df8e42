"""Top-K song graph: zetdard's kernel against sparse_dot_topn, implicit and NetworkX, in one run.

    python benchmarks/song_graph.py --size S|L|tiny --pairs 7 --threads 2 --k 50 --json OUT --markdown OUT

Every measurement is a process of its own: it warms up on tiny data (so nothing is compiled while the clock runs), loads
the matrix, and measures from the user × song matrix to the finished rows, a transpose included. The contenders take
turns, and ratios are taken within a turn, so that a change of the machine's load hits all alike. Needs
``sparse-dot-topn`` and ``implicit`` (the dependency group ``bench``).
"""

from __future__ import annotations

import argparse
import heapq
import importlib
import importlib.util
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

SIZES = {"tiny": (300, 2_000, 20_000), "S": (3_000, 30_000, 750_000), "L": (50_000, 200_000, 9_500_000)}
"""Users, songs, and pairs aimed at."""
OURS = "zetdard"
PACKAGES = {OURS: "zetdard", "sparse_dot_topn": "sparse-dot-topn", "implicit": "implicit"}
SEED = 7
MIB = 2**20


def draw(size: str, exponent: float, ids: str) -> tuple[np.ndarray, np.ndarray, tuple[int, int]]:
    """Draw who holds what: ``indptr``, ``indices`` and shape of a users × songs pattern.

    A user's number of songs is log-normal (sigma 1). Each is drawn with probability ~ (rank + 20) ** -exponent,
    independently, so there are no groups of songs that a threshold could profit from; repetitions are dropped. Song
    rows are in random order (``ids="random"``, as when songs are numbered as they arrive) or by popularity.
    """
    n_users, n_songs, n_pairs = SIZES[size]
    rng = np.random.default_rng(SEED)
    share = np.cumsum((np.arange(n_songs) + 21.0) ** -exponent)
    eager = rng.lognormal(0, 1, n_users)
    lengths = np.clip(eager / eager.mean() * n_pairs * 1.12 / n_users, 1, n_songs // 10).astype(np.int64)
    users = np.repeat(np.arange(n_users), lengths)
    ranks = np.searchsorted(share / share[-1], rng.random(len(users), np.float32))
    row_of = rng.permutation(n_songs) if ids == "random" else np.arange(n_songs)
    pairs = np.unique(users * n_songs + row_of[np.minimum(ranks, n_songs - 1)])
    start = np.searchsorted(pairs, np.arange(n_users + 1) * n_songs)
    return start.astype(np.int32), (pairs % n_songs).astype(np.int32), (n_users, n_songs)


def matrix(folder: Path, dtype: type) -> Any:
    """Load the pattern as a CSR matrix of ones (the older class, which all contenders accept)."""
    from scipy.sparse import csr_matrix

    indptr, indices, shape = (np.load(folder / f"{name}.npy") for name in ("indptr", "indices", "shape"))
    return csr_matrix((np.ones(len(indices), dtype), indices, indptr), shape=tuple(shape.tolist()))


# ---- the contenders: import what you need, then hold a function (matrix, k, threads) -> (indptr, songs, counts) ----

Rows = tuple[np.ndarray, np.ndarray, np.ndarray]


def with_zetdard() -> tuple[type, Callable[[Any, int, int], Rows]]:
    from zetdard.kernels.cooccurrence import top_k_neighbours

    def run(held: Any, k: int, threads: int) -> Rows:
        found = top_k_neighbours(held, k, threads=threads)
        return found.indptr, found.indices, found.counts

    return np.float32, run


def with_sparse_dot_topn() -> tuple[type, Callable[[Any, int, int], Rows]]:
    """``sp_matmul_topn`` on int32, as fast as float32 and exact; K + 1, because a song's row holds the song itself."""
    from sparse_dot_topn import sp_matmul_topn

    def run(held: Any, k: int, threads: int) -> Rows:
        found = sp_matmul_topn(held.T.tocsr(), held, top_n=k + 1, sort=True, n_threads=threads)
        return found.indptr, found.indices, found.data

    return np.int32, run


def with_implicit() -> tuple[type, Callable[[Any, int, int], Rows]]:
    """``all_pairs_knn``, which ``ItemItemRecommender.fit`` calls; it takes float64 only; K + 1 as above."""
    from implicit.nearest_neighbours import all_pairs_knn

    def run(held: Any, k: int, threads: int) -> Rows:
        found = all_pairs_knn(held, k + 1, show_progress=False, num_threads=threads).tocsr()
        return found.indptr, found.indices, found.data

    return np.float64, run


CONTENDERS = {OURS: with_zetdard, "sparse_dot_topn": with_sparse_dot_topn, "implicit": with_implicit}


# ---- measurements: each function below `measure` runs in a process of its own --------------------------------------


def peak_bytes() -> int:
    """Peak memory of this process; ``ru_maxrss`` may include what the parent held when it started us."""
    status = Path("/proc/self/status")
    if status.exists():
        return 1024 * int(status.read_text().split("VmHWM:")[1].split()[0])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def job_draw(folder: Path, size: str, exponent: float, ids: str) -> dict[str, Any]:
    indptr, indices, shape = draw(size, exponent, ids)
    for name, array in {"indptr": indptr, "indices": indices, "shape": np.array(shape)}.items():
        np.save(folder / f"{name}.npy", array)
    degrees = np.bincount(indices, minlength=shape[1])
    work = int((np.diff(indptr).astype(np.int64) ** 2).sum())
    facts = {"users": shape[0], "songs": shape[1], "pairs": len(indices), "increments": work}
    return facts | {"most popular": int(degrees.max())}


def job_run(folder: Path, name: str, k: int, threads: int, keep: bool) -> dict[str, Any]:
    """Time one contender with everything compiled and imported."""
    dtype, run = CONTENDERS[name]()
    run(matrix(folder / "warm", dtype), k, threads)
    held = matrix(folder, dtype)
    before = peak_bytes()
    begin = time.perf_counter()
    rows = run(held, k, threads)
    seconds = time.perf_counter() - begin
    peak = peak_bytes()
    if keep:
        np.save(folder / f"{name}.npy", padded(*rows, k))
    return {"seconds": seconds, "peak": peak, "above": peak - before}


def job_fresh(folder: Path, name: str, k: int, threads: int) -> dict[str, Any]:
    """Time one contender from its imports on; loading the data is left out."""
    begin = time.perf_counter()
    importlib.import_module("scipy.sparse")
    dtype, run = CONTENDERS[name]()
    imported = time.perf_counter()
    held = matrix(folder, dtype)
    loaded = time.perf_counter()
    run(held, k, threads)
    return {"seconds": time.perf_counter() - loaded + imported - begin}


def job_compare(folder: Path, name: str) -> dict[str, Any]:
    """Compare counts exactly, and songs wherever a tie at the K-th place leaves no choice."""
    ours, theirs = np.load(folder / f"{OURS}.npy"), np.load(folder / f"{name}.npy")
    free = (ours[:, :, 0] == ours[:, -1:, 0]) & (
        ours[:, -1:, 0] > 0
    )  # may differ in which tied songs they took
    same_songs = np.sort(np.where(free, -1, ours[:, :, 1])) == np.sort(np.where(free, -1, theirs[:, :, 1]))
    return {
        "counts equal": bool((ours[:, :, 0] == theirs[:, :, 0]).all()),
        "songs equal": bool(same_songs.all()),
    }


def padded(indptr: np.ndarray, songs: np.ndarray, counts: np.ndarray, k: int) -> np.ndarray:
    """Return (n_songs, k, 2): counts and songs of each row without the song itself, largest first, zeros beyond."""
    rows = np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))
    other = (rows != songs) & (counts > 0)
    rows, songs, counts = rows[other], songs[other], counts[other].astype(np.int64)
    order = np.lexsort((songs, -counts, rows))
    rows, songs, counts = rows[order], songs[order], counts[order]
    place = np.arange(len(rows)) - np.searchsorted(rows, rows)
    out = np.zeros((len(indptr) - 1, k, 2), np.int32)
    inside = place < k
    out[rows[inside], place[inside]] = np.stack((counts, songs), axis=1)[inside]
    return out


def job_networkx(folder: Path, k: int, increments: int) -> dict[str, Any]:
    """Project a sample of users with NetworkX; extrapolate by the number of (user, song, song) triples."""
    import networkx as nx
    from networkx.algorithms import bipartite

    held = matrix(folder, np.int8)
    lengths = np.diff(held.indptr).astype(np.int64)
    order = np.random.default_rng(SEED).permutation(len(lengths))
    users = order[: max(1, np.searchsorted(np.cumsum(lengths[order] ** 2), 1_000_000))]
    sample = held[users]
    graph = nx.Graph()
    rows = np.repeat(np.arange(len(users)), np.diff(sample.indptr)).tolist()
    songs = np.unique(sample.indices).tolist()
    graph.add_edges_from((("u", u), s) for u, s in zip(rows, sample.indices.tolist(), strict=True))
    begin = time.perf_counter()
    projected = bipartite.weighted_projected_graph(graph, songs)
    for song in songs:
        heapq.nsmallest(k, ((-data["weight"], other) for other, data in projected[song].items()))
    seconds = time.perf_counter() - begin
    done = int((lengths[users] ** 2).sum())
    return {"users": len(users), "sample seconds": seconds, "estimated seconds": seconds * increments / done}


def job_bandwidth(threads: int) -> dict[str, Any]:
    """Measure reads + writes a second while each thread copies 256 MiB, best of five."""
    arrays = [(np.ones(32 * MIB), np.zeros(32 * MIB)) for _ in range(threads)]
    best = 0.0
    with ThreadPoolExecutor(threads) as pool:
        for _ in range(5):
            begin = time.perf_counter()
            list(pool.map(lambda pair: np.copyto(pair[1], pair[0]), arrays))
            best = max(best, threads * 2 * arrays[0][0].nbytes / (time.perf_counter() - begin))
    return {"bytes a second": best}


JOBS = {name[4:]: job for name, job in globals().items() if name.startswith("job_")}


def measure(job: str, **arguments: Any) -> dict[str, Any]:
    """Run one job in a fresh process and return what it found."""
    command = [sys.executable, __file__, "--job", json.dumps({"job": job, "arguments": arguments})]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def turns(
    names: list[str], pairs: int, one: Callable[[str, int], dict[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Let the contenders take turns; return medians, and ratios to ours within a turn."""
    seen: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    for turn in range(pairs):
        for name in names:
            seen[name].append(one(name, turn))
            print(f"turn {turn + 1}/{pairs}: {name} {seen[name][-1]['seconds']:.3f} s", file=sys.stderr)
    table = {}
    for name, results in seen.items():
        seconds = [result["seconds"] for result in results]
        ratios = [s / ours["seconds"] for s, ours in zip(seconds, seen[OURS], strict=True)]
        spread = {"median": statistics.median(ratios), "min": min(ratios), "max": max(ratios)}
        table[name] = {"seconds": statistics.median(seconds), "all": seconds, "times ours": spread}
        for key in ("peak", "above"):
            if key in results[0]:
                table[name][f"{key} MiB"] = round(statistics.median(r[key] for r in results) / MIB)
    return table


def benchmark(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Measure everything."""
    place, k, threads = str(folder), options.k, options.threads
    (folder / "warm").mkdir()
    measure("draw", folder=f"{place}/warm", size="tiny", exponent=options.exponent, ids=options.ids)
    data = measure("draw", folder=place, size=options.size, exponent=options.exponent, ids=options.ids)
    names = list(CONTENDERS)
    warm = turns(
        names,
        options.pairs,
        lambda name, turn: measure("run", folder=place, name=name, k=k, threads=threads, keep=turn == 0),
    )
    agreement = {name: measure("compare", folder=place, name=name) for name in names[1:]}
    bandwidth = measure("bandwidth", threads=threads)["bytes a second"]
    fresh = None
    if options.size != "L":
        fresh = turns(
            names,
            options.pairs,
            lambda name, _: measure("fresh", folder=place, name=name, k=k, threads=threads),
        )
    seconds = warm[OURS]["seconds"]
    least = 4 * data["pairs"] + 8 * k * data["songs"]
    bit_rows = 512 * data["pairs"]
    return {
        "data": data | {"size": options.size, "exponent": options.exponent, "ids": options.ids, "seed": SEED},
        "settings": {"k": k, "threads": threads, "pairs": options.pairs},
        "machine": {"processor": platform.processor() or platform.machine(), "cores": os.cpu_count()},
        "versions": {name: version(package) for name, package in PACKAGES.items()}
        | {"numba": version("numba"), "numpy": np.__version__, "python": platform.python_version()},
        "warm": warm,
        "agreement": agreement,
        "fresh process": fresh,
        "networkx": measure("networkx", folder=place, k=k, increments=data["increments"]),
        "bandwidth": {
            "copy, GB/s": bandwidth / 1e9,
            "any method: read each pair once, write the result, bytes": least,
            "share of bandwidth, any method": least / seconds / bandwidth,
            "ours: and one bit row of at most 512 bytes a pair, bytes": least + bit_rows,
            "share of bandwidth, ours at most": (least + bit_rows) / seconds / bandwidth,
        },
    }


def markdown(found: dict[str, Any]) -> str:
    """Write the result as Markdown."""
    data, settings, networkx = found["data"], found["settings"], found["networkx"]
    lines = [
        f"{data['users']:,} users × {data['songs']:,} songs, {data['pairs']:,} pairs (Zipf exponent"
        f" {data['exponent']}, {data['ids']} song rows, seed {data['seed']}); K = {settings['k']},"
        f" {settings['threads']} threads; median of {settings['pairs']} turns; ratio = time ÷ ours in the same turn.",
        "",
        "| contender | seconds | ratio (min–max) | peak MiB | above the input MiB | counts and songs equal |",
        "|---|---|---|---|---|---|",
    ]
    for name, row in found["warm"].items():
        same = found["agreement"].get(name)
        equal = "" if same is None else " / ".join("yes" if value else "NO" for value in same.values())
        times = f"{row['seconds']:.3f} | {_ratio(row)} | {row['peak MiB']} | {row['above MiB']}"
        lines.append(f"| {name} {found['versions'][name]} | {times} | {equal} |")
    estimate = f"{networkx['estimated seconds']:,.0f} (extrapolated from {networkx['users']} users)"
    lines += [
        f"| networkx | {estimate} | {networkx['estimated seconds'] / found['warm'][OURS]['seconds']:,.0f} | | | |"
    ]
    if found["fresh process"] is not None:
        lines += ["", "From the imports of a fresh process on, compiled code on disk:", ""]
        lines += ["| contender | seconds | ratio (min–max) |", "|---|---|---|"]
        lines += [
            f"| {n} | {row['seconds']:.3f} | {_ratio(row)} |" for n, row in found["fresh process"].items()
        ]
    lines += ["", *(f"* {name}: {value:.3g}" for name, value in found["bandwidth"].items())]
    return "\n".join(lines) + "\n"


def _ratio(row: dict[str, Any]) -> str:
    spread = row["times ours"]
    return f"{spread['median']:.2f} ({spread['min']:.2f}–{spread['max']:.2f})"


def main() -> None:
    """Run one job of a measurement, or the whole benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", choices=list(SIZES), default="S")
    parser.add_argument("--pairs", type=int, default=7, help="turns, each with one run of every contender")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--k", type=int, default=50, help="neighbours a song")
    parser.add_argument("--exponent", type=float, default=0.9, help="how unequal the songs are")
    parser.add_argument(
        "--ids", choices=["random", "popular"], default="random", help="order of the song rows"
    )
    parser.add_argument("--json", type=Path, help="write all numbers here")
    parser.add_argument("--markdown", type=Path, help="write the tables here, else to standard output")
    parser.add_argument("--job", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.job:
        order = json.loads(options.job)
        arguments = order["arguments"]
        if "folder" in arguments:
            arguments["folder"] = Path(arguments["folder"])
        print(json.dumps(JOBS[order["job"]](**arguments)))
        return
    for module in ("sparse_dot_topn", "implicit"):
        if importlib.util.find_spec(module) is None:
            parser.error(f"{module} is not installed: pip install {PACKAGES[module]}")
    with tempfile.TemporaryDirectory() as folder:
        found = benchmark(options, Path(folder))
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n")
    if options.markdown:
        options.markdown.write_text(markdown(found))
    else:
        print(markdown(found))


if __name__ == "__main__":
    main()
