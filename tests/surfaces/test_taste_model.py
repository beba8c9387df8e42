"""``--model taste``: songs, artists and friends from one fit, by its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from surfaces.asking import ask_json
from zetdard.models.taste_towers import TasteTowers


@pytest.mark.parametrize("kind", ["songs", "artists", "friends"])
def test_it_recommends_by_its_name(filled: Path, kind: str) -> None:
    answer = ask_json("recommend", kind, "eve", "--model", "taste", "--home", filled)
    assert answer["model"] == "taste"
    assert answer["personal"]
    # Eve shares no song with anybody, and nobody else knows her artist.
    assert answer["items"]
    if kind == "friends":
        assert {item["id"] for item in answer["items"]} == {"ann", "bob", "cat", "dan"}


def test_it_is_fitted_once_for_all_that_it_scores(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ask_json("recommend", "songs", "ann", "--model", "taste", "--home", filled)
    monkeypatch.delattr(TasteTowers, "_trained")
    for kind in ("artists", "friends"):
        assert ask_json("recommend", kind, "ann", "--model", "taste", "--home", filled)["items"]


def test_held_artists_are_left_out_unless_asked_for(filled: Path) -> None:
    def artists(*more: str) -> set[str]:
        answer = ask_json("recommend", "artists", "ann", "--model", "taste", *more, "--home", filled)
        return {item["name"] for item in answer["items"]}

    assert "周杰伦" not in artists()
    assert "周杰伦" in artists("--include-held")
