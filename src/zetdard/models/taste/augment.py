"""More songs than there are, for learners of taste that see few: mixtures of a listener's songs, and generated ones.

Both give the learner further songs, as features (and clips, where there are some), with labels: whatever learns from labelled
songs learns from them, a support vector machine as well as a network. They are never scored.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np

from zetdard.data.clips import Clips, Samples16
from zetdard.data.features import FeatureBlock
from zetdard.data.taste import Labelled, MadeSongs, TasteSongs
from zetdard.data.types import Rows
from zetdard.data.vocabulary import Vocabulary
from zetdard.errors import InputError
from zetdard.models.base import TasteLearner, TasteScorer

MakeSongs: TypeAlias = Callable[[TasteSongs, Sequence[Labelled], int], Sequence[MadeSongs]]
"""Songs, what listeners say of some of them, a seed → further songs of each listener."""


AUGMENTATIONS: Mapping[str, str] = {
    "none": "only what there is",
    "mixup": "mixtures of songs",
    "specaugment": "stretches of time and bands of frequency are not heard (networks that hear)",
    "dcgan": "songs generated from each listener's likes",
}
"""How a learner of taste may learn from more songs than there are."""


@dataclass(frozen=True, slots=True)
class Augmented:
    """A learner that is given further songs.

    Attributes:
        learner: Who learns.
        make: Makes them.
    """

    learner: TasteLearner
    make: MakeSongs

    def learn(self, songs: TasteSongs, listeners: Sequence[Labelled], *, seed: int) -> TasteScorer:
        """Make songs for each listener and learn from all."""
        made = self.make(songs, listeners, seed)
        larger, labelled = with_made(songs, listeners, made)
        return self.learner.learn(larger, labelled, seed=seed)


@dataclass(frozen=True, slots=True)
class Mixtures:
    """Songs between a listener's songs: x = λ a + (1 − λ) b of their features.

    After mixup (Zhang, Cissé, Dauphin, Lopez-Paz, ICLR 2018). A classifier of yes and no takes no label between them: each
    mixture has the label of the song that it has more of, λ ≥ ½.

    Attributes:
        alpha: λ ~ Beta(alpha, alpha).
        times: So many mixtures for each labelled song of the listener.
    """

    alpha: float = 1.0
    times: int = 1

    def __call__(self, songs: TasteSongs, listeners: Sequence[Labelled], seed: int) -> list[MadeSongs]:
        """Mix each listener's songs; a song that lacks a block is mixed in the others only."""
        return [
            self._mixed(songs, one, np.random.default_rng((seed, place)))
            for place, one in enumerate(listeners)
        ]

    def _mixed(self, songs: TasteSongs, one: Labelled, random: np.random.Generator) -> MadeSongs:
        first = np.repeat(np.arange(len(one.rows)), self.times)
        second = random.integers(max(len(one.rows), 1), size=len(first))
        share = random.beta(self.alpha, self.alpha, size=len(first))
        share = np.maximum(share, 1 - share)[:, None]
        blocks = {}
        for name, block in songs.blocks.items():
            values = np.where(block.known[:, None], block.values, np.nan)
            mixed = share * values[one.rows[first]] + (1 - share) * values[one.rows[second]]
            blocks[name] = mixed.astype(np.float32)
        return MadeSongs(one.liked[first], blocks)


def augmented(make: Callable[[], Any], how: str, generate: MakeSongs | None = None) -> Callable[[], Any]:
    """Return what makes a learner of taste that learns from more songs than there are.

    Args:
        make: Makes the learner.
        how: One of ``AUGMENTATIONS``.
        generate: For ``dcgan``: makes the songs, from the clips of each listener's likes.

    Raises:
        InputError: There is no such way, or this learner cannot go it.
    """
    if how not in AUGMENTATIONS:
        raise InputError(f"there is no augmentation {how!r}; there are: {', '.join(AUGMENTATIONS)}")
    # A network changes its batches; any other learner is given further songs.
    by_batches = hasattr(make(), "augmentations")
    if how == "specaugment" and not by_batches:
        raise InputError("specaugment masks what a network hears: name such a network, for example mel-cnn")
    batches: tuple[Any, ...] = ()
    if by_batches and how == "mixup":
        from zetdard.models.deep.mixing import Mixup

        batches = (Mixup(),)
    if how == "specaugment":
        from zetdard.models.deep.augment import SpecAugment

        batches = (SpecAugment(),)

    if how == "dcgan" and generate is None:
        raise InputError("nothing here generates songs")

    def made() -> Any:
        learner = replace(make(), augmentations=batches) if by_batches else make()
        if how == "dcgan" and generate is not None:
            return Augmented(learner, generate)
        return Augmented(learner, Mixtures()) if how == "mixup" and not by_batches else learner

    return made


def with_made(
    songs: TasteSongs, listeners: Sequence[Labelled], made: Sequence[MadeSongs]
) -> tuple[TasteSongs, list[Labelled]]:
    """Return the songs with those that were made after them, and the labels of both.

    Raises:
        InputError: Songs were made for other listeners, or with other columns or clips than the songs have.
    """
    if len(made) != len(listeners):
        raise InputError(f"songs were made for {len(made)} of {len(listeners)} listeners")
    counts = [len(one.liked) for one in made]
    starts = len(songs) + np.concatenate([[0], np.cumsum(counts)])
    labelled = [
        Labelled(
            np.concatenate([one.rows, np.arange(start, start + count, dtype=np.int32)]),
            np.concatenate([one.liked, own.liked]),
        )
        for one, own, start, count in zip(listeners, made, starts[:-1].tolist(), counts, strict=True)
    ]
    vocabulary = _vocabulary(songs, sum(counts))
    blocks = {name: _larger(name, block, made, vocabulary) for name, block in songs.blocks.items()}
    clips = None if songs.clips is None else _with_clips(songs.clips, made, vocabulary)
    return TasteSongs(blocks, clips), labelled


def _vocabulary(songs: TasteSongs, count: int) -> Vocabulary:
    known = [block.vocabulary for block in songs.blocks.values()]
    if songs.clips is not None:
        known.append(songs.clips.vocabulary)
    labels = known[0].labels if known else ()
    # No label of a real song holds a NUL: the store refuses it.
    return Vocabulary([*labels, *(f"made\0{number}" for number in range(count))], kind="song")


def _larger(
    name: str, block: FeatureBlock, made: Sequence[MadeSongs], vocabulary: Vocabulary
) -> FeatureBlock:
    width = len(block.columns)
    parts = [one.blocks.get(name, np.full((len(one.liked), width), np.nan, np.float32)) for one in made]
    if any(part.shape != (len(one.liked), width) for part, one in zip(parts, made, strict=True)):
        raise InputError(f"songs were made with other columns than the features {name!r} have")
    values = np.concatenate([block.values, *parts])
    present = np.concatenate([block.known, *(~np.isnan(part).any(axis=1) for part in parts)])
    filled = np.where(present[:, None], values, 0).astype(np.float32)
    return FeatureBlock(vocabulary, filled, block.columns, block.provenance, present)


def _with_clips(clips: Clips, made: Sequence[MadeSongs], vocabulary: Vocabulary) -> Clips:
    n_songs = len(clips.vocabulary)
    shape = (clips.count, 2, clips.frames)
    own: dict[int, Samples16] = {}
    at = n_songs
    for one in made:
        if one.clips is not None:
            if one.clips.shape != (len(one.liked), *shape) or one.clips.dtype != np.int16:
                raise InputError(f"songs were made with clips of shape {one.clips.shape}, not (n, {shape})")
            own |= {at + number: clip for number, clip in enumerate(one.clips)}
        at += len(one.liked)

    def open_(row: int) -> Samples16:
        return own[row] if row >= n_songs else clips.open(row)

    present: Rows = np.concatenate([clips.present, np.array(sorted(own), np.int32)]).astype(np.int32)
    return Clips(vocabulary, clips.rate, clips.count, clips.frames, present, open_)
