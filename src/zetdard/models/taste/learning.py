"""What a learner of taste is given and gives: songs as numbers, one listener's labels, a scorer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from zetdard.data.features import FeatureBlock
from zetdard.data.types import Floats, Rows
from zetdard.errors import InputError, MissingExtraError, NoDataError

SOUND = ("descriptors", "musicnn")
"""Blocks that say how a song sounds."""
BLOCKS = (*SOUND, "tags", "lyrics", "meaning", "network")
"""Every block that is known here, in the order in which they are joined."""


@dataclass(frozen=True, slots=True)
class Span:
    """Where a block lies in joined columns.

    Attributes:
        start: Its first column.
        stop: One past its last column of features.
        known: Column that says whether the song has the block; ``None`` where all songs have it.
    """

    start: int
    stop: int
    known: int | None


@dataclass(frozen=True, slots=True, eq=False)
class TasteSongs:
    """What a learner may look at: rows are songs.

    Attributes:
        blocks: Name → features; all blocks are about the same songs. A block may be missing, and so may a block's
            row of a single song.
    """

    blocks: Mapping[str, FeatureBlock]

    def __post_init__(self) -> None:
        blocks = list(self.blocks.values())
        if any(block.vocabulary != blocks[0].vocabulary for block in blocks[1:]):
            raise InputError("the blocks of features are about different songs")

    def __len__(self) -> int:
        return next((len(block.vocabulary) for block in self.blocks.values()), 0)

    def available(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return those of the names that are here, in the order given."""
        return tuple(name for name in names if name in self.blocks)

    def spans(self, names: Sequence[str]) -> tuple[Span, ...]:
        """Return where each block lies in ``matrix(names)``."""
        spans, at = [], 0
        for name in self._checked(names):
            block = self.blocks[name]
            stop = at + len(block.columns)
            partial = not block.known.all()
            spans.append(Span(at, stop, stop if partial else None))
            at = stop + partial
        return tuple(spans)

    def matrix(self, names: Sequence[str]) -> Floats:
        """Return the blocks beside each other: shape (songs, columns), float32.

        A song without a block has NaN in its columns: with what to fill them must be learned from the songs that may
        be learned from. Such a block is followed by a column that is 1 where the song has it and 0 where not.
        """
        parts: list[Floats] = []
        for name in self._checked(names):
            block = self.blocks[name]
            present = block.known
            if present.all():
                parts.append(block.values)
            else:
                parts += [
                    np.where(present[:, None], block.values, np.float32(np.nan)),
                    present[:, None].astype(np.float32),
                ]
        return np.hstack(parts).astype(np.float32, copy=False)

    def known(self, names: Sequence[str]) -> NDArray[np.bool_]:
        """Return which songs have any of the blocks: shape (songs,)."""
        present = [self.blocks[name].known for name in self._checked(names)]
        return np.asarray(np.any(present, axis=0), dtype=np.bool_)

    def _checked(self, names: Sequence[str]) -> Sequence[str]:
        missing = [name for name in names if name not in self.blocks]
        if missing or not names:
            raise NoDataError(
                f"no features {', '.join(missing) or 'at all'} of the songs are known; there are: "
                f"{', '.join(self.blocks) or 'none'}"
            )
        return names


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """One listener's labelled songs.

    Attributes:
        rows: Rows of the songs, each once.
        liked: Shape (len(rows),): whether the listener likes them.
    """

    rows: Rows
    liked: NDArray[np.bool_]

    def __post_init__(self) -> None:
        if self.rows.ndim != 1 or self.liked.shape != self.rows.shape or self.liked.dtype != np.bool_:
            raise InputError("labelled songs need one row and one yes or no for each")
        if len(np.unique(self.rows)) != len(self.rows):
            raise InputError("a song is labelled twice")


class TasteScorer(Protocol):
    """Tastes that were learned."""

    def score(self, listener: int, rows: Rows) -> Floats:
        """Return how much a listener likes songs: shape (len(rows),), float32, higher = more.

        A decision value or log-odds: the listener is predicted to like exactly the songs above 0.

        Args:
            listener: Position among the listeners that were learned.
            rows: Any songs, labelled or not.
        """
        ...


class TasteLearner(Protocol):
    """Something that learns tastes, all listeners' together or one by one."""

    name: ClassVar[str]

    def learn(self, songs: TasteSongs, listeners: Sequence[Labelled], *, seed: int) -> TasteScorer:
        """Learn from labelled songs. The same songs, labels and seed give the same scores."""
        ...


def sklearn_module(name: str) -> Any:
    """Import a part of scikit-learn.

    Raises:
        MissingExtraError: It is not installed.
    """
    try:
        return import_module(f"sklearn.{name}")
    except ImportError:
        raise MissingExtraError("learn", "learning a listener's taste from features") from None


def one_thread() -> AbstractContextManager[Any]:
    """Keep the matrix products within it to one thread.

    One listener's matrices are small: threads that wait for each other cost many times what they save, above all where
    other processes are at work. Where threadpoolctl, which comes with scikit-learn, is missing, nothing is changed.
    """
    controller = _thread_pools()
    return nullcontext() if controller is None else controller.limit(limits=1, user_api="blas")


@lru_cache(maxsize=1)
def _thread_pools() -> Any:
    """Return what holds the loaded libraries' threads; to look for the libraries takes longer than to use it."""
    try:
        return import_module("threadpoolctl").ThreadpoolController()
    except ImportError:
        return None
