"""Which songs of one source are songs of others: candidates from dictionaries, compared one by one.

What is compared, and what it counts, is written down in ``comparing``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from rapidfuzz import fuzz, process

from zetdard.features.comparing import (
    BELOW_JOIN,
    JOIN,
    SIMILAR,
    UNSURE,
    Known,
    Match,
    SongFacts,
    Why,
    compare,
    judge,
)

K = TypeVar("K", bound=Hashable)

__all__ = ["JOIN", "UNSURE", "Match", "SongFacts", "Why", "compare", "match"]

CLEARLY = 0.02
"""By how much the best of several must lead to be the one."""

MOST_ALIKE = 50
"""Others of one title that are all looked at; of more, only those that share an artist. Where even these are more,
the ones with the smallest keys are looked at, and none of them is joined."""

MOST_TITLES = 1_000
"""An artist's titles among which slips of the pen are looked for; of an artist with more, a title must be exact."""

MOST_ASKED = 5
"""Unsure others that are named for one song: the best, of equals those with the smallest keys."""


def match(
    songs: Iterable[SongFacts],
    others: Iterable[SongFacts],
    *,
    apart: Collection[tuple[int, int]] = (),
    standing: Mapping[int, int] | None = None,
) -> list[Match]:
    """Find which songs are, or may be, among others.

    A song is joined to one other at most; several songs may be joined to one. Where several others are equally good,
    the song is unsure about each of them, down to ``UNSURE`` the more there are. Others of several sources are no rivals:
    each source may describe the song once.

    Args:
        songs: Songs of one source.
        others: Songs of other sources.
        apart: (song, other) that are known not to be one; a set, where there are many.
        standing: Song → other of earlier joins, which are kept where several sources describe a song equally well.

    Returns:
        For a song that is joined, that pair alone; else its unsure pairs, best first. Ordered by song.
    """
    wanted = sorted((Known(facts) for facts in songs), key=lambda song: song.facts.key)
    index = _Index.of(wanted, others)
    found: list[Match] = []
    for song in wanted:
        candidates, crowded = index.candidates(song)
        found += _choose(song, candidates, crowded, apart, (standing or {}).get(song.facts.key))
    return found


def _choose(
    song: Known,
    candidates: Iterable[Known],
    crowded: bool,
    apart: Collection[tuple[int, int]],
    standing: int | None,
) -> list[Match]:
    judged = [
        (judge(song, other), other.facts.source)
        for other in candidates
        if (song.facts.key, other.facts.key) not in apart
    ]
    judged = [(pair, source) for pair, source in judged if pair.match.confidence >= UNSURE]
    judged.sort(key=lambda found: (-found[0].strength, found[0].match.other))
    if not judged:
        return []
    best = judged[0][0]
    alike: dict[str, list[Match]] = defaultdict(list)
    for pair, source in judged:
        if pair.strength > best.strength - CLEARLY:
            alike[source].append(pair.match)
    clear = [of_source[0] for of_source in alike.values() if len(of_source) == 1]
    if not best.match.joins:
        unsure = [pair.match for pair, _ in judged]
    elif not clear:
        most = max(len(of_source) for of_source in alike.values())
        shared = UNSURE + (JOIN - UNSURE) / most
        unsure = [_less(pair, shared, Why.SEVERAL) for of_source in alike.values() for pair in of_source]
    else:
        chosen = next((pair for pair in clear if pair.other == standing), clear[0])
        if not crowded or Why.RECORDING in chosen.reasons:
            return [chosen]
        unsure = [_less(chosen, BELOW_JOIN, Why.CROWD)]
    return unsure[:MOST_ASKED]


def _less(pair: Match, confidence: float, why: Why) -> Match:
    return replace(pair, confidence=round(min(pair.confidence, confidence), 4), reasons=(*pair.reasons, why))


@dataclass(slots=True)
class _Artist:
    """An artist's others by bare title, so that each title is looked at once."""

    titles: dict[str, list[int]]
    names: list[str]


class _Index:
    """Others that may be asked for, by what they are looked up by; a place is a row of ``others``."""

    def __init__(self) -> None:
        self._others: list[Known] = []
        self._by_mbid: dict[str, list[int]] = defaultdict(list)
        self._by_title: dict[str, list[int]] = defaultdict(list)
        self._by_artist: dict[str, list[int]] = defaultdict(list)
        self._of_crowds: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._titles_of: dict[str, _Artist] = {}

    @classmethod
    def of(cls, songs: Sequence[Known], others: Iterable[SongFacts]) -> _Index:
        """Keep those others that share a title, an artist or a recording with one of the songs."""
        titles = {key for song in songs for key in song.keys}
        artists = {name for song in songs for name in song.all_names}
        mbids = {song.mbid for song in songs} - {None}
        index = cls()
        for facts in sorted(others, key=lambda other: other.key):
            other = Known(facts)
            by_title = titles.intersection(other.keys)
            by_artist = artists.intersection(other.all_names)
            by_mbid = other.mbid in mbids
            if by_title or by_artist or by_mbid:
                index._add(other, by_title, by_artist)
        for title, places in index._by_title.items():
            if len(places) > MOST_ALIKE:
                for place in places:
                    for name in index._others[place].all_names:
                        index._of_crowds[title, name].append(place)
        return index

    def _add(self, other: Known, titles: Iterable[str], artists: Iterable[str]) -> None:
        place = len(self._others)
        self._others.append(other)
        for title in titles:
            self._by_title[title].append(place)
        for artist in artists:
            self._by_artist[artist].append(place)
        if other.mbid is not None:
            self._by_mbid[other.mbid].append(place)

    def candidates(self, song: Known) -> tuple[list[Known], bool]:
        """Return what a song is to be compared with, and whether there is more than that."""
        crowded = False
        places: dict[int, None] = {}
        if song.mbid is not None:
            crowded |= _take(places, _get(self._by_mbid, song.mbid))
        for title in dict.fromkeys(song.keys):
            alike = _get(self._by_title, title)
            if len(alike) <= MOST_ALIKE:
                crowded |= _take(places, alike)
            else:
                for name in sorted(song.all_names):
                    crowded |= _take(places, _get(self._of_crowds, (title, name)))
        if not any(song.all_names & self._others[place].all_names for place in places):
            for name in sorted(song.all_names):
                for title in self._slips(song, name):
                    crowded |= _take(places, self._titles_of[name].titles[title])
        return [self._others[place] for place in places], crowded

    def _slips(self, song: Known, artist: str) -> Iterator[str]:
        """Yield an artist's titles that are nearly the song's."""
        if artist not in self._titles_of:
            titles: dict[str, list[int]] = defaultdict(list)
            for place in _get(self._by_artist, artist):
                titles[self._others[place].keys[1]].append(place)
            self._titles_of[artist] = _Artist(titles, list(titles))
        names = self._titles_of[artist].names
        if len(names) <= MOST_TITLES:
            near = process.extract(
                song.keys[1], names, scorer=fuzz.ratio, score_cutoff=SIMILAR, limit=MOST_ASKED
            )
            yield from (title for title, _, _ in near)


def _get(places: dict[K, list[int]], key: K) -> list[int]:
    # Asking a defaultdict would add the key.
    return places.get(key, [])


def _take(places: dict[int, None], found: Sequence[int]) -> bool:
    """Add the first of what was found, and return whether there was more."""
    places.update(dict.fromkeys(found[:MOST_ALIKE]))
    return len(found) > MOST_ALIKE
