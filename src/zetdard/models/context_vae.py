"""``context-vae``: a variational autoencoder over listening, with the listener's country as context (thesis 1.2).

Liang et al., "Variational autoencoders for collaborative filtering", WWW 2018; the context after Schedl et al., "Listener
modeling and context-aware music recommendation based on country archetypes", Frontiers in Artificial Intelligence 3 (2021),
and Zangerle et al., "User models for culture-aware music recommendation", TISMIR 3 (2020).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from scipy.sparse import csr_array, diags_array
from scipy.sparse.linalg import svds

from zetdard.data.features import FeatureBlock
from zetdard.data.interactions import Histories, Interactions
from zetdard.data.layers import Layer
from zetdard.data.types import Csr, Floats
from zetdard.errors import InputError
from zetdard.measure.splits import validation_fold
from zetdard.models.base import Config, TrainingData, check_histories, checked_state, learned_array
from zetdard.models.taste.pool import Clusters

Context = Literal["archetypes", "region", "culture"]

_DIMENSIONS = 32
"""Of the space in which regions are compared: their songs one by one are too few to compare."""

_JUDGING_SHARE = 0.1
"""Of the listeners; a fifth of their items says when to stop, and is not learned from."""

_FEWEST_JUDGES = 20
"""Fewer listeners say nothing: then all is learned from, for all epochs."""


class ContextVaeConfig(Config):
    """Settings of ``context-vae``."""

    context: tuple[Context, ...] = ("region", "culture")
    """What of the listener's region is told, where it is known: the archetypes of regions that it lies near, the region
    itself, the numbers of a table of places. None = a plain Mult-VAE. ``docs/context.md`` measures them."""
    archetypes: int | None = Field(default=None, ge=1)
    """How many archetypes; ``None`` = √regions, rounded up: of the paper's 70 countries that makes its 9."""
    hidden: int = Field(default=200, ge=1)
    """Width of the layer between items and code."""
    code: int = Field(default=100, ge=1)
    """Length of the code."""
    dropout: float = Field(default=0.7, ge=0, lt=1)
    """Share of a listener's items that are dropped in training."""
    beta: float = Field(default=1.0, ge=0)
    """Weight of the divergence in the end, if training goes on for so long."""
    annealing: int = Field(default=60, ge=0)
    """Epochs in which that weight rises from 0."""
    epochs: int = Field(default=80, ge=1)
    """At most so many."""
    patience: int = Field(default=15, ge=1)
    """Epochs without a better one after which it stops."""
    batch: int = Field(default=200, ge=1)
    """Listeners in a batch."""
    learning_rate: float = Field(default=2e-3, gt=0)
    """Of the first epoch."""
    weight_decay: float = Field(default=1e-2, ge=0)
    """Of AdamW."""


class ContextVae:
    """What listeners with such a history, who live in such a place, hold.

    The network is ``zetdard.models.deep.listening_vae.ListeningVae``. A listener's score of an item is the network's
    probability of it; an item that nobody held in training has none, nor has anything for a listener who holds none of the
    others. Whose place is not known has the mean context, which is zeros.

    Archetypes: a region is the mean of its listeners in the leading 32 singular dimensions of their normalised histories;
    k-means puts regions that listen alike into one archetype; a region's context is its distances to all archetypes,
    standardised over the listeners (the paper's third user model). Each kind of context is scaled to a mean square length
    of 1.
    """

    name: ClassVar[str] = "context-vae"
    summary: ClassVar[str] = "an autoencoder of listening that knows where listeners live (after Schedl)"
    personal: ClassVar[bool] = True
    user_features: ClassVar[tuple[str, ...]] = ("region", "culture")
    config_class: ClassVar[type[ContextVaeConfig]] = ContextVaeConfig
    learned: ClassVar[Mapping[str, str]] = {
        "n_items": "(1,): number of items",
        "items": "int32 (known items,): rows of the items that somebody held, rising",
        "contexts": "float32 (users, context): what is told of each user; zeros = the mean",
        "encoder": "float32 (known items, hidden): W₁",
        "encoder_bias": "float32 (hidden,): b₁",
        "coder": "float32 (hidden, code): the half of W₂ that makes the mean of the code",
        "coder_bias": "float32 (code,): its half of b₂",
        "gate": "float32 (context, code): G",
        "shift": "float32 (context, code): S",
        "decoder": "float32 (known items, code): W₃, turned",
        "decoder_bias": "float32 (known items,): b₃",
        "curve": "float32 (epochs, 2): loss in training and 1 − nDCG@100 of hidden items (NaN without them), an epoch each",
    }

    def __init__(self, config: ContextVaeConfig | None = None) -> None:
        self._config = config or ContextVaeConfig()
        self._state: dict[str, NDArray[Any]] | None = None

    @property
    def config(self) -> ContextVaeConfig:
        """The settings it was made with."""
        return self._config

    def fit(self, data: TrainingData) -> Self:
        """Train the network.

        Raises:
            MissingExtraError: torch is not installed.
            InputError: What is known of users is of other users.
        """
        contexts = self._contexts(data)
        items = np.flatnonzero(data.interactions.item_degrees()).astype(np.int32)
        if len(items):
            layers = self._trained(data, items, contexts)
        else:
            layers = _untrained(self._config, contexts.shape[1])
        self._state = {
            "n_items": np.array([data.interactions.n_items], np.int64),
            "items": items,
            "contexts": contexts,
            **layers,
        }
        return self

    def score(self, histories: Histories) -> Floats:
        """Return each item's probability; see ``Model.score``.

        Listener by listener: a product with several at once may round otherwise, and a listener's scores shall not depend
        on who else is asked for.
        """
        n_items = int(self._array("n_items")[0])
        check_histories(histories, n_items)
        items, contexts = self._array("items"), self._array("contexts")
        scores = np.zeros((len(histories), n_items), np.float32)
        indptr, indices = histories.matrix.indptr, histories.matrix.indices
        for row, user in enumerate(histories.users.tolist()):
            places = np.searchsorted(items, np.intersect1d(indices[indptr[row] : indptr[row + 1]], items))
            if len(places):
                context = contexts[user] if user >= 0 else np.zeros(contexts.shape[1], np.float32)
                scores[row, items] = self._probabilities(places, context)
        return scores

    def layers(self) -> tuple[Layer, ...]:
        """Return the layers of the network; of no item and no context before it has learned.

        Raises:
            MissingExtraError: torch is not installed.
        """
        from zetdard.models.deep.describing import layers_of
        from zetdard.models.deep.devices import torch_module

        torch = torch_module()
        learned = self._state is not None
        n_items = max(1, len(self._array("items"))) if learned else 1
        width = self._array("contexts").shape[1] if learned else 0
        return layers_of(self._network(n_items, width), torch.ones(1, n_items), torch.zeros(1, width))

    def state(self) -> dict[str, NDArray[Any]]:
        """Return the learned arrays."""
        return {name: self._array(name) for name in self.learned}

    def restore(self, state: Mapping[str, NDArray[Any]]) -> Self:
        """Take learned arrays."""
        self._state = checked_state(state, self.learned, self.name)
        return self

    def _array(self, name: str) -> NDArray[Any]:
        return learned_array(self._state, self.name, name)

    def _probabilities(self, places: NDArray[np.int64], context: Floats) -> Floats:
        """Return the softmax of the network's logits for one listener: shape (known items,)."""
        x = self._array("encoder")[places].sum(axis=0) / np.float32(np.sqrt(len(places)))
        hidden = np.tanh(x + self._array("encoder_bias"))
        code = hidden @ self._array("coder") + self._array("coder_bias")
        gate = 2 / (1 + np.exp(-(context @ self._array("gate"))))
        code = code * gate + context @ self._array("shift")
        logits = self._array("decoder") @ code + self._array("decoder_bias")
        powers = np.exp(logits - logits.max())
        # What is too unlikely for a float has evidence all the same.
        return np.asarray(np.maximum(powers / powers.sum(), np.finfo(np.float32).tiny), np.float32)

    def _network(self, n_items: int, width: int) -> Any:
        from zetdard.models.deep.listening_vae import ListeningVae

        config = self._config
        return ListeningVae(n_items, config.hidden, config.code, width, config.dropout)

    def _trained(self, data: TrainingData, items: NDArray[np.int32], contexts: Floats) -> dict[str, Any]:
        from zetdard.models.deep.devices import seeded
        from zetdard.models.deep.listening_vae import Annealing, Reconstruction, arrays_of
        from zetdard.models.deep.training import Plan, train

        config = self._config
        held, hidden = _judged(data.interactions, data.seed)
        held = csr_array(held[:, items])
        hidden = None if hidden is None else csr_array(hidden[:, items])
        with seeded(data.seed):
            network = self._network(len(items), contexts.shape[1])
        annealing = Annealing(most=config.beta, epochs=config.annealing)
        lesson = Reconstruction(held, contexts, hidden, network, annealing, config.batch)
        plan = Plan(
            epochs=config.epochs,
            learning_rate=config.learning_rate,
            weight_decay=config.weight_decay,
            patience=config.patience,
            seed=data.seed,
        )
        identity = _identity(config, data.seed, held, contexts)
        trained = train(lesson, plan, data.workshop, name=self.name, identity=identity)
        return {**arrays_of(network), "curve": trained.curve}

    def _contexts(self, data: TrainingData) -> Floats:
        """Return what is told of each user: shape (users, context), float32, zeros where nothing is known."""
        users = data.interactions.users
        known = {name: block for name, block in data.user_features.items() if block.values.shape[1]}
        for name, found in known.items():
            if found.vocabulary != users:
                raise InputError(f"the {name} features are of other users")
        parts = [np.zeros((len(users), 0))]
        for kind in self._config.context:
            block = known.get("culture" if kind == "culture" else "region")
            if block is None:
                continue
            match kind:
                case "archetypes":
                    part = _archetypes(block, data.interactions, self._config.archetypes, data.seed)
                case "region":
                    part = _centred(block.values.astype(np.float64), block.known)
                case "culture":
                    part = block.values.astype(np.float64)
            parts.append(_of_length_one(part, block.known))
        return np.hstack(parts).astype(np.float32)


def _archetypes(
    regions: FeatureBlock, interactions: Interactions, number: int | None, seed: int
) -> NDArray[np.float64]:
    """Return each listener's region as distances to the archetypes, standardised: shape (users, archetypes)."""
    places = _places(interactions)
    residents = regions.values.astype(np.float64)  # (users, regions)
    listening = residents[interactions.user_degrees() > 0].sum(axis=0)
    profiles = (residents.T @ places) / np.maximum(listening, 1)[:, None]
    number = number or int(np.ceil(np.sqrt(len(profiles))))
    centres = Clusters.learn(profiles.astype(np.float32), min(number, len(profiles)), seed=seed).centres
    distances = np.linalg.norm(profiles[:, None, :] - centres.astype(np.float64), axis=2)
    centred = _centred(residents @ distances, regions.known)
    spread = centred[regions.known].std(axis=0)
    # All regions in one archetype differ by rounding alone.
    return np.asarray(np.where(spread > 1e-9, centred / np.where(spread > 1e-9, spread, 1), 0))


def _places(interactions: Interactions) -> NDArray[np.float64]:
    """Return the listeners in the leading singular dimensions of their histories of length 1: shape (users, dimensions)."""
    lengths = np.sqrt(np.maximum(interactions.user_degrees(), 1))
    histories: Csr = diags_array(1 / lengths) @ interactions.binary().astype(np.float64)
    least = min(histories.shape)
    if least <= _DIMENSIONS:
        # The sparse method needs fewer dimensions than the matrix has.
        left, strengths, _ = np.linalg.svd(histories.toarray(), full_matrices=False)
    else:
        left, strengths, _ = svds(histories, k=_DIMENSIONS, v0=np.full(least, least**-0.5))
    return np.asarray(left * strengths)


def _centred(values: NDArray[np.float64], known: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Take the mean of the known rows away; the others are zeros."""
    mean = values[known].mean(axis=0) if known.any() else 0.0
    return np.asarray(np.where(known[:, None], values - mean, 0))


def _of_length_one(values: NDArray[np.float64], known: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Scale rows so that the mean square of the known ones' lengths is 1: a wide context is no louder than a narrow one."""
    size = float(np.square(values[known]).sum(axis=1).mean()) if known.any() else 0.0
    return values / np.sqrt(size) if size > 0 else values


def _judged(interactions: Interactions, seed: int) -> tuple[Csr, Csr | None]:
    """Hide a fifth of the items of a tenth of the listeners: (what is learned from, what is hidden), both binary CSR."""
    _, fifth = validation_fold(interactions, 0.2, seed=seed)
    able = np.flatnonzero(fifth.user_degrees())
    number = round(_JUDGING_SHARE * len(able))
    if number < _FEWEST_JUDGES:
        return interactions.binary(), None
    judges = np.random.default_rng((seed, 4)).permutation(able)[:number]
    chosen = np.zeros(interactions.n_users, np.float32)
    chosen[judges] = 1
    hidden: Csr = csr_array(diags_array(chosen) @ fifth.binary())
    hidden.eliminate_zeros()
    held: Csr = csr_array(interactions.binary() - hidden)
    held.eliminate_zeros()
    for matrix in (hidden, held):
        matrix.sort_indices()
    return held, hidden


def _untrained(config: ContextVaeConfig, width: int) -> dict[str, NDArray[Any]]:
    """Return the layers of a network over no items."""
    shapes = {
        "encoder": (0, config.hidden),
        "encoder_bias": (config.hidden,),
        "coder": (config.hidden, config.code),
        "coder_bias": (config.code,),
        "gate": (width, config.code),
        "shift": (width, config.code),
        "decoder": (0, config.code),
        "decoder_bias": (0,),
        "curve": (0, 2),
    }
    return {name: np.zeros(shape, np.float32) for name, shape in shapes.items()}


def _identity(config: ContextVaeConfig, seed: int, held: Csr, contexts: Floats) -> str:
    digest = hashlib.sha256(f"{config.model_dump_json()} {seed} {held.shape}".encode())
    for array in (held.indptr, held.indices):
        digest.update(np.ascontiguousarray(array, np.int64).tobytes())
    digest.update(contexts.tobytes())
    return digest.hexdigest()
