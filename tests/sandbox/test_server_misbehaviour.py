"""The sandbox misbehaves as its plan says, and no more."""

from __future__ import annotations

import hashlib
import http.client
import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from sandbox.asking import Asker, Got, compact, eapi_form, weapi_form
from zetdard.errors import InputError
from zetdard.sandbox import World, WorldConfig, generate
from zetdard.sandbox.server import Fault, FaultAt, Plan, RunningServer, Spell, running_server
from zetdard.sandbox.server.misbehaviour import Mischief
from zetdard.sandbox.server.routes import NAMES, ROUTES

CONFIG = WorldConfig(
    seed=3, n_users=60, n_songs=240, n_artists=40, mean_comments=60, mean_follows=10, sound_seconds=2.0
)
Plans = Callable[..., Asker]


@pytest.fixture(scope="module")
def world() -> World:
    return generate(CONFIG)


@pytest.fixture(scope="module")
def server(world: World) -> Iterator[RunningServer]:
    with running_server(world, in_thread=True) as running:
        yield running


@pytest.fixture
def planned(server: RunningServer) -> Plans:
    def set_plan(**values: Any) -> Asker:
        server.set_plan(Plan(**values))
        return Asker(server.url, int(server.modulus, 16))

    return set_plan


def most_followed(world: World) -> tuple[str, int]:
    counts = [int((world.follows[:, 1] == row).sum()) for row in range(CONFIG.n_users)]
    return world.people_labels.user_ids[counts.index(max(counts))], max(counts)


def most_discussed(world: World) -> tuple[str, int]:
    counts = [len(world.comments(row)) for row in range(CONFIG.n_songs)]
    return world.music_labels.song_ids[counts.index(max(counts))], max(counts)


def sounding(world: World) -> list[str]:
    return [id_ for row, id_ in enumerate(world.music_labels.song_ids) if world.has_sound(row)]


def sounds(ask: Asker, songs: list[str]) -> list[Any]:
    reply = ask.eapi(
        "song/enhance/player/url/v1", ids=f"[{','.join(songs)}]", level="standard", encodeType="flac"
    )
    assert reply["code"] == 200
    return list(reply["data"])


def ask_account(ask: Asker) -> Got:
    return ask.post("/weapi/w/nuser/account/get", weapi_form(compact({"csrf_token": ""}), ask.modulus))


def test_track_limit(world: World, planned: Plans) -> None:
    row = max(range(len(world.playlists)), key=lambda one: world.playlists[one].songs.size)
    fields = {"id": world.people_labels.playlist_ids[row], "n": 100000, "s": 8}
    for limit in (0, 3):
        ask = planned(track_limit=limit).logged_in(world.people_labels.user_ids[0])
        playlist = ask.eapi("v6/playlist/detail", **fields)["playlist"]
        assert len(playlist["tracks"]) == limit
        assert len(playlist["trackIds"]) == playlist["trackCount"] == world.playlists[row].songs.size


@pytest.mark.parametrize("repeats", [True, False])
def test_comment_cap(world: World, planned: Plans, repeats: bool) -> None:
    song, total = most_discussed(world)
    cap = total // 2
    ask = planned(comment_cap=cap, comment_cap_repeats=repeats)

    def page(offset: int, before: int = 0) -> Any:
        path = f"v1/resource/comments/R_SO_4_{song}"
        return ask.weapi(path, rid=song, beforeTime=before, limit=10, offset=offset)

    found = []
    for offset in range(0, cap, 10):
        found += page(offset)["comments"]
    assert len({entry["commentId"] for entry in found}) == len(found) == cap
    beyond = page(cap + 10)
    assert beyond["more"] is True
    assert beyond["comments"] == (found[cap - 10 :] if repeats else [])
    # By time it goes on, to the end.
    while True:
        reply = page(0, found[-1]["time"])
        found += reply["comments"]
        if not reply["more"]:
            break
    assert len({entry["commentId"] for entry in found}) == len(found) == total


def test_new_comments_repeat_their_cursor_and_take_their_own_page_size(world: World, planned: Plans) -> None:
    song, _ = most_discussed(world)
    ask = planned(extra_comments=3, cursor_repeats_after=2)
    fields = {"threadId": f"R_SO_4_{song}", "pageNo": 1, "showInner": True, "pageSize": 5, "sortType": 3}
    first = ask.eapi("v2/resource/comments", **fields, cursor="0")["data"]
    assert len(first["comments"]) == 8
    second = ask.eapi("v2/resource/comments", **fields, cursor=first["cursor"])["data"]
    assert second["cursor"] == first["cursor"]
    assert second["hasMore"] is True
    assert second["comments"] != first["comments"]


def test_fans_cap(world: World, planned: Plans) -> None:
    user, total = most_followed(world)
    cap = total - 2
    ask = planned(fans_cap=cap)
    fields = {"userId": user, "time": "0", "getcounts": "true"}
    seen: list[int] = []
    for offset in range(0, 3 * total, 4):
        reply = ask.eapi(f"user/getfolloweds/{user}", **fields, limit=4, offset=offset)
        assert reply["more"] is True
        assert reply["followeds"]
        seen += [entry["userId"] for entry in reply["followeds"]]
    expected = [
        int(world.people_labels.user_ids[one])
        for one, followed in world.follows.tolist()
        if world.people_labels.user_ids[followed] == user
    ]
    assert set(seen) == set(expected[:cap])


def test_private_playlists(world: World, planned: Plans) -> None:
    ask = planned(private_playlists=0.3)
    people = world.people_labels
    codes = {}
    for id_, drawn in zip(people.playlist_ids, world.playlists, strict=True):
        fields = {"id": id_, "n": 100000, "s": 8}
        codes[id_] = ask.eapi("v6/playlist/detail", **fields)["code"]
        owner = ask.logged_in(people.user_ids[drawn.owner])
        assert owner.eapi("v6/playlist/detail", **fields)["code"] == 200
    private = {id_ for id_, code in codes.items() if code == 401}
    assert set(codes.values()) == {200, 401}
    assert 0.15 < len(private) / len(codes) < 0.45
    page = ask.weapi("user/playlist", uid=people.user_ids[0], includeVideo=True, limit=30, offset=0)
    for entry in page["playlist"]:
        assert (entry["privacy"] == 10) == (str(entry["id"]) in private)


def test_deleted_songs(world: World, planned: Plans) -> None:
    ask = planned(deleted_songs=0.3)
    ids = world.music_labels.song_ids
    asked = json.dumps([{"id": int(id_)} for id_ in ids])
    there = {str(entry["id"]) for entry in ask.weapi("v3/song/detail", c=asked)["songs"]}
    assert 0.55 < len(there) / len(ids) < 0.85
    row = max(range(len(world.playlists)), key=lambda one: world.playlists[one].songs.size)
    fields = {"id": world.people_labels.playlist_ids[row], "n": 100000, "s": 8}
    playlist = ask.logged_in(world.people_labels.user_ids[0]).eapi("v6/playlist/detail", **fields)["playlist"]
    named = [str(entry["id"]) for entry in playlist["trackIds"]]
    assert named == [ids[song] for song in world.playlists[row].songs.tolist()]
    assert [str(entry["id"]) for entry in playlist["tracks"]] == [id_ for id_ in named if id_ in there]
    gone = next(id_ for id_ in ids if id_ not in there)
    assert ask.eapi("song/lyric", id=gone, tv=-1, lv=-1)["code"] == 404
    assert sounds(ask, [gone])[0]["url"] is None


def test_previews_and_no_rights(world: World, planned: Plans) -> None:
    ask = planned(previews=0.4, no_rights=0.3)
    entries = sounds(ask, sounding(world))
    silent = [entry for entry in entries if entry["code"] == 404]
    previews = [entry for entry in entries if entry["freeTrialInfo"]]
    whole = [entry for entry in entries if entry["code"] == 200 and not entry["freeTrialInfo"]]
    assert silent
    assert previews
    assert whole
    assert all((entry["url"], entry["size"], entry["br"]) == (None, 0, 0) for entry in silent)
    row = world.music_labels.song_ids.index(str(previews[0]["id"]))
    assert ask.fetch(previews[0]["url"]).body == world.preview(row)
    assert previews[0]["size"] == len(world.preview(row))


def test_wrong_md5(world: World, planned: Plans) -> None:
    songs = sounding(world)[:20]
    right = [entry["md5"] for entry in sounds(planned(), songs)]
    wrong = [entry["md5"] for entry in sounds(planned(wrong_md5=0.5), songs)]
    differing = sum(one != other for one, other in zip(right, wrong, strict=True))
    assert 0 < differing < len(songs)
    assert all(len(md5) == 32 for md5 in wrong)


def test_hidden_records(world: World, planned: Plans) -> None:
    me, other = world.people_labels.user_ids[:2]
    ask = planned(hidden_records=1.0).logged_in(me)
    assert ask.weapi("v1/play/record", uid=other, type=0)["code"] == -2
    assert ask.weapi("v1/play/record", uid=me, type=0)["code"] == 200


def test_routes_that_need_a_login(world: World, planned: Plans, server: RunningServer) -> None:
    ask = planned(needs_login=("user-detail",))
    path = f"v1/user/detail/{world.people_labels.user_ids[0]}"
    assert ask.weapi(path)["code"] == 301
    assert ask.logged_in(world.people_labels.user_ids[1]).weapi(path)["code"] == 200
    with pytest.raises(InputError, match="no route 'user-detial'"):
        server.set_plan(Plan(needs_login=("user-detial",)))


@pytest.mark.parametrize(("field", "code"), [("slow_down", 405), ("cheating", -460), ("risk_check", -462)])
def test_spells_by_requests(planned: Plans, field: str, code: int) -> None:
    ask = planned(**{field: (Spell(at=2, requests=2), Spell(at=6))})
    replies = [ask.weapi("w/nuser/account/get") for _ in range(8)]
    assert [reply["code"] for reply in replies] == [200, code, code, 200, 200, code, code, code]
    assert replies[1]["message"]
    if code == -462:
        assert replies[1]["data"]["url"].startswith(ask.url)
        assert replies[1]["data"]["verifyUrl"]
    planned()
    assert ask.weapi("w/nuser/account/get")["code"] == 200


def test_a_spell_by_seconds() -> None:
    now = [100.0]
    mischief = Mischief(Plan(slow_down=(Spell(at=2, seconds=10.0),)), 0, clock=lambda: now[0])
    assert [mischief.count() for _ in range(3)] == [0, 405, 405]
    now[0] = 109.9
    assert mischief.count() == 405
    now[0] = 110.1
    assert mischief.count() == 0


@pytest.mark.parametrize("fault", list(Fault))
def test_faults_pass_when_asked_again(planned: Plans, fault: Fault) -> None:
    ask = planned(**{fault.value: 1.0}, times=2, stall_seconds=0.15)
    for _ in range(2):
        begun = time.monotonic()
        if fault is Fault.DROPPED:
            with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
                ask_account(ask)
            continue
        got = ask_account(ask)
        match fault:
            case Fault.HTTP_503:
                assert got.status == 503
            case Fault.EMPTY:
                assert (got.status, got.body) == (200, b"")
            case Fault.HTML:
                assert (got.status, got.body[:5]) == (200, b"<!DOC")
            case Fault.TRUNCATED:
                assert got.status == 200
                with pytest.raises(json.JSONDecodeError):
                    got.json  # noqa: B018
            case Fault.STALLED:
                assert got.json["code"] == 200
                assert time.monotonic() - begun >= 0.15
    assert ask_account(ask).json["code"] == 200


def test_faults_hit_a_share_of_the_requests_whatever_their_order(world: World, planned: Plans) -> None:
    paths = [f"/weapi/v1/user/detail/{id_}" for id_ in world.people_labels.user_ids]

    def hit(order: list[str]) -> set[str]:
        ask = planned(http_503=0.2, empty=0.2)
        form = weapi_form(compact({"csrf_token": ""}), ask.modulus)
        first = {path for path in order if b'"code":200' not in ask.post(path, form).body}
        assert all(ask.post(path, form).json["code"] == 200 for path in order)
        return first

    struck = hit(paths)
    assert 0.2 < len(struck) / len(paths) < 0.6
    assert hit(paths[::-1]) == struck


def test_the_same_request_in_other_wrapping_is_the_same(world: World, planned: Plans) -> None:
    ask = planned(http_503=1.0)
    path = f"v1/user/detail/{world.people_labels.user_ids[0]}"
    text = compact({"e_r": False, "header": {"os": "pc", "appver": "1", "requestId": "7"}})
    assert ask.post(f"/eapi/{path}", eapi_form(f"/api/{path}", text)).status == 503
    assert ask.weapi(path)["code"] == 200


def test_faults_at_numbers(planned: Plans) -> None:
    ask = planned(faults_at=(FaultAt(at=2, fault=Fault.EMPTY), FaultAt(at=3, fault=Fault.HTML)))
    got = [ask_account(ask) for _ in range(4)]
    assert [reply.body[:1] for reply in got] == [b"{", b"", b"<", b"{"]


def test_expired_sounds(world: World, planned: Plans) -> None:
    ask = planned(expired_sounds=2)
    for song in sounding(world)[:2]:
        statuses = [ask.fetch(sounds(ask, [song])[0]["url"]).status for _ in range(3)]
        assert statuses == [403, 403, 200]


def test_sounds_that_drop_half_way_go_on(world: World, planned: Plans) -> None:
    ask = planned(halved_sounds=1.0)
    entry = sounds(ask, sounding(world)[:1])[0]
    with pytest.raises(http.client.IncompleteRead) as broken:
        ask.fetch(entry["url"])
    begin = broken.value.partial
    assert 0 < len(begin) < entry["size"]
    rest = ask.fetch(entry["url"], headers={"Range": f"bytes={len(begin)}-"})
    assert rest.status == 206
    assert hashlib.md5(begin + rest.body).hexdigest() == entry["md5"]


def test_the_docs_name_every_field_and_every_route() -> None:
    page = (Path(__file__).parents[2] / "docs" / "sandbox-server.md").read_text(encoding="utf-8")
    assert [field.name for field in fields(Plan) if f"`{field.name}`" not in page] == []
    routes = page.partition("## Routes")[2].partition("## Misbehaviour")[0]
    cells = [line.split("|") for line in routes.splitlines() if line.startswith("| ")]
    named = {name.strip() for cell in cells for name in cell[1].split(",")}
    assert named - {"name"} == NAMES
    paths = {path for cell in cells for path in re.findall(r"`(/api/[^`]*)`", cell[2])}
    assert {re.sub(r"(R_SO_4_)?U?ID$", "", path) for path in paths} == {route.path for route in ROUTES}
    example = page.rpartition("```json")[2].partition("```")[0]
    assert not Plan.from_json(example).quiet


def test_plans_as_json() -> None:
    plan = Plan(
        track_limit=5,
        slow_down=(Spell(at=3, requests=2),),
        faults_at=(FaultAt(at=1, fault=Fault.DROPPED),),
        needs_login=("artist",),
        http_503=0.1,
    )
    assert Plan.from_json(json.dumps(plan.to_json())) == plan
    assert Plan.from_json(b"{}") == Plan()
    assert Plan().quiet
    assert not plan.quiet


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[]", "must be a JSON object"),
        ("{", "must be JSON"),
        ('{"http_504": 1}', "http_504"),
        ('{"http_503": 2}', "share between 0 and 1"),
        ('{"http_503": true}', "share between 0 and 1"),
        ('{"http_503": 0.6, "empty": 0.6}', "over 1 together"),
        ('{"fans_cap": -1}', "fans_cap must be a number from 0"),
        ('{"fans_cap": null}', "fans_cap must be a number from 0"),
        ('{"track_limit": 1.5}', "track_limit must be a number from 0"),
        ('{"stall_seconds": -1}', "stall_seconds"),
        ('{"comment_cap_repeats": 1}', "true or false"),
        ('{"slow_down": [{"at": 0}]}', "counted from 1"),
        ('{"slow_down": [{"requests": 1}]}', "not a plan"),
        ('{"slow_down": [{"at": 1, "requests": "x"}]}', "a spell lasts"),
        ('{"faults_at": [{"at": 1, "fault": "fire"}]}', "fire"),
    ],
)
def test_bad_plans_are_refused(text: str, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        Plan.from_json(text)
