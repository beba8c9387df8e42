"""Replies of NetEase, written by hand after its documented shapes, and a transport that plays them."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from zetdard.errors import GoneError
from zetdard.records import Artist, Comment, Playlist, Record, Song, User

Body = dict[str, Any]

COVER = "https://p1.example/cover.jpg"
AVATAR = "http://p2.example/avatar.jpg"


def modern_song(id: int = 7, **changes: Any) -> Body:
    """Return a song as details, playlists and artists have it."""
    return {
        "id": id,
        "name": f"Song {id}",
        "ar": [{"id": 70, "name": "李雨", "tns": [], "alias": []}, {"id": 71, "name": "Ana Brook"}],
        "al": {"id": 9, "name": "灯塔", "picUrl": COVER, "pic": 1},
        "dt": 215_000,
        "pop": 95.0,
        "fee": 8,
        "publishTime": 1_500_000_000_000,
        "originCoverType": 1,
        "h": {"br": 320000, "size": 1},
        **changes,
    }


def legacy_song(id: int = 8, **changes: Any) -> Body:
    """Return a song as similar songs and the radio have it."""
    return {
        "id": id,
        "name": f"Song {id}",
        "artists": [{"id": 71, "name": "Ana Brook", "picUrl": None}],
        "album": {"id": 10, "name": "Rain", "picUrl": COVER, "publishTime": 1_400_000_000_000},
        "duration": 180_000,
        "popularity": 40.0,
        "alias": [],
        "mvid": 0,
        **changes,
    }


def person(id: int = 1, **changes: Any) -> Body:
    return {"userId": id, "nickname": f"user {id}", "avatarUrl": AVATAR, "vipType": 0, **changes}


def user_detail(**changes: Any) -> Body:
    profile = person(1, nickname="云", province=330000, city=330100, gender=0, birthday=-2209017600000)
    return {"code": 200, "level": 8, "listenSongs": 4321, "profile": profile | changes}


def account() -> Body:
    return {"code": 200, "account": {"id": 1, "userName": "x"}, "profile": person(1)}


def user_search(*names: str) -> Body:
    profiles = [person(10 + n, nickname=name, province=310000, city=310101) for n, name in enumerate(names)]
    return {"code": 200, "result": {"userprofileCount": len(profiles), "userprofiles": profiles}}


def playlist(id: int = 100, creator: int = 1, **changes: Any) -> Body:
    return {
        "id": id,
        "name": f"list {id}",
        "userId": creator,
        "creator": person(creator),
        "coverImgUrl": COVER,
        "tags": ["华语", "夜晚"],
        "trackCount": 2,
        "playCount": 1234,
        "subscribedCount": 5,
        "createTime": 1_600_000_000_000,
        "specialType": 0,
        "privacy": 0,
        "tracks": None,
        **changes,
    }


def user_playlists(**changes: Any) -> Body:
    listed = [playlist(99, specialType=5), playlist(100), playlist(101, creator=2)]
    return {"code": 200, "more": False, "version": "1", "playlist": listed} | changes


def playlist_detail(id: int = 100, described: int = 2, songs: int = 2, **changes: Any) -> Body:
    """Return a playlist of the songs 1, 2, … of which the first ``described`` are there."""
    tracks = [modern_song(n) for n in range(1, described + 1)]
    track_ids = [{"id": n, "v": 1, "t": 0, "at": 1_700_000_000_000 + n} for n in range(1, songs + 1)]
    detail = {"trackCount": songs, "commentCount": 3, "tracks": tracks, "trackIds": track_ids, **changes}
    return {"code": 200, "playlist": playlist(id, **detail), "privileges": []}


def song_detail(*ids: int) -> Body:
    return {"code": 200, "songs": [modern_song(id) for id in ids], "privileges": [{"id": id} for id in ids]}


def song_url(id: int = 7, **changes: Any) -> Body:
    item = {
        "id": id,
        "url": "http://m7.example/20261124/a.mp3",
        "br": 128000,
        "size": 10,
        "md5": "900150983CD24FB0D6963F7D28E17F72",
        "code": 200,
        "expi": 1200,
        "type": "MP3",
        "level": "standard",
        "freeTrialInfo": None,
    }
    return {"code": 200, "data": [item | changes]}


def lyrics(**changes: Any) -> Body:
    return {
        "code": 200,
        "lrc": {"version": 3, "lyric": '{"t":0,"c":[{"tx":"作词: "}]}\n[00:01.00]雨'},
        "tlyric": {"version": 1, "lyric": "[00:01.00]rain"},
        "romalrc": {"version": 1, "lyric": "[00:01.00]yu"},
        "klyric": {"version": 0, "lyric": ""},
        "yrc": {"version": 1, "lyric": "[1000,500](1000,500,0)雨"},
        **changes,
    }


def comment(id: int = 500, at: int = 1_700_000_000_000, **changes: Any) -> Body:
    return {
        "commentId": id,
        "content": f"好听 {id}",
        "time": at,
        "likedCount": 3,
        "user": person(2),
        "beReplied": [{"beRepliedCommentId": 1, "content": None, "user": None}],
        "ipLocation": {"location": "浙江"},
        **changes,
    }


def comments(*said: Body, **changes: Any) -> Body:
    listed = list(said) or [comment(501, 1_700_000_001_000), comment(500)]
    return {"code": 200, "total": len(listed), "more": False, "hotComments": [], "comments": listed} | changes


def comments_new(*said: Body, **changes: Any) -> Body:
    listed = list(said) or [comment()]
    data = {"comments": listed, "totalCount": len(listed), "hasMore": False, "cursor": "1700", "sortType": 3}
    return {"code": 200, "data": data | changes}


def artist(**changes: Any) -> Body:
    about = {"id": 70, "name": "李雨", "picUrl": AVATAR, "musicSize": 12, "alias": []} | changes
    return {"code": 200, "more": True, "artist": about, "hotSongs": [modern_song(7)]}


def artist_songs(*ids: int, **changes: Any) -> Body:
    songs = [modern_song(id) for id in ids or (7, 8)]
    return {"code": 200, "songs": songs, "more": False, "total": len(songs)} | changes


def artist_list(*ids: int, more: bool = False) -> Body:
    return {"code": 200, "more": more, "artists": [{"id": id, "name": f"artist {id}"} for id in ids or (70,)]}


def follows(*ids: int, more: bool = False) -> Body:
    return {"code": 200, "more": more, "touchCount": 9, "follow": [person(id) for id in ids or (2, 3)]}


def fans(*ids: int, more: bool = False) -> Body:
    return {"code": 200, "more": more, "newCount": 0, "followeds": [person(id) for id in ids or (2, 3)]}


def subscribers(*ids: int, more: bool = False) -> Body:
    return {"code": 200, "total": 2, "more": more, "subscribers": [person(id) for id in ids or (2, 3)]}


def likes(*ids: int) -> Body:
    return {"code": 200, "ids": list(ids or (8, 7, 12)), "checkPoint": 1_700_000_000_000}


def record(name: str = "weekData") -> Body:
    rows = [
        {"playCount": 0, "score": 100, "song": modern_song(7)},
        {"playCount": 4, "score": 50, "song": modern_song(9)},
    ]
    return {"code": 200, name: rows}


def similar() -> Body:
    return {"code": 200, "songs": [legacy_song(8), legacy_song(7), legacy_song(9)]}


def daily() -> Body:
    songs = [modern_song(7, reason="因为你喜欢", alg="x"), modern_song(9)]
    reasons = [{"songId": 9, "reason": "超过 80% 的人喜欢"}]
    return {"code": 200, "data": {"dailySongs": songs, "orderSongs": [], "recommendReasons": reasons}}


def radio() -> Body:
    return {"code": 200, "popAdjust": False, "data": [legacy_song(8), legacy_song(9)]}


Answer = Body | Exception | Callable[..., Body]


class Scripted:
    """Answers each route with a body, an error, a list of those one after the other, or what a function says."""

    def __init__(self, answers: Mapping[str, Answer | list[Answer]], files: Mapping[str, Any] = {}) -> None:
        self._answers = {
            route: list(answer) if isinstance(answer, list) else answer for route, answer in answers.items()
        }
        self._files = {url: list(parts) for url, parts in files.items()}
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.streamed: list[tuple[str, int]] = []
        self.closed = False

    def call(self, route: str, **parameters: Any) -> Body:
        self.calls.append((route, parameters))
        answer = self._answers[route]
        if isinstance(answer, list):
            answer = answer.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return copy.deepcopy(answer if isinstance(answer, dict) else answer(**parameters))

    def stream(self, url: str, offset: int = 0) -> Iterator[bytes]:
        """Yield the file's next part; an error in it is raised where it stands."""
        self.streamed.append((url, offset))
        parts = self._files.get(url)
        if not parts:
            raise GoneError("no such file")
        for piece in parts.pop(0):
            if isinstance(piece, Exception):
                raise piece
            yield piece

    def close(self) -> None:
        self.closed = True

    def asked(self, route: str) -> list[dict[str, Any]]:
        return [parameters for name, parameters in self.calls if name == route]


_DEFINED = {User: "users", Artist: "artists", Song: "songs", Playlist: "playlists"}
_NAMED = {
    "user": "users",
    "followed": "users",
    "creator": "users",
    "artist": "artists",
    "song": "songs",
    "similar": "songs",
    "playlist": "playlists",
}


def out_of_order(
    records: tuple[Record, ...] | list[Record], given: frozenset[str] = frozenset()
) -> list[Record]:
    """Return the records that name something no record before them describes, ``given`` ids aside."""
    known: set[tuple[str, str]] = set()
    found = []
    for one in records:
        for name, kind in _NAMED.items():
            id = getattr(one, name, None)
            if isinstance(one, Comment) and name == "song":
                continue  # a comment may name a song that nothing describes
            if id is not None and id not in given and (kind, id) not in known:
                found.append(one)
        if type(one) in _DEFINED:
            known.add((_DEFINED[type(one)], one.id))
    return found
