"""torch, the machine's processor or its GPU, and the same numbers from the same seed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from zetdard.errors import MissingExtraError


def torch_module(name: str = "torch") -> Any:
    """Import torch, or a part of it.

    Raises:
        MissingExtraError: It is not installed.
    """
    try:
        return import_module(name)
    except ImportError:
        raise MissingExtraError("deep", "training networks") from None


def device() -> Any:
    """Return the GPU where there is one, else the processor."""
    torch = torch_module()
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


@contextmanager
def seeded(seed: int, *, threads: int | None = None) -> Iterator[None]:
    """Draw torch's random numbers within from this seed; what is drawn outside is as if nothing had been.

    Args:
        seed: Any whole number.
        threads: Threads within; ``None`` = as many as before. Another number may change the last digits.
    """
    torch = torch_module()
    before = torch.get_num_threads()
    with torch.random.fork_rng(devices=list(range(torch.cuda.device_count()))):
        torch.manual_seed(seed % 2**63)
        try:
            if threads is not None:
                torch.set_num_threads(threads)
            yield
        finally:
            torch.set_num_threads(before)
