"""The layers of a network, read off the network itself while numbers pass through it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from zetdard.data.layers import Layer
from zetdard.models.deep.devices import seeded, torch_module

if TYPE_CHECKING:
    import torch

_DEFAULTS = re.compile(
    r"(?:, )?(?:eps=[^,]+|momentum=[^,]+|affine=True|track_running_stats=True|inplace=\w+|bias=True|ceil_mode=False|"
    r"dilation=1|padding=0|batch_first=True)"
)
"""What torch says of every layer of a kind, and a reader need not know."""


def layers_of(network: torch.nn.Module, *inputs: Any) -> tuple[Layer, ...]:
    """Return the innermost layers in the order in which they are used; one that is used again is named once.

    Args:
        network: Any; it is left in evaluation mode.
        inputs: What it takes, with one example (a batch of one) in each tensor.
    """
    torch = torch_module()
    found: dict[str, Layer] = {}

    def watch(name: str, module: Any) -> Any:
        def note(_: Any, __: Any, output: Any) -> None:
            first = output[0] if isinstance(output, tuple) else output
            parameters = sum(value.numel() for value in module.parameters())
            settings = _DEFAULTS.sub("", module.extra_repr()).removeprefix(", ")
            shape = tuple(int(side) for side in first.shape[1:])
            found.setdefault(name, Layer(name, type(module).__name__, settings, shape, parameters))

        return module.register_forward_hook(note)

    innermost = [
        (name, module) for name, module in network.named_modules() if not any(True for _ in module.children())
    ]
    hooks = [watch(name, module) for name, module in innermost]
    try:
        with torch.no_grad(), seeded(0):
            network.eval()(*inputs)
    finally:
        for hook in hooks:
            hook.remove()
    return tuple(found.values())
