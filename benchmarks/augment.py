"""What more songs than there are do for models of taste that see few likes: each augmentation beside none, paired.

    python benchmarks/augment.py --features FILE --clips FOLDER --weights DIR [--data DIR] [--models svm,mel-cnn]
        [--ways mixup,dcgan] [--protocols C,S-seen] [--likes 8] [--listeners N] [--deal SEED] [--draws N] [--json OUT]

Models learn from at most ``--likes`` likes of each listener, and four other songs for each. ``--features`` is what
``benchmarks/taste.py --save`` writes, ``--clips`` what ``--save-clips`` does. ``--deal`` deals other folds than the fixed ones:
a default is chosen there. Of each protocol's listeners every n-th takes part, so that ``--listeners`` remain.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from zetdard import registry
from zetdard.evaluation.taste.blocks import read_blocks
from zetdard.evaluation.taste.clipfiles import read_clips
from zetdard.evaluation.taste.pools import audio_taste, audio_taste_songs
from zetdard.evaluation.taste.protocol import TastePlan, run
from zetdard.features.audio.musicnn import open_network
from zetdard.jobs.augmenting import GeneratedSongs
from zetdard.measure.intervals import intervals
from zetdard.models.base import Workshop
from zetdard.surfaces.cli.progress import TerminalProgress

DATA = Path(__file__).parents[2] / "shared" / "data" / "audio_taste"
BLOCKS = ("descriptors", "musicnn", "tags")
"""What a generated song has too."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--features", type=Path, required=True)
    parser.add_argument("--clips", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--models", default="svm,mel-cnn")
    parser.add_argument("--ways", default="mixup,specaugment,dcgan")
    parser.add_argument("--protocols", default="C,S-seen")
    parser.add_argument("--likes", type=int, default=8)
    parser.add_argument("--listeners", type=int, default=24)
    parser.add_argument("--deal", type=int)
    parser.add_argument("--draws", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    songs = audio_taste_songs(given.data)
    known = read_blocks(given.features, songs)
    blocks = {name: known[name] for name in BLOCKS}
    clips = read_clips(given.clips, songs)
    network = open_network(given.weights)
    how = TastePlan(likes=given.likes, draws=given.draws, seed=given.seed)
    found: dict[str, dict[str, list[float]]] = {}
    with TerminalProgress() as progress:
        for protocol in given.protocols.split(","):
            pool = replace(audio_taste(given.data, protocol, blocks, deal=given.deal), clips=clips)
            step = max(1, -(-len(pool.listeners) // given.listeners))
            pool = replace(pool, listeners=pool.listeners[::step])
            # One for all models: what is made depends on the songs and the labels alone.
            generate = GeneratedSongs(registry.composer, network, workshop=Workshop(progress=progress))
            for model in given.models.split(","):
                make = registry.taste_learner(model)
                for way in ("none", *given.ways.split(",")):
                    if way == "specaugment" and not hasattr(make(), "augmentations"):
                        continue
                    learner = registry.augmented(make, way, generate)
                    result = run(f"{model}, {way}", learner, pool, how, progress=progress)
                    auc = result.per_listener["auc"].tolist()
                    found.setdefault(f"{model}, {way}", {})[protocol] = auc
                    print(f"{protocol} {model}, {way}: {np.mean(auc):.3f}", flush=True)
    show(found)
    if given.json:
        given.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def show(found: dict[str, dict[str, list[float]]]) -> None:
    protocols = list(next(iter(found.values())))
    print("\n| | " + " | ".join(f"AUC {name} | less none" for name in protocols) + " |")
    print("|---" * (2 * len(protocols) + 1) + "|")
    for name, by_protocol in found.items():
        plain = found[f"{name.split(', ')[0]}, none"]
        cells = []
        for protocol, auc in by_protocol.items():
            difference = np.array(auc) - np.array(plain[protocol])
            low, high = intervals({"": difference})[""]
            shown = "" if name.endswith(", none") else f"{difference.mean():+.3f} [{low:+.3f}, {high:+.3f}]"
            cells.append(f"{np.mean(auc):.3f} | {shown}")
        print(f"| {name} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
