"""Tables of places: what is read, what is refused and where, and what becomes of listeners."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from zetdard.data.regions import region_block
from zetdard.data.vocabulary import Vocabulary
from zetdard.errors import FormatError, InputError
from zetdard.features.culture import KEPT, culture_block, keep_culture, read_culture

TABLE = """region,happiness,power distance
Northland,7.5,30
浙江省,5.0,
浙江省 杭州市,6.0,80
"""


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "places.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_region_is_found_as_itself_else_as_what_is_around_it(tmp_path: Path) -> None:
    culture = read_culture(written(tmp_path, TABLE))
    assert culture.columns == ("happiness", "power distance")
    found = {
        name: culture.find(name)
        for name in (
            "浙江省 杭州市",
            "浙江省 宁波市",
            "NORTHLAND",
            "Northland  East",
            "Northlands",
            "",
            "South",
        )
    }
    firsts = {name: None if numbers is None else numbers[0] for name, numbers in found.items()}
    assert firsts == {
        "浙江省 杭州市": 6.0,
        "浙江省 宁波市": 5.0,
        "NORTHLAND": 7.5,
        "Northland  East": 7.5,
        "Northlands": None,
        "": None,
        "South": None,
    }


def test_listeners_are_standardised_and_gaps_are_the_mean_and_said(tmp_path: Path) -> None:
    regions = ["Northland", "浙江省 杭州市", "浙江省 宁波市", "", "Nowhere"]
    users = Vocabulary("abcde")
    block = culture_block(read_culture(written(tmp_path, TABLE)), users, regions)
    assert block.columns == ("happiness", "power distance", "power distance not known")
    assert block.known.tolist() == [True, True, True, False, False]
    happiness = np.array([7.5, 6.0, 5.0])
    np.testing.assert_allclose(
        block.values[:3, 0], (happiness - happiness.mean()) / happiness.std(), rtol=1e-6
    )
    np.testing.assert_allclose(block.values[:3, 1:], [[-1, 0], [1, 0], [0, 1]])
    assert not block.values[3:].any()


def test_numbers_that_do_not_differ_say_nothing(tmp_path: Path) -> None:
    culture = read_culture(written(tmp_path, "country,x\nA,0.1\nB,7\n"))
    block = culture_block(culture, Vocabulary("abc"), ["A", "A", "A"])
    assert not block.values.any()
    nobody = culture_block(culture, Vocabulary("ab"), ["", "C"])
    assert not nobody.known.any()
    assert nobody.values.shape == (2, 1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ":1: the header must be region"),
        ("place,x\nA,1\n", ":1: the header must be region"),
        ("region\nA\n", ":1: the header must be region"),
        ("region,x,X\nA,1,2\n", ":1: the header must name each column once"),
        ("region,x\nA,1\nB\n", ":3: the line has 1 fields, the header 2"),
        ("region,x\nA,1\nB,much\n", ":3: x: 'much' is not a number"),
        ("region,x\nA,nan\n", ":2: x: 'nan' is not a number"),
        ("region,x\nA,1e999\n", ":2: x: '1e999' is not a number"),
        ("region,x\nA,1\n a ,2\n", ":3: 'a' has a second line"),
        ("region,x\n,1\n", ":2: the line names no place"),
        ('region,x\n"A,1\n', "not a CSV file"),
        ("region,x\n", "the file holds no place"),
        (b"region,x\nA,1\n\xff\xfe,2\n", ":3: the line is not UTF-8"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, text: str | bytes, said: str) -> None:
    with pytest.raises(FormatError) as caught:
        read_culture(written(tmp_path, text))
    assert said in str(caught.value)
    assert "places.csv" in str(caught.value)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="cannot be read"):
        read_culture(tmp_path / "none.csv")


def test_a_table_is_kept_in_a_home(tmp_path: Path) -> None:
    path = written(tmp_path, TABLE)
    home = tmp_path / "home"
    keep_culture(path, home)
    assert (home / KEPT).read_bytes() == path.read_bytes()
    with pytest.raises(InputError, match="cannot be written"):
        keep_culture(path, path)


def test_regions_are_columns() -> None:
    block = region_block(Vocabulary("abcd"), ["west", "", "east", "west"])
    assert block.columns == ("east", "west")
    assert block.values.tolist() == [[0, 1], [0, 0], [1, 0], [0, 1]]
    assert block.known.tolist() == [True, False, True, True]
