"""Recommend: builds what a query needs and is missing or stale, then asks the Recommender."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property

import numpy as np

from zetdard.data.clips import Clips
from zetdard.data.dataset import Dataset
from zetdard.data.features import FeatureBlock
from zetdard.data.interactions import Interactions, ones_like
from zetdard.data.regions import region_block
from zetdard.data.traits import SongTraits
from zetdard.data.types import Csr
from zetdard.features.culture import Culture, culture_block
from zetdard.jobs.shelf import ModelShelf
from zetdard.models.base import (
    ManySided,
    Model,
    Offered,
    TrainingData,
    Workshop,
    wanted_features,
    wanted_user_features,
    wants_clips,
)
from zetdard.progress import Progress, silent
from zetdard.recommend.course import Space, Spaces
from zetdard.recommend.query import Kind, Query, Recommendation
from zetdard.recommend.recommender import Recommender
from zetdard.recommend.search import SongSearch
from zetdard.store.store import Store

MakeModel = Callable[[], Model]


class Desk:
    """Answers queries over one state of the store; models are fitted when first needed.

    Args:
        store: What listeners say is read from here, for each query.
        revision: Revision of the store that ``dataset`` was read at.
        dataset: One state of the store.
        shelf: Where fitted models are kept.
        read_block: Reads a kind of features of the songs by its name, for models that learn from them; ``None`` = there are
            none.
        read_culture: Reads the table of places that a person gave, if there is one.
        read_clips: Reads excerpts of the songs' sound, for models that hear them; ``None`` = there are none.
        workshop: For models that train for long; its ``progress`` is the desk's.
        read_traits: Reads what is known of the songs themselves, with the spaces of sound and words or without, when it
            is first needed; ``None`` = nothing is.
        seed: Seed of everything random in fitting.
        threads: Threads of the compiled kernels; ``None`` = one for each core.
        progress: Told what is being built.
    """

    def __init__(
        self,
        store: Store,
        revision: int,
        dataset: Dataset,
        shelf: ModelShelf,
        *,
        read_traits: Callable[[Dataset, bool], SongTraits] | None = None,
        read_block: Callable[[Dataset, str], FeatureBlock] | None = None,
        read_culture: Callable[[], Culture | None] | None = None,
        read_clips: Callable[[Dataset], Clips] | None = None,
        workshop: Workshop | None = None,
        seed: int = 0,
        threads: int | None = None,
        progress: Progress = silent,
    ) -> None:
        self.store = store
        self.revision = revision
        self.search = SongSearch(dataset)
        self.dataset = dataset
        self._shelf = shelf
        self._read_traits = read_traits
        self._read_block = read_block
        self._read_culture = read_culture
        self._read_clips = read_clips
        self._workshop = replace(workshop or Workshop(), progress=progress)
        self._seed = seed
        self._threads = threads
        self._progress = progress
        self._fingerprints: dict[Interactions, str] = {}

    @contextmanager
    def hurry(self, seconds: float | None) -> Iterator[None]:
        """Let each training within take so many seconds at most; ``None`` = as many as it needs."""
        before = self._workshop
        self._workshop = replace(before, budget_s=seconds)
        try:
            yield
        finally:
            self._workshop = before

    def answer(self, query: Query, make_model: MakeModel) -> Recommendation:
        """Answer a query with the model that ``make_model`` gives.

        Raises:
            UnknownEntityError: The user, or a song that they named, is not stored.
            NoDataError: Nothing is stored that could answer it.
        """
        return self.recommender(query.kind, make_model, reasons=query.reasons).recommend(query)

    def recommender(self, kind: Kind, make_model: MakeModel, *, reasons: bool = True) -> Recommender:
        """Return a recommender for one kind of thing; for reasons it also knows the songs themselves."""
        return Recommender(
            self.dataset,
            self.spaces(kind, make_model),
            lambda user: self.store.opinions(self.dataset, user),
            search=self.search,
            traits=self._named_traits if reasons else None,
        )

    @cached_property
    def traits(self) -> SongTraits:
        """What is known of the songs themselves."""
        return SongTraits() if self._read_traits is None else self._read_traits(self.dataset, True)

    @cached_property
    def _named_traits(self) -> SongTraits:
        """What reasons need: without the spaces, which take longer."""
        return SongTraits() if self._read_traits is None else self._read_traits(self.dataset, False)

    def spaces(self, kind: Kind, make_model: MakeModel) -> Spaces:
        """Fit, or take from the shelf, the models that a kind of query needs."""
        dataset = self.dataset
        has_songs, has_plays = len(dataset.holdings) > 0, len(dataset.plays) > 0
        match kind:
            case Kind.SONGS:
                return Spaces(songs=self._space("songs", dataset.holdings, make_model) if has_songs else None)
            case Kind.ARTISTS if has_songs and isinstance(make_model(), ManySided):
                return Spaces(artists_by_songs=self._side("artists", make_model))
            case Kind.FRIENDS if has_songs and isinstance(make_model(), ManySided):
                return Spaces(people=self._side("people", make_model))
            case Kind.ARTISTS:
                return Spaces(
                    songs=self._space("songs", dataset.holdings, make_model) if has_songs else None,
                    artists=self._space("artists", self._artist_holdings, make_model) if has_songs else None,
                    plays=self._space("plays", dataset.plays, make_model) if has_plays else None,
                )
            case Kind.FRIENDS:
                return Spaces(
                    people=self._space("people", dataset.holdings, make_model) if has_songs else None,
                    people_by_plays=self._space("people-plays", dataset.plays, make_model)
                    if has_plays
                    else None,
                )

    def _side(self, offered: Offered, make_model: MakeModel) -> Space:
        """Return a model of songs as one that scores something else; it is fitted once for all it scores."""
        space = self._space("songs", self.dataset.holdings, make_model)
        model = space.model
        return replace(space, model=model.offering(offered) if isinstance(model, ManySided) else model)

    def _space(self, name: str, interactions: Interactions, make_model: MakeModel) -> Space:
        model = make_model()
        blocks = self._blocks(model, interactions)
        of_users = self._user_blocks(model)
        clips = self._clips(model, interactions)
        # Only models that score artists look at who performs what: others need not be fitted anew when that changes.
        credits = ones_like(self.dataset.song_artists) if isinstance(model, ManySided) else None
        fitted = self._shelf.fitted(
            model,
            TrainingData(
                interactions,
                item_artists=credits,
                item_features=blocks,
                user_features=of_users,
                clips=clips,
                workshop=self._workshop,
                seed=self._seed,
                threads=self._threads,
            ),
            space=name,
            fingerprint="".join(
                [
                    self._fingerprint(interactions),
                    *map(fingerprint_of_block, blocks.values()),
                    *map(fingerprint_of_block, of_users.values()),
                    "" if credits is None else _fingerprint_of_matrix(credits),
                    "" if clips is None else clips.identity,
                ]
            ),
            progress=self._progress,
        )
        return Space(interactions, fitted)

    def _blocks(self, model: Model, interactions: Interactions) -> dict[str, FeatureBlock]:
        """Return the features that a model learns from, where its items are the songs."""
        wanted = wanted_features(model)
        if not wanted or self._read_block is None or interactions is not self.dataset.holdings:
            return {}
        return {name: self._read_block(self.dataset, name) for name in wanted}

    def _clips(self, model: Model, interactions: Interactions) -> Clips | None:
        """Return excerpts for a model that hears, where its items are the songs."""
        if not wants_clips(model) or self._read_clips is None or interactions is not self.dataset.holdings:
            return None
        return self._read_clips(self.dataset)

    def _user_blocks(self, model: Model) -> dict[str, FeatureBlock]:
        """Return what is known of the users of that which a model learns from."""
        users, regions = self.dataset.users.vocabulary, self.dataset.regions
        wanted = wanted_user_features(model) if regions else ()
        blocks = {}
        if "region" in wanted:
            blocks["region"] = region_block(users, regions)
        culture = self._read_culture() if "culture" in wanted and self._read_culture is not None else None
        if culture is not None:
            blocks["culture"] = culture_block(culture, users, regions)
        return blocks

    def _fingerprint(self, interactions: Interactions) -> str:
        if interactions not in self._fingerprints:
            self._fingerprints[interactions] = fingerprint_of(interactions)
        return self._fingerprints[interactions]

    @cached_property
    def _artist_holdings(self) -> Interactions:
        return self.dataset.artist_holdings()


def fingerprint_of(interactions: Interactions) -> str:
    """Return the identity of what a model learns from.

    By content and not by a revision: a home may be asked about several databases, and a database may be made anew.
    """
    digest = hashlib.sha256()
    for vocabulary in (interactions.users, interactions.items):
        # Each id with its length, so that no two lists of ids read the same.
        digest.update("".join(f"{len(label)}:{label}" for label in vocabulary).encode())
    digest.update(_fingerprint_of_matrix(interactions.matrix).encode())
    return digest.hexdigest()[:32]


def _fingerprint_of_matrix(matrix: Csr) -> str:
    digest = hashlib.sha256()
    for array, kind in ((matrix.indptr, np.int64), (matrix.indices, np.int64), (matrix.data, np.float32)):
        digest.update(np.ascontiguousarray(array, dtype=kind).tobytes())
    return digest.hexdigest()[:32]


def fingerprint_of_block(block: FeatureBlock) -> str:
    """Return the identity of features: of their numbers and of which are known."""
    digest = hashlib.sha256(repr((block.columns, sorted(block.provenance.items()))).encode())
    digest.update(np.ascontiguousarray(block.values).tobytes())
    if block.present is not None:
        digest.update(np.ascontiguousarray(block.present).tobytes())
    return digest.hexdigest()[:32]
