"""MSD musicnn as an ONNX graph that does only the work that changes the answer.

Three steps leave a tenth of the arithmetic of the network as published, without changing what it answers:

* *Filters that learned nothing are left out.* Weight decay has driven nine in ten of the front-end's filters to zero:
  such a filter answers its bias whatever it hears. What it adds to the next layers is worked out once and becomes
  part of their biases. A filter is left out only where even the loudest patch could not move its answer by more than
  ``NEGLIGIBLE``.
* *Normalisation and ReLU come after the maximum over bands*, so they see one number instead of up to 96. They are
  monotone, so the maximum commutes with them; where a filter's scale is negative, the maximum of the normalised is
  the normalised minimum, and the filter is turned over first.
* *Affine steps in a row are one.* The normalisation of the pooled features is folded into the layer that follows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zetdard.features.audio.musicnn.network import normalisation
from zetdard.features.audio.musicnn.onnx_model import GraphWriter
from zetdard.features.audio.musicnn.tags import TAGS
from zetdard.features.audio.musicnn.weights import (
    MIDDLE,
    N_FRAMES,
    N_HIDDEN,
    N_MELS,
    TEMPORAL,
    TIMBRAL,
    Weights,
)

INPUT, HIDDEN, PROBABILITIES = "patches", "hidden", "tags"
"""Names of the graph's input and outputs."""

_LOUDEST = 43.0
"""No band of a patch is larger: log10(10000 · power + 1) of the greatest float32."""
NEGLIGIBLE = 1e-6
"""What a filter's answer must be able to move by, at least, to be kept; features are of the order of 1."""

Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FrontLayer:
    """What is left of a layer of the front-end.

    Attributes:
        kept: Which filters still hear something, shape (filters,).
        constant: What the others answer, whatever they hear, shape (filters − kept,).
        scale: Normalisation of those that are kept.
        shift: The same.
    """

    kept: NDArray[np.bool_]
    constant: Doubles
    scale: Doubles
    shift: Doubles


def front_layer(weights: Weights, layer: str, negligible: float = NEGLIGIBLE) -> FrontLayer:
    """Return which filters of a layer of the front-end are kept, and what the others answer."""
    kernel, bias = (weights[f"{layer}.{part}"].astype(np.float64) for part in ("kernel", "bias"))
    scale, shift = normalisation(weights, layer)
    input_scale, input_shift = normalisation(weights, "input")
    loudest = _LOUDEST * np.abs(input_scale) + np.abs(input_shift)
    # |filter · sound| <= sum of |filter| times the loudest; the ReLU only makes differences smaller.
    moves = np.abs(kernel).reshape(-1, len(bias)).sum(axis=0) * loudest * np.abs(scale)
    kept = moves > negligible
    if not kept.any():
        kept[0] = True  # so that no operator is left without channels
    constant = np.maximum(bias, 0) * scale + shift
    return FrontLayer(kept, constant[~kept], scale[kept], shift[kept])


def build_graph(weights: Weights, negligible: float = NEGLIGIBLE) -> bytes:
    """Return the network as an ONNX model.

    It takes ``patches`` (n, 187, 96) and answers ``hidden`` (n, 200), the penultimate layer, and ``tags`` (n, 50),
    probabilities.

    Args:
        weights: The learned numbers.
        negligible: A filter whose answer cannot move by more is left out; a negative number keeps all.
    """
    graph = GraphWriter("msd-musicnn")
    scale, shift = normalisation(weights, "input")
    x = graph.add("Reshape", INPUT, graph.constant([-1, 1, N_FRAMES, N_MELS]))
    x = graph.add("Mul", x, graph.constant(scale))
    x = graph.add("Add", x, graph.constant(shift))  # (n, 1, frames, bands)

    layers = {layer: front_layer(weights, layer, negligible) for layer in (*TIMBRAL, *TEMPORAL)}
    front = graph.add(
        "Concat", *(_front(graph, weights, name, layer, x) for name, layer in layers.items()), axis=1
    )  # (n, kept, frames, 1)
    kept = np.concatenate([layer.kept for layer in layers.values()])
    constant = np.concatenate([layer.constant for layer in layers.values()])
    joined, heard = [front], front
    for number, name in enumerate(MIDDLE):
        answer = _middle(graph, weights, name, heard, None if number else (kept, constant))
        heard = graph.add("Add", answer, heard) if number else answer
        joined.append(heard)
    _back(graph, weights, graph.add("Concat", *joined, axis=1), kept, constant)
    answers: dict[str, Sequence[int | str]] = {HIDDEN: ("n", N_HIDDEN), PROBABILITIES: ("n", len(TAGS))}
    return graph.model((INPUT, ("n", N_FRAMES, N_MELS)), answers)


def _front(graph: GraphWriter, weights: Weights, name: str, layer: FrontLayer, x: str) -> str:
    """(n, 1, frames, bands) -> (n, kept, frames, 1)."""
    kernel = weights[f"{name}.kernel"][..., layer.kept].astype(np.float64)
    bias = weights[f"{name}.bias"][layer.kept].astype(np.float64)
    n_frames, n_bands = kernel.shape[:2] if kernel.ndim == 3 else (kernel.shape[0], 1)
    sign = np.where(layer.scale < 0, -1.0, 1.0)
    filters = (kernel.reshape(n_frames, n_bands, -1) * sign).transpose(2, 0, 1)[:, np.newaxis]
    y = graph.add(
        "Conv",
        x,
        graph.constant(filters),
        graph.constant(bias * sign),
        kernel_shape=[n_frames, n_bands],
        pads=[(n_frames - 1) // 2, 0, n_frames // 2, 0],
    )
    y = graph.add("MaxPool", y, kernel_shape=[1, N_MELS - n_bands + 1])
    if (sign < 0).any():
        y = graph.add("Mul", y, graph.constant(_column(sign)))
    return _normalised(graph, graph.add("Relu", y), layer.scale, layer.shift)


def _middle(
    graph: GraphWriter, weights: Weights, name: str, x: str, front: tuple[NDArray[np.bool_], Doubles] | None
) -> str:
    """(n, channels, frames, 1) -> (n, 64, frames, 1); ``front`` says which channels are not in ``x``."""
    kernel, bias = (weights[f"{name}.{part}"].astype(np.float64) for part in ("kernel", "bias"))
    size = len(kernel)
    added = np.broadcast_to(bias, (N_FRAMES, len(bias)))
    if front is not None:
        kept, constant = front
        # The frames beyond the edges are zero, and not what a filter without hearing answers: so what it adds
        # depends on how many of the kernel's frames lie inside.
        by_frame = np.einsum("kcf,c->kf", kernel[:, ~kept], constant)
        inside = np.array([[0 <= t + k - size // 2 < N_FRAMES for k in range(size)] for t in range(N_FRAMES)])
        added = added + inside.astype(np.float64) @ by_frame
        kernel = kernel[:, kept]
    y = graph.add(
        "Conv",
        x,
        graph.constant(kernel.transpose(2, 1, 0)[..., np.newaxis]),
        kernel_shape=[size, 1],
        pads=[size // 2, 0, size // 2, 0],
    )
    y = graph.add("Add", y, graph.constant(np.ascontiguousarray(added.T)[np.newaxis, ..., np.newaxis]))
    return _normalised(graph, graph.add("Relu", y), *normalisation(weights, name))


def _back(graph: GraphWriter, weights: Weights, x: str, kept: NDArray[np.bool_], constant: Doubles) -> None:
    """(n, channels, frames, 1) -> the two outputs."""
    loudest = graph.add("ReduceMax", x, axes=[2, 3], keepdims=0)
    mean = graph.add("ReduceMean", x, axes=[2, 3], keepdims=0)
    pooled = graph.add("Concat", loudest, mean, axis=1)  # (n, 2 · channels): all maxima, then all means

    kernel, bias = (weights[f"hidden.{part}"].astype(np.float64) for part in ("kernel", "bias"))
    scale, shift = normalisation(weights, "pooled")
    bias = bias + shift @ kernel
    pairs = (kernel * scale[:, np.newaxis]).reshape(-1, 2, N_HIDDEN)  # (753, maximum or mean, 200)
    there = np.concatenate([kept, np.ones(len(pairs) - len(kept), dtype=np.bool_)])
    # Maximum and mean of what never changes are the same.
    bias = bias + constant @ pairs[~there].sum(axis=1)
    hidden = graph.add(
        "Gemm",
        pooled,
        graph.constant(np.concatenate([pairs[there, 0], pairs[there, 1]])),
        graph.constant(bias),
    )
    hidden_scale, hidden_shift = normalisation(weights, "hidden")
    hidden = graph.add("Mul", graph.add("Relu", hidden), graph.constant(hidden_scale))
    hidden = graph.add("Add", hidden, graph.constant(hidden_shift), output=HIDDEN)
    logits = graph.add(
        "Gemm", hidden, graph.constant(weights["tags.kernel"]), graph.constant(weights["tags.bias"])
    )
    graph.add("Sigmoid", logits, output=PROBABILITIES)


def _normalised(graph: GraphWriter, x: str, scale: Doubles, shift: Doubles) -> str:
    return graph.add(
        "Add", graph.add("Mul", x, graph.constant(_column(scale))), graph.constant(_column(shift))
    )


def _column(values: Doubles) -> Doubles:
    """(channels,) -> (1, channels, 1, 1)."""
    return values.reshape(1, -1, 1, 1)
