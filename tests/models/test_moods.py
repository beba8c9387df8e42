"""Moods by a ridge regression on descriptors: as scikit-learn's, and of songs that were not told."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import RidgeCV

from models.taste.conforming import block_of
from zetdard.data.features import FeatureBlock
from zetdard.data.taste import TasteSongs
from zetdard.errors import NoDataError
from zetdard.models.moods import RidgeMoods, ridge

RANDOM = np.random.default_rng(0)
N, TOLD = 90, 60
SOUND = RANDOM.normal(size=(N, 12)) * np.geomspace(0.01, 100, 12) + 7
SOUND[:, 5] = 3.1  # the same in all songs
MEANING = RANDOM.normal(size=(12, 2)) / np.geomspace(0.01, 100, 12)[:, None]
MEANING[5] = 0
MOODS = (SOUND - 7) @ MEANING + [50, 0] + RANDOM.normal(size=(N, 2)) * [0.5, 5]
HEARD = np.arange(N) % 11 != 0
NONE = np.empty(0, np.int32)


def moods(told: int = TOLD) -> FeatureBlock:
    return block_of(MOODS, np.arange(N) < told)


def songs(**more: FeatureBlock) -> TasteSongs:
    return TasteSongs({"descriptors": block_of(SOUND, HEARD), **more})


@pytest.mark.parametrize("rows", [12, 60])
def test_it_is_the_ridge_that_scikit_learn_chooses(rows: int) -> None:
    inputs = RANDOM.normal(size=(rows, 20))
    outputs = inputs[:, :3] @ RANDOM.normal(size=(3, 2)) + RANDOM.normal(size=(rows, 2)) * [0.1, 3]
    inputs, outputs = inputs - inputs.mean(axis=0), outputs - outputs.mean(axis=0)
    plain = RidgeCV(np.logspace(-1, 4, 11), alpha_per_target=True).fit(inputs, outputs)
    np.testing.assert_allclose(ridge(inputs, outputs), plain.coef_.T, rtol=1e-6, atol=1e-9)


def test_it_hears_the_moods_of_songs_that_it_was_not_told_of() -> None:
    found = RidgeMoods().learn(songs(), moods(), apart=NONE, seed=0).block
    np.testing.assert_array_equal(found.known, HEARD)
    assert not found.values[~HEARD].any()
    asked = np.flatnonzero(HEARD & (np.arange(N) >= TOLD))
    assert np.corrcoef(found.values[asked, 0], MOODS[asked, 0])[0, 1] > 0.9
    assert np.abs(found.values[asked, 0] - MOODS[asked, 0]).mean() < 2


def test_songs_apart_and_songs_not_told_do_not_count() -> None:
    apart = np.arange(40, 60, dtype=np.int32)
    other = MOODS.copy()
    other[40:] = 999
    first = RidgeMoods().learn(songs(), moods(), apart=apart, seed=0).block
    changed = block_of(other, np.arange(N) < TOLD)
    second = RidgeMoods().learn(songs(), changed, apart=apart, seed=0).block
    assert first.values.tobytes() == second.values.tobytes()


def test_the_embedding_counts_where_there_is_one() -> None:
    nothing = block_of(np.zeros((N, 3)), np.zeros(N, bool))
    plain = RidgeMoods().learn(songs(), moods(), apart=NONE, seed=0).block
    without = RidgeMoods().learn(songs(musicnn=nothing), moods(), apart=NONE, seed=0).block
    assert without.values.tobytes() == plain.values.tobytes()
    some = block_of(RANDOM.normal(size=(N, 3)), np.arange(N) > 2)
    both = RidgeMoods().learn(songs(musicnn=some), moods(), apart=NONE, seed=0).block
    np.testing.assert_array_equal(both.known, HEARD & (np.arange(N) > 2))


def test_without_sound_or_moods_there_is_nothing_to_learn() -> None:
    for known, told in (
        (TasteSongs({"x": block_of(SOUND)}), moods()),
        (TasteSongs({"descriptors": block_of(SOUND, np.zeros(N, bool))}), moods()),
        (songs(), moods(7)),
    ):
        with pytest.raises(NoDataError):
            RidgeMoods().learn(known, told, apart=NONE, seed=0)
