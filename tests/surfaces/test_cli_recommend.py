"""``recommend``, ``search``, ``status`` and ``import`` as a person and a script see them."""

from __future__ import annotations

from pathlib import Path

import pytest

import zetdard
from surfaces.asking import HOLDS, ask, ask_json, refused, write_hetrec, write_playlists
from zetdard import registry
from zetdard.errors import UnknownEntityError

KINDS = ["songs", "artists", "friends"]


@pytest.mark.smoke
def test_recommend_straight_after_import(home: Path, tmp_path: Path) -> None:
    files = write_playlists(tmp_path / "files")
    stored = ask_json("import", "playlists", files)
    assert stored["source"] == "netease"
    assert stored["records"]["Song"] == 8
    assert stored["records"]["User"] == 5
    assert (stored["refused"], stored["rejects"]) == (0, None)
    answer = ask_json("recommend", "songs", "ann", "-n", "2")
    assert list(answer) == ["user", "kind", "model", "personal", "items"]
    assert (answer["user"], answer["kind"], answer["personal"]) == ("ann", "songs", True)
    assert answer["model"] == "song-graph"
    first = answer["items"][0]
    assert list(first) == ["rank", "id", "title", "artists", "score", "reasons"]
    assert (first["rank"], first["id"], first["title"]) == (1, "4", "Sea")
    assert [artist["name"] for artist in first["artists"]] == ["Bo", "Ann Lee"]
    assert first["score"] > 0
    assert {reason["kind"] for reason in first["reasons"]} == {"song", "person", "without"}


@pytest.mark.parametrize("kind", ["artists", "friends"])
def test_artists_and_friends_have_names(filled: Path, kind: str) -> None:
    answer = ask_json("recommend", kind, "ann", "--home", filled)
    assert answer["items"]
    for item in answer["items"]:
        assert list(item) == ["rank", "id", "name", "score", "reasons"]


@pytest.mark.parametrize("kind", KINDS)
def test_text_and_json_name_the_same(filled: Path, kind: str) -> None:
    answer = ask_json("recommend", kind, "ann", "--home", filled)
    text = ask("recommend", kind, "ann", "--explain", "--home", filled)
    assert text.exit_code == 0
    lines = text.stdout.splitlines()
    assert lines[0] == f"{kind} for ann — model {answer['model']}"
    for item in answer["items"]:
        assert any(
            line.startswith(f"{item['rank']:4d}  {item.get('title', item.get('name'))}") for line in lines
        )
    assert "your songs: " in text.stdout
    assert "without " in text.stdout
    plain = ask("recommend", kind, "ann", "--home", filled).stdout
    assert "your songs: " not in plain


def test_the_python_api_answers_the_same(filled: Path) -> None:
    with zetdard.open(filled) as z:
        for kind in KINDS:
            assert z.recommend(kind, "ann").to_json() == ask_json("recommend", kind, "ann", "--home", filled)
        liked = ask_json("recommend", "songs", "--like", "稻香 周杰伦", "--like", "3", "--home", filled)
        assert z.recommend("songs", like=["稻香 周杰伦", "3"]).to_json() == liked
        found = ask_json("search", "sky", "--home", filled)
        assert [(song["id"], song["description"]) for song in found["songs"]] == z.search("sky")
        assert ask_json("status", "--home", filled)["stored"] == z.counts()


def test_a_listener_without_an_account(filled: Path) -> None:
    answer = ask_json("recommend", "songs", "--like", "道香 周杰伦", "--like", "2", "--home", filled)
    assert answer["user"] is None
    assert [song["id"] for song in answer["likes"]] == ["1", "2"]
    assert answer["personal"]
    assert {item["id"] for item in answer["items"]}.isdisjoint({"1", "2"})
    text = ask("recommend", "songs", "--like", "2", "--home", filled).stdout
    assert text.startswith("you like: 晴天 – 周杰伦 [2]\n")


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_store_gives_the_same_bytes(tmp_path: Path, kind: str) -> None:
    said = set()
    for place in ("one", "two"):
        files = write_playlists(tmp_path / "files")
        assert ask("import", "playlists", files, "--home", tmp_path / place).exit_code == 0
        # Fitted now, then taken from the shelf.
        for _ in range(2):
            said.add(ask("recommend", kind, "ann", "--home", tmp_path / place, "--json").stdout)
    assert len(said) == 1


@pytest.mark.parametrize("model", [*registry.MODELS, *registry.PEOPLE_MODELS])
def test_every_model_by_its_name(filled: Path, model: str) -> None:
    kind = "friends" if model in registry.PEOPLE_MODELS else "songs"
    answer = ask_json("recommend", kind, "ann", "--model", model, "--home", filled)
    assert answer["model"] == model
    assert answer["personal"] == (model != "popular")


def test_popular_instead_is_said(filled: Path) -> None:
    answer = ask_json("recommend", "songs", "eve", "--home", filled)
    assert (answer["model"], answer["personal"]) == ("popular", False)
    assert answer["note"].startswith("not personal")
    assert answer["items"][0]["reasons"] == [{"kind": "popular", "holders": 3}]
    text = ask("recommend", "songs", "eve", "--explain", "--home", filled).stdout
    assert "(not personal)" in text.splitlines()[0]
    assert "held by 3 people" in text


def test_caps_versions_and_held_artists(filled: Path) -> None:
    assert refused("recommend", "songs", "ann", "-n", "10001", "--home", filled).startswith("a list has")
    held = {artist["id"] for artist in ask_json("recommend", "artists", "ann", "--home", filled)["items"]}
    more = ask_json("recommend", "artists", "ann", "--include-held", "--home", filled)["items"]
    assert held < {artist["id"] for artist in more}
    loose = ask_json("recommend", "songs", "ann", "--artist-cap", "0", "--all-versions", "--home", filled)
    assert {item["id"] for item in loose["items"]} <= set("45678")


@pytest.mark.smoke
def test_errors_are_one_line_and_exit_1(filled: Path) -> None:
    at = ("--home", str(filled))
    assert "no user 'zoe' is stored" in refused("recommend", "songs", "zoe", *at)
    assert "no song is called 'qqq'" in refused("recommend", "songs", "--like", "qqq", *at)
    assert "there are: song-graph" in refused("recommend", "songs", "ann", "--model", "magic", *at)
    assert "there are: adamic-adar" in refused("recommend", "friends", "ann", "--model", "popular", *at)
    assert "recommends songs" in refused("recommend", "songs", "ann", "--model", "cosine", *at)
    assert "zoe" in refused("feedback", "zoe", "like", "1", *at)
    assert "nothing to undo" in refused("feedback", "ann", "undo", "7", *at)
    assert "nowhere" in refused("import", "playlists", "nowhere", *at)
    assert "nowhere" in refused("benchmark", "nowhere", "--models", "popular")
    assert "nowhere" in refused("evaluate", "songs", "--data", "nowhere", *at)
    assert "cut-offs" in refused("evaluate", "songs", "--k", "ten", *at)
    assert "cut-offs" in refused("evaluate", "songs", "--k", "0", *at)


@pytest.mark.parametrize(
    "arguments",
    [
        ("recommend",),
        ("recommend", "songs"),
        ("recommend", "planets", "ann"),
        ("recommend", "songs", "ann", "--include-held"),
        ("recommend", "songs", "ann", "-n", "0"),
        ("recommend", "songs", "ann", "-n", "many"),
        ("recommend", "songs", "ann", "--no-such-option"),
        ("import", "tapes", "x"),
        ("feedback", "ann", "adore", "1"),
        ("benchmark", "x"),
        ("evaluate", "songs", "--split", "never"),
        ("export", "graph"),
        ("no-such-command",),
    ],
)
def test_wrong_usage_exits_2(home: Path, arguments: tuple[str, ...]) -> None:
    result = ask(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr
    assert list(home.iterdir()) == []


def test_an_empty_home(home: Path) -> None:
    for kind in KINDS:
        assert "no user 'ann' is stored" in refused("recommend", kind, "ann")
        assert refused("evaluate", kind)
    assert "nothing is stored" in refused("train")
    assert ask_json("search", "sky") == {"songs": []}
    status = ask_json("status")
    assert status["home"] == str(home)
    assert status["imports"] == []
    assert not any(status["stored"].values())
    assert "nothing is stored yet" in ask("status").stdout


def test_status_tells_what_is_stored(filled: Path) -> None:
    status = ask_json("status", "--home", filled)
    assert status["stored"]["songs"] == 8
    assert status["stored"]["users"] == 5
    (entry,) = status["imports"]
    assert entry["format"] == "playlists"
    text = ask("status", "--home", filled).stdout
    assert "playlists from" in text
    assert "songs" in text


def test_train_says_what_is_ready(filled: Path) -> None:
    assert ask_json("train", "--home", filled) == {"trained": ["song-graph"]}
    assert ask_json("train", "item-knn", "popular", "--home", filled) == {"trained": ["item-knn", "popular"]}
    assert "no model 'magic'" in refused("train", "magic", "--home", filled)


def test_plays_without_songs(home: Path, tmp_path: Path) -> None:
    assert ask("import", "hetrec", write_hetrec(tmp_path / "hetrec")).exit_code == 0
    assert "ask for artists instead" in refused("recommend", "songs", "2")
    artists = ask_json("recommend", "artists", "2")
    assert artists["personal"]
    assert {item["name"] for item in artists["items"]} <= {"Artist 4", "Artist 5", "Artist 6"}
    for item in artists["items"]:
        causes = [reason for reason in item["reasons"] if reason["kind"] == "artist"]
        assert sum(cause["share"] for cause in causes) == pytest.approx(1, abs=1e-6)
        assert {cause["id"] for cause in causes} <= {"1", "2", "3"}
    friends = ask_json("recommend", "friends", "2")
    assert [item["id"] for item in friends["items"]] == ["4"]  # 3 is followed, 5 shares nothing
    assert [reason["kind"] for reason in friends["items"][0]["reasons"]] == ["artist", "artist", "without"]


def test_who_holds_what_is_never_offered(filled: Path) -> None:
    for user, held in HOLDS.items():
        items = ask_json("recommend", "songs", user, "--home", filled)["items"]
        assert {item["id"] for item in items}.isdisjoint(held)


def test_a_budget_is_for_one_training_only(home: Path, tmp_path: Path) -> None:
    ask_json("import", "playlists", write_playlists(tmp_path / "files"))
    with zetdard.open(home) as z:
        desk = z._current_desk()
        with pytest.raises(UnknownEntityError, match="no model 'nobody'"):
            z.train(["item-knn", "nobody"], budget_s=5.0)
        assert desk._workshop.budget_s is None
        with desk.hurry(5.0):
            assert desk._workshop.budget_s == 5.0
        assert desk._workshop.budget_s is None


def test_a_models_settings_can_be_set(filled: Path) -> None:
    def ids(*more: str) -> list[str]:
        answer = ask_json("recommend", "songs", "ann", "--model", "user-neighbours", *more, "--home", filled)
        return [item["id"] for item in answer["items"]]

    with zetdard.open(filled) as z:
        for settings, words in (
            ({"neighbours": 1}, ["neighbours=1"]),
            ({"neighbours": 1, "similarity": "jaccard"}, ["neighbours=1", "similarity=jaccard"]),
        ):
            wanted = z.recommend("songs", "ann", model="user-neighbours", settings=settings)
            given = ids(*(part for word in words for part in ("--set", word)))
            assert given == [item.id for item in wanted.items]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--set", "nonsense=1"], "the model user-neighbours has no setting 'nonsense'; there are: "),
        (["--set", "neighbours=many"], "setting 'neighbours' of the model user-neighbours: "),
        (["--set", "neighbours"], "a setting is written like folds=5, not 'neighbours'"),
        (["--set", "neighbours=1", "--set", "neighbours=2"], "the setting 'neighbours' is named twice"),
    ],
)
def test_settings_that_mean_nothing_are_refused(filled: Path, words: list[str], reason: str) -> None:
    said = refused("recommend", "songs", "ann", "--model", "user-neighbours", *words, "--home", filled)
    assert reason in said


def test_strict_is_for_models_that_predict_what_is_liked(filled: Path) -> None:
    done = ask("recommend", "songs", "ann", "--strict", "--home", filled)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "not for song-graph" in done.stderr


def test_who_is_asked_for_reasons_and_has_none_says_so(filled: Path) -> None:
    done = ask("recommend", "artists", "eve", "--model", "taste", "--explain", "--home", filled)
    assert "note: the model taste gives no reasons" in done.stdout
    assert "gives no reasons" not in ask("recommend", "songs", "ann", "--explain", "--home", filled).stdout
