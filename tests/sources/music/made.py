"""Music files made by the tests: sound, tags, damage."""

from __future__ import annotations

import ctypes
import time
from pathlib import Path

import mutagen
from mutagen.id3 import ID3, TALB, TCON, TDRC, TIT2, TPE1, UFID, USLT

from features.audio.signals import FORMATS, sine, write, write_m4a
from zetdard.errors import Failure
from zetdard.features.audio.decoding import probe
from zetdard.sources.music.examining import Examined, examine


def look_or_die(path: Path) -> Examined | Failure:
    """Look at a file as users do, unless its name says how that ends; for other processes."""
    if "segfault" in path.name:
        ctypes.string_at(0)
    if "sleep" in path.name:
        time.sleep(600)
    return examine(path, probe)


MBID = "0f4a1b0e-3a53-4b2a-9d8e-0123456789ab"
KINDS = ("mp3", "flac", "ogg", "opus", "wav", "m4a")


def sound_file(path: Path, frequency: float = 440, seconds: float = 1.0) -> Path:
    """Write a tone in the format that the ending names."""
    kind = path.suffix[1:].lower()
    rate = 44_100 if kind == "m4a" else FORMATS[kind][2]
    tone = sine(frequency, seconds, rate)
    return write_m4a(path, tone, rate) if kind == "m4a" else write(path, tone, rate, kind)


def tag(path: Path, title: str, artists: list[str], album: str | None = None, **more: str) -> Path:
    """Write tags as common programs do; more: date, genre, lyrics, mbid."""
    kind = path.suffix[1:].lower()
    if kind in ("mp3", "wav"):
        if kind == "wav":
            file = mutagen.File(path)
            if file.tags is None:
                file.add_tags()
            tags = file.tags
        else:
            tags = ID3()
        tags.add(TIT2(3, [title]))
        tags.add(TPE1(3, artists))
        if album:
            tags.add(TALB(3, [album]))
        if "date" in more:
            tags.add(TDRC(3, [more["date"]]))
        if "genre" in more:
            tags.add(TCON(3, [more["genre"]]))
        if "lyrics" in more:
            tags.add(USLT(3, "eng", "", more["lyrics"]))
        if "mbid" in more:
            tags.add(UFID("http://musicbrainz.org", more["mbid"].encode()))
        if kind == "wav":
            file.save()
        else:
            tags.save(path)
        return path
    names = (
        {
            "title": "\xa9nam",
            "artist": "\xa9ART",
            "album": "\xa9alb",
            "date": "\xa9day",
            "genre": "\xa9gen",
            "lyrics": "\xa9lyr",
            "mbid": "----:com.apple.iTunes:MusicBrainz Track Id",
        }
        if kind == "m4a"
        else {"mbid": "musicbrainz_trackid"}
    )
    file = mutagen.File(path)
    values: dict[str, list[str]] = {"title": [title], "artist": artists}
    if album:
        values["album"] = [album]
    values |= {name: [value] for name, value in more.items()}
    for name, value in values.items():
        key = names.get(name, name)
        file[key] = [one.encode() for one in value] if key.startswith("----") else value
    file.save()
    return path
