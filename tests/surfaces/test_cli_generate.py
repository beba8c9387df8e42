"""``generate`` by the command line: a file, the nearest clip, a warning, clear errors."""

from __future__ import annotations

import shutil
import wave
from pathlib import Path

import numpy as np
import pytest

from sources.music.made import sound_file, tag
from surfaces.asking import ask, ask_json, refused
from zetdard.models.deep import gan_music
from zetdard.models.deep.gan_copies import Nearness

SMALL = gan_music.DcganConfig(code=4, width=1, frames=16, batch=2, common_steps=25, own_steps=25)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six songs of the listener ``me``, with clips."""
    folder = tmp_path_factory.mktemp("generate")
    (folder / "Music").mkdir()
    for n in range(6):
        path = sound_file(folder / "Music" / f"{n}.wav", 220 * 1.4**n, 3.0)
        tag(path, f"Song {n}", ["Ann Lee"])
    assert ask("import", "music", folder / "Music", "--user", "me", "--home", folder / "home").exit_code == 0
    return folder / "home"


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    made = gan_music.Composer
    monkeypatch.setattr(gan_music, "Composer", lambda seed: made(SMALL, seed=seed))


def test_music_is_written(home: Path, tmp_path: Path, small: None) -> None:
    out = tmp_path / "music.wav"
    said = refused("generate", "me", "--out", out, "--home", home)
    assert "featurize audio --clips" in said
    assert ask("featurize", "audio", "--clips", "--processes", "1", "--home", home).exit_code == 0
    found = ask_json("generate", "me", "--seconds", "2", "--out", out, "--home", home)
    assert found["generated"] is True
    assert found["nearest song"].startswith("Song")
    with wave.open(str(out)) as file:
        assert (file.getnframes(), file.getframerate()) == (32_000, 16_000)
    first = out.read_bytes()
    text = ask("generate", "me", "--seconds", "2", "--out", out, "--home", home)
    assert "2 s of generated music, after 6 liked songs" in text.stdout
    assert "nearest clip: Song" in text.stdout
    assert out.read_bytes() == first
    ask("generate", "me", "--seconds", "2", "--seed", "1", "--out", out, "--home", home)
    assert out.read_bytes() != first
    assert (home / "training").is_dir()


def test_a_copy_is_told(home: Path, tmp_path: Path, small: None, monkeypatch: pytest.MonkeyPatch) -> None:
    ask("featurize", "audio", "--clips", "--processes", "1", "--home", home)
    near = Nearness(0, 0.01, 0.1, 0.8, 0.5, 0.9)
    monkeypatch.setattr(gan_music, "nearness", lambda *_: near)
    done = ask("generate", "me", "--seconds", "1", "--out", tmp_path / "a.wav", "--home", home)
    assert done.exit_code == 0
    assert "warning: 90% of this music" in done.stderr


def test_its_layers_and_its_training_are_drawn(home: Path, tmp_path: Path, small: None) -> None:
    if (home / "training").is_dir():
        shutil.rmtree(home / "training")
    curve, layers = tmp_path / "curve.svg", tmp_path / "layers.svg"
    assert "generate USER" in refused("picture", "training", "dcgan", "--out", curve, "--home", home)
    ask("featurize", "audio", "--clips", "--processes", "1", "--home", home)
    ask("generate", "me", "--seconds", "1", "--out", tmp_path / "a.wav", "--home", home)
    for command, out in (("training", curve), ("model", layers)):
        assert ask("picture", command, "dcgan", "--out", out, "--home", home).exit_code == 0
        assert out.stat().st_size > 1000


def test_errors(home: Path, tmp_path: Path) -> None:
    assert "ends in .wav" in refused("generate", "me", "--out", tmp_path / "a.mp3", "--home", home)
    assert "no folder" in refused("generate", "me", "--out", tmp_path / "no" / "a.wav", "--home", home)
    assert "nobody" in refused("generate", "nobody", "--out", tmp_path / "a.wav", "--home", home)
    assert ask("generate", "me", "--seconds", "0", "--out", tmp_path / "a.wav", "--home", home).exit_code == 2
    assert np.size(list(tmp_path.iterdir())) == 0
