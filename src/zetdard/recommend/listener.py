"""Who asks: a stored user, or somebody known only by the songs they name; with their opinions applied."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from zetdard.data.dataset import Dataset
from zetdard.data.interactions import Histories, Interactions
from zetdard.data.opinions import Opinions
from zetdard.data.types import Rows
from zetdard.recommend.query import Query
from zetdard.recommend.search import SongSearch

OpinionsOf = Callable[[int], Opinions]
"""User row → what the listener's verdicts mean now."""

STRANGER = -1
"""User row of a listener without an account."""


@dataclass(frozen=True, slots=True, eq=False)
class Listener:
    """Everything about the one who asks.

    Attributes:
        user: Row of the user, or ``STRANGER``.
        likes: Songs named in the query: rows, in the order given.
        songs: Songs that speak for the listener: held, liked or named, less what they hid: rows, ascending.
        held: Songs never offered because the listener holds them: rows, ascending.
        opinions: The listener's verdicts.
    """

    user: int
    likes: tuple[int, ...]
    songs: Rows
    held: Rows
    opinions: Opinions

    def song_history(self, dataset: Dataset) -> Histories:
        """Return the songs as a question to a model over songs."""
        return _history(dataset.holdings, self.user, self.songs)

    def artist_history(self, dataset: Dataset, interactions: Interactions) -> Histories:
        """Return the artists that speak for the listener, as a question to a model over artists.

        Args:
            dataset: Who performs what.
            interactions: What the model was fitted on: users × artists.
        """
        own = [self.opinions.liked_artists]
        if self.user != STRANGER:
            own.append(interactions.held(self.user))
        extra = np.setdiff1d(self.songs, dataset.holdings.held(self.user) if self.user != STRANGER else [])
        own += [dataset.artists_of(int(song)) for song in extra]
        artists = np.setdiff1d(np.unique(np.concatenate(own)), self.opinions.hidden_artists)
        return _history(interactions, self.user, artists)


def _history(interactions: Interactions, user: int, items: Rows) -> Histories:
    """Return ``items`` with the strengths that are stored for them, 1 where none is."""
    history = Histories.of_items(items, interactions.n_items, user=user)
    if user != STRANGER:
        stored = interactions.matrix[[user]]
        strengths = dict(zip(stored.indices.tolist(), stored.data.tolist(), strict=True))
        history.matrix.data[:] = [strengths.get(item, 1.0) for item in history.matrix.indices.tolist()]
    return history


def find_listener(query: Query, dataset: Dataset, search: SongSearch, opinions_of: OpinionsOf) -> Listener:
    """Return the listener that a query means.

    Raises:
        UnknownEntityError: The user, or a song that they named, is not stored.
    """
    likes = tuple(search.song(text) for text in query.likes)
    user = STRANGER if query.user is None else dataset.users.find(query.user)
    opinions = Opinions() if user == STRANGER else opinions_of(user)
    stored = np.empty(0, np.int32) if user == STRANGER else dataset.holdings.held(user)
    held = np.unique(np.concatenate([stored, opinions.liked_songs, np.array(likes, np.int32)]))
    # A song that is named now speaks for the listener even if it was disliked before.
    hidden = np.setdiff1d(opinions.hidden_songs, np.array(likes, np.int32))
    return Listener(
        user=user,
        likes=likes,
        songs=np.setdiff1d(held, hidden).astype(np.int32),
        held=held.astype(np.int32),
        opinions=opinions,
    )
