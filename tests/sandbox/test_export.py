"""The exported truth is the world's, and what it exports can be imported."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from zetdard.errors import InputError
from zetdard.records import Comment, Playlist, PlaylistSong, Record, Role, Song, SongArtist, Subscription
from zetdard.sandbox import World, WorldConfig, generate
from zetdard.sandbox.truth import export_truth
from zetdard.sources.base import ReadOptions
from zetdard.sources.comments import CommentFile
from zetdard.sources.playlists import PlaylistFiles

CONFIG = WorldConfig(n_users=90, n_songs=120, n_artists=20, n_genres=3, n_regions=2, latent_size=4)


@pytest.fixture(scope="module")
def world() -> World:
    return generate(CONFIG)


@pytest.fixture(scope="module")
def folder(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("truth") / "new" / "folder"
    export_truth(world, folder)
    return folder


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_it_says_that_it_is_invented(folder: Path) -> None:
    assert (folder / "README.txt").read_text(encoding="utf-8").startswith("INVENTED")
    assert json.loads((folder / "shares.json").read_text(encoding="utf-8"))["invented"] is True


def test_every_file_is_named_in_the_readme(folder: Path) -> None:
    readme = (folder / "README.txt").read_text(encoding="utf-8")
    for path in folder.iterdir():
        assert path.name in (*readme.split(), "README.txt", "import")
    assert "import/playlists" in readme
    assert "import/comments.csv" in readme


@pytest.mark.smoke
def test_oracle_is_the_worlds(world: World, folder: Path) -> None:
    oracle = np.load(folder / "oracle.npy", mmap_mode="r")
    assert oracle.shape == (90, 120)
    assert oracle.dtype == np.float32
    for row, user in enumerate(world.people_labels.user_ids):
        np.testing.assert_allclose(oracle[row], world.oracle(user), rtol=1e-5, atol=1e-5)


def test_users_and_songs_are_in_the_oracles_order(world: World, folder: Path) -> None:
    users, songs = table(folder / "users.csv"), table(folder / "songs.csv")
    assert [row["id"] for row in users] == list(world.people_labels.user_ids)
    assert [row["id"] for row in songs] == list(world.music_labels.song_ids)
    shares = np.array(
        [[float(value) for name, value in row.items() if name.startswith("share_")] for row in users]
    )
    np.testing.assert_allclose(shares, world.listeners.user_tastes, rtol=1e-5)
    latents = np.array([[float(row[f"latent_{number}"]) for number in range(4)] for row in songs])
    np.testing.assert_allclose(latents, world.music.song_latents, rtol=1e-5)
    for row, song in enumerate(songs):
        assert song["has_sound"] == str(int(world.has_sound(row)))
        assert bool(song["tempo"]) == world.has_sound(row)
        assert song["cover_type"] == ("", "original", "cover")[world.original_cover_type(row)]


def test_config_makes_the_same_world(world: World, folder: Path) -> None:
    config = WorldConfig(**json.loads((folder / "config.json").read_text(encoding="utf-8")))
    assert config == world.config


def test_shares_state_every_strength(world: World, folder: Path) -> None:
    shares = json.loads((folder / "shares.json").read_text(encoding="utf-8"))
    assert shares["words"]["lyric_strength"] == world.config.lyric_strength
    assert shares["sound"]["sound_strength"] == world.config.sound_strength
    taste = world.config.taste_strength * (world.listeners.user_latents @ world.music.song_latents.T)
    known = np.var(world.music.log_popularity)
    expected = taste.var(axis=1).mean() / (taste.var(axis=1).mean() + known)
    assert shares["network"]["taste_share_of_score_variance"] == pytest.approx(expected)


def test_progress_is_told(world: World, tmp_path: Path) -> None:
    told: list[tuple[str, int, int | None]] = []
    export_truth(world, tmp_path, progress=lambda *news: told.append(news))
    assert told == [("oracle scores", 64, 90), ("oracle scores", 90, 90)]


def test_an_earlier_export_is_replaced(world: World, tmp_path: Path) -> None:
    export_truth(generate(WorldConfig(n_users=5, n_songs=9, n_artists=3, n_genres=2)), tmp_path)
    export_truth(world, tmp_path)
    assert np.load(tmp_path / "oracle.npy").shape == (90, 120)
    assert len(table(tmp_path / "users.csv")) == 90


@pytest.mark.parametrize("name", ["diary.txt", "import/other.csv", "import/playlists/more/x"])
def test_a_folder_with_other_files_is_refused_and_left_alone(world: World, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="name an empty folder"):
        export_truth(world, tmp_path)
    assert [each for each in tmp_path.rglob("*") if each.is_file()] == [path]


def test_a_file_in_place_of_the_folder_is_refused(world: World, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="is a file"):
        export_truth(world, path)
    with pytest.raises(InputError, match="cannot write"):
        export_truth(world, path / "below")


def fail(error: Exception) -> None:
    raise error


def test_what_the_listeners_did_can_be_imported(world: World, folder: Path) -> None:
    """The readers find the world's own facts: all but artists' ids, which the files do not hold."""
    stated = list(world.records())
    imports = folder / "import"
    read = [
        *PlaylistFiles().read(imports / "playlists", ReadOptions(), fail),
        *CommentFile().read(imports / "comments.csv", ReadOptions(), fail),
    ]

    def keys(records: list[Record]) -> dict[str, set[object]]:
        found: dict[str, set[object]] = {}
        for record in records:
            match record:
                case Song():
                    found.setdefault("songs", set()).add((record.id, record.title, record.popularity))
                case Playlist():
                    facts = (record.id, record.creator, record.name, record.tags, record.relation)
                    found.setdefault("playlists", set()).add((facts, record.play_count, record.collect_count))
                case PlaylistSong():
                    found.setdefault("places", set()).add((record.playlist, record.song, record.position))
                case SongArtist():
                    found.setdefault("edges", set()).add((record.song, record.position))
                    if record.role is Role.ORIGINAL:
                        found.setdefault("originals", set()).add(record.song)
                case Subscription() | Comment():
                    found.setdefault(type(record).__name__, set()).add(record)
        return found

    assert keys(read) == keys(stated)
    assert len(keys(read)) == 7
