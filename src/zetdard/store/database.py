"""Opening the database, bringing its schema up to date, and transactions."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, select, text
from sqlalchemy.exc import DatabaseError, IntegrityError, ProgrammingError

from zetdard.errors import StoreError
from zetdard.store import schema
from zetdard.store.dialect import WRITE, has_broken_references, open_engine, references_unchecked, upsert

HEAD = "0001"
"""The newest migration; a test compares it with the scripts."""


class Database:
    """One database; open it with ``Database.open`` and close it when done."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @classmethod
    def open(cls, url: str) -> Database:
        """Open a database, create it if it is not there, and bring its schema up to date.

        Raises:
            InputError: The URL is not one of a supported database.
            StoreError: It cannot be opened, is damaged, or was written by a newer ZetDard.
        """
        engine = open_engine(url)
        file = engine.url.database if engine.dialect.name == "sqlite" else None
        if file and file != ":memory:":
            try:
                Path(file).parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise StoreError(f"the folder of the database cannot be made: {error}") from None
        database = cls(engine)
        try:
            database._migrate()
        except DatabaseError as error:
            database.close()
            raise StoreError(f"the database cannot be opened: {error.orig}") from None
        except BaseException:
            database.close()
            raise
        return database

    def close(self) -> None:
        """Give back all connections."""
        self.engine.dispose()

    def _migrate(self) -> None:
        with self.engine.connect() as connection:
            current = _current_migration(connection)
        if current == HEAD:
            return
        if current is not None and current > HEAD:
            raise StoreError(
                f"the database has schema {current}; this ZetDard knows schemas up to {HEAD}: update ZetDard"
            )
        self.migrate_to("head")

    def migrate_to(self, revision: str) -> None:
        """Bring the schema to a migration ("head", "base" or a number), up or down, keeping the data.

        Raises:
            StoreError: The database has a schema that no migration here knows; nothing changes.
        """
        from alembic import command
        from alembic.config import Config
        from alembic.util import CommandError

        config = Config()
        config.set_main_option(
            "script_location", str(Path(__file__).parent / "migrations").replace("%", "%%")
        )
        with self.changing_schema() as connection:
            # Another process may have migrated while this one waited for the lock.
            current = _current_migration(connection)
            config.attributes["connection"] = connection
            try:
                if revision == "head" or (current or "") < revision != "base":
                    command.upgrade(config, revision)
                else:
                    command.downgrade(config, revision)
            except CommandError as error:
                raise StoreError(
                    f"the database has schema {current}, which is not known here: {error}"
                ) from None

    @contextmanager
    def changing_schema(self) -> Iterator[Connection]:
        """Give a connection inside one write transaction that may change tables by copying them."""
        with _clear_errors(), self.engine.connect() as connection:
            connection = connection.execution_options(**{WRITE: True})
            with references_unchecked(connection), connection.begin():
                yield connection
                if has_broken_references(connection):
                    raise StoreError("a change of the schema would break references between rows")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection inside one read transaction, which sees one state of the data."""
        with _clear_errors(), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Give a connection inside one write transaction: all of it happens, or nothing."""
        with _clear_errors(), self.engine.connect() as connection:
            connection = connection.execution_options(**{WRITE: True})
            with connection.begin():
                yield connection


@contextmanager
def _clear_errors() -> Iterator[None]:
    try:
        yield
    except (IntegrityError, ProgrammingError):
        # Our own mistakes.
        raise
    except DatabaseError as error:
        # A locked, full, damaged or read-only database: its own words are clear, its stack is not.
        raise StoreError(f"the database refused: {error.orig}") from error


def _current_migration(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def now_ms() -> int:
    """Return the time: milliseconds since 1970-01-01 UTC."""
    return time.time_ns() // 1_000_000


def revision_of(connection: Connection) -> int:
    """Return how many transactions have changed what models learn from."""
    value = connection.execute(select(schema.state.c.value).where(schema.state.c.name == "revision")).scalar()
    return int(value) if value is not None else 0


def mark_of(connection: Connection) -> str:
    """Return the mark of the last change: no other change, in this database or another, has the same."""
    value = connection.execute(select(schema.state.c.value).where(schema.state.c.name == "mark")).scalar()
    return str(value or "")


def bump_revision(connection: Connection) -> None:
    """Note that what models learn from has changed."""
    state = {"revision": str(revision_of(connection) + 1), "mark": uuid.uuid4().hex}
    rows = [{"name": name, "value": value} for name, value in state.items()]
    upsert(connection, schema.state, rows, keep=frozenset({"name"}))
