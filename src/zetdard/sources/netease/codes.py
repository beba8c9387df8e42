"""What a reply's code means. Both transports read replies here.

NetEase puts its verdict into the body (``{"code": 301, …}``); the HTTP status says little: the Node server sends a
code 400 as HTTP 200, and a code -460 as HTTP 400.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import orjson

from zetdard.errors import (
    BlockedError,
    CrawlStoppedError,
    ForbiddenError,
    GoneError,
    NeedsLoginError,
    RefusalError,
    RejectedRequestError,
    RiskCheckError,
    SlowDownError,
    UnavailableError,
    UnreadableReplyError,
)

ACCEPTED = frozenset({200})
RISK_CHECK = -462
HTTP_TOO_MANY = 429
HTTP_FAILED = 500

_REFUSALS: dict[int, tuple[type[RefusalError], str]] = {
    301: (NeedsLoginError, "this needs a login, or the login has expired"),
    401: (ForbiddenError, "not visible to us"),
    403: (ForbiddenError, "not visible to us"),
    -2: (ForbiddenError, "not visible to us"),
    404: (GoneError, "not there"),
    400: (RejectedRequestError, "the request was not accepted"),
    405: (SlowDownError, "asked too often"),
    406: (SlowDownError, "asked too often"),
    HTTP_TOO_MANY: (SlowDownError, "asked too often"),
    -460: (BlockedError, "NetEase takes this machine's requests for abuse"),
}
INVENTED_KEY = "invented"
INVENTED_BY = "zetdard-sandbox"
"""What every reply of ``zetdard sandbox`` carries at its top, so that the invented never mixes with the real."""

_MOST_WORDS = 200
"""Characters of a service's own message that an error repeats."""


def read_reply(
    content: bytes,
    status: int,
    accepted: frozenset[int] = ACCEPTED,
    hide: Callable[[str], str] = str,
    *,
    invented: bool = True,
) -> dict[str, Any]:
    """Return the JSON object of a reply.

    Args:
        content: The reply's body, decrypted.
        status: Its HTTP status, which counts only where the body says nothing.
        accepted: Codes that are not refusals.
        hide: Makes secrets unreadable in what the service says: it may repeat what it was sent.
        invented: Whether the reply may be one of the invented NetEase.

    Raises:
        RefusalError: The code is another; the type says what it means.
        UnreadableReplyError: It is not a JSON object with a code.
        CrawlStoppedError: It is invented and may not be.
    """
    try:
        body = orjson.loads(content)
    except orjson.JSONDecodeError:
        raise _wordless(content, status) from None
    if not isinstance(body, dict):
        raise _or_failed(status) or UnreadableReplyError("the reply is not a JSON object")
    return accept(body, status, accepted, hide, invented=invented)


def accept(
    body: dict[str, Any],
    status: int,
    accepted: frozenset[int] = ACCEPTED,
    hide: Callable[[str], str] = str,
    *,
    invented: bool = True,
) -> dict[str, Any]:
    """Return ``body`` with its code as a number, where that is one of ``accepted``.

    Raises:
        RefusalError: It is another.
        UnreadableReplyError: There is none.
        CrawlStoppedError: The reply is invented and ``invented`` says that it may not be.
    """
    # First of all: what the invented service refuses says nothing about the real one either.
    if not invented and body.get(INVENTED_KEY) == INVENTED_BY:
        raise unexpectedly_invented()
    code = body.get("code")
    if type(code) is not int:
        if not isinstance(code, str) or not re.fullmatch(r"-?[0-9]{1,6}", code):
            raise _or_failed(status) or UnreadableReplyError(
                "the reply has no code", path="$.code" if "code" in body else "$"
            )
        code = int(code)
        body = {**body, "code": code}
    if code not in accepted:
        raise refusal(code, body, hide)
    if status >= HTTP_FAILED:
        raise UnavailableError(f"the service failed (HTTP {status})")
    return body


def unexpectedly_invented() -> CrawlStoppedError:
    """Return the error of a reply that the invented NetEase gave to somebody who asked the real one.

    It is no refusal of this one request: every further one would go to the wrong service, too.
    """
    return CrawlStoppedError(
        "this is the invented NetEase of `zetdard sandbox`: say so with --sandbox, "
        "so that the invented never mixes with the real"
    )


def refusal(code: int, body: dict[str, Any], hide: Callable[[str], str] = str) -> RefusalError:
    """Return the error that a code stands for, in the service's own words where it has any."""
    said = next(
        (words for key in ("message", "msg") if isinstance(words := body.get(key), str) and words), ""
    )
    said = hide(said)
    if code == RISK_CHECK:
        return RiskCheckError(
            _reason("a person must pass a check first", said), code=code, url=_check_url(body)
        )
    if code in _REFUSALS:
        kind, meaning = _REFUSALS[code]
        return kind(_reason(meaning, said), code=code)
    if code >= HTTP_FAILED:
        return UnavailableError(_reason("the service failed", said), code=code)
    return RejectedRequestError(_reason("the request was not accepted", said), code=code)


def _reason(meaning: str, said: str) -> str:
    return f"{meaning}: {said[:_MOST_WORDS]}" if said else meaning


def _check_url(body: dict[str, Any]) -> str | None:
    data = body.get("data")
    if not isinstance(data, dict):
        return None
    for key in ("verifyUrl", "url"):
        url = data.get(key)
        if isinstance(url, str) and url.startswith(("https://", "http://")):
            return url
    return None


def _wordless(content: bytes, status: int) -> RefusalError:
    """Return the error of a reply that is not JSON."""
    failed = _or_failed(status)
    if failed is not None:
        return failed
    if not content.strip():
        return UnreadableReplyError("the reply is empty")
    if content.lstrip()[:1] == b"<":
        return UnreadableReplyError(f"the reply is a web page, not JSON (HTTP {status})")
    return UnreadableReplyError(f"the reply is not JSON, or cut off (HTTP {status})")


def _or_failed(status: int) -> RefusalError | None:
    """Return what an HTTP status means where the body means nothing."""
    if status >= HTTP_FAILED:
        return UnavailableError(f"the service failed (HTTP {status})")
    if status == HTTP_TOO_MANY:
        return SlowDownError(f"asked too often (HTTP {status})")
    return None
