"""What a list holds and what it never holds; what is said where nothing personal can be."""

from __future__ import annotations

import numpy as np
import pytest

from recommend.small import ASKED, SONG_MODELS, dataset_of, ids, recommend
from zetdard import ZetDard
from zetdard.data.opinions import Opinions
from zetdard.errors import InputError, NoDataError, UnknownEntityError
from zetdard.recommend.query import MAX_ITEMS, Kind, Query

HOLDS = {
    "ann": ["s1", "s2"],
    "bob": ["s1", "s2", "s4"],
    "cat": ["s2", "s4", "s5"],
    "dan": ["s6"],
    "eve": [],
    "fay": ["s7"],
}
CREDITS = {f"s{n}": [f"a{n}"] for n in range(1, 9)}


@pytest.mark.smoke
@pytest.mark.parametrize("model", SONG_MODELS)
def test_songs_that_others_hold_beside_mine(model: str) -> None:
    answer = recommend(dataset_of(HOLDS, credits=CREDITS), "songs", "ann", model=model)
    assert answer.personal
    assert answer.model == model
    assert ids(answer)[0] == "s4"
    assert set(ids(answer)) <= {"s4", "s5"}
    assert [item.rank for item in answer.items] == list(range(1, len(answer.items) + 1))
    assert answer.note
    assert "only" in answer.note


@pytest.mark.parametrize(("kind", "model"), ASKED)
def test_never_what_is_held_followed_or_oneself(world: ZetDard, kind: str, model: str) -> None:
    dataset = world.dataset()
    for row in range(0, len(dataset.users), 6):
        user = dataset.users.vocabulary.label(row)
        answer = world.recommend(kind, user, model=model, n=1000, reasons=False)  # type: ignore[arg-type]
        offered = set(ids(answer))
        assert len(offered) == len(answer.items)
        if kind == "songs":
            refused = [dataset.songs.vocabulary.label(int(song)) for song in dataset.holdings.held(row)]
        elif kind == "artists":
            held = dataset.artist_holdings().held(row)
            refused = [dataset.artists.vocabulary.label(int(artist)) for artist in held]
        else:
            followed = dataset.follows[[row]].indices
            refused = [user, *(dataset.users.vocabulary.label(int(other)) for other in followed)]
        assert not offered & set(refused)


def test_scores_descend_and_ties_are_settled_by_id() -> None:
    holds = {"ann": ["s0"], "bob": ["s0", "s9", "s10", "s1", "s2"]}
    answer = recommend(dataset_of(holds), "songs", "ann")
    # Ids are strings: "s10" comes before "s2".
    assert ids(answer) == ["s1", "s10", "s2", "s9"]
    assert len({item.score for item in answer.items}) == 1


def test_hidden_songs_and_songs_of_hidden_artists_are_not_offered() -> None:
    dataset = dataset_of(HOLDS, credits={**CREDITS, "s5": ["a9", "a3"]})
    rows = dataset.songs.vocabulary
    hidden_song = Opinions(hidden_songs=np.array([rows.row("s4")], np.int32))
    assert "s4" not in ids(recommend(dataset, "songs", "ann", opinions=hidden_song))
    artist = np.array([dataset.artists.vocabulary.row("a3")], np.int32)
    hidden_artist = Opinions(hidden_artists=artist)
    assert ids(recommend(dataset, "songs", "ann", opinions=hidden_artist)) == ["s4"]
    assert "a3" not in ids(recommend(dataset, "artists", "ann", opinions=hidden_artist, include_held=True))


@pytest.mark.parametrize("kind", ["songs", "artists", "friends"])
@pytest.mark.parametrize("user", ["eve", "fay"])
def test_popular_instead_is_labelled(kind: str, user: str) -> None:
    """Eve holds nothing, and fay what nobody else holds."""
    answer = recommend(dataset_of(HOLDS, credits=CREDITS), kind, user, n=3)
    assert not answer.personal
    assert answer.model == "popular"
    assert answer.note
    assert answer.note.startswith("not personal")
    assert ("holds no songs" if user == "eve" else "nobody else holds") in answer.note
    best = {"songs": ("s2", 3), "artists": ("a2", 3), "friends": ("bob", 3)}[kind]
    assert answer.items[0].id == best[0]
    word = "holds" if kind == "friends" else "holders"
    assert [reason.to_json() for reason in answer.items[0].reasons] == [{"kind": "popular", word: best[1]}]
    assert user not in ids(answer)


def test_nothing_new_follows() -> None:
    answer = recommend(dataset_of({"ann": ["s1", "s2"], "bob": ["s1"], "cat": ["s3"]}), "songs", "ann")
    assert (
        answer.note
        == "not personal, popular songs instead: nothing new follows from the songs that others hold too"
    )
    assert ids(answer) == ["s3"]


def test_a_user_who_holds_everything() -> None:
    dataset = dataset_of({"ann": ["s1", "s2"], "bob": ["s1"]}, credits={"s1": ["a1"], "s2": ["a1"]})
    for kind in ("songs", "artists"):
        answer = recommend(dataset, kind, "ann")
        assert answer.items == ()
        assert not answer.personal
        assert answer.note
        assert "no " + kind + " left" in answer.note


def test_a_user_who_holds_all_that_anybody_holds() -> None:
    answer = recommend(dataset_of({"ann": ["s1"], "bob": ["s1"]}, credits={"s9": ["a9"]}), "songs", "ann")
    assert answer.items == ()
    assert answer.note == "nothing to recommend: nothing new follows from the songs that others hold too"


@pytest.mark.parametrize("kind", ["songs", "artists", "friends"])
def test_one_user(kind: str) -> None:
    answer = recommend(dataset_of({"ann": ["s1"]}, credits={"s1": ["a1"]}), kind, "ann")
    assert answer.items == ()
    assert answer.note


@pytest.mark.parametrize("kind", ["songs", "artists", "friends"])
def test_an_unknown_user(kind: str) -> None:
    with pytest.raises(UnknownEntityError, match="'zoe'"):
        recommend(dataset_of(HOLDS), kind, "zoe")


@pytest.mark.parametrize("kind", ["songs", "artists", "friends"])
def test_nothing_held_by_anybody(kind: str) -> None:
    with pytest.raises(NoDataError):
        recommend(dataset_of({"ann": []}), kind, "ann")


@pytest.mark.parametrize("kind", ["songs", "artists", "friends"])
def test_an_empty_store(kind: str, home: object) -> None:
    import zetdard

    with zetdard.open() as empty:
        with pytest.raises(UnknownEntityError, match="no user 'ann' is stored"):
            empty.recommend(kind, "ann")  # type: ignore[arg-type]
        with pytest.raises(UnknownEntityError, match="no song is called 'Sky'"):
            empty.recommend(kind, like=["Sky"])  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["songs", "artists"])
def test_the_popular_model_says_that_it_is_not_personal(kind: str) -> None:
    answer = recommend(dataset_of(HOLDS, credits=CREDITS), kind, "ann", model="popular")
    assert (answer.model, answer.personal, answer.note) == ("popular", False, None)
    counts = [reason.to_json()["holders"] for item in answer.items for reason in item.reasons]
    assert counts == [item.score for item in answer.items] == sorted(counts, reverse=True)
    assert min(counts) > 0  # s8 is held by nobody


def test_people_who_share_more_and_rarer_songs_come_first() -> None:
    holds = {**HOLDS, "gus": ["s1", "s6"], "hal": ["s2"]}
    answer = recommend(dataset_of(holds, follows={"ann": ["bob"]}), "friends", "ann")
    assert ids(answer) == ["gus", "cat", "hal"]


def test_long_lists_are_a_beginning_of_longer_ones(world: ZetDard) -> None:
    user = world.dataset().users.vocabulary.label(3)
    long = ids(world.recommend("songs", user, n=60, reasons=False))
    assert ids(world.recommend("songs", user, n=7)) == long[:7]


def test_questions_that_make_no_sense_are_refused() -> None:
    for wrong in (
        {"user": "ann", "n": 0},
        {"user": "ann", "n": MAX_ITEMS + 1},
        {"user": "ann", "artist_cap": 0},
        {"user": "ann", "include_held": True},
        {},
    ):
        with pytest.raises(InputError):
            Query(kind=Kind.SONGS, **wrong)  # type: ignore[arg-type]
    with pytest.raises(InputError):
        Query(kind=Kind.FRIENDS, user="ann", include_held=True)
    Query(kind=Kind.ARTISTS, user="ann", include_held=True)
