"""What a song feels like, learned from its sound: from songs whose moods are known to all others.

Chen Changfeng, "Song audio emotion classification based on CNN-LSTM", Communications Technology 52 (2019); numbers on axes
such as valence and energy in place of classes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from zetdard.data.features import FeatureBlock
from zetdard.data.moods import mean_and_spread
from zetdard.data.taste import TasteSongs
from zetdard.data.types import Floats, Rows
from zetdard.errors import InputError, NoDataError
from zetdard.models.base import Workshop
from zetdard.models.deep.audio_networks import Spectrograms
from zetdard.models.deep.devices import device, seeded, torch_module
from zetdard.models.deep.shared import LEAST_VALIDATED, Effort, Sense, Views, batches, encode, moved
from zetdard.models.deep.training import train

if TYPE_CHECKING:
    import torch

_SENSE = Spectrograms(channels=64, through_time=True)
_LEAST_LEARNED = 2
"""Songs; of one there is no batch, and the network would stay as it began."""
_EFFORT = Effort(epochs=60, learning_rate=3e-3, weight_decay=1e-2, validation=0.2, patience=15)


@dataclass(frozen=True, slots=True, eq=False)
class Emotions:
    """What was learned.

    Attributes:
        block: The predicted moods of all songs that can be heard, in the units of those that were given.
        curve: See ``training.CURVE``; the loss is the mean squared error, where the moods given have variance 1.
    """

    block: FeatureBlock
    curve: Floats


@dataclass(frozen=True, slots=True)
class EmotionLearner:
    """Learns moods by a network, by default a convolutional and recurrent one.

    Attributes:
        sense: What is heard, with what network.
        effort: How it is trained.
        workshop: Where checkpoints lie, who is told, how long it may take.
        name: What the training is called.
        refits: It does not learn again from songs set apart: without them it would not know when to stop.
    """

    sense: Sense = _SENSE
    effort: Effort = _EFFORT
    workshop: Workshop = field(default_factory=Workshop)
    name: str = "cnn-lstm"
    refits: bool = False

    @property
    def identity(self) -> str:
        """What the result depends on, besides songs, moods and seed."""
        return repr((self.sense, self.effort))

    def learn(
        self, songs: TasteSongs, moods: FeatureBlock, *, apart: Rows | None = None, seed: int
    ) -> Emotions:
        """Learn from the songs whose moods are known, and predict those of all.

        Args:
            songs: With clips.
            moods: Of the same songs, a column for each axis; a song of which nothing is known is not present.
            apart: Songs that are not learned from: their moods say when to stop, unless they are fewer than
                ``LEAST_VALIDATED``; ``None`` = some are drawn.
            seed: Of everything random.

        Raises:
            NoDataError: There are no clips, or of fewer than two songs that have some the moods are known and may be
                learned from.
            InputError: The moods are of other songs.
        """
        torch = torch_module()
        if len(moods.vocabulary) != len(songs) or not moods.columns:
            raise InputError(
                f"moods of {len(moods.vocabulary)} songs on {len(moods.columns)} axes for {len(songs)} songs"
            )
        told = np.flatnonzero(moods.known).astype(np.int32)
        views = self.sense.views(songs, told)
        rows = told[views.known[told]]
        training, validation = self._parted(rows, apart, seed)
        if len(training) < _LEAST_LEARNED:
            raise NoDataError(
                f"of {len(training)} songs both clips and moods are known, and {_LEAST_LEARNED} are needed"
            )
        mean, spread = mean_and_spread(moods.values[training])
        with seeded(seed):
            network = torch.nn.Sequential(
                self.sense.encoder(views),
                torch.nn.ReLU(),
                torch.nn.Linear(self.sense.width, len(moods.columns)),
            )
        # An axis without spread asks nothing of the network, and is predicted as what it is.
        wanted = ((moods.values - mean) / np.where(spread > 0, spread, np.inf)).astype(np.float32)
        lesson = _MoodLesson(network, views, wanted, training, validation, self.effort)
        parts = [part.tolist() for part in (training, validation)]
        settings = (self.sense, self.effort, seed, parts, wanted[rows].tolist())
        trained = train(
            lesson, self.effort.plan(seed), self.workshop, name=self.name, identity=repr(settings)
        )
        known = np.flatnonzero(views.known).astype(np.int32)
        found = np.zeros(moods.values.shape, np.float32)
        found[known] = encode(network, views, known) * spread + mean
        block = FeatureBlock(moods.vocabulary, found, moods.columns, {"learned by": self.name}, views.known)
        return Emotions(block, trained.curve)

    def _parted(self, rows: Rows, apart: Rows | None, seed: int) -> tuple[Rows, Rows]:
        """Return the songs that are learned from and those that say when to stop."""
        if apart is not None:
            validation = np.intersect1d(rows, apart)
            if len(validation) < LEAST_VALIDATED:
                validation = validation[:0]
            return np.setdiff1d(rows, apart), validation
        mixed = np.random.default_rng((seed, 1)).permutation(rows)
        n = round(self.effort.validation * len(rows))
        return (mixed[n:], mixed[:n]) if n >= LEAST_VALIDATED else (mixed, mixed[:0])


class _MoodLesson:
    """The mean squared error of moods; each excerpt has those of its song."""

    def __init__(
        self, network: Any, views: Views, wanted: Floats, training: Rows, validation: Rows, effort: Effort
    ) -> None:
        self.network = network
        self._views = views
        self._wanted = wanted
        self._training = training
        self._validation = validation
        self._effort = effort

    def losses(self, random: np.random.Generator) -> Iterator[torch.Tensor]:
        for batch in batches(self._training, self._effort, random):
            yield self._loss(self.network(*moved(self._views.drawn(batch, random))), batch)

    def validation(self) -> float | None:
        if not len(self._validation):
            return None
        found = torch_module().from_numpy(encode(self.network, self._views, self._validation))
        return float(self._loss(found.to(device()), self._validation))

    def _loss(self, found: torch.Tensor, rows: Rows) -> torch.Tensor:
        wanted = torch_module().from_numpy(self._wanted[rows]).to(found.device)
        loss: torch.Tensor = (found - wanted).square().mean()
        return loss
