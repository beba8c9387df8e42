"""Every command explains itself, and takes a home and a database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import typer.main

from surfaces.asking import ask
from zetdard.surfaces.cli import app


def commands() -> Iterator[tuple[str, ...]]:
    for name, command in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        inner = getattr(command, "commands", None)
        yield from ((name, part) for part in inner) if inner else [(name,)]


ALL = list(commands())


@pytest.mark.parametrize("words", [(), ("export",), *ALL], ids=" ".join)
def test_help(words: tuple[str, ...]) -> None:
    for option in ("--help", "-h"):
        done = ask(*words, option)
        assert done.exit_code == 0
        assert done.stderr == ""
        assert "Usage:" in done.stdout


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_every_command_takes_a_home(words: tuple[str, ...]) -> None:
    shown = ask(*words, "--help").stdout
    assert "--home" in shown
    if words != ("demo",):
        assert "--database" in shown
        assert "--json" in shown


def test_without_words_help_is_shown() -> None:
    assert "Usage:" in ask().output


def test_version() -> None:
    assert ask("--version").stdout.startswith("zetdard ")
