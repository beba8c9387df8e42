"""Files that are written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from zetdard.whole import written_whole


def broken_off(out: Path, error: type[BaseException]) -> None:
    """Begin to write, and fail."""
    with written_whole(out) as temporary:
        temporary.write_text("half")
        raise error


def test_it_takes_its_place_at_the_end(tmp_path: Path) -> None:
    out = tmp_path / "file.txt"
    with written_whole(out) as temporary:
        temporary.write_text("new")
        assert not out.exists()
    assert out.read_text() == "new"
    assert list(out.parent.iterdir()) == [out]
    if os.name == "posix":
        assert out.stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_what_was_there_stays_when_writing_fails(tmp_path: Path, error: type[BaseException]) -> None:
    out = tmp_path / "file.txt"
    out.write_text("old")
    with pytest.raises(error):
        broken_off(out, error)
    assert out.read_text() == "old"
    assert list(tmp_path.iterdir()) == [out]


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), written_whole(tmp_path / "nowhere" / "file"):
        pass
