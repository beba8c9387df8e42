"""What every record refuses, so that the store can keep the rest faithfully."""

from __future__ import annotations

from dataclasses import dataclass, fields

from zetdard.errors import InputError

MAX_ID_CHARACTERS = 300
MAX_TAG_CHARACTERS = 500
MAX_MBID_CHARACTERS = 36
MAX_POSITION = 2**31 - 1
_MAX_NUMBER = 2**63 - 1

_NAMES: dict[type, tuple[str, ...]] = {}
"""Names of the fields of each kind of record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseRecord:
    """Refuses what no database keeps faithfully, and unusable ids.

    NUL characters, lone surrogates, whole numbers of more than 64 bits, numbers that are not finite, and texts that
    are longer than their column.
    """

    def __post_init__(self) -> None:
        for name in _NAMES.get(type(self)) or _learn_names(type(self)):
            value = getattr(self, name)
            if value is None:
                continue
            if isinstance(value, str):
                _refuse_unstorable(name, value)
            elif isinstance(value, tuple):
                for part in value:
                    if isinstance(part, str):
                        _refuse_unstorable(name, part)
            elif isinstance(value, int | float):
                _refuse_bad_number(name, value)
            if name in _ID_FIELDS:
                _refuse_bad_id(name, value)


def _learn_names(kind: type[BaseRecord]) -> tuple[str, ...]:
    # Once for each kind: records are made by the million.
    return _NAMES.setdefault(kind, tuple(field.name for field in fields(kind)))


_ID_FIELDS = frozenset({"id", "user", "song", "artist", "playlist", "followed", "creator", "similar", "of"})
_MAX_CHARACTERS = {"tag": MAX_TAG_CHARACTERS, "recording_mbid": MAX_MBID_CHARACTERS}


def _refuse_unstorable(name: str, value: str) -> None:
    if "\0" in value:
        raise InputError(f"{name} contains a NUL character")
    if name in _MAX_CHARACTERS and len(value) > _MAX_CHARACTERS[name]:
        raise InputError(f"{name} has {len(value)} characters; {_MAX_CHARACTERS[name]} are allowed")
    if not value.isascii():
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            raise InputError(f"{name} contains half of a surrogate pair") from None


def _refuse_bad_number(name: str, value: float) -> None:
    if not abs(value) <= _MAX_NUMBER:  # also where it is not a number
        raise InputError(f"{name} {value} is too large to be stored, or not a number")
    if name == "position" and not 0 <= value <= MAX_POSITION:
        raise InputError(f"position {value} is not between 0 and {MAX_POSITION}")


def _refuse_bad_id(name: str, value: object) -> None:
    if not isinstance(value, str):
        raise InputError(f"{name} must be a string, not {type(value).__name__}: ids are opaque")
    if not value or value != value.strip():
        raise InputError(f"{name} {value!r} is empty or has white space at an end")
    if len(value) > MAX_ID_CHARACTERS:
        raise InputError(f"{name} has {len(value)} characters; {MAX_ID_CHARACTERS} are allowed")
