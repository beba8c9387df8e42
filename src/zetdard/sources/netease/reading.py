"""What readers return: records in an order in which they can be stored, and the ids that a crawl follows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from zetdard.records import (
    Artist,
    ArtistId,
    CommentId,
    Playlist,
    PlaylistId,
    PlaylistSong,
    Record,
    Song,
    SongArtist,
    SongId,
    User,
    UserId,
)


class PictureLink(NamedTuple):
    """Where an image is to be had; ``kind`` and ``of`` as in ``records.Picture``."""

    kind: str
    of: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one reply says. Ids are in the reply's order, each once.

    Attributes:
        records: A record comes before the records that name its id.
        users: Ids of the users that it is about or that it lists.
        playlists: Ids of the playlists.
        songs: Ids of the songs that it describes.
        artists: Ids of their artists, or of those that it lists.
        missing: Ids of songs that it names and does not describe.
        comments: Ids of the comments of this page.
        pictures: Where the images of what it describes are.
        more: Whether the reply says that another page follows.
        next: What to ask for the next page, where the service says so.
        total: How many there are in all, as the service states it.
        rows: Entries of this page, for the offset of the next.
        oldest: Time of the earliest comment of this page.
        liked: Id of the listener's list of liked songs.
    """

    records: tuple[Record, ...] = ()
    users: tuple[UserId, ...] = ()
    playlists: tuple[PlaylistId, ...] = ()
    songs: tuple[SongId, ...] = ()
    artists: tuple[ArtistId, ...] = ()
    missing: tuple[SongId, ...] = ()
    comments: tuple[CommentId, ...] = ()
    pictures: tuple[PictureLink, ...] = ()
    more: bool = False
    next: str | None = None
    total: int | None = None
    rows: int = 0
    oldest: int | None = None
    liked: PlaylistId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SongFacts:
    """A song and its credits.

    Attributes:
        song: The song.
        artists: Its artists, each once.
        credits: One for each of the artists.
        cover: Address of its album's cover.
    """

    song: Song
    artists: tuple[Artist, ...]
    credits: tuple[SongArtist, ...]
    cover: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SongUrl:
    """Where the sound of a song is to be had, for a while.

    Attributes:
        song: Whose sound.
        url: Address; ``None`` if we may not have it.
        size: Bytes.
        md5: Content hash, 32 lower-case hex digits.
        level: The service's word for the quality.
        format: Ending of the file's usual name: ``mp3``, ``flac``.
        preview: Whether it is only an excerpt.
        code: The service's code for this song; 404 = no rights.
        expires_s: For how many seconds the address is good.
    """

    song: SongId
    url: str | None = None
    size: int | None = None
    md5: str | None = None
    level: str | None = None
    format: str | None = None
    preview: bool = False
    code: int | None = None
    expires_s: int | None = None


class Entry(NamedTuple):
    """A song's place in a playlist."""

    song: SongId
    position: int
    added_at: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaylistReading:
    """What a reply says about one playlist, which may describe only some of its songs.

    Attributes:
        creator: Its maker.
        playlist: The playlist.
        entries: All its songs in order.
        facts: Those that the reply describes.
        stated: How many songs the service says there are.
        cover: Address of its image.
    """

    creator: User
    playlist: Playlist
    entries: tuple[Entry, ...]
    facts: tuple[SongFacts, ...]
    stated: int | None
    cover: str | None

    @property
    def missing(self) -> tuple[SongId, ...]:
        """Songs that the reply does not describe."""
        known = {facts.song.id for facts in self.facts}
        return tuple(entry.song for entry in self.entries if entry.song not in known)

    def reading(self, further: Iterable[SongFacts] = ()) -> Reading:
        """Return all that is known when ``further`` songs are.

        A song that nothing describes is not there any more: it leaves a gap in the positions.
        """
        known = {facts.song.id: facts for facts in (*self.facts, *further)}
        found = Gathering()
        found.add_user(self.creator)
        found.records.append(self.playlist)
        missing = []
        for song, _, _ in self.entries:
            facts = known.get(song)
            if facts is None:
                missing.append(song)
            else:
                found.add_song(facts)
        playlist = self.playlist.id
        found.records += [
            PlaylistSong(playlist=playlist, song=song, position=position, added_at=added_at)
            for song, position, added_at in self.entries
            if song in known
        ]
        if self.cover:
            found.pictures.append(PictureLink("playlist", playlist, self.cover))
        return found.reading(playlists=(playlist,), missing=tuple(missing), total=self.stated)


@dataclass(slots=True)
class Gathering:
    """Collects records of users, songs and artists, each once and in an order in which they can be stored."""

    records: list[Record] = field(default_factory=list)
    pictures: list[PictureLink] = field(default_factory=list)
    _users: dict[UserId, None] = field(default_factory=dict)
    _songs: dict[SongId, None] = field(default_factory=dict)
    _artists: dict[ArtistId, None] = field(default_factory=dict)

    def add_user(self, user: User) -> None:
        """Take a user, unless there is one with this id."""
        if user.id not in self._users:
            self._users[user.id] = None
            self.records.append(user)

    def add_artist(self, artist: Artist) -> None:
        """Take an artist, unless there is one with this id."""
        if artist.id not in self._artists:
            self._artists[artist.id] = None
            self.records.append(artist)

    def add_song(self, facts: SongFacts) -> None:
        """Take a song with its artists and credits, unless there is one with this id."""
        song = facts.song.id
        if song in self._songs:
            return
        self._songs[song] = None
        for artist in facts.artists:
            self.add_artist(artist)
        self.records.append(facts.song)
        self.records += facts.credits
        if facts.cover is not None:
            self.pictures.append(PictureLink("song", song, facts.cover))

    def reading(
        self,
        *,
        playlists: tuple[PlaylistId, ...] = (),
        missing: tuple[SongId, ...] = (),
        more: bool = False,
        total: int | None = None,
        rows: int = 0,
    ) -> Reading:
        """Return what was collected."""
        return Reading(
            records=tuple(self.records),
            users=tuple(self._users),
            playlists=playlists,
            songs=tuple(self._songs),
            artists=tuple(self._artists),
            missing=missing,
            pictures=tuple(self.pictures),
            more=more,
            total=total,
            rows=rows,
        )
