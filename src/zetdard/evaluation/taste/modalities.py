"""Which features say how a song sounds, what it says, and who holds it; and learners that see some of these only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from zetdard.data.taste import Labelled, TasteSongs
from zetdard.errors import InputError, NoDataError
from zetdard.evaluation.taste.pool import Pool
from zetdard.evaluation.taste.protocol import LearnerFactory
from zetdard.models.base import TasteLearner, TasteScorer

SOUND = "sound"
MODALITIES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        SOUND: ("descriptors", "musicnn", "tags", "mastering", "mfcc", "spotify"),
        "words": ("lyrics", "meaning", "words"),
        "network": ("network",),
    }
)
"""Modality → names of its blocks. Clips are sound too."""


@dataclass(frozen=True, slots=True)
class Limited:
    """A learner that is shown some modalities only, and uses all blocks of them.

    Attributes:
        make: Makes the learner. Where it has a field ``blocks``, that is set to what is shown.
        modalities: Names of ``MODALITIES``.
    """

    make: LearnerFactory
    modalities: tuple[str, ...]

    def __post_init__(self) -> None:
        unknown = sorted(set(self.modalities) - set(MODALITIES))
        if unknown or not self.modalities:
            raise InputError(
                f"modalities are {', '.join(MODALITIES)}, not {unknown[0] if unknown else 'none at all'}"
            )

    def learn(self, songs: TasteSongs, listeners: Sequence[Labelled], *, seed: int) -> TasteScorer:
        """Let the learner learn from what it is shown.

        Raises:
            NoDataError: Nothing of these modalities is known.
        """
        names = [
            name for modality in self.modalities for name in MODALITIES[modality] if name in songs.blocks
        ]
        clips = songs.clips if SOUND in self.modalities else None
        if not names and clips is None:
            raise NoDataError(f"no features of {' or '.join(self.modalities)} are known")
        learner: Any = self.make()
        if "blocks" in getattr(learner, "__dataclass_fields__", ()):
            learner = replace(learner, blocks=tuple(names))
        shown = TasteSongs({name: songs.blocks[name] for name in names}, clips)
        scorer: TasteScorer = learner.learn(shown, listeners, seed=seed)
        return scorer


def known_in(pool: Pool) -> tuple[str, ...]:
    """Return the modalities of which a pool knows something."""
    return tuple(
        modality
        for modality, names in MODALITIES.items()
        if any(name in pool.blocks for name in names) or (modality == SOUND and pool.clips is not None)
    )


def apart_in(pool: Pool) -> bool:
    """Return whether it is known of a pool what each modality contributes to the tastes in it."""
    return all(listener.parts for listener in pool.listeners)


def taken_apart(name: str, make: LearnerFactory, known: Sequence[str]) -> dict[str, LearnerFactory]:
    """Return a learner without each modality and on each alone, by names that say so; none where there is only one.

    Args:
        name: The learner's name.
        make: Makes it.
        known: The modalities that it otherwise sees.
    """
    if len(known) < 2:
        return {}
    apart: dict[str, LearnerFactory] = {}
    for modality in known:
        rest = tuple(other for other in known if other != modality)
        apart[f"{name} without {modality}"] = limited(make, rest)
    return apart | {f"{name}:{modality}": limited(make, (modality,)) for modality in known}


def limited(make: LearnerFactory, modalities: Sequence[str]) -> LearnerFactory:
    """Return what makes a learner that is shown these modalities only."""
    one = Limited(make, tuple(modalities))

    def made() -> TasteLearner:
        return one

    return made
