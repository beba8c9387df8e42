"""How a test makes visits."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sources.netease.replies import Scripted
from zetdard.sources.crawling import Kept
from zetdard.sources.netease.visits import KINDS
from zetdard.sources.netease.walk import NetEaseWalk
from zetdard.tasks import Outcome, Task

ALL = frozenset(KINDS)
DEFAULT = frozenset(name for name, kind in KINDS.items() if kind.default)


@dataclass
class Memory:
    """Keeps files in memory, what broke off included."""

    parts: dict[str, bytes] = field(default_factory=dict)
    asked: list[tuple[str, int | None, str | None, int | None]] = field(default_factory=list)

    def keep(
        self,
        part: str,
        stream: Callable[[int], Iterator[bytes]],
        *,
        size: int | None = None,
        md5: str | None = None,
        most: int | None = None,
    ) -> Kept:
        self.asked.append((part, size, md5, most))
        self.parts.setdefault(part, b"")
        for piece in stream(len(self.parts[part])):
            self.parts[part] += piece
        data = self.parts[part]
        return Kept(sha256=hashlib.sha256(data).hexdigest(), size=len(data), head=data[:64], place="here")


def walk(transport: Scripted, **settings: Any) -> NetEaseWalk:
    return NetEaseWalk(transport, today=lambda: "2026-11-24", **settings)


def make(answers: dict[str, Any], task: Task, wanted: frozenset[str] = ALL, **settings: Any) -> Outcome:
    outcome = walk(Scripted(answers), **settings).visit(task, wanted, Memory())
    assert len({child.identity for child in outcome.children}) == len(outcome.children)
    assert {child.kind for child in outcome.children} <= wanted
    return outcome


def led_to(outcome: Outcome) -> list[tuple[str, str, str, int]]:
    return [(child.kind, child.id, child.cursor, child.depth) for child in outcome.children]


def of(outcome: Outcome, kind: type) -> list[Any]:
    return [record for record in outcome.records if type(record) is kind]
