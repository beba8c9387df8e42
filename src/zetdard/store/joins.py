"""Which songs of different sources are one recording, and which artists therefore are one artist."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import Connection, select

from zetdard.names import normal_form
from zetdard.store import schema
from zetdard.store.statements import among, rows

_OF = 'artists."key" = artist'


@dataclass(frozen=True, slots=True)
class Joins:
    """Keys of what is joined → key of what it is joined to. Nothing is joined to what is itself joined.

    Attributes:
        songs: By a rule or a person, as ``song_matches`` says.
        artists: What follows from the songs: the credits of both songs name the artist alike.
        credited: Joined songs whose own credits do not count, because the other song has some.
    """

    songs: dict[int, int]
    artists: dict[int, int]
    credited: frozenset[int]


def read_joins(connection: Connection) -> Joins:
    """Read what is joined now."""
    match = schema.song_matches.c
    pairs = connection.execute(select(match.song, match.other).where(match.state == "joined"))
    songs = {row.song: row.other for row in pairs}
    if not songs:
        return Joins({}, {}, frozenset())
    credits = _credits(connection, {*songs, *songs.values()})
    same: dict[int, set[int]] = defaultdict(set)
    for song, other in songs.items():
        named = {normal_form(name): artist for artist, name in credits[other]}
        for artist, name in credits[song]:
            if normal_form(name) in named:
                same[artist].add(named[normal_form(name)])
    # Where an artist's songs are joined to those of two artists of one name, it stays unknown whose they are.
    artists = {artist: next(iter(others)) for artist, others in same.items() if len(others) == 1}
    artists = {artist: other for artist, other in artists.items() if other not in artists and artist != other}
    return Joins(songs, artists, frozenset(song for song, other in songs.items() if credits[other]))


def _credits(connection: Connection, songs: set[int]) -> dict[int, list[tuple[int, str]]]:
    """Return (artist, name) of each song."""
    found: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for condition, values in among(connection, "song_artists.song", sorted(songs)):
        for song, artist, name in rows(
            connection,
            f"SELECT song, artist, name FROM song_artists JOIN artists ON {_OF} "  # noqa: S608 - our names
            f"WHERE {condition} ORDER BY song, position, artist",
            values,
        ):
            found[song].append((artist, name))
    return found
