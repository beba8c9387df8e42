"""What replies about songs, playlists, artists and comments become."""

from __future__ import annotations

from typing import Any

import pytest

from sources.netease import replies
from zetdard.errors import UnreadableReplyError
from zetdard.records import (
    Artist,
    ChartEntry,
    Comment,
    Lyric,
    LyricState,
    Period,
    Playlist,
    PlaylistSong,
    Relation,
    Role,
    SimilarSong,
    Song,
    SongArtist,
    Suggester,
    Suggestion,
    User,
)
from zetdard.sources.netease.readers_comments import (
    cursor_after,
    page_parameters,
    read_comments,
    read_comments_new,
)
from zetdard.sources.netease.readers_lists import read_playlist
from zetdard.sources.netease.readers_music import (
    read_artist,
    read_artist_list,
    read_artist_songs,
    read_daily_songs,
    read_personal_radio,
    read_record,
    read_similar_songs,
)
from zetdard.sources.netease.readers_songs import read_lyrics, read_song_urls, read_songs
from zetdard.sources.netease.reading import PictureLink, Reading


def read_song(song: dict[str, Any]) -> Reading:
    return read_songs({"code": 200, "songs": [song]})


def test_modern_song() -> None:
    reading = read_songs(replies.song_detail(7), ["7", "8", "8"])
    assert reading.records == (
        Artist(id="70", name="李雨"),
        Artist(id="71", name="Ana Brook"),
        Song(
            id="7",
            title="Song 7",
            album="灯塔",
            duration_ms=215_000,
            popularity=95.0,
            released_at=1_500_000_000_000,
            artists_raw="李雨/Ana Brook",
        ),
        SongArtist(song="7", artist="70", position=0, role=Role.ORIGINAL),
        SongArtist(song="7", artist="71", position=1, role=Role.ORIGINAL),
    )
    assert (reading.songs, reading.artists, reading.missing) == (("7",), ("70", "71"), ("8",))
    assert reading.pictures == (PictureLink("song", "7", replies.COVER),)


def test_legacy_song_says_less() -> None:
    reading = read_song(replies.legacy_song(8))
    assert reading.records == (
        Artist(id="71", name="Ana Brook"),
        Song(
            id="8",
            title="Song 8",
            album="Rain",
            duration_ms=180_000,
            popularity=40.0,
            artists_raw="Ana Brook",
        ),
        SongArtist(song="8", artist="71", position=0, role=Role.PERFORMER),
    )


@pytest.mark.parametrize(
    ("stated", "role"),
    [
        (1, Role.ORIGINAL),
        (2, Role.COVER),
        (0, Role.PERFORMER),
        (None, Role.PERFORMER),
        (True, Role.PERFORMER),
    ],
)
def test_original_or_cover(stated: object, role: Role) -> None:
    reading = read_song(replies.modern_song(originCoverType=stated))
    assert {record.role for record in reading.records if isinstance(record, SongArtist)} == {role}


@pytest.mark.parametrize(
    ("changes", "field", "value"),
    [
        ({"dt": -5}, "duration_ms", None),
        ({"dt": 0}, "duration_ms", None),
        ({"dt": "x"}, "duration_ms", None),
        ({"dt": 10**40}, "duration_ms", None),
        ({"dt": 215000.0}, "duration_ms", 215_000),
        ({"pop": 101}, "popularity", None),
        ({"pop": float("nan")}, "popularity", None),
        ({"pop": 7}, "popularity", 7.0),
        ({"pop": True}, "popularity", None),
        ({"publishTime": 0}, "released_at", None),
        ({"publishTime": -2_209_017_600_000}, "released_at", None),
        ({"publishTime": -86_400_000}, "released_at", -86_400_000),
        ({"publishTime": 10**15}, "released_at", None),
        ({"al": None}, "album", None),
        ({"al": {"name": " "}}, "album", None),
        ({"ar": None}, "artists_raw", None),
        ({"name": "a\0\udc00"}, "title", "a\ufffd\ufffd"),
    ],
)
def test_optional_members(changes: dict[str, Any], field: str, value: object) -> None:
    reading = read_song(replies.modern_song(**changes))
    (song,) = (record for record in reading.records if isinstance(record, Song))
    assert getattr(song, field) == value


def test_artists_without_a_page() -> None:
    performers = [{"id": 0, "name": "somebody"}, {"id": 70, "name": "李雨"}, {"id": 70, "name": "李雨"}]
    reading = read_song(replies.modern_song(ar=[*performers, {"id": 72, "name": None}]))
    assert reading.artists == ("70",)
    assert [record.artists_raw for record in reading.records if isinstance(record, Song)] == [
        "somebody/李雨/李雨"
    ]


@pytest.mark.parametrize("title", [None, "", "  "])
def test_a_song_without_a_title_is_not_there(title: str | None) -> None:
    reading = read_songs({"songs": [replies.modern_song(7, name=title)]}, ["7"])
    assert (reading.records, reading.missing) == ((), ("7",))


def test_playlist() -> None:
    reading = read_playlist(replies.playlist_detail()).reading()
    assert reading.records[:2] == (
        User(id="1", name="user 1"),
        Playlist(
            id="100",
            creator="1",
            name="list 100",
            tags=("华语", "夜晚"),
            created_at=1_600_000_000_000,
            play_count=1234,
            collect_count=5,
            comment_count=3,
        ),
    )
    assert reading.records[-2:] == (
        PlaylistSong(playlist="100", song="1", position=0, added_at=1_700_000_000_001),
        PlaylistSong(playlist="100", song="2", position=1, added_at=1_700_000_000_002),
    )
    assert (reading.playlists, reading.songs, reading.artists) == (("100",), ("1", "2"), ("70", "71"))
    assert PictureLink("playlist", "100", replies.COVER) in reading.pictures
    assert replies.out_of_order(reading.records) == []


def test_playlist_that_describes_only_some_songs() -> None:
    detail = read_playlist(replies.playlist_detail(described=1, songs=3))
    assert (detail.missing, detail.stated) == (("2", "3"), 3)
    reading = detail.reading()
    assert reading.missing == ("2", "3")
    edges = [record for record in reading.records if isinstance(record, PlaylistSong)]
    assert [(edge.song, edge.position) for edge in edges] == [("1", 0)]


def test_liked_playlist_and_repeated_tracks() -> None:
    tracks = [{"id": 1, "at": 0}, {"id": "1"}, {"id": 2, "at": "x"}]
    detail = read_playlist(replies.playlist_detail(specialType=5, trackIds=tracks))
    assert detail.playlist.relation is Relation.LIKED
    assert [tuple(entry) for entry in detail.entries] == [("1", 0, None), ("2", 2, None)]


def test_playlists_without_songs() -> None:
    assert read_playlist(replies.playlist_detail(described=0, songs=0)).entries == ()
    with_tracks_only = replies.playlist_detail(trackIds=None)
    assert [entry.song for entry in read_playlist(with_tracks_only).entries] == ["1", "2"]
    with pytest.raises(UnreadableReplyError) as raised:
        read_playlist(replies.playlist_detail(tracks=[], trackIds=[]))
    assert raised.value.path == "$.playlist.trackIds"


def test_song_urls() -> None:
    (found,) = read_song_urls(replies.song_url())
    assert (found.song, found.size, found.md5) == ("7", 10, "900150983cd24fb0d6963f7d28e17f72")
    assert (found.level, found.format, found.preview, found.code, found.expires_s) == (
        "standard",
        "mp3",
        False,
        200,
        1200,
    )
    (refused,) = read_song_urls(replies.song_url(code=404, url=None, size=0, md5=None, type=None))
    assert (refused.url, refused.code, refused.size, refused.md5, refused.format) == (
        None,
        404,
        None,
        None,
        None,
    )
    (preview,) = read_song_urls(replies.song_url(freeTrialInfo={"start": 0, "end": 30}))
    assert preview.preview
    (odd,) = read_song_urls(replies.song_url(url="file:///etc/passwd", md5="../../x", type="a/b"))
    assert (odd.url, odd.md5, odd.format) == (None, None, None)


def test_lyrics() -> None:
    assert read_lyrics(replies.lyrics(), "7").records == (
        Lyric(
            song="7",
            state=LyricState.PRESENT,
            text='{"t":0,"c":[{"tx":"作词: "}]}\n[00:01.00]雨',
            translation="[00:01.00]rain",
            romanised="[00:01.00]yu",
            word_times="[1000,500](1000,500,0)雨",
        ),
    )


@pytest.mark.parametrize(
    ("body", "state"),
    [
        ({"nolyric": True}, LyricState.INSTRUMENTAL),
        (replies.lyrics(nolyric=True), LyricState.INSTRUMENTAL),
        ({"uncollected": True}, LyricState.UNCOLLECTED),
        ({}, LyricState.UNCOLLECTED),
        ({"lrc": {"lyric": ""}}, LyricState.UNCOLLECTED),
    ],
)
def test_no_lyrics(body: dict[str, Any], state: LyricState) -> None:
    assert read_lyrics(body, "7").records == (Lyric(song="7", state=state),)


def test_comments() -> None:
    older, newer = replies.comment(500), replies.comment(501, 1_700_000_001_000, likedCount=None)
    hot = replies.comment(400, 1_600_000_000_000, user=replies.person(3))
    reading = read_comments(replies.comments(newer, older, hotComments=[older, hot], more=True, total=9), "7")
    assert reading.records == (
        User(id="2", name="user 2"),
        User(id="3", name="user 3"),
        Comment(id="501", song="7", user="2", at=1_700_000_001_000, liked_count=0, text="好听 501"),
        Comment(id="500", song="7", user="2", at=1_700_000_000_000, liked_count=3, text="好听 500"),
        Comment(id="400", song="7", user="3", at=1_600_000_000_000, liked_count=3, text="好听 400"),
    )
    assert reading.comments == ("501", "500")
    assert (reading.more, reading.next, reading.total, reading.rows) == (True, "1700000000000", 9, 2)
    assert reading.oldest == 1_700_000_000_000


def test_a_comment_that_was_taken_down_or_is_broken_does_not_cost_the_page() -> None:
    said = [replies.comment(1, content=None), replies.comment(2, content="\ud83d")]
    reading = read_comments(replies.comments(*said), "7")
    assert [record.text for record in reading.records if isinstance(record, Comment)] == ["\ufffd"]
    assert reading.comments == ("1", "2")


def test_comments_new() -> None:
    reading = read_comments_new(replies.comments_new(hasMore=True, cursor=1699, totalCount=40), "7")
    assert (reading.comments, reading.more, reading.next, reading.total) == (("500",), True, "1699", 40)


def test_ways_through_comments() -> None:
    full = Reading(more=True, rows=100, next="1699")
    assert cursor_after("", full) == "offset:100"
    assert cursor_after("offset:4900", full) == "offset:5000"
    assert cursor_after("offset:5000", full) == "before:1699"
    assert cursor_after("before:1700", full) == "before:1699"
    assert cursor_after("", Reading(more=False, rows=100, next="1699")) is None
    assert cursor_after("", Reading(more=True)) is None
    assert page_parameters("") == {}
    assert page_parameters("offset:100") == {"offset": 100}
    assert page_parameters("before:1699") == {"before": 1699}


def test_artist() -> None:
    reading = read_artist(replies.artist())
    assert reading.records[0] == Artist(id="70", name="李雨")
    assert (reading.songs, reading.artists, reading.total) == (("7",), ("70", "71"), 12)
    assert reading.pictures[0] == PictureLink("artist", "70", replies.AVATAR)
    songs = read_artist_songs(replies.artist_songs(7, 9, more=True, total=12))
    assert (songs.songs, songs.more, songs.total, songs.rows) == (("7", "9"), True, 12, 2)
    listed = read_artist_list(replies.artist_list(70, 72, more=True))
    assert listed.records == (Artist(id="70", name="artist 70"), Artist(id="72", name="artist 72"))
    assert (listed.artists, listed.more) == (("70", "72"), True)


def test_record() -> None:
    reading = read_record(replies.record(), "1", Period.WEEK)
    assert reading.records[-3:] == (
        User(id="1"),
        ChartEntry(user="1", song="7", period=Period.WEEK, position=0, score=100, plays=None),
        ChartEntry(user="1", song="9", period=Period.WEEK, position=1, score=50, plays=4),
    )
    assert read_record({"code": 200}, "1", Period.ALL).songs == ()
    assert len(read_record(replies.record("allData"), "1", Period.ALL).songs) == 2


def test_similar() -> None:
    reading = read_similar_songs(replies.similar(), "7")
    assert reading.songs == ("8", "9")
    assert reading.records[-2:] == (
        SimilarSong(song="7", similar="8", position=0),
        SimilarSong(song="7", similar="9", position=1),
    )


def test_suggestions() -> None:
    reading = read_daily_songs(replies.daily(), "1", "2026-11-24")
    assert reading.records[-3:] == (
        User(id="1"),
        Suggestion(user="1", song="7", by=Suggester.DAILY, day="2026-11-24", position=0, reason="因为你喜欢"),
        Suggestion(
            user="1", song="9", by=Suggester.DAILY, day="2026-11-24", position=1, reason="超过 80% 的人喜欢"
        ),
    )
    radio = read_personal_radio(replies.radio(), "1", "2026-11-24")
    assert radio.records[-1] == Suggestion(
        user="1", song="9", by=Suggester.RADIO, day="2026-11-24", position=1
    )


def broken(body: dict[str, Any], *parts: str | int) -> dict[str, Any]:
    """Return the body with what lies at ``parts`` replaced by something that it cannot be."""
    at: Any = body
    for part in parts[:-1]:
        at = at[part]
    at[parts[-1]] = True
    return body


@pytest.mark.parametrize(
    ("read", "body", "parts"),
    [
        (read_playlist, replies.playlist_detail(), ("playlist", "trackIds", 1, "id")),
        (read_playlist, replies.playlist_detail(), ("playlist", "trackIds", 1)),
        (read_playlist, replies.playlist_detail(), ("playlist", "tracks", 1, "ar", 0, "id")),
        (read_playlist, replies.playlist_detail(), ("playlist", "tracks", 1, "name")),
        (read_playlist, replies.playlist_detail(), ("playlist", "creator", "userId")),
        (read_playlist, replies.playlist_detail(), ("playlist",)),
        (read_songs, {"songs": [replies.legacy_song()]}, ("songs", 0, "artists", 0, "id")),
        (read_song_urls, replies.song_url(), ("data", 0, "id")),
        (read_artist, replies.artist(), ("artist", "id")),
        (read_artist, replies.artist(), ("artist", "name")),
        (read_artist, replies.artist(), ("hotSongs", 0, "id")),
        (read_artist_list, replies.artist_list(), ("artists", 0, "name")),
        (lambda body: read_comments(body, "7"), replies.comments(), ("comments", 1, "user", "userId")),
        (lambda body: read_comments(body, "7"), replies.comments(), ("comments", 1, "time")),
        (lambda body: read_comments(body, "7"), replies.comments(), ("comments", 1, "content")),
        (
            lambda body: read_comments_new(body, "7"),
            replies.comments_new(),
            ("data", "comments", 0, "commentId"),
        ),
        (lambda body: read_comments_new(body, "7"), replies.comments_new(), ("data", "comments")),
        (lambda body: read_record(body, "1", Period.WEEK), replies.record(), ("weekData", 1, "song", "id")),
        (lambda body: read_record(body, "1", Period.WEEK), replies.record(), ("weekData", 1, "score")),
        (lambda body: read_daily_songs(body, "1", "d"), replies.daily(), ("data", "dailySongs")),
        (lambda body: read_daily_songs(body, "1", "d"), replies.daily(), ("data", "dailySongs", 0, "id")),
    ],
)
def test_paths_of_what_is_wrong(read: Any, body: dict[str, Any], parts: tuple[str | int, ...]) -> None:
    path = "$" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)
    with pytest.raises(UnreadableReplyError) as raised:
        read(broken(body, *parts))
    assert raised.value.path == path
    assert str(raised.value).startswith(path)
