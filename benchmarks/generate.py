"""How near generated music comes to what a listener likes and the generator never heard: Fréchet distances.

    python benchmarks/generate.py --clips FOLDER --weights DIR [--data DIR] [--listeners N] [--fold F] [--seed S]
        [--own-steps N] [--common-steps N] [--json OUT]

The tracks of one fold are held out. The generator learns from the clips of all other tracks, once, and for each listener goes on
from those that they like. What is compared with the clips of their held-out likes, through MusiCNN's embedding of three seconds
each (Kilgour et al., "Fréchet audio distance: a reference-free metric for evaluating music enhancement algorithms",
Interspeech 2019):

* ``generated``: three seconds at a time, each of other noise;
* ``for others``: the same of all other listeners of this run; the mean of their distances;
* ``before``: of the generator that has not gone on;
* ``noise``: noise with the mean spectrum of the likes that were learned from, three seconds at a time;
* ``real likes``: the clips of the likes that were learned from: what perfect music would reach;
* ``real, through the spectrogram``: these, turned into a log-mel spectrogram and back by the generator's own means.

The distance of few clips is too large, the more so the fewer: all sets of a listener have as many as there are held-out
clips, at most 60. ``--clips`` is the folder that ``benchmarks/taste.py --save-clips`` writes, the weights those of ``zetdard
weights``.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np

from zetdard.data.clips import Clips
from zetdard.evaluation.taste.clipfiles import read_clips
from zetdard.evaluation.taste.pools import AUDIO_TASTE_PROTOCOLS, audio_taste, audio_taste_songs
from zetdard.features.audio.musicnn import embed, open_network
from zetdard.measure.intervals import intervals
from zetdard.models.base import Workshop
from zetdard.models.deep.gan_copies import nearness
from zetdard.models.deep.gan_music import Composer, DcganConfig
from zetdard.models.deep.gan_sound import sound_of
from zetdard.surfaces.cli.progress import TerminalProgress

DATA = Path(__file__).parents[2] / "shared" / "data" / "audio_taste"
MOST = 60
LEAST = 30
"""Fewer clips than these say too little about a distribution of 200 dimensions."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clips", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--listeners", type=int, default=12)
    parser.add_argument("--fold", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--common-steps", type=int, default=DcganConfig().common_steps)
    parser.add_argument("--own-steps", type=int, default=DcganConfig().own_steps)
    parser.add_argument("--save", type=Path, help="Keep a generated piece of each listener here.")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    network = open_network(given.weights)
    clips = read_clips(given.clips, audio_taste_songs(given.data))
    heard = Heard(clips, network)
    config = DcganConfig(common_steps=given.common_steps, own_steps=given.own_steps)
    composer = Composer(config, seed=given.seed)
    listeners, outside = chosen(given.data, given.fold, given.listeners, heard.count)
    with TerminalProgress() as progress:
        workshop = Workshop(progress=progress)
        begun = time.perf_counter()
        spectrograms = composer.heard(clips, outside)
        composer.learn(spectrograms, workshop)
        common_seconds = time.perf_counter() - begun
        before = heard.generated(composer, MOST, given.seed)
        own, own_seconds, copies = {}, {}, {}
        for number, (name, _, training) in enumerate(listeners):
            progress("listeners", number, len(listeners))
            begun = time.perf_counter()
            copy = composer.branch()
            spectrograms = copy.heard(clips, training)
            copy.learn_more(spectrograms, workshop, name=f"dcgan for {name}")
            own_seconds[name] = time.perf_counter() - begun
            own[name] = heard.generated(copy, MOST, given.seed)
            songs = np.repeat(training, heard.count).astype(np.int64)
            piece = copy.compose(10, seed=given.seed)
            copies[name] = nearness(piece.spectrogram, spectrograms, songs)
            if given.save:
                given.save.mkdir(parents=True, exist_ok=True)
                np.save(given.save / f"{name}.npy", piece.sound)
        rows = {}
        for number, (name, held_out, training) in enumerate(listeners):
            progress("comparing", number, len(listeners))
            random = np.random.default_rng((given.seed, number))
            rows[name] = compare(heard, composer, name, held_out, training, own, before, random)
    show(rows, common_seconds, own_seconds, copies)
    if given.json:
        document = {
            "config": config.model_dump(),
            "distances": rows,
            "seconds": {"common": common_seconds, "own": own_seconds},
            "copied": {name: near.copied for name, near in copies.items()},
        }
        given.json.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


class Heard:
    """Clips and generated sounds as MusiCNN hears three seconds of them: shape (clips, 200)."""

    def __init__(self, clips: Clips, network: object) -> None:
        self.clips, self.network, self.count = clips, network, clips.count
        self._known: dict[int, np.ndarray] = {}

    def sounds(self, sounds: np.ndarray) -> np.ndarray:
        """Return the embeddings of sounds."""
        return np.array([embed(sound, self.network).patches[0] for sound in sounds], np.float64)

    def songs(self, rows: np.ndarray) -> np.ndarray:
        """Return all clips of songs."""
        for row in rows.tolist():
            if row not in self._known:
                numbers = np.arange(self.count, dtype=np.int32)
                sound = self.clips.batch(np.full(self.count, row, np.int32), numbers).mean(axis=1)
                self._known[row] = self.sounds(sound)
        return np.concatenate([self._known[row] for row in rows.tolist()])

    def spectrograms(self, spectrograms: np.ndarray) -> np.ndarray:
        """Return what is heard of spectrograms that are turned into sound."""
        sounds = [sound_of(one, seed=number) for number, one in enumerate(spectrograms)]
        # A patch is 187 frames of 256 samples, a few more than the spectrogram gives.
        return self.sounds(np.array([np.resize(sound, 48_000) for sound in sounds]))

    def generated(self, composer: Composer, count: int, seed: int) -> np.ndarray:
        """Return the embeddings of pieces that a composer makes."""
        return self.spectrograms(composer.spectrograms(count, 188, seed=seed))


def chosen(
    data: Path, fold: int, count: int, clips_of_song: int
) -> tuple[list[tuple[str, np.ndarray, np.ndarray]], np.ndarray]:
    """Return listeners with enough held-out likes, spread over both kinds, and the songs outside the fold."""
    found = []
    for protocol in ("C", "S-seen"):
        assert protocol in AUDIO_TASTE_PROTOCOLS
        pool = audio_taste(data, protocol)
        able = []
        for listener in pool.listeners:
            liked = listener.rows[listener.liked]
            inside = pool.folds[liked] == fold
            if inside.sum() * clips_of_song >= LEAST:
                able.append((listener.name, liked[inside], liked[~inside]))
        # Every n-th: style listeners come by style, again and again.
        found += [able[int(place)] for place in np.linspace(0, len(able) - 1, min(count // 2, len(able)))]
    return found, np.flatnonzero(pool.folds != fold).astype(np.int32)


def compare(heard, composer, name, held_out, training, own, before, random) -> dict[str, float]:
    """Return the distance of each set to the held-out likes."""
    reference = heard.songs(held_out)
    n = min(MOST, len(reference), len(training) * heard.count)

    def some(values: np.ndarray) -> np.ndarray:
        return values[random.permutation(len(values))[:n]]

    target = some(reference)
    real = composer.heard(heard.clips, training)
    real = some(real)
    return {
        "clips": n,
        "generated": frechet(own[name][:n], target),
        "for others": float(
            np.mean([frechet(one[:n], target) for other, one in own.items() if other != name])
        ),
        "before": frechet(before[:n], target),
        "noise": frechet(shaped_noise(heard, real, n, random), target),
        "real likes": frechet(some(heard.songs(training)), target),
        "real, through the spectrogram": frechet(heard.spectrograms(real), target),
    }


def shaped_noise(heard: Heard, real: np.ndarray, n: int, random: np.random.Generator) -> np.ndarray:
    """Return what is heard of noise whose mean power in each band is that of real clips."""
    level = 10 * np.log10((10 ** (real / 10)).mean(axis=(0, 2)))
    flat = np.repeat(level[:, None], real.shape[2], axis=1).astype(np.float32)
    sounds = [sound_of(flat, seed=int(seed)) for seed in random.integers(2**31, size=n)]
    return heard.sounds(np.array([np.resize(sound, 48_000) for sound in sounds]))


def frechet(first: np.ndarray, second: np.ndarray) -> float:
    """Return |m₁ − m₂|² + tr(C₁ + C₂ − 2 (C₁ C₂)^½) of two sets of points, shape (n, d) each.

    The trace of the root is the sum of the singular values of the product of both sets, centred and divided by √(n − 1).
    """
    means = first.mean(axis=0), second.mean(axis=0)
    one, other = (
        (values - mean) / np.sqrt(len(values) - 1)
        for values, mean in zip((first, second), means, strict=True)
    )
    shared = np.linalg.svd(one @ other.T, compute_uv=False).sum()
    return float(
        np.square(means[0] - means[1]).sum() + np.square(one).sum() + np.square(other).sum() - 2 * shared
    )


def show(rows, common_seconds, own_seconds, copies) -> None:
    names = list(next(iter(rows.values())))
    print("| listener | " + " | ".join(names) + " | copied |")
    print("|---" * (len(names) + 2) + "|")
    for name, row in rows.items():
        shown = " | ".join(f"{row[one]:.0f}" for one in names)
        print(f"| {name} | {shown} | {copies[name].copied:.0%} |")
    means = {one: float(np.mean([row[one] for row in rows.values()])) for one in names}
    print("| **mean** | " + " | ".join(f"{means[one]:.0f}" for one in names) + " | |\n")
    for other in ("noise", "for others", "before", "real, through the spectrogram", "real likes"):
        differences = np.array([row["generated"] - row[other] for row in rows.values()])
        low, high = intervals({"": differences})[""]
        print(f"generated less {other}: {differences.mean():+.1f} [{low:+.1f}, {high:+.1f}]")
    print(f"seconds: {common_seconds:.0f} common, {np.mean(list(own_seconds.values())):.0f} for a listener")


if __name__ == "__main__":
    main()
