"""Every command and every public name is documented, and both READMEs say the same."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.main import get_command

ROOT = Path(__file__).parents[2]
READMES = ("README.md", "README.zh.md")
COMMAND_PAGES = (*READMES, "docs/cli.md")
SHELLS = frozenset({"", "sh", "bash", "shell", "console"})


def commands() -> list[str]:
    """Return every command as it is typed: ``train``, ``import playlists``."""
    from zetdard.surfaces.cli import app

    def walk(command: object, path: tuple[str, ...]) -> Iterator[str]:
        inner = getattr(command, "commands", None)
        if inner is None:
            yield " ".join(path)
            return
        for name, child in sorted(inner.items()):
            if not getattr(child, "hidden", False):
                yield from walk(child, (*path, name))

    return [name for name in walk(get_command(app), ()) if name]


def names_command(text: str, command: str) -> bool:
    """Say whether a line of ``text`` names it: ``zetdard import playlists DIR | hetrec DIR`` names both."""
    first, *rest = (re.escape(word) for word in command.split())
    end = r"(?![\w-])"
    pattern = rf"\bzetdard[ \t]+(?:[\w|-]+[ \t]*\|[ \t]*)*{first}{end}"
    return re.search(pattern + "".join(rf".*(?<![\w-]){word}{end}" for word in rest), text) is not None


def read(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def headings(text: str) -> list[int]:
    """Return the level of each heading, code blocks left out."""
    plain = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    return [len(marks) for marks in re.findall(r"^(#{1,6}) ", plain, flags=re.MULTILINE)]


def code_blocks(text: str) -> list[tuple[str, list[str]]]:
    """Return language and lines of each block; of shell blocks without comments, which are translated."""
    blocks = []
    for language, body in re.findall(r"^```([\w-]*)[^\n]*\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL):
        lines = []
        for line in body.splitlines():
            command = re.sub(r"(^|\s+)#.*$", "", line) if language in SHELLS else line
            if command.strip():
                lines.append(command.rstrip())
        blocks.append((language, lines))
    return blocks


def public_names() -> list[str]:
    return [name for name in importlib.import_module("zetdard").__all__ if not name.startswith("__")]


def test_there_are_commands_and_public_names() -> None:
    assert len(commands()) > 5
    assert public_names()


@pytest.mark.parametrize("page", COMMAND_PAGES)
def test_every_command_is_named(page: str) -> None:
    text = read(page)
    assert [name for name in commands() if not names_command(text, name)] == []


def test_every_public_name_is_in_the_api_page() -> None:
    text = read("docs/api.md")
    assert [name for name in public_names() if not re.search(rf"\b{re.escape(name)}\b", text)] == []


def test_every_public_name_has_a_docstring() -> None:
    package = importlib.import_module("zetdard")
    values = {name: getattr(package, name) for name in public_names()}
    documented = {
        name: value
        for name, value in values.items()
        if inspect.isclass(value) or inspect.isroutine(value) or inspect.ismodule(value)
    }
    assert [name for name, value in documented.items() if not (value.__doc__ or "").strip()] == []


def test_both_readmes_have_the_same_headings() -> None:
    english, chinese = (headings(read(page)) for page in READMES)
    assert english == chinese


def test_both_readmes_have_the_same_commands() -> None:
    english, chinese = (code_blocks(read(page)) for page in READMES)
    assert [language for language, _ in english] == [language for language, _ in chinese]
    for one, other in zip(english, chinese, strict=True):
        if one[0] in SHELLS:
            assert one == other


def test_a_command_is_recognised_where_it_stands() -> None:
    text = "zetdard import playlists DIR | hetrec DIR\nzetdard login | crawl --me\n`zetdard similar songs ID`"
    assert names_command(text, "import playlists")
    assert names_command(text, "import hetrec")
    assert names_command(text, "crawl")
    assert names_command(text, "similar songs")
    assert not names_command(text, "similar artists")
    assert not names_command(text, "import music")
    assert not names_command(text, "imp")


def test_comments_in_commands_may_be_translated() -> None:
    english = "```sh\nmake demo  # everything\n# first\nmake test\n```\n"
    chinese = "```sh\nmake demo  # 全部\nmake test\n```\n"
    assert code_blocks(english) == code_blocks(chinese) == [("sh", ["make demo", "make test"])]
    assert headings("# A\n```sh\n# no heading\n```\n## B\n") == [1, 2]
