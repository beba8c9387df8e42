"""The encryption gives, byte for byte, what the known answers say, and decrypts with code of the tests' own."""

from __future__ import annotations

import gzip
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.netease.decrypting import ANSWERS, TEST_KEY, encrypt_reply, undo_weapi
from zetdard.errors import InputError, UnreadableReplyError
from zetdard.sources.netease.crypto import (
    NETEASE_MODULUS,
    Weapi,
    decrypt_reply,
    eapi,
    eapi_digest,
    linuxapi,
    new_secret_key,
)


@pytest.mark.smoke
@pytest.mark.parametrize("known", ANSWERS["weapi"], ids=lambda known: known["key"])
def test_weapi(known: dict[str, str]) -> None:
    weapi = Weapi(known["key"])
    assert weapi.encrypt(known["text"].encode()) == known["params"]
    assert weapi.encrypted_key == known["encSecKey"]


def test_one_known_key_needs_zeros_in_front() -> None:
    assert any(known["encSecKey"].startswith("0") for known in ANSWERS["weapi"])


def test_weapi_under_another_rsa_key() -> None:
    (known,) = ANSWERS["weapi_under_test_key"]
    weapi = Weapi(known["key"], modulus=TEST_KEY["modulus"], exponent=TEST_KEY["exponent"])
    assert weapi.encrypt(known["text"].encode()) == known["params"]
    assert weapi.encrypted_key == known["encSecKey"]
    assert undo_weapi(known["params"], known["encSecKey"]).decode() == known["text"]


@pytest.mark.parametrize("known", ANSWERS["eapi"], ids=lambda known: known["path"])
def test_eapi(known: dict[str, str]) -> None:
    text = known["text"].encode()
    assert eapi_digest(known["path"], text) == known["md5"]
    assert eapi(known["path"], text) == known["params"]


@pytest.mark.parametrize("known", ANSWERS["linuxapi"], ids=["lyric", "song", "search"])
def test_linuxapi(known: dict[str, str]) -> None:
    assert linuxapi(known["text"].encode()) == known["eparams"]


@pytest.mark.parametrize("known", ANSWERS["eapi_replies"], ids=["plain", "login", "cheating"])
def test_encrypted_replies(known: dict[str, str]) -> None:
    assert decrypt_reply(bytes.fromhex(known["encrypted"])).decode() == known["text"]


@given(st.text(max_size=200))
def test_a_text_survives_weapi(text: str) -> None:
    weapi = Weapi(new_secret_key(), modulus=TEST_KEY["modulus"], exponent=TEST_KEY["exponent"])
    encoded = text.encode("utf-8", "surrogatepass")
    assert undo_weapi(weapi.encrypt(encoded), weapi.encrypted_key) == encoded


@given(st.binary(max_size=200))
def test_a_packed_reply_unpacks(text: bytes) -> None:
    assert decrypt_reply(encrypt_reply(gzip.compress(text))) == text


@given(st.binary(max_size=100))
def test_what_is_no_encrypted_reply_is_refused_or_read(content: bytes) -> None:
    with suppress(UnreadableReplyError):
        assert len(decrypt_reply(content)) < len(content)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not whole blocks",
        encrypt_reply(b'{"code":200}' * 9)[:-16],
        encrypt_reply(gzip.compress(b"x" * 1000)[:-9]),
        encrypt_reply(b"\x1f\x8bno gzip"),
        bytes(17),
    ],
    ids=["empty", "garbage", "cut off", "cut off inside", "damaged", "odd"],
)
def test_damaged_replies(content: bytes) -> None:
    with pytest.raises(UnreadableReplyError):
        decrypt_reply(content)


def test_secret_keys_differ_and_have_letters_and_digits() -> None:
    keys = {new_secret_key() for _ in range(50)}
    assert len(keys) == 50
    assert all(len(key) == 16 and key.isalnum() and key.isascii() for key in keys)


@pytest.mark.parametrize(
    ("key", "modulus"), [("short", NETEASE_MODULUS), ("a" * 16, "ff" * 15)], ids=["key", "modulus"]
)
def test_what_cannot_encrypt(key: str, modulus: str) -> None:
    with pytest.raises(InputError):
        Weapi(key, modulus=modulus)
