"""What can be asked of NetEase: one line a route, for the encrypted endpoints and for the Node server.

A route has a name and parameters (ids are strings of digits). Each builder turns them into what goes over the
wire: for the endpoints a logical path, which begins with ``/api/``, and the body's fields; for the Node server
its own path and parameters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

import orjson

from zetdard.errors import InputError, RejectedRequestError

MOST_SONGS = 1000
"""Songs that one request may name."""


class Crypto(StrEnum):
    """How a request is encrypted, and with that where it goes."""

    WEAPI = "weapi"
    EAPI = "eapi"
    LINUXAPI = "linuxapi"


Asked: TypeAlias = tuple[str, dict[str, Any]]
"""A path and what is sent there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """How one thing is asked.

    Attributes:
        crypto: Encryption that the endpoint is known to take.
        direct: Parameters → logical path and body.
        node: Parameters → the Node server's path and parameters.
        wrapped: Whether the Node server puts the endpoint's reply under ``data``.
        accepted: Codes that are not refusals.
    """

    crypto: Crypto
    direct: Callable[..., Asked]
    node: Callable[..., Asked]
    wrapped: bool = False
    accepted: frozenset[int] = frozenset({200})


_ID = re.compile(r"[0-9]{1,20}").fullmatch


def _number(id: str) -> str:
    """Return an id, which becomes part of a path or of JSON."""
    if not _ID(id):
        raise RejectedRequestError(f"ids of NetEase are numbers, and {id[:40]!r} is none")
    return id


def _numbers(ids: Sequence[str]) -> str:
    if isinstance(ids, str) or not 1 <= len(ids) <= MOST_SONGS:
        raise InputError(f"name 1 to {MOST_SONGS} songs")
    return ",".join(_number(id) for id in ids)


def _body(path: str, field: str = "", **fixed: Any) -> Callable[..., Asked]:
    """Return a builder of a fixed path, whose body holds what is given, its id under the name ``field``."""

    def build(id: str = "", **given: Any) -> Asked:
        return path, ({field: _number(id)} if field else {}) | given | fixed

    return build


def _of_user(path: str, field: str = "", **fixed: Any) -> Callable[..., Asked]:
    """Return the same for a user; without ``field``, the id is the end of the path."""
    build = _body(path, field, **fixed)

    def build_of_user(uid: str, **given: Any) -> Asked:
        if field:
            return build(uid, **given)
        where, body = build(**given)
        return where + _number(uid), body

    return build_of_user


def _paged(build: Callable[..., Asked], most: int) -> Callable[..., Asked]:
    """Return a builder with a page's length and place filled in."""

    def build_page(*, limit: int = most, offset: int = 0, **given: Any) -> Asked:
        return build(limit=limit, offset=offset, **given)

    return build_page


def _search_web(nickname: str, limit: int = 30, offset: int = 0) -> Asked:
    # The marks would be put around the words that match, inside the nicknames themselves.
    marks = {"hlpretag": "", "hlposttag": ""}
    what = {"s": nickname, "type": "1002", "offset": str(offset), "total": "true", "limit": str(limit)}
    return "/api/cloudsearch/get/web", marks | what


def _search_node(nickname: str, limit: int = 30, offset: int = 0) -> Asked:
    return "/cloudsearch", {"keywords": nickname, "type": 1002, "limit": limit, "offset": offset}


def _nicknames(path: str) -> Callable[..., Asked]:
    def build(nicknames: str) -> Asked:
        return path, {"nicknames": nicknames}

    return build


def _playlist(path: str, **fixed: Any) -> Callable[..., Asked]:
    def build(id: str, s: int = 8) -> Asked:
        return path, {"id": _number(id), **fixed, "s": s}

    return build


def _song_detail(ids: Sequence[str]) -> Asked:
    listed = ",".join(f'{{"id":{id}}}' for id in _numbers(ids).split(","))
    return "/api/v3/song/detail", {"c": f"[{listed}]"}


def _song_detail_node(ids: Sequence[str]) -> Asked:
    return "/song/detail", {"ids": _numbers(ids)}


def _song_url(ids: Sequence[str], level: str = "standard") -> Asked:
    body = {"ids": f"[{_numbers(ids)}]", "level": level, "encodeType": "flac"}
    return "/api/song/enhance/player/url/v1", body


def _song_url_node(ids: Sequence[str], level: str = "standard") -> Asked:
    return "/song/url/v1", {"id": _numbers(ids), "level": level}


def _comments(id: str, limit: int = 100, offset: int = 0, before: int = 0) -> Asked:
    body = {"rid": _number(id), "limit": limit, "offset": offset, "beforeTime": before}
    return f"/api/v1/resource/comments/R_SO_4_{id}", body


def _comments_node(id: str, limit: int = 100, offset: int = 0, before: int = 0) -> Asked:
    return "/comment/music", {"id": _number(id), "limit": limit, "offset": offset, "before": before}


_RECOMMENDED, _HOT, _BY_TIME = 99, 2, 3
"""Orders of ``comments-new``; only the last pages by a cursor of the service's own."""


def _comments_new(id: str, page: int = 1, size: int = 20, cursor: str = "0", sort: int = _BY_TIME) -> Asked:
    order = _RECOMMENDED if sort == 1 else sort
    row = (page - 1) * size
    where: Any = {_RECOMMENDED: row, _HOT: f"normalHot#{row}"}.get(order, cursor)
    body = {"threadId": f"R_SO_4_{_number(id)}", "pageNo": page, "showInner": True, "pageSize": size}
    return "/api/v2/resource/comments", body | {"cursor": where, "sortType": order}


def _comments_new_node(
    id: str, page: int = 1, size: int = 20, cursor: str = "0", sort: int = _BY_TIME
) -> Asked:
    page_of = {"type": 0, "id": _number(id), "sortType": sort, "pageNo": page, "pageSize": size}
    return "/comment/new", page_of | {"cursor": cursor}


def _artist(id: str) -> Asked:
    return f"/api/v1/artist/{_number(id)}", {}


def _artist_songs(path: str, **fixed: Any) -> Callable[..., Asked]:
    def build(id: str, order: str = "hot", limit: int = 100, offset: int = 0) -> Asked:
        return path, {"id": _number(id), **fixed, "order": order, "offset": offset, "limit": limit}

    return build


def _artist_list(
    type: int = -1, area: int = -1, initial: int | str = -1, limit: int = 30, offset: int = 0
) -> Asked:
    first = ord(initial.upper()) if isinstance(initial, str) else initial
    body = {"initial": first, "offset": offset, "limit": limit, "total": True, "type": str(type)}
    return "/api/v1/artist/list", body | {"area": str(area)}


def _artist_list_node(
    type: int = -1, area: int = -1, initial: int | str = -1, limit: int = 30, offset: int = 0
) -> Asked:
    return "/artist/list", {"type": type, "area": area, "initial": initial, "limit": limit, "offset": offset}


def _fans(uid: str, limit: int = 30, offset: int = 0) -> Asked:
    body = {"userId": _number(uid), "time": "0", "limit": limit, "offset": offset, "getcounts": "true"}
    return f"/api/user/getfolloweds/{uid}", body


def _record(path: str) -> Callable[..., Asked]:
    def build(uid: str, type: str) -> Asked:
        return path, {"uid": _number(uid), "type": type}

    return build


def _qr_check(path: str, **fixed: Any) -> Callable[..., Asked]:
    def build(key: str) -> Asked:
        return path, {"key": key, **fixed}

    return build


_WEB, _CLIENT = Crypto.WEAPI, Crypto.EAPI
_ALL_LYRICS = dict.fromkeys(("tv", "lv", "rv", "kv", "yv", "ytv", "yrv"), 0)
_CLASSIC_LYRICS = {**dict.fromkeys(("tv", "lv", "rv", "kv"), -1), "_nmclfl": 1}


def _route(crypto: Crypto, direct: Callable[..., Asked], node: Callable[..., Asked], **more: Any) -> Route:
    return Route(crypto=crypto, direct=direct, node=node, **more)


ROUTES: Mapping[str, Route] = {
    "user-detail": _route(_WEB, _of_user("/api/v1/user/detail/"), _of_user("/user/detail", "uid")),
    "search-users": _route(_WEB, _search_web, _search_node),
    "user-ids": _route(_WEB, _nicknames("/api/user/getUserIds"), _nicknames("/get/userids")),
    "user-playlists": _route(
        _WEB,
        _paged(_of_user("/api/user/playlist", "uid", includeVideo=True), 30),
        _paged(_of_user("/user/playlist", "uid"), 30),
    ),
    "playlist-detail": _route(
        _CLIENT, _playlist("/api/v6/playlist/detail", n=100000), _playlist("/playlist/detail")
    ),
    "song-detail": _route(_WEB, _song_detail, _song_detail_node),
    "song-url": _route(_CLIENT, _song_url, _song_url_node),
    "lyrics": _route(
        _CLIENT, _body("/api/song/lyric/v1", "id", cp=False, **_ALL_LYRICS), _body("/lyric/new", "id")
    ),
    "lyrics-classic": _route(
        _CLIENT, _body("/api/song/lyric", "id", **_CLASSIC_LYRICS), _body("/lyric", "id")
    ),
    "comments": _route(_WEB, _comments, _comments_node),
    "comments-new": _route(_CLIENT, _comments_new, _comments_new_node),
    "artist": _route(_WEB, _artist, _body("/artists", "id")),
    "artist-songs": _route(
        _CLIENT,
        _artist_songs("/api/v1/artist/songs", private_cloud="true", work_type=1),
        _artist_songs("/artist/songs"),
    ),
    "artist-list": _route(_WEB, _artist_list, _artist_list_node),
    "follows": _route(
        _WEB,
        _paged(_of_user("/api/user/getfollows/", order=True), 30),
        _paged(_of_user("/user/follows", "uid"), 30),
    ),
    "fans": _route(_CLIENT, _fans, _paged(_of_user("/user/followeds", "uid"), 30)),
    "likes": _route(_CLIENT, _of_user("/api/song/like/get", "uid"), _of_user("/likelist", "uid")),
    "record": _route(_WEB, _record("/api/v1/play/record"), _record("/user/record")),
    "subscribers": _route(
        _CLIENT,
        _paged(_body("/api/playlist/subscribers", "id"), 20),
        _paged(_body("/playlist/subscribers", "id"), 20),
    ),
    "similar-songs": _route(
        _WEB,
        _paged(_body("/api/v1/discovery/simiSong", "songid"), 50),
        _paged(_body("/simi/song", "id"), 50),
    ),
    "daily-songs": _route(_WEB, _body("/api/v3/discovery/recommend/songs"), _body("/recommend/songs")),
    "personal-radio": _route(_WEB, _body("/api/v1/radio/get"), _body("/personal_fm")),
    "account": _route(_WEB, _body("/api/w/nuser/account/get"), _body("/login/status"), wrapped=True),
    "qr-key": _route(
        _CLIENT, _body("/api/login/qrcode/unikey", type=3), _body("/login/qr/key"), wrapped=True
    ),
    "qr-check": _route(
        _CLIENT,
        _qr_check("/api/login/qrcode/client/login", type=3),
        _qr_check("/login/qr/check"),
        accepted=frozenset({800, 801, 802, 803}),
    ),
}
"""Every route by name. Which parameters it takes, its two builders say; both take the same."""


def find_route(name: str) -> Route:
    """Return a route.

    Raises:
        InputError: There is none of that name.
    """
    try:
        return ROUTES[name]
    except KeyError:
        raise InputError(f"there is no route {name!r}; there are: {', '.join(ROUTES)}") from None


def compact(body: Mapping[str, Any]) -> bytes:
    """Return JSON without spaces, as UTF-8."""
    return orjson.dumps(body)
