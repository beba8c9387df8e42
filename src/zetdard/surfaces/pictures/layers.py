"""The picture of a network: its layers from the top down, as they really are."""

from __future__ import annotations

from collections.abc import Sequence
from math import log2
from typing import Any

from zetdard.data.layers import Layer
from zetdard.errors import InputError
from zetdard.surfaces.pictures.canvas import ACCENT, GROUPS, INK, MUTED, OWN, Picture, look, panel, sheet
from zetdard.surfaces.pictures.letters import clean

_ROW = 34
_TOP, _BOTTOM = 125, 40
_MOST = 200
_COLOURS = (
    ("Conv", OWN),
    ("LSTM", GROUPS[5]),
    ("GRU", GROUPS[5]),
    ("Linear", GROUPS[2]),
    ("Bilinear", GROUPS[2]),
    ("Embedding", GROUPS[3]),
    ("Norm", GROUPS[6]),
    ("Pool", ACCENT),
)
_OTHER = "#a9b4bd"


def layers_picture(layers: Sequence[Layer], title: str, *, width: int = 1_300) -> Picture:
    """Draw a network's layers: a bar for each, as long as what comes out of it (on a scale of logarithms).

    Args:
        layers: In the order in which numbers pass; at most 200.
        title: Of what.
        width: Pixels.

    Raises:
        InputError: There are no layers, or too many to draw.
    """
    if not 0 < len(layers) <= _MOST:
        raise InputError(f"a network of 1 to {_MOST} layers can be drawn, not of {len(layers)}")
    total = sum(layer.parameters for layer in layers)
    height = max(_TOP + _ROW * (len(layers) + 2) + _BOTTOM, 400)
    with look():
        picture = sheet(
            width,
            height,
            title,
            f"{len(layers)} layers · {total:,} learned numbers",
            description=f"The layers of {title}: " + ", ".join(layer.kind for layer in layers),
        )
        axes = panel(picture, 40, _TOP, width - 80, _ROW * (len(layers) + 1.5))
        axes.set_axis_off()
        axes.set_xlim(0, width - 80)
        axes.set_ylim(len(layers), -1.5)
        at = _columns(width - 80)
        for name, place in at.items():
            axes.text(place, -1.05, name, color=MUTED, fontsize=11.5, va="center")
        largest = max(_size(layer.shape) for layer in layers)
        for row, layer in enumerate(layers):
            _draw(axes, row, layer, at, largest)
        return picture


def _columns(width: int) -> dict[str, float]:
    places = (0.0, 0.18, 0.39, 0.53, 0.92)
    names = ("layer", "what goes out of it", "shape", "settings", "learned")
    return {name: place * width for name, place in zip(names, places, strict=True)}


def _draw(axes: Any, row: int, layer: Layer, at: dict[str, float], largest: int) -> None:
    from matplotlib.patches import Rectangle

    colour = next((colour for part, colour in _COLOURS if part in layer.kind), _OTHER)
    left = at["what goes out of it"]
    length = (at["shape"] - left - 25) * (log2(_size(layer.shape) + 1) / log2(largest + 1))
    axes.add_patch(Rectangle((left, row - 0.28), max(length, 3.0), 0.56, facecolor=colour, edgecolor="none"))
    axes.text(0, row, clean(layer.kind, 22), color=INK, va="center", fontweight="bold", fontsize=11.5)
    axes.text(
        at["shape"],
        row,
        " × ".join(f"{side:,}" for side in layer.shape) or "1",
        color=INK,
        va="center",
        fontsize=11.5,
    )
    axes.text(at["settings"], row, clean(layer.settings, 60), color=MUTED, va="center", fontsize=11)
    if layer.parameters:
        axes.text(at["learned"], row, f"{layer.parameters:,}", color=INK, va="center", fontsize=11.5)


def _size(shape: Sequence[int]) -> int:
    size = 1
    for side in shape:
        size *= side
    return max(size, 1)
