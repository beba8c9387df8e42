"""Networks that hear: the waveform, the spectrogram, and the spectrogram as a course of time.

All take excerpts in two channels, (batch, 2, samples), of a second or more, and return codes, (batch, width).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from zetdard.data.taste import TasteSongs
from zetdard.data.types import Floats, Rows
from zetdard.errors import MissingExtraError
from zetdard.models.deep.clip_views import ClipViews, clip_views
from zetdard.models.deep.layers import LogCompress, MeanAndSpread, Pooling, Reshape, pool1d
from zetdard.models.deep.mel import LogMel, band_middles, mid_and_side
from zetdard.models.deep.shared import Views

try:
    import torch
except ImportError:
    raise MissingExtraError("deep", "networks that hear") from None

FirstFilters = Literal["waves", "random"]

_WINDOW_S, _HOP_S = 0.064, 0.032
"""Of the spectrogram."""
_FILTER_S, _STRIDE_S, _POOLED = 1 / 16, 1 / 100, 4
"""Of the first convolution over samples, and how many of its steps are pooled."""


class WaveformCnn(torch.nn.Module):
    """Convolutions over the raw samples of both channels, L1 pooling, a reshape, dropout (the thesis's 3.2).

    One-dimensional filters of a sixteenth of a second over both channels at once, Σ|x| of what each of them answers over a
    twenty-fifth, and its logarithm: how much there is of what each filter listens to. As a spectrogram, but its bands are
    learned (Zeghidour et al., "LEAF: a learnable frontend for audio classification", ICLR 2021). Reshaped to filters × time,
    for the layers of ``Trunk``.

    Args:
        rate: Samples a second.
        width: Length of a code.
        pooling: What is taken of a filter's answers.
        bands: Half of the number of filters.
        channels: See ``Trunk``.
        first: How the filters begin: as ``waves`` of rising pitch, half of them on the sum of both channels and half on
            their difference; or at ``random``, without an order for the later layers to find.
        dropout: See ``Trunk``.
    """

    def __init__(
        self,
        rate: int,
        width: int,
        *,
        pooling: Pooling = "l1",
        bands: int = 64,
        channels: int = 16,
        first: FirstFilters = "waves",
        dropout: float = 0.3,
    ) -> None:
        super().__init__()
        taps, stride = 2 * round(rate * _FILTER_S / 2) + 1, max(1, round(rate * _STRIDE_S))
        filters = torch.nn.Conv1d(2, 2 * bands, taps, stride, bias=False)
        with torch.no_grad():
            if first == "waves":
                filters.weight.copy_(torch.from_numpy(_waves(rate, taps, bands)))
            else:
                # As large as waves are, so that steps of one length mean the same to both.
                torch.nn.init.normal_(filters.weight, std=0.4)
        rectified = [] if pooling == "l1" else [torch.nn.ReLU()]
        self.layers = torch.nn.Sequential(
            filters,
            *rectified,
            pool1d(pooling, _POOLED),
            LogCompress(gain=2 / taps),
            Reshape(2, bands),
            Trunk(bands, width, channels=channels, dropout=dropout),
        )

    def forward(self, sound: torch.Tensor) -> torch.Tensor:
        """Return codes."""
        codes: torch.Tensor = self.layers(sound)
        return codes


def _waves(rate: int, taps: int, bands: int) -> Floats:
    """Return filters, shape (2 · bands, 2, taps): windowed cosines and sines in turn, of pitches as the ear tells them apart.

    Their weights are about 1 and not so small that the sum is: the optimiser's steps are the same for all weights.
    """
    pitches = band_middles(rate, bands)[1:-1, None]
    time = (np.arange(taps) - taps // 2) / rate
    phases = np.pi / 2 * (np.arange(bands) % 2)[:, None]
    waves = np.cos(2 * np.pi * pitches * time - phases) * np.hanning(taps + 2)[1:-1]
    both = [np.stack([waves, waves], axis=1), np.stack([waves, -waves], axis=1)]
    return np.concatenate(both).astype(np.float32)


class MelCnn(torch.nn.Module):
    """Convolutions over the log-mel spectrograms of half the sum and half the difference of both channels.

    Args:
        rate: Samples a second.
        width: Length of a code.
        bands: Of the spectrogram.
        channels: See ``Trunk``.
        dropout: See ``Trunk``.
    """

    def __init__(
        self, rate: int, width: int, *, bands: int = 64, channels: int = 16, dropout: float = 0.3
    ) -> None:
        super().__init__()
        self.spectrogram = _spectrogram(rate, bands)
        self.trunk = Trunk(bands, width, channels=channels, dropout=dropout)

    def forward(self, sound: torch.Tensor) -> torch.Tensor:
        """Return codes."""
        codes: torch.Tensor = self.trunk(self.spectrogram(mid_and_side(sound)))
        return codes


class Trunk(torch.nn.Module):
    """Two bands × time pictures → codes, (batch, 2, bands, time) → (batch, width).

    Four convolutions over bands and time. Mean and spread of what they find, and those of the bands themselves: with a few
    hundred songs, what a layer loses is not learned again.

    Args:
        bands: Height of the pictures.
        width: Length of a code.
        channels: Of the first convolution; the next have twice and four times as many.
        dropout: Share of the numbers before the last layer that is left out in training.
    """

    def __init__(self, bands: int, width: int, *, channels: int, dropout: float) -> None:
        super().__init__()
        self.normal = torch.nn.BatchNorm1d(2 * bands)
        layers: list[torch.nn.Module] = []
        inside = 2
        for outside in (channels, 2 * channels, 4 * channels, 4 * channels):
            layers += [
                torch.nn.Conv2d(inside, outside, 3, padding=1, bias=False),
                torch.nn.BatchNorm2d(outside),
                torch.nn.ReLU(),
                torch.nn.MaxPool2d(2, ceil_mode=True),
            ]
            inside = outside
        self.convolutions = torch.nn.Sequential(*layers)
        self.summary = MeanAndSpread()
        n = 2 * (2 * bands + inside)
        self.code = torch.nn.Sequential(
            torch.nn.BatchNorm1d(n), torch.nn.Dropout(dropout), torch.nn.Linear(n, width)
        )

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """Return codes."""
        bands = self.normal(pictures.flatten(1, 2))  # (batch, 2 · bands, time)
        found = self.convolutions(bands.unflatten(1, pictures.shape[1:3]))
        codes: torch.Tensor = self.code(torch.cat([self.summary(bands), self.summary(found)], dim=1))
        return codes


class CnnLstm(torch.nn.Module):
    """Convolutions over mel frames, then a recurrent network through time.

    Chen Changfeng, "Song audio emotion classification based on CNN-LSTM", Communications Technology 52 (2019).

    Args:
        rate: Samples a second.
        width: Length of a code.
        bands: Of the spectrogram.
        channels: Of each convolution, and cells of the recurrent network.
        dropout: Share of the numbers before the last layer that is left out in training.
    """

    def __init__(
        self, rate: int, width: int, *, bands: int = 64, channels: int = 64, dropout: float = 0.3
    ) -> None:
        super().__init__()
        self.spectrogram = _spectrogram(rate, bands)
        layers: list[torch.nn.Module] = [torch.nn.BatchNorm1d(2 * bands)]
        inside = 2 * bands
        for _ in range(2):
            layers += [
                torch.nn.Conv1d(inside, channels, 5, padding=2, bias=False),
                torch.nn.BatchNorm1d(channels),
                torch.nn.ReLU(),
                torch.nn.MaxPool1d(2, ceil_mode=True),
            ]
            inside = channels
        self.convolutions = torch.nn.Sequential(*layers)
        self.course = torch.nn.LSTM(channels, channels, batch_first=True)
        self.code = torch.nn.Sequential(torch.nn.Dropout(dropout), torch.nn.Linear(2 * channels, width))

    def forward(self, sound: torch.Tensor) -> torch.Tensor:
        """Return codes."""
        frames = self.spectrogram(mid_and_side(sound)).flatten(1, 2)  # (batch, 2 · bands, time)
        states, _ = self.course(self.convolutions(frames).transpose(1, 2))  # (batch, time, channels)
        codes: torch.Tensor = self.code(torch.cat([states.mean(dim=1), states.amax(dim=1)], dim=1))
        return codes


def _spectrogram(rate: int, bands: int) -> LogMel:
    return LogMel(rate, bands, 2 ** round(np.log2(rate * _WINDOW_S)), round(rate * _HOP_S))


@dataclass(frozen=True, slots=True)
class Waveforms:
    """The sense of a network that hears the waveform: ``WaveformCnn``, whose settings these are.

    Attributes:
        width: Length of a code.
        seconds: Of a piece in training.
    """

    width: int = 32
    seconds: float = 1.0
    pooling: Pooling = "l1"
    bands: int = 64
    channels: int = 16
    first: FirstFilters = "waves"
    dropout: float = 0.3

    def views(self, songs: TasteSongs, training: Rows) -> ClipViews:
        """Return excerpts.

        Raises:
            NoDataError: There are no clips.
        """
        del training  # nothing is learned from them
        return clip_views(songs, self.seconds)

    def encoder(self, views: Views) -> torch.nn.Module:
        """Return a new network."""
        return WaveformCnn(
            _rate(views),
            self.width,
            pooling=self.pooling,
            bands=self.bands,
            channels=self.channels,
            first=self.first,
            dropout=self.dropout,
        )


@dataclass(frozen=True, slots=True)
class Spectrograms:
    """The sense of a network that hears the spectrogram: ``MelCnn``, or ``CnnLstm``, whose settings these are.

    Attributes:
        width: Length of a code.
        seconds: Of a piece in training.
        through_time: ``CnnLstm``.
    """

    width: int = 32
    seconds: float = 1.0
    bands: int = 64
    channels: int = 16
    dropout: float = 0.3
    through_time: bool = False

    def views(self, songs: TasteSongs, training: Rows) -> ClipViews:
        """Return excerpts.

        Raises:
            NoDataError: There are no clips.
        """
        del training  # nothing is learned from them
        return clip_views(songs, self.seconds)

    def encoder(self, views: Views) -> torch.nn.Module:
        """Return a new network."""
        kind = CnnLstm if self.through_time else MelCnn
        return kind(_rate(views), self.width, bands=self.bands, channels=self.channels, dropout=self.dropout)


def _rate(views: Views) -> int:
    assert isinstance(views, ClipViews)
    return views.clips.rate
