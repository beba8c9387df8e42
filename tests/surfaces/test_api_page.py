"""The table of the Python API in docs/api.md: each call is there, with the parameters that it has."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from zetdard.surfaces.python_api import ZetDard

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
CALLS = [
    (name, re.sub(r"\([^)]*\)", "", words))
    for row in PAGE.splitlines()
    if row.startswith("| `")
    for name, words in re.findall(r"`(\w+)\(([^`]*)\)`", row.split("|")[1])
    if hasattr(ZetDard, name)
]


def test_there_are_calls_to_be_checked() -> None:
    assert len(CALLS) > 20


@pytest.mark.parametrize(("name", "words"), CALLS, ids=[name for name, _ in CALLS])
def test_a_call_has_the_parameters_of_the_page(name: str, words: str) -> None:
    parameters = list(inspect.signature(getattr(ZetDard, name)).parameters.values())[1:]
    for word in words.split(", "):
        stated, _, default = word.replace(" ", "").partition("=")
        if stated in {"", "*"} or stated.startswith("**") or default == "…":
            continue
        known = {one.name: one for one in parameters}
        assert stated in known, f"{name} has no {stated}"


@pytest.mark.parametrize("name", sorted({name for name, _ in CALLS}))
def test_no_parameter_is_left_out(name: str) -> None:
    shown = {
        word.strip().partition("=")[0] for own, words in CALLS if own == name for word in words.split(",")
    }
    known = inspect.signature(getattr(ZetDard, name)).parameters.values()
    left_out = [
        one.name
        for one in known
        if one.kind is not inspect.Parameter.VAR_KEYWORD and one.name != "self" and one.name not in shown
    ]
    assert left_out == []
