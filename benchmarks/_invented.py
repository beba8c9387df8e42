"""An invented world with all that models may learn from, and its truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from zetdard.data.clips import Clips
from zetdard.data.dataset import Dataset
from zetdard.data.features import FeatureBlock
from zetdard.data.interactions import Histories
from zetdard.models.base import TrainingData
from zetdard.progress import Progress
from zetdard.sandbox.world import World
from zetdard.settings import own_database, read_settings
from zetdard.surfaces.tasteworld import WorldHome

BLOCKS = ("descriptors", "musicnn", "tags", "lyrics", "meaning", "words")
"""What is known of songs themselves; the network is made of what is learned from."""


@dataclass(frozen=True)
class Known:
    """A world, and what is stored, heard and read of it.

    Attributes:
        blocks: Of those in ``BLOCKS`` the ones that are known of any song.
        sounding: Shape (songs,): which have sound.
    """

    world: World
    dataset: Dataset
    blocks: Mapping[str, FeatureBlock]
    clips: Clips | None
    sounding: np.ndarray


class Oracle:
    """The world's true scores, as a model that has nothing to learn."""

    def __init__(self, known: Known) -> None:
        labels, songs = known.world.music_labels.song_ids, known.dataset.songs
        self._users = [known.dataset.users.vocabulary.label(row) for row in range(len(known.dataset.users))]
        self._columns = np.array([songs.find(label) for label in labels])
        self._world = known.world

    def fit(self, data: TrainingData) -> Oracle:
        """Learn nothing."""
        return self

    def score(self, histories: Histories) -> np.ndarray:
        """Return the true scores: shape (listeners, songs)."""
        scores = np.empty((len(histories), len(self._columns)), np.float32)
        for row, user in enumerate(histories.users.tolist()):
            scores[row, self._columns] = self._world.oracle(self._users[user])
        return scores


def known_of(world: World, folder: Path, scale: str, progress: Progress, *, clips: bool = True) -> Known:
    """Store, hear and read a world, unless that was done; return what is known of it.

    ``clips``: whether the excerpts that networks hear are kept too.
    """
    home = folder / f"{scale}-{world.config.seed}"
    settings = read_settings(home=home).model_copy(
        update={"home": home, "database": own_database(home), "blobs": None}
    )
    with WorldHome(settings, world, folder / "weights", progress) as z:
        z.fill()
        z.featurize(["audio", "lyrics"], clips=clips)
        features = z.features()
        blocks = {name: features.block(name) for name in BLOCKS}
        return Known(
            world,
            z.dataset(),
            {name: block for name, block in blocks.items() if block.known.any()},
            features.clips() if clips else None,
            blocks["descriptors"].known,
        )
