"""Classifiers: what they decide about songs they have not seen, and their formulas."""

from __future__ import annotations

import numpy as np
import pytest

from models.taste.conforming import blobs
from zetdard.measure.binary import roc_auc
from zetdard.models.taste.calibration import Sigmoid, inner_folds
from zetdard.models.taste.classifiers import (
    Classifier,
    ForestClassifier,
    KnnClassifier,
    LogisticClassifier,
    SvmClassifier,
    calibrated,
)
from zetdard.models.taste.kernels import Kernel, KernelName

CLASSIFIERS: dict[str, Classifier] = {
    "svm": SvmClassifier((Kernel("gaussian"), Kernel("sigmoid"))),
    "logistic": LogisticClassifier(),
    "forest": ForestClassifier(40),
    "knn": KnnClassifier(5),
}


@pytest.mark.parametrize("classifier", CLASSIFIERS.values(), ids=CLASSIFIERS.keys())
def test_decisions_about_left_out_songs_do_not_see_their_labels(classifier: Classifier) -> None:
    # Labels by lot: whoever has seen a song's label tells it from the others, whoever has not cannot.
    random = np.random.default_rng(8)
    points, liked = random.normal(size=(120, 40)), random.random(120) < 0.4
    trained = classifier.train(points, liked, seed=0)
    assert trained.left_out is not None
    assert roc_auc(trained.left_out, liked) < 0.65
    assert roc_auc(trained.decide(points), liked) > 0.75


def test_left_out_decisions_are_those_of_the_other_folds() -> None:
    points, liked = blobs(30, seed=2)
    dealt = inner_folds(liked, 4, seed=6)
    assert dealt is not None
    classifier = LogisticClassifier()
    expected = np.empty(30)
    for fold in range(4):
        here = dealt == fold
        expected[here] = classifier.train(points[~here], liked[~here], seed=0).decide(points[here])
    np.testing.assert_allclose(classifier.train(points, liked, seed=6).left_out, expected, rtol=1e-6)


def test_neighbours_vote_as_written_down() -> None:
    points = np.array([[0.0], [1.0], [3.0], [10.0]])
    liked = np.array([True, False, True, False])
    # From 0.5 the nearest three are at 0.5, 0.5 and 2.5: weights e^(−d²/2.5²).
    near, far = np.exp(-0.25 / 6.25), np.exp(-1.0)
    chance = (near + far + 0.5) / (2 * near + far + 1)
    decided = KnnClassifier(3).train(points, liked, seed=0).decide(np.array([[0.5]]))
    assert decided[0] == pytest.approx(np.log(chance / (1 - chance)))


@pytest.mark.parametrize(
    ("kind", "name"), [("linear", "linear"), ("polynomial", "poly"), ("gaussian", "rbf")]
)
def test_the_machine_agrees_with_the_librarys_own_kernel(kind: KernelName, name: str) -> None:
    from sklearn.svm import SVC

    points, liked = blobs(60, share=0.3, seed=3)
    kernel = Kernel(kind)
    gamma = kernel.gamma(points)
    # Ours have mean 1 on the diagonal, which changes what the price c means.
    size = float(np.trace(kernel.gram(points, points, gamma))) / len(points)
    c = (gamma if kind == "linear" else 1.0) / size
    machine = SVC(C=c, kernel=name, gamma=gamma, coef0=1.0, class_weight="balanced").fit(points, liked)
    ours = SvmClassifier((kernel,), c=1.0).train(points, liked, seed=0).decide(points)
    np.testing.assert_allclose(ours, machine.decision_function(points), atol=1e-2)


def test_calibrated_log_odds_are_a_rising_function_of_the_decision() -> None:
    points, liked = blobs(50, seed=1)
    trained = LogisticClassifier().train(points, liked, seed=0)
    sigmoid = Sigmoid.fit(trained.left_out, liked)
    taste = calibrated(LogisticClassifier(), points, liked, seed=0)
    np.testing.assert_allclose(taste(points), sigmoid.log_odds(trained.decide(points)))
    assert sigmoid.slope > 0
