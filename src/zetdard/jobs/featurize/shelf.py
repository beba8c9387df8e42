"""Where the features of a home lie, and how each is made there."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from zetdard.data.extractor import Extractor
from zetdard.features import moods, network
from zetdard.features.audio import hearing
from zetdard.features.audio.hearing import Hearing
from zetdard.features.lyrics import interest, wording
from zetdard.store.arrays import ArrayFolder


@dataclass(frozen=True, slots=True)
class FeatureShelf:
    """The features of a home.

    Attributes:
        folder: ``HOME/features``.
        hearing: How recordings are heard, with the weights' folder if they are there.
    """

    folder: Path
    hearing: Hearing = field(default_factory=Hearing)

    def audio(self, kind: str) -> ArrayFolder:
        """Return the arrays of a kind of ``hearing.KINDS``."""
        extractor = Extractor(kind, hearing.version_of(kind), self.hearing.settings(kind))
        return ArrayFolder(self.folder, extractor)

    def lyrics(self) -> ArrayFolder:
        """Return what is known of lyrics."""
        return ArrayFolder(self.folder, Extractor(wording.LYRICS, wording.WORDING_VERSION))

    def word_space(self) -> ArrayFolder:
        """Return the space of words and meaning, learned from all lyrics at hand: one, under their common hash."""
        version = f"{wording.WORDING_VERSION} {interest.SPACE_VERSION}"
        return ArrayFolder(self.folder, Extractor("wordspace", version))

    def network(self) -> ArrayFolder:
        """Return songs' places in the network: one table, under the hash of what is held."""
        return ArrayFolder(self.folder, Extractor(network.NETWORK, network.NETWORK_VERSION))

    def moods(self) -> ArrayFolder:
        """Return moods that were heard: one table, under the hash of what it was learned from."""
        return ArrayFolder(self.folder, Extractor(moods.MOODS, moods.MOODS_VERSION))

    @property
    def given_moods(self) -> Path:
        """Where the table of moods lies that a person gave, if they gave one: beside the features."""
        return self.folder.parent / moods.KEPT
