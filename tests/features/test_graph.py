"""The typed network: kinds of nodes and edges, and weights by their definition."""

from __future__ import annotations

import numpy as np
import pytest

from recommend.small import dataset_of, invented
from zetdard.features.graph import node_name, typed_graph
from zetdard.records import Relation
from zetdard.store.store import Store

DATASET = dataset_of(
    {"1": ["1", "2"], "2": ["1", "2", "3"], "3": ["1"]},
    credits={"1": ["a"], "2": ["a", "b"], "9": ["b"]},
    titles={"1": "Sky"},
    names={"a": "Abba", "3": "Cat"},
    follows={"1": ["2", "3"], "2": ["1"]},
    plays={"3": {"b": 17}},
)


def test_every_thing_is_a_node_of_its_type() -> None:
    graph = typed_graph(DATASET)
    nodes = {node: facts["type"] for node, facts in graph.nodes(data=True)}
    # A user and a song with the same id are two nodes.
    expected = {f"user:{n}": "users" for n in "123"}
    expected |= {f"song:{n}": "music" for n in "1239"}
    expected |= {f"artist:{n}": "artists" for n in "ab"}
    assert nodes == expected
    assert graph.nodes["song:1"] == {"type": "music", "source_id": "1", "label": "Sky"}
    assert graph.nodes["song:2"]["label"] == "2"
    assert graph.nodes["artist:a"]["label"] == "Abba"
    assert graph.nodes["user:3"]["label"] == "Cat"


def test_edges_and_their_weights() -> None:
    graph = typed_graph(DATASET)
    edges = {(a, b): (facts["kind"], facts["weight"]) for a, b, facts in graph.edges(data=True)}
    expected: dict[tuple[str, str], tuple[str, float]] = {}
    for user, songs in {"1": "12", "2": "123", "3": "1"}.items():
        expected |= {(f"user:{user}", f"song:{song}"): ("holds", 1) for song in songs}
    for song, artist in ("1a", "2a", "2b", "9b"):
        expected[f"song:{song}", f"artist:{artist}"] = ("performed_by", 1)
    for user, other in ("12", "13", "21"):
        expected[f"user:{user}", f"user:{other}"] = ("follows", 1)
    expected["user:3", "artist:b"] = ("plays", 17)
    weights = {("1", "2"): 2 / 3, ("1", "3"): 1 / 3, ("2", "1"): 1, ("2", "3"): 1 / 2}
    weights |= {("3", "1"): 1, ("3", "2"): 1}
    for (a, b), weight in weights.items():
        expected[f"song:{a}", f"song:{b}"] = ("song_song", pytest.approx(weight, rel=1e-6))
    assert edges == expected
    assert graph.is_directed()


@pytest.mark.parametrize("neighbours", [0, 1, 2])
def test_only_the_strongest_song_edges_are_kept(neighbours: int) -> None:
    graph = typed_graph(DATASET, neighbours=neighbours)
    kept = {(a, b) for a, b, facts in graph.edges(data=True) if facts["kind"] == "song_song"}
    strongest = {
        "song:1": ["song:2", "song:3"],
        "song:2": ["song:1", "song:3"],
        "song:3": ["song:1", "song:2"],
    }
    assert kept == {(a, b) for a, targets in strongest.items() for b in targets[:neighbours]}


def test_an_empty_dataset_is_an_empty_network() -> None:
    graph = typed_graph(dataset_of())
    assert graph.number_of_nodes() == graph.number_of_edges() == 0


def test_the_invented_world_by_the_definition() -> None:
    with Store.open("sqlite://") as store:
        with store.importing("sandbox") as importing:
            for _ in importing.write(invented().records()):
                pass
            importing.finish(format="world", path="", started_at=0, refused=0)
        dataset = store.dataset([Relation.OWN, Relation.LIKED])
    graph = typed_graph(dataset, neighbours=7)
    assert {facts["type"] for _, facts in graph.nodes(data=True)} == {"users", "music", "artists"}
    kinds = {facts["kind"] for *_, facts in graph.edges(data=True)}
    assert kinds == {"holds", "performed_by", "song_song", "follows"}
    held = dataset.holdings.matrix.toarray() > 0
    songs = dataset.songs.vocabulary
    seen = 0
    for source, target, facts in graph.edges(data=True):
        if facts["kind"] == "song_song":
            a = held[:, songs.row(source.removeprefix("song:"))]
            b = held[:, songs.row(target.removeprefix("song:"))]
            assert facts["weight"] == pytest.approx(np.sum(a & b) / np.sum(a), rel=1e-6)
            assert source != target
            seen += 1
    assert seen > 1000
    per_song = [
        sum(facts["kind"] == "song_song" for *_, facts in graph.out_edges(node_name("song", song), data=True))
        for song in songs
    ]
    assert max(per_song) == 7
