"""Members of a reply: what is required, what is optional, and where in the reply something is wrong.

What a record cannot do without is required: anything else there is a ``Misread``. All the rest is optional, and a
value of the wrong type counts as not stated. No path is built unless something is wrong: whoever goes into a member
or an array adds its place to the ``Misread`` that comes out.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from typing import Any, ParamSpec, TypeVar

from zetdard.errors import InputError, UnreadableReplyError
from zetdard.sources.fields import LATEST_MS, shown

Json = Mapping[str, Any]

Arguments = ParamSpec("Arguments")
Value = TypeVar("Value")

_MOST = 2**63 - 1
_DIGITS = re.compile(r"\d{1,20}", re.ASCII)
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_EARLIEST_RELEASE_MS = -2_208_988_800_000
"""Start of the year 1900. Older recordings are damage, and so is the day before, which means "unset"."""


class Misread(Exception):  # noqa: N818 - never leaves the readers
    """Something in a reply is not as documented.

    Args:
        reason: What is wrong.
        parts: Names of members and numbers in arrays that lead to the place.
    """

    def __init__(self, reason: str, *parts: str | int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.parts = list(parts)

    def within(self, *parts: str | int) -> Misread:
        """Return it as seen from further out."""
        self.parts[:0] = parts
        return self

    def refusal(self) -> UnreadableReplyError:
        """Return the error with the JSON path."""
        path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.parts)
        return UnreadableReplyError(self.reason, path=f"${path}")


def reader(function: Callable[Arguments, Value]) -> Callable[Arguments, Value]:
    """Make a reader raise UnreadableReplyError with the place of what is wrong."""

    @functools.wraps(function)
    def read(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Value:
        try:
            return function(*args, **kwargs)
        except Misread as error:
            raise error.refusal() from None
        except InputError as error:
            raise UnreadableReplyError(str(error)) from None

    return read


def each(items: list[Any], read: Callable[[Json], Value], *parts: str | int) -> list[Value]:
    """Return what ``read`` makes of each object of the array that ``parts`` lead to."""
    values = []
    place = 0
    try:
        for place, item in enumerate(items):  # noqa: B007 - read where it fails
            if type(item) is not dict:
                raise Misread(f"is not an object but {shown(item)}")
            values.append(read(item))
    except Misread as error:
        raise error.within(*parts, place) from None
    except InputError as error:
        raise Misread(str(error), *parts, place) from None
    return values


def member(parent: Json, name: str) -> Json:
    """Return the object under ``name``."""
    value = parent.get(name)
    if type(value) is not dict:
        raise Misread("is missing" if value is None else f"is not an object but {shown(value)}", name)
    return value


def array(parent: Json, name: str) -> list[Any]:
    """Return the array under ``name``."""
    value = parent.get(name)
    if type(value) is not list:
        raise Misread("is missing" if value is None else f"is not an array but {shown(value)}", name)
    return value


def optional_member(parent: Json, name: str) -> Json:
    """Return the object under ``name``; an empty one if there is none."""
    value = parent.get(name)
    return value if type(value) is dict else {}


def optional_array(parent: Json, name: str) -> list[Any]:
    """Return the array under ``name``; an empty one if there is none."""
    value = parent.get(name)
    return value if type(value) is list else []


def identifier(value: object) -> str | None:
    """Return an id as an opaque string; ``None`` if it is none. It is a whole number, or digits."""
    if type(value) is int:
        return str(value) if 0 <= value <= _MOST else None
    if type(value) is str and _DIGITS.fullmatch(value):
        return value
    return None


def ident(parent: Json, name: str) -> str:
    """Return the id under ``name``."""
    value = parent.get(name)
    if type(value) is int and 0 < value <= _MOST:
        return str(value)
    found = identifier(value)
    if found is None:
        raise Misread("is missing" if value is None else f"is not an id but {shown(value)}", name)
    return found


def clean(text: str) -> str:
    """Return the text with what no database keeps replaced by U+FFFD: NUL and halves of surrogate pairs."""
    if text.isascii() and "\0" not in text:
        return text
    return _UNSTORABLE.sub("\ufffd", text)


def text(parent: Json, name: str) -> str:
    """Return the text under ``name``, which may be empty."""
    value = parent.get(name)
    if type(value) is not str:
        raise Misread("is missing" if value is None else f"is not a text but {shown(value)}", name)
    return clean(value)


def optional_text(parent: Json, name: str) -> str | None:
    """Return the text under ``name``; ``None`` if there is none or it is blank."""
    value = parent.get(name)
    return clean(value) if type(value) is str and value.strip() else None


def number(parent: Json, name: str) -> int | None:
    """Return the whole number from 0 under ``name``."""
    value = parent.get(name)
    if type(value) is float and value.is_integer():
        value = int(value)  # large counts are written as 1.2E7
    return value if type(value) is int and 0 <= value <= _MOST else None


def moment(parent: Json, name: str) -> int | None:
    """Return the time under ``name`` in milliseconds; 0 means that it is not known."""
    value = number(parent, name)
    return value if value and value < LATEST_MS else None


def release(value: object) -> int | None:
    """Return when a song came out in milliseconds, from 1900 on; 0 means that it is not known."""
    if type(value) is int and value and _EARLIEST_RELEASE_MS <= value < LATEST_MS:
        return value
    return None


def address(parent: Json, name: str) -> str | None:
    """Return the web address under ``name``."""
    value = parent.get(name)
    if type(value) is str and value.startswith(("http://", "https://")) and value.isascii():
        return value if value.isprintable() and " " not in value else None
    return None


def says(parent: Json, name: str) -> bool:
    """Return whether the member under ``name`` is ``true``."""
    return parent.get(name) is True
