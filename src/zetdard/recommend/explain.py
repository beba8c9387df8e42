"""Reasons, computed from what produced the score, and what would be different without them."""

from __future__ import annotations

from typing import Literal

import numpy as np
from scipy.sparse import vstack

from zetdard.data.dataset import Dataset
from zetdard.data.interactions import Histories
from zetdard.data.ranking import Ranking, rank
from zetdard.data.types import Rows
from zetdard.models.base import Contributions
from zetdard.recommend.course import Course
from zetdard.recommend.query import (
    Because,
    HeldBy,
    Named,
    Popular,
    Reason,
    SharedMoods,
    SharedTags,
    SharedWords,
    Without,
)
from zetdard.recommend.rerank import places_of
from zetdard.recommend.shared import SharedTraits

PEOPLE = 20
"""At most so many people are named for one item."""

_BATCH = 64


def explain(
    course: Course, dataset: Dataset, items: Rows, shared: SharedTraits | None = None
) -> list[tuple[Reason, ...]]:
    """Return the reasons of each item of a personal list, in the order of the items.

    For each item: the listener's own songs (or artists) with their shares of the score, the people who hold it,
    and the rank at which it would be without the largest contributor. Where ``shared`` is given, also the tags, moods
    and words that a recommended song has in common with the own song that is the largest contributor.
    """
    if course.contributions is None:
        return [() for _ in items]
    parts = [course.contributions(course.history, int(item)) for item in items]
    largest = [int(part.items[0]) if len(part.items) else None for part in parts]
    ranks = _ranks_without(course, [int(item) for item in items], largest)
    reasons = []
    for item, part, source, place in zip(items.tolist(), parts, largest, ranks, strict=True):
        found: list[Reason] = [
            Because(course.because, _named(course, own), float(share))
            for own, share in zip(part.items.tolist(), part.shares.tolist(), strict=True)
        ]
        if course.artist_contributions is not None:
            found += _artists(course.artist_contributions(course.history, item), dataset)
        people = part.users if len(part.users) else _holders(course, dataset, item)
        found += _people(people[:PEOPLE], course, dataset)
        if source is not None:
            if shared is not None:
                found += _traits(course, shared, source, item)
            found.append(Without(course.because, _named(course, source), place))
        reasons.append(tuple(found))
    return reasons


def explain_popular(course: Course, items: Rows) -> list[tuple[Reason, ...]]:
    """Return the only true reason of a list that is not personal."""
    word: Literal["holders", "holds"] = "holds" if course.offered.kind == "user" else "holders"
    return [(Popular(int(course.popularity[item]), word),) for item in items]


def _named(course: Course, row: int) -> Named:
    return Named(course.source.vocabulary.label(row), course.source.name(row))


def _artists(part: Contributions, dataset: Dataset) -> list[Reason]:
    return [
        Because("artist", Named(dataset.artists.vocabulary.label(own), dataset.artists.name(own)), share)
        for own, share in zip(part.items.tolist(), part.shares.tolist(), strict=True)
    ]


def _traits(course: Course, shared: SharedTraits, own: int, item: int) -> list[Reason]:
    if course.offered.kind != "song" or course.source.kind != "song":
        return []
    both = np.array([own], np.int32), np.array([item], np.int32)
    tags, words = shared.tags(*both), shared.words(*both)
    moods, heard = shared.moods(*both)
    found: list[Reason] = []
    if tags:
        found.append(SharedTags("song", _named(course, own), tags))
    if moods:
        found.append(SharedMoods("song", _named(course, own), moods, heard))
    if words:
        found.append(SharedWords("song", _named(course, own), words))
    return found


def _people(users: Rows, course: Course, dataset: Dataset) -> list[Reason]:
    own = course.history.matrix.indices
    return [
        HeldBy(
            Named(dataset.users.vocabulary.label(user), dataset.users.name(user)),
            len(np.intersect1d(own, course.held.held(user), assume_unique=True)),
        )
        for user in users.tolist()
    ]


def _holders(course: Course, dataset: Dataset, item: int) -> Rows:
    """Return the others who hold an item and share a source with the listener, who shares most first.

    For models that score by items alone and name nobody. A person is held by nobody.
    """
    if course.offered.kind == "user":
        return np.empty(0, np.int32)
    through = course.offered.kind == "artist" and course.because == "song"
    columns = dataset.song_artists[:, [item]].tocoo().row if through else [item]
    matrix = course.held.binary()
    holders = np.unique(matrix[:, columns].tocoo().row)
    shared = np.asarray(matrix[holders][:, course.history.matrix.indices].sum(axis=1)).ravel()
    order = np.lexsort((holders, -shared))
    named = order[(shared[order] > 0) & (holders[order] != course.history.users[0])]
    return np.asarray(holders[named], dtype=np.int32)


def _ranks_without(course: Course, items: list[int], sources: list[int | None]) -> list[int | None]:
    """Compute, for each item, its rank in the list that the same query gives without the item's source."""
    distinct = sorted({source for source in sources if source is not None})
    places: dict[tuple[int, int], int] = {}
    for start in range(0, len(distinct), _BATCH):
        removed = distinct[start : start + _BATCH]
        scores = course.score(_without(course.history, removed))
        for row, source in enumerate(removed):
            caused = {item for item, other in zip(items, sources, strict=True) if other == source}
            found = places_of(caused, course.arranger.arrange(ranked(course, scores[row])))
            places.update(((item, source), place) for item, place in found.items())
    return [
        None if source is None else places.get((item, source))
        for item, source in zip(items, sources, strict=True)
    ]


def ranked(course: Course, scores: np.ndarray[tuple[int], np.dtype[np.float32]]) -> Ranking:
    """Return the ranking of what may be offered and has evidence: of a list for everybody, at least one holder."""
    return rank(scores, course.eligible & (scores > 0))


def _without(history: Histories, removed: list[int]) -> Histories:
    """Return one history for each removed source: the listener's own without it."""
    rows = []
    for source in removed:
        row = history.matrix.copy()
        row.data = row.data * (row.indices != source)
        row.eliminate_zeros()
        rows.append(row)
    return Histories(vstack(rows, format="csr"), np.repeat(history.users, len(removed)))
