"""Ids for artists and songs that a file only names, and the joining of bare names to real ids."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from zetdard.errors import InputError
from zetdard.names import normal_form
from zetdard.records import MAX_ID_CHARACTERS, Artist, ArtistId, SongId


def artist_name_id(name: str) -> ArtistId:
    """Return the id of an artist of whom only the name is known: ``name:`` and the name's normal form."""
    return ArtistId(_name_id(normal_form(name)))


def song_name_id(artist: str, title: str) -> SongId:
    """Return the id of a song of which only artist and title are known."""
    return SongId(_name_id(f"{normal_form(artist)} – {normal_form(title)}"))


def _name_id(folded: str) -> str:
    """Return the id; a name too long for one is cut and told apart by a hash of the whole."""
    if not folded:
        raise InputError("a name is blank")
    whole = f"name:{folded}"
    if len(whole) <= MAX_ID_CHARACTERS:
        return whole
    # "surrogatepass": half a pair is refused where the record is made, with a better message.
    digest = hashlib.sha256(folded.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{whole[: MAX_ID_CHARACTERS - 17]}#{digest}"


class ArtistNames:
    """The real artist ids that one export states for each name.

    A bare name that equals, in normal form, the name of exactly one artist with an id is that artist. Where
    two artists share the name it stays a name: an ambiguous merge is not made.
    """

    def __init__(self) -> None:
        self._ids: dict[str, set[ArtistId]] = {}

    def note(self, name: str, artist: ArtistId) -> None:
        """Remember that the export calls ``artist`` by ``name``."""
        self._ids.setdefault(normal_form(name), set()).add(artist)

    def resolve(self, name: str) -> ArtistId:
        """Return the only artist with this name, else the id of the bare name."""
        ids = self._ids.get(normal_form(name), ())
        return next(iter(ids)) if len(ids) == 1 else artist_name_id(name)

    def artists(self, names: Sequence[str]) -> list[Artist]:
        """Return an artist for each bare name."""
        return [Artist(id=self.resolve(name), name=name) for name in names]
