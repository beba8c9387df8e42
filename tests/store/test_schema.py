"""The schema and its migrations are one, and what cannot be opened says so."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Text, func, inspect, select, text
from sqlalchemy.exc import IntegrityError

import zetdard.store
from store.facts import EVERY_KIND, contents, write
from zetdard.errors import InputError, StoreError
from zetdard.records import User
from zetdard.store import schema
from zetdard.store.database import HEAD, Database
from zetdard.store.dialect import open_engine
from zetdard.store.store import Store


def migrated_tables(database: Database) -> set[str]:
    with database.read() as connection:
        return set(inspect(connection).get_table_names()) - {"alembic_version"}


def test_migrations_make_exactly_the_declared_tables(database_url: str) -> None:
    database = Database.open(database_url)
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, schema.metadata) == []
    assert migrated_tables(database) == set(schema.metadata.tables)
    database.close()


def test_head_is_the_newest_script() -> None:
    scripts = ScriptDirectory(str(Path(zetdard.store.__file__).parent / "migrations"))
    assert scripts.get_heads() == [HEAD]


def test_down_and_up_again(database_url: str) -> None:
    with Store.open(database_url) as store:
        write(store, *EVERY_KIND)
        store.database.migrate_to("base")
        assert migrated_tables(store.database) == set()
        store.database.migrate_to("base")
        store.database.migrate_to("head")
        assert migrated_tables(store.database) == set(schema.metadata.tables)
        write(store, *EVERY_KIND)
        assert len(contents(store)["songs"]) == 3


def test_each_migration_up_and_down_keeps_what_was_there(database_url: str) -> None:
    database = Database(open_engine(database_url))
    database.migrate_to("0001")
    with database.write() as connection:
        connection.execute(schema.users.insert().values(key=7, source="x", id="u", fetched_at=1))
        connection.execute(schema.follows.insert().values(user=7, followed=7, source="x", fetched_at=1))
    for revision in ("0002", "0001", "head"):
        database.migrate_to(revision)
        assert ("tasks" in migrated_tables(database)) == (revision != "0001")
        with database.read() as connection:
            (user,) = connection.execute(select(schema.users))
            assert (user.key, user.source, user.id, user.name, user.fetched_at) == (7, "x", "u", None, 1)
            assert connection.execute(select(schema.follows.c.user, schema.follows.c.followed)).all() == [
                (7, 7)
            ]
    database.close()


def test_opening_again_keeps_the_data(database_url: str) -> None:
    with Store.open(database_url) as store:
        write(store, *EVERY_KIND)
        before = contents(store)
    with Store.open(database_url) as store:
        assert contents(store) == before


def test_a_newer_schema_is_refused_and_left_alone(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'newer.sqlite3'}"
    database = Database.open(url)
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()
    with pytest.raises(StoreError, match=r"9999.*update ZetDard"):
        Store.open(url)
    with pytest.raises(StoreError, match="9999"):
        Store.open(url)


def test_a_schema_that_no_migration_knows_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'strange.sqlite3'}"
    database = Database.open(url)
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    database.close()
    with pytest.raises(StoreError, match="schema 0000, which is not known"):
        Store.open(url)


def test_a_migration_that_fails_changes_nothing(tmp_path: Path) -> None:
    """Another program's table stands where one of ours would be made, late."""
    url = f"sqlite:///{tmp_path / 'other.sqlite3'}"
    engine = open_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE subscriptions (x INTEGER)"))
    engine.dispose()
    with pytest.raises(StoreError, match="subscriptions already exists"):
        Store.open(url)
    database = Database(open_engine(url))
    assert migrated_tables(database) == {"subscriptions"}
    database.close()


def test_changing_a_table_keeps_what_refers_to_it(store: Store) -> None:
    """SQLite changes a table by copying it and dropping the original; references must not follow it."""
    write(store, *EVERY_KIND)
    before = contents(store)
    with store.database.changing_schema() as connection:
        operations = Operations(MigrationContext.configure(connection))
        with operations.batch_alter_table("users", recreate="auto") as users:
            users.add_column(Column("mood", Text))
            users.alter_column("region", existing_type=Text(), nullable=False, server_default="?")
            connection.execute(
                schema.users.update().where(schema.users.c.region.is_(None)).values(region="?")
            )
    for row in before["users"]:
        row["region"] = row["region"] or "?"
    assert contents(store) == before
    with pytest.raises(IntegrityError), store.database.write() as connection:
        connection.execute(schema.follows.insert().values(user=98, followed=99, source="x", fetched_at=1))


def test_a_change_that_breaks_references_is_taken_back(tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path / 'db.sqlite3'}") as store:
        write(store, *EVERY_KIND)
        before = contents(store)
        with (
            pytest.raises(StoreError, match="break references"),
            store.database.changing_schema() as connection,
        ):
            connection.execute(schema.users.delete())
        assert contents(store) == before


def test_garbage_is_no_database(tmp_path: Path) -> None:
    file = tmp_path / "garbage.sqlite3"
    file.write_bytes(b"this is a shopping list and no database\n" * 100)
    with pytest.raises(StoreError, match="not a database"):
        Store.open(f"sqlite:///{file}")
    assert file.read_bytes().startswith(b"this is")


def test_damage_inside_the_file_is_a_store_error(tmp_path: Path) -> None:
    file = tmp_path / "damaged.sqlite3"
    with Store.open(f"sqlite:///{file}") as store:
        write(store, *EVERY_KIND)
    content = bytearray(file.read_bytes())
    content[8192:] = b"\xff" * (len(content) - 8192)
    file.write_bytes(content)
    with pytest.raises(StoreError):  # noqa: SIM117 - it may show on opening or on reading
        with Store.open(f"sqlite:///{file}") as store:
            contents(store)


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        Store.open(f"sqlite:///{tmp_path}")


def test_a_file_where_the_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(StoreError, match="folder"):
        Store.open(f"sqlite:///{tmp_path / 'file' / 'db.sqlite3'}")


def test_missing_folders_are_made(tmp_path: Path) -> None:
    file = tmp_path / "一" / "100% two" / "db.sqlite3"
    Store.open(f"sqlite:///{file}").close()
    assert file.is_file()


@pytest.mark.parametrize(
    "url", ["sqlite", "sqlite:file", "nonsense", "", "mysql://x/y", "sqlite+nodriver:///x"]
)
def test_urls_that_name_no_database(url: str) -> None:
    with pytest.raises(InputError):
        Store.open(url)


def test_a_database_in_memory_works() -> None:
    with Store.open("sqlite:///:memory:") as store:
        write(store, *EVERY_KIND)
        assert store.revision() == 1


def test_what_is_acknowledged_is_on_disk_and_references_hold(tmp_path: Path) -> None:
    database = Database.open(f"sqlite:///{tmp_path / 'db.sqlite3'}")
    with database.read() as connection:
        pragmas = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    database.close()
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_a_database_that_cannot_be_written(tmp_path: Path) -> None:
    file = tmp_path / "db.sqlite3"
    with Store.open(f"sqlite:///{file}") as store:
        write(store, *EVERY_KIND)
        before = contents(store)
    with Store.open(f"sqlite:///file:{file}?mode=ro&uri=true") as store:
        assert contents(store) == before
        with pytest.raises(StoreError, match="readonly"):
            write(store, *EVERY_KIND)


def test_a_reader_sees_one_state(store: Store) -> None:
    write(store, *EVERY_KIND)
    count = select(func.count()).select_from(schema.users)
    with store.database.read() as connection:
        before = connection.execute(count).scalar()
        write(store, User(id="late"))
        assert connection.execute(count).scalar() == before
    assert store.counts()["users"] == before + 1


def test_a_reader_cannot_hold_up_a_writer_and_a_second_writer_waits(store: Store) -> None:
    done: list[str] = []

    def second() -> None:
        write(store, User(id="second"))
        done.append("second")

    with store.database.read(), store.importing("here") as importing:
        list(importing.write([User(id="first")]))
        waiting = threading.Thread(target=second)
        waiting.start()
        importing.finish(format="test", path="", started_at=0, refused=0)
        assert done == []
    waiting.join()
    assert (done, store.revision(), store.counts()["users"]) == (["second"], 2, 2)
