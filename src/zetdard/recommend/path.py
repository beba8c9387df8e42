"""A path through sound: from one song to another in small steps."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from zetdard.data.dataset import Dataset
from zetdard.data.features import FeatureBlock
from zetdard.data.ranking import rank
from zetdard.data.traits import SongTraits
from zetdard.data.types import Rows
from zetdard.errors import InputError, NoDataError
from zetdard.recommend.query import MAX_ITEMS, Named
from zetdard.recommend.rerank import SongArranger
from zetdard.recommend.search import SongSearch
from zetdard.recommend.shared import SharedTraits
from zetdard.recommend.soundgraph import distances, unit_points, walk

POOL = 10_000
"""Of more songs than this, only those that lie most between both ends are walked through."""


@dataclass(frozen=True, slots=True)
class Stop:
    """A song of a path.

    Attributes:
        song: Id and title.
        artists: Its artists, in the order of its credits.
        step: 1 − cosine with the song before; ``None`` for the first.
        comes: Tags that it has and the song before has not.
        goes: Tags that the song before has and it has not.
    """

    song: Named
    artists: tuple[Named, ...]
    step: float | None
    comes: tuple[str, ...] = ()
    goes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SoundPath:
    """A path.

    Attributes:
        stops: From the first song to the last.
        direct: 1 − cosine of the first and the last.
        note: What a person should know about it, where there is something.
    """

    stops: tuple[Stop, ...]
    direct: float
    note: str | None = None

    @property
    def largest(self) -> float:
        """Size of the largest step; never more than ``direct``."""
        return max((stop.step for stop in self.stops if stop.step is not None), default=0.0)

    def to_json(self) -> dict[str, Any]:
        """Return the document that ``path --json`` prints and the API answers."""
        document: dict[str, Any] = {"direct": self.direct, "largest": self.largest, "songs": []}
        if self.note:
            document["note"] = self.note
        for place, stop in enumerate(self.stops, start=1):
            document["songs"].append(
                {
                    "place": place,
                    "id": stop.song.id,
                    "title": stop.song.name,
                    "artists": [artist.to_json() for artist in stop.artists],
                    "step": stop.step,
                    "comes": list(stop.comes),
                    "goes": list(stop.goes),
                }
            )
        return document


def path_through_sound(
    start: str,
    end: str,
    traits: SongTraits,
    dataset: Dataset,
    *,
    longest: int | None = None,
    least_songs: int = 0,
    search: SongSearch | None = None,
) -> SoundPath:
    """Find the path from one song to another whose steps are small.

    The songs are the nodes of a graph, joined with their nearest ones (see ``soundgraph``); of the paths from ``start`` to
    ``end`` that with the least Σ dᵖ is taken, where d = 1 − cosine is the size of a step and p = 2: two steps of half the
    size cost half as much as one. No step is larger than the direct one; no song comes twice, and between the ends no version of another one.

    Args:
        start: Id, or words of title and artist.
        end: The same.
        traits: What is known of the songs.
        dataset: What is stored.
        longest: The most songs, 2 or more, both ends included.
        least_songs: With fewer, p is raised (to 16 at most), which makes steps smaller and more; then the longest path
            that was found is given.
        search: Finds songs by words; made here where none is given.

    Raises:
        UnknownEntityError: A song is not stored.
        NoDataError: The sound of one is not known.
        InputError: The numbers of songs cannot be, or the traits are of other songs.
    """
    if longest is not None and longest < max(2, least_songs):
        raise InputError("a path may be limited to 2 songs or more, and to no fewer than it should have")
    if not 0 <= least_songs <= MAX_ITEMS:
        raise InputError(f"a path can be asked to have 0 to {MAX_ITEMS} songs, not {least_songs}")
    search = search or SongSearch(dataset)
    shared = SharedTraits(traits, dataset.songs.vocabulary)
    first, last = search.song(start), search.song(end)
    for song in (first, last):
        _check_known(traits.sound, song, search)
    assert traits.sound is not None
    if first == last:
        return SoundPath((_stop(dataset, first, None),), 0.0, "it is one song")
    pool = _pool(dataset, traits.sound, first, last)
    points = unit_points(traits.sound.values[pool])
    found = walk(points, least_songs, None if longest is None else longest - 1)
    songs = pool[found]
    steps = distances(points, found[:-1], found[1:])
    stops = [_stop(dataset, first, None)]
    for before, song, step in zip(songs[:-1].tolist(), songs[1:].tolist(), steps.tolist(), strict=True):
        stops.append(_stop(dataset, song, step, shared.changes(before, song)))
    notes = [also for text, row in ((start, first), (end, last)) if (also := search.also(text, row))]
    if len(stops) < least_songs:
        notes.append(f"no smaller steps were found: {least_songs} songs were asked for")
    direct = float(distances(points, np.array([0]), np.array([1]))[0])
    return SoundPath(tuple(stops), direct, "; ".join(notes) or None)


def _pool(dataset: Dataset, sound: FeatureBlock, first: int, last: int) -> Rows:
    """Return the songs that may be walked through: first, last, then those that lie most between them.

    Of several versions of one song only one is among them, and none of the two ends.
    """
    present = np.flatnonzero(sound.known)
    points = unit_points(sound.values[present])
    ends = np.searchsorted(present, [first, last])
    everything = np.arange(len(present))
    detour = sum(distances(points, everything, np.full(len(present), at)) ** 2 for at in ends)
    scores = np.full(len(dataset.songs), -np.inf, np.float32)
    scores[present] = -np.asarray(detour)
    # Above all others, so that of their versions the ends themselves are placed.
    scores[[first, last]] = 2, 1
    known = np.zeros(len(scores), bool)
    known[present] = True
    arranger = SongArranger(dataset, artist_cap=None, one_version=True)
    arranged = (row for row, _ in arranger.arrange(rank(scores, known)) if row not in (first, last))
    return np.array([first, last, *islice(arranged, POOL)], np.int32)


def _check_known(sound: FeatureBlock | None, song: int, search: SongSearch) -> None:
    if sound is None:
        raise NoDataError(
            "the sound of no song is known yet: it takes recordings (`zetdard import music`), then `zetdard featurize audio`"
        )
    if not sound.known[song]:
        raise NoDataError(
            f"the sound of {search.describe(song)} is not known: no sound file of it is stored, or "
            "`zetdard featurize audio` has not been run since"
        )


def _stop(
    dataset: Dataset,
    song: int,
    step: float | None,
    changes: tuple[tuple[str, ...], tuple[str, ...]] = ((), ()),
) -> Stop:
    songs, artists = dataset.songs, dataset.artists
    return Stop(
        song=Named(songs.vocabulary.label(song), songs.name(song)),
        artists=tuple(
            Named(artists.vocabulary.label(artist), artists.name(artist))
            for artist in dataset.artists_of(song).tolist()
        ),
        step=step,
        comes=changes[0],
        goes=changes[1],
    )
