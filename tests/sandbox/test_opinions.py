"""Comments: exactly so many, by people who like the song, in a mood that follows it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from zetdard.records import Comment
from zetdard.sandbox import World, WorldConfig, generate
from zetdard.sandbox.collecting import DAY_MS, LAST_DAY
from zetdard.sandbox.moods import VALENCE
from zetdard.sandbox.opinions import DrawnComment
from zetdard.sandbox.words import FEELINGS, OPINIONS


@pytest.fixture(scope="module")
def world() -> World:
    return generate()


@pytest.fixture(scope="module")
def comments(world: World) -> list[tuple[DrawnComment, ...]]:
    return [world.comments(row) for row in range(world.config.n_songs)]


@pytest.mark.parametrize("n", [0, 1, 1234])
def test_there_are_exactly_so_many(n: int) -> None:
    world = generate(WorldConfig(n_users=20, n_songs=60, n_artists=12, n_comments=n))
    assert sum(len(world.comments(row)) for row in range(60)) == n
    assert sum(isinstance(record, Comment) for record in world.records()) == n


def test_without_a_number_there_are_so_many_a_listener(comments: list[tuple[DrawnComment, ...]]) -> None:
    assert sum(map(len, comments)) == 4020


@pytest.mark.smoke
def test_they_come_newest_first_at_distinct_times(
    world: World, comments: list[tuple[DrawnComment, ...]]
) -> None:
    for row, found in enumerate(comments):
        at = [comment.at for comment in found]
        assert at == sorted(set(at), reverse=True)
        assert all(world.music_labels.released_at[row] <= moment <= LAST_DAY * DAY_MS for moment in at)


def test_nobody_writes_before_they_joined(world: World, comments: list[tuple[DrawnComment, ...]]) -> None:
    joined = [world.playlists[world.playlists_of(user)[0]].created_at for user in range(world.config.n_users)]
    assert all(comment.at >= joined[comment.user_row] for found in comments for comment in found)


def test_crowded_times_stay_distinct() -> None:
    """More comments than a day has milliseconds to draw from would collide without care."""
    world = generate(WorldConfig(n_users=3, n_songs=3, n_artists=1, n_genres=1, n_comments=200_000))
    for row in range(3):
        found = world.comments(row)
        assert len({comment.at for comment in found}) == len(found) > 1000


def test_ids_are_distinct_digits(comments: list[tuple[DrawnComment, ...]]) -> None:
    ids = [comment.id for found in comments for comment in found]
    assert len(set(ids)) == len(ids)
    assert all(each.isdecimal() for each in ids)


def test_a_song_has_its_comments_whoever_was_asked_before(
    comments: list[tuple[DrawnComment, ...]],
) -> None:
    most = max(range(len(comments)), key=lambda row: len(comments[row]))
    assert generate().comments(most) == comments[most]


def test_known_songs_have_more(world: World, comments: list[tuple[DrawnComment, ...]]) -> None:
    counts = np.array([len(found) for found in comments])
    assert np.corrcoef(np.log1p(counts), world.music.log_popularity)[0, 1] > 0.6
    assert counts.max() > 100
    assert (counts == 0).any()


def liking(world: World) -> float:
    """Mean cosine of commenters with their songs, above that of all with these songs."""
    fits = world.listeners.user_latents @ world.music.song_latents.T
    gains = [
        fits[comment.user_row, row] - fits[:, row].mean()
        for row in range(world.config.n_songs)
        for comment in world.comments(row)
    ]
    return float(np.mean(gains))


def test_people_comment_on_what_they_like(world: World) -> None:
    assert liking(world) > 0.2
    assert abs(liking(generate(replace(world.config, commenter_strength=0.0)))) < 0.05


def shift(world: World, words: dict[bool, tuple[tuple[str, str], ...]], truths: np.ndarray) -> float:
    """How much likelier the words of ``True`` are where the truth (n_songs, n_users) is in its upper half."""
    yes, no = ([word for pair in words[side] for word in pair] for side in (True, False))
    seen = [
        (truths[row, comment.user_row], any(word in comment.text for word in yes))
        for row in range(world.config.n_songs)
        for comment in world.comments(row)
        if any(word in comment.text for word in (*yes, *no))
    ]
    truth, said = np.array(seen, dtype=float).T
    high = truth > np.median(truth)
    return float(said[high].mean() - said[~high].mean())


def test_the_mood_follows_the_song_and_the_fit(world: World) -> None:
    deaf = generate(replace(world.config, comment_strength=0.0))
    size = (world.config.n_songs, world.config.n_users)
    valence = np.broadcast_to(world.moods.songs[:, [VALENCE]], size)
    fit = world.music.song_latents @ world.listeners.user_latents.T
    assert shift(world, FEELINGS, valence) > 0.15
    assert shift(world, OPINIONS, fit) > 0.05
    assert abs(shift(deaf, FEELINGS, valence)) < 0.08
    assert abs(shift(deaf, OPINIONS, fit)) < 0.04


def test_both_languages_are_spoken(comments: list[tuple[DrawnComment, ...]]) -> None:
    texts = [comment.text for found in comments for comment in found]
    assert 0.3 < np.mean([text.isascii() for text in texts]) < 0.6
    assert all(texts)


def test_who_holds_nothing_writes_nothing(world: World, comments: list[tuple[DrawnComment, ...]]) -> None:
    silent = int(np.flatnonzero(world.listeners.user_picks == 0)[0])
    assert all(comment.user_row != silent for found in comments for comment in found)


def test_records_state_the_comments(world: World, comments: list[tuple[DrawnComment, ...]]) -> None:
    stated = [record for record in world.records() if isinstance(record, Comment)]
    drawn = [(world.music_labels.song_ids[row], each) for row, found in enumerate(comments) for each in found]
    for record, (song, comment) in zip(stated, drawn, strict=True):
        assert record == Comment(
            id=comment.id,
            song=song,
            user=world.people_labels.user_ids[comment.user_row],
            at=comment.at,
            liked_count=comment.liked_count,
            text=comment.text,
        )
