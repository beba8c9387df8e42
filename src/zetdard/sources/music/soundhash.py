"""The content hash of a sound: of the bytes that are sound, without the tags around them.

So a file stays the same song when its tags are changed, a cover is added, or it is moved. Nothing is decoded: the same
recording in another coding has another hash.

References: ID3v2.4 (id3.org), APEv2 and Lyrics3v2; FLAC (RFC 9639); Ogg (RFC 3533), Vorbis I, Ogg Opus (RFC 7845); ISO/IEC
14496-12.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_PIECE = 1 << 20

Span = tuple[int, int]
"""First byte, and the one after the last."""


def sound_hash(path: Path) -> str:
    """Return the SHA-256 of the sound of a file, 64 lower-case hex digits.

    Where the parts of a file cannot be told apart, it is that of the whole file.

    Raises:
        OSError: The file cannot be read.
    """
    digest = hashlib.sha256()
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        spans = list(_sound(file, size)) or [(0, size)]
        for start, end in spans:
            file.seek(start)
            left = end - start
            while left > 0 and (piece := file.read(min(left, _PIECE))):
                digest.update(piece)
                left -= len(piece)
    return digest.hexdigest()


def _sound(file: BinaryIO, size: int) -> Iterator[Span]:
    """Yield the stretches of a file that are sound; none where that is not known."""
    start = _after_id3(file, 0)
    head = _at(file, start, 12)
    if head[:4] == b"fLaC":
        yield from _flac(file, start, size)
    elif head[:4] == b"OggS":
        yield from _ogg(file, start, size)
    elif head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        yield from _chunks(file, start + 12, size, (b"fmt ", b"data"), "little")
    elif head[:4] == b"FORM" and head[8:11] == b"AIF":
        yield from _chunks(file, start + 12, size, (b"COMM", b"SSND"), "big")
    elif head[4:8] == b"ftyp":
        yield from _mp4(file, size)
    elif len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:
        yield start, _before_tail_tags(file, start, size)


def _after_id3(file: BinaryIO, start: int) -> int:
    """Return where an ID3v2 tag ends, or several one after another."""
    while (head := _at(file, start, 10))[:3] == b"ID3" and len(head) == 10 and max(head[6:10]) < 0x80:
        size = sum(byte << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))
        start += 10 + size + (10 if head[5] & 0x10 else 0)  # with a footer
    return start


def _before_tail_tags(file: BinaryIO, start: int, end: int) -> int:
    """Return where the tags at the end of an MPEG file begin: ID3v1, Lyrics3v2, APEv2, in any order."""
    former = -1
    while former != end:
        former = end
        if _at(file, end - 128, 3) == b"TAG" and end - 128 >= start:
            end -= 128
        tail = _at(file, end - 15, 15)
        if tail[6:] == b"LYRICS200" and tail[:6].isdigit():
            end -= int(tail[:6]) + 15
        tail = _at(file, end - 32, 32)
        if tail[:8] == b"APETAGEX":
            has_header = int.from_bytes(tail[20:24], "little") >> 31
            end -= int.from_bytes(tail[12:16], "little") + 32 * has_header
        if end < start:  # lengths that cannot be: nothing is believed
            return former
    return end


def _flac(file: BinaryIO, start: int, size: int) -> Iterator[Span]:
    place = start + 4
    while place + 4 <= size:
        head = _at(file, place, 4)
        place += 4 + int.from_bytes(head[1:4], "big")
        if head[0] & 0x80:
            if place < size:
                yield place, size
            return


def _ogg(file: BinaryIO, place: int, size: int) -> Iterator[Span]:
    """Yield the pages' bodies after those with header packets: a longer comment numbers the pages anew."""
    headers: int | None = None
    packets = 0
    while place + 27 <= size:
        head = _at(file, place, 27)
        if head[:4] != b"OggS":
            return
        lacing = _at(file, place + 27, head[26])
        body = place + 27 + len(lacing)
        end = body + sum(lacing)
        if headers is None:
            begin = _at(file, body, 8)
            headers = 3 if begin[:7] == b"\x01vorbis" else 2 if begin == b"OpusHead" else 0
            if not headers:
                return
        if packets < headers:
            packets += sum(length < 255 for length in lacing)
        elif body < min(end, size):
            yield body, min(end, size)
        place = end


def _chunks(file: BinaryIO, place: int, size: int, wanted: tuple[bytes, ...], order: str) -> Iterator[Span]:
    while place + 8 <= size:
        head = _at(file, place, 8)
        length = int.from_bytes(head[4:8], "little" if order == "little" else "big")
        end = min(place + 8 + length, size)
        if head[:4] in wanted and end > place + 8:
            yield place + 8, end
        place += 8 + length + length % 2  # chunks are padded to even lengths


def _mp4(file: BinaryIO, size: int) -> Iterator[Span]:
    place = 0
    while place + 8 <= size:
        head = _at(file, place, 16)
        length, begin = int.from_bytes(head[:4], "big"), place + 8
        if length == 1:
            length, begin = int.from_bytes(head[8:16], "big"), place + 16
        end = size if length == 0 else place + length
        if end <= place:
            return
        if head[4:8] == b"mdat" and begin < min(end, size):
            yield begin, min(end, size)
        place = end


def _at(file: BinaryIO, place: int, length: int) -> bytes:
    if place < 0:
        return b""
    file.seek(place)
    return file.read(length)
