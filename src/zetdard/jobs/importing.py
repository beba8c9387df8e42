"""Import: a source's records → the store, all or nothing."""

from __future__ import annotations

import csv
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from zetdard.errors import FormatError, InputError, NoDataError
from zetdard.progress import Progress, silent
from zetdard.records import MusicFile, Record
from zetdard.sources.base import FileSource, ReadOptions
from zetdard.store.database import now_ms
from zetdard.store.store import ImportReport, Store


def import_files(
    store: Store,
    source: FileSource,
    path: Path,
    options: ReadOptions | None = None,
    *,
    rejects: Path | None = None,
    progress: Progress = silent,
) -> ImportReport:
    """Read files and store what they say, in one transaction.

    Args:
        store: Where to.
        source: The reader of the format.
        path: File or folder.
        options: Encoding and owner.
        rejects: Where to list the rows that cannot be used, as CSV (file, line, reason); the import then goes
            on without them. ``None`` = the first such row ends the import and nothing is stored.
        progress: Told how many records have been taken.

    Raises:
        FormatError: The files cannot be used, or a row cannot and ``rejects`` is ``None``.
        InputError: The rejects file cannot be written, or is the file that is read.
        NoDataError: They hold nothing that could be stored.
    """
    started_at = now_ms()
    if rejects is not None and _may_overwrite(rejects.resolve(), path.resolve()):
        raise InputError(f"{rejects}: the rejects file could overwrite what is imported; name another place")
    options = replace(options or ReadOptions(), progress=progress, known=store.music_files)
    with Rejects(rejects) as refused:
        # Before the transaction begins: some sources look at every file first, and others wait for the database.
        records = refused.noting(source.read(path, options, refused.refuse))
        report = _store(store, source, path, records, refused, started_at, progress)
    _tell_end(report, progress)
    return report


def _store(
    store: Store,
    source: FileSource,
    path: Path,
    records: Iterator[Record],
    refused: Rejects,
    started_at: int,
    progress: Progress,
) -> ImportReport:
    with store.importing(source.source) as importing:
        for count in importing.write(records):
            progress(f"importing {source.format}", count, None)
        report = importing.finish(
            format=source.format,
            path=_storable(path.absolute()),
            started_at=started_at,
            refused=refused.count,
        )
        # Before the transaction ends: what cannot be told is not stored.
        refused.publish()
        if sum(report.counts.values()) == 0:
            raise NoDataError(f"{path}: nothing could be stored; {refused.count} rows were refused")
    return report


def import_records(
    store: Store, source: str, records: Iterator[Record], *, format: str, progress: Progress = silent
) -> ImportReport:
    """Store records that do not come from files, in one transaction.

    Raises:
        NoDataError: There are none.
    """
    started_at = now_ms()
    with store.importing(source) as importing:
        for count in importing.write(records):
            progress(f"importing {format}", count, None)
        report = importing.finish(format=format, path="", started_at=started_at, refused=0)
        if sum(report.counts.values()) == 0:
            raise NoDataError(f"{format}: there is nothing to store")
    _tell_end(report, progress)
    return report


def _may_overwrite(rejects: Path, read: Path) -> bool:
    """Whether a rejects file is what is read, or lies in the folder that is read."""
    return rejects == read or (read.is_dir() and read in rejects.parents)


def _tell_end(report: ImportReport, progress: Progress) -> None:
    count = sum(report.counts.values())
    progress(f"importing {report.format}", count, count)


def _storable(path: Path) -> str:
    """Return a path as text, also where its name on disk is not."""
    return str(path).encode("utf-8", "backslashreplace").decode("utf-8")


class Rejects:
    """Collects refused rows, for a file that is written once all are known."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self.count = 0
        self._file = (
            tempfile.TemporaryFile("w+", encoding="utf-8", errors="backslashreplace", newline="")  # noqa: SIM115 - closed by __exit__
            if path
            else None
        )

    def refuse(self, error: FormatError) -> None:
        """Note a row, or end the import."""
        if self._file is None:
            raise error
        self._note(error.path, error.line, error.reason)

    def _note(self, path: Path | str | None, line: int | None, reason: str) -> None:
        if self._file is not None:
            if self.count == 0:
                csv.writer(self._file).writerow(["file", "line", "reason"])
            csv.writer(self._file).writerow([path or "", line or "", reason])
        self.count += 1

    def noting(self, records: Iterator[Record]) -> Iterator[Record]:
        """Pass records on, and count and list the files among them that are refused."""
        for record in records:
            if isinstance(record, MusicFile) and record.reason is not None:
                self._note(record.uri, None, f"{record.reason}: {record.detail}")
            yield record

    def publish(self) -> None:
        """Write the file, where there is anything to write.

        Raises:
            InputError: It cannot be written.
        """
        if self._file is None or self._path is None or self.count == 0:
            return
        self._file.seek(0)
        try:
            with self._path.open("w", encoding="utf-8", newline="") as target:
                shutil.copyfileobj(self._file, target)
        except OSError as problem:
            raise InputError(f"the rejects file cannot be written: {problem}") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()
