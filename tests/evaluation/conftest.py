"""Folders with splits, written by a test."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest


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
