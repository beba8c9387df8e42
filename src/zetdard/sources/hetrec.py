"""HetRec 2011 Last.fm 2K: listening, friendship and tags of 1,892 users (GroupLens, 2011).

Format: the readme of ``hetrec2011-lastfm-2k.zip``; tab-separated, one entry a line. The encodings are those
the published files have: ``tags.dat`` is Windows-1252 (its eight names beyond ASCII, such as ``tropicália``,
are single bytes), the other files are UTF-8.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import ClassVar

from zetdard.errors import FormatError, InputError
from zetdard.records import Artist, ArtistId, ArtistPlays, Follow, Record, Tagging, UserId
from zetdard.sources.base import ReadOptions, Refuse
from zetdard.sources.definitions import Definitions, Introductions
from zetdard.sources.fields import day_ms, identifier, required, shown, whole_number
from zetdard.sources.textfiles import Delimiter, Row, Table
from zetdard.sources.textlines import require_folder, resolve_encoding

ARTIST_COLUMNS = ("id", "name")
PLAY_COLUMNS = ("userID", "artistID", "weight")
FRIEND_COLUMNS = ("userID", "friendID")
TAG_COLUMNS = ("tagID", "tagValue")
TAGGING_COLUMNS = ("userID", "artistID", "tagID", "day", "month", "year")

# Last.fm went online in 2002; five taggings of the published file carry years from 1956 to 1979.
_FIRST_YEAR = 2002
_TAGS_ENCODING = "cp1252"


class HetRecFiles:
    """Reads the folder of the unpacked data set; the two tag files may be absent together."""

    format: ClassVar[str] = "hetrec"
    source: ClassVar[str] = "hetrec"
    summary: ClassVar[str] = "the folder of the HetRec 2011 Last.fm 2K data set"

    def read(self, path: Path, options: ReadOptions, refuse: Refuse) -> Iterator[Record]:
        """Yield users, artists, plays, friendships and taggings; see ``FileSource.read``."""
        encoding = resolve_encoding(options.encoding)
        tags_encoding = resolve_encoding(options.encoding, default=_TAGS_ENCODING)
        require_folder(path)
        with ExitStack() as files:

            def table(name: str, columns: tuple[str, ...], codec: str = encoding) -> Table:
                return files.enter_context(
                    Table(path / name, columns=columns, encoding=codec, delimiter=Delimiter.TAB)
                )

            artists = table("artists.dat", ARTIST_COLUMNS)
            plays = table("user_artists.dat", PLAY_COLUMNS)
            friends = table("user_friends.dat", FRIEND_COLUMNS)
            tagged = _tag_files(path)
            tags = table("tags.dat", TAG_COLUMNS, tags_encoding) if tagged else None
            taggings = table("user_taggedartists.dat", TAGGING_COLUMNS) if tagged else None

            reader = _Reader(tags_may_be_utf8=options.encoding is not None)
            yield from artists.records(refuse, reader.artist)
            yield from plays.records(refuse, reader.plays)
            yield from friends.records(refuse, reader.friend)
            if tags is not None and taggings is not None:
                yield from tags.records(refuse, reader.tag)
                yield from taggings.records(refuse, reader.tagging)


def _tag_files(path: Path) -> bool:
    names = ("tags.dat", "user_taggedartists.dat")
    missing = [name for name in names if not (path / name).exists()]
    if len(missing) == 1:
        raise FormatError(f"{missing[0]} is missing; {names[0]} and {names[1]} are read together", path=path)
    return not missing


class _Reader:
    """Turns rows into records and keeps what later files refer to."""

    def __init__(self, *, tags_may_be_utf8: bool) -> None:
        self._tags_may_be_utf8 = tags_may_be_utf8
        self._introductions = Introductions()
        self._artists = Definitions("artist")
        self._plays = Definitions("the plays of user and artist")
        self._friends = Definitions("friendship")
        self._tags = Definitions("tag")
        self._tag_values: dict[str, str] = {}
        self._taggings = Definitions("the tagging (user, artist, tag)")

    def artist(self, row: Row) -> list[Record]:
        artist = Artist(
            id=ArtistId(identifier(row.fields["id"], "id")), name=required(row.fields["name"], "name")
        )
        return [artist] if self._artists.is_new(artist.id, artist.name, row.line) else []

    def plays(self, row: Row) -> list[Record]:
        record = ArtistPlays(
            user=UserId(identifier(row.fields["userID"], "userID")),
            artist=ArtistId(identifier(row.fields["artistID"], "artistID")),
            plays=whole_number(row.fields["weight"], "weight", minimum=1),
        )
        if record.artist not in self._artists:
            raise InputError(f"artistID {shown(record.artist)} is not in artists.dat, or its row was refused")
        if not self._plays.is_new((record.user, record.artist), record.plays, row.line):
            return []
        return [*self._introductions.user(record.user), record]

    def friend(self, row: Row) -> list[Record]:
        user = UserId(identifier(row.fields["userID"], "userID"))
        friend = UserId(identifier(row.fields["friendID"], "friendID"))
        if user == friend:
            raise InputError(f"user {shown(user)} cannot be their own friend")
        record = Follow(user=user, followed=friend)
        if not self._friends.is_new((user, friend), None, row.line):
            return []
        return [*self._introductions.user(user), *self._introductions.user(friend), record]

    def tag(self, row: Row) -> list[Record]:
        tag_id = identifier(row.fields["tagID"], "tagID")
        value = required(row.fields["tagValue"], "tagValue")
        if not self._tags_may_be_utf8 and _is_utf8_misread(value):
            raise InputError(
                f"tagValue {shown(value)} is UTF-8 read as Windows-1252; the file has been converted:"
                " say --encoding utf-8"
            )
        if self._tags.is_new(tag_id, value, row.line):
            self._tag_values[tag_id] = value
        return []

    def tagging(self, row: Row) -> list[Record]:
        fields = row.fields
        tag_id = identifier(fields["tagID"], "tagID")
        if tag_id not in self._tag_values:
            raise InputError(f"tagID {shown(tag_id)} is not in tags.dat, or its row was refused")
        year = whole_number(fields["year"], "year", minimum=1, maximum=9999)
        month = whole_number(fields["month"], "month", minimum=1, maximum=12)
        at = day_ms(year, month, whole_number(fields["day"], "day", minimum=1, maximum=31))
        record = Tagging(
            user=UserId(identifier(fields["userID"], "userID")),
            artist=ArtistId(identifier(fields["artistID"], "artistID")),
            tag=self._tag_values[tag_id],
            at=at if year >= _FIRST_YEAR else None,
        )
        if not self._taggings.is_new((record.user, record.artist, tag_id), at, row.line):
            return []
        # An artist that artists.dat does not name is no error here: the published file tags 390 such artists.
        return [*self._introductions.user(record.user), record]


def _is_utf8_misread(value: str) -> bool:
    if value.isascii():
        return False
    try:
        value.encode(_TAGS_ENCODING).decode("utf-8")
    except UnicodeError:
        return False
    return True
