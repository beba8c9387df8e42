"""One music file looked at: what it is, what it says of itself, and what sounds the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from zetdard.errors import Failure
from zetdard.sources.music.soundhash import sound_hash
from zetdard.sources.music.tags import Tags, read_tags


class Header(Protocol):
    """What the header of a sound file says."""

    @property
    def seconds(self) -> float | None:
        """Duration, where it is stated."""

    @property
    def format(self) -> str:
        """Container and coding, such as ``OGG VORBIS``."""


Probe = Callable[[Path], Header]
"""Reads the header of a file, or raises what tells why it is no sound."""


@dataclass(frozen=True, slots=True)
class Examined:
    """A file that can be used.

    Attributes:
        tags: What it says of itself.
        sha256: Content hash of its sound.
        format: ``mp3``, ``flac``, ``ogg``, ``opus``, ``wav``, ``aiff`` or ``m4a``; else the decoder's own word.
        seconds: Duration, where it is known.
    """

    tags: Tags
    sha256: str
    format: str
    seconds: float | None


def examine(path: Path, probe: Probe) -> Examined | Failure:
    """Look at a file. What ``probe`` raises passes through.

    Raises:
        MissingExtraError: A library is not installed.
    """
    header = probe(path)
    try:
        sha256 = sound_hash(path)
    except OSError as error:
        return Failure("unreadable", str(error.strerror or error))
    tags = read_tags(path)
    return Examined(tags, sha256, _word(header.format), header.seconds or _stated_seconds(path))


def _word(format_: str) -> str:
    words = format_.upper()
    for sign, word in (
        ("OPUS", "opus"),
        ("VORBIS", "ogg"),
        ("FLAC", "flac"),
        ("MP4", "m4a"),
        ("AIFF", "aiff"),
        ("WAV", "wav"),
        ("MP3", "mp3"),
        ("MPEG", "mp3"),
    ):
        if sign in words:
            return word
    return format_.partition(" ")[0].lower()


def _stated_seconds(path: Path) -> float | None:
    """Return the duration that the tag library works out where the decoder's header does not state one."""
    import mutagen

    try:
        seconds = float(mutagen.File(path).info.length)
    except Exception:  # mutagen's parsers raise whatever broken bytes lead them to
        return None
    return seconds if 0 < seconds < 10**7 else None
