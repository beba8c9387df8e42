"""Pictures of trainings and of networks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from zetdard.data.layers import Layer
from zetdard.errors import InputError
from zetdard.surfaces.pictures.canvas import Picture
from zetdard.surfaces.pictures.layers import layers_picture
from zetdard.surfaces.pictures.training import training_picture


def texts(picture: Picture) -> set[str]:
    found = picture.figure.findobj(lambda artist: hasattr(artist, "get_text"))
    return {text.get_text() for text in found}


def curve(epochs: int = 20, best: int = 12, *, validated: bool = True) -> np.ndarray:
    at = np.arange(epochs)
    validation = np.where(validated, 1 + (at - best) ** 2 / 100, np.nan)
    return np.stack([np.exp(-at / 10), validation], axis=1)


def test_the_kept_epoch_is_marked(tmp_path: Path) -> None:
    picture = training_picture([curve()], "a network")
    dots = [line for line in picture.figure.axes[0].lines if line.get_marker() == "o"]
    assert [(list(dot.get_xdata()), list(dot.get_ydata())) for dot in dots] == [([13], [1.0])]
    assert {"Training of a network", "20 epochs", "training", "validation", "kept"} <= texts(picture)
    picture.save(tmp_path / "a.svg")
    training_picture([curve()], "a network").save(tmp_path / "b.svg")
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_several_networks_and_none_validated() -> None:
    picture = training_picture([curve(validated=False), curve(8, validated=False)], "two")
    assert "20 epochs · 2 networks" in texts(picture)
    assert picture.figure.axes[0].get_legend() is None


@pytest.mark.parametrize("curves", [[], [np.zeros((0, 2))], [np.zeros((3, 3))], [np.zeros(4)]])
def test_no_training_is_refused(curves: list[np.ndarray]) -> None:
    with pytest.raises(InputError, match="epoch"):
        training_picture(curves, "nothing")


LAYERS = (
    Layer("a", "Conv1d", "2, 32, kernel_size=(7,)", (32, 4_000), 480),
    Layer("b", "ReLU", "", (32, 4_000), 0),
    Layer("c", "Linear", "in_features=32", (), 33),
)


def test_layers_are_named_counted_and_in_order(tmp_path: Path) -> None:
    picture = layers_picture(LAYERS, "a network")
    assert {"3 layers · 513 learned numbers", "Conv1d", "32 × 4,000", "1", "480", "33"} <= texts(picture)
    axes = picture.figure.axes[0]
    heights = {text.get_text(): text.get_position()[1] for text in axes.texts}
    assert heights["Conv1d"] < heights["ReLU"] < heights["Linear"]
    widths = [patch.get_width() for patch in axes.patches]
    assert widths[0] == widths[1] > widths[2] > 0
    picture.save(tmp_path / "layers.png")


@pytest.mark.parametrize("count", [0, 201])
def test_too_few_or_too_many_layers_are_refused(count: int) -> None:
    with pytest.raises(InputError, match="200 layers"):
        layers_picture(LAYERS[:1] * count, "none")
