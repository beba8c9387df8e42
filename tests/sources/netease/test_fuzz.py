"""Whatever a reply holds: records, or a refusal that says where. Never another error."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.netease import replies
from zetdard.errors import UnreadableReplyError
from zetdard.records import Period
from zetdard.sources.netease.readers_comments import cursor_after, read_comments, read_comments_new
from zetdard.sources.netease.readers_lists import read_likes, read_playlist, read_user_playlists
from zetdard.sources.netease.readers_music import (
    read_artist,
    read_artist_list,
    read_artist_songs,
    read_daily_songs,
    read_personal_radio,
    read_record,
    read_similar_songs,
)
from zetdard.sources.netease.readers_people import (
    read_account,
    read_fans,
    read_follows,
    read_subscribers,
    read_user_detail,
    read_user_ids,
    read_user_search,
)
from zetdard.sources.netease.readers_songs import read_lyrics, read_song_facts, read_song_urls, read_songs
from zetdard.sources.netease.reading import Reading, SongFacts, SongUrl

Case = tuple[Callable[[dict[str, Any]], Any], Callable[[], dict[str, Any]]]

CASES: dict[str, Case] = {
    "user": (read_user_detail, replies.user_detail),
    "account": (read_account, replies.account),
    "account without profile": (read_account, lambda: replies.account() | {"profile": None}),
    "search": (read_user_search, lambda: replies.user_search("云")),
    "ids": (read_user_ids, lambda: {"code": 200, "nicknames": {"云": 1}}),
    "follows": (lambda body: read_follows(body, "1"), replies.follows),
    "fans": (lambda body: read_fans(body, "1"), replies.fans),
    "subscribers": (lambda body: read_subscribers(body, "100"), replies.subscribers),
    "likes": (read_likes, replies.likes),
    "playlists": (lambda body: read_user_playlists(body, "1"), replies.user_playlists),
    "playlist": (lambda body: read_playlist(body).reading(), lambda: replies.playlist_detail(songs=3)),
    "songs": (lambda body: read_songs(body, ["7"]), lambda: replies.song_detail(7)),
    "song facts": (read_song_facts, lambda: {"songs": [replies.legacy_song()]}),
    "url": (read_song_urls, replies.song_url),
    "lyrics": (lambda body: read_lyrics(body, "7"), replies.lyrics),
    "comments": (
        lambda body: read_comments(body, "7"),
        lambda: replies.comments(hotComments=[replies.comment(9)], topComments=[replies.comment(8)]),
    ),
    "new comments": (lambda body: read_comments_new(body, "7"), replies.comments_new),
    "artist": (read_artist, replies.artist),
    "artist songs": (read_artist_songs, replies.artist_songs),
    "artists": (read_artist_list, replies.artist_list),
    "record": (lambda body: read_record(body, "1", Period.WEEK), replies.record),
    "similar": (lambda body: read_similar_songs(body, "7"), replies.similar),
    "daily": (lambda body: read_daily_songs(body, "1", "2026-11-24"), replies.daily),
    "radio": (lambda body: read_personal_radio(body, "1", "2026-11-24"), replies.radio),
}

JUNK: list[Any] = [
    None,
    True,
    False,
    0,
    -1,
    7,
    2**63,
    -(2**70),
    10**30,
    1.5,
    1e300,
    float("nan"),
    float("inf"),
    "",
    " ",
    "7",
    "a\0b",
    "\ud83d",
    "9" * 400,
    [],
    [None],
    [[]],
    {},
    {"id": {}},
]

GIVEN = frozenset({"1", "7", "100"})
"""Ids that a reader is told: their records are stored before."""


def places(body: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every container in a reply with each of its keys."""
    for key in list(body) if isinstance(body, dict) else range(len(body)):
        yield body, key
        if isinstance(body[key], dict | list):
            yield from places(body[key])


def check(read: Callable[[dict[str, Any]], Any], body: dict[str, Any]) -> None:
    """Read a reply; whatever comes out must be usable."""
    found: Any
    try:
        found = read(body)
    except UnreadableReplyError as error:
        found = error
    if isinstance(found, UnreadableReplyError):
        assert found.path.startswith("$")
        assert str(found).encode()  # it can be printed
        return
    if isinstance(found, tuple):
        assert all(isinstance(one, SongUrl | SongFacts) for one in found)
        return
    assert isinstance(found, Reading)
    assert replies.out_of_order(found.records, GIVEN) == []
    ids = (*found.users, *found.playlists, *found.songs, *found.artists, *found.missing, *found.comments)
    assert all(isinstance(id, str) and id.isascii() and id.isdigit() for id in ids)
    for listed in (found.users, found.playlists, found.songs, found.artists, found.comments):
        assert len(set(listed)) == len(listed)
    assert all(link.url.startswith("http") for link in found.pictures)
    cursor = cursor_after("", found)
    assert cursor is None or cursor.startswith("offset:")


@pytest.mark.parametrize("name", CASES)
def test_one_thing_is_wrong(name: str) -> None:
    """Every member and element of a reply in turn is left out, and replaced by everything that it should not be."""
    read, build = CASES[name]
    check(read, build())
    for number in range(len(list(places(build())))):
        for junk in [..., *JUNK]:
            body = build()
            parent, key = list(places(body))[number]
            if junk is ...:
                del parent[key]
            else:
                parent[key] = copy.deepcopy(junk)
            check(read, body)


@settings(max_examples=1000)
@given(
    name=st.sampled_from(sorted(CASES)),
    seed=st.integers(min_value=0, max_value=2**32),
    changes=st.integers(min_value=2, max_value=8),
)
def test_many_things_are_wrong(name: str, seed: int, changes: int) -> None:
    read, build = CASES[name]
    body = build()
    choose = random.Random(seed)
    for _ in range(changes):
        found = list(places(body))
        if not found:
            break
        parent, key = choose.choice(found)
        what = choose.randrange(4)
        if what == 0:
            del parent[key]
        elif what == 1:
            parent[key] = [parent[key]] * choose.randrange(3)
        elif what == 2:
            parent[key] = copy.deepcopy(choose.choice(found)[0])
        else:
            parent[key] = copy.deepcopy(choose.choice(JUNK))
    check(read, body)


@given(
    name=st.sampled_from(sorted(CASES)),
    body=st.dictionaries(
        st.text(max_size=8),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
            lambda inner: (
                st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
            ),
            max_leaves=8,
        ),
        max_size=4,
    ),
)
def test_anything_at_all(name: str, body: dict[str, Any]) -> None:
    check(CASES[name][0], body)
