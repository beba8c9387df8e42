"""Free music from Debian packages, for the benchmarks: fetched and unpacked, never installed; and what is heard in it.

``apt-get download`` and ``dpkg -x`` put a package into FOLDER/PACKAGE, once. Where a package keeps its music in a zip
archive (``*.pk3``), that is unpacked beside it. What was heard is kept in FOLDER/heard.jsonl, one line for each file and
change; a line counts as long as the file's hash and the versions of the extractors are those of today.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

FAST_LANE = ("wesnoth-1.16-music", "singularity-music", "fretsonfire-songs-muldjord")
"""234 MB, 55 tracks of half a minute or more."""
MORE = (
    "nexuiz-music",
    "supertux-data",
    "hyperrogue-music",
    "colobot-common-sounds",
    "marsshooter-data",
)
"""440 MB, 113 tracks."""
LEAST_SECONDS = 30
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
_ENDINGS = {".ogg", ".mp3", ".flac", ".wav", ".opus"}
_STEMS = {"guitar.ogg", "rhythm.ogg", "drums.ogg"}
"""In the folders of Frets on Fire, parts of the recording that lies beside them as song.ogg."""
_LEAST_OF_AN_ALBUM = 5
_ALIASES = {
    "joseph g. toscano (zhaytee)": "zhaytee",
    "http://zhaymusic.com/": "zhaytee",
    "gerd (elysis) raudenbusch": "elysis",
    "www.elysis.de": "elysis",
}

RATE = 22_050
NETWORK_RATE = 16_000
TRIM_SECONDS = 5
GAIN_DB = -10
MP3_RATE = 44_100
MP3_LEVEL = 8 / 9
"""Of libsndfile's scale from 320 kbit/s (0) to 32 (1): 64 kbit/s, constant."""


@dataclass(frozen=True, slots=True)
class Track:
    """A piece of music and where it comes from.

    Attributes:
        path: Its file.
        package: The Debian package.
        artist: As its tags say, in lower case; empty where they say nothing.
        album: What was made together, see :func:`tracks_of`.
    """

    path: Path
    package: str
    artist: str = ""
    album: str = ""


def fetch(folder: Path, packages: Iterable[str]) -> list[Path]:
    """Return the sounds of the packages of half a minute or more, fetched and unpacked where they are not there yet."""
    return [path for package in packages for path in _sounds(folder, package)]


def tracks_of(folder: Path, packages: Iterable[str]) -> list[Track]:
    """Return the pieces of music of half a minute or more whose tags name an artist, in the order of package and path.

    An album is what at least five tracks of a package name as theirs; all other tracks of the package count as parts of
    the largest. Stems are not pieces of music.
    """
    tracks = []
    for package in packages:
        found = [Track(path, package, *_tags(path)) for path in _sounds(folder, package)]
        found = [track for track in found if track.artist and track.path.name not in _STEMS]
        sizes = Counter(track.album for track in found if track.album)
        albums = [album for album, size in sizes.most_common() if size >= _LEAST_OF_AN_ALBUM] or [""]
        for track in found:
            album = track.album if track.album in albums else albums[0]
            tracks.append(replace(track, album=f"{package}: {album}"))
    return tracks


def _sounds(folder: Path, package: str) -> Iterator[Path]:
    from zetdard.features.audio.decoding import probe

    _unpack(folder, package)
    for path in sorted((folder / package).rglob("*")):
        if path.suffix in _ENDINGS and path.is_file() and (probe(path).seconds or 0) >= LEAST_SECONDS:
            yield path


def _unpack(folder: Path, package: str) -> None:
    unpacked = folder / package
    if unpacked.is_dir():
        return
    archives = folder / "debs"
    archives.mkdir(parents=True, exist_ok=True)
    if not list(archives.glob(f"{package}_*.deb")):
        subprocess.run(["apt-get", "download", package], cwd=archives, check=True, stdout=sys.stderr)
    (archive,) = archives.glob(f"{package}_*.deb")
    partial = folder / f"{package}.partial"
    subprocess.run(["dpkg", "-x", archive, partial], check=True)
    for packed in list(partial.rglob("*.pk3")):
        with zipfile.ZipFile(packed) as zipped:
            zipped.extractall(packed.with_suffix(""))
    partial.rename(unpacked)


def _tags(path: Path) -> tuple[str, str]:
    """Return artist and album in lower case; empty where the tags do not say."""
    import mutagen

    found: Any = mutagen.File(path, easy=True) or {}
    artist, album = (str((found.get(name) or [""])[0]).strip().lower() for name in ("artist", "album"))
    return _ALIASES.get(artist, artist), album


# ---- what is heard ----

WHOLE = "whole"
CHANGES = ("mp3", "trim", "gain")
POLICIES = {"1×30": (1, 30.0), "3×10": (3, 10.0), "5×10": (5, 10.0), "3×30": (3, 30.0), "6×30": (6, 30.0)}
"""Excerpts of a track: their number and length in seconds."""


def heard(
    folder: Path, tracks: list[Track], variants: Iterable[str], weights: Path, processes: int
) -> dict[tuple[Path, str], dict[str, Any]]:
    """Return what is heard in each track, by (path, variant): what is not known yet is listened to and written down.

    Args:
        folder: Where the music and the notes are kept.
        tracks: What to hear.
        variants: ``WHOLE``, one of ``CHANGES`` or of ``POLICIES``.
        weights: Folder of the MusiCNN weights.
        processes: How many listen at once.
    """
    notes = folder / "heard.jsonl"
    known: dict[str, dict[str, Any]] = {}
    if notes.exists():
        known = {note["key"]: note for note in map(json.loads, notes.read_text().splitlines())}
    keys = {}
    for track in tracks:
        with track.path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        keys |= {(track.path, variant): _key(digest, variant) for variant in variants}
    missing = [(path, variant, key) for (path, variant), key in keys.items() if key not in known]
    if missing:
        os.environ |= ONE_THREAD
        begun = time.perf_counter()
        with (
            ProcessPoolExecutor(processes, get_context("spawn"), _open, (weights,)) as pool,
            notes.open("a") as file,
        ):
            for number, note in enumerate(pool.map(_note, missing), 1):
                file.write(json.dumps(note) + "\n")
                file.flush()
                known[note["key"]] = note
                left = (time.perf_counter() - begun) / number * (len(missing) - number)
                print(
                    f"\r{number} of {len(missing)} heard, {left / 60:.0f} min left ", end="", file=sys.stderr
                )
        print(file=sys.stderr)
    return {place: known[key] for place, key in keys.items()}


def _key(digest: str, variant: str) -> str:
    from zetdard.features.audio.descriptors import DESCRIPTOR_VERSION
    from zetdard.features.audio.musicnn import EMBEDDING_VERSION

    return f"{digest[:24]} {variant} {DESCRIPTOR_VERSION} {EMBEDDING_VERSION}"


_network: Any = None


def _open(weights: Path) -> None:
    from zetdard.features.audio.descriptors import describe
    from zetdard.features.audio.musicnn import open_network

    global _network
    _network = open_network(weights)
    describe([np.zeros(RATE * 2, np.float32)])  # compiles what has to be compiled


def _note(task: tuple[Path, str, str]) -> dict[str, Any]:
    path, variant, key = task
    if variant == "mp3":
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / "copy.mp3"
            _write_mp3(path, copy)
            note = _listen(copy, variant)
            note["kbit/s"] = copy.stat().st_size * 8 / 1000 / note["seconds"]
    else:
        note = _listen(path, variant)
    return {"key": key, **note}


def _listen(path: Path, variant: str) -> dict[str, Any]:
    """Return descriptors, embedding, tags and mastering numbers of a track or a change of it, and the CPU seconds."""
    from zetdard.features.audio.decoding import Target, fan_out, probe
    from zetdard.features.audio.descriptors import Describer
    from zetdard.features.audio.musicnn import embed
    from zetdard.features.audio.sampling import Sampling

    begun = time.process_time()
    seconds = probe(path).seconds
    stretches: list[tuple[float, float | None]] = [(TRIM_SECONDS if variant == "trim" else 0.0, None)]
    if variant in POLICIES and seconds is not None:
        spans = Sampling.spread(*POLICIES[variant]).spans(round(seconds * RATE), RATE)
        stretches = [(begin / RATE, (end - begin) / RATE) for begin, end in spans]
    gain = np.float32(10 ** (GAIN_DB / 20) if variant == "gain" else 1)
    describer, stereo, mono, spans = Describer(), [], [], []
    for start, length in stretches:
        describer.cut()
        excerpt = []
        for wide, narrow in fan_out(
            path, [Target(RATE, 2), Target(NETWORK_RATE, 1)], start=start, seconds=length
        ):
            describer.push(wide * gain)
            stereo.append(wide)
            excerpt.append(narrow * gain)
        mono.append(np.concatenate(excerpt))
        at = sum(map(len, mono[:-1]))
        spans.append((at, at + len(mono[-1])))
    description = describer.finish()
    embedding = embed(np.concatenate(mono), _network, spans=spans)
    cpu = time.process_time() - begun
    note = {
        "descriptors": description.vector.tolist(),
        "embedding": embedding.mean.tolist(),
        "tags": embedding.tags.tolist(),
        "seconds": description.seconds,
        "cpu": cpu,
    }
    if variant == WHOLE:
        note["mastering"] = mastering(stereo)
    return note


def mastering(blocks: Iterable[np.ndarray]) -> list[float]:
    """Return ``MASTERING_COLUMNS`` of blocks of shape (n, 2) at 22,050 samples a second."""
    from zetdard.features.audio.mastering import MasteringStream

    stream = MasteringStream(RATE)
    for block in blocks:
        stream.push(block)
    return list(stream.finish())


def _write_mp3(source: Path, target: Path) -> None:
    import soundfile

    from zetdard.features.audio.decoding import stream

    with soundfile.SoundFile(
        target,
        "w",
        samplerate=MP3_RATE,
        channels=2,
        format="MP3",
        subtype="MPEG_LAYER_III",
        compression_level=MP3_LEVEL,
        bitrate_mode="CONSTANT",
    ) as file:
        for block in stream(source, MP3_RATE, 2):
            for begin in range(
                0, len(block), 65_536
            ):  # long pieces crash libsndfile's Ogg; small ones are safe for all
                file.write(np.clip(block[begin : begin + 65_536], -1, 1))
