"""What listeners say: the newest verdict counts, undo restores the former one, a skip passes."""

from __future__ import annotations

import pytest

from store.facts import ALL_RELATIONS, write
from zetdard.data.dataset import Dataset
from zetdard.errors import InputError, NoDataError
from zetdard.records import Artist, Song, SongVerdict, User, Verdict
from zetdard.store import feedback
from zetdard.store.store import Store

DAY = 24 * 3600 * 1000
LIKE, DISLIKE, SKIP, BAN = Verdict.LIKE, Verdict.DISLIKE, Verdict.SKIP, Verdict.BAN


class Listener:
    """User u (row 0) among songs and artists, at a clock that the test sets."""

    def __init__(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        self.store = store
        self.now = 1_700_000_000_000
        monkeypatch.setattr(feedback, "now_ms", lambda: self.now)
        write(store, User(id="u"), User(id="v"), *(Song(id=id_, title=id_) for id_ in "abc"))
        write(store, *(Artist(id=id_, name=id_) for id_ in "xy"))
        self.data: Dataset = store.dataset(ALL_RELATIONS)

    def say(self, verdict: Verdict, row: int = 0, kind: str = "song", user: int = 0) -> None:
        self.store.say(self.data, user, verdict, kind, row)  # type: ignore[arg-type]

    def undo(self, row: int = 0, kind: str = "song") -> Verdict:
        return self.store.undo(self.data, 0, kind, row).verdict  # type: ignore[arg-type]

    def opinions(self, *, later: int = 0, user: int = 0) -> tuple[list[int], ...]:
        """Liked songs, hidden songs, liked artists, hidden artists."""
        with self.store.database.read() as connection:
            found = feedback.opinions_of(connection, self.data, user, now=self.now + later)
        rows = (found.liked_songs, found.hidden_songs, found.liked_artists, found.hidden_artists)
        return tuple(part.tolist() for part in rows)


NOTHING: tuple[list[int], ...] = ([], [], [], [])


@pytest.fixture
def listener(store: Store, monkeypatch: pytest.MonkeyPatch) -> Listener:
    return Listener(store, monkeypatch)


def test_nothing_was_said(listener: Listener) -> None:
    assert listener.opinions() == NOTHING


def test_each_verdict_means_its_own(listener: Listener) -> None:
    for row, verdict in enumerate((LIKE, DISLIKE, BAN)):
        listener.say(verdict, row)
    listener.say(LIKE, 1, "artist")
    listener.say(BAN, 0, "artist")
    assert listener.opinions() == ([0], [1, 2], [1], [0])
    assert listener.opinions(user=1) == NOTHING


@pytest.mark.parametrize("first", Verdict)
@pytest.mark.parametrize("second", Verdict)
def test_the_newest_counts_and_undo_restores_the_former(
    listener: Listener, first: Verdict, second: Verdict
) -> None:
    meaning = {v: ([], [0], [], []) for v in Verdict} | {LIKE: ([0], [], [], [])}
    listener.say(first)
    listener.say(second)
    assert listener.opinions() == meaning[second]
    assert listener.undo() is second
    assert listener.opinions() == meaning[first]
    assert listener.undo() is first
    assert listener.opinions() == NOTHING
    with pytest.raises(NoDataError, match="nothing to undo about the song 'a'"):
        listener.undo()
    listener.say(second)
    assert listener.opinions() == meaning[second]


def test_undo_touches_only_its_own_thing(listener: Listener) -> None:
    listener.say(LIKE, 0)
    listener.say(BAN, 1)
    listener.say(BAN, 0, "artist")
    listener.say(BAN, 0, user=1)
    listener.undo(0)
    assert listener.opinions() == ([], [1], [], [0])
    assert listener.opinions(user=1) == ([], [0], [], [])


def test_a_skip_passes_after_thirty_days(listener: Listener) -> None:
    listener.say(SKIP)
    listener.say(DISLIKE, 1)
    assert listener.opinions(later=30 * DAY - 1) == ([], [0, 1], [], [])
    assert listener.opinions(later=30 * DAY) == ([], [1], [], [])


def test_a_skip_that_passed_does_not_bring_an_older_like_back(listener: Listener) -> None:
    listener.say(LIKE)
    listener.say(SKIP)
    assert listener.opinions(later=31 * DAY) == NOTHING


def test_an_artist_cannot_be_skipped(listener: Listener) -> None:
    with pytest.raises(InputError, match="cannot be skipped"):
        listener.say(SKIP, 0, "artist")
    assert listener.store.counts()["feedback"] == 0


def test_a_clock_that_was_set_back_does_not_revive_an_older_verdict(listener: Listener) -> None:
    listener.say(LIKE)
    listener.now -= 10 * DAY
    listener.say(BAN)
    assert listener.opinions() == ([], [0], [], [])
    assert listener.undo() is BAN
    assert listener.opinions() == ([0], [], [], [])


def loved(at: int, verdict: Verdict = LIKE) -> SongVerdict:
    return SongVerdict(user="u", song="a", verdict=verdict, at=at)


def test_an_imported_verdict_counts_once_and_stays_undone(listener: Listener) -> None:
    for _ in range(2):
        write(listener.store, loved(5), loved(5))
    assert listener.store.counts()["feedback"] == 1
    assert listener.opinions() == ([0], [], [], [])
    assert listener.undo() is LIKE
    write(listener.store, loved(5))
    assert listener.opinions() == NOTHING
    with pytest.raises(NoDataError):
        listener.undo()


def test_imported_verdicts_count_by_their_time_and_not_by_their_place(listener: Listener) -> None:
    write(listener.store, loved(9, DISLIKE), loved(5, LIKE))
    assert listener.opinions() == ([], [0], [], [])


def test_an_old_verdict_of_an_export_does_not_overrule_what_was_said_here(listener: Listener) -> None:
    listener.say(BAN)
    write(listener.store, loved(listener.now - DAY))
    assert listener.opinions() == ([], [0], [], [])
    assert listener.undo() is BAN
    assert listener.opinions() == ([0], [], [], [])


def test_what_is_said_here_is_newer_than_an_export_from_a_fast_clock(listener: Listener) -> None:
    write(listener.store, loved(listener.now + DAY))
    listener.say(BAN)
    assert listener.opinions() == ([], [0], [], [])


def test_it_outlives_the_process(database_url: str) -> None:
    with Store.open(database_url) as store:
        write(store, User(id="u"), Song(id="a", title="a"))
        store.say(store.dataset(ALL_RELATIONS), 0, BAN, "song", 0)
    with Store.open(database_url) as store:
        assert store.opinions(store.dataset(ALL_RELATIONS), 0).hidden_songs.tolist() == [0]


def test_what_is_no_longer_stored_cannot_be_judged(listener: Listener) -> None:
    with listener.store.database.write() as connection:
        connection.exec_driver_sql("DELETE FROM songs WHERE id = 'b'")
    with pytest.raises(NoDataError, match="'b' is no longer stored"):
        listener.say(BAN, 1)
    assert listener.opinions() == NOTHING
