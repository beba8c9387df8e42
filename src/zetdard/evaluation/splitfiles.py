"""A folder with a ready-made split: ``train.txt``, ``test.txt``, optional ``valid.txt``, ``items.csv``, ``users.csv``.

A text file has a line for each user: ``user item item …``, separated by spaces or tabs, in UTF-8. A user may hold
nothing; an empty line says nothing. Ids are opaque and need not be dense. A CSV file has a header; its first
column is the id.

What a model can see is fixed by train and the side information alone: the vocabularies are the ids of ``train.txt``
and of the CSV files, in the order of the ids. Ids that occur only in ``valid.txt`` or ``test.txt`` get no row,
so that nothing about those files, not even their size, can reach a model.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array

from zetdard.data.interactions import Interactions
from zetdard.data.vocabulary import Vocabulary
from zetdard.errors import FormatError, InputError, NoDataError
from zetdard.measure.splits import HeldOut

_INTEGER = re.compile(r"0|[1-9][0-9]*", re.ASCII)
_SEPARATORS = re.compile(r"[ \t]+")


@dataclass(frozen=True, slots=True, eq=False)
class SplitFiles:
    """What a folder says.

    Attributes:
        name: Name of the folder.
        train: What models are fitted on: users and items of train.txt and of the CSV files.
        test: What is asked for.
        valid: What settings may be chosen by; ``None`` where there is no such file, or an empty one.
        item_columns: Column of items.csv → one text for each item of ``train``, "" where it has no row there.
        user_columns: Likewise for users.csv.
        n_user_ids: Number of different user ids in all files.
        n_item_ids: Number of different item ids in all files.
        n_unranked_test_items: Number of different test items that no train row holds.
    """

    name: str
    train: Interactions
    test: HeldOut
    valid: HeldOut | None
    item_columns: Mapping[str, list[str]]
    user_columns: Mapping[str, list[str]]
    n_user_ids: int
    n_item_ids: int
    n_unranked_test_items: int


def read_split(folder: Path) -> SplitFiles:
    """Read and check a folder.

    Raises:
        InputError: There is no such folder.
        FormatError: A file is missing or breaks the format, or an item stands in two of a user's lists.
        NoDataError: Train or test holds no pair.
    """
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder")
    train = _read_lists(folder / "train.txt")
    test = _read_lists(folder / "test.txt")
    valid = _read_lists(folder / "valid.txt") if (folder / "valid.txt").exists() else {}
    _refuse_overlap(folder / "test.txt", test, "train.txt", train)
    _refuse_overlap(folder / "valid.txt", valid, "train.txt", train)
    _refuse_overlap(folder / "valid.txt", valid, "test.txt", test)
    for path, lists in ((folder / "train.txt", train), (folder / "test.txt", test)):
        if not any(row.items for row in lists.values()):
            raise NoDataError(f"{path} holds no pair of user and item")

    item_table, user_table = _read_table(folder / "items.csv"), _read_table(folder / "users.csv")
    held = _items_of(train)
    items = Vocabulary(sorted_ids(held | item_table.rows.keys()), kind="item")
    users = Vocabulary(sorted_ids(train.keys() | user_table.rows.keys()), kind="user")
    asked = [test, valid]
    return SplitFiles(
        name=folder.resolve().name,
        train=_interactions(users, items, train),
        test=_held_out(users, items, test),
        valid=_held_out(users, items, valid) if _items_of(valid) else None,
        item_columns=item_table.aligned(items),
        user_columns=user_table.aligned(users),
        n_user_ids=len(set(users).union(*asked)),
        n_item_ids=len(set(items).union(*map(_items_of, asked))),
        n_unranked_test_items=len(_items_of(test) - held),
    )


def sorted_ids(ids: Iterable[str]) -> list[str]:
    """Order ids: as integers if all are decimal integers without leading zeros, else as strings."""
    distinct = set(ids)
    if all(_INTEGER.fullmatch(label) for label in distinct):
        return sorted(distinct, key=int)
    return sorted(distinct)


@dataclass(frozen=True, slots=True)
class _UserLine:
    line: int
    items: tuple[str, ...]


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield (line number, text) of a UTF-8 file; a byte order mark and the ends of lines are left out."""
    # Bytes are cut at \n only: str.splitlines also cuts at characters that may stand inside an id.
    with path.open("rb") as stream:
        for number, raw in enumerate(stream, start=1):
            try:
                text = raw.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError:
                raise FormatError("the line is not UTF-8", path=path, line=number) from None
            if "\0" in text:
                raise FormatError("the line contains a NUL character", path=path, line=number)
            yield number, text


def _read_lists(path: Path) -> dict[str, _UserLine]:
    if not path.is_file():
        raise FormatError("the file is missing", path=path)
    lists: dict[str, _UserLine] = {}
    for number, text in _lines(path):
        fields = _SEPARATORS.split(text.rstrip("\r\n").strip(" \t"))
        user, items = fields[0], tuple(fields[1:])
        if not user:
            continue
        if user in lists:
            reason = f"the user {user!r} has a second line; the first is line {lists[user].line}"
            raise FormatError(reason, path=path, line=number)
        if len(set(items)) != len(items):
            twice = next(item for place, item in enumerate(items) if item in items[:place])
            raise FormatError(f"the item {twice!r} stands twice in the line", path=path, line=number)
        lists[user] = _UserLine(number, items)
    return lists


def _items_of(lists: Mapping[str, _UserLine]) -> set[str]:
    return {item for row in lists.values() for item in row.items}


def _refuse_overlap(
    path: Path, lists: Mapping[str, _UserLine], other_name: str, other: Mapping[str, _UserLine]
) -> None:
    """Refuse an item that stands in two of a user's lists: it could be masked and asked for at once."""
    for user, row in lists.items():
        both = set(row.items).intersection(other[user].items) if user in other else ()
        if both:
            reason = f"the item {sorted_ids(both)[0]!r} of the user {user!r} stands in {other_name} too"
            raise FormatError(reason, path=path, line=row.line)


@dataclass(frozen=True, slots=True)
class _Table:
    """A CSV file: the names of the columns after the id, and each id's texts."""

    columns: tuple[str, ...]
    rows: Mapping[str, list[str]]

    def aligned(self, vocabulary: Vocabulary) -> dict[str, list[str]]:
        blank = [""] * len(self.columns)
        rows = [self.rows.get(label, blank) for label in vocabulary]
        return {name: [row[place] for row in rows] for place, name in enumerate(self.columns)}


def _read_table(path: Path) -> _Table:
    if not path.exists():
        return _Table((), {})
    reader = csv.reader((text for _, text in _lines(path)), strict=True)
    rows: dict[str, list[str]] = {}
    try:
        header = next(reader, [])
        if not header or len(set(header)) != len(header):
            raise FormatError("the header must name each column once", path=path, line=1)
        for row in reader:
            if not row:
                continue
            label, texts = row[0], row[1:]
            if len(row) != len(header):
                reason = f"the row has {len(row)} fields, the header {len(header)}"
                raise FormatError(reason, path=path, line=reader.line_num)
            if not label or label in rows:
                reason = f"the id {label!r} has a second row" if label else "the row has no id"
                raise FormatError(reason, path=path, line=reader.line_num)
            rows[label] = texts
    except csv.Error as error:
        raise FormatError(f"not a CSV file: {error}", path=path, line=reader.line_num) from error
    return _Table(tuple(header[1:]), rows)


def _interactions(users: Vocabulary, items: Vocabulary, lists: Mapping[str, _UserLine]) -> Interactions:
    rows = users.rows(list(lists))
    counts = [len(row.items) for row in lists.values()]
    columns = items.rows([item for row in lists.values() for item in row.items])
    return Interactions.from_pairs(users, items, np.repeat(rows, counts), columns)


def _held_out(users: Vocabulary, items: Vocabulary, lists: Mapping[str, _UserLine]) -> HeldOut:
    asking = sorted_ids(user for user, row in lists.items() if row.items)
    known = [
        sorted(row for item in lists[user].items if (row := items.get(item)) is not None) for user in asking
    ]
    indptr = np.concatenate(([0], np.cumsum([len(rows) for rows in known]))).astype(np.int64)
    columns = np.array([row for rows in known for row in rows], np.int64)
    user_rows = [users.get(user) for user in asking]
    return HeldOut(
        users=tuple(asking),
        rows=np.array([-1 if row is None else row for row in user_rows], np.int32),
        matrix=csr_array(
            (np.ones(len(columns), np.float32), columns, indptr), shape=(len(asking), len(items))
        ),
        n_relevant=np.array([len(lists[user].items) for user in asking], np.int64),
    )
