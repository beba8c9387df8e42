"""Reading a TensorFlow checkpoint (format V2) without TensorFlow.

The index file is a LevelDB table: blocks of sorted (key, value) pairs, each followed by a byte that names its
compression and a CRC-32C; a footer of 48 bytes says where the block of blocks lies. A key is a tensor's name, a value
a ``BundleEntryProto`` that says type, shape and place in the data file. The empty key is the header.

Sources: LevelDB's ``doc/table_format.md``; TensorFlow's ``tensor_bundle.proto``, ``types.proto``,
``tensor_shape.proto``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zetdard.errors import FormatError
from zetdard.features.audio.musicnn.wire import read_fields, read_varint

_MAGIC = 0xDB4775248B80FB57
_FOOTER_SIZE = 48
_TRAILER_SIZE = 5
"""One byte of compression and four of checksum after each block."""
_FLOAT = 1
"""``DT_FLOAT`` of ``types.proto``."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a tensor lies and what it is.

    Attributes:
        kind: Number of its type in ``types.proto``; 1 is float32.
        shape: Its lengths.
        shard: Number of its data file.
        offset: Its first byte there.
        size: Its length in bytes.
        checksum: Masked CRC-32C of these bytes.
    """

    kind: int
    shape: tuple[int, ...]
    shard: int
    offset: int
    size: int
    checksum: int


def read_checkpoint(
    index: bytes, data: bytes, wanted: Callable[[str], bool] = lambda name: True
) -> dict[str, NDArray[np.float32]]:
    """Return the float32 tensors of a checkpoint with one data file.

    Args:
        index: Content of the ``.index`` file.
        data: Content of the ``.data-00000-of-00001`` file.
        wanted: Which names to read; others are not touched.

    Raises:
        FormatError: A file breaks its format, or a wanted tensor is damaged, lies in another file or is not float32.
    """
    return {name: _tensor(name, entry, data) for name, entry in read_index(index).items() if wanted(name)}


def read_index(index: bytes) -> dict[str, Entry]:
    """Return what the index says about each tensor.

    Raises:
        FormatError: It breaks its format or a checksum.
    """
    if len(index) < _FOOTER_SIZE or int.from_bytes(index[-8:], "little") != _MAGIC:
        raise FormatError("this is no index of a TensorFlow checkpoint")
    footer = index[-_FOOTER_SIZE:]
    _, at = _handle(footer, 0)  # the block of filters, which TensorFlow leaves empty
    of_blocks, _ = _handle(footer, at)
    entries: dict[str, Entry] = {}
    for _, value in _pairs(_block(index, *of_blocks)):
        place, _ = _handle(value, 0)
        for key, message in _pairs(_block(index, *place)):
            if key:
                try:
                    entries[key.decode()] = _entry(message)
                except UnicodeDecodeError:
                    raise FormatError("a tensor's name is not UTF-8") from None
    return entries


def _handle(data: bytes, at: int) -> tuple[tuple[int, int], int]:
    """Return (offset, size) of a block, and where the next thing begins."""
    offset, at = read_varint(data, at)
    size, at = read_varint(data, at)
    return (offset, size), at


def _block(index: bytes, offset: int, size: int) -> bytes:
    end = offset + size
    if end + _TRAILER_SIZE > len(index):
        raise FormatError("a block of the index lies outside of the file")
    if masked_crc32c(index[offset : end + 1]) != int.from_bytes(index[end + 1 : end + 5], "little"):
        raise FormatError("a block of the index is damaged")
    if index[end] != 0:
        raise FormatError("a block of the index is compressed, which is not supported")
    return index[offset:end]


def _pairs(block: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the pairs of a block; a key is stored as what differs from the key before it."""
    n_restarts = int.from_bytes(block[-4:], "little")
    end = len(block) - 4 * (n_restarts + 1)
    if len(block) < 4 or end < 0:
        raise FormatError("a block of the index is cut off")
    at, key = 0, b""
    while at < end:
        shared, at = read_varint(block, at)
        n_new, at = read_varint(block, at)
        n_value, at = read_varint(block, at)
        if shared > len(key) or at + n_new + n_value > end:
            raise FormatError("a block of the index is cut off")
        key = key[:shared] + block[at : at + n_new]
        at += n_new
        yield key, block[at : at + n_value]
        at += n_value


def _entry(message: bytes) -> Entry:
    values: dict[int, int] = {}
    shape: tuple[int, ...] = ()
    for number, value in read_fields(message):
        if number == 7:
            raise FormatError("a tensor is stored in slices, which is not supported")
        if isinstance(value, int):
            values[number] = value
        elif number == 2:
            shape = tuple(_lengths(value))
    kind, shard, offset, size, checksum = (values.get(number, 0) for number in (1, 3, 4, 5, 6))
    return Entry(kind, shape, shard, offset, size, checksum)


def _lengths(message: bytes) -> Iterator[int]:
    """Yield the lengths of a ``TensorShapeProto``: field 2 is a dimension, whose field 1 is its length."""
    for number, dimension in read_fields(message):
        if number == 2 and isinstance(dimension, bytes):
            # A length of zero is not written.
            yield next((v for n, v in read_fields(dimension) if n == 1 and isinstance(v, int)), 0)


def _tensor(name: str, entry: Entry, data: bytes) -> NDArray[np.float32]:
    if entry.kind != _FLOAT or entry.shard != 0:
        raise FormatError(f"the tensor {name} is not float32 in the first data file")
    raw = data[entry.offset : entry.offset + entry.size]
    whole = entry.size == 4 * math.prod(entry.shape) == len(raw)
    if not whole or max(entry.shape, default=0) > len(data):
        raise FormatError(f"the tensor {name} has another size than its shape")
    if masked_crc32c(raw) != entry.checksum:
        raise FormatError(f"the tensor {name} is damaged")
    return np.frombuffer(raw, dtype="<f4").astype(np.float32).reshape(entry.shape)


def masked_crc32c(data: bytes) -> int:
    """Return LevelDB's checksum: CRC-32C, turned right by 15 bits, plus a constant.

    It is masked because a checksum over data that hold their own checksum would be weak.
    """
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def crc32c(data: bytes) -> int:
    """Return the CRC-32C (Castagnoli), RFC 3720 appendix B.4: reflected polynomial 0x82F63B78."""
    table = _TABLE
    crc = 0xFFFFFFFF
    for byte in data:
        crc = table[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


def _table() -> list[int]:
    table = []
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
        table.append(crc)
    return table


_TABLE = _table()
