"""The networks of the graph autoencoder: an encoder that averages over neighbours, a decoder that keeps direction."""

from __future__ import annotations

from zetdard.errors import MissingExtraError
from zetdard.models.deep.sparse import Sparse
from zetdard.models.song_codes import NEAR

try:
    import torch
    from torch import nn
except ImportError:
    raise MissingExtraError("deep", "training networks") from None


class GraphEncoder(nn.Module):
    """A graph convolutional network of two layers; songs have no features, so each learns the row that it begins with.

        H = Â relu(Â E),   μ = H W + b,   log σ = H W' + b'

    with Â of ``graph_edges.averaging`` and E one row a song (X = I in the papers). The last column of a code is the song's mass,
    the others are its place.

    T. Kipf and M. Welling, "Variational graph auto-encoders" (2016), section 1.

    Args:
        n_songs: Number of songs.
        hidden: Width of E.
        size: Length of a place.
        variational: Whether there is a σ.
    """

    def __init__(self, n_songs: int, hidden: int, size: int, *, variational: bool) -> None:
        super().__init__()
        self.begin = nn.Embedding(n_songs, hidden)
        nn.init.normal_(self.begin.weight, std=0.1)
        self.relu = nn.ReLU()
        self.mean = nn.Linear(hidden, size + 1)
        self.spread = nn.Linear(hidden, size + 1) if variational else None

    def forward(self, songs: torch.Tensor, average: Sparse) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Return μ and log σ, each (songs, size + 1); the latter is ``None`` for a plain autoencoder.

        Args:
            songs: Rows of songs, shape (songs,).
            average: Â among these songs, shape (songs, songs).
        """
        inner = average @ self.relu(average @ self.begin(songs))  # (songs, hidden)
        return self.mean(inner), None if self.spread is None else self.spread(inner)


def drawn(mean: torch.Tensor, spread: torch.Tensor | None) -> torch.Tensor:
    """Draw codes from N(μ, σ²); without σ return μ."""
    return mean if spread is None else mean + torch.randn_like(mean) * spread.exp()


def divergence(mean: torch.Tensor, spread: torch.Tensor | None) -> torch.Tensor:
    """Return KL(N(μ, σ²) ‖ N(0, 1)), summed over columns, the mean over rows; 0 without σ."""
    if spread is None:
        return mean.new_zeros(())
    return 0.5 * (mean.square() + (2 * spread).exp() - 2 * spread - 1).sum(dim=1).mean()


def gravity(squared: torch.Tensor, masses: torch.Tensor, pull: float) -> torch.Tensor:
    """Return the log-odds of edges.

        log-odds(a→b) = m(b) − λ log(‖x(a) − x(b)‖² + ε)

    G. Salha et al., "Gravity-inspired graph autoencoders for directed link prediction" (CIKM 2019), equation 10. In the song
    network log w(a→b) − log w(b→a) = log |U(b)| − log |U(a)|: a number a song is all that the direction depends on, and a
    mass can be that number.

    Args:
        squared: ‖x(a) − x(b)‖², any shape.
        masses: m(b), the same shape, or one that spreads to it.
        pull: λ.
    """
    return masses - pull * (squared + NEAR).log()


def squared_distances(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Return ‖a − b‖² of all pairs of rows: shape (len(a), len(b))."""
    squared = a.square().sum(dim=1)[:, None] + b.square().sum(dim=1)[None, :] - 2 * (a @ b.T)
    return squared.clamp_min(0)
