"""The two networks of ``dcgan``: a generator of log-mel spectrograms, and a discriminator that tells them from real ones.

After Radford, Metz, Chintala, "Unsupervised representation learning with deep convolutional generative adversarial networks",
ICLR 2016, as the thesis has it (3.5): strided and transposed convolutions where others pool, batch normalisation in both
networks (but not where numbers enter the discriminator and leave the generator), no dense layer, global pooling at the
end. Both are convolutional in time, so that a spectrogram may be of any length.
"""

from __future__ import annotations

from itertools import pairwise

from zetdard.errors import MissingExtraError

try:
    import torch
    from torch import nn
    from torch.nn.utils.parametrizations import spectral_norm
except ImportError:
    raise MissingExtraError("deep", "generating sound") from None

STEP = 16
"""Frames that one column of noise becomes."""
MARGIN = 2
"""Columns of noise at each end whose frames are cut off, because zeros lie beyond them."""
_LOWEST_BANDS = 4
"""Bands of the smallest picture: 4, doubled four times, are the 64 of a spectrogram."""


class Generator(nn.Module):
    """Noise → spectrogram.

    A column of noise is 16 frames (a quarter of a second). Half of its numbers are the same in all columns of a sound: what
    a sound keeps from its beginning to its end.

    Args:
        code: Numbers of a column; even.
        width: Channels of the largest picture; smaller ones have 2, 4 and 8 times as many.
    """

    def __init__(self, code: int, width: int) -> None:
        super().__init__()
        self.code = code
        channels = (8 * width, 4 * width, 2 * width, width)
        # (batch, code, 1, columns) -> (batch, 8 width, 4, columns)
        layers: list[nn.Module] = [
            nn.ConvTranspose2d(code, channels[0], (_LOWEST_BANDS, 3), padding=(0, 1), bias=False),
            nn.BatchNorm2d(channels[0]),
            nn.ReLU(),
        ]
        for before, after in pairwise(channels):
            layers += [
                nn.ConvTranspose2d(before, after, 4, stride=2, padding=1, bias=False),
                nn.BatchNorm2d(after),
                nn.ReLU(),
            ]
        # (batch, width, 32, 8 columns) -> (batch, 1, 64, 16 columns)
        layers += [nn.ConvTranspose2d(channels[-1], 1, 4, stride=2, padding=1), nn.Tanh()]
        self.layers = nn.Sequential(*layers)
        _begin(self)

    def forward(self, noise: torch.Tensor) -> torch.Tensor:
        """Return spectrograms from −1 to 1, shape (batch, 1, 64, 16 · (columns − 4)).

        Args:
            noise: Shape (batch, code, 1, columns), more than 4 columns.
        """
        made: torch.Tensor = self.layers(noise)
        return made[..., MARGIN * STEP : -MARGIN * STEP]

    def noise(self, batch: int, frames: int) -> torch.Tensor:
        """Draw noise for spectrograms of so many frames, or up to 15 more: shape (batch, code, 1, columns)."""
        columns = -(-frames // STEP) + 2 * MARGIN
        half = self.code // 2
        lasting = torch.randn(batch, half, 1, 1).expand(-1, -1, 1, columns)
        return torch.cat([lasting, torch.randn(batch, self.code - half, 1, columns)], dim=1)


class Discriminator(nn.Module):
    """Spectrogram → how real it seems.

    Spectral normalisation of every convolution (Miyato, Kataoka, Koyama, Yoshida, "Spectral normalization for generative
    adversarial networks", ICLR 2018) is not in the thesis; see ``docs/generate.md`` for what it is needed for.

    Args:
        width: Channels of the largest picture; smaller ones have 2, 4 and 8 times as many.
        spectral: Whether convolutions are normalised.
    """

    def __init__(self, width: int, *, spectral: bool = True) -> None:
        super().__init__()
        norm = spectral_norm if spectral else _as_it_is
        channels = (width, 2 * width, 4 * width, 8 * width)
        # (batch, 1, 64, frames) -> (batch, width, 32, frames / 2)
        layers: list[nn.Module] = [nn.Conv2d(1, width, 4, stride=2, padding=1), nn.LeakyReLU(0.2)]
        for before, after in pairwise(channels):
            layers += [
                nn.Conv2d(before, after, 4, stride=2, padding=1, bias=False),
                nn.BatchNorm2d(after),
                nn.LeakyReLU(0.2),
            ]
        # (batch, 8 width, 4, frames / 16) -> (batch, 1, 1, frames / 16)
        layers.append(nn.Conv2d(channels[-1], 1, (_LOWEST_BANDS, 1)))
        self.layers = nn.Sequential(*layers)
        self.pool = nn.AdaptiveAvgPool2d(1)
        _begin(self)
        for layer in self.layers:
            if isinstance(layer, nn.Conv2d):
                norm(layer)

    def forward(self, spectrograms: torch.Tensor) -> torch.Tensor:
        """Return log-odds of being real, shape (batch,).

        Args:
            spectrograms: Shape (batch, 1, 64, frames), from −1 to 1; at least 16 frames.
        """
        return self.looked(spectrograms)[0]

    def looked(self, spectrograms: torch.Tensor) -> tuple[torch.Tensor, tuple[torch.Tensor, ...]]:
        """Return the log-odds, and what each layer but the last has seen: shapes (batch, channels, bands, frames)."""
        seen = []
        found = spectrograms
        for layer in self.layers:
            found = layer(found)
            if isinstance(layer, nn.LeakyReLU):
                seen.append(found)
        return self.pool(found).flatten(), tuple(seen)


def _as_it_is(layer: nn.Module) -> nn.Module:
    return layer


def _begin(network: nn.Module) -> None:
    """Draw the first weights as Radford et al. do: N(0, 0.02²), of normalisations N(1, 0.02²)."""
    for layer in network.modules():
        if isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d)):
            nn.init.normal_(layer.weight, std=0.02)
        elif isinstance(layer, nn.BatchNorm2d):
            nn.init.normal_(layer.weight, mean=1.0, std=0.02)
