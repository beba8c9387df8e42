"""The real Node server, installed and started, in front of a small upstream of the tests' own."""

from __future__ import annotations

import json
import logging
import os
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from cryptography.hazmat.primitives.ciphers import modes

from sources.netease.decrypting import TEST_KEY, undo_aes, undo_weapi
from zetdard.errors import (
    BlockedError,
    GoneError,
    InputError,
    MissingExtraError,
    NeedsLoginError,
    RejectedRequestError,
    RiskCheckError,
    SlowDownError,
    UnavailableError,
    UnreadableReplyError,
)
from zetdard.sources.netease import nodeserver
from zetdard.sources.netease.apiserver import ApiServerTransport
from zetdard.sources.netease.nodeserver import Node, find_node, install, installed, node_server
from zetdard.sources.netease.session import Session

SECRET = "00aaSECRETaa77"
LOGIN = Session(music_u=SECRET, csrf="csrf1")


class Upstream:
    """Stands for NetEase: keeps what it is sent, decrypted, and says what it is told to say."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, dict[str, Any], str]] = []
        """Logical path, fields, cookies."""
        self.status, self.content = 200, b'{"code":200}'
        self.cookies: list[str] = []
        upstream = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                form = self.rfile.read(int(self.headers["Content-Length"])).decode("ascii")
                upstream.seen.append((*_decrypted(self.path, form), self.headers["Cookie"] or ""))
                self.send_response(upstream.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(upstream.content)))
                for cookie in upstream.cookies:
                    self.send_header("Set-Cookie", cookie)
                self.end_headers()
                self.wfile.write(upstream.content)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def says(self, content: bytes | dict[str, Any], status: int = 200, *cookies: str) -> None:
        self.content = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.status, self.cookies = status, list(cookies)
        self.seen.clear()


def _decrypted(path: str, form: str) -> tuple[str, dict[str, Any]]:
    fields = {name: values[0] for name, values in parse_qs(form).items()}
    if path.startswith("/weapi/"):
        return f"/api/{path[7:]}", json.loads(undo_weapi(fields["params"], fields["encSecKey"]))
    assert path.startswith("/eapi/")
    plain = undo_aes(bytes.fromhex(fields["params"]), b"e82ckenh8dichen8", modes.ECB()).decode()
    logical, text, _ = plain.split("-36cd479b6b5-")
    return logical, json.loads(text)


@pytest.fixture(scope="module")
def node_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("node home")
    told: list[tuple[str, int, int | None]] = []
    install(home, lambda *step: told.append(step))
    assert [step[1:] for step in told] == [(0, 1), (1, 1)]
    assert [item.name for item in home.iterdir()] == ["netease-api"], "nothing half done is left"
    return home


@pytest.fixture(scope="module")
def _upstream() -> Iterator[Upstream]:
    upstream = Upstream()
    thread = threading.Thread(target=upstream.server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield upstream
    upstream.server.shutdown()
    thread.join(10)
    upstream.server.server_close()


@pytest.fixture
def upstream(_upstream: Upstream) -> Upstream:
    _upstream.says({"code": 200})
    return _upstream


@pytest.fixture(scope="module")
def node(node_home: Path, _upstream: Upstream) -> Iterator[str]:
    with node_server(
        node_home,
        upstream=_upstream.url,
        modulus=TEST_KEY["modulus"],
        exponent=TEST_KEY["exponent"],
    ) as server:
        yield server.url


@pytest.fixture
def transport(node: str) -> Iterator[ApiServerTransport]:
    transport = ApiServerTransport(node, session=LOGIN)
    yield transport
    transport.close()


def test_what_node_encrypts_our_private_key_decrypts(
    transport: ApiServerTransport, upstream: Upstream
) -> None:
    upstream.says({"code": 200, "profile": {"avatarImgId_str": "1"}})
    assert transport.call("user-detail", uid="32953014")["profile"] == {"avatarImgIdStr": "1"}
    ((path, fields, cookies),) = upstream.seen
    assert path == "/api/v1/user/detail/32953014"
    assert fields["csrf_token"] == "csrf1"
    assert f"MUSIC_U={SECRET}" in cookies
    assert f"deviceId={LOGIN.device_id}" in cookies


def test_the_client_endpoints_are_asked_too(transport: ApiServerTransport, upstream: Upstream) -> None:
    transport.call("comments-new", id="3", cursor="17")
    ((path, fields, _),) = upstream.seen
    assert path == "/api/v2/resource/comments"
    assert (fields["threadId"], fields["cursor"], fields["sortType"]) == ("R_SO_4_3", "17", 3)
    assert fields["header"]["MUSIC_U"] == SECRET
    transport.call("search-users", nickname="小明 & Co+1")
    assert upstream.seen[1][1]["s"] == "小明 & Co+1"


def test_a_thousand_songs_fit_into_one_request(transport: ApiServerTransport, upstream: Upstream) -> None:
    ids = [str(10**17 + number) for number in range(1000)]
    transport.call("song-detail", ids=ids)
    ((_, fields, _),) = upstream.seen
    assert fields["c"] == "[" + ",".join(f'{{"id":{id}}}' for id in ids) + "]"


def test_the_server_s_memory_of_two_minutes_never_answers(
    node: str, transport: ApiServerTransport, upstream: Upstream
) -> None:
    def ask_as_others_do() -> Any:
        answer = httpx.post(f"{node}/user/detail", data={"uid": "7"}, trust_env=False)
        return answer.json()["n"]

    for number in (1, 2):
        upstream.says({"code": 200, "n": number})
        assert ask_as_others_do() == 1, "the trap is there"
    for number in (3, 4):
        upstream.says({"code": 200, "n": number})
        assert transport.call("user-detail", uid="7")["n"] == number
        assert len(upstream.seen) == 1


@pytest.mark.parametrize(
    ("content", "status", "kind"),
    [
        ({"code": 301}, 200, NeedsLoginError),
        ({"code": -460, "msg": "Cheating"}, 200, BlockedError),
        ({"code": -462, "data": {"verifyUrl": "https://check.example"}}, 200, RiskCheckError),
        ({"code": 400, "message": "参数错误"}, 200, RejectedRequestError),
        ({"code": 404, "message": "不存在"}, 200, GoneError),
        ({"code": 405}, 200, SlowDownError),
        (b"", 200, UnreadableReplyError),
        (b"<html>", 200, UnreadableReplyError),
        (b'{"code":200,"x', 200, UnreadableReplyError),
        (b"busy", 503, UnavailableError),
    ],
    ids=["login", "cheating", "risk", "bad", "gone", "often", "empty", "page", "truncated", "HTTP 503"],
)
@pytest.mark.parametrize("route", ["user-detail", "lyrics"])
def test_refusals_arrive_as_what_they_are(
    transport: ApiServerTransport,
    upstream: Upstream,
    route: str,
    content: bytes | dict[str, Any],
    status: int,
    kind: type[Exception],
) -> None:
    upstream.says(content, status)
    with pytest.raises(kind) as caught:
        transport.call(route, **({"uid": "1"} if route == "user-detail" else {"id": "1"}))
    assert type(caught.value) is kind
    assert upstream.seen


def test_logins_through_node(
    transport: ApiServerTransport, upstream: Upstream, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    upstream.says({"code": 200, "account": {"id": 1}, "profile": {"userId": 1}})
    assert transport.call("account")["profile"] == {"userId": 1}
    upstream.says({"code": 200, "unikey": "k-1"})
    assert transport.call("qr-key") == {"code": 200, "unikey": "k-1"}
    for code in (801, 802, 800):
        upstream.says({"code": code})
        assert transport.call("qr-check", key="k-1")["code"] == code
    upstream.says({"code": 803}, 200, "MUSIC_U=newSECRET; Path=/", "__csrf=c; Path=/")
    cookie = transport.call("qr-check", key="k-1")["cookie"]
    assert Session.from_cookie(cookie).music_u == "newSECRET"
    assert "httpcore" in caplog.text, "the library's own log is on"
    assert "SECRET" not in caplog.text
    for content in (b"", b"<html>"):
        upstream.says(content)
        for route, parameters in (("account", {}), ("qr-key", {}), ("qr-check", {"key": "k"})):
            with pytest.raises(UnreadableReplyError):
                transport.call(route, **parameters)
    upstream.says(b"busy", 503)
    for route, parameters in (("account", {}), ("qr-key", {}), ("qr-check", {"key": "k"})):
        with pytest.raises(UnavailableError):
            transport.call(route, **parameters)


def test_it_listens_on_this_machine_only_and_other_sites_may_not_read_it(
    node: str, upstream: Upstream
) -> None:
    del upstream
    port = int(node.rpartition(":")[2])
    listening = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    addresses = {
        row[1].split(":")[0] for row in listening if row[1].endswith(f":{port:04X}") and row[3] == "0A"
    }
    assert addresses == {"0100007F"}
    reply = httpx.post(
        f"{node}/likelist?t=1", data={"uid": "1"}, headers={"Origin": "https://evil.example"}, trust_env=False
    )
    assert reply.headers["Access-Control-Allow-Origin"] == "http://127.0.0.1"


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def until_ended(pid: int) -> bool:
    end = time.monotonic() + 20
    while is_running(pid) and time.monotonic() < end:
        time.sleep(0.02)
    return not is_running(pid)


def test_it_ends_with_the_context(node_home: Path) -> None:
    with node_server(node_home, upstream="http://127.0.0.1:9") as server:
        assert is_running(server.pid)
        transport = ApiServerTransport(server.url)
        with pytest.raises(UnavailableError):
            transport.call("user-detail", uid="1")
        transport.close()
    assert not is_running(server.pid)


def test_it_ends_with_its_parent(node_home: Path) -> None:
    code = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from zetdard.sources.netease.nodeserver import node_server\n"
        "with node_server(Path(sys.argv[1]), upstream='http://127.0.0.1:9') as server:\n"
        "    print(server.pid, flush=True)\n"
        "    time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code, str(node_home)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    assert is_running(pid)
    parent.kill()
    parent.wait(10)
    parent.stdout.close()
    assert until_ended(pid)


def test_one_that_ends_by_itself_is_told(node_home: Path) -> None:
    with node_server(node_home, upstream="http://127.0.0.1:9") as server:
        os.kill(server.pid, 15)
        with pytest.raises(UnavailableError, match="ended by itself"):
            server.wait()


def test_a_port_that_is_taken(node_home: Path, node: str) -> None:
    port = int(node.rpartition(":")[2])
    with (
        pytest.raises(UnavailableError, match="EADDRINUSE"),
        node_server(node_home, port=port),
    ):
        pass


def test_what_is_installed_is_not_installed_again(node_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nodeserver, "_npm_install", None)
    assert install(node_home) == installed(node_home)


def fake_npm(folder: Path, script: str) -> Node:
    program = folder / "npm"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return Node(("node",), (str(program),))


def test_what_is_half_there_is_installed_anew(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = home / "netease-api" / "node_modules" / "NeteaseCloudMusicApi"
    package.mkdir(parents=True)
    (package / "package.json").write_text('{"version": "4.0.0"}', encoding="utf-8")
    (home / "netease-api" / "old").touch()
    npm = fake_npm(
        tmp_path,
        'mkdir -p node_modules/NeteaseCloudMusicApi && echo \'{"version":"4.32.0"}\''
        " > node_modules/NeteaseCloudMusicApi/package.json",
    )
    monkeypatch.setattr(nodeserver, "find_node", lambda: npm)
    assert installed(home) is None
    assert install(home) == package
    assert [item.name for item in (home / "netease-api").iterdir()] == ["node_modules"]
    assert [item.name for item in home.iterdir()] == ["netease-api"]


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("echo 'npm error network'; exit 1", "npm error network"),
        ("mkdir node_modules", "something else"),
    ],
    ids=["fails", "brings something else"],
)
def test_npm_that_fails(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, words: str
) -> None:
    npm = fake_npm(tmp_path, script)
    monkeypatch.setattr(nodeserver, "find_node", lambda: npm)
    with pytest.raises(UnavailableError, match=words):
        install(home)
    assert installed(home) is None
    assert not [item for item in home.iterdir() if item.name.startswith(".")]


def test_a_home_that_cannot_be_written_to(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError):
        install(tmp_path / "file")


def test_node_comes_from_the_python_package_where_the_system_has_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(nodeserver.shutil, "which", lambda _: None)
    found = find_node()
    for command in (found.node, found.npm):
        done = subprocess.run([*command, "--version"], capture_output=True, text=True, check=True, timeout=60)
        assert done.stdout.lstrip("v")[0].isdigit()
    monkeypatch.setattr(nodeserver, "find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match="zetdard\\[node\\]"):
        find_node()
