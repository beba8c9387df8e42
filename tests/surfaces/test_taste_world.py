"""Tastes measured in an invented world: made, heard and read as everything else is, and kept apart from the user's store."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import zetdard
from surfaces.asking import ask, ask_json
from zetdard.data.features import FeatureBlock
from zetdard.data.vocabulary import Vocabulary
from zetdard.evaluation.taste.blocks import write_blocks
from zetdard.evaluation.taste.clipfiles import write_clips
from zetdard.evaluation.taste.pool import Pool, PoolListener
from zetdard.progress import silent
from zetdard.sandbox import SCALES, generate
from zetdard.sandbox.truth import export_truth
from zetdard.settings import read_settings
from zetdard.surfaces import tastepools, tasteworld
from zetdard.surfaces.tastepools import measured_by_default, taste_pools
from zetdard.surfaces.tasteworld import taste_world, world_pool

SMALL = replace(
    SCALES["taste"],
    n_users=40,
    n_songs=48,
    n_artists=10,
    n_judges=5,
    judge_labels=40,
    median_songs=12.0,
    sound_seconds=1.2,
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(autouse=True)
def small_world(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasteworld, "SCALES", {"taste": SMALL})


@pytest.fixture(scope="module")
def news() -> list[tuple[str, int, int | None]]:
    return []


@pytest.fixture(scope="module")
def pool(home: Path, news: list[Any]) -> Pool:
    return world_pool(read_settings(home=home), SMALL, lambda *one: news.append(one))


def test_the_pool_knows_the_sound_words_and_network_of_all_songs(pool: Pool) -> None:
    assert len(pool.songs) == 48
    assert len(pool.listeners) == 5
    for name in ("descriptors", "lyrics", "meaning", "words"):
        assert pool.blocks[name].known.all(), name
    assert pool.blocks["network"].known.any()
    assert "musicnn" not in pool.blocks, "without weights there are no tags"
    assert pool.clips is not None
    clip = pool.clips.of(7)
    assert clip.shape == (1, 2, round(1.2 * 16_000))
    assert np.abs(clip.astype(float)).max() > 500


def test_features_are_those_of_the_songs_that_the_judges_speak_of(pool: Pool) -> None:
    """What is heard follows what is synthesised, song by song."""
    world = generate(SMALL)
    rows = np.array([pool.songs.row(song) for song in world.music_labels.song_ids])
    loudness = pool.blocks["descriptors"].columns.index("loudness (LUFS)")
    heard = pool.blocks["descriptors"].values[rows, loudness]
    stated = [world.sound_traits(song).loudness_db for song in range(48)]
    assert np.corrcoef(heard, stated)[0, 1] > 0.9
    for place, judge in enumerate(pool.listeners):
        assert set(judge.rows) == set(rows[world.judges.labelled[place]])


def test_a_second_run_makes_nothing_anew_and_other_shares_need_nothing_new(
    pool: Pool, home: Path, news: list[tuple[str, int, int | None]]
) -> None:
    assert any(what == "making sounds" for what, _, _ in news)
    news.clear()
    other = replace(SMALL, sound_share=0.0)
    again = world_pool(read_settings(home=home), other, lambda *one: news.append(one))
    assert not any(what in ("making sounds", "listening", "reading lyrics") for what, _, _ in news)
    for name, block in pool.blocks.items():
        np.testing.assert_array_equal(again.blocks[name].values, block.values)
    assert again.facts["taste"] == "sound 0%, words 50%, network 50%"
    assert len(list((home / "cache").iterdir())) == 1


def test_nothing_of_the_world_reaches_the_users_store(pool: Pool, home: Path) -> None:
    found = ask_json("evaluate", "taste", "logistic", "--data", "world", "--modalities", "--home", home)[
        "pools"
    ]
    models = found["invented world"]["models"]
    assert {"logistic", "logistic without sound", "logistic:network", "oracle of sound"} <= models.keys()
    assert 0 < models["oracle of words"]["oracle_lift"]["share"] < 1
    with zetdard.open(home) as z:
        assert z.counts()["songs"] == 0


def test_an_exported_world_is_measured_with_features_from_a_file(pool: Pool, tmp_path: Path) -> None:
    export_truth(generate(SMALL), tmp_path / "truth")
    write_blocks(tmp_path / "features.npz", pool.blocks)
    files = (
        "--data",
        tmp_path / "truth",
        "--features",
        tmp_path / "features.npz",
        "--home",
        tmp_path / "home",
    )
    names = ("logistic", "logistic:sound")
    found = ask_json("evaluate", "taste", *names, *files)["pools"]["invented world"]
    assert found["dataset"]["songs"] == 48
    assert {(pair["a"], pair["b"]) for pair in found["paired"]} == {names}, (
        "the whole less what is shown a part"
    )
    refused = ask("evaluate", "taste", "logistic", *files, "--others", "1")
    assert "over the tracks of a folder only" in refused.stderr
    assert found["models"]["oracle"]["auc"] > found["models"]["oracle of sound"]["auc"]
    done = ask("evaluate", "taste", "logistic", *files[:2], "--home", tmp_path / "home")
    assert "--features" in done.stderr
    done = ask("evaluate", "taste", "mel-cnn", *files)
    assert "featurize audio --clips" in done.stderr


def test_networks_hear_clips_from_a_folder(pool: Pool, tmp_path: Path) -> None:
    truth, features, clips = (tmp_path / name for name in ("truth", "features.npz", "clips"))
    export_truth(generate(SMALL), truth)
    write_blocks(features, pool.blocks)
    assert pool.clips is not None
    write_clips(clips, ((pool.songs.label(row), pool.clips.of(row)) for row in range(40)), pool.clips.rate)
    with zetdard.open(tmp_path / "home") as z:
        heard, unheard = (
            taste_pools(z, truth, features, given, seed=0, shares={}, progress=silent)[0]
            for given in (clips, None)
        )
    assert heard.clips is not None
    for song in pool.songs.labels[:40]:
        own = heard.clips.of(heard.songs.row(song))
        np.testing.assert_array_equal(own, pool.clips.of(pool.songs.row(song)))
    assert len(heard.clips.present) == 40
    assert unheard.clips is None
    assert "audio-cnn" in measured_by_default(heard)
    assert "audio-cnn" not in measured_by_default(unheard)


@pytest.mark.parametrize(
    ("has_torch", "blocks", "expected"),
    [
        (True, ("descriptors",), {"svm", "multimodal-cnn", "taste-default"}),
        (False, ("descriptors", "musicnn"), {"svm", "fused"}),
        (False, ("spotify",), {"svm"}),
    ],
)
def test_what_is_measured_finds_what_it_needs(
    has_torch: bool, blocks: tuple[str, ...], expected: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    songs = Vocabulary(("a", "b", "c", "d"), kind="song")
    listener = PoolListener("me", np.arange(4, dtype=np.int32), np.array([True, False, True, False]))
    known = {name: FeatureBlock(songs, np.zeros((4, 1), np.float32), ("x",)) for name in blocks}
    pool = Pool("small", songs, (listener,), np.array([0, 0, 1, 1]), known)
    monkeypatch.setattr(tastepools, "find_spec", lambda name: object() if has_torch else None)
    found = set(measured_by_default(pool))
    assert expected <= found
    assert found & {"fused", "audio-cnn", "multimodal-cnn", "taste-default"} == expected - {"svm"}


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--data", "world", "--share", "smell=1"), "not of 'smell'"),
        (("--data", "world", "--share", "sound"), "written like sound=0.5"),
        (("--data", "world", "--share", "sound=-1"), "too small"),
        (("--share", "sound=0"), "of the invented world only"),
    ],
)
def test_shares_that_cannot_be_are_refused(options: tuple[str, ...], reason: str, tmp_path: Path) -> None:
    done = ask("evaluate", "taste", "logistic", *options, "--home", tmp_path)
    assert done.exit_code == 1
    assert reason in done.stderr


def test_a_model_of_one_modality_cannot_be_taken_apart(pool: Pool, home: Path) -> None:
    done = ask("evaluate", "taste", "logistic:sound", "--modalities", "--data", "world", "--home", home)
    assert "nothing to be taken apart" in done.stderr


def test_shares_are_weights_and_one_for_those_left_out() -> None:
    config = taste_world(3, {"sound": 0.0, "words": 2})
    assert (config.seed, config.sound_share, config.words_share, config.network_share) == (3, 0, 2, 1)
