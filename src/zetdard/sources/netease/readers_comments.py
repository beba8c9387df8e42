"""Replies with comments on a song, and how to get from one page to the next.

There are two ways. The classic one counts rows to an offset; far down its pages repeat, so that the way on is by the
time of the last comment. The new one hands out a cursor for the next page.
"""

from __future__ import annotations

from zetdard.records import Comment, CommentId, Record, SongId, User
from zetdard.sources.fields import shown
from zetdard.sources.netease.fields import (
    Json,
    Misread,
    array,
    clean,
    each,
    ident,
    identifier,
    member,
    moment,
    number,
    optional_array,
    reader,
    says,
)
from zetdard.sources.netease.readers_people import user_record
from zetdard.sources.netease.reading import Reading

_DEEPEST_OFFSET = 5_000
"""Beyond it, pages by offset repeat or are empty."""

Said = tuple[CommentId, int, User, Comment | None]


def _comment(raw: Json, song: SongId) -> Said:
    at = moment(raw, "time")
    if at is None:
        raise Misread("is not a time", "time")
    id_ = CommentId(ident(raw, "commentId"))
    author = member(raw, "user")
    try:
        user = user_record(author)
    except Misread as error:
        raise error.within("user") from None
    content = raw.get("content")
    if content is None:  # taken down
        return id_, at, user, None
    if type(content) is not str:
        raise Misread(f"is not a text but {shown(content)}", "content")
    comment = Comment(
        id=id_,
        song=song,
        user=user.id,
        at=at,
        liked_count=number(raw, "likedCount") or 0,
        text=clean(content),
    )
    return id_, at, user, comment


def _page(body: Json, song: str, *parts: str) -> tuple[list[Said], tuple[Record, ...]]:
    """Return the comments of this page, and the records of these and of those shown on top."""

    def one(raw: Json) -> Said:
        return _comment(raw, SongId(song))

    said = each(array(body, "comments"), one, *parts, "comments")
    users: dict[str, User] = {}
    comments: dict[CommentId, Comment] = {}
    shown_on_top = (
        each(optional_array(body, name), one, *parts, name) for name in ("topComments", "hotComments")
    )
    for part in (said, *shown_on_top):
        for id_, _, user, comment in part:
            if comment is not None and id_ not in comments:
                users.setdefault(user.id, user)
                comments[id_] = comment
    return said, (*users.values(), *comments.values())


@reader
def read_comments(body: Json, song: str) -> Reading:
    """Read a page of ``comments``; ``next`` is the time before which the next page begins."""
    said, records = _page(body, song)
    return Reading(
        records=records,
        comments=tuple(dict.fromkeys(id_ for id_, _, _, _ in said)),
        more=says(body, "more"),
        next=str(said[-1][1]) if said else None,
        total=number(body, "total"),
        rows=len(said),
        oldest=min((at for _, at, _, _ in said), default=None),
    )


@reader
def read_comments_new(body: Json, song: str) -> Reading:
    """Read a page of ``comments-new``; ``next`` is its cursor for the next page."""
    data = member(body, "data")
    if type(data.get("comments")) is not list:
        raise Misread("is not an array", "data", "comments")
    said, records = _page(data, song, "data")
    cursor = data.get("cursor")
    return Reading(
        records=records,
        comments=tuple(dict.fromkeys(id_ for id_, _, _, _ in said)),
        more=says(data, "hasMore"),
        next=clean(cursor) if type(cursor) is str and cursor else identifier(cursor),
        total=number(data, "totalCount"),
        rows=len(said),
        oldest=min((at for _, at, _, _ in said), default=None),
    )


def page_parameters(cursor: str) -> dict[str, int]:
    """Return what to ask for: ``""`` is the first page, ``offset:200`` and ``before:1715040000000`` later ones."""
    way, _, place = cursor.partition(":")
    return {way: int(place)} if way else {}


def cursor_after(cursor: str, page: Reading) -> str | None:
    """Return the cursor of the page after this one of ``comments``; ``None`` if the service says it is the last."""
    if not page.more or not page.rows:
        return None
    parameters = page_parameters(cursor)
    offset = parameters.get("offset", 0) + page.rows
    if "before" in parameters or offset > _DEEPEST_OFFSET:
        return None if page.next is None else f"before:{page.next}"
    return f"offset:{offset}"
