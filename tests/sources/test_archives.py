"""Zip archives that nobody vouches for."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from sources.exports import LISTENBRAINZ_ZIP, lines, listen, zipped
from sources.reading import of, strict
from zetdard.errors import FormatError
from zetdard.records import (
    Listen,
    Song,
)
from zetdard.sources import archives
from zetdard.sources.listenbrainz import ListenBrainzExport


def test_archive_without_listens(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zipped({"user.json": b"{}", "other.txt": b""}))
    with pytest.raises(FormatError, match="no ListenBrainz export"):
        strict(ListenBrainzExport(), tmp_path / "a.zip")
    (tmp_path / "a.zip").write_bytes(b"not a zip")
    with pytest.raises(FormatError, match="not a readable zip"):
        strict(ListenBrainzExport(), tmp_path / "a.zip")


def test_archive_names_are_never_paths(tmp_path: Path) -> None:
    inside = tmp_path / "in"
    inside.mkdir()
    evil = {"../../escaped/listens/2023/1.jsonl": lines(listen("A")), "/etc/\x1b[2Jx": b"x"}
    (inside / "a.zip").write_bytes(zipped(evil))
    assert len(of(strict(ListenBrainzExport(), inside / "a.zip"), Listen)) == 1
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a.zip", "in"]


def test_archive_that_unpacks_to_far_more_than_its_size(tmp_path: Path) -> None:
    bomb = {"listens/2023/1.jsonl": b" " * 20_000_000}
    (tmp_path / "a.zip").write_bytes(zipped(bomb))
    with pytest.raises(FormatError, match="would unpack to 20000000 bytes"):
        strict(ListenBrainzExport(), tmp_path / "a.zip")


def test_archive_with_too_many_entries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_ENTRIES", 2)
    (tmp_path / "a.zip").write_bytes(zipped(LISTENBRAINZ_ZIP))
    with pytest.raises(FormatError, match="4 entries"):
        strict(ListenBrainzExport(), tmp_path / "a.zip")


def test_archive_with_a_name_twice_or_packed_unusually(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("listens/2023/1.jsonl", lines(listen("A")))
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("listens/2023/1.jsonl", lines(listen("B")))
    with pytest.raises(FormatError, match="two entries"):
        strict(ListenBrainzExport(), path)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("listens/2023/1.jsonl", lines(listen("A")))
    with pytest.raises(FormatError, match="unusual way"):
        strict(ListenBrainzExport(), path)


def test_encrypted_archive(tmp_path: Path) -> None:
    content = bytearray(zipped({"listens/2023/1.jsonl": lines(listen("A"))}))
    content[content.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "a.zip").write_bytes(bytes(content))
    with pytest.raises(FormatError, match="encrypted"):
        strict(ListenBrainzExport(), tmp_path / "a.zip")


def test_months_are_read_in_order(tmp_path: Path) -> None:
    files = {
        f"listens/{year}/{month}.jsonl": lines(listen("A", f"{year}-{month}"))
        for year, month in ((2023, 10), (2023, 2), (2022, 11))
    }
    (tmp_path / "a.zip").write_bytes(zipped(files))
    titles = [song.title for song in of(strict(ListenBrainzExport(), tmp_path / "a.zip"), Song)]
    assert titles == ["2022-11", "2023-2", "2023-10"]


def test_entry_without_a_name_is_ignored(tmp_path: Path) -> None:
    content = zipped({"x": b"", "listens/2023/1.jsonl": lines(listen("A"))})
    # The name is cut to nothing in the list of entries.
    place = content.index(b"PK\x01\x02")
    nameless = content[: place + 28] + b"\0\0" + content[place + 30 : place + 46] + content[place + 47 :]
    end = nameless.index(b"PK\x05\x06")
    size = int.from_bytes(nameless[end + 12 : end + 16], "little") - 1
    nameless = nameless[: end + 12] + size.to_bytes(4, "little") + nameless[end + 16 :]
    (tmp_path / "a.zip").write_bytes(nameless)
    assert len(of(strict(ListenBrainzExport(), tmp_path / "a.zip"), Listen)) == 1
