"""Empty databases for tests: SQLite in a file, and a schema of its own on PostgreSQL."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from zetdard.store.database import Database
from zetdard.store.dialect import open_engine
from zetdard.store.store import Store

NewDatabase = Callable[[], str]
"""Makes an empty database and returns its URL."""


@contextmanager
def empty_schema(server: str) -> Iterator[str]:
    """Give the URL of an empty schema on a PostgreSQL server."""
    name = f"test_{uuid.uuid4().hex}"
    database = Database(open_engine(server))
    with database.write() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
    try:
        url = make_url(server).update_query_dict({"options": f"-csearch_path={name}"})
        yield url.render_as_string(hide_password=False)
    finally:
        with database.write() as connection:
            connection.execute(text(f"DROP SCHEMA {name} CASCADE"))
        database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[NewDatabase]:
    """Makes empty databases, of each kind in turn; they are gone after the test."""
    opened = []

    def new() -> str:
        if request.param == "sqlite":
            return f"sqlite:///{tmp_path / f'test{uuid.uuid4().hex}.sqlite3'}"
        schema = empty_schema(request.getfixturevalue("postgres"))
        url = schema.__enter__()
        opened.append(schema)
        return url

    yield new
    for schema in opened:
        schema.__exit__(None, None, None)


@pytest.fixture
def database_url(new_database: NewDatabase) -> str:
    """URL of an empty database, of each kind in turn."""
    return new_database()


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite database with today's schema: copying it is quicker than migrating."""
    file = tmp_path_factory.mktemp("migrated") / "empty.sqlite3"
    Store.open(f"sqlite:///{file}").close()
    return file


@pytest.fixture
def store(database_url: str, migrated: Path) -> Iterator[Store]:
    """An open store with nothing in it, on each kind of database in turn."""
    if database_url.startswith("sqlite:///"):
        shutil.copy(migrated, database_url.removeprefix("sqlite:///"))
    with Store.open(database_url) as opened:
        yield opened
