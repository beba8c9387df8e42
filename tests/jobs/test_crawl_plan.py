"""What may be asked of a crawl."""

from __future__ import annotations

import pytest

from zetdard.errors import InputError
from zetdard.jobs.crawl.plan import CrawlPlan, wanted_kinds
from zetdard.sources.crawling import CrawlKind

KINDS = {
    "walk": CrawlKind(name="walk", summary="usual"),
    "talk": CrawlKind(name="talk", summary="usual"),
    "dance": CrawlKind(name="dance", summary="unusual", default=False),
}


def test_kinds_are_added_and_left_out() -> None:
    assert wanted_kinds(KINDS) == {"walk", "talk"}
    assert wanted_kinds(KINDS, frozenset({"dance"})) == {"walk", "talk", "dance"}
    assert wanted_kinds(KINDS, without=frozenset({"walk"})) == {"talk"}
    assert wanted_kinds(KINDS, frozenset({"dance"}), frozenset({"talk"})) == {"walk", "dance"}


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(InputError, match="no kind of visit 'sing'; there are walk, talk, dance"):
        wanted_kinds(KINDS, frozenset({"sing"}))
    with pytest.raises(InputError, match="dance: wanted and not wanted"):
        wanted_kinds(KINDS, frozenset({"dance"}), frozenset({"dance"}))
    wanted = frozenset({"walk"})
    for wrong in ({"depth": -1}, {"workers": 0}, {"workers": 65}, {"rate": 0.0}, {"limits": {"walk": -1}}):
        with pytest.raises(InputError):
            CrawlPlan(wanted=wanted, **wrong)  # type: ignore[arg-type]
