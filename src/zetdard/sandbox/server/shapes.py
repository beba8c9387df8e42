"""The two shapes in which the service states a song, and what may be done with one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from zetdard.sandbox.world import World


class Album(NamedTuple):
    """An album: number, title, address of its picture."""

    id: int
    title: str
    picture: str


def modern_song(world: World, row: int, artists: Sequence[int], album: Album) -> dict[str, Any]:
    """Return a song in the shape of details, playlists, artists and search."""
    labels = world.music_labels
    duration = int(labels.durations_ms[row])
    return {
        "id": int(labels.song_ids[row]),
        "name": labels.titles[row],
        "ar": [
            {
                "id": int(labels.artist_ids[artist]),
                "name": labels.artist_names[artist],
                "tns": [],
                "alias": [],
            }
            for artist in artists
        ],
        "al": {
            "id": album.id,
            "name": album.title,
            "picUrl": album.picture,
            "pic": album.id,
            "pic_str": str(album.id),
            "tns": [],
        },
        "alia": [],
        "dt": duration,
        "pop": float(labels.popularity[row]),
        "fee": _fee(row),
        "mv": 0,
        "publishTime": int(labels.released_at[row]),
        "no": row % 12 + 1,
        "cd": "01",
        "copyright": 0,
        "mark": 0,
        "t": 0,
        "st": 0,
        "rt": "",
        "djId": 0,
        "s_id": 0,
        "originCoverType": int(world.original_cover_type(row)),
        # Bits a second times milliseconds, in bytes.
        "h": {"br": 320_000, "fid": 0, "size": duration * 40, "vd": 0},
        "m": {"br": 192_000, "fid": 0, "size": duration * 24, "vd": 0},
        "l": {"br": 128_000, "fid": 0, "size": duration * 16, "vd": 0},
        "sq": None,
        "hr": None,
        "v": 1,
        "version": 1,
        "single": 0,
        "noCopyrightRcmd": None,
    }


def legacy_song(world: World, row: int, artists: Sequence[tuple[int, str]], album: Album) -> dict[str, Any]:
    """Return a song in the shape of the older routes; artists come with the addresses of their pictures."""
    labels = world.music_labels
    duration = int(labels.durations_ms[row])
    return {
        "id": int(labels.song_ids[row]),
        "name": labels.titles[row],
        "artists": [
            {
                "id": int(labels.artist_ids[artist]),
                "name": labels.artist_names[artist],
                "picId": 0,
                "picUrl": picture,
                "img1v1Url": picture,
                "briefDesc": "",
                "trans": "",
                "alias": [],
                "albumSize": 0,
                "musicSize": 0,
            }
            for artist, picture in artists
        ],
        "album": {
            "id": album.id,
            "name": album.title,
            "picUrl": album.picture,
            "picId": album.id,
            "publishTime": int(labels.released_at[row]),
            "alias": [],
            "status": 0,
        },
        "duration": duration,
        "alias": [],
        "mvid": 0,
        "popularity": float(labels.popularity[row]),
        "fee": _fee(row),
        "status": 0,
        "no": row % 12 + 1,
        "disc": "01",
        "bMusic": {"bitrate": 96_000, "size": duration * 12, "extension": "mp3"},
        "hMusic": {"bitrate": 320_000, "size": duration * 40, "extension": "mp3"},
        "privilege": privilege(world, row, playable=True),
    }


def privilege(world: World, row: int, *, playable: bool) -> dict[str, Any]:
    """Return what may be done with a song."""
    rate, level = (320_000, "exhigh") if playable else (0, "none")
    return {
        "id": int(world.music_labels.song_ids[row]),
        "fee": _fee(row),
        "payed": 0,
        "st": 0 if playable else -200,
        "pl": rate,
        "dl": rate,
        "sp": 7 if playable else 0,
        "cp": 1 if playable else 0,
        "subp": 1 if playable else 0,
        "cs": False,
        "maxbr": 999_000,
        "fl": rate,
        "toast": not playable,
        "flag": 0,
        "playMaxbr": 999_000,
        "plLevel": level,
        "dlLevel": level,
        "maxBrLevel": "lossless",
    }


def _fee(row: int) -> int:
    """Return who may hear a song in full: most are free in low quality (8), some free (0), some for members (1)."""
    return (8, 8, 8, 0, 8, 1)[row % 6]
