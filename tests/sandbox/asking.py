"""A small client of the sandbox, by hand: it encrypts as the service documents, without the client's code."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

EAPI_KEY = b"e82ckenh8dichen8"
SECRET = "a8LWv2uAtXjzSfkQ"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
HEADER = {"os": "pc", "appver": "3.1.17.204416", "deviceId": "sandbox", "requestId": "1_0001"}


def compact(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def padded(data: bytes) -> bytes:
    size = 16 - len(data) % 16
    return data + bytes([size]) * size


def ecb(data: bytes, key: bytes) -> bytes:
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    return encryptor.update(padded(data)) + encryptor.finalize()


def unsealed(data: bytes) -> bytes:
    decryptor = Cipher(algorithms.AES(EAPI_KEY), modes.ECB()).decryptor()
    plain = decryptor.update(data) + decryptor.finalize()
    return plain[: -plain[-1]]


def cbc(data: bytes, key: bytes) -> bytes:
    encryptor = Cipher(algorithms.AES(key), modes.CBC(b"0102030405060708")).encryptor()
    return base64.b64encode(encryptor.update(padded(data)) + encryptor.finalize())


def weapi_form(text: bytes, modulus: int, secret: str = SECRET) -> dict[str, str]:
    sealed = pow(int.from_bytes(secret[::-1].encode(), "big"), 65537, modulus)
    params = cbc(cbc(text, b"0CoJUm6Qyw8W8jud"), secret.encode())
    return {"params": params.decode(), "encSecKey": f"{sealed:0256x}"}


def eapi_form(path: str, text: bytes) -> dict[str, str]:
    digest = hashlib.md5(b"nobody" + path.encode() + b"use" + text + b"md5forencrypt").hexdigest()
    mark = b"-36cd479b6b5-"
    return {"params": ecb(path.encode() + mark + text + mark + digest.encode(), EAPI_KEY).hex().upper()}


def linux_form(url: str, fields: dict[str, Any]) -> dict[str, str]:
    text = compact({"method": "POST", "url": url, "params": fields})
    return {"eparams": ecb(text, b"rFgB&h#%2?^eDg:Q").hex().upper()}


@dataclass(frozen=True)
class Got:
    """A reply as it came."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Asker:
    """Asks a server; ``cookies`` go with every request."""

    url: str
    modulus: int
    cookies: dict[str, str] = field(default_factory=dict)

    def logged_in(self, user: str) -> Asker:
        return Asker(self.url, self.modulus, {"MUSIC_U": f"sandbox-{user}"})

    def fetch(
        self, path: str, method: str = "GET", body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Got:
        given = dict(headers or {})
        if self.cookies:
            given["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection = http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=10)
        try:
            connection.request(method, path.removeprefix(self.url), body, given)
            reply = connection.getresponse()
            return Got(reply.status, reply.headers, reply.read())
        finally:
            connection.close()

    def post(self, path: str, form: dict[str, str], headers: dict[str, str] | None = None) -> Got:
        return self.fetch(path, "POST", urllib.parse.urlencode(form).encode(), FORM | (headers or {}))

    def weapi(self, path: str, **fields: Any) -> Any:
        text = compact(fields | {"csrf_token": self.cookies.get("__csrf", "")})
        return self.post(f"/weapi/{path}", weapi_form(text, self.modulus)).json

    def eapi(self, path: str, **fields: Any) -> Any:
        text = compact(fields | {"e_r": False, "header": HEADER})
        return self.post(f"/eapi/{path}", eapi_form(f"/api/{path}", text)).json

    def plain(self, path: str, **fields: Any) -> Any:
        return self.post(f"/api/{path}", {name: str(value) for name, value in fields.items()}).json

    def linux(self, path: str, **fields: Any) -> Any:
        return self.post("/api/linux/forward", linux_form(f"{self.url}/api/{path}", fields)).json


def pages(ask: Callable[..., Any], rows: str, limit: int, **fields: Any) -> list[Any]:
    """Return the rows of all pages; the last page, and no other, says that nothing follows."""
    found: list[Any] = []
    while True:
        reply = ask(limit=limit, offset=len(found), **fields)
        assert reply["code"] == 200, reply
        found += reply[rows]
        if not reply["more"]:
            return found
        assert len(reply[rows]) == limit
