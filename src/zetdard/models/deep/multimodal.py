"""Sound, words and network in one network: what is looked at, and the learner that takes the mean of several networks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from zetdard.data.taste import Labelled, Span, TasteSongs
from zetdard.data.types import Floats, Rows
from zetdard.models.base import TasteLearner, TasteScorer, Workshop
from zetdard.models.deep.devices import torch_module
from zetdard.models.deep.mixing import Mixup
from zetdard.models.deep.scorers import SeveralScorer
from zetdard.models.deep.shared import Augmentation, Effort, SharedTaste, Tensors, Views
from zetdard.models.taste.classical import Fused, Svm
from zetdard.models.taste.learning import ALL_BLOCKS
from zetdard.models.taste.scaling import Scale

if TYPE_CHECKING:
    import torch

    from zetdard.models.deep.fusion import Fusing

_SPREAD = 0.5
"""Standard deviation of a column of features as the network sees it."""
_EFFORT = Effort(epochs=120, learning_rate=4e-3, weight_decay=3e-2, batch=64, validation=0.0)


class BlockViews:
    """Songs as points, block by block, and which blocks each has; there is one view of each song.

    Args:
        points: Of each block, shape (songs, its columns), 0 where a song lacks it.
        present: Shape (songs, blocks).
    """

    count = 1

    def __init__(self, points: Sequence[Floats], present: NDArray[np.bool_]) -> None:
        self.points = tuple(points)
        self.present = present
        self.known: NDArray[np.bool_] = np.asarray(present.any(axis=1))

    def drawn(self, rows: Rows, random: np.random.Generator) -> Tensors:
        """Return the view of each song: which blocks it has, and the points of each block."""
        return self.fixed(rows, 0)

    def fixed(self, rows: Rows, number: int) -> Tensors:
        """Return the view of each song."""
        torch = torch_module()
        parts = [self.present[rows].astype(np.float32), *(points[rows] for points in self.points)]
        return tuple(torch.from_numpy(np.ascontiguousarray(part)) for part in parts)


@dataclass(frozen=True, slots=True)
class BlockSense:
    """Looks at blocks of features.

    Attributes:
        blocks: Names, of those there are.
        decorrelation: See ``taste.scaling``.
        hidden: Length of what each block becomes.
        width: Length of a code.
        fusing: ``"gated"`` or ``"concatenation"``.
        dropout: In training, of numbers.
        block_dropout: In training, of whole blocks.
    """

    blocks: tuple[str, ...] = ALL_BLOCKS
    decorrelation: float = 0.5
    hidden: int = 96
    width: int = 48
    fusing: Fusing = "gated"
    dropout: float = 0.4
    block_dropout: float = 0.15

    def views(self, songs: TasteSongs, training: Rows) -> Views:
        """Return the songs as points, made comparable by the training songs.

        Raises:
            NoDataError: None of the blocks is there.
        """
        names = songs.available(self.blocks) or self.blocks
        values, spans = songs.matrix(names), songs.spans(names)
        points = Scale.learn(values[training], spans, decorrelation=self.decorrelation).points(values)
        present = np.stack([songs.blocks[name].known for name in names], axis=1)
        return BlockViews([_columns(points, span) for span in spans], present)

    def encoder(self, views: Views) -> torch.nn.Module:
        """Return a new network for blocks of these sizes."""
        from zetdard.models.deep.fusion import FusionEncoder

        assert isinstance(views, BlockViews)
        return FusionEncoder(
            [points.shape[1] for points in views.points],
            hidden=self.hidden,
            width=self.width,
            fusing=self.fusing,
            dropout=self.dropout,
            block_dropout=self.block_dropout,
        )


def _columns(points: Floats, span: Span) -> Floats:
    # A block's points have a mean square length of 1 in all: each column gets the same spread whatever their number.
    width = span.stop - span.start
    return np.asarray(points[:, span.start : span.stop] * (_SPREAD * width**0.5), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Multimodal:
    """Learns tastes from all that is known of songs: ``networks`` networks, each for all listeners, and their mean.

    The settings were chosen on other invented listeners over the tracks of ``audio_taste``, with other folds.

    Attributes:
        sense: What is looked at.
        effort: How each network is trained.
        networks: How many.
        augmentations: What is done to a batch in training.
        workshop: Where checkpoints lie, who is told.
    """

    name: ClassVar[str] = "multimodal-cnn"
    sense: BlockSense = BlockSense()
    effort: Effort = _EFFORT
    networks: int = 3
    augmentations: tuple[Augmentation, ...] = (Mixup(),)
    workshop: Workshop = field(default_factory=Workshop)

    def learn(self, songs: TasteSongs, listeners: Sequence[Labelled], *, seed: int) -> TasteScorer:
        """Learn from labelled songs.

        Raises:
            NoDataError: None of the blocks is there.
        """
        return self.learn_by(lambda learner, own: learner.learn_shared(songs, listeners, seed=own), seed=seed)

    def learn_by(self, learn: Any, *, seed: int) -> SeveralScorer:
        """Let each network learn; ``learn`` is called with its learner and its seed."""
        learner = SharedTaste(
            self.sense, self.effort, augmentations=self.augmentations, workshop=self.workshop
        )
        return SeveralScorer(
            tuple(
                learn(replace(learner, name=f"{self.name}-{number}"), seed * self.networks + number)
                for number in range(self.networks)
            )
        )


@dataclass(frozen=True, slots=True)
class SvmAndNetworks(Fused):
    """The mean of a support vector machine for each listener and of networks for all: what tells taste by default."""

    name: ClassVar[str] = "taste-default"
    learners: tuple[TasteLearner, ...] = (Svm(), Multimodal())
