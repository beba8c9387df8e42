"""Networks that hear tell tastes: which of their parts matter, on real tracks with invented listeners.

    python benchmarks/hearing.py --features FILE --clips FOLDER [--data DIR] [--models "NAME;…"] [--protocols C,S-seen,S-unseen]
        [--deal SEED] [--seed N] [--threads N] [--json OUT]

Each network stands beside itself with one thing changed, paired: another pooling, filters that begin at random, no training at
all, other heads, a network for each listener. ``--features`` is what ``benchmarks/taste.py --save`` writes, of which only the six
mastering numbers are used, as a control; ``--clips`` what ``--save-clips`` does. ``--deal`` deals other folds than the fixed ones.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import torch

from zetdard.evaluation.taste.blocks import read_blocks
from zetdard.evaluation.taste.clipfiles import read_clips
from zetdard.evaluation.taste.pools import AUDIO_TASTE_PROTOCOLS, audio_taste, audio_taste_songs
from zetdard.evaluation.taste.protocol import TastePlan
from zetdard.evaluation.taste.report import overview_markdown, to_markdown
from zetdard.evaluation.taste.result import TasteMeasured, evaluate_taste
from zetdard.models.deep.audio_networks import Waveforms
from zetdard.models.deep.hearing import AudioCnn, CnnForest, HeardTaste, MelSpectrogramCnn, RecurrentCnn
from zetdard.surfaces.cli.progress import TerminalProgress

DATA = Path(__file__).parents[2] / "shared" / "data" / "audio_taste"
MASTERING = "mastering"


def untrained(learner: HeardTaste) -> HeardTaste:
    """As it begins; what batch normalisation counts is counted."""
    return replace(learner, effort=replace(learner.effort, epochs=3, learning_rate=0.0))


ONE = AudioCnn(networks=1)
MEL = MelSpectrogramCnn(networks=1)
MODELS: Mapping[str, HeardTaste] = {
    "audio-cnn": ONE,
    "audio-cnn, three": AudioCnn(),
    "audio-cnn, average pooling": replace(ONE, sense=Waveforms(pooling="average")),
    "audio-cnn, max pooling": replace(ONE, sense=Waveforms(pooling="max")),
    "audio-cnn, random filters": replace(ONE, sense=Waveforms(first="random")),
    "audio-cnn, not trained": untrained(ONE),
    "audio-cnn, its own verdict": replace(ONE, head=None),
    "audio-cnn, one for each": replace(ONE, shared=False),
    "mel-cnn": MEL,
    "mel-cnn, not trained": untrained(MEL),
    "mel-cnn, its own verdict": replace(MEL, head=None),
    "cnn-forest": CnnForest(networks=1),
    "cnn-lstm": RecurrentCnn(networks=1),
}
"""One network each, but for the second: the learners train three and take their codes together."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--features", type=Path, required=True)
    parser.add_argument("--clips", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--models", help="names separated by semicolons; none = all")
    parser.add_argument("--protocols", default=",".join(AUDIO_TASTE_PROTOCOLS))
    parser.add_argument("--deal", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    names = given.models.split(";") if given.models else list(MODELS)
    songs = audio_taste_songs(given.data)
    blocks = {MASTERING: read_blocks(given.features, songs)[MASTERING]}
    clips = read_clips(given.clips, songs)
    results: dict[str, TasteMeasured] = {}
    with TerminalProgress() as progress:
        for protocol in given.protocols.split(","):
            pool = audio_taste(given.data, protocol, blocks, deal=given.deal)
            results[protocol] = evaluate_taste(
                replace(pool, clips=clips),
                {name: partial(_made, name) for name in names},
                how=TastePlan(seed=given.seed),
                pairs=[
                    (first, name)
                    for name in names
                    if (first := name.split(",")[0]) in names and first != name
                ],
                progress=progress,
            )
            print(to_markdown(results[protocol]), flush=True)
    print(overview_markdown(results))
    if given.json:
        found = {name: result.to_json() for name, result in results.items()}
        given.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def _made(name: str) -> HeardTaste:
    return MODELS[name]


if __name__ == "__main__":
    main()
