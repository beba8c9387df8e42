"""What each route has to say of an invented world: asked through the client, held against the world itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from zetdard.records import (
    Artist,
    AudioFile,
    ChartEntry,
    Comment,
    Follow,
    Lyric,
    Period,
    Picture,
    Playlist,
    PlaylistSong,
    Record,
    SimilarSong,
    Song,
    SongArtist,
    Subscription,
    Suggestion,
    User,
)
from zetdard.sandbox import World
from zetdard.sandbox.config import REGIONS
from zetdard.sources.netease.client import NetEase
from zetdard.sources.netease.reading import Reading
from zetdard.sources.netease.transport import Transport

DAY = "2026-11-24"


@dataclass
class Watched:
    """A transport that writes down which routes were asked."""

    transport: Transport
    routes: list[str] = field(default_factory=list)

    def call(self, route: str, **parameters: Any) -> dict[str, Any]:
        self.routes.append(route)
        return self.transport.call(route, **parameters)

    def stream(self, url: str, offset: int = 0) -> Iterator[bytes]:
        return self.transport.stream(url, offset)

    def close(self) -> None:
        self.transport.close()


class Client(NetEase):
    """A client whose transport can be asked for files, too."""

    def __init__(self, transport: Transport) -> None:
        super().__init__(transport)
        self.transport = transport


@dataclass(frozen=True)
class Truth:
    """A world, and what is asked of it."""

    world: World
    user: str
    """A listener with follows, fans, a collected playlist and several of their own."""
    song: str
    """The song with most comments."""
    playlist: str
    """The longest playlist."""
    collected: str
    """The playlist that most people collected."""
    artist: str
    """The artist with most songs."""

    @property
    def row(self) -> int:
        return self.world.user_row(self.user)  # type: ignore[arg-type]

    @property
    def users(self) -> tuple[str, ...]:
        return self.world.people_labels.user_ids

    @property
    def songs(self) -> tuple[str, ...]:
        return self.world.music_labels.song_ids

    def song_rows(self, ids: Iterable[str]) -> list[int]:
        rows = {id: row for row, id in enumerate(self.songs)}
        return [rows[id] for id in ids]

    def named(self, rows: Iterable[int]) -> list[str]:
        return [self.songs[row] for row in rows]


def truth_of(world: World) -> Truth:
    people, songs = world.people_labels, world.music_labels.song_ids
    subscriptions, follows = world.subscriptions.tolist(), world.follows.tolist()

    def links(user: int) -> int:
        each = (
            sum(one == user for one, _ in follows),
            sum(other == user for _, other in follows),
            sum(one == user for one, _ in subscriptions),
            len(world.playlists_of(user)) - 1,
            len(world.week_chart(user)),
        )
        return min(each)

    lengths = [drawn.songs.size for drawn in world.playlists]
    collected = [playlist for _, playlist in subscriptions]
    most_collected = max(set(collected), key=collected.count)
    loved = max(range(len(songs)), key=lambda row: len(world.comments(row)))
    artists = world.music.song_artists.tolist()
    return Truth(
        world=world,
        user=people.user_ids[max(range(len(people.user_ids)), key=links)],
        song=songs[loved],
        playlist=people.playlist_ids[lengths.index(max(lengths))],
        collected=people.playlist_ids[most_collected],
        artist=world.music_labels.artist_ids[max(set(artists), key=artists.count)],
    )


def of(reading: Reading | Iterable[Reading], kind: type) -> list[Any]:
    """Return the records of one kind, each once."""
    readings = (reading,) if isinstance(reading, Reading) else reading
    return list(dict.fromkeys(one for page in readings for one in page.records if type(one) is kind))


def said_truly(records: Iterable[Record], truth: Truth) -> None:
    """Check every record about people, music and playlists against the world's: what a list leaves out is ``None``."""
    stated: dict[Any, Record] = {}
    for record in truth.world.records():
        stated[_identity(record)] = record
    for record in records:
        if isinstance(record, (ChartEntry, SimilarSong, Suggestion, AudioFile, Picture)):
            continue
        true = stated[_identity(record)]
        for name in (each.name for each in fields(record)):
            said = getattr(record, name)
            # Lists of people state no region, and the older shape of a song not whether it is a cover.
            if said is not None and name != "role":
                assert said == getattr(true, name), (record, true)


def _identity(record: Record) -> tuple[Any, ...]:
    if isinstance(record, Follow):
        return Follow, record.user, record.followed
    if isinstance(record, Subscription):
        return Subscription, record.user, record.playlist
    if isinstance(record, SongArtist):
        return SongArtist, record.song, record.artist
    if isinstance(record, PlaylistSong):
        return PlaylistSong, record.playlist, record.song
    if isinstance(record, Lyric):
        return Lyric, record.song
    assert isinstance(record, (User, Song, Artist, Playlist, Comment)), record
    return type(record), record.id


def paged(ask: Callable[..., Reading], limit: int) -> list[Reading]:
    """Ask for page after page until the last one."""
    pages: list[Reading] = []
    while not pages or pages[-1].more:
        pages.append(ask(limit=limit, offset=sum(page.rows for page in pages)))
        assert len(pages) < 500
    return pages


# One check a route. Each returns what was read, so that the transports can be compared.


def user_detail(netease: Client, truth: Truth) -> Any:
    region = REGIONS[int(truth.world.listeners.user_regions[truth.row])].name
    name = truth.world.people_labels.nicknames[truth.row]
    reading = netease.user(truth.user)
    assert reading.records == (User(id=truth.user, name=name, region=region),)  # type: ignore[arg-type]
    return reading


def search_users(netease: Client, truth: Truth) -> Any:
    names = truth.world.people_labels.nicknames
    word = names[truth.row][:2]
    wanted = {truth.users[row] for row, name in enumerate(names) if word.casefold() in name.casefold()}
    found: list[Reading] = []
    while sum(page.rows for page in found) < len(wanted):
        found.append(netease.search_users(word, limit=2, offset=sum(page.rows for page in found)))
        assert found[-1].rows
        assert found[-1].total == len(wanted)
    assert {user for page in found for user in page.users} == wanted
    assert netease.search_users(names[truth.row]).users[0] == truth.user
    nobody = netease.search_users("no such name 没有")
    assert (nobody.users, nobody.total) == ((), 0)
    return found


def user_ids(netease: Client, truth: Truth) -> Any:
    names = truth.world.people_labels.nicknames
    reading = netease.user_ids([names[0], "no such name 没有", names[3]])
    assert {user.name: user.id for user in of(reading, User)} == {
        names[0]: truth.users[0],
        names[3]: truth.users[3],
    }
    return reading


def user_playlists(netease: Client, truth: Truth) -> Any:
    pages = paged(lambda **page: netease.user_playlists(truth.user, **page), 2)
    assert len(pages) > 1
    ids, own = truth.world.people_labels.playlist_ids, truth.world.playlists_of(truth.row)
    collected = [ids[playlist] for user, playlist in truth.world.subscriptions.tolist() if user == truth.row]
    assert [id for page in pages for id in page.playlists] == [*(ids[row] for row in own), *collected]
    assert pages[0].liked == ids[own[0]]
    assert [record.playlist for record in of(pages, Subscription)] == collected
    return pages


def playlist_detail(netease: Client, truth: Truth) -> Any:
    row = truth.world.people_labels.playlist_ids.index(truth.playlist)  # type: ignore[arg-type]
    drawn = truth.world.playlists[row]
    head = netease.playlist_head(truth.playlist)
    assert len(head.facts) == 10 < head.stated == drawn.songs.size
    whole = netease.playlist(truth.playlist)
    assert not whole.missing
    assert [(entry.song, entry.position, entry.added_at) for entry in of(whole, PlaylistSong)] == [
        (truth.songs[song], position, at)
        for position, (song, at) in enumerate(zip(drawn.songs.tolist(), drawn.added_at.tolist(), strict=True))
    ]
    return whole


def song_detail(netease: Client, truth: Truth) -> Any:
    reading = netease.songs([*truth.songs, "999"])
    assert set(reading.songs) == set(truth.songs)
    assert reading.missing == ("999",)
    roles = {record for record in truth.world.records() if isinstance(record, SongArtist)}
    assert set(of(reading, SongArtist)) == roles
    assert netease.songs(["998"]).songs == ()
    return reading


def song_url(netease: Client, truth: Truth) -> Any:
    sounding = next(row for row in range(len(truth.songs)) if truth.world.has_sound(row))
    silent = next(row for row in range(len(truth.songs)) if not truth.world.has_sound(row))
    found = netease.song_url(truth.songs[sounding])
    sound = b"".join(netease.transport.stream(str(found.url)))
    assert sound == truth.world.sound(sounding)
    assert len(sound) == found.size
    nothing = netease.song_url(truth.songs[silent])
    assert (nothing.url, nothing.code) == (None, 404)
    # The address holds the time at which it ends.
    return found.md5, found.size, found.format, found.level, found.expires_s, found.preview, nothing


def lyrics(netease: Client, truth: Truth) -> Any:
    return _lyrics(netease.lyrics, truth)


def lyrics_classic(netease: Client, truth: Truth) -> Any:
    return _lyrics(netease.lyrics_classic, truth)


def _lyrics(ask: Callable[[str], Reading], truth: Truth) -> Any:
    first: dict[Any, int] = {}
    for row in range(len(truth.songs)):
        drawn = truth.world.lyric(row)
        first.setdefault((drawn.state, drawn.translation is None), row)
    assert len(first) == 4, "a song with words, one with a translation, one without words, one unknown"
    readings = []
    for row in first.values():
        drawn, reading = truth.world.lyric(row), ask(truth.songs[row])
        (said,) = of(reading, Lyric)
        assert (said.state, said.text, said.translation) == (drawn.state, drawn.text, drawn.translation)
        readings.append(reading)
    return readings


def comments(netease: Client, truth: Truth) -> Any:
    return _comments(list(netease.comment_pages(truth.song, limit=7)), truth)


def comments_new(netease: Client, truth: Truth) -> Any:
    return _comments(list(netease.comment_pages_new(truth.song, size=7)), truth)


def _comments(pages: list[Reading], truth: Truth) -> Any:
    assert len(pages) > 2
    drawn = truth.world.comments(truth.song_rows([truth.song])[0])
    assert [id for page in pages for id in page.comments] == [comment.id for comment in drawn]
    assert {record.id: record.text for record in of(pages, Comment)} == {one.id: one.text for one in drawn}
    assert {page.total for page in pages} == {len(drawn)}
    return pages


def _artist_rows(truth: Truth) -> list[int]:
    artist = truth.world.music_labels.artist_ids.index(truth.artist)  # type: ignore[arg-type]
    music = truth.world.music
    return [
        row
        for row in range(len(truth.songs))
        if artist in (int(music.song_artists[row]), int(music.song_guests[row]))
    ]


def artist(netease: Client, truth: Truth) -> Any:
    reading = netease.artist(truth.artist)
    rows = _artist_rows(truth)
    assert set(reading.songs) == set(truth.named(rows))
    assert reading.total == len(rows)
    assert reading.artists[0] == truth.artist
    return reading


def artist_songs(netease: Client, truth: Truth) -> Any:
    pages = paged(lambda **page: netease.artist_songs(truth.artist, **page), 4)
    assert len(pages) > 1
    labels, rows = truth.world.music_labels, _artist_rows(truth)
    hot = sorted(rows, key=lambda row: (-int(labels.popularity[row]), row))
    assert [song for page in pages for song in page.songs] == truth.named(hot)
    lately = netease.artist_songs(truth.artist, order="time", limit=1000)
    newest = sorted(rows, key=lambda row: (-int(labels.released_at[row]), row))
    assert list(lately.songs) == truth.named(newest)
    return pages, lately


def artist_list(netease: Client, truth: Truth) -> Any:
    pages = list(netease.artist_list_pages(limit=5))
    assert [page.more for page in pages] == [True] * (len(pages) - 1) + [False]
    artists = [one for page in pages for one in page.artists]
    assert len(artists) == len(set(artists))
    assert set(artists) == set(truth.world.music_labels.artist_ids)
    return pages


def follows(netease: Client, truth: Truth) -> Any:
    pages = paged(lambda **page: netease.follows(truth.user, **page), 2)
    pairs = truth.world.follows.tolist()
    assert [user for page in pages for user in page.users] == [
        truth.users[other] for user, other in pairs if user == truth.row
    ]
    return pages


def fans(netease: Client, truth: Truth) -> Any:
    pages = paged(lambda **page: netease.fans(truth.user, **page), 2)
    pairs = truth.world.follows.tolist()
    assert [user for page in pages for user in page.users] == [
        truth.users[user] for user, other in pairs if other == truth.row
    ]
    return pages


def likes(netease: Client, truth: Truth) -> Any:
    reading = netease.likes(truth.user)
    assert set(reading.songs) == set(truth.named(truth.world.likes(truth.row)))
    return reading


def record(netease: Client, truth: Truth) -> Any:
    readings = []
    other = next(row for row in range(len(truth.users)) if row != truth.row and truth.world.chart(row))
    for user in (truth.row, other):
        for period, chart in (
            (Period.ALL, truth.world.chart(user)),
            (Period.WEEK, truth.world.week_chart(user)),
        ):
            reading = netease.record(truth.users[user], period)
            assert [(entry.song, entry.score, entry.plays) for entry in of(reading, ChartEntry)] == [
                (truth.songs[one.song_row], one.score, one.plays if user == truth.row else None)
                for one in chart
            ]
            readings.append(reading)
    assert of(readings[1], ChartEntry)
    return readings


def subscribers(netease: Client, truth: Truth) -> Any:
    row = truth.world.people_labels.playlist_ids.index(truth.collected)  # type: ignore[arg-type]
    pages = paged(lambda **page: netease.subscribers(truth.collected, **page), 2)
    assert len(pages) > 1
    pairs = truth.world.subscriptions.tolist()
    assert [user for page in pages for user in page.users] == [
        truth.users[user] for user, playlist in pairs if playlist == row
    ]
    return pages


def similar_songs(netease: Client, truth: Truth) -> Any:
    reading = netease.similar_songs(truth.song)
    similar = truth.named(truth.world.similar_songs(truth.song_rows([truth.song])[0]))
    assert [one.similar for one in of(reading, SimilarSong)] == similar
    return reading


def daily_songs(netease: Client, truth: Truth) -> Any:
    return _suggested(netease.daily_songs(truth.user, DAY), truth.world.daily_songs(truth.row), truth)


def personal_radio(netease: Client, truth: Truth) -> Any:
    return _suggested(netease.personal_radio(truth.user, DAY), truth.world.radio(truth.row), truth)


def _suggested(reading: Reading, rows: tuple[int, ...], truth: Truth) -> Reading:
    assert rows
    assert [one.song for one in of(reading, Suggestion)] == truth.named(rows)
    return reading


def account(netease: Client, truth: Truth) -> Any:
    reading = netease.account()
    assert reading.users == (truth.user,)
    return reading


CHECKS: Mapping[str, Callable[[Client, Truth], Any]] = {
    "user-detail": user_detail,
    "search-users": search_users,
    "user-ids": user_ids,
    "user-playlists": user_playlists,
    "playlist-detail": playlist_detail,
    "song-detail": song_detail,
    "song-url": song_url,
    "lyrics": lyrics,
    "lyrics-classic": lyrics_classic,
    "comments": comments,
    "comments-new": comments_new,
    "artist": artist,
    "artist-songs": artist_songs,
    "artist-list": artist_list,
    "follows": follows,
    "fans": fans,
    "likes": likes,
    "record": record,
    "subscribers": subscribers,
    "similar-songs": similar_songs,
    "daily-songs": daily_songs,
    "personal-radio": personal_radio,
    "account": account,
}
"""Of every route but the two that log in, which have tests of their own."""

AS_SOMEBODY = frozenset({"likes", "record", "daily-songs", "personal-radio", "account"})
"""Checks that need a login; ``account`` answers nobody, too."""
