"""The network as files: what NetworkX and a CSV reader read back is what was written."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

from recommend.small import dataset_of
from zetdard.errors import InputError
from zetdard.features.graph import typed_graph
from zetdard.jobs import exporting
from zetdard.jobs.exporting import export_graph

HOSTILE = "Tom & \"Jerry\" <b>'x'</b> ]]> 稻香 🎵, semi;colon"
DATASET = dataset_of(
    {"7": ["7", "8"], "8": ["7", "8", "9"]},
    titles={"7": HOSTILE, "8": "two\nlines", "9": "bell\x07 and \x1b[31mred\ufffe"},
    credits={"7": ["7"]},
    names={"7": "seven"},
    follows={"7": ["8"]},
    plays={"8": {"7": 3}},
)
GRAPH = typed_graph(DATASET)

READERS = {"graphml": nx.read_graphml, "gexf": nx.read_gexf}


def facts_of(graph: Any) -> tuple[dict[str, Any], dict[tuple[str, str], Any]]:
    nodes = {
        node: {name: facts[name] for name in ("type", "label", "source_id")}
        for node, facts in graph.nodes(data=True)
    }
    edges = {(a, b): (facts["kind"], facts["weight"]) for a, b, facts in graph.edges(data=True)}
    return nodes, edges


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("format", ["graphml", "gexf"])
def test_networkx_reads_what_was_written(tmp_path: Path, format: str) -> None:
    out = tmp_path / "deep" / f"network.{format}"
    assert export_graph(GRAPH, format, out) == [out]
    read = READERS[format](out)
    assert read.is_directed()
    nodes, edges = facts_of(GRAPH)
    nodes["song:9"]["label"] = "bell\\u0007 and \\u001b[31mred\\ufffe"
    if format == "gexf":  # a label is an attribute there, in which XML reads a line's end as a space
        assert read.nodes["song:8"]["label"].split() == ["two", "lines"]
        read.nodes["song:8"]["label"] = "two\nlines"
    assert facts_of(read) == (nodes, edges)


def test_things_with_the_same_id_stay_apart(tmp_path: Path) -> None:
    """User 7, song 7 and artist 7 are three nodes in every format."""
    for format, read in READERS.items():
        [out] = export_graph(GRAPH, format, tmp_path / f"n.{format}")
        assert {"user:7", "song:7", "artist:7"} <= set(read(out).nodes)


def test_ids_that_xml_cannot_hold_stay_apart(tmp_path: Path) -> None:
    graph = typed_graph(dataset_of({"a\x01": ["s"], "a\x02": ["s"]}))
    [out] = export_graph(graph, "graphml", tmp_path / "n.graphml")
    assert len(nx.read_graphml(out)) == len(graph) == 3


@pytest.mark.parametrize("name", ["network", "network.csv", "my.network"])
def test_csv(tmp_path: Path, name: str) -> None:
    files = export_graph(GRAPH, "csv", tmp_path / name)
    stem = name.removesuffix(".csv")
    assert [file.name for file in files] == [f"{stem}-nodes.csv", f"{stem}-edges.csv"]
    nodes, edges = map(rows_of, files)
    assert list(nodes[0]) == ["Id", "Label", "type", "source_id"]
    assert list(edges[0]) == ["Source", "Target", "Type", "Weight", "kind"]
    # Gephi tells columns apart without regard to case.
    assert len({name.casefold() for name in nodes[0]}) == 4
    read = nx.DiGraph()
    read.add_nodes_from(
        (row["Id"], {"label": row["Label"], "type": row["type"], "source_id": row["source_id"]})
        for row in nodes
    )
    read.add_edges_from(
        (row["Source"], row["Target"], {"weight": float(row["Weight"]), "kind": row["kind"]}) for row in edges
    )
    assert facts_of(read) == facts_of(GRAPH)
    assert {row["Type"] for row in edges} == {"Directed"}


def test_a_file_appears_complete_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "n.graphml"
    out.write_text("the former one", encoding="utf-8")

    def half(graph: Any, path: Path) -> None:
        path.write_text("<graphml", encoding="utf-8")
        raise OSError("no space left on device")

    monkeypatch.setattr(exporting.nx, "write_graphml", half)
    with pytest.raises(InputError, match="cannot be written: no space left"):
        export_graph(GRAPH, "graphml", out)
    assert out.read_text(encoding="utf-8") == "the former one"
    assert [file.name for file in tmp_path.iterdir()] == ["n.graphml"]


def test_what_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no graph format 'png'; there are: csv, gexf, graphml"):
        export_graph(GRAPH, "png", tmp_path / "n.png")
    for format in ("csv", "graphml"):
        with pytest.raises(InputError, match="is a folder"):
            export_graph(GRAPH, format, tmp_path)
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be written"):
        export_graph(GRAPH, "gexf", tmp_path / "file" / "n.gexf")


def test_the_network_itself_is_left_alone(tmp_path: Path) -> None:
    before = facts_of(typed_graph(DATASET))
    for format in ("graphml", "gexf", "csv"):
        export_graph(GRAPH, format, tmp_path / f"n.{format}")
    assert facts_of(GRAPH) == before
