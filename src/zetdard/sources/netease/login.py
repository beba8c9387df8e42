"""Logging in: with a pasted cookie, or by scanning a QR code with the phone."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from zetdard.errors import (
    InputError,
    NeedsLoginError,
    RejectedRequestError,
    SlowDownError,
    UnavailableError,
    UnreadableReplyError,
)
from zetdard.sources.netease.session import Session, delete_session, load_session, save_session
from zetdard.sources.netease.transport import Transport

EXPIRED, WAITING, SCANNED, DONE = 800, 801, 802, 803
"""Codes of ``qr-check``."""

POLL_SECONDS = 2.0
PATIENCE_SECONDS = 180.0
MOST_FAILURES = 3
"""So many polls in a row may fail for reasons of the network."""

MOST_COOKIE_BYTES = 1 << 16

_KEY = re.compile(r"[0-9A-Za-z_-]{1,200}").fullmatch
_USER_ID = re.compile(r"[0-9]{1,20}").fullmatch


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Whose login it is."""

    user_id: str
    nickname: str


def account(transport: Transport) -> Account:
    """Ask whose login the transport carries.

    Raises:
        NeedsLoginError: Nobody's: it is wrong or has expired.
        RefusalError: The service refuses otherwise.
    """
    profile = transport.call("account").get("profile")
    if profile is None:
        raise NeedsLoginError("NetEase does not know this login: it is wrong or has expired")
    if not isinstance(profile, dict):
        raise UnreadableReplyError("not an object", path="$.profile")
    user_id, nickname = profile.get("userId"), profile.get("nickname")
    if isinstance(user_id, bool) or not isinstance(user_id, int | str) or not _USER_ID(str(user_id)):
        raise UnreadableReplyError("not an id", path="$.profile.userId")
    return Account(user_id=str(user_id), nickname=nickname if isinstance(nickname, str) else "")


def qr_address(key: str) -> str:
    """Return the address that the QR code says; the phone's NetEase program opens it."""
    return f"https://music.163.com/login?codekey={key}"


def qr_login(
    transport: Transport,
    show: Callable[[str], None],
    tell: Callable[[str], None],
    *,
    wait: Callable[[float], None] = time.sleep,
    patience_s: float = PATIENCE_SECONDS,
) -> str:
    """Log in by a QR code.

    Args:
        transport: Asks as nobody, with the device that logs in.
        show: Called once with the address that the code is to say.
        tell: Called with what a person should know.
        wait: Waits so many seconds.
        patience_s: Seconds after which it is given up.

    Returns:
        The cookies of the login, a secret.

    Raises:
        NeedsLoginError: The code expired, or nobody scanned it in time.
        RefusalError: The service refuses otherwise.
    """
    key = transport.call("qr-key").get("unikey")
    if not isinstance(key, str) or not _KEY(key):
        raise UnreadableReplyError("not a key", path="$.unikey")
    show(qr_address(key))
    until, scanned, failures = time.monotonic() + patience_s, False, 0
    # Counted and timed: neither a clock that stands still nor slow replies make it endless.
    for _ in range(max(1, round(patience_s / POLL_SECONDS))):
        wait(POLL_SECONDS)
        try:
            reply = transport.call("qr-check", key=key)
        except (UnavailableError, SlowDownError):
            failures += 1
            if failures > MOST_FAILURES:
                raise
            continue
        failures, code = 0, reply["code"]
        if code == DONE:
            cookie = reply.get("cookie")
            if not isinstance(cookie, str) or "MUSIC_U=" not in cookie:
                raise UnreadableReplyError("the login came without its cookie", path="$.cookie")
            return cookie
        if code == EXPIRED:
            raise NeedsLoginError("the QR code has expired: start again")
        if code == SCANNED and not scanned:
            scanned = True
            tell("scanned; now confirm on the phone")
        if time.monotonic() > until:
            break
    raise NeedsLoginError(f"nobody confirmed the login within {patience_s:.0f} s: start again")


def read_cookie_file(path: Path) -> str:
    """Return a pasted cookie from a file.

    Raises:
        InputError: The file cannot be read, or is too long to be a cookie.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MOST_COOKIE_BYTES + 1)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from None
    if len(content) > MOST_COOKIE_BYTES:
        raise InputError(f"{path} is too long for a cookie")
    try:
        return content.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        raise InputError(f"{path} is not text") from None


def log_out(path: Path) -> bool:
    """Forget the login that a file keeps; return whether there was one. The service is not told."""
    try:
        kept = load_session(path)
    except InputError:
        kept = None
    removed = delete_session(path)
    # A damaged file may have held one.
    return removed and (kept is None or kept.is_logged_in)


class LoginDesk:
    """Where a login is given, checked, kept and forgotten.

    Args:
        path: The file that keeps it.
        connect: Opens a transport for a session.
    """

    def __init__(self, path: Path, connect: Callable[[Session], Transport]) -> None:
        self._path = path
        self._connect = connect

    @property
    def path(self) -> Path:
        """The file that keeps the login."""
        return self._path

    def paste(self, text: str) -> Account:
        """Check a pasted cookie with the service, and keep it.

        Args:
            text: The value of ``MUSIC_U``, or a line of cookies.

        Raises:
            InputError: It is no such cookie, or cannot be kept.
            RefusalError: The service does not take it. Nothing is kept.
        """
        return self._keep(Session.from_cookie(text, self._device()))

    def paste_file(self, path: Path) -> Account:
        """Do the same with what a file holds; see ``paste``."""
        return self.paste(read_cookie_file(path))

    def scan(
        self,
        show: Callable[[str], None],
        tell: Callable[[str], None],
        *,
        wait: Callable[[float], None] = time.sleep,
        patience_s: float = PATIENCE_SECONDS,
    ) -> Account:
        """Log in by a QR code, check the login, and keep it; see ``qr_login``."""
        nobody = replace(self._device() or Session(), music_u="", csrf="", user_id="", nickname="")
        transport = self._connect(nobody)
        try:
            cookie = qr_login(transport, show, tell, wait=wait, patience_s=patience_s)
        finally:
            transport.close()
        try:
            session = Session.from_cookie(cookie, nobody)
        except InputError:
            raise UnreadableReplyError("the login came without its cookie", path="$.cookie") from None
        return self._keep(session)

    def status(self) -> Account | None:
        """Ask the service whose login is kept; ``None`` = none is kept.

        Raises:
            FormatError: The file is damaged.
            RefusalError: The service does not take it (any more).
        """
        session = load_session(self._path)
        return self._ask(session) if session is not None and session.is_logged_in else None

    def log_out(self) -> bool:
        """Forget the login here; return whether there was one. The service is not told."""
        return log_out(self._path)

    def _device(self) -> Session | None:
        """Return the kept session, whose device goes on; a damaged one is as good as none here."""
        try:
            return load_session(self._path)
        except InputError:
            return None

    def _keep(self, session: Session) -> Account:
        found = self._ask(session)
        save_session(replace(session, user_id=found.user_id, nickname=found.nickname), self._path)
        return found

    def _ask(self, session: Session) -> Account:
        transport = self._connect(session)
        try:
            return account(transport)
        except RejectedRequestError as error:
            raise NeedsLoginError("NetEase does not accept this login", code=error.code) from None
        finally:
            transport.close()
