"""Lengths of time as a person writes them."""

from __future__ import annotations

import re

from zetdard.errors import InputError

_FORM = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)(s|m|h)", re.ASCII)
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0}


def seconds_of(text: str) -> float:
    """Return the seconds that ``30s``, ``5m`` or ``1.5h`` mean.

    Raises:
        InputError: It is written otherwise, or is no time at all.
    """
    found = _FORM.fullmatch(text.strip().lower())
    seconds = float(found[1]) * _SECONDS[found[2]] if found else 0.0
    if seconds <= 0:
        raise InputError(f"a budget is written 30s, 5m or 1h, not {text!r}")
    return seconds
