"""External id ↔ row number."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zetdard.data.vocabulary import Vocabulary
from zetdard.errors import InputError, UnknownEntityError

laws = settings(deadline=None, max_examples=60)


@laws
@given(st.lists(st.text(), unique=True))
def test_rows_and_labels_are_inverse(labels: list[str]) -> None:
    vocabulary = Vocabulary(labels)
    assert list(vocabulary) == list(vocabulary.labels) == labels
    assert len(vocabulary) == len(labels)
    assert [vocabulary.row(label) for label in labels] == list(range(len(labels)))
    assert [vocabulary.label(row) for row in range(len(labels))] == labels
    rows = vocabulary.rows(labels[::-1])
    assert rows.tolist() == list(range(len(labels)))[::-1]
    assert rows.dtype == np.int32


def test_ids_are_opaque() -> None:
    vocabulary = Vocabulary(["7", "007", "7.0", " 7"])
    assert [vocabulary.row(label) for label in ("7", "007", "7.0", " 7")] == [0, 1, 2, 3]
    assert 7 not in vocabulary
    assert "07" not in vocabulary


def test_what_is_not_there() -> None:
    vocabulary = Vocabulary(["a"], kind="song")
    assert vocabulary.get("b") is None
    assert vocabulary.get("a") == 0
    for ask in (lambda: vocabulary.row("b"), lambda: vocabulary.rows(["a", "b"])):
        with pytest.raises(UnknownEntityError, match="no song 'b' is stored"):
            ask()
    for row in (-1, 1):
        with pytest.raises(InputError, match=f"no song has row {row}; there are 1"):
            vocabulary.label(row)


def test_an_id_that_occurs_twice_is_refused() -> None:
    with pytest.raises(InputError, match="the artist 'b' occurs twice"):
        Vocabulary(["a", "b", "c", "b"], kind="artist")


def test_equal_by_labels_and_order() -> None:
    assert Vocabulary("ab", kind="user") == Vocabulary("ab", kind="song")
    assert hash(Vocabulary("ab")) == hash(Vocabulary("ab"))
    assert Vocabulary("ab") != Vocabulary("ba")
    assert Vocabulary("ab") != ("a", "b")
    assert repr(Vocabulary("ab", kind="user")) == "Vocabulary(2 × user)"
