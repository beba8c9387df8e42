"""What a network is made of, in words and numbers: for pictures and tables."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer, in the order in which numbers pass through.

    Attributes:
        name: Its place in the network, such as ``"encoder.0"``.
        kind: What it does, such as ``"Conv1d"``.
        settings: How, such as ``"2, 32, kernel_size=(7,), stride=(4,)"``; empty where nothing is to be said.
        shape: Shape of what comes out for one example; empty for a single number.
        parameters: How many numbers it learns.
    """

    name: str
    kind: str
    settings: str
    shape: tuple[int, ...]
    parameters: int
