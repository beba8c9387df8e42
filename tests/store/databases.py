"""An empty database for a test: SQLite in a file, or a schema of its own in ``ZETDARD_TEST_DATABASE``."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import make_url

from zetdard.store.database import Database
from zetdard.store.dialect import open_engine


@contextmanager
def empty_database(folder: Path) -> Iterator[str]:
    """Give the URL of an empty database."""
    given = os.environ.get("ZETDARD_TEST_DATABASE")
    if given is None:
        yield f"sqlite:///{folder / 'test.sqlite3'}"
        return
    name = f"test_{uuid.uuid4().hex}"
    server = Database(open_engine(given))
    with server.write() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
    try:
        url = make_url(given).update_query_dict({"options": f"-csearch_path={name}"})
        yield url.render_as_string(hide_password=False)
    finally:
        with server.write() as connection:
            connection.execute(text(f"DROP SCHEMA {name} CASCADE"))
        server.close()
