"""The typed network of users, songs and artists (thesis 3.1), as a NetworkX graph."""

from __future__ import annotations

from typing import Any, Literal

import networkx as nx

from zetdard.data.dataset import Dataset, Entities
from zetdard.kernels.cooccurrence import top_k_neighbours, weights

NodeType = Literal["users", "music", "artists"]
"""The thesis's names of the three kinds of nodes."""

_TYPES: dict[str, NodeType] = {"user": "users", "song": "music", "artist": "artists"}


def node_name(kind: str, label: str) -> str:
    """Return the name of a node: the kind and the id, since a user and a song may have the same id."""
    return f"{kind}:{label}"


def typed_graph(dataset: Dataset, *, neighbours: int = 10, threads: int | None = None) -> nx.DiGraph[str]:
    """Build the whole network.

    Nodes have ``type`` (``users``, ``music`` or ``artists``), ``source_id`` and ``label``. Edges have ``kind`` and
    ``weight``:

    * user → song, ``holds``, 1
    * song → artist, ``performed_by``, 1
    * song → song, ``song_song``: w(a→b) = |U(a) ∩ U(b)| / |U(a)|, the ``neighbours`` strongest of each song
    * user → artist, ``plays``, the number of plays, where a source counts artists
    * user → user, ``follows``, 1

    Args:
        dataset: What is known.
        neighbours: How many song → song edges each song keeps; 0 = none.
        threads: Threads of the kernel.
    """
    graph: nx.DiGraph[str] = nx.DiGraph()
    for entities in (dataset.users, dataset.songs, dataset.artists):
        graph.add_nodes_from(_nodes(entities))
    users, songs, artists = (
        [node_name(entities.kind, label) for label in entities.vocabulary]
        for entities in (dataset.users, dataset.songs, dataset.artists)
    )
    _add(graph, dataset.holdings.matrix, users, songs, "holds", constant=True)
    _add(graph, dataset.song_artists, songs, artists, "performed_by", constant=True)
    _add(graph, dataset.plays.matrix, users, artists, "plays")
    _add(graph, dataset.follows, users, users, "follows", constant=True)
    if neighbours > 0 and len(dataset.holdings):
        top = top_k_neighbours(dataset.holdings.binary(), neighbours, threads=threads)
        values = weights(top, dataset.holdings.item_degrees())
        for row, song in enumerate(songs):
            start, stop = int(top.indptr[row]), int(top.indptr[row + 1])
            graph.add_weighted_edges_from(
                (
                    (song, songs[other], weight)
                    for other, weight in zip(
                        top.indices[start:stop].tolist(), values[start:stop].tolist(), strict=True
                    )
                ),
                kind="song_song",
            )
    return graph


def _nodes(entities: Entities) -> list[tuple[str, dict[str, Any]]]:
    kind = _TYPES[entities.kind]
    return [
        (node_name(entities.kind, label), {"type": kind, "source_id": label, "label": entities.name(row)})
        for row, label in enumerate(entities.vocabulary)
    ]


def _add(
    graph: nx.DiGraph[str],
    matrix: Any,
    sources: list[str],
    targets: list[str],
    kind: str,
    *,
    constant: bool = False,
) -> None:
    entries = matrix.tocoo()
    graph.add_weighted_edges_from(
        (
            (sources[row], targets[column], 1.0 if constant else value)
            for row, column, value in zip(
                entries.row.tolist(), entries.col.tolist(), entries.data.tolist(), strict=True
            )
        ),
        kind=kind,
    )
