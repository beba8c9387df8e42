"""The truth of the invented world can be learnt: taste, regions, friends and playlists show it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from zetdard.sandbox import World, WorldConfig, generate

N_TOP = 20


@pytest.fixture(scope="module")
def world() -> World:
    return generate()


def interactions(world: World) -> NDArray[np.bool_]:
    """(n_users, n_songs): who holds what."""
    held = np.zeros((world.config.n_users, world.config.n_songs), dtype=bool)
    for row, user in enumerate(world.people_labels.user_ids):
        held[row, world.songs_of(user)] = True
    return held


def ndcg(scores: NDArray[np.float64], train: NDArray[np.bool_], test: NDArray[np.bool_]) -> float:
    """Mean NDCG@20 over listeners with test songs, train songs masked."""
    discounts = 1 / np.log2(np.arange(N_TOP) + 2)
    values = []
    for user in np.flatnonzero(test.any(axis=1)):
        top = np.argsort(-np.where(train[user], -np.inf, scores[user]), kind="stable")[:N_TOP]
        ideal = discounts[: min(N_TOP, int(test[user].sum()))].sum()
        values.append((discounts * test[user, top]).sum() / ideal)
    return float(np.mean(values))


@pytest.fixture(scope="module")
def figures(world: World) -> dict[str, float]:
    held = interactions(world)
    test = held & (np.random.default_rng(7).random(held.shape) < 0.2)
    train = held & ~test
    holders = train.sum(axis=0).astype(float)
    together = train.T.astype(float) @ train.astype(float)
    np.fill_diagonal(together, 0)
    likeness = together / (np.sqrt(np.outer(holders, holders)) + 5)
    oracle = np.stack([world.oracle(user) for user in world.people_labels.user_ids])
    everyone = np.broadcast_to(holders, held.shape)
    random = np.random.default_rng(8).random(held.shape)
    scores = {"popular": everyone, "neighbours": train @ likeness, "oracle": oracle, "random": random}
    return {name: ndcg(values, train, test) for name, values in scores.items()}


def test_taste_can_be_learnt_from_who_holds_what(figures: dict[str, float]) -> None:
    assert figures["neighbours"] > 2 * figures["popular"]


def test_nothing_beats_the_oracle_and_popularity_beats_chance(figures: dict[str, float]) -> None:
    assert figures["oracle"] > 1.2 * figures["neighbours"]
    assert figures["popular"] > 3 * figures["random"]


def test_friends_share_more_taste_than_strangers(world: World) -> None:
    likeness = world.listeners.user_latents @ world.listeners.user_latents.T
    friends = likeness[world.follows[:, 0], world.follows[:, 1]]
    strangers = likeness[~np.eye(world.config.n_users, dtype=bool)]
    assert friends.mean() > strangers.mean() + 0.2


def test_friends_share_more_songs_than_strangers(world: World) -> None:
    held = interactions(world).astype(float)
    shared = held @ held.T / np.sqrt(np.outer(held.sum(axis=1), held.sum(axis=1)) + 1)
    friends = shared[world.follows[:, 0], world.follows[:, 1]]
    assert friends.mean() > 1.5 * shared[~np.eye(world.config.n_users, dtype=bool)].mean()


def test_collected_playlists_fit_better_than_others(world: World) -> None:
    latents, songs = world.listeners.user_latents, world.music.song_latents

    def fit(user: int, playlist: int) -> float:
        return float((songs[world.playlists[playlist].songs] @ latents[user]).mean())

    collected = [fit(user, playlist) for user, playlist in world.subscriptions.tolist()]
    random = np.random.default_rng(3)
    shuffled = [fit(int(random.integers(len(latents))), row) for row in world.subscriptions[:, 1].tolist()]
    assert np.mean(collected) > np.mean(shuffled) + 0.15


def test_regions_shift_taste() -> None:
    def explained(strength: float) -> float:
        listeners = generate(WorldConfig(region_strength=strength)).listeners
        expected = listeners.region_tastes[listeners.user_regions]
        return float(np.corrcoef(expected.ravel(), listeners.user_tastes.ravel())[0, 1])

    assert explained(0.0) < 0.1
    assert explained(0.35) > 0.2
    assert explained(0.9) > explained(0.35)


def test_no_taste_no_structure() -> None:
    """A strength of 0 cuts its link: the oracle is then popularity alone, the same for everyone."""
    world = generate(replace(WorldConfig(), taste_strength=0.0))
    one, other, *_ = world.people_labels.user_ids
    assert (world.oracle(one) == world.oracle(other)).all()


def test_a_playlist_is_about_its_theme(world: World) -> None:
    genre_fit = world.music.song_latents @ world.music.genre_centres.T
    own = [drawn for drawn in world.playlists if drawn.theme >= 0 and drawn.songs.size >= 5]
    themed = np.mean([genre_fit[drawn.songs, drawn.theme].mean() for drawn in own])
    assert themed > genre_fit.mean() + 0.15


def test_truth_is_finite_normal_and_locked(world: World) -> None:
    music, listeners = world.music, world.listeners
    for array in (music.genre_centres, music.artist_latents, music.song_latents, listeners.user_latents):
        assert np.isfinite(array).all()
        np.testing.assert_allclose(np.linalg.norm(array, axis=1), 1)
    np.testing.assert_allclose(music.genre_centres @ music.genre_centres.T, np.eye(8), atol=1e-12)
    for shares in (listeners.user_tastes, listeners.region_tastes):
        assert (shares >= 0).all()
        np.testing.assert_allclose(shares.sum(axis=1), 1)
    assert np.isfinite(music.log_popularity).all()
    assert abs(music.log_popularity.mean()) < 1e-9
    with pytest.raises(ValueError, match="read-only"):
        music.song_latents[0, 0] = 0.0
    with pytest.raises(ValueError, match="read-only"):
        listeners.user_tastes[0, 0] = 0.0
