"""Generated songs: as many as asked for, with the features of real ones, for whom there is enough to learn from."""

from __future__ import annotations

import numpy as np
import pytest

from jobs.test_generating import SMALL, clips_of
from zetdard.data.features import FeatureBlock
from zetdard.data.taste import Labelled, TasteSongs
from zetdard.errors import NoDataError
from zetdard.features.audio.descriptors import DESCRIPTOR_NAMES
from zetdard.features.audio.musicnn.weights import N_HIDDEN
from zetdard.jobs.augmenting import GeneratedSongs
from zetdard.models.deep.gan_music import Composer


def told(rows: list[int], liked: list[bool]) -> Labelled:
    return Labelled(np.array(rows, np.int32), np.array(liked))


def network(patches: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.ones((len(patches), N_HIDDEN), np.float32), np.full((len(patches), 50), 0.5, np.float32)


def test_songs_for_each_listener() -> None:
    clips = clips_of()
    values = np.zeros((10, len(DESCRIPTOR_NAMES)), np.float32)
    blocks = {
        "descriptors": FeatureBlock(clips.vocabulary, values, DESCRIPTOR_NAMES),
        "lyrics": FeatureBlock(clips.vocabulary, values[:, :1], ("words",)),
        "musicnn": FeatureBlock(
            clips.vocabulary, np.zeros((10, N_HIDDEN), np.float32), tuple(f"u{n}" for n in range(N_HIDDEN))
        ),
    }
    listeners = [told([0, 1, 2, 5], [True, True, True, False]), told([3, 9, 4], [True, True, False])]
    trained = []

    def composer(seed: int) -> Composer:
        trained.append(seed)
        return Composer(SMALL, seed=seed)

    make = GeneratedSongs(composer, network, count=2)
    first, second = make(TasteSongs(blocks, clips), listeners, 3)
    assert first.liked.tolist() == [True, True]
    assert first.clips is not None
    assert first.clips.shape == (2, clips.count, 2, clips.frames)
    assert set(first.blocks) == {"descriptors", "musicnn"}
    assert np.isfinite(first.blocks["descriptors"]).all()
    assert not np.array_equal(first.blocks["descriptors"][0], first.blocks["descriptors"][1])
    assert (first.blocks["musicnn"] == 1).all()
    assert len(second.liked) == 0  # one of the two likes has no clips
    assert make(TasteSongs(blocks, clips), listeners, 3)[0] is first
    assert trained == [3]


def test_without_clips_nothing_can_be_generated() -> None:
    with pytest.raises(NoDataError, match="--clips"):
        GeneratedSongs(lambda seed: Composer(SMALL, seed=seed), None)(TasteSongs({}), [], 0)
