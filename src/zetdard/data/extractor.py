"""Extractor: what made a feature, so that a feature is made again exactly when it would come out otherwise."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from zetdard.errors import InputError


@dataclass(frozen=True, slots=True)
class Extractor:
    """A way to turn a recording or a lyric into arrays.

    Attributes:
        name: One word: ``descriptors``, ``musicnn``, ``clips``, ``lyrics`` …
        version: Changes when the same content gives other numbers.
        settings: What else the numbers depend on, as words.
    """

    name: str
    version: str
    settings: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.name.isidentifier():
            raise InputError(f"{self.name!r} cannot name an extractor")

    @property
    def key(self) -> str:
        """Name of the folder of its arrays: other versions and settings have other folders."""
        digest = hashlib.sha256(json.dumps(self.to_json(), sort_keys=True).encode()).hexdigest()
        return f"{self.name}-{digest[:12]}"

    def to_json(self) -> dict[str, object]:
        """Return it as JSON."""
        return {"name": self.name, "version": self.version, "settings": dict(self.settings)}

    def provenance(self) -> dict[str, str]:
        """Return what a ``FeatureBlock`` says about its origin."""
        return {"extractor": self.name, "version": self.version, **self.settings}
