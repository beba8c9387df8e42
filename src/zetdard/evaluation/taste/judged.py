"""The pool of an invented world: its judges, whose true taste is known as numbers, and what each modality has in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from zetdard.data.clips import Clips
from zetdard.data.features import FeatureBlock
from zetdard.data.vocabulary import Vocabulary
from zetdard.errors import FormatError
from zetdard.evaluation.taste.modalities import MODALITIES
from zetdard.evaluation.taste.pool import Pool, PoolListener, dealt, learnable
from zetdard.evaluation.taste.tables import flag, lines, number

JUDGES = "judges.csv"
"""The file by which the exported truth of a world with judges is known."""
_N_FOLDS = 5


def world_songs(folder: Path) -> Vocabulary:
    """Return the songs of an exported world, in the order of its ``songs.csv``.

    Raises:
        FormatError: The file breaks its format.
    """
    return Vocabulary((row["id"] for _, row in lines(folder / "songs.csv", ("id",))), kind="song")


def world(
    folder: Path,
    songs: Vocabulary,
    blocks: Mapping[str, FeatureBlock],
    *,
    clips: Clips | None = None,
    seed: int = 0,
) -> Pool:
    """Read the judges of an exported world as listeners, with the truth about them; folds are dealt by song.

    Args:
        folder: What ``zetdard sandbox --export`` wrote.
        songs: The songs that the features are about; others than the world's have no labels.
        blocks: Features of the songs.
        clips: Excerpts of the songs.
        seed: Seed of the folds.

    Raises:
        FormatError: A file breaks its format, or a judge speaks of a song that is not among ``songs``.
        NoDataError: Nobody has songs of both kinds outside every fold.
    """
    path = folder / JUDGES
    parts = tuple(MODALITIES)
    said: dict[str, dict[int, tuple[bool, tuple[float, ...]]]] = {}
    for line, row in lines(path, ("judge", "song", "liked", "fit", *parts)):
        song = songs.get(row["song"])
        if song is None:
            raise FormatError(f"song {row['song']!r} is not known", path=path, line=line)
        own = said.setdefault(row["judge"], {})
        if song in own:
            reason = f"{row['judge']!r} speaks of {row['song']!r} twice"
            raise FormatError(reason, path=path, line=line)
        numbers = tuple(number(path, line, row, column) for column in ("fit", *parts))
        own[song] = flag(path, line, row, "liked"), numbers
    folds = dealt(np.arange(len(songs)), _N_FOLDS, seed)
    judges = [_judge(name, own, parts) for name, own in said.items()]
    listeners = tuple(judge for judge in judges if learnable(judge, folds))
    facts = {
        "folds": f"{_N_FOLDS}, by song",
        "listeners are": "judges of an invented world",
        "taste": _shares(folder / "shares.json", parts),
        "left out, for want of both kinds outside a fold": len(judges) - len(listeners),
    }
    return Pool("invented world", songs, listeners, folds, blocks, facts, clips)


def _judge(name: str, own: dict[int, tuple[bool, tuple[float, ...]]], parts: tuple[str, ...]) -> PoolListener:
    rows = np.array(sorted(own), np.int32)
    liked = np.array([own[int(row)][0] for row in rows], np.bool_)
    fit, *known = np.array([own[int(row)][1] for row in rows], np.float32).T
    return PoolListener(name, rows, liked, fit=fit, parts=dict(zip(parts, known, strict=True)))


def _shares(path: Path, parts: tuple[str, ...]) -> str:
    """Return in words what each modality has in the judges' taste."""
    try:
        shares = json.loads(path.read_text(encoding="utf-8"))["judges"]["shares"]
        return ", ".join(f"{part} {float(shares[part]):.0%}" for part in parts)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FormatError(f"does not say the shares of the judges' taste: {error!r}", path=path) from error
