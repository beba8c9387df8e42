"""How visits end that bring nothing, and crawls that go on where others left off: the result is always the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobs.crawl.conftest import NewCrawl
from jobs.crawl.crawls import Crawl, Outcome, assert_same
from zetdard.jobs.crawl.crawling import Again
from zetdard.sandbox.server import Plan, RunningServer
from zetdard.sources.netease.connect import INVENTED
from zetdard.sources.netease.session import Session, save_session
from zetdard.store.store import Store
from zetdard.tasks import TaskState


def at_once(new_crawl: NewCrawl, **fields: object) -> Outcome:
    """Return what a crawl brings that nothing disturbs."""
    crawl = new_crawl(**fields)
    crawl.run()
    return crawl.outcome()


def ended(crawl: Crawl, kind: str, state: TaskState) -> set[str]:
    return {id_ for (_, id_), found in crawl.ends(kind).items() if found is state}


@pytest.mark.parametrize("workers", [1, 3])
def test_the_order_of_visits_changes_nothing(workers: int, new_crawl: NewCrawl) -> None:
    also = ("artist-songs", "subscribers", "fans", "similar")
    crawl = new_crawl(also=also, plan={"workers": workers, "batch_ms": 50})
    crawl.run()
    expected = new_crawl(also=also, begin={"artist_list": True})
    expected.run()
    # The other way round: the artists first, and then the listener.
    Crawl(
        server=expected.server,
        database=expected.database,
        blobs=expected.blobs,
        begin=crawl.begin,
        also=also,
        plan=expected.plan,
    ).run()
    assert_same(crawl.outcome(), expected.outcome())


def test_a_crawl_goes_deeper_later(new_crawl: NewCrawl) -> None:
    crawl = new_crawl(plan={"depth": 0})
    crawl.run()
    shallow = crawl.ends("user")
    assert list(shallow.values()) == [TaskState.DONE]
    crawl.with_plan(depth=1).run()
    assert len(crawl.ends("user")) > 1
    assert_same(crawl.outcome(), at_once(new_crawl, plan={"depth": 1}))


@pytest.mark.parametrize(
    ("without", "also"),
    [
        (("lyrics",), ()),
        (("comments", "artist"), ()),
        (("playlist",), ()),
        (("follows",), ()),
        (("user-playlists", "lyrics"), ()),
        ((), ("subscribers", "similar", "artist-songs")),
        ((), ("fans",)),
    ],
)
def test_a_kind_that_is_wanted_later_is_caught_up_with(
    without: tuple[str, ...], also: tuple[str, ...], new_crawl: NewCrawl
) -> None:
    # At this depth not everybody who is stored is visited.
    crawl = new_crawl(without=without, plan={"depth": 1})
    crawl.run()
    later = Crawl(server=crawl.server, database=crawl.database, blobs=crawl.blobs, also=also, plan=crawl.plan)
    later.run()
    assert_same(crawl.outcome(), at_once(new_crawl, also=also, plan={"depth": 1}))


def test_limits_hold_for_all_workers_together_and_can_be_raised(new_crawl: NewCrawl) -> None:
    crawl = new_crawl(plan={"workers": 2, "limits": {"playlist": 5, "lyrics": 0, "user": 3}})
    crawl.run()
    states = crawl.ends()
    done = [kind for (kind, _), state in states.items() if state is TaskState.DONE]
    assert [done.count(kind) for kind in ("playlist", "lyrics", "user")] == [5, 0, 3]
    crawl.with_plan(limits={}, workers=1).run()
    assert_same(crawl.outcome(), at_once(new_crawl))


def test_what_cannot_be_had_is_marked_and_tried_again_on_request(
    new_crawl: NewCrawl, village: RunningServer
) -> None:
    crawl = new_crawl(also=("audio",))
    village.set_plan(Plan(private_playlists=0.2, previews=0.3, no_rights=0.3))
    report = crawl.run()
    private = ended(crawl, "playlist", TaskState.FORBIDDEN)
    previews, silent = (ended(crawl, "audio", state) for state in (TaskState.PREVIEW, TaskState.NO_RIGHTS))
    assert private
    assert previews
    assert silent
    assert report.state.ended == len(private) + len(previews) + len(silent)
    with Store.open(crawl.database) as store, store.database.read() as connection:
        reasons = connection.exec_driver_sql("SELECT reason FROM tasks WHERE state = 'forbidden'").all()
    assert all(reason for (reason,) in reasons)

    village.set_plan(Plan())
    crawl.run()
    assert ended(crawl, "playlist", TaskState.FORBIDDEN) == private
    crawl.run(again=Again(failed=True))
    assert ended(crawl, "playlist", TaskState.FORBIDDEN) == set()
    assert_same(crawl.outcome(), at_once(new_crawl, also=("audio",)))


def test_songs_that_are_gone_meanwhile(new_crawl: NewCrawl, village: RunningServer) -> None:
    crawl = new_crawl(without=("lyrics", "comments"))
    crawl.run()
    village.set_plan(Plan(deleted_songs=0.2))
    complete = Crawl(server=village, database=crawl.database, blobs=crawl.blobs, plan=crawl.plan)
    complete.run()
    gone = ended(complete, "lyrics", TaskState.GONE)
    assert 0 < len(gone) < len(complete.ends("lyrics"))
    # Visited again, the playlists no longer hold them; without that, they are still there.
    village.set_plan(Plan())
    complete.run(again=Again(failed=True))
    assert_same(complete.outcome(), at_once(new_crawl))


def test_playlists_that_are_visited_again_take_what_the_service_says_now(
    new_crawl: NewCrawl, village: RunningServer
) -> None:
    crawl = new_crawl()
    crawl.run()
    before = crawl.outcome()
    village.set_plan(Plan(deleted_songs=0.2))
    crawl.run(again=Again(older_than_ms=0))
    after = crawl.outcome()
    assert 0 < len(after["playlist_songs"]) < len(before["playlist_songs"])
    village.set_plan(Plan())
    crawl.run(again=Again(older_than_ms=3_600_000))
    assert_same(crawl.outcome(), after)
    crawl.run(again=Again(older_than_ms=0, failed=True))
    assert_same(crawl.outcome(), before)


def test_what_needs_a_login_waits_for_one(
    new_crawl: NewCrawl, village: RunningServer, tmp_path: Path
) -> None:
    file = tmp_path / "session.json"
    crawl = new_crawl(service={"session": file})
    village.set_plan(Plan(needs_login=("lyrics", "follows")))
    crawl.run()
    assert set(crawl.ends("lyrics").values()) == {TaskState.NEEDS_LOGIN}
    assert crawl.run(again=Again(failed=True)).visits == 0

    save_session(Session(music_u=f"sandbox-{village.about['listener']['id']}"), file)
    crawl.run(again=Again(logged_in=True))
    assert set(crawl.ends("lyrics").values()) == {TaskState.DONE}
    village.set_plan(Plan())
    assert_same(crawl.outcome(), at_once(new_crawl))


def test_passing_faults_leave_no_trace(new_crawl: NewCrawl, village: RunningServer) -> None:
    crawl = new_crawl(plan={"workers": 2})
    faults = dict.fromkeys(("http_503", "empty", "html", "truncated", "dropped"), 0.05)
    before = sum(village.requests()["refusals"].values())
    village.set_plan(Plan(**faults))
    assert crawl.run().state.ended == 0
    assert sum(village.requests()["refusals"].values()) - before > 20
    village.set_plan(Plan())
    assert_same(crawl.outcome(), at_once(new_crawl))


def test_a_reply_that_stays_unreadable_is_given_up(new_crawl: NewCrawl, village: RunningServer) -> None:
    crawl = new_crawl()
    village.set_plan(Plan(html=0.1, times=3))
    crawl.run()
    failed = {task for task, state in crawl.ends().items() if state is TaskState.FAILED}
    assert failed
    with Store.open(crawl.database) as store:
        assert store.frontier(INVENTED).workers() == []
    village.set_plan(Plan())
    crawl.run(again=Again(failed=True))
    assert_same(crawl.outcome(), at_once(new_crawl))
