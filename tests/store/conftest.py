"""A store on a real database."""

from __future__ import annotations

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


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    with Store.open(database_url) as opened:
        yield opened
