"""Codes of songs by autoencoders against the rows of the song network themselves and against a truncated SVD of them.

    python benchmarks/autoencoders.py [--world DIR ...] [--split DIR] [--seed 0] [--json OUT]
    python benchmarks/autoencoders.py --time SONGS EDGES EPOCHS [--threads 2]

``--world`` names what ``zetdard sandbox --export DIR`` wrote, ``--split`` a folder of playlists with train.txt, test.txt and a
users.csv with a column ``tags`` (``tag|tag``). All are made from the same network: the 20 strongest edges of each song.

* *seconds*: to make the codes, and to cut them by k-means into as many clusters as there are labels.
* *ARI*: adjusted Rand index of these clusters (Hubert and Arabie, 1985), the mean of five beginnings, against the genres of the
  invented world, or the tag that most of a song's playlists have. 95% intervals: percentile bootstrap over songs. The tags are of
  the same playlists that the network is made of: what agrees with them is not news, only how codes compare is.
* *nDCG@10*: are the ten songs nearest by code those nearest in the space that the invented listeners choose by? Of 2,000 songs.
* *nDCG@20*: lists for the playlists of the split (fitted on train, train items masked), through clusters, as ``recommend`` does.

Differences from raw rows and from SVD are paired. ``shuffled`` has the codes of the graph autoencoder in another order.
``--time`` trains a graph autoencoder on a random network of that size for so many epochs, and says how long one took.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np
from scipy.sparse import csr_array, issparse
from scipy.sparse.linalg import svds
from sklearn.cluster import KMeans

from zetdard.data.interactions import Interactions
from zetdard.data.vocabulary import Vocabulary
from zetdard.evaluation.experiment import Experiment
from zetdard.evaluation.splitfiles import read_split
from zetdard.measure.intervals import compare, intervals
from zetdard.measure.metrics import judge, ndcg
from zetdard.models.base import TrainingData
from zetdard.models.deep.graph_edges import song_network
from zetdard.models.graph_autoencoder import GraphAutoencoder, GraphAutoencoderConfig
from zetdard.models.row_autoencoder import RowAutoencoder, RowAutoencoderConfig
from zetdard.models.song_codes import Codes, SongCodes

NEIGHBOURS, SIZE, PULL = 20, 64, 2.0
STARTS, RESAMPLES, QUERIES = 5, 1000, 2000
REFERENCES = ("raw rows", "SVD")


@dataclass(frozen=True)
class Case:
    """Who holds what, a label of each song (−1 = none), and what is near to what."""

    name: str
    data: TrainingData
    labels: np.ndarray
    latents: np.ndarray | None
    experiment: Experiment | None


class Rows(SongCodes):
    """The rows of the network, of length 1."""

    name, summary, config_class = "rows", "rows of the network", RowAutoencoderConfig

    def encode(self, data: TrainingData) -> Codes:
        """Take the rows as they are."""
        network = song_network(data.interactions, NEIGHBOURS)
        lengths = np.sqrt(np.asarray(network.multiply(network).sum(axis=1)))
        network.data /= np.repeat(lengths, np.diff(network.indptr))
        return _codes(network, np.diff(network.indptr) > 0)


class Svd(SongCodes):
    """The leading singular vectors of the rows, times the singular values, of length 1."""

    name, summary, config_class = "svd", "singular vectors of the network", RowAutoencoderConfig

    def encode(self, data: TrainingData) -> Codes:
        """Take the singular vectors."""
        network = song_network(data.interactions, NEIGHBOURS)
        begin = np.random.default_rng(data.seed).standard_normal(network.shape[0])
        left, sizes, _ = svds(network.astype(np.float64), k=min(SIZE, network.shape[0] - 1), v0=begin)
        places = left * sizes
        lengths = np.linalg.norm(places, axis=1, keepdims=True)
        places = np.divide(places, lengths, out=np.zeros_like(places), where=lengths > 1e-9)
        return _codes(places.astype(np.float32), np.diff(network.indptr) > 0)


def _codes(places: Any, known: np.ndarray) -> Codes:
    return Codes(places, np.zeros(len(known), np.float32), known, PULL, np.empty((0, 2), np.float32))


class Shuffled(SongCodes):
    """Codes of another model, handed to other songs."""

    name, summary, config_class = "shuffled", "shuffled codes", GraphAutoencoderConfig

    def __init__(self, model: SongCodes) -> None:
        super().__init__(model.config)
        self._model = model

    def encode(self, data: TrainingData) -> Codes:
        """Put the codes in another order."""
        state = self._model.state()
        known = np.flatnonzero(state["cluster"] >= 0)
        order = np.arange(len(state["cluster"]))
        order[known] = np.random.default_rng(1).permutation(known)
        return Codes(
            state["places"][order], state["masses"][order], state["cluster"] >= 0, PULL, state["curve"]
        )


MODELS: Mapping[str, Callable[[], SongCodes]] = {
    "raw rows": Rows,
    "SVD": Svd,
    "graph, variational": lambda: GraphAutoencoder(GraphAutoencoderConfig(variational=True)),
    "graph, plain": lambda: GraphAutoencoder(GraphAutoencoderConfig(variational=False)),
    "rows, variational": lambda: RowAutoencoder(RowAutoencoderConfig(variational=True)),
    "rows, plain": lambda: RowAutoencoder(RowAutoencoderConfig(variational=False)),
}


def world_case(folder: Path, seed: int) -> Case:
    with (folder / "songs.csv").open(encoding="utf-8", newline="") as file:
        songs = list(csv.DictReader(file))
    items = Vocabulary((song["id"] for song in songs), kind="item")
    genres = np.unique([song["genre"] for song in songs], return_inverse=True)[1]
    latents = np.array([[float(song[key]) for key in song if key.startswith("latent_")] for song in songs])
    imports = folder / "import" / "playlists"
    with (imports / "playlists.csv").open(encoding="utf-8", newline="") as file:
        owners = {row["playlist_id"]: row["creator"] for row in csv.DictReader(file)}
    users = Vocabulary(sorted(set(owners.values())), kind="user")
    with (imports / "playlist_songs.csv").open(encoding="utf-8", newline="") as file:
        pairs = [(owners[row["playlist_id"]], row["song_id"]) for row in csv.DictReader(file)]
    who, what = users.rows([a for a, _ in pairs]), items.rows([b for _, b in pairs])
    interactions = Interactions.from_pairs(users, items, who, what)
    return Case(
        f"the invented world {folder.name}", TrainingData(interactions, seed=seed), genres, latents, None
    )


def split_case(folder: Path, seed: int) -> Case:
    split = read_split(folder)
    tags = [text.split("|") if text else [] for text in split.user_columns["tags"]]
    everywhere = Counter(tag for own in tags for tag in own)
    holders = split.train.matrix.T.tocsr()
    names = sorted(everywhere)
    labels = np.full(split.train.n_items, -1)
    for song in range(split.train.n_items):
        users = holders.indices[holders.indptr[song] : holders.indptr[song + 1]].tolist()
        counts = Counter(tag for user in users for tag in tags[user])
        if counts:
            # Of equally frequent ones that which is more frequent everywhere.
            labels[song] = names.index(max(counts, key=lambda tag: (counts[tag], everywhere[tag], tag)))
    data = TrainingData(split.train, seed=seed)
    experiment = Experiment(data, split.test, split.train.item_degrees() > 0, (20,))
    return Case(f"the playlists {split.name}", data, labels, None, experiment)


def rand_index(of: np.ndarray, labels: np.ndarray, times: np.ndarray) -> float:
    """Return the adjusted Rand index: 1 = the same parts, 0 = as by chance.

    Args:
        of: Part of each song.
        labels: Label of each song.
        times: How often each song was drawn; a song is no pair with itself.
    """
    cells = of * (labels.max() + 1) + labels

    def pairs(parts: np.ndarray) -> float:
        return float(np.square(np.bincount(parts, times)).sum() - np.square(times).sum()) / 2

    both, a, b, total = pairs(cells), pairs(of), pairs(labels), pairs(np.zeros_like(of))
    chance = a * b / total
    return (both - chance) / ((a + b) / 2 - chance)


def clustering(places: Any, labels: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the indices, shape (1 + resamples,), the first of all songs; and the seconds of one beginning."""
    numbers = np.unique(labels, return_inverse=True)[1]
    n = len(numbers)
    if issparse(places):  # scikit-learn takes no 64-bit indices
        places.indices, places.indptr = places.indices.astype(np.int32), places.indptr.astype(np.int32)
    begun = perf_counter()
    parts = [
        KMeans(numbers.max() + 1, n_init=1, random_state=start).fit_predict(places).astype(np.int64)
        for start in range(STARTS)
    ]
    seconds = (perf_counter() - begun) / STARTS
    random = np.random.default_rng(0)
    draws = [np.ones(n), *(np.bincount(random.integers(n, size=n), minlength=n) for _ in range(RESAMPLES))]
    found = [np.mean([rand_index(of, numbers, times.astype(np.float64)) for of in parts]) for times in draws]
    return np.array(found), seconds


def nearest_songs(places: Any, masses: np.ndarray, queries: np.ndarray, n: int) -> np.ndarray:
    """Return the n nearest of each query, all songs compared: shape (queries, n)."""
    found = []
    lengths = (
        np.asarray(places.multiply(places).sum(axis=1)) if issparse(places) else np.square(places).sum(axis=1)
    )
    for start in range(0, len(queries), 200):
        rows = queries[start : start + 200]
        product = places[rows] @ places.T
        product = product.toarray() if issparse(product) else product
        squared = np.maximum(lengths[rows][:, None] + lengths[None] - 2 * product, 0)
        drawn = masses[None] - PULL * np.log(squared + 0.01)
        drawn[np.arange(len(rows)), rows] = -np.inf
        found.append(np.argsort(-drawn, axis=1, kind="stable")[:, :n])
    return np.concatenate(found).astype(np.int32)


def nearness(places: Any, masses: np.ndarray, latents: np.ndarray) -> np.ndarray:
    """Return nDCG@10 of each query against the ten nearest by the cosine of the true latents."""
    rows = np.random.default_rng(0).permutation(len(latents))[:QUERIES]
    unit = latents / np.linalg.norm(latents, axis=1, keepdims=True)
    true = nearest_songs(unit, np.zeros(len(unit)), rows, 10)
    marks = csr_array(
        (np.ones(true.size, np.float32), (np.repeat(np.arange(len(rows)), 10), true.ravel())),
        shape=(len(rows), len(latents)),
    )
    marks.sort_indices()
    return ndcg(judge(nearest_songs(places, masses, rows, 10), marks), 10)


def measured(case: Case) -> dict[str, Any]:
    found: dict[str, dict[str, Any]] = {}
    shown: dict[str, SongCodes] = {}
    makers = dict(MODELS)
    makers["shuffled (control)"] = lambda: Shuffled(shown["graph, variational"])
    known = np.diff(song_network(case.data.interactions, NEIGHBOURS).indptr) > 0
    labelled = np.flatnonzero(known & (case.labels >= 0))
    for name, make in makers.items():
        print(f"{case.name}: {name}", file=sys.stderr, flush=True)
        model = make()
        begun = perf_counter()
        codes = model.encode(case.data)
        line: dict[str, Any] = {"code s": perf_counter() - begun, "epochs": len(codes.curve)}
        places: Any = codes.places
        line["ari"], line["cluster s"] = clustering(places[labelled], case.labels[labelled])
        if case.latents is not None:
            songs = np.flatnonzero(known)
            line["ndcg"] = nearness(places[songs], codes.masses[songs], case.latents[songs])
        given = replace(codes, places=places.toarray()) if issparse(places) and case.experiment else codes
        model.encode = lambda _, given=given: given  # type: ignore[method-assign]  # codes made elsewhere, recommended by as usual
        if case.experiment is not None:
            run = case.experiment.run(name, model)
            line["ndcg"] = run.table.per_user["ndcg@20"]
        elif name.startswith("graph"):
            model.fit(case.data)
        if isinstance(model, GraphAutoencoder):
            line["direction"] = direction(case, model)
        shown[name] = model
        found[name] = line
    return found


def direction(case: Case, model: GraphAutoencoder) -> tuple[float, float]:
    """Return of how many one-way edges the decoder knows the way, and of how many the numbers of holders tell it."""
    network = song_network(case.data.interactions, NEIGHBOURS)
    edges, degrees = network.tocoo(), case.data.interactions.item_degrees()
    back = np.asarray(network.T.tocsr()[edges.row, edges.col]).ravel()
    a, b = edges.row[back == 0], edges.col[back == 0]
    told = (degrees[b] > degrees[a]) + 0.5 * (degrees[b] == degrees[a])
    return float((model.edges(a, b) > model.edges(b, a)).mean()), float(told.mean())


def report(case: Case, found: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    metric = "nDCG@10" if case.latents is not None else "nDCG@20"
    print(f"\n{case.name}: {case.data.interactions.n_items:,} songs, {len(case.data.interactions):,} pairs\n")
    print(f"| codes | seconds: codes, clusters | ARI | {metric} |\n|---|--:|--:|--:|")
    lines = []
    for name, line in found.items():
        low, high = intervals({"x": line["ndcg"]})["x"]
        said: dict[str, Any] = {
            "codes": name,
            "code seconds": line["code s"],
            "epochs": line["epochs"],
            "cluster seconds": line["cluster s"],
            "ari": _with_interval(line["ari"]),
            metric: (float(line["ndcg"].mean()), low, high),
        }
        if "direction" in line:
            said["one-way edges: known, told by holders"] = line["direction"]
        for other in REFERENCES:
            paired = compare({"x": line["ndcg"]}, {"x": found[other]["ndcg"]})["x"]
            said[f"ari less {other}"] = _with_interval(line["ari"] - found[other]["ari"])
            said[f"{metric} less {other}"] = (paired.difference, *paired.interval)
        lines.append(said)
        texts = ["{:.3f} [{:.3f}, {:.3f}]".format(*said[key]) for key in ("ari", metric)]
        print(f"| {name} | {line['code s']:.1f}, {line['cluster s']:.2f} | {texts[0]} | {texts[1]} |")
    columns = [f"{what} less {other}" for other in REFERENCES for what in ("ari", metric)]
    print(f"\n| paired differences | {' | '.join(columns)} |\n|---|{'--:|' * len(columns)}")
    for said in lines:
        texts = [
            "–" if said["codes"] in key else "{:+.3f} [{:+.3f}, {:+.3f}]".format(*said[key])
            for key in columns
        ]
        print(f"| {said['codes']} | {' | '.join(texts)} |")
    print()
    for name, line in found.items():
        if "direction" in line:
            known, told = line["direction"]
            print(
                f"{name}: the way of {known:.3f} of the one-way edges is known; holders alone tell {told:.3f}"
            )
    return lines


def _with_interval(resampled: np.ndarray) -> tuple[float, float, float]:
    low, high = np.quantile(resampled[1:], (0.025, 0.975))
    return float(resampled[0]), float(low), float(high)


def time_epochs(songs: int, edges: int, epochs: int, threads: int) -> None:
    """Train on a random network in which popular songs get more edges."""
    import torch

    from zetdard.models import graph_autoencoder as module

    torch.set_num_threads(threads)
    random = np.random.default_rng(0)
    begins = np.repeat(np.arange(songs), edges // songs)
    ends = (songs * random.random(len(begins)) ** 2).astype(np.int64)
    weights = random.random(len(begins)).astype(np.float32)
    network = csr_array((weights, (begins, ends)), shape=(songs, songs))
    network = csr_array(
        network - csr_array((network.diagonal(), (np.arange(songs),) * 2), shape=network.shape)
    )
    network.eliminate_zeros()
    network.sort_indices()
    module.song_network = lambda *_, **__: network  # the network is given; who holds what does not matter
    nobody = Interactions.from_pairs(
        Vocabulary((), kind="user"),
        Vocabulary(map(str, range(songs)), kind="item"),
        np.empty(0, np.int32),
        np.empty(0, np.int32),
    )
    taken = []
    for n in (1, 1 + epochs):
        begun = perf_counter(), process_time()
        GraphAutoencoder(GraphAutoencoderConfig(epochs=n, patience=n)).encode(TrainingData(nobody))
        taken.append((perf_counter() - begun[0], process_time() - begun[1]))
    each, busy = ((taken[1][which] - taken[0][which]) / epochs for which in (0, 1))
    print(
        f"{songs:,} songs, {network.nnz:,} edges, {threads} threads, an epoch: {each:.2f} s, CPU {busy:.2f} s"
    )
    print(f"270 epochs: {270 * each / 60:.1f} min")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--world", type=Path, nargs="*", default=[])
    parser.add_argument("--split", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--time", type=int, nargs=3, metavar=("SONGS", "EDGES", "EPOCHS"))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    if args.time:
        time_epochs(*args.time, args.threads)
    cases = [world_case(folder, args.seed) for folder in args.world]
    if args.split:
        cases.append(split_case(args.split, args.seed))
    told = {case.name: report(case, measured(case)) for case in cases}
    if args.json:
        args.json.write_text(json.dumps(told, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
