"""Which songs, and which users, share the most: the counts behind the song graph and the friends.

The weight of the directed edge from song ``a`` to song ``b`` is ``w(a→b) = |U(a) ∩ U(b)| / |U(a)|``, where ``U(x)`` is
the set of users who hold ``x``. All edges that leave a song share the denominator, so its K heaviest edges are its K
largest counts, and integers decide about ties exactly.

How it is fast, in short (the loops are in ``cooccurrence_rows``):

* The counts of a row with all *popular* songs are added up in bit-sliced form, as many as 512 songs an instruction,
  and the K largest are chosen in that form.
* They give a threshold ``t``. Only *rare* songs with at least ``t`` users can still enter, and ``t - s`` of them must
  be among all but the ``s`` longest lists of the row's users: the other songs, and the longest lists, are not read.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zetdard.errors import InputError

_WORD_BITS = 64
_WORDS_STEP = 8
"""Bit rows are padded to 512 bits: one vector of the widest kind."""
_WORDS_MOST = 64
"""At most 4,096 popular songs: half a kilobyte a user. More were slower: their bits leave the cache."""
_POPULAR_SHARE = 128
"""Songs that one user in 128 holds count as popular: their bits take at most four times the room of lists."""
_BLOCKS_PER_THREAD = 32
_BLOCK_LEAST = 200_000
"""Least cost of a block of rows, in list entries read: below it, a thread costs more than it brings."""


@dataclass(frozen=True, slots=True)
class TopK:
    """The largest counts of each song, as compressed rows.

    Row ``a`` is the slice ``indptr[a]:indptr[a + 1]`` of the other two arrays, sorted by descending count, ties by
    ascending song row.

    Attributes:
        indptr: Where each row starts, int64, shape (n_songs + 1,).
        indices: Song rows ``b``, int32, shape (n_edges,).
        counts: ``|U(a) ∩ U(b)|``, at least 1, int32, shape (n_edges,).
    """

    indptr: NDArray[np.int64]
    indices: NDArray[np.int32]
    counts: NDArray[np.int32]


def top_k_neighbours(user_songs: Any, k: int, *, threads: int | None = None) -> TopK:
    """Find, for each song ``a``, the ``k`` songs ``b ≠ a`` with the largest ``w(a→b) = |U(a) ∩ U(b)| / |U(a)|``.

    Equal weights are decided by the smaller song row; zero weights are never kept. The result does not depend on
    ``threads``.

    Args:
        user_songs: ``scipy.sparse.csr_array``, shape (n_users, n_songs): a stored entry means "holds", whatever its
            value. Unsorted or repeated entries are tolerated, at the price of a copy.
        k: Neighbours kept a song, at least 1.
        threads: Threads to use; ``None`` = one for each core that this process may use.

    Returns:
        The counts; :func:`weights` turns them into weights.

    Raises:
        InputError: The matrix is not a valid CSR matrix or too large, or ``k`` or ``threads`` is not a whole number
            of at least 1.

    At worst, time is ``O(sum over users of |songs|²)`` and memory beyond the input
    ``O(n_pairs + 64 · n_users + k · n_songs)`` words; on data with popular songs most of the time is saved.
    """
    k, n_threads = _whole(k, "k"), _cores() if threads is None else _whole(threads, "threads")
    n_users, n_songs = _checked_shape(user_songs)
    start, songs = _arrays(user_songs)
    k = min(k, n_songs - 1)
    if k < 1 or len(songs) == 0:
        return TopK(np.zeros(n_songs + 1, np.int64), np.empty(0, np.int32), np.empty(0, np.int32))

    # numba is imported, and the loops are compiled or loaded, here: on first use.
    from zetdard.kernels import cooccurrence_layout as layout
    from zetdard.kernels import cooccurrence_rows as rows

    degrees = np.zeros(n_songs, np.int64)
    if not layout.count_degrees(start, songs, degrees):
        start, songs = _arrays(_canonical(user_songs))
        degrees[:] = 0
        layout.count_degrees(start, songs, degrees)

    # Number the songs: popular ones by row, so that ties are decided by the order of bits; rare ones by degree.
    by_degree = np.argsort(-degrees, kind="stable").astype(np.int32)
    n_words = _words(degrees, n_users)
    n_popular = min(n_words * _WORD_BITS, n_songs)
    popular_song, rare_song = np.sort(by_degree[:n_popular]), by_degree[n_popular:]
    label = np.empty(n_songs, np.int32)
    label[popular_song] = np.arange(n_popular, dtype=np.int32)
    label[rare_song] = np.arange(n_popular, n_songs, dtype=np.int32)
    rare_degrees = degrees[rare_song]
    at_least = np.arange(rare_degrees[0] + 1 if len(rare_song) else 1)
    rare_limit = np.searchsorted(-rare_degrees, -at_least, side="right").astype(np.int64)

    # Number the users by descending length of their list of rare songs: a row's longest lists come first.
    lengths = np.zeros(n_users, np.int64)
    layout.count_rare(start, songs, label, n_popular, lengths)
    user_order = np.argsort(-lengths, kind="stable")
    rare_start = _starts(lengths[user_order])
    song_start = _starts(degrees)
    holders = np.empty(len(songs), np.int32)
    layout.list_holders(start, songs, user_order, song_start, holders)
    bits = np.zeros((n_users + 1, n_words), np.uint64)
    rare = np.empty(rare_start[-1], np.uint32)
    layout.list_songs(song_start, holders, popular_song, rare_song, bits, rare_start, rare)

    # A song has at most as many neighbours as its users have other songs, counted with repetition.
    reach = np.zeros(n_songs, np.int64)
    layout.add_over_holders(song_start, holders, (np.diff(start) - 1)[user_order], reach)
    slot_start = _starts(np.minimum(reach, k))
    ids, counts = np.empty(slot_start[-1], np.int32), np.empty(slot_start[-1], np.int32)
    sizes = np.empty(n_songs, np.int64)

    def find(first: int, last: int) -> None:
        rows.find_neighbours(
            first, last, k, song_start, holders, bits, rare_start, rare, popular_song, rare_song, label,
            rare_limit, slot_start, ids, counts, sizes,
        )  # fmt: skip

    _run(find, _blocks(reach + 16 * degrees + 500, n_threads), n_threads)
    row_start = _starts(sizes)
    layout.close_gaps(slot_start, row_start, ids, counts)
    ids.resize(row_start[-1], refcheck=False)
    counts.resize(row_start[-1], refcheck=False)
    return TopK(row_start, ids, counts)


def weights(top_k: TopK, degrees: ArrayLike) -> NDArray[np.float32]:
    """Turn counts into weights ``w(a→b) = |U(a) ∩ U(b)| / |U(a)|``, divided in float64 and rounded once.

    Args:
        top_k: Counts of n_songs rows.
        degrees: ``|U(a)|`` of each song, shape (n_songs,).

    Returns:
        Weights in (0, 1], float32, parallel to ``top_k.indices``.

    Raises:
        InputError: ``degrees`` has another shape, or a degree is smaller than a count of its row.
    """
    divisors = np.asarray(degrees)
    sizes = np.diff(top_k.indptr)
    if divisors.shape != sizes.shape:
        raise InputError(f"degrees: expected shape {sizes.shape}, found {divisors.shape}")
    first = top_k.indptr[:-1][sizes > 0]  # the largest count of each row
    if np.any(divisors[sizes > 0] < top_k.counts[first]):
        raise InputError("degrees: a song has fewer users than it shares with a neighbour")
    quotients: NDArray[np.float64] = top_k.counts / np.repeat(divisors, sizes).astype(np.float64)
    return quotients.astype(np.float32)


def user_overlap(song_users: Any, songs: ArrayLike) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Count the songs that each user shares with one list of songs: ``|S ∩ songs(u)|``.

    Args:
        song_users: ``scipy.sparse.csr_array``, shape (n_songs, n_users): the transpose of "user holds song", without
            repeated entries; values are ignored.
        songs: Song rows ``S``, one user's list; repetitions count once.

    Returns:
        User rows with at least one shared song, ascending, int32; and the counts, int32, parallel to them. The owner
        of the list, if he or she is a user of the matrix, is among them.

    Raises:
        InputError: The matrix is not CSR, or a song row is not in it.

    Time is ``O(n_users + sum of the songs' degrees)``: a few milliseconds for 50,000 users.
    """
    if getattr(song_users, "format", None) != "csr":
        raise InputError("song_users: expected a scipy.sparse.csr_array of songs × users")
    n_songs, n_users = song_users.shape
    listed = np.asarray(songs)
    if listed.size and not np.issubdtype(listed.dtype, np.integer):
        raise InputError(f"songs: expected whole numbers, found {listed.dtype}")
    listed = np.unique(listed.astype(np.int64))
    if listed.size and not (listed[0] >= 0 and listed[-1] < n_songs):
        raise InputError(f"songs: expected rows between 0 and {n_songs - 1}")
    starts, stops = song_users.indptr[listed], song_users.indptr[listed + 1]
    parts = [song_users.indices[i:j] for i, j in zip(starts.tolist(), stops.tolist(), strict=True)]
    shared = np.bincount(np.concatenate(parts), minlength=n_users) if parts else np.zeros(n_users, np.int64)
    users = np.flatnonzero(shared)
    return users.astype(np.int32), shared[users].astype(np.int32)


def _whole(value: Any, name: str) -> int:
    """Accept a whole number of at least 1, and no truth value."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | np.integer) or value < 1:
        raise InputError(f"{name}: expected a whole number of at least 1, found {value!r}")
    return int(value)


def _cores() -> int:
    """Count the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _checked_shape(user_songs: Any) -> tuple[int, int]:
    """Check a CSR matrix; return the numbers of users and songs."""
    if getattr(user_songs, "format", None) != "csr" or len(user_songs.shape) != 2:
        raise InputError("user_songs: expected a scipy.sparse.csr_array of users × songs")
    n_users, n_songs = user_songs.shape
    if max(n_users, n_songs) >= 2**31:
        raise InputError("user_songs: at most 2,147,483,647 users and songs")
    try:
        user_songs.check_format(full_check=True)  # the loops do not check bounds
    except ValueError as error:
        raise InputError(f"user_songs: not a valid CSR matrix: {error}") from None
    return n_users, n_songs


def _canonical(user_songs: Any) -> Any:
    """Return a copy with each user's songs ascending and unique."""
    # Built afresh, because SciPy believes an earlier answer about whether a matrix is canonical.
    held = np.ones(len(user_songs.indices), np.bool_)
    copy = type(user_songs)((held, user_songs.indices, user_songs.indptr), shape=user_songs.shape, copy=True)
    copy.sum_duplicates()
    return copy


def _arrays(user_songs: Any) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Return row starts and columns, copied only where their type differs."""
    start = np.ascontiguousarray(user_songs.indptr, np.int64)
    return start, np.ascontiguousarray(user_songs.indices[: start[-1]], np.int32)


def _starts(sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Turn row sizes (n,) into row starts (n + 1,)."""
    starts = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=starts[1:])
    return starts


def _words(degrees: NDArray[np.int64], n_users: int) -> int:
    """Choose the number of 64-bit words a user for popular songs: whole vectors, none where no song is popular."""
    popular = int(np.count_nonzero(degrees * _POPULAR_SHARE >= n_users))
    step = _WORD_BITS * _WORDS_STEP
    return min(-(-popular // step) * _WORDS_STEP, _WORDS_MOST)


def _blocks(cost: NDArray[np.int64], threads: int) -> list[tuple[int, int]]:
    """Cut the song rows into blocks of about equal cost: enough for threads to balance, none too small to matter.

    Args:
        cost: Cost of each row, at least its degree, shape (n_songs,).
        threads: Number of threads.

    Returns:
        First row and one past the last row of each block. Degrees in a block add up to less than ``2**32``, which the
        counters of the loops rely on.
    """
    total = np.cumsum(cost)
    n = max(min(_BLOCKS_PER_THREAD * threads, int(total[-1]) // _BLOCK_LEAST), int(total[-1]) >> 31, 1)
    cuts = np.searchsorted(total, np.linspace(0, total[-1], n + 1)[1:-1])
    edges = np.unique(np.concatenate(([0], cuts, [len(cost)]))).tolist()
    return list(pairwise(edges))


def _run(find: Callable[[int, int], None], blocks: list[tuple[int, int]], threads: int) -> None:
    """Do all blocks, on several threads where there are several blocks."""
    if min(threads, len(blocks)) == 1:
        for first, last in blocks:
            find(first, last)
        return
    with ThreadPoolExecutor(min(threads, len(blocks)), thread_name_prefix="cooccurrence") as pool:
        try:
            for done in [pool.submit(find, first, last) for first, last in blocks]:
                done.result()
        except BaseException:  # an interrupt: leave the blocks that have not begun
            pool.shutdown(wait=True, cancel_futures=True)
            raise
