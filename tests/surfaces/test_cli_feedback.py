"""``feedback``: what is said counts in the next list, and undo gives the former list."""

from __future__ import annotations

from pathlib import Path

import pytest

from surfaces.asking import ask, ask_json, refused, write_playlists
from zetdard import registry


@pytest.fixture
def stored(home: Path, tmp_path: Path) -> Path:
    assert ask("import", "playlists", write_playlists(tmp_path / "files")).exit_code == 0
    return home


def listed(kind: str = "songs", user: str = "ann") -> str:
    return str(ask("recommend", kind, user, "--json").stdout)


def ids(kind: str = "songs", user: str = "ann") -> list[str]:
    return [item["id"] for item in ask_json("recommend", kind, user)["items"]]


@pytest.mark.parametrize("verdict", ["dislike", "skip", "ban"])
def test_hiding_verdicts(stored: Path, verdict: str) -> None:
    before = listed()
    said = ask_json("feedback", "ann", verdict, "4")
    assert said == {
        "user": "ann",
        "verdict": verdict,
        "undone": False,
        "kind": "song",
        "item": "Sea – Bo, Ann Lee (4)",
    }
    assert "4" not in ids()
    undone = ask_json("feedback", "ann", "undo", "4")
    assert (undone["verdict"], undone["undone"]) == (verdict, True)
    assert listed() == before
    assert "nothing to undo" in refused("feedback", "ann", "undo", "4")


@pytest.mark.smoke
def test_like_joins_the_history(stored: Path) -> None:
    before = {kind: listed(kind) for kind in ("songs", "artists", "friends")}
    done = ask("feedback", "ann", "like", "sand")
    assert done.stdout == "stored: like Sand – Di (6)\n"
    assert "6" not in ids()
    songs = ask_json("recommend", "songs", "ann")["items"]
    assert any(reason.get("id") == "6" for item in songs for reason in item["reasons"])
    assert all(listed(kind) != before[kind] for kind in before)
    assert ask("feedback", "ann", "undo", "6").stdout == "took back: like Sand – Di (6)\n"
    assert {kind: listed(kind) for kind in before} == before


def test_a_like_makes_a_lonely_listener_personal(stored: Path) -> None:
    assert not ask_json("recommend", "songs", "eve")["personal"]
    ask_json("feedback", "eve", "like", "4")
    for kind in ("songs", "artists", "friends"):
        answer = ask_json("recommend", kind, "eve")
        assert answer["personal"]
        assert "4" not in [item["id"] for item in answer["items"]]


def test_the_newest_verdict_counts(stored: Path) -> None:
    ask_json("feedback", "ann", "ban", "4")
    ask_json("feedback", "ann", "like", "4")
    causes = ask_json("recommend", "songs", "ann")["items"][0]["reasons"]
    assert "4" in {cause["id"] for cause in causes}
    ask_json("feedback", "ann", "undo", "4")
    assert "4" not in ids()
    ask_json("feedback", "ann", "undo", "4")
    assert "4" in ids()


def test_a_banned_artist(stored: Path) -> None:
    before = {kind: listed(kind) for kind in ("songs", "artists")}
    (artist,) = [
        item["id"] for item in ask_json("recommend", "artists", "ann")["items"] if item["name"] == "Bo"
    ]
    said = ask_json("feedback", "ann", "ban", artist, "--artist")
    assert (said["kind"], said["item"]) == ("artist", "Bo")
    assert "4" not in ids()
    assert artist not in ids("artists")
    assert artist not in [
        item["id"] for item in ask_json("recommend", "artists", "ann", "--include-held")["items"]
    ]
    assert "cannot be skipped" in refused("feedback", "ann", "skip", artist, "--artist")
    ask_json("feedback", "ann", "undo", artist, "--artist")
    assert {kind: listed(kind) for kind in before} == before


def test_feedback_of_one_is_nothing_to_others(stored: Path) -> None:
    before = listed(user="dan")
    ask_json("feedback", "ann", "ban", "4")
    assert listed(user="dan") == before
    assert "4" in ids(user="dan")


@pytest.mark.parametrize(
    ("kind", "model"),
    [
        *((kind, model) for model in registry.MODELS for kind in ("songs", "artists")),
        *(("friends", model) for model in registry.PEOPLE_MODELS),
    ],
)
def test_every_model_respects_it(stored: Path, kind: str, model: str) -> None:
    def answer() -> str:
        return str(ask("recommend", kind, "ann", "--model", model, "--json").stdout)

    before = answer()
    banned = "4"
    ask_json("feedback", "ann", "ban", banned)
    ask_json("feedback", "ann", "dislike", "3")
    ask_json("feedback", "ann", "like", "7")
    items = ask_json("recommend", kind, "ann", "--model", model)["items"]
    if kind == "songs":
        assert {item["id"] for item in items}.isdisjoint({"1", "2", "3", "4", "7"})
    songs = {reason["id"] for item in items for reason in item["reasons"] if reason["kind"] == "song"}
    assert songs <= {"1", "2", "7"}
    if model != "popular" and kind == "friends":
        assert "7" in songs
    for song in ("7", "3", "4"):
        ask_json("feedback", "ann", "undo", song)
    assert answer() == before
