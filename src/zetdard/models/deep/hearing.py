"""Learners of taste by networks that hear: a network gives every song a code, a classifier tells each listener's codes apart.

A network is trained for all listeners together, on pieces of the sound; a song's code is the mean over its excerpts. The
network's own log-odds would do, but a classifier for each listener on the codes does better, and on those of several networks
better still.

Settings were chosen on the tracks of ``audio_taste`` with other folds than those that are reported.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from zetdard.data.features import FeatureBlock
from zetdard.data.taste import Labelled, TasteSongs
from zetdard.data.types import Floats, Rows
from zetdard.models.base import TasteScorer
from zetdard.models.deep.audio_networks import Spectrograms, Waveforms
from zetdard.models.deep.scorers import SeparateScorer, SeveralScorer, SharedScorer
from zetdard.models.deep.shared import Effort, Sense, SharedTaste
from zetdard.models.taste.classical import ClassifierLearner, Forest, Svm

_CODES = "codes"
_WAVEFORMS, _SPECTROGRAMS = Waveforms(), Spectrograms()
_COURSES = Spectrograms(channels=64, through_time=True)
_EFFORT = Effort(epochs=20, learning_rate=3e-3, validation=0.0)
"""So short a training has no need to be stopped earlier."""
_SVM, _FOREST = Svm(blocks=(_CODES,), decorrelation=0.0), Forest(blocks=(_CODES,), trees=100)


@dataclass(frozen=True, slots=True)
class HeardTaste(SharedTaste):
    """Learns tastes from the sound of songs.

    Attributes:
        head: What tells a listener's songs by their codes, a block ``codes``; ``None`` = the networks themselves, their mean.
        networks: How many are trained, which differ by their seed; a song's code is all of theirs beside each other.
    """

    effort: Effort = _EFFORT
    head: ClassifierLearner | None = _SVM
    networks: int = 3

    def learn(self, songs: TasteSongs, listeners: Sequence[Labelled], *, seed: int) -> TasteScorer:
        """Learn from labelled songs.

        Raises:
            NoDataError: There are no clips.
        """
        if not self.shared:
            alone = [
                replace(self, shared=True, name=f"{self.name}-{number}").learn(songs, [one], seed=seed)
                for number, one in enumerate(listeners)
            ]
            return SeparateScorer(tuple(alone))
        networks = tuple(
            replace(self, name=f"{self.name}-network{number}").learn_shared(
                songs, listeners, seed=seed * self.networks + number
            )
            for number in range(self.networks)
        )
        if self.head is None:
            return SeveralScorer(networks)
        heard = TasteSongs({_CODES: _block(songs, networks)})
        return _Heard(networks[0].known, self.head.learn(heard, listeners, seed=seed))


@dataclass(frozen=True, slots=True)
class AudioCnn(HeardTaste):
    """Hears the waveform of both channels (the thesis's 3.2)."""

    sense: Sense = _WAVEFORMS
    name: str = "audio-cnn"


@dataclass(frozen=True, slots=True)
class MelSpectrogramCnn(HeardTaste):
    """Hears the mel spectrogram."""

    sense: Sense = _SPECTROGRAMS
    name: str = "mel-cnn"


@dataclass(frozen=True, slots=True)
class RecurrentCnn(HeardTaste):
    """Hears the spectrogram as a course of time (after Chen Changfeng, 2019)."""

    sense: Sense = _COURSES
    name: str = "cnn-lstm"


@dataclass(frozen=True, slots=True)
class CnnForest(MelSpectrogramCnn):
    """A random forest for each listener on what ``mel-cnn`` hears.

    Fu Wei and Yang Yang, "Audio classification based on convolutional neural networks and random forests", Journal of
    Computer Applications 38, S2 (2018).
    """

    name: str = "cnn-forest"
    head: ClassifierLearner | None = _FOREST


@dataclass(frozen=True, slots=True, eq=False)
class _Heard:
    """What a head learned from a network's codes; a song that was not heard scores 0."""

    known: NDArray[np.bool_]
    head: TasteScorer

    def score(self, listener: int, rows: Rows) -> Floats:
        return self.head.score(listener, rows) * self.known[rows]


def _block(songs: TasteSongs, networks: Sequence[SharedScorer]) -> FeatureBlock:
    assert songs.clips is not None
    codes = np.hstack([network.codes for network in networks])
    columns = tuple(f"code {place}" for place in range(codes.shape[1]))
    return FeatureBlock(songs.clips.vocabulary, codes, columns, {}, networks[0].known)
