"""What a worker process does: make the arrays of one content and keep them, so that what is done outlives everybody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from zetdard.data.extractor import Extractor
from zetdard.errors import Failure
from zetdard.features.audio.hearing import CLIPS, Recording, hear
from zetdard.features.audio.refusal import AudioError
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


@dataclass(frozen=True, slots=True)
class Listened:
    """What came of a recording.

    Attributes:
        made: Kinds of which arrays are kept now.
        refused: Kinds that it is refused for, and why.
    """

    made: tuple[str, ...]
    refused: Mapping[str, Failure]


def listen(order: Listen) -> Listened:
    """Carry out an order. Clips are for themselves: half a second has some, and no descriptors."""
    recording = order.recording
    made: list[str] = []
    refused: dict[str, Failure] = {}
    heard_together = tuple(kind for kind in recording.kinds if kind != CLIPS)
    for kinds in (heard_together, tuple(kind for kind in recording.kinds if kind == CLIPS)):
        if not kinds:
            continue
        try:
            heard = hear(replace(recording, kinds=kinds))
        except AudioError as error:
            refused |= dict.fromkeys(kinds, Failure(error.reason, error.detail))
            continue
        for kind, arrays in heard.items():
            if kind == CLIPS:
                order.folders[kind].write_one(recording.sha256, arrays["samples"])
            else:
                order.folders[kind].write(recording.sha256, arrays)
            made.append(kind)
    return Listened(tuple(made), refused)


def read(order: Read) -> Extractor:
    """Carry out an order and return what made the arrays."""
    from zetdard.features.lyrics.wording import word  # loads dictionaries, which those who listen do not need

    order.folder.write(order.sha256, word(order.lyric))
    return order.folder.extractor
