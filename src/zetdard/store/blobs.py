"""Sound and images on disk, each file under its content hash."""

from __future__ import annotations

import hashlib
import os
import re
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from zetdard.errors import InputError, StoreError, UnavailableError, UnreadableReplyError
from zetdard.failpoints import failpoint
from zetdard.tasks import Kept

_PIECE = 65_536
_HEAD = 64
_PART_KEEPS_S = 30 * 24 * 3600
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Blobs:
    """A folder of files. Several processes may share it, and several machines where their disk is shared.

    ``ab/cdef…`` is a file whose content hash is ``abcdef…``; ``parts/`` holds what is not complete yet; ``place``
    holds the folder's own id.

    Args:
        folder: Where; it is made when the first file comes.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._place: str | None = None

    def is_used(self) -> bool:
        """Return whether the folder has been used before."""
        return (self.folder / "place").is_file()

    @property
    def place(self) -> str:
        """Id of the folder, made when it is first asked for.

        Raises:
            StoreError: The folder cannot be read or written.
        """
        if self._place is None:
            with _disk_errors(self.folder):
                self._place = self._read_place() or self._make_place()
                self._drop_old_parts()
        return self._place

    def _read_place(self) -> str | None:
        try:
            return (self.folder / "place").read_text("ascii").strip() or None
        except FileNotFoundError:
            return None

    def _make_place(self) -> str:
        self.folder.mkdir(parents=True, exist_ok=True)
        mine = self.folder / f"place-{uuid.uuid4().hex}"
        _write_through(mine, f"{uuid.uuid4().hex}\n".encode())
        try:
            # A link is made only where nothing is yet: whoever comes second takes the first one's id.
            with suppress(FileExistsError):
                self._give_place(mine)
        finally:
            mine.unlink()
        _sync_folder(self.folder)
        return self._read_place() or ""

    def _give_place(self, mine: Path) -> None:
        place = self.folder / "place"
        try:
            os.link(mine, place)
        except FileExistsError:
            raise
        except OSError:  # a disk that knows no links
            _write_through(place, mine.read_bytes())

    def _drop_old_parts(self) -> None:
        """Remove what was begun long ago and never finished: nobody goes on with it any more."""
        oldest = time.time() - _PART_KEEPS_S
        for path in self.folder.glob("parts/*"):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < oldest:
                    path.unlink()

    def path(self, sha256: str) -> Path:
        """Return where the file with a content hash lies, if it is there.

        Raises:
            InputError: That is no content hash.
        """
        if not _SHA256.fullmatch(sha256):
            raise InputError(f"{sha256!r} is not 64 lower-case hexadecimal digits")
        return self.folder / sha256[:2] / sha256[2:]

    def has(self, sha256: str) -> bool:
        """Return whether the file with a content hash is there."""
        return self.path(sha256).is_file()

    def keep(
        self,
        part: str,
        stream: Callable[[int], Iterator[bytes]],
        *,
        size: int | None = None,
        md5: str | None = None,
        most: int | None = None,
    ) -> Kept:
        """Receive a file and keep it under its content hash.

        What arrives before the stream breaks is kept; calling again with the same ``part`` goes on there. Where
        another process is just receiving the same part, this one receives it apart.

        Args:
            part: Name of the unfinished file: the same for the same content only.
            stream: Called with a byte offset, yields the file's bytes from there on.
            size: Bytes that the source states; another length is an error.
            md5: Hash that the source states, hexadecimal; another hash is an error and drops what was received.
            most: Bytes after which it is given up.

        Raises:
            UnavailableError: Length or hash are not what was stated, or nothing came at all.
            UnreadableReplyError: The file is longer than ``most``.
            StoreError: The disk is full or cannot be written.
        """
        place = self.place
        with self._opened(part) as (path, file):
            received = _Received(path, file)
            if size is not None and received.length > size:
                received.drop()
                received = _Received(path, file)
            if size is None or received.length < size:
                for piece in stream(received.length):
                    received.add(piece)
                    _check_length(received, size, most)
            _check(received, size, md5, most)
            return self._finish(received, place)

    @contextmanager
    def _opened(self, part: str) -> Iterator[tuple[Path, int]]:
        """Give an unfinished file that nobody else writes to."""
        folder = self.folder / "parts"
        # The name may hold anything; its hash is a file's name everywhere.
        path = folder / hashlib.sha256(part.encode("utf-8", "surrogatepass")).hexdigest()[:40]
        with _disk_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
            file = _open_locked(path)
            apart = file is None
            if file is None:
                path = path.with_name(f"{path.name}-{uuid.uuid4().hex}")
                file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o644)
        try:
            yield path, file
        finally:
            os.close(file)
            if apart:
                path.unlink(missing_ok=True)

    def _finish(self, received: _Received, place: str) -> Kept:
        sha256 = received.sha256.hexdigest()
        target = self.path(sha256)
        with _disk_errors(target):
            os.fsync(received.file)
            target.parent.mkdir(exist_ok=True)
            received.path.replace(target)
            _sync_folder(target.parent)
            _sync_folder(self.folder)
            head = os.pread(received.file, _HEAD, 0)
        failpoint("blob-kept")
        return Kept(sha256=sha256, size=received.length, head=head, place=place)


class _Received:
    """What has been received of a file: on disk, counted and hashed."""

    def __init__(self, path: Path, file: int) -> None:
        self.path = path
        self.file = file
        self.length = 0
        self.sha256 = hashlib.sha256()
        self.md5 = hashlib.md5(usedforsecurity=False)
        with _disk_errors(path):
            os.lseek(file, 0, os.SEEK_SET)
            while piece := os.read(file, _PIECE):
                self._count(piece)

    def _count(self, piece: bytes | memoryview) -> None:
        self.length += len(piece)
        self.sha256.update(piece)
        self.md5.update(piece)

    def add(self, piece: bytes) -> None:
        """Write what came."""
        rest = memoryview(piece)
        with _disk_errors(self.path):
            while rest:
                written = os.write(self.file, rest)
                self._count(rest[:written])
                rest = rest[written:]

    def drop(self) -> None:
        """Throw away what was received."""
        with _disk_errors(self.path):
            os.ftruncate(self.file, 0)
            os.lseek(self.file, 0, os.SEEK_SET)


def _check_length(received: _Received, size: int | None, most: int | None) -> None:
    if most is not None and received.length > most:
        received.drop()
        raise UnreadableReplyError(f"the file is longer than {most} bytes")
    if size is not None and received.length > size:
        received.drop()
        raise UnavailableError(f"the file is longer than the {size} bytes that were stated")


def _check(received: _Received, size: int | None, md5: str | None, most: int | None) -> None:
    _check_length(received, size, most)
    if size is not None and received.length < size:
        raise UnavailableError(f"only {received.length} of {size} bytes came")
    if received.length == 0 and size is None:
        raise UnavailableError("the file is empty")
    if md5 is not None and received.md5.hexdigest() != md5.lower():
        received.drop()
        raise UnavailableError("the file's content is not what was stated: another MD5")


def _open_locked(path: Path) -> int | None:
    """Open an unfinished file for this process alone; ``None`` where another has it."""
    try:
        import fcntl
    except ImportError:  # a system without such locks
        return None
    while True:
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return None
        # Between opening and locking, whoever had it may have finished and moved it away.
        with suppress(FileNotFoundError):
            if path.stat().st_ino == os.fstat(file).st_ino:
                return file
        os.close(file)


def _write_through(path: Path, content: bytes) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    try:
        os.write(file, content)
        os.fsync(file)
    finally:
        os.close(file)


def _sync_folder(folder: Path) -> None:
    """See to it that a new name in a folder outlives a power failure, where a system offers that."""
    if os.name != "posix":
        return
    file = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


@contextmanager
def _disk_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror or error}") from error
