"""The vector-space interest model: songs and listeners in one space made of the words of lyrics.

After 龚志 (2019), who describes a listener by the words of the songs they hold. With n songs, tf(s, w) how often word w
comes in song s and df(w) how many songs hold it::

    x(s, w)  = (1 + ln tf(s, w)) · (ln((1 + n) / (1 + df(w))) + 1),  rows made unit length       TF-IDF
    X ≈ U Σ Vᵀ                                                       truncated singular value decomposition
    song     = x(s) V / ‖x(s) V‖                                     shape (size,)
    listener = Σ w_s song_s / ‖Σ w_s song_s‖                         w: recency, plays
    interest = cosine(listener, song)

The space without the reduction is Salton's vector space model; with it, latent semantic analysis (Deerwester et al.,
1990). The sign of a singular vector is free: each column of V is turned so that its largest entry is positive.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import svds

from zetdard.data.types import Csr, Floats
from zetdard.errors import InputError, NoDataError

SPACE_VERSION: Final = "1"
"""Changes when the same words give another space."""

_DENSE_AT_MOST: Final = 400


@dataclass(frozen=True, slots=True)
class InterestConfig:
    """Limits of the space.

    Attributes:
        size: Axes of the reduced space; fewer where the songs have fewer.
        least_songs: A word in fewer songs than this is left out: it joins nothing.
        most_share: A word in a larger share of the songs is left out: it parts nothing.
        most_words: Of the rest, the words in most songs are kept.
    """

    size: int = 64
    least_songs: int = 2
    most_share: float = 0.5
    most_words: int = 20_000

    def __post_init__(self) -> None:
        if min(self.size, self.least_songs, self.most_words) < 1:
            raise InputError("size, least_songs and most_words must be at least 1")
        if not 0 < self.most_share <= 1:
            raise InputError(f"most_share is {self.most_share}; it must be over 0 and at most 1")


@dataclass(frozen=True, slots=True, eq=False)
class WordSpace:
    """A space learnt from the lyrics of a corpus.

    Attributes:
        words: The vocabulary, sorted.
        idf: Shape (words,): weight of each word.
        axes: Shape (words, size): V, columns orthonormal, the strongest first.
        strengths: Shape (size,): singular values, falling.
    """

    words: tuple[str, ...]
    idf: Floats
    axes: Floats
    strengths: Floats

    def place(self, songs: Sequence[Sequence[str]]) -> Floats:
        """Place songs in the space.

        Args:
            songs: The words of each, as ``words.content_words`` gives them.

        Returns:
            Shape (songs, size), rows of unit length; zero for a song with no word of the vocabulary.
        """
        return _unit_rows(np.asarray(self.weigh(songs) @ self.axes.astype(np.float64)))

    def weigh(self, songs: Sequence[Sequence[str]]) -> Csr:
        """Return TF-IDF of songs before the reduction: shape (songs, words), rows of unit length or zero."""
        columns = {word: column for column, word in enumerate(self.words)}
        return _weighted(songs, columns, self.idf.astype(np.float64))

    def strongest(self, axis: int, n: int = 8) -> list[str]:
        """Return the words that an axis is made of, those with the largest entries first, whatever their sign."""
        order = np.argsort(-np.abs(self.axes[:, axis]), kind="stable")[:n]
        return [self.words[word] for word in order.tolist()]


def learn_word_space(songs: Sequence[Sequence[str]], config: InterestConfig | None = None) -> WordSpace:
    """Learn the space of a corpus. The same songs give the same space.

    Args:
        songs: The words of each, as ``words.content_words`` gives them.
        config: Limits.

    Raises:
        NoDataError: No word is left within the limits.
    """
    config = config or InterestConfig()
    holders = Counter(word for song in songs for word in set(song))
    most = config.most_share * len(songs)
    kept = [word for word, n in holders.items() if config.least_songs <= n <= most]
    kept.sort(key=lambda word: (-holders[word], word))
    words = tuple(sorted(kept[: config.most_words]))
    if not words:
        raise NoDataError("these lyrics share no word from which a space of words could be learnt")
    idf = np.array([math.log((1 + len(songs)) / (1 + holders[word])) + 1 for word in words])
    matrix = _weighted(songs, {word: column for column, word in enumerate(words)}, idf)
    axes, strengths = _decompose(matrix, config.size)
    return WordSpace(words, idf.astype(np.float32), axes, strengths)


def interest_of(songs: Floats, weights: NDArray[np.floating] | None = None) -> Floats:
    """Return a listener's place: the weighted mean of their songs', made unit length.

    Args:
        songs: Shape (n, size), from ``WordSpace.place``.
        weights: Shape (n,), not negative; ``None`` = all alike. See :func:`listening_weights`.

    Returns:
        Shape (size,); zero for a listener without words.

    Raises:
        InputError: A weight is negative or not finite, or there is not one for each song.
    """
    if weights is None:
        weights = np.ones(len(songs))
    if weights.shape != (len(songs),) or not np.isfinite(weights).all() or (weights < 0).any():
        raise InputError("a listener's songs need a finite weight each, 0 or more")
    mean = weights.astype(np.float64) @ songs.astype(np.float64)
    (place,) = _unit_rows(mean[None, :])
    found: Floats = place
    return found


def listening_weights(
    ages_days: NDArray[np.floating],
    plays: NDArray[np.floating] | None = None,
    *,
    half_life_days: float = 365.0,
) -> Floats:
    """Weigh a listener's songs: w = 2^(−age / half life) · (1 + ln(1 + plays)).

    Args:
        ages_days: Shape (n,): days since each song was collected; below 0 counts as 0.
        plays: Shape (n,): how often each was played; ``None`` = not known.
        half_life_days: After which a song counts half.

    Returns:
        Shape (n,).

    Raises:
        InputError: The half life is not positive, or an array holds what is not finite or counts below 0.
    """
    if not half_life_days > 0:
        raise InputError(f"half_life_days is {half_life_days}; it must be over 0")
    played = np.zeros(len(ages_days)) if plays is None else plays
    if not (np.isfinite(ages_days).all() and np.isfinite(played).all() and (played >= 0).all()):
        raise InputError("ages and plays must be finite, plays 0 or more")
    weights = np.exp2(-np.maximum(ages_days, 0) / half_life_days) * (1 + np.log1p(played))
    found: Floats = weights.astype(np.float32)
    return found


def interest_in(listener: Floats, songs: Floats) -> Floats:
    """Return the cosine of a listener (size,) with each song (n, size): shape (n,), −1 to 1, 0 without words."""
    cosines: Floats = songs @ listener
    return cosines


def _weighted(songs: Sequence[Sequence[str]], columns: dict[str, int], idf: NDArray[np.float64]) -> Csr:
    """Return TF-IDF, shape (songs, words), rows of unit length."""
    starts, places, values = [0], [], []
    for song in songs:
        counts = Counter(columns[word] for word in song if word in columns)
        row = {column: (1 + math.log(n)) * idf[column] for column, n in sorted(counts.items())}
        length = math.sqrt(math.fsum(value * value for value in row.values()))
        places += list(row)
        values += [value / length for value in row.values()]
        starts.append(len(places))
    shape = (len(songs), len(columns))
    return sparse.csr_array((np.array(values, dtype=np.float64), places, starts), shape=shape)


def _decompose(matrix: Csr, size: int) -> tuple[Floats, Floats]:
    """Return V (words, size') and the singular values, without axes that carry nothing."""
    least = min(matrix.shape)
    if least <= max(size + 1, _DENSE_AT_MOST):
        _, strengths, axes = np.linalg.svd(matrix.toarray(), full_matrices=False)
    else:
        # A fixed start: the same songs give the same axes.
        start = np.full(least, 1 / math.sqrt(least))
        _, strengths, axes = svds(matrix, k=size, v0=start)
    order = np.argsort(-strengths, kind="stable")[:size]
    order = order[strengths[order] > 1e-9 * strengths[order[0]]]
    axes = axes[order].T  # (words, size')
    turn = np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])
    return (axes * turn).astype(np.float32), strengths[order].astype(np.float32)


def _unit_rows(rows: NDArray[np.float64]) -> Floats:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 1e-12)
    found: Floats = unit.astype(np.float32)
    return found
