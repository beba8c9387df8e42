"""Reading JSON in bounded memory: the elements of one long array, values one after another, one small file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

from zetdard.errors import FormatError, InputError
from zetdard.sources.base import Refuse
from zetdard.sources.textlines import BadLineError, ByteSource, TextLines, open_binary, text_chunks

MAX_ELEMENT_CHARACTERS = 1 << 20
"""Longest element of an array that is read; a play or a listen takes about a thousand characters."""
MAX_DOCUMENT_CHARACTERS = 100_000_000
"""Largest file that is read as a whole."""

_SPACE = re.compile(r"[ \t\r\n]*")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


class JsonStream:
    """The values in a text of JSON, read piece by piece.

    Args:
        stream: Open for reading bytes.
        label: What errors call the file.
        encoding: As ``resolve_encoding`` returned it.
        limit: Longest single value, in characters.

    Raises (all methods):
        FormatError: The text is not JSON, or a value is longer than ``limit``; nothing after it can be read.
    """

    def __init__(
        self,
        stream: ByteSource,
        *,
        label: Path | str,
        encoding: str,
        limit: int = MAX_ELEMENT_CHARACTERS,
    ) -> None:
        self._label = label
        self._limit = limit
        self._chunks = text_chunks(stream, label=label, encoding=encoding)
        self._text = ""
        self._position = 0
        self._line = 1
        self._ended = False

    def elements(self) -> Iterator[tuple[int, object]]:
        """Yield the line and the value of each element of the array that the whole text is."""
        if self.peek() != "[":
            self._fail("a JSON array was expected")
        self._skip(1)
        if self.peek() == "]":
            self._skip(1)
        else:
            while True:
                yield self._value()
                mark = self.peek()
                if mark not in (",", "]"):
                    self._fail("a comma or the end of the array was expected")
                self._skip(1)
                if mark == "]":
                    break
        if self.peek():
            self._fail("there is something after the end of the array")

    def values(self) -> Iterator[tuple[int, object]]:
        """Yield the line and the value of each of several values with only white space between them."""
        while self.peek():
            yield self._value()

    def peek(self) -> str:
        """Return the next character that is not white space, without taking it; empty at the end."""
        while True:
            space = _SPACE.match(self._text, self._position)
            assert space is not None  # it matches the empty string
            self._skip(space.end() - self._position)
            if self._position < len(self._text):
                return self._text[self._position]
            if not self._read_more():
                return ""

    def _value(self) -> tuple[int, object]:
        if not self.peek():
            self._fail("the file ends where a value was expected")
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._position)
            except RecursionError:
                self._fail("the JSON is nested too deeply")
            except ValueError as error:
                # The value may only be cut off: more text decides, as long as the limit allows it.
                if len(self._text) - self._position > self._limit:
                    self._fail(f"a value is longer than {self._limit} characters, or is not JSON ({error})")
                if not self._read_more(at_least=len(self._text) - self._position):
                    self._fail_at(error)
            else:
                # A number that reaches the end of what was read may go on.
                if end < len(self._text) or not self._read_more():
                    line = self._line
                    self._skip(end - self._position)
                    return line, value

    def _read_more(self, *, at_least: int = 1) -> bool:
        """Append at least so many characters, if there are as many; doubling keeps retries few."""
        pieces: list[str] = []
        length = 0
        while length < at_least and not self._ended:
            piece = next(self._chunks, None)
            if piece is None:
                self._ended = True
            else:
                pieces.append(piece)
                length += len(piece)
        self._text = self._text[self._position :] + "".join(pieces)
        self._position = 0
        return length > 0

    def _skip(self, count: int) -> None:
        end = self._position + count
        self._line += self._text.count("\n", self._position, end)
        self._position = end

    def _fail_at(self, error: ValueError) -> NoReturn:
        if isinstance(error, json.JSONDecodeError):
            self._skip(error.pos - self._position)
            self._fail(f"not readable as JSON: {error.msg}")
        self._fail(f"not readable as JSON: {error}")

    def _fail(self, reason: str) -> NoReturn:
        raise FormatError(reason, path=self._label, line=self._line)


def json_lines(
    stream: ByteSource, refuse: Refuse, *, label: Path | str, encoding: str
) -> Iterator[tuple[int, object]]:
    """Yield the line number and the value of each line that is not blank; lines that are not JSON are refused."""
    lines = TextLines(stream, label=label, encoding=encoding)
    while True:
        try:
            line = next(lines)
        except StopIteration:
            return
        except BadLineError as error:
            refuse(error)
            continue
        if not line.strip():
            continue
        try:
            value = parse_json(line)
        except InputError as error:
            refuse(FormatError(str(error), path=label, line=lines.number))
            continue
        yield lines.number, value


def parse_json(text: str) -> object:
    """Return the value that ``text`` spells; raise InputError if it is not JSON."""
    try:
        value: object = json.loads(text, parse_constant=_refuse_constant)
    except RecursionError:
        raise InputError("the JSON is nested too deeply") from None
    except ValueError as error:
        raise InputError(f"not readable as JSON: {error}") from None
    return value


def json_document(path: Path, *, encoding: str) -> object:
    """Return what a file of at most ``MAX_DOCUMENT_CHARACTERS`` holds, read as a whole.

    Raises:
        FormatError: It cannot be read, is larger, or is not one JSON value.
    """
    with open_binary(path) as stream:
        return json_value(stream, label=path, encoding=encoding)


def json_value(stream: ByteSource, *, label: Path | str, encoding: str) -> object:
    """Return the one JSON value of a stream of at most ``MAX_DOCUMENT_CHARACTERS``; see ``json_document``."""
    pieces: list[str] = []
    length = 0
    for piece in text_chunks(stream, label=label, encoding=encoding):
        length += len(piece)
        if length > MAX_DOCUMENT_CHARACTERS:
            raise FormatError(f"the file is longer than {MAX_DOCUMENT_CHARACTERS} characters", path=label)
        pieces.append(piece)
    try:
        return parse_json("".join(pieces))
    except InputError as error:
        raise FormatError(str(error), path=label) from None
