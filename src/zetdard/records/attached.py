"""What hangs on a song or a listener: words, sound, images, and the service's own opinions."""

from __future__ import annotations

import os
from dataclasses import dataclass

from zetdard.records.base import BaseRecord
from zetdard.records.words import LyricState, Period, PlaylistId, SongId, Suggester, UserId

_MOST_NS = 2**62


@dataclass(frozen=True, slots=True, kw_only=True)
class Lyric(BaseRecord):
    """The words of a song. Texts are as the source wrote them: LRC lines ``[mm:ss.xx]text``."""

    song: SongId
    state: LyricState
    text: str | None = None
    translation: str | None = None
    romanised: str | None = None
    word_times: str | None = None
    """The source's own format of a time for each word (NetEase: ``yrc``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioFile(BaseRecord):
    """The sound of a song, kept as a blob under its content hash.

    Attributes:
        song: Whose sound.
        sha256: Content hash of the file, 64 lower-case hex digits.
        md5: Content hash that the source stated, where it states one.
        size: Bytes.
        format: Ending of the file's usual name: ``mp3``, ``flac``, ``m4a``, ``wav``.
        level: The source's word for the quality.
        preview: Whether it is only an excerpt.
        place: Which folder of blobs holds it, by the folder's own id.
    """

    song: SongId
    sha256: str
    size: int
    format: str
    md5: str | None = None
    level: str | None = None
    preview: bool = False
    place: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MusicFile(BaseRecord):
    """A file in a listener's own folder of music: whose sound it is, or why it is refused.

    Attributes:
        playlist: The list that the folder is.
        uri: Where it lies, as ``file:///…`` with percent signs: names need not be UTF-8.
        size: Bytes.
        modified_ns: When it was last written, nanoseconds since 1970-01-01 UTC; with the size it tells an unchanged file.
        song: Whose sound; ``None`` = the file is refused.
        sha256: Content hash of the sound without the tags, 64 lower-case hex digits.
        format: What it is, not how it is called: ``mp3``, ``flac``, ``ogg``, ``opus``, ``wav``, ``m4a``.
        reason: Why it is refused, in one word.
        detail: What else is known about that.
    """

    playlist: PlaylistId
    uri: str
    size: int
    modified_ns: int
    song: SongId | None = None
    sha256: str | None = None
    format: str | None = None
    reason: str | None = None
    detail: str | None = None

    @staticmethod
    def state(about: os.stat_result) -> tuple[int, int]:
        """Return ``size`` and ``modified_ns`` of a file as they are kept.

        A clock that went wild must not end an import: of a time that no database holds, the greatest that it does is kept.
        """
        return about.st_size, max(-_MOST_NS, min(about.st_mtime_ns, _MOST_NS))


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture(BaseRecord):
    """An image, kept as a blob under its content hash.

    Attributes:
        of: Id of whose image it is.
        kind: What that is: ``user``, ``song`` (the cover of its album), ``playlist`` or ``artist``.
        sha256: Content hash of the file, 64 lower-case hex digits.
        size: Bytes.
        media_type: ``image/jpeg`` …
        place: Which folder of blobs holds it, by the folder's own id.
    """

    of: str
    kind: str
    sha256: str
    size: int
    media_type: str
    place: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartEntry(BaseRecord):
    """A song's place in the chart of what a user plays most.

    ``score`` is relative (the first has 100). ``plays`` is what the source states; NetEase states 0 for others than
    oneself, which becomes ``None``.
    """

    user: UserId
    song: SongId
    period: Period
    position: int
    score: int
    plays: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarSong(BaseRecord):
    """The source says that ``similar`` is like ``song``; ``position`` counts from 0, the most similar first."""

    song: SongId
    similar: SongId
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion(BaseRecord):
    """A song that one of the source's own recommenders offered to a user on a day (``YYYY-MM-DD``, UTC)."""

    user: UserId
    song: SongId
    by: Suggester
    day: str
    position: int
    reason: str | None = None
