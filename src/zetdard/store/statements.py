"""Statements in the words of each database, put together once and kept.

Rows travel as columns: a list of values for each column. SQLite takes a row at a time, PostgreSQL a whole array.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any

from sqlalchemy import BigInteger, Connection, Float, Integer, Table

_LENGTHS = (1, 8, 64, 500)
"""Lengths of lists in SQLite's statements: few different ones, so that each is prepared once. Old versions allow 999
parameters a statement."""


def run(connection: Connection, statement: str, values: Sequence[Any] = ()) -> int:
    """Run SQL with ``?`` for each value and return how many rows it changed."""
    return connection.exec_driver_sql(worded(connection.dialect.name, statement), tuple(values)).rowcount


def rows(connection: Connection, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Run a query with ``?`` for each value and return what it finds."""
    found = connection.exec_driver_sql(worded(connection.dialect.name, statement), tuple(values))
    return [tuple(row) for row in found]


def scalar(connection: Connection, statement: str, values: Sequence[Any] = ()) -> Any:
    """Run a query with ``?`` for each value and return the one value it finds."""
    return connection.exec_driver_sql(worded(connection.dialect.name, statement), tuple(values)).scalar_one()


@lru_cache(maxsize=512)
def worded(dialect: str, statement: str) -> str:
    """Return SQL that has ``?`` for its values in the words of the driver."""
    return statement if dialect == "sqlite" else statement.replace("?", "%s")


def clock_ms(connection: Connection) -> int:
    """Return the time by the clock that all who share the database share, in milliseconds UTC."""
    if connection.dialect.name == "sqlite":
        from zetdard.store.database import now_ms

        return now_ms()
    return int(scalar(connection, "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint"))


def among(connection: Connection, column: str, values: Collection[Any]) -> Iterator[tuple[str, list[Any]]]:
    """Yield conditions "``column`` is one of these", each with its values, that together cover ``values``."""
    if not values:
        return
    if connection.dialect.name != "sqlite":
        type_ = "text" if isinstance(next(iter(values)), str) else "bigint"
        yield f"{column} = ANY(?::{type_}[])", [list(values)]
        return
    waiting = iter(values)
    while portion := list(islice(waiting, _LENGTHS[-1])):
        length = next(length for length in _LENGTHS if length >= len(portion))
        portion += portion[-1:] * (length - len(portion))
        yield f"{column} IN ({', '.join('?' * length)})", portion


def keys_of(connection: Connection, table: Table, source: str, ids: Collection[str]) -> dict[str, int]:
    """Return the keys of a source's entities by id; what is not stored is left out."""
    found: dict[str, int] = {}
    for condition, values in among(connection, "id", ids):
        statement = f'SELECT id, "key" FROM {table.name} WHERE source = ? AND {condition}'  # noqa: S608 - our names
        found.update((id_, key) for id_, key in rows(connection, statement, [source, *values]))
    return found


def upsert(
    connection: Connection,
    table: Table,
    columns: Sequence[list[Any]],
    *,
    keep: tuple[str, ...],
    names: tuple[str, ...] | None = None,
    anew: bool = False,
    silence: tuple[tuple[str, str], ...] = (),
) -> None:
    """Insert rows; where the row's identity exists, take the new facts.

    A new value of ``None`` does not erase a known one: a source that says less does not make us know less.

    Args:
        connection: Inside a transaction.
        table: Where to.
        columns: For each column, the rows' values. No identity may be there twice.
        keep: Columns that make up the identity: the table's unique constraint.
        names: Which columns; ``None`` = all of the table's.
        anew: ``None`` does erase: the new row replaces the old one as a whole.
        silence: Columns with the word that says nothing, which erases nothing either.
    """
    names = tuple(table.columns.keys()) if names is None else names
    statement = _upsert(connection.dialect.name, table, names, keep, anew, silence)
    _send(connection, statement, columns)


def update_by_key(
    connection: Connection, table: Table, names: tuple[str, ...], columns: Sequence[list[Any]]
) -> None:
    """Change rows; the first column is the key."""
    _send(connection, _update(connection.dialect.name, table, names), columns)


def _send(connection: Connection, statement: str, columns: Sequence[list[Any]]) -> None:
    if not columns[0]:
        return
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(statement, list(zip(*columns, strict=True)))
    else:
        connection.exec_driver_sql(statement, tuple(columns))


@lru_cache(maxsize=256)
def _upsert(
    dialect: str,
    table: Table,
    names: tuple[str, ...],
    keep: tuple[str, ...],
    anew: bool,
    silence: tuple[tuple[str, str], ...],
) -> str:
    silent = dict(silence)
    changed = []
    for name in names:
        if name in keep:
            continue
        new, old = f'excluded."{name}"', f'{table.name}."{name}"'
        if name in silent:
            new = f"CASE WHEN {new} = '{silent[name]}' THEN {old} ELSE {new} END"
        elif table.c[name].nullable and not anew:
            new = f"coalesce({new}, {old})"
        changed.append(f'"{name}" = {new}')
    return (
        f"{inserting(dialect, table, names)} ON CONFLICT ({_quoted(keep)}) DO UPDATE SET {', '.join(changed)}"
    )


def inserting(dialect: str, table: Table, names: tuple[str, ...]) -> str:
    """Return the head of an INSERT, up to where ON CONFLICT may follow."""
    head = f"INSERT INTO {table.name} ({_quoted(names)})"
    if dialect == "sqlite":
        return f"{head} VALUES ({', '.join('?' * len(names))})"
    return f"{head} SELECT * FROM {_arrays(table, names)}"  # noqa: S608 - our names


@lru_cache(maxsize=256)
def _update(dialect: str, table: Table, names: tuple[str, ...]) -> str:
    key, *others = names
    if dialect == "sqlite":
        # The key comes first in the columns, so its value has the first number.
        changed = ", ".join(f'"{name}" = ?{number}' for number, name in enumerate(others, start=2))
        return f'UPDATE {table.name} SET {changed} WHERE "{key}" = ?1'  # noqa: S608 - our names
    changed = ", ".join(f'"{name}" = new."{name}"' for name in others)
    return (
        f"UPDATE {table.name} SET {changed} FROM {_arrays(table, names)} AS new({_quoted(names)}) "  # noqa: S608 - our names
        f'WHERE {table.name}."{key}" = new."{key}"'
    )


def _arrays(table: Table, names: tuple[str, ...]) -> str:
    return f"unnest({', '.join(f'%s::{_type(table, name)}[]' for name in names)})"


def _type(table: Table, name: str) -> str:
    kind = table.c[name].type
    if isinstance(kind, Float):
        return "double precision"
    return "bigint" if isinstance(kind, BigInteger | Integer) else "text"


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
