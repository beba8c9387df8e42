"""What a member of a JSON object may be. ``null``, an empty string and absence all mean: not stated."""

from __future__ import annotations

import math
import re

from zetdard.errors import InputError
from zetdard.sources.fields import LATEST_MS, shown

Object = dict[str, object]

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


def as_object(value: object, name: str) -> Object:
    """Return ``value`` if it is a JSON object; raise InputError otherwise."""
    if not isinstance(value, dict):
        raise InputError(f"{name} is not a JSON object but {shown(value)}")
    return value


def as_list(value: object, name: str) -> list[object]:
    """Return ``value`` if it is a JSON array; raise InputError otherwise."""
    if not isinstance(value, list):
        raise InputError(f"{name} is not a JSON array but {shown(value)}")
    return value


def optional_object(parent: Object, name: str) -> Object:
    """Return the object under ``name``; an empty one if nothing is stated."""
    value = parent.get(name)
    return {} if value is None else as_object(value, name)


def optional_list(parent: Object, name: str) -> list[object]:
    """Return the array under ``name``; an empty one if nothing is stated."""
    value = parent.get(name)
    return [] if value is None else as_list(value, name)


def optional_text(parent: Object, name: str) -> str | None:
    """Return the string under ``name``; ``None`` if nothing but white space is stated."""
    value = parent.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise InputError(f"{name} is not a string but {shown(value)}")
    return value if value.strip() else None


def required_text(parent: Object, name: str) -> str:
    """Return the string under ``name``; raise InputError if nothing is stated."""
    value = optional_text(parent, name)
    if value is None:
        raise InputError(f"{name} is missing")
    return value


def optional_uuid(parent: Object, name: str) -> str | None:
    """Return the MusicBrainz-style id under ``name`` in lower case; raise InputError if it is no UUID."""
    value = optional_text(parent, name)
    return None if value is None else as_uuid(value, name)


def as_uuid(value: object, name: str) -> str:
    """Return ``value`` in lower case; raise InputError if it is no UUID."""
    if not isinstance(value, str) or not _UUID.fullmatch(value.lower()):
        raise InputError(
            f"{name} {shown(value)} is not an id of the form 01234567-89ab-cdef-0123-456789abcdef"
        )
    return value.lower()


def optional_count(parent: Object, name: str) -> int | None:
    """Return the whole number, 0 or more, under ``name``."""
    value = parent.get(name)
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    # bool is an int to Python, not to JSON.
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**63:
        raise InputError(f"{name} {shown(value)} is not a whole number of 0 or more")
    return value


def required_count(parent: Object, name: str) -> int:
    """Return the whole number, 0 or more, under ``name``; raise InputError if nothing is stated."""
    value = optional_count(parent, name)
    if value is None:
        raise InputError(f"{name} is missing")
    return value


def seconds_as_ms(parent: Object, name: str) -> int:
    """Return the time under ``name``, stated in seconds since 1970-01-01 UTC, in milliseconds.

    Raises:
        InputError: It is missing, no number, or outside 1970 … 9999.
    """
    value = parent.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise InputError(f"{name} {shown(value)} is not a time in seconds since 1970")
    if not 0 < value < LATEST_MS / 1000:
        raise InputError(f"{name} {shown(value)} lies outside the years 1970 to 9999; seconds are needed")
    return round(value * 1000)
