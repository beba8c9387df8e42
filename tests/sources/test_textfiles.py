"""Delimited text: what is refused, where, and what is held in memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from zetdard.errors import FormatError
from zetdard.sources.fields import identifier
from zetdard.sources.textfiles import Delimiter, Table
from zetdard.sources.textlines import MAX_LINE_CHARACTERS


def table_rows(
    folder: Path, content: bytes, *, delimiter: Delimiter = Delimiter.COMMA, encoding: str = "utf-8-sig"
) -> tuple[list[tuple[int, dict[str, str]]], list[FormatError]]:
    path = folder / "file.csv"
    path.write_bytes(content)
    refused: list[FormatError] = []
    with Table(path, columns=("a", "b"), encoding=encoding, delimiter=delimiter) as table:
        return [tuple(row) for row in table.rows(refused.append)], refused


def test_quoted_fields_hold_commas_quotes_and_line_ends(tmp_path: Path) -> None:
    rows, refused = table_rows(tmp_path, b'b,x,a\n"1,""2""\r\n3",,4\n5,6,7')
    assert rows == [
        (2, {"b": '1,"2"\r\n3', "x": "", "a": "4"}),
        (4, {"b": "5", "x": "6", "a": "7"}),
    ]
    assert not refused


def test_quotes_are_ordinary_in_tab_separated_files(tmp_path: Path) -> None:
    rows, refused = table_rows(tmp_path, b'a\tb\r\n"x\ty"\r\n', delimiter=Delimiter.TAB)
    assert rows == [(2, {"a": '"x', "b": 'y"'})]
    assert not refused


def test_only_line_feeds_end_lines(tmp_path: Path) -> None:
    rows, _ = table_rows(tmp_path, "a,b\nx\u2028y,\x85z\x0b\n".encode())
    assert rows == [(2, {"a": "x\u2028y", "b": "\x85z\x0b"})]


@pytest.mark.parametrize("delimiter", Delimiter)
@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (b"", "the file is empty"),
        (b"\n", "the header lacks a, b"),
        (b"a;c\n1;2\n", "the header lacks b"),
        (b"A;b\n1;2\n", "expected columns: a, b; found: A, b"),
        (b"a;b;a\n1;2;3\n", "names a column twice: a"),
        (b"a;b\n", "a header but no row"),
        (b"a;b\n\n\r\n", "a header but no row"),
        (b"a;b\0\n1;2\n", "NUL"),
        (b"a;b" + b"b" * MAX_LINE_CHARACTERS, "longer than"),
    ],
)
def test_header_problems_are_raised(delimiter: Delimiter, header: bytes, reason: str, tmp_path: Path) -> None:
    if header == b"a;c\n1;2\n":
        reason += "; expected columns: a, b; found: a, c"
    mark = b"," if delimiter is Delimiter.COMMA else b"\t"
    with pytest.raises(FormatError, match=reason) as caught:
        table_rows(tmp_path, header.replace(b";", mark), delimiter=delimiter)
    assert caught.value.path == tmp_path / "file.csv"
    if "header" in reason and "row" not in reason:
        assert caught.value.line == 1


@pytest.mark.parametrize("delimiter", Delimiter)
@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b"1", "the row has 1 fields, but 2 are expected"),
        (b"1;2;3", "the row has 3 fields, but 2 are expected"),
        (b"1;2\0", "NUL"),
        (b"1;" + b"2" * MAX_LINE_CHARACTERS, "longer than"),
    ],
)
def test_a_bad_row_is_refused_and_the_next_is_read(
    delimiter: Delimiter, row: bytes, reason: str, tmp_path: Path
) -> None:
    mark = b"," if delimiter is Delimiter.COMMA else b"\t"
    content = b"a;b\nv;w\n\n".replace(b";", mark) + row.replace(b";", mark) + b"\nx" + mark + b"y\n"
    rows, refused = table_rows(tmp_path, content, delimiter=delimiter)
    assert [(line, fields["a"]) for line, fields in rows] == [(2, "v"), (5, "x")]
    assert [(error.line, reason in error.reason) for error in refused] == [(4, True)]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b'"1"x,2', "after its closing quote"),
        (b"1\r2,3", "carriage return"),
        (b'"' + b"1" * 200_000 + b'",2', "a field is longer than"),
    ],
)
def test_bad_quoting_is_refused(row: bytes, reason: str, tmp_path: Path) -> None:
    rows, refused = table_rows(tmp_path, b"a,b\n" + row + b"\nx,y\n")
    assert [fields["a"] for _, fields in rows] == ["x"]
    assert [(error.line, reason in error.reason) for error in refused] == [(2, True)]


def test_unterminated_quote_names_where_it_opens_and_what_it_swallowed(tmp_path: Path) -> None:
    rows, refused = table_rows(tmp_path, b'a,b\n1,2\n3,"4\n5,6\n7,8\n')
    assert [line for line, _ in rows] == [2]
    assert [error.line for error in refused] == [3]
    assert "never closed" in refused[0].reason
    assert "up to line 5" in refused[0].reason


def test_a_record_of_many_lines_is_bounded(tmp_path: Path) -> None:
    row = b'"1","2\n' + b'",""\n","' * 200_000 + b'"\n'
    rows, refused = table_rows(tmp_path, b"a,b\n" + row + b"x,y\n")
    assert refused[0].line == 2
    assert rows[-1][1] == {"a": "x", "b": "y"}


@pytest.mark.parametrize("text", ["1.23E+11", "3e+07", "5.7045E+15"])
def test_ids_that_a_spreadsheet_rounded_are_refused(text: str) -> None:
    with pytest.raises(Exception, match="spreadsheet"):
        identifier(text, "song_id")


@pytest.mark.parametrize(
    "text", ["37e075492390", "043031882418", "7", "007", "1.5", "1e11", "a+b", "12E+5", "+"]
)
def test_other_ids_stay_as_they_are(text: str) -> None:
    assert identifier(text, "song_id") == text
