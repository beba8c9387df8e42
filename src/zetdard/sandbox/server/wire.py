"""How requests are wrapped on the wire, seen from the server: unwrap weapi, eapi and linuxapi, wrap replies.

This is written without the client's code, so that a mistake there is not answered by the same mistake here. It is
strict: what a careful server could refuse is refused, with the reason.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import hashlib
import re
import urllib.parse
from collections import OrderedDict
from typing import Any

import orjson
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

EXPONENT = 65537
_WEAPI_KEY = b"0CoJUm6Qyw8W8jud"
_WEAPI_IV = b"0102030405060708"
_EAPI_KEY = b"e82ckenh8dichen8"
_EAPI_MARK = "-36cd479b6b5-"
_LINUX_KEY = b"rFgB&h#%2?^eDg:Q"
_BLOCK = 16
_RSA_HEX = 256
_LETTERS_OF_KEY = re.compile(rb"[0-9A-Za-z]{16}")
_UPPER_HEX = re.compile(rb"[0-9A-F]+")
_LOWER_HEX = re.compile(rb"[0-9a-f]+")

# A throw-away key pair that guards nothing: it stands here so that the sandbox can read what was meant for it.
_P = 0xE2FE3DC773B286C82D7E52E9CA91DE2AC1111676FEB533F47E59874B1A449097D7F73A33B23C098DCB5F57EA0F0FA566EF29CC34C54D16BE13992CE473F7EE2B
_Q = 0xCB697C8B7C07B9F3EE1E6434DE5F6B0685875BF44D4B6045D4195FFC99599E0A54320DDD968ECAE8EFD6AA8D9913A110818B2E60593D5147032893784C00153B


class WireError(Exception):
    """A request is not wrapped as the service documents; the text says what is wrong."""


class PrivateKey:
    """An RSA private key of 1,024 bits and what it has already opened.

    A client may use its 16-letter key for many requests, so each ``encSecKey`` is opened once.

    Args:
        p: A prime.
        q: Another prime.
        remembered: How many opened keys are kept; the oldest goes first.
    """

    def __init__(self, p: int = _P, q: int = _Q, *, remembered: int = 4096) -> None:
        self.modulus = p * q
        self._p, self._q = p, q
        d = pow(EXPONENT, -1, (p - 1) * (q - 1))
        self._d_p, self._d_q, self._q_inverse = d % (p - 1), d % (q - 1), pow(q, -1, p)
        self._opened: OrderedDict[bytes, bytes] = OrderedDict()
        self._remembered = remembered

    def secret(self, sealed: bytes) -> bytes:
        """Return the 16 letters inside an ``encSecKey``.

        Args:
            sealed: 256 lower-case hex digits: textbook RSA, no padding, of the reversed letters.

        Raises:
            WireError: It does not hold 16 letters and digits.
        """
        known = self._opened.get(sealed)
        if known is not None:
            return known
        if len(sealed) != _RSA_HEX or not _LOWER_HEX.fullmatch(sealed):
            raise WireError("encSecKey must be 256 lower-case hex digits")
        number = self._decrypt(int(sealed, 16))
        letters = number.to_bytes((self.modulus.bit_length() + 7) // 8, "big").lstrip(b"\0")[::-1]
        if not _LETTERS_OF_KEY.fullmatch(letters):
            raise WireError("encSecKey does not hold 16 letters and digits: another public key was used")
        self._opened[sealed] = letters
        if len(self._opened) > self._remembered:
            self._opened.popitem(last=False)
        return letters

    def _decrypt(self, cipher: int) -> int:
        """Return cipher^d mod n by the Chinese remainder theorem (Garner's formula)."""
        if cipher >= self.modulus:
            raise WireError("encSecKey is not smaller than the modulus")
        m_p, m_q = pow(cipher, self._d_p, self._p), pow(cipher, self._d_q, self._q)
        return m_q + self._q * (self._q_inverse * (m_p - m_q) % self._p)


def read_form(body: bytes) -> dict[str, bytes]:
    """Return the fields of an ``application/x-www-form-urlencoded`` body.

    Raises:
        WireError: A field is named twice, or has no ``=``.
    """
    fields: dict[str, bytes] = {}
    for part in body.split(b"&") if body else ():
        name, equals, value = part.partition(b"=")
        if not equals:
            raise WireError("the body is not a form")
        key = urllib.parse.unquote_plus(name.decode("latin-1"))
        if key in fields:
            raise WireError(f"the field {key} is there twice")
        fields[key] = urllib.parse.unquote_to_bytes(value.replace(b"+", b" "))
    return fields


def open_weapi(form: dict[str, bytes], key: PrivateKey) -> dict[str, Any]:
    """Return the fields inside ``params`` and ``encSecKey``.

    Raises:
        WireError: They are not what the service documents.
    """
    secret = key.secret(_field(form, "encSecKey"))
    inner = _cbc(_base64(_field(form, "params"), "params"), secret)
    return _object(_cbc(_base64(inner, "the inner text"), _WEAPI_KEY))


def open_eapi(form: dict[str, bytes], path: str) -> dict[str, Any]:
    """Return the fields inside ``params``; the digest must fit ``path``, the ``/api/`` form of the address.

    Raises:
        WireError: They are not what the service documents.
    """
    text = _utf8(_ecb(_hex(_field(form, "params"), "params"), _EAPI_KEY))
    stated_path, mark, rest = text.partition(_EAPI_MARK)
    payload, last_mark, digest = rest.rpartition(_EAPI_MARK)
    if not mark or not last_mark:
        raise WireError("the text inside params is not path, JSON and digest")
    if stated_path != path:
        raise WireError(f"the path inside params is {stated_path}, the address says {path}")
    signed = f"nobody{stated_path}use{payload}md5forencrypt"
    if digest != hashlib.md5(signed.encode(), usedforsecurity=False).hexdigest():
        raise WireError("the digest inside params is wrong")
    return _object(payload.encode())


def open_linuxapi(form: dict[str, bytes]) -> tuple[str, dict[str, Any]]:
    """Return the path and the fields of a forwarded request.

    Raises:
        WireError: It is not what the service documents.
    """
    forwarded = _object(_ecb(_hex(_field(form, "eparams"), "eparams"), _LINUX_KEY))
    method, url, fields = (forwarded.get(name) for name in ("method", "url", "params"))
    if method != "POST" or not isinstance(url, str) or not isinstance(fields, dict):
        raise WireError("eparams must hold method POST, url and params")
    parts = urllib.parse.urlsplit(url)
    if not parts.scheme or not parts.netloc or not parts.path.startswith("/api/"):
        raise WireError("the url inside eparams must be a full address of the /api/ form")
    return parts.path, fields


def open_plain(form: dict[str, bytes]) -> dict[str, Any]:
    """Return the fields of a plain ``/api/`` request: all are text.

    Raises:
        WireError: A field is not UTF-8.
    """
    return {name: _utf8(value) for name, value in form.items()}


def seal(reply: bytes, *, zipped: bool = False) -> bytes:
    """Return a reply as ``e_r`` asks for it: AES-ECB under the eapi key, gzip inside where ``x-aeapi`` was sent."""
    data = gzip.compress(reply, compresslevel=1, mtime=0) if zipped else reply
    padding = _BLOCK - len(data) % _BLOCK
    encryptor = Cipher(algorithms.AES(_EAPI_KEY), modes.ECB()).encryptor()  # noqa: S305 - the service's own way
    return encryptor.update(data + bytes([padding]) * padding) + encryptor.finalize()


def _field(form: dict[str, bytes], name: str) -> bytes:
    try:
        return form[name]
    except KeyError:
        raise WireError(f"the form has no field {name}") from None


def _base64(text: bytes, what: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise WireError(f"{what} is not base64 (is a plus sign left unescaped?)") from None


def _hex(text: bytes, what: str) -> bytes:
    if len(text) % 2 or not _UPPER_HEX.fullmatch(text):
        raise WireError(f"{what} must be upper-case hex digits")
    return binascii.unhexlify(text)


def _cbc(data: bytes, key: bytes) -> bytes:
    return _decrypted(data, Cipher(algorithms.AES(key), modes.CBC(_WEAPI_IV)))


def _ecb(data: bytes, key: bytes) -> bytes:
    return _decrypted(data, Cipher(algorithms.AES(key), modes.ECB()))  # noqa: S305 - the service's own way


def _decrypted(data: bytes, cipher: Cipher[Any]) -> bytes:
    if not data or len(data) % _BLOCK:
        raise WireError("the encrypted bytes are not whole blocks")
    decryptor = cipher.decryptor()
    padded = decryptor.update(data) + decryptor.finalize()
    # PKCS7: n bytes of value n.
    size = padded[-1]
    if not 1 <= size <= _BLOCK or padded[-size:] != bytes([size]) * size:
        raise WireError("wrong key or wrong padding")
    return padded[:-size]


def _utf8(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise WireError("the text is not UTF-8") from None


def _object(data: bytes) -> dict[str, Any]:
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError:
        raise WireError("the text inside is not JSON") from None
    if not isinstance(value, dict):
        raise WireError("the JSON inside is not an object")
    return value
