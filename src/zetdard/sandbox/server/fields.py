"""Readers of the fields of a request: each takes what a client sent and returns the value, or refuses it.

A plain form and the Node server send numbers as text, so each reader takes both.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import orjson

Read = Callable[[object], Any]
"""Reads the value of a field; raises ``ValueError`` where it is of another type."""
_DIGITS = re.compile(r"[0-9]{1,19}")
_MOST_ROWS = 100_000


def whole(value: object) -> int:
    """Read an integer, also one written as text."""
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise ValueError
    return int(value)


def rows(value: object) -> int:
    """Read a number of rows: an integer from 0 on."""
    number = whole(value)
    if not 0 <= number <= _MOST_ROWS:
        raise ValueError
    return number


def moment(value: object) -> int:
    """Read milliseconds since 1970; 0 stands for none."""
    number = whole(value)
    if number < 0:
        raise ValueError
    return number


def entity(value: object) -> str:
    """Read an id: digits, or an integer."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not _DIGITS.fullmatch(text):
        raise ValueError
    return text


def words(value: object) -> str:
    """Read text that is not empty."""
    if not isinstance(value, str) or not value:
        raise ValueError
    return value


def cursor(value: object) -> str:
    """Read a cursor: text, or a number of rows."""
    return value if isinstance(value, str) else str(rows(value))


def flag(value: object) -> bool:
    """Read true or false, also written as text."""
    if value in ("true", "false"):
        return value == "true"
    if not isinstance(value, bool):
        raise ValueError
    return value


def is_true(value: object) -> bool:
    """Read a flag that the service only knows as true."""
    if not flag(value):
        raise ValueError
    return True


def is_zero(value: object) -> int:
    """Read a number that the service only knows as 0."""
    if whole(value):
        raise ValueError
    return 0


def ids(value: object) -> tuple[str, ...]:
    """Read ids from a JSON list inside text: ``[1,2]``."""
    return tuple(entity(entry) for entry in _listed(value))


def song_objects(value: object) -> tuple[str, ...]:
    """Read song ids from a JSON list of objects inside text: ``[{"id":1}]``."""
    entries = _listed(value)
    if not all(isinstance(entry, dict) and "id" in entry for entry in entries):
        raise ValueError
    return tuple(entity(entry["id"]) for entry in entries)


def _listed(value: object) -> list[Any]:
    entries = orjson.loads(words(value))  # its errors are ValueErrors
    if not isinstance(entries, list) or not entries:
        raise ValueError
    return entries


def one_of(*choices: Any) -> Read:
    """Return what reads one of the choices, all text or all numbers."""

    def read(value: object) -> Any:
        found = whole(value) if isinstance(choices[0], int) else words(value)
        if found not in choices:
            raise ValueError
        return found

    return read
