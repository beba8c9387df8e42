"""Pools from files: real tracks with invented listeners, and playlists with audio features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import numpy as np

from zetdard.data.features import FeatureBlock
from zetdard.data.vocabulary import Vocabulary
from zetdard.errors import FormatError
from zetdard.evaluation.taste.invented import invented_listeners
from zetdard.evaluation.taste.pool import Pool, PoolListener, dealt, learnable
from zetdard.evaluation.taste.sampling import Histories, Sampling, sampled
from zetdard.evaluation.taste.tables import Line, flag, lines, number, whole

AudioTasteProtocol = Literal["C", "S-seen", "S-unseen"]
AudioTasteKind = Literal["composer", "style"]
AUDIO_TASTE_PROTOCOLS: Mapping[AudioTasteProtocol, tuple[AudioTasteKind, str]] = {
    "C": ("composer", "fold_by_track"),
    "S-seen": ("style", "fold_by_track"),
    "S-unseen": ("style", "fold_by_album"),
}
"""Protocol → whose listeners, and by which folds. By album, no album is on both sides: no album effect."""

_GROUPS: Mapping[AudioTasteKind, str] = {"composer": "composer_group", "style": "style"}
"""Which column of the tracks a listener of each kind chooses by."""

SPOTIFY_COLUMNS = (
    "danceability",
    "energy",
    "key",
    "loudness",
    "mode",
    "speechiness",
    "acousticness",
    "instrumentalness",
    "liveness",
    "valence",
    "tempo",
    "duration_ms",
)
"""Spotify's audio features of a track."""


def audio_taste(
    folder: Path,
    protocol: AudioTasteProtocol,
    blocks: Mapping[str, FeatureBlock] | None = None,
    *,
    deal: int | None = None,
    others: int | None = None,
) -> Pool:
    """Read real tracks and invented listeners: ``tracks.csv`` and ``listeners.csv``.

    Args:
        folder: Where the two files are.
        protocol: One of :data:`AUDIO_TASTE_PROTOCOLS`.
        blocks: Features of the tracks; their vocabulary is :func:`audio_taste_songs`.
        deal: Seed of other folds, as many, in place of the fixed ones; listeners without songs of both kinds outside
            each of them are left out.
        others: Seed of other listeners (see :mod:`zetdard.evaluation.taste.invented`) in place of those of the file; those
            without songs of both kinds outside each fold are left out.

    Raises:
        FormatError: A file breaks the format.
    """
    kind, column = AUDIO_TASTE_PROTOCOLS[protocol]
    path = folder / "tracks.csv"
    table = lines(path, ("track", "album", "fold_by_track", "fold_by_album"))
    songs = _songs(path, table)
    folds = np.array([whole(path, line, row, column) for line, row in table], np.int64)
    facts: dict[str, object] = {
        "protocol": protocol,
        "folds": column,
        "listeners are": f"{kind} listeners, invented",
    }
    if others is None:
        listeners = _audio_listeners(folder / "listeners.csv", songs, kind)
    else:
        group = _GROUPS[kind]
        listeners = invented_listeners([row[group] for _, row in lines(path, (group,))], kind, others)
        facts["others"] = others
    if deal is not None:
        albums = np.unique([row["album"] for _, row in table], return_inverse=True)[1]
        groups = albums if column == "fold_by_album" else np.arange(len(songs))
        folds = dealt(groups, len(np.unique(folds)), deal)
        facts |= {"folds": f"{column}, dealt anew", "deal": deal}
    if deal is not None or others is not None:
        kept = tuple(listener for listener in listeners if learnable(listener, folds))
        facts["left out"] = len(listeners) - len(kept)
        listeners = kept
    return Pool(f"audio_taste {protocol}", songs, listeners, folds, blocks or {}, facts)


def audio_taste_songs(folder: Path) -> Vocabulary:
    """Return the tracks of ``tracks.csv`` in its order."""
    path = folder / "tracks.csv"
    return _songs(path, lines(path, ("track",)))


def _songs(path: Path, table: Sequence[Line]) -> Vocabulary:
    seen: set[str] = set()
    for line, row in table:
        if row["track"] in seen:
            raise FormatError(f"track {row['track']!r} occurs twice", path=path, line=line)
        seen.add(row["track"])
    return Vocabulary((row["track"] for _, row in table), kind="track")


def _audio_listeners(path: Path, songs: Vocabulary, kind: AudioTasteKind) -> tuple[PoolListener, ...]:
    labels: dict[str, dict[int, tuple[bool, bool]]] = {}
    for line, row in lines(path, ("listener", "kind", "track", "liked", "in_taste")):
        if row["kind"] not in {"composer", "style"}:
            raise FormatError(f"kind is composer or style, not {row['kind']!r}", path=path, line=line)
        song = songs.get(row["track"])
        if song is None:
            raise FormatError(f"track {row['track']!r} is not in tracks.csv", path=path, line=line)
        if row["kind"] != kind:
            continue
        own = labels.setdefault(row["listener"], {})
        if song in own:
            reason = f"{row['listener']!r} has labelled the track {row['track']!r} twice"
            raise FormatError(reason, path=path, line=line)
        own[song] = flag(path, line, row, "liked"), flag(path, line, row, "in_taste")
    listeners = []
    for name, own in labels.items():
        rows = np.array(sorted(own), np.int32)
        liked, in_taste = np.array([own[int(row)] for row in rows], np.bool_).T
        listeners.append(PoolListener(name, rows, liked, in_taste))
    return tuple(listeners)


def spotify_playlists(
    folder: Path,
    *,
    by: Literal["track", "album"] = "track",
    n_folds: int = 5,
    sampling: Sampling | None = None,
    seed: int = 0,
) -> Pool:
    """Read playlists with audio features: ``spotify_songs.csv``. A playlist is a listener who likes what it holds.

    The features are the block ``spotify``.

    Args:
        folder: Where the file is.
        by: Whether folds are dealt by track, or albums stay together.
        n_folds: How many.
        sampling: Who is taken, and what they are taken not to like; as many others as liked ones if left out.
        seed: Seed of folds and samples.

    Raises:
        FormatError: The file breaks the format.
    """
    path = folder / "spotify_songs.csv"
    tracks: dict[str, int] = {}
    albums: dict[str, int] = {}
    values: list[list[float]] = []
    album_of: list[int] = []
    held: dict[str, set[int]] = {}
    for line, row in lines(path, ("track_id", "track_album_id", "playlist_id", *SPOTIFY_COLUMNS)):
        track = tracks.setdefault(row["track_id"], len(tracks))
        if track == len(values):
            values.append([number(path, line, row, column) for column in SPOTIFY_COLUMNS])
            album_of.append(albums.setdefault(row["track_album_id"], len(albums)))
        held.setdefault(row["playlist_id"], set()).add(track)
    songs = Vocabulary(tracks, kind="track")
    block = FeatureBlock(
        songs,
        np.array(values, np.float32).reshape(len(songs), len(SPOTIFY_COLUMNS)),
        SPOTIFY_COLUMNS,
        {"made by": "Spotify"},
    )
    groups = np.array(album_of, np.int64) if by == "album" else np.arange(len(songs))
    histories: Histories = [(name, np.array(sorted(own), np.int32)) for name, own in held.items()]
    folds = dealt(groups, n_folds, seed)
    listeners, facts = sampled(
        histories, folds, np.ones(len(songs), np.bool_), sampling or Sampling(ratio=1.0), seed=seed
    )
    return Pool(
        name=f"spotify_playlists by {by}",
        songs=songs,
        listeners=listeners,
        folds=folds,
        blocks={"spotify": block},
        facts={"folds": f"{n_folds}, by {by}", "listeners are": "playlists", **facts},
    )
