"""``make`` says in one line what is wrong with the Python at hand, before it touches anything."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NEEDED_PROGRAMS = ("sh", "make", "dirname", "cat", "cksum", "rm", "awk", "echo")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The files that ``make`` reads, in a folder whose name holds a space."""
    folder = tmp_path / "a checkout"
    (folder / "tools").mkdir(parents=True)
    for name in ("Makefile", "pyproject.toml", "tools/environment"):
        shutil.copy(ROOT / name, folder / name)
    return folder


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder for PATH with what ``make`` needs and no Python."""
    folder = tmp_path / "programs"
    folder.mkdir()
    for name in NEEDED_PROGRAMS:
        found = shutil.which(name)
        assert found, f"{name} is needed"
        (folder / name).symlink_to(found)
    return folder


def fake_python(path: Path, *, version: str | None) -> Path:
    """Write an interpreter that claims a version, or a shim that does not run."""
    lines = ["#!/bin/sh", 'case "$2" in']
    if version is None:
        lines = ["#!/bin/sh", "echo 'pyenv: command not found' >&2", "exit 127"]
    else:
        too_old = int(tuple(int(part) for part in version.split(".")) < (3, 11))
        lines += [f"  *print*) echo {version} ;;", f"  *version_info*) exit {too_old} ;;", "esac"]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def make(checkout: Path, programs: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", *words],
        cwd=checkout,
        env={"PATH": str(programs)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def assert_stopped_with_one_line(done: subprocess.CompletedProcess[str], checkout: Path, line: str) -> None:
    assert done.returncode != 0
    said = [text for text in done.stderr.splitlines() if not text.startswith("make: ***")]
    assert said == [line]
    assert done.stdout == ""
    assert not (checkout / ".venv").exists()


@pytest.mark.parametrize("target", ["demo", "test", "setup", "lint", "bench"])
def test_a_named_python_that_is_too_old(checkout: Path, programs: Path, tmp_path: Path, target: str) -> None:
    old = fake_python(tmp_path / "old python", version="3.9.2")
    line = (
        f"ZetDard: needs Python 3.11 or newer, but {old} is 3.9.2; "
        "name another with: make PYTHON=/path/to/python3.12"
    )
    assert_stopped_with_one_line(make(checkout, programs, target, f"PYTHON={old}"), checkout, line)


def test_the_pythons_on_the_path_are_too_old(checkout: Path, programs: Path) -> None:
    fake_python(programs / "python3", version="3.10.14")
    fake_python(programs / "python3.12", version=None)
    line = (
        "ZetDard: needs Python 3.11 or newer, but python3 is 3.10.14; "
        "name another with: make PYTHON=/path/to/python3.12"
    )
    assert_stopped_with_one_line(make(checkout, programs, "demo"), checkout, line)


def test_there_is_no_python(checkout: Path, programs: Path) -> None:
    line = (
        "ZetDard: needs Python 3.11 or newer, but python3 does not run; "
        "name another with: make PYTHON=/path/to/python3.12"
    )
    assert_stopped_with_one_line(make(checkout, programs, "demo"), checkout, line)


def test_a_shim_that_does_not_run_is_passed_over(checkout: Path, programs: Path) -> None:
    fake_python(programs / "python3", version=None)
    (programs / "python3.13").symlink_to(fake_python(programs / "new", version="3.13.1"))
    done = make(checkout, programs, "demo")
    # The fake makes no environment, so this ends after the choice.
    assert "Creating .venv with Python 3.13.1" in done.stdout


def test_what_is_installed_is_not_installed_again(checkout: Path, programs: Path) -> None:
    """With a stamp in .venv, ``demo`` starts at once; after a change of pyproject.toml it installs again."""
    inside = checkout / ".venv" / "bin"
    inside.mkdir(parents=True)
    log = checkout / "log"
    # Stands for .venv's Python: notes what it is asked to run as a module, and is itself for the rest.
    script = f'#!/bin/sh\nif [ "$1" = -m ]; then echo "$@" >>"{log}"; else exec "{sys.executable}" "$@"; fi\n'
    (inside / "python").write_text(script, encoding="utf-8")
    (inside / "python").chmod(0o755)

    def asked() -> list[str]:
        log.unlink(missing_ok=True)
        done = make(checkout, programs, "demo", "ARGS=--no-serve")
        assert done.returncode == 0, done.stderr
        return log.read_text(encoding="utf-8").splitlines()

    first = asked()
    assert any("--editable ." in line for line in first)
    assert not any("--group" in line for line in first), "the demo needs no test dependencies"
    assert asked() == ["-m zetdard demo --no-serve"]
    with (checkout / "pyproject.toml").open("a", encoding="utf-8") as project:
        project.write("# changed\n")
    assert len(asked()) == len(first)


def test_help_is_the_default_and_names_every_target(checkout: Path, programs: Path) -> None:
    done = make(checkout, programs)
    assert done.returncode == 0
    for target in ("setup", "demo", "test", "lint", "bench", "clean", "help"):
        assert f"make {target} " in done.stdout
