"""What replies about listeners become."""

from __future__ import annotations

import pytest

from sources.netease import replies
from zetdard.errors import UnreadableReplyError
from zetdard.records import Follow, Playlist, Relation, Subscription, User
from zetdard.sources.netease.readers_lists import read_likes, read_user_playlists
from zetdard.sources.netease.readers_people import (
    read_account,
    read_fans,
    read_follows,
    read_subscribers,
    read_user_detail,
    read_user_ids,
    read_user_search,
)
from zetdard.sources.netease.reading import PictureLink
from zetdard.sources.netease.regions import region_name


@pytest.mark.parametrize(
    ("province", "city", "name"),
    [
        (330000, 330100, "浙江省 杭州市"),
        (440000, 440300, "广东省 深圳市"),
        (510000, 510100, "四川省 成都市"),
        (420000, 420100, "湖北省 武汉市"),
        (350000, 350200, "福建省 厦门市"),
        (230000, 230100, "黑龙江省 哈尔滨市"),
        (610000, 610100, "陕西省 西安市"),
        (530000, 530100, "云南省 昆明市"),
        (310000, 310101, "上海市 黄浦区"),
        (500000, 500103, "重庆市 渝中区"),
        (652000, 652100, "新疆维吾尔自治区 吐鲁番市"),
        (429000, 429021, "湖北省 神农架林区"),
        (330000, 339900, "浙江省"),
        (330000, 440300, "浙江省"),
        (330000, None, "浙江省"),
        (330000, 330000, "浙江省"),
        (None, 330100, "浙江省 杭州市"),
        (0, 0, None),
        (None, None, None),
        (1000000, 1010000, None),
        (990000, 990100, None),
        (710000, 710100, "台湾省"),
        (10**30, 10**30, None),
    ],
)
def test_region(province: int | None, city: int | None, name: str | None) -> None:
    assert region_name(province, city) == name


def test_every_province_has_a_name() -> None:
    digits = "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82"
    names = [region_name(int(two) * 10_000, None) for two in digits.split()]
    assert len(set(names)) == 34
    assert None not in names


def test_user_detail() -> None:
    reading = read_user_detail(replies.user_detail())
    assert reading.records == (User(id="1", name="云", region="浙江省 杭州市"),)
    assert reading.users == ("1",)
    assert reading.pictures == (PictureLink("user", "1", replies.AVATAR),)


def test_ids_may_be_digits_and_names_absent() -> None:
    reading = read_user_detail(
        replies.user_detail(userId="0012", nickname=None, province="x", city=[], avatarUrl=5)
    )
    assert reading.records == (User(id="0012"),)
    assert reading.pictures == ()


@pytest.mark.parametrize("bad", [None, True, -1, 2.5, "", "a", "1 ", [], 2**63, "٣"])
def test_what_is_no_id(bad: object) -> None:
    with pytest.raises(UnreadableReplyError) as raised:
        read_user_detail(replies.user_detail(userId=bad))
    assert raised.value.path == "$.profile.userId"


def test_names_that_no_database_keeps_are_mended() -> None:
    reading = read_user_detail(replies.user_detail(nickname="a\0b\ud83dc"))
    assert reading.records[0] == User(id="1", name="a\ufffdb\ufffdc", region="浙江省 杭州市")


def test_account() -> None:
    assert read_account(replies.account()).users == ("1",)
    assert read_account({"code": 200, "account": None, "profile": None}).users == ()
    assert read_account({"code": 200, "account": {"id": 5}, "profile": None}).records == (User(id="5"),)
    visitor = {"code": 200, "account": {"id": 5, "anonimousUser": True}, "profile": None}
    assert read_account(visitor).users == ()


def test_user_search() -> None:
    reading = read_user_search(replies.user_search("云", "云朵"))
    assert reading.records == (
        User(id="10", name="云", region="上海市 黄浦区"),
        User(id="11", name="云朵", region="上海市 黄浦区"),
    )
    assert reading.total == 2
    assert read_user_search({"code": 200, "result": {"userprofileCount": 0}}).users == ()
    assert read_user_search({"code": 200}).users == ()


def test_user_ids() -> None:
    assert read_user_ids({"code": 200, "nicknames": {"云": 1, "nobody": None}}).records == (
        User(id="1", name="云"),
    )
    assert read_user_ids({"code": 200}).records == ()
    with pytest.raises(UnreadableReplyError, match="nicknames"):
        read_user_ids({"code": 200, "nicknames": {"云": "x"}})


def test_user_playlists() -> None:
    reading = read_user_playlists(replies.user_playlists(more=True), "1")
    assert reading.playlists == ("99", "100", "101")
    assert reading.liked == "99"
    assert (reading.more, reading.rows) == (True, 3)
    assert reading.records == (
        User(id="1", name="user 1"),
        User(id="2", name="user 2"),
        *(
            Playlist(
                id=id,
                creator=creator,
                name=f"list {id}",
                tags=("华语", "夜晚"),
                created_at=1_600_000_000_000,
                play_count=1234,
                collect_count=5,
                relation=relation,
            )
            for id, creator, relation in [
                ("99", "1", Relation.LIKED),
                ("100", "1", Relation.OWN),
                ("101", "2", Relation.OWN),
            ]
        ),
        Subscription(user="1", playlist="101"),
    )


def test_somebody_elses_liked_list_is_theirs() -> None:
    body = replies.user_playlists(playlist=[replies.playlist(7, creator=2, specialType=5)])
    reading = read_user_playlists(body, "1")
    assert reading.liked is None
    assert [record.relation for record in reading.records if isinstance(record, Playlist)] == [Relation.LIKED]


def test_follows_and_fans() -> None:
    reading = read_follows(replies.follows(2, 3, 2, 1, more=True), "1")
    assert reading.users == ("2", "3")
    assert reading.records[0] == User(id="1")
    assert reading.records[-2:] == (Follow(user="1", followed="2"), Follow(user="1", followed="3"))
    assert (reading.more, reading.rows) == (True, 4)
    assert read_fans(replies.fans(2), "1").records == (
        User(id="1"),
        User(id="2", name="user 2"),
        Follow(user="2", followed="1"),
    )


def test_subscribers() -> None:
    assert read_subscribers(replies.subscribers(2), "100").records == (
        User(id="2", name="user 2"),
        Subscription(user="2", playlist="100"),
    )
    assert read_subscribers({"code": 200, "total": 0, "more": False}, "100").users == ()


def test_likes() -> None:
    assert read_likes(replies.likes(12, 8, 7, 8)).songs == ("7", "8", "12")
    with pytest.raises(UnreadableReplyError) as raised:
        read_likes({"code": 200, "ids": [1, True]})
    assert raised.value.path == "$.ids[1]"


@pytest.mark.parametrize(
    ("read", "path"),
    [
        (lambda: read_user_detail({"code": 200}), "$.profile"),
        (lambda: read_follows({"code": 200}, "1"), "$.follow"),
        (lambda: read_fans({"code": 200, "followeds": [{}, 5]}, "1"), "$.followeds[0].userId"),
        (lambda: read_fans({"code": 200, "followeds": [replies.person(), 5]}, "1"), "$.followeds[1]"),
        (lambda: read_user_playlists({"code": 200, "playlist": {}}, "1"), "$.playlist"),
        (
            lambda: read_user_playlists(
                replies.user_playlists(playlist=[replies.playlist(creator=True)]), "1"
            ),
            "$.playlist[0].creator.userId",
        ),
        (
            lambda: read_user_playlists(replies.user_playlists(playlist=[replies.playlist(name=None)]), "1"),
            "$.playlist[0].name",
        ),
        (
            lambda: read_user_search({"result": {"userprofiles": [{"userId": "x"}]}}),
            "$.result.userprofiles[0].userId",
        ),
    ],
)
def test_paths_of_what_is_wrong(read: object, path: str) -> None:
    with pytest.raises(UnreadableReplyError) as raised:
        read()  # type: ignore[operator]
    assert raised.value.path == path
