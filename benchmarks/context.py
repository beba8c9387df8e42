"""Does it help to know where a listener lives? An autoencoder of listening with contexts and without, in invented worlds.

    python benchmarks/context.py [--scale small|thesis] [--worlds N] [--folds N] [--region-strength X] [--told 1,3,10,all]
        [--seed N] [--json OUT]

INVENTED: in these worlds a share of every listener's expected taste (``region_strength``) comes from their region, as
``zetdard sandbox`` draws it; nothing here says anything about real listeners.

The listeners of a world are dealt into five folds; the models learn from four and are asked about the fifth, of whom they
are told the region and some songs, drawn at random; the other songs are to be found among all that anybody else holds. The
same draw is told to all models. The shuffled-region control is told somebody else's region, in learning and when asked.
The table of places is invented too: seven random numbers for each region.

References: see ``zetdard.models.context_vae``.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import numpy as np
from scipy.sparse import csr_array

from zetdard.data.features import FeatureBlock
from zetdard.data.interactions import Histories, Interactions
from zetdard.data.ranking import rank
from zetdard.data.regions import region_block
from zetdard.data.vocabulary import Vocabulary
from zetdard.measure.intervals import compare, intervals
from zetdard.measure.metrics import judge, ndcg
from zetdard.models.base import Model, TrainingData
from zetdard.models.context_vae import ContextVae, ContextVaeConfig
from zetdard.models.item_knn import ItemKNN
from zetdard.models.popular import Popular
from zetdard.sandbox.config import SCALES
from zetdard.sandbox.world import World, generate
from zetdard.surfaces.cli.progress import TerminalProgress

K = 20
FOLDS = 5
PLAIN = "no context"
SHUFFLED = "shuffled regions"
NUMBERS = 7
"""As many as happiness and Hofstede's six dimensions."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--scale", choices=list(SCALES), default="small")
    parser.add_argument("--worlds", type=int, default=1)
    parser.add_argument("--folds", type=int, default=FOLDS, help="of the five, how many are asked about")
    parser.add_argument("--region-strength", type=float, default=None)
    parser.add_argument("--told", default="1,3,10,all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    told = given.told.split(",")
    found: dict[str, dict[str, list[np.ndarray]]] = {}
    seconds: dict[str, float] = {}
    with TerminalProgress() as progress:
        for number in range(given.worlds):
            config = replace(SCALES[given.scale], seed=given.seed + number)
            if given.region_strength is not None:
                config = replace(config, region_strength=given.region_strength)
            world = generate(config)
            for fold in range(given.folds):
                progress(f"world {number}, fold", fold, given.folds)
                for (name, count), values in one_fold(world, fold, told, seconds).items():
                    found.setdefault(count, {}).setdefault(name, []).append(values)
    per_listener = {
        count: {name: np.concatenate(parts) for name, parts in models.items()}
        for count, models in found.items()
    }
    print(to_markdown(per_listener, seconds))
    if given.json:
        values = {c: {n: v.tolist() for n, v in models.items()} for c, models in per_listener.items()}
        given.json.write_text(json.dumps(values) + "\n", encoding="utf-8")


def one_fold(
    world: World, fold: int, told: list[str], seconds: dict[str, float]
) -> dict[tuple[str, str], np.ndarray]:
    """Learn from four folds, ask about the fifth: (model, songs told) → nDCG@20, shape (listeners,)."""
    holdings, regions = holdings_of(world), regions_of(world)
    random = np.random.default_rng((world.config.seed, 11))
    folds = random.permutation(holdings.n_users) % FOLDS
    asked = np.flatnonzero((folds == fold) & (holdings.user_degrees() > 1)).astype(np.int32)
    train = holdings.keep(folds[np.repeat(np.arange(holdings.n_users), holdings.user_degrees())] != fold)
    known = train.item_degrees() > 0
    users = holdings.users
    shuffled = [
        regions[row] for row in np.random.default_rng((world.config.seed, 12)).permutation(len(regions))
    ]
    true = {"region": region_block(users, regions), "culture": invented_table(world, users)}
    wrong = {"region": region_block(users, shuffled)}
    questions = {count: divide(holdings, asked, count, fold) for count in told}
    found = {}
    for name, (model, features) in contestants(true, wrong).items():
        begun = perf_counter()
        model.fit(TrainingData(train, user_features=features, seed=fold))
        seconds[name] = seconds.get(name, 0.0) + perf_counter() - begun
        for count, (shown, hidden) in questions.items():
            ranked = np.full((len(asked), K), -1, np.int32)
            for row, user in enumerate(asked):
                scores = model.score(Histories(shown[[row]], np.array([user], np.int32)))[0]
                eligible = known.copy()
                eligible[shown[[row]].indices] = False
                best = rank(scores, eligible, K).items
                ranked[row, : len(best)] = best
            found[name, count] = ndcg(judge(ranked, hidden), K)
    return found


def contestants(
    true: Mapping[str, FeatureBlock], wrong: Mapping[str, FeatureBlock]
) -> dict[str, tuple[Model, Mapping[str, FeatureBlock]]]:
    """Return the models, each with what it is told of users."""

    def vae(*context: str) -> Model:
        return ContextVae(ContextVaeConfig(context=context))  # type: ignore[arg-type]  # words, which the config checks

    return {
        PLAIN: (vae(), {}),
        "archetypes": (vae("archetypes"), true),
        "region": (vae("region"), true),
        "table of places": (vae("culture"), true),
        SHUFFLED: (vae("region"), wrong),
        "item-knn": (ItemKNN(), {}),
        "popular": (Popular(), {}),
    }


def holdings_of(world: World) -> Interactions:
    """Return who holds which song, through liked lists and own playlists."""
    songs = Vocabulary(world.music_labels.song_ids, kind="song")
    users = Vocabulary(world.people_labels.user_ids, kind="user")
    owners = np.repeat([drawn.owner for drawn in world.playlists], [len(d.songs) for d in world.playlists])
    held = np.concatenate([drawn.songs for drawn in world.playlists])
    return Interactions.from_pairs(users, songs, owners.astype(np.int32), held.astype(np.int32))


def regions_of(world: World) -> list[str]:
    """Return where each listener lives."""
    return [f"region {row}" for row in world.listeners.user_regions.tolist()]


def invented_table(world: World, users: Vocabulary) -> FeatureBlock:
    """Return seven invented numbers of each listener's region, standardised over the listeners."""
    numbers = np.random.default_rng((world.config.seed, 13)).normal(size=(world.config.n_regions, NUMBERS))
    values = numbers[world.listeners.user_regions]
    spread = np.where(values.std(axis=0) > 0, values.std(axis=0), 1)
    standard = ((values - values.mean(axis=0)) / spread).astype(np.float32)
    return FeatureBlock(users, standard, tuple(f"number {at}" for at in range(NUMBERS)))


def divide(holdings: Interactions, asked: np.ndarray, count: str, seed: int) -> tuple[csr_array, csr_array]:
    """Draw which songs of each asked listener are told, and which are to be found: two CSR, (asked, songs).

    ``all``: four fifths are told. Otherwise so many, and at least one song is to be found.
    """
    random = np.random.default_rng((seed, 14))
    shown, hidden = [], []
    for user in asked.tolist():
        order = random.permutation(holdings.held(user))
        number = round(0.8 * len(order)) if count == "all" else int(count)
        number = max(1, min(number, len(order) - 1))
        shown.append(np.sort(order[:number]))
        hidden.append(np.sort(order[number:]))
    return matrix_of(shown, holdings.n_items), matrix_of(hidden, holdings.n_items)


def matrix_of(rows: list[np.ndarray], width: int) -> csr_array:
    indptr = np.concatenate([[0], np.cumsum([len(row) for row in rows])])
    indices = np.concatenate([np.empty(0, np.int32), *rows]).astype(np.int32)
    return csr_array((np.ones(len(indices), np.float32), indices, indptr), shape=(len(rows), width))


def to_markdown(per_listener: Mapping[str, Mapping[str, np.ndarray]], seconds: Mapping[str, float]) -> str:
    """Return one table: nDCG@20, and less the autoencoder without context, paired."""
    counts = list(per_listener)
    n = len(next(iter(per_listener[counts[0]].values())))
    lines = [
        f"INVENTED worlds, {n:,} listeners asked about. nDCG@{K} ± 95%; in brackets less `{PLAIN}`, paired, with 95% interval.",
        "",
        "| songs told | " + " | ".join(counts) + " | s |",
        "|---" * (len(counts) + 2) + "|",
    ]
    for name in per_listener[counts[0]]:
        cells = []
        for count in counts:
            values = per_listener[count][name]
            low, high = intervals({"n": values})["n"]
            cell = f"{values.mean():.4f} ± {(high - low) / 2:.4f}"
            if name != PLAIN:
                less = compare({"n": values}, {"n": per_listener[count][PLAIN]})["n"]
                cell += f" ({less.difference:+.4f} [{less.interval[0]:+.4f}, {less.interval[1]:+.4f}])"
            cells.append(cell)
        lines.append(f"| {name} | " + " | ".join(cells) + f" | {seconds[name]:.0f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
