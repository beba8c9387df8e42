"""Styles as distributions: known answers."""

from __future__ import annotations

import math

import numpy as np
import pytest

from zetdard.errors import InputError, NoDataError
from zetdard.features.audio.style import (
    Background,
    Style,
    background,
    bhattacharyya,
    fit,
    outstanding_tags,
    similarity,
    style,
    wasserstein,
)

NO_TAGS = np.zeros(0)
UNIT = Background(np.zeros(3), np.ones(3), NO_TAGS)


def normal(mean: list[float], variance: list[float]) -> Style:
    return Style(np.array(mean), np.array(variance), NO_TAGS, 1)


def test_a_background_is_mean_and_variance() -> None:
    found = background([[0, 1], [2, 1], [4, 4]], tags=[[0.0], [0.5], [1.0]])
    np.testing.assert_allclose(found.mean, [2, 2])
    np.testing.assert_allclose(found.variance, [4, 3])
    np.testing.assert_allclose(found.tags, [0.5])


def test_a_dimension_that_never_varies_divides_nothing_by_zero() -> None:
    found = background([[0, 5], [2, 5]])
    assert found.variance[1] > 0
    assert np.isfinite(fit(style([[1, 5]], found), [[1, 6]])).all()


def test_one_song_has_the_spread_of_all_songs() -> None:
    found = style([[1, 2, 3]], Background(np.zeros(3), np.array([1.0, 2.0, 3.0]), NO_TAGS))
    np.testing.assert_allclose(found.mean, [1, 2, 3])
    np.testing.assert_allclose(found.variance, [1, 2, 3])
    assert found.songs == 1


def test_many_songs_have_their_own_spread() -> None:
    random = np.random.default_rng(0)
    songs = random.normal([1, 2, 3], [0.1, 1, 5], (20_000, 3))
    found = style(songs, UNIT)
    np.testing.assert_allclose(found.mean, [1, 2, 3], atol=0.1)
    np.testing.assert_allclose(np.sqrt(found.variance), [0.1, 1, 5], rtol=0.03)


def test_few_songs_lie_between() -> None:
    # κ = 5, n = 3, and the squares about the mean sum to 2: (5 · 1 + 2) / 7.
    found = style([[-1, 0, 0], [0, 0, 0], [1, 0, 0]], UNIT)
    np.testing.assert_allclose(found.variance, [1, 5 / 7, 5 / 7])


def test_a_weight_counts_as_often_as_the_song() -> None:
    weighted = style([[0, 0, 0], [3, 0, 0]], UNIT, tags=[[0], [1]], weights=[2, 1])
    np.testing.assert_allclose(weighted.mean, [1, 0, 0])
    np.testing.assert_allclose(weighted.tags, [1 / 3])
    assert weighted.songs == pytest.approx(9 / 5)
    without = style([[0, 0, 0], [9, 9, 9]], UNIT, weights=[1, 0])
    np.testing.assert_allclose(without.variance, 1)
    huge = style([[0, 0, 0], [3, 0, 0]], UNIT, weights=[2e300, 1e300])
    np.testing.assert_allclose(huge.variance, weighted.variance)


def test_no_songs_are_refused() -> None:
    for songs, weights in (([], None), (np.zeros((0, 3)), None), ([[1, 2, 3]], [0])):
        with pytest.raises(NoDataError, match="no song"):
            style(songs, UNIT, weights=weights)
    with pytest.raises(NoDataError, match="two or more"):
        background([[1, 2]])
    with pytest.raises(NoDataError, match="the same"):
        background([[1, 2], [1, 2]])


@pytest.mark.parametrize(
    ("songs", "more"),
    [
        ([[1, 2]], {}),
        ([1, 2, 3], {}),
        ([[1, 2, math.nan]], {}),
        ([[1, 2, 3]], {"weights": [-1]}),
        ([[1, 2, 3]], {"weights": [1, 1]}),
        ([[1, 2, 3]], {"weights": [math.inf]}),
        ([[1, 2, 3]], {"tags": [[1], [2]]}),
        ([[1, 2, 3]], {"prior_songs": 0}),
    ],
)
def test_what_cannot_be_is_refused(songs: object, more: dict[str, object]) -> None:
    with pytest.raises(InputError):
        style(songs, UNIT, **more)  # type: ignore[arg-type]


def test_the_same_style_is_no_way_apart() -> None:
    one = normal([1, 2], [3, 4])
    assert bhattacharyya(one, one) == 0
    assert wasserstein(one, one) == 0
    assert similarity(one, one) == 1


def test_distances_of_known_distributions() -> None:
    a, b = normal([0, 0], [1, 1]), normal([3, 4], [1, 1])
    assert bhattacharyya(a, b) == pytest.approx(25 / 8)
    assert wasserstein(a, b) == pytest.approx(5)
    wide = normal([0, 0], [4, 1])
    assert bhattacharyya(a, wide) == pytest.approx(math.log(2.5 / 2) / 2)
    assert wasserstein(a, wide) == pytest.approx(1)
    assert similarity(a, b) == pytest.approx(math.exp(-25 / 16))


def test_bhattacharyya_is_the_overlap() -> None:
    a, b = normal([0], [1]), normal([1], [2.5])
    x = np.linspace(-30, 30, 200_001)
    p, q = (
        np.exp(-((x - s.mean[0]) ** 2) / (2 * s.variance[0])) / np.sqrt(2 * np.pi * s.variance[0])
        for s in (a, b)
    )
    assert math.exp(-bhattacharyya(a, b)) == pytest.approx(np.trapezoid(np.sqrt(p * q), x), rel=1e-6)


def test_distances_are_the_same_both_ways_and_keep_to_the_triangle() -> None:
    random = np.random.default_rng(1)
    a, b, c = (normal(list(random.normal(size=5)), list(random.uniform(0.1, 3, 5))) for _ in range(3))
    assert bhattacharyya(a, b) == pytest.approx(bhattacharyya(b, a))
    assert wasserstein(a, b) == pytest.approx(wasserstein(b, a))
    assert wasserstein(a, c) <= wasserstein(a, b) + wasserstein(b, c)


def test_spaces_must_be_the_same() -> None:
    for compare in (bhattacharyya, wasserstein, similarity):
        with pytest.raises(InputError, match="cannot be compared"):
            compare(normal([0], [1]), normal([0, 0], [1, 1]))
    with pytest.raises(InputError, match="dimensions"):
        fit(normal([0], [1]), [[1, 2]])


def test_equal_means_with_other_spreads_are_told_apart() -> None:
    narrow, wide = normal([0, 0], [1, 1]), normal([0, 0], [9, 9])
    assert similarity(narrow, wide) < 0.9


def test_songs_of_the_style_fit_it_best() -> None:
    found = fit(normal([1, 1], [1, 4]), [[1, 1], [2, 1], [1, 3], [5, 5]])
    np.testing.assert_allclose(found, [0, -0.25, -0.25, -5])


def test_the_tags_that_stand_out_are_not_those_that_all_songs_have() -> None:
    of_all = Background(np.zeros(1), np.ones(1), np.array([0.6, 0.05, 0.2]))
    one = Style(np.zeros(1), np.ones(1), np.array([0.62, 0.5, 0.1]), 3)
    found = outstanding_tags(one, of_all, ("rock", "metal", "jazz"))
    assert [name for name, _ in found] == ["metal", "rock"]
    assert found[0][1] == pytest.approx(math.log(0.5 / 0.5) - math.log(0.05 / 0.95))
    with pytest.raises(InputError, match="the same tags"):
        outstanding_tags(one, of_all, ("rock",))


def test_artists_of_one_kind_are_closer_than_others() -> None:
    random = np.random.default_rng(2)
    centres = np.repeat(random.normal(size=(2, 20)), 3, axis=0)
    songs = centres[:, np.newaxis] + 0.5 * random.normal(size=(6, 8, 20))
    of_all = background(songs.reshape(-1, 20))
    styles = [style(own, of_all) for own in songs]
    near = [similarity(styles[a], styles[b]) for a, b in ((0, 1), (0, 2), (3, 4), (4, 5))]
    far = [similarity(styles[a], styles[b]) for a, b in ((0, 3), (1, 4), (2, 5))]
    assert min(near) > max(far)
