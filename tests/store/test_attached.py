"""Words, sound, images, the service's opinions; and what a reading that says less leaves alone."""

from __future__ import annotations

from typing import Any

import pytest

from store.facts import BIG, EVERY_KIND, SHA, contents, write
from zetdard.errors import InputError
from zetdard.records import (
    Artist,
    AudioFile,
    ChartEntry,
    Lyric,
    LyricState,
    Period,
    Picture,
    Record,
    Role,
    SimilarSong,
    Song,
    SongArtist,
    Suggester,
    Suggestion,
    User,
)
from zetdard.store import writer
from zetdard.store.keys import KeyCache
from zetdard.store.store import Store
from zetdard.store.writer import RecordWriter


def rows(store: Store, table: str) -> list[dict[str, Any]]:
    return contents(store, without=("key", "fetched_at", "source"))[table]


def test_every_attached_kind_is_kept(store: Store) -> None:
    write(store, *EVERY_KIND)
    assert rows(store, "lyrics") == [
        {
            "song": "here:s1",
            "state": "present",
            "text": "[00:01.00]故事的小黄花\n",
            "translation": "[00:01.00]flower",
            "romanised": None,
            "word_times": None,
        },
        {
            "song": "here:s2",
            "state": "instrumental",
            "text": None,
            "translation": None,
            "romanised": None,
            "word_times": None,
        },
    ]
    common = {"song": "here:s1", "sha256": SHA, "format": "mp3"}
    assert rows(store, "audio_files") == [
        common | {"place": "", "md5": None, "size": 1, "level": None, "preview": 1},
        common | {"place": "here", "md5": "0" * 32, "size": BIG, "level": "exhigh", "preview": 0},
    ]
    assert [tuple(row.values()) for row in rows(store, "pictures")] == [
        ("song", "s1", SHA, 2, "image/jpeg", None),
        ("user", "u1", SHA, BIG, "image/png", "here"),
    ]
    assert [tuple(row.values()) for row in rows(store, "chart_entries")] == [
        ("here:u1", "here:s1", "all", 0, 100, BIG),
        ("here:u1", "here:s1", "week", 0, 100, None),
    ]
    assert [tuple(row.values()) for row in rows(store, "similar_songs")] == [("here:s1", "here:s2", 0)]
    assert [tuple(row.values()) for row in rows(store, "suggestions")] == [
        ("here:u1", "here:s2", "daily", "2024-02-29", 3, "因为你喜欢")
    ]


PEOPLE_AND_SONGS: list[Record] = [User(id="u"), User(id="v"), *(Song(id=song, title="") for song in "abcd")]


@pytest.mark.parametrize("batch", [1, 5_000])
def test_a_lyric_that_is_read_again_is_replaced_as_a_whole(
    store: Store, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(writer, "BATCH", batch)
    first = Lyric(song="a", state=LyricState.PRESENT, text="x", translation="y")
    second = Lyric(song="a", state=LyricState.PRESENT, text="z")
    write(store, *PEOPLE_AND_SONGS, first, second)
    assert (rows(store, "lyrics")[0]["text"], rows(store, "lyrics")[0]["translation"]) == ("z", None)
    write(store, first)
    write(store, Lyric(song="a", state=LyricState.UNCOLLECTED))
    assert rows(store, "lyrics")[0]["text"] is None


def test_sound_is_kept_once_for_each_place(store: Store) -> None:
    write(
        store,
        *PEOPLE_AND_SONGS,
        AudioFile(song="a", sha256=SHA, size=1, format="mp3", level="standard", place="p"),
        AudioFile(song="a", sha256=SHA, size=1, format="mp3", place="q"),
    )
    write(store, AudioFile(song="a", sha256=SHA[::-1], size=2, format="flac", place="p"))
    assert [(row["place"], row["sha256"], row["level"]) for row in rows(store, "audio_files")] == [
        ("p", SHA[::-1], None),
        ("q", SHA, None),
    ]


def chart(user: str, period: Period, *songs: str) -> list[Record]:
    return [
        ChartEntry(user=user, song=song, period=period, position=at, score=100 - at)
        for at, song in enumerate(songs)
    ]


def test_a_chart_replaces_the_whole_period_of_the_user_and_nothing_else(store: Store) -> None:
    write(store, *PEOPLE_AND_SONGS, *chart("u", Period.ALL, "a", "b"), *chart("u", Period.WEEK, "c"))
    write(store, *chart("v", Period.ALL, "a"))
    write(store, *chart("u", Period.ALL, "d", "b"))
    found = {
        (row["user"], row["period"], row["song"], row["position"]) for row in rows(store, "chart_entries")
    }
    assert found == {
        ("here:u", "all", "here:d", 0),
        ("here:u", "all", "here:b", 1),
        ("here:u", "week", "here:c", 0),
        ("here:v", "all", "here:a", 0),
    }


def test_similar_songs_and_pictures_are_replaced_and_suggestions_gather(store: Store) -> None:
    write(
        store,
        *PEOPLE_AND_SONGS,
        *(SimilarSong(song="a", similar=song, position=at) for at, song in enumerate("bc")),
        Picture(of="u", kind="user", sha256=SHA, size=1, media_type="image/png", place="p"),
        Suggestion(user="u", song="a", by=Suggester.DAILY, day="2024-01-01", position=0),
    )
    write(
        store,
        SimilarSong(song="a", similar="d", position=0),
        Picture(of="u", kind="user", sha256=SHA[::-1], size=1, media_type="image/gif"),
        Suggestion(user="u", song="a", by=Suggester.DAILY, day="2024-01-02", position=0),
    )
    assert [row["similar"] for row in rows(store, "similar_songs")] == ["here:d"]
    (picture,) = rows(store, "pictures")
    assert (picture["sha256"], picture["place"]) == (SHA[::-1], None)
    assert len(rows(store, "suggestions")) == 2


@pytest.mark.parametrize("known", [Role.ORIGINAL, Role.COVER])
@pytest.mark.parametrize("apart", [False, True])
def test_a_reading_that_does_not_know_the_role_leaves_it(store: Store, known: Role, apart: bool) -> None:
    def credit(role: Role) -> SongArtist:
        return SongArtist(song="a", artist="x", position=0, role=role)

    def role() -> str:
        return rows(store, "song_artists")[0]["role"]

    write(store, *PEOPLE_AND_SONGS, Artist(id="x", name="x"), credit(Role.PERFORMER))
    assert role() == "performer"
    if apart:
        write(store, credit(known))
        write(store, credit(Role.PERFORMER))
    else:
        write(store, credit(known), credit(Role.PERFORMER))
    assert role() == known.value
    other = Role.COVER if known is Role.ORIGINAL else Role.ORIGINAL
    write(store, credit(other))
    assert role() == other.value


def test_keys_are_remembered_over_transactions_and_forgotten_after_a_rollback(store: Store) -> None:
    keys = KeyCache()
    with store.database.write() as connection:
        RecordWriter(connection, "here", keys).write(PEOPLE_AND_SONGS + chart("u", Period.ALL, "a"))
    keys.committed()
    assert keys.known("here", "songs").keys() == {"a"}
    lost: list[Record] = [User(id="w"), *chart("w", Period.ALL, "b")]
    with store.database.write() as connection:
        RecordWriter(connection, "here", keys).write(lost)
        assert keys.known("here", "users").keys() == {"u", "w"}
        connection.get_transaction().rollback()
    keys.rolled_back()
    assert keys.known("here", "users").keys() == {"u"}
    # What was stored before and only read there is read again when it is named again.
    assert keys.known("here", "songs").keys() == {"a"}
    with store.database.write() as connection:
        RecordWriter(connection, "here", keys).write(
            [User(id="x"), User(id="w"), *chart("w", Period.WEEK, "b", "a"), *chart("x", Period.WEEK, "c")]
        )
    found = {(row["user"], row["song"]) for row in rows(store, "chart_entries")}
    assert found == {
        ("here:u", "here:a"),
        ("here:w", "here:b"),
        ("here:w", "here:a"),
        ("here:x", "here:c"),
    }
    with pytest.raises(InputError, match="'a' is named"), store.database.write() as connection:
        RecordWriter(connection, "there", keys).write([User(id="u"), *chart("u", Period.ALL, "a")])
