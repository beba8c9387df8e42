"""``export``."""

from __future__ import annotations

from pathlib import Path

from zetdard.errors import InputError
from zetdard.jobs.exporting import export_graph
from zetdard.surfaces.cli.text import print_json, printable
from zetdard.surfaces.library import ZetDard


def run_export_graph(zetdard: ZetDard, out: Path, format: str | None, neighbours: int, *, json: bool) -> None:
    """Write the network and say what was written."""
    chosen = format or out.suffix.removeprefix(".")
    if not chosen:
        raise InputError("say how the network is to be written: --format, or an ending of the file")
    graph = zetdard.graph(neighbours=neighbours)
    files = export_graph(graph, chosen, out)
    if json:
        nodes, edges = graph.number_of_nodes(), graph.number_of_edges()
        print_json({"files": [str(file) for file in files], "nodes": nodes, "edges": edges})
        return
    print(f"{graph.number_of_nodes():,} nodes and {graph.number_of_edges():,} edges written to:")
    for file in files:
        print(f"  {printable(str(file))}")
