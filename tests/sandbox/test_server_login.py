"""Logging in to the sandbox, and what only those who are logged in are told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.asking import HEADER, Asker, compact, eapi_form, weapi_form
from zetdard.sandbox import World, WorldConfig, generate
from zetdard.sandbox.server import running_server

CONFIG = WorldConfig(seed=3, n_users=60, n_songs=240, n_artists=40)


@pytest.fixture(scope="module")
def world() -> World:
    return generate(CONFIG)


@pytest.fixture(scope="module")
def ask(world: World) -> Iterator[Asker]:
    with running_server(world, in_thread=True) as server:
        yield Asker(server.url, int(server.modulus, 16))


def user(world: World, row: int) -> str:
    return world.people_labels.user_ids[row]


def song(world: World, row: int) -> int:
    return int(world.music_labels.song_ids[row])


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("song/like/get", {"uid": "1"}),
        ("v1/play/record", {"uid": "1", "type": 0}),
        ("v3/discovery/recommend/songs", {}),
        ("v1/radio/get", {}),
    ],
)
def test_some_routes_need_a_login(ask: Asker, path: str, fields: dict[str, Any]) -> None:
    assert ask.weapi(path, **fields)["code"] == 301
    stranger = Asker(ask.url, ask.modulus, {"MUSIC_U": "sandbox-1"})
    assert stranger.weapi(path, **fields)["code"] == 301


def test_what_a_login_shows(world: World, ask: Asker) -> None:
    me = ask.logged_in(user(world, 4))
    liked = me.eapi("song/like/get", uid=user(world, 7))["ids"]
    assert sorted(liked) == sorted(song(world, row) for row in world.likes(7))
    for kind, rows, chart in ((0, "allData", world.chart(4)), (1, "weekData", world.week_chart(4))):
        own = me.weapi("v1/play/record", uid=user(world, 4), type=kind)[rows]
        assert [(entry["song"]["id"], entry["score"], entry["playCount"]) for entry in own] == [
            (song(world, one.song_row), one.score, one.plays) for one in chart
        ]
    others = me.weapi("v1/play/record", uid=user(world, 7), type="0")["allData"]
    assert [entry["song"]["id"] for entry in others] == [song(world, one.song_row) for one in world.chart(7)]
    assert {entry["playCount"] for entry in others} == {0}
    daily = me.weapi("v3/discovery/recommend/songs")["data"]
    assert [entry["id"] for entry in daily["dailySongs"]] == [
        song(world, row) for row in world.daily_songs(4)
    ]
    assert all(entry["reason"] and entry["ar"] for entry in daily["dailySongs"])
    radio = me.weapi("v1/radio/get")["data"]
    assert [entry["id"] for entry in radio] == [song(world, row) for row in world.radio(4)]
    assert all("artists" in entry for entry in radio)
    assert me.weapi("w/nuser/account/get")["profile"]["userId"] == int(user(world, 4))
    nobody = ask.weapi("w/nuser/account/get")
    assert (nobody["account"], nobody["profile"]) == (None, None)


def test_qr_login(ask: Asker) -> None:
    key = ask.eapi("login/qrcode/unikey", type=3)["unikey"]
    form = eapi_form(
        "/api/login/qrcode/client/login", compact({"key": key, "type": 3, "e_r": False, "header": HEADER})
    )
    replies = [ask.post("/eapi/login/qrcode/client/login", form) for _ in range(4)]
    assert [reply.json["code"] for reply in replies] == [801, 802, 803, 800]
    given = replies[2].headers.get_all("Set-Cookie")
    assert given is not None
    cookies = dict(line.split(";")[0].split("=", 1) for line in given)
    assert cookies.keys() == {"MUSIC_U", "__csrf"}
    listener = ask.fetch("/sandbox").json["listener"]["id"]
    me = Asker(ask.url, ask.modulus, cookies)
    assert me.weapi("w/nuser/account/get")["profile"]["userId"] == int(listener)
    forged = cookies | {"MUSIC_U": cookies["MUSIC_U"][:-1] + "x"}
    assert Asker(ask.url, ask.modulus, forged).weapi("w/nuser/account/get")["profile"] is None
    csrf_of_another = weapi_form(compact({"csrf_token": "0" * 32}), ask.modulus)
    assert me.post("/weapi/w/nuser/account/get", csrf_of_another).json["code"] == 400


def test_visitors(ask: Asker) -> None:
    form = weapi_form(compact({"username": "abc", "csrf_token": ""}), ask.modulus)
    got = ask.post("/weapi/register/anonimous", form)
    assert got.json["code"] == 200
    assert got.headers["Set-Cookie"].startswith("MUSIC_A=")
