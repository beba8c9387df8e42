"""Answers about listeners: profile, search by nickname, follows, fans, what they like and play."""

from __future__ import annotations

from typing import Any

from zetdard.sandbox.server.service import BAD_REQUEST, HIDDEN, Asked, RefusedError, Service

Reply = dict[str, Any]
USERS, SONGS = 1002, 1
"""Kinds of search that are answered."""


def user_detail(service: Service, asked: Asked) -> Reply:
    """Answer ``/api/v1/user/detail/UID``."""
    row = service.user_row(asked["tail"])
    profile = service.catalogue.profile(row)
    return {
        "code": 200,
        "level": 1 + row % 10,
        "listenSongs": 20 * int(service.world.listeners.user_picks[row]),
        "userPoint": {"userId": profile["userId"], "balance": 0, "status": 0},
        "mobileSign": False,
        "pcSign": False,
        "peopleCanSeeMyPlayRecord": not _hides_record(service, row),
        "bindings": [],
        "adValid": True,
        "createTime": profile["createTime"],
        "createDays": 0,
        "profile": profile,
    }


def search(service: Service, asked: Asked) -> Reply:
    """Answer ``/api/cloudsearch/…`` for listeners and songs: names that hold the words, letters of either case."""
    wanted, kind = asked["s"].casefold(), asked["type"]
    world, catalogue = service.world, service.catalogue
    if kind == USERS:
        found = [row for row, name in enumerate(catalogue.folded_nicknames) if wanted in name]
        # Whoever is called exactly so comes first.
        found.sort(key=lambda row: catalogue.folded_nicknames[row] != wanted)
        rows, _ = asked.page(found)
        result: Reply = {"userprofileCount": len(found)}
        if rows:
            result["userprofiles"] = [catalogue.user(row) | {"alg": "alg_user_basic"} for row in rows]
        return {"code": 200, "result": result}
    if kind == SONGS:
        titles = world.music_labels.titles
        found = service.there(row for row, title in enumerate(titles) if wanted in title.casefold())
        rows, more = asked.page(found)
        songs = [catalogue.song(row) for row in rows]
        return {"code": 200, "result": {"songCount": len(found), "songs": songs, "hasMore": more}}
    raise RefusedError(BAD_REQUEST, f"the sandbox does not search for type {kind}")


def user_ids(service: Service, asked: Asked) -> Reply:
    """Answer ``/api/user/getUserIds``: nickname → id, for those that exist."""
    catalogue = service.catalogue
    rows = {
        name: catalogue.nicknames[name]
        for name in asked["nicknames"].split(",")
        if name in catalogue.nicknames
    }
    ids = service.world.people_labels.user_ids
    return {"code": 200, "nicknames": {name: int(ids[row]) for name, row in rows.items()}}


def follows(service: Service, asked: Asked) -> Reply:
    """Answer ``/api/user/getfollows/UID``."""
    followed = service.catalogue.followed[service.user_row(asked["tail"])]
    rows, more = asked.page(followed)
    users = [service.catalogue.user_lite(row) for row in rows]
    return {"code": 200, "more": more, "touchCount": 0, "follow": users}


def fans(service: Service, asked: Asked) -> Reply:
    """Answer ``/api/user/getfolloweds/UID``; beyond the plan's cap the first rows come again."""
    if asked["userId"] != asked["tail"]:
        raise RefusedError(BAD_REQUEST, "userId is not the id in the path")
    everyone = service.catalogue.fans[service.user_row(asked["tail"])]
    rows, more = asked.page(everyone)
    cap = service.plan.fans_cap
    if 0 < cap < len(everyone):
        begin = asked["offset"] % cap
        rows, more = everyone[begin : min(begin + asked["limit"], cap)], True
    users = [service.catalogue.user_lite(row) for row in rows]
    return {"code": 200, "more": more, "newCount": 0, "size": len(everyone), "followeds": users}


def likes(service: Service, asked: Asked) -> Reply:
    """Answer ``/api/song/like/get``, in an order that says nothing."""
    rows = sorted(service.world.likes(service.user_row(asked["uid"])))
    ids = service.world.music_labels.song_ids
    return {"code": 200, "ids": [int(ids[row]) for row in rows], "checkPoint": 0}


def record(service: Service, asked: Asked) -> Reply:
    """Answer ``/api/v1/play/record``; only the listener's own plays are told, others' are 0."""
    row = service.user_row(asked["uid"])
    own = row == asked.login
    if not own and _hides_record(service, row):
        raise RefusedError(HIDDEN)
    week = asked["type"] == 1
    chart = service.world.week_chart(row) if week else service.world.chart(row)
    entries = [
        {
            "playCount": entry.plays if own else 0,
            "score": entry.score,
            "song": service.catalogue.song(entry.song_row),
        }
        for entry in chart
        if entry.song_row not in service.gone
    ]
    return {"code": 200, "weekData" if week else "allData": entries}


def _hides_record(service: Service, row: int) -> bool:
    about = service.world.people_labels.user_ids[row]
    return service.mischief.chosen(service.plan.hidden_records, "hidden record", about)
