"""One rule for ties: score descending, then row ascending."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zetdard.data.ranking import rank
from zetdard.errors import InputError

laws = settings(deadline=None, max_examples=200)

SCORES = st.lists(st.sampled_from([-np.inf, -1.5, -0.0, 0.0, 0.25, 0.5, 3.0, np.inf]), max_size=12)
HOW_MANY = st.none() | st.integers(-2, 15)


@laws
@given(SCORES, HOW_MANY, st.data())
def test_like_sorting_everything(scores: list[float], n: int | None, data: st.DataObject) -> None:
    eligible = data.draw(
        st.none() | st.lists(st.booleans(), min_size=len(scores), max_size=len(scores)), label="eligible"
    )
    found = rank(np.array(scores, np.float32), None if eligible is None else np.array(eligible, bool), n)
    rows = [row for row in range(len(scores)) if eligible is None or eligible[row]]
    expected = sorted(rows, key=lambda row: (-scores[row], row))
    if n is not None:
        expected = expected[: max(n, 0)]
    assert found.items.tolist() == expected
    assert found.scores.tolist() == [scores[row] for row in expected]
    assert (found.items.dtype, found.scores.dtype) == (np.int32, np.float32)
    assert len(found) == len(expected)


@laws
@given(SCORES, st.integers(0, 15))
def test_the_head_of_all_is_the_first_n(scores: list[float], n: int) -> None:
    values = np.array(scores, np.float32)
    assert rank(values).head(n).items.tolist() == rank(values, n=n).items.tolist()


def test_a_score_that_is_not_a_number_is_refused_only_where_it_counts() -> None:
    scores = np.array([1, np.nan, 2], np.float32)
    with pytest.raises(InputError, match="not a number"):
        rank(scores, n=1)
    assert rank(scores, np.array([True, False, True])).items.tolist() == [2, 0]
