"""Ids, and the words that records use where only some words are allowed."""

from __future__ import annotations

from enum import StrEnum
from typing import NewType

UserId = NewType("UserId", str)
SongId = NewType("SongId", str)
ArtistId = NewType("ArtistId", str)
PlaylistId = NewType("PlaylistId", str)
CommentId = NewType("CommentId", str)


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
    COVER = "cover"
    """The source says that this is a cover of somebody else's song."""


class LyricState(StrEnum):
    """What a source says about the words of a song."""

    PRESENT = "present"
    INSTRUMENTAL = "instrumental"
    """The song has no words."""
    UNCOLLECTED = "uncollected"
    """The source does not have the words."""


class Period(StrEnum):
    """What time a chart of a listener's plays covers."""

    WEEK = "week"
    ALL = "all"


class Suggester(StrEnum):
    """Which of the service's own recommenders offered a song."""

    DAILY = "daily"
    RADIO = "radio"


class Verdict(StrEnum):
    """What a listener says about a song or an artist."""

    LIKE = "like"
    DISLIKE = "dislike"
    SKIP = "skip"
    BAN = "ban"
