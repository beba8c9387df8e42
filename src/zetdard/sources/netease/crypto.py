"""The three encryptions of NetEase's endpoints.

=========  ===============================================================================================
weapi      AES-128-CBC twice: under a fixed key, then under a key of ours, which goes along under textbook RSA
eapi       AES-128-ECB under a fixed key, over path, text and an MD5 of both; replies too, where asked for
linuxapi   AES-128-ECB under a fixed key, over an envelope that names the real address
=========  ===============================================================================================

None of them keeps anything secret: the fixed keys are public. They are how the endpoints want to be spoken to.
Texts are UTF-8 JSON as bytes; blocks are padded by PKCS #7.
"""

from __future__ import annotations

import secrets
import string
import zlib
from base64 import b64encode
from hashlib import md5

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, ECB

from zetdard.errors import InputError, UnreadableReplyError

NETEASE_MODULUS = (
    "e0b509f6259df8642dbc35662901477df22677ec152b5ff68ace615bb7b72515"
    "2b3ab17a876aea8a5aa76d2e417629ec4ee341f56135fccf695280104e0312ec"
    "bda92557c93870114af6c9d05c4f7f0c3685b7a46bee255932575cce10b424d8"
    "13cfe4875d3e82047b97ddef52741d546b8e289dc6935b3ece0462db0a22b8e7"
)
"""RSA modulus of NetEase's web endpoints, hexadecimal, 1024 bits."""

NETEASE_EXPONENT = 0x10001

MOST_REPLY_BYTES = 128 << 20
"""Bytes to which a packed reply may grow; more is taken for an attack."""

_BLOCK = 16
_IV = CBC(b"0102030405060708")
_WEAPI = Cipher(AES(b"0CoJUm6Qyw8W8jud"), _IV)
_EAPI = Cipher(AES(b"e82ckenh8dichen8"), ECB())  # noqa: S305  # the service's choice, not ours
_LINUXAPI = Cipher(AES(b"rFgB&h#%2?^eDg:Q"), ECB())  # noqa: S305 - likewise
_SEPARATOR = b"-36cd479b6b5-"
_KEY_ALPHABET = string.ascii_letters + string.digits
_GZIP_MAGIC = b"\x1f\x8b"


def new_secret_key() -> str:
    """Return 16 random characters, a key for ``Weapi``."""
    return "".join(secrets.choice(_KEY_ALPHABET) for _ in range(_BLOCK))


class Weapi:
    """The web endpoints' encryption under one secret key.

    The key is encrypted once and used for every text: the service takes any key with any text, a fresh one each
    time would hide nothing more (the first layer's key is public), and the RSA step would be most of the work.

    Args:
        secret_key: 16 ASCII characters.
        modulus: RSA modulus, hexadecimal.
        exponent: RSA exponent.

    Raises:
        InputError: The key has another length, or is not smaller than the modulus.
    """

    def __init__(
        self, secret_key: str, *, modulus: str = NETEASE_MODULUS, exponent: int = NETEASE_EXPONENT
    ) -> None:
        key = secret_key.encode("ascii")
        if len(key) != _BLOCK:
            raise InputError("a secret key of the web endpoints has 16 characters")
        self._cipher = Cipher(AES(key), _IV)
        self.encrypted_key = _textbook_rsa(key[::-1], modulus, exponent)
        """``encSecKey``: lower-case hexadecimal, as long as the modulus, zeros in front."""

    def encrypt(self, text: bytes) -> str:
        """Return ``params``: base 64 of both layers."""
        inner = b64encode(_encrypt(_WEAPI, text))
        return b64encode(_encrypt(self._cipher, inner)).decode("ascii")


def _textbook_rsa(message: bytes, modulus: str, exponent: int) -> str:
    n = int(modulus, 16)
    number = int.from_bytes(message, "big")
    if number >= n:
        raise InputError("the RSA modulus is too short for a key of 16 characters")
    digits = 2 * ((n.bit_length() + 7) // 8)
    return f"{pow(number, exponent, n):0{digits}x}"


def eapi_digest(path: str, text: bytes) -> str:
    """Return the MD5 that the client endpoints want to see, hexadecimal."""
    return md5(b"nobody%suse%smd5forencrypt" % (path.encode(), text), usedforsecurity=False).hexdigest()


def eapi(path: str, text: bytes) -> str:
    """Return ``params`` of the client endpoints.

    Args:
        path: The logical path, which begins with ``/api/`` (the request's own path begins with ``/eapi/``).
        text: The JSON.
    """
    digest = eapi_digest(path, text).encode("ascii")
    return _encrypt(_EAPI, _SEPARATOR.join((path.encode(), text, digest))).hex().upper()


def linuxapi(text: bytes) -> str:
    """Return ``eparams`` of ``{"method": "POST", "url": …, "params": {…}}``."""
    return _encrypt(_LINUXAPI, text).hex().upper()


def decrypt_reply(content: bytes) -> bytes:
    """Return the text of an encrypted reply of the client endpoints, unpacked where it is gzip.

    Raises:
        UnreadableReplyError: It does not decrypt to whole blocks with sound padding, or unpack to its end.
    """
    if not content or len(content) % _BLOCK:
        raise UnreadableReplyError("the encrypted reply is cut off")
    decryptor = _EAPI.decryptor()
    padded = decryptor.update(content) + decryptor.finalize()
    count = padded[-1]
    if not 1 <= count <= _BLOCK or padded[-count:] != bytes((count,)) * count:
        raise UnreadableReplyError("the reply does not decrypt")
    text = padded[:-count]
    return _unpacked(text) if text.startswith(_GZIP_MAGIC) else text


def _unpacked(packed: bytes) -> bytes:
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        text = unpacker.decompress(packed, MOST_REPLY_BYTES)
    except zlib.error:
        raise UnreadableReplyError("the packed reply is damaged") from None
    if not unpacker.eof:
        raise UnreadableReplyError("the packed reply is cut off or too long")
    return text


def _encrypt(cipher: Cipher[CBC] | Cipher[ECB], text: bytes) -> bytes:
    count = _BLOCK - len(text) % _BLOCK
    encryptor = cipher.encryptor()
    return encryptor.update(text + bytes((count,)) * count) + encryptor.finalize()
