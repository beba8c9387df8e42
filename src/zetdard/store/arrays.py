"""Features on disk: for each extractor and each content, by its hash, the arrays that were made of it.

``HOME/features/EXTRACTOR/ab/cdef….npz`` holds the arrays of the content ``abcdef…``; ``.npy`` where it is a single one
that is read by pieces; ``.json`` why that content was refused. Each is written beside and renamed when complete, so that a
reader, and a run that is started again, finds whole files only. Nothing is ever unpickled.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
import time
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import numpy as np
from numpy.typing import NDArray

from zetdard.data.extractor import Extractor
from zetdard.errors import Failure, InputError, StoreError
from zetdard.failpoints import failpoint

Arrays: TypeAlias = Mapping[str, NDArray[Any]]

_SHA256 = re.compile(r"[0-9a-f]{64}")
_ENDINGS = (".npz", ".npy", ".json")
_FORMAT = "1"
_LEFT_BEHIND_S = 24 * 3600


class ArrayFolder:
    """The arrays of one extractor. Several processes may write to it at once.

    Args:
        home: Folder of all features.
        extractor: What makes the arrays.
    """

    def __init__(self, home: Path, extractor: Extractor) -> None:
        self.extractor = extractor
        self.folder = home / extractor.key

    def hashes(self) -> dict[str, str]:
        """Return the contents that are done: hash → ending of the file."""
        found: dict[str, str] = {}
        with suppress(FileNotFoundError):  # nothing is kept yet
            for shelf in sorted(os.scandir(self.folder), key=lambda entry: entry.name):
                if len(shelf.name) == 2 and shelf.is_dir():
                    for entry in os.scandir(shelf.path):
                        stem, ending = os.path.splitext(entry.name)  # noqa: PTH122 - Path is slow for many files
                        if ending in _ENDINGS and _SHA256.fullmatch(shelf.name + stem):
                            found[shelf.name + stem] = ending
        return found

    def write(self, sha256: str, arrays: Arrays) -> None:
        """Keep arrays of a content.

        Raises:
            InputError: An array holds Python objects, which would have to be pickled.
            StoreError: The disk is full or cannot be written.
        """
        for name, array in arrays.items():
            if array.dtype.hasobject:
                raise InputError(f"the array {name!r} holds objects")
        with self._replacing(sha256, ".npz") as file:
            np.savez(file, allow_pickle=False, **dict(arrays))

    def write_one(self, sha256: str, array: NDArray[Any]) -> None:
        """Keep one array of a content, for ``open_one``."""
        with self._replacing(sha256, ".npy") as file:
            np.save(file, array, allow_pickle=False)

    def refuse(self, sha256: str, reason: str, detail: str) -> None:
        """Keep why a content has no arrays, so that it is not tried again; where it has some, nothing changes."""
        if any(self._path(sha256, ending).exists() for ending in (".npz", ".npy")):
            return  # another process has just made them
        with self._replacing(sha256, ".json") as file:
            text = json.dumps({"reason": reason, "detail": detail}, ensure_ascii=False)
            file.write(text.encode("utf-8", "replace"))

    def sweep(self) -> None:
        """Remove what processes that were killed left behind, a day ago or more."""
        oldest = time.time() - _LEFT_BEHIND_S
        for path in self.folder.glob("*/.*"):
            with suppress(OSError):  # another process may remove it too
                if path.stat().st_mtime < oldest:
                    path.unlink()

    def forget(self, sha256: str) -> None:
        """Remove whatever is kept of a content."""
        for ending in _ENDINGS:
            self._path(sha256, ending).unlink(missing_ok=True)

    def read(self, sha256: str) -> dict[str, NDArray[Any]]:
        """Return the arrays of a content.

        Raises:
            StoreError: They are not there, cannot be read, or are damaged; then they are removed, so that a new run makes
                them.
        """
        path = self._path(sha256, ".npz")
        arrays: dict[str, NDArray[Any]] = {}
        # The file is opened here: numpy leaves one open that turns out to be no archive.
        with _damage(path), path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays.update({name: archive[name] for name in archive.files})
        return arrays

    def table(self, name: str, hashes: Sequence[str]) -> NDArray[np.float32]:
        """Return an array of many contents as one table, shape (contents, …), in the order of ``hashes``.

        The table is kept, because ten thousand small files take seconds to read.
        """
        digest = hashlib.sha256("".join(hashes).encode()).hexdigest()[:16]
        path = self.folder / "tables" / f"{name}-{digest}.npy"
        # Where no table is kept, or a damaged one, it is made of the arrays themselves.
        with suppress(OSError, ValueError, EOFError):
            kept: NDArray[np.float32] = np.load(path, allow_pickle=False)
            return kept
        rows, damaged = [], []
        for sha256 in hashes:
            try:
                rows.append(self.read(sha256)[name])
            except StoreError as error:
                damaged.append(error)
        if damaged:
            raise damaged[0]
        table = np.array(rows, dtype=np.float32)
        with suppress(OSError):  # a table that cannot be kept is made again
            self._keep_table(path, name, table)
        return table

    def _keep_table(self, path: Path, name: str, table: NDArray[np.float32]) -> None:
        path.parent.mkdir(exist_ok=True)
        for former in path.parent.glob(f"{name}-*.npy"):
            former.unlink(missing_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
            try:
                np.save(file, table, allow_pickle=False)
                file.close()
                Path(file.name).replace(path)
            except BaseException:
                file.close()
                Path(file.name).unlink(missing_ok=True)
                raise

    def open_one(self, sha256: str) -> NDArray[Any]:
        """Return the single array of a content, mapped into memory: only what is looked at is read."""
        path = self._path(sha256, ".npy")
        with _damage(path):
            array: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
        return array

    def refusals(self) -> dict[str, Failure]:
        """Return why contents have no arrays."""
        found = {}
        for sha256, ending in self.hashes().items():
            if ending == ".json":
                try:
                    found[sha256] = Failure(**json.loads(self._path(sha256, ending).read_text("utf-8")))
                except (OSError, ValueError, TypeError):
                    self._path(sha256, ending).unlink(missing_ok=True)
        return found

    def _path(self, sha256: str, ending: str) -> Path:
        if not _SHA256.fullmatch(sha256):
            raise InputError(f"{sha256!r} is not 64 lower-case hexadecimal digits")
        return self.folder / sha256[:2] / f"{sha256[2:]}{ending}"

    @contextmanager
    def _replacing(self, sha256: str, ending: str) -> Iterator[BinaryIO]:
        path = self._path(sha256, ending)
        try:
            if not path.parent.is_dir():
                path.parent.mkdir(parents=True, exist_ok=True)
                self._describe()
            with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
                try:
                    yield file  # type: ignore[misc]  # a file like any other
                    file.close()
                    failpoint("array-written")
                    Path(file.name).replace(path)
                except BaseException:
                    file.close()
                    Path(file.name).unlink(missing_ok=True)
                    raise
        except OSError as error:
            raise StoreError(f"{path}: {error.strerror or error}") from error
        for other in _ENDINGS:
            if other != ending:
                self._path(sha256, other).unlink(missing_ok=True)

    def _describe(self) -> None:
        """Say beside the arrays what made them, for whoever finds the folder."""
        about = self.folder / "about.json"
        if not about.exists():
            text = json.dumps({"format": _FORMAT, **self.extractor.to_json()}, indent=1, sort_keys=True)
            about.write_text(text, encoding="utf-8")


@contextmanager
def _damage(path: Path) -> Iterator[None]:
    """Remove a file whose content is damaged, so that a new run makes it; what the system refuses removes nothing."""
    try:
        yield
    except FileNotFoundError:
        raise StoreError(f"{path} is not there") from None
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror or error}") from None
    except (ValueError, EOFError, zipfile.BadZipFile) as error:
        path.unlink(missing_ok=True)
        raise StoreError(f"{path} was damaged and is removed; featurize again: {error}") from None
