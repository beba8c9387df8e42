"""Answers with comments on songs, in the classic way (by row offset and time) and the new one (by cursor)."""

from __future__ import annotations

from typing import Any

from zetdard.sandbox.server.service import BAD_REQUEST, Asked, RefusedError, Service

Reply = dict[str, Any]
MOST_CLASSIC = 100
"""The most rows that a classic page holds, whatever is asked for."""
MOST_NEW = 1000
_HOT = 15
_THREAD = "R_SO_4_"
BY_TIME, BY_HEAT, RECOMMENDED = 3, 2, 99
_HEAT_CURSOR = "normalHot#"


def classic(service: Service, asked: Asked) -> Reply:
    """Answer ``/api/v1/resource/comments/R_SO_4_ID``.

    The first page repeats its best liked rows as ``hotComments``. Beyond the plan's cap the last rows before it come
    again, or none; ``beforeTime`` begins a new count of rows.
    """
    song = _song_of_thread(asked["tail"])
    if asked["rid"] not in (song, asked["tail"]):
        raise RefusedError(BAD_REQUEST, "rid is not the id in the path")
    thread = service.thread(service.song_row(song))
    before, offset = asked["beforeTime"], asked["offset"]
    limit = min(asked["limit"], MOST_CLASSIC)
    start = thread.before(before) if before else 0
    rows = thread.entries[start + offset : start + offset + limit]
    more = start + offset + limit < len(thread.entries)
    cap = service.plan.comment_cap
    if 0 < cap < offset + limit and start + cap < len(thread.entries):
        again = max(0, cap - limit) if service.plan.comment_cap_repeats else cap
        begin = offset if offset < cap else again
        rows, more = thread.entries[start + begin : start + cap], True
    reply: Reply = {
        "code": 200,
        "isMusician": False,
        "userId": -1,
        "topComments": [],
        "total": len(thread.entries),
        "more": more,
        "moreHot": False,
        "comments": list(rows),
    }
    if not before and not offset:
        best = sorted(range(len(thread.entries)), key=lambda row: (-thread.likes[row], row))[:_HOT]
        reply["hotComments"] = [thread.entries[row] for row in best]
    return reply


def new(service: Service, asked: Asked) -> Reply:
    """Answer ``/api/v2/resource/comments``. The page number is not looked at; only the cursor leads on."""
    thread = service.thread(service.song_row(_song_of_thread(asked["threadId"])))
    sort, cursor = asked["sortType"], asked["cursor"]
    size = min(asked["pageSize"], MOST_NEW) + service.plan.extra_comments
    if sort == BY_TIME:
        order = list(range(len(thread.entries)))
        begin = thread.before(_number(cursor)) if cursor not in ("", "0") else 0
    elif sort in (BY_HEAT, RECOMMENDED):
        order = sorted(range(len(thread.entries)), key=lambda row: (-thread.likes[row], row))
        begin = _number(cursor.removeprefix(_HEAT_CURSOR) or "0")
    else:
        raise RefusedError(BAD_REQUEST, f"there is no sortType {sort}")
    rows = order[begin : begin + size]
    more = begin + size < len(order)
    follows = str(thread.times[rows[-1]]) if sort == BY_TIME and rows else str(begin + len(rows))
    if sort == BY_HEAT:
        follows = _HEAT_CURSOR + follows
    repeats = service.plan.cursor_repeats_after
    if repeats and more and begin // size + 1 >= repeats:
        follows = cursor
    return {
        "code": 200,
        "message": "",
        "data": {
            "comments": [thread.entries[row] for row in rows],
            "totalCount": len(order),
            "hasMore": more,
            "cursor": follows,
            "sortType": sort,
            "sortTypeList": [
                {"sortType": RECOMMENDED, "sortTypeName": "推荐", "target": ""},
                {"sortType": BY_HEAT, "sortTypeName": "热度", "target": ""},
                {"sortType": BY_TIME, "sortTypeName": "时间", "target": ""},
            ],
            "currentComment": None,
            "commentsTitle": "全部评论",
        },
    }


def _song_of_thread(thread: str) -> str:
    if not thread.startswith(_THREAD):
        raise RefusedError(BAD_REQUEST, "the sandbox has comments on songs only: R_SO_4_ID")
    return thread.removeprefix(_THREAD)


def _number(cursor: str) -> int:
    if not cursor.isascii() or not cursor.isdigit():
        raise RefusedError(BAD_REQUEST, "there is no such cursor")
    return int(cursor)
