"""What the client completes, and where it stops."""

from __future__ import annotations

from typing import Any

from sources.netease import replies
from sources.netease.replies import Scripted
from zetdard.records import LyricState, Period, Playlist, PlaylistSong
from zetdard.sources.netease.client import NetEase


def said(first: int, rows: int = 2) -> list[dict[str, Any]]:
    return [replies.comment(n, 1_700_000_000_000 - n) for n in range(first, first + rows)]


def test_classic_comments_go_on_by_time_far_down() -> None:
    def answer(id: str, limit: int, offset: int = 0, before: int = 0) -> dict[str, Any]:
        first = 1_700_000_000_000 - before + 1 if before else offset
        return replies.comments(*said(first, 1000), more=first < 7000)

    transport = Scripted({"comments": answer})
    pages = list(NetEase(transport).comment_pages("7", limit=1000))
    asked = [(each.get("offset"), each.get("before")) for each in transport.asked("comments")]
    assert asked == [
        (None, None),
        (1000, None),
        (2000, None),
        (3000, None),
        (4000, None),
        (5000, None),
        (None, 1_700_000_000_000 - 5999),
        (None, 1_700_000_000_000 - 6999),
    ]
    assert len({id for page in pages for id in page.comments}) == 8000


def test_classic_comments_stop_where_nothing_is_new() -> None:
    pages = [replies.comments(*said(0), more=True), replies.comments(*said(0), more=True)]
    assert len(list(NetEase(Scripted({"comments": pages})).comment_pages("7"))) == 1
    one = Scripted({"comments": lambda id, limit, offset=0: replies.comments(*said(offset), more=True)})
    assert len(list(NetEase(one).comment_pages("7", pages=3))) == 3


def pages_new(*pages: dict[str, Any]) -> tuple[int, list[str]]:
    """Return how many pages are yielded and the cursors that were asked for."""
    transport = Scripted({"comments-new": list(pages)})
    found = list(NetEase(transport).comment_pages_new("7"))
    return len(found), [asked["cursor"] for asked in transport.asked("comments-new")]


def test_new_comments_follow_the_cursor() -> None:
    first = replies.comments_new(*said(0), hasMore=True, cursor="a")
    second = replies.comments_new(*said(2), hasMore=True, cursor="b")
    last = replies.comments_new(*said(4), hasMore=False, cursor="c")
    assert pages_new(first, second, last) == (3, ["0", "a", "b"])
    repeated_cursor = replies.comments_new(*said(2), hasMore=True, cursor="a")
    assert pages_new(first, repeated_cursor) == (2, ["0", "a"])
    nothing_new = replies.comments_new(*said(0), hasMore=True, cursor="b")
    assert pages_new(first, nothing_new) == (1, ["0", "a"])
    without_cursor = replies.comments_new(*said(0), hasMore=True, cursor=None)
    assert pages_new(without_cursor) == (1, ["0"])


def test_playlist_is_complete() -> None:
    answers = {
        "playlist-detail": replies.playlist_detail(described=1, songs=4),
        "song-detail": replies.song_detail(4, 2),
    }
    transport = Scripted(answers)
    reading = NetEase(transport).playlist("100")
    assert transport.asked("song-detail") == [{"ids": ("2", "3", "4")}]
    assert (reading.songs, reading.missing) == (("1", "2", "4"), ("3",))
    edges = [(one.song, one.position) for one in reading.records if isinstance(one, PlaylistSong)]
    assert edges == [("1", 0), ("2", 1), ("4", 3)]
    assert sum(isinstance(one, Playlist) for one in reading.records) == 1


def test_a_method_for_each_route() -> None:
    transport = Scripted(
        {
            "songs": {},
            "song-detail": replies.song_detail(7),
            "lyrics-classic": {"nolyric": True},
            "artist-songs": replies.artist_songs(),
            "record": replies.record("allData"),
            "search-users": replies.user_search("云"),
        }
    )
    netease = NetEase(transport)
    assert netease.songs(["7", "9"]).missing == ("9",)
    assert netease.lyrics_classic("7").records[0].state is LyricState.INSTRUMENTAL  # type: ignore[union-attr]
    assert netease.artist_songs("70", order="time").songs == ("7", "8")
    assert netease.record("1", Period.ALL).songs == ("7", "9")
    assert netease.search_users("云", offset=30).users == ("10",)
    assert transport.calls == [
        ("song-detail", {"ids": ["7", "9"]}),
        ("lyrics-classic", {"id": "7"}),
        ("artist-songs", {"id": "70", "order": "time", "limit": 100, "offset": 0}),
        ("record", {"uid": "1", "type": "0"}),
        ("search-users", {"nickname": "云", "limit": 30, "offset": 30}),
    ]
