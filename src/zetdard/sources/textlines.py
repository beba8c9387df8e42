"""From a file's bytes to text: a stated encoding, bounded lines, and the line number of every problem."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Protocol

from zetdard.errors import FormatError, InputError

CHUNK_BYTES = 1 << 16
MAX_LINE_CHARACTERS = 1 << 20
"""Longest line that is held; the rest of a longer one is skipped without being kept."""

# Text codecs by Python's reckoning that no file is written in.
_NOT_FOR_FILES = frozenset({"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape"})


class ByteSource(Protocol):
    """What bytes are read from: a file, or an entry of an archive."""

    def read(self, size: int, /) -> bytes:
        """Return at most ``size`` bytes; none at the end."""
        ...


class BadLineError(FormatError):
    """One line cannot be used; the lines after it can."""


def resolve_encoding(name: str | None, *, default: str = "utf-8") -> str:
    """Return the codec to read with; UTF-8 is read with or without a byte order mark.

    Args:
        name: What the person said, or ``None`` for ``default``.
        default: The format's documented encoding.

    Raises:
        InputError: No text encoding has this name.
    """
    wanted = default if name is None else name
    try:
        found = codecs.lookup(wanted).name
        # Codecs that do not make text of bytes, such as base64, raise LookupError; bytes of no text UnicodeError.
        with suppress(UnicodeError):
            b"a".decode(wanted)
    except (LookupError, ValueError):
        found = "undefined"
    if found.replace("-", "_") in _NOT_FOR_FILES:
        raise InputError(
            f"there is no text encoding named {wanted!r}; examples: utf-8, gb18030, cp1252, utf-16"
        )
    return "utf-8-sig" if found == "utf-8" else found


def open_binary(path: Path) -> BinaryIO:
    """Open a regular file.

    Raises:
        FormatError: It is missing, a folder, a device or a pipe, or may not be read.
    """
    try:
        if path.is_dir():
            raise FormatError("this is a folder; a file is needed here", path=path)
        if path.exists() and not path.is_file():
            raise FormatError("this is not an ordinary file", path=path)
        return path.open("rb")
    except FileNotFoundError:
        raise FormatError("there is no such file", path=path) from None
    except PermissionError:
        raise FormatError("reading this file is not permitted", path=path) from None
    except (OSError, ValueError) as error:
        raise FormatError(f"cannot be opened: {error}", path=path) from None


def require_folder(path: Path) -> None:
    """Raise FormatError unless ``path`` is a folder that may be listed."""
    try:
        if path.is_dir():
            next(path.iterdir(), None)
            return
        exists = path.exists()
    except PermissionError:
        raise FormatError("reading this folder is not permitted", path=path) from None
    except (OSError, ValueError) as error:
        raise FormatError(f"cannot be opened: {error}", path=path) from None
    if exists:
        raise FormatError("this is a file; the folder that holds the files is needed here", path=path)
    raise FormatError("there is no such folder", path=path)


def text_chunks(stream: ByteSource, *, label: Path | str, encoding: str) -> Iterator[str]:
    """Yield the text of ``stream`` in pieces of at most ``CHUNK_BYTES`` bytes each.

    Args:
        stream: Open for reading bytes.
        label: What errors call the file.
        encoding: As ``resolve_encoding`` returned it.

    Raises:
        FormatError: The bytes are not text in this encoding, or reading fails.
    """
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    lines_ended = 0
    while True:
        try:
            data = stream.read(CHUNK_BYTES)
        except OSError as error:
            raise FormatError(f"cannot be read: {error}", path=label) from None
        state = decoder.getstate()
        try:
            text = decoder.decode(data, final=not data)
        except UnicodeError:
            decoder.setstate(state)
            line = lines_ended + _newlines_before_failure(decoder, data) + 1
            raise FormatError(
                f"these bytes are not {encoding.removesuffix('-sig')} text; if the file has another encoding,"
                " name it, for example --encoding gb18030 (Chinese) or --encoding cp1252 (Western Europe)",
                path=label,
                line=line,
            ) from None
        lines_ended += text.count("\n")
        if text:
            yield text
        if not data:
            return


def _newlines_before_failure(decoder: codecs.IncrementalDecoder, data: bytes) -> int:
    ended = 0
    try:
        for index in range(len(data)):
            ended += decoder.decode(data[index : index + 1]).count("\n")
    except UnicodeError:
        pass
    return ended


class TextLines(Iterator[str]):
    r"""The lines of a stream, each with its ``\n`` (only the last may lack it).

    Args:
        stream: Open for reading bytes.
        label: What errors call the file.
        encoding: As ``resolve_encoding`` returned it.

    Iterating raises BadLineError for a line that is too long or holds a NUL character; iterating can go on after it.
    """

    def __init__(self, stream: ByteSource, *, label: Path | str, encoding: str) -> None:
        self.label = label
        self.number = 0
        """Number of the line returned last, counted from 1."""
        self._lines = _bounded_lines(text_chunks(stream, label=label, encoding=encoding))

    def __next__(self) -> str:
        line = next(self._lines)
        self.number += 1
        if line is None:
            raise BadLineError(
                f"the line is longer than {MAX_LINE_CHARACTERS} characters", path=self.label, line=self.number
            )
        if "\0" in line:
            raise BadLineError(
                "the line contains a NUL character; is this a text file of another encoding (--encoding utf-16)?",
                path=self.label,
                line=self.number,
            )
        return line


def _bounded_lines(chunks: Iterator[str]) -> Iterator[str | None]:
    r"""Cut at ``\n`` only (other separators occur inside titles); ``None`` stands for an overlong line."""
    pending = ""
    overlong = False
    for chunk in chunks:
        pieces = chunk.split("\n")
        pieces[0] = "" if overlong and len(pieces) == 1 else pending + pieces[0]
        pending = pieces.pop()
        for piece in pieces:
            if overlong or len(piece) > MAX_LINE_CHARACTERS:
                overlong = False
                yield None
            else:
                yield piece + "\n"
        if len(pending) > MAX_LINE_CHARACTERS:
            overlong, pending = True, ""
    if overlong:
        yield None
    elif pending:
        yield pending
