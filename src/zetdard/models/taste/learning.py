"""What every learner of taste here needs: the blocks that it may look at, scikit-learn, one thread."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache
from importlib import import_module
from typing import Any

from zetdard.errors import MissingExtraError

SOUND = ("descriptors", "musicnn")
"""Blocks that say how a song sounds."""
BLOCKS = (*SOUND, "tags", "lyrics", "meaning", "network")
"""Every block that is made here, in the order in which they are joined."""
ALL_BLOCKS = (*BLOCKS, "spotify")
"""The same, and what others measured."""


def sklearn_module(name: str) -> Any:
    """Import a part of scikit-learn.

    Raises:
        MissingExtraError: It is not installed.
    """
    try:
        return import_module(f"sklearn.{name}")
    except ImportError:
        raise MissingExtraError("learn", "learning a listener's taste from features") from None


def one_thread() -> AbstractContextManager[Any]:
    """Keep the matrix products within it to one thread.

    One listener's matrices are small: threads that wait for each other cost many times what they save, above all where
    other processes are at work. Where threadpoolctl, which comes with scikit-learn, is missing, nothing is changed.
    """
    controller = _thread_pools()
    return nullcontext() if controller is None else controller.limit(limits=1, user_api="blas")


@lru_cache(maxsize=1)
def _thread_pools() -> Any:
    """Return what holds the loaded libraries' threads; to look for the libraries takes longer than to use it."""
    try:
        return import_module("threadpoolctl").ThreadpoolController()
    except ImportError:
        return None
