"""Replies about listeners and whom they follow."""

from __future__ import annotations

from collections.abc import Callable

from zetdard.records import Follow, PlaylistId, Subscription, User, UserId
from zetdard.sources.netease.fields import (
    Json,
    Misread,
    address,
    array,
    clean,
    each,
    ident,
    identifier,
    member,
    number,
    optional_array,
    optional_member,
    optional_text,
    reader,
    says,
)
from zetdard.sources.netease.reading import Gathering, PictureLink, Reading
from zetdard.sources.netease.regions import region_name


def user_record(raw: Json) -> User:
    """Return what any of the service's shapes of a user says; lists state no region."""
    return User(
        id=UserId(ident(raw, "userId")),
        name=optional_text(raw, "nickname"),
        region=region_name(number(raw, "province"), number(raw, "city")),
    )


@reader
def read_user_detail(body: Json) -> Reading:
    """Read ``user-detail``."""
    return _profile(member(body, "profile"))


def _profile(raw: Json) -> Reading:
    try:
        user = user_record(raw)
    except Misread as error:
        raise error.within("profile") from None
    picture = address(raw, "avatarUrl")
    return Reading(
        records=(user,),
        users=(user.id,),
        pictures=(PictureLink("user", user.id, picture),) if picture else (),
    )


@reader
def read_account(body: Json) -> Reading:
    """Read ``account``: the person who is logged in; nobody if nobody is."""
    profile = body.get("profile")
    if type(profile) is dict:
        return _profile(profile)
    account = body.get("account")
    if type(account) is not dict or says(account, "anonimousUser"):  # the service's own spelling
        return Reading()
    try:
        user = User(id=UserId(ident(account, "id")))
    except Misread as error:
        raise error.within("account") from None
    return Reading(records=(user,), users=(user.id,))


@reader
def read_user_search(body: Json) -> Reading:
    """Read a page of ``search-users``; nobody is found where the list is empty or absent."""
    result = optional_member(body, "result")
    rows = optional_array(result, "userprofiles")
    found = Gathering()
    for user in each(rows, user_record, "result", "userprofiles"):
        found.add_user(user)
    return found.reading(total=number(result, "userprofileCount"), rows=len(rows))


@reader
def read_user_ids(body: Json) -> Reading:
    """Read ``user-ids``: the ids that belong to exact nicknames; an unknown nickname has none."""
    found = Gathering()
    for name, value in optional_member(body, "nicknames").items():
        user = identifier(value)
        if user is not None and user != "0":
            found.add_user(User(id=UserId(user), name=clean(name)))
        elif value is not None and user is None:
            raise Misread("is not an id", "nicknames", clean(name))
    return found.reading()


@reader
def read_follows(body: Json, user: str) -> Reading:
    """Read a page of ``follows``: whom ``user`` follows."""
    return _edges(body, "follow", user, lambda other: Follow(user=UserId(user), followed=other))


@reader
def read_fans(body: Json, user: str) -> Reading:
    """Read a page of ``fans``: who follows ``user``."""
    return _edges(body, "followeds", user, lambda other: Follow(user=other, followed=UserId(user)))


def _edges(body: Json, name: str, user: str, edge: Callable[[UserId], Follow]) -> Reading:
    rows = array(body, name)
    others = {other.id: other for other in each(rows, user_record, name) if other.id != user}
    return Reading(
        records=(User(id=UserId(user)), *others.values(), *map(edge, others)),
        users=tuple(others),
        more=says(body, "more"),
        rows=len(rows),
    )


@reader
def read_subscribers(body: Json, playlist: str) -> Reading:
    """Read a page of ``subscribers``: who collected a stored playlist."""
    rows = optional_array(body, "subscribers")
    users = {user.id: user for user in each(rows, user_record, "subscribers")}
    edges = (Subscription(user=user, playlist=PlaylistId(playlist)) for user in users)
    return Reading(
        records=(*users.values(), *edges),
        users=tuple(users),
        more=says(body, "more"),
        total=number(body, "total"),
        rows=len(rows),
    )
