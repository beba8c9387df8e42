"""``login`` and ``netease-api`` at the command line; the service behind them is a stand-in."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from zetdard import registry
from zetdard.errors import UnavailableError
from zetdard.sources.netease.login import LoginDesk
from zetdard.sources.netease.session import Session
from zetdard.surfaces.cli import netease
from zetdard.surfaces.cli.app import app

SECRET = "00aaSECRETaa77"
ANN = {"code": 200, "profile": {"userId": 5, "nickname": "Ann\x1b[31m"}}


class FakeTransport:
    """Knows one login."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def call(self, route: str, **_: Any) -> dict[str, Any]:
        if route == "account":
            return ANN if self._session.music_u == SECRET else {"code": 200, "profile": None}
        return (
            {"code": 200, "unikey": "k1"}
            if route == "qr-key"
            else {"code": 803, "cookie": f"MUSIC_U={SECRET}"}
        )

    def stream(self, url: str, offset: int = 0) -> Iterator[bytes]:
        raise NotImplementedError

    def close(self) -> None:
        pass


@pytest.fixture
def path(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = home / "netease-session.json"
    monkeypatch.setattr(registry, "netease_login", lambda _: LoginDesk(path, FakeTransport))
    monkeypatch.setattr("zetdard.sources.netease.login.POLL_SECONDS", 0.0001)
    return path


Run = Callable[..., Any]


@pytest.fixture
def run() -> Run:
    def invoke(*words: str, **options: Any) -> Any:
        result = CliRunner().invoke(app, words, **options)
        assert SECRET not in result.output + result.stderr
        return result

    return invoke


@pytest.mark.usefixtures("path")
def test_from_a_file_to_logging_out(run: Run, tmp_path: Path, path: Path) -> None:
    assert run("login", "--status").stdout == "nobody is logged in\n"
    cookie = tmp_path / "cookie"
    cookie.write_text(SECRET, encoding="utf-8")
    done = run("login", "--cookie-file", str(cookie))
    assert (done.exit_code, done.stdout) == (0, "logged in as Ann\ufffd[31m [5]\n")
    assert path.exists()
    done = run("login", "--status", "--json")
    assert json.loads(done.stdout) == {"logged_in": True, "user": "5", "nickname": "Ann\x1b[31m"}
    assert run("login", "--logout").stdout == "logged out here\n"
    assert not path.exists()
    assert json.loads(run("login", "--logout", "--json").stdout) == {
        "logged_in": False,
        "was_logged_in": False,
    }


def test_a_wrong_cookie(run: Run, tmp_path: Path, path: Path) -> None:
    cookie = tmp_path / "cookie"
    cookie.write_text("another", encoding="utf-8")
    done = run("login", "--cookie-file", str(cookie))
    assert done.exit_code == 1
    assert "does not know this login" in done.stderr
    assert not path.exists()


def test_the_prompt_hides_what_is_pasted(run: Run, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = run("login", input=SECRET)
    assert done.exit_code == 1
    assert "no terminal" in done.stderr
    monkeypatch.setattr(netease, "_at_a_terminal", lambda: True)
    asked: list[str] = []

    def hidden(prompt: str, stream: Any = None) -> str:
        del stream
        asked.append(prompt)
        return SECRET

    monkeypatch.setattr(netease, "getpass", hidden)
    assert run("login").exit_code == 0
    assert len(asked) == 1
    assert path.exists()
    for nothing in ("", "  "):
        monkeypatch.setattr(netease, "getpass", lambda *_, nothing=nothing, **__: nothing)
        done = run("login")
        assert (done.exit_code, "nothing was pasted" in done.stderr) == (1, True)


def test_a_qr_code_goes_to_standard_error(run: Run, path: Path) -> None:
    done = run("login", "--qr", "--json")
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["user"] == "5"
    assert "https://music.163.com/login?codekey=k1" in done.stderr
    assert path.exists()


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize("words", [("--qr", "--status"), ("--logout", "--cookie-file", "x")])
def test_one_thing_at_a_time(run: Run, words: tuple[str, ...]) -> None:
    assert run("login", *words).exit_code == 2


class Terminal(io.StringIO):
    """A stream with an encoding of its own."""

    def __init__(self, encoding: str, tty: bool) -> None:
        super().__init__()
        self._encoding, self._tty = encoding, tty

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._encoding

    def isatty(self) -> bool:
        return self._tty


@pytest.mark.parametrize(
    ("encoding", "tty", "block", "coloured"),
    [("utf-8", True, "█", True), ("UTF-8", False, "█", False), ("ascii", True, "\x1b[7m", False)],
)
def test_the_code_suits_the_terminal(encoding: str, tty: bool, block: str, coloured: bool) -> None:
    out = Terminal(encoding, tty)
    netease.draw_code("https://music.163.com/login?codekey=k1", out)
    *rows, address = out.getvalue().splitlines()
    assert address == "https://music.163.com/login?codekey=k1"
    assert block in rows[0]
    assert all(row.startswith("\x1b[97;40m") == coloured for row in rows)
    assert (len(rows) > 30) == (encoding == "ascii"), "half blocks need half the rows"


# --- netease-api -----------------------------------------------------------------------------------------------


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    seen: dict[str, Any] = {"installed": 0, "ends": KeyboardInterrupt()}

    def install(home: Path, progress: Any) -> Path:
        progress("installing", 0, 1)
        progress("installing", 1, 1)
        seen["installed"] += 1
        return home / "netease-api"

    def wait() -> None:
        raise seen["ends"]

    @contextmanager
    def run_server(home: Path, service: Any, *, port: int) -> Iterator[Any]:
        seen["port"], seen["open"] = port, True
        try:
            yield SimpleNamespace(url="http://127.0.0.1:3000", wait=wait)
        finally:
            seen["open"] = False

    monkeypatch.setattr(registry, "netease_api_install", install)
    monkeypatch.setattr(registry, "netease_api_server", run_server)
    return seen


@pytest.mark.usefixtures("home")
def test_the_server_runs_until_it_is_interrupted(run: Run, server: dict[str, Any]) -> None:
    done = run("netease-api", "--port", "3000")
    assert done.exit_code == 130
    assert "zetdard crawl --api-server http://127.0.0.1:3000" in done.stdout
    assert server == {"installed": 1, "ends": server["ends"], "port": 3000, "open": False}
    done = run("netease-api", "--json")
    assert json.loads(done.stdout) == {"url": "http://127.0.0.1:3000"}


@pytest.mark.usefixtures("home")
def test_a_server_that_ends_by_itself(run: Run, server: dict[str, Any]) -> None:
    server["ends"] = UnavailableError("the API server ended by itself (exit code 1)")
    done = run("netease-api")
    assert (done.exit_code, server["open"]) == (1, False)
    assert "ended by itself" in done.stderr


def test_installing_only(run: Run, server: dict[str, Any], home: Path) -> None:
    done = run("netease-api", "--install-only", "--json")
    assert json.loads(done.stdout) == {"installed": str(home / "netease-api")}
    assert "port" not in server
    assert run("netease-api", "--install-only").stdout.startswith("installed in ")
