"""The shelf of fitted models: taken from disk where they fit the data, fitted and put there where they do not."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from zetdard import __version__
from zetdard.errors import ArtifactError
from zetdard.models.base import Model, TrainingData
from zetdard.models.persistence import load, save
from zetdard.progress import Progress, silent

_KEY_DIGITS = 16

_LEFT_BEHIND_S = 24 * 3600
"""Age at which a temporary folder is nobody's any more: a day."""


class ModelShelf:
    """Fitted models on disk, one folder for each (model, settings, data).

    Args:
        folder: Where they lie; made when needed.
        kinds: Name → class of the models that may lie there; called once, when one is looked for.
    """

    def __init__(self, folder: Path, kinds: Callable[[], Mapping[str, type[Model]]]) -> None:
        self._folder = folder
        self._kinds = kinds

    def fitted(
        self,
        model: Model,
        data: TrainingData,
        *,
        space: str,
        fingerprint: str,
        progress: Progress = silent,
    ) -> Model:
        """Return ``model`` fitted on ``data``, from the shelf where the same was fitted before.

        Args:
            model: Not fitted yet.
            data: What it learns from.
            space: What its items are ("songs", "artists", "plays", "people").
            fingerprint: Identity of the state of the store that ``data`` come from.
            progress: Told when fitting begins and ends.
        """
        place = self._folder / f"{space}-{model.name}-{self._key(model, data, fingerprint)}"
        if place.exists():
            try:
                return load(self._kinds(), place)
            except ArtifactError:
                shutil.rmtree(place, ignore_errors=True)
        message = f"fitting {model.name} on {data.interactions.n_items} {space}"
        progress(message, 0, 1)
        model.fit(data)
        progress(message, 1, 1)
        try:
            save(model, place)
        except ArtifactError:
            # A home that cannot be written to still gives recommendations; it only fits anew each time.
            return model
        self._forget_former(place, space, model)
        return model

    def _key(self, model: Model, data: TrainingData, fingerprint: str) -> str:
        facts = {
            "version": __version__,
            "config": model.config.model_dump(mode="json"),
            "data": fingerprint,
            "seed": data.seed,
        }
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:_KEY_DIGITS]

    def _forget_former(self, place: Path, space: str, model: Model) -> None:
        """Remove all but the two newest of this model's folders: another process may still read the former."""
        ages: list[tuple[bool, int, Path]] = []
        # The key's exact form: "item-knn-*" would also find the folders of an "item-knn-plus".
        for path in self._folder.glob(f"{space}-{model.name}-{'[0-9a-f]' * _KEY_DIGITS}"):
            # Another process may remove it at the same time.
            with contextlib.suppress(OSError):
                ages.append((path != place, -path.stat().st_mtime_ns, path))
        for _, _, path in sorted(ages)[2:]:
            shutil.rmtree(path, ignore_errors=True)
        # What a process that was killed while saving left behind.
        for path in self._folder.glob(f".{space}-{model.name}-*"):
            # As above; and what cannot be removed now is removed another time.
            with contextlib.suppress(OSError):
                if time.time() - path.stat().st_mtime > _LEFT_BEHIND_S:
                    shutil.rmtree(path, ignore_errors=True)
