"""How each kind of thing is scored: what speaks for the listener, what scores it, what may be offered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from zetdard.data.dataset import Dataset, Entities
from zetdard.data.interactions import Histories, Interactions
from zetdard.data.ranking import Ranking
from zetdard.data.types import Floats
from zetdard.errors import NoDataError
from zetdard.models.base import Contributions, Explainable, Model
from zetdard.recommend.artists import ArtistScorer
from zetdard.recommend.listener import STRANGER, Listener
from zetdard.recommend.query import Kind, Query
from zetdard.recommend.rerank import PlainArranger, SongArranger


class Arranger(Protocol):
    """Turns a ranking by score into the order shown."""

    def arrange(self, ranking: Ranking) -> Iterator[tuple[int, float]]:
        """Yield (row, score)."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Space:
    """A fitted model and what it was fitted on: users × songs, or users × artists."""

    interactions: Interactions
    model: Model


@dataclass(frozen=True, slots=True, eq=False)
class Spaces:
    """The fitted models that a question needs; ``None`` where it does not, or where there are no data.

    Attributes:
        songs: Scores songs, from the songs that listeners hold.
        artists: Scores artists, from the artists that listeners hold through songs.
        plays: Scores artists, from play counts of artists.
        artists_by_songs: Scores artists, from the songs that listeners hold.
        people: Scores users, from the songs that they hold.
        people_by_plays: Scores users, from the artists that they play.
    """

    songs: Space | None = None
    artists: Space | None = None
    plays: Space | None = None
    artists_by_songs: Space | None = None
    people: Space | None = None
    people_by_plays: Space | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """All that the main path needs to answer one query.

    Attributes:
        offered: What is recommended.
        source: What speaks for the listener, and causes recommendations.
        because: What a source is.
        held: What everybody holds of the sources.
        history: The listener's sources: one row.
        score: Histories → shape (listeners, offered).
        contributions: (history, offered row) → what made its score; ``None`` if the model cannot tell.
        artist_contributions: For artists that come from songs: the part of the artists that the listener holds.
        eligible: Shape (offered,): what may be offered.
        popularity: Shape (offered,): the fallback's score.
        arranger: Order by score → order shown.
        model: Name of what scores.
        personal: Whether ``score`` depends on the history.
        strict: Whether only what is predicted to be liked has a score, so that nothing else may take its place.
    """

    offered: Entities
    source: Entities
    because: Literal["song", "artist"]
    held: Interactions
    history: Histories
    score: Callable[[Histories], Floats]
    contributions: Callable[[Histories, int], Contributions] | None
    artist_contributions: Callable[[Histories, int], Contributions] | None
    eligible: NDArray[np.bool_]
    popularity: NDArray[np.int64]
    arranger: Arranger
    model: str
    personal: bool
    strict: bool = False


def plan(query: Query, listener: Listener, dataset: Dataset, spaces: Spaces) -> Course:
    """Choose the course for a query.

    Raises:
        NoDataError: Nothing is stored that could answer it.
    """
    match query.kind:
        case Kind.SONGS:
            return _songs(query, listener, dataset, spaces)
        case Kind.ARTISTS:
            return _artists(query, listener, dataset, spaces)
        case Kind.FRIENDS:
            return _friends(listener, dataset, spaces)


def _songs(query: Query, listener: Listener, dataset: Dataset, spaces: Spaces) -> Course:
    space = spaces.songs
    if space is None:
        other = " There are artists: ask for artists instead." if len(dataset.artists) else ""
        raise NoDataError(f"no songs are stored that anybody holds.{other}")
    return Course(
        offered=dataset.songs,
        source=dataset.songs,
        because="song",
        held=space.interactions,
        history=listener.song_history(dataset),
        score=space.model.score,
        contributions=space.model.contributions if isinstance(space.model, Explainable) else None,
        artist_contributions=None,
        eligible=eligible_songs(listener, dataset),
        popularity=space.interactions.item_degrees(),
        arranger=SongArranger(dataset, artist_cap=query.artist_cap, one_version=query.one_version),
        model=space.model.name,
        personal=space.model.personal,
        strict=bool(getattr(space.model.config, "strict", False)),
    )


def eligible_songs(listener: Listener, dataset: Dataset) -> NDArray[np.bool_]:
    """Return which songs may be offered: not held, not hidden, by nobody who is hidden: shape (songs,)."""
    eligible = np.ones(len(dataset.songs), bool)
    eligible[listener.held] = False
    eligible[listener.opinions.hidden_songs] = False
    hidden = listener.opinions.hidden_artists
    if len(hidden):
        eligible[np.unique(dataset.song_artists[:, hidden].tocoo().row)] = False
    return eligible


def _artists(query: Query, listener: Listener, dataset: Dataset, spaces: Spaces) -> Course:
    if spaces.artists_by_songs is not None and not _only_plays(listener, spaces.plays):
        return _artists_by_songs(query, listener, dataset, spaces.artists_by_songs)
    if spaces.songs is not None and spaces.artists is not None and not _only_plays(listener, spaces.plays):
        if not spaces.artists.model.personal:
            return _artists_directly(query, listener, dataset, spaces.artists)
        scorer = ArtistScorer(
            dataset,
            spaces.songs.model,
            spaces.artists.model,
            eligible_songs(listener, dataset),
            listener.opinions,
        )
        history = listener.song_history(dataset)
        interactions = spaces.artists.interactions
        explain, explain_artists = scorer.contributions, scorer.artist_contributions
        return Course(
            offered=dataset.artists,
            source=dataset.songs,
            because="song",
            held=spaces.songs.interactions,
            history=history,
            score=scorer.score,
            contributions=explain if scorer.explainable else None,
            artist_contributions=explain_artists if scorer.explainable else None,
            eligible=_eligible_artists(query, listener, dataset, interactions),
            popularity=interactions.item_degrees(),
            arranger=PlainArranger(),
            model=spaces.songs.model.name,
            personal=spaces.songs.model.personal,
        )
    if spaces.plays is None:
        raise NoDataError("no artists are stored that anybody holds or plays")
    return _artists_directly(query, listener, dataset, spaces.plays)


def _artists_by_songs(query: Query, listener: Listener, dataset: Dataset, space: Space) -> Course:
    """Score artists from songs, without a model of artists."""
    held = dataset.artist_holdings()
    return Course(
        offered=dataset.artists,
        source=dataset.songs,
        because="song",
        held=space.interactions,
        history=listener.song_history(dataset),
        score=space.model.score,
        contributions=None,
        artist_contributions=None,
        eligible=_eligible_artists(query, listener, dataset, held),
        popularity=held.item_degrees(),
        arranger=PlainArranger(),
        model=space.model.name,
        personal=space.model.personal,
    )


def _artists_directly(query: Query, listener: Listener, dataset: Dataset, space: Space) -> Course:
    """Score artists from artists: where listeners are known by plays, or the model asks nobody."""
    return Course(
        offered=dataset.artists,
        source=dataset.artists,
        because="artist",
        held=space.interactions,
        history=listener.artist_history(dataset, space.interactions),
        score=space.model.score,
        contributions=space.model.contributions if isinstance(space.model, Explainable) else None,
        artist_contributions=None,
        eligible=_eligible_artists(query, listener, dataset, space.interactions),
        popularity=space.interactions.item_degrees(),
        arranger=PlainArranger(),
        model=space.model.name,
        personal=space.model.personal,
    )


def _only_plays(listener: Listener, plays: Space | None) -> bool:
    """Whether the listener is known through play counts of artists and not through songs."""
    return (
        len(listener.songs) == 0
        and plays is not None
        and listener.user != STRANGER
        and len(plays.interactions.held(listener.user)) > 0
    )


def _eligible_artists(
    query: Query, listener: Listener, dataset: Dataset, interactions: Interactions
) -> NDArray[np.bool_]:
    eligible = np.ones(len(dataset.artists), bool)
    if not query.include_held:
        eligible[listener.artist_history(dataset, interactions).matrix.indices] = False
    eligible[listener.opinions.hidden_artists] = False
    return eligible


def _friends(listener: Listener, dataset: Dataset, spaces: Spaces) -> Course:
    space = spaces.people
    if space is None or _only_plays(listener, spaces.people_by_plays):
        space = spaces.people_by_plays
    if space is None:
        raise NoDataError("nobody holds anything yet: there is nothing to compare people by")
    by_songs = space.interactions is dataset.holdings
    source = dataset.songs if by_songs else dataset.artists
    history = (
        listener.song_history(dataset) if by_songs else listener.artist_history(dataset, space.interactions)
    )
    eligible = np.ones(len(dataset.users), bool)
    if listener.user != STRANGER:
        eligible[listener.user] = False
        eligible[dataset.follows[[listener.user]].indices] = False
    model = space.model
    return Course(
        offered=dataset.users,
        source=source,
        because="song" if by_songs else "artist",
        held=space.interactions,
        history=history,
        score=model.score,
        contributions=model.contributions if isinstance(model, Explainable) else None,
        artist_contributions=None,
        eligible=eligible,
        popularity=space.interactions.user_degrees(),
        arranger=PlainArranger(),
        model=str(getattr(model.config, "similarity", model.name)),
        personal=model.personal,
    )
