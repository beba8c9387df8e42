"""From features to points: units, correlation, blocks and missing songs."""

from __future__ import annotations

import numpy as np
import pytest

from models.taste.conforming import block_of
from zetdard.data.taste import TasteSongs
from zetdard.models.taste.scaling import LIMIT, Scale


def points_of(
    songs: TasteSongs, training: np.ndarray | None = None, decorrelation: float = 0.0
) -> np.ndarray:
    names = list(songs.blocks)
    values = songs.matrix(names)
    learned = values if training is None else values[training]
    return Scale.learn(learned, songs.spans(names), decorrelation=decorrelation).points(values)


def normal(rows: int, columns: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(rows, columns))


@pytest.mark.parametrize("decorrelation", [0.0, 0.5, 1.0])
def test_every_block_weighs_the_same(decorrelation: float) -> None:
    songs = TasteSongs({"tags": block_of(normal(200, 3) * 1000), "musicnn": block_of(normal(200, 40, 1))})
    points = points_of(songs, decorrelation=decorrelation)
    assert np.square(points[:, :3]).sum(axis=1).mean() == pytest.approx(1, rel=1e-4)
    assert np.square(points[:, 3:]).sum(axis=1).mean() == pytest.approx(1, rel=1e-4)


@pytest.mark.parametrize("decorrelation", [0.0, 0.5])
def test_units_do_not_matter(decorrelation: float) -> None:
    values = normal(50, 4)
    others = values * [1, 1000, 0.01, 5] + [3, -40, 0, 100]
    one = points_of(TasteSongs({"tags": block_of(values)}), decorrelation=decorrelation)
    other = points_of(TasteSongs({"tags": block_of(others)}), decorrelation=decorrelation)
    np.testing.assert_allclose(one, other, atol=1e-3)


def test_columns_that_say_the_same_are_weighed_down() -> None:
    values = normal(4000, 2)
    repeated = np.hstack([values[:, [0]]] * 5 + [values[:, [1]]])
    songs = TasteSongs({"tags": block_of(repeated)})
    shares = {}
    for power in (0.0, 0.5, 1.0):
        spread = np.square(points_of(songs, decorrelation=power)).mean(axis=0)
        shares[power] = spread[5] / spread.sum()
    assert shares[0.0] == pytest.approx(1 / 6, abs=0.01)
    # The five columns' direction has variance 5: √5 : 1 and, but for the prior, 1 : 1.
    assert shares[0.5] == pytest.approx(1 / (1 + np.sqrt(5)), abs=0.02)
    assert shares[1.0] == pytest.approx(1 / 2, abs=0.03)


def test_a_constant_column_is_nothing() -> None:
    values = normal(30, 3)
    values[:, 1] = 0.1
    points = points_of(TasteSongs({"tags": block_of(values)}), np.arange(20))
    assert not points[:, 1].any()
    assert not points_of(TasteSongs({"tags": block_of(np.full((9, 2), 7.0))}), decorrelation=0.5).any()


def test_only_the_training_songs_are_learned_from() -> None:
    values = normal(40, 4)
    training = np.arange(25)
    before = points_of(TasteSongs({"tags": block_of(values)}), training, 0.5)
    values[25:] = 1e6
    after = points_of(TasteSongs({"tags": block_of(values)}), training, 0.5)
    np.testing.assert_array_equal(before[training], after[training])
    assert np.abs(after).max() < LIMIT * 4


def test_a_song_without_a_block_is_at_the_mean_and_says_so() -> None:
    present = np.arange(40) % 4 > 0
    points = points_of(TasteSongs({"lyrics": block_of(normal(40, 4) + 9, present)}), decorrelation=0.5)
    assert not points[~present, :4].any()
    np.testing.assert_allclose(points[present, :4].mean(axis=0), 0, atol=0.02)
    known = points[:, 4]
    assert known[present].min() == known[present].max() > 0 > known[~present].min()
    assert np.square(known).mean() == pytest.approx(1 / 4, rel=1e-4)


def test_no_training_song_has_the_block() -> None:
    present = np.array([False] * 5 + [True] * 5)
    songs = TasteSongs({"lyrics": block_of(normal(10, 3), present), "tags": block_of(normal(10, 2, 1))})
    points = points_of(songs, np.arange(5), 0.5)
    assert np.isfinite(points).all()
    assert not points[:, :4].any()
    assert points[:5, 4:].any()
    assert not points_of(songs, np.arange(0)).any()
