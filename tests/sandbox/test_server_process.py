"""The server starts and stops: in a thread, in a process of its own, and from the command line."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox.asking import Asker, compact, eapi_form
from zetdard.errors import InputError, ZetDardError
from zetdard.sandbox import WorldConfig, generate
from zetdard.sandbox.server import Plan, RunningServer, running_server, serve
from zetdard.surfaces.cli.sandbox import run_sandbox

CONFIG = WorldConfig(seed=5, n_users=12, n_songs=40, n_artists=8)


def account(server: RunningServer) -> int:
    code: int = Asker(server.url, int(server.modulus, 16)).weapi("w/nuser/account/get")["code"]
    return code


def eventually(true: Callable[[], bool], seconds: float = 20.0) -> bool:
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def listens(url: str) -> bool:
    host, port = url.removeprefix("http://").split(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) == 0


def test_a_process_of_its_own() -> None:
    plan = Plan(needs_login=("account",))
    with running_server(CONFIG, plan) as server:
        assert account(server) == 301
        server.set_plan(Plan())
        assert account(server) == 200
        assert server.requests() == {"requests": {"account": 2}, "refusals": {"301": 1}}
        assert (server.about["seed"], server.exponent) == (5, 65537)
        with running_server(generate(CONFIG), in_thread=True) as other:
            assert other.url != server.url
            assert other.about == server.about
    assert not listens(server.url)
    assert not listens(other.url)


@pytest.mark.skipif(os.name != "posix", reason="processes are stopped by signals here")
def test_it_ends_with_its_parent() -> None:
    script = (
        "import sys, time\n"
        "from zetdard.sandbox import WorldConfig\n"
        "from zetdard.sandbox.server import running_server\n"
        "with running_server(WorldConfig(seed=5, n_users=12, n_songs=40, n_artists=8)) as server:\n"
        "    print(server.url, flush=True)\n"
        "    time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    with parent.stdout:
        url = parent.stdout.readline().strip()
        assert listens(url)
        parent.kill()
        parent.wait()
    assert eventually(lambda: not listens(url))


def test_a_server_that_does_not_start_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    program = shutil.which("true")
    assert program
    monkeypatch.setattr(sys, "executable", program)
    with pytest.raises(ZetDardError, match="ended before it listened"), running_server(CONFIG):
        pass


def test_a_busy_port() -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        with pytest.raises(InputError, match=rf"cannot listen on 127.0.0.1:{port}: .*--port"):
            serve(generate(CONFIG), port)


def test_replies_are_kept_and_dropped_with_the_plan() -> None:
    world = generate(CONFIG)
    path, header = "/api/v6/playlist/detail", {"os": "pc", "appver": "1"}
    longest = max(range(len(world.playlists)), key=lambda row: world.playlists[row].songs.size)
    fields = {"id": world.people_labels.playlist_ids[longest], "n": 100000, "s": 8, "header": header}
    form = eapi_form(path, compact(fields))
    with running_server(world, in_thread=True, cache_replies=True) as server:
        ask = Asker(server.url, int(server.modulus, 16))
        first, second = (ask.post("/eapi/v6/playlist/detail", form) for _ in range(2))
        assert first.body == second.body
        assert server.requests()["requests"] == {"playlist-detail": 2}
        # A login sees more, and is not given what was kept for strangers.
        owner = ask.logged_in(world.people_labels.user_ids[0]).post("/eapi/v6/playlist/detail", form)
        assert len(owner.json["playlist"]["tracks"]) > len(first.json["playlist"]["tracks"]) == 10
        server.set_plan(Plan(private_playlists=1.0))
        assert ask.post("/eapi/v6/playlist/detail", form).json["code"] == 401
        server.set_plan(Plan())
        assert ask.post("/eapi/v6/playlist/detail", form).body == first.body


@pytest.mark.skipif(os.name != "posix", reason="Ctrl-C is a signal here")
def test_the_command_announces_serves_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    plan.write_text('{"needs_login": ["account"]}', encoding="utf-8")
    script = (
        "from pathlib import Path\n"
        "from zetdard.surfaces.cli.options import command\n"
        "from zetdard.surfaces.cli.sandbox import run_sandbox\n"
        "import typer\n"
        "def main() -> None:\n"
        f"    run_sandbox(port=0, scale='small', seed=7, export=None, plan=Path({str(plan)!r}))\n"
        "typer.run(command(main))\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        lines: list[str] = []
        while not lines or "Ctrl-C" not in lines[-1]:
            lines.append(process.stdout.readline())
            assert lines[-1], process.communicate()
        said = "".join(lines)
        found = re.search(r"INVENTED NetEase listens on (http://127\.0\.0\.1:\d+)", said)
        assert found is not None
        url = found[1]
        server = RunningServer(url=url, modulus="", exponent=65537, about={})
        listener = server._ask("GET", "/sandbox")["listener"]["id"]
        assert f"zetdard crawl --sandbox --sandbox-url {url} --user {listener} --rate 0\n" in said
        assert f"zetdard recommend songs {listener} --explain\n" in said
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
        assert (process.returncode, errors.splitlines()) == (130, ["interrupted; the same command goes on"])
    finally:
        process.kill()
        process.communicate()


def test_the_command_exports(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_sandbox(port=0, scale="small", seed=7, export=tmp_path / "truth", plan=None)
    assert "INVENTED" in capsys.readouterr().out
    assert (tmp_path / "truth" / "oracle.npy").is_file()


def test_the_command_refuses_what_it_cannot_do(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no world is called 'huge'"):
        run_sandbox(port=0, scale="huge", seed=7, export=None, plan=None)
    with pytest.raises(InputError, match="cannot read the plan"):
        run_sandbox(port=0, scale="small", seed=7, export=None, plan=tmp_path / "none.json")
