"""Files in and out through the command line: refused rows, hostile names, the network."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import networkx as nx
import pytest

from surfaces.asking import HOLDS, ask, ask_json, refused, write_playlists


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """Playlists with a song in one of them that is in no other file."""
    files = write_playlists(tmp_path / "files")
    with (files / "playlist_songs.csv").open("a", encoding="utf-8") as file:
        file.write("p-ann,404,9\r\n")
    return files


def test_a_bad_row_ends_the_import_and_nothing_is_stored(home: Path, broken: Path) -> None:
    line = refused("import", "playlists", broken)
    assert "playlist_songs.csv" in line
    assert "404" in line
    assert not any(ask_json("status")["stored"].values())


def test_keep_going_lists_what_it_refused(
    home: Path, broken: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    stored = ask_json("import", "playlists", broken, "--keep-going")
    assert (stored["refused"], stored["rejects"]) == (1, "playlists-rejects.csv")
    with Path("playlists-rejects.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["file"].endswith("playlist_songs.csv")
    assert row["line"] == str(1 + sum(len(songs) for songs in HOLDS.values()) + 1)
    assert "404" in row["reason"]
    text = ask("import", "playlists", broken, "--rejects", "other.csv").stdout
    assert "refused: 1 rows; they are listed in other.csv" in text
    assert Path("other.csv").is_file()
    assert ask_json("recommend", "songs", "ann")["personal"]


def test_importing_twice_changes_no_list(home: Path, tmp_path: Path) -> None:
    files = write_playlists(tmp_path / "files")
    lists = []
    for _ in range(2):
        ask_json("import", "playlists", files)
        lists.append(ask("recommend", "songs", "ann", "--json").stdout)
    assert lists[0] == lists[1]
    assert len(ask_json("status")["imports"]) == 2


@pytest.mark.smoke
@pytest.mark.parametrize(("name", "read"), [("n.graphml", nx.read_graphml), ("N.GEXF", nx.read_gexf)])
def test_export_graph(filled: Path, tmp_path: Path, name: str, read: Callable[[Path], nx.DiGraph]) -> None:
    told = ask_json("export", "graph", "--out", tmp_path / name, "--home", filled)
    assert told["files"] == [str(tmp_path / name)]
    graph = read(tmp_path / name)
    assert (len(graph), graph.number_of_edges()) == (told["nodes"], told["edges"])
    assert {facts["type"] for _, facts in graph.nodes(data=True)} == {"users", "music", "artists"}


def test_export_graph_says_what_is_wrong(filled: Path, tmp_path: Path) -> None:
    at = ("--home", filled)
    assert "--format" in refused("export", "graph", "--out", tmp_path / "network", *at)
    assert "there are: csv, gexf, graphml" in refused("export", "graph", "--out", tmp_path / "n.png", *at)
    written = ask_json("export", "graph", "--out", tmp_path / "n", "--format", "csv", *at)
    assert [Path(file).name for file in written["files"]] == ["n-nodes.csv", "n-edges.csv"]


def test_hostile_names_never_reach_the_terminal_raw(tmp_path: Path) -> None:
    evil = "Sky\x1b[2J\x1b]0;owned\x07\u202egnp\u2028\x9b1m"
    titles = {str(n): f"{evil}{n}" for n in range(1, 9)}
    artists = {str(n): f"Ann{evil}{n}" for n in range(1, 9)}
    home = tmp_path / "home"
    files = write_playlists(tmp_path / "files", HOLDS, titles, artists)
    said = [ask("import", "playlists", files, "--home", home)]
    assert said[0].exit_code == 0
    for arguments in (
        ("recommend", "songs", "ann", "--explain"),
        ("recommend", "artists", "ann", "--explain"),
        ("recommend", "friends", "ann", "--explain"),
        ("recommend", "songs", "--like", "1"),
        ("recommend", "songs", evil),
        ("recommend", "songs", "--like", evil * 2),
        ("search", "sky"),
        ("search", "sky", "--json"),
        ("recommend", "songs", "ann", "--json"),
        ("feedback", "ann", "ban", "4"),
        ("feedback", evil, "ban", "4"),
        ("import", "playlists", f"/nowhere/{evil}"),
        ("status",),
    ):
        said.append(ask(*arguments, "--home", home))
    raw = set("\x1b\x07\u202e\u2028\x9b")
    for done in said:
        text = done.stdout + done.stderr
        if done.stdout.startswith("{"):  # JSON spells control characters out
            assert not set("\x1b\x07") & set(text)
            continue
        assert not raw & set(text), text
        assert "Traceback" not in done.stderr
