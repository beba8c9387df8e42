"""Which NetEase is asked: the real one or the invented one, directly or through a Node API server."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import httpx

from zetdard.errors import InputError, UnavailableError
from zetdard.sources.crawling import Gate
from zetdard.sources.netease.apiserver import ApiServerTransport
from zetdard.sources.netease.direct import DirectTransport
from zetdard.sources.netease.login import LoginDesk
from zetdard.sources.netease.session import Session, load_session, save_session
from zetdard.sources.netease.transport import Transport, silent_gate
from zetdard.sources.netease.walk import NetEaseWalk

REAL = "netease"
INVENTED = "sandbox"
"""Namespaces of the ids: invented ones never mix with real ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Where and how NetEase is asked. It holds no secret and can be sent to another process.

    Attributes:
        web: Address of the web endpoints.
        interface: Address of the client endpoints.
        modulus: RSA modulus, hexadecimal; ``None`` = NetEase's own.
        exponent: RSA exponent.
        api: Address of a Node API server that is asked instead; ``None`` = ask directly.
        invented: Whether it is the invented NetEase of ``zetdard sandbox``.
        session: File of the login, if there is one.
        previews: Whether excerpts are taken where the whole song is not to be had.
        comment_pages: At most so many pages of comments of a song.
        artist_pages: At most so many pages of the list of artists to begin with.
        timeout_s: How long an answer may take.
    """

    web: str
    interface: str
    modulus: str | None = None
    exponent: int = 0x10001
    api: str | None = None
    invented: bool = False
    session: Path | None = None
    previews: bool = False
    comment_pages: int = 5
    artist_pages: int = 10
    timeout_s: float = field(default=30.0)

    @property
    def source(self) -> str:
        """Namespace of the ids."""
        return INVENTED if self.invented else REAL


def _kept_session(service: Service) -> Session | None:
    """Return the kept session. Where there is none, one without a login is kept: its device stays the same."""
    if service.session is None:
        return None
    session = load_session(service.session)
    if session is None:
        session = Session()
        with suppress(InputError):  # a home that cannot be written to
            save_session(session, service.session)
    return session


def open_transport(service: Service, session: Session | None, gate: Gate = silent_gate) -> Transport:
    """Open a connection whose every request passes the gate.

    Args:
        service: What to ask.
        session: In whose name; ``None`` = in nobody's.
        gate: Called before every request.
    """
    if service.api is not None:
        return ApiServerTransport(
            service.api,
            session=session,
            gate=gate,
            timeout_s=service.timeout_s,
            invented=service.invented,
        )
    return DirectTransport(
        web=service.web,
        interface=service.interface,
        modulus=service.modulus,
        exponent=service.exponent,
        session=session,
        gate=gate,
        invented=service.invented,
        timeout_s=service.timeout_s,
    )


def connect(service: Service, gate: Gate) -> NetEaseWalk:
    """Open the service for one worker of a crawl."""
    return NetEaseWalk(
        open_transport(service, _kept_session(service), gate),
        source=service.source,
        previews=service.previews,
        comment_pages=service.comment_pages,
        artist_pages=service.artist_pages,
    )


def is_logged_in(service: Service) -> bool:
    """Return whether a login is kept."""
    session = _kept_session(service)
    return session is not None and session.is_logged_in


def login_desk(service: Service) -> LoginDesk:
    """Return where a login to the service is given, checked, kept and forgotten.

    Raises:
        InputError: The service has no file for a login.
    """
    if service.session is None:
        raise InputError("this service keeps no login")
    return LoginDesk(service.session, partial(open_transport, service))


def invented_service(url: str, *, session: Path | None = None) -> Service:
    """Ask the invented NetEase at ``url`` for its key.

    Raises:
        UnavailableError: It is not running there.
    """
    try:
        about = httpx.get(f"{url}/sandbox", timeout=10, trust_env=False).json()
        rsa = about["rsa"]
        modulus, exponent = str(rsa["modulus"]), int(rsa["exponent"])
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        raise UnavailableError(
            f"there is no invented NetEase at {url}: start it with `zetdard sandbox` in another terminal"
        ) from None
    return Service(web=url, interface=url, modulus=modulus, exponent=exponent, invented=True, session=session)
