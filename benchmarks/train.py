"""What training costs, and what it buys: seconds, memory and quality of every model that recommends songs.

    python benchmarks/train.py [--part graph|cluster-cf|world|svm|ears ...] [--home DIR] [--scale thesis|small] [--models NAME,…]
        [--listeners N] [--few N] [--budget S] [--features FILE --clips FOLDER --data DIR] [--threads 2] [--seed 0] [--json OUT]

graph: the graph autoencoder for exactly ``--epochs`` epochs, on the song network of the invented world.
cluster-cf: fitted on the songs of the invented world that have sound, and asked for a list for every listener.
world: every model on the invented world. A fifth of each listener's songs is held out at random; models learn from the rest of all
    listeners, and are asked for lists for ``--listeners`` of them, drawn at random; those that learn a listener only then, for the
    first ``--few``. The second quality is among the songs with sound alone, candidates and held-out songs, of the listeners who
    hold out any: networks that hear know no other song. ``oracle`` knows the world's true scores, not what chance let people pick.
svm: ``svm`` of ``evaluate taste`` for all listeners of ``--data`` at once. ears: the same for the networks that hear; needs ``--clips``.

INVENTED: the world's listeners, words and sounds come from ``zetdard sandbox``. They are stored, heard and read as a user's own
would be, in DIR, and used again by the next run; MusiCNN is used where its weights lie in DIR/weights. ``--features`` is what
``benchmarks/taste.py --save`` writes, ``--clips`` what ``--save-clips`` does; the tracks of ``--data`` are real, its listeners invented.

Of each fit: seconds by the clock and of processor time, which is what counts where others use the machine too, and how many MiB
the process grew by at its peak (Linux only). Without ``--part``, all parts whose inputs are named.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from _costs import Cost, costing
from _invented import Known, Oracle, known_of
from context import holdings_of
from zetdard import registry
from zetdard.data.features import FeatureBlock
from zetdard.data.interactions import Histories, Interactions, ones_like
from zetdard.data.regions import region_block
from zetdard.data.taste import Labelled, TasteSongs
from zetdard.data.vocabulary import Vocabulary
from zetdard.errors import ZetDardError
from zetdard.evaluation.experiment import Experiment, Run
from zetdard.evaluation.taste.blocks import read_blocks
from zetdard.evaluation.taste.clipfiles import read_clips
from zetdard.evaluation.taste.pool import Pool
from zetdard.evaluation.taste.pools import audio_taste, audio_taste_songs
from zetdard.evaluation.taste.protocol import TastePlan
from zetdard.evaluation.taste.protocol import run as run_taste
from zetdard.features.network import describe_network
from zetdard.measure.intervals import compare, intervals
from zetdard.measure.splits import HeldOut, random_holdout
from zetdard.models.base import (
    ManySided,
    Model,
    TrainingData,
    Workshop,
    wanted_features,
    wanted_user_features,
    wants_clips,
)
from zetdard.models.cluster_cf import ClusterCF
from zetdard.models.deep.devices import torch_module
from zetdard.models.graph_autoencoder import GraphAutoencoder, GraphAutoencoderConfig
from zetdard.models.taste.recommender import TasteModel
from zetdard.sandbox.config import SCALES
from zetdard.sandbox.world import World, generate
from zetdard.surfaces.cli.progress import TerminalProgress

DATA = Path(__file__).parents[2] / "shared" / "data" / "audio_taste"
K, SHARE = 20, 0.2
NDCG = f"ndcg@{K}"
EARS = ("audio-cnn", "mel-cnn")
ALL_LISTENERS = ("C", "S-seen")
"""The protocols that between them ask every listener."""
MODELS = (*registry.MODELS, *registry.TASTE_MODELS, *registry.SONG_MODELS)


@dataclass
class Line:
    """One model in the table of the world.

    Attributes:
        fit: What fitting took.
        lists: What scoring took, of all listeners who are asked about, and ranking, among all songs and those with sound.
        runs: Its lists among all songs, and among those with sound.
        reason: Why it could not be fitted.
    """

    name: str
    fit: Cost
    lists: Cost = field(default_factory=Cost)
    runs: Mapping[str, Run] = field(default_factory=dict)
    reason: str = ""


@dataclass
class Remembering:
    """A fitted model that scores each listener once: the second experiment asks about the same people."""

    model: Model
    found: dict[int, np.ndarray] = field(default_factory=dict)

    def score(self, histories: Histories) -> np.ndarray:
        """Return the model's scores: shape (listeners, songs)."""
        new = np.array([user not in self.found for user in histories.users.tolist()])
        if new.any():
            scores = self.model.score(Histories(histories.matrix[new], histories.users[new]))
            self.found |= dict(zip(histories.users[new].tolist(), scores, strict=True))
        return np.array([self.found[user] for user in histories.users.tolist()])


def world_part(
    known: Known, given: argparse.Namespace, progress: TerminalProgress, keep: Callable[[Any], None]
) -> dict[str, Any]:
    """Fit and measure every model that is named, beside controls; print and keep each line as it is known."""
    train, test = random_holdout(known.dataset.holdings, SHARE, seed=given.seed)
    # The network is made of what is held: of the songs in train alone, or it would tell those that are held out.
    blocks = {**known.blocks, "network": describe_network(train)}
    drawn = np.random.default_rng((given.seed, 31)).permutation(np.flatnonzero(test.user_degrees()))
    data = TrainingData(train, seed=given.seed)
    many, few = (asked_about(drawn[:n], data, test, known) for n in (given.listeners, given.few))
    print(
        f"\nINVENTED world `{given.scale}`, seed {given.seed}: {train.n_users:,} listeners, {train.n_items:,} songs "
        f"({int(known.sounding.sum()):,} with sound), {len(train):,} pairs to learn from, {len(test):,} held out; "
        f"{given.threads} threads\n\n"
        f"| model | fit s | CPU s | MiB | listeners | CPU ms a list | nDCG@{K} | less popular "
        f"| nDCG@{K} among sounds | less popular |\n|---|" + "--:|" * 5 + "---|" * 4,
        flush=True,
    )
    popular = registry.make_model("popular").fit(data)
    references = [lists_of("popular", popular, experiments, progress) for experiments in (many, few)]
    makers: dict[str, Callable[[], Any]] = {
        name: partial(registry.make_model, name)
        for name in dict.fromkeys((*registry.CONTROLS, *given.models))
    }
    makers["oracle"] = partial(Oracle, known)
    fits: list[Cost] = []
    told: dict[str, Any] = {}
    for name, make in makers.items():
        model = make()
        # What learns a listener only when it is asked about them takes too long for many.
        experiments, reference = (
            (few, references[1]) if isinstance(model, TasteModel) else (many, references[0])
        )
        line = measured(
            name, model, data_of(model, train, known, blocks, given, progress), experiments, progress
        )
        told[name] = shown(line, reference)
        fits.append(line.fit)
        keep(told)
    seconds, busy = (sum(getattr(fit, which) for fit in fits) for which in ("seconds", "busy"))
    print(f"\neverything fitted: {seconds / 60:.1f} min, CPU {busy / 60:.1f} min", flush=True)
    return {"models": told, "fit_seconds": seconds, "fit_cpu_seconds": busy}


def asked_about(
    users: np.ndarray, data: TrainingData, test: Interactions, known: Known
) -> dict[str, Experiment]:
    """Return what is asked about some listeners: songs among all that anybody holds, and among those of them with sound."""
    asked = np.isin(np.repeat(np.arange(test.n_users), test.user_degrees()), users)
    held, sounds = data.interactions.item_degrees() > 0, known.sounding[test.matrix.indices]
    return {
        "all": Experiment(data, HeldOut.of(test.keep(asked)), held, (K,)),
        "sounding": Experiment(data, HeldOut.of(test.keep(asked & sounds)), held & known.sounding, (K,)),
    }


def lists_of(
    name: str, model: Model, experiments: Mapping[str, Experiment], progress: TerminalProgress
) -> dict[str, Run]:
    """Measure a fitted model in each experiment."""
    return {
        where: experiment.measure(name, model, progress=progress) for where, experiment in experiments.items()
    }


def data_of(
    model: Any,
    train: Interactions,
    known: Known,
    blocks: Mapping[str, FeatureBlock],
    given: argparse.Namespace,
    progress: TerminalProgress,
) -> TrainingData:
    """Return what a model learns from, as the product gives it."""
    dataset = known.dataset
    regions = "region" in wanted_user_features(model) and bool(dataset.regions)
    return TrainingData(
        train,
        item_artists=ones_like(dataset.song_artists) if isinstance(model, ManySided) else None,
        item_features={name: blocks[name] for name in wanted_features(model) if name in blocks},
        user_features={"region": region_block(dataset.users.vocabulary, dataset.regions)} if regions else {},
        clips=known.clips if wants_clips(model) else None,
        workshop=Workshop(progress=progress, budget_s=given.budget),
        seed=given.seed,
        threads=given.threads,
    )


def measured(
    name: str,
    model: Model,
    data: TrainingData,
    experiments: Mapping[str, Experiment],
    progress: TerminalProgress,
) -> Line:
    """Fit a model once, and measure its lists in each experiment; what cannot be fitted says why."""
    with costing() as cost:
        progress(f"{name}: fitting", 0, 1)
        try:
            model.fit(data)
        except ZetDardError as error:
            return Line(name, cost, reason=str(error))
        finally:
            progress(f"{name}: fitting", 1, 1)
    asked: Any = Remembering(model)
    with costing() as lists:
        runs = lists_of(name, asked, experiments, progress)
    return Line(name, cost, lists, runs)


def shown(line: Line, popular: Mapping[str, Run]) -> dict[str, Any]:
    """Print a line of the table; return it with more digits."""
    said: dict[str, Any] = {"fit": line.fit.to_json()}
    if line.reason:
        print(f"| {line.name} | not fitted: {line.reason} |" + " |" * 8, flush=True)
        return said | {"reason": line.reason}
    cells = []
    for where, run in line.runs.items():
        values = run.table.per_user[NDCG]
        low, high = intervals({"x": values})["x"]
        less = compare({"x": values}, {"x": popular[where].table.per_user[NDCG]})["x"]
        said[where] = {
            NDCG: (float(values.mean()), low, high),
            "less_popular": (less.difference, *less.interval),
            "per_listener": values.tolist(),
        }
        cells.append(f"{values.mean():.3f} [{low:.3f}, {high:.3f}]")
        cells.append("{:+.3f} [{:+.3f}, {:+.3f}]".format(*said[where]["less_popular"]))
    n = len(line.runs["all"].ranked)
    each = 1000 * line.lists.busy / n
    grown = "–" if line.fit.grown is None else f"{line.fit.grown:.0f}"
    print(
        f"| {line.name} | {line.fit.seconds:.1f} | {line.fit.busy:.1f} | {grown} | {n:,} | {each:.0f} | {' | '.join(cells)} |",
        flush=True,
    )
    return said | {"lists": line.lists.to_json()}


def graph_part(world: World, given: argparse.Namespace, progress: TerminalProgress) -> dict[str, Any]:
    """Fit the graph autoencoder for all epochs."""
    holdings = holdings_of(world)
    model = GraphAutoencoder(GraphAutoencoderConfig(epochs=given.epochs, patience=given.epochs))
    data = TrainingData(
        holdings, seed=given.seed, threads=given.threads, workshop=Workshop(progress=progress)
    )
    with costing() as cost:
        model.fit(data)
    epochs = len(model.state()["curve"])
    print(
        f"graph-autoencoder, {holdings.n_items:,} songs, {len(holdings):,} pairs, {epochs} epochs, {given.threads} threads: "
        f"{minutes(cost)}",
        flush=True,
    )
    return {"songs": holdings.n_items, "epochs": epochs, "fit": cost.to_json()}


def cluster_part(known: Known, given: argparse.Namespace) -> dict[str, Any]:
    """Split the songs with sound into clusters, and make lists for every listener."""
    rows = np.flatnonzero(known.sounding)
    songs = Vocabulary([known.dataset.songs.vocabulary.label(row) for row in rows.tolist()], kind="song")
    held = known.dataset.holdings
    heard = Interactions(held.users, songs, held.matrix[:, rows].tocsr())
    block = known.blocks["descriptors"]
    of_songs = replace(block, vocabulary=songs, values=block.values[rows], present=None)
    data = TrainingData(heard, item_features={"descriptors": of_songs}, seed=given.seed)
    with costing() as fit:
        model = ClusterCF().fit(data)
    everybody = np.arange(heard.n_users, dtype=np.int32)
    with costing() as lists:
        scores = model.score(Histories.of_users(heard, everybody))
    print(
        f"cluster-cf, {heard.n_users:,} listeners, {len(songs):,} songs, {int((scores > 0).sum()):,} recommended: fitted in "
        f"{fit.seconds:.2f} s (CPU {fit.busy:.2f} s), all lists in {lists.seconds:.2f} s (CPU {lists.busy:.2f} s)",
        flush=True,
    )
    return {
        "listeners": heard.n_users,
        "songs": len(songs),
        "fit": fit.to_json(),
        "lists": lists.to_json(),
    }


def taste_part(names: Sequence[str], given: argparse.Namespace, progress: TerminalProgress) -> dict[str, Any]:
    """Learn all listeners of a folder at once; then measure with songs held out."""
    songs = audio_taste_songs(given.data)
    blocks = read_blocks(given.features, songs) if given.features else {}
    clips = read_clips(given.clips, songs) if given.clips else None
    pools = [replace(audio_taste(given.data, name, blocks), clips=clips) for name in ALL_LISTENERS]
    told = {}
    for name in names:
        make = registry.taste_learner(name)
        everybody = [Labelled(one.rows, one.liked) for pool in pools for one in pool.listeners]
        with costing() as cost:
            make().learn(TasteSongs(blocks, clips), everybody, seed=given.seed)
        qualities = {
            pool.name: quality(name, pool, make, given.seed, progress)
            for pool in pools
            if not given.only_time
        }
        print(
            f"{name}, {len(everybody)} listeners, {len(songs)} tracks, learned together: {minutes(cost)}"
            + "".join(
                "; {}: AUC {:.3f} [{:.3f}, {:.3f}]".format(pool, *found["auc"])
                for pool, found in qualities.items()
            ),
            flush=True,
        )
        told[name] = {"listeners": len(everybody), "learn": cost.to_json(), "quality": qualities}
    return told


def quality(
    name: str, pool: Pool, make: Callable[[], Any], seed: int, progress: TerminalProgress
) -> dict[str, Any]:
    found = run_taste(name, make, pool, TastePlan(seed=seed), progress=progress)
    auc = found.per_listener["auc"]
    return {
        "auc": (float(auc.mean()), *intervals({"x": auc})["x"]),
        "learn_seconds": found.learn_seconds,
        "folds": len(np.unique(pool.folds)),
    }


def minutes(cost: Cost) -> str:
    return f"{cost.seconds:.1f} s, CPU {cost.busy:.1f} s ({cost.seconds / 60:.1f} min, CPU {cost.busy / 60:.1f} min)"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parts = ("graph", "cluster-cf", "world", "svm", "ears")
    parser.add_argument("--part", choices=parts, nargs="*")
    parser.add_argument("--home", type=Path)
    parser.add_argument("--scale", choices=list(SCALES), default="thesis")
    parser.add_argument("--models", type=lambda text: text.split(","), default=list(MODELS))
    parser.add_argument("--listeners", type=int, default=300)
    parser.add_argument(
        "--few", type=int, default=50, help="listeners, where each is learned when asked about"
    )
    parser.add_argument("--budget", type=float, help="seconds after which the training of each network stops")
    parser.add_argument("--epochs", type=int, default=270, help="of the graph autoencoder alone")
    parser.add_argument("--features", type=Path)
    parser.add_argument("--clips", type=Path)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--only-time", action="store_true", help="do not measure svm and ears")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    named = {"cluster-cf": given.home, "world": given.home, "svm": given.features, "ears": given.clips}
    wanted = given.part or [part for part in parts if named.get(part, True)]
    for part in wanted:
        if not named.get(part, True):
            parser.error(
                f"{part} needs {'--home' if part in ('cluster-cf', 'world') else '--features or --clips'}"
            )
    found = {}
    with TerminalProgress() as progress:
        torch_module().set_num_threads(given.threads)
        if {"graph", "cluster-cf", "world"} & set(wanted):
            world = generate(replace(SCALES[given.scale], seed=given.seed))
        if {"cluster-cf", "world"} & set(wanted):
            known = known_of(world, given.home, given.scale, progress)

        def keep(part: str, told: Any) -> None:
            found[part] = told
            if given.json:
                document = {"threads": given.threads, "seed": given.seed, **found}
                given.json.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")

        doing: dict[str, Callable[[], dict[str, Any]]] = {
            "graph": lambda: graph_part(world, given, progress),
            "cluster-cf": lambda: cluster_part(known, given),
            "world": lambda: world_part(known, given, progress, partial(keep, "world")),
            "svm": lambda: taste_part(("svm",), given, progress),
            "ears": lambda: taste_part(EARS, given, progress),
        }
        for part in wanted:
            keep(part, doing[part]())


if __name__ == "__main__":
    main()
