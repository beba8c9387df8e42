"""The sound files below a folder, each once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from zetdard.errors import Failure

ENDINGS = frozenset({".mp3", ".flac", ".ogg", ".oga", ".opus", ".wav", ".aif", ".aiff", ".m4a"})
"""Of files that are read; what they are is decided by their content."""

UNREAD = frozenset(
    {
        ".aac",
        ".ac3",
        ".ape",
        ".dff",
        ".dsf",
        ".kgm",
        ".mka",
        ".mp4",
        ".mpc",
        ".ncm",
        ".qmcflac",
        ".qmc0",
        ".tak",
        ".tta",
        ".wma",
        ".wv",
    }
)
"""Of sound files that nothing here reads: they are refused by name, so that nobody misses them without a word."""


def sound_files(folder: Path) -> Iterator[tuple[Path, Failure | None]]:
    """Yield the sound files below a folder in the order of their paths, with why one cannot be read, if that shows here.

    Links are followed; a folder that is met again, as by a link to a folder above, is passed over. Hidden files and folders,
    and what macOS keeps beside files on foreign disks (``._x``), are left out.
    """
    seen: set[tuple[int, int]] = set()
    waiting = [folder]
    while waiting:
        place = waiting.pop()
        try:
            about = place.stat()
            if (about.st_dev, about.st_ino) in seen:
                continue
            seen.add((about.st_dev, about.st_ino))
            entries = sorted(os.scandir(place), key=lambda entry: os.fsencode(entry.name))
        except OSError as error:
            yield place, Failure("unreadable", f"the folder cannot be read: {error.strerror}")
            continue
        folders = []
        for entry in entries:
            if entry.name.startswith("."):
                continue
            path = Path(entry.path)
            if _is(entry.is_dir):
                folders.append(path)
            elif (ending := path.suffix.lower()) in ENDINGS:
                yield path, _refused_at_sight(entry)
            elif ending in UNREAD:
                yield path, Failure("unread-format", f"{ending} files are not read")
        waiting += reversed(folders)


def _is(question: object) -> bool:
    try:
        return bool(question())  # type: ignore[operator]  # a method of an entry
    except OSError:  # a loop of links
        return False


def _refused_at_sight(entry: os.DirEntry[str]) -> Failure | None:
    if _is(entry.is_file):
        return None
    if entry.is_symlink() and not os.path.exists(entry.path):  # noqa: PTH110 - also true of a loop of links
        return Failure("missing", "a link that leads nowhere")
    return Failure("not-a-file", "a pipe or a device, not a file")
