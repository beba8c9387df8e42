"""Where the real data lie, and how a read is collected."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

DATA = Path(__file__).parents[2] / ".." / "shared" / "data"


@pytest.fixture
def real_data() -> Callable[[str], Path]:
    """Return the path of a real data set; skip where it is absent, fail where CI says that it must be there."""

    def find(name: str) -> Path:
        path = DATA / name
        if path.exists():
            return path
        message = f"real data {name!r} is absent: expected at {path}"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)

    return find
