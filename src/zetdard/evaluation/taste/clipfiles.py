"""Clips as a folder: ``clips.npy``, of which only what is looked at is read, and ``clips.json``, which says whose they are."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from zetdard.data.clips import Clips, Samples16
from zetdard.data.vocabulary import Vocabulary
from zetdard.errors import FormatError, InputError

_SAMPLES, _FACTS = "clips.npy", "clips.json"


def write_clips(folder: Path, songs: Iterable[tuple[str, Samples16]], rate: int) -> None:
    """Write excerpts of songs.

    Args:
        folder: Is made; what ``write_clips`` wrote there before is replaced.
        songs: Label and excerpts of each song, shape (count, 2, frames), the same for all.
        rate: Samples a second.

    Raises:
        InputError: A song's excerpts differ in shape from those of the first, or there is no song.
    """
    labels: list[str] = []
    parts: list[Samples16] = []
    for label, clips in songs:
        if clips.ndim != 3 or clips.shape[1] != 2 or clips.dtype != np.int16:
            raise InputError(f"the clips of {label!r} have shape {clips.shape}, not (count, 2, frames)")
        if parts and clips.shape != parts[0].shape:
            raise InputError(f"the clips of {label!r} have shape {clips.shape}, others {parts[0].shape}")
        labels.append(label)
        parts.append(clips)
    if not parts:
        raise InputError("there are no clips to be written")
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / _SAMPLES, np.stack(parts), allow_pickle=False)
    facts = {"rate": rate, "songs": labels}
    (folder / _FACTS).write_text(json.dumps(facts, ensure_ascii=False) + "\n", encoding="utf-8")


def read_clips(folder: Path, songs: Vocabulary) -> Clips:
    """Open what :func:`write_clips` wrote.

    Args:
        folder: Where it lies.
        songs: Whose clips are wanted; a song that is not in the folder has none.

    Raises:
        FormatError: The folder holds something else.
    """
    try:
        facts: dict[str, Any] = json.loads((folder / _FACTS).read_text(encoding="utf-8"))
        samples = np.load(folder / _SAMPLES, mmap_mode="r", allow_pickle=False)
        rate, labels = int(facts["rate"]), [str(label) for label in facts["songs"]]
        known = dict(zip(labels, range(len(samples)), strict=True))
        if samples.ndim != 4 or samples.shape[1] < 1 or samples.shape[2] != 2 or samples.dtype != np.int16:
            raise InputError(f"its samples have shape {samples.shape}")
    except (OSError, ValueError, KeyError, TypeError, EOFError, InputError) as error:
        raise FormatError(f"is no folder of clips: {error}", path=folder) from error
    places = {row: known[label] for row, label in enumerate(songs) if label in known}

    def open_(row: int) -> Samples16:
        clips: Samples16 = samples[places[row]]
        return clips

    present = np.array(sorted(places), np.int32)
    return Clips(songs, rate, samples.shape[1], samples.shape[3], present, open_)
