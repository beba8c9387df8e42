"""What a file is by its first bytes, and where its own header misleads a decoder.

Only the traps are read here; soundfile reads the formats themselves.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import BinaryIO

MP4 = "mp4"
MPEG = "mpeg"
RIFF = "riff"
OTHER = "other"

_KNOWN = (b"OggS", b"fLaC", b"FORM", b".snd", b"caff", b"RF64", b"riff")
_SEARCHED_BYTES = 1 << 16
_COMPARED_FRAMES = 400

# ISO/IEC 11172-3, table of bitrates (kbit/s) and 13818-3 for the lower rates; row: (version, layer).
_BITRATES = {
    (1, 3): (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 3): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES = {0b11: (44_100, 48_000, 32_000), 0b10: (22_050, 24_000, 16_000), 0b00: (11_025, 12_000, 8_000)}


def kind_of(file: BinaryIO) -> str:
    """Return ``MP4``, ``MPEG``, ``RIFF`` or ``OTHER``, from the content alone; the position is left at 0."""
    head = _at(file, 0, 16)
    if head[4:8] == b"ftyp":
        return MP4
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return RIFF
    if head[:3] == b"ID3" or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0):
        return MPEG
    return OTHER


def is_known(file: BinaryIO) -> bool:
    """Return whether the first bytes are those of a sound format, so that a failure means damage."""
    return kind_of(file) != OTHER or _at(file, 0, 4) in _KNOWN


def missing_wave_bytes(file: BinaryIO) -> int:
    """Return how many bytes of the sound that a WAVE header announces are not in the file.

    Lengths of 0 and 2³² − 1 are written by programs that cannot go back to the header; they announce nothing.
    """
    size = file.seek(0, os.SEEK_END)
    place = 12
    while place + 8 <= size:
        chunk = _at(file, place, 8)
        length = int.from_bytes(chunk[4:8], "little")
        if chunk[:4] == b"data":
            announced = 0 if length in (0, 2**32 - 1) else length
            return max(0, announced - (size - place - 8))
        place += 8 + length + length % 2  # chunks are padded to even lengths
    return 0


def has_unstated_length(file: BinaryIO) -> bool:
    """Return whether an MPEG file varies its bitrate and has no header that states its length.

    A decoder then guesses the length from the first bitrate, and libsndfile stops there, in the middle of the music.
    """
    start = _after_tags(file)
    first = _at(file, start, _SEARCHED_BYTES)
    offset = _first_frame(first)
    if offset < 0:
        return False
    head = first[offset : offset + 200]
    if any(mark in head for mark in (b"Xing", b"Info", b"VBRI")):
        return False
    return len(set(_bitrates(file, start + offset))) > 1


def _at(file: BinaryIO, place: int, length: int) -> bytes:
    file.seek(place)
    data = file.read(length)
    file.seek(0)
    return data


def _after_tags(file: BinaryIO) -> int:
    """Return where the sound begins: after ID3v2 tags, whose length is written in seven bits a byte."""
    place = 0
    while (head := _at(file, place, 10))[:3] == b"ID3" and len(head) == 10:
        length = 0
        for byte in head[6:10]:
            length = length << 7 | (byte & 0x7F)
        place += 10 + length + (10 if head[5] & 0x10 else 0)
    return place


def _first_frame(data: bytes) -> int:
    """Return where two frames in a row begin, or -1."""
    for offset in range(len(data) - 4):
        if data[offset] == 0xFF and (frame := _frame(data[offset : offset + 4])):
            following = data[offset + frame[0] : offset + frame[0] + 4]
            if _frame(following):
                return offset
    return -1


def _bitrates(file: BinaryIO, place: int) -> Iterator[int]:
    for _ in range(_COMPARED_FRAMES):
        frame = _frame(_at(file, place, 4))
        if not frame:
            return
        length, bitrate = frame
        yield bitrate
        place += length


def _frame(head: bytes) -> tuple[int, int] | None:
    """Return (bytes, kbit/s) of a layer III frame, or None where there is none."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0 or (head[1] >> 1) & 3 != 0b01:
        return None
    version, bitrate_index, rate_index = (head[1] >> 3) & 3, head[2] >> 4, (head[2] >> 2) & 3
    if version == 0b01 or bitrate_index in (0, 15) or rate_index == 3:
        return None
    whole = version == 0b11  # MPEG 1: 1152 samples a frame, else 576
    bitrate = _BITRATES[(1 if whole else 2, 3)][bitrate_index]
    rate = _RATES[version][rate_index]
    return (144 if whole else 72) * bitrate * 1000 // rate + ((head[2] >> 1) & 1), bitrate
