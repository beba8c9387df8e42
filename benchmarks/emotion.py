"""Can what a song feels like be heard? Moods of an invented world, learned from the sound of some of its songs.

    python benchmarks/emotion.py --home DIR [--seed N] [--folds N] [--told N] [--epochs N] [--json OUT]

INVENTED: in these worlds the sound of a song is synthesised from where it lies on five axes (valence, energy, brightness,
density, roughness); nothing here says anything about real music.

The songs are dealt into folds; what is learned from the others, or from N of them (--told), is asked about each fold. For
each axis: the correlation of what is predicted and what is true, with its 95% interval over songs; beside the network a ridge
regression on the audio descriptors, and both told the moods of other songs: what they then say follows the sound all the same,
so that their correlations lie about 0 by more than their intervals say. The world's home is made in DIR/cache, once.

--tables N instead asks whether `featurize` says the truth about itself: N tables of --told songs each are given, and the interval
that it states for a mood, where it says that it hears it, is compared with the correlation in all other songs. By the ridge.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import numpy as np

from zetdard.data.dataset import Entities
from zetdard.data.features import FeatureBlock
from zetdard.data.taste import TasteSongs
from zetdard.evaluation.taste.pool import Pool, dealt
from zetdard.jobs.featurize.moods import featurize_moods, stated_checks
from zetdard.jobs.featurize.moods import moods_of as given_and_heard
from zetdard.jobs.featurize.shelf import FeatureShelf
from zetdard.models.deep.emotions import EmotionLearner
from zetdard.models.moods import RidgeMoods
from zetdard.sandbox.moods import AXES
from zetdard.sandbox.world import generate
from zetdard.settings import read_settings
from zetdard.surfaces.cli.progress import TerminalProgress
from zetdard.surfaces.tasteworld import taste_world, world_pool

RESAMPLES = 2000
OTHERS = "told other songs' moods"
Predict = Callable[[FeatureBlock, int], np.ndarray]
"""Moods of the songs that are told, a seed → moods of all songs, shape (songs, axes)."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--told", type=int, help="moods of so many songs at most are told in each fold")
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--tables", type=int, help="check so many tables, and nothing else")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    world = taste_world(given.seed, {})
    with TerminalProgress() as progress:
        pool = world_pool(read_settings(home=given.home), world, progress)
    moods = moods_of(pool, given.seed)
    if given.tables:
        heard, true, asked = checked_tables(pool, moods, given.tables, given.told or 50, given.seed)
        print(f"{asked} moods in {given.tables} tables: {heard} are heard, of {true} the interval is true")
        return
    folds = dealt(np.arange(len(pool.songs)), given.folds, given.seed)
    found = {}
    for name, predict in predictors(pool, given.epochs).items():
        begun = perf_counter()
        shuffled = name.endswith(OTHERS)
        correlations = measured(predict, moods, folds, given.seed, told=given.told, shuffled=shuffled)
        found[name] = {"seconds": round(perf_counter() - begun, 1), "axes": correlations}
        text = "  ".join(
            f"{axis} {r:.3f} [{low:.3f}, {high:.3f}]" for axis, (r, low, high) in correlations.items()
        )
        print(f"{name} ({found[name]['seconds']} s): {text}", flush=True)
    if given.json:
        given.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def moods_of(pool: Pool, seed: int) -> FeatureBlock:
    """Return where the songs of the pool truly lie on the axes."""
    world = generate(taste_world(seed, {}))
    values = np.zeros((len(pool.songs), len(AXES)), np.float32)
    for place, song in enumerate(world.music_labels.song_ids):
        values[pool.songs.row(song)] = world.sound_moods.songs[place]
    return FeatureBlock(pool.songs, values, AXES)


def predictors(pool: Pool, epochs: int | None) -> Mapping[str, Predict]:
    songs = TasteSongs({"descriptors": pool.blocks["descriptors"]}, pool.clips)
    learner = EmotionLearner()
    if epochs is not None:
        learner = replace(learner, effort=replace(learner.effort, epochs=epochs))

    def network(told: FeatureBlock, seed: int) -> np.ndarray:
        return learner.learn(songs, told, seed=seed).block.values

    def ridge(told: FeatureBlock, seed: int) -> np.ndarray:
        nobody = np.empty(0, np.int32)
        return RidgeMoods().learn(songs, told, apart=nobody, seed=seed).block.values

    return {"ridge": ridge, f"ridge, {OTHERS}": ridge, "cnn-lstm": network, f"cnn-lstm, {OTHERS}": network}


def checked_tables(
    pool: Pool, moods: FeatureBlock, tables: int, told: int, seed: int
) -> tuple[int, int, int]:
    """Return how many moods are said to be heard, of how many the stated interval is true, and of how many moods."""
    labels = pool.songs.labels
    songs = Entities("song", pool.songs, labels, tuple(("world", label) for label in labels))
    recordings = {row: hashlib.sha256(label.encode()).hexdigest() for row, label in enumerate(labels)}
    contents = {"descriptors": recordings}
    known = TasteSongs({"descriptors": pool.blocks["descriptors"]})
    heard = true = 0
    for number in range(tables):
        rows = np.random.default_rng((seed, number)).permutation(len(labels))[:told]
        with tempfile.TemporaryDirectory() as folder:
            shelf = FeatureShelf(Path(folder) / "features")
            lines = [",".join([labels[row], *map(str, moods.values[row].tolist())]) for row in rows.tolist()]
            text = "\n".join([",".join(["song", *moods.columns]), *lines])
            shelf.given_moods.write_text(text, encoding="utf-8")
            featurize_moods(shelf, songs, known, contents, [RidgeMoods], seed=seed + number)
            found = given_and_heard(shelf, songs, contents)
            checks = stated_checks(shelf)
        for axis, check in enumerate(checks):
            if check.is_heard:
                pair = found.block.values[found.heard, axis], moods.values[found.heard, axis]
                heard += 1
                true += bool(check.low <= np.corrcoef(*pair)[0, 1] <= check.high)
    return heard, true, tables * len(moods.columns)


def measured(
    predict: Predict,
    moods: FeatureBlock,
    folds: np.ndarray,
    seed: int,
    *,
    told: int | None,
    shuffled: bool,
) -> dict[str, tuple[float, float, float]]:
    """Return axis → correlation and its interval; each song is predicted by what was told nothing of it."""
    random = np.random.default_rng(seed)
    found = np.zeros_like(moods.values)
    for fold in range(int(folds.max()) + 1):
        rows = np.random.default_rng((seed, fold)).permutation(np.flatnonzero(folds != fold))[:told]
        values = moods.values.copy()
        if shuffled:
            values[rows] = values[random.permutation(rows)]
        known = replace(moods, values=values, present=np.isin(np.arange(len(folds)), rows))
        found[folds == fold] = predict(known, seed + fold)[folds == fold]
    draws = random.integers(len(found), size=(RESAMPLES, len(found)))
    result = {}
    for axis, name in enumerate(moods.columns):
        pairs = found[:, axis], moods.values[:, axis]
        resampled = [np.corrcoef(pairs[0][draw], pairs[1][draw])[0, 1] for draw in draws]
        low, high = np.quantile(resampled, (0.025, 0.975))
        result[name] = (float(np.corrcoef(*pairs)[0, 1]), float(low), float(high))
    return result


if __name__ == "__main__":
    main()
