"""The frontier: claimed once, settled once, and nothing half."""

from __future__ import annotations

from typing import Any

import pytest

from store.facts import contents
from store.visits import KINDS, LEASE_MS, claim, done, task
from zetdard.errors import InputError
from zetdard.records import Artist, Follow, Playlist, PlaylistSong, Record, Song, SongArtist, User
from zetdard.store.frontier import Frontier
from zetdard.store.store import Store
from zetdard.store.tasktable import PLACE_KEEPS_MS
from zetdard.tasks import Claim, Outcome, Result, Task, TaskState

START = 1_700_000_000_000


@pytest.fixture
def clock() -> list[int]:
    """The time; a test may change it."""
    return [START]


@pytest.fixture
def frontier(store: Store, clock: list[int]) -> Frontier:
    return Frontier(store.database, "here", clock=lambda: clock[0])


def names(claims: list[Claim]) -> list[str]:
    return [claim.task.id for claim in claims]


def tasks(store: Store) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in contents(store)["tasks"]}


def test_a_task_is_there_once_and_comes_back_as_it_was(frontier: Frontier) -> None:
    first = Task(kind="song", id="晴", cursor="2", depth=1, priority=-4, payload={"a": [1, None], "二": "x"})
    assert frontier.sow([first, first, task("b")]) == 2
    assert frontier.sow([first, task("c")], [User(id="u")]) == 1
    assert Frontier(frontier._database, "here").sow([first, task("c")]) == 0
    (found,) = claim(frontier, "w", 1)
    assert (found.task, found.attempts) == (first, 0)


def test_the_urgent_first_then_the_oldest_within_kind_depth_and_number(frontier: Frontier) -> None:
    frontier.sow(
        [
            task("late", priority=2),
            task("early", priority=1),
            task("other", kind="user"),
            task("deep", depth=3, priority=3),
            task("early2", priority=1),
        ]
    )
    assert names(claim(frontier, "w", 1, kinds={"song"})) == ["early"]
    assert names(claim(frontier, "w", 9, kinds={"song"}, max_depth=2)) == ["early2", "late"]
    assert names(claim(frontier, "w", 9)) == ["other", "deep"]
    assert claim(frontier, "w", 9) == []


def test_another_source_has_its_own_tasks(frontier: Frontier, store: Store) -> None:
    frontier.sow([task("a")])
    other = store.frontier("there")
    assert claim(other, "w", 9) == []
    assert other.sow([task("a"), task("b")]) == 2
    assert len(claim(frontier, "w", 9)) == 1
    assert store.crawled_sources() == ["here", "there"]
    assert [progress.todo for progress in other.progress()] == [2]


def test_a_result_its_children_and_its_end_are_kept_together(frontier: Frontier, store: Store) -> None:
    frontier.sow([task("a")])
    (held,) = claim(frontier, "w", 1)
    settled = frontier.settle("w", [done(held, [User(id="u"), User(id="v")], [task("b"), task("c")])])
    assert (settled.done, settled.lost, settled.counts) == ({held.key}, frozenset(), {"User": 2})
    assert names(claim(frontier, "w", 9)) == ["b", "c"]
    row = tasks(store)["a"]
    assert (row["state"], row["attempts"], row["led"], row["finished_at"]) == ("done", 1, 2, START)
    assert (row["lease_owner"], row["lease_until"]) == (None, None)
    assert store.counts()["users"] == 2
    assert "tasks" not in store.counts()


def test_what_is_settled_twice_counts_once(frontier: Frontier, store: Store) -> None:
    frontier.sow([task("a")])
    (held,) = claim(frontier, "w", 1)
    frontier.settle("w", [done(held)])
    again = frontier.settle("w", [done(held, [User(id="late")], [task("late")])])
    assert (again.done, again.lost) == (frozenset(), {held.key})
    assert store.counts()["users"] == 0
    assert set(tasks(store)) == {"a"}


def test_a_lease_runs_out_is_taken_over_and_the_late_result_is_dropped_whole(
    frontier: Frontier, store: Store, clock: list[int]
) -> None:
    frontier.sow([task("a"), task("b")])
    slow = claim(frontier, "slow", 2)
    clock[0] += LEASE_MS - 1
    assert claim(frontier, "quick", 2) == []
    assert frontier.workers() == ["slow"]
    clock[0] += 1
    assert frontier.workers() == []
    (taken,) = claim(frontier, "quick", 1)
    assert taken.task == slow[0].task
    settled = frontier.settle("slow", [done(held, [User(id=held.task.id)], [task("x")]) for held in slow])
    # Nobody has taken the second one, so its result counts although it comes late.
    assert (settled.done, settled.lost) == ({slow[1].key}, {slow[0].key})
    assert [row["id"] for row in contents(store)["users"]] == ["b"]
    assert frontier.settle("quick", [done(taken, [User(id="a")])]).done == {taken.key}


def test_a_lost_result_leaves_no_child_and_no_fact(
    frontier: Frontier, store: Store, clock: list[int]
) -> None:
    frontier.sow([task("a")])
    held = claim(frontier, "slow", 1)
    clock[0] += LEASE_MS
    claim(frontier, "quick", 1)
    assert frontier.settle("slow", [done(held[0], [User(id="u")], [task("x")])]).lost == {held[0].key}
    assert store.revision() == 0
    assert set(tasks(store)) == {"a"}


def test_renewing_holds_what_is_still_held(frontier: Frontier, clock: list[int]) -> None:
    frontier.sow([task("a"), task("b"), task("c")])
    held = claim(frontier, "w", 3)
    clock[0] += LEASE_MS
    (taken,) = claim(frontier, "other", 1)
    frontier.settle("w", [done(held[1])])
    assert frontier.renew("w", held, LEASE_MS) == {held[2].key}
    clock[0] += LEASE_MS - 1
    assert claim(frontier, "third", 9) == []
    assert frontier.renew("other", [taken], LEASE_MS) == {taken.key}
    assert frontier.renew("w", [], LEASE_MS) == set()


def test_what_is_released_is_free_at_once_and_only_by_its_holder(
    frontier: Frontier, clock: list[int]
) -> None:
    frontier.sow([task("a"), task("b")])
    held = claim(frontier, "w", 2)
    frontier.release("other", held)
    assert claim(frontier, "x", 9) == []
    frontier.release("w", held[:1])
    (again,) = claim(frontier, "x", 9)
    assert (again.task.id, again.attempts) == ("a", 0)


def test_trying_again_waits_and_counts(frontier: Frontier, clock: list[int]) -> None:
    frontier.sow([task("a")])
    for counts, attempts in ((True, 1), (False, 1), (True, 2)):
        (held,) = claim(frontier, "w", 1)
        frontier.settle(
            "w", [Result(claim=held, state=TaskState.TODO, reason="busy", wait_ms=500, counts=counts)]
        )
        assert claim(frontier, "w", 1) == []
        assert frontier.next_due_ms(kinds=KINDS, max_depth=9) == 500
        clock[0] += 500
        assert frontier.next_due_ms(kinds=KINDS, max_depth=9) == 0
        (again,) = claim(frontier, "w", 1)
        assert again.attempts == attempts
        frontier.release("w", [again])


ENDS = [state for state in TaskState if state not in {TaskState.TODO, TaskState.DONE}]


@pytest.mark.parametrize("state", ENDS)
def test_an_end_without_success_keeps_its_reason_and_nothing_else(
    frontier: Frontier, store: Store, state: TaskState
) -> None:
    frontier.sow([task("a")])
    (held,) = claim(frontier, "w", 1)
    frontier.settle("w", [Result(claim=held, state=state, reason="why\0")])
    assert (tasks(store)["a"]["state"], tasks(store)["a"]["reason"]) == (state.value, "why")
    assert claim(frontier, "w", 1) == []
    (progress,) = frontier.progress()
    assert (progress.todo, progress.done, progress.ended) == (0, 0, {state: 1})
    assert frontier.revive({state}) == 1
    assert claim(frontier, "w", 1)[0].attempts == 0


def test_a_record_that_cannot_be_stored_ends_its_own_visit_only(frontier: Frontier, store: Store) -> None:
    frontier.sow([task(name) for name in "abcd"])
    a, b, c, d = claim(frontier, "w", 4)
    bad: list[Record] = [User(id="bad"), Follow(user="bad", followed="nobody")]
    settled = frontier.settle(
        "w",
        [
            done(a, [User(id="a")], [task("child of a")]),
            done(b, bad, [task("child of b")]),
            done(c, [User(id="a"), Follow(user="a", followed="a")]),
            done(d, [User(id="d"), Follow(user="d", followed="a")], [Task(kind="song", id="")]),
        ],
    )
    assert settled.done == {a.key}
    assert {key: reason.split(" ")[0] for key, reason in settled.spoilt.items()} == {
        b.key: "user",
        c.key: "user",
        d.key: "the",
    }
    found = tasks(store)
    assert [found[name]["state"] for name in "abcd"] == ["done", "failed", "failed", "failed"]
    assert "'nobody' is named before" in found["b"]["reason"]
    assert set(found) == {*"abcd", "child of a"}
    assert [row["id"] for row in contents(store)["users"]] == ["a"]
    # What the failed ones had learned is not believed afterwards.
    (e,) = claim(frontier, "w", 1)
    assert frontier.settle("w", [done(e, [User(id="bad"), Follow(user="bad", followed="a")])]).done == {e.key}
    assert len(contents(store)["follows"]) == 1


def test_a_record_may_name_what_another_result_of_the_same_transaction_brings(
    frontier: Frontier, store: Store
) -> None:
    frontier.sow([task("a"), task("b")])
    a, b = claim(frontier, "w", 2)
    frontier.settle(
        "w", [done(a, [User(id="u"), User(id="v")]), done(b, [User(id="u"), Follow(user="u", followed="v")])]
    )
    assert store.counts()["follows"] == 1


def test_a_shorter_way_lowers_depth_and_priority(frontier: Frontier, store: Store) -> None:
    frontier.sow([task("a", depth=3, priority=5)])
    frontier.sow([task("a", depth=4, priority=9)])
    frontier.sow([task("a", depth=2, priority=7), task("a", depth=3, priority=4)])
    assert (tasks(store)["a"]["depth"], tasks(store)["a"]["priority"]) == (2, 4)


def test_a_visit_that_led_further_is_made_again_when_a_shorter_way_leads_to_it(
    frontier: Frontier, store: Store
) -> None:
    frontier.sow([task("leads", depth=2), task("ends", depth=2), task("gone", depth=2)])
    leads, ends, gone = claim(frontier, "w", 3)
    frontier.settle(
        "w",
        [
            done(leads, children=[task("deeper", depth=3)]),
            done(ends),
            Result(claim=gone, state=TaskState.GONE),
        ],
    )
    frontier.sow([task(name, depth=1) for name in ("leads", "ends", "gone")])
    (again,) = claim(frontier, "w", 9, max_depth=2)
    assert (again.task.id, again.task.depth) == ("leads", 1)
    frontier.settle("w", [done(again, children=[task("deeper", depth=2)])])
    assert names(claim(frontier, "w", 9, max_depth=2)) == ["deeper"]
    assert {row["id"]: row["depth"] for row in tasks(store).values()} == {
        "leads": 1,
        "ends": 1,
        "gone": 1,
        "deeper": 2,
    }


def test_a_shorter_way_that_is_found_during_the_visit(frontier: Frontier) -> None:
    frontier.sow([task("a", depth=2)])
    (held,) = claim(frontier, "w", 1)
    frontier.sow([task("a", depth=1)])
    frontier.settle("w", [done(held, children=[task("b", depth=3)])])
    (again,) = claim(frontier, "w", 9, max_depth=2)
    assert (again.task.id, again.task.depth) == ("a", 1)
    frontier.settle("w", [done(again, children=[task("b", depth=2)])])
    assert names(claim(frontier, "w", 9, max_depth=2)) == ["b"]


def test_limits_count_what_is_done_and_what_is_held(frontier: Frontier, clock: list[int]) -> None:
    frontier.sow([task(f"s{number}") for number in range(6)] + [task("u", kind="user", priority=9)])
    limits = {"song": 3}
    held = claim(frontier, "w", 2, limits=limits)
    frontier.settle("w", [done(held[0])])
    second = claim(frontier, "x", 9, limits=limits)
    assert names(second) == ["s2", "u"]
    assert claim(frontier, "x", 9, limits=limits) == []
    assert frontier.next_due_ms(kinds=KINDS, max_depth=9, limits=limits) is None
    frontier.settle("w", [Result(claim=held[1], state=TaskState.GONE)])
    assert frontier.next_due_ms(kinds=KINDS, max_depth=9, limits=limits) == 0
    assert names(claim(frontier, "x", 9, limits=limits)) == ["s3"]
    clock[0] += LEASE_MS
    assert len(claim(frontier, "y", 9, kinds={"song"}, limits=limits)) == 2
    assert claim(frontier, "z", 9, limits={"song": 0, "user": 0}) == []


def test_a_file_that_was_begun_elsewhere_is_left_there_for_a_while(
    frontier: Frontier, clock: list[int]
) -> None:
    frontier.sow([task("a")])
    (held,) = claim(frontier, "w", 1, place="there")
    frontier.settle("w", [Result(claim=held, state=TaskState.TODO, wait_ms=100, place="there")])
    clock[0] += 100
    for place in (None, "here"):
        assert claim(frontier, "w", 1, place=place) == []
        assert frontier.next_due_ms(kinds=KINDS, max_depth=9, place=place) == PLACE_KEEPS_MS
    assert frontier.next_due_ms(kinds=KINDS, max_depth=9, place="there") == 0
    (again,) = claim(frontier, "w", 1, place="there")
    frontier.release("w", [again])
    clock[0] += PLACE_KEEPS_MS
    assert len(claim(frontier, "w", 1, place="here")) == 1


def test_the_next_due_time_leaves_out_what_is_not_wanted_or_held(frontier: Frontier) -> None:
    frontier.sow([task("a"), task("deep", depth=5), task("u", kind="user")])
    claim(frontier, "w", 1, kinds={"song"}, max_depth=1)
    assert frontier.next_due_ms(kinds=frozenset({"song"}), max_depth=1) is None
    assert frontier.next_due_ms(kinds=frozenset({"song"}), max_depth=5) == 0
    assert frontier.next_due_ms(kinds=frozenset({"user"}), max_depth=1) == 0
    assert frontier.next_due_ms(kinds=frozenset(), max_depth=1) is None


def test_progress(frontier: Frontier) -> None:
    frontier.sow([task(name) for name in "abcd"] + [task("deep", depth=5), task("u", kind="user")])
    held = claim(frontier, "w", 3, kinds={"song"})
    frontier.settle("w", [done(held[0]), Result(claim=held[1], state=TaskState.GONE)])
    songs, users = frontier.progress(max_depth=1)
    assert (songs.kind, songs.todo, songs.leased, songs.done, songs.ended) == (
        "song",
        1,
        1,
        1,
        {"gone": 1},
    )
    assert (users.kind, users.todo, users.leased, users.done, users.ended) == ("user", 1, 0, 0, {})
    assert frontier.progress()[0].todo == 2


def test_visits_that_are_old_are_made_again(frontier: Frontier, clock: list[int]) -> None:
    frontier.sow([task("old"), task("new"), task("never")])
    old, new = claim(frontier, "w", 2)
    frontier.settle("w", [done(old, [User(id="u", name="before")])])
    clock[0] += 1_000
    frontier.settle("w", [done(new)])
    assert frontier.revive({TaskState.DONE}, older_than_ms=1_001) == 0
    assert frontier.revive({TaskState.DONE}, older_than_ms=1_000) == 1
    assert names(claim(frontier, "w", 9)) == ["old", "never"]
    assert frontier.revive(set()) == 0
    assert frontier.revive({TaskState.DONE}) == 1


def test_it_is_over_when_nothing_waits_and_nobody_is_at_work(frontier: Frontier) -> None:
    def outlook(max_depth: int = 9) -> tuple[int | None, bool]:
        return frontier.outlook(kinds=KINDS, max_depth=max_depth)

    assert outlook() == (None, False)
    frontier.sow([task("a"), task("deep", depth=2)])
    assert outlook() == (0, False)
    (held,) = claim(frontier, "w", 9, max_depth=1)
    assert (outlook(), outlook(max_depth=1)) == ((0, True), (None, True))
    frontier.settle("w", [done(held, [], [task("child")])])
    assert outlook(max_depth=1) == (0, False)
    frontier.settle("w", [done(held) for held in claim(frontier, "w", 9, max_depth=1)])
    assert (outlook(), outlook(max_depth=1)) == ((0, False), (None, False))


def test_a_shorter_way_that_is_found_in_the_same_transaction_counts(frontier: Frontier) -> None:
    frontier.sow([task("far", depth=6), task("finder", depth=4)])
    far, finder = claim(frontier, "w", 9)
    frontier.settle("w", [done(far, [], [task("child", depth=6)]), done(finder, [], [task("far", depth=4)])])
    first, child = claim(frontier, "w", 9)
    assert (first.task, child.task.depth) == (task("far", depth=4), 6)
    frontier.settle("w", [done(first, [], [task("child", depth=4)]), done(child)])
    assert claim(frontier, "w", 9) == []
    with frontier._database.read() as connection:
        depths = connection.exec_driver_sql("SELECT id, depth FROM tasks ORDER BY id").all()
    assert [tuple(row) for row in depths] == [("child", 4), ("far", 4), ("finder", 4)]


def song(name: str, *artists: str) -> list[Record]:
    return [
        *(Artist(id=artist, name=artist) for artist in artists),
        Song(id=name, title=name),
        *(SongArtist(song=name, artist=artist, position=at) for at, artist in enumerate(artists)),
    ]


def credits_of(store: Store) -> set[tuple[str, str]]:
    return {(row["song"], row["artist"]) for row in contents(store)["song_artists"]}


def test_what_was_written_is_skipped_and_what_changed_is_not(frontier: Frontier, store: Store) -> None:
    frontier.sow([task(name) for name in "abcde"])
    a, b, c, d, e = claim(frontier, "w", 5)
    first = frontier.settle("w", [done(a, song("s", "x", "y")), done(b, song("s", "x", "y"))])
    assert first.counts == {"Artist": 2, "Song": 1, "SongArtist": 2}
    revision = store.revision()
    assert frontier.settle("w", [done(c, song("s", "x", "y"))]).counts == {}
    assert store.revision() == revision
    assert frontier.settle("w", [done(d, song("s", "y"))]).counts == {"SongArtist": 1}
    assert credits_of(store) == {("here:s", "here:y")}
    assert frontier.settle("w", [done(e, song("s", "x", "y"))]).counts == {"SongArtist": 2}
    assert credits_of(store) == {("here:s", "here:x"), ("here:s", "here:y")}


def test_two_readings_in_one_transaction_are_two(frontier: Frontier, store: Store) -> None:
    """The later one replaces the earlier one, as it would in a transaction of its own."""
    frontier.sow([task("a"), task("b")])
    a, b = claim(frontier, "w", 2)

    def playlist(*songs: str) -> list[Record]:
        return [
            User(id="u"),
            *(Song(id=name, title=name) for name in songs),
            Playlist(id="p", creator="u", name="p"),
            *(PlaylistSong(playlist="p", song=name, position=at) for at, name in enumerate(songs)),
        ]

    frontier.settle("w", [done(a, playlist("x", "y")), done(b, playlist("z", "y"))])
    found = {(row["song"], row["position"]) for row in contents(store)["playlist_songs"]}
    assert found == {("here:z", 0), ("here:y", 1)}


def test_after_a_transaction_that_failed_nothing_is_taken_for_written(
    frontier: Frontier, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    frontier.sow([task("a")])
    (held,) = claim(frontier, "w", 1)
    result = done(held, song("s", "x"), [task("b")])

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr("zetdard.store.tasktable.end", broken)
        with pytest.raises(ZeroDivisionError):
            frontier.settle("w", [result])
    assert (store.counts()["songs"], set(tasks(store))) == (0, {"a"})
    assert frontier.settle("w", [result]).done == {held.key}
    assert credits_of(store) == {("here:s", "here:x")}
    assert set(tasks(store)) == {"a", "b"}


@pytest.mark.parametrize(
    "bad",
    [
        Task(kind="", id="a"),
        Task(kind="song", id="a" * 301),
        Task(kind="song", id="a", cursor="\0"),
        Task(kind="song", id="\ud800"),
        Task(kind="song", id="a", depth=-1),
        Task(kind="song", id="a", priority=2**31),
    ],
)
def test_a_task_that_cannot_be_kept_is_refused(frontier: Frontier, store: Store, bad: Task) -> None:
    with pytest.raises(InputError):
        frontier.sow([task("good"), bad], [User(id="u")])
    assert sum(store.counts().values()) + len(tasks(store)) == 0
    with pytest.raises(InputError):
        Frontier(store.database, "a:b")


def test_a_short_memory_changes_nothing(
    frontier: Frontier, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zetdard.store.frontier.MOST_REMEMBERED", 0)
    monkeypatch.setattr("zetdard.store.keys.MOST", 0)
    frontier.sow([task(name) for name in "ab"])
    for held in claim(frontier, "w", 2):
        settled = frontier.settle("w", [done(held, song("s", "x", "y"), [task("c")])])
        assert settled.counts == {"Artist": 2, "Song": 1, "SongArtist": 2}
    assert credits_of(store) == {("here:s", "here:x"), ("here:s", "here:y")}
    assert set(tasks(store)) == {"a", "b", "c"}


def test_what_was_read_in_whole_and_is_empty_now_holds_nothing(frontier: Frontier, store: Store) -> None:
    facts: list[Record] = [
        User(id="u"),
        Song(id="s", title="s"),
        Playlist(id="p", creator="u", name="p"),
        Playlist(id="q", creator="u", name="q"),
    ]
    entries = [PlaylistSong(playlist=name, song="s", position=0) for name in ("p", "q")]
    frontier.sow([task("p"), task("q")], [*facts, *entries])
    revision = store.revision()
    (held,) = claim(frontier, "w", 1)
    emptied = Outcome(records=tuple(facts), emptied=((PlaylistSong, "p"), (PlaylistSong, "unheard-of")))
    frontier.settle("w", [Result(claim=held, state=TaskState.DONE, outcome=emptied)])
    assert [row["playlist"] for row in contents(store)["playlist_songs"]] == ["here:q"]
    assert store.revision() > revision
    # And what comes back is written again, though it was written before.
    (held,) = claim(frontier, "w", 1)
    frontier.settle("w", [done(held, entries)])
    assert sorted(row["playlist"] for row in contents(store)["playlist_songs"]) == ["here:p", "here:q"]


@pytest.mark.parametrize("together", [True, False])
def test_what_is_needed_to_know_is_what_the_most_urgent_way_says(frontier: Frontier, together: bool) -> None:
    far, near = Task(kind="user", id="u", priority=5), Task(kind="user", id="u", payload={"near": 1})
    if together:
        frontier.sow([far, near])
    else:
        frontier.sow([far])
        frontier.sow([near])
    frontier.sow([far])
    (held,) = claim(frontier, "w", 1)
    assert held.task == near


def test_a_visit_that_led_further_is_made_again_when_it_turns_out_to_be_near(frontier: Frontier) -> None:
    frontier.sow([Task(kind="user", id=name, priority=5) for name in ("leads", "ends")])
    for held in claim(frontier, "w", 2):
        children = [task("s")] if held.task.id == "leads" else []
        frontier.settle("w", [done(held, children=children)])
    frontier.sow([Task(kind="user", id=name, payload={"near": 1}) for name in ("leads", "ends")])
    again = [held.task for held in claim(frontier, "w", 9, kinds=["user"])]
    assert again == [Task(kind="user", id="leads", payload={"near": 1})]


def test_what_was_given_up_is_due_again_when_it_is_asked_for(frontier: Frontier) -> None:
    frontier.sow([task("a"), task("b"), task("c")])
    held = claim(frontier, "w", 3)
    states = (TaskState.FAILED, TaskState.FAILED, TaskState.GONE)
    frontier.settle("w", [Result(claim=one, state=state) for one, state in zip(held, states, strict=True)])
    assert frontier.reopen_failed([task("a"), task("c"), task("never-seen")]) == 1
    assert [one.task.id for one in claim(frontier, "w", 9)] == ["a"]
