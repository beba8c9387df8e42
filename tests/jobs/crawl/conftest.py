"""An invented NetEase, empty databases, and the crawl that nothing disturbed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from jobs.crawl.crawls import Crawl, Outcome, copy_of
from store.databases import NewDatabase
from zetdard.sandbox.config import SCALES, WorldConfig
from zetdard.sandbox.server import Plan, RunningServer, running_server

TINY = WorldConfig(seed=3, n_users=24, n_songs=90, n_artists=12, n_genres=4, n_regions=3)

NewCrawl = Callable[..., Crawl]
"""Makes a crawl into an empty database."""


@pytest.fixture(scope="session")
def town() -> Iterator[RunningServer]:
    """A NetEase whose crawl is more than three thousand visits."""
    with running_server(SCALES["small"]) as server:
        yield server


@pytest.fixture(scope="session")
def _village() -> Iterator[RunningServer]:
    with running_server(TINY) as server:
        yield server


@pytest.fixture
def village(_village: RunningServer) -> RunningServer:
    """A NetEase with two dozen listeners, which behaves until it is told otherwise."""
    _village.set_plan(Plan())
    return _village


def big_crawl(town: RunningServer, database: str, blobs: Path, **more: Any) -> Crawl:
    """Return the crawl of the town: 3,599 visits."""
    return Crawl(
        server=town,
        database=database,
        blobs=blobs,
        begin={"users": [town.about["listener"]["id"]], "artist_list": True},
        plan={"depth": 3, "workers": 2, "lease_ms": 2_000},
        **more,
    )


@pytest.fixture(scope="session")
def undisturbed(town: RunningServer, migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """What the crawl of the town brings when nothing disturbs it."""
    folder = tmp_path_factory.mktemp("undisturbed")
    database = copy_of(migrated, f"sqlite:///{folder / 'store.sqlite3'}")
    crawl = big_crawl(town, database, folder / "blobs").with_plan(workers=1)
    report = crawl.run()
    assert (report.state.todo, report.state.ended) == (0, 0)
    return crawl.outcome()


@pytest.fixture
def big(town: RunningServer, new_database: NewDatabase, migrated: Path, tmp_path: Path) -> Crawl:
    """The crawl of the town by two workers, into each kind of database in turn."""
    return big_crawl(town, copy_of(migrated, new_database()), tmp_path / "blobs")


@pytest.fixture
def new_crawl(village: RunningServer, migrated: Path, tmp_path: Path) -> NewCrawl:
    """Makes crawls of the village into SQLite, each into a database and a folder of its own."""
    made = 0

    def new(**fields: Any) -> Crawl:
        nonlocal made
        made += 1
        database = copy_of(migrated, f"sqlite:///{tmp_path / f'store{made}.sqlite3'}")
        begin = {"users": [village.about["listener"]["id"]], "artist_list": True}
        plan = {"depth": 9, **fields.pop("plan", {})}
        return Crawl(
            **{"server": village, "database": database, "blobs": tmp_path / f"blobs{made}", "begin": begin}
            | fields,
            plan=plan,
        )

    return new
