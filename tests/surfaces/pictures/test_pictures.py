"""Pictures say what they should, are whole or not there, and are the same for the same."""

from __future__ import annotations

import struct
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import matplotlib.image
import networkx as nx
import numpy as np
import pytest

from zetdard.errors import InputError, MissingExtraError, UnknownEntityError
from zetdard.features.audio.portrait import Portrait
from zetdard.surfaces.pictures import letters
from zetdard.surfaces.pictures.canvas import Picture, checked
from zetdard.surfaces.pictures.listener import Spread, Taste, listener_picture
from zetdard.surfaces.pictures.map import map_picture
from zetdard.surfaces.pictures.neighbourhood import Bounds, neighbourhood
from zetdard.surfaces.pictures.network import network_picture
from zetdard.surfaces.pictures.song import clock, song_picture

RNG = np.random.default_rng(0)


def some_portrait(columns: int = 200) -> Portrait:
    heights = np.abs(RNG.standard_normal(columns)).clip(0, 1).astype(np.float32)
    return Portrait(
        envelope=np.stack([-heights, heights], axis=1),
        log_mel=RNG.uniform(-80, 0, (128, columns)).astype(np.float32),
        chroma=RNG.uniform(0, 1, (12, columns)).astype(np.float32),
        seconds=225.0,
        rate=44_100,
        channels=2,
    )


def some_graph() -> nx.DiGraph[str]:
    graph: nx.DiGraph[str] = nx.DiGraph()
    for kind, type_, names in (
        ("user", "users", ["me", "you", "far"]),
        ("song", "music", [f"s{n}" for n in range(6)]),
        ("artist", "artists", ["a", "b"]),
    ):
        for name in names:
            graph.add_node(f"{kind}:{name}", type=type_, label=f"label {name}", source_id=name)
    for user, songs in {"me": "0123", "you": "1234", "far": "5"}.items():
        for song in songs:
            graph.add_edge(f"user:{user}", f"song:s{song}", kind="holds", weight=1.0)
    for song in range(6):
        graph.add_edge(f"song:s{song}", f"artist:{'a' if song < 3 else 'b'}", kind="performed_by", weight=1.0)
    return graph


def texts(picture: Picture) -> set[str]:
    found = picture.figure.findobj(lambda artist: hasattr(artist, "get_text"))
    return {text.get_text() for text in found if text.get_visible() and text.get_text()}


PICTURES = {
    "song": lambda: song_picture(
        some_portrait(), "晴天", ["周杰伦"], tags=[("metal", 0.8)], facts=[("Tempo", "97 BPM")]
    ),
    "listener": lambda: listener_picture(
        Taste(
            songs=9,
            heard=8,
            tagged=True,
            tags=[("jazz", 1.2)],
            artists=[("周杰伦", 4)],
            tempo=Spread(RNG.normal(120, 10, 8), RNG.normal(110, 20, 90)),
        ),
        "Ann",
    ),
    "network": lambda: network_picture(some_graph(), "user:me"),
    "map": lambda: map_picture(
        RNG.uniform(-1, 1, (60, 2)), ["A", "B", ""] * 20, own=np.arange(60) < 5, listener="Ann"
    ),
}
each = pytest.mark.parametrize("name", PICTURES)


@each
@pytest.mark.parametrize("ending", ["png", "svg"])
def test_the_same_picture_has_the_same_bytes_and_is_not_blank(tmp_path: Path, name: str, ending: str) -> None:
    global RNG
    made = []
    for number in range(2):
        RNG = np.random.default_rng(0)
        out = tmp_path / f"{number}.{ending}"
        PICTURES[name]().save(out)
        made.append(out.read_bytes())
    assert made[0] == made[1]
    if ending == "png":
        width, height = struct.unpack(">II", made[0][16:24])
        assert width == 1_600
        pixels = matplotlib.image.imread(tmp_path / "0.png")
        assert pixels.shape[:2] == (height, width)
        assert pixels[..., :3].std() > 0.02
    else:
        root = ElementTree.fromstring(made[0])
        assert root.tag.endswith("svg")
        assert "<text" not in made[0].decode()  # letters are drawn, so that no font is needed to read them
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_what_a_song_picture_says() -> None:
    said = texts(PICTURES["song"]())
    assert {
        "晴天",
        "周杰伦 · 3:45",
        "metal",
        "0.80",
        "Tempo",
        "97 BPM",
        "Waveform",
        "C♯",
        "1 k",
        "3:00",
    } <= said


def test_moods_stand_beside_a_song_and_take_the_room_of_tags() -> None:
    tags = [(f"tag {n}", 0.5) for n in range(10)]
    facts = [(f"fact {n}", "x") for n in range(6)]
    moods = [(f"mood {n}", 0.25 + n, float(n - 1)) for n in range(7)]
    plain = texts(song_picture(some_portrait(), "x", tags=tags, facts=facts))
    assert {"tag 9", "fact 5"} <= plain
    said = texts(song_picture(some_portrait(), "x", tags=tags, facts=facts, moods=moods, heard=True))
    assert {"Moods, as heard", "mood 0", "0.25", "mood 4", "4.25", "tag 3", "fact 5"} <= said
    assert {"mood 5", "tag 9"}.isdisjoint(said)
    given = texts(song_picture(some_portrait(), "x", moods=moods[:1], heard=False))
    assert {"Moods, as given", "mood 0"} <= given


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.2, "0:00"), (59.6, "1:00"), (3_600, "1:00:00"), (36_061, "10:01:01")]
)
def test_a_clock(seconds: float, text: str) -> None:
    assert clock(seconds) == text


def test_marks_of_frequency_do_not_write_over_each_other() -> None:
    picture = PICTURES["song"]()
    (axes,) = [axes for axes in picture.figure.axes if axes.get_ylabel() == "Hz"]
    boxes = [label.get_window_extent() for label in axes.get_yticklabels()]
    boxes.sort(key=lambda box: box.y0)
    assert len(boxes) >= 5
    assert all(below.y1 <= above.y0 for below, above in pairwise(boxes))


def test_what_a_listener_picture_says_of_what_is_not_known() -> None:
    said = texts(PICTURES["listener"]())
    assert {"The taste of Ann", "jazz", "+1.2", "周杰伦", "The words of these songs are not known."} <= said
    assert "9 songs · sound known of 8 · words known of 0" in said
    plain = texts(listener_picture(Taste(songs=0), "Bob"))
    assert {"No tags are known of these songs.", "No artists are known of these songs."} <= plain
    assert "These songs sound as all songs do." in texts(listener_picture(Taste(songs=1, tagged=True), "C"))


def test_a_neighbourhood_is_what_tells_most() -> None:
    cut = neighbourhood(some_graph(), "user:me", Bounds(songs=2, artists=2, listeners=1, brought=1))
    roles: dict[str, list[str]] = {}
    for node, role in cut.nodes(data="role"):
        roles.setdefault(role, []).append(node)
    assert roles["centre"] == ["user:me"]
    assert roles["listener"] == ["user:you"]
    assert roles["brought"] == ["song:s4"]
    assert set(roles["song"]) < {"song:s1", "song:s2", "song:s3"}  # what both hold
    assert set(roles["artist"]) == {"artist:a", "artist:b"}
    assert nx.is_connected(cut.to_undirected())
    with pytest.raises(UnknownEntityError):
        neighbourhood(some_graph(), "song:s1")
    with pytest.raises(InputError):
        Bounds(songs=-1)


def test_an_artist_whose_songs_are_not_drawn_hangs_on_the_listener() -> None:
    cut = neighbourhood(some_graph(), "user:me", Bounds(songs=1, artists=2, listeners=0, brought=0))
    through = [(one, other) for one, other, kind in cut.edges(data="kind") if kind == "through"]
    assert len(through) == 1
    assert through[0][0] == "user:me"


def test_what_a_network_picture_says() -> None:
    said = texts(PICTURES["network"]())
    assert {"Around label me", "label me", "label you", "label s4", "song held", "artist"} <= said
    lonely: nx.DiGraph[str] = nx.DiGraph()
    lonely.add_node("user:x", type="users", label="x")
    assert "This listener has no songs, artists or friends yet." in texts(network_picture(lonely, "user:x"))


def test_what_a_map_says() -> None:
    said = texts(PICTURES["map"]())
    assert {"All songs", "A", "B", "A 20", "B 20", "others 20", "songs of Ann 5"} <= said
    assert "No song can be placed yet." in texts(map_picture(np.zeros((0, 2))))
    for places, groups in ((np.zeros((2, 3)), []), (np.zeros((2, 2)), ["x"]), (np.full((1, 2), np.inf), [])):
        with pytest.raises(InputError):
            map_picture(places, groups)


@pytest.mark.parametrize(
    ("raw", "kept"),
    [("$x$", "$x$"), ("a\nb\tc", "a b c"), ("a\x00\u202eb", "a b"), ("y" * 99, "y" * 59 + "…"), ("_x", "_x")],
)
def test_titles_are_not_trusted(raw: str, kept: str) -> None:
    assert letters.clean(raw) == kept


def test_a_dollar_begins_no_formula_and_a_long_name_does_no_harm(tmp_path: Path) -> None:
    picture = song_picture(some_portrait(), r"$\frac{1}{", ["$a$ _b^" * 50])
    picture.save(tmp_path / "x.png")
    assert r"$\frac{1}{" in texts(picture)


def test_letters_that_no_font_has_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letters, "_candidates", lambda: ())
    (note,) = song_picture(some_portrait(), "晴天", []).save(tmp_path / "x.png")
    assert "晴" in note
    assert "font" in note
    assert song_picture(some_portrait(), "Café", []).save(tmp_path / "y.png") == ()


@pytest.mark.parametrize("name", ["x.jpg", "x", "missing/x.png", "folder.png"])
def test_places_that_cannot_be(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(InputError):
        checked(tmp_path / name)


def test_a_picture_that_cannot_be_written_leaves_the_former_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "x.png"
    out.write_bytes(b"former")

    def full(self: Path, target: Path) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(InputError, match="No space"):
        PICTURES["map"]().save(out)
    assert [path.name for path in tmp_path.iterdir()] == ["x.png"]
    assert out.read_bytes() == b"former"


def test_without_matplotlib_the_message_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtraError, match=r"\[pictures\]"):
        PICTURES["map"]()
