"""The state of a training on disk: arrays and JSON in one ``.npz`` file, written whole or not at all; never a pickle."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from zetdard.errors import ArtifactError
from zetdard.models.deep.devices import torch_module
from zetdard.whole import written_whole

_TREE = "tree"
_TENSOR, _PAIRS = "tensor", "pairs"


def write(path: Path, state: Mapping[str, Any]) -> None:
    """Write a state in place of the one that is there.

    Args:
        path: The file; its folder is made.
        state: Tensors, and dictionaries, lists, numbers, texts of them, as ``state_dict`` returns them.

    Raises:
        ArtifactError: It cannot be written.
    """
    arrays: dict[str, np.ndarray] = {}
    tree = json.dumps(_packed(state, arrays))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(path) as temporary, temporary.open("wb") as file:
            np.savez(file, allow_pickle=False, **{_TREE: np.array(tree)}, **arrays)
    except OSError as error:
        raise ArtifactError(f"the checkpoint {path} cannot be written: {error}") from None


def read(path: Path) -> dict[str, Any] | None:
    """Return the state that ``write`` wrote; ``None`` where there is none, or what is there cannot be used.

    A damaged checkpoint costs time and nothing else: the training begins anew.
    """
    try:
        # numpy leaves a damaged file open when it is given the path.
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        state: dict[str, Any] = _unpacked(json.loads(str(arrays.pop(_TREE))), arrays)
        return state
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        return None


def forget(path: Path) -> None:
    """Remove a checkpoint that is not needed any more, if it is there."""
    with suppress(OSError):  # what stays costs room and nothing else: it is not used again
        path.unlink(missing_ok=True)


def _packed(value: Any, arrays: dict[str, np.ndarray]) -> Any:
    """Return what JSON can say of a value; tensors are put into ``arrays`` and named."""
    torch = torch_module()
    if isinstance(value, torch.Tensor):
        name = f"a{len(arrays)}"
        arrays[name] = value.detach().cpu().numpy().copy()
        return {_TENSOR: name}
    if isinstance(value, Mapping):
        # As pairs: a key may be a number, and JSON would make it a text.
        return {_PAIRS: [[key, _packed(item, arrays)] for key, item in value.items()]}
    if isinstance(value, (list, tuple)):
        return [_packed(item, arrays) for item in value]
    return value


def _unpacked(value: Any, arrays: Mapping[str, np.ndarray]) -> Any:
    if isinstance(value, dict):
        if _TENSOR in value:
            return torch_module().from_numpy(arrays[value[_TENSOR]])
        return {key: _unpacked(item, arrays) for key, item in value[_PAIRS]}
    if isinstance(value, list):
        return [_unpacked(item, arrays) for item in value]
    return value
