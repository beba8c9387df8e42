"""Records → values of a row, with ids where the row will have keys."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from zetdard import records as r
from zetdard.errors import InputError

Row = tuple[Any, ...]

_ENTITY = ("source", "id")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_PICTURED = frozenset({"user", "song", "playlist", "artist"})


@dataclass(frozen=True, slots=True)
class Layout:
    """How the rows of a table are written.

    Attributes:
        columns: What a record gives, in this order; ``source`` and ``fetched_at`` follow.
        references: Position of a column that holds an id, or nothing, → table in which its key is found.
        keep: The identity.
        owner: Positions of the columns that say whose rows these are, where a reading that states them anew replaces
            them as a whole. The first one is a reference.
        anew: A new row replaces the old one as a whole; otherwise what is not said erases nothing.
        silence: Columns with the word that says nothing.
    """

    columns: tuple[str, ...]
    references: tuple[tuple[int, str], ...] = ()
    keep: tuple[str, ...] = _ENTITY
    owner: tuple[int, ...] = ()
    anew: bool = False
    silence: tuple[tuple[str, str], ...] = ()


LAYOUTS: dict[str, Layout] = {
    # Entities before what refers to them.
    "users": Layout(("id", "name", "region")),
    "artists": Layout(("id", "name")),
    "songs": Layout(
        (
            "id",
            "title",
            "artists_raw",
            "album",
            "duration_ms",
            "popularity",
            "released_at",
            "recording_mbid",
        )
    ),
    "playlists": Layout(
        (
            "id",
            "creator",
            "name",
            "tags",
            "created_at",
            "play_count",
            "collect_count",
            "comment_count",
            "relation",
        ),
        ((1, "users"),),
        # A list of playlists names no tags, and the playlist itself does.
        silence=(("tags", "[]"),),
    ),
    "song_artists": Layout(
        ("song", "artist", "position", "role"),
        ((0, "songs"), (1, "artists")),
        ("song", "artist"),
        owner=(0,),
        # One reply of a service says what the artist is to the song, and another does not.
        silence=(("role", r.Role.PERFORMER.value),),
    ),
    "playlist_songs": Layout(
        ("playlist", "song", "position", "added_at"),
        ((0, "playlists"), (1, "songs")),
        ("playlist", "song"),
        owner=(0,),
    ),
    "subscriptions": Layout(("user", "playlist"), ((0, "users"), (1, "playlists")), ("user", "playlist")),
    "listens": Layout(
        ("user", "song", "at", "played_ms"), ((0, "users"), (1, "songs")), ("user", "song", "at")
    ),
    "artist_plays": Layout(("user", "artist", "plays"), ((0, "users"), (1, "artists")), ("user", "artist")),
    "taggings": Layout(("user", "artist", "tag", "at"), ((0, "users"),), ("user", "artist", "tag")),
    "follows": Layout(("user", "followed"), ((0, "users"), (1, "users")), ("user", "followed")),
    "comments": Layout(("id", "song", "user", "at", "liked_count", "text"), ((2, "users"),)),
    "lyrics": Layout(
        ("song", "state", "text", "translation", "romanised", "word_times"),
        ((0, "songs"),),
        ("song",),
        anew=True,
    ),
    "audio_files": Layout(
        ("song", "place", "sha256", "md5", "size", "format", "level", "preview"),
        ((0, "songs"),),
        ("song", "place"),
        anew=True,
    ),
    "music_files": Layout(
        (
            "playlist",
            "uri_sha256",
            "uri",
            "size",
            "modified_ns",
            "song",
            "sha256",
            "format",
            "reason",
            "detail",
        ),
        ((0, "playlists"), (5, "songs")),
        ("playlist", "uri_sha256"),
        owner=(0,),
        anew=True,
    ),
    "pictures": Layout(
        ("kind", "of", "sha256", "size", "media_type", "place"), (), ("source", "kind", "of"), anew=True
    ),
    "chart_entries": Layout(
        ("user", "song", "period", "position", "score", "plays"),
        ((0, "users"), (1, "songs")),
        ("user", "song", "period"),
        owner=(0, 2),
        anew=True,
    ),
    "similar_songs": Layout(
        ("song", "similar", "position"), ((0, "songs"), (1, "songs")), ("song", "similar"), owner=(0,)
    ),
    "suggestions": Layout(
        ("user", "song", "by", "day", "position", "reason"),
        ((0, "users"), (1, "songs")),
        ("user", "song", "by", "day"),
    ),
}
"""How each table is written, in the order in which tables are."""


def owner_of(record: r.Record) -> tuple[Any, ...] | None:
    """Return whose this record is, where a reading that states the owner's records anew replaces them all."""
    find = _OWNERS.get(type(record))
    return None if find is None else find(record)


OWNED: dict[type, str] = {
    r.SongArtist: "song_artists",
    r.PlaylistSong: "playlist_songs",
    r.MusicFile: "music_files",
    r.ChartEntry: "chart_entries",
    r.SimilarSong: "similar_songs",
}
"""Records that have an owner, and their tables."""

_OWNERS: dict[type, Callable[[Any], tuple[Any, ...]]] = {
    r.SongArtist: lambda edge: (r.SongArtist, edge.song),
    r.PlaylistSong: lambda entry: (r.PlaylistSong, entry.playlist),
    r.MusicFile: lambda file: (r.MusicFile, file.playlist),
    r.ChartEntry: lambda entry: (r.ChartEntry, entry.user, entry.period),
    r.SimilarSong: lambda edge: (r.SimilarSong, edge.song),
}


def _song(song: r.Song) -> tuple[str, Hashable, Row]:
    popularity = None if song.popularity is None else float(song.popularity)
    row = (
        song.id,
        song.title,
        song.artists_raw,
        song.album,
        song.duration_ms,
        popularity,
        song.released_at,
        song.recording_mbid,
    )
    return "songs", song.id, row


def _playlist(playlist: r.Playlist) -> tuple[str, Hashable, Row]:
    if playlist.relation not in {r.Relation.OWN, r.Relation.LIKED}:
        raise InputError(f"a playlist is its maker's own or liked list, not {playlist.relation.value!r}")
    row = (
        playlist.id,
        playlist.creator,
        playlist.name,
        json.dumps(playlist.tags, ensure_ascii=False),
        playlist.created_at,
        playlist.play_count,
        playlist.collect_count,
        playlist.comment_count,
        playlist.relation.value,
    )
    return "playlists", playlist.id, row


def _artist_plays(edge: r.ArtistPlays) -> tuple[str, Hashable, Row]:
    if edge.plays < 1:
        raise InputError(f"user {edge.user!r} played artist {edge.artist!r} {edge.plays} times")
    return "artist_plays", (edge.user, edge.artist), (edge.user, edge.artist, edge.plays)


def _follow(edge: r.Follow) -> tuple[str, Hashable, Row]:
    if edge.user == edge.followed:
        raise InputError(f"user {edge.user!r} cannot follow themselves")
    return "follows", (edge.user, edge.followed), (edge.user, edge.followed)


def _audio_file(file: r.AudioFile) -> tuple[str, Hashable, Row]:
    _check_hash(file.sha256)
    place = file.place or ""
    row = (
        file.song,
        place,
        file.sha256,
        file.md5,
        file.size,
        file.format,
        file.level,
        int(file.preview),
    )
    return "audio_files", (file.song, place), row


def _music_file(file: r.MusicFile) -> tuple[str, Hashable, Row]:
    if (file.song is None) == (file.reason is None) or (file.song is None) != (file.sha256 is None):
        raise InputError(
            f"{file.uri}: a file of music has a song and a content hash, or a reason for its refusal"
        )
    if file.sha256 is not None:
        _check_hash(file.sha256)
    name = hashlib.sha256(file.uri.encode()).hexdigest()
    row = (
        file.playlist,
        name,
        file.uri,
        file.size,
        file.modified_ns,
        file.song,
        file.sha256,
        file.format,
        file.reason,
        file.detail,
    )
    return "music_files", (file.playlist, name), row


def _picture(picture: r.Picture) -> tuple[str, Hashable, Row]:
    _check_hash(picture.sha256)
    if picture.kind not in _PICTURED:
        raise InputError(f"a picture is of a {', '.join(sorted(_PICTURED))}, not of a {picture.kind!r}")
    row = (
        picture.kind,
        picture.of,
        picture.sha256,
        picture.size,
        picture.media_type,
        picture.place,
    )
    return "pictures", (picture.kind, picture.of), row


def _similar_song(edge: r.SimilarSong) -> tuple[str, Hashable, Row]:
    if edge.song == edge.similar:
        raise InputError(f"song {edge.song!r} cannot be similar to itself")
    return "similar_songs", (edge.song, edge.similar), (edge.song, edge.similar, edge.position)


def _suggestion(offer: r.Suggestion) -> tuple[str, Hashable, Row]:
    if not _DAY.fullmatch(offer.day):
        raise InputError(f"day {offer.day!r} is not written like 2024-12-31")
    by = offer.by.value
    row = (offer.user, offer.song, by, offer.day, offer.position, offer.reason)
    return "suggestions", (offer.user, offer.song, by, offer.day), row


def _check_hash(sha256: str) -> None:
    if not _SHA256.fullmatch(sha256):
        raise InputError(f"sha256 {sha256!r} is not 64 lower-case hexadecimal digits")


ROWS: dict[type, Callable[[Any], tuple[str, Hashable, Row]]] = {
    r.User: lambda user: ("users", user.id, (user.id, user.name, user.region)),
    r.Artist: lambda artist: ("artists", artist.id, (artist.id, artist.name)),
    r.Song: _song,
    r.SongArtist: lambda edge: (
        "song_artists",
        (edge.song, edge.artist),
        (edge.song, edge.artist, edge.position, edge.role.value),
    ),
    r.Playlist: _playlist,
    r.PlaylistSong: lambda entry: (
        "playlist_songs",
        (entry.playlist, entry.song),
        (entry.playlist, entry.song, entry.position, entry.added_at),
    ),
    r.Subscription: lambda edge: (
        "subscriptions",
        (edge.user, edge.playlist),
        (edge.user, edge.playlist),
    ),
    r.Listen: lambda listen: (
        "listens",
        (listen.user, listen.song, listen.at),
        (listen.user, listen.song, listen.at, listen.played_ms),
    ),
    r.ArtistPlays: _artist_plays,
    r.Tagging: lambda edge: (
        "taggings",
        (edge.user, edge.artist, edge.tag),
        (edge.user, edge.artist, edge.tag, edge.at),
    ),
    r.Follow: _follow,
    r.Comment: lambda comment: (
        "comments",
        comment.id,
        (comment.id, comment.song, comment.user, comment.at, comment.liked_count, comment.text),
    ),
    r.Lyric: lambda lyric: (
        "lyrics",
        lyric.song,
        (
            lyric.song,
            lyric.state.value,
            lyric.text,
            lyric.translation,
            lyric.romanised,
            lyric.word_times,
        ),
    ),
    r.AudioFile: _audio_file,
    r.MusicFile: _music_file,
    r.Picture: _picture,
    r.ChartEntry: lambda entry: (
        "chart_entries",
        (entry.user, entry.song, entry.period.value),
        (entry.user, entry.song, entry.period.value, entry.position, entry.score, entry.plays),
    ),
    r.SimilarSong: _similar_song,
    r.Suggestion: _suggestion,
}
"""What makes a row of each kind of record: (table, identity among the source's rows, values)."""
