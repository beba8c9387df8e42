"""``multimodal-cnn``: sound, words and network of songs in one network for all listeners (the thesis's 3.3).

The sound is what MusiCNN, a convolutional network, and the descriptors heard; the words are what was read in lyrics. How they
become one code: ``deep.fusion``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from zetdard.data.layers import Layer
from zetdard.data.taste import TasteSongs
from zetdard.models.base import TrainingData
from zetdard.models.deep.multimodal import BlockSense
from zetdard.models.deep.recommender import Codes, DeepTasteConfig, DeepTasteModel
from zetdard.models.taste.classifiers import Classifier, LogisticClassifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zetdard.models.deep.labels import LabelWeights


_SENSE = BlockSense()


class MultimodalConfig(DeepTasteConfig):
    """Settings of ``multimodal-cnn``."""

    fusing: Literal["gated", "concatenation"] = Field("gated", description="how modalities become one")
    hidden: int = Field(_SENSE.hidden, ge=1, description="length of what each block of features becomes")
    width: int = Field(_SENSE.width, ge=1, description="length of a song's code")
    dropout: float = Field(
        _SENSE.dropout, ge=0, lt=1, description="share of the numbers left out in training"
    )
    block_dropout: float = Field(
        _SENSE.block_dropout, ge=0, le=1, description="chance that a block is left out in training"
    )
    epochs: int = Field(40, ge=1, description="how often every song is learned from")
    learning_rate: float = Field(4e-3, gt=0, description="of the first epoch")
    batch: int = Field(64, ge=2, description="songs of a step")
    strength: float = Field(1.0, gt=0, description="what a weight of the listener's own classifier is worth")


class MultimodalCNN(DeepTasteModel):
    """Songs as codes of a network on all that is known of them; any of it may be missing."""

    name: ClassVar[str] = "multimodal-cnn"
    summary: ClassVar[str] = (
        "a network on sound, words and network, for all listeners together (the thesis's 3.3)"
    )
    config_class: ClassVar[type[MultimodalConfig]] = MultimodalConfig
    config: MultimodalConfig

    def classifier(self) -> Classifier:
        """Return what tells a listener's songs from others by their codes."""
        return LogisticClassifier(self.config.strength)

    def known(self, songs: TasteSongs) -> NDArray[np.bool_]:
        """Return which songs have any block of features."""
        return songs.known(self._names(songs))

    def columns(self, songs: TasteSongs) -> Sequence[int]:
        """Return how many columns each block has."""
        return [len(songs.blocks[name].columns) for name in self._names(songs)]

    def codes(
        self, songs: TasteSongs, labels: LabelWeights, data: TrainingData, *, name: str, seed: int
    ) -> Codes:
        """Train on labels, and return the codes of all songs."""
        from zetdard.models.deep.mixing import Mixup
        from zetdard.models.deep.shared import Effort, SharedTaste

        settings = self.config
        effort = Effort(
            settings.epochs,
            learning_rate=settings.learning_rate,
            weight_decay=3e-2,
            batch=settings.batch,
            validation=0.1,
            patience=settings.epochs,
        )
        learner = SharedTaste(
            self._sense(), effort, augmentations=(Mixup(),), workshop=data.workshop, name=name
        )
        scorer = learner.learn_codes(songs, labels, seed=seed)
        return Codes(scorer.codes, scorer.known, (scorer.curve,))

    def layers(self) -> tuple[Layer, ...]:
        """Return the layers of a network."""
        import torch

        from zetdard.models.deep.describing import layers_of
        from zetdard.models.deep.fusion import FusionEncoder

        settings, columns = self.config, self._array("columns").tolist()
        network = FusionEncoder(
            columns,
            hidden=settings.hidden,
            width=settings.width,
            fusing=settings.fusing,
            dropout=settings.dropout,
            block_dropout=settings.block_dropout,
        )
        inputs = (torch.ones(1, len(columns)), *(torch.zeros(1, count) for count in columns))
        return layers_of(network, *inputs)

    def _names(self, songs: TasteSongs) -> tuple[str, ...]:
        return songs.available(self.config.blocks) or self.config.blocks

    def _sense(self) -> BlockSense:
        settings = self.config
        return BlockSense(
            settings.blocks,
            settings.decorrelation,
            settings.hidden,
            settings.width,
            settings.fusing,
            settings.dropout,
            settings.block_dropout,
        )
