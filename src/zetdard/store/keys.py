"""Which key an id has: remembered from one transaction to the next."""

from __future__ import annotations

from collections.abc import Mapping

MOST = 300_000
"""Ids of one kind after which they are forgotten: what a crawl names again, it names soon."""


class KeyCache:
    """Keys of entities by source, kind and id.

    What is learned inside a transaction holds when it is committed: then call ``committed``. When it is rolled back,
    call ``rolled_back``: the rows, and their keys, may not be there.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], dict[str, int]] = {}
        self._fresh: list[tuple[tuple[str, str], tuple[str, ...]]] = []

    def known(self, source: str, kind: str) -> dict[str, int]:
        """Return what is known of a kind; the caller reads it only."""
        return self._known.setdefault((source, kind), {})

    def learn(self, source: str, kind: str, found: Mapping[str, int]) -> None:
        """Add keys that were read inside the transaction under way."""
        if found:
            self.known(source, kind).update(found)
            self._fresh.append(((source, kind), tuple(found)))

    def committed(self) -> None:
        """Note that the transaction in which keys were learned is kept."""
        self._fresh.clear()
        for known in self._known.values():
            if len(known) > MOST:
                known.clear()

    def rolled_back(self) -> None:
        """Forget what was learned since the last commit."""
        for place, ids in self._fresh:
            for id_ in ids:
                self._known[place].pop(id_, None)
        self._fresh.clear()
