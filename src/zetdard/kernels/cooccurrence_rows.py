"""Compiled loops that find the top-K rows of :mod:`zetdard.kernels.cooccurrence`; import that module instead.

The arrays are laid out, and their names explained, in :mod:`zetdard.kernels.cooccurrence_layout`.

A candidate ``b`` with count ``c`` is one integer, ``key = c << 32 | (2**31 - 1 - b)``: descending keys are descending
counts, and ascending song rows where counts are equal.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from zetdard.kernels.cache import compiled, inner

Ints = NDArray[np.int32]
Unsigned = NDArray[np.uint32]
Longs = NDArray[np.int64]
Words = NDArray[np.uint64]

_PLANES = 33  # bit planes of a row's counts, which stay below 2**31, and one for the carry
_LEAST_KEPT = 3  # see _skipped
_FEW = 128  # see _write_descending
_LAST_ROW = 2**31 - 1
_LOW_HALF = 2**32 - 1
_NONE = np.uint64(0)
_ONE = np.uint64(1)
_PAIRS = np.uint64(0x5555555555555555)
_QUADS = np.uint64(0x3333333333333333)
_BYTES = np.uint64(0x0F0F0F0F0F0F0F0F)
_SUM = np.uint64(0x0101010101010101)
_SHIFT_2, _SHIFT_4, _SHIFT_56 = np.uint64(2), np.uint64(4), np.uint64(56)


@inner
def _ones(word: Any) -> Any:
    """Count the set bits of a word (LLVM knows this form and emits the processor's own instruction)."""
    word = word - ((word >> _ONE) & _PAIRS)
    word = (word & _QUADS) + ((word >> _SHIFT_2) & _QUADS)
    return (((word + (word >> _SHIFT_4)) & _BYTES) * _SUM) >> _SHIFT_56


@inner
def _sift(heap: Longs, size: int, at: int, key: int) -> None:
    """Put ``key`` at place ``at`` of a min-heap and let it sink."""
    while True:
        child = 2 * at + 1
        if child >= size:
            break
        if child + 1 < size and heap[child + 1] < heap[child]:
            child += 1
        if heap[child] >= key:
            break
        heap[at] = heap[child]
        at = child
    heap[at] = key


@inner
def _heapify(heap: Longs, size: int) -> None:
    for at in range(size // 2 - 1, -1, -1):
        _sift(heap, size, at, heap[at])


@inner
def _count_popular(bits: Words, holders: Ints, first: int, last: int, planes: Words) -> int:
    """Count the holders ``first:last`` of all popular songs at once; return the number of planes in use.

    ``planes`` (PLANES, n_words) receives the counts bit-sliced: bit ``p`` of plane ``j`` has the value ``2**j``. Eight
    users at a time go through a tree of carry-save adders (Harley–Seal; Muła, Kurz and Lemire, "Faster population
    counts using AVX2 instructions", 2018), which the compiler turns into vector code over the words.
    """
    n_words = bits.shape[1]
    empty = len(bits) - 1
    n = 3
    while (last - first) >> n > 0:
        n += 1
    planes[:n] = 0
    ones, twos, fours, carry = planes[0], planes[1], planes[2], planes[n]
    for i in range(first, last, 8):
        u0 = bits[holders[i]]
        u1 = bits[holders[i + 1] if i + 1 < last else empty]
        u2 = bits[holders[i + 2] if i + 2 < last else empty]
        u3 = bits[holders[i + 3] if i + 3 < last else empty]
        u4 = bits[holders[i + 4] if i + 4 < last else empty]
        u5 = bits[holders[i + 5] if i + 5 < last else empty]
        u6 = bits[holders[i + 6] if i + 6 < last else empty]
        u7 = bits[holders[i + 7] if i + 7 < last else empty]
        carried = _NONE
        for w in range(n_words):
            # One full adder a step: sum = x ^ y ^ z, carry = (x & y) | ((x ^ y) & z).
            one, two, four = ones[w], twos[w], fours[w]
            x = u0[w] ^ u1[w]
            a = (u0[w] & u1[w]) | (x & one)
            one ^= x
            x = u2[w] ^ u3[w]
            b = (u2[w] & u3[w]) | (x & one)
            one ^= x
            x = a ^ b
            c = (a & b) | (x & two)
            two ^= x
            x = u4[w] ^ u5[w]
            a = (u4[w] & u5[w]) | (x & one)
            one ^= x
            x = u6[w] ^ u7[w]
            b = (u6[w] & u7[w]) | (x & one)
            one ^= x
            x = a ^ b
            d = (a & b) | (x & two)
            two ^= x
            x = c ^ d
            eight = (c & d) | (x & four)
            four ^= x
            ones[w], twos[w], fours[w], carry[w] = one, two, four, eight
            carried |= eight
        j = 3
        while carried != _NONE:
            carried = _NONE
            plane = planes[j]
            for w in range(n_words):
                x = plane[w] & carry[w]
                plane[w] ^= carry[w]
                carry[w] = x
                carried |= x
            j += 1
    return n


@inner
def _select_popular(planes: Words, n: int, k: int, above: Words, equal: Words) -> None:
    """Mark the largest non-zero counts of ``n`` planes: fewer than ``k`` in ``above``, ties for the rest in ``equal``.

    Where no more than ``k`` are non-zero, all of them are in ``above``. The planes are descended from the highest
    (Rinfret, O'Neil and O'Neil, "Bit-sliced index arithmetic", SIGMOD 2001, algorithm 4.1).
    """
    n_words = len(above)
    found = _NONE
    for w in range(n_words):
        some = _NONE
        for j in range(n):
            some |= planes[j, w]
        above[w], equal[w] = _NONE, some
        found += _ones(some)
    if found <= np.uint64(k):
        above[:] = equal
        equal[:] = 0
        return
    taken = _NONE
    for j in range(n - 1, -1, -1):
        plane = planes[j]
        found = _NONE
        for w in range(n_words):
            found += _ones(equal[w] & plane[w])
        if taken + found >= np.uint64(k):
            for w in range(n_words):
                equal[w] &= plane[w]
        else:
            taken += found
            for w in range(n_words):
                above[w] |= equal[w] & plane[w]
                equal[w] &= ~plane[w]


@inner
def _take(marked: Words, planes: Words, n: int, popular_song: Ints, heap: Longs, size: int, k: int) -> int:
    """Append the keys of marked songs to ``heap``, by ascending song row, until it holds ``k``; return its size."""
    for w in range(len(marked)):
        rest = marked[w]
        while rest != _NONE and size < k:
            below = ~rest & (rest - _ONE)  # the bits under the lowest set one
            bit = _ones(below)
            rest &= rest - _ONE
            count: Any = 0
            for j in range(n):
                count |= np.int64((planes[j, w] >> bit) & _ONE) << j
            heap[size] = count << 32 | (_LAST_ROW - popular_song[64 * w + np.int64(bit)])
            size += 1
    return size


@inner
def _holds(rare: Unsigned, first: int, last: int, song: int) -> bool:
    """Search one user's sorted list of rare songs."""
    end = last
    while first < last:
        middle = (first + last) >> 1
        if rare[middle] < song:
            first = middle + 1
        else:
            last = middle
    return first < end and rare[first] == song


@inner
def _skipped(least: int) -> int:
    """Tell how many of the longest lists need not be read to find the songs that reach the count ``least``.

    A song that shares ``least`` users with the row's song has at least ``least - skipped`` of them outside the skipped
    lists, in which it is looked up afterwards (DivideSkip: Li, Lu and Lu, "Efficient merging and filtering algorithms
    for approximate string searches", ICDE 2008). With fewer than three left over nearly every song would have to be
    looked up; a quarter left over keeps such songs few where songs are held in groups.
    """
    return max(least - max(_LEAST_KEPT, (least + 3) // 4), 0)


@inner
def _count_rare(
    holders: Ints,
    first: int,
    last: int,
    rare_start: Longs,
    rare: Unsigned,
    limit: int,
    counters: Unsigned,
    floor: int,
    target: int,
    reached: Unsigned,
) -> int:
    """Count the rare songs below ``limit`` over the holders ``first:last``.

    ``counters`` (n_rare,) start from ``floor``: smaller values are left over from earlier rows, so nothing needs to
    be cleared. Songs whose counter arrives at ``target`` are put in ``reached``; their number is returned.
    """
    end, bottom, goal, one = np.uint32(limit), np.uint32(floor), np.uint32(target), np.uint32(1)
    found = 0
    for i in range(first, last):
        u = holders[i]
        # Unsigned places spare the test for negative ones: a third of the time of this loop.
        for at in range(np.uintp(rare_start[u]), np.uintp(rare_start[u + 1])):
            song = rare[at]
            if song >= end:
                break
            count = np.uint32(max(counters[song], bottom) + one)
            counters[song] = count
            if count == goal:
                reached[found] = song
                found += 1
    return found


@inner
def _offer(heap: Longs, size: int, k: int, key: int) -> int:
    """Keep ``key`` if it is among the ``k`` largest; return the new size. A full heap is a min-heap."""
    if size < k:
        heap[size] = key
        size += 1
        if size == k:
            _heapify(heap, k)
    elif key > heap[0]:
        _sift(heap, k, 0, key)
    return size


@inner
def _write_descending(heap: Longs, size: int, start: int, ids: Ints, counts: Ints) -> None:
    """Write ``size`` keys in any order to ``ids[start:]`` and ``counts[start:]``, largest first."""
    if size <= _FEW:
        # A key's place is the number of larger ones: more comparisons than in a heap, but vector code.
        for i in range(size):
            key = heap[i]
            place = start
            for j in range(size):
                place += heap[j] > key
            ids[place], counts[place] = _LAST_ROW - (key & _LOW_HALF), key >> 32
        return
    _heapify(heap, size)
    for last in range(size - 1, -1, -1):
        key = heap[0]
        ids[start + last], counts[start + last] = _LAST_ROW - (key & _LOW_HALF), key >> 32
        _sift(heap, last, 0, heap[last])


@compiled(
    "void(int64, int64, int64, int64[::1], int32[::1], uint64[:, ::1], int64[::1], uint32[::1], int32[::1],"
    " int32[::1], int32[::1], int64[::1], int64[::1], int32[::1], int32[::1], int64[::1])"
)
def find_neighbours(
    first: int,
    last: int,
    k: int,
    song_start: Longs,
    holders: Ints,
    bits: Words,
    rare_start: Longs,
    rare: Unsigned,
    popular_song: Ints,
    rare_song: Ints,
    label: Ints,
    rare_limit: Longs,
    slot_start: Longs,
    ids: Ints,
    counts: Ints,
    sizes: Longs,
) -> None:
    """Find the at most ``k`` neighbours of the song rows ``first:last``, whose degrees add up to less than ``2**32``.

    ``k`` is below the number of songs. Entry ``t`` of ``rare_limit`` is the number of rare songs with at least ``t``
    users, 0 beyond its end. Song ``a`` writes its neighbours and counts from place ``slot_start[a]`` of ``ids`` and
    ``counts`` on, and how many there are into ``sizes[a]``. The other arrays are the layout.
    """
    n_words = bits.shape[1]
    n_popular, n_rare = len(popular_song), len(rare_song)
    most = len(rare_limit) - 1  # the degree of the most held rare song
    planes = np.zeros((_PLANES, n_words), np.uint64)
    above, equal = np.zeros(n_words, np.uint64), np.zeros(n_words, np.uint64)
    counters, reached = np.zeros(n_rare, np.uint32), np.zeros(n_rare, np.uint32)
    floor = 0
    heap = np.zeros(k, np.int64)
    for a in range(first, last):
        start, stop = song_start[a], song_start[a + 1]
        if start == stop:
            sizes[a] = 0
            continue
        n = _count_popular(bits, holders, start, stop, planes)
        own = label[a]
        if own < n_popular:
            for j in range(n):
                planes[j, own >> 6] &= ~(_ONE << np.uint64(own & 63))
        _select_popular(planes, n, k, above, equal)
        size = _take(above, planes, n, popular_song, heap, 0, k)
        size = _take(equal, planes, n, popular_song, heap, size, k)
        least = 1
        if size == k:
            _heapify(heap, k)
            least = heap[0] >> 32
        limit = rare_limit[least] if least <= most else 0
        if limit > 0:
            # A rare song enters with `least` users in common, so it has that many users: it lies below `limit`.
            divide = start + _skipped(least)
            target = least - (divide - start)
            found = _count_rare(
                holders, divide, stop, rare_start, rare, limit, counters, floor, floor + target, reached
            )
            for i in range(found):
                b: Any = np.int64(reached[i])
                if n_popular + b == own:
                    continue
                count: Any = np.int64(counters[b]) - floor
                for j in range(start, divide):
                    if count + divide - j < least:
                        break
                    u = holders[j]
                    count += _holds(rare, rare_start[u], rare_start[u + 1], b)
                if count >= least:
                    size = _offer(heap, size, k, count << 32 | (_LAST_ROW - rare_song[b]))
            floor += min(stop - start, most)
        _write_descending(heap, size, slot_start[a], ids, counts)
        sizes[a] = size
