"""What SQLite and PostgreSQL do differently when a database is opened and a transaction begins.

``statements`` is the other module that knows which of the two it is talking to.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic, sleep
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from zetdard.errors import InputError, MissingExtraError

WRITE = "zetdard_write"
"""Execution option of a connection that will write: ``FACTS`` or ``BRIEF``."""

FACTS = "facts"
"""The transaction takes the one lock of writers at once, and what it wrote outlives a power failure."""

BRIEF = "brief"
"""The transaction changes a few rows of the crawl's own tables, which may be lost with the power: it does not wait
for a writer of facts where the database can tell the two apart (PostgreSQL), nor for the disk."""

_BUSY_TIMEOUT_MS = 30_000

_WRITER_LOCK = 0x5A_65_74
"""Number of PostgreSQL's advisory lock that a writer holds."""


def open_engine(url: str) -> Engine:
    """Return an engine with the settings that each database needs to keep what it acknowledged.

    Raises:
        InputError: The URL is not one of a supported database.
        MissingExtraError: PostgreSQL is asked for and its driver is not installed.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise InputError("the database URL cannot be read; write sqlite:///FILE or postgresql://…") from None
    kind = parsed.get_backend_name()
    if kind not in {"sqlite", "postgresql"}:
        raise InputError(f"the database {kind!r} is not supported; use sqlite or postgresql")
    if kind == "postgresql" and parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    try:
        engine = create_engine(parsed)
    except NoSuchModuleError:
        raise InputError(f"the database driver {parsed.drivername!r} is not known") from None
    except ImportError:
        if kind == "sqlite":
            raise InputError(f"the database driver {parsed.drivername!r} is not installed") from None
        raise MissingExtraError("scale", "PostgreSQL") from None
    if kind == "sqlite":
        _prepare_sqlite(engine)
    else:
        _prepare_postgresql(engine)
    return engine


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _on_connect(connection: sqlite3.Connection, _record: object) -> None:
        # SQLAlchemy, and not the driver, says when a transaction begins.
        connection.isolation_level = None
        try:
            connection.execute(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}")
            _switch_to_wal(connection)
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
        except sqlite3.Error:
            connection.close()
            raise

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        # A deferred transaction that turns into a writer can fail half-way; an immediate one waits its turn.
        what = connection.get_execution_options().get(WRITE)
        if what is None:
            connection.exec_driver_sql("BEGIN")
            return
        # FULL: what was acknowledged survives a power failure, not only a crash of the program.
        connection.exec_driver_sql(f"PRAGMA synchronous = {'NORMAL' if what == BRIEF else 'FULL'}")
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    """Switch to the write-ahead log; SQLite does not wait for others who are doing it, so this does."""
    deadline = monotonic() + _BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or monotonic() > deadline:
                raise
            sleep(0.01)


def _prepare_postgresql(engine: Engine) -> None:
    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        what = connection.get_execution_options().get(WRITE)
        if what == FACTS:
            # One writer at a time, as on SQLite: two imports can neither lock each other out nor count one
            # revision for two states.
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITER_LOCK})")
        elif what == BRIEF:
            connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
        else:
            # All that one transaction reads is of one moment, as on SQLite.
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


@contextmanager
def references_unchecked(connection: Connection) -> Iterator[None]:
    """Let SQLite change tables by copying them; call it before the transaction begins.

    With the checks on, dropping the original of a copied table would delete whatever refers to its rows.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys = ON")


def has_broken_references(connection: Connection) -> bool:
    """Return whether a row refers to one that is not there; only unchecked changes can bring that about."""
    if connection.dialect.name != "sqlite":
        return False
    return connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None
