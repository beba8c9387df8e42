"""What every model is: a name, a frozen Config, ``fit``, ``score``, and arrays that can be saved.

To add a model, write one file here, add one line to ``zetdard.registry`` and one subclass of the conformance
kit in ``tests/models``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from zetdard.data.clips import Clips
from zetdard.data.features import FeatureBlock
from zetdard.data.interactions import Histories, Interactions
from zetdard.data.layers import Layer
from zetdard.data.taste import Labelled, TasteSongs
from zetdard.data.types import Csr, Floats, Rows
from zetdard.errors import ArtifactError, InputError, NotFittedError
from zetdard.progress import Progress, silent


class Config(BaseModel):
    """A model's settings: frozen, validated, serialisable; an unknown key is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


@dataclass(frozen=True, slots=True)
class Workshop:
    """Where a model that trains for long may keep what it has, whom it tells, and how long it may take.

    Attributes:
        folder: Checkpoints lie here, so that a training that was stopped goes on; ``None`` = none are kept.
        progress: Told after each epoch.
        budget_s: Seconds after which each training stops at the end of its epoch; ``None`` = it runs to its end. A
            training that the clock has stopped says so; what it learned depends on how fast the machine was.
    """

    folder: Path | None = None
    progress: Progress = silent
    budget_s: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class TrainingData:
    """What a model may learn from.

    Attributes:
        interactions: Who holds what.
        item_artists: CSR, shape (items, artists), binary: who performs each item; ``None`` where unknown.
        item_features: Further numbers about the items, by name; each block's vocabulary is the items'.
        user_features: Numbers about the users, by name; each block's vocabulary is the users'.
        clips: Excerpts of the items' sound; ``None`` where there are none.
        workshop: For models that train for long.
        seed: Seed of everything that is random in ``fit``.
        threads: Threads of the compiled kernels; ``None`` = one for each core. Never changes what is learned.
    """

    interactions: Interactions
    item_artists: Csr | None = None
    item_features: Mapping[str, FeatureBlock] = field(default_factory=dict)
    user_features: Mapping[str, FeatureBlock] = field(default_factory=dict)
    clips: Clips | None = None
    workshop: Workshop = field(default_factory=Workshop)
    seed: int = 0
    threads: int | None = None


class Model(Protocol):
    """A recommender of items.

    The constructor stores; ``fit`` validates and learns; a second ``fit`` forgets the first. The same data,
    config and seed give the same arrays.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    """One line, shown by ``train --help``."""
    personal: ClassVar[bool]
    """Whether scores depend on the listener's history."""
    config_class: ClassVar[type[Config]]
    """Class of its settings."""
    learned: ClassVar[Mapping[str, str]]
    """Name of each learned array → its shape and meaning."""

    @property
    def config(self) -> Config:
        """The settings it was made with."""
        ...

    def fit(self, data: TrainingData) -> Self:
        """Learn, and return itself."""
        ...

    def score(self, histories: Histories) -> Floats:
        """Score every item for each listener: shape (listeners, items), finite, higher is better.

        For a personal model, 0 means "no evidence"; such items are not recommended. A listener without
        history gets zeros. What the listener holds is scored too and left out by the caller.
        """
        ...

    def state(self) -> dict[str, NDArray[Any]]:
        """Return the learned arrays, named as in ``learned``."""
        ...

    def restore(self, state: Mapping[str, NDArray[Any]]) -> Self:
        """Take learned arrays, as ``state`` returned them, and return itself."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Contributions:
    """What one score is made of.

    Attributes:
        items: Rows of the listener's own items that contributed, largest amount first, then row ascending.
        amounts: Shape (len(items),), float64, positive. Together they make up the part of the score that
            comes from the history.
        users: Rows of other users who hold the recommended item and whose taste was used; empty for models
            that use no single users.
    """

    items: Rows
    amounts: NDArray[np.float64]
    users: Rows

    @property
    def shares(self) -> NDArray[np.float64]:
        """Each amount as a share of their sum: shape (len(items),), summing to 1."""
        total = self.amounts.sum()
        return self.amounts / total if total > 0 else self.amounts

    @classmethod
    def ordered(cls, items: Rows, amounts: NDArray[np.float64], users: Rows | None = None) -> Contributions:
        """Drop what did not contribute and put the rest in order."""
        kept = amounts > 0
        items, amounts = items[kept], amounts[kept]
        order = np.lexsort((items, -amounts))
        return cls(
            items[order].astype(np.int32),
            amounts[order],
            np.empty(0, np.int32) if users is None else users.astype(np.int32),
        )


@runtime_checkable
class Explainable(Protocol):
    """A model that can take its own score apart."""

    def contributions(self, history: Histories, item: int) -> Contributions:
        """Say what made the score of ``item`` for the single listener in ``history``."""
        ...


@runtime_checkable
class Layered(Protocol):
    """A model that is a network, and can say of which layers."""

    def layers(self) -> tuple[Layer, ...]:
        """Return the layers of the network that was learned, or would be, in the order in which numbers pass."""
        ...


Offered = Literal["songs", "artists", "people"]


@runtime_checkable
class ManySided(Protocol):
    """A model of songs that also scores artists and people, from the songs that listeners hold."""

    def offering(self, offered: Offered) -> Model:
        """Return the model, with the same learned arrays, as one whose scores are of these."""
        ...


class TasteScorer(Protocol):
    """The tastes that a ``TasteLearner`` learned."""

    def score(self, listener: int, rows: Rows) -> Floats:
        """Return how much a listener likes songs: shape (len(rows),), finite, higher = more.

        A decision value or log-odds: the listener is predicted to like exactly the songs above 0.

        Args:
            listener: Position among the listeners that were learned.
            rows: Any songs, labelled or not.
        """
        ...


class TasteLearner(Protocol):
    """Something that learns the tastes of several listeners, together or one by one."""

    def learn(self, songs: TasteSongs, listeners: Sequence[Labelled], *, seed: int) -> TasteScorer:
        """Learn from labelled songs. The same songs, labels and seed give the same scores."""
        ...


def wants_clips(model: Model) -> bool:
    """Return whether a model hears excerpts of the items' sound, by its class's ``hears``; most do not."""
    return bool(getattr(type(model), "hears", False))


def wanted_features(model: Model) -> tuple[str, ...]:
    """Return the names of the item features that a model learns from, by its class's ``features``; most use none."""
    names: tuple[str, ...] = getattr(type(model), "features", ())
    return names


def wanted_user_features(model: Model) -> tuple[str, ...]:
    """Return the names of the user features that a model learns from where they are known; most use none."""
    names: tuple[str, ...] = getattr(type(model), "user_features", ())
    return names


def learned_array(state: Mapping[str, NDArray[Any]] | None, model: str, name: str) -> NDArray[Any]:
    """Return one learned array.

    Raises:
        NotFittedError: The model has not learned yet.
    """
    if state is None:
        raise NotFittedError(f"the model {model} has not been fitted")
    return state[name]


def checked_state(
    state: Mapping[str, NDArray[Any]], learned: Mapping[str, str], model: str
) -> dict[str, NDArray[Any]]:
    """Return a saved state's arrays, for ``restore``.

    Raises:
        ArtifactError: The names differ from those in ``learned``.
    """
    if state.keys() != learned.keys():
        raise ArtifactError(
            f"a saved {model} needs the arrays {', '.join(sorted(learned))}, not {', '.join(sorted(state)) or 'none'}"
        )
    return dict(state)


def check_histories(histories: Histories, n_items: int) -> None:
    """Refuse histories over another set of items, or with strengths that are not numbers."""
    if histories.matrix.shape[1] != n_items:
        raise InputError(
            f"histories over {histories.matrix.shape[1]} items were given to a model of {n_items}"
        )
    if not np.isfinite(histories.matrix.data).all():
        raise InputError("a history contains a strength that is not a finite number")
