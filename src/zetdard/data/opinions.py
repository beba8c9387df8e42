"""What one listener said about songs and artists, as rows: what a recommender must respect at once."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from zetdard.data.types import Rows


def _none() -> Rows:
    return np.empty(0, np.int32)


@dataclass(frozen=True, slots=True, eq=False)
class Opinions:
    """A listener's verdicts that are in force now: rows, ascending.

    Attributes:
        liked_songs: Join the listener's history when a list is made.
        hidden_songs: Disliked, banned, or skipped a short while ago: never offered, and not part of the history.
        liked_artists: Join the artists that the listener holds.
        hidden_artists: Disliked or banned: neither they nor their songs are offered.
    """

    liked_songs: Rows = field(default_factory=_none)
    hidden_songs: Rows = field(default_factory=_none)
    liked_artists: Rows = field(default_factory=_none)
    hidden_artists: Rows = field(default_factory=_none)
