"""A store on a real database."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.databases import empty_database
from zetdard.store.store import Store


@pytest.fixture
def database_url(tmp_path: Path) -> Iterator[str]:
    """URL of an empty database: SQLite, or what ``ZETDARD_TEST_DATABASE`` names."""
    with empty_database(tmp_path) as url:
        yield url


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite database with today's schema: copying it is quicker than migrating."""
    file = tmp_path_factory.mktemp("migrated") / "empty.sqlite3"
    Store.open(f"sqlite:///{file}").close()
    return file


@pytest.fixture
def store(database_url: str, migrated: Path) -> Iterator[Store]:
    """An open store with nothing in it."""
    if database_url.startswith("sqlite:///"):
        shutil.copy(migrated, database_url.removeprefix("sqlite:///"))
    with Store.open(database_url) as opened:
        yield opened
