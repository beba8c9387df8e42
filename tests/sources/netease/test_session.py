"""Logins: what is accepted, how it is kept, and that nobody sees it."""

from __future__ import annotations

import json
import logging
import os
import pickle
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from zetdard.errors import (
    BlockedError,
    FormatError,
    InputError,
    NeedsLoginError,
    RefusalError,
    RejectedRequestError,
    UnavailableError,
    UnreadableReplyError,
)
from zetdard.sources.netease.login import Account, LoginDesk, qr_login, read_cookie_file
from zetdard.sources.netease.session import Session, delete_session, load_session, save_session

SECRET, CSRF = "00aaSECRETaa77", "csrfSECRETcsrf"
ANN = {"code": 200, "account": {"id": 5}, "profile": {"userId": 5, "nickname": "Ann"}}


class FakeTransport:
    """Answers each route with the next of its answers; an answer that is an error is raised."""

    def __init__(self, session: Session, answers: dict[str, list[Any]]) -> None:
        self.session = session
        self.answers = answers
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.closed = False

    def call(self, route: str, **parameters: Any) -> dict[str, Any]:
        self.asked.append((route, parameters))
        answers = self.answers[route]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, dict)
        return answer

    def stream(self, url: str, offset: int = 0) -> Iterator[bytes]:
        raise NotImplementedError

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "netease-session.json"


Desk = Callable[..., tuple[LoginDesk, list[FakeTransport]]]


@pytest.fixture
def desk(path: Path) -> Desk:
    def make(**answers: list[Any]) -> tuple[LoginDesk, list[FakeTransport]]:
        opened: list[FakeTransport] = []

        def connect(session: Session) -> FakeTransport:
            opened.append(
                FakeTransport(session, {name.replace("_", "-"): given for name, given in answers.items()})
            )
            return opened[-1]

        return LoginDesk(path, connect), opened

    return make


# --- cookies ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "csrf"),
    [
        (SECRET, ""),
        (f"  {SECRET}\n", ""),
        (f"MUSIC_U={SECRET}", ""),
        (f"MUSIC_U={SECRET}; __csrf={CSRF}", CSRF),
        (f"Cookie: os=pc; __csrf={CSRF}; MUSIC_U={SECRET}; NMTID=1", CSRF),
        (f"MUSIC_U=; Max-Age=0;MUSIC_U={SECRET}; Path=/; HttpOnly;__csrf={CSRF}; Path=/", CSRF),
        (f"MUSIC_U={SECRET}; Path=/;;MUSIC_U={SECRET}; Path=/weapi;__csrf=", ""),
        (f"os=pc;\r\n MUSIC_U={SECRET}", ""),
    ],
)
def test_pasted_cookies(text: str, csrf: str) -> None:
    session = Session.from_cookie(text)
    assert (session.music_u, session.csrf, session.is_logged_in) == (SECRET, csrf, True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        f"{SECRET} {SECRET}",
        f"{SECRET}\x00",
        f"{SECRET}\x7f",
        f"{SECRET}\n{SECRET}",
        f"{SECRET}é",
        f'"{SECRET}"',
        f"{SECRET},x",
        f"__csrf={SECRET}; os=pc",
        f"MUSIC_U={SECRET}\r\nX-Header: x",
        "MUSIC_U=; os=pc",
        "a" * 5000,
        "os=pc",
        f"NOT_MUSIC_U={SECRET};",
    ],
)
def test_what_is_no_login_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(InputError) as caught:
        Session.from_cookie(text)
    assert SECRET not in str(caught.value)
    assert SECRET not in repr(caught.value)


def test_a_cookie_is_never_shown() -> None:
    session = Session(music_u=SECRET, csrf=CSRF)
    for text in (repr(session), str(session), f"{session}", f"{[session]}", repr({"s": session})):
        assert SECRET not in text
        assert CSRF not in text
    assert session.hide(f"a {SECRET} b {CSRF}") == "a … b …"


def test_devices_are_made_up_and_stay() -> None:
    one, other = Session(), Session()
    assert one.device_id != other.device_id
    assert len(one.device_id) == 52
    assert (len(one.nmtid), len(one.nuid)) == (32, 64)
    again = Session.from_cookie(SECRET, one)
    assert (again.device_id, again.nmtid, again.nuid, again.wnmcid) == (
        one.device_id,
        one.nmtid,
        one.nuid,
        one.wnmcid,
    )


def test_a_session_can_be_sent_to_another_process() -> None:
    session = Session(music_u=SECRET)
    assert pickle.loads(pickle.dumps(session)) == session


# --- the file --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o777])
def test_the_file_is_private_whatever_the_umask(path: Path, mask: int) -> None:
    path.parent.mkdir()
    session = Session(music_u=SECRET, csrf=CSRF, user_id="5", nickname="安")
    before = os.umask(mask)
    try:
        save_session(session, path)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_session(path) == session
    assert list(path.parent.iterdir()) == [path]


def test_saving_again_replaces_it(path: Path) -> None:
    save_session(Session(music_u="a"), path)
    path.chmod(0o644)
    save_session(Session(music_u="b"), path)
    loaded = load_session(path)
    assert loaded is not None
    assert loaded.music_u == "b"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_save_that_fails_leaves_the_old_one_and_no_rest(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_session(Session(music_u="a"), path)

    def fail(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(InputError, match="No space left"):
        save_session(Session(music_u=SECRET), path)
    loaded = load_session(path)
    assert loaded is not None
    assert loaded.music_u == "a"
    assert list(path.parent.iterdir()) == [path]


def test_a_file_that_others_can_read_is_made_private(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    save_session(Session(music_u=SECRET), path)
    path.chmod(0o644)
    with caplog.at_level(logging.WARNING, logger="zetdard"):
        assert load_session(path) is not None
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "others could read" in caplog.text
    assert SECRET not in caplog.text


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"{}",
        b'{"music_u":"00aaSECRETaa77"',
        b'{"music_u":5,"device_id":"A"}',
        b'{"music_u":"00aaSECRETaa77 x","device_id":"A"}',
        b'{"music_u":"00aaSECRETaa77"}',
        b"\xff\xfe",
    ],
)
def test_a_damaged_file_is_a_clear_error(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.touch(mode=0o600)
    path.write_bytes(content)
    with pytest.raises(FormatError, match="log in again") as caught:
        load_session(path)
    assert SECRET not in str(caught.value)


def test_a_newer_file_with_more_in_it_is_read(path: Path) -> None:
    save_session(Session(music_u=SECRET), path)
    kept = json.loads(path.read_bytes())
    path.write_text(json.dumps(kept | {"new": "x"}), encoding="utf-8")
    loaded = load_session(path)
    assert loaded is not None
    assert loaded.music_u == SECRET


def test_no_file_and_deletion(path: Path) -> None:
    assert load_session(path) is None
    assert not delete_session(path)
    save_session(Session(music_u="a"), path)
    assert delete_session(path)
    assert load_session(path) is None


def test_a_file_that_cannot_be_read_or_deleted(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(FormatError):
        load_session(path)
    with pytest.raises(InputError):
        delete_session(path)
    with pytest.raises(InputError):
        save_session(Session(), path)


# --- pasting ---------------------------------------------------------------------------------------------------


def test_a_pasted_login_is_checked_and_kept(desk: Desk, path: Path) -> None:
    it, opened = desk(account=[ANN])
    assert it.paste(f"MUSIC_U={SECRET}; __csrf={CSRF}") == Account(user_id="5", nickname="Ann")
    kept = load_session(path)
    assert kept is not None
    assert (kept.music_u, kept.csrf, kept.user_id, kept.nickname) == (SECRET, CSRF, "5", "Ann")
    assert opened[0].session.music_u == SECRET
    assert all(transport.closed for transport in opened)
    assert it.status() == Account(user_id="5", nickname="Ann")
    it.paste("another")
    again = load_session(path)
    assert again is not None
    assert again.device_id == kept.device_id, "the device stays the same"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ({"code": 200, "account": None, "profile": None}, NeedsLoginError),
        ({"code": 200}, NeedsLoginError),
        (NeedsLoginError("expired", code=301), NeedsLoginError),
        (RejectedRequestError("no", code=400), NeedsLoginError),
        (BlockedError("no", code=-460), BlockedError),
        (UnavailableError("no"), UnavailableError),
        ({"code": 200, "profile": []}, UnreadableReplyError),
        ({"code": 200, "profile": {}}, UnreadableReplyError),
        ({"code": 200, "profile": {"userId": True}}, UnreadableReplyError),
        ({"code": 200, "profile": {"userId": "x"}}, UnreadableReplyError),
    ],
    ids=str,
)
def test_a_login_that_is_not_taken_is_not_kept(
    desk: Desk, path: Path, answer: Any, kind: type[RefusalError]
) -> None:
    it, opened = desk(account=[answer])
    with pytest.raises(kind) as caught:
        it.paste(SECRET)
    assert SECRET not in str(caught.value)
    assert not path.exists()
    assert opened[0].closed


def test_a_wrong_login_leaves_the_old_one(desk: Desk, path: Path) -> None:
    save_session(Session(music_u="old"), path)
    it, _ = desk(account=[{"code": 200, "profile": None}])
    with pytest.raises(NeedsLoginError):
        it.paste(SECRET)
    kept = load_session(path)
    assert kept is not None
    assert kept.music_u == "old"


def test_a_damaged_file_does_not_hinder_a_new_login(desk: Desk, path: Path) -> None:
    path.parent.mkdir()
    path.write_text("{", encoding="utf-8")
    it, _ = desk(account=[ANN])
    with pytest.raises(FormatError):
        it.status()
    it.paste(SECRET)
    assert it.status() == Account(user_id="5", nickname="Ann")


def test_a_cookie_from_a_file(desk: Desk, path: Path, tmp_path: Path) -> None:
    cookie = tmp_path / "cookie"
    cookie.write_bytes(f"\ufeff MUSIC_U={SECRET}\r\n".encode())
    it, _ = desk(account=[ANN])
    it.paste_file(cookie)
    kept = load_session(path)
    assert kept is not None
    assert kept.music_u == SECRET


def test_files_that_are_no_cookie(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_cookie_file(tmp_path / "none")
    for content in (b"x" * 70_000, b"\xff\xff"):
        (tmp_path / "file").write_bytes(content)
        with pytest.raises(InputError):
            read_cookie_file(tmp_path / "file")


def test_logging_out(desk: Desk, path: Path) -> None:
    it, opened = desk(account=[ANN])
    assert it.status() is None
    assert not it.log_out()
    it.paste(SECRET)
    assert it.log_out()
    assert it.status() is None
    assert len(opened) == 1, "nobody is asked whose login there is not"
    assert not path.exists()


# --- QR codes --------------------------------------------------------------------------------------------------


KEY = {"code": 200, "unikey": "key-1"}
DONE = {"code": 803, "cookie": f"MUSIC_U={SECRET}; Path=/;__csrf={CSRF}; Path=/"}


def test_a_scanned_code_logs_in(desk: Desk, path: Path) -> None:
    save_session(Session(music_u="old", csrf="old"), path)
    it, opened = desk(
        qr_key=[KEY],
        qr_check=[{"code": 801}, UnavailableError("x"), {"code": 802}, {"code": 802}, DONE],
        account=[ANN],
    )
    shown: list[str] = []
    told: list[str] = []
    waits: list[float] = []
    assert it.scan(shown.append, told.append, wait=waits.append) == Account(user_id="5", nickname="Ann")
    assert shown == ["https://music.163.com/login?codekey=key-1"]
    assert told == ["scanned; now confirm on the phone"]
    assert len(waits) == 5
    assert min(waits) > 0
    asking, checking = opened
    assert not asking.session.is_logged_in, "the old login is not sent along"
    assert asking.asked[1] == ("qr-check", {"key": "key-1"})
    assert (checking.session.music_u, checking.session.csrf) == (SECRET, CSRF)
    assert checking.session.device_id == asking.session.device_id
    kept = load_session(path)
    assert kept is not None
    assert kept.music_u == SECRET


def scan(**answers: list[Any]) -> tuple[FakeTransport, Callable[..., str]]:
    transport = FakeTransport(Session(), {name.replace("_", "-"): given for name, given in answers.items()})

    def run(**options: Any) -> str:
        return qr_login(transport, lambda _: None, lambda _: None, wait=lambda _: None, **options)

    return transport, run


def test_an_expired_code() -> None:
    _, run = scan(qr_key=[KEY], qr_check=[{"code": 801}, {"code": 800}])
    with pytest.raises(NeedsLoginError, match="expired"):
        run()


def test_nobody_scans() -> None:
    transport, run = scan(qr_key=[KEY], qr_check=[{"code": 801}])
    with pytest.raises(NeedsLoginError, match="within 10 s"):
        run(patience_s=10)
    assert len(transport.asked) == 6


@pytest.mark.parametrize("key", [None, 5, "", "a b", "a/../b", "k\n", "k" * 201])
def test_a_key_that_is_none(key: Any) -> None:
    _, run = scan(qr_key=[{"code": 200, "unikey": key}])
    with pytest.raises(UnreadableReplyError):
        run()


def test_a_network_that_stays_away() -> None:
    transport, run = scan(qr_key=[KEY], qr_check=[UnavailableError("no connection")])
    with pytest.raises(UnavailableError):
        run()
    assert len(transport.asked) == 5


def test_a_refusal_ends_it() -> None:
    transport, run = scan(qr_key=[KEY], qr_check=[BlockedError("stop", code=-460)])
    with pytest.raises(BlockedError):
        run()
    assert len(transport.asked) == 2


@pytest.mark.parametrize("cookie", [None, "", "os=pc", "abc", "MUSIC_U=", f"MUSIC_U={SECRET} x; Path=/"])
def test_a_login_without_its_cookie(desk: Desk, path: Path, cookie: str | None) -> None:
    it, _ = desk(qr_key=[KEY], qr_check=[{"code": 803, "cookie": cookie}], account=[ANN])
    with pytest.raises(UnreadableReplyError, match="cookie") as caught:
        it.scan(lambda _: None, lambda _: None, wait=lambda _: None)
    assert SECRET not in str(caught.value)
    assert not path.exists()
