"""Recommenders that hear: what every model must do, and that they hear what decides."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from models.conformance import interactions_of, random_matrix
from models.taste.conforming import UNHEARD_ITEM, TasteConformance
from zetdard.data.clips import Clips
from zetdard.data.interactions import Histories
from zetdard.data.taste import Labelled, TasteSongs
from zetdard.data.vocabulary import Vocabulary
from zetdard.errors import NoDataError
from zetdard.measure.binary import roc_auc
from zetdard.models.audio_cnn import AudioCNN, AudioConfig
from zetdard.models.base import Model, TrainingData
from zetdard.models.cnn_forest import CnnForestTaste
from zetdard.models.cnn_lstm import CnnLSTM
from zetdard.models.deep.audio_networks import Spectrograms, Waveforms
from zetdard.models.deep.by_ear import HearingConfig
from zetdard.models.deep.hearing import AudioCnn, CnnForest, MelSpectrogramCnn, RecurrentCnn
from zetdard.models.deep.shared import Effort, SharedTaste
from zetdard.models.mel_cnn import MelCNN

RATE, FRAMES = 4_000, 2_000
SMALL = {"epochs": 1, "folds": 2, "width": 3, "bands": 4, "channels": 2, "seconds": 0.3}
MODELS: tuple[Any, ...] = (AudioCNN, MelCNN, CnnLSTM, CnnForestTaste)


def tones(hertz: np.ndarray, present: np.ndarray | None = None, *, kind: str = "item") -> Clips:
    """Return one clip a song: tones within 5% of a pitch, in a little noise, the same on both sides."""
    labels = Vocabulary((f"i{row}" for row in range(len(hertz))), kind=kind)
    time = np.arange(FRAMES) / RATE

    def open_(row: int) -> np.ndarray:
        random = np.random.default_rng(row)
        pitches = hertz[row] * random.uniform(0.95, 1.05, size=(6, 1))
        tone = np.sin(2 * np.pi * (pitches * time + random.random((6, 1)))).mean(axis=0)
        wave = tone + 0.1 * random.normal(size=(1, 2, FRAMES))
        return np.clip(8_000 * wave, -32_767, 32_767).astype(np.int16)

    rows = np.arange(len(hertz)) if present is None else np.flatnonzero(present)
    return Clips(labels, RATE, 1, FRAMES, rows.astype(np.int32), open_)


class Hearing(TasteConformance):
    """Every model that hears."""

    def make(self) -> Model:
        settings = SMALL | ({"trees": 5} if self.model_class is CnnForestTaste else {})
        return self.model_class(self.model_class.config_class(**settings))

    def data(self, matrix: np.ndarray, seed: int = 0) -> TrainingData:
        heard = np.arange(matrix.shape[1]) != UNHEARD_ITEM
        clips = tones(np.linspace(200, 1_500, matrix.shape[1]), heard)
        return TrainingData(interactions_of(matrix), clips=clips, seed=seed)


class TestAudioCNN(Hearing):
    model_class = AudioCNN


class TestMelCNN(Hearing):
    model_class = MelCNN


class TestCnnLSTM(Hearing):
    model_class = CnnLSTM


class TestCnnForest(Hearing):
    model_class = CnnForestTaste


@pytest.mark.parametrize("kind", MODELS)
def test_without_clips_it_says_what_to_do(kind: Any) -> None:
    with pytest.raises(NoDataError, match="featurize audio --clips"):
        kind(kind.config_class(**SMALL)).fit(TrainingData(interactions_of(random_matrix())))


@pytest.mark.parametrize("kind", MODELS)
def test_layers_are_those_of_the_network(kind: Any) -> None:
    clips = tones(np.linspace(200, 1_500, 30))
    data = TrainingData(interactions_of(random_matrix()), clips=clips)
    layers = kind(kind.config_class(**SMALL)).fit(data).layers()
    assert any("Conv" in layer.kind for layer in layers)
    assert layers[-1].shape == (3,)


@pytest.mark.parametrize(
    "sense",
    [
        Waveforms(width=8, seconds=0.4, bands=16, channels=4),
        Spectrograms(width=8, seconds=0.4, bands=16, channels=4),
        Spectrograms(width=8, seconds=0.4, bands=16, channels=8, through_time=True),
    ],
    ids=["waveform", "spectrogram", "course"],
)
def test_a_network_hears_high_from_low(sense: Any) -> None:
    # Far enough from the border to be told apart by a short piece.
    pitches = np.concatenate([np.linspace(150, 700, 40), np.linspace(1_100, 1_800, 40)])
    hertz = np.random.default_rng(0).permutation(pitches)
    songs = TasteSongs({}, tones(hertz))
    high = hertz > 900
    told = np.arange(50, dtype=np.int32)
    listeners = [Labelled(told, high[told]), Labelled(told, ~high[told])]
    effort = Effort(epochs=30, learning_rate=0.01, batch=16, validation=0.0)
    scorer = SharedTaste(sense, effort).learn(songs, listeners, seed=0)
    asked = np.arange(50, 80, dtype=np.int32)
    assert roc_auc(scorer.score(0, asked), high[asked]) > 0.9
    assert roc_auc(scorer.score(1, asked), high[asked]) < 0.1


@pytest.mark.parametrize("kind", [AudioCnn, MelSpectrogramCnn, RecurrentCnn, CnnForest])
@pytest.mark.parametrize("shared", [True, False])
def test_learners_hear_high_from_low(kind: Any, *, shared: bool) -> None:
    hertz = np.random.default_rng(1).permutation(np.linspace(150, 1_800, 80))
    heard = np.arange(80) % 10 != 0
    songs = TasteSongs({}, tones(hertz, heard))
    high, told, asked = hertz > 900, np.arange(50, dtype=np.int32), np.arange(50, 80, dtype=np.int32)
    sense = replace(kind().sense, width=8, seconds=0.4, bands=16, channels=4)
    effort = Effort(epochs=10, learning_rate=0.01, batch=16, validation=0.0)
    scorer = kind(sense=sense, effort=effort, shared=shared, networks=2).learn(
        songs, [Labelled(told, high[told])], seed=0
    )
    scores = scorer.score(0, asked)
    assert not scores[~heard[asked]].any()
    assert roc_auc(scores[heard[asked]], high[asked][heard[asked]]) > 0.9


def test_the_network_itself_may_judge() -> None:
    songs = TasteSongs({}, tones(np.linspace(150, 1_800, 20)))
    one = Labelled(np.arange(20, dtype=np.int32), np.arange(20) > 9)
    sense = Waveforms(width=4, seconds=0.4, bands=8, channels=2)
    learner = AudioCnn(sense=sense, effort=Effort(epochs=1, validation=0.0), head=None, networks=2)
    both = learner.learn(songs, [one], seed=3)
    alone = [replace(learner, networks=1).learn(songs, [one], seed=seed) for seed in (6, 7)]
    rows = np.arange(20, dtype=np.int32)
    mean = (alone[0].score(0, rows) + alone[1].score(0, rows)) / 2
    np.testing.assert_allclose(both.score(0, rows), mean, rtol=1e-6)


class Noted(MelCNN):
    """Notes which songs each of its networks is told about."""

    def codes(self, songs, labels, data, *, name, seed):  # type: ignore[no-untyped-def]  # as in the class above
        self.told = [*getattr(self, "told", []), labels.songs()]
        return super().codes(songs, labels, data, name=name, seed=seed)


def test_a_fold_is_scored_by_a_network_that_was_told_nothing_of_its_songs() -> None:
    matrix = random_matrix()
    model = Noted(HearingConfig(**SMALL))
    model.fit(TrainingData(interactions_of(matrix), clips=tones(np.linspace(200, 1_500, 30))))
    assert len(model.told) == 2
    for fold, told in enumerate(model.told):
        assert len(told)
        assert (model.fold_of(told) != fold).all()


def test_a_recommender_hears_what_listeners_share() -> None:
    random = np.random.default_rng(0)
    hertz = random.permutation(np.linspace(150, 1_800, 120))
    liked = np.where(np.arange(20)[:, None] % 2 == 0, hertz > 1_000, hertz < 900)
    held = (liked & (random.random((20, 120)) < 0.4)).astype(np.float32)
    data = TrainingData(interactions_of(held), clips=tones(hertz), seed=1)
    settings = SMALL | {"epochs": 8, "width": 8, "bands": 16, "channels": 4, "learning_rate": 0.01}
    model = AudioCNN(AudioConfig(**settings)).fit(data)
    scores = model.score(Histories.of_users(data.interactions, np.arange(20)))
    free = held == 0
    found = [roc_auc(scores[user][free[user]], liked[user][free[user]]) for user in range(20)]
    assert np.mean(found) > 0.8
    assert model.state()["curve"].shape == (2, 8, 2)
