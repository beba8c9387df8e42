"""Export: the network as files that Gephi and NetworkX read."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import networkx as nx

from zetdard.errors import InputError
from zetdard.whole import written_whole

# Characters that XML 1.0 does not allow, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


FORMATS = ("csv", "gexf", "graphml")
"""How the network can be written."""


def export_graph(graph: nx.DiGraph[str], format: str, out: Path) -> list[Path]:
    """Write the network.

    Args:
        graph: See ``zetdard.features.graph.typed_graph``.
        format: ``graphml``, ``gexf`` or ``csv``. CSV gives two files: ``NAME-nodes.csv`` (Id, Label, type, source_id)
            and ``NAME-edges.csv`` (Source, Target, Type, Weight, kind), as Gephi imports them.
        out: The file; each appears complete or not at all.

    Returns:
        The files that were written.

    Raises:
        InputError: The format is not known, or the file cannot be written.
    """
    writers: dict[str, Callable[[nx.DiGraph[str], Path], list[Path]]] = {
        "graphml": _graphml,
        "gexf": _gexf,
        "csv": _csv,
    }
    check_format(format)
    if out.is_dir():
        raise InputError(f"{out} is a folder; name a file")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        return writers[format](graph, out)
    except OSError as error:
        raise InputError(f"the network cannot be written: {error}") from None


def check_format(format: str) -> None:
    """Refuse a format that the network cannot be written in."""
    if format not in FORMATS:
        raise InputError(f"there is no graph format {format!r}; there are: {', '.join(FORMATS)}")


def _graphml(graph: nx.DiGraph[str], out: Path) -> list[Path]:
    with written_whole(out) as temporary:
        nx.write_graphml(_clean(graph), temporary)
    return [out]


def _gexf(graph: nx.DiGraph[str], out: Path) -> list[Path]:
    with written_whole(out) as temporary:
        nx.write_gexf(_clean(graph), temporary)
    return [out]


def _csv(graph: nx.DiGraph[str], out: Path) -> list[Path]:
    stem = out.with_suffix("") if out.suffix == ".csv" else out
    nodes, edges = (stem.with_name(f"{stem.name}-{part}.csv") for part in ("nodes", "edges"))
    node_rows = (
        (node, facts["label"], facts["type"], facts["source_id"]) for node, facts in graph.nodes(data=True)
    )
    edge_rows = (
        (source, target, "Directed", repr(facts["weight"]), facts["kind"])
        for source, target, facts in graph.edges(data=True)
    )
    _write_csv(nodes, ("Id", "Label", "type", "source_id"), node_rows)
    _write_csv(edges, ("Source", "Target", "Type", "Weight", "kind"), edge_rows)
    return [nodes, edges]


def _write_csv(out: Path, header: tuple[str, ...], rows: Iterator[tuple[Any, ...]]) -> None:
    with written_whole(out) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


def _clean(graph: nx.DiGraph[str]) -> nx.DiGraph[str]:
    """Return a copy whose names hold only what XML can hold."""
    clean: nx.DiGraph[str] = nx.DiGraph()
    clean.add_nodes_from(
        (_xml(node), {name: _xml(value) for name, value in facts.items()})
        for node, facts in graph.nodes(data=True)
    )
    clean.add_edges_from(
        (_xml(source), _xml(target), facts) for source, target, facts in graph.edges(data=True)
    )
    return clean


def _xml(text: str) -> str:
    # Spelled out, so that two ids stay two.
    return _NOT_XML.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
