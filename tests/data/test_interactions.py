"""Who holds what: the laws of the sparse matrix against a plain dictionary."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from zetdard.data.interactions import Histories, Interactions
from zetdard.data.vocabulary import Vocabulary
from zetdard.errors import InputError

laws = settings(deadline=None, max_examples=60)

N_USERS, N_ITEMS = 4, 5
USERS, ITEMS = Vocabulary("abcd", kind="user"), Vocabulary("vwxyz", kind="song")

Entry = tuple[int, int, int, int]
"""User, item, strength, time."""
ENTRIES = st.lists(
    st.tuples(
        st.integers(0, N_USERS - 1),
        st.integers(0, N_ITEMS - 1),
        st.integers(1, 1_000),
        st.sampled_from([0, 0, 1, 2**41, 2**41 + 1, -5]),
    ),
    max_size=30,
)


def build(entries: list[Entry], *, strengths: bool = True, times: bool = True) -> Interactions:
    columns = np.array(entries, np.int64).reshape(-1, 4)
    return Interactions.from_pairs(
        USERS,
        ITEMS,
        columns[:, 0].astype(np.int32),
        columns[:, 1].astype(np.int32),
        strengths=columns[:, 2].astype(np.float32) if strengths else None,
        times=columns[:, 3] if times else None,
    )


def stored(interactions: Interactions) -> dict[tuple[int, int], tuple[float, int | None]]:
    """Return (user, item) → (strength, time)."""
    matrix = interactions.matrix.tocoo()
    times = interactions.times
    known = [None] * len(interactions) if times is None else times.tolist()
    pairs = zip(matrix.row.tolist(), matrix.col.tolist(), strict=True)
    return dict(zip(pairs, zip(matrix.data.tolist(), known, strict=True), strict=True))


@laws
@given(ENTRIES, st.booleans(), st.booleans())
def test_pairs_become_what_a_dictionary_makes_of_them(
    entries: list[Entry], strengths: bool, times: bool
) -> None:
    sums: dict[tuple[int, int], float] = defaultdict(float)
    earliest: dict[tuple[int, int], int] = {}
    for user, item, strength, time in entries:
        sums[user, item] = sums[user, item] + strength if strengths else 1
        known = [each for each in (earliest.get((user, item), 0), time) if each]
        earliest[user, item] = min(known, default=0)
    built = build(entries, strengths=strengths, times=times)
    expected = {pair: (sums[pair], earliest[pair] if times else None) for pair in sums}
    assert stored(built) == expected
    assert len(built) == len(expected)
    assert built.matrix.has_canonical_format
    assert built.matrix.dtype == np.float32


@laws
@given(ENTRIES, st.randoms(use_true_random=False))
def test_the_order_of_pairs_does_not_matter(entries: list[Entry], random) -> None:
    shuffled = list(entries)
    random.shuffle(shuffled)
    assert stored(build(entries)) == stored(build(shuffled))


@laws
@given(ENTRIES)
def test_degrees_and_held_items_agree_with_the_pairs(entries: list[Entry]) -> None:
    built = build(entries)
    pairs = set(stored(built))
    for user in range(N_USERS):
        held = built.held(user)
        assert held.tolist() == sorted(item for other, item in pairs if other == user)
        assert held.dtype == np.int32
    assert built.user_degrees().tolist() == [sum(user == row for user, _ in pairs) for row in range(N_USERS)]
    assert built.item_degrees().tolist() == [sum(item == row for _, item in pairs) for row in range(N_ITEMS)]
    assert (built.n_users, built.n_items) == (N_USERS, N_ITEMS)


@laws
@given(ENTRIES)
def test_binary_keeps_the_pairs_and_leaves_the_original(entries: list[Entry]) -> None:
    built = build(entries)
    before = stored(built)
    binary = built.binary()
    assert (binary.data == 1).all()
    assert (binary.toarray() > 0).tolist() == (built.matrix.toarray() > 0).tolist()
    binary.data[:] = 7
    assert stored(built) == before


@laws
@given(ENTRIES, st.data(), st.booleans())
def test_keep_is_a_filter(entries: list[Entry], data: st.DataObject, times: bool) -> None:
    built = build(entries, times=times)
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=len(built), max_size=len(built))), bool)
    kept = built.keep(mask)
    expected = [pair for pair, wanted in zip(stored(built).items(), mask, strict=True) if wanted]
    assert list(stored(kept).items()) == expected
    assert (kept.users, kept.items) == (USERS, ITEMS)


def matrix_of(*rows: list[float]) -> csr_array:
    return csr_array(np.array(rows, np.float32))


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        (matrix_of([1, 0, 1]), "the matrix is 1 × 3, the vocabularies are 2 × 2"),
        (matrix_of([1, 0], [0, 1]).astype(np.float64), "float32"),
        (matrix_of([np.nan, 0], [0, 1]), "finite strength"),
        (matrix_of([np.inf, 0], [0, 1]), "finite strength"),
        (matrix_of([-1, 0], [0, 1]), "positive"),
        (csr_array((np.zeros(1, np.float32), [0], [0, 1, 1]), shape=(2, 2)), "positive"),
        (csr_array((np.ones(2, np.float32), [1, 0], [0, 2, 2]), shape=(2, 2)), "sorted"),
        (csr_array((np.ones(2, np.float32), [1, 1], [0, 2, 2]), shape=(2, 2)), "unique"),
    ],
)
def test_a_matrix_that_breaks_the_contract(matrix: csr_array, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Interactions(Vocabulary("ab"), Vocabulary("xy"), matrix)


def test_times_need_one_entry_for_each_interaction() -> None:
    with pytest.raises(InputError, match="times"):
        Interactions(Vocabulary("a"), Vocabulary("xy"), matrix_of([1, 1]), np.array([5]))


@laws
@given(ENTRIES, st.lists(st.integers(0, N_USERS - 1), max_size=6))
def test_histories_of_users_are_their_rows(entries: list[Entry], rows: list[int]) -> None:
    built = build(entries)
    histories = Histories.of_users(built, np.array(rows, np.int32))
    assert len(histories) == len(rows)
    assert histories.users.tolist() == rows
    assert histories.matrix.toarray().tolist() == built.matrix.toarray()[rows].tolist()


@laws
@given(st.lists(st.integers(0, N_ITEMS - 1)))
def test_a_history_of_items_holds_each_of_them_once(items: list[int]) -> None:
    history = Histories.of_items(np.array(items, np.int32), N_ITEMS)
    assert history.matrix.toarray().tolist() == [[float(item in items) for item in range(N_ITEMS)]]
    assert (len(history), history.users.tolist()) == (1, [-1])
    assert history.matrix.dtype == np.float32


def test_histories_need_a_user_row_for_each_listener() -> None:
    with pytest.raises(InputError, match="one user row"):
        Histories(matrix_of([1, 0], [0, 1]), np.array([0], np.int32))
