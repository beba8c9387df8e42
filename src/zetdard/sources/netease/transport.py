"""What every way to ask NetEase offers, and the HTTP under both of them."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx

from zetdard.errors import (
    CrawlStoppedError,
    GoneError,
    InputError,
    RejectedRequestError,
    SlowDownError,
    UnavailableError,
    UnreadableReplyError,
)
from zetdard.sources.crawling import Gate
from zetdard.sources.netease.codes import (
    HTTP_FAILED,
    HTTP_TOO_MANY,
    INVENTED_BY,
    unexpectedly_invented,
)
from zetdard.sources.netease.crypto import MOST_REPLY_BYTES

CONNECT_SECONDS = 10.0
READ_SECONDS = 30.0
PATIENCE = 4
"""A reply that trickles in may take so many times as long as its next byte may."""

INVENTED_HEADER = "X-Invented"
"""Names ``INVENTED_BY`` in every reply of ``zetdard sandbox``, files included."""

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_CHUNK = 1 << 16
_RANGE = re.compile(r"bytes ([0-9]{1,18})-")

# At its most talkative level the HTTP library writes down the headers of replies, and those hold login cookies.
logging.getLogger("httpcore.http11").setLevel(logging.INFO)


class Transport(Protocol):
    """A way to ask NetEase."""

    def call(self, route: str, **parameters: Any) -> dict[str, Any]:
        """Ask one thing.

        Args:
            route: A name of ``routes.ROUTES``.
            parameters: Those of the route.

        Returns:
            The JSON object of a reply whose code says success.

        Raises:
            RefusalError: The service refuses; its type says how.
        """
        ...

    def stream(self, url: str, offset: int = 0) -> Iterator[bytes]:
        """Yield a file's bytes from an offset on.

        Raises:
            GoneError: The address leads to nothing (any more).
            RefusalError: The service refuses otherwise, or the connection breaks.
        """
        ...

    def close(self) -> None:
        """Give back the connections."""
        ...


def silent_gate() -> None:
    """Let everything pass: for a few requests by hand."""


def is_loopback(url: str) -> bool:
    """Return whether an address is this machine's own."""
    return urlsplit(url).hostname in _LOOPBACK


def check_secrecy(url: str) -> None:
    """Refuse to send a login where others could read it on the way.

    Raises:
        InputError: The address is another machine's, and the connection would not be encrypted.
    """
    if urlsplit(url).scheme != "https" and not is_loopback(url):
        raise InputError(
            f"the login would travel unencrypted to {url}: use https, or a server on this machine"
        )


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole reply as it came."""

    status: int
    headers: httpx.Headers
    content: bytes


class Wire:
    """HTTP/1.1 with connections that stay open, no redirects, a gate before every request, and our errors.

    Args:
        gate: Called before every request.
        client: HTTP client to use, for tests; ``None`` = an own one, which ``close`` closes.
        timeout_s: Seconds that the next byte of an answer may take.
        proxies: Whether an own client heeds the environment's proxies.
        invented: Whether every reply must come from the invented NetEase (``True``), must not (``False``), or
            cannot tell (``None``).
    """

    def __init__(
        self,
        *,
        gate: Gate,
        client: httpx.Client | None,
        timeout_s: float,
        proxies: bool,
        invented: bool | None,
    ) -> None:
        self._gate = gate
        self._own = client is None
        timeout = httpx.Timeout(timeout_s, connect=CONNECT_SECONDS)
        self._client = client or httpx.Client(timeout=timeout, follow_redirects=False, trust_env=proxies)
        self._extensions = {"timeout": timeout.as_dict()}
        self._patience_s = PATIENCE * timeout_s
        self._invented = invented

    def close(self) -> None:
        """Close the connections, unless they are somebody else's."""
        if self._own:
            self._client.close()

    def post(self, url: str, headers: list[tuple[bytes, bytes]], content: bytes) -> Reply:
        """Send a form and return the whole reply.

        Raises:
            UnavailableError: No answer, or not in time.
            UnreadableReplyError: A reply without end.
            CrawlStoppedError: A reply of the wrong one of the real and the invented service.
        """
        # Written by hand, without the client's defaults: this is done for every request of a crawl.
        request = httpx.Request("POST", url, headers=headers, content=content, extensions=self._extensions)
        with self._sent(request) as response:
            parts, size, until = [], 0, time.monotonic() + self._patience_s
            for part in response.iter_bytes():
                parts.append(part)
                size += len(part)
                if size > MOST_REPLY_BYTES:
                    raise UnreadableReplyError("the reply has no end")
                if time.monotonic() > until:
                    raise UnavailableError(f"the reply is not complete after {self._patience_s:.0f} s")
            return Reply(response.status_code, response.headers, b"".join(parts))

    def stream(self, url: str, offset: int = 0) -> Iterator[bytes]:
        """Yield a file's bytes from ``offset`` on; see ``Transport.stream``.

        No cookie is sent: files lie on other hosts.
        """
        if not url.startswith(("https://", "http://")):
            raise UnreadableReplyError("the file's address is none of the web")
        headers = {"Accept": "*/*", "Accept-Encoding": "identity"}
        if offset:
            headers["Range"] = f"bytes={offset}-"
        try:
            request = httpx.Request("GET", url, headers=headers, extensions=self._extensions)
        except httpx.InvalidURL:
            raise UnreadableReplyError("the file's address is none of the web") from None
        with self._sent(request) as response:
            _check_file(response, offset)
            # A server that knows no ranges sends everything.
            skip = offset if response.status_code == httpx.codes.OK else 0
            for part in response.iter_bytes(_CHUNK):
                if skip >= len(part):
                    skip -= len(part)
                    continue
                yield part[skip:]
                skip = 0

    @contextmanager
    def _sent(self, request: httpx.Request) -> Iterator[httpx.Response]:
        """Send a request. No error names a header or a body: they hold secrets."""
        self._gate()
        try:
            response = self._client.send(request, stream=True, follow_redirects=False)
            try:
                self._check_who_answers(response)
                yield response
            finally:
                response.close()
        except httpx.TimeoutException as error:
            what = "no connection" if isinstance(error, httpx.ConnectTimeout) else "no answer"
            raise UnavailableError(f"{what} from {request.url.host} in time") from None
        except httpx.ConnectError:
            raise UnavailableError(f"no connection to {request.url.host}") from None
        except httpx.DecodingError:
            raise UnreadableReplyError("the reply does not unpack") from None
        except httpx.HTTPError as error:
            broken = f"the connection to {request.url.host} broke ({type(error).__name__})"
            raise UnavailableError(broken) from None

    def _check_who_answers(self, response: httpx.Response) -> None:
        if self._invented is None:
            return
        found = response.headers.get(INVENTED_HEADER) == INVENTED_BY
        if found and not self._invented:
            raise unexpectedly_invented()
        if self._invented and not found:
            raise CrawlStoppedError(
                "this is not the invented NetEase of `zetdard sandbox`, and --sandbox says that it is"
            )


def _check_file(response: httpx.Response, offset: int) -> None:
    """Raise unless the reply holds a file from ``offset`` on."""
    status = response.status_code
    if status == httpx.codes.PARTIAL_CONTENT:
        begins = _RANGE.match(response.headers.get("Content-Range", ""))
        if begins is None or int(begins[1]) != offset:
            raise UnreadableReplyError("the file's server sends another part than was asked for")
        return
    if status == httpx.codes.OK:
        return
    said = f"the file's server answers HTTP {status}"
    if status in (403, 404, 410, 416):
        raise GoneError(said)
    if status in (HTTP_TOO_MANY, 405, 406):
        raise SlowDownError(said)
    if status >= HTTP_FAILED:
        raise UnavailableError(said)
    if status < 400:  # another 2xx, or a redirect, which is not followed
        raise UnreadableReplyError(said)
    raise RejectedRequestError(said)
