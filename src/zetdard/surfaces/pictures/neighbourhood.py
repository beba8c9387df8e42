"""The part of the network around one user that tells most, small enough to look at."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from math import log, sqrt

import networkx as nx

from zetdard.errors import InputError, UnknownEntityError

CENTRE, SONG, ARTIST, LISTENER, BROUGHT = "centre", "song", "artist", "listener", "brought"


@dataclass(frozen=True, slots=True)
class Bounds:
    """The most nodes of each kind, 0 or more.

    Attributes:
        songs: Of the user's own songs.
        artists: Artists of the user's songs.
        listeners: Most similar listeners.
        brought: Songs that they hold and the user does not.
    """

    songs: int = 12
    artists: int = 7
    listeners: int = 6
    brought: int = 10

    def __post_init__(self) -> None:
        if min(self.songs, self.artists, self.listeners, self.brought) < 0:
            raise InputError("a picture cannot show fewer than 0 nodes of a kind")


def neighbourhood(graph: nx.DiGraph[str], centre: str, bounds: Bounds | None = None) -> nx.DiGraph[str]:
    """Cut out what is around a user; the same graph gives the same cut.

    * Listeners: by the cosine of what both hold, ``|A ∩ B| / √(|A| |B|)``, of songs and of artists played; then those
      followed.
    * Songs: those that similar listeners hold too, the sum of their cosines, each song weighted by
      ``ln(1 + users / holders)``: what everybody holds tells little. Then the rarest.
    * Artists: with most of the user's songs, or most plays.
    * Brought songs: as songs, of what the user does not hold.

    Args:
        graph: As ``features.graph.typed_graph`` makes it.
        centre: Name of the user's node.
        bounds: The most nodes of each kind.

    Returns:
        A graph of its own with the edges between those nodes but for ``song_song``, and an edge ``through`` to an artist
        whose songs are not among them; nodes have ``type``, ``label``,
        ``role`` (``centre``, ``song``, ``artist``, ``listener``, ``brought``) and ``importance`` from 0 to 1.

    Raises:
        UnknownEntityError: There is no such user in the graph.
    """
    if graph.nodes.get(centre, {}).get("type") != "users":
        raise UnknownEntityError(f"no user {centre!r} is in the network")
    most = bounds or Bounds()
    held = _targets(graph, centre, "holds")
    played = _targets(graph, centre, "plays")
    alike = _alike(graph, centre, held | played)
    for followed in _targets(graph, centre, "follows"):
        alike.setdefault(followed, 0.0)
    listeners = _best(alike, most.listeners)
    users = sum(1 for _, kind in graph.nodes(data="type") if kind == "users")
    support: dict[str, float] = defaultdict(float)
    for listener, cosine in listeners.items():
        for song in _targets(graph, listener, "holds"):
            support[song] += cosine
    songs = _best(
        {song: (support.get(song, 0.0) + 1e-3) * _rarity(graph, song, users) for song in held}, most.songs
    )
    brought = _best(
        {
            song: value * _rarity(graph, song, users)
            for song, value in support.items()
            if song not in held and value
        },
        most.brought,
    )
    counts: Counter[str] = Counter()
    for song in held:
        counts.update(_targets(graph, song, "performed_by"))
    plays = {artist: float(graph.edges[centre, artist]["weight"]) for artist in played}
    largest = max(plays.values(), default=0.0) or 1.0
    weights = {artist: counts[artist] + plays.get(artist, 0.0) / largest for artist in {*counts, *plays}}
    artists = _best(weights, most.artists)
    cut: nx.DiGraph[str] = nx.DiGraph()
    for role, chosen in (
        (CENTRE, {centre: 1.0}),
        (SONG, songs),
        (ARTIST, artists),
        (LISTENER, listeners),
        (BROUGHT, brought),
    ):
        top = max(chosen.values(), default=0.0) or 1.0
        for node, value in chosen.items():
            about = graph.nodes[node]
            cut.add_node(
                node,
                type=about.get("type"),
                label=str(about.get("label") or node),
                role=role,
                importance=max(value, 0.0) / top,
            )
    for node in cut:
        for target in sorted(graph.successors(node)):
            edge = graph.edges[node, target]
            if target in cut and edge.get("kind") != "song_song":
                cut.add_edge(node, target, **edge)
    for artist in artists:
        if not cut.degree(artist):  # known through songs that are not drawn
            cut.add_edge(centre, artist, kind="through", weight=float(counts[artist]))
    return cut


def _targets(graph: nx.DiGraph[str], node: str, kind: str) -> set[str]:
    return {target for target, edge in graph.adj[node].items() if edge.get("kind") == kind}


def _alike(graph: nx.DiGraph[str], centre: str, things: Iterable[str]) -> dict[str, float]:
    """Return the cosine with every user who holds or plays something of the same."""
    own = list(things)
    shared: Counter[str] = Counter()
    for thing in own:
        shared.update(user for user in graph.pred[thing] if graph.nodes[user].get("type") == "users")
    del shared[centre]
    return {
        user: both / sqrt(len(own) * len(_targets(graph, user, "holds") | _targets(graph, user, "plays")))
        for user, both in shared.items()
    }


def _rarity(graph: nx.DiGraph[str], song: str, users: int) -> float:
    holders = sum(1 for edge in graph.pred[song].values() if edge.get("kind") == "holds")
    return log(1 + users / max(holders, 1))


def _best(values: dict[str, float], most: int) -> dict[str, float]:
    """Return the largest, the strongest first; ties in the order of names."""
    return dict(sorted(values.items(), key=lambda pair: (-pair[1], pair[0]))[:most])
