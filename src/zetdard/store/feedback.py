"""What listeners say: written at once, respected by the next list, taken back by ``undo``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from sqlalchemy import Connection, Table, func, select, update

from zetdard.data.dataset import Dataset, Entities
from zetdard.data.opinions import Opinions
from zetdard.data.types import Rows
from zetdard.errors import InputError, NoDataError
from zetdard.records import Verdict
from zetdard.store import schema
from zetdard.store.database import now_ms

SKIP_HIDES_MS = 30 * 24 * 3600 * 1000
"""How long a skipped song stays away: 30 days. A skip says "not now"."""

Origin = tuple[str, str]
"""(source, id) of an entity."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """One verdict in the log."""

    verdict: Verdict
    kind: Literal["song", "artist"]
    origin: Origin
    at: int


def say(
    connection: Connection, user: Origin, verdict: Verdict, kind: Literal["song", "artist"], item: Origin
) -> None:
    """Add a verdict; an earlier one about the same thing stops counting, and counts again after an undo."""
    if kind == "artist" and verdict is Verdict.SKIP:
        raise InputError("an artist cannot be skipped; ban or dislike the artist instead")
    table = schema.songs if kind == "song" else schema.artists
    columns = schema.feedback.c
    user_key = _key(connection, schema.users, user)
    about = {kind: _key(connection, table, item)}
    newest = connection.execute(
        select(func.max(columns.at)).where(columns.user == user_key, columns[kind] == about[kind])
    ).scalar()
    connection.execute(
        schema.feedback.insert().values(
            user=user_key,
            verdict=verdict.value,
            # What is said now is the newest, also when an import or a clock that was set back holds a later time.
            at=max(now_ms(), newest or 0),
            source="zetdard",
            **about,
        )
    )


def undo(
    connection: Connection, user: Origin, kind: Literal["song", "artist"], items: Sequence[Origin]
) -> Opinion:
    """Take back the newest verdict about a thing and return it.

    Args:
        connection: Inside a write transaction.
        user: The listener.
        kind: What the thing is.
        items: The thing, by each of its ids: several where songs of several sources are joined.

    Raises:
        NoDataError: The listener has said nothing about it that is still in force.
    """
    columns = schema.feedback.c
    table = schema.songs if kind == "song" else schema.artists
    newest = connection.execute(
        select(columns.key, columns.verdict, columns.at)
        .where(
            columns.user == _key(connection, schema.users, user),
            columns[kind].in_([_key(connection, table, item) for item in items]),
            columns.undone_at.is_(None),
        )
        .order_by(columns.at.desc(), columns.key.desc())
        .limit(1)
    ).first()
    if newest is None:
        raise NoDataError(f"there is nothing to undo about the {kind} {items[0][1]!r}")
    connection.execute(update(schema.feedback).where(columns.key == newest.key).values(undone_at=now_ms()))
    return Opinion(Verdict(newest.verdict), kind, items[0], newest.at)


def opinions_of(connection: Connection, dataset: Dataset, user: int, *, now: int | None = None) -> Opinions:
    """Return what a listener's verdicts mean now.

    About each song and artist the newest verdict that was not undone counts.

    Args:
        connection: Inside a read transaction.
        dataset: Whose rows are meant.
        user: The listener's row.
        now: Milliseconds UTC; ``None`` = the clock.
    """
    moment = now_ms() if now is None else now
    origin = dataset.users.origins[user]
    said = schema.feedback.c
    key = (
        select(schema.users.c.key)
        .where(schema.users.c.source == origin[0], schema.users.c.id == origin[1])
        .scalar_subquery()
    )
    sets: dict[str, set[int]] = {name: set() for name in Opinions.__dataclass_fields__}
    for kind, table, entities in (
        ("song", schema.songs, dataset.songs),
        ("artist", schema.artists, dataset.artists),
    ):
        rows = connection.execute(
            select(table.c.source, table.c.id, said.verdict, said.at)
            .join_from(schema.feedback, table, said[kind] == table.c.key)
            .where(said.user == key, said.undone_at.is_(None))
            .order_by(said.at, said.key)
        ).all()
        for row, (verdict, at) in _newest(rows, entities).items():
            if verdict is Verdict.LIKE:
                sets[f"liked_{kind}s"].add(row)
            elif verdict is not Verdict.SKIP or moment - at < SKIP_HIDES_MS:
                sets[f"hidden_{kind}s"].add(row)
    return Opinions(**{name: _rows(found) for name, found in sets.items()})


def _newest(rows: Iterable[Any], entities: Entities) -> dict[int, tuple[Verdict, int]]:
    newest: dict[int, tuple[Verdict, int]] = {}
    for source, id_, verdict, at in rows:
        row = entities.by_origin(source, id_)
        if row is not None:
            newest[row] = (Verdict(verdict), at)
    return newest


def _rows(found: set[int]) -> Rows:
    return np.array(sorted(found), dtype=np.int32)


def _key(connection: Connection, table: Table, origin: Origin) -> int:
    key = connection.execute(
        select(table.c.key).where(table.c.source == origin[0], table.c.id == origin[1])
    ).scalar()
    if key is None:
        raise NoDataError(f"{origin[1]!r} is no longer stored")
    return int(key)
