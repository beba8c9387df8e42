"""Everything that is known, as rows: what jobs hand to models and to recommend."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from zetdard.data.interactions import Interactions, ones_like
from zetdard.data.types import Csr, Rows
from zetdard.data.vocabulary import Vocabulary
from zetdard.errors import AmbiguousIdError, UnknownEntityError

EntityKind = Literal["user", "song", "artist"]


@dataclass(frozen=True, slots=True, eq=False)
class Entities:
    """The users, songs or artists that are stored.

    A label is the source's own id; where two sources use the same id, it is ``source:id``.

    Attributes:
        kind: What they are.
        vocabulary: Label ↔ row, ordered by label.
        names: Shape (rows,): nickname, title or artist name; empty where none is known.
        origins: Shape (rows,): (source, id) of each row.
        joined: (source, id) of what has another one's row, because it is the same recording or artist.
    """

    kind: EntityKind
    vocabulary: Vocabulary
    names: tuple[str, ...]
    origins: tuple[tuple[str, str], ...]
    joined: Mapping[tuple[str, str], int] = field(default_factory=dict)
    _by_origin: dict[tuple[str, str], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._by_origin.update(self.joined)
        self._by_origin.update({origin: row for row, origin in enumerate(self.origins)})

    def __len__(self) -> int:
        return len(self.vocabulary)

    def find(self, text: str) -> int:
        """Return the row that an id names: a label, or ``source:id``; a user or an artist also by the whole name.

        Raises:
            AmbiguousIdError: Several sources use the id, or several have the name.
            UnknownEntityError: None does.
        """
        row = self.vocabulary.get(text)
        if row is not None:
            return row
        source, colon, id_ = text.partition(":")
        if colon and (source, id_) in self._by_origin:
            return self._by_origin[source, id_]
        same = [f"{source}:{id_}" for source, id_ in self.origins if id_ == text]
        if same:
            raise AmbiguousIdError(
                f"the {self.kind} id {text!r} is used by several sources: {', '.join(same)}"
            )
        others = {row for (_, id_), row in self.joined.items() if id_ == text}
        if len(others) == 1:
            return others.pop()
        named = [row for row, name in enumerate(self.names) if name and name.casefold() == text.casefold()]
        if self.kind == "song" or not named:
            raise UnknownEntityError(f"no {self.kind} {text!r} is stored{self._examples()}")
        if len(named) > 1:
            ids = ", ".join(self.vocabulary.label(row) for row in named[:5])
            raise AmbiguousIdError(
                f"{len(named)} {self.kind}s are called {text!r}; name one by its id: {ids}"
            )
        return named[0]

    def _examples(self) -> str:
        """Return some ids for a message to somebody who does not know what they look like."""
        if len(self) == 0:
            return f": no {self.kind} is stored at all; see zetdard import --help"
        some = ", ".join(self.vocabulary.labels[:3])
        return f"; there are {len(self):,}, such as {some}"

    def by_origin(self, source: str, id_: str) -> int | None:
        """Return the row of a source's entity, or ``None``."""
        return self._by_origin.get((source, id_))

    def all_origins(self, row: int) -> tuple[tuple[str, str], ...]:
        """Return (source, id) of everything that has a row, its own first."""
        return (self.origins[row], *(origin for origin, other in self.joined.items() if other == row))

    def name(self, row: int) -> str:
        """Return what to show for a row: its name, or its label where none is known."""
        return self.names[row] or self.vocabulary.label(row)


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """One state of the store.

    Attributes:
        users: Who is known.
        songs: Songs, held by somebody or not.
        artists: Artists.
        holdings: Users × songs: who holds which song, by the relations that count.
        plays: Users × artists: how often, where a source counts artists and not songs; empty elsewhere.
        song_artists: CSR, shape (songs, artists); a value is 1 + the artist's position in the credits.
        follows: CSR, shape (users, users), binary: row follows column.
        fingerprint: Changes whenever anything above may have changed.
        regions: Shape (users,): where each lives, as their source writes it; "" = not known. Empty = of nobody.
    """

    users: Entities
    songs: Entities
    artists: Entities
    holdings: Interactions
    plays: Interactions
    song_artists: Csr
    follows: Csr
    fingerprint: str
    regions: tuple[str, ...] = ()

    def artists_of(self, song: int) -> Rows:
        """Return a song's artists in the order of its credits: rows."""
        start, stop = self.song_artists.indptr[song], self.song_artists.indptr[song + 1]
        columns = self.song_artists.indices[start:stop]
        order = np.argsort(self.song_artists.data[start:stop], kind="stable")
        return np.asarray(columns[order], dtype=np.int32)

    def artist_holdings(self) -> Interactions:
        """Return users × artists: through how many of their songs each user holds each artist."""
        matrix = (self.holdings.binary() @ ones_like(self.song_artists)).tocsr().astype(np.float32)
        matrix.sum_duplicates()
        matrix.sort_indices()
        return Interactions(self.users.vocabulary, self.artists.vocabulary, matrix)

    def describe_user(self, row: int) -> str:
        """Return a user's nickname and id for a message."""
        label = self.users.vocabulary.label(row)
        name = self.users.names[row]
        return f"{name} ({label})" if name else label
