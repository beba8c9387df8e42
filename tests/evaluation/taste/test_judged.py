"""Pools of an exported world, controls that know a modality each, and what a learner reaches of the oracle."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from zetdard.data.clips import Clips
from zetdard.data.features import FeatureBlock
from zetdard.data.taste import Labelled, TasteSongs
from zetdard.data.vocabulary import Vocabulary
from zetdard.errors import FormatError, InputError, NoDataError
from zetdard.evaluation.taste.controls import ALWAYS_NO, ORACLE, ORACLE_OF
from zetdard.evaluation.taste.judged import world, world_songs
from zetdard.evaluation.taste.lift import lifts
from zetdard.evaluation.taste.modalities import MODALITIES, Limited, apart_in, known_in, limited, taken_apart
from zetdard.evaluation.taste.plain import Plain
from zetdard.evaluation.taste.pool import Pool, PoolListener
from zetdard.evaluation.taste.protocol import TastePlan, TasteRun, run
from zetdard.evaluation.taste.report import to_markdown, to_text
from zetdard.evaluation.taste.result import TasteMeasured, evaluate_taste
from zetdard.measure.metrics import PerUser
from zetdard.sandbox import SCALES, World, generate
from zetdard.sandbox.truth import export_truth

CONFIG = replace(SCALES["taste"], n_users=60, n_songs=260, n_artists=40, n_judges=24, judge_labels=160)
BLOCK = {"sound": "descriptors", "words": "lyrics", "network": "network"}


@pytest.fixture(scope="module")
def made() -> World:
    return generate(CONFIG)


@pytest.fixture(scope="module")
def folder(made: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("truth")
    export_truth(made, folder)
    return folder


def pool_of(made: World, folder: Path) -> Pool:
    """The pool with features that say exactly what is heard, said and collected by."""
    songs = world_songs(folder)
    blocks = {
        BLOCK[modality]: FeatureBlock(
            songs, values.astype(np.float32), tuple(map(str, range(values.shape[1])))
        )
        for modality, values in zip(MODALITIES, made.qualities, strict=True)
    }
    return world(folder, songs, blocks)


@pytest.fixture(scope="module")
def pool(made: World, folder: Path) -> Pool:
    return pool_of(made, folder)


class Joined:
    """A logistic regression on everything it is shown."""

    def learn(self, songs: TasteSongs, listeners: Sequence[Labelled], *, seed: int) -> Any:
        values = np.hstack([block.values for block in songs.blocks.values()])
        vocabulary = next(iter(songs.blocks.values())).vocabulary
        all_ = FeatureBlock(vocabulary, values, tuple(map(str, range(values.shape[1]))))
        return Plain(("all",), c=0.1).learn(TasteSongs({"all": all_}), listeners, seed=seed)


@pytest.fixture(scope="module")
def found(pool: Pool) -> TasteMeasured:
    models = {"all": limited(Joined, known_in(pool)), **taken_apart("all", Joined, known_in(pool))}
    pairs = [("all", other) for other in models if other != "all"]
    return evaluate_taste(pool, models, pairs=pairs, resamples=300)


def test_judges_are_listeners_with_the_truth_about_them(made: World, pool: Pool) -> None:
    assert [one.name for one in pool.listeners] == list(made.judges.names)
    for place, one in enumerate(pool.listeners):
        np.testing.assert_array_equal(one.rows, made.judges.labelled[place])
        np.testing.assert_array_equal(one.liked, made.judges.liked[place])
        assert one.fit is not None
        np.testing.assert_allclose(one.fit, made.judges.fit[place, one.rows], atol=1e-5)
        for part, name in enumerate(MODALITIES):
            np.testing.assert_allclose(one.parts[name], made.judges.parts[place, part, one.rows], atol=1e-5)
    assert pool.facts["taste"] == "sound 33%, words 33%, network 33%"
    assert apart_in(pool)
    assert known_in(pool) == ("sound", "words", "network")


def test_the_oracle_ranks_by_the_true_fit_and_likes_as_many_as_are_liked(pool: Pool) -> None:
    for one in pool.listeners:
        truth = one.truth()
        assert truth is not None
        assert one.fit is not None
        np.testing.assert_array_equal(np.argsort(truth), np.argsort(one.fit))
        assert np.count_nonzero(truth > 0) == np.count_nonzero(one.liked)


def test_an_oracle_of_marks_says_what_they_say() -> None:
    rows, liked = np.arange(4, dtype=np.int32), np.array([True, False, True, False])
    assert PoolListener("a", rows, liked).truth() is None
    truth = PoolListener("a", rows, liked, in_taste=~liked).truth()
    assert truth is not None
    np.testing.assert_array_equal(truth, [-1, 1, -1, 1])
    with pytest.raises(InputError, match="a word about each"):
        PoolListener("a", rows, liked, parts={"sound": np.zeros(3, np.float32)})


def test_oracles_of_each_modality_stand_beside_the_oracle(found: TasteMeasured) -> None:
    auc = {one.name: one.means()["auc"] for one in found.runs}
    assert auc[ORACLE] > 0.88
    for modality in MODALITIES:
        assert 0.65 < auc[f"{ORACLE_OF}{modality}"] < 0.8
        assert found.run(f"{ORACLE_OF}{modality}").control
    with pytest.raises(InputError, match="name of a control"):
        evaluate_taste(other_pool(), {f"{ORACLE_OF}sound": Joined})


def other_pool() -> Pool:
    rows = np.arange(8, dtype=np.int32)
    listener = PoolListener("a", rows, rows % 2 == 0)
    return Pool("small", Vocabulary("abcdefgh", kind="song"), (listener,), rows.astype(np.int64) // 4)


def test_a_learner_that_sees_the_truth_about_songs_reaches_most_of_the_oracle(found: TasteMeasured) -> None:
    lift = found.lifts["all"]
    assert 0.8 < lift.interval.low < lift.share < lift.interval.high <= 1
    assert found.lifts[ALWAYS_NO].share == 0
    assert ORACLE not in found.lifts


def test_in_the_world_that_is_measured_it_reaches_nine_tenths(tmp_path: Path) -> None:
    made = generate(SCALES["taste"])
    export_truth(made, tmp_path)
    found = evaluate_taste(pool_of(made, tmp_path), {"all": Joined}, resamples=300)
    assert found.lifts["all"].interval.low > 0.9


def test_each_modality_contributes_and_all_beat_the_best_alone(found: TasteMeasured) -> None:
    for modality in MODALITIES:
        for other in (f"all without {modality}", f"all:{modality}"):
            pair = found.against("all", other)
            assert pair is not None
            assert pair.comparison.interval.low > 0.02


def test_a_modality_without_a_share_contributes_nothing(tmp_path: Path) -> None:
    made = generate(replace(CONFIG, words_share=0.0))
    export_truth(made, tmp_path)
    pool = pool_of(made, tmp_path)
    assert pool.facts["taste"] == "sound 50%, words 0%, network 50%"
    models = {
        "all": limited(Joined, known_in(pool)),
        "all without words": limited(Joined, ("sound", "network")),
    }
    found = evaluate_taste(pool, models, pairs=[("all", "all without words")], resamples=300)
    pair = found.against("all", "all without words")
    assert pair is not None
    assert pair.comparison.interval.low < 0
    assert pair.comparison.interval.high < 0.01
    assert abs(found.run(f"{ORACLE_OF}words").means()["auc"] - 0.5) < 0.05


def test_lift_is_the_share_of_the_oracles_lift() -> None:
    def told(name: str, auc: list[float]) -> TasteRun:
        per_listener: Mapping[str, PerUser] = {"auc": np.array(auc)}
        return TasteRun(name, False, (), per_listener, 0.0, 0.0, np.zeros(101))

    oracle = told(ORACLE, [0.9, 0.9, 0.9])
    found = lifts(
        [told("half", [0.7, 0.7, 0.7]), told("same", [0.9, 0.9, 0.9]), oracle], resamples=50, seed=0
    )
    assert found["half"].share == pytest.approx(0.5)
    assert found["half"].interval == pytest.approx((0.5, 0.5))
    assert found["same"].share == pytest.approx(1)
    assert lifts([told("a", [0.7])], resamples=5, seed=0) == {}
    assert lifts([told("a", [0.7]), told(ORACLE, [0.5])], resamples=5, seed=0) == {}


def test_lift_is_told_in_text_markdown_and_json(found: TasteMeasured) -> None:
    share = f"{found.lifts['all'].share:.0%}"
    for shown in (to_text(found), to_markdown(found)):
        assert "of the oracle's lift" in shown
        assert share in next(line for line in shown.splitlines() if line.lstrip("| ").startswith("all "))
        assert "all − all without sound" in shown
        assert "knows what words contributes" in shown
    document = json.loads(json.dumps(found.to_json()))
    assert document["models"]["all"]["oracle_lift"]["share"] == found.lifts["all"].share
    assert "oracle_lift" not in document["models"][ORACLE]


@dataclass(frozen=True)
class Spy:
    """Says which blocks it was given."""

    blocks: tuple[str, ...] = ("descriptors",)

    def learn(self, songs: TasteSongs, listeners: Sequence[Labelled], *, seed: int) -> Any:
        raise LookupError(self.blocks, tuple(songs.blocks), songs.clips)


def test_a_limited_learner_is_shown_its_modalities_alone_and_uses_all_of_them(pool: Pool) -> None:
    def opened(_: int) -> Any:
        raise AssertionError

    clips = Clips(pool.songs, 8_000, 1, 100, np.arange(3, dtype=np.int32), opened)
    songs = TasteSongs(pool.blocks, clips)
    for modalities, blocks, heard in (
        (("words", "network"), ("lyrics", "network"), None),
        (("sound",), ("descriptors",), clips),
    ):
        with pytest.raises(LookupError) as told:
            Limited(Spy, modalities).learn(songs, [], seed=0)
        assert told.value.args == (blocks, blocks, heard)
    with pytest.raises(NoDataError, match="no features of words"):
        Limited(Spy, ("words",)).learn(TasteSongs({}, None), [], seed=0)
    with pytest.raises(InputError, match="not smell"):
        Limited(Spy, ("smell",))
    with pytest.raises(InputError, match="none at all"):
        Limited(Spy, ())
    assert taken_apart("spy", Spy, ("sound",)) == {}


def test_clips_reach_the_learner(pool: Pool) -> None:
    def opened(_: int) -> Any:
        raise AssertionError

    clips = Clips(pool.songs, 8_000, 1, 100, np.arange(3, dtype=np.int32), opened)
    with pytest.raises(LookupError) as told:
        run("spy", Spy, replace(pool, clips=clips), TastePlan())
    assert told.value.args[2] is clips
    other = Clips(other_pool().songs, 8_000, 1, 100, np.arange(3, dtype=np.int32), opened)
    with pytest.raises(InputError, match="clips are of other songs"):
        replace(pool, clips=other)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("judge,song", "judge,title", "no column 'song'"),
        (",1,", ",yes,", "liked is 0 or 1"),
        ("judge-001,", "judge-001,x", "is not known"),
    ],
)
def test_truths_that_break_the_format_are_refused(
    folder: Path, tmp_path: Path, old: str, new: str, reason: str
) -> None:
    text = (folder / "judges.csv").read_text(encoding="utf-8")
    (tmp_path / "judges.csv").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(FormatError, match=reason):
        world(tmp_path, world_songs(folder), {})


def test_a_song_judged_twice_and_unstated_shares_are_refused(folder: Path, tmp_path: Path) -> None:
    lines = (folder / "judges.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (tmp_path / "judges.csv").write_text("".join([*lines, lines[-1]]), encoding="utf-8")
    with pytest.raises(FormatError, match="twice"):
        world(tmp_path, world_songs(folder), {})
    (tmp_path / "judges.csv").write_text("".join(lines), encoding="utf-8")
    (tmp_path / "shares.json").write_text('{"judges": 3}', encoding="utf-8")
    with pytest.raises(FormatError, match="shares of the judges"):
        world(tmp_path, world_songs(folder), {})
