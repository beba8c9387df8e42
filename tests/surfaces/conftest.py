"""Homes with something in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from surfaces.asking import ask, write_playlists


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the small playlists, through the command line; tests of a module share it and change nothing."""
    folder = tmp_path_factory.mktemp("filled")
    done = ask("import", "playlists", write_playlists(folder / "files"), "--home", folder / "home")
    assert done.exit_code == 0, done.stderr
    return folder / "home"
