"""Records → rows, in one transaction."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from zetdard import records as r
from zetdard.errors import InputError
from zetdard.store import schema
from zetdard.store.database import bump_revision, now_ms
from zetdard.store.keys import KeyCache
from zetdard.store.layout import LAYOUTS, OWNED, ROWS, Layout, Row
from zetdard.store.statements import among, keys_of, run, upsert

BATCH = 5_000
"""Rows of one kind that are held back before they are written together."""

_FORMER = -1
"""``fetched_at`` of a playlist's song or a song's artist that this reading has not met yet; never outlives the
transaction."""

_SOURCE = re.compile(r"[\w.-]{1,40}")

_ORDER = tuple(LAYOUTS)

Owner = tuple[Any, ...]


@dataclass(slots=True)
class RecordWriter:
    """Writes the records of one source inside one transaction.

    Writing the same records again changes nothing but ``fetched_at``. A playlist whose songs are read again
    is replaced: songs that are no longer in it leave. So are the credits of a song, a listener's chart, and the
    songs that are similar to one.

    Args:
        connection: Inside a write transaction.
        source: Namespace of the records' ids: a word without a colon, because ``source:id`` names an entity.
        keys: What is known from earlier transactions; whoever ends the transaction tells it how.

    Raises:
        InputError: ``source`` is not such a word.
    """

    connection: Connection
    source: str
    keys: KeyCache = field(default_factory=KeyCache)
    counts: Counter[str] = field(default_factory=Counter)
    """Records taken, by kind."""
    _fetched_at: int = field(default_factory=lambda: now_ms())
    _waiting: dict[str, dict[Hashable, Row]] = field(default_factory=lambda: {name: {} for name in _ORDER})
    _refilled: dict[str, set[Owner]] = field(default_factory=lambda: defaultdict(set))
    _cleared: bool = False
    _former: dict[str, set[Owner]] = field(default_factory=lambda: defaultdict(set))

    def __post_init__(self) -> None:
        check_source(self.source)

    def write(self, records: Iterable[r.Record]) -> Counter[str]:
        """Write records and return how many of each kind were taken.

        Raises:
            InputError: A record names an id that is neither stored nor among the records before it.
        """
        for record in records:
            self.add(record)
        return self.finish()

    def add(self, record: r.Record) -> None:
        """Take one record; it may be written later, together with others."""
        kind = type(record)
        if isinstance(record, r.SongVerdict):
            self._verdict(record)
        else:
            make = ROWS.get(kind)
            if make is None:
                raise InputError(f"{kind.__name__} is not a record that the store knows")
            self._put(*make(record))
        self.counts[kind.__name__] += 1

    def clear(self, kind: type, *owner: Any) -> None:
        """Remove the rows of an owner that was read in whole and has none.

        Args:
            kind: Of the records, one of ``OWNED``.
            owner: The source's id of whose they are, and what else tells them apart, as in the record. Of somebody who
                is not stored there is nothing to remove.
        """
        name = OWNED[kind]
        layout = LAYOUTS[name]
        targets = dict(layout.references)
        try:
            keys = tuple(
                self._keys_for(targets[at], [value])[0] if at in targets else str(value)
                for at, value in zip(layout.owner, owner, strict=True)
            )
        except InputError:
            return
        for condition, values in self._belonging(name, [keys]):
            self._cleared |= bool(run(self.connection, f"DELETE FROM {name} WHERE {condition}", values))  # noqa: S608 - our names

    def finish(self) -> Counter[str]:
        """Write what is waiting."""
        for name in _ORDER:
            self._flush(name)
        self._drop_former()
        if self.counts or self._cleared:
            bump_revision(self.connection)
        return self.counts

    def _put(self, name: str, identity: Hashable, row: Row) -> None:
        waiting = self._waiting[name]
        earlier = waiting.get(identity)
        if earlier is not None and not LAYOUTS[name].anew:
            row = _merged(LAYOUTS[name], earlier, row)
        waiting[identity] = row
        if len(waiting) >= BATCH:
            for table in _ORDER[: _ORDER.index(name) + 1]:
                self._flush(table)

    def _flush(self, name: str) -> None:
        waiting = self._waiting[name]
        if not waiting:
            return
        self._waiting[name] = {}
        layout = LAYOUTS[name]
        columns = [list(column) for column in zip(*waiting.values(), strict=True)]
        for position, target in layout.references:
            columns[position] = self._keys_or_none(target, columns[position])
        if layout.owner:
            self._mark_former(name, set(zip(*(columns[at] for at in layout.owner), strict=True)))
        upsert(
            self.connection,
            schema.metadata.tables[name],
            [*columns, [self.source] * len(waiting), [self._fetched_at] * len(waiting)],
            names=(*layout.columns, "source", "fetched_at"),
            keep=layout.keep,
            anew=layout.anew,
            silence=layout.silence,
        )

    def _keys_or_none(self, kind: str, ids: list[str | None]) -> list[int | None]:
        keys = iter(self._keys_for(kind, [id_ for id_ in ids if id_ is not None]))
        return [None if id_ is None else next(keys) for id_ in ids]

    def _keys_for(self, kind: str, ids: list[str]) -> list[int]:
        known = self.keys.known(self.source, kind)
        try:
            return [known[id_] for id_ in ids]
        except KeyError:
            self._flush(kind)
        missing = {id_ for id_ in ids if id_ not in known}
        found = keys_of(self.connection, schema.metadata.tables[kind], self.source, missing)
        self.keys.learn(self.source, kind, found)
        try:
            return [known[id_] for id_ in ids]
        except KeyError as error:
            id_ = error.args[0]
            raise InputError(f"{kind[:-1]} {id_!r} is named before any record describes it") from None

    def _mark_former(self, name: str, owners: set[Owner]) -> None:
        """Mark the stored rows of owners whose rows arrive now; writing a row again removes its mark."""
        new = owners - self._refilled[name]
        for condition, values in self._belonging(name, new):
            if run(
                self.connection,
                f"UPDATE {name} SET fetched_at = {_FORMER} WHERE {condition}",  # noqa: S608 - our names
                values,
            ):
                self._former[name] |= new
        self._refilled[name] |= new

    def _drop_former(self) -> None:
        """Remove what is still marked: this reading states the owner's rows and did not find it among them."""
        for name, owners in self._former.items():
            for condition, values in self._belonging(name, owners):
                run(
                    self.connection,
                    f"DELETE FROM {name} WHERE {condition} AND fetched_at = {_FORMER}",  # noqa: S608 - our names
                    values,
                )

    def _belonging(self, name: str, owners: Iterable[Owner]) -> Iterator[tuple[str, list[Any]]]:
        """Yield conditions that together say "belongs to one of these owners"."""
        layout = LAYOUTS[name]
        first, *rest = (f'"{layout.columns[at]}"' for at in layout.owner)
        by_rest: dict[Owner, list[Any]] = defaultdict(list)
        for owner in sorted(owners):
            by_rest[owner[1:]].append(owner[0])
        for others, keys in by_rest.items():
            fixed = "".join(f" AND {column} = ?" for column in rest)
            for condition, values in among(self.connection, first, keys):
                yield condition + fixed, [*values, *others]

    def _verdict(self, verdict: r.SongVerdict) -> None:
        """Store a verdict that an export holds; reading the export again adds nothing."""
        table = schema.feedback
        row = {
            "user": self._keys_for("users", [verdict.user])[0],
            "song": self._keys_for("songs", [verdict.song])[0],
            "verdict": verdict.verdict.value,
            "at": verdict.at,
            "source": self.source,
        }
        same = select(table.c.key).where(*(table.c[name] == value for name, value in row.items()))
        if self.connection.execute(same).first() is None:
            self.connection.execute(table.insert().values(**row))


def check_source(source: str) -> None:
    """Refuse a word that cannot name a source.

    Raises:
        InputError: It cannot.
    """
    if not _SOURCE.fullmatch(source):
        raise InputError(f"{source!r} cannot name a source: use up to 40 letters, digits, . _ or -")


def _merged(layout: Layout, earlier: Row, row: Row) -> Row:
    """Return a row with what an earlier one said and it does not: as in the database, silence erases nothing."""
    silent = dict(layout.silence)
    return tuple(
        old if new is None or silent.get(column) == new else new
        for column, old, new in zip(layout.columns, earlier, row, strict=True)
    )
