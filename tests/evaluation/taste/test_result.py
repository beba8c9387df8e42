"""Models beside controls: tables, intervals, differences."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evaluation.taste.small_pools import Nearest, pool_of
from zetdard.errors import InputError
from zetdard.evaluation.taste.controls import (
    ALWAYS_NO,
    MASTERING,
    MFCC,
    ORACLE,
    PLAIN_SVM,
    SHUFFLED,
    controls,
)
from zetdard.evaluation.taste.plain import Plain
from zetdard.evaluation.taste.pool import Pool
from zetdard.evaluation.taste.protocol import TastePlan, run
from zetdard.evaluation.taste.report import overview_markdown, overview_text, to_markdown, to_text
from zetdard.evaluation.taste.result import TasteMeasured, evaluate_taste
from zetdard.surfaces.cli.taste import show_taste, taste_json
from zetdard.surfaces.pictures.roc import roc_picture


@pytest.fixture(scope="module")
def pool() -> Pool:
    return pool_of(240, 16)


@pytest.fixture(scope="module")
def found(pool: Pool) -> TasteMeasured:
    models: dict[str, Any] = {"nearest": Nearest, "logistic": lambda: Plain(("sound",))}
    return evaluate_taste(pool, models, resamples=200)


def test_models_come_first_and_controls_always_stand_beside_them(found: TasteMeasured) -> None:
    assert [one.name for one in found.runs] == ["nearest", "logistic", ALWAYS_NO, SHUFFLED, MASTERING, ORACLE]
    assert [one.control for one in found.runs] == [False, False, True, True, True, True]


def test_the_controls_are_what_they_should_be(pool: Pool, found: TasteMeasured) -> None:
    auc = {one.name: one.means()["auc"] for one in found.runs}
    assert auc[ALWAYS_NO] == 0.5
    assert abs(auc[SHUFFLED] - 0.5) < 0.06
    assert abs(auc[MASTERING] - 0.5) < 0.06, "in this pool the mastering says nothing"
    assert auc[ORACLE] > max(auc["nearest"], auc["logistic"]) > 0.8
    no = found.run(ALWAYS_NO).means()
    liked = np.mean([listener.liked.mean() for listener in pool.listeners])
    assert no["accuracy"] == pytest.approx(1 - liked)
    assert no["average_precision"] == pytest.approx(liked)
    assert no["balanced_accuracy"] == 0.5


def test_plain_models_of_sound_stand_where_there_is_sound(pool: Pool) -> None:
    sound, mastering = pool.blocks["sound"], pool.blocks[MASTERING]
    assert MFCC not in controls(pool)
    assert PLAIN_SVM not in controls(pool)
    heard = replace(
        pool, blocks={MASTERING: mastering, MFCC: mastering, "descriptors": sound, "musicnn": mastering}
    )
    found = evaluate_taste(heard, {"nearest": lambda: Plain(("descriptors",))}, resamples=100)
    auc = {one.name: one.means()["auc"] for one in found.runs}
    assert auc[PLAIN_SVM] > 0.75 > auc[MFCC]
    assert {pair.b for pair in found.paired} == {MASTERING, MFCC, PLAIN_SVM}
    without_mastering = replace(heard, blocks={"descriptors": sound, "musicnn": mastering})
    assert PLAIN_SVM not in controls(without_mastering)


def test_a_plain_machine_puts_columns_side_by_side_and_standardises_them(pool: Pool) -> None:
    """A block a thousand times as large, or cut in two, says the same; and labels alone decide what is learned."""
    sound = pool.blocks["sound"]
    cut = [
        replace(sound, values=sound.values[:, [column]] * 1000.0, columns=(name,))
        for column, name in enumerate("xy")
    ]
    apart = replace(pool, blocks={"x": cut[0], "y": cut[1]})
    scores = [
        run("svm", lambda names=names: Plain(names, kind="svm"), one, TastePlan()).scores
        for one, names in ((pool, ("sound",)), (apart, ("x", "y")))
    ]
    for a, b in zip(*scores, strict=True):
        assert np.allclose(a, b, atol=0.01), "but for the tolerance at which the machine stops"


def test_models_are_compared_with_the_mastering_numbers_listener_by_listener(found: TasteMeasured) -> None:
    pair = found.against("nearest", MASTERING)
    assert pair is not None
    difference = found.run("nearest").per_listener["auc"] - found.run(MASTERING).per_listener["auc"]
    assert pair.comparison.difference == pytest.approx(difference.mean())
    assert pair.comparison.better == np.mean(difference > 0)
    low, high = pair.comparison.interval
    assert 0 < low < difference.mean() < high
    assert found.against(SHUFFLED, MASTERING) is None, "controls are not compared with each other"


def test_other_bases_can_be_named_and_no_pair_stands_there_twice(pool: Pool) -> None:
    models: dict[str, Any] = {"a": Nearest, "b": lambda: Plain(("sound",))}
    found = evaluate_taste(pool, models, bases=("a", "b"), resamples=10)
    assert {(pair.a, pair.b) for pair in found.paired} == {("b", "a")}
    with pytest.raises(InputError, match="'c': it is not among the runs"):
        evaluate_taste(pool, models, bases=("c",))


def test_a_pool_without_mastering_and_oracle_has_the_controls_it_can_have(pool: Pool) -> None:
    bare = replace(
        pool,
        blocks={"sound": pool.blocks["sound"]},
        listeners=tuple(replace(listener, in_taste=None) for listener in pool.listeners),
    )
    assert set(controls(bare, Nearest)) == {ALWAYS_NO, SHUFFLED}
    found = evaluate_taste(bare, {"a": Nearest, "b": lambda: Plain(("sound",))}, resamples=10)
    assert {(pair.a, pair.b) for pair in found.paired} == {("b", "a")}


def test_the_oracle_is_perfect_where_nothing_is_random() -> None:
    pool = pool_of(noise=0)
    oracle = run(ORACLE, controls(pool)[ORACLE], pool, TastePlan())
    assert set(oracle.means().values()) == {1.0}


def test_shuffled_labels_keep_their_number(pool: Pool) -> None:
    counts: list[list[int]] = []

    class Counting(Nearest):
        def learn(self, songs: Any, listeners: Any, *, seed: int) -> Nearest:
            counts.append([int(one.liked.sum()) for one in listeners])
            return super().learn(songs, listeners, seed=seed)

    run("true", Counting, pool, TastePlan())
    run(SHUFFLED, controls(pool, Counting)[SHUFFLED], pool, TastePlan())
    assert counts[:3] == counts[3:]


def test_the_logistic_control_puts_up_with_songs_it_cannot_hear() -> None:
    pool = pool_of(240, 8)
    sound = pool.blocks["sound"]
    present = np.arange(len(pool.songs)) % 3 > 0
    values = np.where(present[:, None], sound.values, 0).astype(np.float32)
    deaf = pool.with_blocks({"sound": replace(sound, values=values, present=present)})
    silent = pool.with_blocks({"sound": replace(sound, values=values * 0, present=present & False)})
    whole, part, none = (
        run("logistic", lambda: Plain(("sound",)), one, TastePlan()).means()["auc"]
        for one in (pool, deaf, silent)
    )
    assert whole > part > 0.6
    assert none == pytest.approx(0.5, abs=0.05)
    with pytest.raises(InputError, match="no features 'smell'"):
        run("logistic", lambda: Plain(("smell",)), pool, TastePlan())


def test_the_same_seed_gives_the_same_result(pool: Pool, found: TasteMeasured) -> None:
    models: dict[str, Any] = {"nearest": Nearest, "logistic": lambda: Plain(("sound",))}
    again = evaluate_taste(pool, models, resamples=200)
    assert again.intervals == found.intervals
    assert again.paired == found.paired


def test_a_name_of_a_control_and_no_model_are_refused(pool: Pool) -> None:
    with pytest.raises(InputError, match="'oracle' is the name of a control"):
        evaluate_taste(pool, {"oracle": Nearest})
    with pytest.raises(InputError, match="name at least one model"):
        evaluate_taste(pool, {})
    with pytest.raises(InputError, match="not measured"):
        evaluate_taste(pool, {"a": Nearest}, resamples=5).run("b")


def test_json_says_all_of_it(found: TasteMeasured) -> None:
    document = json.loads(json.dumps(taste_json({"small": found})))["pools"]["small"]
    nearest = document["models"]["nearest"]
    assert nearest["auc"] == found.run("nearest").means()["auc"]
    assert nearest["auc_ci"] == list(found.intervals["nearest"]["auc"])
    assert len(nearest["listeners"]["auc"]) == document["dataset"]["listeners"] == 16
    assert document["models"][ORACLE]["control"] is True
    assert document["protocol"]["likes"] is None
    assert document["dataset"]["features"]["sound"] == {"columns": 2, "known": document["dataset"]["songs"]}
    assert {(pair["a"], pair["b"]) for pair in document["paired"]} == {
        ("nearest", MASTERING),
        ("logistic", MASTERING),
    }


def test_text_and_markdown_show_what_was_found(
    found: TasteMeasured, capsys: pytest.CaptureFixture[str]
) -> None:
    auc = f"{found.run('nearest').means()['auc']:.3f}"
    for shown in (to_text(found), to_markdown(found)):
        assert "small: 16 listeners" in shown
        assert "oracle (control)" in shown
        assert auc in shown
        assert "nearest − mastering" in shown
        assert "in random order (nearest)" in shown
    both = {"C": found, "S": replace(found, runs=found.runs[1:])}
    for shown in (overview_text(both), overview_markdown(both)):
        line = next(line for line in shown.splitlines() if "nearest" in line)
        assert auc in line
        assert "–" in line, "a column in which it was not measured"
    show_taste(both, json=False)
    assert "oracle (control)" in capsys.readouterr().out
    show_taste(both, json=True)
    assert set(json.loads(capsys.readouterr().out)["pools"]) == {"C", "S"}


def test_curves_are_drawn_with_their_areas(found: TasteMeasured, tmp_path: Path) -> None:
    for one in found.runs:
        assert np.trapezoid(one.roc, dx=0.01) == pytest.approx(one.means()["auc"], abs=0.01)
    document = json.loads(json.dumps(found.to_json()))
    assert document["models"]["nearest"]["roc"] == pytest.approx(found.run("nearest").roc, abs=1e-4)
    out = tmp_path / "roc.svg"
    assert roc_picture({"first": found, "second": found}).save(out) == ()
    assert "ROC curves of first, second" in out.read_text(encoding="utf-8")
    roc_picture({"first": found}).save(tmp_path / "roc.png")
    assert (tmp_path / "roc.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(InputError, match="nothing was measured"):
        roc_picture({})
