"""The known answers, and decryption as an upstream does it: none of it is code of the client."""

from __future__ import annotations

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

ANSWERS: dict[str, Any] = json.loads(
    Path(__file__).with_name("known_answers.json").read_text(encoding="utf-8")
)
TEST_KEY = ANSWERS["rsa_test_key"]


def undo_aes(content: bytes, key: bytes, mode: modes.Mode) -> bytes:
    decryptor = Cipher(algorithms.AES(key), mode).decryptor()
    padded = decryptor.update(content) + decryptor.finalize()
    unpadder = padding.PKCS7(128).unpadder()
    return unpadder.update(padded) + unpadder.finalize()


def undo_weapi(params: str, encrypted_key: str) -> bytes:
    """What an upstream with the test's private key does."""
    number = pow(int(encrypted_key, 16), int(TEST_KEY["private"], 16), int(TEST_KEY["modulus"], 16))
    key = number.to_bytes(128, "big").lstrip(b"\0")[::-1]
    iv = modes.CBC(b"0102030405060708")
    return undo_aes(b64decode(undo_aes(b64decode(params), key, iv)), b"0CoJUm6Qyw8W8jud", iv)


def encrypt_reply(text: bytes) -> bytes:
    padder = padding.PKCS7(128).padder()
    encryptor = Cipher(algorithms.AES(b"e82ckenh8dichen8"), modes.ECB()).encryptor()
    return encryptor.update(padder.update(text) + padder.finalize()) + encryptor.finalize()
