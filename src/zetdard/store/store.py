"""The store's front door: what jobs and surfaces ask it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, Self

from sqlalchemy import func, select

from zetdard.data.dataset import Dataset, Entities
from zetdard.data.opinions import Opinions
from zetdard.records import Lyric, MusicFile, Record, Relation, Verdict
from zetdard.store import feedback, schema
from zetdard.store.attachments import Origin, Sound, read_lyrics, read_music_files, read_sounds
from zetdard.store.budget import Budget
from zetdard.store.database import Database, now_ms, revision_of
from zetdard.store.frontier import Frontier
from zetdard.store.overview import sources_of
from zetdard.store.reader import read_dataset
from zetdard.store.writer import RecordWriter


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did.

    Attributes:
        source: Namespace of the ids.
        format: What was read.
        path: From where.
        counts: Records taken, by kind.
        refused: Rows that could not be used and were left out.
    """

    source: str
    format: str
    path: str
    counts: dict[str, int]
    refused: int


class Importing:
    """An import that is under way: write records, then ``finish``; without it nothing is kept."""

    def __init__(self, writer: RecordWriter) -> None:
        self._writer = writer
        self.report: ImportReport | None = None

    def write(self, records: Iterable[Record]) -> Iterator[int]:
        """Write records, yielding now and then how many have been taken."""
        for count, record in enumerate(records, start=1):
            self._writer.add(record)
            if count % 2_000 == 0:
                yield count

    def finish(self, *, format: str, path: str, started_at: int, refused: int) -> ImportReport:
        """Write what is waiting and the line about this import."""
        counts: Counter[str] = self._writer.finish()
        self._writer.connection.execute(
            schema.imports.insert().values(
                source=self._writer.source,
                format=format,
                path=path,
                started_at=started_at,
                finished_at=now_ms(),
                records=counts.total(),
                refused=refused,
            )
        )
        self.report = ImportReport(self._writer.source, format, path, dict(counts), refused)
        return self.report


class Store:
    """All that is kept, in one database. Use it as a context manager or close it."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @classmethod
    def open(cls, url: str) -> Store:
        """Open the database at ``url``, create it if it is not there, and bring its schema up to date."""
        return cls(Database.open(url))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give back all connections."""
        self.database.close()

    @contextmanager
    def importing(self, source: str) -> Iterator[Importing]:
        """Open one transaction for an import; leaving it by an exception, or before ``finish``, keeps nothing."""
        with self.database.write() as connection:
            importing = Importing(RecordWriter(connection, source))
            yield importing
            transaction = connection.get_transaction()
            if importing.report is None and transaction is not None:
                transaction.rollback()

    def frontier(self, source: str) -> Frontier:
        """Return the tasks of the crawls of a source."""
        return Frontier(self.database, source)

    def crawled_sources(self) -> list[str]:
        """Return the sources that a crawl has tasks for."""
        with self.database.read() as connection:
            return sources_of(connection)

    def budget(self, source: str) -> Budget:
        """Return how often a source may be asked."""
        return Budget(self.database, source)

    def dataset(self, relations: Iterable[Relation]) -> Dataset:
        """Read everything that models and recommend need."""
        with self.database.read() as connection:
            return read_dataset(connection, relations)

    def revision(self) -> int:
        """Return how many transactions have changed what models learn from."""
        with self.database.read() as connection:
            return revision_of(connection)

    def counts(self) -> dict[str, int]:
        """Return how many rows each table of facts holds."""
        apart = schema.CRAWL_TABLES | {"state"}
        tables = [table for name, table in schema.metadata.tables.items() if name not in apart]
        with self.database.read() as connection:
            return {
                table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in tables
            }

    def imports(self) -> list[dict[str, object]]:
        """Return the imports so far, oldest first."""
        with self.database.read() as connection:
            rows = connection.execute(select(schema.imports).order_by(schema.imports.c.key))
            return [dict(row._mapping) for row in rows]

    def music_files(self) -> dict[str, MusicFile]:
        """Return the files of listeners' own folders as the last import of each found them, by ``uri``."""
        with self.database.read() as connection:
            return {file.uri: file for file in read_music_files(connection)}

    def sounds(self, place: str | None) -> list[Sound]:
        """Return where the sound of songs is to be found: own files, and a folder of blobs.

        Args:
            place: The folder's id; ``None`` = there is none.
        """
        with self.database.read() as connection:
            return read_sounds(connection, place)

    def lyrics(self) -> list[tuple[Origin, Lyric]]:
        """Return the words of all songs, with (source, id) of each song."""
        with self.database.read() as connection:
            return read_lyrics(connection)

    def opinions(self, dataset: Dataset, user: int) -> Opinions:
        """Return what a listener's verdicts mean now."""
        with self.database.read() as connection:
            return feedback.opinions_of(connection, dataset, user)

    def say(
        self,
        dataset: Dataset,
        user: int,
        verdict: Verdict,
        kind: Literal["song", "artist"],
        item: int,
    ) -> None:
        """Add a listener's verdict about a song or an artist; it is on disk when this returns."""
        with self.database.write() as connection:
            about = _entities(dataset, kind).origins[item]
            feedback.say(connection, dataset.users.origins[user], verdict, kind, about)

    def undo(
        self, dataset: Dataset, user: int, kind: Literal["song", "artist"], item: int
    ) -> feedback.Opinion:
        """Take back a listener's newest verdict about a song or an artist."""
        with self.database.write() as connection:
            return feedback.undo(
                connection,
                dataset.users.origins[user],
                kind,
                _entities(dataset, kind).all_origins(item),
            )


def _entities(dataset: Dataset, kind: Literal["song", "artist"]) -> Entities:
    return dataset.songs if kind == "song" else dataset.artists
