"""The main path: a query in, a list with reasons out."""

from __future__ import annotations

from itertools import islice

import numpy as np

from zetdard.data.dataset import Dataset
from zetdard.data.ranking import rank
from zetdard.data.traits import SongTraits
from zetdard.data.types import Rows
from zetdard.recommend.course import Course, Spaces, plan
from zetdard.recommend.explain import explain, explain_popular, ranked
from zetdard.recommend.listener import STRANGER, Listener, OpinionsOf, find_listener
from zetdard.recommend.query import Kind, Named, Query, Reason, Recommendation, Recommended
from zetdard.recommend.search import SongSearch
from zetdard.recommend.shared import SharedTraits


class Recommender:
    """Answers queries over one dataset with fitted models.

    Args:
        dataset: What is known.
        spaces: The fitted models.
        opinions_of: What a stored user has said; asked anew for each query, so that it counts at once.
        search: Finds songs by words; made here where none is given.
        traits: What is known of the songs themselves; then reasons also name the tags and words that two songs share.

    Raises:
        InputError: The traits are of other songs than those of the dataset.
    """

    def __init__(
        self,
        dataset: Dataset,
        spaces: Spaces,
        opinions_of: OpinionsOf,
        *,
        search: SongSearch | None = None,
        traits: SongTraits | None = None,
    ) -> None:
        self._dataset = dataset
        self._spaces = spaces
        self._opinions_of = opinions_of
        self._search = search or SongSearch(dataset)
        self._shared = None if traits is None else SharedTraits(traits, dataset.songs.vocabulary)

    def recommend(self, query: Query) -> Recommendation:
        """Answer a query.

        Raises:
            UnknownEntityError: The user, or a song that was named, is not stored.
            NoDataError: Nothing is stored that could answer it.
        """
        listener = find_listener(query, self._dataset, self._search, self._opinions_of)
        course = plan(query, listener, self._dataset, self._spaces)
        ranking = ranked(course, course.score(course.history)[0])
        shown = list(islice(course.arranger.arrange(ranking), query.n))
        personal = course.personal and (bool(shown) or course.strict)
        if course.personal and not personal:
            shown = self._popular(course, query.n)
        items = np.array([row for row, _ in shown], np.int32)
        if not query.reasons:
            reasons: list[tuple[Reason, ...]] = [()] * len(shown)
        elif personal:
            reasons = explain(course, self._dataset, items, self._shared)
        else:
            reasons = explain_popular(course, items)
        return Recommendation(
            query=query,
            model=course.model if personal or not course.personal else "popular",
            personal=personal,
            items=tuple(
                self._item(query, course, place, row, score, why)
                for place, ((row, score), why) in enumerate(zip(shown, reasons, strict=True), start=1)
            ),
            note=_note(query, course, listener, len(shown), personal),
            understood=tuple(self._named_song(song) for song in listener.likes),
        )

    def _popular(self, course: Course, n: int) -> list[tuple[int, float]]:
        eligible = course.eligible & (course.popularity > 0)
        ranking = rank(course.popularity.astype(np.float32), eligible)
        return list(islice(course.arranger.arrange(ranking), n))

    def _item(
        self, query: Query, course: Course, place: int, row: int, score: float, why: tuple[Reason, ...]
    ) -> Recommended:
        songs = query.kind is Kind.SONGS
        return Recommended(
            rank=place,
            id=course.offered.vocabulary.label(row),
            name=course.offered.name(row),
            score=score,
            artists=self._artists(self._dataset.artists_of(row)) if songs else (),
            reasons=why,
        )

    def _artists(self, rows: Rows) -> tuple[Named, ...]:
        artists = self._dataset.artists
        return tuple(Named(artists.vocabulary.label(row), artists.name(row)) for row in rows.tolist())

    def _named_song(self, row: int) -> Named:
        songs = self._dataset.songs
        artists = ", ".join(artist.name for artist in self._artists(self._dataset.artists_of(row)))
        return Named(
            songs.vocabulary.label(row), f"{songs.name(row)} – {artists}" if artists else songs.name(row)
        )


def _note(query: Query, course: Course, listener: Listener, found: int, personal: bool) -> str | None:
    """Say what a person should know about the list."""
    what = query.kind.value
    if not course.eligible.any():
        return (
            f"there are no {what} left to recommend: all that are stored are held, followed or hidden already"
        )
    if course.strict and found < query.n:
        few = "no song is" if found == 0 else "only one song is" if found == 1 else f"only {found} songs are"
        return f"{few} predicted to be liked; without strict the next likely ones follow"
    if course.personal and not personal:
        sources = f"{course.because}s"
        if len(course.history.matrix.indices) == 0:
            who = "this user" if listener.user != STRANGER else "this listener"
            reason = f"{who} holds no {sources} yet"
        elif not _shares_any(course):
            reason = f"nobody else holds any of the same {sources}"
        else:
            reason = f"nothing new follows from the {sources} that others hold too"
        instead = "those who hold most" if query.kind is Kind.FRIENDS else f"popular {what}"
        return f"not personal, {instead} instead: {reason}" if found else f"nothing to recommend: {reason}"
    if found == 0:
        return f"nothing to recommend: nobody holds any other {what}"
    if personal and found < query.n:
        few = f"only one of the {what} is" if found == 1 else f"only {found} {what} are"
        return f"{few} connected with what is held; no others are added to fill the list"
    return None


def _shares_any(course: Course) -> bool:
    """Whether anybody else holds one of the listener's sources."""
    own, user = course.history.matrix.indices, int(course.history.users[0])
    holders = course.held.item_degrees()[own]
    if user != STRANGER:
        holders = holders - np.isin(own, course.held.held(user))
    return bool((holders > 0).any())
