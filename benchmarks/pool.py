"""What does scoring only a pool save, and what does it lose? Held-out songs of listeners, pools of several sizes.

    python benchmarks/pool.py --spotify FOLDER [--models svm,logistic] [--listeners N] [--fold test|valid]
    python benchmarks/pool.py --split FOLDER [...]
    python benchmarks/pool.py --home DIR [--scale small|thesis] [--models svm,logistic] [--listeners N] [--fold test|valid]

``--spotify``: real playlists with the audio features that Spotify states, and those alone; a playlist is a listener. ``--split``: a ready-made
split as ``zetdard benchmark`` reads it; songs are known by the network of what is learned from alone. ``--home``: an INVENTED
world of ``zetdard sandbox``, stored, heard and read in DIR as ``companions.py`` does it, and used again by the next run; songs
are known by sound, words and that network.

A fifth of each listener's songs is held out, or what the split says (``--fold valid``: a tenth of the rest, for choosing
settings). A model is fitted
once for each share of the catalogue that its pool may hold, and scores the listeners; 1 = all songs. Measured, with 95%
bootstrap intervals over listeners:

* seconds: of processor time for a listener, learning their taste and scoring (clustering the catalogue is told apart);
* kept: the share of a listener's held-out songs that the pool holds, beside a random pool of as many songs that they do not
  hold (what it holds on average);
* nDCG@20 and recall@100 of the list, less those of scoring all songs, paired; and the nDCG@20 of lists from a random pool as
  large, likewise.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np

from _invented import known_of
from zetdard.data.features import FeatureBlock
from zetdard.data.interactions import Histories, Interactions
from zetdard.data.vocabulary import Vocabulary
from zetdard.evaluation.experiment import Experiment
from zetdard.evaluation.splitfiles import read_split
from zetdard.evaluation.taste.pools import spotify_playlists
from zetdard.evaluation.taste.sampling import Sampling
from zetdard.features.network import NETWORK, describe_network
from zetdard.measure.intervals import compare, intervals
from zetdard.measure.splits import HeldOut, random_holdout, validation_fold
from zetdard.models.base import TrainingData
from zetdard.models.logistic import LogisticConfig, LogisticTaste
from zetdard.models.svm import SvmConfig, SvmTaste
from zetdard.models.taste.learning import ALL_BLOCKS
from zetdard.models.taste.recommender import TasteModel
from zetdard.sandbox.config import SCALES
from zetdard.sandbox.world import generate
from zetdard.surfaces.cli.progress import TerminalProgress

K = 20
DEEP = 100
NDCG, RECALL = f"ndcg@{K}", f"recall@{DEEP}"
MODELS = {"svm": (SvmTaste, SvmConfig), "logistic": (LogisticTaste, LogisticConfig)}
Marks = np.ndarray[tuple[int, int], np.dtype[np.bool_]]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--spotify", type=Path)
    where.add_argument("--split", type=Path)
    where.add_argument("--home", type=Path)
    parser.add_argument("--scale", choices=list(SCALES), default="small")
    parser.add_argument("--models", default="svm,logistic")
    parser.add_argument("--shares", default=".1,.25,.5")
    parser.add_argument("--no-network", action="store_true", help="show models the features alone")
    parser.add_argument("--clusters", type=int, help="how many; left out: √songs")
    parser.add_argument("--listeners", type=int, help="draw so many; left out: all")
    parser.add_argument("--fold", choices=("test", "valid"), default="test")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    shares = [float(share) for share in given.shares.split(",")]
    kept: dict[str, Any] = {}
    with TerminalProgress() as progress:
        if given.spotify:
            holdings, blocks = playlists(given.spotify, given.seed)
            train, test = random_holdout(holdings, seed=given.seed)
            asked = HeldOut.of(test)
        elif given.split:
            split = read_split(given.split)
            train, asked, blocks = split.train, split.test, {}
        else:
            world = generate(replace(SCALES[given.scale], seed=given.seed))
            known = known_of(world, given.home, given.scale, progress, clips=False)
            blocks = known.blocks
            train, test = random_holdout(known.dataset.holdings, seed=given.seed)
            asked = HeldOut.of(test)
        if given.fold == "valid":
            train, test = validation_fold(train, seed=given.seed)
            asked = HeldOut.of(test)
        network = not (given.no_network or given.spotify)
        experiment = held_out(train, asked, blocks, network, given.listeners, given.seed)
        print(
            f"{'INVENTED world' if given.home else 'real playlists'}, fold: {given.fold}; {len(experiment.held_out):,} listeners, "
            f"{int(experiment.candidates.sum()):,} songs known by {', '.join(experiment.data.item_features)}"
        )
        for name in given.models.split(","):
            found = measured(experiment, name, shares, given.clusters, given.seed, progress)
            print(f"\n{name}\n\n{to_markdown(found)}", flush=True)
            kept[name] = {
                str(share): {"seconds": one.seconds, "size": one.size.tolist(), "ndcg": one.ndcg.tolist()}
                for share, one in found.items()
            }
    if given.json:
        given.json.write_text(json.dumps(kept) + "\n", encoding="utf-8")


def playlists(folder: Path, seed: int) -> tuple[Interactions, Mapping[str, FeatureBlock]]:
    """Return all playlists with ten songs or more, as listeners, and Spotify's features."""
    everybody = Sampling(ratio=1.0, most_likes=10**6, listeners=10**6)
    pool = spotify_playlists(folder, sampling=everybody, seed=seed)
    users = Vocabulary((one.name for one in pool.listeners), kind="playlist")
    liked = [one.rows[one.liked] for one in pool.listeners]
    rows = np.repeat(np.arange(len(users), dtype=np.int32), [len(own) for own in liked])
    return Interactions.from_pairs(users, pool.songs, rows, np.concatenate(liked)), pool.blocks


def held_out(
    train: Interactions,
    asked: HeldOut,
    blocks: Mapping[str, FeatureBlock],
    network: bool,
    listeners: int | None,
    seed: int,
) -> Experiment:
    """Describe the network of what may be learned from; draw listeners."""
    known = {name: block for name, block in blocks.items() if name in ALL_BLOCKS}
    if network:
        known[NETWORK] = describe_network(train)
    candidates = np.any([block.known for block in known.values()], axis=0)
    if listeners is not None and listeners < len(asked):
        drawn = np.sort(np.random.default_rng((seed, 31)).permutation(len(asked))[:listeners])
        asked = HeldOut(
            tuple(asked.users[one] for one in drawn.tolist()),
            asked.rows[drawn],
            asked.matrix[drawn],
            asked.n_relevant[drawn],
        )
    return Experiment(TrainingData(train, item_features=known, seed=seed), asked, candidates, (K, DEEP), 32)


@dataclass
class Watched:
    """A fitted model whose scores are kept, and whose processor time is counted."""

    model: TasteModel
    seconds: float = 0.0
    scores: list[np.ndarray] = field(default_factory=list)

    def score(self, histories: Histories) -> np.ndarray:
        """Score, and remember."""
        begun = process_time()
        scores = self.model.score(histories)
        self.seconds += process_time() - begun
        self.scores.append(scores)
        return scores


@dataclass
class Kept:
    """Scores that were made before, of the same listeners in the same order."""

    scores: np.ndarray
    at: int = 0

    def score(self, histories: Histories) -> np.ndarray:
        """Give those of the next listeners."""
        self.at += len(histories)
        return self.scores[self.at - len(histories) : self.at]


@dataclass
class Measured:
    """What a share of the catalogue gave: arrays of shape (listeners,)."""

    clustering: float
    """Processor seconds of fitting."""
    seconds: float
    """Processor seconds a listener."""
    size: np.ndarray
    """Songs that are scored and that the listener does not hold, of all such."""
    kept: np.ndarray
    """Share of the held-out songs with features that is among them; without those who have none."""
    chance: np.ndarray
    """The same for a random pool as large, on average."""
    ndcg: np.ndarray
    recall: np.ndarray
    random_ndcg: np.ndarray
    """Of a list from a random pool as large."""


def measured(
    experiment: Experiment,
    name: str,
    shares: list[float],
    clusters: int | None,
    seed: int,
    progress: TerminalProgress,
) -> dict[float, Measured]:
    """Return what each share gives; all songs (1) come first, since random pools cut its lists."""
    model_class, config_class = MODELS[name]
    free = (experiment.histories().matrix.toarray() == 0) & experiment.candidates  # (listeners, items)
    relevant = (experiment.held_out.matrix.toarray() > 0) & experiment.candidates
    asked = relevant.any(axis=1)
    random = np.random.default_rng((seed, 32))
    found: dict[float, Measured] = {}
    everything = np.empty(0)
    for share in (1.0, *shares):
        model = model_class(config_class(blocks=ALL_BLOCKS, pool=share, clusters=clusters))
        begun = process_time()
        model.fit(experiment.data)
        clustering = process_time() - begun
        watched = Watched(model)
        run = experiment.measure(f"{name}, pool {share:g}", watched, progress=progress)  # type: ignore[arg-type]
        scores = np.concatenate(watched.scores)
        if share == 1:
            everything = scores
        pool = (scores > 0) & free
        sizes, n_free = pool.sum(axis=1), free.sum(axis=1)
        drawn = drawn_alike(free, sizes, random)
        by_chance = experiment.measure("random", Kept(np.where(drawn, everything, 0)))  # type: ignore[arg-type]
        found[share] = Measured(
            clustering,
            watched.seconds / len(free),
            sizes / n_free,
            (pool & relevant).sum(axis=1)[asked] / relevant.sum(axis=1)[asked],
            (sizes / n_free)[asked],
            run.table.per_user[NDCG],
            run.table.per_user[RECALL],
            by_chance.table.per_user[NDCG],
        )
    return found


def drawn_alike(free: Marks, sizes: np.ndarray, random: np.random.Generator) -> Marks:
    """Draw as many songs as each listener's pool has: shape (listeners, items)."""
    drawn = np.zeros_like(free)
    for row, size in enumerate(sizes.tolist()):
        drawn[row, random.permutation(np.flatnonzero(free[row]))[:size]] = True
    return drawn


def to_markdown(found: Mapping[float, Measured]) -> str:
    """Return one table."""
    lines = [
        "| share | s a listener (clustering) | held-out songs in the pool | in a random pool | nDCG@20 | less all songs | "
        "recall@100, less all songs | random pool's nDCG@20, less all songs |",
        "|---|---|---|---|---|---|---|---|",
    ]
    everything = found[1.0]
    for share, one in sorted(found.items()):
        pairs = (
            (one.ndcg, everything.ndcg),
            (one.recall, everything.recall),
            (one.random_ndcg, everything.ndcg),
        )
        less = ["" if share == 1 else signed(compare({"x": a}, {"x": b})["x"]) for a, b in pairs]
        lines.append(
            f"| {share:g} | {one.seconds:.2f} ({one.clustering:.1f}) | {mean(one.kept, 2)} | {one.chance.mean():.2f} | "
            f"{mean(one.ndcg, 3)} | {' | '.join(less)} |"
        )
    return "\n".join(lines)


def mean(values: np.ndarray, digits: int) -> str:
    low, high = intervals({"x": values})["x"]
    return f"{values.mean():.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"


def signed(difference: Any) -> str:
    low, high = difference.interval
    return f"{difference.difference:+.4f} [{low:+.4f}, {high:+.4f}]"


if __name__ == "__main__":
    main()
