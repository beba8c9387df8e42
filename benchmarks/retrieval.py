"""Which space of sound brings alike music together: nearest neighbours in free music, beside controls.

    python benchmarks/retrieval.py --corpus FOLDER --weights DIR [--all] [--json OUT]

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
supertux, so the fast lane had no part in it. The learned projection is fitted on albums other than the queried one's, four
folds of albums.
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
FOLDS = 4

Places = np.ndarray[tuple[int, int], np.dtype[np.float64]]


# ---- spaces ----


def unit(rows: Any) -> Places:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.divide(rows, lengths, out=np.zeros(np.shape(rows)), where=lengths > 1e-9)


def standardised(rows: Any) -> Places:
    rows = np.asarray(rows, np.float64)
    scale = rows.std(axis=0)
    return unit((rows - rows.mean(axis=0)) / np.where(scale > 0, scale, 1))


def sound(descriptors: Any, embedding: Any) -> Places:
    from zetdard.data.features import FeatureBlock
    from zetdard.data.vocabulary import Vocabulary
    from zetdard.features.audio.descriptors import DESCRIPTOR_NAMES
    from zetdard.features.audio.musicnn import EMBEDDING_NAMES
    from zetdard.features.soundspace import sound_space

    songs = Vocabulary([f"{row:05d}" for row in range(len(descriptors))], kind="song")
    space = sound_space(
        FeatureBlock(songs, np.asarray(descriptors, np.float32), DESCRIPTOR_NAMES),
        FeatureBlock(songs, np.asarray(embedding, np.float32), EMBEDDING_NAMES),
    )
    assert space is not None
    return space.values.astype(np.float64)


def spaces(notes: Sequence[dict[str, Any]]) -> dict[str, Places]:
    """Return where tracks lie in each space that needs no learning."""
    from zetdard.features.audio.descriptors import DESCRIPTOR_NAMES, GAIN_DEPENDENT

    kept = np.array([name not in GAIN_DEPENDENT for name in DESCRIPTOR_NAMES])
    mfcc = np.array([name.startswith("MFCC") and "delta" not in name for name in DESCRIPTOR_NAMES])
    descriptors = np.array([note["descriptors"] for note in notes])
    embedding = np.array([note["embedding"] for note in notes])
    found = {
        "MFCC": standardised(descriptors[:, kept & mfcc]),
        "descriptors": standardised(descriptors[:, kept]),
        "MusiCNN tags": standardised([note["tags"] for note in notes]),
        "MusiCNN": standardised(embedding),
        "descriptors and MusiCNN, joined": unit(
            np.hstack([standardised(descriptors[:, kept]), standardised(embedding)])
        ),
        "**sound space**": sound(descriptors, embedding),
    }
    if all("mastering" in note for note in notes):
        found = {"six mastering numbers": standardised([note["mastering"] for note in notes]), **found}
    return found


def learned(tracks: Sequence[corpus.Track], places: Places) -> np.ndarray:
    """Return the similarity of each track (row) with all others in a projection that did not see its album's fold."""
    from zetdard.features.projection import fit, pairs_of_groups

    albums = sorted({track.album for track in tracks})
    fold = np.array([albums.index(track.album) % FOLDS for track in tracks])
    names = tuple(f"{axis}" for axis in range(places.shape[1]))
    similar = np.zeros((len(tracks), len(tracks)))
    for number in range(FOLDS):
        seen = fold != number
        groups = [track.album for track, there in zip(tracks, seen, strict=True) if there]
        projection = fit(places[seen], names, pairs_of_groups(groups))
        print(f"projection without fold {number}: {projection.note}", file=sys.stderr)
        projected = projection.project(places).astype(np.float64)
        similar[~seen] = projected[~seen] @ projected.T
    return similar


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
    places = spaces(notes)
    similarities = {name: rows @ rows.T for name, rows in places.items()}
    similarities["learned projection of the sound space"] = learned(tracks, places["**sound space**"])
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


def near_duplicates(
    whole: list[dict[str, Any]], changed: dict[str, list[dict[str, Any]]], out: dict[str, Any]
) -> None:
    rates = [note["kbit/s"] for note in changed["mp3"]]
    print(f"Near-duplicates: {len(whole)} tracks, MP3 of {np.mean(rates):.0f} kbit/s on average.\n")
    rows: dict[str, list[str]] = {}
    for change, notes in changed.items():
        # The library holds the originals and the copies; the question is asked among the originals.
        together = [{key: value for key, value in note.items() if key != "mastering"} for note in whole]
        for name, places in spaces([*together, *notes]).items():
            n = len(whole)
            found = (places[n:] @ places[:n].T).argmax(axis=1) == np.arange(n)
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
        places = spaces(notes)["**sound space**"]
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
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    packages = (*corpus.FAST_LANE, *corpus.MORE) if options.all else corpus.FAST_LANE
    tracks = corpus.tracks_of(options.corpus, packages)
    variants = [corpus.WHOLE, *corpus.CHANGES, *corpus.POLICIES]
    notes = corpus.heard(options.corpus, tracks, variants, options.weights, options.processes)
    by_variant = {variant: [notes[track.path, variant] for track in tracks] for variant in variants}
    print(f"{len(tracks)} tracks of {len({t.artist for t in tracks})} artists, {', '.join(packages)}\n")
    out: dict[str, Any] = {"tracks": len(tracks), "packages": packages}
    same_artist(tracks, by_variant[corpus.WHOLE], out)
    near_duplicates(by_variant[corpus.WHOLE], {change: by_variant[change] for change in corpus.CHANGES}, out)
    sampling(tracks, {policy: by_variant[policy] for policy in (corpus.WHOLE, *corpus.POLICIES)}, out)
    if options.json:
        options.json.write_text(json.dumps(out, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
