"""NetEase asked through a Node API server (``NeteaseCloudMusicApi`` 4.32.0).

Three traps of that server are dealt with here. It keeps a reply for two minutes under host, address and cookies,
without the body: so every request has an address of its own. It hands a reply on that it could not read, with
HTTP 200. And where its own code fails, it answers like a thing that is not there.
"""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import orjson

from zetdard.errors import UnavailableError, UnreadableReplyError
from zetdard.sources.crawling import Gate
from zetdard.sources.netease.codes import accept, read_reply
from zetdard.sources.netease.routes import find_route
from zetdard.sources.netease.session import Session
from zetdard.sources.netease.transport import READ_SECONDS, Wire, check_secrecy, is_loopback, silent_gate

_OWN_FAILURE = {"code": 404, "data": None, "msg": "Not Found"}
"""What the server says when its own code fails. NetEase words what is not there in another way."""


class ApiServerTransport:
    """A Node API server.

    Where the invented NetEase is behind it, that shows: the server leaves out the header that says so, but hands on
    the mark in the replies. The reverse is not checked, because what the server says in its own words has no mark.

    Args:
        url: Its address.
        session: Login and device; ``None`` = nobody, with a new device.
        gate: Called before every single request.
        client: HTTP client to use, for tests.
        timeout_s: Seconds that the next byte of an answer may take.
        invented: Whether the invented NetEase of ``zetdard sandbox`` may be behind it. Where it is unexpectedly,
            nothing is read.

    Raises:
        InputError: The login would travel unencrypted.
    """

    def __init__(
        self,
        url: str,
        *,
        session: Session | None = None,
        gate: Gate = silent_gate,
        client: httpx.Client | None = None,
        timeout_s: float = READ_SECONDS,
        invented: bool = False,
    ) -> None:
        self._url = url.rstrip("/")
        self._session = session or Session()
        if self._session.is_logged_in:
            check_secrecy(url)
        self._invented = invented
        self._wire = Wire(
            gate=gate,
            client=client,
            timeout_s=timeout_s,
            proxies=not is_loopback(url),
            # Files do not pass the server, and still have the header.
            invented=None if invented else False,
        )
        self._headers = [
            (b"Host", httpx.URL(self._url).netloc),
            (b"Accept", b"*/*"),
            (b"Accept-Encoding", b"gzip, deflate"),
            (b"Connection", b"keep-alive"),
            (b"Content-Type", b"application/x-www-form-urlencoded"),
            (b"Cookie", _cookie(self._session)),
            # The server then does not keep the reply either, which would fill its memory in a crawl.
            (b"x-apicache-bypass", b"1"),
        ]
        # Another's request must not have the same address within two minutes: a clock would not do.
        self._name = secrets.token_hex(8)
        self._serial = itertools.count(1)

    def __repr__(self) -> str:
        return f"<ApiServerTransport to {self._url} for {self._session!r}>"

    def call(self, route: str, **parameters: Any) -> dict[str, Any]:
        """Ask one thing; see ``Transport.call``."""
        asked = find_route(route)
        path, query = asked.node(**parameters)
        address = f"{self._url}{path}?timestamp={self._name}{next(self._serial)}"
        # As a form: a thousand ids do not fit into an address, and what somebody searches for is nobody's business.
        form = urlencode(query).encode("ascii")
        reply = self._wire.post(address, self._headers, form)
        if not asked.wrapped:
            answer = self._read(reply.content, reply.status, asked.accepted | {404})
            if answer["code"] != 404:
                return answer
            return _absent(answer, asked.accepted, self._session)
        return self._unwrapped(reply.content, reply.status)

    def _unwrapped(self, content: bytes, status: int) -> dict[str, Any]:
        """Return what is under ``data``; around it there may be no code, or a 200 that says nothing."""
        try:
            body = orjson.loads(content)
        except orjson.JSONDecodeError:
            body = None
        # A refusal comes unwrapped, and a risk check has something of its own under ``data``.
        if not isinstance(body, dict) or "data" not in body or body.get("code", 200) != 200:
            answer = self._read(content, status, frozenset({404, 200}))
            if answer["code"] == 404:
                return _absent(answer, frozenset({200}), self._session)
            raise UnreadableReplyError("the API server's reply holds no data", path="$.data")
        if not isinstance(body["data"], dict):
            raise UnreadableReplyError("what the API server hands on is not an object", path="$.data")
        return accept(body["data"], status, hide=self._session.hide, invented=self._invented)

    def _read(self, content: bytes, status: int, accepted: frozenset[int]) -> dict[str, Any]:
        return read_reply(content, status, accepted, self._session.hide, invented=self._invented)

    def stream(self, url: str, offset: int = 0) -> Iterator[bytes]:
        """Yield a file's bytes from an offset on; see ``Transport.stream``. Files do not pass the server."""
        return self._wire.stream(url, offset)

    def close(self) -> None:
        """Give back the connections."""
        self._wire.close()


def _absent(answer: dict[str, Any], accepted: frozenset[int], session: Session) -> dict[str, Any]:
    """Raise what a code 404 means: not there, or a failure of the server's own code."""
    if answer == _OWN_FAILURE:
        raise UnavailableError("the API server itself failed at this request", code=404)
    return accept(answer, 404, accepted, session.hide)


def _cookie(session: Session) -> bytes:
    values = {"os": "pc", "deviceId": session.device_id, "_ntes_nuid": session.nuid, "WNMCID": session.wnmcid}
    values |= {"NMTID": session.nmtid} | ({"MUSIC_U": session.music_u} if session.music_u else {})
    values |= {"__csrf": session.csrf} if session.csrf else {}
    # The server takes percent signs as escapes, and escapes again what it sends on.
    return "; ".join(f"{name}={quote(value, safe='')}" for name, value in values.items()).encode("ascii")
