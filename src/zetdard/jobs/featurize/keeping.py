"""What a worker process does: make the arrays of one content and keep them, so that what is done outlives everybody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from zetdard.data.extractor import Extractor
from zetdard.features.audio.hearing import CLIPS, Recording, hear
from zetdard.records import Lyric
from zetdard.store.arrays import ArrayFolder


@dataclass(frozen=True, slots=True)
class Listen:
    """Hear a recording, and keep what is heard of each kind in its folder."""

    recording: Recording
    folders: Mapping[str, ArrayFolder]


@dataclass(frozen=True, slots=True)
class Read:
    """Read a lyric, and keep what it says under its content hash."""

    sha256: str
    lyric: Lyric
    folder: ArrayFolder


def listen(order: Listen) -> tuple[str, ...]:
    """Carry out an order and return the kinds that were made."""
    recording = order.recording
    heard = hear(recording)
    for kind, arrays in heard.items():
        if kind == CLIPS:
            order.folders[kind].write_one(recording.sha256, arrays["samples"])
        else:
            order.folders[kind].write(recording.sha256, arrays)
    return tuple(heard)


def read(order: Read) -> Extractor:
    """Carry out an order and return what made the arrays."""
    from zetdard.features.lyrics.wording import word  # loads dictionaries, which those who listen do not need

    order.folder.write(order.sha256, word(order.lyric))
    return order.folder.extractor
