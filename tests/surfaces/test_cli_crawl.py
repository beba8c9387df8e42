"""``crawl`` at the command line, from an invented NetEase, and what the other commands make of it."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from surfaces.asking import ask, ask_json, refused
from surfaces.crawled import Town, start, stored, town, visits
from zetdard.sandbox.server import Fault, FaultAt, Plan, Spell

USUAL = {"user", "user-playlists", "playlist", "artist", "lyrics", "comments", "follows"}


@pytest.fixture(scope="module")
def _place() -> Iterator[Town]:
    with town() as place:
        yield place


@pytest.fixture
def place(_place: Town, home: Path) -> Iterator[Town]:
    """The invented NetEase; it behaves again after each test."""
    del home
    yield _place
    _place.server.set_plan(Plan())


def of_listener(place: Town) -> dict[str, set[str]]:
    """Return what the truth has of the listener: ids of playlists, of their songs, and of whom they follow."""
    world, people = place.world, place.world.people_labels
    row = world.user_row(place.listener)  # type: ignore[arg-type]
    collected = [playlist for user, playlist in world.subscriptions.tolist() if user == row]
    rows = [*world.playlists_of(row), *collected]
    return {
        "playlists": {people.playlist_ids[playlist] for playlist in rows},
        "songs": {
            world.music_labels.song_ids[song]
            for playlist in rows
            for song in world.playlists[playlist].songs.tolist()
        },
        "follows": {people.user_ids[other] for user, other in world.follows.tolist() if user == row},
    }


# --- the whole way ---------------------------------------------------------------------------------------------


def test_from_a_crawl_to_an_explained_list(place: Town, home: Path) -> None:
    done = ask(*place.crawl("--user", place.listener))
    assert done.exit_code == 0, done.stderr
    # A slow machine also shows progress.
    assert not [line for line in done.stderr.splitlines() if line.startswith(("error", "note", "warning"))]
    first, *table = done.stdout.splitlines()
    made = sum(kind["done"] for kind in visits(home).values())
    assert first.startswith(f"made {made:,} visits in ")
    assert first.endswith("(source sandbox):")
    assert {row.split()[0] for row in table[1:]} == USUAL
    truth = of_listener(place)
    counts = stored(home)
    assert counts["follows"] == len(truth["follows"]) > 0
    assert visits(home)["user"]["done"] == 1 + len(truth["follows"])
    # Words and comments are fetched of every song of a playlist, ours and theirs.
    assert counts["lyrics"] >= len(truth["songs"])
    assert counts["lyrics"] == visits(home)["lyrics"]["done"]

    done = ask("recommend", "songs", place.listener, "--explain", "-n", "5")
    assert done.exit_code == 0
    assert done.stdout.startswith(f"songs for {place.listener} ")
    assert "held by: " in done.stdout
    items = ask_json("recommend", "songs", place.listener, "-n", "5")["items"]
    assert len(items) == 5
    assert not {item["id"] for item in items} & truth["songs"]


def test_status_says_how_far_it_is(place: Town) -> None:
    ask(*place.crawl("--user", place.listener, "--limit", "lyrics=3"))
    shown = ask("status").stdout
    assert "crawled from sandbox, at all depths:" in shown
    _, _, crawled = shown.partition("crawled from sandbox")
    (row,) = [line.split() for line in crawled.splitlines() if line.startswith("lyrics")]
    state = ask_json("status")["crawls"]["sandbox"]
    assert state["kinds"]["lyrics"]["done"] == 3
    assert row[1:] == ["3", str(state["kinds"]["lyrics"]["todo"])]
    assert (state["stopped"], state["workers"]) == (None, 0)


def test_the_same_command_again_asks_nothing_twice(place: Town, home: Path) -> None:
    document = ask_json(*place.crawl("--user", place.listener))
    assert document["source"] == "sandbox"
    assert document["visits"] == document["done"] > 0
    assert (document["todo"], document["stopped"]) == (0, None)
    before, counts = place.server.requests()["requests"], stored(home)
    again = ask_json(*place.crawl("--user", place.listener))
    assert (again["visits"], again["done"]) == (0, document["done"])
    assert place.server.requests()["requests"] == before
    assert stored(home) == counts


def test_refresh_visits_again(place: Town, home: Path) -> None:
    first = ask_json(*place.crawl("--user", place.listener))
    counts, asked = stored(home), place.requests("lyrics")
    again = ask_json(*place.crawl("--user", place.listener, "--refresh", "1d"))
    assert again["visits"] == 0, "nothing is older than a day"
    again = ask_json(*place.crawl("--user", place.listener, "--refresh", "0s"))
    assert again["visits"] == first["done"]
    assert place.requests("lyrics") - asked == first["kinds"]["lyrics"]["done"]
    assert stored(home) == counts


# --- where it begins -------------------------------------------------------------------------------------------


def test_by_nickname(place: Town) -> None:
    people = place.world.people_labels
    name = people.nicknames[people.user_ids.index(place.listener)]  # type: ignore[arg-type]
    named = ask_json(*place.crawl("--nickname", name))
    assert named["visits"] == named["done"] > len(of_listener(place)["songs"])
    assert ask_json(*place.crawl("--user", place.listener))["visits"] == 0, "it is the same person"


def test_an_unknown_nickname(place: Town) -> None:
    assert refused(*place.crawl("--nickname", "没有这个人")) == "no listener is called '没有这个人'"
    name = place.world.people_labels.nicknames[0]
    said = refused(*place.crawl("--nickname", name[:-1]))
    assert said.startswith(f"no listener is called {name[:-1]!r}; there are ")
    assert repr(name) in said


def test_by_playlist(place: Town, home: Path) -> None:
    world = place.world
    row = max(range(len(world.playlists)), key=lambda row: world.playlists[row].songs.size)
    ask(*place.crawl("--playlist", world.people_labels.playlist_ids[row]))
    counts = stored(home)
    assert (counts["playlists"], counts["playlist_songs"]) == (1, world.playlists[row].songs.size)
    assert visits(home).keys() == {"playlist", "artist", "lyrics", "comments"}


def test_by_the_list_of_artists(place: Town, home: Path) -> None:
    ask(*place.crawl("--artist-list"))
    counts = stored(home)
    assert (counts["artists"], counts["songs"]) == (15, 80), "artists of the world bring all its songs"
    assert visits(home) == {"artist": {"done": 15, "todo": 0, "ended": {}}}


def test_kinds_that_are_not_wanted_are_left_out(place: Town, home: Path) -> None:
    words = place.crawl("--user", place.listener, "--depth", "0")
    left_out = ("artist", "comments", "follows")
    ask(*words, *(word for kind in left_out for word in ("--without", kind)))
    assert visits(home).keys() == USUAL - set(left_out)
    counts = stored(home)
    assert counts["lyrics"] > counts["comments"] == 0


# --- files -----------------------------------------------------------------------------------------------------


def test_sound_and_images_are_what_the_service_has(place: Town, home: Path) -> None:
    words = place.crawl("--user", place.listener, "--audio", "--images", "--limit", "audio=5", "--depth", "0")
    document = ask_json(*words, "--limit", "picture=6")
    assert (document["kinds"]["audio"]["done"], document["kinds"]["picture"]["done"]) == (5, 6)
    counts = stored(home)
    assert (counts["audio_files"], counts["pictures"]) == (5, 6)
    found = {path.parent.name + path.name: path for path in (home / "blobs").glob("??/*")}
    assert found == {hashlib.sha256(path.read_bytes()).hexdigest(): path for path in found.values()}
    kept, world = found.keys(), place.world
    sounds = {hashlib.sha256(world.sound(row)).hexdigest() for row in range(80) if world.has_sound(row)}
    assert len(kept & sounds) == 5
    assert not list((home / "blobs").glob("parts/*"))
    images = {
        hashlib.sha256(world.image(kind, row)).hexdigest()
        for kind, number in (("user", 30), ("song", 80), ("playlist", len(world.playlists)), ("artist", 15))
        for row in range(number)
    }
    assert kept - sounds <= images
    assert 1 <= len(kept - sounds) <= 6, "songs of one album share its cover"
    # A file that is gone is noticed, and fetched again.
    lost = found[next(iter(kept & sounds))]
    content = lost.read_bytes()
    lost.unlink()
    ask(*words, "--limit", "picture=6")
    assert lost.read_bytes() == content


def test_excerpts_only_where_they_are_wanted(place: Town, home: Path) -> None:
    place.server.set_plan(Plan(previews=1.0))
    words = place.crawl("--user", place.listener, "--audio", "--depth", "0")
    ended = ask_json(*words)["kinds"]["audio"]["ended"]
    assert ended["preview"] > 0
    assert stored(home)["audio_files"] == 0


# --- what a person got wrong -----------------------------------------------------------------------------------


def test_no_sandbox_is_running(home: Path) -> None:
    del home
    said = refused("crawl", "--sandbox", "--sandbox-url", "http://127.0.0.1:9", "--user", "1")
    assert said == (
        "there is no invented NetEase at http://127.0.0.1:9: start it with `zetdard sandbox` in another terminal"
    )


def test_nowhere_to_begin(place: Town) -> None:
    said = "nothing waits to be visited: say where to begin, for example with --user"
    assert refused(*place.crawl()) == said
    ask(*place.crawl("--user", place.listener, "--depth", "0"))
    assert refused(*place.crawl("--depth", "0")) == said


def test_without_a_beginning_it_goes_on_with_what_waits(place: Town, home: Path) -> None:
    ask(*place.crawl("--user", place.listener, "--limit", "comments=2"))
    waiting = visits(home)["comments"]["todo"]
    assert waiting > 0
    assert ask_json(*place.crawl())["visits"] == waiting


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--user", "ann"], "'ann' is not the id of a user at NetEase: ids there are whole numbers"),
        (["--user", ""], "'' is not the id of a user at NetEase: ids there are whole numbers"),
        (["--playlist", "-5"], "'-5' is not the id of a playlist at NetEase: ids there are whole numbers"),
        (["--user", "1", "--limit", "films=5"], "there is no kind of visit 'films'; there are user, "),
        (["--user", "1", "--with", "films"], "there is no kind of visit 'films'; there are user, "),
        (["--user", "1", "--without", "films"], "there is no kind of visit 'films'; there are user, "),
        (["--user", "1", "--with", "fans", "--without", "fans"], "fans: wanted and not wanted"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_there_is_not(place: Town, home: Path, words: list[str], said: str) -> None:
    assert refused(*place.crawl(*words)).startswith(said)
    assert not any(stored(home).values())


@pytest.mark.parametrize(
    "words",
    [
        ["--limit", "audio"],
        ["--limit", "audio=-5"],
        ["--limit", "=5"],
        ["--limit", "audio=many"],
        ["--refresh", "7"],
        ["--refresh", "-7d"],
        ["--refresh", "soon"],
        ["--depth", "-1"],
        ["--workers", "0"],
        ["--workers", "-2"],
        ["--rate", "-1"],
        ["--comment-pages", "0"],
    ],
    ids=" ".join,
)
def test_what_cannot_be_meant(home: Path, words: list[str]) -> None:
    done = ask("crawl", "--sandbox", "--user", "1", *words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert words[-1] in done.stderr or words[0] in done.stderr
    assert not list(home.iterdir())


def test_a_person_who_is_not_there_is_no_failure_of_the_crawl(place: Town) -> None:
    document = ask_json(*place.crawl("--user", "999"))
    assert document["kinds"] == {"user": {"done": 0, "todo": 0, "ended": {"gone": 1}}}


# --- logins ----------------------------------------------------------------------------------------------------


def log_in(place: Town, folder: Path, user: str) -> None:
    cookie = folder / "cookie"
    cookie.write_text(f"MUSIC_U=sandbox-{user}; __csrf=0123456789abcdef\n", encoding="utf-8")
    done = ask("login", *place.here, "--cookie-file", cookie)
    assert done.exit_code == 0, done.stderr
    assert f"[{user}]" in done.stdout


def test_me(place: Town, tmp_path: Path) -> None:
    assert refused(*place.crawl("--me")) == "nobody is logged in, so it is not known who you are"
    log_in(place, tmp_path, place.listener)
    document = ask_json(*place.crawl("--me", "--with", "suggestions", "--with", "record"))
    assert document["kinds"]["suggestions"] == {"done": 1, "todo": 0, "ended": {}}
    assert document["kinds"]["record"]["done"] == document["kinds"]["user"]["done"]
    assert stored(tmp_path / "home")["suggestions"] == 33
    assert ask_json(*place.crawl("--user", place.listener))["visits"] == 0


def test_what_waits_for_a_login_goes_on_after_it(place: Town, tmp_path: Path) -> None:
    words = place.crawl("--user", place.listener, "--with", "record", "--depth", "0")
    done = ask(*words)
    assert "1 needs-login" in done.stdout
    assert "1 visits wait for somebody to be logged in: zetdard login, then the same command" in done.stdout
    log_in(place, tmp_path, place.listener)
    document = ask_json(*words)
    assert (document["visits"], document["kinds"]["record"]["ended"]) == (1, {})


def test_a_login_by_qr_code(place: Town, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zetdard.sources.netease.login.POLL_SECONDS", 0.01)
    done = ask("login", *place.here, "--qr", "--json")
    assert done.exit_code == 0, done.stderr
    listener = place.server.about["listener"]
    assert json.loads(done.stdout) == {
        "logged_in": True,
        "user": listener["id"],
        "nickname": listener["name"],
    }
    assert "https://music.163.com/login?codekey=" in done.stderr
    assert "scanned; now confirm on the phone" in done.stderr
    assert (home / "sandbox-session.json").stat().st_mode & 0o777 == 0o600
    assert ask_json("login", *place.here, "--status")["user"] == listener["id"]
    assert ask_json(*place.crawl("--me"))["kinds"]["user"]["done"] > 0
    assert ask("login", *place.here, "--logout").stdout == "logged out here\n"
    assert ask_json("login", *place.here, "--status") == {"logged_in": False}


def test_a_login_that_the_service_does_not_know(place: Town, home: Path, tmp_path: Path) -> None:
    cookie = tmp_path / "cookie"
    cookie.write_text("sandbox-1", encoding="utf-8")
    said = refused("login", *place.here, "--cookie-file", cookie)
    assert said == "NetEase does not know this login: it is wrong or has expired"
    assert not list(home.iterdir())


# --- a service that misbehaves ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("plan", "advice"),
    [
        (Plan(cheating=(Spell(at=9),)), "leave sandbox alone for some hours and see in a browser"),
        (Plan(risk_check=(Spell(at=9),)), "/verify?event=invented in a browser and pass the check there"),
    ],
    ids=["-460", "-462"],
)
def test_a_stop_says_what_a_person_can_do(place: Town, home: Path, plan: Plan, advice: str) -> None:
    words = place.crawl("--user", place.listener)
    place.server.set_plan(plan)
    said = refused(*words)
    assert "Nothing is lost. What you can do: " in said
    assert advice in said
    refusals = sum(place.server.requests()["refusals"].get(code, 0) for code in ("-460", "-462"))
    done, asked = sum(kind["done"] for kind in visits(home).values()), place.server.requests()
    assert done > 0
    # Until a person says so, nothing more is asked, not even when the service would answer again.
    place.server.set_plan(Plan())
    again = refused(*words)
    assert advice in again
    assert "--unblock" in again
    assert place.server.requests()["requests"] == asked["requests"]
    assert sum(place.server.requests()["refusals"].get(code, 0) for code in ("-460", "-462")) == refusals
    shown = ask("status").stdout
    assert "stopped: sandbox stopped the crawl: " in shown
    assert advice in shown
    document = ask_json(*words, "--unblock")
    assert document["stopped"] is None
    assert document["done"] == document["visits"] + done
    assert "stopped" not in ask("status").stdout


def test_what_passes_is_tried_again(place: Town, home: Path, tmp_path: Path) -> None:
    words = place.crawl("--user", place.listener, "--depth", "0")
    ask(*words, "--home", tmp_path / "expected")
    faults = (Fault.HTTP_503, Fault.EMPTY, Fault.HTML, Fault.TRUNCATED, Fault.DROPPED)
    place.server.set_plan(
        Plan(faults_at=tuple(FaultAt(at=10 + 3 * number, fault=fault) for number, fault in enumerate(faults)))
    )
    document = ask_json(*words)
    assert document["todo"] == 0
    assert (stored(home), visits(home)) == (stored(tmp_path / "expected"), visits(tmp_path / "expected"))


# --- processes -------------------------------------------------------------------------------------------------


def until(true: Callable[[], bool], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.skipif(os.name != "posix", reason="Ctrl-C is a signal here")
@pytest.mark.parametrize("workers", ["1", "2"])
def test_ctrl_c_finishes_what_is_in_flight_and_the_same_command_goes_on(
    place: Town, home: Path, tmp_path: Path, workers: str
) -> None:
    words = place.crawl("--user", place.listener, "--workers", workers)
    other = tmp_path / "uninterrupted"
    ask(*place.crawl("--user", place.listener), "--home", other)
    before = place.server.requests()["requests"]

    def asked(route: str) -> int:
        return place.requests(route) - before.get(route, 0)

    slow = place.crawl("--user", place.listener, "--workers", workers, rate=25)
    process = start(*slow)
    try:
        until(lambda: asked("lyrics") + asked("artist") > 5)
        os.killpg(process.pid, signal.SIGINT)
        out, errors = process.communicate(timeout=30)
    finally:
        process.kill()
        process.communicate()
    assert (process.returncode, out) == (130, "")
    assert errors.splitlines()[-1] == "interrupted; the same command goes on"
    assert "Traceback" not in errors
    state = ask_json("status")["crawls"]["sandbox"]
    assert state["done"] > 5
    assert state["todo"] > 0
    assert state["workers"] == 0, "what was claimed and not begun is given back"
    done = {name: kind["done"] for name, kind in state["kinds"].items()}
    assert done.get("lyrics", 0) == asked("lyrics"), "every visit that was begun was finished and stored"
    assert done.get("artist", 0) == asked("artist")

    went_on = ask_json(*words)
    assert went_on["visits"] == went_on["done"] - state["done"] > 0
    assert went_on["kinds"]["lyrics"]["done"] == asked("lyrics")
    assert (stored(home), visits(home)) == (stored(other), visits(other))


def test_several_workers_bring_the_same(place: Town, home: Path, tmp_path: Path) -> None:
    ask(*place.crawl("--user", place.listener), "--home", tmp_path / "one")
    process = start(*place.crawl("--user", place.listener, "--workers", "2", "--json"))
    out, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    document = json.loads(out)
    assert document["visits"] == document["done"]
    assert (stored(home), visits(home)) == (stored(tmp_path / "one"), visits(tmp_path / "one"))


def test_a_login_is_forgotten_also_where_the_service_is_not_there(home: Path) -> None:
    assert ask("login", "--logout", "--sandbox", "--sandbox-url", "http://127.0.0.1:9").stdout == (
        "nobody was logged in\n"
    )
