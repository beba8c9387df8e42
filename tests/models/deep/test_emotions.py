"""Moods learned from sound: of songs that were not told, by how high they sound."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.taste.conforming import block_of
from models.test_hearing_models import tones
from zetdard.data.features import FeatureBlock
from zetdard.data.taste import TasteSongs
from zetdard.errors import InputError, NoDataError
from zetdard.models.base import Workshop
from zetdard.models.deep import training
from zetdard.models.deep.audio_networks import Spectrograms
from zetdard.models.deep.emotions import EmotionLearner
from zetdard.models.deep.shared import Effort

N = 80
HERTZ = np.random.default_rng(0).permutation(np.geomspace(150, 1_800, N))
SENSE = Spectrograms(width=8, seconds=0.4, bands=16, channels=8, through_time=True)
LEARNER = EmotionLearner(SENSE, Effort(epochs=20, learning_rate=0.01, batch=16, validation=0.1, patience=20))


def moods(told: int = 60) -> FeatureBlock:
    """The first songs' brightness in hundreds, and an axis on which all are the same."""
    bright = 300 + 100 * np.log2(HERTZ / 500)
    return block_of(np.stack([bright, np.full(N, 0.1)], axis=1), np.arange(N) < told)


def test_it_hears_the_moods_of_songs_that_it_was_not_told_of() -> None:
    heard = np.arange(N) % 13 != 0
    learned = LEARNER.learn(TasteSongs({}, tones(HERTZ, heard)), moods(), seed=0)
    assert learned.block.columns == moods().columns
    np.testing.assert_array_equal(learned.block.known, heard)
    assert not learned.block.values[~heard].any()
    asked = np.flatnonzero(heard & (np.arange(N) >= 60))
    true = moods(N).values[asked]
    found = learned.block.values[asked]
    assert np.corrcoef(found[:, 0], true[:, 0])[0, 1] > 0.9
    assert np.abs(found[:, 0] - true[:, 0]).mean() < 60
    # Equal float32 numbers have a float32 deviation above 0; the axis is the same in all songs nevertheless.
    assert moods().values[:54, 1].std() > 0
    np.testing.assert_array_equal(found[:, 1], np.float32(0.1))
    assert learned.curve[-1, 0] < learned.curve[0, 0]


def test_what_was_not_told_does_not_count() -> None:
    songs, known = TasteSongs({}, tones(HERTZ)), moods()
    other = known.values.copy()
    other[60:] = 99
    short = replace(LEARNER, effort=replace(LEARNER.effort, epochs=1))
    first = short.learn(songs, known, seed=3).block.values
    second = short.learn(songs, replace(known, values=other), seed=3).block.values
    assert first.tobytes() == second.tobytes()


def test_songs_set_apart_are_not_learned_from() -> None:
    songs, known = TasteSongs({}, tones(HERTZ)), moods()
    apart = np.arange(40, 60, dtype=np.int32)
    other = known.values.copy()
    other[apart] = other[apart][::-1]
    short = replace(LEARNER, effort=replace(LEARNER.effort, epochs=2, patience=9))
    learned = [
        short.learn(songs, replace(known, values=values), apart=apart, seed=3)
        for values in (known.values, other)
    ]
    # Their moods are in the validation losses alone, and may choose the epoch.
    np.testing.assert_array_equal(learned[0].curve[:, 0], learned[1].curve[:, 0])
    assert (learned[0].curve[:, 1] != learned[1].curve[:, 1]).all()


@pytest.mark.parametrize(("apart", "validated"), [(3, False), (4, True)])
def test_too_few_songs_apart_do_not_say_when_to_stop(apart: int, validated: bool) -> None:
    songs, short = TasteSongs({}, tones(HERTZ)), replace(LEARNER, effort=replace(LEARNER.effort, epochs=1))
    learned = short.learn(songs, moods(), apart=np.arange(60 - apart, 60, dtype=np.int32), seed=3)
    assert np.isfinite(learned.curve[:, 0]).all()
    assert np.isfinite(learned.curve[:, 1]).all() == validated


@pytest.mark.parametrize("left", [0, 1])
def test_from_one_song_nothing_is_learned(left: int) -> None:
    apart = np.arange(left, 60, dtype=np.int32)
    with pytest.raises(NoDataError, match=f"of {left} songs both clips and moods are known, and 2"):
        LEARNER.learn(TasteSongs({}, tones(HERTZ)), moods(), apart=apart, seed=3)


def test_a_training_that_was_stopped_ends_with_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "_CHECKPOINT_S", 0.0)
    songs = TasteSongs({}, tones(HERTZ))
    short = replace(LEARNER, effort=replace(LEARNER.effort, epochs=4))
    whole = short.learn(songs, moods(), seed=1)

    def stop(_: str, done: int, __: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        replace(short, workshop=Workshop(tmp_path, stop)).learn(songs, moods(), seed=1)
    again = replace(short, workshop=Workshop(tmp_path)).learn(songs, moods(), seed=1)
    assert again.block.values.tobytes() == whole.block.values.tobytes()
    assert again.curve.tobytes() == whole.curve.tobytes()


def test_without_sound_or_moods_there_is_nothing_to_learn() -> None:
    with pytest.raises(NoDataError, match="clips"):
        LEARNER.learn(TasteSongs({"x": block_of(np.zeros((N, 1)))}), moods(), seed=0)
    with pytest.raises(NoDataError, match="moods"):
        LEARNER.learn(TasteSongs({}, tones(HERTZ)), moods(told=0), seed=0)
    with pytest.raises(InputError):
        LEARNER.learn(TasteSongs({}, tones(HERTZ[:9])), moods(), seed=0)
