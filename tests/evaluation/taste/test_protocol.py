"""No label of a held-out song is ever told, and what is measured is what was scored."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evaluation.taste.small_pools import Nearest, Watch, Watcher, pool_of, with_labels_turned
from zetdard.errors import InputError
from zetdard.evaluation.taste.protocol import TastePlan, run
from zetdard.measure.binary import roc_auc

LIKES = [None, 5, 1]


@pytest.mark.parametrize("likes", LIKES)
def test_a_learner_never_sees_the_label_of_a_song_it_scores(likes: int | None) -> None:
    pool, watch = pool_of(), Watch()
    run("watcher", watch.learner, pool, TastePlan(likes))
    assert len(watch.told) == 3
    for place, listener in enumerate(pool.listeners):
        scored = np.concatenate([rows for _, who, rows in watch.scored if who == place])
        assert np.array_equal(np.sort(scored), listener.rows), "each labelled song is scored once"


def test_the_watcher_would_notice() -> None:
    pool, watch = pool_of(), Watch()
    watcher = watch.learner()
    with pytest.raises(AssertionError, match="another fold"):
        run("one for all folds", lambda: watcher, pool, TastePlan())

    class Peeking(Watcher):
        def learn(self, songs, listeners, *, seed):  # type: ignore[no-untyped-def]
            super().learn(songs, listeners, seed=seed)
            self.seen = set(range(len(pool.songs)))
            return self

    with pytest.raises(AssertionError, match="has been seen"):
        run("peeking", lambda: Peeking(Watch()), pool, TastePlan())


def test_all_labels_outside_a_fold_are_told_as_they_are() -> None:
    pool, watch = pool_of(), Watch()
    run("watcher", watch.learner, pool, TastePlan())
    for fold, told in enumerate(watch.told):
        for place, listener in enumerate(pool.listeners):
            outside = pool.folds[listener.rows] != fold
            assert np.array_equal(told[place].rows, listener.rows[outside])
            assert np.array_equal(told[place].liked, listener.liked[outside])


@pytest.mark.parametrize("likes", LIKES)
@pytest.mark.parametrize("fold", [0, 1, 2])
def test_the_scores_of_a_fold_do_not_depend_on_its_labels(fold: int, likes: int | None) -> None:
    pool = pool_of()
    turned = with_labels_turned(pool, fold)
    before = run("nearest", Nearest, pool, TastePlan(likes))
    after = run("nearest", Nearest, turned, TastePlan(likes))
    elsewhere = 0
    for listener, a, b in zip(pool.listeners, before.scores, after.scores, strict=True):
        inside = pool.folds[listener.rows] == fold
        np.testing.assert_array_equal(a[:, inside], b[:, inside])
        elsewhere += int((a[:, ~inside] != b[:, ~inside]).sum())
    assert elsewhere > 0, "those of other folds do"


def test_what_a_learner_does_to_its_labels_changes_nothing() -> None:
    class Spoiler(Nearest):
        def learn(self, songs, listeners, *, seed):  # type: ignore[no-untyped-def]
            super().learn(
                songs,
                [replace(one, rows=one.rows.copy(), liked=one.liked.copy()) for one in listeners],
                seed=seed,
            )
            for one in listeners:
                one.liked[:] = True
                one.rows[:] = 0
            return self

        def score(self, listener, rows):  # type: ignore[no-untyped-def]
            found = super().score(listener, rows)
            rows[:] = 0
            return found

    pool = pool_of()
    plain, spoilt = (run("x", make, pool, TastePlan()) for make in (Nearest, Spoiler))
    for a, b in zip(plain.scores, spoilt.scores, strict=True):
        np.testing.assert_array_equal(a, b)
    assert plain.means() == spoilt.means()


def test_few_likes_are_told_with_a_fixed_number_of_others() -> None:
    pool, watch = pool_of(n_songs=150), Watch()
    run("watcher", watch.learner, pool, TastePlan(likes=5, others=3))
    for told in watch.told:
        for one in told.values():
            assert one.liked.sum() == 5
            assert len(one.liked) == 20
            assert (np.diff(one.rows) > 0).all()


def test_the_draw_of_few_likes_is_seeded_and_differs_by_fold_and_listener() -> None:
    def drawn(seed: int) -> list[list[int]]:
        watch = Watch()
        run("watcher", watch.learner, pool_of(), TastePlan(5, seed=seed))
        return [one.rows.tolist() for told in watch.told for one in told.values()]

    assert drawn(0) == drawn(0)
    assert drawn(0) != drawn(1)
    assert len({tuple(rows) for rows in drawn(0)}) == 18


def test_more_labels_tell_more() -> None:
    pool = pool_of(240, 12)
    auc = [run("nearest", Nearest, pool, TastePlan(likes)).means()["auc"] for likes in (1, 5, None)]
    assert 0.55 < auc[0] < auc[1] < auc[2]
    assert auc[2] > 0.8


def test_metrics_are_those_of_the_pooled_scores() -> None:
    pool = pool_of()
    found = run("nearest", Nearest, pool, TastePlan())
    for place, listener in enumerate(pool.listeners):
        assert found.per_listener["auc"][place] == roc_auc(found.scores[place][0], listener.liked)
    assert found.means()["auc"] == pytest.approx(np.mean(found.per_listener["auc"]))
    assert set(found.per_listener) == {
        "auc",
        "auc_in_folds",
        "balanced_accuracy",
        "average_precision",
        "accuracy",
    }


def test_offsets_between_folds_cost_pooled_scores_only() -> None:
    class Drifting(Nearest):
        """Scores by how rare likes were in training, beside what it knows."""

        def learn(self, songs, listeners, *, seed):  # type: ignore[no-untyped-def]
            self.offset = 1_000 * np.array([one.liked.mean() for one in listeners])
            return super().learn(songs, listeners, seed=seed)

        def score(self, listener, rows):  # type: ignore[no-untyped-def]
            return super().score(listener, rows) + self.offset[listener]

    pool = pool_of()
    plain, drifting = (run("x", make, pool, TastePlan()).means() for make in (Nearest, Drifting))
    assert drifting["auc_in_folds"] == pytest.approx(plain["auc_in_folds"], abs=1e-3)
    assert drifting["auc"] < plain["auc"] - 0.05


def test_several_draws_are_averaged_for_each_listener() -> None:
    pool = pool_of()
    three = run("nearest", Nearest, pool, TastePlan(5, draws=3, seed=4))
    single = [run("nearest", Nearest, pool, TastePlan(5, seed=seed)) for seed in (4, 5, 6)]
    for metric, values in three.per_listener.items():
        np.testing.assert_allclose(values, np.mean([one.per_listener[metric] for one in single], axis=0))
    for draw, one in enumerate(single):
        np.testing.assert_array_equal(three.scores[0][draw], one.scores[0][0])
    assert len({tuple(own.tolist()) for own in three.scores[0]}) == 3


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_scores_that_are_no_numbers_are_refused(wrong: float) -> None:
    class Wrong(Nearest):
        def score(self, listener, rows):  # type: ignore[no-untyped-def]
            return np.full(len(rows), wrong)

    with pytest.raises(InputError, match="wrong must score each song with a finite number"):
        run("wrong", Wrong, pool_of(), TastePlan())


def test_scores_of_another_shape_are_refused() -> None:
    class Short(Nearest):
        def score(self, listener, rows):  # type: ignore[no-untyped-def]
            return np.zeros(len(rows) - 1)

    with pytest.raises(InputError, match="short must score each song"):
        run("short", Short, pool_of(), TastePlan())


@pytest.mark.parametrize("plan", [{"likes": 0}, {"others": 0}, {"draws": 0}])
def test_a_plan_without_labels_is_refused(plan: dict[str, int]) -> None:
    with pytest.raises(InputError, match="a learner needs"):
        TastePlan(**plan)
