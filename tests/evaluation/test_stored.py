"""Measuring on what is stored: taste beats popularity, other people's taste does not, and nothing leaks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest

from recommend.small import dataset_of, open_world
from zetdard import ZetDard, registry
from zetdard.data.dataset import Dataset
from zetdard.data.interactions import Histories, Interactions
from zetdard.errors import InputError, NoDataError
from zetdard.evaluation.experiment import deranged
from zetdard.evaluation.result import Measured
from zetdard.evaluation.stored import evaluate
from zetdard.evaluation.stored_artists import _without_artists
from zetdard.measure.splits import random_holdout
from zetdard.models.base import Model, TrainingData
from zetdard.recommend.query import Kind


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ZetDard]:
    with open_world(tmp_path_factory.mktemp("measured")) as zetdard:
        yield zetdard


def measure(
    dataset: Dataset, kind: str, *models: str, makers: Mapping[str, Any] | None = None, **asked: Any
) -> Measured:
    return evaluate(
        dataset,
        Kind(kind),
        makers or {name: partial(registry.make_model, name) for name in models},
        controls={name: partial(registry.make_model, name) for name in registry.CONTROLS},
        resamples=50,
        **asked,
    )


def ndcg(result: Measured, k: int = 10) -> dict[str, float]:
    return {run.name: run.table.means()[f"ndcg@{k}"] for run in result.runs}


def lists(result: Measured) -> dict[str, list[list[int]]]:
    return {run.name: run.ranked.tolist() for run in result.runs}


@pytest.mark.parametrize(
    ("kind", "models", "split"),
    [
        ("songs", ("song-graph", "user-neighbours", "item-knn"), "random"),
        ("songs", ("song-graph",), "time"),
        ("artists", ("song-graph", "user-neighbours", "item-knn"), "auto"),
        ("friends", tuple(registry.PEOPLE_MODELS), "auto"),
    ],
)
def test_taste_beats_popularity_and_the_wrong_taste_does_not(
    world: ZetDard, kind: str, models: tuple[str, ...], split: str
) -> None:
    result = measure(world.dataset(), kind, *models, split=split)
    found = ndcg(result)
    extra = {f"{name}, as shown" for name in models} if kind == "songs" else set()
    assert set(found) == {*models, *extra, "popular", "random", "shuffled"}
    assert {run.name for run in result.runs if run.control} == {"popular", "random", "shuffled"}
    for name in models:
        assert found[name] > 1.15 * found["popular"]
        assert found[name] > 1.4 * found["shuffled"]
        assert found["popular"] > found["random"]


def test_the_same_seed_gives_the_same_lists_and_another_one_others(world: ZetDard) -> None:
    for kind, model in (("songs", "song-graph"), ("artists", "song-graph"), ("friends", "cosine")):
        first = lists(measure(world.dataset(), kind, model, split="auto", seed=3))
        assert lists(measure(world.dataset(), kind, model, split="auto", seed=3)) == first
        assert lists(measure(world.dataset(), kind, model, split="auto", seed=4)) != first


def test_songs_in_train_and_songs_that_nobody_holds_there_are_never_ranked(world: ZetDard) -> None:
    dataset = world.dataset()
    train, test = random_holdout(dataset.holdings, 0.2, seed=0)
    result = measure(dataset, "songs", "song-graph", split="random")
    evaluated = np.flatnonzero(test.user_degrees())
    for run in result.runs:
        assert len(run.ranked) == len(evaluated)
        for user, ranked in zip(evaluated.tolist(), run.ranked, strict=True):
            shown = ranked[ranked >= 0]
            assert len(np.unique(shown)) == len(shown)
            assert not np.isin(shown, train.held(user)).any()
            assert (train.item_degrees()[shown] > 0).all()


def test_lists_as_shown_keep_the_artist_cap(world: ZetDard) -> None:
    dataset = world.dataset()
    [shown] = [run for run in measure(dataset, "songs", "item-knn").runs if run.variant_of]
    for ranked in shown.ranked[:, :10]:
        artists = np.concatenate([dataset.artists_of(int(song)) for song in ranked if song >= 0])
        assert np.bincount(artists).max(initial=0) <= 2


def test_rankings_of_songs_do_not_depend_on_the_held_out_side(world: ZetDard) -> None:
    """What is held out is replaced by other songs: the lists stay as they are."""
    dataset = world.dataset()
    train, _ = random_holdout(dataset.holdings, 0.2, seed=0)
    model = registry.make_model("song-graph").fit(TrainingData(train))
    run = measure(dataset, "songs", "song-graph", split="random").runs[0]
    users = np.flatnonzero(dataset.holdings.user_degrees() - train.user_degrees())
    scores = model.score(Histories.of_users(train, users))
    for user, row, ranked in zip(users, scores, run.ranked, strict=True):
        free = (train.item_degrees() > 0) & ~np.isin(np.arange(train.n_items), train.held(user))
        plain = sorted(np.flatnonzero(free), key=lambda song, row=row: (-row[song], song))
        assert ranked.tolist() == plain[: len(ranked)]


# Artists


def test_no_song_by_a_held_out_artist_is_left(world: ZetDard) -> None:
    dataset = world.dataset()
    _, test = random_holdout(dataset.artist_holdings(), 0.2, seed=0)
    kept = _without_artists(dataset, test)
    credits = [set(dataset.artists_of(song).tolist()) for song in range(len(dataset.songs))]
    for user in range(len(dataset.users)):
        gone = set(test.held(user).tolist())
        before = dataset.holdings.held(user).tolist()
        assert kept.held(user).tolist() == [song for song in before if not credits[song] & gone]


class Spy:
    """A model that notes what it is fitted on, and is otherwise the real one."""

    seen: list[Interactions]

    def __init__(self, seen: list[Interactions], model: Model) -> None:
        self.seen, self._model = seen, model

    def fit(self, data: TrainingData) -> Spy:
        self.seen.append(data.interactions)
        self._model.fit(data)
        return self

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)


def test_artists_that_are_held_out_are_seen_by_no_model(world: ZetDard) -> None:
    dataset = world.dataset()
    _, test = random_holdout(dataset.artist_holdings(), 0.2, seed=0)
    seen: list[Interactions] = []
    makers = {"song-graph": lambda: Spy(seen, registry.make_model("song-graph"))}
    measure(dataset, "artists", makers=makers)
    by_items = {data.n_items: data for data in seen}
    songs, artists = by_items[len(dataset.songs)], by_items[len(dataset.artists)]
    for user in range(len(dataset.users)):
        gone = set(test.held(user).tolist())
        assert not gone & set(artists.held(user).tolist())
        assert not any(gone & set(dataset.artists_of(int(song)).tolist()) for song in songs.held(user))


def test_artists_in_train_are_never_ranked(world: ZetDard) -> None:
    dataset = world.dataset()
    _, test = random_holdout(dataset.artist_holdings(), 0.2, seed=0)
    train = replace(dataset, holdings=_without_artists(dataset, test)).artist_holdings()
    for run in measure(dataset, "artists", "song-graph", "popular").runs:
        for user, ranked in zip(np.flatnonzero(test.user_degrees()).tolist(), run.ranked, strict=True):
            assert not np.isin(ranked[ranked >= 0], train.held(user)).any()


def test_the_popular_model_ranks_artists_like_the_control(world: ZetDard) -> None:
    asked = lists(measure(world.dataset(), "artists", "song-graph", "popular"))
    beside = lists(measure(world.dataset(), "artists", "song-graph"))
    assert asked == beside


def test_the_random_control_of_artists_is_chance(world: ZetDard) -> None:
    """Made through songs, a random order would favour artists of many songs, who are held by many."""
    dataset = world.dataset()
    result = measure(dataset, "artists", "song-graph")
    [run] = [run for run in result.runs if run.name == "random"]
    held = dataset.artist_holdings().user_degrees()
    held = held[held > 1]
    # A tenth part of what is not masked, where four of five artists that a listener holds are.
    chance = np.mean(10 / (result.dataset["candidates"] - 0.8 * held))
    assert 0.7 * chance < run.table.means()["recall@10"] < 1.3 * chance


def test_artists_by_plays() -> None:
    rng = np.random.default_rng(1)
    plays = {
        f"u{user}": {f"a{2 * artist + user % 2}": 1 for artist in rng.choice(12, 6, replace=False).tolist()}
        for user in range(40)
    }
    found = ndcg(measure(dataset_of(plays=plays), "artists", "item-knn", ks=(5, 10)))
    assert found["item-knn"] > found["popular"]
    assert found["item-knn"] > found["shuffled"]


# Friends


def test_follows_are_never_seen(world: ZetDard) -> None:
    """With the follows of one in the place of another's, every list is the same, and only the measure falls."""
    dataset = world.dataset()
    order = np.random.default_rng(0).permutation(len(dataset.users))
    follows = dataset.follows[order][:, order]
    follows.sort_indices()
    shuffled = replace(dataset, follows=follows)
    real = measure(dataset, "friends", "adamic-adar", "thesis")
    other = measure(shuffled, "friends", "adamic-adar", "thesis")

    def by_user(result: Measured, name: str) -> dict[str, list[int]]:
        [run] = [run for run in result.runs if run.name == name]
        return dict(zip(run.table.users, run.ranked.tolist(), strict=True))

    for name in ("adamic-adar", "thesis", "popular"):
        a, b = by_user(real, name), by_user(other, name)
        both = a.keys() & b.keys()
        assert len(both) > 50
        assert all(a[user] == b[user] for user in both)
    assert ndcg(other)["adamic-adar"] < 0.6 * ndcg(real)["adamic-adar"]


def test_nobody_is_their_own_friend(world: ZetDard) -> None:
    dataset = world.dataset()
    for run in measure(dataset, "friends", "overlap").runs:
        for user, ranked in zip(run.table.users, run.ranked.tolist(), strict=True):
            assert dataset.users.vocabulary.row(user) not in ranked
        # How small a share of the catalogue they hold: never below nothing.
        assert run.table.means()["novelty@10"] > 0


def test_one_listener_alone_has_no_wrong_identity() -> None:
    dataset = dataset_of({"ann": ["s1"], "bob": [], "cat": ["s1"]}, follows={"ann": ["cat"], "bob": ["cat"]})
    result = measure(dataset, "friends", "overlap")
    assert [run.name for run in result.runs] == ["overlap", "popular", "random"]
    assert "shuffled" not in result.protocol["controls"]


# What the kinds have in common


def test_who_takes_whose_place() -> None:
    listeners = np.array([True, False, True, True, False, True])
    donors = deranged(listeners, 0)
    assert donors is not None
    assert donors[~listeners].tolist() == [1, 4]
    assert sorted(donors[listeners]) == [0, 2, 3, 5]
    assert not (donors[listeners] == np.flatnonzero(listeners)).any()
    assert deranged(np.array([False, True]), 0) is None


@pytest.mark.parametrize("kind", ["songs", "artists", "friends"])
def test_nothing_to_measure_with(kind: str) -> None:
    model = "overlap" if kind == "friends" else "song-graph"
    for dataset in (dataset_of(), dataset_of({"ann": ["s1"]}, credits={"s1": ["a"]})):
        with pytest.raises(NoDataError):
            measure(dataset, kind, model)


def test_what_is_refused(world: ZetDard) -> None:
    dataset = world.dataset()
    with pytest.raises(InputError, match="at least one model"):
        measure(dataset, "songs")
    for kind, model in (("artists", "song-graph"), ("friends", "overlap")):
        with pytest.raises(InputError, match="only songs can be divided by time"):
            measure(dataset, kind, model, split="time")
    timeless = dataset_of({"ann": ["s1", "s2"], "bob": ["s1", "s2"]})
    with pytest.raises(NoDataError, match="time is known"):
        measure(timeless, "songs", "song-graph", split="time")
    assert "at random" in measure(timeless, "songs", "song-graph").protocol["split"]


def test_times_are_used_where_they_say_something(world: ZetDard) -> None:
    dataset = world.dataset()
    assert dataset.holdings.times is not None
    assert measure(dataset, "songs", "song-graph").protocol["split"].startswith("by time")
    whole = replace(dataset.holdings, times=np.full(len(dataset.holdings), 5, np.int64))
    imported_whole = replace(dataset, holdings=whole)
    assert "at random" in measure(imported_whole, "songs", "song-graph").protocol["split"]
