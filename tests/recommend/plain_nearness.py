"""Nearness by plain means: sums over lists, one pair at a time. Slow, and easy to read."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from zetdard.data.dataset import Dataset
from zetdard.features.audio.style import background, similarity, style
from zetdard.names import title_key

Points = Mapping[int, Sequence[float]]
"""Row → point, of what is present."""


def cosine(a: Sequence[float], b: Sequence[float]) -> float:
    return float(np.float32(math.fsum(x * y for x, y in zip(a, b, strict=True))))


def ordered(scores: Mapping[int, float]) -> list[int]:
    return sorted(scores, key=lambda row: (-scores[row], row))


def artists_of(dataset: Dataset, song: int) -> set[int]:
    return set(dataset.artists_of(song).tolist())


def are_versions(dataset: Dataset, a: int, b: int) -> bool:
    """Whether two songs share an artist and a title."""
    same_title = title_key(dataset.songs.name(a)) == title_key(dataset.songs.name(b))
    return same_title and bool(artists_of(dataset, a) & artists_of(dataset, b))


def candidates(dataset: Dataset, song: int, *, all_versions: bool) -> list[int]:
    others = [row for row in range(len(dataset.songs)) if row != song]
    return [row for row in others if all_versions or not are_versions(dataset, song, row)]


def one_version(dataset: Dataset, order: Iterable[int]) -> list[int]:
    kept: list[int] = []
    for song in order:
        if not any(are_versions(dataset, song, other) for other in kept):
            kept.append(song)
    return kept


def song_scores(points: Points, song: int, rows: Iterable[int]) -> dict[int, float]:
    return {row: cosine(points[song], points[row]) for row in rows if row in points}


def holders(dataset: Dataset, song: int) -> set[int]:
    matrix = dataset.holdings.matrix.toarray()
    return {user for user in range(len(dataset.users)) if matrix[user, song]}


def people_scores(dataset: Dataset, song: int, rows: Iterable[int]) -> dict[int, float]:
    """w(song → row) of the song network: the share of the song's holders who hold the other, where any does."""
    own = holders(dataset, song)
    found = {row: len(own & holders(dataset, row)) / max(len(own), 1) for row in rows}
    return {row: float(np.float32(score)) for row, score in found.items() if score > 0}


def songs_of(dataset: Dataset, artist: int) -> list[int]:
    return [song for song in range(len(dataset.songs)) if artist in artists_of(dataset, song)]


def artist_scores(dataset: Dataset, points: Points, artist: int) -> dict[int, float]:
    """Likeness of styles, of artists of whom a song is present."""
    of_all = background([points[row] for row in sorted(points)])
    styles = {}
    for other in range(len(dataset.artists)):
        own = [points[song] for song in songs_of(dataset, other) if song in points]
        if own:
            styles[other] = style(own, of_all)
    return {other: similarity(styles[artist], styles[other]) for other in styles if other != artist}


def fusion(parts: Iterable[tuple[Mapping[int, float], float]]) -> dict[int, float]:
    """Reciprocal ranks, summed; rows with one score share the mean of their ranks."""
    scores: dict[int, float] = {}
    for part, weight in parts:
        for row, score in part.items():
            before = sum(other > score for other in part.values())
            same = sum(other == score for other in part.values())
            scores[row] = scores.get(row, 0.0) + weight / (60 + before + (1 + same) / 2)
    return {row: float(np.float32(score)) for row, score in scores.items()}
