"""Which parts of a sound are heard."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zetdard.errors import InputError
from zetdard.features.audio.sampling import Sampling, cut


def test_the_whole_sound_is_one_span() -> None:
    assert Sampling().whole
    assert Sampling().spans(1234, 100) == ((0, 1234),)
    assert Sampling().spans(0, 100) == ()


def test_excerpts_lie_around_their_places() -> None:
    assert Sampling((0.5,), 10).spans(10_000, 100) == ((4500, 5500),)
    assert Sampling.spread(2, 10).spans(10_000, 100) == ((2000, 3000), (7000, 8000))
    assert Sampling((0.0, 1.0), 10).spans(10_000, 100) == ((0, 1000), (9000, 10_000))


def test_excerpts_that_meet_become_one() -> None:
    assert Sampling((0.4, 0.5, 0.9), 10).spans(5_000, 100) == ((1500, 3000), (4000, 5000))


def test_a_sound_no_longer_than_an_excerpt_is_heard_whole() -> None:
    assert Sampling((0.1, 0.9), 10).spans(1000, 100) == ((0, 1000),)
    assert Sampling((0.1, 0.9), 10).spans(10, 100) == ((0, 10),)


@pytest.mark.parametrize(
    ("places", "seconds"),
    [((1.5,), 10), ((-0.1,), 10), ((0.5, 0.5), 10), ((0.6, 0.5), 10), ((float("nan"),), 10), ((0.5,), 0)],
)
def test_what_cannot_be_is_refused(places: tuple[float, ...], seconds: float) -> None:
    with pytest.raises(InputError):
        Sampling(places, seconds)


def test_no_excerpt_is_refused() -> None:
    with pytest.raises(InputError, match="at least one"):
        Sampling.spread(0, 10)


@given(
    length=st.integers(1, 500),
    count=st.integers(1, 8),
    seconds=st.floats(0.01, 9),
    sizes=st.lists(st.integers(0, 60), min_size=1, max_size=20).filter(any),
)
def test_a_stream_is_cut_as_the_whole_would_be(
    length: int, count: int, seconds: float, sizes: list[int]
) -> None:
    sound = np.arange(length, dtype=np.float32)
    spans = Sampling.spread(count, seconds).spans(length, 10)
    assert all(0 <= start < stop <= length for start, stop in spans)
    assert all(a[1] < b[0] for a, b in pairwise(spans))
    blocks, at = [], 0
    while at < length:
        size = sizes[len(blocks) % len(sizes)]
        blocks.append(sound[at : at + size])
        at += size
    found: list[list[np.ndarray]] = [[] for _ in spans]
    for number, piece in cut(blocks, spans):
        found[number].append(piece)
    for pieces, (start, stop) in zip(found, spans, strict=True):
        np.testing.assert_array_equal(np.concatenate(pieces), sound[start:stop])


def test_a_stream_is_read_no_further_than_needed() -> None:
    read = []

    def blocks() -> Iterator[np.ndarray]:
        for number in range(10):
            read.append(number)
            yield np.zeros((10, 2), dtype=np.float32)

    pieces = list(cut(blocks(), [(15, 20), (22, 30)]))
    assert [(number, piece.shape) for number, piece in pieces] == [(0, (5, 2)), (1, (8, 2))]
    assert read == [0, 1, 2]
