"""What is asked, and what is answered: the same two types behind the command line, the API and the page."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from zetdard.errors import InputError

MAX_ITEMS = 10_000
"""The longest list that may be asked for."""


class Kind(StrEnum):
    """What is recommended."""

    SONGS = "songs"
    ARTISTS = "artists"
    FRIENDS = "friends"


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A question.

    Attributes:
        kind: Songs, artists or friends.
        user: Id of the listener; ``None`` for a listener without an account, who is known by ``likes`` alone.
        likes: Further songs that the listener likes: ids, or words of title and artist.
        n: Length of the list.
        artist_cap: At most so many songs of one artist while the list can be filled otherwise; ``None`` = any.
        one_version: Of several versions of one song (same artist, same title but for "live", "remix" …) only
            the best placed.
        include_held: Artists only: also offer artists that the listener already holds.
        reasons: Say why, for each item.
    """

    kind: Kind
    user: str | None = None
    likes: tuple[str, ...] = ()
    n: int = 20
    artist_cap: int | None = 2
    one_version: bool = True
    include_held: bool = False
    reasons: bool = True

    def __post_init__(self) -> None:
        if not 1 <= self.n <= MAX_ITEMS:
            raise InputError(f"a list has 1 to {MAX_ITEMS} items, not {self.n}")
        if self.artist_cap is not None and self.artist_cap < 1:
            raise InputError("the artist cap must be 1 or more")
        if self.user is None and not self.likes:
            raise InputError("name a user, or songs that the listener likes")
        if self.include_held and self.kind is not Kind.ARTISTS:
            raise InputError("only artists that are held already can be included; songs and friends cannot")


@dataclass(frozen=True, slots=True)
class Named:
    """Something with an id and a name."""

    id: str
    name: str

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {"id": self.id, "name": self.name}


@dataclass(frozen=True, slots=True)
class Because:
    """The listener's own song or artist caused this; the shares of a kind sum to 1 over an item's reasons."""

    kind: Literal["song", "artist"]
    """Which of the listener's own things it is."""
    source: Named
    share: float

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        name = "title" if self.kind == "song" else "name"
        return {"kind": self.kind, "id": self.source.id, name: self.source.name, "share": self.share}


@dataclass(frozen=True, slots=True)
class HeldBy:
    """Another listener holds it and shares songs with the listener."""

    person: Named
    shared: int
    """How many songs (or artists) both hold."""

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {"kind": "person", **self.person.to_json(), "shared": self.shared}


@dataclass(frozen=True, slots=True)
class Without:
    """What would be different: the item's rank without one of the listener's songs or artists."""

    of: Literal["song", "artist"]
    """What the source is."""
    source: Named
    rank: int | None
    """Its rank then, by computing the whole list again from the same candidates: the source is not offered.

    ``None`` = it would not be recommended.
    """

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        name = "title" if self.of == "song" else "name"
        return {"kind": "without", "id": self.source.id, name: self.source.name, "rank": self.rank}


@dataclass(frozen=True, slots=True)
class SharedTags:
    """Both sound so, more than most songs do."""

    of: Literal["song", "artist"]
    """What the source is."""
    source: Named
    """What it is compared with: the own song that adds most to the score, or what was asked about."""
    tags: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        name = "title" if self.of == "song" else "name"
        return {"kind": "tags", "id": self.source.id, name: self.source.name, "tags": list(self.tags)}


@dataclass(frozen=True, slots=True)
class SharedWords:
    """The lyrics of both have these words, which few others have."""

    of: Literal["song", "artist"]
    """What the source is."""
    source: Named
    """What it is compared with: the own song that adds most to the score, or what was asked about."""
    words: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        name = "title" if self.of == "song" else "name"
        return {"kind": "words", "id": self.source.id, name: self.source.name, "words": list(self.words)}


@dataclass(frozen=True, slots=True)
class SharedMoods:
    """Both feel so, more than most songs do."""

    of: Literal["song", "artist"]
    """What the source is."""
    source: Named
    """What it is compared with: the own song that adds most to the score, or what was asked about."""
    moods: tuple[str, ...]
    """``+ NAME``: both have more of it than most songs; ``− NAME``: less."""
    heard: bool
    """Whether moods were heard in a recording here, and not only given by a person."""

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        name = "title" if self.of == "song" else "name"
        return {
            "kind": "moods",
            "id": self.source.id,
            name: self.source.name,
            "moods": list(self.moods),
            "heard": self.heard,
        }


@dataclass(frozen=True, slots=True)
class Popular:
    """Nothing personal: so many people hold it; of a person, so many songs (or artists) they hold."""

    count: int
    word: Literal["holders", "holds"]
    """``holders`` of a song or an artist; what a person ``holds``."""

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {"kind": "popular", self.word: self.count}


Reason = Because | HeldBy | SharedTags | SharedWords | SharedMoods | Without | Popular


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommended:
    """One item of a list."""

    rank: int
    id: str
    name: str
    score: float
    artists: tuple[Named, ...] = ()
    """A song's artists, in the order of its credits."""
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """A list.

    Attributes:
        query: What was asked.
        model: What scored: a model's name, or ``popular`` where nothing personal could be said.
        personal: Whether the list depends on who the listener is.
        items: Best first.
        note: What a person should know about this list, where there is something.
        understood: The songs that ``likes`` were taken to mean, in their order.
    """

    query: Query
    model: str
    personal: bool
    items: tuple[Recommended, ...]
    note: str | None = None
    understood: tuple[Named, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the document that ``recommend --json`` prints and the API answers."""
        name = "title" if self.query.kind is Kind.SONGS else "name"
        document: dict[str, Any] = {
            "user": self.query.user,
            "kind": self.query.kind.value,
            "model": self.model,
            "personal": self.personal,
            "items": [],
        }
        if self.understood:
            document["likes"] = [{"id": song.id, "title": song.name} for song in self.understood]
        if self.note:
            document["note"] = self.note
        for item in self.items:
            entry: dict[str, Any] = {"rank": item.rank, "id": item.id, name: item.name}
            if self.query.kind is Kind.SONGS:
                entry["artists"] = [artist.to_json() for artist in item.artists]
            entry["score"] = item.score
            entry["reasons"] = [reason.to_json() for reason in item.reasons]
            document["items"].append(entry)
        return document
