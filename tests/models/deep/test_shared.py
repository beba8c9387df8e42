"""One network for all listeners: what it learns, from whom, and that it can be stopped."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch

from models.taste.conforming import block_of
from zetdard.data.taste import Labelled, TasteSongs
from zetdard.measure.binary import roc_auc
from zetdard.models.base import Workshop
from zetdard.models.deep import training
from zetdard.models.deep.labels import LabelWeights
from zetdard.models.deep.scorers import SeparateScorer, SharedScorer
from zetdard.models.deep.shared import Effort, Examples, SharedTaste, Views

N_SONGS, N_COLUMNS = 60, 5


class NumberViews:
    """The block ``x`` with a little noise; what was asked for is noted."""

    count = 2

    def __init__(self, songs: TasteSongs) -> None:
        self.known = songs.blocks["x"].known
        self.values = songs.blocks["x"].values
        self.drawn_rows: set[int] = set()

    def drawn(self, rows: np.ndarray, random: np.random.Generator) -> tuple[torch.Tensor, ...]:
        self.drawn_rows.update(rows.tolist())
        noise = random.normal(size=(len(rows), N_COLUMNS)).astype(np.float32)
        return (torch.from_numpy(self.values[rows] + 0.1 * noise),)

    def fixed(self, rows: np.ndarray, number: int) -> tuple[torch.Tensor, ...]:
        return (torch.from_numpy(self.values[rows] + np.float32(0.1 * number)),)


@dataclass(frozen=True)
class Numbers:
    width: int = 4

    def views(self, songs: TasteSongs, training: np.ndarray) -> NumberViews:
        return NumberViews(songs)

    def encoder(self, views: Views) -> torch.nn.Module:
        return torch.nn.Sequential(
            torch.nn.Linear(N_COLUMNS, 8),
            torch.nn.ReLU(),
            torch.nn.Dropout(0.1),
            torch.nn.Linear(8, self.width),
        )


EFFORT = Effort(epochs=40, learning_rate=0.02, batch=16, patience=40)


def world(listeners: int = 3, seed: int = 0) -> tuple[TasteSongs, list[Labelled]]:
    """Listener l likes a fifth of the songs: those with the largest column l."""
    random = np.random.default_rng(seed)
    values = random.normal(size=(N_SONGS, N_COLUMNS))
    labelled = []
    for number in range(listeners):
        rows = np.sort(random.permutation(N_SONGS)[:45]).astype(np.int32)
        labelled.append(Labelled(rows, values[rows, number] > np.quantile(values[rows, number], 0.8)))
    return TasteSongs({"x": block_of(values)}), labelled


def test_it_tells_tastes_of_songs_that_it_was_not_told_of() -> None:
    songs, listeners = world()
    scorer = SharedTaste(Numbers(), EFFORT).learn(songs, listeners, seed=1)
    values = songs.blocks["x"].values
    for number, one in enumerate(listeners):
        others = np.setdiff1d(np.arange(N_SONGS), one.rows)
        liked = values[others, number] > np.median(values[others, number])
        assert roc_auc(scorer.score(number, others), liked) > 0.8


def test_both_classes_weigh_the_same() -> None:
    liked = np.arange(40) < 8
    weights = LabelWeights.of_listeners(40, [Labelled(np.arange(40, dtype=np.int32), liked)])
    assert weights.likes.sum() == pytest.approx(20)
    assert weights.others.sum() == pytest.approx(20)


def test_nothing_to_hear_ends_at_the_threshold() -> None:
    """Where all songs are the same, log-odds are 0 however few are liked."""
    songs = TasteSongs({"x": block_of(np.ones((N_SONGS, N_COLUMNS)))})
    one = Labelled(np.arange(N_SONGS, dtype=np.int32), np.arange(N_SONGS) % 6 == 0)
    scorer = SharedTaste(Numbers(), replace(EFFORT, validation=0.0)).learn(songs, [one], seed=0)
    assert abs(float(scorer.score(0, np.arange(4)).mean())) < 0.25


def test_listeners_with_one_kind_of_label_do_not_count() -> None:
    songs, listeners = world()
    one_sided = Labelled(np.arange(50, 60, dtype=np.int32), np.ones(10, np.bool_))
    assert not LabelWeights.of_listeners(N_SONGS, [one_sided]).songs().size
    assert np.isfinite(
        SharedTaste(Numbers(), EFFORT).learn(songs, [*listeners, one_sided], seed=0).score(3, np.arange(60))
    ).all()


def test_songs_without_a_label_and_the_validation_part_are_not_trained_on() -> None:
    songs, listeners = world(1)
    seen: list[NumberViews] = []

    @dataclass(frozen=True)
    class Noting(Numbers):
        def views(self, songs: TasteSongs, training: np.ndarray) -> NumberViews:
            seen.append(super().views(songs, training))
            return seen[-1]

    SharedTaste(Noting(), replace(EFFORT, validation=0.2)).learn(songs, listeners, seed=0)
    own = set(listeners[0].rows.tolist())
    assert seen[0].drawn_rows < own
    assert len(own - seen[0].drawn_rows) == 9
    apart = np.isin(listeners[0].rows, sorted(own - seen[0].drawn_rows))
    assert 1 <= listeners[0].liked[apart].sum() <= 3  # a fifth of them, as of all


def test_one_network_for_each_listener_knows_nothing_of_the_others() -> None:
    songs, listeners = world()
    learner = SharedTaste(Numbers(), EFFORT, shared=False)
    both = learner.learn(songs, listeners, seed=3)
    other = Labelled(listeners[1].rows, ~listeners[1].liked)
    changed = learner.learn(songs, [listeners[0], other, listeners[2]], seed=3)
    assert isinstance(both, SeparateScorer)
    rows = np.arange(N_SONGS)
    assert both.score(0, rows).tobytes() == changed.score(0, rows).tobytes()
    assert both.score(1, rows).tobytes() != changed.score(1, rows).tobytes()


def test_the_same_seed_gives_the_same_bytes_and_any_song_scores_alone_as_among_others() -> None:
    songs, listeners = world()
    first, second, other = (SharedTaste(Numbers(), EFFORT).learn(songs, listeners, seed=s) for s in (5, 5, 6))
    rows = np.arange(N_SONGS)
    assert first.score(1, rows).tobytes() == second.score(1, rows).tobytes()
    assert first.score(1, rows).tobytes() != other.score(1, rows).tobytes()
    assert first.score(1, rows[7:8]).tobytes() == first.score(1, rows)[7:8].tobytes()


def test_songs_that_cannot_be_looked_at_score_nothing() -> None:
    songs, listeners = world()
    present = np.arange(N_SONGS) % 4 != 0
    some = TasteSongs({"x": block_of(songs.blocks["x"].values, present)})
    scorer = SharedTaste(Numbers(), EFFORT).learn(some, listeners, seed=0)
    scores = scorer.score(0, np.arange(N_SONGS))
    assert not scores[~present].any()
    assert scores[present].any()


@dataclass(frozen=True)
class Mixup:
    """Half of each song and half of its neighbour in the batch."""

    def __call__(self, examples: Examples, random: np.random.Generator) -> Examples:
        def mixed(values: torch.Tensor) -> torch.Tensor:
            return (values + values.roll(1, dims=0)) / 2

        return Examples(tuple(map(mixed, examples.inputs)), mixed(examples.likes), mixed(examples.others))


def test_augmentations_change_what_is_learned() -> None:
    songs, listeners = world()
    plain = SharedTaste(Numbers(), EFFORT).learn(songs, listeners, seed=0)
    mixed = SharedTaste(Numbers(), EFFORT, augmentations=(Mixup(),)).learn(songs, listeners, seed=0)
    assert (plain.score(0, np.arange(5)) != mixed.score(0, np.arange(5))).all()


def test_a_training_that_was_stopped_ends_with_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "_CHECKPOINT_S", 0.0)
    songs, listeners = world()
    whole = SharedTaste(Numbers(), EFFORT).learn_shared(songs, listeners, seed=2)

    def stop(_: str, done: int, __: int) -> None:
        if done == 17:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        SharedTaste(Numbers(), EFFORT, workshop=Workshop(tmp_path, stop)).learn(songs, listeners, seed=2)
    assert list(tmp_path.iterdir())
    epochs: list[int] = []
    again = SharedTaste(
        Numbers(), EFFORT, workshop=Workshop(tmp_path, lambda _, done, __: epochs.append(done))
    ).learn_shared(songs, listeners, seed=2)
    assert epochs[0] == 17
    assert isinstance(again, SharedScorer)
    assert again.codes.tobytes() == whole.codes.tobytes()
    assert again.curve.tobytes() == whole.curve.tobytes()
