"""Are companions found who share no song, and listeners of artists whom nobody collects? ``taste`` in invented worlds.

    python benchmarks/companions.py --home DIR [--scale small|thesis] [--worlds N] [--seed N] [--fits N] [--json OUT]

INVENTED: sounds, words and listeners come from ``zetdard sandbox``; the truth is its listeners' and songs' places in its space.
Everything is stored, heard and read as a user's own music would be, in DIR, and used again by the next run. MusiCNN is used where
its weights lie in DIR/weights.

Companions: for each listener, all people who share no song with them. Measured: Spearman's correlation of the score with the
true cosine of the two tastes, and the mean true cosine of the ten best less that of all of them. Who shares songs is no question
here; neighbours by shared songs score all of these people 0.

Artists: all songs of a tenth of the artists are taken out of all collections before anything is learned. For each listener who
held one of these artists: nDCG@10 of the artists taken out, ranked among themselves.

Controls: the number of songs that somebody holds; the same model without features, and with the features of other songs
(rows dealt anew, all blocks alike).

Clusters: k-means of styles and of tastes (as many as the world has genres) for several fits from other seeds: the mean adjusted
Rand index of two fits (Hubert and Arabie, 1985), and that of a fit with the true genres.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
from scipy.stats import rankdata
from sklearn.metrics import adjusted_rand_score

from _invented import known_of
from zetdard.data.dataset import Dataset
from zetdard.data.features import FeatureBlock
from zetdard.data.interactions import Histories, Interactions, ones_like
from zetdard.data.ranking import rank
from zetdard.measure.intervals import compare, intervals
from zetdard.measure.metrics import judge, ndcg
from zetdard.models.base import TrainingData
from zetdard.models.taste.pool import Clusters
from zetdard.models.taste_towers import TasteTowers
from zetdard.sandbox.config import SCALES
from zetdard.sandbox.world import World, generate
from zetdard.surfaces.cli.progress import TerminalProgress

TASTE, NOTHING, OTHERS, DEGREE = "taste", "no features", "features of other songs", "number of songs"
FEWEST_STRANGERS, TOP = 10, 10
Blocks = Mapping[str, FeatureBlock]
Found = dict[str, dict[str, np.ndarray]]
"""What is measured → contestant → shape (listeners,)."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--scale", choices=list(SCALES), default="small")
    parser.add_argument("--worlds", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--fits", type=int, default=4, help="of the first world, for the clusters")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    found: dict[str, dict[str, list[np.ndarray]]] = {}
    with TerminalProgress() as progress:
        for number in range(given.worlds):
            world = generate(replace(SCALES[given.scale], seed=given.seed + number))
            known = known_of(world, given.home, given.scale, progress, clips=False)
            dataset, blocks = known.dataset, known.blocks
            for part in (companions(world, dataset, blocks), artists(world, dataset, blocks)):
                for measured, contestants in part.items():
                    for name, values in contestants.items():
                        found.setdefault(measured, {}).setdefault(name, []).append(values)
            if number == 0:
                clusters = stability(world, dataset, blocks, given.fits)
    joined = {m: {name: np.concatenate(parts) for name, parts in c.items()} for m, c in found.items()}
    print(to_markdown(joined))
    for name, (among, true) in clusters.items():
        print(
            f"clusters of {name}: adjusted Rand index of two fits {among:.2f}, with the true genres {true:.2f}"
        )
    if given.json:
        values = {m: {name: v.tolist() for name, v in c.items()} for m, c in joined.items()}
        given.json.write_text(json.dumps(values) + "\n", encoding="utf-8")


def variants(blocks: Blocks, seed: int) -> dict[str, Blocks]:
    """Return what each contestant knows of songs."""
    order = np.random.default_rng((seed, 21)).permutation(len(next(iter(blocks.values())).vocabulary))
    dealt = {
        name: replace(block, values=block.values[order], present=block.known[order])
        for name, block in blocks.items()
    }
    return {TASTE: blocks, NOTHING: {}, OTHERS: dealt}


def fitted(dataset: Dataset, holdings: Interactions, blocks: Blocks, seed: int = 0) -> TasteTowers:
    credits = ones_like(dataset.song_artists)
    return TasteTowers().fit(TrainingData(holdings, item_artists=credits, item_features=blocks, seed=seed))


def companions(world: World, dataset: Dataset, blocks: Blocks) -> Found:
    """Compare scores of people who share no song with the true cosines of tastes."""
    held = dataset.holdings.binary()
    rows = np.array([dataset.users.find(user) for user in world.people_labels.user_ids])
    latents = np.zeros((len(rows), world.config.latent_size))
    latents[rows] = world.listeners.user_latents
    truth = latents @ latents.T
    active = np.flatnonzero(dataset.holdings.user_degrees()).astype(np.int32)
    strangers = ((held @ held.T).toarray() == 0)[np.ix_(active, active)]
    asked = Histories.of_users(dataset.holdings, active)
    degrees = dataset.holdings.user_degrees()[active].astype(np.float64)
    scores = {
        name: fitted(dataset, dataset.holdings, known).offering("people").score(asked)[:, active]
        for name, known in variants(blocks, world.config.seed).items()
    }
    scores[DEGREE] = np.tile(degrees, (len(active), 1))
    found: Found = {"Spearman": {}, "top ten": {}}
    able = np.flatnonzero(strangers.sum(axis=1) >= FEWEST_STRANGERS)
    for name, table in scores.items():
        correlations, gains = [], []
        for row in able:
            those = np.flatnonzero(strangers[row])
            true = truth[active[row], active[those]]
            best = np.argsort(-table[row, those], kind="stable")[:TOP]
            correlations.append(spearman(table[row, those], true))
            gains.append(true[best].mean() - true.mean())
        found["Spearman"][name], found["top ten"][name] = np.array(correlations), np.array(gains)
    return found


def spearman(a: np.ndarray, b: np.ndarray) -> float:
    """Return Spearman's rank correlation; 0 where one of both is constant."""
    first, second = rankdata(a), rankdata(b)
    spread = first.std() * second.std()
    return float(((first - first.mean()) * (second - second.mean())).mean() / spread) if spread > 0 else 0.0


def artists(world: World, dataset: Dataset, blocks: Blocks) -> Found:
    """Take a tenth of the artists out of all collections, and ask whose they were."""
    random = np.random.default_rng((world.config.seed, 22))
    n_artists = len(dataset.artists)
    out = np.zeros(n_artists, bool)
    out[random.permutation(n_artists)[: n_artists // 10]] = True
    performed_by_out = (ones_like(dataset.song_artists) @ out.astype(np.float32)) > 0
    kept = dataset.holdings.keep(~performed_by_out[dataset.holdings.matrix.indices])
    credits = ones_like(dataset.song_artists)
    # A song with a guest may be out through either: only those taken out on purpose are asked for.
    truth = (dataset.holdings.binary() @ credits).tocsr()[:, out]
    truth.data[:] = 1
    relevant = np.flatnonzero((np.diff(truth.indptr) > 0) & (kept.user_degrees() > 0)).astype(np.int32)
    wanted = truth[relevant].tocsr().astype(np.float32)
    wanted.sort_indices()
    asked = Histories.of_users(kept, relevant)
    scores = {
        name: fitted(dataset, kept, known).offering("artists").score(asked)[:, out]
        for name, known in variants(blocks, world.config.seed).items()
    }
    n_songs = np.bincount(credits.indices, minlength=n_artists)[out].astype(np.float32)
    scores[DEGREE] = np.tile(n_songs, (len(relevant), 1))
    everybody = np.ones(int(out.sum()), bool)
    found: Found = {"new artists": {}}
    for name, table in scores.items():
        lists = [rank(row, everybody, TOP).items for row in table.astype(np.float32)]
        found["new artists"][name] = ndcg(judge(np.array(lists), wanted), TOP)
    return found


def stability(world: World, dataset: Dataset, blocks: Blocks, fits: int) -> dict[str, tuple[float, float]]:
    """Cluster styles and tastes of several fits: (mean adjusted Rand index of two fits, with the true genres)."""
    k = world.config.n_genres
    states = [fitted(dataset, dataset.holdings, blocks, seed=seed).state() for seed in range(fits)]
    artist_rows = [dataset.artists.find(label) for label in world.music_labels.artist_ids]
    user_rows = [dataset.users.find(label) for label in world.people_labels.user_ids]
    truths = {
        "artists": (np.array(artist_rows), world.music.artist_genres),
        "people": (np.array(user_rows), world.listeners.user_tastes.argmax(axis=1)),
    }
    found = {}
    for side, (rows, genres) in truths.items():
        known = np.flatnonzero(states[0][side][rows].any(axis=1))
        labels = [Clusters.learn(s[side][rows[known]], k, seed=seed).of for seed, s in enumerate(states)]
        among = [adjusted_rand_score(a, b) for a, b in combinations(labels, 2)]
        true = [adjusted_rand_score(genres[known], one) for one in labels]
        found[side] = (float(np.mean(among)), float(np.mean(true)))
    return found


def to_markdown(found: Mapping[str, Mapping[str, np.ndarray]]) -> str:
    """Return one table; in brackets ``taste`` less each, paired."""
    heads = {
        name: f"{name} ({len(next(iter(values.values()))):,} listeners)" for name, values in found.items()
    }
    lines = [
        "INVENTED worlds. Means ± 95%; in brackets `taste` less it, paired, with 95% interval.",
        "",
        "| | " + " | ".join(heads.values()) + " |",
        "|---" * (len(heads) + 1) + "|",
    ]
    for name in (TASTE, NOTHING, OTHERS, DEGREE):
        cells = []
        for contestants in found.values():
            low, high = intervals({"x": contestants[name]})["x"]
            cell = f"{contestants[name].mean():.3f} ± {(high - low) / 2:.3f}"
            if name != TASTE:
                more = compare({"x": contestants[TASTE]}, {"x": contestants[name]})["x"]
                cell += f" ({more.difference:+.3f} [{more.interval[0]:+.3f}, {more.interval[1]:+.3f}])"
            cells.append(cell)
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
