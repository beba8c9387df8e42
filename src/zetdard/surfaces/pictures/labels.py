"""Labels beside points, so that few lie upon another and none leaves the picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

_GAP = 5.0
_DIRECTIONS = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1))


class Label(NamedTuple):
    """A text that belongs to a point.

    Attributes:
        text: matplotlib's text, already in its axes.
        at: The point in pixels.
        radius: How large the point is drawn, pixels.
        needed: Whether it stays even where it covers something.
    """

    text: Any
    at: tuple[float, float]
    radius: float
    needed: bool = False


def place(axes: Any, wanted: Sequence[Label], obstacles: NDArray[np.float64]) -> list[bool]:
    """Move labels to free places beside their points, and hide those that find none; the first choose first.

    Args:
        axes: Where they are.
        wanted: The labels, the most important first.
        obstacles: Shape (n, 4): left, bottom, right, top of what they must not cover, pixels.

    Returns:
        Whether each label is seen.
    """
    renderer = axes.figure.canvas.get_renderer()
    frame = axes.get_window_extent(renderer)
    taken = [np.asarray(obstacle, np.float64) for obstacle in obstacles]
    seen = []
    for label in wanted:
        extent = label.text.get_window_extent(renderer)
        boxes = [_box(label, direction, extent.width, extent.height) for direction in _DIRECTIONS]
        costs = [_cost(box, taken, frame) for box in boxes]
        best = int(np.argmin(costs))
        shown = label.needed or costs[best] <= 0.02
        seen.append(shown)
        if not shown:
            label.text.set_visible(False)
            continue
        box = boxes[best]
        taken.append(box)
        middle = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
        label.text.set(ha="center", va="center", position=axes.transData.inverted().transform(middle))
    return seen


def _box(label: Label, direction: tuple[int, int], width: float, height: float) -> NDArray[np.float64]:
    across, up = direction
    slant = 0.75 if across and up else 1.0
    x = label.at[0] + across * (label.radius * slant + _GAP + width / 2)
    y = label.at[1] + up * (label.radius * slant + _GAP * 0.4 + height / 2)
    return np.array([x - width / 2, y - height / 2, x + width / 2, y + height / 2])


def _cost(box: NDArray[np.float64], taken: Sequence[NDArray[np.float64]], frame: Any) -> float:
    """Return which share of a box is covered, and what of it lies outside of the frame, many times over."""
    area = (box[2] - box[0]) * (box[3] - box[1])
    inside = max(0.0, min(box[2], frame.x1) - max(box[0], frame.x0)) * max(
        0.0, min(box[3], frame.y1) - max(box[1], frame.y0)
    )
    outside = 1 - inside / area if area else 0.0
    if not taken:
        return 10 * outside
    others = np.asarray(taken)
    across = np.minimum(box[2], others[:, 2]) - np.maximum(box[0], others[:, 0])
    up = np.minimum(box[3], others[:, 3]) - np.maximum(box[1], others[:, 1])
    covered = (np.maximum(across, 0) * np.maximum(up, 0)).sum()
    return float(10 * outside + covered / area) if area else 0.0
