"""From bytes to a checked request: find the route, unwrap, look for a login, read the fields."""

from __future__ import annotations

import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from zetdard.sandbox.server.fields import flag
from zetdard.sandbox.server.routes import Route, find
from zetdard.sandbox.server.service import BAD_REQUEST, GONE, RefusedError
from zetdard.sandbox.server.wire import (
    PrivateKey,
    open_eapi,
    open_linuxapi,
    open_plain,
    open_weapi,
    read_form,
)

_FORM = b"application/x-www-form-urlencoded"
_FORWARD = "/api/linux/forward"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request that has been read.

    Attributes:
        route: What it asks.
        values: The fields, checked.
        sealed: Whether the reply shall be encrypted.
        token: The login, if any.
    """

    route: Route
    values: dict[str, Any]
    sealed: bool
    token: str

    def identity(self) -> str:
        """Return what is asked for, the same whenever and however it is asked."""
        return orjson.dumps(self.values, option=orjson.OPT_SORT_KEYS).decode()


def route_name(path: str) -> str | None:
    """Return the name of the route that an address leads to, as far as the address tells; ``None`` = there is none."""
    logical = _logical(path)[1]
    if path == _FORWARD:
        return "forwarded"
    found = find(logical)
    return None if found is None else found[0].name


def login_cookies(headers: Mapping[bytes, bytes]) -> bytes:
    """Return the cookies as they were sent if they tell who asks, else nothing."""
    cookie = headers.get(b"cookie", b"")
    return cookie if b"MUSIC_U" in cookie or b"__csrf" in cookie else b""


def read(method: str, path: str, headers: Mapping[bytes, bytes], body: bytes, key: PrivateKey) -> Request:
    """Return what is asked.

    Raises:
        RefusedError: It is not a POST of a form, or a field is missing or of another type.
        WireError: It is not wrapped as the service documents.
    """
    if method != "POST" or headers.get(b"content-type", b"").split(b";")[0].strip() != _FORM:
        raise RefusedError(BAD_REQUEST, "a request is a POST of a form")
    form, cookies = read_form(body), _cookies(login_cookies(headers))
    mode, logical = _logical(path)
    token = cookies.get("MUSIC_U", "")
    if path == _FORWARD:
        logical, given = open_linuxapi(form)
    elif mode == "weapi":
        given = open_weapi(form, key)
        if not isinstance(given.get("csrf_token"), str):
            raise RefusedError(BAD_REQUEST, "weapi wants the field csrf_token")
        if cookies.get("__csrf", given["csrf_token"]) != given["csrf_token"]:
            raise RefusedError(BAD_REQUEST, "csrf_token is not the cookie __csrf")
    elif mode == "eapi":
        given = open_eapi(form, logical)
        header = given.get("header")
        if not isinstance(header, dict) or not {"os", "appver"} <= header.keys():
            raise RefusedError(BAD_REQUEST, "eapi wants the field header, an object with os, appver, …")
        token = token or str(header.get("MUSIC_U", ""))
    else:
        given = open_plain(form)
    found = find(logical)
    if found is None:
        raise RefusedError(GONE)
    route, tail = found
    try:
        encrypt = flag(given.get("e_r", False))
    except ValueError:
        raise RefusedError(BAD_REQUEST, "e_r must be true or false") from None
    sealed = encrypt and mode in ("weapi", "eapi")
    return Request(route=route, values=route.read(given, tail), sealed=sealed, token=token)


def _logical(path: str) -> tuple[str, str]:
    """Return the way of wrapping that an address names, and its ``/api/`` form."""
    mode, _, rest = path[1:].partition("/")
    return mode, f"/api/{rest}"


def _cookies(header: bytes) -> dict[str, str]:
    """Return the cookies of a request; clients write them with and without percent signs."""
    if not header:
        return {}
    pairs = (part.strip().partition("=") for part in header.decode("latin-1").split(";"))
    return {name: urllib.parse.unquote(value) for name, _, value in pairs}
