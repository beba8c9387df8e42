"""Spotify's personal data: streaming history (extended or short), playlists and liked songs.

Shapes: "Understanding my data" and the read-me that come with Spotify's data export. Files in the folder:
``Streaming_History_Audio_*.json`` or the older ``endsong_*.json`` (extended history), ``StreamingHistory*.json``
or ``StreamingHistory_music_*.json`` (one year), ``Playlist*.json``, ``YourLibrary.json``, ``Userdata.json``.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import ClassVar

from zetdard.errors import FormatError, InputError
from zetdard.records import Record, UserId
from zetdard.sources.base import ReadOptions, Refuse
from zetdard.sources.jsonfields import as_list, as_object, optional_text
from zetdard.sources.jsonfiles import JsonStream, json_document
from zetdard.sources.refusal import Tally
from zetdard.sources.spotify_rows import SHORTEST_STREAM_MS, ExtendedRow, ShortRow, SpotifyReader
from zetdard.sources.textlines import open_binary, require_folder, resolve_encoding

NOBODY = "me"
"""The listener of an export that names none."""

_EXTENDED = re.compile(r"(?:Streaming_History_Audio_.+|endsong_\d+)\.json", re.ASCII)
_SHORT = re.compile(r"StreamingHistory(?:_music_)?\d+\.json", re.ASCII)
_PLAYLISTS = re.compile(r"Playlist\d*\.json", re.ASCII)
_LIBRARY = "YourLibrary.json"
_OWNER = "Userdata.json"

_log = logging.getLogger(__name__)


class SpotifyExport:
    """Reads the folder of an unpacked Spotify export, of account data, extended history, or both."""

    format: ClassVar[str] = "spotify"
    source: ClassVar[str] = "spotify"
    summary: ClassVar[str] = "the folder of a Spotify data export: streaming history, playlists, liked songs"

    def read(self, path: Path, options: ReadOptions, refuse: Refuse) -> Iterator[Record]:
        """Yield the user, songs, artists, playlists and listens; see ``FileSource.read``."""
        encoding = resolve_encoding(options.encoding)
        require_folder(path)
        names = sorted((entry.name for entry in path.iterdir()), key=_numbers_by_value)
        extended = [path / name for name in names if _EXTENDED.fullmatch(name)]
        # The extended history holds the short one's plays; both together would count them twice.
        short = [] if extended else [path / name for name in names if _SHORT.fullmatch(name)]
        playlists = [path / name for name in names if _PLAYLISTS.fullmatch(name)]
        library = path / _LIBRARY if _LIBRARY in names else None
        if not extended and not short and not playlists and library is None:
            raise FormatError(
                "no file of a Spotify export is in this folder; expected Streaming_History_Audio_*.json,"
                " endsong_*.json, StreamingHistory*.json, Playlist*.json or YourLibrary.json",
                path=path,
            )
        owner = options.user
        if owner is None:
            owner = _owner(path, names, encoding) or _first_username(extended, encoding) or NOBODY
        reader = SpotifyReader(UserId(owner))
        tally = Tally(refuse)
        # Lists come first: they state the track ids that a short history lacks.
        if library is not None:
            yield from _library(library, encoding, reader, tally)
        for file in playlists:
            yield from _playlists(file, encoding, reader, tally)
        for file in extended:
            yield from _history(file, encoding, ExtendedRow, reader, tally)
        for file in short:
            yield from _history(file, encoding, ShortRow, reader, tally)
        tally.require_facts(path, "a play of 30 seconds or more, or a playlist")
        if reader.too_short:
            _log.info(
                "%d plays shorter than %d s were left out", reader.too_short, SHORTEST_STREAM_MS // 1000
            )
        if reader.not_music:
            _log.info("%d plays or entries that are not Spotify's music were left out", reader.not_music)


def _history(
    file: Path,
    encoding: str,
    kind: type[ExtendedRow] | type[ShortRow],
    reader: SpotifyReader,
    tally: Tally,
) -> Iterator[Record]:
    def play(value: object) -> list[Record]:
        return reader.play(kind(value))

    with open_binary(file) as stream:
        for line, value in JsonStream(stream, label=file, encoding=encoding).elements():
            yield from tally.build((file, line), partial(play, value))


def _library(file: Path, encoding: str, reader: SpotifyReader, tally: Tally) -> Iterator[Record]:
    tracks = _list_in(file, encoding, "tracks")
    if tracks:
        yield from tally.build((file, 1), reader.liked_list)
    for number, track in enumerate(tracks, start=1):
        yield from tally.build((file, 1), partial(reader.liked, track), what=f"track {number}: ")


def _playlists(file: Path, encoding: str, reader: SpotifyReader, tally: Tally) -> Iterator[Record]:
    for number, playlist in enumerate(_list_in(file, encoding, "playlists"), start=1):
        what = f"playlist {number}: "
        known = reader.playlists
        yield from tally.build((file, 1), partial(reader.playlist, playlist), what=what)
        if reader.playlists == known:
            continue
        for place, item in enumerate(reader.items(playlist), start=1):
            yield from tally.build((file, 1), partial(reader.item, item), what=f"{what}item {place}: ")


def _list_in(file: Path, encoding: str, name: str) -> list[object]:
    document = json_document(file, encoding=encoding)
    try:
        return as_list(as_object(document, "the file").get(name), name)
    except InputError as error:
        raise FormatError(str(error), path=file) from None


def _owner(path: Path, names: list[str], encoding: str) -> str | None:
    if _OWNER not in names:
        return None
    file = path / _OWNER
    document = json_document(file, encoding=encoding)
    try:
        return optional_text(as_object(document, "the file"), "username")
    except InputError as error:
        raise FormatError(str(error), path=file) from None


def _first_username(files: list[Path], encoding: str) -> str | None:
    """Return the name in the first play of an extended history; exports of recent years state none."""
    for file in files:
        with open_binary(file) as stream:
            for _, value in JsonStream(stream, label=file, encoding=encoding).elements():
                name = value.get("username") if isinstance(value, dict) else None
                return name if isinstance(name, str) and name.strip() else None
    return None


def _numbers_by_value(name: str) -> list[tuple[int, str]]:
    """Sort key: ``Playlist2`` before ``Playlist10``."""
    return [(int(part) if part.isdecimal() else -1, part) for part in re.split(r"(\d+)", name)]
