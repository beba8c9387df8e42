"""What a music file says of itself: tags of any format as one thing, cleaned, and the file's name where there are none."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from zetdard.errors import MissingExtraError
from zetdard.names import normal_form, split_artists
from zetdard.records import MAX_MBID_CHARACTERS

MOST_LYRIC_BYTES = 1 << 20
_MOST_TEXT = 1_000
_DATE = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")
_MBID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TRACK_NUMBER = re.compile(
    r"^(?:cd ?\d+[ ._-]+)?(?:\d{1,3}(?:[._-]\d{1,3})?\s*(?:[-–_)]|\.(?!\d))\s*|0\d{1,2}\s+)(?=\S)",
    re.IGNORECASE,
)
"""A number before a title: with a sign behind it, or with a zero before it. ``50 Cent`` is an artist."""

# (ID3 frame, Vorbis comment, MP4 atom)
_NAMES = {
    "title": ("TIT2", "title", "\xa9nam"),
    "artists": ("TPE1", "artist", "\xa9ART"),
    "album": ("TALB", "album", "\xa9alb"),
    "genres": ("TCON", "genre", "\xa9gen"),
}
_DATES = (("TDRC", "TDRL", "TDOR", "TYER"), ("date", "year", "originaldate"), ("\xa9day",))
_RECORDING = (
    "UFID:http://musicbrainz.org",
    "musicbrainz_trackid",
    "----:com.apple.iTunes:MusicBrainz Track Id",
)


@dataclass(frozen=True, slots=True)
class Tags:
    """What is known of a file's song.

    Attributes:
        title: Never empty: the file's name where no tag says it.
        artists: Names, in order, without repeats.
        artists_raw: The artists as the tag writes them.
        album: Title of the album.
        released_at: Milliseconds UTC; the first day of a year or month where only that is known.
        genres: As written.
        recording_mbid: MusicBrainz's id of the recording.
        lyrics: Text, with time stamps where the file has some.
        untitled: Whether the title is only what the file is called.
    """

    title: str
    artists: tuple[str, ...] = ()
    artists_raw: str | None = None
    album: str | None = None
    released_at: int | None = None
    genres: tuple[str, ...] = ()
    recording_mbid: str | None = None
    lyrics: str | None = None
    untitled: bool = False


def read_tags(path: Path) -> Tags:
    """Return what a file says of itself. Tags that cannot be read count as none.

    Raises:
        MissingExtraError: mutagen is not installed.
    """
    try:
        import mutagen
    except ImportError:
        raise MissingExtraError("audio", "reading music files") from None
    try:
        file: Any = mutagen.File(path)
        tags = None if file is None else file.tags
    except Exception:  # mutagen's parsers raise whatever broken bytes lead them to
        tags = None
    said = _Said(tags)
    raw_artists = said.texts("artists")
    artists = _split(raw_artists)
    title = next(iter(said.texts("title")), "")
    untitled = not title
    if untitled:
        artist, title = _from_name(path)
        artists = artists or ((artist,) if artist else ())
    return Tags(
        title=title,
        artists=artists,
        artists_raw="; ".join(raw_artists) or None,
        album=next(iter(said.texts("album")), None),
        released_at=next((at for text in said.dates() if (at := _milliseconds(text)) is not None), None),
        genres=tuple(dict.fromkeys(said.texts("genres"))),
        recording_mbid=said.recording(),
        lyrics=said.lyrics() or _beside(path),
        untitled=untitled,
    )


class _Said:
    """Tags of one of three kinds: ID3, Vorbis comments, MP4 atoms."""

    def __init__(self, tags: Any) -> None:
        from mutagen.id3 import ID3
        from mutagen.mp4 import MP4Tags

        self._tags: Any = {} if tags is None else tags
        self._kind = 0 if isinstance(tags, ID3) else 2 if isinstance(tags, MP4Tags) else 1
        self._repair = self._kind == 0 and _is_gbk(tags)

    def texts(self, what: str) -> tuple[str, ...]:
        name = _NAMES[what][self._kind]
        if self._kind == 0 and what == "genres":
            return self._cleaned(genre for frame in self._frames(name) for genre in frame.genres)
        return self._cleaned(self._values(name))

    def dates(self) -> tuple[str, ...]:
        return self._cleaned(value for name in _DATES[self._kind] for value in self._values(name))

    def recording(self) -> str | None:
        name = _RECORDING[self._kind]
        ids = [frame.data for frame in self._frames(name)]
        for value in ids or self._values(name):
            text = value.decode("ascii", "replace") if isinstance(value, bytes) else str(value)
            text = text.strip("\0 ").lower()
            if len(text) <= MAX_MBID_CHARACTERS and _MBID.fullmatch(text):
                return text
        return None

    def lyrics(self) -> str | None:
        if self._kind == 0:
            timed = [_stamped(frame.text) for frame in self._frames("SYLT") if frame.format == 2]
            found = [*timed, *(frame.text for frame in self._frames("USLT"))]
        elif self._kind == 1:
            found = [*self._values("lyrics"), *self._values("unsyncedlyrics")]
        else:
            found = self._values("\xa9lyr")
        for text in found:
            kept = clean(self._mended(str(text)), lines=True)
            if kept:
                return kept[:MOST_LYRIC_BYTES]
        return None

    def _frames(self, name: str) -> list[Any]:
        return list(self._tags.getall(name)) if self._kind == 0 and hasattr(self._tags, "getall") else []

    def _values(self, name: str) -> list[Any]:
        if self._kind == 0:
            return [text for frame in self._frames(name) for text in getattr(frame, "text", ())]
        try:
            value = self._tags.get(name)
        except (KeyError, ValueError):  # a name that this kind of tags cannot have
            return []
        if value is None:
            return []
        return list(value) if isinstance(value, list | tuple) else [value]

    def _cleaned(self, values: Iterable[Any]) -> tuple[str, ...]:
        texts = (clean(self._mended(str(value)))[:_MOST_TEXT].strip() for value in values)
        return tuple(text for text in texts if text)

    def _mended(self, text: str) -> str:
        return text.encode("latin-1").decode("gb18030") if self._repair and _is_latin(text) else text


def clean(text: str, *, lines: bool = False) -> str:
    """Return a text that can be stored and shown: without control characters and halves of characters.

    Args:
        text: Any text.
        lines: Keep line breaks; otherwise they become spaces.
    """
    kept = []
    for character in text.replace("\r\n", "\n").replace("\r", "\n"):
        if character in "\n\t":
            kept.append("\n" if lines and character == "\n" else " ")
        elif unicodedata.category(character) not in {"Cc", "Cs"}:
            kept.append(character)
    return "".join(kept).strip()


def _split(raw: Sequence[str]) -> tuple[str, ...]:
    names: dict[str, str] = {}
    for one in raw:
        # "; " is what taggers put between artists; a single slash or an ampersand may belong to a name.
        for name in split_artists(one, separator="; " if "; " in one else None):
            names.setdefault(normal_form(name), name)
    return tuple(name for form, name in names.items() if form)


def _from_name(path: Path) -> tuple[str | None, str]:
    """Return artist and title as a file's name says them: ``Artist - Title``, ``07 Title``."""
    stem = clean(path.stem.encode("utf-8", "surrogateescape").decode("utf-8", "replace")).replace("_", " ")
    stem = stem.strip()[:_MOST_TEXT]
    rest = _TRACK_NUMBER.sub("", stem)
    artist, dash, title = rest.partition(" - ")
    if dash and artist.strip() and title.strip():
        return artist.strip(), title.strip()
    return None, rest or stem or "untitled"


def _milliseconds(text: str) -> int | None:
    found = _DATE.match(text)
    if found is None:
        return None
    year, month, day = (int(part or 1) for part in found.groups())
    try:
        return round(datetime(year, max(month, 1), max(day, 1), tzinfo=UTC).timestamp() * 1000)
    except ValueError:
        return None


def _stamped(words: Iterable[tuple[str, int]]) -> str:
    """Return synchronised words (text, milliseconds) as LRC."""
    lines = []
    for text, at in words:
        minutes, rest = divmod(int(at), 60_000)
        lines.append(f"[{minutes:02d}:{rest / 1000:05.2f}]{str(text).strip()}")
    return "\n".join(lines)


def _beside(path: Path) -> str | None:
    """Return the words of an ``.lrc`` file of the same name, in UTF-8 or, as many older ones are, in GB 18030."""
    beside = path.with_suffix(".lrc")
    try:
        if not beside.is_file() or beside.stat().st_size > MOST_LYRIC_BYTES:
            return None
        content = beside.read_bytes()
    except OSError:
        return None
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return clean(content.decode(encoding), lines=True) or None
        except UnicodeDecodeError:
            continue
    return None


def _is_gbk(tags: Any) -> bool:
    """Whether ID3 tags that declare Latin-1 hold GBK, as old Chinese files do.

    Only where it is certain: every text that has a byte beyond ASCII decodes strictly as GBK, to Chinese characters of
    everyday use for the most part, and to more than one. ``café`` does not: its last byte has no second half. Nor does
    ``Édith``: its first two bytes are a character, but a rare one, as are all whose second byte is a Latin letter.
    """
    texts = [
        str(text)
        for frame in tags.values()
        if getattr(frame, "encoding", None) == 0
        for text in (
            frame.text if isinstance(getattr(frame, "text", ""), list) else [getattr(frame, "text", "")]
        )
    ]
    strange = [text for text in texts if not text.isascii()]
    if not strange:
        return False
    letters = 0
    common = 0
    for text in strange:
        try:
            decoded = text.encode("latin-1").decode("gbk")
        except UnicodeError:
            return False
        for before in decoded:
            if not before.isascii():
                letters += 1
                # GB 2312's first level: the 3,755 characters in everyday use, and full-width signs. Both bytes tell:
                # GBK puts rare characters into the same rows, with second bytes below 0xA1.
                first, second = before.encode("gbk")
                common += first in range(0xA1, 0xD8) and second >= 0xA1
    return letters > 1 and common > 0.7 * letters


def _is_latin(text: str) -> bool:
    return not text.isascii() and all(ord(character) < 256 for character in text)
