"""NetEase asked directly, through its encrypted endpoints."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import httpx
import orjson

from zetdard import __version__
from zetdard.errors import InputError
from zetdard.sources.crawling import Gate
from zetdard.sources.netease.codes import read_reply
from zetdard.sources.netease.crypto import (
    NETEASE_EXPONENT,
    NETEASE_MODULUS,
    Weapi,
    decrypt_reply,
    eapi,
    linuxapi,
    new_secret_key,
)
from zetdard.sources.netease.routes import ROUTES, Crypto, Route, compact, find_route
from zetdard.sources.netease.session import Session
from zetdard.sources.netease.transport import (
    READ_SECONDS,
    Reply,
    Wire,
    check_secrecy,
    is_loopback,
    silent_gate,
)

WEB = "https://music.163.com"
INTERFACE = "https://interface.music.163.com"

AGENT = f"Mozilla/5.0 (compatible; ZetDard/{__version__})"

_PROGRAM = {
    "os": "pc",
    "appver": "3.1.17.204416",
    "osver": "Microsoft-Windows-10-Professional-build-19045-64bit",
    "channel": "netease",
}
"""The endpoints answer in the way of one of their programs; these name one."""

_FORM_ESCAPES = str.maketrans({"+": "%2B", "/": "%2F", "=": "%3D"})
"""What base 64 holds and a form may not."""


class DirectTransport:
    """The encrypted endpoints.

    Args:
        web: Address of the web endpoints (weapi, linuxapi).
        interface: Address of the client endpoints (eapi).
        modulus: RSA modulus of the web endpoints, hexadecimal; ``None`` = NetEase's.
        exponent: RSA exponent that goes with it.
        session: Login and device; ``None`` = nobody, with a new device.
        gate: Called before every single request.
        client: HTTP client to use, for tests.
        timeout_s: Seconds that the next byte of an answer may take.
        invented: Whether the invented NetEase of ``zetdard sandbox`` is expected to answer. Where the real one
            answers instead, or the other way round, nothing is read.
        crypto: Route → encryption, where it should be another than the route's own.
        encrypted_replies: Whether the client endpoints are asked to encrypt what they answer.
        agent: The ``User-Agent``.

    Raises:
        InputError: The login would travel unencrypted; or ``crypto`` names no route.
    """

    def __init__(
        self,
        *,
        web: str = WEB,
        interface: str = INTERFACE,
        modulus: str | None = None,
        exponent: int = NETEASE_EXPONENT,
        session: Session | None = None,
        gate: Gate = silent_gate,
        client: httpx.Client | None = None,
        timeout_s: float = READ_SECONDS,
        invented: bool = False,
        crypto: Mapping[str, Crypto] | None = None,
        encrypted_replies: bool = False,
        agent: str = AGENT,
    ) -> None:
        self._web, self._interface = web.rstrip("/"), interface.rstrip("/")
        self._session = session or Session()
        if self._session.is_logged_in:
            check_secrecy(web)
            check_secrecy(interface)
        self._crypto = dict(crypto or {})
        unknown = self._crypto.keys() - ROUTES.keys()
        if unknown:
            raise InputError(f"there is no route {sorted(unknown)[0]!r}")
        self._weapi = Weapi(new_secret_key(), modulus=modulus or NETEASE_MODULUS, exponent=exponent)
        self._encrypted_replies = encrypted_replies
        self._invented = invented
        self._wire = Wire(
            gate=gate,
            client=client,
            timeout_s=timeout_s,
            proxies=not (is_loopback(web) and is_loopback(interface)),
            invented=invented,
        )
        self._prepare(agent)

    def __repr__(self) -> str:
        return f"<DirectTransport to {self._web} for {self._session!r}>"

    def _prepare(self, agent: str) -> None:
        """Make all that is the same in every request."""
        session = self._session
        now = str(time.time_ns() // 1_000_000)
        self._csrf = b'"csrf_token":%s}' % orjson.dumps(session.csrf)
        self._key_field = f"&encSecKey={self._weapi.encrypted_key}"
        login = {"__csrf": session.csrf} | ({"MUSIC_U": session.music_u} if session.music_u else {})
        program = {**_PROGRAM, "deviceId": session.device_id}
        page = {
            "__remember_me": "true",
            "_ntes_nuid": session.nuid,
            "_ntes_nnid": f"{session.nuid},{now}",
            "NMTID": session.nmtid,
            "WNMCID": session.wnmcid,
            "WEVNSM": "1.0.0",
        }
        client = {"versioncode": "140", "mobilename": "", "buildver": now[:10], "resolution": "1920x1080"}
        self._page_headers = [
            *_headers(self._web, agent),
            (b"Cookie", _cookie(page | program | login)),
            (b"Referer", f"{self._web}/".encode("ascii")),
        ]
        self._client_headers = _headers(self._interface, agent)
        self._client_cookie = _cookie(program | client | login) + b"; requestId="
        encrypted = b"true" if self._encrypted_replies else b"false"
        header = orjson.dumps(program | client | login)[:-1]
        self._client_envelope = b'"e_r":%s,"header":%s,"requestId":"' % (encrypted, header)
        self._serial = itertools.count(1)

    def call(self, route: str, **parameters: Any) -> dict[str, Any]:
        """Ask one thing; see ``Transport.call``."""
        asked = find_route(route)
        path, body = asked.direct(**parameters)
        crypto = self._crypto.get(route, asked.crypto)
        if crypto is Crypto.EAPI:
            content, reply = self._ask_client(path, body)
        else:
            reply = self._ask_web(path, body) if crypto is Crypto.WEAPI else self._ask_linux(path, body)
            content = reply.content
        answer = read_reply(
            content, reply.status, asked.accepted, self._session.hide, invented=self._invented
        )
        return _with_cookies(asked, answer, reply)

    def _ask_web(self, path: str, body: dict[str, Any]) -> Reply:
        params = self._weapi.encrypt(_extended(compact(body), self._csrf))
        form = f"params={params.translate(_FORM_ESCAPES)}{self._key_field}"
        return self._wire.post(f"{self._web}/we{path[1:]}", self._page_headers, form.encode("ascii"))

    def _ask_client(self, path: str, body: dict[str, Any]) -> tuple[bytes, Reply]:
        request = b"%d_%04d" % (time.time_ns() // 1_000_000, next(self._serial) % 1000)
        text = _extended(compact(body), self._client_envelope + request + b'"}}')
        headers = [*self._client_headers, (b"Cookie", self._client_cookie + request)]
        form = f"params={eapi(path, text)}".encode("ascii")
        reply = self._wire.post(f"{self._interface}/e{path[1:]}", headers, form)
        # A refusal may come as plain JSON all the same, and an empty reply or a web page is not encrypted either.
        readable = not self._encrypted_replies or reply.content[:1] in (b"", b"{", b"<")
        return reply.content if readable else decrypt_reply(reply.content), reply

    def _ask_linux(self, path: str, body: dict[str, Any]) -> Reply:
        envelope = {"method": "POST", "url": self._web + path, "params": body}
        form = f"eparams={linuxapi(compact(envelope))}".encode("ascii")
        return self._wire.post(f"{self._web}/api/linux/forward", self._page_headers, form)

    def stream(self, url: str, offset: int = 0) -> Iterator[bytes]:
        """Yield a file's bytes from an offset on; see ``Transport.stream``."""
        return self._wire.stream(url, offset)

    def close(self) -> None:
        """Give back the connections."""
        self._wire.close()


def _headers(address: str, agent: str) -> list[tuple[bytes, bytes]]:
    return [
        (b"Host", httpx.URL(address).netloc),
        (b"Accept", b"*/*"),
        (b"Accept-Encoding", b"gzip, deflate"),
        (b"Connection", b"keep-alive"),
        (b"Content-Type", b"application/x-www-form-urlencoded"),
        (b"User-Agent", agent.encode("ascii")),
    ]


def _cookie(values: Mapping[str, str]) -> bytes:
    return "; ".join(f"{name}={quote(value, safe=_COOKIE_SAFE)}" for name, value in values.items()).encode(
        "ascii"
    )


_COOKIE_SAFE = "!#$%&'()*+-./:<=>?@[]^_`{|}~"
"""A value that came as a cookie goes back as it was; others lose spaces, commas and the like."""


def _extended(text: bytes, more: bytes) -> bytes:
    """Return a JSON object with members put behind its own; ``more`` closes it."""
    return b"{" + more if text == b"{}" else text[:-1] + b"," + more


def _with_cookies(asked: Route, answer: dict[str, Any], reply: Reply) -> dict[str, Any]:
    """Return the answer with the cookies that came along, where a login may be among them."""
    if asked is not ROUTES["qr-check"]:
        return answer
    return {**answer, "cookie": ";".join(reply.headers.get_list("set-cookie"))}
