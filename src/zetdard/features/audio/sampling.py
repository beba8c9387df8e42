"""How much of a sound is heard: the whole of it, or excerpts of a stated length at stated places."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Self, TypeAlias

from zetdard.data.types import Floats
from zetdard.errors import InputError

Span: TypeAlias = tuple[int, int]
"""The first sample of an excerpt, and the one after its last."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """Which parts of a sound are heard.

    Attributes:
        places: Where each excerpt's middle lies, as a share of the sound's length, rising; none = the whole sound.
        seconds: Length of an excerpt.

    Raises:
        InputError: A place is not between 0 and 1 or they do not rise, or an excerpt has no length.
    """

    places: tuple[float, ...] = ()
    seconds: float = 30.0

    def __post_init__(self) -> None:
        if not all(0 <= place <= 1 for place in self.places):
            raise InputError("the places of excerpts are shares of the sound's length, from 0 to 1")
        if any(a >= b for a, b in zip(self.places, self.places[1:], strict=False)):
            raise InputError("the places of excerpts must rise")
        if not 0 < self.seconds < float("inf"):
            raise InputError("an excerpt must be longer than 0 seconds")

    @classmethod
    def spread(cls, count: int, seconds: float) -> Self:
        """Return ``count`` excerpts spread evenly: the i-th is in the middle of the i-th of ``count`` equal parts.

        Raises:
            InputError: ``count`` is less than 1.
        """
        if count < 1:
            raise InputError("there must be at least one excerpt")
        return cls(tuple((number + 0.5) / count for number in range(count)), seconds)

    @property
    def whole(self) -> bool:
        """Whether the whole sound is heard, however long it is."""
        return not self.places

    def spans(self, length: int, rate: int) -> tuple[Span, ...]:
        """Return the excerpts of a sound, in order and apart from each other.

        An excerpt that would reach beyond an end is moved inwards; excerpts that touch become one.

        Args:
            length: Samples of the sound.
            rate: Samples a second.
        """
        size = max(1, round(self.seconds * rate))
        if self.whole or size >= length:
            return ((0, length),) if length > 0 else ()
        spans: list[Span] = []
        for place in self.places:
            start = min(max(round(place * length) - size // 2, 0), length - size)
            if spans and start <= spans[-1][1]:
                spans[-1] = (spans[-1][0], start + size)
            else:
                spans.append((start, start + size))
        return tuple(spans)


def cut(blocks: Iterable[Floats], spans: Sequence[Span]) -> Iterator[tuple[int, Floats]]:
    """Yield (number of the excerpt, samples) of a stream that is read no further than the last excerpt's end.

    Args:
        blocks: Consecutive blocks, shape (samples,) or (samples, channels).
        spans: As :meth:`Sampling.spans` gives them.
    """
    waiting = list(enumerate(spans))
    at = 0
    if not waiting:
        return
    for block in blocks:
        end = at + len(block)
        while waiting and waiting[0][1][0] < end:
            number, (start, stop) = waiting[0]
            piece = block[max(start - at, 0) : stop - at]
            if len(piece):
                yield number, piece
            if stop > end:
                break
            waiting.pop(0)
        if not waiting:
            return
        at = end
