"""Last.fm listening histories: the CSV of lastfm-to-csv, and pages of the API's JSON.

Shapes: benfoxall/lastfm-to-csv (artist, album, track, date; no header line; UTC), and Last.fm's API method
``user.getRecentTracks`` with ``format=json``, plain or ``extended=1``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import ClassVar

from zetdard.errors import FormatError, InputError
from zetdard.names import split_artists
from zetdard.records import Artist, ArtistId, Listen, Record, Song, SongId, User, UserId
from zetdard.sources.base import ReadOptions, Refuse
from zetdard.sources.definitions import Introductions
from zetdard.sources.fields import LATEST_MS, minute_ms, required, shown, whole_number
from zetdard.sources.identity import ArtistNames, song_name_id
from zetdard.sources.jsonfields import (
    Object,
    as_object,
    optional_object,
    optional_text,
    optional_uuid,
    required_text,
)
from zetdard.sources.jsonfiles import JsonStream
from zetdard.sources.refusal import Tally
from zetdard.sources.textfiles import Row, Table
from zetdard.sources.textlines import open_binary, resolve_encoding

CSV_COLUMNS = ("artist", "album", "track", "date")
MAX_PAGE_CHARACTERS = 1 << 24
"""Longest page of the API; a thousand tracks with their picture addresses take about one million."""
NOBODY = "me"
"""The listener of a file that names none."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DATE = re.compile(r"(\d{1,2}) ([A-Za-z]{3}) (\d{4}),? (\d{2}):(\d{2})", re.ASCII)


class LastfmHistory:
    """Reads ``.csv`` / ``.txt`` as lastfm-to-csv writes it and ``.json`` / ``.jsonl`` / ``.ndjson`` pages."""

    format: ClassVar[str] = "lastfm"
    source: ClassVar[str] = "lastfm"
    summary: ClassVar[str] = "a Last.fm history: CSV of lastfm-to-csv, or JSON pages of user.getRecentTracks"

    def read(self, path: Path, options: ReadOptions, refuse: Refuse) -> Iterator[Record]:
        """Yield the user, songs, artists and listens; see ``FileSource.read``."""
        encoding = resolve_encoding(options.encoding)
        suffix = path.suffix.lower()
        if suffix in {".csv", ".txt"}:
            reader = _Reader(options.user)
            # The file names no listener, so nothing has to be learnt from it first.
            tally = Tally(refuse)
            with Table(path, columns=CSV_COLUMNS, encoding=encoding, header=CSV_COLUMNS) as table:
                for row in table.rows(tally.refuse):
                    yield from tally.build((path, row.line), partial(reader.row, row))
            tally.require_facts(path, "a track with a date")
        elif suffix in {".json", ".jsonl", ".ndjson"}:
            yield from _read_pages(path, encoding, options.user, refuse)
        else:
            with open_binary(path):
                pass
            raise FormatError("the name must end in .csv, .txt, .json, .jsonl or .ndjson", path=path)


def _read_pages(path: Path, encoding: str, user: str | None, refuse: Refuse) -> Iterator[Record]:
    reader = _Reader(user)
    # A first reading learns which names belong to artists with an id; what is wrong is reported by the second.
    for _, value in _pages(path, encoding):
        try:
            for track in _tracks(value):
                reader.learn(track)
        except InputError:
            continue
    tally = Tally(refuse)
    for line, value in _pages(path, encoding):
        try:
            tracks = _tracks(value)
            owner = reader.page_owner(value)
        except InputError as error:
            tally.refuse(FormatError(str(error), path=path, line=line))
            continue
        for number, track in enumerate(tracks, start=1):
            build: Callable[[], Sequence[Record]] = partial(reader.track, track, owner)
            yield from tally.build((path, line), build, what=f"track {number} of the page that starts here: ")
    tally.require_facts(path, "a track with a date")


def _pages(path: Path, encoding: str) -> Iterator[tuple[int, object]]:
    with open_binary(path) as stream:
        pages = JsonStream(stream, label=path, encoding=encoding, limit=MAX_PAGE_CHARACTERS)
        yield from pages.elements() if pages.peek() == "[" else pages.values()


def _tracks(page: object) -> list[object]:
    members = as_object(page, "the page")
    if "error" in members:
        raise InputError(
            f"this is an error message of Last.fm, not a page of tracks: {shown(members.get('message'))}"
        )
    tracks = as_object(members.get("recenttracks"), "recenttracks").get("track")
    # Where a page has one track, Last.fm writes an object in place of an array.
    if isinstance(tracks, dict):
        return [tracks]
    if not isinstance(tracks, list):
        raise InputError(f"recenttracks.track is not a JSON array but {shown(tracks)}")
    return tracks


class _Reader:
    """Turns rows into records and keeps what has been introduced."""

    def __init__(self, user: str | None) -> None:
        self._given = None if user is None else User(id=UserId(user)).id
        self._owner: str | None = None
        self._names = ArtistNames()
        self._introductions = Introductions()

    def row(self, row: Row) -> list[Record]:
        """Return the records of a CSV row; nothing for a track that was playing when the file was made."""
        fields = row.fields
        artist = required(fields["artist"], "artist")
        title = required(fields["track"], "track")
        if not fields["date"].strip():
            return []
        return self._play(
            user=UserId(self._given or NOBODY),
            song_id=song_name_id(artist, title),
            title=title,
            album=fields["album"] if fields["album"].strip() else None,
            artist_name=artist,
            artist_mbid=None,
            at=_date_ms(fields["date"]),
        )

    def page_owner(self, page: object) -> UserId:
        """Return whose page it is; raise InputError if it is not whose the earlier pages are."""
        if self._given is not None:
            return UserId(self._given)
        recent = as_object(as_object(page, "the page").get("recenttracks", {}), "recenttracks")
        named = optional_text(optional_object(recent, "@attr"), "user")
        if self._owner is None:
            self._owner = named or NOBODY
        elif named is not None and named != self._owner:
            raise InputError(
                f"the page is of {shown(named)}, earlier ones are of {shown(self._owner)};"
                " import two people's histories one by one, or say --user"
            )
        return UserId(self._owner)

    def learn(self, value: object) -> None:
        """Note which artist id the track states for which name; a track that is wrong is passed over."""
        try:
            name, mbid = _artist(as_object(value, "the track"))
        except InputError:
            return
        if mbid is not None:
            self._names.note(name, ArtistId(mbid))

    def track(self, value: object, user: UserId) -> list[Record]:
        """Return the records of a JSON track; nothing for one that was playing when the page was fetched."""
        track = as_object(value, "the track")
        title = required_text(track, "name")
        artist, artist_mbid = _artist(track)
        song_mbid = optional_uuid(track, "mbid")
        date = optional_object(track, "date")
        if not date:
            if optional_object(track, "@attr").get("nowplaying") in ("true", True):
                return []
            raise InputError("the track has no date")
        return self._play(
            user=user,
            song_id=SongId(song_mbid) if song_mbid else song_name_id(artist, title),
            title=title,
            album=optional_text(optional_object(track, "album"), "#text"),
            artist_name=artist,
            artist_mbid=artist_mbid,
            at=_epoch_ms(date),
        )

    def _play(
        self,
        *,
        user: UserId,
        song_id: SongId,
        title: str,
        album: str | None,
        artist_name: str,
        artist_mbid: str | None,
        at: int,
    ) -> list[Record]:
        # ``recording_mbid`` stays empty: Last.fm does not say whether its mbid is of a recording or of a track.
        song = Song(id=song_id, title=title, album=album, artists_raw=artist_name)
        if artist_mbid is not None:
            artists = [Artist(id=ArtistId(artist_mbid), name=artist_name)]
        else:
            artists = self._names.artists(split_artists(artist_name, separator=None))
        listen = Listen(user=user, song=song_id, at=at)
        return [*self._introductions.user(user), *self._introductions.song(song, artists), listen]


def _artist(track: Object) -> tuple[str, str | None]:
    artist = as_object(track.get("artist"), "artist")
    # The plain answer writes "#text", the extended one "name".
    key = "#text" if "#text" in artist else "name"
    return required_text(artist, key), optional_uuid(artist, "mbid")


def _epoch_ms(date: Object) -> int:
    value = date.get("uts")
    # Last.fm writes numbers as strings.
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str):
        raise InputError(f"date.uts {shown(value)} is not a time in seconds since 1970")
    return whole_number(text, "date.uts", minimum=1, maximum=LATEST_MS // 1000 - 1) * 1000


def _date_ms(text: str) -> int:
    # Not strptime: the names of months must not depend on the computer's language.
    match = _DATE.fullmatch(text.strip())
    if not match or match.group(2).lower() not in _MONTHS:
        raise InputError(f"date {shown(text)} is not a date like 31 Dec 2022 23:59")
    day, month, year, hour, minute = match.groups()
    return minute_ms(int(year), _MONTHS.index(month.lower()) + 1, int(day), int(hour), int(minute))
