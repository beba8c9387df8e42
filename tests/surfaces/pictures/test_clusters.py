"""Artists and listeners in clusters on a map: what is said of them, and that it can be read."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recommend.known import at, block
from recommend.small import dataset_of
from surfaces.asking import HOLDS, ask, ask_json, refused, write_playlists
from zetdard.surfaces.pictures.canvas import GROUPS
from zetdard.surfaces.pictures.map import Caption, map_picture
from zetdard.surfaces.picturing import draw_clusters

WHERE = np.array([(np.cos(at), np.sin(at)) for at in np.linspace(0, 5.5, 8)])
LINES = ("Briar Marrowgate", "锈色云梯兄弟")


def drawn() -> Any:
    random = np.random.default_rng(0)
    of = np.repeat(np.arange(8), 25)
    places = WHERE[of] + random.normal(scale=0.12, size=(200, 2))
    captions = {f"c{n}": Caption(tuple(f"{line} {n}" for line in LINES), f"jazz {n}, calm") for n in range(8)}
    return map_picture(
        places,
        [f"c{n}" for n in of],
        own=np.arange(200) == 3,
        listener="Ann",
        things="listeners",
        captions=captions,
    )


def test_captions_are_seen_whole_and_do_not_overlap() -> None:
    picture = drawn()
    axes = picture.figure.axes[0]
    renderer = picture.figure.canvas.get_renderer()
    boxes = [text.get_window_extent(renderer) for text in axes.texts]
    assert [text.get_text() for text in axes.texts] == [f"{LINES[0]} {n}\n{LINES[1]} {n}" for n in range(8)]
    assert all(text.get_visible() for text in axes.texts)
    assert not any(a.overlaps(b) for a, b in combinations(boxes, 2))
    frame = axes.get_window_extent(renderer)
    assert all(
        frame.x0 <= box.x0 and box.x1 <= frame.x1 and frame.y0 <= box.y0 and box.y1 <= frame.y1
        for box in boxes
    )


def test_captions_keep_off_the_points() -> None:
    picture = drawn()
    axes = picture.figure.axes[0]
    renderer = picture.figure.canvas.get_renderer()
    points = np.vstack([axes.transData.transform(each.get_offsets()) for each in axes.collections[:-1]])
    assert len(points) == 200
    covered = sum(
        ((points >= (box.x0, box.y0)) & (points <= (box.x1, box.y1))).all(axis=1).sum()
        for box in (text.get_window_extent(renderer) for text in axes.texts)
    )
    assert covered <= 10


def test_the_legend_says_what_the_clusters_are_and_fits() -> None:
    picture = drawn()
    (legend,) = picture.figure.legends
    said = [text.get_text() for text in legend.get_texts()]
    assert said == [*(f"jazz {n}, calm 25" for n in range(8)), "Ann"]
    assert legend.get_window_extent().x1 <= 1_600
    assert {text.get_color() for text in picture.figure.axes[0].texts}.isdisjoint(
        GROUPS
    )  # darker, to be read


def test_clusters_are_named_after_what_their_members_have_more_than_others() -> None:
    holds = {
        **{f"calm{n}": ["c0", "c1", "c2", "l0"] for n in range(3)},
        **{f"loud{n}": ["l0", "l1", "l2", "c0"] for n in range(2)},
    }
    dataset = dataset_of(
        holds, credits={song: [f"artist {song}"] for song in ("c0", "c1", "c2", "l0", "l1", "l2")}
    )
    tags = block(
        dataset.songs.vocabulary,
        {song: [0.9, 0.1] if song[0] == "c" else [0.1, 0.9] for song in dataset.songs.vocabulary},
        ["soft", "hard"],
    )
    styles = np.array([at(n) for n in (0, 5, 10, 90, 95, 100)], np.float32)
    tastes = np.array([at(n) for n in (4, 5, 6, 94, 96)], np.float32)
    picture, artists = draw_clusters(dataset, styles, tastes, "artists", tags, 0, dataset.users.find("loud0"))
    assert [(one.size, one.tags) for one in artists.clusters] == [(3, ("soft",)), (3, ("hard",))]
    assert all(name.startswith("artist c") for name in artists.clusters[0].artists)
    assert "artists of loud0 4" in [text.get_text() for text in picture.figure.legends[0].get_texts()]
    _, listeners = draw_clusters(dataset, styles, tastes, "listeners", tags, 0)
    # Both hold songs of both kinds: how many listeners hold each is what tells.
    assert [(one.size, one.tags) for one in listeners.clusters] == [(3, ("soft",)), (2, ("hard",))]
    assert listeners.clusters[1].artists[0] == "artist l1"  # held as often as the others, and nearest


@pytest.mark.parametrize(
    ("of", "note"),
    [
        ("artists", "nothing is marked: no artist of Ann has a style yet"),
        ("listeners", "nothing is marked: Ann has no taste yet"),
    ],
)
def test_it_is_said_where_there_is_nothing_to_mark(of: Any, note: str) -> None:
    holds = {"ann": ["x"], **{f"u{n}": [f"s{n}"] for n in range(4)}}
    credits = {song: [f"artist {song}"] for songs in holds.values() for song in songs}
    dataset = dataset_of(holds, credits=credits, names={"ann": "Ann"})
    places = np.array([at(n) for n in (0, 5, 90, 95)], np.float32)
    styles, tastes = np.zeros((2, 5, 2), np.float32)
    styles[:4], tastes[1:] = places, places  # the artist of x comes last, Ann first
    picture, drawn = draw_clusters(dataset, styles, tastes, of, None, 0, dataset.users.find("ann"))
    assert drawn.notes == (note,)
    assert not any("Ann" in text.get_text() for text in picture.figure.legends[0].get_texts())
    _, drawn = draw_clusters(dataset, styles, tastes, of, None, 0, dataset.users.find("u0"))
    assert drawn.notes == ()


@pytest.mark.parametrize("of", ["artists", "listeners"])
def test_clusters_by_the_command_line(filled: Path, tmp_path: Path, of: str) -> None:
    found = ask_json(
        "picture", "map", "--of", of, "--user", "ann", "--out", tmp_path / "x.png", "--home", filled
    )
    assert (tmp_path / "x.png").read_bytes().startswith(b"\x89PNG")
    assert found["of"] == of
    assert -1 <= found["stability"] <= 1
    sizes = [cluster["size"] for cluster in found["clusters"]]
    assert sum(sizes) == {"artists": 7, "listeners": 5}[of]
    assert sizes == sorted(sizes, reverse=True)
    named = [name for cluster in found["clusters"] for name in cluster["artists"]]
    assert named
    assert len(named) == len(set(named))
    text = ask("picture", "map", "--of", of, "--out", tmp_path / "x.svg", "--home", filled)
    assert f"resampled {of} agree by {found['stability']:.2f}" in text.stdout
    assert named[0] in text.stdout


def test_the_command_line_says_that_nothing_is_marked(tmp_path: Path) -> None:
    files = write_playlists(tmp_path / "files", {**HOLDS, "fay": []})
    assert ask("import", "playlists", files, "--home", tmp_path / "home").exit_code == 0
    out = ("--out", tmp_path / "x.png", "--home", tmp_path / "home")
    done = ask("picture", "map", "--of", "listeners", "--user", "fay", *out)
    assert "note: nothing is marked: fay has no taste yet" in done.stderr
    assert (tmp_path / "x.png").exists()


def test_what_no_clusters_can_be_drawn_of(filled: Path, tmp_path: Path) -> None:
    out = ("--out", tmp_path / "x.png", "--home", filled)
    assert "no user 'nobody'" in refused("picture", "map", "--of", "artists", "--user", "nobody", *out)
    done = ask("picture", "map", "--of", "artists", "--by", "words", *out)
    assert done.exit_code == 2
    assert "--by is for songs" in done.stderr
    empty = tmp_path / "home"
    assert "nothing is stored" in refused(
        "picture", "map", "--of", "listeners", "--out", tmp_path / "x.png", "--home", empty
    )
    assert not (tmp_path / "x.png").exists()
