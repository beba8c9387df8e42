"""Lengths of time as a person writes them."""

from __future__ import annotations

import pytest

from zetdard.errors import InputError
from zetdard.surfaces.cli.times import seconds_of


@pytest.mark.parametrize(("text", "seconds"), [("30s", 30), ("5m", 300), (" 1.5H ", 5400)])
def test_times(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "5", "0s", "-1m", "5 m", "1d", "inf", "٣s", "1e9s"])
def test_other_words_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="30s, 5m or 1h"):
        seconds_of(text)
