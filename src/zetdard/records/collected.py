"""Listeners, music, and what listeners collect, play and say."""

from __future__ import annotations

from dataclasses import dataclass

from zetdard.records.base import BaseRecord
from zetdard.records.words import ArtistId, CommentId, PlaylistId, Relation, Role, SongId, UserId, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class User(BaseRecord):
    """A listener."""

    id: UserId
    name: str | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Artist(BaseRecord):
    """A performer. ``name`` is the raw string of the source."""

    id: ArtistId
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Song(BaseRecord):
    """A recording. ``popularity`` is the source's own figure, 0–100 where it states one."""

    id: SongId
    title: str
    album: str | None = None
    duration_ms: int | None = None
    popularity: float | None = None
    released_at: int | None = None
    recording_mbid: str | None = None
    artists_raw: str | None = None
    """The artist string as the source wrote it, before it was split."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SongArtist(BaseRecord):
    """An edge song–artist; ``position`` counts from 0 in the source's order."""

    song: SongId
    artist: ArtistId
    position: int
    role: Role = Role.PERFORMER


@dataclass(frozen=True, slots=True, kw_only=True)
class Playlist(BaseRecord):
    """A list of songs and its maker. ``relation`` says what it is to the maker: ``own`` or ``liked``."""

    id: PlaylistId
    creator: UserId
    name: str
    tags: tuple[str, ...] = ()
    created_at: int | None = None
    play_count: int | None = None
    collect_count: int | None = None
    comment_count: int | None = None
    relation: Relation = Relation.OWN


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaylistSong(BaseRecord):
    """A song's place in a playlist; ``position`` counts from 0."""

    playlist: PlaylistId
    song: SongId
    position: int
    added_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription(BaseRecord):
    """A user collected somebody else's playlist."""

    user: UserId
    playlist: PlaylistId


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen(BaseRecord):
    """A user played a song at a time; ``played_ms`` is how long, where the source says so."""

    user: UserId
    song: SongId
    at: int
    played_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtistPlays(BaseRecord):
    """How often a user played an artist, where a source counts artists and not songs."""

    user: UserId
    artist: ArtistId
    plays: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagging(BaseRecord):
    """A user gave an artist a tag. The artist may be one that the source does not describe."""

    user: UserId
    artist: ArtistId
    tag: str
    at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Follow(BaseRecord):
    """``user`` follows ``followed``. A friendship is two of these."""

    user: UserId
    followed: UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment(BaseRecord):
    """What a user wrote about a song. The song may be one that the source does not describe."""

    id: CommentId
    song: SongId
    user: UserId
    at: int
    liked_count: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SongVerdict(BaseRecord):
    """A verdict that an export already holds (ListenBrainz love and hate)."""

    user: UserId
    song: SongId
    verdict: Verdict
    at: int
