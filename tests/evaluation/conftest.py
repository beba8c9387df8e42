"""Folders with splits: written by a test, or the real ones."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

_REAL = Path(__file__).resolve().parents[2] / ".." / "shared" / "data"


@pytest.fixture(scope="session")
def real_data() -> Callable[[str], Path]:
    """Return a function from a name to the folder of real data; a test is skipped where it is absent."""

    def find(name: str) -> Path:
        folder = _REAL / name
        if not folder.is_dir():
            reason = f"the real data {name} are not at ../shared/data beside the repository"
            if os.environ.get("CI") == "true":
                pytest.fail(f"{reason}, where CI needs them")
            pytest.skip(reason)
        return folder

    return find


@pytest.fixture
def write_split(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes files (name without dots → text or bytes) and returns their folder."""

    def write(files: Mapping[str, str | bytes], name: str = "split") -> Path:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        for file, content in files.items():
            raw = content if isinstance(content, bytes) else content.encode("utf-8")
            (folder / file).write_bytes(raw)
        return folder

    return write
