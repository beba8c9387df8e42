"""Who we are to NetEase: a login, if there is one, and the made-up values of a device.

The login is a secret like a password. It is in no ``repr`` and no error; it is kept in a file that only its
owner can read, and goes into cookies and encrypted bodies, never into an address.
"""

from __future__ import annotations

import logging
import os
import re
import secrets
import stat
import tempfile
import time
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Self

import orjson

from zetdard.errors import FormatError, InputError

SESSION_FILE = "netease-session.json"

_log = logging.getLogger(__name__)
_COOKIE_VALUE = re.compile(r"[!#-+\--:<-\[\]-~]{1,4096}").fullmatch
"""RFC 6265, section 4.1.1: no space, no control character, no quote, comma, semicolon or backslash."""
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _hexadecimal(n_bytes: int) -> str:
    return secrets.token_hex(n_bytes)


def _visit_name() -> str:
    letters = "".join(secrets.choice(_LETTERS) for _ in range(6))
    return f"{letters}.{time.time_ns() // 1_000_000}.01.0"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Session:
    """A login and a device.

    Attributes:
        music_u: Value of the login cookie ``MUSIC_U``; empty = nobody is logged in.
        csrf: Value of the cookie ``__csrf``, which goes with the login; may be empty.
        user_id: Whose login it is, once it was checked.
        nickname: Their name.
        device_id: 52 hexadecimal digits that stand for a device. Made up once; the same as long as the session
            lasts, as with a real device.
        nmtid: Cookie ``NMTID``: 32 hexadecimal digits.
        nuid: Cookie ``_ntes_nuid``: 64 hexadecimal digits.
        wnmcid: Cookie ``WNMCID``.

    Raises:
        InputError: A value cannot be that of a cookie. The error does not show it.
    """

    music_u: str = ""
    csrf: str = ""
    user_id: str = ""
    nickname: str = ""
    device_id: str = field(default_factory=lambda: _hexadecimal(26).upper())
    nmtid: str = field(default_factory=lambda: _hexadecimal(16))
    nuid: str = field(default_factory=lambda: _hexadecimal(32))
    wnmcid: str = field(default_factory=_visit_name)

    def __post_init__(self) -> None:
        for name in ("music_u", "csrf", "device_id", "nmtid", "nuid", "wnmcid"):
            value = getattr(self, name)
            if value and not _COOKIE_VALUE(value):
                raise InputError(
                    f"{_COOKIE_OF[name]} holds characters that no cookie may hold, or is too long"
                )

    @property
    def is_logged_in(self) -> bool:
        """Whether it holds a login (which may have expired)."""
        return bool(self.music_u)

    def hide(self, text: str) -> str:
        """Return ``text`` with the secrets in it made unreadable: a service may repeat what it was sent."""
        for secret in (self.music_u, self.csrf):
            if secret:
                text = text.replace(secret, "…")
        return text

    def __repr__(self) -> str:
        who = self.user_id or ("somebody" if self.is_logged_in else "nobody")
        return f"<Session of {who}>"

    @classmethod
    def from_cookie(cls, text: str, device: Session | None = None) -> Self:
        """Return the session of a login cookie.

        Args:
            text: The value of ``MUSIC_U``, or a line of cookies (``MUSIC_U=…; __csrf=…``, also with the
                attributes that a server sends along).
            device: Session whose device it is; ``None`` = a new one.

        Raises:
            InputError: There is no sound ``MUSIC_U`` in it. The error does not show the text.
        """
        text = text.strip().removeprefix("Cookie:").strip()
        cookies: dict[str, str] = {}
        if re.search(r"(?:^|[;\s])MUSIC_U=", text):
            for part in text.split(";"):
                name, _, value = part.strip().partition("=")
                # The first that says something: a server also clears cookies of other paths.
                if value and not cookies.get(name):
                    cookies[name] = value.strip()
        elif re.fullmatch(r"[^=;]+=*", text):
            cookies["MUSIC_U"] = text
        if not cookies.get("MUSIC_U"):
            raise InputError("there is no MUSIC_U: paste its value, or a line like MUSIC_U=…; __csrf=…")
        device_values = {name: getattr(device, name) for name in _DEVICE} if device else {}
        return cls(music_u=cookies["MUSIC_U"], csrf=cookies.get("__csrf", ""), **device_values)


_DEVICE = ("device_id", "nmtid", "nuid", "wnmcid")
_COOKIE_OF = {
    "music_u": "MUSIC_U",
    "csrf": "__csrf",
    "device_id": "deviceId",
    "nmtid": "NMTID",
    "nuid": "_ntes_nuid",
    "wnmcid": "WNMCID",
}
_FIELDS = frozenset(item.name for item in fields(Session))


def load_session(path: Path) -> Session | None:
    """Return the session that a file keeps; ``None`` where there is no file.

    A file that others can read is made private, with a note.

    Raises:
        FormatError: The file is damaged. The error does not show what it holds.
    """
    try:
        with path.open("rb") as file:
            content = file.read()
            mode = os.fstat(file.fileno()).st_mode
    except FileNotFoundError:
        return None
    except OSError as error:
        raise FormatError(f"the login cannot be read: {error.strerror}", path=path) from None
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        path.chmod(stat.S_IRUSR | stat.S_IWUSR)
        _log.warning("others could read %s; now only you can. Log in again if that may have happened", path)
    try:
        return _read(orjson.loads(content))
    except (orjson.JSONDecodeError, InputError, TypeError):
        raise FormatError("the kept login is damaged: log in again", path=path) from None


def _read(kept: Any) -> Session:
    if not isinstance(kept, dict) or not all(isinstance(value, str) for value in kept.values()):
        raise InputError("not an object of texts")
    if not kept.get("device_id"):
        raise InputError("no device")
    return Session(**{name: value for name, value in kept.items() if name in _FIELDS})


def save_session(session: Session, path: Path) -> None:
    """Keep a session in a file that only its owner can read, at once or not at all.

    Raises:
        InputError: The file cannot be written.
    """
    kept = {name: getattr(session, name) for name in sorted(_FIELDS)}
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Made new (O_EXCL) with mode 0600 from its first moment, and beside the file, so that it can replace it.
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
        with os.fdopen(descriptor, "wb") as file:
            if os.name == "posix":
                # A strange umask may have taken our own rights away.
                os.fchmod(descriptor, stat.S_IRUSR | stat.S_IWUSR)
            file.write(orjson.dumps(kept, option=orjson.OPT_INDENT_2))
            file.flush()
            os.fsync(descriptor)
        Path(temporary).replace(path)
        temporary = None
    except OSError as error:
        raise InputError(f"the login cannot be kept in {path}: {error.strerror}") from None
    finally:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)


def delete_session(path: Path) -> bool:
    """Forget the login; return whether there was one.

    Raises:
        InputError: The file cannot be deleted.
    """
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise InputError(f"{path} cannot be deleted: {error.strerror}") from None
    return True
