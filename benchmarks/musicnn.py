"""What the sound embedding costs, and whether its tags are right on real music.

    python benchmarks/musicnn.py --corpus DIR [--weights DIR] [--minutes 3] [--rounds 5] [--json FILE]

The corpus is Debian packages, fetched with ``apt-get download`` and unpacked with ``dpkg -x`` into ``DIR/PACKAGE``,
without installation: ``fretsonfire-songs-muldjord`` (death metal) and ``wesnoth-1.16-music`` (orchestra). Packages
that are there already are used as they are. Without ``--corpus`` only times are taken, of noise.

Times are the best of the rounds, in wall-clock seconds, beside the CPU seconds of the same round; "with every filter"
is the same graph without leaving out the filters that hear nothing.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from zetdard.features.audio.musicnn import RATE, EmbeddingConfig, OnnxNetwork, embed, open_network
from zetdard.features.audio.musicnn.network import PlainNetwork
from zetdard.features.audio.musicnn.spectrogram import patches
from zetdard.features.audio.musicnn.weights import load
from zetdard.features.audio.sampling import Sampling
from zetdard.surfaces.cli.progress import TerminalProgress
from zetdard.surfaces.cli.weights import provide

METAL, ORCHESTRA = "fretsonfire-songs-muldjord", "wesnoth-1.16-music"
METAL_TAGS = {"metal", "heavy metal"}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--corpus", type=Path)
    parser.add_argument(
        "--weights", type=Path, default=Path.home() / ".cache" / "zetdard-benchmark" / "weights"
    )
    parser.add_argument("--minutes", type=float, default=3)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    with TerminalProgress() as progress:
        provide(given.weights, progress)
    found: dict[str, Any] = {"speed": speed(given.weights, given.minutes * 60, given.rounds)}
    print(f"{'what':34s} {'wall s':>8s} {'CPU s':>8s} {'× real time':>12s}")
    for what, row in found["speed"].items():
        print(f"{what:34s} {row['wall']:8.3f} {row['cpu']:8.3f} {row['times_real_time']:12.0f}")
    if given.corpus:
        found["tags"] = tags(given.weights, given.corpus)
        for package, row in found["tags"].items():
            share = f"{row['metal']} of {row['tracks']}"
            print(f"{package}: a metal tag among the top three in {share}")
        found["sampling"] = sampling(given.weights, given.corpus)
        for name, closeness in found["sampling"].items():
            print(f"{name}: cosine to the whole track {closeness:.4f} on average")
    if given.json:
        given.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def speed(folder: Path, seconds: float, rounds: int) -> dict[str, dict[str, float]]:
    """Time each stage on noise, in which no filter can save work."""
    sound = np.random.default_rng(0).uniform(-0.5, 0.5, int(seconds * RATE)).astype(np.float32)
    weights = load(folder)
    network = OnnxNetwork(weights)
    published = OnnxNetwork(weights, negligible=-1)  # every filter is kept
    plain, short = PlainNetwork(weights), sound[: 10 * RATE]
    heard = list(patches([sound]))
    stages: dict[str, tuple[float, Callable[[], object]]] = {
        "spectrogram": (seconds, lambda: list(patches([sound]))),
        "network": (seconds, lambda: [network(batch) for batch in heard]),
        "network with every filter": (seconds, lambda: [published(batch) for batch in heard]),
        "plain network in numpy (10 s)": (10, lambda: embed(short, plain)),
        "embedding (spectrogram + network)": (seconds, lambda: embed(sound, network)),
        "embedding, half overlap": (seconds, lambda: embed(sound, network, EmbeddingConfig(hop_frames=94))),
        "opening the network": (seconds, lambda: open_network(folder)),
    }
    answer = {}
    for name, (length, stage) in stages.items():
        stage()
        best = min(timed(stage) for _ in range(1 if name.startswith("plain") else rounds))
        answer[name] = {"wall": best[0], "cpu": best[1], "times_real_time": length / best[0]}
    return answer


def timed(stage: Callable[[], object]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    stage()
    return time.perf_counter() - wall, time.process_time() - cpu


def tags(folder: Path, corpus: Path) -> dict[str, dict[str, int]]:
    """Count the tracks with a metal tag among the top three."""
    network, answer = open_network(folder), {}
    for package in (METAL, ORCHESTRA):
        tops = [embed(sound, network).top_tags(3) for sound in sounds(corpus, package)]
        metal = sum(bool(METAL_TAGS & {tag for tag, _ in top}) for top in tops)
        answer[package] = {"tracks": len(tops), "metal": metal}
    return answer


def sampling(folder: Path, corpus: Path) -> dict[str, float]:
    """Say how near the embedding of excerpts is to that of the whole track."""
    network, policies = open_network(folder), {}
    for count, seconds in ((1, 30), (3, 10), (3, 30), (6, 10)):
        policies[f"{count} × {seconds} s"] = Sampling.spread(count, seconds)
    cosines: dict[str, list[float]] = {name: [] for name in policies}
    for sound in sounds(corpus, ORCHESTRA):
        if len(sound) < 60 * RATE:
            continue
        whole = embed(sound, network).mean
        for name, policy in policies.items():
            part = embed(sound, network, spans=policy.spans(len(sound), RATE)).mean
            cosines[name].append(float(whole @ part / np.linalg.norm(whole) / np.linalg.norm(part)))
    return {name: float(np.mean(values)) for name, values in cosines.items()}


def sounds(corpus: Path, package: str) -> Iterator[np.ndarray]:
    """Yield the package's tracks at 16 kHz, one channel."""
    import soundfile
    import soxr

    for file in sorted(fetched(corpus, package).rglob("*.ogg")):
        samples, rate = soundfile.read(file, dtype="float32", always_2d=True)
        yield soxr.resample(samples.mean(axis=1), rate, RATE)


def fetched(corpus: Path, package: str) -> Path:
    folder = corpus / package
    if not folder.is_dir():
        corpus.mkdir(parents=True, exist_ok=True)
        subprocess.run(["apt-get", "download", package], cwd=corpus, check=True)
        subprocess.run(["dpkg", "-x", next(corpus.glob(f"{package}_*.deb")), folder], check=True)
    return folder


if __name__ == "__main__":
    main()
