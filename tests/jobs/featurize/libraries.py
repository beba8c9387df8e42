"""Small libraries of recordings and lyrics in a store, for tests of featurize."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import soundfile

from features.audio.signals import Sound
from zetdard.records import Lyric, LyricState, MusicFile, Playlist, PlaylistSong, Record, Song, User
from zetdard.store.blobs import Blobs
from zetdard.store.store import Store


def put(store: Store, *records: Record) -> None:
    with store.importing("files") as importing:
        for _ in importing.write(records):
            pass
        importing.finish(format="test", path="", started_at=0, refused=0)


def recording(path: Path, sound: Sound, rate: int = 22_050) -> Path:
    soundfile.write(path, sound, rate, subtype="PCM_16")
    return path


def entry(path: Path, song: str) -> MusicFile:
    about = path.stat()
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    return MusicFile(
        playlist="folder",
        uri=path.as_uri(),
        size=about.st_size,
        modified_ns=about.st_mtime_ns,
        song=song,
        sha256=sha256,
        format="wav",
    )


def library(store: Store, files: Mapping[str, Path]) -> dict[str, str]:
    """Store songs with their recordings; return song → content hash."""
    entries = {song: entry(path, song) for song, path in files.items()}
    put(
        store,
        User(id="me"),
        *(Song(id=song, title=song) for song in files),
        Playlist(id="folder", creator="me", name="folder"),
        *(PlaylistSong(playlist="folder", song=song, position=at) for at, song in enumerate(files)),
        *entries.values(),
    )
    return {song: file.sha256 or "" for song, file in entries.items()}


def lyric(song: str, text: str) -> list[Record]:
    return [Song(id=song, title=song), Lyric(song=song, state=LyricState.PRESENT, text=text)]


def no_blobs(folder: Path) -> Blobs:
    return Blobs(folder / "blobs")
