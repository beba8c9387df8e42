"""A variational autoencoder over who holds what, which may know where its listeners live.

The network is the Mult-VAE of Liang, Krishnan, Hoffman and Jebara, "Variational autoencoders for collaborative
filtering", WWW 2018: a listener's items, normalised to length 1 and partly dropped, are narrowed to a normal distribution
over a short code; a code widens to logits over all items, whose softmax is the chance of each item to be the next held
(a multinomial likelihood). A context works on the code by a gate, after Schedl et al., "Listener modeling and context-aware
music recommendation based on country archetypes", Frontiers in Artificial Intelligence 3 (2021).
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

from zetdard.measure.metrics import judge, ndcg
from zetdard.models.deep.devices import device

_JUDGED_AT = 100
"""The paper chooses by nDCG@100."""


class ListeningVae(nn.Module):
    """Items → code → items.

    With x a listener's items divided by the square root of their number, c their context, σ the logistic function:

        h = tanh(x W₁ + b₁),  (μ, log s²) = h W₂ + b₂,  z ~ N(μ, s²)  (z = μ after training)
        z' = z ⊙ 2 σ(c G) + c S
        logits = z' W₃ + b₃

    G and S begin at zero, where a context changes nothing; a context of zeros never does.

    Args:
        n_items: Items, in and out.
        hidden: Width of h.
        code: Length of z.
        context: Length of c; 0 = no context.
        dropout: Share of the input that is dropped in training.
    """

    epochs: torch.Tensor
    """How many epochs it has been trained for, shape ()."""

    def __init__(self, n_items: int, hidden: int, code: int, context: int, dropout: float = 0.5) -> None:
        super().__init__()
        self.dropout = dropout
        self.encoder = nn.Linear(n_items, hidden)
        self.coder = nn.Linear(hidden, 2 * code)
        # torch warns of a layer that nothing enters.
        self.gate = nn.Linear(context, code, bias=False) if context else None
        self.shift = nn.Linear(context, code, bias=False) if context else None
        self.decoder = nn.Linear(code, n_items)
        for layer in (self.encoder, self.coder, self.decoder):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
        for listening in (self.gate, self.shift):
            if listening is not None:
                nn.init.zeros_(listening.weight)
        # Kept with the weights, so that a training that goes on knows how heavy the divergence is.
        self.register_buffer("epochs", torch.zeros((), dtype=torch.int64))

    def forward(self, held: torch.Tensor, context: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return logits, shape (batch, items), and each listener's KL divergence of the code from N(0, 1), (batch,).

        Args:
            held: Shape (batch, items), 0 or 1.
            context: Shape (batch, context).
        """
        # No item at all is no direction: the zeros stay zeros.
        x = functional.normalize(held, dim=1)  # (batch, items)
        x = functional.dropout(x, self.dropout, self.training)
        mean, log_variance = self.coder(torch.tanh(self.encoder(x))).chunk(2, dim=1)  # each (batch, code)
        code = mean
        if self.training:
            code = mean + torch.randn_like(mean) * torch.exp(log_variance / 2)
        if self.gate is not None and self.shift is not None:
            code = code * 2 * torch.sigmoid(self.gate(context)) + self.shift(context)
        divergence = 0.5 * (log_variance.exp() + mean**2 - 1 - log_variance).sum(dim=1)
        return self.decoder(code), divergence


@dataclass(frozen=True, slots=True, kw_only=True)
class Annealing:
    """How the weight of the KL divergence rises: in a line from 0 to ``most`` over the first ``epochs``."""

    most: float
    epochs: int

    def weight(self, epoch: int) -> float:
        """Return the weight in an epoch, counted from 0."""
        return self.most * min(1.0, epoch / max(1, self.epochs))


class Reconstruction:
    """The lesson: to say of each listener's items which they are; hidden items of some listeners judge it.

    Args:
        held: CSR, shape (listeners, items), binary: what is learned from.
        contexts: Shape (listeners, context), float32.
        hidden: CSR of the same shape: what is not learned from and judges by nDCG@100; ``None`` = nothing does.
        network: Items → code → items.
        annealing: The weight of the divergence.
        batch: Listeners in a batch.
    """

    def __init__(
        self,
        held: Csr,
        contexts: Floats,
        hidden: Csr | None,
        network: ListeningVae,
        annealing: Annealing,
        batch: int,
    ) -> None:
        self.network = network
        self._held = held
        self._contexts = torch.from_numpy(contexts)
        self._annealing = annealing
        self._batch = batch
        self._learners = np.flatnonzero(np.diff(held.indptr))
        self._judges = (
            np.empty(0, np.int64)
            if hidden is None
            else np.flatnonzero(np.diff(hidden.indptr)).astype(np.int64)
        )
        self._hidden = None if hidden is None else csr_array(hidden[self._judges])

    def losses(self, random: np.random.Generator) -> Iterator[torch.Tensor]:
        """Yield Σ of −log softmax over the items held, of each listener, plus the weighted divergence: the mean."""
        beta = self._annealing.weight(int(self.network.epochs))
        order = random.permutation(self._learners)
        for start in range(0, len(order), self._batch):
            rows = order[start : start + self._batch]
            held, context = self._questions(rows)
            logits, divergence = self.network(held, context)
            likelihood = (functional.log_softmax(logits, dim=1) * held).sum(dim=1)
            yield (beta * divergence - likelihood).mean()
        self.network.epochs += 1

    def validation(self) -> float | None:
        """Return 1 − nDCG@100 of the hidden items, their listeners' other items masked."""
        if self._hidden is None or not len(self._judges):
            return None
        found = []
        for start in range(0, len(self._judges), self._batch):
            part = slice(start, start + self._batch)
            held, context = self._questions(self._judges[part])
            logits, _ = self.network(held, context)
            logits = logits.masked_fill(held > 0, -torch.inf)
            best = logits.topk(min(_JUDGED_AT, logits.shape[1]), dim=1).indices.cpu().numpy()
            found.append(ndcg(judge(best.astype(np.int32), csr_array(self._hidden[part])), _JUDGED_AT))
        return 1 - float(np.concatenate(found).mean())

    def _questions(self, rows: NDArray[np.int64]) -> tuple[torch.Tensor, torch.Tensor]:
        held = torch.from_numpy(self._held[rows].toarray())
        return held.to(device()), self._contexts[torch.from_numpy(rows)].to(device())


def arrays_of(network: ListeningVae) -> dict[str, Floats]:
    """Return the layers that score after training, each as float32 with what enters first.

    Of the coder the half that makes the mean; of the decoder the items first.
    """

    def array(tensor: torch.Tensor) -> Floats:
        return np.ascontiguousarray(tensor.detach().cpu().numpy().astype(np.float32))

    code = network.decoder.in_features
    context = torch.zeros(code, 0)
    return {
        "encoder": array(network.encoder.weight.T),
        "encoder_bias": array(network.encoder.bias),
        "coder": array(network.coder.weight[:code].T),
        "coder_bias": array(network.coder.bias[:code]),
        "gate": array((context if network.gate is None else network.gate.weight).T),
        "shift": array((context if network.shift is None else network.shift.weight).T),
        "decoder": array(network.decoder.weight),
        "decoder_bias": array(network.decoder.bias),
    }
