"""Settings: from the environment, checked, and named when they are wrong."""

from __future__ import annotations

from pathlib import Path

import pydantic
import pytest

from zetdard.errors import InputError
from zetdard.records import Relation
from zetdard.settings import read_settings
from zetdard.store.store import Store


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "DATABASE", "RELATIONS", "SEED", "THREADS"):
        monkeypatch.delenv(f"ZETDARD_{name}", raising=False)


def test_defaults() -> None:
    settings = read_settings()
    assert settings.home.is_absolute()
    assert settings.database_url.startswith("sqlite:///")
    assert settings.relations == (Relation.OWN, Relation.LIKED, Relation.LISTENED)
    assert (settings.seed, settings.threads) == (0, None)


def test_the_environment_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "HOME": str(tmp_path),
        "DATABASE": "postgresql://x/y",
        "RELATIONS": '["liked", "subscribed"]',
        "SEED": "7",
        "THREADS": "2",
    }.items():
        monkeypatch.setenv(f"ZETDARD_{name}", value)
    settings = read_settings()
    assert (settings.home, settings.database_url) == (tmp_path, "postgresql://x/y")
    assert settings.relations == (Relation.LIKED, Relation.SUBSCRIBED)
    assert (settings.seed, settings.threads) == (7, 2)


def test_what_is_given_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZETDARD_HOME", "/elsewhere")
    monkeypatch.setenv("ZETDARD_DATABASE", "sqlite:///elsewhere")
    settings = read_settings(home=tmp_path, database="sqlite:///here")
    assert (settings.home, settings.database_url) == (tmp_path, "sqlite:///here")


def test_an_empty_variable_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = read_settings()
    for name in ("HOME", "DATABASE", "RELATIONS", "SEED", "THREADS"):
        monkeypatch.setenv(f"ZETDARD_{name}", "")
    assert read_settings() == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SEED", "-1"),
        ("SEED", str(2**32)),
        ("SEED", "many"),
        ("THREADS", "0"),
        ("THREADS", "1.5"),
        ("RELATIONS", '["own", "loved"]'),
        ("RELATIONS", "loved"),
        ("RELATIONS", "7"),
        ("RELATIONS", "[]"),
        ("RELATIONS", "[own]"),
        ("RELATIONS", ","),
        ("HOME", "~nobody-of-this-name/x"),
        ("HOME", "/tmp/what?"),
    ],
)
def test_a_wrong_value_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"ZETDARD_{name}", value)
    with pytest.raises(InputError, match=name.lower()):
        read_settings()


@pytest.mark.parametrize("value", ["own,subscribed", " own , subscribed ", '["own", "subscribed"]'])
def test_relations_may_be_written_with_commas(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("ZETDARD_RELATIONS", value)
    assert read_settings().relations == (Relation.OWN, Relation.SUBSCRIBED)


def test_the_home_becomes_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    assert read_settings(home=Path("here")).home == tmp_path / "here"
    assert read_settings(home=Path("~/music")).home == tmp_path / "me" / "music"


@pytest.mark.parametrize("name", ["plain", "two words", "100%25", "一", "a#b", "a&b=c", "a:b@c"])
def test_the_database_lies_in_the_home_whatever_its_name(tmp_path: Path, name: str) -> None:
    settings = read_settings(home=tmp_path / name)
    Store.open(settings.database_url).close()
    assert (tmp_path / name / "zetdard.sqlite3").is_file()


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(pydantic.ValidationError, match="frozen"):
        read_settings().seed = 1
