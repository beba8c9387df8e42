"""The wire format of protocol buffers: just what reading a checkpoint and writing a graph need.

A message is a row of fields. A field is a varint key ``number << 3 | kind`` and its value: kind 0 a varint, kind 1
eight bytes, kind 2 a length and that many bytes, kind 5 four bytes. Integers are little-endian.

Source: https://protobuf.dev/programming-guides/encoding/
"""

from __future__ import annotations

from collections.abc import Iterator

from zetdard.errors import FormatError

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
"""Kinds of values."""

_LONGEST_VARINT = 10
"""Bytes of a varint of 64 bits."""


def read_varint(data: bytes, at: int) -> tuple[int, int]:
    """Return the unsigned varint that begins at ``at``, and where the next thing begins.

    Raises:
        FormatError: The data end before the number does, or it has more than 64 bits.
    """
    number = 0
    for place in range(_LONGEST_VARINT):
        if at + place >= len(data):
            raise FormatError("the data end within a number")
        byte = data[at + place]
        number |= (byte & 0x7F) << (7 * place)
        if not byte & 0x80:
            if number >> 64:
                break
            return number, at + place + 1
    raise FormatError("a number has more than 64 bits")


def read_fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Yield (field number, value) of a message: an integer for kinds 0, 1 and 5, bytes for kind 2.

    Raises:
        FormatError: The message is cut off, or has a kind that does not exist.
    """
    at = 0
    while at < len(data):
        key, at = read_varint(data, at)
        number, kind = key >> 3, key & 7
        if kind == VARINT:
            value, at = read_varint(data, at)
            yield number, value
            continue
        if kind == BYTES:
            size, at = read_varint(data, at)
        elif kind in (FIXED64, FIXED32):
            size = 8 if kind == FIXED64 else 4
        else:
            raise FormatError(f"a field is of the unknown kind {kind}")
        if at + size > len(data):
            raise FormatError("the data end within a field")
        piece = data[at : at + size]
        at += size
        yield number, piece if kind == BYTES else int.from_bytes(piece, "little")


def varint(number: int) -> bytes:
    """Return ``number`` as a varint; a negative one as its 64-bit two's complement.

    Raises:
        ValueError: It does not fit into 64 bits.
    """
    if not -(1 << 63) <= number < 1 << 64:
        raise ValueError(f"{number} does not fit into 64 bits")
    left = number & (1 << 64) - 1
    out = bytearray()
    while left >= 0x80:
        out.append(left & 0x7F | 0x80)
        left >>= 7
    out.append(left)
    return bytes(out)


def integer(number: int, value: int) -> bytes:
    """Return field ``number`` with an integer."""
    return varint(number << 3 | VARINT) + varint(value)


def piece(number: int, value: bytes | str) -> bytes:
    """Return field ``number`` with bytes, a text, or a message that is already written."""
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | BYTES) + varint(len(data)) + data
