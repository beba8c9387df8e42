"""Recommenders out of networks that hear excerpts of songs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from zetdard.data.layers import Layer
from zetdard.data.taste import TasteSongs
from zetdard.errors import InputError, NoDataError
from zetdard.models.base import TrainingData
from zetdard.models.deep.recommender import Codes, DeepTasteConfig, DeepTasteModel
from zetdard.models.taste.classifiers import Classifier, SvmClassifier

if TYPE_CHECKING:
    from zetdard.models.deep.clip_views import ClipViews
    from zetdard.models.deep.labels import LabelWeights
    from zetdard.models.deep.shared import Sense


class HearingConfig(DeepTasteConfig):
    """Settings of every recommender that hears."""

    width: int = Field(32, ge=1, description="length of a song's code")
    seconds: float = Field(1.0, gt=0, le=60, description="length of a piece in training")
    bands: int = Field(64, ge=4, description="filters of the first layer, or bands of the spectrogram")
    channels: int = Field(16, ge=1, description="of the first convolution")
    dropout: float = Field(0.3, ge=0, lt=1, description="share of the numbers left out in training")
    epochs: int = Field(20, ge=1, description="how often every song is heard")
    learning_rate: float = Field(3e-3, gt=0, description="of the first epoch")
    batch: int = Field(32, ge=2, description="songs of a step")
    c: float = Field(3.0, gt=0, description="price of a song on the wrong side of the listener's own margin")


class HearingModel(DeepTasteModel):
    """Songs as codes of a network that hears their clips; songs without clips score 0.

    A listener is told by a support vector machine on the codes: see ``hearing``.
    """

    features: ClassVar[tuple[str, ...]] = ()
    hears: ClassVar[bool] = True
    config_class: ClassVar[type[HearingConfig]] = HearingConfig
    config: HearingConfig

    def fit(self, data: TrainingData) -> Self:
        """Train the networks, and hear all songs.

        Raises:
            NoDataError: There are no clips.
        """
        if data.clips is None:
            raise NoDataError("there are no clips: make them with zetdard featurize audio --clips")
        return super().fit(data)

    def classifier(self) -> Classifier:
        """Return what tells a listener's songs from others by their codes."""
        return SvmClassifier(c=self.config.c)

    def sense(self) -> Sense:
        """Return what is looked at, by what network."""
        raise NotImplementedError

    def known(self, songs: TasteSongs) -> NDArray[np.bool_]:
        """Return which songs have clips."""
        assert songs.clips is not None
        known = np.zeros(len(songs), np.bool_)
        known[songs.clips.present] = True
        return known

    def columns(self, songs: TasteSongs) -> Sequence[int]:
        """Return samples a second and samples of a clip."""
        assert songs.clips is not None
        return (songs.clips.rate, songs.clips.frames)

    def codes(
        self, songs: TasteSongs, labels: LabelWeights, data: TrainingData, *, name: str, seed: int
    ) -> Codes:
        """Train on labels, and return the codes of all songs."""
        from zetdard.models.deep.shared import Effort, SharedTaste

        settings = self.config
        effort = Effort(
            settings.epochs, learning_rate=settings.learning_rate, batch=settings.batch, validation=0.0
        )
        learner = SharedTaste(self.sense(), effort, workshop=data.workshop, name=name)
        scorer = learner.learn_codes(songs, labels, seed=seed)
        return Codes(scorer.codes, scorer.known, (scorer.curve,))

    def layers(self) -> tuple[Layer, ...]:
        """Return the layers of a network, for one clip."""
        import torch

        from zetdard.data.clips import Clips
        from zetdard.data.vocabulary import Vocabulary
        from zetdard.models.deep.clip_views import ClipViews
        from zetdard.models.deep.describing import layers_of

        rate, frames = self._array("columns").tolist()
        nothing = Clips(Vocabulary((), kind="song"), rate, 1, frames, np.empty(0, np.int32), _no_clip)
        views: ClipViews = ClipViews(nothing, frames)
        return layers_of(self.sense().encoder(views), torch.zeros(1, 2, frames))


def _no_clip(row: int) -> NDArray[np.int16]:
    raise InputError(f"there is no clip of row {row}")
