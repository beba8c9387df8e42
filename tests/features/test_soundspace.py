"""The space of sound: what counts, what does not, and libraries of few songs."""

from __future__ import annotations

import numpy as np
import pytest

from zetdard.data.features import FeatureBlock
from zetdard.data.vocabulary import Vocabulary
from zetdard.features.audio.descriptors import DESCRIPTOR_NAMES, GAIN_DEPENDENT
from zetdard.features.soundspace import sound_space

N = 60


def block(
    values: np.ndarray[tuple[int, int], np.dtype[np.float64]], *names: str, present: object = None
) -> FeatureBlock:
    songs = Vocabulary([f"s{row:03d}" for row in range(len(values))], kind="song")
    columns = names or tuple(f"x{column}" for column in range(values.shape[1]))
    there = None if present is None else np.asarray(present, bool)
    return FeatureBlock(songs, values.astype(np.float32), columns, {"extractor": "test"}, there)


def cosines(space: FeatureBlock | None) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    assert space is not None
    return space.values @ space.values.T


def random(columns: int, seed: int = 0, rows: int = N) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return np.random.default_rng(seed).standard_normal((rows, columns))


def test_rows_have_length_one_and_units_do_not_matter() -> None:
    values = random(6)
    space = sound_space(block(values), None)
    assert space is not None
    np.testing.assert_allclose(np.linalg.norm(space.values, axis=1), 1, atol=1e-6)
    scaled = values * [1, 10, 100, 1e3, 1e-3, 5] + [0, 5, -7, 1e4, 0, 1]
    np.testing.assert_allclose(cosines(sound_space(block(scaled), None)), cosines(space), atol=1e-3)


def test_what_is_said_many_times_counts_less_than_as_often() -> None:
    """Ten columns that say one thing against one column that says another."""
    one, other = random(2).T
    values = np.column_stack([*[one] * 10, other])
    values += 0.01 * random(11, 1)
    similar = cosines(sound_space(block(values), None))
    plain = (values - values.mean(0)) / values.std(0)
    plain /= np.linalg.norm(plain, axis=1, keepdims=True)
    same_sign = np.sign(other[:, None]) == np.sign(other[None])
    told = similar[same_sign].mean() - similar[~same_sign].mean()
    told_plainly = (plain @ plain.T)[same_sign].mean() - (plain @ plain.T)[~same_sign].mean()
    assert told > 1.5 * told_plainly


def test_loudness_alone_moves_nothing() -> None:
    values = random(len(DESCRIPTOR_NAMES))
    louder = values.copy()
    for name in GAIN_DEPENDENT:
        louder[::2, DESCRIPTOR_NAMES.index(name)] += 50
    np.testing.assert_array_equal(
        cosines(sound_space(block(louder, *DESCRIPTOR_NAMES), None)),
        cosines(sound_space(block(values, *DESCRIPTOR_NAMES), None)),
    )


def test_two_blocks_count_the_same_whatever_their_size() -> None:
    small, large = block(random(3)), block(random(200, 1))
    both = cosines(sound_space(small, large))
    parts = [cosines(sound_space(part, None)) for part in (small, large)]
    np.testing.assert_allclose(both, (parts[0] + parts[1]) / 2, atol=1e-5)


def test_a_song_of_which_one_block_is_known_is_present() -> None:
    some = np.arange(N) % 2 == 0
    values = random(5)
    values[~some] = 0
    space = sound_space(block(values, present=some), block(random(4, 1)))
    assert space is not None
    assert space.present is not None
    assert space.present.all()
    alone = sound_space(block(values, present=some), None)
    assert alone is not None
    assert alone.present is not None
    assert alone.present.tolist() == some.tolist()
    assert not alone.values[~some].any()


@pytest.mark.parametrize("rows", [1, 2, 3, 8])
def test_few_songs(rows: int) -> None:
    values = random(141, rows=rows)
    space = sound_space(block(values), None)
    assert space is not None
    assert np.isfinite(space.values).all()
    assert space.present is not None
    # A single song lies at the mean: there is no direction, and nothing to compare it with.
    assert space.present.tolist() == [rows > 1] * rows
    if rows == 8:
        values[7] = values[0] + 0.05 * random(141, 9, 1)[0]
        nearest = cosines(sound_space(block(values), None)) - 3 * np.eye(8)
        assert nearest[0].argmax() == 7


def test_songs_that_are_all_the_same_and_no_songs() -> None:
    same = sound_space(block(np.ones((4, 3))), None)
    assert same is not None
    assert not same.values.any()
    assert sound_space(None, None) is None
    assert sound_space(block(np.zeros((2, 3)), present=[False, False]), None) is None
