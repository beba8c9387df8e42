"""What lyrics mean, and which words a listener keeps company with: known answers."""

from __future__ import annotations

import numpy as np
import pytest

from zetdard.errors import InputError, NoDataError
from zetdard.features.lyrics import (
    EMBEDDING_SIZE,
    EmbeddingConfig,
    InterestConfig,
    embed_lines,
    embed_texts,
    embedding_key,
    interest_in,
    interest_of,
    learn_word_space,
    listening_weights,
)
from zetdard.features.lyrics.embedding import lines_read
from zetdard.features.lyrics.interest import _decompose, _weighted

SAID_TWICE = [
    ("我非常开心，今天是美好的一天", "I am very happy, today is a wonderful day"),
    ("我好难过，好孤独", "I am so sad and lonely"),
    ("雨落在空荡的街上", "the rain falls on the empty street"),
    ("妈妈做的饭菜很香", "my mother's cooking smells delicious"),
]


def test_the_same_meaning_is_nearest_in_the_other_language() -> None:
    chinese, english = (embed_texts(texts) for texts in zip(*SAID_TWICE, strict=True))
    cosines = chinese @ english.T
    assert cosines.argmax(axis=0).tolist() == cosines.argmax(axis=1).tolist() == [0, 1, 2, 3]
    np.testing.assert_allclose(np.linalg.norm(chinese, axis=1), 1, atol=1e-5)


def test_a_song_is_the_mean_of_its_distinct_lines() -> None:
    lines = [english for _, english in SAID_TWICE]
    song = embed_lines(lines)
    mean = embed_texts(lines).mean(axis=0)
    np.testing.assert_allclose(song, mean / np.linalg.norm(mean), atol=1e-5)
    np.testing.assert_array_equal(embed_lines([*lines, *lines, "  "]), song)
    assert (song.dtype, song.shape) == (np.float32, (EMBEDDING_SIZE,))


def test_without_words_a_song_has_no_meaning() -> None:
    assert not embed_lines([]).any()
    assert not embed_texts(["", "♪ ♪"]).any()
    assert embed_texts([]).shape == (0, EMBEDDING_SIZE)


def test_long_songs_are_read_in_places_spread_over_them() -> None:
    config = EmbeddingConfig(most_lines=3, most_characters=5)
    assert lines_read([f"line {n} and on" for n in range(9)] + ["a"], config) == ["line ", "a"]
    assert lines_read([str(n) for n in range(9)], config) == ["0", "4", "8"]
    with pytest.raises(InputError, match="most_lines"):
        EmbeddingConfig(most_lines=0)


def test_the_key_follows_what_is_read() -> None:
    assert embedding_key(["a", "b", "a"]) == embedding_key(["a", "b"])
    assert embedding_key(["a", "b"]) != embedding_key(["b", "a"])
    assert embedding_key(["ab"]) != embedding_key(["ab"], EmbeddingConfig(most_characters=1))


SEA = [["sea", "wave", "ship"], ["wave", "ship", "salt"], ["sea", "salt", "wave", "wave"], ["ship", "sea"]]
CITY = [
    ["street", "neon", "taxi"],
    ["neon", "taxi", "crowd"],
    ["street", "crowd", "neon"],
    ["taxi", "street"],
]


def test_two_topics_are_two_axes_and_a_listener_is_near_their_own() -> None:
    space = learn_word_space(SEA + CITY, InterestConfig(size=2))
    assert space.axes.shape == (8, 2)
    assert {frozenset(space.strongest(axis, 4)) for axis in (0, 1)} == {
        frozenset({"sea", "wave", "ship", "salt"}),
        frozenset({"street", "neon", "taxi", "crowd"}),
    }
    songs = space.place(SEA + CITY)
    sailor = interest_of(songs[:2])
    cosines = interest_in(sailor, songs)
    np.testing.assert_allclose(cosines[:4], 1, atol=1e-5)
    np.testing.assert_allclose(cosines[4:], 0, atol=1e-5)
    # Words that the space never saw place a song nowhere.
    assert not space.place([["desert"], []]).any()


def test_weights_decide_between_two_interests() -> None:
    songs = learn_word_space(SEA + CITY, InterestConfig(size=2)).place([SEA[0], CITY[0]])
    even = interest_in(interest_of(songs), songs)
    assert even[0] == pytest.approx(even[1], abs=1e-5)
    recent = listening_weights(np.array([0.0, 365.0]), np.array([0.0, 0.0]))
    np.testing.assert_allclose(recent, [1, 0.5])
    leaning = interest_in(interest_of(songs, recent), songs)
    # weights 1 and 1/2 on two directions at right angles
    np.testing.assert_allclose(leaning, [2 / 5**0.5, 1 / 5**0.5], atol=1e-5)
    played = listening_weights(np.array([0.0]), np.array([np.e - 1]))
    np.testing.assert_allclose(played, [2], rtol=1e-6)


def test_tf_idf_by_hand() -> None:
    rows = _weighted([["a", "a", "b", "z"], []], {"a": 0, "b": 1}, np.array([1.0, 2.0])).toarray()
    raw = np.array([1 + np.log(2), 2.0])
    np.testing.assert_allclose(rows, [raw / np.linalg.norm(raw), [0, 0]])
    space = learn_word_space([["a", "b"], ["a", "b"], ["a", "c"], ["c"]], InterestConfig(most_share=0.75))
    assert space.words == ("a", "b", "c")
    np.testing.assert_allclose(space.idf, np.log(5 / np.array([4, 3, 3])) + 1, rtol=1e-6)


def test_limits_of_the_vocabulary() -> None:
    songs = [["the", "rare", "x"], ["the", "x", "y"], ["the", "y"], ["the", "x"]]
    assert learn_word_space(songs, InterestConfig(most_share=0.75)).words == ("x", "y")
    assert learn_word_space(songs, InterestConfig(most_share=0.75, most_words=1)).words == ("x",)
    for nothing in ([], [[]], [["a"], ["b"]]):
        with pytest.raises(NoDataError):
            learn_word_space(nothing)


def test_large_and_small_decompositions_agree_and_signs_are_fixed() -> None:
    random = np.random.default_rng(3)
    songs = [[f"w{word}" for word in random.zipf(1.3, 30) % 600] for _ in range(700)]
    space = learn_word_space(songs, InterestConfig(size=5, most_share=1.0))
    again = learn_word_space(songs, InterestConfig(size=5, most_share=1.0))
    assert space.axes.tobytes() == again.axes.tobytes()
    assert (space.axes[np.abs(space.axes).argmax(axis=0), np.arange(5)] > 0).all()
    assert len(space.words) > 400  # the sparse way
    matrix = _weighted(songs, {word: n for n, word in enumerate(space.words)}, space.idf.astype(float))
    strengths = np.linalg.svd(matrix.toarray(), compute_uv=False)
    np.testing.assert_allclose(space.strengths, strengths[:5], rtol=1e-4)
    assert _decompose(matrix, 5)[0].shape == (len(space.words), 5)


def test_bad_settings_and_weights_are_refused() -> None:
    for bad in ({"size": 0}, {"most_share": 0.0}, {"most_share": 1.5}, {"least_songs": 0}):
        with pytest.raises(InputError):
            InterestConfig(**bad)  # type: ignore[arg-type]
    songs = np.ones((2, 3), dtype=np.float32)
    for weights in (np.array([1.0]), np.array([1.0, -1.0]), np.array([1.0, np.nan])):
        with pytest.raises(InputError):
            interest_of(songs, weights)
    with pytest.raises(InputError, match="half_life"):
        listening_weights(np.zeros(1), half_life_days=0)
    with pytest.raises(InputError, match="finite"):
        listening_weights(np.array([np.inf]))
    assert not interest_of(np.zeros((0, 3), dtype=np.float32)).any()
