"""Where a walk begins, and what visits to music bring and lead to."""

from __future__ import annotations

from typing import Any

import pytest

from sources.netease import replies
from sources.netease.replies import Scripted
from sources.netease.walking import ALL, DEFAULT, Memory, led_to, make, of, walk
from zetdard.errors import (
    ForbiddenError,
    GoneError,
    InputError,
    NeedsLoginError,
    RejectedRequestError,
    SlowDownError,
    UnknownEntityError,
    UnreadableReplyError,
)
from zetdard.records import (
    Comment,
    Lyric,
    PlaylistSong,
    SimilarSong,
    Song,
    Subscription,
    User,
)
from zetdard.sources.crawling import Beginning, CrawlSource
from zetdard.sources.netease.visits import ME, visit
from zetdard.tasks import Task


def test_kinds() -> None:
    source: CrawlSource = walk(Scripted({}), source="sandbox")
    assert source.source == "sandbox"
    assert set(DEFAULT) == {"user", "user-playlists", "playlist", "artist", "lyrics", "comments", "follows"}
    assert [name for name, kind in source.kinds.items() if name != kind.name] == []
    transport = Scripted({})
    walk(transport).close()
    assert transport.closed


# Where it begins


def test_begin_with_ids() -> None:
    records, tasks = walk(Scripted({})).begin(Beginning(users=["1", "2", "1"], playlists=["100"]))
    assert records == []
    assert [(task.kind, task.id, task.depth) for task in tasks] == [
        ("user", "1", 0),
        ("user", "2", 0),
        ("playlist", "100", 0),
    ]
    with pytest.raises(InputError, match="'云'"):
        walk(Scripted({})).begin(Beginning(users=["云"]))


def test_begin_with_me() -> None:
    _, tasks = walk(Scripted({"account": replies.account()})).begin(Beginning(me=True, users=["1", "2"]))
    assert [(task.id, task.priority, dict(task.payload)) for task in tasks] == [
        ("1", -1000, {"near": ME}),
        ("2", 0, {}),
    ]
    with pytest.raises(NeedsLoginError):
        walk(Scripted({"account": {"code": 200, "account": None, "profile": None}})).begin(Beginning(me=True))


def test_begin_with_an_exact_nickname() -> None:
    transport = Scripted({"user-ids": {"code": 200, "nicknames": {"云": 5}}})
    records, tasks = walk(transport).begin(Beginning(nicknames=["云"]))
    assert records == [User(id="5", name="云")]
    assert [(task.kind, task.id) for task in tasks] == [("user", "5")]
    assert transport.asked("search-users") == []


@pytest.mark.parametrize("first", [{"code": 200, "nicknames": {}}, GoneError("no such route")])
def test_begin_with_a_nickname_that_only_the_search_knows(first: Any) -> None:
    answers = {"user-ids": first, "search-users": replies.user_search("云朵", "云")}
    _, tasks = walk(Scripted(answers)).begin(Beginning(nicknames=["云"]))
    assert [task.id for task in tasks] == ["11"]


def test_begin_with_a_nickname_that_nobody_has() -> None:
    found = replies.user_search(*(f"云{n}" for n in range(7)))
    answers = {"user-ids": {"code": 200}, "search-users": found}
    with pytest.raises(UnknownEntityError, match="'云'") as raised:
        walk(Scripted(answers)).begin(Beginning(nicknames=["云"]))
    assert "云4" in str(raised.value)
    assert "云5" not in str(raised.value)
    twins = {"user-ids": {"code": 200}, "search-users": replies.user_search("云", "云")}
    with pytest.raises(UnknownEntityError, match="10, 11"):
        walk(Scripted(twins)).begin(Beginning(nicknames=["云"]))


def test_begin_does_not_hide_that_we_ask_too_often() -> None:
    with pytest.raises(SlowDownError):
        walk(Scripted({"user-ids": SlowDownError("slow")})).begin(Beginning(nicknames=["云"]))


def test_begin_with_the_list_of_artists() -> None:
    pages = [
        replies.artist_list(1, 2, more=True),
        replies.artist_list(2, 3, more=True),
        replies.artist_list(3, more=True),
    ]
    transport = Scripted({"artist-list": pages})
    records, tasks = walk(transport).begin(Beginning(artist_list=True))
    assert [(task.kind, task.id) for task in tasks] == [("artist", "1"), ("artist", "2"), ("artist", "3")]
    assert len(records) == 4
    assert [asked["offset"] for asked in transport.asked("artist-list")] == [0, 2, 4]
    capped = Scripted({"artist-list": [replies.artist_list(n, more=True) for n in range(1, 9)]})
    assert len(walk(capped, artist_pages=3).begin(Beginning(artist_list=True))[1]) == 3


# Music


def test_playlist_leads_to_its_songs() -> None:
    outcome = make({"playlist-detail": replies.playlist_detail()}, visit("playlist", "100", depth=1))
    assert led_to(outcome) == [
        ("artist", "70", "", 1),
        ("artist", "71", "", 1),
        ("lyrics", "1", "", 1),
        ("lyrics", "2", "", 1),
        ("comments", "1", "", 1),
        ("comments", "2", "", 1),
        ("similar", "1", "", 1),
        ("similar", "2", "", 1),
        ("audio", "1", "", 1),
        ("audio", "2", "", 1),
        ("picture", "song:1", "", 1),
        ("picture", "song:2", "", 1),
        ("picture", "playlist:100", "", 1),
        ("subscribers", "100", "", 1),
    ]
    assert [child.priority for child in outcome.children[:3]] == [1040, 1040, 1050]


def test_truncated_playlist_is_completed_in_batches() -> None:
    transport = Scripted(
        {
            "playlist-detail": replies.playlist_detail(described=10, songs=1203),
            "song-detail": lambda ids: replies.song_detail(*(int(id) for id in reversed(ids) if id != "600")),
        }
    )
    outcome = walk(transport).visit(visit("playlist", "100"), frozenset({"playlist", "lyrics"}), Memory())
    assert [len(asked["ids"]) for asked in transport.asked("song-detail")] == [500, 500, 193]
    edges = of(outcome, PlaylistSong)
    assert [edge.position for edge in edges] == [n for n in range(1203) if n != 599]
    assert all(edge.song == str(edge.position + 1) for edge in edges)
    assert "600" not in {song.id for song in of(outcome, Song)}
    assert "600" not in {child.id for child in outcome.children}
    assert replies.out_of_order(outcome.records) == []


def test_a_complete_playlist_is_one_request() -> None:
    transport = Scripted({"playlist-detail": replies.playlist_detail()})
    walk(transport).visit(visit("playlist", "100"), DEFAULT, Memory())
    assert transport.calls == [("playlist-detail", {"id": "100"})]


def test_the_answer_is_about_the_playlist_asked_for() -> None:
    with pytest.raises(UnreadableReplyError, match="101"):
        make({"playlist-detail": replies.playlist_detail(101)}, visit("playlist", "100"))


def test_refusals_come_through() -> None:
    with pytest.raises(ForbiddenError):
        make({"playlist-detail": ForbiddenError("private")}, visit("playlist", "100"))
    with pytest.raises(RejectedRequestError, match="concert"):
        make({}, Task(kind="concert", id="1"))


def test_artist() -> None:
    outcome = make({"artist": replies.artist()}, visit("artist", "70"))
    assert led_to(outcome) == [
        ("artist-songs", "70", "", 0),
        ("picture", "artist:70", "", 0),
        ("picture", "song:7", "", 0),
    ]
    assert make({"artist": replies.artist()}, visit("artist", "70"), DEFAULT).children == ()


def test_artist_songs() -> None:
    outcome = make({"artist-songs": replies.artist_songs(7, 9, more=True)}, visit("artist-songs", "70"))
    *hanging, following = led_to(outcome)
    assert following == ("artist-songs", "70", "2", 0)
    # What hangs on the songs follows; their guests do not, or one artist would lead to all.
    assert {"lyrics", "comments"} <= {kind for kind, *_ in hanging}
    assert "artist" not in {kind for kind, *_ in hanging}
    again = make({"artist-songs": replies.artist_songs(7, more=True)}, outcome.children[-1])
    assert "artist-songs" not in {kind for kind, *_ in led_to(again)}


def test_lyrics_and_similar() -> None:
    assert len(of(make({"lyrics": replies.lyrics()}, visit("lyrics", "7")), Lyric)) == 1
    outcome = make({"similar-songs": replies.similar()}, visit("similar", "7"))
    assert [edge.similar for edge in of(outcome, SimilarSong)] == ["8", "9"]
    assert outcome.children == ()


def test_subscribers() -> None:
    pages = [replies.subscribers(2, 3, more=True), {"code": 200, "total": 0, "more": False}]
    transport = Scripted({"subscribers": pages})
    outcome = walk(transport).visit(visit("subscribers", "100"), ALL, Memory())
    assert [edge.user for edge in of(outcome, Subscription)] == ["2", "3"]
    assert [asked["offset"] for asked in transport.asked("subscribers")] == [0, 2]


# Comments


def said(first: int, rows: int = 2) -> list[dict[str, Any]]:
    return [replies.comment(n, 1_700_000_000_000 - n) for n in range(first, first + rows)]


def every_page(answers: Any, **settings: Any) -> tuple[list[str], int]:
    """Return the cursors of the pages of a song's comments, and the number of comments."""
    transport = Scripted({"comments": answers})
    source = walk(transport, **settings)
    waiting, cursors, found = [visit("comments", "7")], [], 0
    while waiting:
        task = waiting.pop()
        cursors.append(task.cursor)
        outcome = source.visit(task, DEFAULT, Memory())
        found += len(of(outcome, Comment))
        waiting += outcome.children
    assert all(asked["limit"] == 100 for asked in transport.asked("comments"))
    return cursors, found


def test_comments_page_by_page() -> None:
    def answer(id: str, limit: int, offset: int = 0) -> dict[str, Any]:
        return replies.comments(*said(offset), more=offset < 4)

    assert every_page(answer) == (["", "offset:2", "offset:4"], 6)


def test_comments_have_a_cap() -> None:
    def answer(id: str, limit: int, offset: int = 0) -> dict[str, Any]:
        return replies.comments(*said(offset), more=True)

    assert every_page(answer, comment_pages=4) == (["", "offset:2", "offset:4", "offset:6"], 8)


def test_comments_stop_where_they_repeat_or_are_empty() -> None:
    pages = [replies.comments(*said(0), more=True), replies.comments(*said(0), more=True)]
    assert every_page(pages)[0] == ["", "offset:2"]
    pages = [replies.comments(*said(0), more=True), replies.comments(more=True) | {"comments": []}]
    assert every_page(pages)[0] == ["", "offset:2"]


def test_far_down_comments_go_on_by_time() -> None:
    task = Task(
        kind="comments", id="7", cursor="offset:4999", payload={"page": 2, "oldest": 1_700_000_000_001}
    )
    (child,) = make({"comments": replies.comments(*said(0), more=True)}, task).children
    assert child.cursor == "before:1699999999999"
    assert child.payload == {"page": 3, "oldest": 1_699_999_999_999}
    transport = Scripted({"comments": replies.comments(*said(2))})
    walk(transport).visit(child, DEFAULT, Memory())
    assert transport.calls == [("comments", {"id": "7", "limit": 100, "before": 1_699_999_999_999})]
