"""Opening the database, bringing its schema up to date, and transactions."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, inspect, select, text
from sqlalchemy.exc import DatabaseError, IntegrityError, ProgrammingError

from zetdard.errors import StoreError
from zetdard.store import schema
from zetdard.store.dialect import (
    BRIEF,
    FACTS,
    WRITE,
    has_broken_references,
    open_engine,
    references_unchecked,
)
from zetdard.store.statements import rows, upsert, worded

HEAD = "0003"
"""The newest migration; a test compares it with the scripts."""


class Database:
    """One database; open it with ``Database.open`` and close it when done."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._turn = threading.RLock()
        self._glancing = threading.Lock()
        self._kept: Any = None

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
        with self._glancing:
            self._drop_kept()
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
            connection = connection.execution_options(**{WRITE: FACTS})
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
        with self._writing(FACTS) as connection:
            yield connection

    @contextmanager
    def brief(self) -> Iterator[Connection]:
        """Give a connection inside a transaction that changes a few rows of the crawl's own tables.

        It does not wait for writers of facts on PostgreSQL, and a power failure may take it back as a whole.
        """
        with self._writing(BRIEF) as connection:
            yield connection

    @contextmanager
    def _writing(self, what: str) -> Iterator[Connection]:
        # SQLite lets one write at a time and only looks now and then whether it may; threads of one process wake
        # each other at once.
        turn = self._turn if self.engine.dialect.name == "sqlite" else nullcontext()
        with turn, _clear_errors(), self.engine.connect() as connection:
            connection = connection.execution_options(**{WRITE: what})
            with connection.begin():
                yield connection

    def glance(self, statement: str, values: tuple[Any, ...]) -> tuple[Any, ...] | None:
        """Return the first row of a small query, over a connection that stays open: it sees what is committed now.

        This is many times quicker than ``read``, for what is asked before every request.

        Args:
            statement: SQL with ``?`` for each value.
            values: What stands for them.
        """
        if self._is_in_memory():
            # There is only the one connection.
            with self.read() as connection:
                found = rows(connection, statement, values)
                return found[0] if found else None
        with self._glancing:
            if self._kept is None:
                self._kept = self._lasting_connection()
            try:
                cursor = self._kept.cursor()
                try:
                    cursor.execute(worded(self.engine.dialect.name, statement), values)
                    found = cursor.fetchone()
                    return None if found is None else tuple(found)
                finally:
                    cursor.close()
            except self.engine.dialect.loaded_dbapi.Error as error:
                self._drop_kept()
                raise StoreError(f"the database refused: {error}") from error

    def _lasting_connection(self) -> Any:
        """Open a connection that never goes back to the others, and whose queries are a transaction each."""
        lasting = self.engine.raw_connection()
        driver: Any = lasting.driver_connection
        if self.engine.dialect.name == "postgresql":
            driver.autocommit = True
        lasting.detach()
        return lasting

    def _is_in_memory(self) -> bool:
        return self.engine.dialect.name == "sqlite" and self.engine.url.database in {None, "", ":memory:"}

    def _drop_kept(self) -> None:
        if self._kept is not None:
            self._kept.close()
            self._kept = None


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
    upsert(connection, schema.state, [list(state), list(state.values())], keep=("name",))
