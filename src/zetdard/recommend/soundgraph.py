"""The graph of songs that sound alike, and the shortest way through it.

Songs are points of length 1; the size of a step is d = 1 − cosine = ½ ‖x − y‖², and a way costs Σ dᵖ.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

from zetdard.data.types import Csr

COMPLETE = 512
"""Up to so many points, each is joined with every other."""
NEIGHBOURS = 32
"""Of more points, each is joined with so many nearest ones."""
EXPONENTS = (2.0, 2.5, 3.0, 3.5, 4.0, 5.0, 6.0, 8.0, 11.0, 16.0)
"""p; the first, and the next ones where a longer path is wanted."""

Doubles = NDArray[np.float64]

_ROWS_AT_ONCE = 512
_PAIRS_AT_ONCE = 2**14
_ROUNDING = 1e-5
"""Neighbours are looked for in float32; sizes of steps are then computed in float64."""
_LEAST_STEP = 1e-6
"""Of the direct distance: no step costs less, so that equal songs are not walked through for nothing."""


def walk(points: Doubles, least_points: int = 0, most_steps: int | None = None) -> NDArray[np.int64]:
    """Return the shortest path from point 0 to point 1 for the smallest exponent that gives enough points.

    Where none does, the path with most points, of the smallest exponent that gives it.

    Args:
        points: Shape (points, dimensions), rows of length 1; two or more.
        least_points: The path should have so many.
        most_steps: The path has no more steps; ``None`` = any number.

    Returns:
        Rows of the points, both ends included.
    """
    graph, direct = near_graph(points)
    best = np.array([0, 1])
    for exponent in EXPONENTS:
        found = shortest(graph, direct, exponent, most_steps)
        if exponent == EXPONENTS[0] or len(found) > len(best):
            best = found
        if len(best) >= least_points:
            break
    return best


def near_graph(points: Doubles) -> tuple[Csr, float]:
    """Return the graph in which a path from point 0 to point 1 is looked for, and their distance.

    It joins each point with its ``NEIGHBOURS`` nearest, then components by their shortest bridges until points 0 and 1
    are connected, and point 0 with point 1; of up to ``COMPLETE`` points, all with all. Edges longer than the direct one
    are left out: no path of least cost uses them.

    Args:
        points: Shape (points, dimensions), rows of length 1.

    Returns:
        CSR, shape (points, points), symmetric, float64: sizes of steps, none below a millionth of the direct one; and
        1 − cosine of points 0 and 1.
    """
    n = len(points)
    direct = float(distances(points, np.array([0]), np.array([1]))[0])
    single = points.astype(np.float32)
    rows, columns = _nearest(single, n - 1 if n <= COMPLETE else NEIGHBOURS)
    while n > COMPLETE:
        component = _components(rows, columns, n)
        if component[0] == component[1]:
            break
        ends = _bridges(single, component)
        if len(ends[0]) == 0:  # every way out is longer than the direct step
            break
        rows, columns = np.concatenate([rows, ends[0]]), np.concatenate([columns, ends[1]])
    # Each pair once, smaller row first, with the direct one.
    pairs = np.unique(np.minimum(rows, columns) * n + np.maximum(rows, columns))
    pairs = np.union1d(pairs, [1])
    rows, columns = np.divmod(pairs, n)
    sizes = np.maximum(distances(points, rows, columns), direct * _LEAST_STEP)
    kept = (sizes <= direct) | (pairs == 1)
    rows, columns, sizes = rows[kept], columns[kept], sizes[kept]
    graph = csr_array(
        (np.concatenate([sizes, sizes]), (np.concatenate([rows, columns]), np.concatenate([columns, rows]))),
        shape=(n, n),
    )
    graph.sort_indices()
    return graph, direct


def shortest(graph: Csr, direct: float, exponent: float, most_steps: int | None = None) -> NDArray[np.int64]:
    """Return the path of least Σ dᵖ from node 0 to node 1: node numbers, both included.

    Args:
        graph: From ``near_graph``.
        direct: The size of the step from node 0 to node 1.
        exponent: p.
        most_steps: The path has no more; ``None`` = any number.
    """
    if direct <= 0:
        return np.array([0, 1])
    # In units of the direct step, which then costs 1, whatever the exponent.
    costs = csr_array(((graph.data / direct) ** exponent, graph.indices, graph.indptr), shape=graph.shape)
    if most_steps is not None:
        return _shortest_within(costs, most_steps)
    start = np.array([0])
    _, before = dijkstra(costs, directed=True, indices=start, return_predecessors=True, limit=1.0)
    path = [1]
    while path[-1] != 0:
        path.append(int(before[0, path[-1]]))
    return np.array(path[::-1])


def _shortest_within(costs: Csr, most_steps: int) -> NDArray[np.int64]:
    """Return the path of least cost of at most so many steps (Bellman, Ford)."""
    filled = np.flatnonzero(np.diff(costs.indptr))
    layers = [np.full(costs.shape[0], np.inf)]
    layers[0][0] = 0
    for _ in range(most_steps):
        through = layers[-1][costs.indices] + costs.data
        best = layers[-1].copy()
        best[filled] = np.minimum(best[filled], np.minimum.reduceat(through, costs.indptr[filled]))
        if (best == layers[-1]).all():
            break
        layers.append(best)
    path = [1]
    for here, before in zip(layers[:0:-1], layers[-2::-1], strict=True):
        node = path[-1]
        if before[node] == here[node]:
            continue  # nothing was won by this step
        edges = slice(costs.indptr[node], costs.indptr[node + 1])
        through = before[costs.indices[edges]] + costs.data[edges]
        path.append(int(costs.indices[edges][np.argmin(through)]))
    return np.array(path[::-1])


def distances(points: Doubles, rows: NDArray[np.integer], columns: NDArray[np.integer]) -> Doubles:
    """Return 1 − cosine of pairs of points of length 1, as half the square of their distance: never below 0."""
    found = np.empty(len(rows))
    for start in range(0, len(rows), _PAIRS_AT_ONCE):
        pairs = slice(start, start + _PAIRS_AT_ONCE)
        found[pairs] = np.square(points[rows[pairs]] - points[columns[pairs]]).sum(axis=1) / 2
    return found


def unit_points(values: NDArray[np.float32]) -> Doubles:
    """Return rows of length 1 in float64: the rows of a space have it only to the precision of float32."""
    points = values.astype(np.float64)
    return np.asarray(points / np.linalg.norm(points, axis=1, keepdims=True))


def _nearest(points: NDArray[np.float32], k: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return pairs (point, one of its k nearest) that are no farther from each other than points 0 and 1."""
    n = len(points)
    least = _least_cosine(points)
    rows, columns = [], []
    for start in range(0, n, _ROWS_AT_ONCE):
        cosines = points[start : start + _ROWS_AT_ONCE] @ points.T  # (block, points)
        here = np.arange(len(cosines))
        cosines[here, start + here] = -np.inf
        if k < n - 1:
            near = np.argpartition(-cosines, k - 1, axis=1)[:, :k]
        else:
            near = np.broadcast_to(np.arange(n), (len(cosines), n))
        kept = np.take_along_axis(cosines, near, axis=1) >= least
        rows.append(np.broadcast_to(start + here[:, None], near.shape)[kept])
        columns.append(near[kept])
    return np.concatenate(rows), np.concatenate(columns)


def _bridges(
    points: NDArray[np.float32], component: NDArray[np.int32]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the nearest pair out of each component, if it is no longer than from point 0 to point 1 (Borůvka)."""
    nearest = np.empty(len(points), np.int64)
    cosines = np.empty(len(points), np.float32)
    for start in range(0, len(points), _ROWS_AT_ONCE):
        rows = slice(start, start + _ROWS_AT_ONCE)
        outside = points[rows] @ points.T  # (block, points)
        outside[component[rows, None] == component] = -np.inf
        nearest[rows] = outside.argmax(axis=1)
        cosines[rows] = outside.max(axis=1)
    # Of each component, the point with the largest cosine to one outside; the first of several.
    order = np.lexsort((-cosines, component))
    _, first = np.unique(component[order], return_index=True)
    best = order[first]
    best = best[cosines[best] >= _least_cosine(points)]
    return best, nearest[best]


def _components(rows: NDArray[np.int64], columns: NDArray[np.int64], n: int) -> NDArray[np.int32]:
    graph = csr_array((np.ones(len(rows), np.int8), (rows, columns)), shape=(n, n))
    _, component = connected_components(graph, directed=False)
    return np.asarray(component, np.int32)


def _least_cosine(points: NDArray[np.float32]) -> float:
    """Return the cosine of points 0 and 1, with room for rounding."""
    return float(points[0] @ points[1]) - _ROUNDING
