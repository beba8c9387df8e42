"""Similar songs and artists: what is asked about → ranked by its parts → arranged → reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from zetdard.data.dataset import Dataset, Entities
from zetdard.data.features import FeatureBlock
from zetdard.data.interactions import Interactions
from zetdard.data.ranking import Ranking, rank
from zetdard.data.traits import SongTraits
from zetdard.data.types import Csr, Floats, Rows
from zetdard.errors import InputError, NoDataError
from zetdard.names import title_key
from zetdard.recommend.course import Space, Spaces
from zetdard.recommend.likeness import (
    PARTS,
    By,
    CloseTempo,
    CommonHolders,
    Likeness,
    Near,
    SameKey,
    Similar,
    SimilarItem,
    SimilarKind,
    SimilarQuery,
)
from zetdard.recommend.nearness import by_cosine, by_model, common_holders, fused, ranks
from zetdard.recommend.query import Named, SharedMoods, SharedTags, SharedWords
from zetdard.recommend.rerank import PlainArranger, SongArranger
from zetdard.recommend.search import SongSearch
from zetdard.recommend.shared import SharedTraits
from zetdard.recommend.styles import ArtistStyles

_BRINGS = {
    By.SOUND: "it takes recordings (`zetdard import music`)",
    By.WORDS: "it takes lyrics (`zetdard crawl`, `zetdard import music`)",
}
"""Part → what brings it."""


def similar(
    query: SimilarQuery,
    dataset: Dataset,
    spaces: Spaces,
    traits: SongTraits,
    *,
    search: SongSearch | None = None,
) -> Similar:
    """Answer one query; see ``SimilarFinder``, which is quicker for several."""
    return SimilarFinder(dataset, traits, search=search).similar(query, spaces)


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One way in which things are near.

    Attributes:
        ranking: All that could be shown, best first.
        ranks: Shape (items,): rank of each, 0 where it has none.
        scores: Shape (items,): score of each that has a rank.
    """

    ranking: Ranking
    ranks: NDArray[np.int64]
    scores: Floats

    @classmethod
    def of(cls, ranking: Ranking, n_items: int) -> Part:
        """Return a part that says the rank and score of each item."""
        scores = np.zeros(n_items, np.float32)
        scores[ranking.items] = ranking.scores
        return cls(ranking, ranks(ranking, n_items), scores)


class SimilarFinder:
    """Finds songs and artists that are like one.

    Args:
        dataset: What is known.
        traits: What is known of the songs themselves.
        search: Finds songs by words; made here where none is given.

    Raises:
        InputError: The traits are of other songs than those of the dataset.
    """

    def __init__(self, dataset: Dataset, traits: SongTraits, *, search: SongSearch | None = None) -> None:
        self._dataset = dataset
        self._traits = traits
        self._search = search or SongSearch(dataset)
        self._shared = SharedTraits(traits, dataset.songs.vocabulary)
        self._styles: dict[By, ArtistStyles] = {}

    def similar(self, query: SimilarQuery, spaces: Spaces) -> Similar:
        """Answer a query.

        Args:
            query: What is asked.
            spaces: Fitted models; ``songs`` for songs, ``artists`` and ``plays`` for artists. Only asked where
                people count.

        Raises:
            UnknownEntityError: The song or artist is not stored.
            NoDataError: What is needed to compare it is not known; the message says what to do.
            InputError: The model does not compare: it gives everybody the same list.
        """
        songs = query.kind is SimilarKind.SONGS
        entities = self._dataset.songs if songs else self._dataset.artists
        row = self._search.song(query.item) if songs else entities.find(query.item)
        eligible = np.ones(len(entities), bool)
        eligible[row] = False
        if songs and not query.all_versions:
            eligible[versions_of(self._dataset, row)] = False
        space = self._space(query.kind, row, spaces)
        parts, missing = self._parts(query, row, space, eligible)
        if len(parts) > 1:
            weighted = [(part.ranking, query.weights.of(by)) for by, part in parts.items()]
            ranking = fused(weighted, len(entities))
        else:
            ((_, only),) = parts.items()
            ranking = only.ranking
        arranger = (
            SongArranger(self._dataset, artist_cap=None, one_version=not query.all_versions)
            if songs
            else PlainArranger()
        )
        shown = list(islice(arranger.arrange(ranking), query.n))
        reasons: list[tuple[Likeness, ...]] = [() for _ in shown]
        if query.reasons:
            people = space.interactions if space is not None and By.PEOPLE in parts else None
            reasons = self._reasons(query.kind, row, [item for item, _ in shown], parts, people)
        return Similar(
            query=query,
            asked=_named(entities, row),
            artists=self._artists(row) if songs else (),
            parts=tuple(parts),
            model=space.model.name if space is not None and By.PEOPLE in parts else None,
            items=tuple(
                SimilarItem(
                    rank=place,
                    id=entities.vocabulary.label(item),
                    name=entities.name(item),
                    score=score,
                    artists=self._artists(item) if songs else (),
                    reasons=why,
                )
                for place, ((item, score), why) in enumerate(zip(shown, reasons, strict=True), start=1)
            ),
            note=_note(query, len(shown), missing, self._search.also(query.item, row) if songs else None),
        )

    def _parts(
        self, query: SimilarQuery, row: int, space: Space | None, eligible: NDArray[np.bool_]
    ) -> tuple[dict[By, Part], dict[By, str]]:
        """Return the parts that a query asks for and, of ``all``, why others are missing."""
        if query.by is not By.ALL:
            return {query.by: self._part(query.kind, query.by, row, space, eligible)}, {}
        parts: dict[By, Part] = {}
        missing: dict[By, str] = {}
        for by in PARTS:
            if query.weights.of(by) > 0:
                try:
                    parts[by] = self._part(query.kind, by, row, space, eligible)
                except NoDataError as error:
                    missing[by] = str(error)
        if len(parts) > 1 and By.PEOPLE in parts and _tells_nothing(parts[By.PEOPLE].ranking, eligible):
            del parts[By.PEOPLE]
            missing[By.PEOPLE] = "the same people hold all of them"
        if not parts:
            raise NoDataError("; ".join(missing.values()))
        return parts, missing

    def _part(
        self, kind: SimilarKind, by: By, row: int, space: Space | None, eligible: NDArray[np.bool_]
    ) -> Part:
        if by is By.PEOPLE:
            if space is None:
                raise NoDataError(f"nobody holds {self._describe(kind, row)}")
            if not space.model.personal:
                raise InputError(
                    f"the model {space.model.name} gives everybody one list: it compares nothing"
                )
            ranking = by_model(space.model, row, eligible)
        elif kind is SimilarKind.SONGS:
            block = self._block(kind, by, row, np.array([row], np.int32))
            ranking = by_cosine(block, row, eligible)
        else:
            block = self._block(kind, by, row, self._songs_of(row))
            if by not in self._styles:
                self._styles[by] = ArtistStyles(self._dataset, block)
            styles = self._styles[by]
            ranking = rank(styles.likeness(row), eligible & styles.known)
        return Part.of(ranking, len(eligible))

    def _block(self, kind: SimilarKind, by: By, row: int, songs: Rows) -> FeatureBlock:
        """Return the space of sound or words, if one of the songs asked about is present in it.

        Raises:
            NoDataError: None is.
        """
        sound = by is By.SOUND
        block = self._traits.sound if sound else self._traits.words
        what, run = ("sound", "zetdard featurize audio") if sound else ("words", "zetdard featurize lyrics")
        be = "is" if sound else "are"
        if block is None:
            raise NoDataError(f"the {what} of no song {be} known yet: {_BRINGS[by]}, then `{run}`")
        if block.known[songs].any():
            return block
        if kind is SimilarKind.SONGS:
            why = (
                "no sound file of it is stored" if sound else "it is instrumental, its lyrics are not stored"
            )
        elif sound:
            why = "no sound file of any of their songs is stored"
        else:
            why = "their songs are instrumental, their lyrics are not stored"
        whose = self._describe(kind, row)
        raise NoDataError(f"the {what} of {whose} {be} not known: {why}, or `{run}` has not been run since")

    def _space(self, kind: SimilarKind, row: int, spaces: Spaces) -> Space | None:
        """Return the model that speaks for the people who hold (or play) what was asked about, if anybody does."""
        choices = (spaces.songs,) if kind is SimilarKind.SONGS else (spaces.artists, spaces.plays)
        for space in choices:
            if space is not None and len(space.interactions.matrix[:, [row]].tocoo().row):
                return space
        return None

    def _reasons(
        self,
        kind: SimilarKind,
        row: int,
        items: list[int],
        parts: Mapping[By, Part],
        people: Interactions | None,
    ) -> list[tuple[Likeness, ...]]:
        common = None if people is None else common_holders(people, row)
        found = []
        for item in items:
            why: list[Likeness] = [
                Near(by, int(part.ranks[item]), float(part.scores[item]))
                for by, part in parts.items()
                if part.ranks[item]
            ]
            why += self._traits_in_common(kind, row, item, parts)
            if common is not None and common[item]:
                why.append(CommonHolders(int(common[item])))
            found.append(tuple(why))
        return found

    def _traits_in_common(
        self, kind: SimilarKind, row: int, item: int, parts: Mapping[By, Part]
    ) -> list[Likeness]:
        songs = kind is SimilarKind.SONGS
        entities = self._dataset.songs if songs else self._dataset.artists
        of: Literal["song", "artist"] = "song" if songs else "artist"
        groups = [np.array([one], np.int32) if songs else self._songs_of(one) for one in (row, item)]
        found: list[Likeness] = []
        if By.SOUND in parts:
            tags = self._shared.tags(groups[0], groups[1])
            if tags:
                found.append(SharedTags(of, _named(entities, row), tags))
            moods, heard = self._shared.moods(groups[0], groups[1])
            if moods:
                found.append(SharedMoods(of, _named(entities, row), moods, heard))
            if songs and (tempo := self._shared.tempo(row, item)):
                found.append(CloseTempo(*tempo))
            if songs and (key := self._shared.key(row, item)):
                found.append(SameKey(key))
        if By.WORDS in parts:
            words = self._shared.words(groups[0], groups[1])
            if words:
                found.append(SharedWords(of, _named(entities, row), words))
        return found

    def _songs_of(self, artist: int) -> Rows:
        """Return an artist's songs: rows, ascending."""
        credits = self._by_artist
        return np.sort(credits.indices[credits.indptr[artist] : credits.indptr[artist + 1]]).astype(np.int32)

    @cached_property
    def _by_artist(self) -> Csr:
        """Who performs what: CSC, shape (songs, artists)."""
        return self._dataset.song_artists.tocsc()

    def _artists(self, song: int) -> tuple[Named, ...]:
        artists = self._dataset.artists
        return tuple(_named(artists, artist) for artist in self._dataset.artists_of(song).tolist())

    def _describe(self, kind: SimilarKind, row: int) -> str:
        if kind is SimilarKind.SONGS:
            return self._search.describe(row)
        artists = self._dataset.artists
        return f"{artists.name(row)} ({artists.vocabulary.label(row)})"


def _tells_nothing(ranking: Ranking, eligible: NDArray[np.bool_]) -> bool:
    """Whether a ranking has everything in it, and all at one score."""
    return bool(len(ranking) == eligible.sum() and (ranking.scores == ranking.scores[:1]).all())


def versions_of(dataset: Dataset, song: int) -> Rows:
    """Return the other songs that share an artist and a title key with one: rows, ascending."""
    key = title_key(dataset.songs.name(song))
    others = np.unique(dataset.song_artists[:, dataset.artists_of(song)].tocoo().row)
    return np.array(
        [other for other in others.tolist() if other != song and title_key(dataset.songs.name(other)) == key],
        np.int32,
    )


def _named(entities: Entities, row: int) -> Named:
    return Named(entities.vocabulary.label(row), entities.name(row))


def _note(query: SimilarQuery, found: int, missing: Mapping[By, str], also: str | None) -> str | None:
    """Say what a person should know about the list."""
    notes = [also] if also else []
    notes += [f"not by {by.value}: {why}" for by, why in missing.items()]
    if found == 0:
        others = {
            By.SOUND: f"no other {query.kind.value} with a known sound",
            By.WORDS: f"no other {query.kind.value} with known words",
            By.PEOPLE: f"no other {query.kind.value} that the same people hold",
            By.ALL: f"no other {query.kind.value} to compare with",
        }
        notes.append(f"there are {others[query.by]}")
    return "; ".join(notes) or None
