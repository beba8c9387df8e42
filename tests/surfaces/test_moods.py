"""Moods of an invented world, from a table of some songs' to those of all others, by the command line and from Python."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import zetdard
from surfaces.asking import ask, ask_json, refused
from zetdard.models.deep import emotions
from zetdard.models.deep.audio_networks import Spectrograms
from zetdard.models.deep.shared import Effort
from zetdard.progress import silent
from zetdard.sandbox import SCALES, World, generate
from zetdard.sandbox.moods import AXES
from zetdard.settings import read_settings
from zetdard.surfaces.tasteworld import WorldHome

N, TOLD = 72, 52
CONFIG = replace(
    SCALES["taste"], n_users=30, n_songs=N, n_artists=12, n_judges=0, median_songs=12.0, sound_seconds=1.2
)
SENSE = Spectrograms(width=12, seconds=1.0, bands=24, channels=12, through_time=True, dropout=0.1)
EFFORT = Effort(epochs=30, learning_rate=0.01, batch=13, patience=30)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    made = emotions.EmotionLearner

    def learner(**wishes: Any) -> emotions.EmotionLearner:
        return made(SENSE, EFFORT, **wishes)

    monkeypatch.setattr(emotions, "EmotionLearner", learner)


@pytest.fixture(scope="module")
def world() -> World:
    return generate(CONFIG)


@pytest.fixture(scope="module")
def home(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the world's recordings and clips of them; tests share it, in their order."""
    folder = tmp_path_factory.mktemp("moods") / "home"
    with WorldHome(read_settings(home=folder), world, folder / "weights", silent) as z:
        z.fill()
        z.featurize(["audio"], clips=True, processes=1)
    return folder


def table(folder: Path, world: World, told: int = TOLD, more: str = "") -> Path:
    path = folder / "given.csv"
    moods = world.sound_moods.songs[:told, :2]
    lines = [
        f"{song},{valence},{energy}"
        for song, (valence, energy) in zip(world.music_labels.song_ids, moods.tolist(), strict=False)
    ]
    path.write_text("\n".join([f"song,{AXES[0]},{AXES[1]}", *lines, more]), encoding="utf-8")
    return path


def test_a_bad_table_is_refused_and_not_kept(home: Path, world: World, tmp_path: Path) -> None:
    path = table(tmp_path, world, more="x,glad,1\n")
    assert f"given.csv:{TOLD + 2}: valence: 'glad'" in refused("featurize", "--moods", path, "--home", home)
    assert not (home / "moods.csv").exists()


def test_moods_are_given_heard_shown_and_shared(home: Path, world: World, tmp_path: Path) -> None:
    with WorldHome(read_settings(home=home), world, home / "weights", silent) as z:
        given = table(tmp_path, world, more="nowhere,0,0\n")
        report = z.featurize(["audio"], moods=given)[-1]
        assert report.made == {"moods": N}
        assert "'nowhere' in line 54" in report.notes[-1]
        found = z.features().moods()
        rows = z.dataset().songs.vocabulary.rows([str(song) for song in world.music_labels.song_ids])
        true = world.sound_moods.songs[:, :2]
        np.testing.assert_allclose(found.block.values[rows[:TOLD]], true[:TOLD], rtol=1e-5)
        assert found.given[rows].tolist() == [True] * TOLD + [False] * (N - TOLD)
        assert found.heard.sum() == N - TOLD
        asked = rows[TOLD:]
        assert np.corrcoef(found.block.values[asked, 1], true[TOLD:, 1])[0, 1] > 0.5
        assert z.featurize(["audio"])[-1].known == {"moods": N}
        np.testing.assert_array_equal(z.features().block("moods").values, found.block.values)
        song = z.dataset().songs.vocabulary.label(int(asked[0]))
        z.picture_song(song, tmp_path / "song.svg")
        assert z.picture_training("moods", tmp_path / "training.svg") == ()
        leads = [found.leads(np.array([row], np.int32)) for row in rows.tolist()]
        loud = [row for row, lead in zip(rows.tolist(), leads, strict=True) if lead[1] >= 1]
        assert len(loud) > 2
        label = z.dataset().songs.vocabulary.label(loud[0])
        near = z.similar("songs", label, by="sound", n=N - 1, all_versions=True)
    said = {
        item.id: reason["moods"]
        for item in near.items
        for reason in (one.to_json() for one in item.reasons)
        if reason["kind"] == "moods"
    }
    with zetdard.open(home) as z:
        labels = {z.dataset().songs.vocabulary.label(row) for row in loud[1:]}
    assert {song for song, moods in said.items() if "+ energy" in moods} == labels


def test_other_sound_or_another_table_is_heard_anew(home: Path, world: World, tmp_path: Path) -> None:
    # Opened as any home, whose clips are longer: none are made yet, and named numbers are enough.
    text = ask("featurize", "audio", "--processes", "1", "--home", home)
    assert text.exit_code == 0
    assert re.search(rf"sound: moods +{N} +0 ", text.stdout)
    assert "by ridge, energy" in text.stdout
    assert "note: not asked: cnn-lstm: there are no clips: make them with" in text.stdout
    path = table(tmp_path, world, TOLD - 4)
    (_, report) = ask_json("featurize", "audio", "--moods", path, "--home", home)["features"]
    assert (report["kind"], report["made"]) == ("moods", {"moods": N})
    assert "in 12 given songs that were not learned from" in report["notes"][0]
    shown = ask("featurize", "audio", "--home", home).stdout
    assert re.search(rf"sound: moods +0 +{N} ", shown)
    assert "no network has heard moods here" in refused(
        "picture", "training", "moods", "--out", tmp_path / "x.png", "--home", home
    )
