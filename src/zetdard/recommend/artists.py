"""Artists through songs (thesis S11): the performers of the songs that a song model would give."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack

from zetdard.data.dataset import Dataset
from zetdard.data.interactions import Histories, ones_like
from zetdard.data.opinions import Opinions
from zetdard.data.ranking import rank
from zetdard.data.types import Csr, Floats
from zetdard.models.base import Contributions, Explainable, Model

POOL = 200
"""How many of the best songs speak for their artists."""


class ArtistScorer:
    """Scores artists for listeners who are known by songs.

    With the POOL best eligible songs j and their scores s(j), an artist y gets

        a(y) = Σ_{j by y} s(j)                 how much of the recommended music is theirs
        c(y) = the artist model's score of y   how close y stands to the artists of the listener's songs
        score(y) = √( a(y)/max a · c(y)/max c )

    the geometric mean: an artist must be near in both ways.

    Args:
        dataset: Who performs what.
        songs: A fitted model over songs.
        artists: A fitted model over artists, from the artists that listeners hold through their songs.
        eligible: Shape (songs,): which songs may speak.
        opinions: Artists that the listener likes count among those they hold, hidden ones do not.
    """

    def __init__(
        self,
        dataset: Dataset,
        songs: Model,
        artists: Model,
        eligible: NDArray[np.bool_],
        opinions: Opinions | None = None,
    ) -> None:
        self._songs = songs
        self._artists = artists
        self._eligible = eligible
        self._opinions = opinions or Opinions()
        self._credits: Csr = ones_like(dataset.song_artists)

    @property
    def explainable(self) -> bool:
        """Whether both models can take their scores apart."""
        return isinstance(self._songs, Explainable) and isinstance(self._artists, Explainable)

    def score(self, histories: Histories) -> Floats:
        """Return the geometric mean for every artist: shape (listeners, artists); 0 = no evidence."""
        through_songs = self._pool(histories) @ self._credits
        near = self._artists.score(self._artist_histories(histories))
        both = _normalised(np.asarray(through_songs.toarray())) * _normalised(near)
        return np.asarray(np.sqrt(both), dtype=np.float32)

    def contributions(self, history: Histories, artist: int) -> Contributions:
        """Return what each of the listener's songs adds to a(artist), through the songs of the pool."""
        if not isinstance(self._songs, Explainable):
            raise TypeError(f"{self._songs.name} cannot explain itself")
        pool = self._pool(history)
        songs = pool.indices[np.isin(pool.indices, self._credits[:, [artist]].tocoo().row)]
        amounts = np.zeros(self._credits.shape[0])
        users: list[NDArray[np.int32]] = []
        for song in songs.tolist():
            part = self._songs.contributions(history, song)
            amounts[part.items] += part.amounts
            users.append(part.users)
        seen = np.concatenate(users) if users else np.empty(0, np.int32)
        # Who holds most of the artist's songs in the pool comes first.
        people, times = np.unique(seen, return_counts=True)
        own = np.flatnonzero(amounts).astype(np.int32)
        return Contributions.ordered(own, amounts[own], people[np.lexsort((people, -times))])

    def artist_contributions(self, history: Histories, artist: int) -> Contributions:
        """Return what each artist that the listener holds adds to c(artist)."""
        if not isinstance(self._artists, Explainable):
            raise TypeError(f"{self._artists.name} cannot explain itself")
        return self._artists.contributions(self._artist_histories(history), artist)

    def _pool(self, histories: Histories) -> Csr:
        """Return the scores of each listener's pool: CSR, shape (listeners, songs)."""
        scores = self._songs.score(histories)
        indptr, indices, data = [0], [], []
        for row in range(len(histories)):
            best = rank(scores[row], self._eligible & (scores[row] > 0), POOL)
            order = np.argsort(best.items)
            indices.append(best.items[order])
            data.append(best.scores[order])
            indptr.append(indptr[-1] + len(best))
        return csr_array(
            (np.concatenate(data), np.concatenate(indices), np.array(indptr)), shape=scores.shape
        )

    def _artist_histories(self, histories: Histories) -> Histories:
        held = histories.matrix.copy()
        held.data = np.ones_like(held.data)
        artists = (held @ self._credits).tocsr().astype(np.float32)
        liked, hidden = self._opinions.liked_artists, self._opinions.hidden_artists
        if len(liked):
            artists = artists + vstack([Histories.of_items(liked, artists.shape[1]).matrix] * len(histories))
        if len(hidden):
            artists.data[np.isin(artists.indices, hidden)] = 0
            artists.eliminate_zeros()
        artists.sort_indices()
        return Histories(csr_array(artists), histories.users)


def _normalised(scores: NDArray[np.float32]) -> Floats:
    """Divide each row by its largest value; a row of zeros stays zero."""
    largest = scores.max(axis=1, keepdims=True, initial=0)
    return np.asarray(scores / np.where(largest > 0, largest, 1), dtype=np.float32)
