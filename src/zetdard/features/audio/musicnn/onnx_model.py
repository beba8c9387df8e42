"""Writing an ONNX model: a graph of operators as bytes, without the ``onnx`` package.

Only what a chain of float32 operators needs. Field numbers are those of ``onnx.proto3``.

Source: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from zetdard.features.audio.musicnn.wire import integer, piece

OPERATOR_SET = 17
"""Version of the operators: one that every onnxruntime since 1.12 knows."""

_IR_VERSION = 8
_FLOAT, _INT64 = 1, 7
_ATTRIBUTE_INT, _ATTRIBUTE_INTS = 2, 7


class GraphWriter:
    """Collects operators and constants and writes them as one model.

    Args:
        name: Name of the graph.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._nodes: list[bytes] = []
        self._constants: list[bytes] = []
        self._n_names = 0

    def constant(self, array: NDArray[np.floating] | Sequence[int]) -> str:
        """Add an array as float32, or a list of integers as int64, and return its name."""
        values = np.asarray(array)
        kind, stored = (_FLOAT, "<f4") if values.dtype.kind == "f" else (_INT64, "<i8")
        name = self._next("constant")
        raw = np.ascontiguousarray(values, dtype=stored).tobytes()
        lengths = b"".join(integer(1, length) for length in values.shape)
        self._constants.append(lengths + integer(2, kind) + piece(8, name) + piece(9, raw))
        return name

    def add(
        self, operator: str, *inputs: str, output: str | None = None, **attributes: int | Sequence[int]
    ) -> str:
        """Add an operator and return the name of what it gives.

        Args:
            operator: Its name in ONNX.
            inputs: Names of what it takes.
            output: What its result is to be called; ``None`` = a new name.
            attributes: Its settings: an integer or integers each.
        """
        name = output or self._next(operator.lower())
        node = b"".join(piece(1, taken) for taken in inputs) + piece(2, name) + piece(4, operator)
        node += b"".join(piece(5, _attribute(key, value)) for key, value in sorted(attributes.items()))
        self._nodes.append(node)
        return name

    def model(
        self, given: tuple[str, Sequence[int | str]], answers: Mapping[str, Sequence[int | str]]
    ) -> bytes:
        """Return the model.

        Args:
            given: Name and shape of what it is given; a word stands for a length that is open.
            answers: Name → shape of what it answers.
        """
        graph = b"".join(piece(1, node) for node in self._nodes) + piece(2, self._name)
        graph += b"".join(piece(5, constant) for constant in self._constants)
        graph += piece(11, _value(*given))
        graph += b"".join(piece(12, _value(name, shape)) for name, shape in answers.items())
        operators = integer(2, OPERATOR_SET)
        return integer(1, _IR_VERSION) + piece(2, "zetdard") + piece(7, graph) + piece(8, operators)

    def _next(self, stem: str) -> str:
        self._n_names += 1
        return f"{stem}.{self._n_names}"


def _attribute(name: str, value: int | Sequence[int]) -> bytes:
    if isinstance(value, int):
        return piece(1, name) + integer(3, value) + integer(20, _ATTRIBUTE_INT)
    numbers = b"".join(integer(8, number) for number in value)
    return piece(1, name) + numbers + integer(20, _ATTRIBUTE_INTS)


def _value(name: str, shape: Sequence[int | str]) -> bytes:
    dimensions = b"".join(
        piece(1, piece(2, length) if isinstance(length, str) else integer(1, length)) for length in shape
    )
    tensor = integer(1, _FLOAT) + piece(2, dimensions)
    return piece(1, name) + piece(2, piece(1, tensor))
