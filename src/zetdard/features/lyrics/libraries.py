"""The libraries of the ``[lyrics]`` extra: each loaded when it is first needed, once, whoever asks at the same time."""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from pathlib import Path
from typing import Any, Final, TypeVar

import platformdirs

from zetdard.errors import MissingExtraError

T = TypeVar("T")

EXTRA: Final = "lyrics"
CACHE_DIR_VARIABLE: Final = "ZETDARD_CACHE_DIR"
_LOCK: Final = threading.RLock()


def load_library(name: str, purpose: str) -> Any:
    """Import a library; these ship no types, so what they return is annotated where it enters our code.

    Args:
        name: Module name.
        purpose: What it is needed for, for the message.

    Raises:
        MissingExtraError: It is not installed.
    """
    # Several of them are old enough to warn when they are imported, of things that only their authors can change.
    with _LOCK, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return import_module(name)
        except ModuleNotFoundError:
            raise MissingExtraError(EXTRA, purpose) from None


def once(make: Callable[[], T]) -> Callable[[], T]:
    """Declare something that is made on the first call and kept; threads that ask meanwhile wait for it."""
    made: list[T] = []

    @wraps(make)
    def get() -> T:
        if not made:
            with _LOCK:
                if not made:
                    made.append(make())
        return made[0]

    return get


def cache_folder() -> Path | None:
    """Return the folder for what takes long to make, or ``None`` where none can be written to."""
    chosen = os.environ.get(CACHE_DIR_VARIABLE)
    root = Path(chosen) if chosen else platformdirs.user_cache_path("zetdard", appauthor=False)
    folder = root / "lyrics"
    try:
        folder = folder.expanduser()
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError):  # not writable; or "~" without a home
        return None
    return folder if os.access(folder, os.W_OK) else None
