"""What tastes are learned from: songs as numbers, and one listener's labels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from zetdard.data.clips import Clips, Samples16
from zetdard.data.features import FeatureBlock
from zetdard.data.types import Floats, Rows
from zetdard.errors import InputError, NoDataError


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
        clips: Excerpts of the sound of the same songs, or of some of them; ``None`` where there are none.
    """

    blocks: Mapping[str, FeatureBlock]
    clips: Clips | None = None

    def __post_init__(self) -> None:
        vocabularies = [block.vocabulary for block in self.blocks.values()]
        if self.clips is not None:
            vocabularies.append(self.clips.vocabulary)
        if any(vocabulary != vocabularies[0] for vocabulary in vocabularies[1:]):
            raise InputError("the features are about different songs")

    def __len__(self) -> int:
        if self.clips is not None:
            return len(self.clips.vocabulary)
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


@dataclass(frozen=True, slots=True, eq=False)
class MadeSongs:
    """Songs that are made for a listener.

    Attributes:
        liked: Shape (n,): what the listener is taken to think of them.
        blocks: Name → features, shape (n, columns); NaN throughout a row where they are not known. A block that is
            left out is not known of any.
        clips: Excerpts, shape (n, count, 2, frames), int16, as the real songs have them; ``None`` = none.
    """

    liked: NDArray[np.bool_]
    blocks: Mapping[str, Floats] = field(default_factory=dict)
    clips: Samples16 | None = None
