from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zetdard.errors import ArtifactError, InputError
from zetdard.features.projection import (
    Projection,
    ProjectionConfig,
    fit,
    pairs_of_groups,
    standardised,
)


def world(n_groups=30, size=6, seed=0, loud=2.0):
    """Songs of groups: 8 features tell the groups apart, 8 differ within them and leak, loudly, into those that tell."""
    rng = np.random.default_rng(seed)
    groups = np.repeat(np.arange(n_groups), size)
    nuisance = loud * rng.standard_normal((len(groups), 8))
    telling = rng.standard_normal((n_groups, 8))[groups] + 0.5 * rng.standard_normal((len(groups), 8))
    return np.hstack((telling + nuisance, nuisance)), groups


def names_of(values):
    return [f"x{column}" for column in range(values.shape[1])]


def first_is_partner(unit, groups):
    near = unit @ unit.T
    np.fill_diagonal(near, -np.inf)
    return float(np.mean(groups[near.argmax(axis=1)] == groups))


def halves(values, groups):
    """The map of the first half of the groups, and how well the second half finds itself by it and without."""
    learned = groups < groups.max() / 2
    pairs = pairs_of_groups(groups[learned])
    projection = fit(values[learned], names_of(values), pairs)
    asked, names = values[~learned], groups[~learned]
    return (
        projection,
        first_is_partner(projection.project(asked), names),
        first_is_partner(standardised(asked), names),
    )


def test_a_nuisance_that_differs_within_pairs_is_suppressed():
    rng = np.random.default_rng(1)
    groups = np.repeat(np.arange(40), 5)
    telling = rng.standard_normal((40, 4))[groups] + 0.1 * rng.standard_normal((200, 4))
    values = np.hstack((telling, 100 * rng.standard_normal((200, 1))))
    projection = fit(values, names_of(values), pairs_of_groups(groups), ProjectionConfig(dimensions=(5,)))
    weight = np.linalg.norm(projection.matrix, axis=1)  # of each standardised feature
    # Within pairs what tells has 0.1 of its spread, the nuisance all of it.
    assert weight[:4].min() > 4 * weight[4]


def test_the_closed_form_is_the_generalised_eigenproblem():
    values, groups = world(seed=3)
    config = ProjectionConfig(shrinkages=(0.1,), dimensions=(100,))
    pairs = pairs_of_groups(groups)
    projection = fit(values, names_of(values), pairs, config)
    z = (values - values.mean(axis=0)) / values.std(axis=0)
    within = np.zeros((z.shape[1], z.shape[1]))
    for a, b, weight in pairs:
        within += weight * np.outer(z[a] - z[b], z[a] - z[b])
    within /= 2 * sum(weight for *_, weight in pairs)
    shrunk = 0.9 * within + 0.1 * np.trace(within) / len(within) * np.eye(len(within))
    total = z.T @ z / len(z)
    A = projection.matrix
    np.testing.assert_allclose(A.T @ shrunk @ A, np.eye(len(A)), atol=1e-8)
    ratios = np.diag(A.T @ total @ A)
    np.testing.assert_allclose(A.T @ total @ A, np.diag(ratios), atol=1e-7)
    assert (np.diff(ratios) <= 1e-9).all()


def test_what_is_learned_helps_songs_that_were_not_seen():
    projection, learned, plain = halves(*world(n_groups=60))
    assert projection.note.startswith("learned from")
    assert learned > plain + 0.3


def test_more_pairs_help_more():
    found = {6: 0.0, 20: 0.0, 120: 0.0}
    for seed in range(3):
        values, groups = world(n_groups=160, seed=seed)
        asked = groups >= 120
        for n_groups in found:
            pairs = pairs_of_groups([group if group < n_groups else None for group in groups])
            learned = fit(values, names_of(values), pairs).project(values[asked])
            found[n_groups] += first_is_partner(learned, groups[asked])
    assert found[6] < found[20] < found[120]


def test_random_pairs_do_not_help():
    values, groups = world(n_groups=60, seed=7)
    taught = groups < 30
    notes = []
    for seed in range(5):
        shuffled = np.random.default_rng(seed).permutation(groups[taught])
        projection = fit(values[taught], names_of(values), pairs_of_groups(shuffled))
        notes.append(projection.note)
    assert sum(note.startswith("nothing learned") for note in notes) >= 4
    assert halves(values, groups)[0].note.startswith("learned from")


def test_random_pairs_do_not_help_where_features_outnumber_songs():
    # There the map flattens the songs that it learned from, and those held out stand apart by that alone.
    groups = np.repeat(np.arange(12), 10)
    notes = []
    for seed in range(8):
        values = np.random.default_rng(seed).standard_normal((120, 300))
        notes.append(fit(values, names_of(values), pairs_of_groups(groups)).note)
    assert sum(note.startswith("nothing learned") for note in notes) >= 7


def test_units_do_not_matter():
    values, groups = world()
    pairs = pairs_of_groups(groups)
    scales = 10.0 ** np.arange(-4, values.shape[1] - 4)
    offsets = np.arange(values.shape[1]) * 5.0
    one = fit(values, names_of(values), pairs)
    other = fit(values * scales + offsets, names_of(values), pairs)
    np.testing.assert_allclose(one.project(values), other.project(values * scales + offsets), atol=1e-4)


def test_the_same_map_every_time_and_from_pairs_in_any_order():
    values, groups = world()
    pairs = pairs_of_groups(groups)
    one, again = (fit(values, names_of(values), pairs) for _ in range(2))
    assert np.array_equal(one.matrix, again.matrix)
    turned = fit(values, names_of(values), [(b, a, weight) for a, b, weight in pairs])
    np.testing.assert_allclose(turned.project(values), one.project(values), atol=1e-5)
    greatest = one.matrix[np.abs(one.matrix).argmax(axis=0), np.arange(one.matrix.shape[1])]
    assert (greatest > 0).all()


def test_all_shrinkage_and_all_directions_change_no_cosine():
    values, groups = world(loud=0.1)
    config = ProjectionConfig(shrinkages=(1.0,), dimensions=(1_000,))
    projection = fit(values, names_of(values), pairs_of_groups(groups), config)
    projected, plain = projection.project(values), standardised(values)
    np.testing.assert_allclose(projected @ projected.T, plain @ plain.T, atol=1e-5)


def test_too_few_pairs_leave_the_plain_space_and_say_so():
    values, _ = world()
    projection = fit(values, names_of(values), [(0, 1, 1.0), (1, 2, 1.0)])
    assert "2 pairs" in projection.note
    assert "50 needed" in projection.note
    np.testing.assert_array_equal(projection.project(values), standardised(values))


def test_pairs_that_all_meet_in_one_song_cannot_be_split():
    values, _ = world()
    projection = fit(values, names_of(values), [(0, other, 1.0) for other in range(1, 80)])
    assert projection.note.startswith("nothing learned")


def test_collections_that_overlap_are_learned_from_too():
    values, groups = world(n_groups=40)
    # One chain through all groups makes a single component of them.
    chain = [(6 * g, 6 * g + 6, 0.01) for g in range(39)]
    projection = fit(values, names_of(values), [*pairs_of_groups(groups), *chain])
    assert projection.note.startswith("learned from")
    assert first_is_partner(projection.project(values), groups) > first_is_partner(
        standardised(values), groups
    )


def test_more_features_than_songs():
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(10), 4)
    values = rng.standard_normal((10, 300))[groups] + 2 * rng.standard_normal((40, 300))
    projected = fit(values, names_of(values), pairs_of_groups(groups)).project(values)
    assert np.isfinite(projected).all()
    np.testing.assert_allclose(np.linalg.norm(projected, axis=1), 1, rtol=1e-5)


def test_a_feature_that_never_varies_says_nothing():
    values, groups = world()
    with_steady = np.hstack((values, np.full((len(values), 1), 0.1)))
    one = fit(values, names_of(values), pairs_of_groups(groups))
    other = fit(with_steady, names_of(with_steady), pairs_of_groups(groups))
    assert np.isfinite(other.matrix).all()
    assert first_is_partner(other.project(with_steady), groups) == pytest.approx(
        first_is_partner(one.project(values), groups), abs=0.05
    )


def test_equal_songs_collected_together_do_not_divide_by_zero():
    rng = np.random.default_rng(0)
    values = np.repeat(rng.standard_normal((30, 5)), 3, axis=0)
    groups = np.repeat(np.arange(30), 3)
    projected = fit(values, names_of(values), pairs_of_groups(groups)).project(values)
    assert np.isfinite(projected).all()


def test_pairs_of_groups_count_each_song_once():
    groups = ["a", "b", "a", None, "a", "b", "alone", *["large"] * 200]
    pairs = pairs_of_groups(groups)
    counts = np.zeros(len(groups))
    for a, b, weight in pairs:
        assert groups[a] == groups[b] is not None
        counts[[a, b]] += weight
    np.testing.assert_allclose(counts, [1, 1, 1, 0, 1, 1, 0, *[1] * 200])
    assert len(pairs) == 3 + 1 + 200 * 25
    assert len({frozenset(pair[:2]) for pair in pairs}) == len(pairs)


def test_arrays_and_back(tmp_path):
    values, groups = world()
    projection = fit(values, names_of(values), pairs_of_groups(groups))
    np.savez(tmp_path / "map.npz", **projection.to_arrays())
    with np.load(tmp_path / "map.npz", allow_pickle=False) as arrays:
        again = Projection.from_arrays(arrays)
        assert again.names == projection.names
        assert again.note == projection.note
        np.testing.assert_array_equal(again.project(values), projection.project(values))
        damaged = dict(arrays)
    with pytest.raises(ArtifactError, match="version"):
        Projection.from_arrays({**damaged, "version": np.array("0")})
    with pytest.raises(ArtifactError, match="no projection"):
        Projection.from_arrays({name: array for name, array in damaged.items() if name != "scale"})
    with pytest.raises(ArtifactError, match="no projection"):
        Projection.from_arrays({**damaged, "mean": damaged["mean"][:-1]})


@pytest.mark.parametrize(
    "pair", [(0, 0, 1.0), (0, 999, 1.0), (-1, 0, 1.0), (0, 1, 0.0), (0, 1, -1.0), (0, 1, np.nan)]
)
def test_pairs_that_make_no_sense_are_refused(pair):
    values, groups = world()
    with pytest.raises(InputError, match="a pair must"):
        fit(values, names_of(values), [*pairs_of_groups(groups), pair])


def test_features_that_make_no_sense_are_refused():
    values, groups = world()
    names, pairs = names_of(values), pairs_of_groups(groups)
    projection = fit(values, names, pairs)
    broken = values.copy()
    broken[3, 2] = np.nan
    for action in (
        lambda: fit(broken, names, pairs),
        lambda: fit(values[:, :-1], names, pairs),
        lambda: fit(values[0], names, pairs),
        lambda: projection.project(broken),
        lambda: projection.project(values[:, 1:]),
        lambda: standardised(broken),
        lambda: standardised(np.zeros((0, 3))),
        lambda: ProjectionConfig(shrinkages=(0.0,)),
        lambda: ProjectionConfig(shrinkages=(0.5, 0.1)),
        lambda: ProjectionConfig(dimensions=()),
        lambda: ProjectionConfig(least_pairs=0),
    ):
        with pytest.raises(InputError):
            action()


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 30), st.integers(1, 8), st.integers(0, 1_000))
def test_the_plain_space_has_rows_of_length_one(songs, features, seed):
    values = np.random.default_rng(seed).standard_normal((songs, features)) * 10.0 ** np.arange(features)
    lengths = np.linalg.norm(standardised(values), axis=1)
    assert ((np.abs(lengths - 1) < 1e-5) | (lengths == 0)).all()
    if songs == 1:
        assert not lengths.any()
