"""One network for all listeners: songs become codes, a listener is a direction among the codes.

The log-odds that listener l likes song i are ⟨e_l, c_i⟩ + b_l: c_i is what an encoder makes of the song, e_l and b_l are the
listener's own. Fifty listeners cost no more than one, and what one of them likes helps to hear what another does (van den
Oord, Dieleman, Schrauwen, "Deep content-based music recommendation", NIPS 2013, with the listeners learned as well).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from zetdard.data.taste import Labelled, TasteSongs
from zetdard.data.types import Floats, Rows
from zetdard.models.base import TasteScorer, Workshop
from zetdard.models.deep.devices import device, seeded, torch_module
from zetdard.models.deep.labels import LabelWeights
from zetdard.models.deep.scorers import SeparateScorer, SharedScorer
from zetdard.models.deep.training import Plan, train
from zetdard.models.deep.weights import weights_of

if TYPE_CHECKING:
    import torch

Tensors: TypeAlias = "tuple[torch.Tensor, ...]"

_SONGS_AT_ONCE = 64
LEAST_VALIDATED = 4
"""With fewer songs set apart, chance would stop the training."""


class Views(Protocol):
    """Songs as an encoder takes them: each can be looked at in several ways, such as by several excerpts."""

    @property
    def known(self) -> NDArray[np.bool_]:
        """Which songs can be looked at, shape (songs,)."""
        ...

    @property
    def count(self) -> int:
        """Views of a song when it is scored; its code is their mean."""
        ...

    def drawn(self, rows: Rows, random: np.random.Generator) -> Tensors:
        """Return a random view of each song, for training: tensors of shape (len(rows), …)."""
        ...

    def fixed(self, rows: Rows, number: int) -> Tensors:
        """Return view ``number``, 0 … count − 1, of each song."""
        ...


class Sense(Protocol):
    """What is looked at of songs, and with what network."""

    @property
    def width(self) -> int:
        """Length of a code."""
        ...

    def views(self, songs: TasteSongs, training: Rows) -> Views:
        """Return the views of all songs; what must be learned for that (means, scales) from the training songs alone.

        Raises:
            NoDataError: What it looks at is not there.
        """
        ...

    def encoder(self, views: Views) -> torch.nn.Module:
        """Return a new network: tensors of ``views`` → codes, shape (songs, width)."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """A batch.

    Attributes:
        inputs: A view of each song.
        likes: Shape (songs, listeners): the weight of "likes it" in the loss; 0 where nothing is known.
        others: Shape (songs, listeners): the weight of "does not".
    """

    inputs: Tensors
    likes: torch.Tensor
    others: torch.Tensor


Augmentation: TypeAlias = Callable[[Examples, np.random.Generator], Examples]
"""Changes a batch in training. The loss is linear in ``likes`` and ``others``: mixed songs get mixed weights.

A frozen dataclass with ``__call__``: its ``repr`` tells a training from others when it goes on after a stop.
"""


@dataclass(frozen=True, slots=True)
class Effort:
    """How a network is trained.

    Attributes:
        epochs: At most so many.
        learning_rate: Of the first epoch.
        weight_decay: Of the encoder and the listeners.
        batch: Songs of a step.
        rounds: How often a song is looked at in an epoch, each time by another view.
        validation: Share of the training songs that only says when to stop. It is drawn by song: views of one song are
            never on both sides.
        patience: Epochs without a better validation loss before it stops.
    """

    epochs: int = 60
    learning_rate: float = 2e-3
    weight_decay: float = 1e-2
    batch: int = 32
    rounds: int = 1
    validation: float = 0.15
    patience: int = 12

    def plan(self, seed: int) -> Plan:
        """Return what the training loop needs to know."""
        return Plan(
            self.epochs,
            learning_rate=self.learning_rate,
            weight_decay=self.weight_decay,
            patience=self.patience,
            seed=seed,
        )


@dataclass(frozen=True, slots=True)
class SharedTaste:
    """Learns tastes by a network.

    Attributes:
        sense: What is looked at, by what encoder.
        effort: How it is trained.
        shared: One network for all listeners; ``False`` = one for each, as in the thesis.
        augmentations: What is done to a batch in training, in this order.
        workshop: Where checkpoints lie, who is told, how long each training may take.
        name: What the training is called.
    """

    sense: Sense
    effort: Effort = Effort()
    shared: bool = True
    augmentations: tuple[Augmentation, ...] = ()
    workshop: Workshop = field(default_factory=Workshop)
    name: str = "network"

    def learn(self, songs: TasteSongs, listeners: Sequence[Labelled], *, seed: int) -> TasteScorer:
        """Learn from labelled songs.

        Raises:
            NoDataError: What the sense looks at is not there.
        """
        if self.shared:
            return self.learn_shared(songs, listeners, seed=seed)
        alone = [
            replace(self, name=f"{self.name}-{number}").learn_shared(songs, [one], seed=seed)
            for number, one in enumerate(listeners)
        ]
        return SeparateScorer(tuple(alone))

    def learn_shared(self, songs: TasteSongs, listeners: Sequence[Labelled], *, seed: int) -> SharedScorer:
        """Learn one network from all of them; besides scores, it gives the codes of all songs."""
        labels = LabelWeights.of_listeners(len(songs), listeners)
        return self.learn_codes(songs, labels, seed=seed)

    def learn_codes(self, songs: TasteSongs, labels: LabelWeights, *, seed: int) -> SharedScorer:
        """Learn from labels of any shape; songs without a label are not learned from in any way."""
        torch = torch_module()
        labelled = labels.songs()
        views = self.sense.views(songs, labelled)
        rows = labelled[views.known[labelled]]
        with seeded(seed):
            encoder = self.sense.encoder(views)
            tastes = torch.nn.Linear(self.sense.width, labels.n_listeners)
            torch.nn.init.normal_(tastes.weight, std=self.sense.width**-0.5)
            torch.nn.init.zeros_(tastes.bias)
        network = torch.nn.ModuleDict({"encoder": encoder, "tastes": tastes})
        training, validation = _set_apart(rows, labels, self.effort.validation, seed)
        lesson = _TasteLesson(network, views, labels, training, validation, self.effort, self.augmentations)
        settings = (self.sense, self.effort, self.augmentations, seed)
        identity = f"{settings!r} {labels.digest()} {_digest(views, rows)}"
        trained = train(lesson, self.effort.plan(seed), self.workshop, name=self.name, identity=identity)
        codes = np.zeros((len(songs), self.sense.width), np.float32)
        known = np.flatnonzero(views.known).astype(np.int32)
        codes[known] = encode(encoder, views, known)
        return SharedScorer(
            codes,
            views.known,
            tastes.weight.detach().cpu().numpy(),
            tastes.bias.detach().cpu().numpy(),
            trained.curve,
            weights_of(encoder),
        )


def encode(encoder: torch.nn.Module, views: Views, rows: Rows) -> Floats:
    """Return the codes of songs, each the mean over its views: shape (len(rows), width)."""
    torch = torch_module()
    parts = []
    encoder.eval()
    with torch.no_grad():
        for start in range(0, len(rows), _SONGS_AT_ONCE):
            part = rows[start : start + _SONGS_AT_ONCE]
            codes = [encoder(*moved(views.fixed(part, number))) for number in range(views.count)]
            parts.append(torch.stack(codes).mean(dim=0).cpu().numpy())
    return np.concatenate(parts) if parts else np.empty((0, 0), np.float32)


def batches(rows: Rows, effort: Effort, random: np.random.Generator) -> Iterator[Rows]:
    """Yield the songs of each step of an epoch: all of them, ``effort.rounds`` times, in random order.

    Batches of one song are left out: batch normalisation cannot take them.
    """
    for _ in range(effort.rounds):
        order = random.permutation(rows)
        for batch in np.array_split(order, max(1, round(len(order) / effort.batch))):
            if len(batch) > 1:
                yield batch


class _TasteLesson:
    """Binary cross-entropy over the labelled pairs of songs and listeners; both classes of a listener weigh the same."""

    def __init__(
        self,
        network: Any,
        views: Views,
        labels: LabelWeights,
        training: Rows,
        validation: Rows,
        effort: Effort,
        augmentations: Sequence[Augmentation],
    ) -> None:
        self.network = network
        self._views = views
        self._labels = labels
        self._training = training
        self._validation = validation
        self._effort = effort
        self._augmentations = augmentations

    def losses(self, random: np.random.Generator) -> Iterator[torch.Tensor]:
        for batch in batches(self._training, self._effort, random):
            examples = self._examples(batch, self._views.drawn(batch, random))
            for augmented in self._augmentations:
                examples = augmented(examples, random)
            yield self._loss(self.network["encoder"](*examples.inputs), examples.likes, examples.others)

    def validation(self) -> float | None:
        if not len(self._validation):
            return None
        torch = torch_module()
        total, weight = 0.0, 0.0
        for start in range(0, len(self._validation), _SONGS_AT_ONCE):
            rows = self._validation[start : start + _SONGS_AT_ONCE]
            codes = torch.from_numpy(encode(self.network["encoder"], self._views, rows)).to(device())
            likes, others = self._labels.dense(rows)
            mass = float(likes.sum() + others.sum())
            total += mass * float(self._loss(codes, _tensor(likes), _tensor(others)))
            weight += mass
        return total / weight if weight > 0 else None

    def _examples(self, rows: Rows, inputs: Tensors) -> Examples:
        likes, others = self._labels.dense(rows)
        return Examples(moved(inputs), _tensor(likes), _tensor(others))

    def _loss(self, codes: torch.Tensor, likes: torch.Tensor, others: torch.Tensor) -> torch.Tensor:
        softplus = torch_module().nn.functional.softplus
        log_odds = self.network["tastes"](codes)  # (songs, listeners)
        loss = likes * softplus(-log_odds) + others * softplus(log_odds)
        mean: torch.Tensor = loss.sum() / (likes.sum() + others.sum()).clamp_min(1e-9)
        return mean


def _set_apart(rows: Rows, labels: LabelWeights, share: float, seed: int) -> tuple[Rows, Rows]:
    """Return songs to learn from and songs that say when to stop, both ascending.

    Every n-th in the order of how much they are liked: liked and other songs are on both sides in the same shares.
    """
    apart = round(share * len(rows))
    if apart < LEAST_VALIDATED or len(rows) - apart < LEAST_VALIDATED:
        return rows, rows[:0]
    ties = np.random.default_rng(seed).random(len(rows))
    order = rows[np.lexsort((ties, labels.liked_mass()[rows]))]
    places = ((np.arange(apart) + 0.5) * len(rows) / apart).astype(np.int64)
    return np.sort(np.delete(order, places)), np.sort(order[places])


def _tensor(values: Floats) -> torch.Tensor:
    tensor: torch.Tensor = torch_module().from_numpy(values).to(device())
    return tensor


def moved(tensors: Tensors) -> Tensors:
    """Return tensors on the device where networks are."""
    where = device()
    return tuple(tensor.to(where) for tensor in tensors)


def _digest(views: Views, rows: Rows) -> str:
    """Return what tells these views from those of other songs, by a look at a few."""
    digest = hashlib.sha256(np.packbits(views.known).tobytes())
    for tensor in views.fixed(rows[:4], 0):
        digest.update(tensor.cpu().numpy().tobytes())
    return digest.hexdigest()[:32]
