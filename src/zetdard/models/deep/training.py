"""The one training loop: epochs, early stopping, a curve, checkpoints from which it goes on with the same result."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from zetdard.data.types import Floats
from zetdard.errors import ArtifactError, InputError
from zetdard.models.base import Workshop
from zetdard.models.deep import checkpoints
from zetdard.models.deep.devices import device, seeded, torch_module

if TYPE_CHECKING:
    import torch

CURVE = "float32 (epochs, 2): loss in training and on the validation part (NaN without one) after each epoch"
"""What models declare of the curve that they keep."""

_CHECKPOINT_S = 10.0
"""A checkpoint is written when the last one is so old: to write one after each short epoch would cost more than it saves."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how fast.

    Attributes:
        epochs: At most so many.
        learning_rate: Of the first epoch; it falls to 0 along a cosine over all epochs.
        weight_decay: Of AdamW (Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019).
        patience: Stop when the validation loss has not been lower for so many epochs; ``None`` = never. What is kept is
            the network of the epoch with the lowest validation loss, or the last where there is no validation.
        clip: Largest length of the gradient; ``None`` = any.
        seed: Of everything random.
    """

    epochs: int
    learning_rate: float = 1e-3
    weight_decay: float = 1e-4
    patience: int | None = None
    clip: float | None = 5.0
    seed: int = 0

    def rate(self, epoch: int) -> float:
        """Return the learning rate of an epoch, counted from 0."""
        return self.learning_rate * (1 + math.cos(math.pi * epoch / max(self.epochs, 1))) / 2


class Lesson(Protocol):
    """What is learned: a network and the losses to be made small."""

    @property
    def network(self) -> torch.nn.Module:
        """The network; it is trained in place."""
        ...

    def losses(self, random: np.random.Generator) -> Iterator[torch.Tensor]:
        """Yield the loss of each batch of an epoch; the network changes after each."""
        ...

    def validation(self) -> float | None:
        """Return the loss on the part that is not learned from; ``None`` where there is none."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """How a training went.

    Attributes:
        curve: See ``CURVE``.
        best: The epoch whose network was kept, counted from 0.
        stopped: Why it ended: "epochs", "patience" or "budget".
    """

    curve: Floats
    best: int
    stopped: str


def train(lesson: Lesson, plan: Plan, workshop: Workshop, *, name: str, identity: str) -> Trained:
    """Train a network; afterwards it is in evaluation mode, on the device where it was trained.

    With a folder in the workshop the training goes on where it was stopped, and the result is the same as if it had not
    been: every epoch draws from a seed of its own.

    Args:
        lesson: What is learned.
        plan: How long and how fast.
        workshop: Where checkpoints lie, who is told, how long it may take.
        name: What the checkpoint is called and what the progress says.
        identity: Tells this training from others of the same name: a checkpoint of another is not used.

    Raises:
        InputError: The loss is not a number any more.
    """
    torch = torch_module()
    network: Any = lesson.network.to(device())
    optimizer = torch.optim.AdamW(network.parameters(), lr=plan.learning_rate, weight_decay=plan.weight_decay)
    path = None if workshop.folder is None else workshop.folder / f"{name}.npz"
    run = _Run(network, optimizer, identity)
    if path is not None:
        run.resume(checkpoints.read(path))
    begun = written = time.monotonic()
    stopped = "epochs"
    while len(run.curve) < plan.epochs:
        epoch = len(run.curve)
        if plan.patience is not None and epoch - 1 - run.best >= plan.patience:
            stopped = "patience"
            break
        if workshop.budget_s is not None and time.monotonic() - begun > workshop.budget_s:
            stopped = "budget"
            break
        workshop.progress(f"training {name}: epochs", epoch, plan.epochs)
        with seeded(_mixed(plan.seed, epoch)):
            run.epoch(lesson, plan, epoch, name)
        now = time.monotonic()
        if path is not None and now - written > _CHECKPOINT_S:
            _keep(path, run)
            written = now
    workshop.progress(f"training {name}: epochs", plan.epochs, plan.epochs)
    if run.best_state is not None:
        network.load_state_dict(run.best_state)
    network.eval()
    if path is not None:
        checkpoints.forget(path)
    return Trained(np.array(run.curve, np.float32).reshape(-1, 2), run.best, stopped)


class _Run:
    """What a training knows between two epochs."""

    def __init__(self, network: Any, optimizer: Any, identity: str) -> None:
        self.network = network
        self.optimizer = optimizer
        self.identity = identity
        self.curve: list[list[float]] = []
        self.best = -1
        self.best_state: Any = None

    def epoch(self, lesson: Lesson, plan: Plan, number: int, name: str) -> None:
        torch = torch_module()
        for group in self.optimizer.param_groups:
            group["lr"] = plan.rate(number)
        self.network.train()
        total, batches = 0.0, 0
        for loss in lesson.losses(np.random.default_rng((plan.seed % 2**63, number))):
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]  # torch does not say its type
            if plan.clip is not None:
                torch.nn.utils.clip_grad_norm_(self.network.parameters(), plan.clip)
            self.optimizer.step()
            total, batches = total + float(loss.detach()), batches + 1
        mean = total / max(batches, 1)
        if not math.isfinite(mean):
            raise InputError(f"training {name} has come to no number: a lower learning rate may help")
        self.network.eval()
        with torch.no_grad():
            found = lesson.validation()
        self.curve.append([mean, math.nan if found is None else found])
        if found is None:
            self.best = number
        elif self.best < 0 or found < self.curve[self.best][1]:
            self.best, self.best_state = number, copy.deepcopy(self.network.state_dict())

    def state(self) -> dict[str, Any]:
        return {
            "identity": self.identity,
            "curve": self.curve,
            "best": self.best,
            "best_state": self.best_state,
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
        }

    def resume(self, state: dict[str, Any] | None) -> None:
        if state is None or state.get("identity") != self.identity:
            return
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.curve, self.best, self.best_state = state["curve"], state["best"], state["best_state"]


def _keep(path: Any, run: _Run) -> None:
    try:
        checkpoints.write(path, run.state())
    except ArtifactError:
        # Where nothing can be written, the training still comes to its end; it only cannot go on after a stop.
        return


def _mixed(seed: int, epoch: int) -> int:
    """Return a seed of an epoch's own: neighbouring seeds and epochs share nothing."""
    return int(np.random.SeedSequence((seed % 2**63, epoch)).generate_state(2, np.uint64)[0] >> 1)
