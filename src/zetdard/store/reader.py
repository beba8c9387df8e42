"""Rows → Dataset."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from sqlalchemy import Connection, Select, func, literal, select, union_all

from zetdard.data.dataset import Dataset, Entities, EntityKind
from zetdard.data.interactions import Interactions
from zetdard.data.types import Csr, Rows
from zetdard.data.vocabulary import Vocabulary
from zetdard.records import Relation
from zetdard.store import schema
from zetdard.store.database import mark_of
from zetdard.store.joins import read_joins

_NO_TIME = literal(0)


def read_dataset(connection: Connection, relations: Iterable[Relation]) -> Dataset:
    """Read everything that models and recommend need.

    Rows are ordered by label (code points), so that a tie that is broken by row is broken by id, on every
    database.

    Args:
        connection: Inside a read transaction.
        relations: Which edges user–song count as "holds".
    """
    counted = sorted(set(relations))
    joins = read_joins(connection)
    users, user_rows = _entities(connection, "user", {})
    songs, song_rows = _entities(connection, "song", joins.songs)
    artists, artist_rows = _entities(connection, "artist", joins.artists)

    held = [_HOLDS[relation]() for relation in counted]
    columns = _columns(connection, union_all(*held) if held else None, 3)
    holdings = Interactions.from_pairs(
        users.vocabulary,
        songs.vocabulary,
        user_rows(columns[0]),
        song_rows(columns[1]),
        times=columns[2] if columns[2].any() else None,
    )

    plays = schema.artist_plays.c
    columns = _columns(connection, select(plays.user, plays.artist, plays.plays), 3)
    artist_plays = Interactions.from_pairs(
        users.vocabulary,
        artists.vocabulary,
        user_rows(columns[0]),
        artist_rows(columns[1]),
        strengths=columns[2].astype(np.float32),
    )

    credits = schema.song_artists.c
    columns = _columns(connection, select(credits.song, credits.artist, credits.position), 3)
    if joins.credited:
        counted_here = ~np.isin(columns[0], list(joins.credited))
        columns = [column[counted_here] for column in columns]
    song_artists = _sparse(
        song_rows(columns[0]), artist_rows(columns[1]), columns[2] + 1, (len(songs), len(artists))
    )

    edges = schema.follows.c
    columns = _columns(connection, select(edges.user, edges.followed), 2)
    follows = _sparse(
        user_rows(columns[0]), user_rows(columns[1]), np.ones(len(columns[0])), (len(users), len(users))
    )

    facts = f"{mark_of(connection)} {[relation.value for relation in counted]}"
    return Dataset(
        users=users,
        songs=songs,
        artists=artists,
        holdings=holdings,
        plays=artist_plays,
        song_artists=song_artists,
        follows=follows,
        fingerprint=hashlib.sha256(facts.encode()).hexdigest()[:16],
        regions=_regions(connection, len(users), user_rows),
    )


_TABLES = {
    "user": (schema.users, schema.users.c.name),
    "song": (schema.songs, schema.songs.c.title),
    "artist": (schema.artists, schema.artists.c.name),
}


class _RowsByKey:
    """Turns keys into rows. Keys may lie far apart: PostgreSQL spends one on every row that is written again."""

    def __init__(self, keys: Sequence[int], rows: Sequence[int]) -> None:
        unordered = np.array(keys, dtype=np.int64)
        order = np.argsort(unordered)
        self._keys = unordered[order]
        self._rows = np.array(rows, dtype=np.int32)[order]

    def __call__(self, keys: NDArray[np.int64]) -> Rows:
        return self._rows[np.searchsorted(self._keys, keys)]


def _entities(
    connection: Connection, kind: EntityKind, joins: Mapping[int, int]
) -> tuple[Entities, _RowsByKey]:
    """Read the entities of a kind, and what turns their keys into rows.

    What is joined has the row of what it is joined to.
    """
    table, name = _TABLES[kind]
    found: list[tuple[int, str, str, str | None]] = [
        (key, source, id_, text)
        for key, source, id_, text in connection.execute(
            select(table.c.key, table.c.source, table.c.id, name)
        )
    ]
    joined = [entity for entity in found if entity[0] in joins]
    own = [entity for entity in found if entity[0] not in joins]
    labels = _labels([(source, id_) for _, source, id_, _ in own])
    labelled = sorted(
        (label, key, source, id_, text or "")
        for label, (key, source, id_, text) in zip(labels, own, strict=True)
    )
    rows = {key: row for row, (_, key, *_) in enumerate(labelled)}
    rows |= {key: rows[joins[key]] for key, *_ in joined}
    entities = Entities(
        kind=kind,
        vocabulary=Vocabulary((label for label, *_ in labelled), kind=kind),
        names=tuple(text for *_, text in labelled),
        origins=tuple((source, id_) for _, _, source, id_, _ in labelled),
        joined={(source, id_): rows[key] for key, source, id_, _ in joined},
    )
    return entities, _RowsByKey(list(rows), list(rows.values()))


def _labels(origins: list[tuple[str, str]]) -> list[str]:
    """Return each id, or ``source:id`` where the id alone could mean another entity too."""
    uses = Counter(id_ for _, id_ in origins)
    # An id may read like the ``source:id`` of another entity, which then keeps that name for itself.
    qualified = {f"{source}:{id_}" for source, id_ in origins}
    return [id_ if uses[id_] == 1 and id_ not in qualified else f"{source}:{id_}" for source, id_ in origins]


def _regions(connection: Connection, n_users: int, user_rows: _RowsByKey) -> tuple[str, ...]:
    columns = schema.users.c
    regions = [""] * n_users
    stated = connection.execute(
        select(columns.key, columns.region).where(columns.region.is_not(None), columns.region != "")
    ).all()
    for row, (_, region) in zip(
        user_rows(np.array([key for key, _ in stated], np.int64)), stated, strict=True
    ):
        regions[row] = region
    return tuple(regions) if stated else ()


def _playlist_edges(relation: Relation) -> Select[Any]:
    """Select (user, song, time) through the user's own playlists or liked list."""
    lists, entries = schema.playlists.c, schema.playlist_songs.c
    return (
        select(lists.creator, entries.song, func.coalesce(entries.added_at, lists.created_at, 0))
        .join_from(schema.playlists, schema.playlist_songs, entries.playlist == lists.key)
        .where(lists.relation == relation.value)
    )


def _subscribed_edges() -> Select[Any]:
    subscribed, entries = schema.subscriptions.c, schema.playlist_songs.c
    return select(subscribed.user, entries.song, _NO_TIME).join_from(
        schema.subscriptions, schema.playlist_songs, entries.playlist == subscribed.playlist
    )


def _listened_edges() -> Select[Any]:
    listens = schema.listens.c
    return select(listens.user, listens.song, listens.at)


_HOLDS: dict[Relation, Callable[[], Select[Any]]] = {
    Relation.OWN: lambda: _playlist_edges(Relation.OWN),
    Relation.LIKED: lambda: _playlist_edges(Relation.LIKED),
    Relation.SUBSCRIBED: _subscribed_edges,
    Relation.LISTENED: _listened_edges,
}


def _columns(connection: Connection, query: Any, width: int) -> list[NDArray[np.int64]]:
    """Run a query of integers and return its columns."""
    rows = [] if query is None else connection.execute(query).all()
    # Flat first: numpy asks each row for its array interface, which costs ten times the reading.
    flat = np.fromiter(chain.from_iterable(rows), dtype=np.int64, count=len(rows) * width)
    table = flat.reshape(-1, width)  # (rows · columns,) -> (rows, columns)
    return [table[:, column] for column in range(width)]


def _sparse(
    rows: NDArray[np.int32], columns: NDArray[np.int32], values: NDArray[np.generic], shape: tuple[int, int]
) -> Csr:
    matrix = coo_array((values.astype(np.float32), (rows, columns)), shape=shape).tocsr()
    matrix.sum_duplicates()
    return matrix
