"""Reading zip archives that nobody vouches for: nothing is unpacked to disk, and sizes are bounded first."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from zetdard.errors import FormatError
from zetdard.sources.textlines import ByteSource, open_binary

MAX_ENTRIES = 10_000
MAX_RATIO = 200
"""Largest ratio of unpacked to packed bytes; JSON lines of listens reach about 20."""
_SMALL_BYTES = 1 << 20

_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ENCRYPTED = 1
# What zipfile raises for damaged archives, by experience and by its source.
_DAMAGE = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)


def is_zip(path: Path) -> bool:
    """Return whether the file starts as zip archives do."""
    with open_binary(path) as stream:
        return stream.read(4) in (b"PK\x03\x04", b"PK\x05\x06")


class Archive:
    """A zip archive whose list of entries has been checked; use as a context manager through ``open_archive``.

    Attributes:
        names: Names of the files in it, in the archive's order. They are never used as paths.
    """

    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        self.path = path
        self._archive = archive
        self._entries = self._checked(archive.infolist())
        self.names = list(self._entries)

    def label(self, name: str) -> str:
        """Return what errors call the entry."""
        # The name is the archive's own: what could steer a terminal is not printed.
        return f"{self.path}!{''.join(mark if mark.isprintable() else '?' for mark in name)}"

    @contextmanager
    def open(self, name: str) -> Iterator[ByteSource]:
        """Open one entry for reading; damage met while reading is a FormatError."""
        try:
            stream = self._archive.open(self._entries[name])
        except _DAMAGE as error:
            raise FormatError(f"cannot be read from the archive: {error}", path=self.label(name)) from None
        with stream:
            yield _Entry(stream, self.label(name))

    def _checked(self, entries: list[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
        if len(entries) > MAX_ENTRIES:
            raise FormatError(
                f"the archive has {len(entries)} entries; {MAX_ENTRIES} are allowed", path=self.path
            )
        files: dict[str, zipfile.ZipInfo] = {}
        total = 0
        for entry in entries:
            # Not is_dir(): it fails for an entry whose name is empty.
            if entry.filename.endswith("/"):
                continue
            if entry.filename in files:
                raise FormatError(
                    "the archive holds two entries of this name", path=self.label(entry.filename)
                )
            if entry.flag_bits & _ENCRYPTED:
                raise FormatError("the entry is encrypted", path=self.label(entry.filename))
            if entry.compress_type not in _METHODS:
                raise FormatError("the entry is packed in an unusual way", path=self.label(entry.filename))
            total += entry.file_size
            files[entry.filename] = entry
        # Compared with the real size on disk: the sizes that the entries state may overlap or lie.
        if total > _SMALL_BYTES + MAX_RATIO * self.path.stat().st_size:
            raise FormatError(
                f"the archive would unpack to {total} bytes, over {MAX_RATIO} times its size", path=self.path
            )
        return files


@contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """Open a zip archive.

    Raises:
        FormatError: It cannot be opened, is damaged, encrypted, or would unpack to far more than its size.
    """
    with open_binary(path) as stream:
        try:
            archive = zipfile.ZipFile(stream)
        except _DAMAGE as error:
            raise FormatError(f"not a readable zip archive: {error}", path=path) from None
        with archive:
            yield Archive(path, archive)


class _Entry:
    """The stream of an entry; reading raises FormatError for damage."""

    def __init__(self, stream: ByteSource, label: str) -> None:
        self._stream = stream
        self._label = label

    def read(self, size: int, /) -> bytes:
        try:
            # zipfile ends at the stated size, so a lie there cannot unpack more than was checked.
            return self._stream.read(size)
        except _DAMAGE as error:
            raise FormatError(f"the archive is damaged: {error}", path=self._label) from None
