"""Sound, words and network in one network: what each says is learned, and none of them is needed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from models.taste.conforming import block_of
from zetdard.data.taste import Labelled, TasteSongs
from zetdard.errors import NoDataError
from zetdard.measure.binary import roc_auc
from zetdard.models.deep.fusion import FusionEncoder
from zetdard.models.deep.mixing import Mixup
from zetdard.models.deep.multimodal import BlockSense, BlockViews, Multimodal
from zetdard.models.deep.shared import Effort, Examples

N_SONGS = 160
QUICK = Multimodal(effort=Effort(epochs=15, learning_rate=2e-2, batch=64, validation=0.0), networks=1)


def world(*, sound: float = 1.0, words: float = 1.0, lacking: float = 0.0) -> tuple[TasteSongs, np.ndarray]:
    """Draw songs whose sound and words have two directions each that count, and what six listeners like."""
    random = np.random.default_rng(4)
    heard, read = random.normal(size=(2, N_SONGS, 8))
    taste = sound * heard[:, :2] @ random.normal(size=(2, 6)) + words * read[:, :2] @ random.normal(
        size=(2, 6)
    )
    liked = taste > np.quantile(taste, 0.7, axis=0)
    has_words = random.random(N_SONGS) >= lacking
    return TasteSongs({"musicnn": block_of(heard), "meaning": block_of(read, has_words)}), liked.T


def told(liked: np.ndarray, songs: np.ndarray) -> list[Labelled]:
    return [Labelled(songs.astype(np.int32), own[songs]) for own in liked]


def auc(learner: Multimodal, songs: TasteSongs, liked: np.ndarray) -> float:
    training, asked = np.arange(0, 110), np.arange(110, N_SONGS, dtype=np.int32)
    scorer = learner.learn(songs, told(liked, training), seed=1)
    return float(np.mean([roc_auc(scorer.score(at, asked), own[asked]) for at, own in enumerate(liked)]))


@pytest.mark.parametrize("fusing", ["gated", "concatenation"])
def test_both_modalities_say_more_than_one(fusing: str) -> None:
    songs, liked = world()
    both = replace(QUICK, sense=replace(QUICK.sense, fusing=fusing))
    alone = replace(QUICK, sense=replace(QUICK.sense, blocks=("musicnn",)))
    assert auc(both, songs, liked) > auc(alone, songs, liked) + 0.05


def test_a_modality_may_be_missing() -> None:
    songs, liked = world(lacking=0.4)
    assert auc(QUICK, songs, liked) > 0.7
    scorer = QUICK.learn(songs, told(liked, np.arange(100)), seed=0)
    assert np.isfinite(scorer.score(0, np.arange(N_SONGS, dtype=np.int32))).all()


def test_what_a_song_lacks_does_not_count() -> None:
    torch.manual_seed(0)
    network = FusionEncoder([3, 2], hidden=8, width=4, fusing="gated", dropout=0.5, block_dropout=0.5).eval()
    present = torch.tensor([[1.0, 0.0]])
    one = network(present, torch.ones(1, 3), torch.zeros(1, 2))
    other = network(present, torch.ones(1, 3), torch.full((1, 2), 9.0))
    assert torch.equal(one, other)
    assert not torch.equal(one, network(torch.ones(1, 2), torch.ones(1, 3), torch.zeros(1, 2)))


def test_one_block_always_stays() -> None:
    network = FusionEncoder([3, 2], hidden=8, width=4, fusing="gated", dropout=0.0, block_dropout=1.0)
    assert network(torch.ones(5, 2), torch.randn(5, 3), torch.randn(5, 2)).abs().sum() > 0


def test_mixup_mixes_songs_and_labels_alike() -> None:
    inputs = torch.arange(6.0).reshape(6, 1)
    mixed = Mixup(0.5)(Examples((inputs,), 2 * inputs, 3 * inputs), np.random.default_rng(0))
    torch.testing.assert_close(mixed.likes, 2 * mixed.inputs[0])
    torch.testing.assert_close(mixed.others, 3 * mixed.inputs[0])
    assert mixed.inputs[0].sum() == pytest.approx(15.0, rel=1e-6)
    assert not torch.equal(mixed.inputs[0], inputs)


def test_the_same_seed_gives_the_same_scores() -> None:
    songs, liked = world()
    rows = np.arange(N_SONGS, dtype=np.int32)
    scores = [
        QUICK.learn(songs, told(liked, np.arange(90)), seed=seed).score(2, rows).tobytes()
        for seed in (3, 3, 4)
    ]
    assert scores[0] == scores[1] != scores[2]


def test_nothing_is_learned_from_songs_without_a_label() -> None:
    songs, liked = world()
    changed = {name: block_of(block.values.copy(), block.present) for name, block in songs.blocks.items()}
    changed["musicnn"].values[-20:] = 50.0
    rows = np.arange(100, dtype=np.int32)
    scores = [
        QUICK.learn(these, told(liked, np.arange(100)), seed=0).score(0, rows).tobytes()
        for these in (songs, TasteSongs(changed))
    ]
    assert scores[0] == scores[1]


def test_the_mean_of_several_networks() -> None:
    songs, liked = world()
    several = replace(QUICK, networks=2).learn(songs, told(liked, np.arange(90)), seed=0)
    rows = np.arange(30, dtype=np.int32)
    alone = [one.score(1, rows) for one in several.scorers]  # type: ignore[attr-defined]  # it is a SeveralScorer
    np.testing.assert_allclose(several.score(1, rows), np.mean(alone, axis=0), rtol=1e-6)
    assert several.codes.shape == (N_SONGS, 2 * QUICK.sense.width)  # type: ignore[attr-defined]  # it is a SeveralScorer


def test_without_features_it_says_so() -> None:
    songs, liked = world()
    learner = replace(QUICK, sense=BlockSense(blocks=("network",)))
    with pytest.raises(NoDataError, match="network"):
        learner.learn(songs, told(liked, np.arange(90)), seed=0)


def test_views_say_which_songs_are_known() -> None:
    songs, _ = world(lacking=0.5)
    views = BlockSense(blocks=("meaning",)).views(songs, np.arange(N_SONGS, dtype=np.int32))
    assert isinstance(views, BlockViews)
    assert (views.known == songs.blocks["meaning"].known).all()
