"""What the registry names is there, and the words of the command line are the registry's."""

from __future__ import annotations

import subprocess
import sys
from typing import get_args

import pytest
from pydantic import ValidationError

from surfaces.asking import ask
from zetdard import registry
from zetdard.errors import InputError, UnknownEntityError
from zetdard.evaluation.stored_parts import Split
from zetdard.jobs.exporting import FORMATS
from zetdard.recommend.query import Kind
from zetdard.records import Verdict
from zetdard.surfaces.choosing import make_model
from zetdard.surfaces.cli.choices import FeedbackKind, FileFormat, GraphFormat, SplitKind

ALL_MODELS = {**registry.CONTROLS, **registry.PEOPLE_MODELS, **registry.MODELS}


@pytest.mark.smoke
def test_words_of_the_command_line_are_those_of_the_rooms_below() -> None:
    assert [format.value for format in FileFormat] == list(registry.FILE_SOURCES)
    assert [kind.value for kind in Kind] == ["songs", "artists", "friends"]
    assert [kind.value for kind in FeedbackKind] == [*(verdict.value for verdict in Verdict), "undo"]
    assert {format.value for format in GraphFormat} == set(FORMATS)
    assert [split.value for split in SplitKind] == list(get_args(Split))


@pytest.mark.parametrize("name", registry.FILE_SOURCES)
def test_every_source_loads(name: str) -> None:
    source = registry.file_source(name)
    assert source.format == name
    assert source.source
    assert "\n" not in source.summary


@pytest.mark.parametrize("name", ALL_MODELS)
def test_every_model_is_made_and_refuses_unknown_settings(name: str) -> None:
    model = registry.make_model(name)
    assert type(model) is registry.model_kinds()[model.name]
    assert getattr(model.config, "similarity", model.name) == (
        name if name in registry.PEOPLE_MODELS else getattr(model.config, "similarity", name)
    )
    with pytest.raises(ValidationError):
        registry.make_model(name, {"no_such_setting": 1})
    with pytest.raises(InputError, match="no_such_setting"):
        make_model(name, {"no_such_setting": 1})


@pytest.mark.parametrize("entries", [registry.FILE_SOURCES, ALL_MODELS])
def test_summaries_are_a_line(entries: dict[str, registry.Entry]) -> None:
    for name, entry in entries.items():
        assert entry.summary.strip() == entry.summary
        assert "\n" not in entry.summary
        assert len(f"{name}: {entry.summary}") <= 110


def test_help_lists_every_model_with_its_line() -> None:
    shown = " ".join(ask("train", "--help").stdout.split())
    for name, entry in registry.MODELS.items():
        assert f"{name}: {entry.summary}" in shown
    shown = " ".join(ask("import", "--help").stdout.split())
    for name, entry in registry.FILE_SOURCES.items():
        assert f"{name}: {entry.summary}" in shown


def test_unknown_names_are_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownEntityError, match="there is no model 'magic'; there are: adamic-adar"):
        registry.make_model("magic")
    with pytest.raises(UnknownEntityError, match="there is no file format 'tape'; there are: comments"):
        registry.file_source("tape")


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom zetdard.surfaces.cli import app\n"
        "try:\n    app(['--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'numpy', 'numba', 'scipy', 'sklearn', 'torch', 'sqlalchemy', 'networkx'} & set(sys.modules)\n"
        "sys.exit(', '.join(sorted(heavy)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
