"""Finding a song by what a person types: an id, or words of its title and artist, with slips."""

from __future__ import annotations

import re
from functools import cached_property

from rapidfuzz import fuzz, process

from zetdard.data.dataset import Dataset
from zetdard.errors import UnknownEntityError
from zetdard.names import normal_form, title_key

MATCH = 80.0
"""Lowest likeness (0–100) that counts as found: about one wrong letter in five."""

_TITLE = 60.0
"""Lowest likeness of the title by itself: one wrong sign in two is a slip, two in three are another song."""

_NEAR = 3.0
"""Songs whose likeness is this near to the best are told apart by title and by how many people hold them."""

# Chinese and Japanese are written without spaces: each character is a word of its own here.
_IDEOGRAPH = re.compile(r"([\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff])")
_NOT_WORD = re.compile(r"[^\w\s]|_")


class SongSearch:
    """Searches the songs of a dataset; the index is made at the first question."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset

    def song(self, text: str) -> int:
        """Return the row of the song that ``text`` means.

        An id wins over words. Among songs that match equally well, one whose title is exactly what was typed
        wins, then the one that more people hold, then the smaller id.

        Raises:
            AmbiguousIdError: It is an id that several sources use.
            UnknownEntityError: Nothing is near enough; the message names the nearest.
        """
        try:
            return self._dataset.songs.find(text)
        except UnknownEntityError as error:
            if type(error) is not UnknownEntityError:
                raise
        found = self.songs(text, limit=1)
        if found:
            return found[0]
        nearest = self.songs(text, limit=3, at_least=50.0)
        names = "; ".join(self.describe(row) for row in nearest)
        hint = f"; the nearest are {names}" if names else ""
        raise UnknownEntityError(f"no song is called {text!r}{hint}")

    def rivals(self, text: str, row: int, *, limit: int = 3) -> list[int]:
        """Return other songs that ``text`` fits as well as the one that ``song`` took it to mean; none for an id."""
        try:
            self._dataset.songs.find(text)
        except UnknownEntityError:
            wanted = _words(text)
            fit = self._title_match(wanted, row)
            found = self.songs(text, limit=20)
            return [other for other in found if other != row and self._title_match(wanted, other) == fit][
                :limit
            ]
        return []

    def also(self, text: str, row: int) -> str | None:
        """Return a note that names the rivals of a song, where there are any."""
        others = self.rivals(text, row)
        if not others:
            return None
        names = "; ".join(self.describe(other) for other in others)
        return f"{text!r} may also mean {names}: an id leaves no doubt"

    def songs(self, text: str, *, limit: int = 20, at_least: float = MATCH) -> list[int]:
        """Return the rows of the songs that ``text`` may mean, best first."""
        wanted = _words(text)
        if not wanted:
            return []
        found = process.extract(
            wanted, self._texts, scorer=fuzz.token_set_ratio, score_cutoff=at_least, limit=None
        )
        matches = [(score, row) for _, score, row in found if self._title_fits(wanted, row)]
        if not matches:
            # A title alone, with a slip in it: beside its artists too little of it would be alike.
            typed = wanted.replace(" ", "")
            slips = process.extract(
                typed, self._titles, scorer=fuzz.ratio, score_cutoff=max(at_least, MATCH), limit=None
            )
            matches = [(score, row) for _, score, row in slips]
        if not matches:
            return []
        best = matches[0][0]
        near = [row for score, row in matches if score >= best - _NEAR]
        others = [row for score, row in matches if score < best - _NEAR]
        near.sort(key=lambda row: (-self._holders[row], row))
        near.sort(key=lambda row: self._title_match(wanted, row), reverse=True)  # stable
        return (near + others)[:limit]

    def describe(self, row: int) -> str:
        """Return title, artists and id of a song for a message."""
        dataset = self._dataset
        artists = ", ".join(dataset.artists.name(int(artist)) for artist in dataset.artists_of(row))
        return f"{dataset.songs.name(row)} – {artists} ({dataset.songs.vocabulary.label(row)})"

    def _title_fits(self, wanted: str, row: int) -> bool:
        """Whether what is left of the words without the artists' is like the title: an artist alone is no song.

        Nothing may be left: then any song of theirs will do.
        """
        dataset = self._dataset
        artists = {
            word
            for artist in dataset.artists_of(row)
            for word in _words(dataset.artists.names[artist]).split()
        }
        title = _words(dataset.songs.names[row])
        left = [word for word in wanted.split() if word not in artists or word in title.split()]
        return not left or fuzz.token_set_ratio(" ".join(left), title) >= _TITLE

    def _title_match(self, wanted: str, row: int) -> tuple[bool, bool, bool, bool]:
        """Return how well the words fit the title; larger is better.

        In this order: the title's words are among them, and no word is foreign to title and artists; the title's
        words are among them; the title stands there as it is written but for a version's tail; with its tail.
        """
        name = self._dataset.songs.name(row)
        written, plain = _words(name), _words(title_key(name))
        words, title = set(wanted.split()), set(plain.split())
        among = bool(title) and title <= words
        spaced = f" {wanted} "
        return (
            among and words <= set(self._texts[row].split()),
            among,
            among and f" {plain} " in spaced,
            among and f" {written} " in spaced,
        )

    @cached_property
    def _texts(self) -> list[str]:
        dataset = self._dataset
        artists = [_words(name) for name in dataset.artists.names]
        return [
            " ".join([_words(title), *(artists[artist] for artist in dataset.artists_of(row))])
            for row, title in enumerate(dataset.songs.names)
        ]

    @cached_property
    def _titles(self) -> list[str]:
        """Titles without spaces, and without the words that only name a version."""
        return [_words(title_key(title)).replace(" ", "") for title in self._dataset.songs.names]

    @cached_property
    def _holders(self) -> list[int]:
        holders: list[int] = self._dataset.holdings.item_degrees().tolist()
        return holders


def _words(text: str) -> str:
    spaced = _IDEOGRAPH.sub(r" \1 ", _NOT_WORD.sub(" ", normal_form(text)))
    return " ".join(spaced.split())
