"""A folder of music files as records: its owner holds its songs."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar, TypeAlias

from zetdard.errors import Failure, FormatError
from zetdard.records import (
    Artist,
    Lyric,
    LyricState,
    MusicFile,
    Playlist,
    PlaylistId,
    PlaylistSong,
    Record,
    Song,
    SongArtist,
    SongId,
    User,
    UserId,
)
from zetdard.sources.base import ReadOptions, Refuse
from zetdard.sources.identity import artist_name_id
from zetdard.sources.music.examining import Examined
from zetdard.sources.music.walking import sound_files

OWNER = "me"
"""Who holds the songs of a folder where nobody says whose it is."""

Examine: TypeAlias = Callable[[Sequence[Path]], Iterable[tuple[Path, Examined | Failure]]]
"""Looks at files, in any order."""

_PASSING = frozenset({"missing-extra", "unreadable", "time-limit", "memory-limit", "error", "crashed"})
"""Reasons for which a file is looked at again, although it has not changed."""
_MOST_GENRES = 20


@dataclass(frozen=True, slots=True)
class _Found:
    """A file, what it was when it was looked at, and what came of it; ``known`` from an earlier import."""

    path: Path
    size: int
    modified_ns: int
    outcome: Examined | Failure | None
    known: MusicFile | None = None


class MusicFolder:
    """A folder of music files.

    Args:
        examine: How files are looked at: by processes of their own, so that one that cannot be borne costs itself only.
    """

    format: ClassVar[str] = "music"
    source: ClassVar[str] = "files"
    summary: ClassVar[str] = "a folder of music files"

    def __init__(self, examine: Examine) -> None:
        self._examine = examine

    def read(self, path: Path, options: ReadOptions, refuse: Refuse) -> Iterator[Record]:
        """Look at every file below ``path`` and return the records; see ``FileSource.read``.

        A file that cannot be used becomes a record too, with the reason. One that has not changed since an earlier
        import is not read again.

        Raises:
            FormatError: It is not a folder, or holds no sound file.
        """
        if not path.is_dir():
            raise FormatError("is not a folder", path=str(path))
        # However it is spelt: ``..`` and ``music/../music`` are one folder.
        folder = Path(os.path.abspath(path))  # noqa: PTH100 - links stay, so that it keeps its name
        found = self._look(folder, options)
        if not found:
            raise FormatError("holds no sound files", path=str(path))
        return _records(folder, found, UserId(OWNER if options.user is None else options.user))

    def _look(self, folder: Path, options: ReadOptions) -> list[_Found]:
        known = options.known()
        found: dict[Path, _Found] = {}
        new: list[Path] = []
        for path, refused in sound_files(folder):
            size, modified_ns = _state(path)
            former = known.get(path.as_uri())
            if refused is None and former is not None and _is_unchanged(former, size, modified_ns):
                found[path] = _Found(path, size, modified_ns, None, former)
                continue
            found[path] = _Found(path, size, modified_ns, refused)
            if refused is None:
                new.append(path)
        options.progress("reading music files", len(found) - len(new), len(found))
        for count, (path, outcome) in enumerate(self._examine(new), start=1):
            former_state = found[path]
            found[path] = _Found(path, former_state.size, former_state.modified_ns, outcome)
            options.progress("reading music files", len(found) - len(new) + count, len(found))
        return list(found.values())


def _state(path: Path) -> tuple[int, int]:
    try:
        about = path.stat()
    except OSError:
        return 0, 0
    return MusicFile.state(about)


def _is_unchanged(former: MusicFile, size: int, modified_ns: int) -> bool:
    return (former.size, former.modified_ns) == (size, modified_ns) and former.reason not in _PASSING


def _records(folder: Path, found: Sequence[_Found], owner: UserId) -> Iterator[Record]:
    """Yield the facts: what is named before what names it."""
    yield User(id=owner)
    songs: dict[SongId, Examined] = {}
    for file in found:
        if isinstance(file.outcome, Examined):
            song_id = _song_id(file.outcome.sha256)
            former = songs.get(song_id)
            if former is None or (former.tags.untitled and not file.outcome.tags.untitled):
                songs[song_id] = file.outcome
    # A copy without tags says nothing better about a song than the file that has been there.
    stored = {file.known.song for file in found if file.known}
    songs = {id_: song for id_, song in songs.items() if not (song.tags.untitled and id_ in stored)}
    artists = {artist_name_id(name): name for song in songs.values() for name in song.tags.artists}
    for id_, name in artists.items():
        yield Artist(id=id_, name=name)
    for song_id, song in songs.items():
        yield from _song(song_id, song)
    # Those of files that are not read again are not known: then the list keeps the tags that it has.
    read_all = all(file.known is None for file in found)
    genres = Counter(genre for song in songs.values() if read_all for genre in song.tags.genres)
    identity = owner.encode("utf-8", "surrogatepass") + b"\0" + os.fsencode(folder)
    playlist = PlaylistId(f"folder:{hashlib.sha256(identity).hexdigest()[:16]}")
    name = folder.name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    yield Playlist(
        id=playlist,
        creator=owner,
        name=name or "/",
        tags=tuple(genre for genre, _ in genres.most_common(_MOST_GENRES)),
    )
    listed: set[SongId] = set()
    for file in found:
        entry = _entry(playlist, file)
        if entry.song is not None and entry.song not in listed:
            listed.add(entry.song)
            yield PlaylistSong(
                playlist=playlist,
                song=entry.song,
                position=len(listed) - 1,
                added_at=file.modified_ns // 1_000_000,
            )
    for file in found:
        yield _entry(playlist, file)


def _song(song_id: SongId, song: Examined) -> Iterator[Record]:
    tags = song.tags
    yield Song(
        id=song_id,
        title=tags.title,
        album=tags.album,
        duration_ms=None if song.seconds is None else round(song.seconds * 1000),
        released_at=tags.released_at,
        recording_mbid=tags.recording_mbid,
        artists_raw=tags.artists_raw,
    )
    for position, artist in enumerate(dict.fromkeys(artist_name_id(name) for name in tags.artists)):
        yield SongArtist(song=song_id, artist=artist, position=position)
    if tags.lyrics is not None:
        yield Lyric(song=song_id, state=LyricState.PRESENT, text=tags.lyrics)


def _entry(playlist: PlaylistId, file: _Found) -> MusicFile:
    entry = MusicFile(
        playlist=playlist,
        uri=file.path.as_uri(),
        size=file.size,
        modified_ns=file.modified_ns,
        reason="error",
        detail="it was not looked at",
    )
    match file.known or file.outcome:
        case MusicFile() as known:
            return replace(known, playlist=playlist)
        case Examined() as examined:
            return replace(
                entry,
                song=_song_id(examined.sha256),
                sha256=examined.sha256,
                format=examined.format,
                reason=None,
                detail=None,
            )
        case Failure(reason, detail):
            return replace(entry, reason=reason, detail=_storable(detail))
        case None:
            return entry


def _song_id(sha256: str) -> SongId:
    return SongId(sha256[:16])


def _storable(text: str) -> str:
    return text.replace("\0", " ").encode("utf-8", "backslashreplace").decode("utf-8")
