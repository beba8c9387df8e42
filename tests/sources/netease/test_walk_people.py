"""What visits to listeners bring and where they lead."""

from __future__ import annotations

from typing import Any

import pytest

from sources.netease import replies
from sources.netease.replies import Scripted
from sources.netease.walking import ALL, DEFAULT, Memory, led_to, make, of, walk
from zetdard.errors import (
    ForbiddenError,
    GoneError,
    UnreadableReplyError,
)
from zetdard.records import (
    ChartEntry,
    Playlist,
    PlaylistSong,
    Relation,
    Suggestion,
    User,
)
from zetdard.sources.netease.visits import FOLLOWED, ME, visit
from zetdard.tasks import Task


def test_user() -> None:
    outcome = make({"user-detail": replies.user_detail()}, visit("user", "1", depth=1))
    assert outcome.records == (User(id="1", name="云", region="浙江省 杭州市"),)
    assert led_to(outcome) == [
        ("user-playlists", "1", "", 1),
        ("likes", "1", "", 1),
        ("record", "1", "", 1),
        ("follows", "1", "", 2),
        ("fans", "1", "", 2),
        ("picture", "user:1", "", 1),
    ]
    by_kind = {child.kind: child for child in outcome.children}
    assert by_kind["user-playlists"].priority == 1010
    assert by_kind["follows"].priority == 2030
    assert by_kind["picture"].payload == {"kind": "user", "of": "1", "url": replies.AVATAR}
    only = make({"user-detail": replies.user_detail()}, visit("user", "1"), DEFAULT)
    assert [child.kind for child in only.children] == ["user-playlists", "follows"]


def test_the_answer_is_about_the_user_asked_for() -> None:
    with pytest.raises(UnreadableReplyError, match="userId"):
        make({"user-detail": replies.user_detail(userId=2)}, visit("user", "1"))


def test_what_is_near_me_comes_first() -> None:
    me = make({"user-detail": replies.user_detail()}, visit("user", "1", near=ME))
    assert [(child.kind, child.priority) for child in me.children] == [
        ("user-playlists", -990),
        ("likes", -988),
        ("record", -986),
        ("suggestions", -984),
        ("follows", -970),
        ("fans", 1035),
        ("picture", 80),
    ]
    follows = next(child for child in me.children if child.kind == "follows")
    assert (follows.depth, follows.payload) == (1, {"near": ME})
    people = make({"follows": replies.follows(2, more=True)}, follows)
    assert [(child.kind, child.depth, child.priority) for child in people.children] == [
        ("user", 1, -900),
        ("follows", 1, -970),
    ]
    assert people.children[1].payload == {"near": ME, "first": "2"}
    friend = make({"user-detail": replies.user_detail(userId=2)}, people.children[0])
    assert friend.children[0].payload == {"near": FOLLOWED}
    assert [(child.kind, child.priority) for child in friend.children if child.kind == "follows"] == [
        ("follows", 2030)
    ]
    lists = make({"user-playlists": replies.user_playlists()}, me.children[0])
    assert {child.priority for child in lists.children} == {-980}


def test_user_playlists_page_by_page() -> None:
    task = visit("user-playlists", "1")
    outcome = make({"user-playlists": replies.user_playlists(more=True)}, task)
    assert led_to(outcome) == [
        ("playlist", "99", "", 0),
        ("playlist", "100", "", 0),
        ("playlist", "101", "", 0),
        ("user-playlists", "1", "3", 0),
    ]
    assert replies.out_of_order(outcome.records) == []
    transport = Scripted({"user-playlists": replies.user_playlists(more=True)})
    repeated = walk(transport).visit(outcome.children[-1], ALL, Memory())
    assert transport.calls[0][1] == {"uid": "1", "limit": 100, "offset": 3}
    assert [child.kind for child in repeated.children] == ["playlist"] * 3


@pytest.mark.parametrize("page", [replies.user_playlists(), replies.user_playlists(more=True, playlist=[])])
def test_the_last_page_of_playlists(page: dict[str, Any]) -> None:
    outcome = make({"user-playlists": page}, visit("user-playlists", "1"))
    assert "user-playlists" not in {child.kind for child in outcome.children}


def test_follows() -> None:
    outcome = make({"follows": replies.follows(2, 3, more=True)}, visit("follows", "1", depth=2))
    assert led_to(outcome) == [("user", "2", "", 2), ("user", "3", "", 2), ("follows", "1", "2", 2)]
    assert replies.out_of_order(outcome.records) == []
    deep = Task(kind="follows", id="1", cursor="9999", depth=1)
    assert len(make({"follows": replies.follows(2, more=True)}, deep).children) == 1


def test_fans_stop_where_they_repeat() -> None:
    pages = [replies.fans(2, 3, more=True), replies.fans(4, more=True), replies.fans(3, 2, more=True)]
    transport = Scripted({"fans": pages})
    outcome = walk(transport).visit(visit("fans", "1", depth=1), ALL, Memory())
    assert [asked["offset"] for asked in transport.asked("fans")] == [0, 2, 3]
    assert led_to(outcome) == [("user", "2", "", 1), ("user", "3", "", 1), ("user", "4", "", 1)]
    assert replies.out_of_order(outcome.records) == []


def test_fans_end_with_the_last_page() -> None:
    transport = Scripted({"fans": replies.fans(2, 3)})
    walk(transport).visit(visit("fans", "1"), ALL, Memory())
    assert len(transport.calls) == 1


def test_fans_have_a_cap() -> None:
    transport = Scripted({"fans": lambda uid, limit, offset: replies.fans(offset + 2, more=True)})
    outcome = walk(transport, fan_pages=3).visit(visit("fans", "1"), frozenset({"fans"}), Memory())
    assert len(transport.calls) == 3
    assert outcome.children == ()


def test_likes_where_the_list_can_be_read() -> None:
    answers = {"user-playlists": replies.user_playlists(), "playlist-detail": replies.playlist_detail(99)}
    outcome = make(answers, visit("likes", "1"))
    assert led_to(outcome) == [("playlist", "99", "", 0)]
    assert of(outcome, PlaylistSong) == []


@pytest.mark.parametrize("refusal", [ForbiddenError("private"), GoneError("gone")])
def test_likes_where_the_list_cannot_be_read(refusal: Exception) -> None:
    answers = {
        "user-playlists": replies.user_playlists(),
        "playlist-detail": refusal,
        "likes": replies.likes(8, 7, 12),
        "song-detail": replies.song_detail(12, 7),
    }
    outcome = make(answers, visit("likes", "1"), DEFAULT | {"likes"})
    assert [(edge.playlist, edge.song, edge.position) for edge in of(outcome, PlaylistSong)] == [
        ("99", "7", 0),
        ("99", "12", 2),
    ]
    assert replies.out_of_order(outcome.records) == []
    assert ("lyrics", "7", "", 0) in led_to(outcome)
    assert ("lyrics", "8", "", 0) not in led_to(outcome)


def test_likes_where_no_list_is_known() -> None:
    answers = {
        "user-playlists": replies.user_playlists(playlist=[]),
        "likes": replies.likes(7),
        "song-detail": replies.song_detail(7),
    }
    outcome = make(answers, visit("likes", "1"))
    assert [(one.id, one.creator, one.relation) for one in of(outcome, Playlist)] == [
        ("likes:1", "1", Relation.LIKED)
    ]
    assert replies.out_of_order(outcome.records) == []


def test_record() -> None:
    answers = {
        "record": lambda uid, type: replies.record("weekData" if type == "1" else "allData"),
    }
    outcome = make(answers, visit("record", "1"), DEFAULT | {"record"})
    assert [(entry.period, entry.song) for entry in of(outcome, ChartEntry)] == [
        ("week", "7"),
        ("week", "9"),
        ("all", "7"),
        ("all", "9"),
    ]
    assert replies.out_of_order(outcome.records) == []


def test_suggestions() -> None:
    answers = {"daily-songs": replies.daily(), "personal-radio": replies.radio()}
    outcome = make(answers, visit("suggestions", "1", near=ME))
    assert {(one.by, one.song, one.day) for one in of(outcome, Suggestion)} == {
        ("daily", "7", "2026-11-24"),
        ("daily", "9", "2026-11-24"),
        ("radio", "8", "2026-11-24"),
        ("radio", "9", "2026-11-24"),
    }
    assert replies.out_of_order(outcome.records) == []
