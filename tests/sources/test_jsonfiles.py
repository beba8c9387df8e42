"""JSON in bounded memory."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from sources.reading import strict
from zetdard.errors import FormatError
from zetdard.records import (
    Song,
)
from zetdard.sources import jsonfiles
from zetdard.sources.identity import song_name_id
from zetdard.sources.spotify import SpotifyExport


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("[\n1,\n2", 3, "comma or the end"),
        ("[\n1 2]", 2, "comma or the end"),
        ("[1,\n]", 2, "not readable as JSON"),
        ("[\n[1,\n x]]", 3, "not readable as JSON"),
        ("{}", 1, "array was expected"),
        ("[]\n[]", 2, "after the end"),
        ("[NaN]", 1, "NaN is not JSON"),
        ("[" * 100_000, 1, "nested too deeply"),
        ("[" + "9" * 5000 + "]", 1, "not readable as JSON"),
        ('["' + "x" * 3_000_000 + '"]', 1, "longer than"),
        ("[1,", 1, "ends where a value was expected"),
    ],
)
def test_json_arrays_that_are_refused(text: str, line: int, reason: str, tmp_path: Path) -> None:
    (tmp_path / "a").write_text(text)
    with (tmp_path / "a").open("rb") as stream, pytest.raises(FormatError, match=reason) as caught:
        list(jsonfiles.JsonStream(stream, label="a", encoding="utf-8-sig").elements())
    assert (caught.value.path, caught.value.line) == ("a", line)


def test_json_values_across_chunk_borders(tmp_path: Path) -> None:
    values = [{"n": number, "text": "灯" * (number % 300)} for number in range(3000)] + [12345678]
    (tmp_path / "a").write_text(json.dumps(values, ensure_ascii=False, indent=1))
    with (tmp_path / "a").open("rb") as stream:
        read = list(jsonfiles.JsonStream(stream, label="a", encoding="utf-8-sig").elements())
    assert [value for _, value in read] == values
    assert read[0][0] == 2
    assert read[1][0] == 6


def test_json_documents_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonfiles, "MAX_DOCUMENT_CHARACTERS", 10)
    (tmp_path / "YourLibrary.json").write_text('{"tracks": []}')
    with pytest.raises(FormatError, match="longer than 10"):
        strict(SpotifyExport(), tmp_path)


def test_long_names_keep_distinct_ids() -> None:
    one, two = song_name_id("A", "x" * 400 + "1"), song_name_id("A", "x" * 400 + "2")
    assert one != two
    assert len(one) == len(two) == 300
    assert dataclasses.asdict(Song(id=one, title="T"))["id"] == one
