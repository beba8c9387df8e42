"""How well music files are joined to the songs of a service: real titles and artists, written as files write them.

    python benchmarks/matching.py [SONGS_CSV] [--seed 7] [--json OUT]

SONGS_CSV has the columns ``song_id``, ``title`` and ``artists`` (names between ``|``). Its songs are the service's. 5,000 of
them, drawn by the seed, are files too:

* 4,000 *kept*: the service has the song. Their titles and artists are changed as files have them: other capitals (30%), full-width
  letters (15%); of several artists only the first, another order, or all in one text (25% each); no album (40%); no length
  (10%), else one that differs by up to a second.
* 500 *removed*: changed likewise, and taken away from the service: whatever they are joined to is wrong, unless the service
  describes the song twice.
* 500 *versions*: the service has the original only; the title says live, remix or instrumental (in English or Chinese).

Simulated: the file has neither albums nor lengths, so both are invented, for each song one. Measured with both, with lengths
alone, and with neither: titles and artists alone. *Precision*: of the joined files, those that are joined to their own song.
*Recall*: of the kept files, those. *Asked about*: kept files whose own song is among those that a person is asked about.
95% intervals: percentile bootstrap over files, 1,000 resamples.

Time: 10,000 files against 200,000 songs (the songs of the file as often as needed, the artists of each copy renamed).
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from zetdard.features.matching import SongFacts, match

SONGS = Path(__file__).parents[2] / "shared" / "data" / "netease_playlists" / "songs.csv"
KEPT, REMOVED, VERSIONS = 4_000, 500, 500
MARKS = (" (Live)", "（Live）", " - Live", " Live", " (Remix)", " (伴奏)", " (Instrumental)")
BETWEEN = (" & ", "/", ", ")
RESAMPLES = 1_000
N_FILES, N_SONGS = 10_000, 200_000


class Song(NamedTuple):
    """A song as the service describes it."""

    id: int
    title: str
    artists: tuple[str, ...]
    album: str
    duration_ms: int


def read_songs(path: Path, rng: np.random.Generator) -> list[Song]:
    """Read titles and artists; invent albums and lengths."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        Song(
            int(row["song_id"]),
            row["title"],
            tuple(name for name in row["artists"].split("|") if name),
            f"album {rng.integers(10**6)}",
            int(rng.integers(120_000, 360_000)),
        )
        for row in rows
    ]


def full_width(text: str) -> str:
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)


def as_file(key: int, song: Song, rng: np.random.Generator, mark: str = "") -> SongFacts:
    """Write a song as a file has it, with ``mark`` at the end of its title."""
    title, artists = song.title, song.artists
    if rng.random() < 0.3:
        title = (title.upper(), title.lower(), title.title())[rng.integers(3)]
    if rng.random() < 0.15:
        title = full_width(title)
    way = rng.random()
    if len(artists) > 1 and way < 0.75:
        if way < 0.25:
            artists = artists[:1]
        elif way < 0.5:
            artists = tuple(artists[at] for at in rng.permutation(len(artists)))
        else:
            artists = (BETWEEN[rng.integers(3)].join(artists),)
    album = None if mark or rng.random() < 0.4 else song.album
    duration = song.duration_ms + int(rng.integers(-1_000, 1_001))
    if mark and rng.random() < 0.5:
        duration += int(rng.choice((-1, 1)) * rng.integers(3_000, 30_001))
    return SongFacts(key, title + mark, artists, album, None if rng.random() < 0.1 else duration)


def facts(song: Song) -> SongFacts:
    return SongFacts(song.id, song.title, song.artists, song.album, song.duration_ms)


def known(facts: SongFacts, *, albums: bool, lengths: bool) -> SongFacts:
    return replace(
        facts, album=facts.album if albums else None, duration_ms=facts.duration_ms if lengths else None
    )


def interval(right: Sequence[bool], rng: np.random.Generator) -> tuple[float, float, float]:
    """Return a share and its interval."""
    values = np.array(right, float)
    means = values[rng.integers(len(values), size=(RESAMPLES, len(values)))].mean(axis=1)
    low, high = np.percentile(means, (2.5, 97.5))
    return float(values.mean()), float(low), float(high)


def quality(songs: list[Song], rng: np.random.Generator) -> list[Mapping[str, Any]]:
    drawn = [songs[at] for at in rng.permutation(len(songs))[: KEPT + REMOVED + VERSIONS]]
    files, truth = [], {}
    for key, song in enumerate(drawn):
        is_version = key >= KEPT + REMOVED
        if is_version and any(word in song.title.lower() for word in ("live", "remix", "现场", "伴奏")):
            continue  # it is a version itself
        files.append(as_file(key, song, rng, MARKS[rng.integers(len(MARKS))] if is_version else ""))
        if key < KEPT:
            truth[key] = song.id
    removed = {song.id for song in drawn[KEPT : KEPT + REMOVED]}
    service = [facts(song) for song in songs if song.id not in removed]
    lines: list[Mapping[str, Any]] = []
    for albums, lengths in ((True, True), (False, True), (False, False)):
        found = match(
            [known(file, albums=albums, lengths=lengths) for file in files],
            [known(song, albums=albums, lengths=lengths) for song in service],
        )
        joined = {one.song: one.other for one in found if one.joins}
        asked = {one.song for one in found if not one.joins and truth.get(one.song) == one.other}
        wrong = [key for key, other in joined.items() if truth.get(key) != other]
        lines.append(
            {
                "known": "titles, artists" + ", lengths" * lengths + ", albums" * albums,
                "files": len(files),
                "songs": len(service),
                "joined": len(joined),
                "precision": interval([truth.get(key) == other for key, other in joined.items()], rng),
                "recall": interval([joined.get(key) == other for key, other in truth.items()], rng),
                "asked": len(asked - set(joined)) / len(truth),
                "wrong": {
                    "kept": sum(key < KEPT for key in wrong),
                    "removed": sum(KEPT <= key < KEPT + REMOVED for key in wrong),
                    "version": sum(key >= KEPT + REMOVED for key in wrong),
                },
            }
        )
    return lines


def speed(songs: list[Song], rng: np.random.Generator) -> Mapping[str, Any]:
    copies = -(-N_SONGS // len(songs))
    service = [
        SongFacts(
            copy * 10**11 + song.id,
            song.title,
            tuple(f"{name} {copy}" for name in song.artists) if copy else song.artists,
            song.album,
            song.duration_ms,
        )
        for copy in range(copies)
        for song in songs
    ][:N_SONGS]
    drawn = rng.choice(len(songs), min(N_FILES, len(songs)), replace=False)
    files = [as_file(-1 - number, songs[at], rng) for number, at in enumerate(drawn)]
    begun = perf_counter()
    found = match(files, service)
    return {
        "files": len(files),
        "songs": len(service),
        "joined": sum(one.joins for one in found),
        "seconds": perf_counter() - begun,
    }


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("songs", nargs="?", type=Path, default=SONGS)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    rng = np.random.default_rng(args.seed)
    songs = read_songs(args.songs, rng)
    lines, time = quality(songs, rng), speed(songs, rng)
    print("| what is known | precision | recall | asked about | wrong: kept, removed, versions |")
    print("|---|--:|--:|--:|--:|")
    for line in lines:
        shares = ["{:.3f} ({:.3f} – {:.3f})".format(*line[name]) for name in ("precision", "recall")]
        wrong = ", ".join(map(str, line["wrong"].values()))
        print(f"| {line['known']} | {shares[0]} | {shares[1]} | {line['asked']:.3f} | {wrong} |")
    print(f"\n{lines[0]['files']:,} files, {lines[0]['songs']:,} songs, seed {args.seed}.")
    print(f"{time['files']:,} files against {time['songs']:,} songs: {time['seconds']:.1f} s.")
    if args.json:
        args.json.write_text(json.dumps({"quality": lines, "time": time}, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
