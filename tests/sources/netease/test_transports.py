"""Both transports: what they send, and what every kind of refusal becomes."""

from __future__ import annotations

import itertools
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from cryptography.hazmat.primitives.ciphers import modes

from sources.netease.decrypting import TEST_KEY, encrypt_reply, undo_aes, undo_weapi
from zetdard.errors import (
    BlockedError,
    CrawlStoppedError,
    ForbiddenError,
    GoneError,
    InputError,
    NeedsLoginError,
    RefusalError,
    RejectedRequestError,
    RiskCheckError,
    SlowDownError,
    UnavailableError,
    UnreadableReplyError,
)
from zetdard.sources.netease import transport as transport_module
from zetdard.sources.netease.apiserver import ApiServerTransport
from zetdard.sources.netease.direct import DirectTransport
from zetdard.sources.netease.routes import ROUTES, Crypto
from zetdard.sources.netease.session import Session
from zetdard.sources.netease.transport import Transport

Answer = Callable[[httpx.Request], httpx.Response]

SECRET, CSRF = "00aaSECRETaa77", "csrfSECRETcsrf"
LOGIN = Session(music_u=SECRET, csrf=CSRF)

PARAMETERS: dict[str, dict[str, Any]] = {
    "user-detail": {"uid": "32953014"},
    "search-users": {"nickname": "小明 & Co"},
    "user-ids": {"nicknames": "小明,Ann"},
    "user-playlists": {"uid": "1", "limit": 50, "offset": 100},
    "playlist-detail": {"id": "2"},
    "song-detail": {"ids": ["3", "4"]},
    "song-url": {"ids": ["3"], "level": "exhigh"},
    "lyrics": {"id": "3"},
    "lyrics-classic": {"id": "3"},
    "comments": {"id": "3", "limit": 20, "offset": 40, "before": 5},
    "comments-new": {"id": "3", "cursor": "1700000000000"},
    "artist": {"id": "5"},
    "artist-songs": {"id": "5"},
    "artist-list": {"initial": "b"},
    "follows": {"uid": "1"},
    "fans": {"uid": "1"},
    "likes": {"uid": "1"},
    "record": {"uid": "1", "type": "1"},
    "subscribers": {"id": "2"},
    "similar-songs": {"id": "3"},
    "daily-songs": {},
    "personal-radio": {},
    "account": {},
    "qr-key": {},
    "qr-check": {"key": "k-1"},
}


def direct(answer: Answer, **options: Any) -> DirectTransport:
    client = httpx.Client(transport=httpx.MockTransport(answer))
    settings = {"modulus": TEST_KEY["modulus"], "exponent": TEST_KEY["exponent"]} | options
    return DirectTransport(client=client, **settings)


def through_node(answer: Answer, **options: Any) -> ApiServerTransport:
    client = httpx.Client(transport=httpx.MockTransport(answer))
    return ApiServerTransport("http://127.0.0.1:3000", client=client, **options)


WAYS: list[tuple[Callable[..., Transport], str]] = [
    (direct, "user-detail"),
    (direct, "playlist-detail"),
    (through_node, "user-detail"),
    (through_node, "playlist-detail"),
]
ways = pytest.mark.parametrize(
    ("open_way", "route"), WAYS, ids=["direct-weapi", "direct-eapi", "node-weapi", "node-eapi"]
)


def ask(transport: Transport, route: str) -> dict[str, Any]:
    return transport.call(route, **PARAMETERS[route])


def replying(content: bytes | dict[str, Any], status: int = 200, **headers: str) -> Answer:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return lambda _: httpx.Response(status, content=body, headers=headers)


RISK = {"code": -462, "data": {"verifyId": 1, "verifyUrl": "https://st.example/check?x=1"}}
REFUSALS: list[tuple[str, bytes | dict[str, Any], int, type[RefusalError]]] = [
    ("cheating", {"code": -460, "msg": "Cheating"}, 200, BlockedError),
    ("cheating as 400", {"code": -460, "message": "网络太拥挤"}, 400, BlockedError),
    ("risk", RISK, 400, RiskCheckError),
    ("login", {"code": 301, "msg": "需要登录"}, 301, NeedsLoginError),
    ("login as 200", {"code": 301}, 200, NeedsLoginError),
    ("bad parameter as 200", {"code": 400, "message": "参数错误"}, 200, RejectedRequestError),
    ("private", {"code": 401, "message": "无权限访问"}, 401, ForbiddenError),
    ("forbidden", {"code": 403}, 403, ForbiddenError),
    ("hidden", {"code": -2, "msg": "无权限访问"}, 400, ForbiddenError),
    ("gone", {"code": 404, "message": "用户不存在"}, 404, GoneError),
    ("gone as 200", {"code": 404}, 200, GoneError),
    ("often", {"code": 405, "message": "操作频繁，请稍候再试"}, 405, SlowDownError),
    ("often 406", {"code": 406}, 406, SlowDownError),
    ("often 429", {"code": 429}, 200, SlowDownError),
    ("network", {"code": 502, "msg": "Request failed with status code 503"}, 200, UnavailableError),
    ("busy", {"code": 503}, 503, UnavailableError),
    ("busy as 200", {"code": 503}, 200, UnavailableError),
    ("code as text", {"code": "301"}, 200, NeedsLoginError),
    ("another", {"code": 250}, 200, RejectedRequestError),
    ("another failure", {"code": 512}, 200, UnavailableError),
    ("HTTP 503", b"<html>busy</html>", 503, UnavailableError),
    ("HTTP 503 empty", b"", 503, UnavailableError),
    ("HTTP 503 says 200", {"code": 200}, 503, UnavailableError),
    ("HTTP 429", b"slow", 429, SlowDownError),
    ("empty", b"", 200, UnreadableReplyError),
    ("blank", b" \n", 200, UnreadableReplyError),
    ("page", b"<!DOCTYPE html><html></html>", 200, UnreadableReplyError),
    ("page 403", b"<html>no</html>", 403, UnreadableReplyError),
    ("truncated", b'{"code":200,"profile":{"userId":1,"nick', 200, UnreadableReplyError),
    ("list", b"[1,2]", 200, UnreadableReplyError),
    ("null", b"null", 200, UnreadableReplyError),
    ("no code", {"profile": {}}, 200, UnreadableReplyError),
    ("strange code", {"code": None}, 200, UnreadableReplyError),
    ("true is no code", {"code": True}, 200, UnreadableReplyError),
    ("code in words", {"code": "ok"}, 200, UnreadableReplyError),
]


@ways
@pytest.mark.parametrize(
    ("content", "status", "kind"),
    [case[1:] for case in REFUSALS],
    ids=[case[0] for case in REFUSALS],
)
def test_refusals(
    open_way: Callable[..., Transport],
    route: str,
    content: bytes | dict[str, Any],
    status: int,
    kind: type[RefusalError],
) -> None:
    with pytest.raises(RefusalError) as caught:
        ask(open_way(replying(content, status)), route)
    assert type(caught.value) is kind
    if isinstance(content, dict) and isinstance(content.get("code"), int) and content["code"] not in (1, 200):
        assert caught.value.code == content["code"]
    if isinstance(caught.value, RiskCheckError):
        assert caught.value.url == "https://st.example/check?x=1"


@ways
def test_a_check_without_a_usable_address(open_way: Callable[..., Transport], route: str) -> None:
    for data in (
        {},
        {"url": "javascript:x"},
        {"verifyUrl": 5},
        None,
        {"verifyUrl": "", "url": "https://b.example"},
    ):
        with pytest.raises(RiskCheckError) as caught:
            ask(open_way(replying({"code": -462, "data": data})), route)
        assert caught.value.url == (
            "https://b.example" if data and "verifyUrl" in data and "url" in data else None
        )


@ways
@pytest.mark.parametrize(
    ("error", "words"),
    [
        (httpx.ReadTimeout("late"), "no answer"),
        (httpx.ConnectTimeout("late"), "no connection"),
        (httpx.ConnectError("refused"), "no connection"),
        (httpx.RemoteProtocolError("Server disconnected"), "broke"),
        (httpx.ReadError("reset"), "broke"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_the_network(
    open_way: Callable[..., Transport], route: str, error: httpx.HTTPError, words: str
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise error

    with pytest.raises(UnavailableError, match=words):
        ask(open_way(answer), route)


@ways
def test_a_connection_that_drops_within_the_reply(open_way: Callable[..., Transport], route: str) -> None:
    def body() -> Iterator[bytes]:
        yield b'{"code":'
        raise httpx.ReadError("reset")

    with pytest.raises(UnavailableError):
        ask(open_way(lambda _: httpx.Response(200, content=body())), route)


@ways
def test_a_reply_that_trickles_in_or_has_no_end(
    open_way: Callable[..., Transport], route: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def body() -> Iterator[bytes]:
        while True:
            yield b" " * 1000

    answer: Answer = lambda _: httpx.Response(200, content=body())  # noqa: E731
    with monkeypatch.context() as patched:
        patched.setattr(transport_module, "MOST_REPLY_BYTES", 5000)
        with pytest.raises(UnreadableReplyError, match="no end"):
            ask(open_way(answer), route)
    clock = itertools.count(0, 7)
    monkeypatch.setattr(transport_module.time, "monotonic", lambda: next(clock))
    with pytest.raises(UnavailableError, match="not complete after 40 s"):
        ask(open_way(answer, timeout_s=10), route)


@ways
def test_redirects_are_not_followed(open_way: Callable[..., Transport], route: str) -> None:
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(str(request.url))
        return httpx.Response(302, headers={"Location": "https://elsewhere.example/"}, content=b"<html>")

    transport = open_way(answer)
    with pytest.raises(UnreadableReplyError):
        ask(transport, route)
    with pytest.raises(UnreadableReplyError):
        list(transport.stream("https://files.example/a"))
    assert len(seen) == 2


@ways
def test_success_with_a_code_as_text(open_way: Callable[..., Transport], route: str) -> None:
    assert ask(open_way(replying({"code": "200", "x": 1})), route) == {"code": 200, "x": 1}


@ways
def test_the_gate_is_passed_before_every_request(open_way: Callable[..., Transport], route: str) -> None:
    events: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        events.append(request.method)
        return httpx.Response(200, content=b'{"code":200}')

    transport = open_way(answer, gate=lambda: events.append("gate"))
    ask(transport, route)
    ask(transport, route)
    list(transport.stream("https://files.example/a"))
    assert events == ["gate", "POST", "gate", "POST", "gate", "GET"]


@ways
def test_a_shut_gate_lets_nothing_through(open_way: Callable[..., Transport], route: str) -> None:
    seen: list[httpx.Request] = []

    def gate() -> None:
        raise BlockedError("stop")

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, content=b'{"code":200}')

    transport = open_way(answer, gate=gate)
    with pytest.raises(BlockedError):
        ask(transport, route)
    with pytest.raises(BlockedError):
        list(transport.stream("https://files.example/a"))
    assert seen == []


def decrypted(request: httpx.Request) -> tuple[str, dict[str, Any]]:
    """What an upstream reads: the logical path and the fields."""
    form = {name: values[0] for name, values in parse_qs(request.content.decode("ascii")).items()}
    path = request.url.path
    if path.startswith("/weapi/"):
        return f"/api/{path[7:]}", json.loads(undo_weapi(form["params"], form["encSecKey"]))
    if path.startswith("/eapi/"):
        plain = undo_aes(bytes.fromhex(form["params"]), b"e82ckenh8dichen8", modes.ECB()).decode()
        logical, text, _ = plain.split("-36cd479b6b5-")
        assert logical == f"/api/{path[6:]}"
        return logical, json.loads(text)
    assert path == "/api/linux/forward"
    plain = undo_aes(bytes.fromhex(form["eparams"]), b"rFgB&h#%2?^eDg:Q", modes.ECB()).decode()
    envelope = json.loads(plain)
    assert envelope["method"] == "POST"
    return httpx.URL(envelope["url"]).path, envelope["params"]


FIELDS: dict[str, tuple[str, dict[str, Any]]] = {
    "user-detail": ("/api/v1/user/detail/32953014", {}),
    "user-ids": ("/api/user/getUserIds", {"nicknames": "小明,Ann"}),
    "user-playlists": (
        "/api/user/playlist",
        {"uid": "1", "limit": 50, "offset": 100, "includeVideo": True},
    ),
    "playlist-detail": ("/api/v6/playlist/detail", {"id": "2", "n": 100000, "s": 8}),
    "song-detail": ("/api/v3/song/detail", {"c": '[{"id":3},{"id":4}]'}),
    "song-url": (
        "/api/song/enhance/player/url/v1",
        {"ids": "[3]", "level": "exhigh", "encodeType": "flac"},
    ),
    "comments": (
        "/api/v1/resource/comments/R_SO_4_3",
        {"rid": "3", "limit": 20, "offset": 40, "beforeTime": 5},
    ),
    "follows": ("/api/user/getfollows/1", {"offset": 0, "limit": 30, "order": True}),
    "fans": (
        "/api/user/getfolloweds/1",
        {"userId": "1", "time": "0", "limit": 30, "offset": 0, "getcounts": "true"},
    ),
    "similar-songs": ("/api/v1/discovery/simiSong", {"songid": "3", "limit": 50, "offset": 0}),
    "artist-list": (
        "/api/v1/artist/list",
        {"initial": 66, "offset": 0, "limit": 30, "total": True, "type": "-1", "area": "-1"},
    ),
    "record": ("/api/v1/play/record", {"uid": "1", "type": "1"}),
    "qr-check": ("/api/login/qrcode/client/login", {"key": "k-1", "type": 3}),
}


@pytest.mark.parametrize("route", ROUTES)
def test_a_route_takes_the_same_parameters_in_both_ways(route: str) -> None:
    path, body = ROUTES[route].direct(**PARAMETERS[route])
    assert path.startswith("/api/")
    again, query = ROUTES[route].node(**PARAMETERS[route])
    assert not again.startswith("/api/")
    for given in (body, query):
        json.dumps(given)


@pytest.mark.parametrize("route", ROUTES)
def test_every_route_arrives_decryptable(route: str) -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, content=b'{"code":%d}' % (801 if route == "qr-check" else 200))

    transport = direct(answer, session=LOGIN)
    ask(transport, route)
    (request,) = seen
    logical, fields = decrypted(request)
    assert logical.startswith("/api/")
    cookie = request.headers["Cookie"]
    assert f"MUSIC_U={SECRET}" in cookie
    assert f"deviceId={LOGIN.device_id}" in cookie
    if ROUTES[route].crypto is Crypto.WEAPI:
        assert request.url.host == "music.163.com"
        assert fields.pop("csrf_token") == CSRF
        assert request.headers["Referer"] == "https://music.163.com/"
        assert f"NMTID={LOGIN.nmtid}" in cookie
    else:
        assert request.url.host == "interface.music.163.com"
        header = fields.pop("header")
        assert header["MUSIC_U"] == SECRET
        assert header["deviceId"] == LOGIN.device_id
        assert fields.pop("e_r") is False
        assert f"requestId={header['requestId']}" in cookie
    if route in FIELDS:
        assert (logical, fields) == FIELDS[route]
    assert not {"X-Real-IP", "X-Forwarded-For"} & set(request.headers)
    for secret in (SECRET, CSRF):
        assert secret not in str(request.url)


def test_the_nickname_search_goes_to_the_web_page_s_endpoint() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, content=b'{"code":200}')

    ask(direct(answer), "search-users")
    logical, fields = decrypted(seen[0])
    assert (seen[0].url.path, logical) == ("/weapi/cloudsearch/get/web", "/api/cloudsearch/get/web")
    assert fields["s"] == "小明 & Co"
    assert (fields["type"], fields["limit"], fields["offset"], fields["total"]) == ("1002", "30", "0", "true")


@pytest.mark.parametrize(
    ("sort", "page", "cursor", "sent"),
    [
        (3, 2, "1700", ("1700", 3)),
        (2, 3, "0", ("normalHot#40", 2)),
        (1, 2, "0", (20, 99)),
        (99, 1, "0", (0, 99)),
    ],
)
def test_orders_of_new_comments(sort: int, page: int, cursor: str, sent: tuple[Any, int]) -> None:
    _, body = ROUTES["comments-new"].direct(id="3", page=page, sort=sort, cursor=cursor)
    assert (body["cursor"], body["sortType"]) == sent


def test_linuxapi_is_selectable() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, content=b'{"code":200}')

    transport = direct(answer, crypto={"lyrics-classic": Crypto.LINUXAPI})
    ask(transport, "lyrics-classic")
    assert seen[0].url == "https://music.163.com/api/linux/forward"
    logical, fields = decrypted(seen[0])
    assert (logical, fields["id"], fields["lv"]) == ("/api/song/lyric", "3", -1)
    with pytest.raises(InputError, match="no route"):
        direct(answer, crypto={"nothing": Crypto.LINUXAPI})


@pytest.mark.parametrize(
    "content", [b'{"code":200,"x":"\xe4\xbd\xa0"}', b'{"code":301}'], ids=["ok", "login"]
)
@pytest.mark.parametrize("encrypted", [True, False], ids=["encrypted", "plain"])
def test_encrypted_replies_are_asked_for_and_read(content: bytes, encrypted: bool) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert decrypted(request)[1]["e_r"] is True
        return httpx.Response(200, content=encrypt_reply(content) if encrypted else content)

    transport = direct(answer, encrypted_replies=True)
    if b"301" in content:
        with pytest.raises(NeedsLoginError):
            ask(transport, "lyrics")
    else:
        assert ask(transport, "lyrics")["x"] == "你"


def test_an_encrypted_reply_that_is_damaged() -> None:
    for content in (b"", b"<html>", b"x" * 32, b"x"):
        with pytest.raises(UnreadableReplyError):
            ask(direct(replying(content), encrypted_replies=True), "lyrics")


@pytest.mark.parametrize("route", ["user-detail", "lyrics"])
def test_the_invented_never_mixes_with_the_real(route: str) -> None:
    invented = {"X-Invented": "zetdard-sandbox"}
    with pytest.raises(CrawlStoppedError, match="--sandbox"):
        ask(direct(replying({"code": 200}, **invented)), route)
    with pytest.raises(CrawlStoppedError, match="not the invented"):
        ask(direct(replying({"code": 200}), invented=True), route)
    assert ask(direct(replying({"code": 200}, **invented), invented=True), route)["code"] == 200
    with pytest.raises(CrawlStoppedError, match="--sandbox"):
        list(direct(replying(b"sound", **invented)).stream("https://files.example/a"))


# --- the Node server -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("route", ROUTES)
def test_every_request_to_node_has_an_address_of_its_own_and_no_secret_in_it(route: str) -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        body = {"code": 200, "data": {"code": 200}} if ROUTES[route].wrapped else {"code": 200}
        return httpx.Response(200, json=body | ({"code": 801} if route == "qr-check" else {}))

    transport = through_node(answer, session=LOGIN)
    ask(transport, route)
    ask(transport, route)
    ask(through_node(answer, session=LOGIN), route)
    addresses = {str(request.url) for request in seen}
    assert len(addresses) == 3
    for request in seen:
        assert list(request.url.params) == ["timestamp"]
        assert SECRET not in str(request.url)
        assert f"MUSIC_U={SECRET}" in request.headers["Cookie"]
        assert SECRET.encode() not in request.content


def test_what_node_is_sent() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, content=b'{"code":200}')

    transport = through_node(answer)
    for route in ("search-users", "song-detail", "comments-new", "record"):
        ask(transport, route)
    sent = {
        request.url.path: {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        for request in seen
    }
    assert sent == {
        "/cloudsearch": {"keywords": "小明 & Co", "type": "1002", "limit": "30", "offset": "0"},
        "/song/detail": {"ids": "3,4"},
        "/comment/new": {
            "type": "0",
            "id": "3",
            "sortType": "3",
            "pageNo": "1",
            "pageSize": "20",
            "cursor": "1700000000000",
        },
        "/user/record": {"uid": "1", "type": "1"},
    }


@pytest.mark.parametrize("route", ["user-detail", "playlist-detail", "account", "qr-check"])
def test_a_failure_of_node_s_own_is_not_an_absence(route: str) -> None:
    with pytest.raises(UnavailableError):
        ask(through_node(replying({"code": 404, "data": None, "msg": "Not Found"}, 404)), route)


def test_wrapped_replies_are_unwrapped() -> None:
    account = {"code": 200, "account": {"id": 1}, "profile": None}
    assert ask(through_node(replying({"data": account})), "account") == account
    assert ask(direct(replying(account)), "account") == account
    key = {"code": 200, "unikey": "k"}
    assert ask(through_node(replying({"code": 200, "data": key})), "qr-key") == key
    assert ask(direct(replying(key)), "qr-key") == key


@pytest.mark.parametrize("route", ["account", "qr-key"])
@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ({"code": 200, "data": {"code": -460}}, BlockedError),
        ({"code": -462}, RiskCheckError),
        ({"code": 301}, NeedsLoginError),
        ({"code": 404, "message": "无"}, GoneError),
        ({"code": 502, "msg": "socket hang up"}, UnavailableError),
        ({"code": 200, "data": {"code": 502, "msg": "socket hang up"}}, UnavailableError),
        ({"code": 200, "data": ""}, UnreadableReplyError),
        ({"code": 200}, UnreadableReplyError),
        ({"data": {}}, UnreadableReplyError),
        (b"", UnreadableReplyError),
        (b'{"da', UnreadableReplyError),
        (b"<html>", UnreadableReplyError),
    ],
    ids=str,
)
def test_wrapped_refusals(route: str, content: bytes | dict[str, Any], kind: type[RefusalError]) -> None:
    with pytest.raises(RefusalError) as caught:
        ask(through_node(replying(content)), route)
    assert type(caught.value) is kind


def test_the_cookies_of_a_login_come_along() -> None:
    done = {"code": 803, "message": "授权登录成功"}
    cookies = [("Set-Cookie", "MUSIC_U=abc; Path=/; HttpOnly"), ("Set-Cookie", "__csrf=def; Path=/")]
    reply = direct(lambda _: httpx.Response(200, json=done, headers=cookies)).call("qr-check", key="k")
    assert reply["code"] == 803
    assert reply["cookie"] == "MUSIC_U=abc; Path=/; HttpOnly;__csrf=def; Path=/"
    for code in (800, 801, 802):
        assert direct(replying({"code": code})).call("qr-check", key="k")["code"] == code


# --- files ----------------------------------------------------------------------------------------------------


SOUND = bytes(range(256)) * 700


@ways
@pytest.mark.parametrize("offset", [0, 1, 70_000, len(SOUND) - 1])
@pytest.mark.parametrize("ranges", [True, False], ids=["ranges", "no ranges"])
def test_a_file_comes_from_an_offset_on(
    open_way: Callable[..., Transport], route: str, offset: int, ranges: bool
) -> None:
    del route

    def answer(request: httpx.Request) -> httpx.Response:
        assert "Cookie" not in request.headers
        wanted = request.headers.get("Range")
        assert wanted == (f"bytes={offset}-" if offset else None)
        if not (wanted and ranges):
            return httpx.Response(200, content=SOUND)
        return httpx.Response(
            206,
            content=SOUND[offset:],
            headers={"Content-Range": f"bytes {offset}-{len(SOUND) - 1}/{len(SOUND)}"},
        )

    transport = open_way(answer, session=LOGIN)
    assert b"".join(transport.stream("http://files.example/a.mp3", offset)) == SOUND[offset:]


@ways
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (403, GoneError),
        (404, GoneError),
        (410, GoneError),
        (416, GoneError),
        (429, SlowDownError),
        (500, UnavailableError),
        (503, UnavailableError),
        (400, RejectedRequestError),
        (204, UnreadableReplyError),
        (302, UnreadableReplyError),
    ],
)
def test_a_file_that_does_not_come(
    open_way: Callable[..., Transport], route: str, status: int, kind: type[RefusalError]
) -> None:
    del route
    with pytest.raises(RefusalError) as caught:
        list(open_way(replying(b"", status)).stream("https://files.example/a", 5))
    assert type(caught.value) is kind


@ways
def test_a_file_that_comes_wrong(open_way: Callable[..., Transport], route: str) -> None:
    del route
    for headers in ({}, {"Content-Range": "bytes 0-9/10"}, {"Content-Range": "words"}):
        with pytest.raises(UnreadableReplyError, match="another part"):
            list(open_way(replying(b"x", 206, **headers)).stream("https://files.example/a", 5))
    for url in ("file:///etc/passwd", "ftp://x.example/a", "", "https://exa mple\n/"):
        with pytest.raises(UnreadableReplyError, match="address"):
            list(open_way(replying(b"x")).stream(url))

    def breaks() -> Iterator[bytes]:
        yield b"some"
        raise httpx.ReadError("reset")

    stream = open_way(lambda _: httpx.Response(200, content=breaks())).stream("https://files.example/a")
    with pytest.raises(UnavailableError):
        list(stream)


# --- secrets, and what is refused before it is sent ------------------------------------------------------------


@ways
def test_no_secret_in_errors_logs_and_reprs(
    open_way: Callable[..., Transport], route: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    repeated = {"message": f"bad cookie {SECRET} {CSRF}", "msg": SECRET}
    shown = [repr(LOGIN), str(LOGIN)]
    answers: list[Answer] = [
        replying({"code": code, **repeated}) for code in (301, 400, 404, -460, -462, 502)
    ]
    answers += [replying(SECRET.encode(), status) for status in (200, 503)]
    for answer in answers:
        transport = open_way(answer, session=LOGIN)
        with pytest.raises(RefusalError) as caught:
            ask(transport, route)
        shown += [str(caught.value), repr(caught.value), repr(transport), str(vars(caught.value))]
    shown.append(caplog.text)
    assert all(SECRET not in text and CSRF not in text for text in shown)


@pytest.mark.parametrize(
    "id", ["", "abc", "1/../../logout", "1?x=1", "１２", "-1", '1}],"x":[{"id":2', "9" * 21]
)
@pytest.mark.parametrize("open_way", [direct, through_node])
def test_ids_that_are_none(open_way: Callable[..., Transport], id: str) -> None:
    transport = open_way(replying({"code": 200}))
    for route, parameters in PARAMETERS.items():
        for name in {"uid", "id", "ids"} & parameters.keys():
            wrong = parameters | {name: [id] if name == "ids" else id}
            with pytest.raises(RejectedRequestError, match="numbers"):
                transport.call(route, **wrong)


@pytest.mark.parametrize("open_way", [direct, through_node])
def test_too_many_songs_and_unknown_routes(open_way: Callable[..., Transport]) -> None:
    transport = open_way(replying({"code": 200}))
    for ids in ([], [str(number) for number in range(1001)], "123"):
        with pytest.raises(InputError, match="1 to 1000"):
            transport.call("song-detail", ids=ids)
    with pytest.raises(InputError, match="no route"):
        transport.call("nothing")


def test_a_login_does_not_travel_unencrypted() -> None:
    with pytest.raises(InputError, match="unencrypted"):
        DirectTransport(web="http://music.example", session=LOGIN)
    with pytest.raises(InputError, match="unencrypted"):
        ApiServerTransport("http://node.example:3000", session=LOGIN)
    for transport in (
        DirectTransport(web="http://127.0.0.1:1", interface="http://localhost:1", session=LOGIN),
        ApiServerTransport("http://[::1]:3000", session=LOGIN),
        ApiServerTransport("http://node.example:3000"),
    ):
        transport.close()


def test_a_client_of_others_stays_open() -> None:
    client = httpx.Client(transport=httpx.MockTransport(replying({"code": 200})))
    DirectTransport(client=client).close()
    assert not client.is_closed
    client.close()
