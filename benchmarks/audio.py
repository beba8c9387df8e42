"""Decoding and describing real music against a plain librosa script, in one run.

    python benchmarks/audio.py --corpus FOLDER [--packages P,P] [--tracks N] [--rounds 3] [--weights DIR] [--json OUT]

The music is free and comes from Debian: ``apt-get download`` and ``dpkg -x`` into FOLDER, once; nothing is installed. Each
role runs in a process of its own with one thread of linear algebra, in turns; ratios are taken within a turn, of CPU
seconds:

* ``ours``: decode to 22,050 Hz stereo, then describe the samples;
* ``librosa``: ``librosa.load`` (mono, 22,050 Hz), then the same descriptors by one call of librosa each;
* ``librosa-shared``: the same with one spectrogram handed to all calls, as a careful script would;
* ``whole``: ``describe(path)``: both steps as users get them; its peak memory is that of a worker;
* ``embed``: decode to 16,000 Hz and ask MusiCNN, where its weights are there (``--weights``, by ``zetdard weights``);
* ``pool``: ``describe`` by 1 and by 2 isolated processes.

At the end the numbers of ``ours`` and ``librosa`` are compared, column by column. ``contrast`` stands apart: librosa cuts it
off 80 below the loudest of a piece (docs/audio.md), which differs in digital silence.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from corpus import FAST_LANE, ONE_THREAD, fetch

RATE = 22_050
BLOCK = 33_075
THREE_MINUTES = 180


# ---- roles: each runs in a process of its own and prints one JSON line ----


def timed(action: Callable[[], Any]) -> tuple[float, Any]:
    """Return the CPU seconds of an action, and what it returns."""
    begun = time.process_time()
    value = action()
    return time.process_time() - begun, value


def ours_role(files: list[Path]) -> dict[str, Any]:
    from zetdard.features.audio.decoding import stream
    from zetdard.features.audio.descriptors import describe

    describe([np.zeros(RATE * 2, np.float32)])
    decode = descriptors = seconds = 0.0
    vectors = []
    for path in files:
        took, blocks = timed(lambda path=path: list(stream(path, RATE, 2)))
        decode += took
        took, found = timed(lambda blocks=blocks: describe(blocks))
        descriptors += took
        seconds += found.seconds
        vectors.append(found.vector.tolist())
    return {"decode": decode, "descriptors": descriptors, "seconds": seconds, "vectors": vectors}


def librosa_role(files: list[Path], shared: bool) -> dict[str, Any]:
    import librosa

    warm = np.random.default_rng(0).standard_normal((2, RATE * 3)).astype(np.float32)
    by_librosa(warm, shared)
    librosa.resample(warm, orig_sr=44_100, target_sr=RATE)
    decode = descriptors = seconds = 0.0
    vectors = []
    for path in files:
        decode += timed(lambda path=path: librosa.load(path, sr=RATE))[0]
        stereo, _ = librosa.load(path, sr=RATE, mono=False)
        both = np.atleast_2d(stereo)
        took, vector = timed(
            lambda both=both: by_librosa(both if len(both) == 2 else np.repeat(both, 2, axis=0), shared)
        )
        descriptors += took
        seconds += both.shape[1] / RATE
        vectors.append(vector.tolist())
    return {"decode": decode, "descriptors": descriptors, "seconds": seconds, "vectors": vectors}


def by_librosa(stereo: np.ndarray, shared: bool) -> np.ndarray:
    """The descriptors of docs/audio.md as a plain script asks librosa for them; stereo has shape (2, samples)."""
    import librosa

    from zetdard.features.audio.loudness import LoudnessStream
    from zetdard.features.audio.rhythm import _regularity
    from zetdard.features.audio.tonality import tonality

    feature = librosa.feature
    y = librosa.to_mono(stereo)
    magnitude = np.abs(librosa.stft(y)) if shared else None
    of_magnitude = {"S": magnitude} if shared else {"y": y}
    of_power = {"S": magnitude**2} if magnitude is not None else {"y": y}
    log_mel = librosa.power_to_db(feature.melspectrogram(**of_power, sr=RATE), top_db=None)
    mfcc = feature.mfcc(S=log_mel)
    chroma = feature.chroma_stft(**of_power, sr=RATE, tuning=0.0)
    shape = [
        feature.spectral_centroid(**of_magnitude, sr=RATE),
        feature.spectral_bandwidth(**of_magnitude, sr=RATE),
        feature.spectral_rolloff(**of_magnitude, sr=RATE),
        feature.spectral_flatness(**of_magnitude),
        feature.zero_crossing_rate(y),
        feature.rms(y=y),
    ]
    contrast = feature.spectral_contrast(**of_magnitude, sr=RATE)
    frames = [mfcc, feature.delta(mfcc), chroma, contrast, np.concatenate(shape)]
    envelope = librosa.onset.onset_strength(S=log_mel, sr=RATE)
    envelope = np.minimum(envelope, np.quantile(envelope, 0.995))
    scaled = (envelope - envelope.min()) / max(envelope.max() - envelope.min(), 5.0)
    onsets = librosa.onset.onset_detect(onset_envelope=scaled, sr=RATE, normalize=False)
    (bpm,) = feature.tempo(onset_envelope=envelope, sr=RATE)
    meter = LoudnessStream(RATE)  # librosa has none
    meter.push(stereo.T)
    mid, side = y.astype(np.float64), (stereo[0] - stereo[1]).astype(np.float64) / 2
    energy, other = mid @ mid, side @ side
    key = tonality(chroma.mean(axis=1))
    return np.concatenate(
        [
            *(part for rows in frames for part in (rows.mean(axis=1), rows.std(axis=1))),
            meter.finish(),
            [20 * np.log10(np.abs(y).max() / np.sqrt(energy / len(y))), other / (energy + other)],
            [len(onsets) / (len(y) / RATE), bpm, _regularity([envelope], 60 * RATE / 512 / bpm)],
            [*key.fifths, key.mode, key.confidence],
        ]
    )


def whole_role(files: list[Path]) -> dict[str, Any]:
    from zetdard.features.audio.descriptors import describe

    took, found = timed(lambda: [describe(path).seconds for path in files])
    return {"whole": took, "seconds": sum(found), "peak_mib": peak_mib()}


def embed_role(files: list[Path], weights: Path) -> dict[str, Any]:
    from zetdard.features.audio.decoding import stream
    from zetdard.features.audio.musicnn import embed, open_network

    network = open_network(weights)
    decode = embedding = seconds = 0.0
    for path in files:
        took, blocks = timed(lambda path=path: list(stream(path, 16_000)))
        decode += took
        embedding += timed(lambda blocks=blocks: embed(blocks, network))[0]
        seconds += sum(map(len, blocks)) / 16_000
    return {"decode": decode, "embedding": embedding, "seconds": seconds, "peak_mib": peak_mib()}


def pool_role(files: list[Path], processes: int) -> dict[str, Any]:
    from zetdard.errors import Failure
    from zetdard.features.audio.descriptors import describe
    from zetdard.features.audio.isolation import Isolated

    begun = time.perf_counter()
    with Isolated(describe, processes, seconds=120, memory_mb=1024) as pool:
        failed = [str(path) for path, outcome in pool.map(files) if isinstance(outcome, Failure)]
    wall = time.perf_counter() - begun
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {"wall": wall, "cpu": children.ru_utime + children.ru_stime, "failed": failed}


def peak_mib() -> float:
    """Return the most memory that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


# ---- the comparison ----


def in_process(role: str, files: list[Path], *words: str) -> dict[str, Any]:
    """Run a role in a process of its own and return what it measured."""
    command = [sys.executable, __file__, "--role", role, *words]
    given = "\n".join(map(str, files))
    done = subprocess.run(
        command,
        input=given,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        env=os.environ | ONE_THREAD,
    )
    measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return measured


def turn(files: list[Path], weights: Path | None) -> dict[str, Any]:
    measured = {role: in_process(role, files) for role in ("ours", "librosa", "librosa-shared", "whole")}
    measured |= {f"pool-{n}": in_process("pool", files, "--processes", str(n)) for n in (1, 2)}
    if weights is not None:
        measured["embed"] = in_process("embed", files, "--weights", str(weights))
    return measured


def show(turns: list[dict[str, Any]]) -> None:
    """Print medians over the turns, with the least and the greatest."""
    seconds = turns[0]["ours"]["seconds"]
    pools = [one["pool-2"]["cpu"] / one["pool-1"]["cpu"] for one in turns]
    walls = [one["pool-1"]["wall"] / one["pool-2"]["wall"] for one in turns]
    rows: dict[str, list[float]] = {}
    for role, stage in (
        ("ours", "decode"),
        ("librosa", "decode"),
        ("ours", "descriptors"),
        ("librosa-shared", "descriptors"),
        ("librosa", "descriptors"),
        ("whole", "whole"),
        ("embed", "decode"),
        ("embed", "embedding"),
    ):
        if role in turns[0]:
            rows[f"{role}: {stage}"] = [seconds / one[role][stage] for one in turns]
    print(f"{len(turns[0]['ours']['vectors'])} tracks, {seconds / 60:.0f} minutes, {len(turns)} turns\n")
    print(f"{'':<30}{'× real time':>14}{'least':>9}{'greatest':>9}{'CPU s of 3 min':>16}")
    for name, values in rows.items():
        middle = statistics.median(values)
        print(
            f"{name:<30}{middle:>14.0f}{min(values):>9.0f}{max(values):>9.0f}{THREE_MINUTES / middle:>16.2f}"
        )
    print()
    for name, ratios in {
        "decode (stereo), librosa.load (mono) / ours": ratio(turns, "librosa", "decode"),
        "descriptors, librosa / ours": ratio(turns, "librosa", "descriptors"),
        "descriptors, librosa with one spectrogram / ours": ratio(turns, "librosa-shared", "descriptors"),
        "CPU of two processes / of one": pools,
        "speed of two processes / of one": walls,
    }.items():
        print(f"{name:<50}{statistics.median(ratios):>6.2f}  ({min(ratios):.2f} to {max(ratios):.2f})")
    for role in ("whole", "embed"):
        if role in turns[0]:
            print(f"peak memory, {role}: {max(one[role]['peak_mib'] for one in turns):.0f} MiB")
    for path in turns[0]["pool-2"]["failed"]:
        print(f"FAILED: {path}")
    show_differences(turns[0])


def ratio(turns: list[dict[str, Any]], role: str, stage: str) -> list[float]:
    return [one[role][stage] / one["ours"][stage] for one in turns]


def show_differences(one: dict[str, Any]) -> None:
    """Print where the numbers differ most, in standard deviations of a column over the tracks."""
    from zetdard.features.audio.descriptors import DESCRIPTOR_NAMES

    ours, theirs = np.array(one["ours"]["vectors"]), np.array(one["librosa"]["vectors"])
    difference = np.abs(ours - theirs) / np.maximum(theirs.std(axis=0), 1e-12)
    tempo = DESCRIPTOR_NAMES.index("tempo (BPM)")
    lags = np.abs(60 * RATE / 512 / ours[:, tempo] - 60 * RATE / 512 / theirs[:, tempo])
    print(f"\ntempo: period within {lags.max():.2f} frames of librosa's (ours is sharpened by up to 0.6)")
    cut = [column for column, name in enumerate(DESCRIPTOR_NAMES) if name.startswith("contrast")]
    apart = {tempo, tempo + 1, *cut}
    others = [column for column in range(len(DESCRIPTOR_NAMES)) if column not in apart]
    print(f"contrast: median difference {np.median(difference[:, cut]):.1e} sd")
    print(f"other columns: median difference {np.median(difference[:, others]):.1e} sd; the greatest:")
    for column in sorted(others, key=lambda column: -difference[:, column].max())[:3]:
        print(f"  {DESCRIPTOR_NAMES[column]:<30}{difference[:, column].max():.1e} sd")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--corpus", type=Path, help="where the music is kept")
    parser.add_argument("--packages", default=",".join(FAST_LANE))
    parser.add_argument("--tracks", type=int, help="take so many, evenly spread; all if left out")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--weights", type=Path, help="folder of the MusiCNN weights (HOME/weights)")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--role", help=argparse.SUPPRESS)
    parser.add_argument("--processes", type=int, default=1, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.role:
        files = [Path(line) for line in sys.stdin.read().splitlines()]
        roles: dict[str, Callable[[], dict[str, Any]]] = {
            "ours": lambda: ours_role(files),
            "librosa": lambda: librosa_role(files, shared=False),
            "librosa-shared": lambda: librosa_role(files, shared=True),
            "whole": lambda: whole_role(files),
            "embed": lambda: embed_role(files, given.weights),
            "pool": lambda: pool_role(files, given.processes),
        }
        print(json.dumps(roles[given.role]()))
        return
    if given.corpus is None:
        parser.error("--corpus FOLDER is needed")
    tracks = fetch(given.corpus.resolve(), given.packages.split(","))
    if given.tracks:
        places = np.linspace(0, len(tracks) - 1, min(given.tracks, len(tracks)))
        tracks = [tracks[round(place)] for place in places]
    turns = []
    for number in range(given.rounds):
        print(f"turn {number + 1} of {given.rounds}", file=sys.stderr)
        turns.append(turn(tracks, given.weights))
    show(turns)
    if given.json:
        given.json.write_text(json.dumps(turns))


if __name__ == "__main__":
    main()
