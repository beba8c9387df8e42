"""The picture of a training: how the losses fell, epoch by epoch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from zetdard.errors import InputError
from zetdard.surfaces.pictures.canvas import ACCENT, MUTED, OWN, Picture, look, panel, sheet

_MOST_CURVES = 16


def training_picture(
    curves: Sequence[ArrayLike],
    title: str,
    *,
    opponents: tuple[str, str] | None = None,
    width: int = 1_200,
    height: int = 760,
) -> Picture:
    """Draw the losses of one or several networks that were trained for the same.

    Args:
        curves: Each of shape (epochs, 2): loss in training and on the validation part; NaN where it was not measured.
            Of more than 16 the first 16 are drawn.
        title: Of what.
        opponents: Names of two networks that were trained against each other, whose losses these are.
        width: Pixels.
        height: Pixels.

    Raises:
        InputError: There is no curve, or one of another shape.
    """
    lines = [np.asarray(curve, np.float64) for curve in curves]
    if not lines or any(line.ndim != 2 or line.shape[1] != 2 or not len(line) for line in lines):
        raise InputError("a training has at least one epoch, with two losses in each")
    shown = lines[:_MOST_CURVES]
    names = opponents or ("training", "validation")
    epochs = max(len(line) for line in lines)
    has_validation = any(np.isfinite(line[:, 1]).any() for line in shown)
    with look():
        networks = "" if len(lines) == 1 else f" · {len(lines)} networks"
        picture = sheet(
            width,
            height,
            f"Training of {title}",
            f"{epochs} epochs{networks}",
            description=f"Loss of {title} over {epochs} epochs of training",
        )
        axes = panel(picture, 100, 125, width - 150, height - 205)
        for number, line in enumerate(shown):
            at = np.arange(1, len(line) + 1)
            for column, (color, name) in enumerate(((OWN, names[0]), (ACCENT, names[1]))):
                label = name if number == 0 else None
                axes.plot(at, line[:, column], color=color, label=label, linewidth=1.6, alpha=0.9)
            if opponents is None and np.isfinite(line[:, 1]).any():
                best = int(np.nanargmin(line[:, 1]))
                label = "kept" if number == 0 else None
                axes.plot(
                    best + 1, line[best, 1], "o", color=ACCENT, markersize=7, label=label, clip_on=False
                )
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.set_xlabel("epoch")
        axes.set_ylabel("loss")
        axes.set_xlim(1, max(epochs, 2))
        axes.grid(axis="y", color=MUTED, alpha=0.15)
        if has_validation:
            axes.legend(loc="upper right")
        return picture
