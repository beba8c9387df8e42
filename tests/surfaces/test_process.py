"""The command line as a process of its own: exit codes, streams, Ctrl-C, a reader who leaves."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from surfaces.asking import write_playlists

COMMAND = [sys.executable, "-m", "zetdard"]


def run(*arguments: str | Path, **more: str) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "PYTHONWARNINGS": "error", **more}
    return subprocess.run([*COMMAND, *map(str, arguments)], capture_output=True, env=environment, check=False)


def test_one_document_on_stdout_and_nothing_on_stderr(filled: Path) -> None:
    done = run("recommend", "songs", "ann", "--json", "--home", filled)
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["items"]
    assert "稻香".encode() in done.stdout


def test_a_terminal_that_cannot_show_chinese(filled: Path) -> None:
    done = run(
        "recommend", "songs", "ann", "--json", "--home", filled, PYTHONIOENCODING="ascii", PYTHONUTF8="0"
    )
    assert done.returncode == 0
    assert "稻香" in json.dumps(json.loads(done.stdout.decode("ascii")), ensure_ascii=False)
    done = run("search", "稻香", "--home", filled, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"??")


@pytest.mark.smoke
def test_exit_codes(filled: Path) -> None:
    failed = run("recommend", "songs", "zoe", "--home", filled)
    assert (failed.returncode, failed.stdout) == (1, b"")
    assert failed.stderr.decode() == "error: no user 'zoe' is stored; there are 5, such as ann, bob, cat\n"
    wrong = run("recommend", "planets", "ann", "--home", filled)
    assert (wrong.returncode, wrong.stdout) == (2, b"")
    assert b"Traceback" not in wrong.stderr


INTERRUPTED = """
import os, signal
from zetdard.sources.playlists import PlaylistFiles
from zetdard.surfaces.cli import main

read = PlaylistFiles.read

def until_ctrl_c(self, path, options, refuse):
    for number, record in enumerate(read(self, path, options, refuse)):
        if number == 20:
            os.kill(os.getpid(), signal.SIGINT)
        yield record

PlaylistFiles.read = until_ctrl_c
main()
"""


def test_ctrl_c_stores_nothing_and_exits_130(tmp_path: Path) -> None:
    files, home = write_playlists(tmp_path / "files"), tmp_path / "home"
    arguments = ["import", "playlists", str(files), "--home", str(home)]
    done = subprocess.run([sys.executable, "-c", INTERRUPTED, *arguments], capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (130, b"")
    assert done.stderr.decode() == "interrupted; the same command goes on\n"
    status = run("status", "--json", "--home", home)
    assert not any(json.loads(status.stdout)["stored"].values())
    assert run(*arguments).returncode == 0


@pytest.mark.parametrize("form", [["--json"], ["--explain"]])
def test_a_reader_who_leaves_is_no_error(filled: Path, form: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    arguments = ["recommend", "songs", "ann", *form, "--home", str(filled)]
    done = subprocess.run([*COMMAND, *arguments], stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


def test_progress_leaves_the_terminal_clean_before_the_answer(filled: Path, tmp_path: Path) -> None:
    """On a terminal a progress line is taken away before the text that follows it."""
    code = (
        "import zetdard.surfaces.cli.progress as p; p.QUIET_SECONDS = 0.0; p._REDRAW_SECONDS = 0.0\n"
        "from zetdard.surfaces.cli import main; main()"
    )
    ours, theirs = pty.openpty()
    arguments = ["export", "graph", "--out", str(tmp_path / "n.GEXF"), "--home", str(filled)]
    process = subprocess.Popen([sys.executable, "-c", code, *arguments], stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # the other side has closed
            break
        if not part:
            break
        shown += part
    os.close(ours)
    assert process.wait(timeout=60) == 0
    before, found, _ = shown.decode().partition("20 nodes")
    assert found
    assert "reading the store" in before
    last = before.rsplit("\r", 1)
    assert last[-1] == ""
    assert last[0].rsplit("\r", 1)[-1].strip() == ""
