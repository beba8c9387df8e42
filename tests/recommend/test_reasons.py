"""Reasons, computed again by plain means: what caused an item, who holds it, and its rank without a cause."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any

import numpy as np
import pytest

from recommend.small import ASKED, PEOPLE_MODELS, SONG_MODELS, dataset_of, ids, recommend
from zetdard import ZetDard, registry
from zetdard.data.dataset import Dataset
from zetdard.data.interactions import Histories, Interactions
from zetdard.models.base import TrainingData
from zetdard.names import title_key
from zetdard.recommend.artists import POOL, ArtistScorer
from zetdard.recommend.query import Because, HeldBy, Recommendation, Without

LISTENERS = (2, 17, 40)
"""Rows of three listeners of the invented world."""


@pytest.fixture(scope="session")
def dataset(world: ZetDard) -> Dataset:
    return world.dataset()


@cache
def fitted(name: str, interactions: Interactions) -> Any:
    return registry.make_model(name).fit(TrainingData(interactions))


@cache
def artists_of_users(dataset: Dataset) -> Interactions:
    return dataset.artist_holdings()


def plainly_arranged(dataset: Dataset, scores: np.ndarray, eligible: set[int], kind: str) -> list[int]:
    """Order by score, then row; songs: two of an artist before the others, one version."""
    order = sorted((row for row in eligible if scores[row] > 0), key=lambda row: (-float(scores[row]), row))
    if kind != "songs":
        return order
    first, rest = [], []
    used: Counter[int] = Counter()
    seen: set[tuple[int, str]] = set()
    for song in order:
        artists = dataset.artists_of(song).tolist()
        versions = {(artist, title_key(dataset.songs.name(song))) for artist in artists}
        if versions & seen:
            continue
        seen |= versions
        if any(used[artist] == 2 for artist in artists):
            rest.append(song)
        else:
            first.append(song)
            used.update(artists)
    return first + rest


def plain_order(dataset: Dataset, kind: str, name: str, user: int, sources: list[int]) -> list[int]:
    """Return the whole list of a listener who holds only ``sources``; what they really hold is not offered."""
    held = set(dataset.holdings.held(user).tolist())
    stored = dataset.holdings.matrix[[user]].toarray()[0]
    history = Histories.of_items(np.array(sources, np.int32), len(dataset.songs), user=user)
    history.matrix.data[:] = stored[sources]
    songs = set(range(len(dataset.songs))) - held
    if kind == "songs":
        scores = fitted(name, dataset.holdings).score(history)[0]
        return plainly_arranged(dataset, scores, songs, kind)
    if kind == "friends":
        scores = fitted(name, dataset.holdings).score(history)[0]
        others = set(range(len(dataset.users))) - {user} - set(dataset.follows[[user]].indices.tolist())
        return plainly_arranged(dataset, scores, others, kind)
    may_speak = np.zeros(len(dataset.songs), bool)
    may_speak[list(songs)] = True
    artists = artists_of_users(dataset)
    scorer = ArtistScorer(dataset, fitted(name, dataset.holdings), fitted(name, artists), may_speak)
    others = set(range(len(dataset.artists))) - set(artists.held(user).tolist())
    return plainly_arranged(dataset, scorer.score(history)[0], others, kind)


def asked(world: ZetDard, kind: str, model: str, row: int, n: int = 8) -> Recommendation:
    user = world.dataset().users.vocabulary.label(row)
    return world.recommend(kind, user, model=model, n=n)  # type: ignore[arg-type]


def row_of(dataset: Dataset, kind: str, id_: str) -> int:
    return {"songs": dataset.songs, "artists": dataset.artists, "friends": dataset.users}[kind].find(id_)


@pytest.mark.parametrize(("kind", "model"), ASKED)
@pytest.mark.parametrize("row", LISTENERS)
def test_the_list_is_the_plain_one(world: ZetDard, dataset: Dataset, kind: str, model: str, row: int) -> None:
    answer = asked(world, kind, model, row, n=25)
    assert answer.personal
    own = dataset.holdings.held(row).tolist()
    plain = plain_order(dataset, kind, model, row, own)
    assert [row_of(dataset, kind, item.id) for item in answer.items] == plain[:25]


@pytest.mark.parametrize(("kind", "model"), ASKED)
@pytest.mark.parametrize("row", LISTENERS)
def test_causes_are_owned_and_sum_to_one(
    world: ZetDard, dataset: Dataset, kind: str, model: str, row: int
) -> None:
    own = {dataset.songs.vocabulary.label(song) for song in dataset.holdings.held(row).tolist()}
    artists = artists_of_users(dataset).held(row).tolist()
    own_artists = {dataset.artists.vocabulary.label(artist) for artist in artists}
    answer = asked(world, kind, model, row)
    assert answer.personal
    for item in answer.items:
        assert item.reasons
        causes = [reason for reason in item.reasons if isinstance(reason, Because)]
        kinds = {"song", "artist"} if kind == "artists" else {"song"}
        assert {cause.kind for cause in causes} == kinds
        for what in kinds:
            shares = [cause.share for cause in causes if cause.kind == what]
            named = [cause.source.id for cause in causes if cause.kind == what]
            assert sum(shares) == pytest.approx(1, abs=1e-6)
            assert min(shares) > 0
            assert shares == sorted(shares, reverse=True)
            assert len(set(named)) == len(named)
            assert set(named) <= (own if what == "song" else own_artists)


@pytest.mark.parametrize(("kind", "model"), ASKED)
@pytest.mark.parametrize("row", LISTENERS)
def test_people_hold_it_and_share_what_is_said(
    world: ZetDard, dataset: Dataset, kind: str, model: str, row: int
) -> None:
    own = set(dataset.holdings.held(row).tolist())
    some = False
    for item in asked(world, kind, model, row).items:
        for reason in item.reasons:
            if not isinstance(reason, HeldBy):
                continue
            some = True
            person = dataset.users.find(reason.person.id)
            assert person != row
            theirs = set(dataset.holdings.held(person).tolist())
            assert reason.shared == len(own & theirs) > 0
            offered = row_of(dataset, kind, item.id)
            if kind == "songs":
                assert offered in theirs
            else:
                assert offered in artists_of_users(dataset).held(person)
    assert some == (kind != "friends")


@pytest.mark.parametrize(("kind", "model"), ASKED)
@pytest.mark.parametrize("row", LISTENERS)
def test_rank_without_the_largest_cause(
    world: ZetDard, dataset: Dataset, kind: str, model: str, row: int
) -> None:
    own = dataset.holdings.held(row).tolist()
    for item in asked(world, kind, model, row, n=4).items:
        (without,) = [reason for reason in item.reasons if isinstance(reason, Without)]
        causes = [reason for reason in item.reasons if isinstance(reason, Because)]
        assert without.source == causes[0].source
        removed = dataset.songs.find(without.source.id)
        plain = plain_order(dataset, kind, model, row, [song for song in own if song != removed])
        offered = row_of(dataset, kind, item.id)
        assert without.rank == (plain.index(offered) + 1 if offered in plain else None)


@pytest.mark.parametrize("model", SONG_MODELS)
def test_artist_scores_by_their_formula(dataset: Dataset, model: str) -> None:
    songs, held = fitted(model, dataset.holdings), artists_of_users(dataset)
    near = fitted(model, held)
    credits = (dataset.song_artists.toarray() > 0).astype(float)
    for user in LISTENERS:
        history = Histories.of_users(dataset.holdings, np.array([user]))
        eligible = np.ones(len(dataset.songs), bool)
        eligible[dataset.holdings.held(user)] = False
        scores = np.where(eligible, songs.score(history)[0], 0).astype(float)
        pool = sorted(range(len(scores)), key=lambda song: (-scores[song], song))[:POOL]
        through = np.zeros(len(dataset.artists))
        for song in pool:
            through += scores[song] * credits[song]
        close = near.score(Histories.of_users(held, np.array([user])))[0].astype(float)
        plain = np.sqrt(through / through.max() * close / close.max())
        found = ArtistScorer(dataset, songs, near, eligible).score(history)[0]
        np.testing.assert_allclose(found, plain, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("kind", ["songs", "artists", "friends"])
def test_named_songs_are_causes_of_a_listener_without_an_account(
    world: ZetDard, dataset: Dataset, kind: str
) -> None:
    likes = [dataset.songs.vocabulary.label(int(song)) for song in dataset.holdings.held(17)[:3]]
    answer = world.recommend(kind, like=likes, n=5)  # type: ignore[arg-type]
    assert answer.personal
    assert [song.id for song in answer.understood] == likes
    for item in answer.items:
        songs = [reason for reason in item.reasons if isinstance(reason, Because) and reason.kind == "song"]
        assert {cause.source.id for cause in songs} <= set(likes)
        assert sum(cause.share for cause in songs) == pytest.approx(1, abs=1e-6)


def test_shares_by_hand() -> None:
    """w(s1→s4) = 1/2 and w(s2→s4) = 2/3: shares 3/7 and 4/7."""
    holds = {"ann": ["s1", "s2"], "bob": ["s1", "s2", "s4"], "cat": ["s2", "s4", "s5"]}
    answer = recommend(dataset_of(holds), "songs", "ann")
    causes = [reason for reason in answer.items[0].reasons if isinstance(reason, Because)]
    assert {cause.source.id: cause.share for cause in causes} == pytest.approx({"s1": 3 / 7, "s2": 4 / 7})
    people = {
        reason.person.id: reason.shared for reason in answer.items[0].reasons if isinstance(reason, HeldBy)
    }
    assert people == {"bob": 2, "cat": 1}
    assert answer.items[0].reasons[-1] == Without("song", causes[0].source, 1)


@pytest.mark.smoke
def test_without_the_only_song_it_would_not_be_here() -> None:
    dataset = dataset_of({"ann": ["s1"], "bob": ["s1", "s2"]})
    answer = recommend(dataset, "songs", "ann")
    assert [reason.to_json() for reason in answer.items[0].reasons] == [
        {"kind": "song", "id": "s1", "title": "s1", "share": 1.0},
        {"kind": "person", "id": "bob", "name": "bob", "shared": 1},
        {"kind": "without", "id": "s1", "title": "s1", "rank": None},
    ]


@pytest.mark.parametrize("model", PEOPLE_MODELS)
def test_what_causes_a_person_is_what_both_hold(world: ZetDard, dataset: Dataset, model: str) -> None:
    for row in LISTENERS:
        own = set(dataset.holdings.held(row).tolist())
        for item in asked(world, "friends", model, row, n=5).items:
            theirs = set(dataset.holdings.held(dataset.users.find(item.id)).tolist())
            causes = {r.source.id for r in item.reasons if isinstance(r, Because)}
            assert causes == {dataset.songs.vocabulary.label(song) for song in own & theirs}


def test_no_reasons_where_none_are_asked(world: ZetDard) -> None:
    user = world.dataset().users.vocabulary.label(LISTENERS[0])
    plain = world.recommend("songs", user, n=5, reasons=False)
    assert all(item.reasons == () for item in plain.items)
    assert ids(plain) == ids(world.recommend("songs", user, n=5))
