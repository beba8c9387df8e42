"""Folders with ready-made splits: what is read, and what is refused with file and line."""

from __future__ import annotations

import pytest

from zetdard.errors import FormatError, InputError, NoDataError
from zetdard.evaluation.splitfiles import read_split, sorted_ids


def test_reads_train_and_test(write_split) -> None:
    split = read_split(write_split({"train.txt": "7 30 4\n12 4\n", "test.txt": "12 30 100\n7 5\n"}))
    assert split.name == "split"
    assert split.train.users.labels == ("7", "12")
    # Ids of train only, as integers; 5 and 100 stand in test only.
    assert split.train.items.labels == ("4", "30")
    assert split.train.matrix.toarray().tolist() == [[1, 1], [1, 0]]
    assert split.test.users == ("7", "12")
    assert split.test.rows.tolist() == [0, 1]
    assert split.test.matrix.toarray().tolist() == [[0, 0], [0, 1]]
    assert split.test.n_relevant.tolist() == [1, 2]
    assert split.valid is None
    assert (split.n_user_ids, split.n_item_ids, split.n_unranked_test_items) == (2, 4, 2)
    assert split.item_columns == split.user_columns == {}


def test_order_of_ids() -> None:
    assert sorted_ids({"10", "9", "0", "100"}) == ["0", "9", "10", "100"]
    assert sorted_ids({"10", "9", "007"}) == ["007", "10", "9"]
    assert sorted_ids({"10", "9", "-1"}) == ["-1", "10", "9"]
    assert sorted_ids({"10", "9", "٣"}) == ["10", "9", "٣"]
    assert sorted_ids([]) == []


def test_ids_are_opaque(write_split) -> None:
    odd = "a\u00a0b\u2028c"  # a no-break space and a line separator belong to the id
    split = read_split(write_split({"train.txt": f"薛之谦\t{odd}  y \n", "test.txt": "薛之谦 z\n"}))
    assert split.train.items.labels == tuple(sorted([odd, "y"]))
    assert split.test.users == ("薛之谦",)


def test_line_ends_marks_and_empty_lines(write_split) -> None:
    split = read_split(write_split({"train.txt": "\ufeff1 2 3\r\n\r\n4\r\n", "test.txt": "1 5\n\n"}))
    assert split.train.users.labels == ("1", "4")
    assert split.train.user_degrees().tolist() == [2, 0]


def test_users_without_items_and_unknown_users(write_split) -> None:
    split = read_split(write_split({"train.txt": "1 5\n2\n", "test.txt": "1\n2 5\n3 5\n"}))
    assert split.test.users == ("2", "3")
    assert split.test.rows.tolist() == [1, -1]


@pytest.mark.parametrize("valid", [None, "", "1\n", "1 9\n"])
def test_valid_is_optional_and_never_in_the_way(write_split, valid: str | None) -> None:
    files = {"train.txt": "1 5 6\n", "test.txt": "1 7\n"} | ({} if valid is None else {"valid.txt": valid})
    split = read_split(write_split(files))
    assert split.train.items.labels == ("5", "6")
    if valid == "1 9\n":
        assert split.valid is not None
        assert split.valid.n_relevant.tolist() == [1]
        assert split.n_item_ids == 4
    else:
        assert split.valid is None


def test_side_information_is_aligned(write_split) -> None:
    split = read_split(
        write_split(
            {
                "train.txt": "1 5 6\n",
                "test.txt": "1 7\n",
                "items.csv": 'item,title,artists\n9,"Nine, or\nso",A|B\n5,Five,\n',
                "users.csv": "user,tags\n2,rock\n",
            }
        )
    )
    assert split.train.items.labels == ("5", "6", "9")
    assert split.item_columns == {"title": ["Five", "", "Nine, or\nso"], "artists": ["", "", "A|B"]}
    assert split.train.users.labels == ("1", "2")
    assert split.user_columns == {"tags": ["", "rock"]}


GOOD = {"train.txt": "1 5 6\n2 5\n", "test.txt": "1 7\n2 6\n"}


@pytest.mark.parametrize(
    ("file", "content", "line", "reason"),
    [
        ("train.txt", "1 5\n2 6\n1 7\n", 3, "second line"),
        ("train.txt", "1 5\n2 6 7 6\n", 2, "twice"),
        ("train.txt", b"1 5\n2 \xff\n", 2, "UTF-8"),
        ("train.txt", "1 5\n2 \0\n", 2, "NUL"),
        ("test.txt", "2 6\n1 9 6\n", 2, "train.txt"),
        ("valid.txt", "2 5\n", 1, "train.txt"),
        ("valid.txt", "1 7\n", 1, "test.txt"),
        ("items.csv", "", 1, "header"),
        ("items.csv", "item,a,a\n", 1, "header"),
        ("items.csv", "item,a\n5,x\n6\n", 3, "1 fields"),
        ("items.csv", "item,a\n5,x\n5,y\n", 3, "second row"),
        ("items.csv", "item,a\n,x\n", 2, "no id"),
        ("users.csv", b"user,a\n1,\xe9\n", 2, "UTF-8"),
        ("users.csv", 'user,a\n1,"x"y\n', 2, "not a CSV"),
    ],
)
def test_malformed_files_are_refused_with_their_line(write_split, file, content, line, reason) -> None:
    folder = write_split({**GOOD, file: content})
    with pytest.raises(FormatError, match=reason) as caught:
        read_split(folder)
    assert caught.value.path == folder / file
    assert caught.value.line == line


@pytest.mark.parametrize("missing", ["train.txt", "test.txt"])
def test_missing_files_are_refused(write_split, missing: str) -> None:
    folder = write_split({name: text for name, text in GOOD.items() if name != missing})
    with pytest.raises(FormatError, match="missing"):
        read_split(folder)


@pytest.mark.parametrize("empty", ["train.txt", "test.txt"])
def test_nothing_to_learn_or_ask_is_refused(write_split, empty: str) -> None:
    with pytest.raises(NoDataError):
        read_split(write_split({**GOOD, empty: "1\n"}))


def test_no_folder(tmp_path) -> None:
    with pytest.raises(InputError):
        read_split(tmp_path / "nowhere")
