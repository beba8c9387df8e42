from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zetdard.data.features import FeatureBlock
from zetdard.data.vocabulary import Vocabulary
from zetdard.errors import InputError, NoDataError
from zetdard.features.audio.descriptors import DESCRIPTOR_NAMES, GAIN_DEPENDENT, describe
from zetdard.features.soundspace import SoundSpaceConfig, learn, sound_space

RATE = 22_050


def block(values, *, present=None, columns=None, labels=None, name="x"):
    values = np.asarray(values, dtype=np.float32)
    columns = columns or tuple(f"{name}{column}" for column in range(values.shape[1]))
    vocabulary = Vocabulary(labels or [f"song {row}" for row in range(len(values))])
    return FeatureBlock(vocabulary, values, tuple(columns), {"extractor": name, "version": "7"}, present)


def cosines(space):
    return space.values @ space.values.T


def random(rows, columns, seed=0):
    return np.random.default_rng(seed).standard_normal((rows, columns)) + 3


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 12), st.integers(1, 6), st.integers(0, 99), st.sampled_from(["d", "e", "both"]))
def test_rows_have_length_one_with_either_block_or_both(songs, columns, seed, which):
    descriptors = block(random(songs, columns, seed)) if which != "e" else None
    embedding = block(random(songs, 7, seed + 1)) if which != "d" else None
    space = sound_space(descriptors, embedding)
    np.testing.assert_allclose(np.linalg.norm(space.values, axis=1), 1, rtol=1e-5)
    assert space.present.all()


def test_the_cosine_is_the_mean_of_both_by_the_share():
    descriptors, embedding = block(random(20, 5)), block(random(20, 8, 1), name="e")
    both = sound_space(descriptors, embedding, SoundSpaceConfig(embedding_share=0.25))
    apart = 0.75 * cosines(sound_space(descriptors, None)) + 0.25 * cosines(sound_space(None, embedding))
    np.testing.assert_allclose(cosines(both), apart, atol=1e-5)


def test_units_of_columns_do_not_matter():
    values = random(30, 6)
    other = values * 10.0 ** np.arange(-3, 3)
    np.testing.assert_allclose(
        cosines(sound_space(block(values), None)), cosines(sound_space(block(other), None)), atol=1e-4
    )


@pytest.mark.parametrize("songs", [2, 3, 10, 400])
def test_songs_drawn_at_random_are_at_right_angles_on_average(songs):
    found = []
    for seed in range(30 if songs < 400 else 2):
        near = cosines(sound_space(block(random(songs, 60, seed)), None))
        found.append(near[np.triu_indices(songs, 1)].mean())
    # Without the common column two songs would be opposite: −1, and three at −½.
    assert abs(np.mean(found)) < 0.03


def test_columns_that_say_the_same_are_weighed_down():
    rng = np.random.default_rng(0)
    said, other = rng.standard_normal((300, 1)), rng.standard_normal((300, 1))
    repeated = np.hstack([said + 0.01 * rng.standard_normal((300, 1)) for _ in range(9)] + [other])

    def weight_of_other(decorrelation):
        rows = learn(repeated, SoundSpaceConfig(decorrelation=decorrelation)).project(repeated)
        return float(np.square(rows[:, 9]).mean() / np.square(rows[:, :10]).sum(axis=1).mean())

    plain, half, white = (weight_of_other(p) for p in (0, 0.5, 1))
    assert plain < 0.8 * half
    assert half < 0.9 * white


def test_few_songs_do_not_make_a_trifle_a_difference():
    # The last column hardly varies beside its size; by its own deviation it would count as much as the others.
    values = [[1, 5, 100.00], [2, 9, 100.01], [4, 2, 99.99]]
    few = learn(values, SoundSpaceConfig(decorrelation=0))
    assert few.scale[2] > 10 * np.std([100.00, 100.01, 99.99])
    many = learn(np.repeat(values, 2_000, axis=0), SoundSpaceConfig(decorrelation=0))
    assert many.scale[0] == pytest.approx(np.std([1, 2, 4]), rel=0.01)


def test_what_was_not_measured_is_absent_and_moves_nobody():
    values, odd = random(6, 4), random(6, 4)
    odd[2] = 1e6
    present = np.array([True, True, False, True, True, True])
    one, other = (sound_space(block(v, present=present), None) for v in (values, odd))
    np.testing.assert_array_equal(one.values, other.values)
    assert not one.values[2].any()
    np.testing.assert_array_equal(one.present, present)


def test_present_are_those_measured_in_both():
    descriptors = block(random(4, 3), present=np.array([True, True, True, False]))
    embedding = block(random(4, 5), present=np.array([False, True, True, True]), name="e")
    space = sound_space(descriptors, embedding)
    assert space.present.tolist() == [False, True, True, False]
    np.testing.assert_allclose(np.linalg.norm(space.values, axis=1), [0, 1, 1, 0], atol=1e-6)
    nothing = block(np.zeros((4, 5)), present=np.zeros(4, bool), name="e")
    assert sound_space(descriptors, nothing).present.tolist() == [True, True, True, False]
    apart = block(random(4, 5), present=np.array([False, False, False, True]), name="e")
    with pytest.raises(NoDataError, match="both"):
        sound_space(descriptors, apart)


def test_one_song_and_equal_songs_are_finite():
    for values in (random(1, 4), np.ones((3, 4)), np.zeros((2, 4))):
        space = sound_space(block(values), None)
        np.testing.assert_allclose(cosines(space), 1, rtol=1e-5)


def test_the_nearest_is_the_nearest():
    rng = np.random.default_rng(3)
    centres = rng.standard_normal((10, 12))
    values = np.repeat(centres, 4, axis=0) + 0.2 * rng.standard_normal((40, 12))
    near = cosines(sound_space(block(values), None))
    np.fill_diagonal(near, -1)
    assert (near.argmax(axis=1) // 4 == np.arange(40) // 4).all()


def test_names_and_origin_are_told():
    space = sound_space(block(random(4, 2), name="d"), block(random(4, 1), name="e"))
    assert space.columns == (
        "d0",
        "d1",
        "descriptors: common to all songs",
        "e0",
        "embedding: common to all songs",
    )
    assert space.provenance["embedding version"] == "7"
    assert space.provenance["settings"] == "embedding_share=0.5 decorrelation=0.5 prior_songs=5"


def test_a_recording_made_louder_stays_where_it_is():
    rng = np.random.default_rng(0)
    t = np.arange(RATE * 3) / RATE
    sounds = [
        np.sin(2 * np.pi * pitch * t) * (1 + np.sin(2 * np.pi * beat * t)) / 4
        + 0.02 * rng.standard_normal(len(t))
        for pitch, beat in ((220, 1), (440, 2), (880, 3), (330, 4), (1_500, 1))
    ]
    quiet = 10 ** (-10 / 20)
    rows = [describe([sound.astype(np.float32)]).vector for sound in [*sounds, sounds[1] * quiet]]
    space = sound_space(block(rows, columns=DESCRIPTOR_NAMES), None)
    near = cosines(space)
    assert near[1, 5] > 0.999
    assert not GAIN_DEPENDENT & set(space.columns)


def test_what_makes_no_sense_is_refused():
    with pytest.raises(NoDataError):
        sound_space(None, None)
    with pytest.raises(NoDataError):
        learn(np.zeros((0, 3)))
    with pytest.raises(InputError, match="same songs"):
        sound_space(block(random(2, 3)), block(random(2, 3), labels=["a", "b"]))
    with pytest.raises(InputError):
        learn(random(3, 2)).project(random(3, 3))
    with pytest.raises(InputError):
        learn([[1.0, np.nan]])
    for settings_ in ({"embedding_share": 1.1}, {"decorrelation": -0.1}, {"prior_songs": 0}):
        with pytest.raises(InputError):
            SoundSpaceConfig(**settings_)
