"""All or nothing: exceptions, readers beside a writer, and what is noted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from store.facts import ALL_RELATIONS, EVERY_KIND, contents, write
from zetdard.errors import StoreError
from zetdard.records import Listen, Record, Song, User, Verdict
from zetdard.store import writer
from zetdard.store.store import Store


@pytest.mark.parametrize("batch", [1, 5_000])
def test_an_exception_in_the_middle_keeps_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(writer, "BATCH", batch)
    write(store, User(id="first"))
    before = contents(store, without=())

    def broken() -> Iterator[Record]:
        yield from EVERY_KIND
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(store, *EVERY_KIND[:3], *broken())
    with pytest.raises(KeyboardInterrupt), store.importing("here") as importing:
        for _ in importing.write(broken()):
            pass
    assert contents(store, without=()) == before
    assert store.revision() == 1


def test_an_import_that_is_not_finished_keeps_no_line_about_itself(store: Store) -> None:
    with store.importing("here") as importing:
        for _ in importing.write(EVERY_KIND):
            pass
    assert store.imports() == []
    assert store.counts()["users"] == 0


def test_a_reader_sees_the_former_state_while_a_writer_writes(store: Store) -> None:
    write(store, User(id="u"), Song(id="s", title="s"))
    with store.importing("here") as importing:
        for _ in importing.write([User(id="v"), Listen(user="v", song="s", at=1)]):
            pass
        importing.finish(format="test", path="", started_at=0, refused=0)
        assert len(store.dataset(ALL_RELATIONS).users) == 1
        assert store.revision() == 1
    assert len(store.dataset(ALL_RELATIONS).users) == 2
    assert store.revision() == 2


def test_the_revision_counts_imports_and_not_feedback(store: Store) -> None:
    assert store.revision() == 0
    for revision in (1, 2):
        write(store, *EVERY_KIND)
        assert store.revision() == revision
    data = store.dataset(ALL_RELATIONS)
    store.say(data, 0, Verdict.BAN, "song", 0)
    store.undo(data, 0, "song", 0)
    assert store.revision() == 2
    assert store.dataset(ALL_RELATIONS).fingerprint == data.fingerprint
    with store.importing("here") as importing:
        importing.finish(format="empty", path="", started_at=0, refused=0)
    assert store.revision() == 2


def test_each_import_is_noted(store: Store) -> None:
    with store.importing("here") as importing:
        for _ in importing.write(EVERY_KIND):
            pass
        report = importing.finish(format="all", path="/x", started_at=5, refused=3)
    (line,) = store.imports()
    assert (line["source"], line["format"], line["path"], line["started_at"]) == ("here", "all", "/x", 5)
    assert (line["records"], line["refused"]) == (len(EVERY_KIND), 3)
    assert report.counts["Song"] == 3
    assert sum(report.counts.values()) == len(EVERY_KIND)
    assert store.counts()["imports"] == 1


def test_a_database_that_is_locked_for_long_is_a_store_error(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'locked.sqlite3'}"
    with Store.open(url) as store, Store.open(url) as other, store.importing("here"):
        with other.database.read() as connection:
            connection.exec_driver_sql("PRAGMA busy_timeout = 1")
        with pytest.raises(StoreError, match="locked"):
            write(other, User(id="u"))
