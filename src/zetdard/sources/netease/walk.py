"""The walk over NetEase: listener → playlists → songs → artists, words, comments, sound; listener → whom they follow.

Each visit asks for one thing or one page of it, and says what follows. Visits depend on nothing that an earlier one
left behind, so that several workers make them in any order and a repeated one brings the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from zetdard.errors import (
    ForbiddenError,
    GoneError,
    InputError,
    NeedsLoginError,
    RejectedRequestError,
    UnknownEntityError,
    UnreadableReplyError,
)
from zetdard.records import (
    ChartEntry,
    Period,
    Playlist,
    PlaylistId,
    PlaylistSong,
    Record,
    Relation,
    SimilarSong,
    User,
    UserId,
)
from zetdard.sources.crawling import Beginning, CrawlKind, Keeper
from zetdard.sources.netease.client import COMMENTS_AT_ONCE, NetEase
from zetdard.sources.netease.fields import identifier
from zetdard.sources.netease.files import fetch_picture, fetch_sound
from zetdard.sources.netease.readers_comments import cursor_after
from zetdard.sources.netease.reading import Gathering, Reading
from zetdard.sources.netease.visits import (
    FOLLOWED,
    KINDS,
    ME,
    each_wanted,
    nearness,
    page_of,
    pictures_of,
    songs_of,
    visit,
)
from zetdard.tasks import Outcome, Task

if TYPE_CHECKING:
    from zetdard.sources.netease.transport import Transport

_ROWS_AT_ONCE = 100
"""Playlists, songs and people asked for on one page."""
_DEEPEST_ROW = 10_000
"""A list of playlists or people is given up here, whatever the service says of more."""


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


class NetEaseWalk:
    """Makes visits to NetEase over one connection.

    Args:
        transport: The connection.
        source: Namespace of the ids: ``netease``, or ``sandbox`` for the invented one.
        previews: Whether excerpts are taken where the whole song is not to be had.
        comment_pages: At most so many pages of a hundred comments for a song.
        fan_pages: At most so many pages of fans of a listener.
        subscriber_pages: At most so many pages of who collected a playlist.
        artist_pages: At most so many pages of the list of artists to begin with.
        level: The service's word for the quality of sound.
        today: Says which day it is (``YYYY-MM-DD``, UTC).
    """

    def __init__(
        self,
        transport: Transport,
        *,
        source: str = "netease",
        previews: bool = False,
        comment_pages: int = 5,
        fan_pages: int = 50,
        subscriber_pages: int = 100,
        artist_pages: int = 10,
        level: str = "standard",
        today: Callable[[], str] = _today,
    ) -> None:
        self._transport = transport
        self._netease = NetEase(transport)
        self._source = source
        self._previews = previews
        self._comment_pages = comment_pages
        self._fan_pages = fan_pages
        self._subscriber_pages = subscriber_pages
        self._artist_pages = artist_pages
        self._level = level
        self._today = today

    @property
    def source(self) -> str:
        """Namespace of the ids."""
        return self._source

    @property
    def kinds(self) -> Mapping[str, CrawlKind]:
        """The kinds of visits, by name."""
        return KINDS

    def close(self) -> None:
        """Give back the connection."""
        self._transport.close()

    # Where it begins

    def begin(self, beginning: Beginning) -> tuple[Sequence[Record], Sequence[Task]]:
        """Return the first facts and visits; see ``CrawlSource.begin``."""
        records: list[Record] = []
        tasks: dict[tuple[str, str, str], Task] = {}

        def follow(task: Task) -> None:
            tasks.setdefault(task.identity, task)

        if beginning.me:
            reading = self._netease.account()
            if not reading.users:
                raise NeedsLoginError("nobody is logged in, so it is not known who you are")
            records += reading.records
            follow(visit("user", reading.users[0], near=ME))
        for user in beginning.users:
            follow(visit("user", _checked_id(user, "user")))
        for nickname in beginning.nicknames:
            person = self._person(nickname)
            records.append(person)
            follow(visit("user", person.id))
        for playlist in beginning.playlists:
            follow(visit("playlist", _checked_id(playlist, "playlist")))
        if beginning.artist_list:
            for page in self._netease.artist_list_pages(limit=_ROWS_AT_ONCE, pages=self._artist_pages):
                records += page.records
                for artist in page.artists:
                    follow(visit("artist", artist))
        return records, tuple(tasks.values())

    def _person(self, nickname: str) -> User:
        """Return who has exactly this nickname."""
        try:
            exact = _users(self._netease.user_ids([nickname]), nickname)
        except (ForbiddenError, GoneError, NeedsLoginError, RejectedRequestError, UnreadableReplyError):
            exact = []  # the search knows, too
        if len(exact) == 1:
            return exact[0]
        found = self._netease.search_users(nickname)
        exact = _users(found, nickname)
        if len(exact) == 1:
            return exact[0]
        if exact:
            ids = ", ".join(user.id for user in exact[:5])
            raise UnknownEntityError(f"several listeners are called {nickname!r}; name one by id: {ids}")
        names = [user.name for user in found.records if isinstance(user, User) and user.name]
        near = f"; there are {', '.join(map(repr, names[:5]))}" if names else ""
        raise UnknownEntityError(f"no listener is called {nickname!r}{near}")

    # Visits

    def visit(self, task: Task, wanted: frozenset[str], keeper: Keeper) -> Outcome:
        """Make a visit; see ``CrawlSource.visit``."""
        make = _VISITS.get(task.kind)
        if make is None:
            raise RejectedRequestError(f"there are no visits of the kind {task.kind!r}")
        try:
            return make(self, task, wanted, keeper)
        except InputError as error:
            raise UnreadableReplyError(str(error)) from None

    def _user(self, task: Task, wanted: frozenset[str], keeper: Keeper) -> Outcome:
        reading = self._netease.user(task.id)
        near = nearness(task)
        about, depth = (task.id,), task.depth

        def children() -> Iterator[Task]:
            for kind in ("user-playlists", "likes", "record"):
                yield from each_wanted(kind, about, depth, wanted, near=near)
            if near == ME:
                yield from each_wanted("suggestions", about, depth, wanted, near=ME)
            # What leads to people is as deep as they are, so that a crawl can leave out what is too deep.
            yield from each_wanted("follows", about, depth + 1, wanted, near=near if near == ME else 0)
            yield from each_wanted("fans", about, depth + 1, wanted)
            yield from pictures_of(reading, depth, wanted)

        return Outcome(records=reading.records, children=tuple(children()))

    def _user_playlists(self, task: Task, wanted: frozenset[str], keeper: Keeper) -> Outcome:
        page = self._netease.user_playlists(task.id, limit=_ROWS_AT_ONCE, offset=_offset(task))
        children = each_wanted("playlist", page.playlists, task.depth, wanted, near=nearness(task))
        return Outcome(records=page.records, children=(*children, *_next_page(task, page, page.playlists)))

    def _playlist(self, task: Task, wanted: frozenset[str], keeper: Keeper) -> Outcome:
        reading = self._netease.playlist(task.id)
        return Outcome(
            records=reading.records,
            children=(
                *songs_of(reading, task.depth, wanted),
                *each_wanted("subscribers", (task.id,), task.depth, wanted),
            ),
            emptied=_emptied(reading.records, (PlaylistSong, task.id)),
        )

    def _artist(self, task: Task, wanted: frozenset[str], keeper: Keeper) -> Outcome:
        reading = self._netease.artist(task.id)
        return Outcome(
            records=reading.records,
            children=(
                *each_wanted("artist-songs", (task.id,), task.depth, wanted),
                *pictures_of(reading, task.depth, wanted),
            ),
        )

    def _artist_songs(self, task: Task, wanted: frozenset[str], keeper: Keeper) -> Outcome:
        page = self._netease.artist_songs(task.id, limit=_ROWS_AT_ONCE, offset=_offset(task))
        children = songs_of(page, task.depth, wanted, with_artists=False)
        return Outcome(records=page.records, children=(*children, *_next_page(task, page, page.songs)))

    def _lyrics(self, task: Task, wanted: frozenset[str], keeper: Keeper) -> Outcome:
        return Outcome(records=self._netease.lyrics(task.id).records)

    def _comments(self, task: Task, wanted: frozenset[str], keeper: Keeper) -> Outcome:
        page = self._netease.comments(task.id, cursor=task.cursor, limit=COMMENTS_AT_ONCE)
        return Outcome(records=page.records, children=tuple(self._more_comments(task, page)))

    def _more_comments(self, task: Task, page: Reading) -> Iterator[Task]:
        """Yield the visit to the next page, unless this one went no further back than the one before."""
        number, oldest = task.payload.get("page", 1), task.payload.get("oldest")
        cursor = cursor_after(task.cursor, page)
        goes_on = page.oldest is not None and (oldest is None or page.oldest < oldest)
        if cursor is not None and goes_on and number < self._comment_pages:
            yield page_of(task, cursor, page=number + 1, oldest=page.oldest)

    def _follows(self, task: Task, wanted: frozenset[str], keeper: Keeper) -> Outcome:
        page = self._netease.follows(task.id, limit=_ROWS_AT_ONCE, offset=_offset(task))
        near = FOLLOWED if nearness(task) == ME else 0
        children = each_wanted("user", page.users, task.depth, wanted, near=near)
        return Outcome(records=page.records, children=(*children, *_next_page(task, page, page.users)))

    def _fans(self, task: Task, wanted: frozenset[str], keeper: Keeper) -> Outcome:
        found = Gathering()
        people: dict[str, None] = {}
        for page in self._netease.fan_pages(task.id, pages=self._fan_pages):
            found.records += page.records
            people.update(dict.fromkeys(page.users))
        return Outcome(
            records=tuple(found.records), children=tuple(each_wanted("user", people, task.depth, wanted))
        )

    def _likes(self, task: Task, wanted: frozenset[str], keeper: Keeper) -> Outcome:
        """Keep liked songs as a list of liked songs, unless that list can be read as a playlist.

        Where it can, it says more (the order, and when each was added), and the same songs in a second list would
        count twice.
        """
        page = self._netease.user_playlists(task.id, limit=_ROWS_AT_ONCE)
        if page.liked is not None and self._can_be_read(page.liked):
            children = each_wanted("playlist", (page.liked,), task.depth, wanted, near=nearness(task))
            return Outcome(records=page.records, children=tuple(children))
        asked = self._netease.likes(task.id).songs
        playlist = page.liked or PlaylistId(f"likes:{task.id}")
        found = Gathering()
        found.records += page.records
        if page.liked is None:
            found.add_user(User(id=UserId(task.id)))
            found.records.append(
                Playlist(id=playlist, creator=UserId(task.id), name="喜欢的音乐", relation=Relation.LIKED)
            )
        described = self._netease.song_facts(asked)
        for facts in described:
            found.add_song(facts)
        known = {facts.song.id for facts in described}
        found.records += [
            PlaylistSong(playlist=playlist, song=song, position=position)
            for position, song in enumerate(asked)
            if song in known
        ]
        reading = found.reading()
        return Outcome(records=reading.records, children=tuple(songs_of(reading, task.depth, wanted)))

    def _can_be_read(self, playlist: str) -> bool:
        try:
            return bool(self._netease.playlist_head(playlist).entries)
        except (ForbiddenError, GoneError):
            return False

    def _record(self, task: Task, wanted: frozenset[str], keeper: Keeper) -> Outcome:
        readings = [self._netease.record(task.id, period) for period in (Period.WEEK, Period.ALL)]
        children = (child for reading in readings for child in songs_of(reading, task.depth, wanted))
        records = tuple(record for reading in readings for record in reading.records)
        charts = ((ChartEntry, task.id, period) for period in (Period.WEEK, Period.ALL))
        return Outcome(
            records=records,
            children=tuple({child.identity: child for child in children}.values()),
            emptied=_emptied(records, *charts),
        )

    def _subscribers(self, task: Task, wanted: frozenset[str], keeper: Keeper) -> Outcome:
        pages = self._netease.subscriber_pages(task.id, pages=self._subscriber_pages)
        return Outcome(records=tuple(record for page in pages for record in page.records))

    def _similar(self, task: Task, wanted: frozenset[str], keeper: Keeper) -> Outcome:
        records = self._netease.similar_songs(task.id).records
        return Outcome(records=records, emptied=_emptied(records, (SimilarSong, task.id)))

    def _suggestions(self, task: Task, wanted: frozenset[str], keeper: Keeper) -> Outcome:
        day = self._today()
        daily = self._netease.daily_songs(task.id, day)
        radio = self._netease.personal_radio(task.id, day)
        return Outcome(records=(*daily.records, *radio.records))

    def _audio(self, task: Task, wanted: frozenset[str], keeper: Keeper) -> Outcome:
        sound = fetch_sound(
            self._netease, self._transport, task.id, keeper, level=self._level, previews=self._previews
        )
        return Outcome(records=(sound,))

    def _picture(self, task: Task, wanted: frozenset[str], keeper: Keeper) -> Outcome:
        return Outcome(records=(fetch_picture(self._transport, task, keeper),))


_VISITS: dict[str, Callable[[NetEaseWalk, Task, frozenset[str], Keeper], Outcome]] = {
    "user": NetEaseWalk._user,
    "user-playlists": NetEaseWalk._user_playlists,
    "playlist": NetEaseWalk._playlist,
    "artist": NetEaseWalk._artist,
    "lyrics": NetEaseWalk._lyrics,
    "comments": NetEaseWalk._comments,
    "follows": NetEaseWalk._follows,
    "audio": NetEaseWalk._audio,
    "picture": NetEaseWalk._picture,
    "fans": NetEaseWalk._fans,
    "likes": NetEaseWalk._likes,
    "record": NetEaseWalk._record,
    "subscribers": NetEaseWalk._subscribers,
    "similar": NetEaseWalk._similar,
    "artist-songs": NetEaseWalk._artist_songs,
    "suggestions": NetEaseWalk._suggestions,
}


def _emptied(records: Sequence[Record], *owners: tuple[Any, ...]) -> tuple[tuple[Any, ...], ...]:
    """Return those owners of which a reply that holds all their rows holds none."""
    held: set[tuple[Any, ...]] = set()
    for record in records:
        match record:
            case PlaylistSong():
                held.add((PlaylistSong, record.playlist))
            case ChartEntry():
                held.add((ChartEntry, record.user, record.period))
            case SimilarSong():
                held.add((SimilarSong, record.song))
    return tuple(owner for owner in owners if owner not in held)


def _offset(task: Task) -> int:
    return int(task.cursor or 0)


def _next_page(task: Task, page: Reading, listed: Sequence[str]) -> Iterator[Task]:
    """Yield the visit to the next page, unless the service repeats itself or never comes to an end."""
    offset = _offset(task) + page.rows
    if page.more and listed and listed[0] != task.payload.get("first") and offset < _DEEPEST_ROW:
        yield page_of(task, str(offset), first=listed[0])


def _users(reading: Reading, nickname: str) -> list[User]:
    return [record for record in reading.records if isinstance(record, User) and record.name == nickname]


def _checked_id(id: str, what: str) -> str:
    if identifier(id) is None:
        raise InputError(f"{id!r} is not the id of a {what} at NetEase: ids there are whole numbers")
    return id
