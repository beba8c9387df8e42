"""What hangs on songs: where their sound lies, and their words."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias
from urllib.parse import unquote_to_bytes, urlsplit

from sqlalchemy import Connection, select

from zetdard.records import Lyric, LyricState, MusicFile
from zetdard.store import schema

Origin: TypeAlias = tuple[str, str]
"""(source, id) of an entity."""


@dataclass(frozen=True, slots=True)
class Sound:
    """A recording of a song.

    Attributes:
        origin: (source, id) of the song.
        sha256: Content hash: of the file in a folder of blobs, of the sound without tags of a listener's own file.
        uri: Where an own file lies; ``None`` = it is a blob.
        preview: Whether it is only an excerpt.
        size: Bytes of an own file when it was imported.
        modified_ns: When an own file had last been written, then.
    """

    origin: Origin
    sha256: str
    uri: str | None = None
    preview: bool = False
    size: int | None = None
    modified_ns: int | None = None


def path_of(uri: str) -> Path:
    """Return the place that a ``file:///…`` URI names, also where its name is not UTF-8."""
    path = os.fsdecode(unquote_to_bytes(urlsplit(uri).path))
    return Path(path[1:] if os.name == "nt" else path)


def read_music_files(connection: Connection) -> list[MusicFile]:
    """Read the files of listeners' own folders, refused ones too."""
    files, songs, lists = schema.music_files.c, schema.songs.c, schema.playlists.c
    columns = (
        lists.id.label("playlist"),
        files.uri,
        files.size,
        files.modified_ns,
        songs.id.label("song"),
        files.sha256,
        files.format,
        files.reason,
        files.detail,
    )
    query = (
        select(*columns)
        .select_from(
            schema.music_files.join(schema.playlists, files.playlist == lists.key).outerjoin(
                schema.songs, files.song == songs.key
            )
        )
        .order_by(files.uri, lists.id)
    )
    return [MusicFile(**row) for row in connection.execute(query).mappings()]


def read_sounds(connection: Connection, place: str | None) -> list[Sound]:
    """Read where sound is to be found, in one order: whole recordings before excerpts, own files before blobs.

    Args:
        connection: Inside a read transaction.
        place: Id of the folder of blobs that is at hand.
    """
    songs, files, blobs = schema.songs.c, schema.music_files.c, schema.audio_files.c
    own = connection.execute(
        select(songs.source, songs.id, files.sha256, files.uri, files.size, files.modified_ns).join_from(
            schema.music_files, schema.songs, files.song == songs.key
        )
    )
    found = [
        Sound((source, id_), sha256, uri, size=size, modified_ns=modified_ns)
        for source, id_, sha256, uri, size, modified_ns in own
    ]
    if place is not None:
        kept = connection.execute(
            select(songs.source, songs.id, blobs.sha256, blobs.preview)
            .join_from(schema.audio_files, schema.songs, blobs.song == songs.key)
            .where(blobs.place == place)
        )
        found += [Sound((source, id_), sha256, None, bool(preview)) for source, id_, sha256, preview in kept]
    # By content and not by place: two copies are one recording, whichever of them is met first.
    return sorted(
        found,
        key=lambda sound: (sound.origin, sound.preview, sound.uri is None, sound.sha256, sound.uri or ""),
    )


def read_lyrics(connection: Connection) -> list[tuple[Origin, Lyric]]:
    """Read the words of all songs, ordered by (source, id)."""
    songs, lyrics = schema.songs.c, schema.lyrics.c
    query = select(
        songs.source,
        songs.id,
        lyrics.state,
        lyrics.text,
        lyrics.translation,
        lyrics.romanised,
        lyrics.word_times,
    ).join_from(schema.lyrics, schema.songs, lyrics.song == songs.key)
    found = [
        (
            (source, id_),
            Lyric(
                song=id_,
                state=LyricState(state),
                text=text,
                translation=translation,
                romanised=romanised,
                word_times=word_times,
            ),
        )
        for source, id_, state, text, translation, romanised, word_times in connection.execute(query)
    ]
    return sorted(found, key=lambda pair: pair[0])
