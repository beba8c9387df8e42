"""Frozen facts, as a source states them.

A record carries the source's own ids, as opaque strings: ``"007"`` and ``"7"`` are different songs. The
source's name and the time of reading belong to the whole import and are added by the store. Times are
integer milliseconds since 1970-01-01 UTC. Free text is kept as it was written.
"""

from __future__ import annotations

from zetdard.records.attached import (
    AudioFile,
    ChartEntry,
    Lyric,
    MusicFile,
    Picture,
    SimilarSong,
    Suggestion,
)
from zetdard.records.base import MAX_ID_CHARACTERS, MAX_MBID_CHARACTERS, MAX_POSITION, MAX_TAG_CHARACTERS
from zetdard.records.collected import (
    Artist,
    ArtistPlays,
    Comment,
    Follow,
    Listen,
    Playlist,
    PlaylistSong,
    Song,
    SongArtist,
    SongVerdict,
    Subscription,
    Tagging,
    User,
)
from zetdard.records.words import (
    ArtistId,
    CommentId,
    LyricState,
    Period,
    PlaylistId,
    Relation,
    Role,
    SongId,
    Suggester,
    UserId,
    Verdict,
)

__all__ = [
    "MAX_ID_CHARACTERS",
    "MAX_MBID_CHARACTERS",
    "MAX_POSITION",
    "MAX_TAG_CHARACTERS",
    "Artist",
    "ArtistId",
    "ArtistPlays",
    "AudioFile",
    "ChartEntry",
    "Comment",
    "CommentId",
    "Follow",
    "Listen",
    "Lyric",
    "LyricState",
    "MusicFile",
    "Period",
    "Picture",
    "Playlist",
    "PlaylistId",
    "PlaylistSong",
    "Record",
    "Relation",
    "Role",
    "SimilarSong",
    "Song",
    "SongArtist",
    "SongId",
    "SongVerdict",
    "Subscription",
    "Suggester",
    "Suggestion",
    "Tagging",
    "User",
    "UserId",
    "Verdict",
]

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
    | Lyric
    | AudioFile
    | MusicFile
    | Picture
    | ChartEntry
    | SimilarSong
    | Suggestion
)
"""Everything that a source may yield."""
