"""The invented world, once for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from recommend.small import open_world
from zetdard import ZetDard


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ZetDard]:
    """A home with the invented world; tests leave it as it is."""
    with open_world(tmp_path_factory.mktemp("world")) as zetdard:
        yield zetdard
