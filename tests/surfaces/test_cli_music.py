"""From a folder of music to similar songs, a path and pictures, by the command line."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import zetdard
from sources.music.made import sound_file, tag
from surfaces.asking import ask, ask_json, write_playlists
from zetdard.data.features import FeatureBlock
from zetdard.evaluation.taste.blocks import write_blocks
from zetdard.evaluation.taste.pools import audio_taste_songs
from zetdard.surfaces.cli.matching import ask_about

LYRICS = "月亮在天上\n我想念故乡的月亮\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with six songs of two artists, featurized; tests of a module share it and change nothing."""
    folder = tmp_path_factory.mktemp("music")
    music = folder / "Music"
    music.mkdir()
    for n in range(6):
        artist = "周杰伦" if n < 3 else "Ann Lee"
        path = sound_file(music / f"{n}.{'mp3' if n % 2 else 'flac'}", 220 * 1.4**n, 2.0)
        words = LYRICS if n < 3 else "The sun is shining\nI am so happy\n"
        tag(path, f"Song {n}", [artist], lyrics=f"{words}line {n}\n")
    (music / "bad.mp3").write_text("no sound", encoding="utf-8")
    done = ask("import", "music", music, "--home", folder / "home")
    assert done.exit_code == 0, done.stderr
    assert "refused: 1 files" in done.stdout
    assert "bad.mp3 – not-audio: no decoder knows the content" in done.stdout
    assert ask("featurize", "--clips", "--processes", "1", "--home", folder / "home").exit_code == 0
    return folder / "home"


def test_featurize_says_what_it_did_and_does_it_once(made: Path) -> None:
    reports = {report["kind"]: report for report in ask_json("featurize", "--home", made)["features"]}
    assert reports["audio"]["made"] == {"descriptors": 0}
    assert reports["audio"]["known"] == {"descriptors": 6}
    assert reports["lyrics"]["known"] == {"lyrics": 6}
    assert reports["graph"]["known"] == {"network": 6}
    assert "zetdard weights" in reports["audio"]["notes"][0]
    shown = ask("featurize", "audio", "--home", made).stdout
    assert "sound: descriptors" in shown
    assert "note: tags and the embedding" in shown


def test_excerpts_are_other_features(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    shutil.copytree(made, home)
    monkeypatch.setenv("ZETDARD_EXCERPTS", "1x1")
    (report,) = ask_json("featurize", "audio", "--home", home)["features"]
    assert (report["made"], report["known"]) == ({"descriptors": 6}, {"descriptors": 0})
    monkeypatch.delenv("ZETDARD_EXCERPTS")
    (report,) = ask_json("featurize", "audio", "--home", home)["features"]
    assert report["known"] == {"descriptors": 6}
    monkeypatch.setenv("ZETDARD_EXCERPTS", "many")
    assert "setting excerpts" in ask("featurize", "audio", "--home", home).stderr


def test_similar_songs_and_artists(made: Path) -> None:
    found = ask_json("similar", "songs", "song 0", "--by", "sound", "-n", "3", "--home", made)
    assert found["song"]["title"] == "Song 0"
    assert len(found["items"]) == 3
    assert "Song 0" not in {item["title"] for item in found["items"]}
    words = ask_json("similar", "songs", "song 0", "--by", "words", "--home", made)
    assert {item["title"] for item in words["items"][:2]} == {"Song 1", "Song 2"}
    assert any(reason["kind"] == "words" for reason in words["items"][0]["reasons"])
    artists = ask_json("similar", "artists", "周杰伦", "--by", "sound", "--home", made)
    assert [item["name"] for item in artists["items"]] == ["Ann Lee"]
    text = ask("similar", "songs", "song 0", "--home", made)
    assert text.exit_code == 0
    assert "not by people: the same people hold all of them" in text.stdout


def test_a_path(made: Path) -> None:
    found = ask_json("path", "song 0", "song 5", "--home", made)
    titles = [song["title"] for song in found["songs"]]
    assert (titles[0], titles[-1]) == ("Song 0", "Song 5")
    assert len(titles) == len(set(titles))
    assert found["largest"] <= found["direct"] + 1e-6
    assert "the largest" in ask("path", "song 0", "song 5", "--home", made).stdout


@pytest.mark.parametrize(
    "what",
    [("song", "song 0"), ("user", "me"), ("graph", "me"), ("map",), ("map", "--by", "words", "--user", "me")],
)
def test_pictures(made: Path, tmp_path: Path, what: tuple[str, ...]) -> None:
    out = tmp_path / "picture.png"
    found = ask_json("picture", *what, "--out", out, "--home", made)
    assert found["picture"] == str(out)
    assert out.read_bytes().startswith(b"\x89PNG")
    svg = ask("picture", *what, "--out", tmp_path / "picture.svg", "--home", made)
    assert svg.stdout == f"drawn: {tmp_path / 'picture.svg'}\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("similar", "songs", "nothing like this 123"), "no song"),
        (("similar", "songs", "song 0", "--by", "people", "--model", "popular"), "gives everybody one list"),
        (("path", "song 0", "zzz qqq"), "no song"),
        (("picture", "song", "song 0", "--out", "x.gif"), "ends in .png or .svg"),
        (("picture", "user", "nobody", "--out", "x.png"), "no user 'nobody'"),
        (("match", "--same", "a", "b"), "no song 'a'"),
    ],
)
def test_clear_errors(made: Path, arguments: tuple[str, ...], message: str) -> None:
    done = ask(*arguments, "--home", made)
    assert (done.exit_code, done.stdout) == (1, "")
    assert message in done.stderr


def test_what_is_missing_is_said_with_what_to_do(tmp_path: Path) -> None:
    home = tmp_path / "home"
    ask("import", "playlists", write_playlists(tmp_path / "files"), "--home", home)
    for arguments, command in (
        (("similar", "songs", "晴天", "--by", "sound"), "zetdard featurize audio"),
        (("similar", "songs", "晴天", "--by", "words"), "zetdard featurize lyrics"),
        (("path", "晴天", "稻香"), "zetdard featurize audio"),
        (("picture", "map", "--out", str(tmp_path / "x.png")), "zetdard featurize audio"),
    ):
        done = ask(*arguments, "--home", home)
        assert done.exit_code == 1
        assert command in done.stderr
    done = ask("picture", "song", "晴天", "--out", tmp_path / "x.png", "--home", home)
    assert "there is no recording of 晴天" in done.stderr
    assert ask_json("similar", "songs", "晴天", "--home", home)["parts"] == ["people"]


def test_an_empty_home_says_what_brings_music(tmp_path: Path) -> None:
    done = ask("featurize", "--home", tmp_path)
    assert done.exit_code == 0
    for words in (
        "no recordings are stored: zetdard import music",
        "no lyrics are stored",
        "nobody holds a song",
    ):
        assert words in done.stdout
    assert ask("featurize", "graph", "--home", tmp_path).exit_code == 1


def test_a_file_that_is_a_song_of_another_source_is_joined_reviewed_and_parted(tmp_path: Path) -> None:
    home, music = tmp_path / "home", tmp_path / "music"
    music.mkdir()
    ask("import", "playlists", write_playlists(tmp_path / "files"), "--home", home)
    tag(sound_file(music / "a.flac", 440), "晴天", ["周杰伦"])
    tag(sound_file(music / "b.flac", 550), "Sea", [])
    assert ask("import", "music", music, "--home", home).exit_code == 0
    (joined,) = ask_json("match", "--joined", "--home", home)["pairs"]
    assert (joined["song"]["title"], joined["other"]["id"], joined["decided_by"]) == (
        "晴天",
        "netease:2",
        "rule",
    )
    (unsure,) = ask_json("match", "--home", home)["pairs"]
    assert unsure["other"]["title"] == "Sea"
    assert "artist unknown" in ask("match", "--home", home).stdout
    own = joined["song"]["id"]
    assert ask("match", "--different", own, "netease:2", "--home", home).exit_code == 0
    assert ask_json("match", "--joined", "--home", home)["pairs"] == []
    assert (
        ask_json("recommend", "songs", "me", "--home", home)["items"]
        == ask_json("recommend", "songs", "me", "--home", home)["items"]
    )
    assert ask("match", "--same", own, "netease:2", "--home", home).exit_code == 0
    assert ask("match", "--same", unsure["song"]["id"], "netease:4", "--home", home).exit_code == 0
    assert ask("match", "--home", home).stdout == "nothing is unsure\n"
    items = ask_json("recommend", "songs", "me", "--home", home)["items"]
    assert items
    assert {"2", "4"}.isdisjoint(item["id"] for item in items)
    # Imported again, what a person said stays.
    assert ask("import", "music", music, "--home", home).exit_code == 0
    assert len(ask_json("match", "--joined", "--home", home)["pairs"]) == 2


def test_reasons_name_what_songs_share(made: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(made, home)
    music = tmp_path / "other"
    music.mkdir()
    for path in sorted((made.parent / "Music").glob("[01].*")):
        shutil.copy(path, music)
    ask("import", "music", music, "--user", "bob", "--home", home)
    answer = ask_json("recommend", "songs", "bob", "--artist-cap", "0", "--home", home)
    kinds = {reason["kind"] for item in answer["items"] for reason in item["reasons"]}
    assert "words" in kinds
    assert "words in common: " in ask("recommend", "songs", "bob", "--explain", "--home", home).stdout


def test_a_model_that_learns_from_sound_recommends(made: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(made, home)
    music = tmp_path / "other"
    music.mkdir()
    for path in sorted((made.parent / "Music").glob("[03].*")):
        shutil.copy(path, music)
    ask("import", "music", music, "--user", "bob", "--home", home)
    found = ask_json("recommend", "songs", "bob", "--model", "cluster-cf", "--home", home)
    assert found["personal"]
    assert found["model"] == "cluster-cf"
    assert 1 <= len(found["items"]) <= 2  # at most one for each of bob's songs
    found = ask_json(
        "recommend", "songs", "bob", "--model", "interest-vsm", "--artist-cap", "0", "--home", home
    )
    assert {item["title"] for item in found["items"]} == {"Song 1", "Song 2", "Song 4", "Song 5"}
    assert {reason["kind"] for item in found["items"] for reason in item["reasons"]} >= {"song", "words"}
    for model in ("svm", "logistic", "random-forest", "knn"):
        found = ask_json("recommend", "songs", "bob", "--model", model, "--artist-cap", "0", "--home", home)
        assert (found["model"], found["personal"], len(found["items"])) == (model, True, 4)
    assert ask("train", "cluster-cf", "--home", home).stdout == "ready: cluster-cf\n"
    done = ask("recommend", "artists", "bob", "--model", "cluster-cf", "--home", home)
    assert "no model 'cluster-cf' recommends artists" in done.stderr


def test_refused_rows_are_listed_where_asked(tmp_path: Path) -> None:
    music = tmp_path / "music"
    music.mkdir()
    sound_file(music / "a.wav")
    (music / "b.mp3").touch()
    rejects = tmp_path / "rejects.csv"
    found = ask_json("import", "music", music, "--rejects", rejects, "--home", tmp_path / "home")
    assert (found["refused"], found["rejects"]) == (1, str(rejects))
    assert "b.mp3,,empty: the file holds no bytes" in rejects.read_text(encoding="utf-8")
    assert (
        json.loads(ask("status", "--json", "--home", tmp_path / "home").stdout)["stored"]["music_files"] == 2
    )


def test_a_terminal_asks_about_one_after_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home, music = tmp_path / "home", tmp_path / "music"
    music.mkdir()
    ask("import", "playlists", write_playlists(tmp_path / "files"), "--home", home)
    for n, title in enumerate(["Sea", "Sun", "Sand", "Snow"]):
        tag(sound_file(music / f"{n}.flac", 300 + 50 * n), title, [])
    ask("import", "music", music, "--home", home)
    said = iter(["x", "y", "n", "s", "q"])
    monkeypatch.setattr("builtins.input", lambda _: next(said))
    with zetdard.open(home) as z:
        found = z.matches()
        assert len(found) == 4
        decided = ask_about(found, lambda song, other, same: z.decide_match(song, other, same=same))
        assert decided == 2
        assert (len(z.matches("joined")), len(z.matches("apart")), len(z.matches())) == (1, 1, 2)
    assert capsys.readouterr().out.count("[files:") == 4


def test_taste_is_measured_on_labelled_listeners(tmp_path: Path, real_data: Callable[[str], Path]) -> None:
    folder = real_data("audio_taste")
    songs = audio_taste_songs(folder)
    rng = np.random.default_rng(0)
    styles = [line.split(",")[6] for line in (folder / "tracks.csv").read_text("utf-8").splitlines()[1:]]
    centres = {style: rng.standard_normal(6) for style in sorted(set(styles))}
    values = np.array([centres[style] for style in styles]) + 0.3 * rng.standard_normal((len(songs), 6))
    block = FeatureBlock(songs, values.astype(np.float32), tuple("abcdef"))
    write_blocks(tmp_path / "features.npz", {"descriptors": block})
    found = ask_json(
        "evaluate",
        "taste",
        "logistic",
        "--data",
        folder,
        "--features",
        tmp_path / "features.npz",
        "--home",
        tmp_path,
    )["pools"]
    assert found.keys() == {"audio_taste C", "audio_taste S-seen", "audio_taste S-unseen"}
    auc = {name: pool["models"]["logistic"]["auc"] for name, pool in found.items()}
    # Numbers that say the style find what listeners of a style like.
    assert auc["audio_taste S-seen"] > 0.85
    assert abs(found["audio_taste S-seen"]["models"]["shuffled"]["auc"] - 0.5) < 0.08
    done = ask("evaluate", "taste", "--data", folder, "--home", tmp_path)
    assert "--features" in done.stderr


def test_taste_of_what_is_stored_needs_listeners_with_songs(made: Path) -> None:
    done = ask("evaluate", "taste", "logistic", "--home", made)
    assert done.exit_code == 1
    assert done.stderr.count("error: ") == 1
