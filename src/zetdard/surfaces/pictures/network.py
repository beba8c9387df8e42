"""The picture of a user's neighbourhood: their songs and artists, who is like them, and what those bring."""

from __future__ import annotations

from typing import Any

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from zetdard.surfaces.pictures.canvas import ACCENT, INK, OWN, PAPER, Picture, look, panel, say, sheet
from zetdard.surfaces.pictures.labels import Label, place
from zetdard.surfaces.pictures.letters import clean
from zetdard.surfaces.pictures.neighbourhood import (
    ARTIST,
    BROUGHT,
    CENTRE,
    LISTENER,
    SONG,
    Bounds,
    neighbourhood,
)

_LOOKS: dict[str, tuple[str, str, float, float, str]] = {
    CENTRE: (ACCENT, "o", 26, 26, "this listener"),
    LISTENER: ("#e09f3e", "o", 13, 22, "similar listener"),
    SONG: (OWN, "s", 9, 16, "song held"),
    BROUGHT: ("#5aa9a3", "D", 8, 14, "song that they would bring"),
    ARTIST: ("#7d5ba6", "^", 11, 19, "artist"),
}
"""Colour, shape, least and greatest diameter in points, and name of each role."""
_RINGS = {LISTENER: 1.0, SONG: 1.35, BROUGHT: 2.0, ARTIST: 2.1}
"""How far from the user each role stands, the most important of it a little nearer."""
_EDGES: dict[str, tuple[str, float, str]] = {
    "holds": ("#a9b4bd", 1.0, "-"),
    "performed_by": ("#b8a6cf", 1.2, "-"),
    "plays": ("#a9b4bd", 1.4, "-"),
    "through": ("#b8a6cf", 1.0, "--"),
    "follows": ("#e09f3e", 1.6, ":"),
}


def network_picture(
    graph: nx.DiGraph[str],
    centre: str,
    *,
    bounds: Bounds | None = None,
    seed: int = 0,
    width: int = 1_600,
    height: int = 1_100,
) -> Picture:
    """Draw the neighbourhood of a user.

    Args:
        graph: The network, as ``features.graph.typed_graph`` makes it.
        centre: Name of the user's node, for example ``user:42``.
        bounds: The most nodes of each kind.
        seed: Where the layout starts.
        width: Pixels.
        height: Pixels.

    Raises:
        UnknownEntityError: There is no such user in the graph.
    """
    cut = neighbourhood(graph, centre, bounds)
    roles = dict(cut.nodes(data="role"))
    counted = {role: sum(1 for other in roles.values() if other == role) for role in _LOOKS}
    with look():
        name = clean(cut.nodes[centre]["label"], 40)
        subtitle = (
            f"{counted[SONG]} songs that tell most, {counted[ARTIST]} artists, "
            f"{counted[LISTENER]} similar listeners and {counted[BROUGHT]} songs that they would bring"
        )
        picture = sheet(
            width, height, f"Around {name}", subtitle, description=f"Network around {name}: {subtitle}"
        )
        axes = panel(picture, 30, 120, width - 60, height - 185)
        axes.set_axis_off()
        if len(cut) == 1:
            say(axes, "This listener has no songs, artists or friends yet.")
            return picture
        places = _places(cut, centre, seed, (width - 60) / (height - 185))
        axes.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03))
        _edges(axes, cut, places)
        _nodes(axes, cut, places)
        _legend(picture, [role for role in _LOOKS if counted[role]], width, height)
        _labels(picture, axes, cut, places)
    return picture


def _places(cut: nx.DiGraph[str], centre: str, seed: int, shape: float) -> dict[str, tuple[float, float]]:
    """Return places in the unit square; ``shape`` is its width over its height when it is drawn."""
    flat = cut.to_undirected()
    start = nx.spring_layout(flat, seed=seed, iterations=80, weight=None)
    drawn = nx.kamada_kawai_layout(flat, pos=start, dist=_distances(flat, centre))
    points = np.array([drawn[node] for node in flat], np.float64)
    points = points - points[list(flat).index(centre)]
    points = _apart(points / np.maximum(np.abs(points).max(axis=0), 1e-9) / 2, shape)
    points = points - points.min(axis=0)
    span = np.ptp(points, axis=0)
    points = np.where(span > 1e-9, points / np.maximum(span, 1e-9), 0.5)
    # Room for labels at the sides.
    points = points * (0.84, 0.90) + (0.06, 0.05)
    return {node: (float(x), float(y)) for node, (x, y) in zip(flat, points, strict=True)}


def _distances(flat: nx.Graph[str], centre: str) -> dict[str, dict[str, float]]:
    """Return how far apart nodes are to be: the user in the middle, what is told of them in rings around."""
    roles = flat.nodes(data="role")
    importance = flat.nodes(data="importance")
    apart: dict[str, dict[str, float]] = {node: {} for node in flat}
    for one in flat:
        for other in flat:
            pair = {roles[one], roles[other]}
            if one == other:
                length = 0.0
            elif centre in (one, other):
                far = other if one == centre else one
                length = _RINGS[roles[far]] - 0.25 * float(importance[far])
            elif flat.has_edge(one, other):
                length = 0.7 if ARTIST in pair else 1.3
            else:
                length = 2.1
            apart[one][other] = length
    return apart


def _apart(points: NDArray[np.float64], shape: float) -> NDArray[np.float64]:
    """Push points that lie closer than a label is high and a few letters wide away from each other."""
    room = np.array([0.085, 0.045 * max(shape, 0.5) / 1.5])
    moved = points.copy()
    for _ in range(120):
        gaps = (moved[:, None] - moved[None]) / room
        distance = np.sqrt(np.square(gaps).sum(axis=2))
        np.fill_diagonal(distance, np.inf)
        near = distance < 1
        if not near.any():
            break
        # Points in the very same place part along a direction of their own.
        angle = np.arange(len(moved)) * 2.4
        away = np.where(
            distance[..., None] > 1e-6, gaps, np.stack((np.cos(angle), np.sin(angle)), 1)[:, None]
        )
        push = (np.where(near, 1 - np.minimum(distance, 1), 0)[..., None] * away).sum(axis=1)
        moved += 0.25 * push * room
    return moved


def _edges(axes: Any, cut: nx.DiGraph[str], places: dict[str, tuple[float, float]]) -> None:
    from matplotlib.collections import LineCollection

    for kind, (color, width, line) in _EDGES.items():
        for own in (False, True):
            lines = [
                (places[one], places[other])
                for one, other, edge in cut.edges(data="kind")
                if edge == kind and own == (cut.nodes[one]["role"] == CENTRE)
            ]
            if lines:
                axes.add_collection(
                    LineCollection(
                        lines,
                        colors=ACCENT if own else color,
                        linewidths=width * (1.4 if own else 1.0),
                        linestyles=line,
                        alpha=0.55,
                        zorder=1,
                    )
                )


def _nodes(axes: Any, cut: nx.DiGraph[str], places: dict[str, tuple[float, float]]) -> None:
    for role, (color, shape, _, _, name) in _LOOKS.items():
        nodes = [node for node, about in cut.nodes(data=True) if about["role"] == role]
        if nodes:
            axes.scatter(
                [places[node][0] for node in nodes],
                [places[node][1] for node in nodes],
                s=[_diameter(cut, node) ** 2 for node in nodes],
                c=color,
                marker=shape,
                edgecolors=PAPER,
                linewidths=1.2,
                zorder=3,
                label=name,
            )


def _diameter(cut: nx.DiGraph[str], node: str) -> float:
    about = cut.nodes[node]
    _, _, least, most, _ = _LOOKS[about["role"]]
    return least + (most - least) * float(about["importance"])


def _labels(
    picture: Picture, axes: Any, cut: nx.DiGraph[str], places: dict[str, tuple[float, float]]
) -> None:
    from matplotlib.patheffects import withStroke

    order = sorted(
        cut.nodes,
        key=lambda node: (list(_LOOKS).index(cut.nodes[node]["role"]), -cut.nodes[node]["importance"], node),
    )
    pixels = axes.transData.transform([places[node] for node in order])
    to_pixels = axes.figure.dpi / 72
    labels = []
    for node, at in zip(order, pixels, strict=True):
        role = cut.nodes[node]["role"]
        text = axes.text(
            *places[node],
            clean(cut.nodes[node]["label"], 24),
            fontsize={CENTRE: 15, LISTENER: 12}.get(role, 11),
            fontweight="bold" if role == CENTRE else "normal",
            color=INK,
            zorder=4,
            path_effects=[withStroke(linewidth=2.5, foreground=PAPER)],
        )
        radius = _diameter(cut, node) / 2 * to_pixels
        labels.append(Label(text, (float(at[0]), float(at[1])), radius, role in (CENTRE, LISTENER)))
    picture.use_fonts()
    radii = np.array([[label.radius] for label in labels])
    place(axes, labels, np.concatenate((pixels - radii, pixels + radii), axis=1))


def _legend(picture: Picture, roles: list[str], width: int, height: int) -> None:
    from matplotlib.lines import Line2D

    picture.figure.legend(
        [
            Line2D([], [], color=_LOOKS[role][0], marker=_LOOKS[role][1], linestyle="", markersize=11)
            for role in roles
        ],
        [_LOOKS[role][4] for role in roles],
        loc="lower left",
        bbox_to_anchor=(30 / width, 12 / height),
        ncols=len(roles),
        handletextpad=0.3,
    )
