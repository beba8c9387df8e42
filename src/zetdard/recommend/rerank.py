"""From a ranking by score to the list that is shown: artist cap, and one version of each song."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from zetdard.data.dataset import Dataset
from zetdard.data.ranking import Ranking
from zetdard.names import title_key


class SongArranger:
    """Puts ranked songs in the order in which they are shown.

    Songs over the artist cap are not dropped but come after all others, so that a list can always be filled;
    further versions of a song that is already placed are dropped.

    Args:
        dataset: Titles and artists.
        artist_cap: At most so many songs of one artist before the overflow; ``None`` = any number. A song of
            several artists counts for each of them.
        one_version: Drop songs that share an artist and a title key with an earlier one.
    """

    def __init__(self, dataset: Dataset, *, artist_cap: int | None, one_version: bool) -> None:
        self._dataset = dataset
        self._cap = artist_cap
        self._one_version = one_version
        self._facts: dict[int, tuple[tuple[int, ...], str]] = {}

    def arrange(self, ranking: Ranking) -> Iterator[tuple[int, float]]:
        """Yield (song row, score) in the order shown."""
        placed: Counter[int] = Counter()
        versions: set[tuple[int, str]] = set()
        overflow: list[tuple[int, float]] = []
        for song, score in zip(ranking.items.tolist(), ranking.scores.tolist(), strict=True):
            artists, title = self._facts_of(song)
            if self._one_version:
                keys = [(artist, title) for artist in artists]
                if any(key in versions for key in keys):
                    continue
                versions.update(keys)
            if self._cap is not None and any(placed[artist] >= self._cap for artist in artists):
                overflow.append((song, score))
                continue
            placed.update(artists)
            yield song, score
        yield from overflow

    def _facts_of(self, song: int) -> tuple[tuple[int, ...], str]:
        facts = self._facts.get(song)
        if facts is None:
            artists = tuple(self._dataset.artists_of(song).tolist())
            facts = (artists, title_key(self._dataset.songs.name(song)))
            self._facts[song] = facts
        return facts


class PlainArranger:
    """Keeps artists and people in the order of their scores."""

    def arrange(self, ranking: Ranking) -> Iterator[tuple[int, float]]:
        """Yield (row, score) as ranked."""
        yield from zip(ranking.items.tolist(), ranking.scores.tolist(), strict=True)


def places_of(items: set[int], arranged: Iterator[tuple[int, float]]) -> dict[int, int]:
    """Return the rank, counted from 1, of each of the items that is in the list."""
    places: dict[int, int] = {}
    for place, (row, _) in enumerate(arranged, start=1):
        if row in items:
            places[row] = place
            if len(places) == len(items):
                break
    return places
