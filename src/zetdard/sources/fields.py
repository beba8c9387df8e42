"""What a text field may be: an id, a whole number, a date. Everything else is refused, nothing is repaired."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from zetdard.errors import InputError

DAY_MS = 86_400_000
LATEST_MS = 253_402_300_800_000
"""Start of the year 10000: later times are damage."""

_SPREADSHEET_NUMBER = re.compile(r"\d(?:\.\d+)?[eE]\+\d+", re.ASCII)
_WHOLE = re.compile(r"-?\d{1,19}", re.ASCII)
_DECIMAL = re.compile(r"\d{1,15}(?:\.\d{1,15})?", re.ASCII)
_ISO_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_EPOCH_DAY = date(1970, 1, 1).toordinal()


def shown(value: object) -> str:
    """Return ``value`` as an error message quotes it, cut to a readable length."""
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "…"


def identifier(text: str, name: str) -> str:
    """Return ``text`` unchanged; ids are opaque.

    Raises:
        InputError: It is empty, or a spreadsheet has replaced a long id by a rounded number. A plus sign tells:
            ``1.23E+11`` is damage, ``37e075492390`` is a hash.
    """
    if not text.strip():
        raise InputError(f"{name} is empty")
    if "+" in text and _SPREADSHEET_NUMBER.fullmatch(text):
        raise InputError(
            f"{name} {shown(text)} was an id before a spreadsheet rounded it; export the file again"
            " and do not save it from a spreadsheet, or import the column there as text"
        )
    return text


def required(text: str, name: str) -> str:
    """Return ``text`` unchanged; raise InputError if there is nothing in it."""
    if not text.strip():
        raise InputError(f"{name} is empty")
    return text


def whole_number(text: str, name: str, *, minimum: int = 0, maximum: int = 2**63 - 1) -> int:
    """Return the whole number that ``text`` spells in plain digits.

    Raises:
        InputError: It is no such number or lies outside ``minimum`` … ``maximum``.
    """
    if not _WHOLE.fullmatch(text):
        raise InputError(f"{name} {shown(text)} is not a whole number")
    value = int(text)
    if not minimum <= value <= maximum:
        raise InputError(f"{name} {value} is not between {minimum} and {maximum}")
    return value


def decimal_number(text: str, name: str, *, maximum: float) -> float:
    """Return the number from 0 to ``maximum`` that ``text`` spells in digits, perhaps with a decimal point."""
    if not _DECIMAL.fullmatch(text):
        raise InputError(f"{name} {shown(text)} is not a number")
    value = float(text)
    if value > maximum:
        raise InputError(f"{name} {text} is not between 0 and {maximum:g}")
    return value


def day_ms(year: int, month: int, day: int) -> int:
    """Return the start of the day in milliseconds since 1970-01-01 UTC.

    Raises:
        InputError: There is no such day.
    """
    try:
        return (date(year, month, day).toordinal() - _EPOCH_DAY) * DAY_MS
    except (ValueError, OverflowError):
        raise InputError(f"there is no day {day} of month {month} in the year {year}") from None


def minute_ms(year: int, month: int, day: int, hour: int, minute: int, second: int = 0) -> int:
    """Return a UTC time in milliseconds since 1970-01-01 UTC; raise InputError if there is no such time."""
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except (ValueError, OverflowError):
        raise InputError(
            f"there is no time {year}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"
        ) from None
    return int(moment.timestamp()) * 1000


def iso_date_ms(text: str, name: str) -> int:
    """Return the start of an ISO day (``2024-05-07``) in milliseconds since 1970-01-01 UTC."""
    match = _ISO_DATE.fullmatch(text)
    if not match:
        raise InputError(f"{name} {shown(text)} is not a date like 2024-05-07")
    year, month, day = map(int, match.groups())
    try:
        return day_ms(year, month, day)
    except InputError as error:
        raise InputError(f"{name} {shown(text)}: {error}") from None
