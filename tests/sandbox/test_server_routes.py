"""Every route of the sandbox, asked by a hand-written client, against the truth of the world."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sandbox.asking import HEADER, Asker, compact, eapi_form, pages, unsealed, weapi_form
from zetdard.records import LyricState, Relation
from zetdard.sandbox import World, WorldConfig, generate
from zetdard.sandbox.config import REGIONS
from zetdard.sandbox.server import running_server

CONFIG = WorldConfig(seed=3, n_users=60, n_songs=240, n_artists=40, mean_comments=40, mean_follows=8)


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


def most(count: Callable[[int], int], n: int) -> int:
    return max(range(n), key=count)


def test_control_page(world: World, ask: Asker) -> None:
    got = ask.fetch("/sandbox")
    about = got.json
    assert got.headers["X-Invented"] == "zetdard-sandbox"
    assert about["invented"] is True
    assert about["name"] == "zetdard-sandbox"
    assert about["seed"] == 3
    assert int(about["rsa"]["modulus"], 16) == ask.modulus
    assert about["counts"] == {
        "users": 60,
        "artists": 40,
        "songs": 240,
        "playlists": len(world.playlists),
        "playlist_songs": sum(drawn.songs.size for drawn in world.playlists),
        "subscriptions": len(world.subscriptions),
        "follows": len(world.follows),
        "comments": sum(len(world.comments(row)) for row in range(240)),
        "lyrics": 240,
        "sounding": sum(world.has_sound(row) for row in range(240)),
    }
    sizes = sorted(len(world.songs_of(id_)) for id_ in world.people_labels.user_ids)
    held = [size for size in sizes if size]
    assert len(world.songs_of(about["listener"]["id"])) == held[len(held) // 2]


def test_user_detail_in_every_wrapping(world: World, ask: Asker) -> None:
    path = f"v1/user/detail/{user(world, 5)}"
    reply = ask.weapi(path)
    profile = reply["profile"]
    region = REGIONS[int(world.listeners.user_regions[5])]
    assert profile["userId"] == int(user(world, 5))
    assert profile["nickname"] == world.people_labels.nicknames[5]
    assert (profile["province"], profile["city"]) == (int(region.province), int(region.city))
    assert (profile["gender"], profile["birthday"]) == (0, -2209017600000)
    assert profile["follows"] == (world.follows[:, 0] == 5).sum()
    assert profile["followeds"] == (world.follows[:, 1] == 5).sum()
    assert profile["playlistCount"] == len(world.playlists_of(5))
    assert reply == ask.eapi(path) == ask.plain(path) == ask.linux(path)
    assert ask.weapi("v1/user/detail/1")["code"] == 404


def test_encrypted_replies(world: World, ask: Asker) -> None:
    path = "/api/v6/playlist/detail"
    fields = {"id": world.people_labels.playlist_ids[0], "n": 100000, "s": 8, "header": HEADER}
    form = eapi_form(path, compact(fields | {"e_r": True}))
    sealed = ask.post("/eapi/v6/playlist/detail", form)
    plain = ask.eapi("v6/playlist/detail", **fields)
    assert json.loads(unsealed(sealed.body)) == plain
    zipped = ask.post("/eapi/v6/playlist/detail", form, {"x-aeapi": "true"})
    assert json.loads(gzip.decompress(unsealed(zipped.body))) == plain
    text = compact({"e_r": True, "csrf_token": ""})
    refused = ask.post("/weapi/v1/radio/get", weapi_form(text, ask.modulus))
    assert json.loads(unsealed(refused.body))["code"] == 301


def test_search_and_exact_nicknames(world: World, ask: Asker) -> None:
    names = world.people_labels.nicknames
    part = names[0][:3]
    holders = {int(user(world, row)) for row, name in enumerate(names) if part.lower() in name.lower()}
    found: list[Any] = []
    while len(found) < len(holders):
        fields = {"s": part, "type": "1002", "offset": str(len(found)), "total": "true", "limit": "2"}
        result = ask.weapi("cloudsearch/get/web", hlpretag="", hlposttag="", **fields)["result"]
        assert result["userprofileCount"] == len(holders)
        found += result["userprofiles"]
    assert {profile["userId"] for profile in found} == holders
    first = ask.eapi("cloudsearch/pc", s=names[0], type=1002, limit=30, offset=0, total=True)["result"]
    assert first["userprofiles"][0]["nickname"] == names[0]
    nobody = ask.eapi("cloudsearch/pc", s="no such name", type=1002, limit=30, offset=0, total=True)
    assert nobody == {"code": 200, "result": {"userprofileCount": 0}, "invented": "zetdard-sandbox"}
    ids = ask.weapi("user/getUserIds", nicknames=f"{names[1]},no such name,{names[2]}")["nicknames"]
    assert ids == {names[1]: int(user(world, 1)), names[2]: int(user(world, 2))}
    title = world.music_labels.titles[0]
    songs = ask.eapi("cloudsearch/pc", s=title, type=1, limit=100, offset=0, total=True)["result"]["songs"]
    assert song(world, 0) in {entry["id"] for entry in songs}


def test_user_playlists(world: World, ask: Asker) -> None:
    row = most(lambda one: int((world.subscriptions[:, 0] == one).sum()), 60)
    uid = user(world, row)
    found = pages(
        lambda **page: ask.weapi("user/playlist", uid=uid, includeVideo=True, **page), "playlist", 2
    )
    own = [entry for entry in found if entry["creator"]["userId"] == int(uid)]
    assert found[: len(own)] == own
    assert [entry["specialType"] for entry in own] == [5] + [0] * (len(own) - 1)
    ids = world.people_labels.playlist_ids
    assert {entry["id"] for entry in own} == {int(ids[playlist]) for playlist in world.playlists_of(row)}
    collected = world.subscriptions[world.subscriptions[:, 0] == row, 1].tolist()
    assert [entry["id"] for entry in found[len(own) :]] == [int(ids[playlist]) for playlist in collected]
    for entry in own:
        drawn = world.playlists[ids.index(str(entry["id"]))]
        assert entry["trackCount"] == drawn.songs.size
        assert entry["createTime"] == drawn.created_at
        assert (drawn.relation is Relation.LIKED) == (entry["specialType"] == 5)
    assert ask.weapi("user/playlist", uid="1", includeVideo=True, limit=30, offset=0)["code"] == 404


def test_playlist_detail_is_complete_in_ids_and_truncated_in_songs(world: World, ask: Asker) -> None:
    row = most(lambda one: world.playlists[one].songs.size, len(world.playlists))
    drawn = world.playlists[row]
    fields = {"id": world.people_labels.playlist_ids[row], "n": 100000, "s": 8}
    playlist = ask.eapi("v6/playlist/detail", **fields)["playlist"]
    told = [(entry["id"], entry["at"]) for entry in playlist["trackIds"]]
    songs = [song(world, one) for one in drawn.songs.tolist()]
    assert told == list(zip(songs, drawn.added_at.tolist(), strict=True))
    assert len(songs) > 10
    assert [entry["id"] for entry in playlist["tracks"]] == songs[:10]
    assert playlist["trackCount"] == len(songs)
    member = ask.logged_in(user(world, 0)).eapi("v6/playlist/detail", **fields)
    assert [entry["id"] for entry in member["playlist"]["tracks"]] == songs
    assert [entry["id"] for entry in member["privileges"]] == songs


def test_song_detail_and_both_shapes(world: World, ask: Asker) -> None:
    rows = list(range(0, 240, 7))
    named = [{"id": song(world, row)} for row in rows]
    reply = ask.weapi("v3/song/detail", c=json.dumps([{"id": 1}, *named]))
    assert [entry["id"] for entry in reply["songs"]] == [entry["id"] for entry in named]
    labels = world.music_labels
    for row, entry in zip(rows, reply["songs"], strict=True):
        performers = [world.music.song_artists[row], world.music.song_guests[row]]
        assert entry["name"] == labels.titles[row]
        assert entry["al"]["name"] == labels.albums[row]
        assert entry["dt"] == labels.durations_ms[row]
        assert entry["pop"] == labels.popularity[row]
        assert entry["publishTime"] == labels.released_at[row]
        assert entry["originCoverType"] == world.original_cover_type(row)
        assert [artist["id"] for artist in entry["ar"]] == [
            int(labels.artist_ids[artist]) for artist in performers if artist >= 0
        ]
    similar = ask.weapi("v1/discovery/simiSong", songid=str(named[0]["id"]), limit=50, offset=0)["songs"]
    expected = world.similar_songs(rows[0])
    assert [entry["id"] for entry in similar] == [song(world, row) for row in expected]
    for row, entry in zip(expected, similar, strict=True):
        assert entry["name"] == labels.titles[row]
        assert entry["album"]["name"] == labels.albums[row]
        assert entry["duration"] == labels.durations_ms[row]
        assert entry["artists"][0]["id"] == int(labels.artist_ids[world.music.song_artists[row]])
    too_many = json.dumps([{"id": number} for number in range(1, 1002)])
    assert ask.weapi("v3/song/detail", c=too_many)["code"] == 400


def test_lyrics(world: World, ask: Asker) -> None:
    seen = set()
    parts = {"tv": 0, "lv": 0, "rv": 0, "kv": 0, "yv": 0, "ytv": 0, "yrv": 0}
    for row in range(60):
        drawn = world.lyric(row)
        reply = ask.eapi("song/lyric/v1", id=str(song(world, row)), cp=False, **parts)
        seen.add(drawn.state)
        if drawn.state is LyricState.PRESENT:
            assert reply["lrc"]["lyric"] == drawn.text
            assert reply["tlyric"]["lyric"] == (drawn.translation or "")
        else:
            assert "lrc" not in reply
            assert reply["nolyric" if drawn.state is LyricState.INSTRUMENTAL else "uncollected"] is True
        if row < 3:
            classic = {"tv": -1, "lv": -1, "rv": -1, "kv": -1, "_nmclfl": 1}
            assert reply == ask.eapi("song/lyric", id=str(song(world, row)), **classic)
    assert seen == set(LyricState)
    assert ask.eapi("song/lyric", id="1", tv=-1, lv=-1)["code"] == 404


def test_classic_comments(world: World, ask: Asker) -> None:
    row = most(lambda one: len(world.comments(one)), 240)
    drawn = world.comments(row)
    assert len(drawn) > 30
    id_ = str(song(world, row))
    path = f"v1/resource/comments/R_SO_4_{id_}"
    found = pages(lambda **page: ask.weapi(path, rid=id_, beforeTime=0, **page), "comments", 20)
    people = world.people_labels
    assert [
        (entry["commentId"], entry["user"]["userId"], entry["time"], entry["likedCount"], entry["content"])
        for entry in found
    ] == [
        (int(one.id), int(people.user_ids[one.user_row]), one.at, one.liked_count, one.text) for one in drawn
    ]
    first = ask.weapi(path, rid=id_, beforeTime=0, limit=20, offset=0)
    assert first["total"] == len(drawn)
    hot = {entry["commentId"] for entry in first["hotComments"]}
    assert hot <= {entry["commentId"] for entry in found}
    assert max(one.liked_count for one in drawn) == first["hotComments"][0]["likedCount"]
    assert "hotComments" not in ask.weapi(path, rid=id_, beforeTime=0, limit=20, offset=20)
    later = ask.weapi(path, rid=id_, beforeTime=found[9]["time"], limit=5, offset=0)
    assert [entry["commentId"] for entry in later["comments"]] == [
        entry["commentId"] for entry in found[10:15]
    ]
    assert len(ask.weapi(path, rid=id_, beforeTime=0, limit=1000, offset=0)["comments"]) == min(
        100, len(drawn)
    )
    assert ask.weapi(path, rid="5", beforeTime=0, limit=20, offset=0)["code"] == 400


def test_new_comments(world: World, ask: Asker) -> None:
    row = most(lambda one: len(world.comments(one)), 240)
    drawn = world.comments(row)
    fields = {"threadId": f"R_SO_4_{song(world, row)}", "pageNo": 1, "showInner": True, "pageSize": 8}
    for sort, cursor in ((3, "0"), (2, "normalHot#0"), (99, 0)):
        found: list[Any] = []
        more = True
        while more:
            data = ask.eapi("v2/resource/comments", **fields, cursor=cursor, sortType=sort)["data"]
            found += data["comments"]
            cursor, more = data["cursor"], data["hasMore"]
            assert data["totalCount"] == len(drawn)
        order = list(drawn) if sort == 3 else sorted(drawn, key=lambda one: -one.liked_count)
        assert [entry["likedCount"] for entry in found] == [one.liked_count for one in order]
        assert {entry["commentId"] for entry in found} == {int(one.id) for one in drawn}
    assert ask.eapi("v2/resource/comments", **fields, cursor="x", sortType=3)["code"] == 400


def test_artists(world: World, ask: Asker) -> None:
    ids, music = world.music_labels.artist_ids, world.music
    row = most(lambda one: int(((music.song_artists == one) | (music.song_guests == one)).sum()), 40)
    songs = {
        song(world, one) for one in range(240) if row in (music.song_artists[one], music.song_guests[one])
    }
    page = ask.weapi(f"v1/artist/{ids[row]}")
    assert page["artist"]["name"] == world.music_labels.artist_names[row]
    assert page["artist"]["musicSize"] == len(songs)
    assert {entry["id"] for entry in page["hotSongs"]} == songs
    for order, key in (("hot", "pop"), ("time", "publishTime")):
        fields = {"id": ids[row], "private_cloud": "true", "work_type": 1, "order": order}
        found = pages(lambda fields=fields, **page: ask.eapi("v1/artist/songs", **fields, **page), "songs", 3)
        assert {entry["id"] for entry in found} == songs
        values = [entry[key] for entry in found]
        assert values == sorted(values, reverse=True)
    assert ask.weapi("v1/artist/1")["code"] == 404


def test_artist_list(world: World, ask: Asker) -> None:
    def listed(limit: int = 30, offset: int = 0, **fields: Any) -> Any:
        return ask.weapi("v1/artist/list", total=True, limit=limit, offset=offset, **fields)

    everyone = pages(lambda **page: listed(type="-1", area="-1", initial=-1, **page), "artists", 7)
    names = [entry["name"] for entry in everyone]
    assert sorted(names) == sorted(world.music_labels.artist_names)
    kinds = [pages(lambda kind=kind, **page: listed(type=kind, **page), "artists", 30) for kind in "123"]
    assert sorted(len(kind) for kind in kinds) == [13, 13, 14]
    western = pages(lambda **page: listed(type="-1", area=96, **page), "artists", 30)
    assert {entry["name"] for entry in western} == {name for name in names if name[0].isascii()}
    with_t = pages(lambda **page: listed(type="-1", initial=ord("T"), **page), "artists", 30)
    assert {entry["name"] for entry in with_t} == {name for name in names if name.startswith("T")}
    assert with_t


def test_follows_and_fans(world: World, ask: Asker) -> None:
    row = most(lambda one: int((world.follows == one).sum()), 60)
    uid = user(world, row)
    followed = pages(lambda **page: ask.weapi(f"user/getfollows/{uid}", order=True, **page), "follow", 3)
    expected = world.follows[world.follows[:, 0] == row, 1].tolist()
    assert [entry["userId"] for entry in followed] == [int(user(world, one)) for one in expected]
    fields = {"userId": uid, "time": "0", "getcounts": "true"}
    fans = pages(lambda **page: ask.eapi(f"user/getfolloweds/{uid}", **fields, **page), "followeds", 3)
    expected = world.follows[world.follows[:, 1] == row, 0].tolist()
    assert [entry["userId"] for entry in fans] == [int(user(world, one)) for one in expected]
    other = {"userId": user(world, row - 1), "time": "0", "getcounts": "true", "limit": 3, "offset": 0}
    assert ask.eapi(f"user/getfolloweds/{uid}", **other)["code"] == 400


def test_subscribers(world: World, ask: Asker) -> None:
    row = most(lambda one: int((world.subscriptions[:, 1] == one).sum()), len(world.playlists))
    expected = world.subscriptions[world.subscriptions[:, 1] == row, 0].tolist()
    assert len(expected) > 1
    id_ = world.people_labels.playlist_ids[row]
    found = pages(lambda **page: ask.eapi("playlist/subscribers", id=id_, **page), "subscribers", 1)
    assert [entry["userId"] for entry in found] == [int(user(world, one)) for one in expected]


def test_what_is_not_asked_properly_is_refused(world: World, ask: Asker) -> None:
    page = {"limit": 30, "offset": 0}
    good = {"uid": user(world, 0), "includeVideo": True, **page}
    assert ask.weapi("user/playlist", **good)["code"] == 200
    for name in good:
        missing = ask.weapi("user/playlist", **{key: good[key] for key in good if key != name})
        assert (missing["code"], name in missing["message"]) == (400, True)
    for name, value in (("uid", True), ("uid", "x"), ("limit", "many"), ("limit", -1), ("offset", None)):
        assert ask.weapi("user/playlist", **{**good, name: value})["code"] == 400
    path = "/weapi/user/playlist"
    form = weapi_form(compact(good), ask.modulus)
    assert "csrf_token" in ask.post(path, form).json["message"]
    assert ask.post(path, form, {"Content-Type": "application/json"}).json["code"] == 400
    assert ask.fetch(path).json["code"] == 400
    assert ask.post(path, {"params": "x"}).json["code"] == 400
    headless = eapi_form("/api/song/like/get", compact({"uid": "1", "e_r": False}))
    assert "header" in ask.post("/eapi/song/like/get", headless).json["message"]
    unknown = ask.post("/weapi/no/such/route", weapi_form(b"{}", ask.modulus))
    assert (unknown.status, unknown.json["code"]) == (404, 404)
    assert unknown.headers["X-Invented"] == "zetdard-sandbox"
    assert ask.linux("no/such/route")["code"] == 404
    assert ask.fetch("/").status == 404


def test_requests_are_counted(world: World, ask: Asker) -> None:
    before = ask.fetch("/sandbox/requests").json
    ask.weapi(f"v1/user/detail/{user(world, 0)}")
    ask.weapi("v1/user/detail/1")
    after = ask.fetch("/sandbox/requests").json
    assert after["requests"]["user-detail"] == before["requests"].get("user-detail", 0) + 2
    assert after["refusals"]["404"] == before["refusals"].get("404", 0) + 1
