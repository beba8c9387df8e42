"""Small datasets written by hand, the invented world, and recommenders over them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array

from zetdard import ZetDard, registry
from zetdard.data.dataset import Dataset, Entities, EntityKind
from zetdard.data.interactions import Interactions
from zetdard.data.opinions import Opinions
from zetdard.data.vocabulary import Vocabulary
from zetdard.models.base import TrainingData
from zetdard.recommend.course import Space, Spaces
from zetdard.recommend.query import Kind, Query, Recommendation
from zetdard.recommend.recommender import Recommender
from zetdard.sandbox import World, WorldConfig, generate
from zetdard.surfaces.python_api import open as open_home

SONG_MODELS = ("song-graph", "user-neighbours", "item-knn")
"""Models that are personal and explain themselves."""
PEOPLE_MODELS = tuple(registry.PEOPLE_MODELS)
ASKED = [
    *((kind, model) for kind in ("songs", "artists") for model in SONG_MODELS),
    *(("friends", model) for model in PEOPLE_MODELS),
]
"""(kind, model) of everything that is personal."""


@cache
def invented() -> World:
    """Return a small invented world."""
    return generate(WorldConfig(seed=5, n_users=90, n_songs=450, n_artists=70, median_songs=25.0))


def open_world(folder: Path) -> ZetDard:
    """Open a home that holds the invented world."""
    zetdard = open_home(folder)
    zetdard.import_records("sandbox", invented().records(), format="world")
    return zetdard


def dataset_of(
    holds: Mapping[str, Iterable[str]] | None = None,
    *,
    credits: Mapping[str, Iterable[str]] | None = None,
    titles: Mapping[str, str] | None = None,
    names: Mapping[str, str] | None = None,
    follows: Mapping[str, Iterable[str]] | None = None,
    plays: Mapping[str, Mapping[str, int]] | None = None,
    origins: Mapping[str, tuple[str, str]] | None = None,
) -> Dataset:
    """Return a dataset.

    Args:
        holds: User → songs.
        credits: Song → artists, in order; a song that is only here is held by nobody.
        titles: Song → title.
        names: Artist or user → name.
        follows: User → followed.
        plays: User → artist → number.
        origins: Label of a song → (source, id).
    """
    holds, credits, follows, plays = holds or {}, credits or {}, follows or {}, plays or {}
    names, titles, origins = names or {}, titles or {}, origins or {}
    user_ids = {*holds, *follows, *(other for others in follows.values() for other in others), *plays}
    song_ids = {*(song for songs in holds.values() for song in songs), *credits, *titles}
    artist_ids = {artist for artists in credits.values() for artist in artists}
    artist_ids |= {artist for counts in plays.values() for artist in counts}
    users, songs, artists = (
        _entities(kind, sorted(ids), known, origins if kind == "song" else {})
        for kind, ids, known in (
            ("user", user_ids, names),
            ("song", song_ids, titles),
            ("artist", artist_ids, names),
        )
    )
    played = [(user, artist, n) for user, counts in plays.items() for artist, n in counts.items()]
    return Dataset(
        users=users,
        songs=songs,
        artists=artists,
        holdings=_interactions(users, songs, [(user, song, 1) for user in holds for song in holds[user]]),
        plays=_interactions(users, artists, played),
        song_artists=_matrix(
            songs,
            artists,
            [(song, artist, place + 1) for song in credits for place, artist in enumerate(credits[song])],
        ),
        follows=_matrix(users, users, [(user, other, 1) for user in follows for other in follows[user]]),
        fingerprint="by hand",
    )


def _entities(
    kind: EntityKind,
    ids: list[str],
    names: Mapping[str, str],
    origins: Mapping[str, tuple[str, str]],
) -> Entities:
    return Entities(
        kind=kind,
        vocabulary=Vocabulary(ids, kind=kind),
        names=tuple(names.get(id_, "") for id_ in ids),
        origins=tuple(origins.get(id_, ("test", id_)) for id_ in ids),
    )


def _matrix(rows: Entities, columns: Entities, entries: list[tuple[str, str, int]]) -> csr_array:
    matrix = np.zeros((len(rows), len(columns)), np.float32)
    for row, column, value in entries:
        matrix[rows.vocabulary.row(row), columns.vocabulary.row(column)] = value
    return csr_array(matrix)


def _interactions(rows: Entities, columns: Entities, entries: list[tuple[str, str, int]]) -> Interactions:
    return Interactions(rows.vocabulary, columns.vocabulary, _matrix(rows, columns, entries))


def spaces_of(dataset: Dataset, model: str) -> Spaces:
    """Fit a model on everything that it could be asked about."""
    people = model in registry.PEOPLE_MODELS
    make: Callable[[], object] = partial(registry.make_model, model)

    def space(held: Interactions) -> Space | None:
        return Space(held, make().fit(TrainingData(held))) if len(held) else None  # type: ignore[attr-defined]

    if people:
        return Spaces(people=space(dataset.holdings if len(dataset.holdings) else dataset.plays))
    return Spaces(
        songs=space(dataset.holdings),
        artists=space(dataset.artist_holdings()) if len(dataset.holdings) else None,
        plays=space(dataset.plays),
    )


def recommend(
    dataset: Dataset,
    kind: str,
    user: str | None = None,
    *,
    model: str | None = None,
    opinions: Opinions | None = None,
    **asked: object,
) -> Recommendation:
    """Ask once."""
    chosen = model or ("adamic-adar" if kind == "friends" else "song-graph")
    recommender = Recommender(dataset, spaces_of(dataset, chosen), lambda _: opinions or Opinions())
    return recommender.recommend(Query(kind=Kind(kind), user=user, **asked))  # type: ignore[arg-type]


def ids(answer: Recommendation) -> list[str]:
    """Return the ids of a list, best first."""
    return [item.id for item in answer.items]
