"""``dcgan``: music like what a listener likes, by a generator that first learned from all clips, then from the liked ones.

A few songs are too few to learn from anew what music is; so the pair of networks is trained on many songs, once for all
listeners, and goes on for a listener from there (Wang et al., "Transferring GANs: generating images from limited data", ECCV
2018).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from zetdard.data.clips import Clips
from zetdard.data.layers import Layer
from zetdard.data.types import Floats, Rows
from zetdard.errors import InputError, MissingExtraError, NotFittedError
from zetdard.models.base import Config, Workshop
from zetdard.models.deep import checkpoints
from zetdard.models.deep.describing import layers_of
from zetdard.models.deep.devices import device, seeded
from zetdard.models.deep.gan_copies import Nearness, nearness
from zetdard.models.deep.gan_networks import STEP, Discriminator, Generator
from zetdard.models.deep.gan_sound import BANDS, HOP, RATE, at_rate, log_mel, sound_of
from zetdard.models.deep.gan_training import DuelPlan, Pair, duel

try:
    import torch
except ImportError:
    raise MissingExtraError("deep", "generating sound") from None


VERSION = "1"
"""Changes when the same clips give other music."""


class DcganConfig(Config):
    """Settings of ``dcgan``."""

    code: int = Field(64, ge=2, multiple_of=2, description="numbers of a column of noise")
    width: int = Field(
        16, ge=1, description="channels of the largest pictures; the smallest have 8 times as many"
    )
    frames: int = Field(
        64, ge=STEP, multiple_of=STEP, description="frames that are compared; 62.5 are a second"
    )
    batch: int = Field(16, ge=2, description="spectrograms of a step")
    common_steps: int = Field(
        2000, ge=0, description="steps on the clips of many songs, once for all listeners"
    )
    own_steps: int = Field(400, ge=0, description="steps on the clips of the liked songs")
    generator_rate: float = Field(1e-3, gt=0, description="learning rate of the generator")
    discriminator_rate: float = Field(1e-3, gt=0, description="learning rate of the discriminator")
    smoothing: float = Field(
        0.1, ge=0, lt=0.5, description="how unsure the discriminator is told to be of the real"
    )
    matching: float = Field(10.0, ge=0, description="weight of feature matching in the generator's loss")
    spread: float = Field(
        3.0, gt=0, description="standard deviations of a band that are −1 and 1 to the networks"
    )

    def plan(self, steps: int, seed: int) -> DuelPlan:
        """Return the plan of one of the two trainings."""
        return DuelPlan(
            steps,
            batch=self.batch,
            frames=self.frames,
            generator_rate=self.generator_rate,
            discriminator_rate=self.discriminator_rate,
            smoothing=self.smoothing,
            matching=self.matching,
            seed=seed,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Composition:
    """A piece of generated music.

    Attributes:
        sound: Shape (samples,), one channel of 16 kHz, within ±1.
        spectrogram: Shape (64, frames), decibels.
    """

    sound: Floats
    spectrogram: Floats


class Composer:
    """Generates music like the clips that it learned from last.

    Args:
        config: Settings.
        seed: Of everything random in training.

    Attributes:
        curve: Losses in the last training; see ``gan_training.duel``.
        finished: Whether no training was stopped by its budget.
    """

    def __init__(self, config: DcganConfig | None = None, *, seed: int = 0) -> None:
        self.config = config or DcganConfig()
        self.seed = seed
        self.curve: Floats = np.empty((0, 2), np.float32)
        self._mean: Floats = np.zeros((1, 1), np.float32)
        self._scale: Floats = np.ones((1, 1), np.float32)
        self.finished = False
        self._pair: Pair | None = None

    @property
    def identity(self) -> str:
        """What the result depends on, besides the clips."""
        return f"dcgan {VERSION} {self.config!r} {self.seed}"

    def heard(self, clips: Clips, rows: Rows) -> Floats:
        """Return the spectrograms of the clips of songs, both channels together: shape (songs · clips, 64, frames)."""
        numbers = np.arange(clips.count, dtype=np.int32)
        parts = []
        for row in rows.tolist():
            sound = clips.batch(np.full(clips.count, row, np.int32), numbers).mean(axis=1)
            parts.append(log_mel(at_rate(sound, clips.rate)))
        return np.concatenate(parts)

    def learn(
        self, spectrograms: Floats, workshop: Workshop, *, name: str = "dcgan", identity: str = ""
    ) -> None:
        """Learn from many songs; what was learned before is forgotten.

        Args:
            spectrograms: Shape (clips, 64, frames), decibels.
            workshop: Where checkpoints lie, who is told, how long it may take.
            name: What the training is called.
            identity: Tells these clips from others.

        Raises:
            InputError: There are none, or they are too short.
        """
        self._pair, self.finished = self._new_pair(), True
        self._mean = spectrograms.mean(axis=(0, 2), dtype=np.float64).astype(np.float32)[:, None]
        deviation = spectrograms.std(axis=(0, 2), dtype=np.float64).astype(np.float32)[:, None]
        # A band that never changes would be divided by nothing.
        self._scale = np.maximum(deviation, 1.0) * np.float32(self.config.spread)
        self._duel(spectrograms, self.config.common_steps, workshop, name, identity)

    def learn_more(
        self, spectrograms: Floats, workshop: Workshop, *, name: str = "dcgan-own", identity: str = ""
    ) -> None:
        """Go on learning, from the clips of a listener's songs; see ``learn``.

        Raises:
            NotFittedError: Nothing was learned yet.
        """
        self._duel(spectrograms, self.config.own_steps, workshop, name, identity)

    def branch(self) -> Composer:
        """Return another composer that has learned the same, to go on by itself."""
        other = Composer(self.config, seed=self.seed)
        other._pair = self._new_pair()
        other._pair.restore(self.pair.state())
        other.curve, other._mean, other._scale = self.curve, self._mean, self._scale
        other.finished = self.finished
        return other

    def _duel(self, spectrograms: Floats, steps: int, workshop: Workshop, name: str, identity: str) -> None:
        plan = self.config.plan(steps, self.seed)
        self.curve = duel(
            self.pair,
            np.clip((spectrograms - self._mean) / self._scale, -1, 1).astype(np.float32),
            plan,
            workshop,
            name=name,
            identity=f"{self.identity} {identity}",
        )
        self.finished = self.finished and len(self.curve) == plan.rounds

    def _new_pair(self) -> Pair:
        with seeded(self.seed):
            return Pair(Generator(self.config.code, self.config.width), Discriminator(self.config.width))

    @property
    def pair(self) -> Pair:
        """The networks.

        Raises:
            NotFittedError: Nothing was learned yet.
        """
        if self._pair is None:
            raise NotFittedError("the generator has not learned yet")
        return self._pair

    def spectrograms(self, count: int, frames: int, *, seed: int) -> Floats:
        """Generate spectrograms: shape (count, 64, frames), decibels."""
        with torch.no_grad(), seeded(seed):
            noise = self.pair.averaged.noise(count, frames)
            made = self.pair.averaged(noise.to(device()))[:, 0, :, :frames].cpu().numpy()
        found: Floats = made * self._scale + self._mean
        return found

    def compose(self, seconds: float, *, seed: int) -> Composition:
        """Generate a piece of music of exactly that length.

        Raises:
            InputError: The length is not between a second and ten minutes.
        """
        if not 1 <= seconds <= 600:
            raise InputError(f"music is generated for 1 to 600 seconds, not {seconds:g}")
        samples = round(seconds * RATE)
        frames = -(-samples // HOP) + 1
        (spectrogram,) = self.spectrograms(1, frames, seed=seed)
        return Composition(sound_of(spectrogram, seed=seed)[:samples], spectrogram)

    def nearness(self, made: Composition, spectrograms: Floats, songs: NDArray[np.int64]) -> Nearness:
        """Say how near a piece comes to the clips that were learned from; see ``gan_copies``."""
        return nearness(made.spectrogram, spectrograms, songs)

    def layers(self) -> tuple[Layer, ...]:
        """Return the layers of the generator and then of the discriminator, as one second of sound passes them."""
        pair = self._new_pair()
        noise = pair.generator.noise(1, self.config.frames).to(device())
        spectrogram = torch.zeros(1, 1, BANDS, self.config.frames, device=device())
        both = (
            ("generator", layers_of(pair.generator, noise)),
            ("discriminator", layers_of(pair.discriminator, spectrogram)),
        )
        return tuple(replace(layer, name=f"{name}.{layer.name}") for name, found in both for layer in found)

    def keep(self, path: Path) -> None:
        """Write what was learned.

        Raises:
            ArtifactError: It cannot be written.
        """
        arrays = {"curve": self.curve, "mean": self._mean, "scale": self._scale}
        state = {name: torch.from_numpy(array) for name, array in arrays.items()}
        checkpoints.write(path, {**state, "pair": self.pair.state(), "identity": self.identity})

    def take(self, path: Path) -> bool:
        """Take what ``keep`` wrote; return whether it was there, and learned with these settings."""
        state = checkpoints.read(path)
        if state is None or state.get("identity") != self.identity:
            return False
        self._pair, self.finished = self._new_pair(), True
        self._pair.restore(state["pair"])
        self.curve, self._mean, self._scale = (state[name].numpy() for name in ("curve", "mean", "scale"))
        return True
