"""Answers about songs and artists: details, sounds, words, similar songs, suggestions."""

from __future__ import annotations

from typing import Any

from zetdard.records import LyricState
from zetdard.sandbox.lyrics import DrawnLyric
from zetdard.sandbox.server.files import LIFETIME_S
from zetdard.sandbox.server.service import BAD_REQUEST, Asked, RefusedError, Service

Reply = dict[str, Any]
MOST_SONGS = 1000
"""How many songs one request may name."""
HOT_SONGS = 50
CHINESE, WESTERN, ANY = 7, 96, -1
"""Codes of ``area`` in the list of artists."""


def song_detail(service: Service, asked: Asked) -> Reply:
    """Answer ``/api/v3/song/detail``; songs that are not there are absent."""
    if len(asked["c"]) > MOST_SONGS:
        raise RefusedError(BAD_REQUEST, f"at most {MOST_SONGS} songs can be asked for at once")
    known = service.catalogue.songs
    rows = service.there(known[song] for song in asked["c"] if song in known)
    return {
        "code": 200,
        "songs": [service.catalogue.song(row) for row in rows],
        "privileges": [service.privilege(row) for row in rows],
    }


def song_url(service: Service, asked: Asked) -> Reply:
    """Answer ``/api/song/enhance/player/url/v1``: one entry for each song, without address where it has none."""
    return {"code": 200, "data": [_sound(service, song, asked["level"]) for song in asked["ids"]]}


def lyrics(service: Service, asked: Asked) -> Reply:
    """Answer ``/api/song/lyric`` and ``/api/song/lyric/v1``."""
    row = service.song_row(asked["id"])
    if row not in service.lyrics:
        service.lyrics[row] = _lyrics(service.world.lyric(row))
    return service.lyrics[row]


def artist(service: Service, asked: Asked) -> Reply:
    """Answer ``/api/v1/artist/ID``: the artist and at most 50 songs."""
    row = service.artist_row(asked["tail"])
    songs = _songs_of(service, row, "hot")
    return {
        "code": 200,
        "more": len(songs) > HOT_SONGS,
        "artist": service.catalogue.artist(row),
        "hotSongs": [service.catalogue.song(song) for song in songs[:HOT_SONGS]],
    }


def artist_songs(service: Service, asked: Asked) -> Reply:
    """Answer ``/api/v1/artist/songs``."""
    songs = _songs_of(service, service.artist_row(asked["id"]), asked["order"])
    rows, more = asked.page(songs)
    return {
        "code": 200,
        "songs": [service.catalogue.song(song) for song in rows],
        "more": more,
        "total": len(songs),
    }


def artist_list(service: Service, asked: Asked) -> Reply:
    """Answer ``/api/v1/artist/list``, the best known first.

    ``area`` tells Chinese names from others, ``initial`` is the code of a first letter, and ``type`` (men, women,
    bands) is made up: the world knows no such thing.
    """
    names = service.world.music_labels.artist_names
    area, initial, kind = asked["area"], asked["initial"], asked["type"]

    def wanted(row: int) -> bool:
        name = names[row]
        return (
            (kind == ANY or kind == 1 + row % 3)
            and (area == ANY or area == (CHINESE if ord(name[0]) > 0x2E80 else WESTERN))
            and (initial in (ANY, 0) or name[0].upper() == chr(initial))
        )

    lists = service.catalogue.artist_lists
    if (area, initial, kind) not in lists:
        lists[area, initial, kind] = [row for row in service.catalogue.by_fame if wanted(row)]
    rows, more = asked.page(lists[area, initial, kind])
    return {"code": 200, "artists": [service.catalogue.artist(row) for row in rows], "more": more}


def similar_songs(service: Service, asked: Asked) -> Reply:
    """Answer ``/api/v1/discovery/simiSong``, in the older shape."""
    row = service.song_row(asked["songid"])
    if row not in service.similar:
        service.similar[row] = service.world.similar_songs(row)
    rows, _ = asked.page(service.there(service.similar[row]))
    return {"code": 200, "songs": [service.catalogue.legacy_song(song) for song in rows]}


def daily_songs(service: Service, asked: Asked) -> Reply:
    """Answer ``/api/v3/discovery/recommend/songs``."""
    assert asked.login is not None  # the route needs a login
    rows = service.there(service.world.daily_songs(asked.login))
    reason = "根据你收藏的歌曲推荐"
    songs = [
        service.catalogue.song_with(
            row,
            reason=reason,
            alg="itembased",
            privilege=service.privilege(row),
        )
        for row in rows
    ]
    ids = service.world.music_labels.song_ids
    reasons = [{"songId": int(ids[row]), "reason": reason} for row in rows]
    return {"code": 200, "data": {"dailySongs": songs, "orderSongs": [], "recommendReasons": reasons}}


def radio(service: Service, asked: Asked) -> Reply:
    """Answer ``/api/v1/radio/get``, in the older shape."""
    assert asked.login is not None  # the route needs a login
    rows = service.there(service.world.radio(asked.login))
    return {
        "code": 200,
        "popAdjust": False,
        "data": [service.catalogue.legacy_song(row) for row in rows],
    }


def _lyrics(drawn: DrawnLyric) -> Reply:
    reply: Reply = {"code": 200, "sgc": False, "sfy": False, "qfy": False}
    if drawn.state is LyricState.INSTRUMENTAL:
        return reply | {"nolyric": True}
    if drawn.state is LyricState.UNCOLLECTED:
        return reply | {"uncollected": True}
    empty = {"version": 0, "lyric": ""}
    return reply | {
        "lrc": {"version": 1, "lyric": drawn.text},
        "klyric": empty,
        "tlyric": {"version": 1, "lyric": drawn.translation} if drawn.translation else empty,
        "romalrc": empty,
    }


def _songs_of(service: Service, artist: int, order: str) -> list[int]:
    labels = service.world.music_labels
    measure = labels.popularity if order == "hot" else labels.released_at
    songs = service.there(service.catalogue.artist_songs[artist])
    return sorted(songs, key=lambda row: (-int(measure[row]), row))


def _sound(service: Service, song: str, level: str) -> Reply:
    entry: Reply = {
        "id": int(song),
        "url": None,
        "br": 0,
        "size": 0,
        "md5": None,
        "code": 404,
        "expi": LIFETIME_S,
        "type": None,
        "gain": 0.0,
        "peak": 0.0,
        "fee": 0,
        "payed": 0,
        "flag": 0,
        "level": None,
        "encodeType": None,
        "time": 0,
        "sr": None,
        "freeTrialInfo": None,
        "freeTrialPrivilege": {"resConsumable": False, "userConsumable": False, "listenType": None},
        "freeTimeTrialPrivilege": {"resConsumable": False, "userConsumable": False, "type": 0},
        "urlSource": 0,
        "message": None,
        "musicId": None,
    }
    row = service.catalogue.songs.get(song)
    if row is None or row in service.gone or not service.playable(row):
        return entry
    preview = service.preview_only(row)
    md5, size = service.sounds.stated(row, preview=preview)
    if service.mischief.chosen(service.plan.wrong_md5, "wrong md5", song):
        md5 = md5[::-1] if md5 != md5[::-1] else "0" * 32
    seconds = service.world.config.sound_seconds
    return entry | {
        "url": service.base + service.sounds.address(row, preview=preview),
        "br": 352_800,
        "size": size,
        "md5": md5,
        "code": 200,
        "type": "wav",
        "level": level,
        "encodeType": "wav",
        "time": round(1000 * seconds),
        "sr": 22_050,
        "freeTrialInfo": {"start": 0, "end": 1} if preview else None,
        "musicId": str(row + 1),
    }
