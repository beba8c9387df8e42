"""A map: songs, artists or listeners as points; who is alike lies near."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zetdard.errors import InputError
from zetdard.surfaces.pictures.canvas import (
    GROUPS,
    INK,
    MUTED,
    PAPER,
    REST,
    Picture,
    in_legend,
    look,
    panel,
    say,
    sheet,
)
from zetdard.surfaces.pictures.labels import Label, place
from zetdard.surfaces.pictures.letters import clean

MOST_GROUPS = len(GROUPS)
_DOT = 100 / 72 / 2
"""Pixels of a point's radius for each of the points (1/72 inch) of its diameter, √size."""
_EDGE = 0.6
"""A caption lies where so many of a group's points are nearer to its centre."""
_MOST_AVOIDED = 2_000
"""Points among which there is room for labels."""


class Caption(NamedTuple):
    """What a map says of a group, if not its name.

    Attributes:
        lines: Beside its points.
        legend: In the legend.
    """

    lines: tuple[str, ...]
    legend: str


def map_picture(
    places: ArrayLike,
    groups: Sequence[str] = (),
    *,
    own: ArrayLike | None = None,
    listener: str = "",
    things: str = "songs",
    captions: Mapping[str, Caption] | None = None,
    title: str = "All songs",
    subtitle: str = "",
    width: int = 1_600,
    height: int = 1_100,
) -> Picture:
    """Draw a map.

    Args:
        places: Shape (songs, 2), as ``features.layout.lay_out`` gives them.
        groups: What each song belongs to (its artist, its main tag), empty where unknown; or none at all. The 8 with
            most songs have a colour and a name, the others are grey.
        own: Shape (songs,): whether a song is to be marked, because a listener holds it.
        listener: Whose songs are marked.
        things: What the points are, if not songs; of ``listeners`` the one marked is the listener.
        captions: Group → what is said of it. Captions, which are longer than names, keep off the points if they can.
        title: Heading.
        subtitle: A line below it; how many songs there are if left out.
        width: Pixels.
        height: Pixels.

    Raises:
        InputError: Places, groups and marks are not of the same things, or a place is not finite.
    """
    points = np.asarray(places, np.float64)
    if points.ndim != 2 or points.shape[1] != 2 or not np.isfinite(points).all():
        raise InputError("places on a map are finite numbers of shape (points, 2)")
    marked = np.zeros(len(points), np.bool_) if own is None else np.asarray(own, np.bool_)
    if marked.shape != (len(points),) or (groups and len(groups) != len(points)):
        raise InputError("a map needs a group and a mark for each point, or for none")
    names = np.array(list(groups) or [""] * len(points), dtype=object)
    with look():
        about = clean(subtitle, 120) or f"{len(points):,} {things}; near is alike, far means little"
        picture = sheet(width, height, title, about, description=f"Map: {about}")
        axes = panel(picture, 30, 120, width - 60, height - 190)
        axes.set_axis_off()
        if not len(points):
            say(axes, f"No {things.removesuffix('s')} can be placed yet.")
            return picture
        _frame(axes, points)
        named = _named(names)
        size = float(np.clip(40_000 / len(points), 5, 90))
        colors = {name: GROUPS[number] for number, name in enumerate(named)}
        grey = np.array([name not in colors for name in names], np.bool_)
        axes.scatter(
            *points[grey].T, s=size, c=REST, alpha=0.6, linewidths=0, zorder=1, rasterized=len(points) > 5_000
        )
        for name in reversed(named):
            of_group = points[names == name]
            axes.scatter(
                *of_group.T,
                s=size * 1.3,
                c=colors[name],
                alpha=0.85,
                linewidths=0,
                zorder=2,
                rasterized=len(points) > 5_000,
            )
        if marked.any():
            axes.scatter(
                *points[marked].T,
                s=max(size * 2.2, 34),
                facecolors="none",
                edgecolors=INK,
                linewidths=1.3,
                zorder=3,
            )
        whose = clean(listener, 20) or "this listener"
        ringed = whose if things == "listeners" else f"{things} of {whose} {int(marked.sum()):,}"
        _legend(picture, names, colors, grey, ringed if marked.any() else "", captions or {}, (width, height))
        _labels(picture, axes, points, names, colors, captions or {}, np.sqrt(size) * _DOT)
    return picture


def _named(names: NDArray[np.object_]) -> list[str]:
    """Return the groups with most songs, the largest first; ties in the order of names."""
    counts = Counter(name for name in names if name)
    return sorted(counts, key=lambda name: (-counts[name], name))[:MOST_GROUPS]


def _frame(axes: Any, points: NDArray[np.float64]) -> None:
    low, high = points.min(axis=0), points.max(axis=0)
    middle, half = (low + high) / 2, np.maximum((high - low) / 2, 1e-6) * 1.04
    axes.set(xlim=(middle[0] - half[0], middle[0] + half[0]), ylim=(middle[1] - half[1], middle[1] + half[1]))


def _centre(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the point of a group that is nearest to its medians: a label lies on the group, not between its parts."""
    nearest = np.square(points - np.median(points, axis=0)).sum(axis=1).argmin()
    centre: NDArray[np.float64] = points[nearest]
    return centre


def _labels(
    picture: Picture,
    axes: Any,
    points: NDArray[np.float64],
    names: NDArray[np.object_],
    colors: dict[str, str],
    captions: Mapping[str, Caption],
    radius: float,
) -> None:
    from matplotlib.patheffects import withStroke

    labels = []
    for name in colors:
        centre = _centre(points[names == name])
        at = axes.transData.transform(centre)
        text = axes.text(
            *centre,
            "\n".join(clean(line, 28) for line in (captions[name].lines if name in captions else (name,))),
            fontsize=14,
            fontweight="bold",
            color=_darker(colors[name]) if name in captions else INK,
            zorder=5,
            path_effects=[withStroke(linewidth=3.5, foreground=PAPER)],
        )
        reach = 3.0
        if name in captions:
            apart = axes.transData.transform(points[names == name]) - at
            reach = float(np.quantile(np.hypot(*apart.T), _EDGE))
        labels.append(Label(text, (float(at[0]), float(at[1])), reach, needed=True))
    picture.use_fonts()
    obstacles = np.empty((0, 4))
    if captions and len(points) <= _MOST_AVOIDED:
        at = axes.transData.transform(points)
        obstacles = np.hstack((at - radius, at + radius))
    place(axes, labels, obstacles)


def _darker(color: str) -> str:
    """Return a colour that can be read on paper and still belongs to its points."""
    from matplotlib.colors import to_hex, to_rgb

    red, green, blue = to_rgb(color)
    return str(to_hex((0.6 * red, 0.6 * green, 0.6 * blue)))


def _legend(
    picture: Picture,
    names: NDArray[np.object_],
    colors: dict[str, str],
    grey: NDArray[np.bool_],
    ringed: str,
    captions: Mapping[str, Caption],
    size: tuple[int, int],
) -> None:
    from matplotlib.lines import Line2D

    entries = []
    for name, color in colors.items():
        said = clean(captions[name].legend, 30) if name in captions else clean(name, 18)
        entries.append((_dot(color), f"{said} {int((names == name).sum()):,}"))
    if colors and grey.any():
        entries.append((_dot(REST), f"others {int(grey.sum()):,}"))
    if ringed:
        ring = Line2D(
            [], [], marker="o", linestyle="", markerfacecolor="none", markeredgecolor=INK, markersize=9
        )
        entries.append((ring, ringed))
    if entries:
        picture.figure.legend(
            [handle for handle, _ in entries],
            [in_legend(text) for _, text in entries],
            loc="lower left",
            bbox_to_anchor=(30 / size[0], 8 / size[1]),
            ncols=(len(entries) + 1) // 2 if len(entries) > 5 else len(entries),
            handletextpad=0.2,
            columnspacing=1.4,
            labelcolor=MUTED,
        )


def _dot(color: str) -> Any:
    from matplotlib.lines import Line2D

    return Line2D([], [], color=color, marker="o", linestyle="", markersize=9)
