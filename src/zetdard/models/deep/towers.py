"""Three towers that meet in one space: songs, the artists who perform them, the listeners who collect them.

A song's code is what a small network makes of its features; artists and listeners are made of songs. What is learned is who
collects whom: a listener's taste, made of one half of their songs, shall lie near the songs and the artists of the other half,
and near the taste made of the other half. Softmax over all candidates, as in two-tower retrieval (Yi et al.,
"Sampling-bias-corrected neural modeling for large corpus item recommendations", RecSys 2019), whose correction for popular items
is used; the two halves of a listener as in contrastive learning (van den Oord et al., "Representation learning with contrastive
predictive coding", 2018). What is learned of a single song or artist is left out at random, so that features alone suffice where
nobody collects it (Volkovs et al., "DropoutNet", NIPS 2017).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from zetdard.data.types import Csr, Floats
from zetdard.errors import MissingExtraError

try:
    import torch
    from torch import nn
    from torch.nn import functional
except ImportError:
    raise MissingExtraError("deep", "training networks") from None

from zetdard.models.deep.devices import device, seeded

_NEVER = -1e9
"""A logit of what is not asked for."""


@dataclass(frozen=True, slots=True, eq=False)
class Performed:
    """Who performs what, one entry a credit.

    Attributes:
        artists: Shape (credits,): rows of artists.
        songs: Shape (credits,): rows of songs.
        shares: Shape (credits,): 1 / number of the artist's songs.
    """

    artists: torch.Tensor
    songs: torch.Tensor
    shares: torch.Tensor

    @classmethod
    def of(cls, credits: Csr) -> Performed:
        """Read a matrix of songs × artists."""
        songs, artists = credits.nonzero()
        numbers = np.bincount(artists, minlength=credits.shape[1])
        arrays = (artists.astype(np.int64), songs.astype(np.int64), (1 / numbers[artists]).astype(np.float32))
        first, second, third = (torch.from_numpy(array).to(device()) for array in arrays)
        return cls(first, second, third)


class Towers(nn.Module):
    """Songs, artists and listeners as directions in one space.

    With x the features of a song, r what is learned of it alone, and | | scaling to length 1:

        code(song)     = | |f(x)| + r |             f: one hidden layer
        style(artist)  = | mean of the codes of their songs + q |
        taste(user)    = | mean of the codes of their songs |

    r and q begin near zero. A song without features has only r; a song without features that nobody holds has no code.

    Args:
        n_columns: Features of a song; 0 = none are known.
        n_items: Songs.
        n_artists: Artists.
        width: Numbers of a code.
        hidden: Width of the hidden layer.
        dropout: Share of the hidden layer, and of the r and q, that is left out in training.
    """

    def __init__(
        self, n_columns: int, n_items: int, n_artists: int, width: int, hidden: int, dropout: float
    ) -> None:
        super().__init__()
        self.dropout = dropout
        self.listening = (
            nn.Sequential(
                nn.Linear(n_columns, hidden), nn.GELU(), nn.Dropout(dropout), nn.Linear(hidden, width)
            )
            if n_columns
            else None
        )
        self.song_alone = nn.Parameter(torch.randn(n_items, width) * 0.01)
        self.artist_alone = nn.Parameter(torch.randn(n_artists, width) * 0.01)
        self.heat = nn.Parameter(torch.tensor(2.0))
        """Logarithm of what cosines are multiplied with."""

    def forward(
        self, points: torch.Tensor, featured: torch.Tensor, performed: Performed
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the songs' codes, shape (songs, width), and the artists' styles, (artists, width).

        Args:
            points: Features, shape (songs, columns).
            featured: Shape (songs,): 1 where any is known, else 0.
            performed: Who performs what.
        """
        codes = self._some(self.song_alone)
        if self.listening is not None:
            codes = codes + functional.normalize(self.listening(points), dim=1) * featured[:, None]
        codes = functional.normalize(codes, dim=1)
        parts = codes[performed.songs] * performed.shares[:, None]
        styles = self._some(self.artist_alone).index_add(0, performed.artists, parts)
        return codes, functional.normalize(styles, dim=1)

    def _some(self, alone: torch.Tensor) -> torch.Tensor:
        """Leave out the rows of some, in training; never all that is known where there are no features."""
        if not self.training or self.listening is None:
            return alone
        kept = torch.rand(len(alone), 1, device=alone.device) >= self.dropout
        return alone * kept


@dataclass(frozen=True, slots=True, eq=False)
class Collected:
    """What is learned from.

    Attributes:
        held: CSR, shape (listeners, songs), binary.
        points: Shape (songs, columns): features.
        featured: Shape (songs,): of which songs any is known.
        credits: CSR, shape (songs, artists), binary.
    """

    held: Csr
    points: Floats
    featured: NDArray[np.bool_]
    credits: Csr


class Halves:
    """The lesson: from one half of a listener's songs to the other.

    Args:
        network: The towers.
        collected: What is learned from; listeners of one song teach nothing.
        batch: Listeners in a step.
        judges: Listeners that are not learned from and say when to stop; none = nobody does.
        seed: Of the halves of the judges, which are always the same.
    """

    def __init__(
        self, network: Towers, collected: Collected, batch: int, judges: NDArray[np.int64], seed: int
    ) -> None:
        self.network = network
        self._held = collected.held
        self._batch = batch
        self._judges, self._seed = judges, seed
        able = np.flatnonzero(np.diff(collected.held.indptr) > 1)
        self._learners = np.setdiff1d(able, judges)
        self._points = torch.from_numpy(collected.points).to(device())
        self._featured = torch.from_numpy(collected.featured.astype(np.float32)).to(device())
        self._performers = collected.credits
        self._performed = Performed.of(collected.credits)
        # A popular song is in every half: its logit begins higher, so that codes need not say so.
        learned: Csr = collected.held[self._learners]
        popular = np.bincount(learned.indices, minlength=learned.shape[1])
        known = learned @ collected.credits
        known_by = np.bincount(known.indices, minlength=known.shape[1])
        self._song_prior = _log_share(popular)
        self._artist_prior = _log_share(known_by)

    def losses(self, random: np.random.Generator) -> Iterator[torch.Tensor]:
        """Yield the loss of each batch of listeners."""
        order = random.permutation(self._learners)
        for start in range(0, len(order), self._batch):
            yield self._loss(order[start : start + self._batch], random)

    def validation(self) -> float | None:
        """Return the loss of the judges, whose songs are always halved in the same way."""
        if not len(self._judges):
            return None
        random = np.random.default_rng((self._seed, 6))
        with seeded(self._seed):
            return float(self._loss(self._judges, random))

    def _loss(self, rows: NDArray[np.int64], random: np.random.Generator) -> torch.Tensor:
        """Return the mean over listeners of three cross entropies: songs, artists, the listener themselves."""
        given, other, performers = self._halved(rows, random)
        codes, styles = self.network(self._points, self._featured, self._performed)
        heat = self.network.heat.exp()
        mine = functional.normalize(given @ codes, dim=1)
        theirs = functional.normalize(other @ codes, dim=1)
        # What is given is no candidate. An artist of the given half may be one of the other half too.
        songs = (heat * mine @ codes.T + self._song_prior).masked_fill(given > 0, _NEVER)
        artists = heat * mine @ styles.T + self._artist_prior
        same = heat * mine @ theirs.T  # (listeners, listeners)
        self_again = torch.arange(len(rows), device=same.device)
        loss: torch.Tensor = (
            _cross_entropy(songs, other)
            + _cross_entropy(artists, performers)
            + (functional.cross_entropy(same, self_again) + functional.cross_entropy(same.T, self_again)) / 2
        )
        return loss

    def _halved(
        self, rows: NDArray[np.int64], random: np.random.Generator
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Halve each listener's songs; both halves hold one at least.

        Returns:
            The given songs and the others, shape (listeners, songs), 0 or 1; by how many of the others each artist is held,
            (listeners, artists).
        """
        given = np.zeros((len(rows), self._held.shape[1]), np.float32)
        other = np.zeros_like(given)
        for place, row in enumerate(rows.tolist()):
            songs = self._held.indices[self._held.indptr[row] : self._held.indptr[row + 1]]
            order = random.permutation(songs)
            given[place, order[: len(order) // 2]] = 1
            other[place, order[len(order) // 2 :]] = 1
        performers = (csr_array(other) @ self._performers).toarray().astype(np.float32)
        first, second, third = (torch.from_numpy(array).to(device()) for array in (given, other, performers))
        return first, second, third


def _cross_entropy(logits: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Return −Σ share · log softmax, the shares of a listener summing to 1: the mean over listeners."""
    shares = wanted / wanted.sum(dim=1, keepdim=True).clamp(min=1)
    return -(functional.log_softmax(logits, dim=1) * shares).sum(dim=1).mean()


def _log_share(counts: NDArray[np.int64]) -> torch.Tensor:
    """Return log of (count + 1), less its mean: shape (candidates,)."""
    logs = np.log(counts + 1.0)
    return torch.from_numpy((logs - logs.mean()).astype(np.float32)).to(device())
