"""NetEase Cloud Music as Python sees it: a method for each thing that it can be asked, and those that complete it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from zetdard.errors import GoneError, UnreadableReplyError
from zetdard.records import Period
from zetdard.sources.netease import (
    readers_comments,
    readers_lists,
    readers_music,
    readers_people,
    readers_songs,
)
from zetdard.sources.netease.readers_comments import cursor_after, page_parameters
from zetdard.sources.netease.reading import PlaylistReading, Reading, SongFacts, SongUrl

if TYPE_CHECKING:
    from zetdard.sources.netease.transport import Transport

SONGS_AT_ONCE = 500
"""Songs asked for in one request; the service takes up to 1000."""
COMMENTS_AT_ONCE = 100
"""The most that the classic way gives."""
_PERIODS = {Period.WEEK: "1", Period.ALL: "0"}


class NetEase:
    """Asks over one connection. Every method may raise any RefusalError.

    Args:
        transport: The connection.
    """

    def __init__(self, transport: Transport) -> None:
        self._call = transport.call

    # Listeners

    def account(self) -> Reading:
        """Return who is logged in; nobody if nobody is."""
        return readers_people.read_account(self._call("account"))

    def user(self, uid: str) -> Reading:
        """Return a listener."""
        reading = readers_people.read_user_detail(self._call("user-detail", uid=uid))
        if reading.users != (uid,):
            raise UnreadableReplyError(
                f"is {reading.users[0]}, not the {uid} asked for", path="$.profile.userId"
            )
        return reading

    def user_ids(self, nicknames: Sequence[str]) -> Reading:
        """Return the listeners with exactly these nicknames; those that nobody has are absent."""
        return readers_people.read_user_ids(self._call("user-ids", nicknames=",".join(nicknames)))

    def search_users(self, nickname: str, *, limit: int = 30, offset: int = 0) -> Reading:
        """Return listeners whose nicknames resemble this one."""
        body = self._call("search-users", nickname=nickname, limit=limit, offset=offset)
        return readers_people.read_user_search(body)

    def follows(self, uid: str, *, limit: int = 30, offset: int = 0) -> Reading:
        """Return a page of whom a listener follows."""
        return readers_people.read_follows(self._call("follows", uid=uid, limit=limit, offset=offset), uid)

    def fans(self, uid: str, *, limit: int = 30, offset: int = 0) -> Reading:
        """Return a page of who follows a listener."""
        return readers_people.read_fans(self._call("fans", uid=uid, limit=limit, offset=offset), uid)

    def fan_pages(self, uid: str, *, limit: int = 30, pages: int = 50) -> Iterator[Reading]:
        """Yield pages of fans. The service shows about a thousand and then repeats them."""
        return _pages(lambda offset: self.fans(uid, limit=limit, offset=offset), pages)

    def likes(self, uid: str) -> Reading:
        """Return the ids of a listener's liked songs."""
        return readers_lists.read_likes(self._call("likes", uid=uid))

    def record(self, uid: str, period: Period) -> Reading:
        """Return the chart of what a listener plays most."""
        body = self._call("record", uid=uid, type=_PERIODS[period])
        return readers_music.read_record(body, uid, period)

    def daily_songs(self, uid: str, day: str) -> Reading:
        """Return what the service offers today to ``uid``, who must be logged in."""
        return readers_music.read_daily_songs(self._call("daily-songs"), uid, day)

    def personal_radio(self, uid: str, day: str) -> Reading:
        """Return the next songs of the radio of ``uid``, who must be logged in."""
        return readers_music.read_personal_radio(self._call("personal-radio"), uid, day)

    # Playlists

    def user_playlists(self, uid: str, *, limit: int = 30, offset: int = 0) -> Reading:
        """Return a page of the playlists that a listener made or collected."""
        body = self._call("user-playlists", uid=uid, limit=limit, offset=offset)
        return readers_lists.read_user_playlists(body, uid)

    def playlist_head(self, id: str) -> PlaylistReading:
        """Return a playlist with as many songs as the service describes at once."""
        reading = readers_lists.read_playlist(self._call("playlist-detail", id=id))
        if reading.playlist.id != id:
            raise UnreadableReplyError(
                f"is {reading.playlist.id}, not the {id} asked for", path="$.playlist.id"
            )
        return reading

    def playlist(self, id: str) -> Reading:
        """Return a playlist with all its songs: what the service left out is asked for in batches."""
        head = self.playlist_head(id)
        return head.reading(self.song_facts(head.missing))

    def subscribers(self, id: str, *, limit: int = 20, offset: int = 0) -> Reading:
        """Return a page of who collected a playlist."""
        body = self._call("subscribers", id=id, limit=limit, offset=offset)
        return readers_people.read_subscribers(body, id)

    def subscriber_pages(self, id: str, *, limit: int = 20, pages: int = 100) -> Iterator[Reading]:
        """Yield pages of who collected a playlist. The service shows about two thousand."""
        return _pages(lambda offset: self.subscribers(id, limit=limit, offset=offset), pages)

    # Songs

    def song_facts(self, ids: Sequence[str]) -> list[SongFacts]:
        """Return what the service says about songs; those that it has no longer are absent."""
        facts: list[SongFacts] = []
        for start in range(0, len(ids), SONGS_AT_ONCE):
            batch = ids[start : start + SONGS_AT_ONCE]
            facts += readers_songs.read_song_facts(self._call("song-detail", ids=batch))
        return facts

    def songs(self, ids: Sequence[str]) -> Reading:
        """Return songs, at most 1000; those that the service has no longer are ``missing``."""
        return readers_songs.read_songs(self._call("song-detail", ids=ids), ids)

    def song_url(self, song: str, *, level: str = "standard") -> SongUrl:
        """Return where the sound of a song is to be had."""
        for found in readers_songs.read_song_urls(self._call("song-url", ids=[song], level=level)):
            if found.song == song:
                return found
        raise GoneError(f"there is no word about the sound of song {song}")

    def lyrics(self, song: str) -> Reading:
        """Return the words of a song, with times of words where there are any."""
        return readers_songs.read_lyrics(self._call("lyrics", id=song), song)

    def lyrics_classic(self, song: str) -> Reading:
        """Return the words of a song in the older way."""
        return readers_songs.read_lyrics(self._call("lyrics-classic", id=song), song)

    def similar_songs(self, song: str, *, limit: int = 50, offset: int = 0) -> Reading:
        """Return the songs that the service calls similar."""
        body = self._call("similar-songs", id=song, limit=limit, offset=offset)
        return readers_music.read_similar_songs(body, song)

    # Comments

    def comments(self, song: str, *, cursor: str = "", limit: int = COMMENTS_AT_ONCE) -> Reading:
        """Return a page of comments, the newest first; ``cursor`` as in ``cursor_after``."""
        body = self._call("comments", id=song, limit=limit, **page_parameters(cursor))
        return readers_comments.read_comments(body, song)

    def comment_pages(
        self, song: str, *, limit: int = COMMENTS_AT_ONCE, pages: int = 1000
    ) -> Iterator[Reading]:
        """Yield pages of comments, by offset and far down by time, until one brings nothing new."""
        cursor: str | None = ""
        seen: set[str] = set()
        for _ in range(pages):
            if cursor is None:
                return
            page = self.comments(song, cursor=cursor, limit=limit)
            if seen.issuperset(page.comments):
                return
            yield page
            seen.update(page.comments)
            cursor = cursor_after(cursor, page)

    def comments_new(
        self, song: str, *, page: int = 1, size: int = 20, cursor: str = "0", sort: int = 3
    ) -> Reading:
        """Return a page of comments in the newer way; the service does not keep to ``size``."""
        body = self._call("comments-new", id=song, page=page, size=size, cursor=cursor, sort=sort)
        return readers_comments.read_comments_new(body, song)

    def comment_pages_new(self, song: str, *, size: int = 20, pages: int = 1000) -> Iterator[Reading]:
        """Yield pages of comments in the newer way, until the last, a cursor that was there, or nothing new."""
        cursor = "0"
        cursors = {cursor}
        seen: set[str] = set()
        for number in range(1, pages + 1):
            page = self.comments_new(song, page=number, size=size, cursor=cursor)
            if seen.issuperset(page.comments):
                return
            yield page
            seen.update(page.comments)
            if not page.more or page.next is None or page.next in cursors:
                return
            cursor = page.next
            cursors.add(cursor)

    # Artists

    def artist(self, id: str) -> Reading:
        """Return an artist and the songs of theirs that are heard most."""
        return readers_music.read_artist(self._call("artist", id=id))

    def artist_songs(self, id: str, *, order: str = "hot", limit: int = 100, offset: int = 0) -> Reading:
        """Return a page of an artist's songs."""
        body = self._call("artist-songs", id=id, order=order, limit=limit, offset=offset)
        return readers_music.read_artist_songs(body)

    def artist_list(self, *, limit: int = 100, offset: int = 0) -> Reading:
        """Return a page of the service's list of artists."""
        return readers_music.read_artist_list(self._call("artist-list", limit=limit, offset=offset))

    def artist_list_pages(self, *, limit: int = 100, pages: int = 10) -> Iterator[Reading]:
        """Yield pages of the service's list of artists."""
        return _pages(
            lambda offset: self.artist_list(limit=limit, offset=offset), pages, lambda page: page.artists
        )


def _listed_users(page: Reading) -> tuple[Any, ...]:
    return page.users


def _pages(
    ask: Callable[[int], Reading],
    pages: int,
    listed: Callable[[Reading], tuple[Any, ...]] = _listed_users,
) -> Iterator[Reading]:
    """Yield at most ``pages`` pages, until the last or until one lists nothing new, whatever it says of more."""
    seen: set[Any] = set()
    offset = 0
    for _ in range(pages):
        page = ask(offset)
        if seen.issuperset(listed(page)):
            return
        yield page
        if not page.more:
            return
        seen.update(listed(page))
        offset += page.rows
