"""The duel of generator and discriminator: two optimisers, checkpoints from which it goes on with the same result, a curve.

With log-odds d(x) of being real and noise z, the losses are those of Goodfellow et al., "Generative adversarial nets", NIPS
2014, the generator's in the form that does not saturate:

    discriminator  −s log σ(d(x)) − (1 − s) log σ(−d(x)) − log σ(−d(g(z)))
    generator      −log σ(d(g(z))) + w Σ_l ‖S_l(x) − S_l(g(z))‖₁ / |S_l|

S_l are the means over a batch and time, and the means of the standard deviations over time, of what layer l of the
discriminator has seen in each channel and band (feature matching: Salimans et al., "Improved techniques for training GANs",
NIPS 2016). s = 1 − ``smoothing`` (the same paper). Each network has a learning rate of its own (Heusel et al., "GANs trained by a two time-scale update rule
converge to a local Nash equilibrium", NIPS 2017). What is kept is the mean of the generator over its last steps (Yazıcı et al., "The unusual effectiveness of averaging
in GAN training", ICLR 2019).
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from zetdard.data.types import Floats
from zetdard.errors import ArtifactError, InputError, MissingExtraError
from zetdard.models.base import Workshop
from zetdard.models.deep import checkpoints
from zetdard.models.deep.devices import device, seeded
from zetdard.models.deep.gan_networks import STEP, Discriminator, Generator

try:
    import torch
    from torch.nn.functional import softplus
except ImportError:
    raise MissingExtraError("deep", "generating sound") from None

ROUND = 25
"""Steps between two points of the curve; a training that was stopped goes on at the end of one."""

_CHECKPOINT_S = 10.0
_STATISTICS_BATCHES = 20
_STILL = 1e-4


@dataclass(frozen=True, slots=True)
class DuelPlan:
    """How long and how fast.

    Attributes:
        steps: Of both networks; rounded up to whole rounds of 25.
        batch: Spectrograms of a step, as many real as made.
        frames: Frames of each; a multiple of 16.
        generator_rate: Learning rate of Adam.
        discriminator_rate: The same.
        smoothing: How unsure of what is real the discriminator is told to be.
        matching: w, the weight of feature matching.
        averaging: Share of the averaged generator that stays in each step.
        seed: Of everything random.
    """

    steps: int
    batch: int = 32
    frames: int = 64
    generator_rate: float = 1e-3
    discriminator_rate: float = 1e-3
    smoothing: float = 0.1
    matching: float = 10.0
    averaging: float = 0.99
    seed: int = 0

    def __post_init__(self) -> None:
        if self.frames < STEP or self.frames % STEP:
            raise InputError(f"what is compared is a multiple of {STEP} frames long, not {self.frames}")
        if self.batch < 2 or self.steps < 0:
            raise InputError("a duel needs batches of two at least, and no negative number of steps")

    @property
    def rounds(self) -> int:
        """Rounds of 25 steps."""
        return -(-self.steps // ROUND)


class Pair:
    """A generator, its average over the last steps, and a discriminator.

    Args:
        generator: Trained in place.
        discriminator: The same.
    """

    def __init__(self, generator: Generator, discriminator: Discriminator) -> None:
        self.generator: Any = generator.to(device())
        self.discriminator: Any = discriminator.to(device())
        self.averaged: Any = copy.deepcopy(self.generator)

    def state(self) -> dict[str, Any]:
        """Return the state of all three."""
        return {name: getattr(self, name).state_dict() for name in ("generator", "discriminator", "averaged")}

    def restore(self, state: dict[str, Any]) -> None:
        """Take a state that ``state`` returned; the average is then in evaluation mode."""
        for name in ("generator", "discriminator", "averaged"):
            getattr(self, name).load_state_dict(state[name])
        self.averaged.eval()


def duel(pair: Pair, real: Floats, plan: DuelPlan, workshop: Workshop, *, name: str, identity: str) -> Floats:
    """Train both networks on spectrograms; afterwards the averaged generator is in evaluation mode.

    With a folder in the workshop it goes on where it was stopped, with the same result as if it had not been.

    Args:
        pair: What is trained.
        real: Shape (clips, 64, frames), from −1 to 1; each clip at least as long as the plan's frames. Every step draws
            clips, and from each a stretch.
        plan: How long and how fast.
        workshop: Where checkpoints lie, who is told, how long it may take.
        name: What the checkpoint is called and what the progress says.
        identity: Tells this training from others of the same name.

    Returns:
        The mean losses of each round: shape (rounds, 2), float32, the discriminator's and the generator's.

    Raises:
        InputError: There is no clip, or none long enough, or a loss is not a number any more.
    """
    if not len(real) or real.shape[-1] < plan.frames:
        raise InputError(f"a duel needs clips of {plan.frames} frames or more, not of shape {real.shape}")
    run = _Run(pair, plan, identity)
    path = None if workshop.folder is None else workshop.folder / f"{name}.npz"
    run.resume(path)
    begun = written = time.monotonic()
    while len(run.curve) < plan.rounds:
        if workshop.budget_s is not None and time.monotonic() - begun > workshop.budget_s:
            break
        workshop.progress(f"training {name}: steps", len(run.curve) * ROUND, plan.rounds * ROUND)
        run.round(real, name)
        now = time.monotonic()
        if path is not None and now - written > _CHECKPOINT_S:
            # Where nothing can be written, the training still comes to its end; it only cannot go on after a stop.
            with suppress(ArtifactError):
                checkpoints.write(path, run.state())
            written = now
    with seeded(plan.seed):
        _settle(pair.averaged, plan)
    workshop.progress(f"training {name}: steps", plan.rounds * ROUND, plan.rounds * ROUND)
    if path is not None:
        checkpoints.forget(path)
    return np.array(run.curve, np.float32).reshape(-1, 2)


class _Run:
    """What a duel knows between two rounds."""

    def __init__(self, pair: Pair, plan: DuelPlan, identity: str) -> None:
        self.pair = pair
        self.plan = plan
        self.identity = identity
        self.curve: list[list[float]] = []
        # Momentum of 0.5 and less: Radford et al. found 0.9 to oscillate.
        self.optimizers = {
            "generator": torch.optim.Adam(
                pair.generator.parameters(), plan.generator_rate, betas=(0.5, 0.999)
            ),
            "discriminator": torch.optim.Adam(
                pair.discriminator.parameters(), plan.discriminator_rate, betas=(0.5, 0.999)
            ),
        }

    def round(self, real: Floats, name: str) -> None:
        random = np.random.default_rng((self.plan.seed % 2**63, len(self.curve)))
        self.pair.generator.train()
        self.pair.discriminator.train()
        with seeded(int(random.integers(2**63))):
            losses = [self._step(batch) for batch in self._batches(real, random)]
        mean = np.mean(losses, axis=0).tolist()
        if not all(math.isfinite(loss) for loss in mean):
            raise InputError(f"training {name} has come to no number: lower learning rates may help")
        self.curve.append(mean)

    def _batches(self, real: Floats, random: np.random.Generator) -> Iterator[torch.Tensor]:
        frames = self.plan.frames
        for _ in range(ROUND):
            clips = random.integers(len(real), size=self.plan.batch)
            starts = random.integers(real.shape[-1] - frames + 1, size=self.plan.batch)
            cut = [real[clip, :, start : start + frames] for clip, start in zip(clips, starts, strict=True)]
            yield torch.from_numpy(np.stack(cut)[:, None]).to(device())  # (batch, 1, 64, frames)

    def _step(self, real: torch.Tensor) -> tuple[float, float]:
        """Teach both by one batch and return their losses; the generator's without what is matched."""
        generator, discriminator = self.pair.generator, self.pair.discriminator
        made = generator(generator.noise(len(real), self.plan.frames).to(real.device))
        seems, of_real = discriminator.looked(real)
        wanted = [statistic.detach() for statistic in _statistics(of_real)]
        loss = self.plan.smoothing * softplus(seems) + (1 - self.plan.smoothing) * softplus(-seems)
        of_discriminator = loss.mean() + softplus(discriminator(made.detach())).mean()
        self._learn("discriminator", of_discriminator)
        seems, of_made = discriminator.looked(made)
        pairs = zip(wanted, _statistics(of_made), strict=True)
        apart = sum(
            ((one - other).abs().mean() for one, other in pairs), start=torch.zeros((), device=real.device)
        )
        of_generator = softplus(-seems).mean()
        self._learn("generator", of_generator + self.plan.matching * apart)
        self._average()
        return float(of_discriminator.detach()), float(of_generator.detach())

    def _learn(self, which: str, loss: torch.Tensor) -> None:
        self.optimizers[which].zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]  # torch does not say its type
        self.optimizers[which].step()

    def _average(self) -> None:
        with torch.no_grad():
            pairs = zip(self.pair.averaged.parameters(), self.pair.generator.parameters(), strict=True)
            for kept, new in pairs:
                kept.lerp_(new, 1 - self.plan.averaging)

    def state(self) -> dict[str, Any]:
        optimizers = {which: one.state_dict() for which, one in self.optimizers.items()}
        return {
            "identity": self.identity,
            "curve": self.curve,
            "pair": self.pair.state(),
            "optimizers": optimizers,
        }

    def resume(self, path: Path | None) -> None:
        state = None if path is None else checkpoints.read(path)
        if state is None or state.get("identity") != self.identity:
            return
        self.pair.restore(state["pair"])
        for which, optimizer in self.optimizers.items():
            optimizer.load_state_dict(state["optimizers"][which])
        self.curve = state["curve"]


def _statistics(seen: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    """Return two statistics of each layer: shapes (channels, bands)."""
    found = []
    for layer in seen:  # (batch, channels, bands, frames)
        # Where nothing changes in time, the root alone would have no gradient.
        spread = (layer.var(dim=3, correction=0) + _STILL).sqrt()
        found += [layer.mean(dim=(0, 3)), spread.mean(dim=0)]
    return found


def _settle(generator: Any, plan: DuelPlan) -> None:
    """Let the averaged generator's normalisations see what it makes itself: until now it has only been averaged."""
    layers = [layer for layer in generator.modules() if isinstance(layer, torch.nn.BatchNorm2d)]
    for layer in layers:
        layer.reset_running_stats()
        layer.momentum = None  # the plain mean over all batches
    generator.train()
    with torch.no_grad():
        for _ in range(_STATISTICS_BATCHES):
            generator(generator.noise(plan.batch, plan.frames).to(device()))
    generator.eval()
