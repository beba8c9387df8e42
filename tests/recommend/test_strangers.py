"""A listener without an account is folded in: the same as an account that influences nobody."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from recommend.small import ASKED, dataset_of, ids, recommend
from zetdard import ZetDard
from zetdard.data.opinions import Opinions
from zetdard.errors import UnknownEntityError

EQUAL_BY_FORMULA = ("song-graph", "item-knn")
"""Songs that one does not hold are not scored by one's own row: the account itself adds nothing."""


def without_account(document: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in document.items() if name not in {"user", "likes"}}


@pytest.mark.parametrize(("kind", "model"), ASKED)
def test_the_same_history_in_an_account_that_holds_nothing(world: ZetDard, kind: str, model: str) -> None:
    dataset = world.dataset()
    empty = int(np.flatnonzero(dataset.holdings.user_degrees() == 0)[0])
    followed = {dataset.users.vocabulary.label(int(row)) for row in dataset.follows[[empty]].indices}
    likes = [dataset.songs.vocabulary.label(int(song)) for song in dataset.holdings.held(10)[:9]]
    ask = partial(world.recommend, kind, like=likes, model=model, n=2000)
    stranger = ask().to_json()
    account = ask(dataset.users.vocabulary.label(empty)).to_json()
    if kind == "friends":
        # The account knows whom it follows; where that changes nothing, all is equal.
        order = [item["id"] for item in stranger["items"] if item["id"] not in followed]
        assert [item["id"] for item in account["items"]] == order
    else:
        assert without_account(stranger) == without_account(account)
    assert stranger["user"] is None
    assert [song["id"] for song in stranger["likes"]] == likes


@pytest.mark.parametrize("model", EQUAL_BY_FORMULA)
def test_the_same_history_as_a_stored_account(world: ZetDard, model: str) -> None:
    dataset = world.dataset()
    for user in (3, 12, 40):
        likes = [dataset.songs.vocabulary.label(int(song)) for song in dataset.holdings.held(user)]
        label = dataset.users.vocabulary.label(user)
        account = world.recommend("songs", label, model=model, n=50, reasons=False)
        stranger = world.recommend("songs", like=likes, model=model, n=50, reasons=False)
        assert ids(stranger) == ids(account)
        np.testing.assert_allclose(
            [item.score for item in stranger.items], [item.score for item in account.items], rtol=1e-6
        )


def test_the_most_similar_person_to_somebody_with_my_songs_is_me(world: ZetDard) -> None:
    dataset = world.dataset()
    likes = [dataset.songs.vocabulary.label(int(song)) for song in dataset.holdings.held(12)]
    friends = world.recommend("friends", like=likes, model="jaccard", n=1)
    assert ids(friends) == [dataset.users.vocabulary.label(12)]


def test_likes_join_what_a_user_holds() -> None:
    data = dataset_of({"ann": ["s1"], "bob": ["s1", "s3"], "cat": ["s2", "s4"]}, credits={"s2": ["a"]})
    assert ids(recommend(data, "songs", "ann")) == ["s3"]
    both = recommend(data, "songs", "ann", likes=("s2",))
    assert ids(both) == ["s4", "s3"]  # 1 of 1 holder, 1 of 2
    assert [song.name for song in both.understood] == ["s2 – a"]


def test_naming_a_song_twice_or_one_that_is_held_changes_nothing() -> None:
    data = dataset_of({"ann": ["s1"], "bob": ["s1", "s2", "s3"]})
    once = recommend(data, "songs", likes=("s1",))
    assert recommend(data, "songs", likes=("s1", "s1")).items == once.items
    assert recommend(data, "songs", "ann", likes=("s1",)).items == once.items


def test_songs_that_nobody_holds_lead_nowhere() -> None:
    data = dataset_of({"bob": ["s1"]}, credits={"s2": ["a"]})
    answer = recommend(data, "songs", likes=("s2",))
    assert not answer.personal
    assert answer.note == "not personal, popular songs instead: nobody else holds any of the same songs"


def test_an_unknown_song_is_refused() -> None:
    with pytest.raises(UnknownEntityError, match="no song is called 'nothing like it'"):
        recommend(dataset_of({"bob": ["s1"]}), "songs", likes=("nothing like it",))


def test_a_stranger_has_no_opinions() -> None:
    data = dataset_of({"ann": ["s1"], "bob": ["s1", "s2"]})
    hidden = Opinions(hidden_songs=np.array([data.songs.vocabulary.row("s2")], np.int32))
    assert ids(recommend(data, "songs", likes=("s1",), opinions=hidden)) == ["s2"]
    assert ids(recommend(data, "songs", "ann", opinions=hidden)) == []
