"""Invented images: a small pattern for each listener, album, playlist and artist, as PNG."""

from __future__ import annotations

import struct
import zlib
from typing import Final

import numpy as np

IMAGE_KINDS: Final = ("user", "song", "playlist", "artist")
_CELLS = 8
_CELL_PIXELS = 8


def pattern(random: np.random.Generator) -> bytes:
    """Return a PNG of 64 × 64 pixels: a pattern with left-right symmetry in two colours.

    Source of the format: PNG (W3C, third edition), sections 5 and 11; one bit a pixel with a palette.
    """
    half = random.random((_CELLS, _CELLS // 2)) < 0.5
    cells = np.concatenate([half, half[:, ::-1]], axis=1)
    # (cells, cells) -> (pixels, pixels / 8): a cell is 8 pixels wide, which is a byte of single bits.
    line_bytes = np.where(cells, 255, 0).astype(np.uint8).repeat(_CELL_PIXELS, axis=0)
    pixels = b"".join(b"\0" + line.tobytes() for line in line_bytes)
    dark, light = random.integers(0, 128, size=3), random.integers(150, 256, size=3)
    palette = bytes(int(value) for value in (*light, *dark))
    side = _CELLS * _CELL_PIXELS
    header = struct.pack(">IIBBBBB", side, side, 1, 3, 0, 0, 0)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", header),
            _chunk(b"PLTE", palette),
            _chunk(b"IDAT", zlib.compress(pixels, 9)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(name: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(name + content)
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", checksum)
