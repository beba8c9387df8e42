"""Replies about songs: what they are, where their sound is, and their words.

Songs come in two shapes: the modern one (``ar``, ``al``, ``dt``) and the legacy one of similar songs and the personal
radio (``artists``, ``album``, ``duration``), which says less: neither when a song came out nor whether it is a cover.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from zetdard.records import (
    Artist,
    ArtistId,
    Lyric,
    LyricState,
    Role,
    Song,
    SongArtist,
    SongId,
)
from zetdard.sources.netease.fields import (
    Json,
    Misread,
    address,
    array,
    clean,
    each,
    ident,
    number,
    optional_array,
    optional_member,
    optional_text,
    reader,
    release,
    says,
)
from zetdard.sources.netease.reading import Gathering, Reading, SongFacts, SongUrl

_ROLES = {1: Role.ORIGINAL, 2: Role.COVER}
_MD5 = re.compile(r"[0-9a-f]{32}", re.ASCII)
_FORMAT = re.compile(r"[a-z0-9]{1,8}", re.ASCII)
_REMEMBERED_SONGS = 16_384
"""A song is in hundreds of playlists, and its records are made once: about 2 KB each."""


def song_facts(raw: Json) -> SongFacts | None:
    """Return what a song of either shape says; ``None`` if it has no title, as what was taken down has none."""
    song = ident(raw, "id")
    title = raw.get("name")
    if type(title) is not str:
        if title is None:
            return None
        raise Misread("is not a text", "name")
    if not title.strip():
        return None
    performers = raw.get("ar")
    if type(performers) is list:
        name, album, duration, popularity = "ar", raw.get("al"), number(raw, "dt"), raw.get("pop")
        released = release(raw.get("publishTime"))
    else:
        name, performers = "artists", optional_array(raw, "artists")
        album, duration, popularity = raw.get("album"), number(raw, "duration"), raw.get("popularity")
        released = None
    if type(album) is not dict:
        album = {}
    kind = raw.get("originCoverType")
    return _facts(
        song,
        title,
        tuple(each(performers, _performer, name)),
        optional_text(album, "name"),
        duration or None,
        _popularity(popularity),
        released,
        _ROLES.get(kind, Role.PERFORMER) if type(kind) is int else Role.PERFORMER,
        address(album, "picUrl"),
    )


def _popularity(value: object) -> float | None:
    if type(value) is int or type(value) is float:
        return float(value) if 0 <= value <= 100 else None
    return None


def _performer(raw: Json) -> tuple[str, str | None]:
    """Return id and name of somebody in a song's list of artists; id 0 is somebody without a page."""
    return ident(raw, "id"), optional_text(raw, "name")


@lru_cache(maxsize=_REMEMBERED_SONGS)
def _facts(
    id_: str,
    title: str,
    performers: tuple[tuple[str, str | None], ...],
    album: str | None,
    duration_ms: int | None,
    popularity: float | None,
    released_at: int | None,
    role: Role,
    cover: str | None,
) -> SongFacts:
    names = [name for _, name in performers if name]
    artists: dict[str, Artist] = {}
    for artist, name in performers:
        # Without a name there is nobody to recommend.
        if artist != "0" and name and artist not in artists:
            artists[artist] = artist_record(artist, name)
    song = SongId(id_)
    return SongFacts(
        song=Song(
            id=song,
            title=clean(title),
            album=album,
            duration_ms=duration_ms,
            popularity=popularity,
            released_at=released_at,
            artists_raw="/".join(names) or None,
        ),
        artists=tuple(artists.values()),
        credits=tuple(
            SongArtist(song=song, artist=artist.id, position=position, role=role)
            for position, artist in enumerate(artists.values())
        ),
        cover=cover,
    )


@lru_cache(maxsize=4096)
def artist_record(id_: str, name: str) -> Artist:
    """Return the artist; the same record for the same words."""
    return Artist(id=ArtistId(id_), name=name)


def described(facts: Iterable[SongFacts | None]) -> list[SongFacts]:
    """Return those that say something."""
    return [one for one in facts if one is not None]


def gathered(facts: Iterable[SongFacts]) -> Gathering:
    """Return a gathering of songs, to which more can be added."""
    found = Gathering()
    for one in facts:
        found.add_song(one)
    return found


@reader
def read_song_facts(body: Json) -> tuple[SongFacts, ...]:
    """Read ``song-detail``: the songs that the service still has."""
    return tuple(described(each(array(body, "songs"), song_facts, "songs")))


@reader
def read_songs(body: Json, asked: Iterable[str] = ()) -> Reading:
    """Read ``song-detail``; those of ``asked`` that are absent are ``missing``."""
    found = gathered(read_song_facts(body)).reading()
    known = set(found.songs)
    missing = tuple(SongId(song) for song in dict.fromkeys(asked) if song not in known)
    return Reading(
        records=found.records,
        songs=found.songs,
        artists=found.artists,
        pictures=found.pictures,
        missing=missing,
    )


@reader
def read_song_urls(body: Json) -> tuple[SongUrl, ...]:
    """Read ``song-url``."""
    return tuple(each(array(body, "data"), _song_url, "data"))


def _song_url(raw: Json) -> SongUrl:
    md5 = (optional_text(raw, "md5") or "").lower()
    ending = (optional_text(raw, "type") or "").lower()
    return SongUrl(
        song=SongId(ident(raw, "id")),
        url=address(raw, "url"),
        size=number(raw, "size") or None,
        md5=md5 if _MD5.fullmatch(md5) else None,
        level=optional_text(raw, "level"),
        format=ending if _FORMAT.fullmatch(ending) else None,
        preview=raw.get("freeTrialInfo") is not None,
        code=number(raw, "code"),
        expires_s=number(raw, "expi"),
    )


@reader
def read_lyrics(body: Json, song: str) -> Reading:
    """Read ``lyrics`` or ``lyrics-classic``. Texts stay as they are, lines of JSON among them too."""
    words = optional_text(optional_member(body, "lrc"), "lyric")
    if says(body, "nolyric"):
        lyric = Lyric(song=SongId(song), state=LyricState.INSTRUMENTAL)
    elif says(body, "uncollected") or words is None:
        lyric = Lyric(song=SongId(song), state=LyricState.UNCOLLECTED)
    else:
        lyric = Lyric(
            song=SongId(song),
            state=LyricState.PRESENT,
            text=words,
            translation=optional_text(optional_member(body, "tlyric"), "lyric"),
            romanised=optional_text(optional_member(body, "romalrc"), "lyric"),
            word_times=optional_text(optional_member(body, "yrc"), "lyric"),
        )
    return Reading(records=(lyric,))
