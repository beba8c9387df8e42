"""Which space of sound brings alike music together: nearest neighbours in free music, beside controls.

    python benchmarks/retrieval.py --corpus FOLDER --weights DIR [--all | --packages NAME ...] [--json OUT]

The music comes from Debian packages (see ``corpus.py``): the fast lane of three, or with ``--all`` eight. The weights are
those of ``zetdard weights`` (HOME/weights). What is heard is kept in FOLDER, so that a second run takes seconds.

Tables, in Markdown:

* *same artist*: of a track's nearest neighbours, who is by its artist. First among all tracks, where an album's mastering
  helps (the album effect); then among the tracks of its own album alone, where it cannot, for albums of several artists.
  ``P@1`` is the share of tracks whose nearest neighbour is by the artist, ``MAP@10`` = Σ precision at the relevant ranks up to
  10 / min(10, relevant). Beside each: 95% bootstrap intervals over tracks; chance (exact, for the same candidates); the same
  space with its rows shuffled (20 times, mean and range); six mastering numbers.
* *near-duplicates*: a track as MP3 at 64 kbit/s, without its first five seconds, 10 dB softer: is the original the nearest of
  all originals?
* *how much is heard*: the whole track or excerpts, with the CPU time.

``sound space`` is what ZetDard uses: its weights and its power were chosen on the packages colobot, hyperrogue, nexuiz and
supertux, so the fast lane had no part in it. Every space is standardised by the tracks themselves; for near-duplicates by the
originals alone. The learned projection is asked about music of packages that it has not seen, among music that it has not
seen: to have been seen is itself a likeness.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import corpus

SHUFFLES = 20
RESAMPLES = 1_000

SOUND_SPACE = "**sound space**"

Places = np.ndarray[tuple[int, int], np.dtype[np.float64]]


# ---- spaces ----


def unit(rows: Any) -> Places:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.divide(rows, lengths, out=np.zeros(np.shape(rows)), where=lengths > 1e-9)


def standardised(library: Any, asked: Any) -> Places:
    """Return rows of length 1, standardised by what the library is like."""
    library, asked = np.asarray(library, np.float64), np.asarray(asked, np.float64)
    scale = library.std(axis=0)
    return unit((asked - library.mean(axis=0)) / np.where(scale > 0, scale, 1))


def columns(notes: Sequence[dict[str, Any]]) -> dict[str, np.ndarray]:
    """Return the numbers of tracks by what they are; what a mere change of loudness moves is left out."""
    from zetdard.features.audio.descriptors import DESCRIPTOR_NAMES, GAIN_DEPENDENT

    kept = np.array([name not in GAIN_DEPENDENT for name in DESCRIPTOR_NAMES])
    mfcc = np.array([name.startswith("MFCC") and "delta" not in name for name in DESCRIPTOR_NAMES])
    descriptors = np.array([note["descriptors"] for note in notes])
    found = {
        "MFCC": descriptors[:, kept & mfcc],
        "descriptors": descriptors[:, kept],
        "MusiCNN tags": np.array([note["tags"] for note in notes]),
        "MusiCNN": np.array([note["embedding"] for note in notes]),
    }
    if all("mastering" in note for note in notes):
        found = {"six mastering numbers": np.array([note["mastering"] for note in notes]), **found}
    return found


def spaces(library: Sequence[dict[str, Any]], asked: Sequence[dict[str, Any]]) -> dict[str, Places]:
    """Return where tracks lie in each space that needs no pairs to learn from; only the library says what is usual."""
    from zetdard.features.soundspace import learn

    known, new = columns(library), columns(asked)
    found = {name: standardised(known[name], new[name]) for name in known if name in new}
    found["descriptors and MusiCNN, joined"] = unit(np.hstack([found["descriptors"], found["MusiCNN"]]))
    parts = [learn(known[name]).project(new[name]) for name in ("descriptors", "MusiCNN")]
    found[SOUND_SPACE] = unit(np.hstack(parts))
    return found


# ---- measures ----


def measured(
    similar: np.ndarray, relevant: np.ndarray, candidates: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return P@1, P@5 and MAP@10 of each track that has candidates of both kinds; rows of all arrays are queries."""
    rows = []
    for query in range(len(similar)):
        among = np.flatnonzero(candidates[query])
        hits = relevant[query, among]
        if not hits.any() or hits.all():
            continue
        order = np.argsort(-similar[query, among], kind="stable")[:10]
        got = hits[order]
        precision = np.cumsum(got) / np.arange(1, len(got) + 1)
        rows.append((got[0], got[:5].mean(), (precision * got).sum() / min(10, hits.sum())))
    table = np.array(rows, np.float64).reshape(-1, 3)
    return table[:, 0], table[:, 1], table[:, 2]


def chance(relevant: np.ndarray, candidates: np.ndarray) -> tuple[float, int]:
    """Return the expected P@1 of a random order, and how many tracks are asked about."""
    shares = [
        relevant[query, among].mean()
        for query in range(len(relevant))
        if (among := np.flatnonzero(candidates[query])).size
        and relevant[query, among].any()
        and not relevant[query, among].all()
    ]
    return float(np.mean(shares)) if shares else float("nan"), len(shares)


def interval(values: np.ndarray) -> str:
    if not len(values):
        return "–"
    rng = np.random.default_rng(0)
    means = values[rng.integers(0, len(values), (RESAMPLES, len(values)))].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return f"{values.mean():.3f} [{low:.3f}, {high:.3f}]"


def shuffled(similar: np.ndarray, measure: Callable[[np.ndarray], float]) -> str:
    rng = np.random.default_rng(0)
    found = []
    for _ in range(SHUFFLES):
        order = rng.permutation(len(similar))
        found.append(measure(similar[np.ix_(order, order)]))
    return f"{np.mean(found):.3f} ({min(found):.3f}–{max(found):.3f})"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    print(f"| {' | '.join(header)} |")
    print(f"|{'---|' * len(header)}")
    for row in rows:
        print(f"| {' | '.join(row)} |")
    print()


# ---- the tables ----


def same_artist(tracks: list[corpus.Track], notes: list[dict[str, Any]], out: dict[str, Any]) -> None:
    artist = np.array([track.artist for track in tracks])
    album = np.array([track.album for track in tracks])
    relevant = artist[:, None] == artist[None]
    others = ~np.eye(len(tracks), dtype=bool)
    where = {
        "among all tracks": others,
        "within the album": others & (album[:, None] == album[None]),
        "outside the album": album[:, None] != album[None],
    }
    similarities = {name: rows @ rows.T for name, rows in spaces(notes, notes).items()}
    for words, candidates in where.items():
        expected, asked = chance(relevant, candidates)
        if asked < 10:
            print(f"Same artist, {words}: only {asked} tracks can be asked about.\n")
            continue
        print(f"Same artist, {words}: {asked} tracks asked about, P@1 by chance {expected:.3f}.\n")
        rows = []
        for name, similar in similarities.items():
            first, five, mean = measured(similar, relevant, candidates)
            control = shuffled(similar, lambda s, c=candidates: float(measured(s, relevant, c)[0].mean()))
            rows.append((name, interval(first), interval(five), interval(mean), control))
            out.setdefault(words, {})[name] = [float(x.mean()) for x in (first, five, mean)]
        table(("space", "P@1", "P@5", "MAP@10", "P@1, rows shuffled"), rows)
    same_album = album[:, None] == album[None]
    rows = [
        (name, interval(measured(similar, same_album, others)[0])) for name, similar in similarities.items()
    ]
    print(f"Same album, among all tracks: P@1 by chance {chance(same_album, others)[0]:.3f}.\n")
    table(("space", "P@1"), rows)


def learned(tracks: list[corpus.Track], notes: list[dict[str, Any]], out: dict[str, Any]) -> None:
    """Fit the projection on half the packages and ask within the other half: nothing asked or answered was seen."""
    from zetdard.features.projection import fit, pairs_of_groups

    packages = sorted({track.package for track in tracks})
    side = np.array([packages.index(track.package) % 2 for track in tracks])
    artist = np.array([track.artist for track in tracks])
    albums = [track.album for track in tracks]
    rng = np.random.default_rng(0)
    found: dict[str, list[np.ndarray]] = {}
    for number in (0, 1):
        seen, held = np.flatnonzero(side != number), np.flatnonzero(side == number)
        library, asked = [notes[row] for row in seen], [notes[row] for row in held]
        numbers = columns(library)
        points = np.hstack([numbers["descriptors"], numbers["MusiCNN"]])
        new = np.hstack([columns(asked)["descriptors"], columns(asked)["MusiCNN"]])
        names = tuple(map(str, range(points.shape[1])))
        groups = [albums[row] for row in seen]
        candidates = ~np.eye(len(held), dtype=bool)
        relevant = artist[held][:, None] == artist[held][None]
        for name, pairs in (
            ("learned from albums", groups),
            ("learned from random groups of the same sizes (control)", rng.permutation(groups).tolist()),
        ):
            projection = fit(points, names, pairs_of_groups(pairs))
            print(f"half {number}, {name}: {projection.note}", file=sys.stderr)
            places = projection.project(new).astype(np.float64)
            found.setdefault(name, []).append(measured(places @ places.T, relevant, candidates)[0])
        places = spaces(asked, asked)[SOUND_SPACE]
        found.setdefault(SOUND_SPACE, []).append(measured(places @ places.T, relevant, candidates)[0])
    print("The learned projection: fitted on half the packages, asked within the other half; same artist.\n")
    base = np.concatenate(found[SOUND_SPACE])
    rows = []
    for name, halves in found.items():
        values = np.concatenate(halves)
        rows.append((name, interval(values), "" if name == SOUND_SPACE else interval(values - base)))
        out.setdefault("projection", {})[name] = float(values.mean())
    table(("space", "P@1", "less the sound space, paired"), rows)


def near_duplicates(
    whole: list[dict[str, Any]], changed: dict[str, list[dict[str, Any]]], out: dict[str, Any]
) -> None:
    rates = [note["kbit/s"] for note in changed["mp3"]]
    print(f"Near-duplicates: {len(whole)} tracks, MP3 of {np.mean(rates):.0f} kbit/s on average.\n")
    rows: dict[str, list[str]] = {}
    for change, notes in changed.items():
        originals, copies = spaces(whole, whole), spaces(whole, notes)
        for name, places in copies.items():
            found = (places @ originals[name].T).argmax(axis=1) == np.arange(len(whole))
            rows.setdefault(name, [name]).append(interval(found.astype(float)))
            out.setdefault("near-duplicates", {}).setdefault(name, {})[change] = float(found.mean())
    table(("space", *(f"original at rank 1: {change}" for change in changed)), list(rows.values()))


def sampling(tracks: list[corpus.Track], heard: dict[str, list[dict[str, Any]]], out: dict[str, Any]) -> None:
    artist = np.array([track.artist for track in tracks])
    relevant = artist[:, None] == artist[None]
    others = ~np.eye(len(tracks), dtype=bool)
    full = sum(note["cpu"] for note in heard[corpus.WHOLE])
    rows = []
    for policy, notes in heard.items():
        places = spaces(notes, notes)[SOUND_SPACE]
        first, _, mean = measured(places @ places.T, relevant, others)
        cpu = sum(note["cpu"] for note in notes)
        rows.append((policy, interval(first), interval(mean), f"{cpu / full:.2f}"))
        out.setdefault("sampling", {})[policy] = [float(first.mean()), float(mean.mean()), cpu / full]
    print("How much is heard (sound space, same artist among all tracks).\n")
    table(("excerpts × seconds", "P@1", "MAP@10", "CPU, of the whole"), rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--all", action="store_true", help="eight packages instead of three")
    parser.add_argument("--packages", nargs="+", metavar="NAME", help="exactly these packages")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    packages = options.packages or (*corpus.FAST_LANE, *(corpus.MORE if options.all else ()))
    tracks = corpus.tracks_of(options.corpus, packages)
    variants = [corpus.WHOLE, *corpus.CHANGES, *corpus.POLICIES]
    notes = corpus.heard(options.corpus, tracks, variants, options.weights, options.processes)
    by_variant = {variant: [notes[track.path, variant] for track in tracks] for variant in variants}
    print(f"{len(tracks)} tracks of {len({t.artist for t in tracks})} artists, {', '.join(packages)}\n")
    out: dict[str, Any] = {"tracks": len(tracks), "packages": packages}
    same_artist(tracks, by_variant[corpus.WHOLE], out)
    learned(tracks, by_variant[corpus.WHOLE], out)
    near_duplicates(by_variant[corpus.WHOLE], {change: by_variant[change] for change in corpus.CHANGES}, out)
    sampling(tracks, {policy: by_variant[policy] for policy in (corpus.WHOLE, *corpus.POLICIES)}, out)
    if options.json:
        options.json.write_text(json.dumps(out, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
