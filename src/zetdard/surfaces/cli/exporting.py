"""``export``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from zetdard.errors import InputError
from zetdard.jobs.exporting import check_format, export_graph
from zetdard.surfaces.cli.progress import TerminalProgress
from zetdard.surfaces.cli.text import print_json, printable

if TYPE_CHECKING:
    import networkx as nx


def graph_format(out: Path, given: str | None) -> str:
    """Return how the network is to be written: as asked, else by the file's ending.

    Raises:
        InputError: Neither says it, or there is no such format.
    """
    format = given or out.suffix.removeprefix(".").lower()
    if not format:
        raise InputError("say how the network is to be written: --format, or an ending of the file")
    check_format(format)
    return format


def write_graph(graph: nx.DiGraph[str], format: str, out: Path, *, json: bool) -> None:
    """Write the network and say what was written."""
    with TerminalProgress() as progress:
        progress("writing the network", 0, 1)
        files = export_graph(graph, format, out)
    if json:
        nodes, edges = graph.number_of_nodes(), graph.number_of_edges()
        print_json({"files": [str(file) for file in files], "nodes": nodes, "edges": edges})
        return
    print(f"{graph.number_of_nodes():,} nodes and {graph.number_of_edges():,} edges written to:")
    for file in files:
        print(f"  {printable(str(file))}")
