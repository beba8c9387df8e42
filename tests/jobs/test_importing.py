"""Import: all or nothing, and what was refused is told."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest

from zetdard.errors import FormatError, InputError, NoDataError
from zetdard.jobs.importing import import_files, import_records
from zetdard.records import Record, Song, User
from zetdard.sources.base import ReadOptions, Refuse
from zetdard.store.store import Store


class Lines:
    """A source: each line is a song's id; a line with "?" cannot be used."""

    format: ClassVar[str] = "lines"
    source: ClassVar[str] = "here"
    summary: ClassVar[str] = "lines"

    def read(self, path: Path, options: ReadOptions, refuse: Refuse) -> Iterator[Record]:
        for number, line in enumerate(path.read_text(options.encoding or "utf-8").splitlines(), start=1):
            if "?" in line:
                refuse(FormatError(f'bad "{line}", as\nseen', path=path, line=number))
                continue
            yield Song(id=line, title=line)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "in.txt"
    path.write_text("a\nb\n?1\nc\n?二\n", encoding="utf-8")
    return path


def is_empty(store: Store) -> bool:
    return sum(store.counts().values()) == 0 and store.revision() == 0


def test_a_strict_import_ends_at_the_first_refused_row(store: Store, file: Path) -> None:
    with pytest.raises(FormatError, match=r"in\.txt:3: bad") as refusal:
        import_files(store, Lines(), file)
    assert refusal.value.line == 3
    assert is_empty(store)


def test_keep_going_stores_the_rest_and_lists_what_was_refused(
    store: Store, file: Path, tmp_path: Path
) -> None:
    rejects = tmp_path / "rejects.csv"
    told: list[int] = []
    report = import_files(
        store, Lines(), file, rejects=rejects, progress=lambda _what, done, _of: told.append(done)
    )
    assert (report.source, report.format, report.path) == ("here", "lines", str(file))
    assert (report.counts, report.refused) == ({"Song": 3}, 2)
    with rejects.open(encoding="utf-8", newline="") as stream:
        assert list(csv.reader(stream)) == [
            ["file", "line", "reason"],
            [str(file), "3", 'bad "?1", as\nseen'],
            [str(file), "5", 'bad "?二", as\nseen'],
        ]
    (line,) = store.imports()
    assert (line["records"], line["refused"], line["path"]) == (3, 2, str(file))
    assert told == [3]  # once, at the end


def test_without_refused_rows_there_is_no_rejects_file(store: Store, file: Path, tmp_path: Path) -> None:
    file.write_text("a\n", encoding="utf-8")
    rejects = tmp_path / "rejects.csv"
    rejects.write_text("of another import", encoding="utf-8")
    assert import_files(store, Lines(), file, rejects=rejects).refused == 0
    assert rejects.read_text(encoding="utf-8") == "of another import"


@pytest.mark.parametrize("place", ["", "missing/rejects.csv", "in.txt/rejects.csv"])
def test_a_rejects_file_that_cannot_be_written_stores_nothing(
    store: Store, file: Path, tmp_path: Path, place: str
) -> None:
    with pytest.raises(InputError, match="rejects file cannot be written"):
        import_files(store, Lines(), file, rejects=tmp_path / place)
    assert is_empty(store)


def test_the_rejects_file_must_not_lie_where_the_import_reads(
    store: Store, file: Path, tmp_path: Path
) -> None:
    before = file.read_bytes()
    (tmp_path / "link").symlink_to(file)
    for path, rejects in (
        (file, file),
        (file, tmp_path / "link"),
        (tmp_path, tmp_path / "in.txt"),
        (tmp_path, tmp_path / "new.csv"),
    ):
        with pytest.raises(InputError, match="could overwrite what is imported"):
            import_files(store, Lines(), path, rejects=rejects)
    assert file.read_bytes() == before
    assert not (tmp_path / "new.csv").exists()
    assert is_empty(store)


def test_nothing_to_store_is_an_error_that_says_why(store: Store, file: Path, tmp_path: Path) -> None:
    file.write_text("?\n?\n", encoding="utf-8")
    with pytest.raises(NoDataError, match="2 rows were refused"):
        import_files(store, Lines(), file, rejects=tmp_path / "rejects.csv")
    assert is_empty(store)
    assert len((tmp_path / "rejects.csv").read_text(encoding="utf-8").splitlines()) == 5
    file.write_text("", encoding="utf-8")
    with pytest.raises(NoDataError, match="0 rows were refused"):
        import_files(store, Lines(), file)


def test_an_error_of_the_source_in_the_middle_stores_nothing(store: Store, file: Path) -> None:
    class Broken(Lines):
        def read(self, path: Path, options: ReadOptions, refuse: Refuse) -> Iterator[Record]:
            yield from (Song(id=str(number), title="") for number in range(6_000))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        import_files(store, Broken(), file)
    assert is_empty(store)


def test_stopping_from_the_progress_stores_nothing(store: Store, file: Path) -> None:
    file.write_text("\n".join(map(str, range(5_000))), encoding="utf-8")

    def stop(what: str, done: int, of: int | None) -> None:
        assert (what, of) == ("importing lines", None)
        if done == 4_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_files(store, Lines(), file, progress=stop)
    assert is_empty(store)


def test_options_reach_the_source(store: Store, file: Path) -> None:
    file.write_text("晴天\n", encoding="gb18030")
    import_files(store, Lines(), file, ReadOptions(encoding="gb18030"))
    assert store.dataset(()).songs.vocabulary.labels == ("晴天",)


def test_a_file_whose_name_is_no_text(store: Store, tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.txt"))
    path.write_text("a\n?\n", encoding="utf-8")
    report = import_files(store, Lines(), path, rejects=tmp_path / "rejects.csv")
    assert report.path == f"{tmp_path}/\\udcff.txt"
    assert "udcff.txt,2," in (tmp_path / "rejects.csv").read_text(encoding="utf-8")


def test_importing_again_stores_nothing_new(store: Store, file: Path, tmp_path: Path) -> None:
    for _ in range(2):
        import_files(store, Lines(), file, rejects=tmp_path / "rejects.csv")
    assert store.counts()["songs"] == 3
    assert len(store.imports()) == 2


def test_records_that_come_from_no_file(store: Store) -> None:
    report = import_records(store, "there", iter([User(id="u"), Song(id="s", title="")]), format="invented")
    assert (report.path, report.counts) == ("", {"User": 1, "Song": 1})
    assert store.imports()[0]["source"] == "there"


def test_no_records_at_all_are_an_error(store: Store) -> None:
    with pytest.raises(NoDataError, match="invented: there is nothing to store"):
        import_records(store, "there", iter(()), format="invented")
    assert is_empty(store)
