"""Bytes to lines: encodings, bounds and the line number of a failure."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from zetdard.errors import FormatError
from zetdard.sources.textlines import MAX_LINE_CHARACTERS, TextLines, text_chunks


class Endless:
    """One line of ``size`` bytes, made as it is read."""

    def __init__(self, size: int) -> None:
        self.left = size

    def read(self, size: int, /) -> bytes:
        if self.left == 0:
            return b""
        taken = min(size, self.left)
        self.left -= taken
        return b"x" * (taken - (self.left == 0)) + b"\n" * (self.left == 0)


def test_a_gigabyte_line_is_never_held() -> None:
    lines = TextLines(Endless(1_000_000_000), label="big", encoding="utf-8-sig")
    tracemalloc.start()
    try:
        with pytest.raises(FormatError, match="longer than") as caught:
            next(lines)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert caught.value.line == 1
    assert peak < 8 * MAX_LINE_CHARACTERS
    with pytest.raises(StopIteration):
        next(lines)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030", "gbk", "cp1252", "utf-32"])
def test_decoding_across_chunk_borders(encoding: str, tmp_path: Path) -> None:
    text = "".join(
        f"{number},çé\n" if encoding == "cp1252" else f"{number},灯塔\n" for number in range(20_000)
    )
    path = tmp_path / "file"
    path.write_bytes(text.encode(encoding))
    with path.open("rb") as stream:
        assert "".join(text_chunks(stream, label=path, encoding=encoding)) == text


def test_decoding_failure_names_the_line_in_a_later_chunk(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes("灯,塔\n".encode() * 50_000 + b"\n\nabc\xe7\n" + b"x\n" * 50_000)
    with (
        path.open("rb") as stream,
        pytest.raises(FormatError, match=r"not utf-8 text; .* --encoding gb18030") as caught,
    ):
        list(text_chunks(stream, label=path, encoding="utf-8-sig"))
    assert caught.value.line == 50_003
