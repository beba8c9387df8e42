"""Frozen facts, as a source states them.

A record carries the source's own ids, as opaque strings: ``"007"`` and ``"7"`` are different songs. The
source's name and the time of reading belong to the whole import and are added by the store. Times are
integer milliseconds since 1970-01-01 UTC. Free text is kept as it was written.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import NewType

from zetdard.errors import InputError

UserId = NewType("UserId", str)
SongId = NewType("SongId", str)
ArtistId = NewType("ArtistId", str)
PlaylistId = NewType("PlaylistId", str)
CommentId = NewType("CommentId", str)

MAX_ID_CHARACTERS = 300
MAX_TAG_CHARACTERS = 500
MAX_MBID_CHARACTERS = 36
MAX_POSITION = 2**31 - 1
_MAX_NUMBER = 2**63 - 1


class Relation(StrEnum):
    """Why an edge user–song is there."""

    OWN = "own"
    """The song is in a playlist that the user made."""
    LIKED = "liked"
    """The song is in the user's list of liked songs."""
    SUBSCRIBED = "subscribed"
    """The song is in somebody else's playlist that the user collected."""
    LISTENED = "listened"
    """The user played the song."""


class Role(StrEnum):
    """What an artist did for a song."""

    PERFORMER = "performer"
    """The source names the artist as performer; whether it is the original is not known."""
    ORIGINAL = "original"
    """The source says that this is the artist's original recording, not a cover."""


class Verdict(StrEnum):
    """What a listener says about a song or an artist."""

    LIKE = "like"
    DISLIKE = "dislike"
    SKIP = "skip"
    BAN = "ban"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Record:
    """Refuses what no database keeps faithfully, and unusable ids.

    NUL characters, lone surrogates, whole numbers of more than 64 bits, numbers that are not finite, and texts that
    are longer than their column.
    """

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, str):
                _refuse_unstorable(field.name, value)
            elif isinstance(value, tuple):
                for part in value:
                    if isinstance(part, str):
                        _refuse_unstorable(field.name, part)
            elif isinstance(value, int | float):
                _refuse_bad_number(field.name, value)
            if field.name in _ID_FIELDS and value is not None:
                _refuse_bad_id(field.name, value)


_ID_FIELDS = frozenset({"id", "user", "song", "artist", "playlist", "followed", "creator"})
_MAX_CHARACTERS = {"tag": MAX_TAG_CHARACTERS, "recording_mbid": MAX_MBID_CHARACTERS}


def _refuse_unstorable(name: str, value: str) -> None:
    if "\0" in value:
        raise InputError(f"{name} contains a NUL character")
    if name in _MAX_CHARACTERS and len(value) > _MAX_CHARACTERS[name]:
        raise InputError(f"{name} has {len(value)} characters; {_MAX_CHARACTERS[name]} are allowed")
    if not value.isascii():
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            raise InputError(f"{name} contains half of a surrogate pair") from None


def _refuse_bad_number(name: str, value: float) -> None:
    if not abs(value) <= _MAX_NUMBER:  # also where it is not a number
        raise InputError(f"{name} {value} is too large to be stored, or not a number")
    if name == "position" and not 0 <= value <= MAX_POSITION:
        raise InputError(f"position {value} is not between 0 and {MAX_POSITION}")


def _refuse_bad_id(name: str, value: object) -> None:
    if not isinstance(value, str):
        raise InputError(f"{name} must be a string, not {type(value).__name__}: ids are opaque")
    if not value or value != value.strip():
        raise InputError(f"{name} {value!r} is empty or has white space at an end")
    if len(value) > MAX_ID_CHARACTERS:
        raise InputError(f"{name} has {len(value)} characters; {MAX_ID_CHARACTERS} are allowed")


@dataclass(frozen=True, slots=True, kw_only=True)
class User(_Record):
    """A listener."""

    id: UserId
    name: str | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Artist(_Record):
    """A performer. ``name`` is the raw string of the source."""

    id: ArtistId
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Song(_Record):
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
class SongArtist(_Record):
    """An edge song–artist; ``position`` counts from 0 in the source's order."""

    song: SongId
    artist: ArtistId
    position: int
    role: Role = Role.PERFORMER


@dataclass(frozen=True, slots=True, kw_only=True)
class Playlist(_Record):
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
class PlaylistSong(_Record):
    """A song's place in a playlist; ``position`` counts from 0."""

    playlist: PlaylistId
    song: SongId
    position: int
    added_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription(_Record):
    """A user collected somebody else's playlist."""

    user: UserId
    playlist: PlaylistId


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen(_Record):
    """A user played a song at a time; ``played_ms`` is how long, where the source says so."""

    user: UserId
    song: SongId
    at: int
    played_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtistPlays(_Record):
    """How often a user played an artist, where a source counts artists and not songs."""

    user: UserId
    artist: ArtistId
    plays: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagging(_Record):
    """A user gave an artist a tag. The artist may be one that the source does not describe."""

    user: UserId
    artist: ArtistId
    tag: str
    at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Follow(_Record):
    """``user`` follows ``followed``. A friendship is two of these."""

    user: UserId
    followed: UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment(_Record):
    """What a user wrote about a song. The song may be one that the source does not describe."""

    id: CommentId
    song: SongId
    user: UserId
    at: int
    liked_count: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SongVerdict(_Record):
    """A verdict that an export already holds (ListenBrainz love and hate)."""

    user: UserId
    song: SongId
    verdict: Verdict
    at: int


Record = (
    User
    | Artist
    | Song
    | SongArtist
    | Playlist
    | PlaylistSong
    | Subscription
    | Listen
    | ArtistPlays
    | Tagging
    | Follow
    | Comment
    | SongVerdict
)
"""Everything that a source may yield."""
