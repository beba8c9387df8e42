"""Learners on songs with known answers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from models.taste.conforming import blobs, block_of
from zetdard.data.taste import Labelled, TasteSongs
from zetdard.errors import NoDataError
from zetdard.measure.binary import balanced_accuracy, roc_auc
from zetdard.models.base import TasteLearner
from zetdard.models.taste.classical import (
    ClassifierLearner,
    Forest,
    Fused,
    Knn,
    Logistic,
    Svm,
)
from zetdard.models.taste.kernels import KERNELS, Kernel

ONE_BLOCK = ("musicnn",)
LEARNERS: dict[str, TasteLearner] = {
    **{f"svm {kind}": Svm(ONE_BLOCK, kernels=(Kernel(kind, shift=0.5),)) for kind in KERNELS},
    "svm of two kernels": Svm(ONE_BLOCK, kernels=(Kernel("laplacian"), Kernel("linear", weight=0.5))),
    "logistic": Logistic(ONE_BLOCK),
    "random-forest": Forest(ONE_BLOCK, trees=60),
    "knn": Knn(ONE_BLOCK),
    "fused": Fused((Svm(ONE_BLOCK), Logistic(ONE_BLOCK))),
}
EVERY_LEARNER = pytest.mark.parametrize("learner", LEARNERS.values(), ids=LEARNERS.keys())


def crossed(n: int, seed: int = 0):
    """Draw songs of which those are liked whose two numbers have one sign."""
    points = np.random.default_rng(seed).uniform(-1, 1, size=(n, 2))
    return points, points[:, 0] * points[:, 1] > 0


def half_and_half(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return every other song for learning, the rest for judging."""
    return np.arange(0, n, 2, dtype=np.int32), np.arange(1, n, 2, dtype=np.int32)


def judged(learner: TasteLearner, points: np.ndarray, liked: np.ndarray) -> tuple[float, float]:
    """Return AUC and balanced accuracy on songs that were not learned from."""
    training, test = half_and_half(len(points))
    songs = TasteSongs({"musicnn": block_of(points)})
    scores = learner.learn(songs, [Labelled(training, liked[training])], seed=0).score(0, test)
    assert scores.dtype == np.float32
    return roc_auc(scores, liked[test]), balanced_accuracy(scores > 0, liked[test])


@EVERY_LEARNER
def test_two_blobs(learner: TasteLearner) -> None:
    auc, balanced = judged(learner, *blobs(200))
    assert auc > 0.93
    assert balanced > 0.85


@EVERY_LEARNER
@pytest.mark.parametrize("share", [0.2, 0.1])
def test_few_liked_songs_are_still_predicted(learner: TasteLearner, share: float) -> None:
    auc, balanced = judged(learner, *blobs(300, share=share))
    assert auc > 0.9
    assert balanced > 0.78


@EVERY_LEARNER
def test_nuisance_columns(learner: TasteLearner) -> None:
    auc, _ = judged(learner, *blobs(300, distance=3, nuisance=10))
    assert auc > 0.88


@EVERY_LEARNER
def test_shuffled_labels_teach_nothing(learner: TasteLearner) -> None:
    points, liked = blobs(240)
    training, test = half_and_half(len(points))
    songs = TasteSongs({"musicnn": block_of(points)})
    listeners = [
        Labelled(training, np.random.default_rng(number).permutation(liked[training])) for number in range(8)
    ]
    scorer = learner.learn(songs, listeners, seed=0)
    aucs = [roc_auc(scorer.score(number, test), liked[test]) for number in range(8)]
    # One listener's AUC swings, since it is one direction through two blobs; their mean does not.
    assert np.mean(aucs) == pytest.approx(0.5, abs=0.2)


@pytest.mark.parametrize(
    ("learner", "least", "most"),
    [
        (Svm(ONE_BLOCK, kernels=(Kernel("gaussian"),)), 0.95, 1),
        (Svm(ONE_BLOCK, kernels=(Kernel("laplacian"),)), 0.95, 1),
        (Svm(ONE_BLOCK, kernels=(Kernel("polynomial", degree=2),)), 0.95, 1),
        (Svm(ONE_BLOCK, kernels=(Kernel("linear"), Kernel("gaussian"))), 0.95, 1),
        (Forest(ONE_BLOCK, trees=60), 0.95, 1),
        (Knn(ONE_BLOCK), 0.95, 1),
        (Svm(ONE_BLOCK, kernels=(Kernel("linear"),)), 0.3, 0.7),
        (Logistic(ONE_BLOCK), 0.3, 0.7),
    ],
    ids=["gaussian", "laplacian", "polynomial", "sum", "forest", "knn", "linear", "logistic"],
)
def test_exclusive_or(learner: TasteLearner, least: float, most: float) -> None:
    assert least <= judged(learner, *crossed(300))[0] <= most


@EVERY_LEARNER
def test_same_seed_same_scores_and_listeners_do_not_mix(learner: TasteLearner) -> None:
    points, liked = blobs(80, seed=4)
    songs = TasteSongs({"musicnn": block_of(points)})
    rows = np.arange(0, 80, 2, dtype=np.int32)
    listeners = [Labelled(rows, liked[rows]), Labelled(rows, ~liked[rows])]
    everything = np.arange(80, dtype=np.int32)
    one, other = (learner.learn(songs, listeners, seed=3) for _ in range(2))
    for listener in (0, 1):
        assert one.score(listener, everything).tobytes() == other.score(listener, everything).tobytes()
    alone = learner.learn(songs, listeners[:1], seed=3).score(0, everything)
    np.testing.assert_array_equal(alone, one.score(0, everything))
    assert roc_auc(one.score(1, everything), ~liked) > 0.9
    # Neither does the order in which songs are asked about.
    np.testing.assert_allclose(
        one.score(0, everything[::-1])[::-1], one.score(0, everything), rtol=1e-5, atol=1e-6
    )
    assert one.score(0, everything[:0]).shape == (0,)


@EVERY_LEARNER
def test_songs_that_are_not_labelled_are_not_looked_at(learner: TasteLearner) -> None:
    points, liked = blobs(60, seed=5)
    rows = np.arange(40, dtype=np.int32)
    labels = [Labelled(rows, liked[:40] ^ (rows % 7 == 0))]
    before = learner.learn(TasteSongs({"musicnn": block_of(points)}), labels, seed=0).score(0, rows)
    points[40:] *= -1000
    after = learner.learn(TasteSongs({"musicnn": block_of(points)}), labels, seed=0).score(0, rows)
    np.testing.assert_array_equal(before, after)


@EVERY_LEARNER
@pytest.mark.parametrize(
    "liked", [[], [True], [False], [True, True, True], [True, False], [True, False, False]]
)
def test_hardly_any_labels(learner: TasteLearner, liked: Sequence[bool]) -> None:
    songs = TasteSongs({"musicnn": block_of(blobs(10)[0])})
    rows = np.arange(len(liked), dtype=np.int32)
    labels = Labelled(rows, np.array(liked, np.bool_))
    scores = learner.learn(songs, [labels], seed=0).score(0, np.arange(10, dtype=np.int32))
    assert np.isfinite(scores).all()
    if all(liked) or not any(liked):  # nothing to tell apart, so nobody is predicted to like anything
        assert not scores.any()


@EVERY_LEARNER
def test_songs_without_features_are_scored_by_what_is_known(learner: TasteLearner) -> None:
    points, liked = blobs(100)
    present = np.arange(100) % 5 > 0
    songs = TasteSongs({"musicnn": block_of(points, present)})
    rows = np.arange(0, 100, 2, dtype=np.int32)
    test = np.arange(1, 100, 2, dtype=np.int32)
    scores = learner.learn(songs, [Labelled(rows, liked[rows])], seed=0).score(0, test)
    assert np.isfinite(scores).all()
    assert roc_auc(scores[present[test]], liked[test][present[test]]) > 0.9
    assert np.ptp(scores[~present[test]]) < 1e-5


def test_no_block_of_those_asked_for() -> None:
    songs = TasteSongs({"lyrics": block_of(np.ones((3, 2)))})
    for learner in LEARNERS.values():
        with pytest.raises(NoDataError, match="musicnn"):
            learner.learn(songs, [], seed=0)


def test_blocks_that_are_not_there_are_left_out() -> None:
    points, liked = blobs(40)
    songs = TasteSongs({"musicnn": block_of(points)})
    labels = [Labelled(np.arange(40, dtype=np.int32), liked)]
    rows = np.arange(40, dtype=np.int32)
    expected = Logistic(ONE_BLOCK).learn(songs, labels, seed=0).score(0, rows)
    np.testing.assert_array_equal(Logistic().learn(songs, labels, seed=0).score(0, rows), expected)


def test_fused_is_the_mean() -> None:
    points, liked = blobs(60, seed=9)
    songs = TasteSongs({"musicnn": block_of(points)})
    rows = np.arange(60, dtype=np.int32)
    labels = [Labelled(rows, liked)]
    parts: tuple[ClassifierLearner, ...] = (Knn(ONE_BLOCK), Logistic(ONE_BLOCK))
    scores = [part.learn(songs, labels, seed=0).score(0, rows) for part in parts]
    fused = Fused(parts).learn(songs, labels, seed=0).score(0, rows)
    np.testing.assert_allclose(fused, np.mean(scores, axis=0), rtol=1e-6)


def test_what_others_measured_is_learned_from_too() -> None:
    points, liked = blobs(60)
    songs = TasteSongs({"spotify": block_of(points)})
    scorer = Logistic().learn(songs, [Labelled(np.arange(40, dtype=np.int32), liked[:40])], seed=0)
    assert roc_auc(scorer.score(0, np.arange(60, dtype=np.int32)), liked) > 0.9
