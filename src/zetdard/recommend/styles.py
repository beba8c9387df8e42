"""Artists compared by the songs they have, as distributions in a space and not only by their middle."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from zetdard.data.dataset import Dataset
from zetdard.data.features import FeatureBlock
from zetdard.data.types import Floats
from zetdard.features.audio.style import background, style

Doubles = NDArray[np.float64]

_AT_ONCE = 2**22
"""Numbers compared at once (32 MiB an array)."""


class ArtistStyles:
    """The styles of all artists of whom a song is present in a space.

    Args:
        dataset: Who performs what.
        space: Songs as points. A song counts for each of its artists.

    Raises:
        NoDataError: Fewer than two songs are present, or all lie in one place.
    """

    def __init__(self, dataset: Dataset, space: FeatureBlock) -> None:
        present = space.known
        of_all = background(space.values[present])
        by_artist = dataset.song_artists.tocsc()
        n_artists = len(dataset.artists)
        self.known = np.zeros(n_artists, bool)
        """Shape (artists,): whether any of their songs is present."""
        styles = []
        for artist in range(n_artists):
            songs = by_artist.indices[by_artist.indptr[artist] : by_artist.indptr[artist + 1]]
            songs = np.sort(songs[present[songs]])
            if len(songs):
                self.known[artist] = True
                styles.append(style(space.values[songs], of_all))
        dimensions = space.values.shape[1]
        # Of the known artists, in the order of their rows: (known, dimensions).
        self._means: Doubles = np.array([one.mean for one in styles]).reshape(-1, dimensions)
        self._variances: Doubles = np.array([one.variance for one in styles]).reshape(-1, dimensions)
        self._places = np.cumsum(self.known) - 1

    def likeness(self, artist: int) -> Floats:
        """Return how like every artist's style is to that of one who is known: shape (artists,); 0 where unknown.

        It is ``zetdard.features.audio.style.similarity``, exp(−D / dimensions) of the Bhattacharyya distance D, for all
        artists together: 1 for the same style.
        """
        place = self._places[artist]
        mean, variance = self._means[place], self._variances[place]
        found = np.empty(len(self._means))
        step = max(1, _AT_ONCE // max(1, self._means.shape[1]))
        for start in range(0, len(found), step):
            means, variances = self._means[start : start + step], self._variances[start : start + step]
            middle = (variances + variance) / 2  # (artists, dimensions)
            apart = np.square(means - mean) / middle
            wider = np.log(middle) - (np.log(variances) + np.log(variance)) / 2
            found[start : start + step] = (apart / 8 + wider / 2).mean(axis=1)
        likeness = np.zeros(len(self.known), np.float32)
        likeness[self.known] = np.exp(-np.maximum(found, 0))
        return likeness
