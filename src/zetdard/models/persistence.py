"""Saving and loading a model: one ``.npy`` file an array and ``model.json``; nothing is ever unpickled.

``model.json`` holds the model's name, its config, and the SHA-256 of every array file. A model is written into
a temporary folder and renamed when complete, so a reader sees all of it or nothing.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from zetdard.errors import ArtifactError
from zetdard.models.base import Model

FORMAT = 1
"""Version of the layout."""

_ATTEMPTS = 100
"""How often a writer tries to put its folder in place when others write the same one."""


def save(model: Model, folder: Path) -> Path:
    """Write a fitted model to ``folder``, replacing a model that is there.

    The same model gives the same bytes.

    Raises:
        NotFittedError: The model has not learned.
        ArtifactError: The folder cannot be written.
    """
    state = model.state()
    if set(state) != set(model.learned):
        raise ArtifactError(
            f"the model {model.name} learned {sorted(state)}, declared {sorted(model.learned)}"
        )
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise ArtifactError(f"the model {model.name} cannot be saved: {error}") from None
    try:
        hashes = {}
        for name in sorted(state):
            file = temporary / f"{name}.npy"
            # Not ``ascontiguousarray``: it makes a number without dimensions an array of one.
            np.save(file, np.asarray(state[name], order="C"), allow_pickle=False)
            hashes[name] = _sha256(file)
        manifest = {
            "format": FORMAT,
            "model": model.name,
            "config": model.config.model_dump(mode="json"),
            "arrays": hashes,
        }
        (temporary / "model.json").write_text(
            json.dumps(manifest, indent=1, sort_keys=True), encoding="utf-8"
        )
        _replace(temporary, folder)
    except (OSError, ValueError) as error:
        # ValueError: numpy refuses to write Python objects.
        raise ArtifactError(f"the model {model.name} cannot be saved: {error}") from None
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return folder


def _replace(temporary: Path, folder: Path) -> None:
    """Rename ``temporary`` to ``folder``; others may do the same at this moment, and the last one stays."""
    for attempts_left in reversed(range(_ATTEMPTS)):
        try:
            os.rename(temporary, folder)  # noqa: PTH104 - rename of a folder onto nothing, atomic
            return
        except OSError:
            if attempts_left == 0:
                raise
        # Something is there: move it out of the way, unless another writer has just done so.
        old = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
        try:
            with contextlib.suppress(FileNotFoundError):
                folder.rename(old / "model")
        finally:
            shutil.rmtree(old, ignore_errors=True)


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return what ``model.json`` says.

    Raises:
        ArtifactError: It is missing, unreadable, or of another version.
    """
    try:
        manifest: Any = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ArtifactError(f"{folder} holds no model: {error}") from None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise ArtifactError(f"{folder} holds a model of another version")
    return manifest


def load(kinds: Mapping[str, type[Model]], folder: Path, *, check: bool = True) -> Model:
    """Read a model that ``save`` wrote.

    Args:
        kinds: Name → class of the models that may be read.
        folder: Where it lies.
        check: Compare every array with its hash; without it, arrays are memory-mapped and not read.

    Raises:
        ArtifactError: The model is missing, damaged, unknown, of another version, or replaced at this moment.
    """
    manifest = read_manifest(folder)
    name = manifest.get("model")
    if not isinstance(name, str) or name not in kinds:
        raise ArtifactError(f"{folder} holds a model {name!r} that is not known here")
    kind: Any = kinds[name]
    try:
        model: Model = kind(kind.config_class.model_validate(manifest["config"]))
        state = {array: _read(folder, array, manifest["arrays"][array], check) for array in kind.learned}
    except (KeyError, TypeError, ValidationError) as error:
        raise ArtifactError(f"{folder} holds a damaged model: {error}") from None
    if read_manifest(folder) != manifest:
        # The arrays may be partly of the one and partly of the other.
        raise ArtifactError(f"{folder} was replaced while it was read")
    try:
        return model.restore(state)
    except (IndexError, TypeError, ValueError) as error:
        raise ArtifactError(f"{folder} holds a damaged model: {error}") from None


def _read(folder: Path, name: str, expected: str, check: bool) -> NDArray[Any]:
    file = folder / f"{name}.npy"
    try:
        damaged = check and _sha256(file) != expected
        # Not ``np.load``: it would open an archive or a pickle where an array should be.
        array: NDArray[Any] | None = None if damaged else np.lib.format.open_memmap(file, mode="r")
    except Exception as error:
        # Python's own parser reads the header, and numpy passes on most of what it raises.
        raise ArtifactError(f"{file} cannot be read: {error}") from None
    if array is None:
        raise ArtifactError(f"{file} is damaged: its hash is not the one that was written")
    return array


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
