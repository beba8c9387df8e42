"""SpecAugment: what is masked is silent, what is not is as it was."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from zetdard.models.deep.augment import SpecAugment
from zetdard.models.deep.shared import Examples

RATE = 1_000


def test_a_mask_of_time_is_silence() -> None:
    sounds = torch.ones(50, 2, RATE)
    masked = SpecAugment(RATE, times=1, time=0.5, bands=0).masked(sounds, np.random.default_rng(0))
    silent = (masked.abs() < 1e-5).numpy()
    assert (silent[:, 0] == silent[:, 1]).all()
    shares = silent[:, 0].mean(axis=1)
    assert shares.max() <= 0.5
    assert shares.mean() == pytest.approx(0.25, abs=0.07)
    assert len(np.unique(shares)) > 40  # each its own
    edges = np.abs(np.diff(silent[:, 0].astype(int), axis=1)).sum(axis=1)
    assert edges.max() <= 2  # one stretch
    torch.testing.assert_close(masked[~torch.from_numpy(silent)], torch.ones(int((~silent).sum())))


def test_a_mask_of_frequency_takes_a_band_and_nothing_else() -> None:
    random = np.random.default_rng(1)
    sounds = torch.from_numpy(random.normal(size=(20, 1, RATE)).astype(np.float32))
    masked = SpecAugment(RATE, times=0, bands=1, band=0.4).masked(sounds, random)
    before, after = (np.abs(np.fft.rfft(one.numpy()[:, 0])) for one in (sounds, masked))
    gone = after < 1e-3
    assert np.abs(np.diff(gone.astype(int), axis=1)).sum(axis=1).max() <= 2
    assert 0 < gone.mean() < 0.5
    np.testing.assert_allclose(after[~gone], before[~gone], rtol=1e-3)


def test_only_sounds_are_masked_and_labels_stay() -> None:
    points, labels = torch.ones(4, 3), torch.ones(4, 2)
    examples = Examples((torch.ones(4, 2, RATE), points), labels, labels)
    found = SpecAugment(RATE)(examples, np.random.default_rng(0))
    assert found.inputs[1] is points
    assert found.likes is labels
    assert (found.inputs[0] == 0).any()
    again = SpecAugment(RATE)(examples, np.random.default_rng(0))
    assert torch.equal(found.inputs[0], again.inputs[0])
