"""The routes of the sandbox: their paths, the fields that each wants and of what type, and who answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from zetdard.sandbox.server import (
    replies_comments,
    replies_lists,
    replies_login,
    replies_music,
    replies_people,
)
from zetdard.sandbox.server.fields import (
    Read,
    cursor,
    entity,
    flag,
    ids,
    is_true,
    is_zero,
    moment,
    one_of,
    rows,
    song_objects,
    whole,
    words,
)
from zetdard.sandbox.server.service import BAD_REQUEST, Asked, RefusedError, Service

Answer = Callable[[Service, Asked], dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A route.

    Attributes:
        name: As in the reports and in plans.
        path: Logical path, the ``/api/`` form. One that ends with a slash is followed by an id.
        answer: Makes the reply.
        fields: What must be there.
        optional: What may be there, and what stands for it otherwise.
        login: Whether only those who are logged in are answered.
        lasting: Whether the same request always has the same reply.
    """

    name: str
    path: str
    answer: Answer
    fields: Mapping[str, Read] = field(default_factory=dict)
    optional: Mapping[str, tuple[Read, Any]] = field(default_factory=dict)
    login: bool = False
    lasting: bool = True

    def read(self, given: Mapping[str, Any], tail: str) -> dict[str, Any]:
        """Return the fields, checked; those that are not wanted are passed over.

        Raises:
            RefusedError: A field is missing or of another type.
        """
        values: dict[str, Any] = {"tail": tail} if tail else {}
        for name, read in self.fields.items():
            if name not in given:
                raise RefusedError(BAD_REQUEST, f"the field {name} is missing")
            values[name] = _value(name, read, given[name])
        for name, (read, default) in self.optional.items():
            values[name] = _value(name, read, given[name]) if name in given else default
        return values


def _value(name: str, read: Read, value: object) -> Any:
    try:
        return read(value)
    except ValueError:
        raise RefusedError(BAD_REQUEST, f"the field {name} may not be {str(value)[:80]!r}") from None


_PAGE = {"limit": rows, "offset": rows}
_SEARCH = {"s": words, "type": whole, "total": is_true, **_PAGE}
_LYRIC_PARTS: Mapping[str, Read] = dict.fromkeys(("tv", "lv", "rv"), whole)
LEVELS = (
    "standard",
    "higher",
    "exhigh",
    "lossless",
    "hires",
    "jyeffect",
    "sky",
    "jymaster",
    "dolby",
    "vivid",
)

ROUTES = (
    Route(name="user-detail", path="/api/v1/user/detail/", answer=replies_people.user_detail),
    Route(
        name="search-users",
        path="/api/cloudsearch/get/web",
        answer=replies_people.search,
        fields=_SEARCH,
    ),
    Route(name="search-users", path="/api/cloudsearch/pc", answer=replies_people.search, fields=_SEARCH),
    Route(
        name="user-ids",
        path="/api/user/getUserIds",
        answer=replies_people.user_ids,
        fields={"nicknames": words},
    ),
    Route(
        name="user-playlists",
        path="/api/user/playlist",
        answer=replies_lists.user_playlists,
        fields={"uid": entity, "includeVideo": flag, **_PAGE},
    ),
    Route(
        name="playlist-detail",
        path="/api/v6/playlist/detail",
        answer=replies_lists.playlist_detail,
        fields={"id": entity, "n": rows, "s": rows},
    ),
    Route(
        name="song-detail",
        path="/api/v3/song/detail",
        answer=replies_music.song_detail,
        fields={"c": song_objects},
    ),
    Route(
        name="song-url",
        path="/api/song/enhance/player/url/v1",
        answer=replies_music.song_url,
        fields={"ids": ids, "level": one_of(*LEVELS), "encodeType": words},
        lasting=False,
    ),
    Route(
        name="lyrics",
        path="/api/song/lyric/v1",
        answer=replies_music.lyrics,
        fields={
            "id": entity,
            "cp": flag,
            **_LYRIC_PARTS,
            "kv": whole,
            "yv": whole,
            "ytv": whole,
            "yrv": whole,
        },
    ),
    Route(
        name="lyrics-classic",
        path="/api/song/lyric",
        answer=replies_music.lyrics,
        fields={"id": entity, "tv": whole, "lv": whole},
        optional={"rv": (whole, 0), "kv": (whole, 0), "_nmclfl": (whole, 0)},
    ),
    Route(
        name="comments",
        path="/api/v1/resource/comments/",
        answer=replies_comments.classic,
        fields={"rid": words, "beforeTime": moment, **_PAGE},
    ),
    Route(
        name="comments-new",
        path="/api/v2/resource/comments",
        answer=replies_comments.new,
        fields={
            "threadId": words,
            "pageNo": rows,
            "showInner": flag,
            "pageSize": rows,
            "cursor": cursor,
            "sortType": whole,
        },
    ),
    Route(name="artist", path="/api/v1/artist/", answer=replies_music.artist),
    Route(
        name="artist-songs",
        path="/api/v1/artist/songs",
        answer=replies_music.artist_songs,
        fields={
            "id": entity,
            "private_cloud": is_true,
            "work_type": whole,
            "order": one_of("hot", "time"),
            **_PAGE,
        },
    ),
    Route(
        name="artist-list",
        path="/api/v1/artist/list",
        answer=replies_music.artist_list,
        fields={"total": is_true, "type": one_of(-1, 1, 2, 3), **_PAGE},
        optional={"area": (one_of(-1, 0, 7, 8, 16, 96), -1), "initial": (one_of(-1, 0, *range(65, 91)), -1)},
    ),
    Route(
        name="follows",
        path="/api/user/getfollows/",
        answer=replies_people.follows,
        fields={"order": flag, **_PAGE},
    ),
    Route(
        name="fans",
        path="/api/user/getfolloweds/",
        answer=replies_people.fans,
        fields={"userId": entity, "time": is_zero, "getcounts": is_true, **_PAGE},
    ),
    Route(
        name="likes",
        path="/api/song/like/get",
        answer=replies_people.likes,
        fields={"uid": entity},
        login=True,
    ),
    Route(
        name="record",
        path="/api/v1/play/record",
        answer=replies_people.record,
        fields={"uid": entity, "type": one_of(0, 1)},
        login=True,
    ),
    Route(
        name="subscribers",
        path="/api/playlist/subscribers",
        answer=replies_lists.subscribers,
        fields={"id": entity, **_PAGE},
    ),
    Route(
        name="similar-songs",
        path="/api/v1/discovery/simiSong",
        answer=replies_music.similar_songs,
        fields={"songid": entity, **_PAGE},
    ),
    Route(
        name="daily-songs",
        path="/api/v3/discovery/recommend/songs",
        answer=replies_music.daily_songs,
        login=True,
    ),
    Route(
        name="personal-radio",
        path="/api/v1/radio/get",
        answer=replies_music.radio,
        login=True,
    ),
    Route(name="account", path="/api/w/nuser/account/get", answer=replies_login.account),
    Route(
        name="qr-key",
        path="/api/login/qrcode/unikey",
        answer=replies_login.qr_key,
        fields={"type": one_of(1, 3)},
        lasting=False,
    ),
    Route(
        name="qr-check",
        path="/api/login/qrcode/client/login",
        answer=replies_login.qr_check,
        fields={"key": words, "type": one_of(1, 3)},
        lasting=False,
    ),
    Route(
        name="visitor",
        path="/api/register/anonimous",
        answer=replies_login.visitor,
        fields={"username": words},
        lasting=False,
    ),
)
NAMES = frozenset(route.name for route in ROUTES)
_BY_PATH = {route.path: route for route in ROUTES}


def find(path: str) -> tuple[Route, str] | None:
    """Return the route of a logical path, and the id at its end; ``None`` if there is none."""
    route = _BY_PATH.get(path)
    if route is not None:
        return None if path.endswith("/") else (route, "")
    head, slash, tail = path.rpartition("/")
    route = _BY_PATH.get(head + slash)
    return (route, tail) if route is not None else None
