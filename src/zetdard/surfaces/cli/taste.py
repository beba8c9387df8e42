"""What ``evaluate taste`` writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from zetdard.errors import InputError
from zetdard.evaluation.taste.report import overview_text, to_text
from zetdard.evaluation.taste.result import TasteMeasured
from zetdard.surfaces.cli.text import print_json, printable


def show_taste(results: Mapping[str, TasteMeasured], *, json: bool) -> None:
    """Write what was found on one or several pools.

    Args:
        results: The pools in the order in which they are shown, by what they are called.
        json: As one JSON document, and nothing else.
    """
    if json:
        print_json(taste_json(results))
    else:
        print_taste(results)


def shares_of(texts: Sequence[str]) -> dict[str, float]:
    """Read ``sound=0``, ``words=0.5`` …: shares of taste in the invented world.

    Raises:
        InputError: One is something else.
    """
    shares = {}
    for text in texts:
        modality, _, weight = text.partition("=")
        try:
            shares[modality] = float(weight)
        except ValueError:
            raise InputError(f"a share is written like sound=0.5, not {text!r}") from None
    return shares


def print_taste(results: Mapping[str, TasteMeasured]) -> None:
    """Write each pool's tables, and several pools beside each other at the end."""
    parts = [to_text(result) for result in results.values()]
    if len(results) > 1:
        parts.append("AUC ± half its interval (balanced accuracy)\n\n" + overview_text(results))
    # Names of listeners' pools and of models are somebody else's words.
    print("\n".join(printable(line) for line in "\n".join(parts).splitlines()))


def taste_json(results: Mapping[str, TasteMeasured]) -> dict[str, Any]:
    """Return ``{"pools": {NAME: …}}`` of plain dictionaries, lists, texts and numbers."""
    return {"pools": {name: result.to_json() for name, result in results.items()}}
