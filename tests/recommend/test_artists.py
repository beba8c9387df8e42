"""Artists: through songs by their formula, and from plays where a source counts artists."""

from __future__ import annotations

import numpy as np
import pytest

from recommend.small import SONG_MODELS, dataset_of, ids, recommend
from zetdard.data.interactions import Histories
from zetdard.data.opinions import Opinions
from zetdard.errors import NoDataError
from zetdard.models.base import TrainingData
from zetdard.models.popular import Popular
from zetdard.recommend.artists import ArtistScorer
from zetdard.recommend.query import Because
from zetdard.registry import make_model

PLAYED = dataset_of(
    plays={
        "ann": {"a": 10, "b": 1},
        "bob": {"a": 3, "b": 1, "c": 5},
        "cat": {"b": 2, "c": 1},
        "dan": {"d": 4},
        "eve": {"a": 1},
    },
    names={"a": "Abba", "b": "Blur", "c": "Cake", "d": "Devo"},
    follows={"ann": ["eve"], "eve": ["ann"], "dan": []},
)
HELD = dataset_of(
    {"ann": ["s1"], "bob": ["s1", "s2", "s3"], "cat": ["s2", "s3"], "dan": ["s1", "s4"]},
    credits={"s1": ["a1"], "s2": ["a2"], "s3": ["a3", "a2"], "s4": ["a4"], "s5": ["a5"]},
)


def test_the_formula_by_hand() -> None:
    # From s1, which ann, bob and dan hold: w(s1→s2) = w(s1→s3) = w(s1→s4) = 1/3. Artist a2 performs s2 and s3.
    # From a1, likewise: w(a1→a2) = w(a1→a3) = w(a1→a4) = 1/3.
    answer = recommend(HELD, "artists", "ann")
    assert {item.id: item.score for item in answer.items} == pytest.approx(
        {"a2": 1, "a3": np.sqrt(1 / 2), "a4": np.sqrt(1 / 2)}
    )
    assert ids(answer) == ["a2", "a3", "a4"]


def test_only_songs_that_may_be_offered_speak_for_their_artists() -> None:
    hidden = np.array([HELD.songs.vocabulary.row("s2"), HELD.songs.vocabulary.row("s3")], np.int32)
    assert ids(recommend(HELD, "artists", "ann", opinions=Opinions(hidden_songs=hidden))) == ["a4"]


def test_held_artists_only_where_asked() -> None:
    holds = {"ann": ["s1"], "bob": ["s1", "s2", "s3"]}
    data = dataset_of(holds, credits={"s1": ["a1"], "s2": ["a1"], "s3": ["a2"]})
    assert ids(recommend(data, "artists", "ann")) == ["a2"]
    both = recommend(data, "artists", "ann", include_held=True)
    # Nothing of what ann holds leads to a1 but a1 itself, which speaks for nobody.
    assert ids(both) == ["a2"]
    data = dataset_of(
        {"ann": ["s1", "s4"], "bob": ["s1", "s2", "s3", "s4"]},
        credits={"s1": ["a1"], "s2": ["a1"], "s3": ["a2"], "s4": ["a3"]},
    )
    assert ids(recommend(data, "artists", "ann")) == ["a2"]
    # a1: one song of the pool, and w(a3→a1) = 1. a2: one song, and w(a1→a2) + w(a3→a2) = 1/2 + 1/2. A tie.
    assert ids(recommend(data, "artists", "ann", include_held=True)) == ["a1", "a2"]


def test_liked_artists_speak_and_are_named() -> None:
    row = HELD.artists.vocabulary.row("a2")
    answer = recommend(HELD, "artists", "ann", opinions=Opinions(liked_artists=np.array([row], np.int32)))
    assert ids(answer) == ["a3", "a4"]  # whoever holds a2 holds a3 too
    assert answer.items[0].score > answer.items[1].score
    causes = [reason for reason in answer.items[0].reasons if isinstance(reason, Because)]
    assert {cause.source.id for cause in causes if cause.kind == "artist"} == {"a1", "a2"}


def test_hidden_artists_do_not_speak() -> None:
    row = HELD.artists.vocabulary.row("a1")
    answer = recommend(HELD, "artists", "ann", opinions=Opinions(hidden_artists=np.array([row], np.int32)))
    assert not answer.personal
    assert "a1" not in ids(answer)


def test_a_scorer_needs_models_that_explain_to_explain() -> None:
    songs = make_model("song-graph").fit(TrainingData(HELD.holdings))
    plain = Popular().fit(TrainingData(HELD.artist_holdings()))
    scorer = ArtistScorer(HELD, songs, plain, np.ones(len(HELD.songs), bool))
    assert not scorer.explainable
    history = Histories.of_items(np.array([0]), len(HELD.songs))
    with pytest.raises(TypeError, match="popular cannot explain"):
        scorer.artist_contributions(history, 0)


@pytest.mark.parametrize("model", SONG_MODELS)
def test_played_artists(model: str) -> None:
    answer = recommend(PLAYED, "artists", "ann", model=model)
    assert answer.personal
    assert ids(answer) == ["c"]
    assert answer.items[0].name == "Cake"
    reasons = [reason.to_json() for reason in answer.items[0].reasons]
    artists = [reason for reason in reasons if reason["kind"] == "artist"]
    assert {reason["name"] for reason in artists} <= {"Abba", "Blur"}
    assert sum(reason["share"] for reason in artists) == pytest.approx(1)
    people = [reason for reason in reasons if reason["kind"] == "person"]
    assert {reason["id"] for reason in people} <= {"bob", "cat"}
    assert people[0] == {"kind": "person", "id": "bob", "name": "bob", "shared": 2}
    assert reasons[-1]["kind"] == "without"
    assert reasons[-1]["name"] in {"Abba", "Blur"}
    assert "title" not in reasons[-1]
    assert "c" in ids(recommend(PLAYED, "artists", "ann", model=model, include_held=True))


def test_played_artists_that_are_hidden_or_liked() -> None:
    rows = PLAYED.artists.vocabulary
    hidden = Opinions(hidden_artists=np.array([rows.row("c")], np.int32))
    assert "c" not in ids(recommend(PLAYED, "artists", "ann", opinions=hidden))
    # Dan shares nothing with anybody until he likes Abba.
    assert not recommend(PLAYED, "artists", "dan").personal
    liked = Opinions(liked_artists=np.array([rows.row("a")], np.int32))
    answer = recommend(PLAYED, "artists", "dan", opinions=liked)
    assert answer.personal
    assert ids(answer) == ["b", "c"]


def test_people_by_played_artists() -> None:
    answer = recommend(PLAYED, "friends", "ann", model="overlap")
    assert ids(answer) == ["bob", "cat"]  # eve is followed already, dan shares nothing
    assert {reason.to_json()["kind"] for reason in answer.items[0].reasons} == {"artist", "without"}


def test_songs_where_only_artists_are_played() -> None:
    with pytest.raises(NoDataError, match=r"no songs are stored .*ask for artists instead"):
        recommend(PLAYED, "songs", "ann")


def test_a_listener_with_plays_beside_listeners_with_songs() -> None:
    data = dataset_of(
        {"ann": ["s1"], "bob": ["s1", "s2"], "pat": []},
        credits={"s1": ["a"], "s2": ["b"]},
        plays={"pat": {"c": 1}, "pam": {"c": 2, "d": 3}},
    )
    assert ids(recommend(data, "artists", "ann")) == ["b"]
    assert ids(recommend(data, "artists", "pat")) == ["d"]
