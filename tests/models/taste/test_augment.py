"""Further songs: mixtures lie between a listener's songs, and a learner gets them beside the real ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from models.taste.conforming import blobs, block_of
from zetdard.data.clips import Clips
from zetdard.data.taste import Labelled, MadeSongs, TasteSongs
from zetdard.errors import InputError
from zetdard.models.base import TasteScorer
from zetdard.models.deep.augment import SpecAugment
from zetdard.models.deep.hearing import MelSpectrogramCnn
from zetdard.models.deep.mixing import Mixup
from zetdard.models.taste.augment import Augmented, Mixtures, augmented, with_made
from zetdard.models.taste.classical import Svm


def songs_of(n: int = 12, *, clips: bool = False) -> TasteSongs:
    random = np.random.default_rng(0)
    known = np.arange(n) != 3
    blocks = {
        "musicnn": block_of(random.normal(size=(n, 4))),
        "lyrics": block_of(random.normal(size=(n, 2)), known),
    }
    samples = random.integers(-99, 99, size=(n, 2, 2, 5)).astype(np.int16)
    excerpts = Clips(
        blocks["musicnn"].vocabulary, 16_000, 2, 5, np.arange(n, dtype=np.int32), lambda row: samples[row]
    )
    return TasteSongs(blocks, excerpts if clips else None)


LISTENERS = (
    Labelled(np.array([0, 1, 2, 3], np.int32), np.array([True, True, False, False])),
    Labelled(np.array([5, 7], np.int32), np.array([True, False])),
)


def test_mixtures_lie_between_songs_and_have_the_label_of_the_nearer_one() -> None:
    songs = songs_of()
    first, second = Mixtures(times=3)(songs, LISTENERS, 0)
    assert first.liked.tolist() == [True] * 6 + [False] * 6
    assert second.liked.tolist() == [True] * 3 + [False] * 3
    real = songs.blocks["musicnn"].values[[5, 7]].astype(np.float64)
    along = (second.blocks["musicnn"] - real[1]) @ (real[0] - real[1]) / np.square(real[0] - real[1]).sum()
    np.testing.assert_allclose(
        second.blocks["musicnn"], real[1] + along[:, None] * (real[0] - real[1]), atol=1e-5
    )
    assert ((along >= 0.5 - 1e-6) == second.liked).all()
    assert np.isnan(first.blocks["lyrics"][-3:]).all()  # of a song whose lyrics are not known


def test_mixtures_do_not_depend_on_who_else_is_there() -> None:
    both, again = Mixtures()(songs_of(), LISTENERS, 4), Mixtures()(songs_of(), LISTENERS[:1], 4)
    assert both[0].blocks["musicnn"].tobytes() == again[0].blocks["musicnn"].tobytes()
    other = Mixtures()(songs_of(), LISTENERS, 5)
    assert both[0].blocks["musicnn"].tobytes() != other[0].blocks["musicnn"].tobytes()


def test_made_songs_stand_after_the_real_ones() -> None:
    songs = songs_of(clips=True)
    clips = np.full((1, 2, 2, 5), 7, np.int16)
    made = (
        MadeSongs(np.array([True]), {"musicnn": np.ones((1, 4), np.float32)}, clips),
        MadeSongs(np.array([True, False]), {"lyrics": np.ones((2, 2), np.float32)}),
    )
    larger, labelled = with_made(songs, LISTENERS, made)
    assert len(larger) == 15
    assert [one.rows.tolist() for one in labelled] == [[0, 1, 2, 3, 12], [5, 7, 13, 14]]
    assert labelled[1].liked.tolist() == [True, False, True, False]
    assert larger.blocks["musicnn"].known.tolist() == [True] * 13 + [False] * 2
    assert larger.blocks["lyrics"].known[12:].tolist() == [False, True, True]
    np.testing.assert_array_equal(larger.blocks["musicnn"].values[:12], songs.blocks["musicnn"].values)
    assert larger.clips is not None
    assert larger.clips.present.tolist() == list(range(13))
    assert (larger.clips.of(12) == 7).all()
    np.testing.assert_array_equal(larger.clips.of(4), songs.clips.of(4))  # type: ignore[union-attr]  # both have clips


@pytest.mark.parametrize(
    "made",
    [
        [MadeSongs(np.array([True]))],
        [MadeSongs(np.array([True]), {"musicnn": np.ones((1, 9), np.float32)}), MadeSongs(np.array([True]))],
        [MadeSongs(np.array([True]), clips=np.ones((1, 2, 2, 9), np.int16)), MadeSongs(np.array([True]))],
    ],
)
def test_songs_that_do_not_fit_are_refused(made: Sequence[MadeSongs]) -> None:
    with pytest.raises(InputError):
        with_made(songs_of(clips=True), LISTENERS, made)


def test_a_learner_is_given_both() -> None:
    told: list[tuple[TasteSongs, Sequence[Labelled]]] = []

    class Listening:
        def learn(self, songs: TasteSongs, listeners: Sequence[Labelled], *, seed: int) -> TasteScorer:
            told.append((songs, listeners))
            return Svm().learn(songs, listeners, seed=seed)

    songs = songs_of()
    scorer = Augmented(Listening(), Mixtures()).learn(songs, LISTENERS, seed=0)
    assert len(told[0][0]) == 12 + 4 + 2
    assert scorer.score(1, np.arange(12, dtype=np.int32)).shape == (12,)


def test_songs_that_say_nothing_new_do_no_harm() -> None:
    points, liked = blobs(60, share=0.3, distance=4.0)
    songs = TasteSongs({"musicnn": block_of(points)})
    told = [Labelled(np.arange(60, dtype=np.int32), liked)]
    plain, mixed = (learner.learn(songs, told, seed=0) for learner in (Svm(), Augmented(Svm(), Mixtures())))
    rows = np.arange(60, dtype=np.int32)
    assert (np.sign(mixed.score(0, rows)) == np.sign(plain.score(0, rows))).mean() > 0.9


def test_ways_of_learning_from_more() -> None:
    assert augmented(Svm, "none")() == Svm()
    assert augmented(Svm, "mixup")() == Augmented(Svm(), Mixtures())
    assert augmented(MelSpectrogramCnn, "none")().augmentations == ()
    assert augmented(MelSpectrogramCnn, "mixup")().augmentations == (Mixup(),)
    assert augmented(MelSpectrogramCnn, "specaugment")().augmentations == (SpecAugment(),)
    generated = augmented(MelSpectrogramCnn, "dcgan", Mixtures())()
    assert generated.make == Mixtures()
    assert generated.learner.augmentations == ()


@pytest.mark.parametrize(("make", "how"), [(Svm, "specaugment"), (Svm, "dcgan"), (Svm, "more")])
def test_ways_that_cannot_be_gone(make: type, how: str) -> None:
    with pytest.raises(InputError):
        augmented(make, how)
