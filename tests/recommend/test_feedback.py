"""What listeners say is respected by every model and kind at once, and undo gives exactly the former list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from recommend.small import ASKED, SONG_MODELS, ids, open_world
from zetdard import ZetDard
from zetdard.errors import InputError, NoDataError, UnknownEntityError


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ZetDard]:
    """A home of the invented world in which something is said; each test takes it back."""
    with open_world(tmp_path_factory.mktemp("told")) as zetdard:
        yield zetdard


def user_of(zetdard: ZetDard) -> str:
    dataset = zetdard.dataset()
    sizes = dataset.holdings.user_degrees()
    return dataset.users.vocabulary.label(int(sizes.argsort(kind="stable")[len(sizes) // 2]))


def document(zetdard: ZetDard, kind: str, model: str, **asked: Any) -> dict[str, Any]:
    return zetdard.recommend(kind, user_of(zetdard), model=model, n=8, **asked).to_json()  # type: ignore[arg-type]


@pytest.mark.parametrize("verdict", ["like", "dislike", "ban", "skip"])
@pytest.mark.parametrize("model", [*SONG_MODELS, "popular"])
def test_a_recommended_song(told: ZetDard, model: str, verdict: str) -> None:
    user = user_of(told)
    before = document(told, "songs", model)
    song = before["items"][0]["id"]
    told.say(user, verdict, song)
    after = document(told, "songs", model)
    assert song not in [item["id"] for item in after["items"]]
    named = {reason.get("id") for item in after["items"] for reason in item["reasons"]}
    if model != "popular":
        assert (song in named) == (verdict == "like")
    if verdict != "like":
        assert ids(told.recommend("songs", user, model=model, n=7, artist_cap=None, one_version=False)) == [
            item["id"]
            for item in document(told, "songs", model, artist_cap=None, one_version=False)["items"][:7]
        ]
    told.undo(user, song)
    assert document(told, "songs", model) == before


@pytest.mark.parametrize("verdict", ["dislike", "ban", "skip"])
@pytest.mark.parametrize(("kind", "model"), ASKED)
def test_a_song_that_is_held_no_longer_speaks_for_the_listener(
    told: ZetDard, kind: str, model: str, verdict: str
) -> None:
    user = user_of(told)
    before = document(told, kind, model)
    song = next(reason["id"] for reason in before["items"][0]["reasons"] if reason["kind"] == "song")
    told.say(user, verdict, song)
    after = document(told, kind, model)
    assert after["personal"]
    reasons = [reason for item in after["items"] for reason in item["reasons"] if reason["kind"] != "person"]
    assert song not in {reason["id"] for reason in reasons}
    if kind == "songs":
        assert song not in [item["id"] for item in after["items"]]
    assert after != before
    told.undo(user, song)
    assert document(told, kind, model) == before


@pytest.mark.parametrize(("kind", "model"), ASKED)
def test_a_liked_song_joins_the_history(told: ZetDard, kind: str, model: str) -> None:
    user = user_of(told)
    before = document(told, kind, model)
    song = document(told, "songs", "song-graph")["items"][0]["id"]
    told.say(user, "like", song)
    after = document(told, kind, model)
    assert after != before
    # The same as naming it in the question.
    told.undo(user, song)
    named = document(told, kind, model, like=[song])
    assert [likes.pop("likes") for likes in (named,)]
    assert named == after
    assert document(told, kind, model) == before


@pytest.mark.parametrize("verdict", ["dislike", "ban"])
@pytest.mark.parametrize("model", [*SONG_MODELS, "popular"])
def test_an_artist(told: ZetDard, model: str, verdict: str) -> None:
    user = user_of(told)
    songs, artists = document(told, "songs", model), document(told, "artists", model)
    for artist in (songs["items"][0]["artists"][0]["id"], artists["items"][0]["id"]):
        told.say(user, verdict, artist, kind="artist")
        offered = document(told, "songs", model)["items"]
        assert artist not in [credit["id"] for item in offered for credit in item["artists"]]
        assert artist not in [item["id"] for item in document(told, "artists", model)["items"]]
        with_held = document(told, "artists", model, include_held=True)["items"]
        assert artist not in [item["id"] for item in with_held]
        told.undo(user, artist, kind="artist")
    assert document(told, "songs", model) == songs
    assert document(told, "artists", model) == artists


@pytest.mark.parametrize("model", SONG_MODELS)
def test_a_liked_artist(told: ZetDard, model: str) -> None:
    user = user_of(told)
    before = document(told, "artists", model)
    artist = before["items"][0]["id"]
    told.say(user, "like", artist, kind="artist")
    after = document(told, "artists", model)
    assert artist not in [item["id"] for item in after["items"]]
    named = {r["id"] for item in after["items"] for r in item["reasons"] if r["kind"] == "artist"}
    assert artist in named
    told.undo(user, artist, kind="artist")
    assert document(told, "artists", model) == before


def test_the_newest_verdict_counts_and_undo_goes_back_one_by_one(told: ZetDard) -> None:
    user = user_of(told)
    before = document(told, "songs", "song-graph")
    song = before["items"][0]["id"]
    told.say(user, "ban", song)
    banned = document(told, "songs", "song-graph")
    told.say(user, "like", song)
    assert document(told, "songs", "song-graph") != banned
    assert told.undo(user, song)[0].verdict == "like"
    assert document(told, "songs", "song-graph") == banned
    assert told.undo(user, song)[0].verdict == "ban"
    assert document(told, "songs", "song-graph") == before
    with pytest.raises(NoDataError, match="nothing to undo"):
        told.undo(user, song)


def test_a_disliked_song_that_is_named_now_speaks_again(told: ZetDard) -> None:
    user = user_of(told)
    song = document(told, "songs", "song-graph")["items"][0]["id"]
    told.say(user, "ban", song)
    answer = told.recommend("songs", user, like=[song], n=50)
    assert song not in ids(answer)
    assert song in {reason.to_json().get("id") for item in answer.items for reason in item.reasons}
    told.undo(user, song)


def test_everybody_else_gets_what_they_got(told: ZetDard) -> None:
    user = user_of(told)
    other = next(label for label in told.dataset().users.vocabulary if label != user)
    before = told.recommend("songs", other).to_json()
    told.say(user, "ban", before["items"][0]["id"])
    assert told.recommend("songs", other).to_json() == before
    told.undo(user, before["items"][0]["id"])


def test_what_cannot_be_said(told: ZetDard) -> None:
    user = user_of(told)
    dataset = told.dataset()
    song, artist = dataset.songs.vocabulary.label(0), dataset.artists.vocabulary.label(0)
    with pytest.raises(InputError, match="cannot be skipped"):
        told.say(user, "skip", artist, kind="artist")
    with pytest.raises(InputError, match="none of: like"):
        told.say(user, "adore", song)
    with pytest.raises(UnknownEntityError):
        told.say("nobody", "like", song)
    with pytest.raises(UnknownEntityError):
        told.say(user, "like", "zzzzzz")
    with pytest.raises(UnknownEntityError):
        told.say(user, "like", "zzzzzz", kind="artist")
