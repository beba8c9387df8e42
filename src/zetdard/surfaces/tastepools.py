"""What tastes are measured on and by: pools from what is stored, from files, from the invented world; learners by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zetdard import registry
from zetdard.errors import InputError, NoDataError
from zetdard.evaluation.taste.blocks import read_blocks
from zetdard.evaluation.taste.clipfiles import read_clips
from zetdard.evaluation.taste.judged import JUDGES, world, world_songs
from zetdard.evaluation.taste.modalities import apart_in, known_in, limited, taken_apart
from zetdard.evaluation.taste.pool import Pool
from zetdard.evaluation.taste.pools import (
    AUDIO_TASTE_PROTOCOLS,
    audio_taste,
    audio_taste_songs,
    spotify_playlists,
)
from zetdard.evaluation.taste.protocol import LearnerFactory, TastePlan
from zetdard.evaluation.taste.result import TasteMeasured, evaluate_taste
from zetdard.evaluation.taste.sampling import stored
from zetdard.progress import Progress

if TYPE_CHECKING:
    from zetdard.surfaces.listening import Listening

WORLD = "world"
"""What ``data`` is for the invented world."""

_OF_SONGS_ALONE = ("descriptors", "musicnn", "tags", "lyrics", "meaning")
"""Features that say nothing about who holds a song."""


def measure_taste(
    pool: Pool,
    names: Sequence[str],
    plan: TastePlan,
    *,
    modalities: bool,
    augment: str | None = None,
    generate: Any = None,
    progress: Progress,
) -> TasteMeasured:
    """Measure learners on a pool.

    Args:
        pool: What is measured on.
        names: ``NAME`` or ``NAME:MODALITY+MODALITY``: a learner that is shown these only, and uses all of them; compared with
            NAME, where that is measured too. Without
            modalities it uses what it uses by itself; in the invented world, everything.
        plan: How the pool is used.
        modalities: Also measure each learner without each modality and on each alone, and compare it with these.
        augment: One of ``none``, ``mixup``, ``specaugment``, ``dcgan``; ``None`` = what each learner does by itself.
        generate: For ``dcgan``: makes the songs.
        progress: Told what is going on.

    Raises:
        UnknownEntityError: There is no such learner.
        InputError: There is no such augmentation or modality, or too few are known to be taken apart.
    """
    known = known_in(pool)
    learners: dict[str, LearnerFactory] = {}
    pairs: list[tuple[str, str]] = []
    for name in names:
        plain, _, wanted = name.partition(":")
        make = registry.taste_learner(plain)
        if augment is not None:
            make = registry.augmented(make, augment, generate)
        shown = tuple(wanted.split("+")) if wanted else known
        learners[name] = limited(make, shown) if wanted or apart_in(pool) else make
        if wanted and plain in names:
            pairs.append((plain, name))
        if modalities:
            apart = taken_apart(name, make, shown)
            if not apart:
                raise InputError(f"{name} is shown one modality: there is nothing to be taken apart")
            learners |= apart
            pairs += [(name, other) for other in apart]
    return evaluate_taste(pool, learners, how=plan, pairs=pairs, progress=progress)


def taste_pools(
    home: Listening,
    data: Path | str | None,
    features: Path | str | None,
    clips: Path | str | None = None,
    *,
    seed: int,
    shares: Mapping[str, float],
    others: int | None = None,
    progress: Progress,
) -> list[Pool]:
    """Return what is to be measured on.

    Args:
        home: Whose songs are meant where there are no ``data``; whose cache holds the invented world.
        data: A folder, ``"world"``, or ``None`` = what is stored.
        features: Features of the songs of a folder.
        clips: Excerpts of the sound of the songs of a folder.
        seed: Of the invented world, of folds and samples.
        shares: Of the invented world; only there.
        others: Seed of other listeners and folds over the tracks of a folder; only there.
        progress: Told what is going on.
    """
    folder = None if data is None else Path(data)
    if others is not None and not (folder is not None and (folder / "tracks.csv").is_file()):
        raise InputError(
            "other listeners are invented over the tracks of a folder only: --data DIR with tracks.csv"
        )
    if data is not None and str(data) == WORLD:
        from zetdard.surfaces.tasteworld import taste_world, world_pool

        return [world_pool(home.settings, taste_world(seed, shares), progress)]
    if shares:
        raise InputError(f"shares of taste are stated of the invented world only: --data {WORLD}")
    if folder is None:
        known = home.features()
        # Not the network: it was made of what is held, which is what is asked for.
        blocks = {name: known.block(name) for name in _OF_SONGS_ALONE}
        present = {name: block for name, block in blocks.items() if block.known.any()}
        pools = [stored(home.dataset(), present, by=by, seed=seed) for by in ("track", "artist")]
        with suppress(NoDataError):  # none were kept
            pools = [replace(pool, clips=known.clips()) for pool in pools]
        return pools
    judged = (folder / JUDGES).is_file()
    if not judged and not (folder / "listeners.csv").is_file():
        return [spotify_playlists(folder, by=by, seed=seed) for by in ("track", "album")]
    if features is None:
        raise InputError(
            "name the features of these songs with --features: benchmarks/taste.py --save makes those of audio_taste"
        )
    if judged:
        songs = world_songs(folder)
        pools = [world(folder, songs, read_blocks(Path(features), songs), seed=seed)]
    else:
        songs = audio_taste_songs(folder)
        of_tracks = read_blocks(Path(features), songs)
        pools = [
            audio_taste(folder, protocol, of_tracks, deal=others, others=others)
            for protocol in AUDIO_TASTE_PROTOCOLS
        ]
    return pools if clips is None else [replace(pool, clips=read_clips(Path(clips), songs)) for pool in pools]


def measured_by_default(pool: Pool) -> list[str]:
    """Return the names of the learners that find what they need in a pool and on this machine."""
    there = set(pool.blocks)
    if pool.clips is not None:
        there.add("clips")
    if find_spec("torch") is not None:
        there.add("torch")
    return [name for name, entry in registry.TASTE_LEARNERS.items() if entry.needs <= there]
