"""What one import has already defined: each id once, and always with the same facts."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from zetdard.errors import InputError
from zetdard.records import Artist, ArtistId, Record, Role, Song, SongArtist, SongId, User, UserId


class Definitions:
    """Keys and the facts that a file states about them.

    Args:
        what: What a key is called in errors, for example ``song``.
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._known: dict[Hashable, tuple[int, Hashable]] = {}

    def __contains__(self, key: Hashable) -> bool:
        return key in self._known

    def is_new(self, key: Hashable, facts: Hashable, line: int) -> bool:
        """Return whether ``key`` is seen for the first time, and remember it.

        Raises:
            InputError: An earlier line states other facts about ``key``.
        """
        first_line, first_facts = self._known.setdefault(key, (line, facts))
        if first_facts != facts:
            shown = " / ".join(map(str, key)) if isinstance(key, tuple) else str(key)
            raise InputError(
                f"{self._what} {shown} is stated differently on line {first_line} and on line {line}"
            )
        return first_line == line


class Introductions:
    """Makes each user, artist and song known once, before the records that name it.

    For files that repeat a song's or an artist's name with every row. The first spelling wins.
    """

    def __init__(self) -> None:
        self._users: set[UserId] = set()
        self._artists: set[ArtistId] = set()
        self._songs: set[SongId] = set()

    def knows(self, song: SongId) -> bool:
        """Return whether the song has been introduced."""
        return song in self._songs

    def user(self, user: UserId) -> list[Record]:
        """Return the user's record if nobody has seen it yet."""
        if user in self._users:
            return []
        record = User(id=user)
        self._users.add(user)
        return [record]

    def song(self, song: Song, artists: Sequence[Artist], *, role: Role = Role.PERFORMER) -> list[Record]:
        """Return the song, those of its artists that are new, and its edges; nothing if the song is known."""
        if song.id in self._songs:
            return []
        by_id = {artist.id: artist for artist in reversed(artists)}
        ordered = list(dict.fromkeys(artist.id for artist in artists))
        edges = [
            SongArtist(song=song.id, artist=artist, position=position, role=role)
            for position, artist in enumerate(ordered)
        ]
        new = [by_id[artist] for artist in ordered if artist not in self._artists]
        self._songs.add(song.id)
        self._artists.update(ordered)
        return [song, *new, *edges]
