"""Tables of moods: what is read, what is refused and where, and which songs they are about."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from zetdard.data.dataset import Entities
from zetdard.data.vocabulary import Vocabulary
from zetdard.errors import FormatError, InputError
from zetdard.features.moods import digest_of, given_moods, keep_moods, read_moods

TABLE = "song,valence,energy\nA,0.5,-2\n7,1,2\nnetease:9,3,4\n"
SONGS = Entities(
    "song",
    Vocabulary(["A", "7", "files:9", "netease:9", "x"], kind="song"),
    ("", "", "", "", ""),
    (("files", "A"), ("netease", "7"), ("files", "9"), ("netease", "9"), ("files", "x")),
    joined={("netease", "70"): 0},
)


def written(folder: Path, text: str) -> Path:
    path = folder / "moods.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_songs_are_found_by_label_and_by_the_ids_of_sources(tmp_path: Path) -> None:
    given = given_moods(read_moods(written(tmp_path, TABLE)), SONGS)
    given.check(tmp_path)
    assert given.block.columns == ("valence", "energy")
    assert given.block.known.tolist() == [True, True, False, True, False]
    np.testing.assert_array_equal(given.block.values, [[0.5, -2], [1, 2], [0, 0], [3, 4], [0, 0]])
    joined = given_moods(read_moods(written(tmp_path, "song,x\n70,1\nnetease:7,2\nfiles:9,3\n")), SONGS)
    assert joined.block.values[:, 0].tolist() == [1, 2, 3, 0, 0]


def test_what_is_not_stored_is_told_and_no_error(tmp_path: Path) -> None:
    path = written(tmp_path, "song,x\nB,1\nA,2\n a,3\n")
    given = given_moods(read_moods(path), SONGS)
    given.check(path)
    assert given.unknown == ((2, "B"), (4, "a"))
    assert given.block.known.sum() == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("song,x\nA,1\n9,2\n", ":3: several songs have the id '9': write source:9"),
        ("song,x\nA,1\nfiles:A,2\n", ":3: 'files:A' is a song that has a line already"),
        ("song,x\n70,1\nA,2\n", ":3: 'A' is a song that has a line already"),
    ],
)
def test_lines_that_do_not_say_what_they_are_about(tmp_path: Path, text: str, said: str) -> None:
    path = written(tmp_path, text)
    given = given_moods(read_moods(path), SONGS)
    with pytest.raises(FormatError) as caught:
        given.check(path)
    assert str(caught.value) == f"{path}{said}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ":1: the header must be song and then"),
        ("title,x\nA,1\n", ":1: the header must be song and then"),
        ("song\nA\n", ":1: the header must be song and then"),
        ("song,x,y\nA,1\n", ":2: the line has 2 fields, the header 3"),
        ("song,x,y\nA,1,\n", ":2: y: there is no number; leave out the whole line of a song"),
        ("song,x\nA,glad\n", ":2: x: 'glad' is not a number"),
        ("song,x\nA,1_000\n", ":2: x: '1_000' is not a number"),
        ("song,x\nA,1\nB,-2e18\n", ":3: x: -2e+18 is too large"),
        ("song,x\nA,1\nA,1\n", ":3: 'A' has a second line"),
        ("song,x\n ,1\n", ":2: the line names no song"),
        ("song,x\n", "the file holds no song"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(FormatError) as caught:
        read_moods(path)
    assert said in str(caught.value)
    assert str(caught.value).startswith(str(path))


def test_the_largest_numbers_can_be_squared(tmp_path: Path) -> None:
    given = given_moods(read_moods(written(tmp_path, "song,x\nA,1e18\nnetease:7,-1e18\n")), SONGS)
    values = given.block.values[given.block.known]
    assert values[:, 0].tolist() == [np.float32(1e18), np.float32(-1e18)]
    assert np.isfinite(np.square(values - values[::-1])).all()


def test_a_table_is_another_one_when_it_says_something_else(tmp_path: Path) -> None:
    tables = [TABLE, TABLE + "x,1,1\n", TABLE.replace("0.5", "0.6"), TABLE.replace("valence", "mood")]
    assert len({digest_of(read_moods(written(tmp_path, text))) for text in tables}) == 4
    assert digest_of(read_moods(written(tmp_path, TABLE.replace("0.5", " 0.50")))) == digest_of(
        read_moods(written(tmp_path, TABLE))
    )


def test_a_table_is_kept(tmp_path: Path) -> None:
    path = written(tmp_path, TABLE)
    keep_moods(path, tmp_path / "home" / "moods.csv")
    assert (tmp_path / "home" / "moods.csv").read_text() == TABLE
    keep_moods(path, path)  # the kept one may be given again
    assert path.read_text() == TABLE
    with pytest.raises(InputError, match="cannot be written"):
        keep_moods(path, path / "moods.csv")
