"""Reading TensorFlow's checkpoint format; the files are written here, by the format's description."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zetdard.errors import FormatError
from zetdard.features.audio.musicnn import wire
from zetdard.features.audio.musicnn.checkpoint import crc32c, masked_crc32c, read_checkpoint, read_index

TENSORS = {
    "net/a": np.arange(6, dtype=np.float32).reshape(2, 3),
    "net/ab": np.float32(7).reshape(()),
    "net/b": np.zeros((0, 4), dtype=np.float32),
    "z": np.linspace(-1, 1, 300, dtype=np.float32),
}


def block(pairs: list[tuple[bytes, bytes]]) -> bytes:
    """A block whose keys share what they can with the key before."""
    out, last = b"", b""
    for key, value in pairs:
        shared = 0
        while shared < min(len(key), len(last)) and key[shared] == last[shared]:
            shared += 1
        sizes = (shared, len(key) - shared, len(value))
        out += b"".join(map(wire.varint, sizes)) + key[shared:] + value
        last = key
    out += (0).to_bytes(4, "little") + (1).to_bytes(4, "little")
    return out


def entry(array: np.ndarray, offset: int, kind: int = 1, shard: int = 0) -> bytes:
    shape = b"".join(wire.piece(2, wire.integer(1, length)) for length in array.shape)
    message = wire.integer(1, kind) + wire.piece(2, shape) + wire.integer(3, shard)
    message += wire.integer(4, offset) + wire.integer(5, array.nbytes)
    return message + wire.varint(6 << 3 | wire.FIXED32) + masked_crc32c(array.tobytes()).to_bytes(4, "little")


def written(**how: int) -> tuple[bytes, bytes]:
    """An index of two blocks and its data."""
    data, pairs = b"", [(b"", wire.integer(1, 1))]
    for name, array in TENSORS.items():
        pairs.append((name.encode(), entry(array, len(data), **how)))
        data += array.tobytes()
    out, handles = b"", []
    for part in (pairs[:2], pairs[2:]):
        handles.append((part[-1][0], wire.varint(len(out)) + wire.varint(len(block(part)))))
        out += closed(block(part))
    filters = wire.varint(len(out)) + wire.varint(len(block([])))
    out += closed(block([]))
    of_blocks = wire.varint(len(out)) + wire.varint(len(block(handles)))
    out += closed(block(handles))
    footer = (filters + of_blocks).ljust(40, b"\0") + bytes.fromhex("57fb808b247547db")
    return out + footer, data


def closed(content: bytes, compression: int = 0) -> bytes:
    whole = content + bytes([compression])
    return whole + masked_crc32c(whole).to_bytes(4, "little")


def test_every_tensor_comes_back() -> None:
    found = read_checkpoint(*written())
    assert found.keys() == TENSORS.keys()
    for name, array in TENSORS.items():
        assert found[name].dtype == np.float32
        np.testing.assert_array_equal(found[name], array)


def test_only_what_is_wanted_is_read() -> None:
    index, data = written()
    damaged = data[:-1] + b"\xff"
    assert list(read_checkpoint(index, damaged, lambda name: name == "net/a")) == ["net/a"]
    with pytest.raises(FormatError, match="tensor z is damaged"):
        read_checkpoint(index, damaged)


@pytest.mark.parametrize(("how", "reason"), [({"kind": 3}, "float32"), ({"shard": 1}, "first data file")])
def test_what_is_not_supported_is_refused(how: dict[str, int], reason: str) -> None:
    with pytest.raises(FormatError, match=reason):
        read_checkpoint(*written(**how))


def test_data_that_are_cut_off_are_refused() -> None:
    index, data = written()
    with pytest.raises(FormatError, match="another size"):
        read_checkpoint(index, data[:-4])


def test_a_compressed_block_is_refused() -> None:
    content = block([])
    handle = wire.varint(0) + wire.varint(len(content))
    footer = (handle + handle).ljust(40, b"\0") + bytes.fromhex("57fb808b247547db")
    with pytest.raises(FormatError, match="compressed"):
        read_index(closed(content, compression=1) + footer)


def test_another_file_is_refused() -> None:
    with pytest.raises(FormatError, match="no index"):
        read_index(b"PK\x03\x04" * 100)


@given(at=st.integers(0, 10_000), value=st.integers(1, 255))
def test_a_flipped_byte_is_found_or_changes_nothing(at: int, value: int) -> None:
    index, data = written()
    at %= len(index)
    broken = index[:at] + bytes([index[at] ^ value]) + index[at + 1 :]
    try:
        found = read_checkpoint(broken, data)
    except FormatError:
        return
    # Nobody reads the block of filters, the pointer to it, and the padding of the footer.
    assert found.keys() == TENSORS.keys()
    assert all(np.array_equal(found[name], array) for name, array in TENSORS.items())


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    magic = bytes.fromhex("57fb808b247547db")
    with pytest.raises(FormatError):
        read_index(data.ljust(40, b"\x01") + magic)


@pytest.mark.parametrize(
    ("data", "expected"),
    [(b"123456789", 0xE3069283), (bytes(32), 0x8A9136AA), (b"\xff" * 32, 0x62A8AB43), (b"", 0)],
)
def test_crc32c_of_the_rfc(data: bytes, expected: int) -> None:
    assert crc32c(data) == expected


def test_the_wire_format_of_its_description() -> None:
    assert wire.integer(1, 150) == bytes.fromhex("089601")
    assert wire.piece(2, "testing") == bytes.fromhex("120774657374696e67")
    assert wire.varint(-2) == bytes.fromhex("feffffffffffffffff01")
    assert wire.read_varint(b"\x96\x01", 0) == (150, 2)
    message = wire.integer(1, 150) + wire.piece(2, b"x") + bytes([5 << 3 | 5, 1, 0, 0, 0])
    assert list(wire.read_fields(message)) == [(1, 150), (2, b"x"), (5, 1)]


@given(st.integers(0, 2**64 - 1))
def test_a_varint_comes_back(number: int) -> None:
    written = wire.varint(number)
    assert wire.read_varint(written, 0) == (number, len(written))


@pytest.mark.parametrize("data", [b"\x80", b"\xff" * 10 + b"\x01", b"\xff" * 9 + b"\x7f", b""])
def test_no_varint(data: bytes) -> None:
    with pytest.raises(FormatError):
        wire.read_varint(data, 0)


@pytest.mark.parametrize("data", [b"\x0b", b"\x12\x05abc", b"\x0d\x01"])
def test_no_message(data: bytes) -> None:
    with pytest.raises(FormatError):
        list(wire.read_fields(data))


def test_a_number_that_does_not_fit() -> None:
    with pytest.raises(ValueError, match="64 bits"):
        wire.varint(2**64)
