"""cluster-cf: the thesis's steps, by hand and fast."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.conformance import ModelConformance, interactions_of
from zetdard.data.features import FeatureBlock
from zetdard.data.interactions import Histories
from zetdard.errors import NoDataError
from zetdard.models.base import TrainingData
from zetdard.models.cluster_cf import ClusterCF, ClusterCFConfig, k_means, recommend


def with_sound(
    matrix: np.ndarray, values: np.ndarray, seed: int = 0, present: list[bool] | None = None
) -> TrainingData:
    interactions = interactions_of(matrix)
    known = None if present is None else np.array(present)
    block = FeatureBlock(
        interactions.items,
        values.astype(np.float32),
        tuple(f"x{c}" for c in range(values.shape[1])),
        {},
        known,
    )
    return TrainingData(interactions, item_features={"descriptors": block}, seed=seed)


class TestClusterCF(ModelConformance):
    model_class: ClassVar[type[ClusterCF]] = ClusterCF
    unheld_items_score_zero = False

    def data(self, matrix: np.ndarray, seed: int = 0) -> TrainingData:
        values = np.random.default_rng(3).standard_normal((matrix.shape[1], 5))
        return with_sound(matrix, values, seed)


# Two clusters on a line of angles: songs 0–3 near 0°, songs 4–6 near 90°.
ANGLES = np.radians([0, 2, 5, 9, 90, 91, 95])
POINTS = np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=1).astype(np.float32)
CLUSTER = np.array([0, 0, 0, 0, 1, 1, 1], np.int32)


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        ([0], [1]),  # the most alike of its cluster
        ([0, 1], [2, 3]),  # 1 is held; then 2 is taken, and the next best is 3
        ([0, 4], [1, 5]),  # each in its own cluster
        ([4, 5, 6], []),  # the cluster is exhausted
        ([0, 1, 2], [3]),  # fewer songs are left than are asked for
        ([], []),
    ],
)
def test_the_steps_by_hand(held: list[int], expected: list[int]) -> None:
    assert recommend(POINTS, CLUSTER, np.array(held, np.int32)).tolist() == expected


def test_songs_whose_sound_is_not_known_ask_for_nothing_and_are_not_offered() -> None:
    cluster = CLUSTER.copy()
    cluster[[1, 2]] = -1
    assert recommend(POINTS, cluster, np.array([0, 1], np.int32)).tolist() == [3]


def by_the_book(points: np.ndarray, cluster: np.ndarray, held: list[int]) -> list[int]:
    """The steps as the thesis writes them, one comparison after another."""
    recommended: list[int] = []
    for song in sorted(held):
        if cluster[song] < 0:
            continue
        best, best_alike = None, -np.inf
        for other in range(len(points)):
            if cluster[other] != cluster[song] or other in held or other in recommended:
                continue
            alike = float(np.dot(points[other].astype(np.float64), points[song].astype(np.float64)))
            if alike > best_alike:
                best, best_alike = other, alike
        if best is not None:
            recommended.append(best)
    return recommended


@given(st.integers(0, 2**32 - 1), st.sets(st.integers(0, 19)))
@settings(max_examples=60, deadline=None)
def test_the_fast_form_is_the_books(seed: int, held: set[int]) -> None:
    rng = np.random.default_rng(seed)
    points = rng.integers(-2, 3, (20, 3)).astype(np.float32)
    cluster = rng.integers(-1, 3, 20).astype(np.int32)
    found = recommend(points, cluster, np.array(sorted(held), np.int32))
    assert found.tolist() == by_the_book(points, cluster, sorted(held))


def test_what_is_recommended_first_scores_highest() -> None:
    values = np.random.default_rng(0).standard_normal((12, 4))
    model = ClusterCF(ClusterCFConfig(clusters=1)).fit(with_sound(np.ones((2, 12)), values))
    (scores,) = model.score(Histories.of_items(np.array([3, 5], np.int32), 12))
    state = model.state()
    order = recommend(state["points"], state["cluster"], np.array([3, 5], np.int32))
    assert scores[order].tolist() == [2, 1]
    assert np.count_nonzero(scores) == 2


def test_clusters_are_found_and_the_same_seed_gives_the_same() -> None:
    rng = np.random.default_rng(1)
    points = np.concatenate([rng.standard_normal((30, 3)) * 0.2 + 5 * centre for centre in np.eye(3)])
    found = k_means(points, 3, seed=4)
    groups = [set(found[start : start + 30].tolist()) for start in (0, 30, 60)]
    assert all(len(group) == 1 for group in groups)
    assert len(set.union(*groups)) == 3
    assert np.array_equal(found, k_means(points, 3, seed=4))
    assert set(k_means(np.ones((5, 2)), 5, seed=0).tolist()) == set(range(5))


def test_without_sound_the_message_says_what_to_do() -> None:
    with pytest.raises(NoDataError, match="featurize audio"):
        ClusterCF().fit(TrainingData(interactions_of(np.ones((2, 3)))))
    with pytest.raises(NoDataError, match="featurize audio"):
        ClusterCF().fit(with_sound(np.ones((2, 3)), np.zeros((3, 2)), present=[False] * 3))
