"""Verdicts: the newest in force counts, and every word can be taken back."""

from __future__ import annotations

from typing import Literal

import pytest

from store.facts import ALL_RELATIONS, write
from zetdard.data.dataset import Dataset
from zetdard.data.opinions import Opinions
from zetdard.errors import InputError, NoDataError
from zetdard.records import Artist, Song, SongVerdict, User, Verdict
from zetdard.store import feedback
from zetdard.store.feedback import SKIP_HIDES_MS, opinions_of
from zetdard.store.store import Store

LIKE, DISLIKE, SKIP, BAN = Verdict.LIKE, Verdict.DISLIKE, Verdict.SKIP, Verdict.BAN
NOW = 1_700_000_000_000
U, V = 0, 1
A, B = 0, 1


@pytest.fixture
def data(store: Store, clock: list[int]) -> Dataset:
    write(
        store,
        *(User(id=user) for user in "uv"),
        *(Song(id=song, title=song) for song in "ab"),
        *(Artist(id=artist, name=artist) for artist in "ab"),
    )
    return store.dataset(ALL_RELATIONS)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The time by which verdicts are noted; a test may change it."""
    times = [NOW]
    monkeypatch.setattr(feedback, "now_ms", lambda: times[0])
    return times


def now(store: Store, data: Dataset, user: int = U, *, at: int = NOW) -> dict[str, list[int]]:
    """Return what is in force, without what is empty."""
    with store.database.read() as connection:
        found = opinions_of(connection, data, user, now=at)
    named = {name: getattr(found, name).tolist() for name in Opinions.__dataclass_fields__}
    return {name: rows for name, rows in named.items() if rows}


@pytest.mark.parametrize("kind", ["song", "artist"])
@pytest.mark.parametrize(("verdict", "set_"), [(LIKE, "liked"), (DISLIKE, "hidden"), (BAN, "hidden")])
def test_what_a_verdict_means(
    store: Store, data: Dataset, kind: Literal["song", "artist"], verdict: Verdict, set_: str
) -> None:
    store.say(data, U, verdict, kind, B)
    assert now(store, data) == {f"{set_}_{kind}s": [B]}
    assert now(store, data, V) == {}


def test_several_things_are_rows_in_order(store: Store, data: Dataset) -> None:
    for item in (B, A):
        store.say(data, U, BAN, "song", item)
        store.say(data, U, LIKE, "artist", item)
    assert now(store, data) == {"hidden_songs": [A, B], "liked_artists": [A, B]}


def test_a_skip_hides_for_thirty_days(store: Store, data: Dataset) -> None:
    store.say(data, U, SKIP, "song", A)
    assert SKIP_HIDES_MS == 30 * 86_400_000
    assert now(store, data, at=NOW + SKIP_HIDES_MS - 1) == {"hidden_songs": [A]}
    assert now(store, data, at=NOW + SKIP_HIDES_MS) == {}


def test_an_expired_skip_does_not_bring_the_former_verdict_back(store: Store, data: Dataset) -> None:
    store.say(data, U, LIKE, "song", A)
    store.say(data, U, SKIP, "song", A)
    assert now(store, data, at=NOW + SKIP_HIDES_MS) == {}


def test_an_artist_cannot_be_skipped(store: Store, data: Dataset) -> None:
    with pytest.raises(InputError, match="cannot be skipped"):
        store.say(data, U, SKIP, "artist", A)
    assert store.counts()["feedback"] == 0


def test_the_newest_counts_and_undo_goes_back_word_by_word(store: Store, data: Dataset) -> None:
    said = [LIKE, BAN, DISLIKE, LIKE]
    meant = {LIKE: {"liked_songs": [A]}, BAN: {"hidden_songs": [A]}, DISLIKE: {"hidden_songs": [A]}}
    for verdict in said:
        store.say(data, U, verdict, "song", A)
    while said:
        assert now(store, data) == meant[said[-1]]
        taken_back = store.undo(data, U, "song", A)
        assert (taken_back.verdict, taken_back.at, taken_back.origin) == (said.pop(), NOW, ("here", "a"))
    assert now(store, data) == {}
    with pytest.raises(NoDataError, match="nothing to undo about the song 'a'"):
        store.undo(data, U, "song", A)
    store.say(data, U, BAN, "song", A)
    assert now(store, data) == {"hidden_songs": [A]}


def test_undo_takes_back_only_what_is_meant(store: Store, data: Dataset) -> None:
    for user, kind, item in ((U, "song", B), (U, "artist", A), (V, "song", A)):
        store.say(data, user, LIKE, kind, item)
    with pytest.raises(NoDataError):
        store.undo(data, U, "song", A)
    store.undo(data, U, "artist", A)
    assert (now(store, data), now(store, data, V)) == ({"liked_songs": [B]}, {"liked_songs": [A]})


def test_a_clock_that_was_set_back_does_not_make_the_newest_word_an_old_one(
    store: Store, data: Dataset, clock: list[int]
) -> None:
    store.say(data, U, LIKE, "song", A)
    clock[0] -= 1_000_000
    store.say(data, U, BAN, "song", A)
    assert now(store, data) == {"hidden_songs": [A]}
    assert store.undo(data, U, "song", A).verdict is BAN
    assert now(store, data) == {"liked_songs": [A]}


@pytest.mark.parametrize(("at", "expected"), [(NOW - 1, "hidden_songs"), (NOW + 1, "liked_songs")])
def test_an_imported_verdict_counts_by_its_own_time(
    store: Store, data: Dataset, at: int, expected: str
) -> None:
    store.say(data, U, BAN, "song", A)
    write(store, SongVerdict(user="u", song="a", verdict=LIKE, at=at))
    assert now(store, data) == {expected: [A]}


def test_undo_takes_back_what_is_in_force_and_not_what_was_imported_last(store: Store, data: Dataset) -> None:
    store.say(data, U, BAN, "song", A)
    write(store, SongVerdict(user="u", song="a", verdict=LIKE, at=NOW - 1))
    assert store.undo(data, U, "song", A).verdict is BAN
    assert now(store, data) == {"liked_songs": [A]}


def test_what_is_said_after_a_verdict_from_the_future_wins(store: Store, data: Dataset) -> None:
    write(store, SongVerdict(user="u", song="a", verdict=LIKE, at=NOW + 10**9))
    store.say(data, U, BAN, "song", A)
    assert now(store, data) == {"hidden_songs": [A]}


def test_feedback_leaves_the_revision_and_imported_verdicts_raise_it(store: Store, data: Dataset) -> None:
    before = store.revision(), store.dataset(ALL_RELATIONS).fingerprint
    store.say(data, U, LIKE, "song", A)
    store.undo(data, U, "song", A)
    assert (store.revision(), store.dataset(ALL_RELATIONS).fingerprint) == before
    write(store, SongVerdict(user="u", song="a", verdict=LIKE, at=1))
    assert store.revision() == before[0] + 1


def test_things_that_are_no_longer_stored(store: Store, data: Dataset) -> None:
    store.say(data, U, LIKE, "song", A)
    with store.database.write() as connection:
        connection.exec_driver_sql("DELETE FROM songs WHERE id = 'a'")
        connection.exec_driver_sql("DELETE FROM users WHERE id = 'v'")
    assert now(store, data) == {}
    for user, item in ((U, A), (V, B)):
        with pytest.raises(NoDataError, match="no longer stored"):
            store.say(data, user, LIKE, "song", item)
    with pytest.raises(NoDataError, match="no longer stored"):
        store.undo(data, U, "song", A)


def test_a_song_that_came_later_is_left_out_of_an_older_dataset(store: Store, data: Dataset) -> None:
    write(store, Song(id="new", title=""))
    fresh = store.dataset(ALL_RELATIONS)
    store.say(fresh, U, LIKE, "song", fresh.songs.find("new"))
    assert now(store, data) == {}
    assert now(store, fresh) == {"liked_songs": [2]}
