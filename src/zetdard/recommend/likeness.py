"""What is asked about similar songs and artists, and what is answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from zetdard.errors import InputError
from zetdard.recommend.query import MAX_ITEMS, Named, SharedMoods, SharedTags, SharedWords


class SimilarKind(StrEnum):
    """What is compared."""

    SONGS = "songs"
    ARTISTS = "artists"


class By(StrEnum):
    """In which way things are near."""

    SOUND = "sound"
    WORDS = "words"
    PEOPLE = "people"
    ALL = "all"


PARTS = (By.SOUND, By.WORDS, By.PEOPLE)
"""What ``all`` is made of."""


@dataclass(frozen=True, slots=True)
class PartWeights:
    """How much each part counts in ``all``; 0 leaves it out."""

    sound: float = 1.0
    words: float = 1.0
    people: float = 1.0

    def __post_init__(self) -> None:
        weights = (self.sound, self.words, self.people)
        if not all(0 <= weight < float("inf") for weight in weights) or not any(weights):
            raise InputError("the weights of sound, words and people must be 0 or more, and not all 0")

    def of(self, part: By) -> float:
        """Return the weight of a part."""
        return {By.SOUND: self.sound, By.WORDS: self.words, By.PEOPLE: self.people}[part]


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarQuery:
    """A question: what is like this?

    Attributes:
        kind: Songs or artists.
        item: A song: id, or words of title and artist. An artist: id or whole name.
        by: In which way.
        n: Length of the list.
        all_versions: Songs: also live, remix and other versions of one song, and of the song asked about.
        weights: How much each part counts where ``by`` is ``all``.
        reasons: Say why, for each item.
    """

    kind: SimilarKind
    item: str
    by: By = By.ALL
    n: int = 20
    all_versions: bool = False
    weights: PartWeights = field(default_factory=PartWeights)
    reasons: bool = True

    def __post_init__(self) -> None:
        if not 1 <= self.n <= MAX_ITEMS:
            raise InputError(f"a list has 1 to {MAX_ITEMS} items, not {self.n}")


@dataclass(frozen=True, slots=True)
class Near:
    """Its place among all that could be shown, by one part alone."""

    by: By
    rank: int
    score: float
    """By sound or words: the cosine of two songs, the likeness of two artists' styles. By people: the model's score."""

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {"kind": "near", "by": self.by.value, "rank": self.rank, "score": self.score}


@dataclass(frozen=True, slots=True)
class CommonHolders:
    """So many people hold both."""

    count: int

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {"kind": "holders", "common": self.count}


@dataclass(frozen=True, slots=True)
class CloseTempo:
    """Both have nearly the same beat."""

    own: float
    """Beats a minute of the song asked about."""
    other: float

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {"kind": "tempo", "bpm": [round(self.own, 1), round(self.other, 1)]}


@dataclass(frozen=True, slots=True)
class SameKey:
    """Both are in one key."""

    key: str

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {"kind": "key", "key": self.key}


Likeness = Near | CommonHolders | SharedTags | SharedMoods | SharedWords | CloseTempo | SameKey


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarItem:
    """One song or artist of a list."""

    rank: int
    id: str
    name: str
    score: float
    artists: tuple[Named, ...] = ()
    """A song's artists, in the order of its credits."""
    reasons: tuple[Likeness, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Similar:
    """A list of what is like something.

    Attributes:
        query: What was asked.
        asked: What it was taken to mean.
        artists: A song's artists.
        parts: What the list was made of.
        model: Name of the model that spoke for the people; ``None`` where they were not asked.
        items: The most alike first.
        note: What a person should know about this list, where there is something.
    """

    query: SimilarQuery
    asked: Named
    artists: tuple[Named, ...]
    parts: tuple[By, ...]
    model: str | None
    items: tuple[SimilarItem, ...]
    note: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the document that ``similar --json`` prints and the API answers."""
        songs = self.query.kind is SimilarKind.SONGS
        name: Literal["title", "name"] = "title" if songs else "name"
        asked: dict[str, Any] = {"id": self.asked.id, name: self.asked.name}
        if songs:
            asked["artists"] = [artist.to_json() for artist in self.artists]
        document: dict[str, Any] = {
            "song" if songs else "artist": asked,
            "by": self.query.by.value,
            "parts": [part.value for part in self.parts],
            "items": [],
        }
        if self.model is not None:
            document["model"] = self.model
        if self.note:
            document["note"] = self.note
        for item in self.items:
            entry: dict[str, Any] = {"rank": item.rank, "id": item.id, name: item.name}
            if songs:
                entry["artists"] = [artist.to_json() for artist in item.artists]
            entry["score"] = item.score
            entry["reasons"] = [reason.to_json() for reason in item.reasons]
            document["items"].append(entry)
        return document
