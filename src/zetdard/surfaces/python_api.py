"""The Python API: in a few lines what the command line does.

>>> import zetdard
>>> with zetdard.open("home") as z:
...     z.import_files("playlists", "netease_playlists")
...     for song in z.recommend("songs", "18a341f00805", n=5).items:
...         print(song.rank, song.name, [artist.name for artist in song.artists])
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from zetdard import registry
from zetdard.errors import NoDataError
from zetdard.jobs.importing import import_files, import_records
from zetdard.progress import Progress, silent
from zetdard.recommend.query import Kind, Query, Recommendation
from zetdard.records import Record, Verdict
from zetdard.settings import read_settings
from zetdard.sources.base import ReadOptions
from zetdard.store.feedback import Opinion
from zetdard.store.matches import (
    MatchState,
    StoredMatch,
    StoredSong,
    count_matches,
    decide,
    read_matches,
)
from zetdard.store.store import ImportReport
from zetdard.surfaces.choosing import check_model, chosen, default_model, make_model, measured_by_default
from zetdard.surfaces.composing import Composing

if TYPE_CHECKING:
    import networkx as nx

    from zetdard.evaluation.result import Measured
    from zetdard.jobs.crawl.plan import CrawlReport, CrawlState

__all__ = ["ZetDard", "benchmark", "make_model", "open"]


class ZetDard(Composing):
    """An open home: what is stored, and everything that can be asked of it.

    Args:
        settings: Where things lie and what counts.
        progress: Told about everything that takes a while.
    """

    def import_files(
        self,
        format: str,
        path: Path | str,
        *,
        encoding: str | None = None,
        user: str | None = None,
        rejects: Path | None = None,
    ) -> ImportReport:
        """Read files of a format and store what they say, all or nothing.

        Args:
            format: A name of ``zetdard.registry.FILE_SOURCES``.
            path: File or folder, as the format asks.
            encoding: Text encoding; ``None`` = the format's own. Never guessed.
            user: Whose history it is, for exports that do not name their owner.
            rejects: Go on without rows that cannot be used, and list them in this CSV file.

        Raises:
            FormatError: The files cannot be used.
            NoDataError: They hold nothing that could be stored.
        """
        report = import_files(
            self._store,
            registry.file_source(format),
            Path(path),
            ReadOptions(encoding=encoding, user=user),
            rejects=rejects,
            progress=self._progress,
        )
        self.match()
        return report

    def import_records(self, source: str, records: Iterator[Record], *, format: str) -> ImportReport:
        """Store records that do not come from files."""
        report = import_records(self._store, source, records, format=format, progress=self._progress)
        self.match()
        return report

    def match(self) -> None:
        """Look for listeners' own music files among the songs of other sources, and join what is certain.

        Imports and crawls do it by themselves.
        """
        from zetdard.jobs.matching import match_songs

        for source in registry.MATCHED_SOURCES:
            match_songs(self._store, source, progress=self._progress)

    def matches(self, state: Literal["joined", "unsure", "apart"] = "unsure") -> list[StoredMatch]:
        """Return pairs of songs that are, or may be, one recording, the surest first."""
        with self._store.database.read() as connection:
            return read_matches(connection, chosen(MatchState, state))

    def match_counts(self) -> dict[str, int]:
        """Return how many pairs of songs are joined, unsure and apart."""
        with self._store.database.read() as connection:
            return count_matches(connection)

    def decide_match(self, song: str, other: str, *, same: bool) -> tuple[StoredSong, StoredSong]:
        """Say that two songs are the same recording, or that they are not, also if they were joined.

        Args:
            song: Id of a song, ``source:id`` where several sources use it.
            other: Id of the other one.
            same: Whether they are.

        Raises:
            UnknownEntityError: One is not stored.
            InputError: They cannot be joined; the message says why.
        """
        with self._store.database.write() as connection:
            return decide(connection, song, other, same=same)

    def crawl(
        self,
        *,
        users: Sequence[str] = (),
        nicknames: Sequence[str] = (),
        playlists: Sequence[str] = (),
        me: bool = False,
        artist_list: bool = False,
        **wishes: Any,
    ) -> CrawlReport:
        """Visit NetEase and store what is found; call it again to go on.

        Args:
            users: Ids of the people to begin with.
            nicknames: Or their names.
            playlists: Ids of playlists to begin with.
            me: Begin with whoever is logged in; what is nearest to them comes first.
            artist_list: Begin with the service's list of artists.
            **wishes: Fields of ``zetdard.surfaces.crawl.CrawlWishes``: ``depth``, ``workers``, ``rate``, ``also``,
                ``without``, ``limits``, ``sandbox``, …

        Raises:
            CrawlStoppedError: The service wants a person; nothing is lost.
            RefusalError: The beginning is refused.
            InputError: A wish cannot be.
        """
        from zetdard.sources.crawling import Beginning
        from zetdard.surfaces.crawl import run_crawl, wishes_of

        beginning = Beginning(
            me=me, users=users, nicknames=nicknames, playlists=playlists, artist_list=artist_list
        )
        report = run_crawl(self._store, self.settings, beginning, wishes_of(wishes))
        self.match()
        self._desk = None
        return report

    def crawl_states(self) -> dict[str, CrawlState]:
        """Return how far the crawls are, by source."""
        from zetdard.surfaces.crawl import crawl_states

        return crawl_states(self._store)

    def recommend(
        self,
        kind: Literal["songs", "artists", "friends"],
        user: str | None = None,
        *,
        like: Sequence[str] = (),
        n: int = 20,
        model: str | None = None,
        settings: Mapping[str, Any] | None = None,
        artist_cap: int | None = 2,
        one_version: bool = True,
        include_held: bool = False,
        reasons: bool = True,
    ) -> Recommendation:
        """Recommend songs, artists or friends.

        Args:
            kind: What to recommend.
            user: Id of the listener, or ``None`` for a listener who is known by ``like`` alone.
            like: Songs that the listener likes: ids, or words of title and artist.
            n: Length of the list.
            model: Name of a model or, for friends, of a similarity; ``None`` = the default.
            settings: Config values of the model.
            artist_cap: Songs: at most so many of one artist; ``None`` = any number.
            one_version: Songs: of several versions of one song only the best placed.
            include_held: Artists: also those that the listener already holds.
            reasons: Say why.

        Raises:
            UnknownEntityError: The user, a song or the model is not there.
            NoDataError: Nothing is stored that could answer it.
        """
        query = Query(
            kind=chosen(Kind, kind),
            user=user,
            likes=tuple(like),
            n=n,
            artist_cap=artist_cap,
            one_version=one_version,
            include_held=include_held,
            reasons=reasons,
        )
        return self.answer(query, model=model, settings=settings)

    def answer(
        self, query: Query, *, model: str | None = None, settings: Mapping[str, Any] | None = None
    ) -> Recommendation:
        """Answer a ready-made query; see ``recommend``."""
        name = model or default_model(query.kind)
        check_model(query.kind, name)
        return self._current_desk().answer(query, partial(make_model, name, settings))

    def train(self, models: Sequence[str] = (), *, budget_s: float | None = None) -> list[str]:
        """Fit models ahead of the first question, and keep them; without names, the default one.

        Args:
            models: Their names.
            budget_s: Seconds after which the training of each network stops at the end of its epoch.

        Returns:
            The names of the models.

        Raises:
            UnknownEntityError: There is no such model.
            NoDataError: Nothing is stored to learn from.
        """
        names = list(models) or [registry.DEFAULT_MODEL]
        desk = self._current_desk()
        if len(desk.dataset.holdings) == len(desk.dataset.plays) == 0:
            raise NoDataError("nothing is stored that a model could learn from")
        with desk.hurry(budget_s):
            for name in names:
                check_model(Kind.SONGS, name)
                for kind in (Kind.SONGS,) if name in registry.SONG_MODELS else (Kind.SONGS, Kind.ARTISTS):
                    desk.spaces(kind, partial(make_model, name))
        return names

    def say(self, user: str, verdict: str, item: str, *, kind: Literal["song", "artist"] = "song") -> str:
        """Store what a listener says about a song or an artist; the next list respects it.

        Args:
            user: Id of the listener.
            verdict: ``like``, ``dislike``, ``skip`` or ``ban``.
            item: Id; a song also by words of title and artist.
            kind: What ``item`` is.

        Returns:
            The name of what was meant.
        """
        dataset = self.dataset()
        row = self._find(kind, item)
        self._store.say(dataset, dataset.users.find(user), chosen(Verdict, verdict), kind, row)
        return self._describe(kind, row)

    def undo(self, user: str, item: str, *, kind: Literal["song", "artist"] = "song") -> tuple[Opinion, str]:
        """Take back a listener's newest verdict about a song or an artist.

        Returns:
            What was taken back, and the name of what it was about.
        """
        dataset = self.dataset()
        row = self._find(kind, item)
        return self._store.undo(dataset, dataset.users.find(user), kind, row), self._describe(kind, row)

    def search(self, words: str, *, limit: int = 10) -> list[tuple[str, str]]:
        """Return (id, description) of the songs that ``words`` may mean, best first."""
        desk = self._current_desk()
        rows = desk.search.songs(words, limit=limit)
        return [(desk.dataset.songs.vocabulary.label(row), desk.search.describe(row)) for row in rows]

    def evaluate(
        self,
        kind: Literal["songs", "artists", "friends"],
        models: Sequence[str] = (),
        *,
        ks: Sequence[int] = (10, 20),
        split: Literal["auto", "time", "random"] = "auto",
    ) -> Measured:
        """Measure models on what is stored, beside controls; see ``docs/measuring.md``."""
        from zetdard.evaluation.stored import evaluate

        what = chosen(Kind, kind)
        names = list(models) or measured_by_default(what)
        for name in names:
            check_model(what, name)
        return evaluate(
            self.dataset(),
            what,
            {name: partial(make_model, name) for name in names},
            controls={name: partial(make_model, name) for name in registry.CONTROLS},
            ks=ks,
            split=split,
            seed=self.settings.seed,
            progress=self._progress,
        )

    def graph(self, *, neighbours: int = 10) -> nx.DiGraph[str]:
        """Return the typed network of users, songs and artists; see ``zetdard.features.graph``."""
        from zetdard.features.graph import typed_graph

        dataset = self.dataset()
        self._progress("building the network", 0, 1)
        graph = typed_graph(dataset, neighbours=neighbours, threads=self.settings.threads)
        self._progress("building the network", 1, 1)
        return graph


def open(
    home: Path | str | None = None, *, database: str | None = None, progress: Progress = silent
) -> ZetDard:
    """Open a home; it is made if it is not there.

    Args:
        home: Folder; ``None`` = ``ZETDARD_HOME``, else the platform's data folder.
        database: SQLAlchemy URL; ``None`` = SQLite in the home.
        progress: Told about everything that takes a while.
    """
    settings = read_settings(home=None if home is None else Path(home), database=database)
    return ZetDard(settings, progress=progress)


def benchmark(
    folder: Path | str,
    models: Sequence[str],
    *,
    ks: Sequence[int] = (10, 20, 40),
    cold: bool = False,
    seed: int = 0,
    progress: Progress = silent,
) -> Measured:
    """Measure models on ready-made split files; see ``docs/measuring.md``.

    Args:
        folder: Holds ``train.txt``, ``test.txt`` and perhaps ``valid.txt``, ``items.csv``, ``users.csv``.
        models: Names of models.
        ks: Cut-offs.
        cold: Rank exactly the items that no train row holds.
        seed: Seed of everything random.
        progress: Told what is going on.
    """
    from zetdard.evaluation.benchmark import benchmark as run

    return run(
        Path(folder),
        {name: partial(make_model, name) for name in models},
        controls={name: partial(make_model, name) for name in registry.CONTROLS},
        ks=ks,
        cold=cold,
        seed=seed,
        progress=progress,
    )
