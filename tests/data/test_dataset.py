"""What a dataset works out of its matrices."""

from __future__ import annotations

import dataclasses
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from zetdard.data.dataset import Dataset, Entities, EntityKind
from zetdard.data.interactions import Interactions
from zetdard.data.vocabulary import Vocabulary
from zetdard.errors import AmbiguousIdError, UnknownEntityError

laws = settings(deadline=None, max_examples=60)

N_USERS, N_SONGS, N_ARTISTS = 3, 4, 3
CREDITS = st.lists(
    st.permutations(range(N_ARTISTS)).flatmap(
        lambda artists: st.sampled_from([artists[:n] for n in range(4)])
    ),
    min_size=N_SONGS,
    max_size=N_SONGS,
)
HOLDS = st.lists(st.sets(st.integers(0, N_SONGS - 1)), min_size=N_USERS, max_size=N_USERS)


def entities(kind: EntityKind, n: int) -> Entities:
    labels = [f"{kind}{row}" for row in range(n)]
    return Entities(
        kind=kind,
        vocabulary=Vocabulary(labels, kind=kind),
        names=("Ann", *[""] * (n - 1)),
        origins=tuple(("test", label) for label in labels),
    )


def dataset(holds: list[set[int]], credits: list[list[int]]) -> Dataset:
    users, songs, artists = (
        entities("user", N_USERS),
        entities("song", N_SONGS),
        entities("artist", N_ARTISTS),
    )
    pairs = np.array([(user, song) for user in range(N_USERS) for song in holds[user]], np.int32).reshape(
        -1, 2
    )
    positions = np.zeros((N_SONGS, N_ARTISTS), np.float32)
    for song, names in enumerate(credits):
        for position, artist in enumerate(names):
            positions[song, artist] = position + 1
    nobody = Interactions.from_pairs(
        users.vocabulary, artists.vocabulary, np.empty(0, np.int32), np.empty(0, np.int32)
    )
    return Dataset(
        users=users,
        songs=songs,
        artists=artists,
        holdings=Interactions.from_pairs(
            users.vocabulary,
            songs.vocabulary,
            pairs[:, 0],
            pairs[:, 1],
            strengths=np.full(len(pairs), 9, np.float32),
        ),
        plays=nobody,
        song_artists=csr_array(positions),
        follows=csr_array((N_USERS, N_USERS), dtype=np.float32),
        fingerprint="",
    )


@laws
@given(CREDITS)
def test_a_songs_artists_stand_in_the_order_of_its_credits(credits: list[list[int]]) -> None:
    data = dataset([set()] * N_USERS, credits)
    assert [data.artists_of(song).tolist() for song in range(N_SONGS)] == credits
    assert data.artists_of(0).dtype == np.int32


@laws
@given(HOLDS, CREDITS)
def test_artist_holdings_count_the_songs_of_each_artist(
    holds: list[set[int]], credits: list[list[int]]
) -> None:
    found = dataset(holds, credits).artist_holdings()
    expected = Counter(
        (user, artist) for user in range(N_USERS) for song in holds[user] for artist in credits[song]
    )
    matrix = found.matrix.tocoo()
    pairs = zip(matrix.row.tolist(), matrix.col.tolist(), strict=True)
    assert dict(zip(pairs, matrix.data.tolist(), strict=True)) == expected


def test_a_user_is_found_by_the_whole_name_and_never_by_none() -> None:
    users = dataset([set()] * N_USERS, [[]] * N_SONGS).users
    assert users.find("ANN") == users.find("user0") == 0
    for unknown in ("An", ""):
        with pytest.raises(UnknownEntityError, match="such as user0, user1, user2"):
            users.find(unknown)
    namesakes = dataclasses.replace(users, names=("Ann", "", "ann"), _by_origin={})
    with pytest.raises(AmbiguousIdError, match="2 users are called 'Ann'; name one by its id: user0, user2"):
        namesakes.find("Ann")


def test_what_is_shown_for_a_row() -> None:
    data = dataset([set()] * N_USERS, [[]] * N_SONGS)
    assert (data.describe_user(0), data.describe_user(1)) == ("Ann (user0)", "user1")
    assert (data.users.name(0), data.users.name(1)) == ("Ann", "user1")
