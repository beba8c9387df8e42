"""Compiled loops that lay out the data of :mod:`zetdard.kernels.cooccurrence`; import that module instead.

Songs are of two kinds. The *popular* ones are numbered by ascending song row and kept as one bit a user and song; the
*rare* ones are numbered by descending degree, ties by ascending song row, and kept as sorted lists, one a user. Users
are renumbered by descending length of that list. Names used throughout:

=============== ============== ====================================================================================
name            shape          meaning
=============== ============== ====================================================================================
``song_start``  n_songs + 1    users of song ``a`` are ``holders[song_start[a]:song_start[a + 1]]``, ascending
``holders``     n_pairs        user numbers
``bits``        n_users + 1,   row ``u``, bit ``p`` (word ``p // 64``): user ``u`` holds popular song ``p``; the last
                n_words        row is empty
``rare_start``  n_users + 1    rare songs of user ``u`` are ``rare[rare_start[u]:rare_start[u + 1]]``, ascending
``rare``        n_rare_pairs   rare song numbers
``popular_song``, n_popular,   song rows by popular and by rare number
``rare_song``   n_rare
``label``       n_songs        popular number, or ``n_popular`` + rare number
=============== ============== ====================================================================================
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from zetdard.kernels.cache import compiled

Ints = NDArray[np.int32]
Unsigned = NDArray[np.uint32]
Longs = NDArray[np.int64]
Words = NDArray[np.uint64]

_ONE = np.uint64(1)


@compiled("boolean(int64[::1], int32[::1], int64[::1])")
def count_degrees(user_start: Longs, songs: Ints, degrees: Longs) -> bool:
    """Add up each song's users in ``degrees``; tell whether each user's songs are strictly ascending."""
    canonical = True
    for u in range(len(user_start) - 1):
        before = -1
        for i in range(user_start[u], user_start[u + 1]):
            song = songs[i]
            canonical &= song > before
            before = song
            degrees[song] += 1
    return canonical


@compiled("void(int64[::1], int32[::1], int32[::1], int64, int64[::1])")
def count_rare(user_start: Longs, songs: Ints, label: Ints, n_popular: int, lengths: Longs) -> None:
    """Count each user's rare songs into ``lengths`` (n_users,)."""
    for u in range(len(lengths)):
        for i in range(user_start[u], user_start[u + 1]):
            lengths[u] += label[songs[i]] >= n_popular


@compiled("void(int64[::1], int32[::1], int64[::1], int64[::1], int32[::1])")
def list_holders(user_start: Longs, songs: Ints, user_order: Longs, song_start: Longs, holders: Ints) -> None:
    """Transpose: fill ``holders``, numbering the users as they come in ``user_order``."""
    at = song_start[:-1].copy()
    for u in range(len(user_order)):
        row = user_order[u]
        for i in range(user_start[row], user_start[row + 1]):
            song = songs[i]
            holders[at[song]] = u
            at[song] += 1


@compiled("void(int64[::1], int32[::1], int32[::1], int32[::1], uint64[:, ::1], int64[::1], uint32[::1])")
def list_songs(
    song_start: Longs,
    holders: Ints,
    popular_song: Ints,
    rare_song: Ints,
    bits: Words,
    rare_start: Longs,
    rare: Unsigned,
) -> None:
    """Fill ``bits`` (given empty) and ``rare``. Songs are visited by their numbers, so lists come out ascending."""
    for number in range(len(popular_song)):
        song = popular_song[number]
        word, bit = number >> 6, _ONE << np.uint64(number & 63)
        for i in range(song_start[song], song_start[song + 1]):
            bits[holders[i], word] |= bit
    at = rare_start[:-1].copy()
    for number in range(len(rare_song)):
        song = rare_song[number]
        for i in range(song_start[song], song_start[song + 1]):
            u = holders[i]
            rare[at[u]] = number
            at[u] += 1


@compiled("void(int64[::1], int32[::1], int64[::1], int64[::1])")
def add_over_holders(song_start: Longs, holders: Ints, of_user: Longs, sums: Longs) -> None:
    """Add up, for each song, a number of its users."""
    for song in range(len(sums)):
        for i in range(song_start[song], song_start[song + 1]):
            sums[song] += of_user[holders[i]]


@compiled("void(int64[::1], int64[::1], int32[::1], int32[::1])")
def close_gaps(slot_start: Longs, row_start: Longs, ids: Ints, counts: Ints) -> None:
    """Move the rows of ``ids`` and ``counts`` from their slots to ``row_start`` (never behind them), in place."""
    for a in range(len(row_start) - 1):
        shift = slot_start[a] - row_start[a]
        if shift > 0:
            for i in range(row_start[a], row_start[a + 1]):
                ids[i] = ids[i + shift]
                counts[i] = counts[i + shift]
