"""An invented world with judges → a pool: a home of its own under the user's, in which everything is featurized as usual."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import zetdard
from zetdard.data.clips import Clips
from zetdard.errors import InputError, NoDataError
from zetdard.evaluation.taste.judged import world as read_world
from zetdard.evaluation.taste.pool import Pool
from zetdard.features.audio.clips import ClipConfig
from zetdard.progress import Progress
from zetdard.records import AudioFile, Record
from zetdard.sandbox.config import SCALES, WorldConfig
from zetdard.sandbox.judges import PARTS
from zetdard.sandbox.truth import export_truth
from zetdard.sandbox.world import World, generate
from zetdard.settings import Settings, own_database
from zetdard.surfaces.python_api import ZetDard

if TYPE_CHECKING:
    from zetdard.jobs.featurize.shelf import FeatureShelf

SOURCE = "world"
"""Namespace of the invented ids."""

_BLOCKS = ("descriptors", "musicnn", "tags", "lyrics", "meaning", "words", "network")
_OF_JUDGES = frozenset(
    {"n_judges", "judge_labels", "judge_likes", "judge_noise", *(f"{part}_share" for part in PARTS)}
)
"""Fields of a world's config that change its judges alone."""


def taste_world(seed: int, shares: Mapping[str, float]) -> WorldConfig:
    """Return the world with judges of a seed.

    Args:
        seed: Of the world.
        shares: Modality → its weight in the judges' taste; 1 for those left out.

    Raises:
        InputError: There is no such modality, or no world has such shares.
    """
    unknown = sorted(set(shares) - set(PARTS))
    if unknown:
        raise InputError(f"taste has shares of {', '.join(PARTS)}, not of {unknown[0]!r}")
    weights = {part: float(shares.get(part, 1.0)) for part in PARTS}
    return replace(
        SCALES["taste"],
        seed=seed,
        sound_share=weights["sound"],
        words_share=weights["words"],
        network_share=weights["network"],
    )


def world_pool(settings: Settings, config: WorldConfig, progress: Progress) -> Pool:
    """Make the world, hear and read all of it, and return its judges as a pool.

    Nothing is written into the user's store. The world's own home lies in ``HOME/cache`` and is used again by every world
    that differs only in its judges; a run that was stopped goes on there.

    Args:
        settings: The user's; weights are taken from that home if they are there.
        config: A world with judges.
        progress: Told what is going on.
    """
    world = generate(config)
    folder = _cache_of(settings, config)
    own = settings.model_copy(
        update={"home": folder, "database": own_database(folder), "blobs": None, "seed": config.seed}
    )
    with WorldHome(own, world, settings.home / "weights", progress) as home:
        home.fill()
        home.featurize(clips=True)
        known = home.features()
        found = {name: known.block(name) for name in _BLOCKS}
        clips: Clips | None = None
        with suppress(NoDataError):  # what decodes sound is not installed
            clips = known.clips()
        songs = home.dataset().songs.vocabulary
    blocks = {name: block for name, block in found.items() if block.known.any()}
    if not blocks:
        raise NoDataError("nothing could be heard or read: pip install 'zetdard[audio,lyrics]'")
    with tempfile.TemporaryDirectory(prefix="zetdard-truth-") as truth:
        export_truth(world, Path(truth))
        return read_world(Path(truth), songs, blocks, clips=clips, seed=config.seed)


class WorldHome(ZetDard):
    """The home of an invented world.

    Args:
        settings: With a folder of its own.
        world: What is invented.
        weights: The folder of weights of the user's home.
        progress: Told what is going on.
    """

    def __init__(self, settings: Settings, world: World, weights: Path, progress: Progress) -> None:
        super().__init__(settings, progress=progress)
        self._world = world
        self._weights = weights

    def fill(self) -> None:
        """Store what a crawl of the world with its sounds would find, unless it is stored."""
        if not self.counts()["songs"]:
            self.import_records(SOURCE, self._stated(), format="invented world")

    def _stated(self) -> Iterator[Record]:
        world = self._world
        yield from world.records()
        sounding = [
            (row, song) for row, song in enumerate(world.music_labels.song_ids) if world.has_sound(row)
        ]
        for done, (row, song) in enumerate(sounding):
            self._progress("making sounds", done, len(sounding))
            sound = world.sound(row)
            kept = self._blobs.keep(f"sound of {song}", partial(_rest, sound))
            yield AudioFile(song=song, sha256=kept.sha256, size=kept.size, format="wav", place=kept.place)
        self._progress("making sounds", len(sounding), len(sounding))

    def _shelf(self) -> FeatureShelf:
        from zetdard.features.audio.musicnn.weights import weights_file

        shelf = super()._shelf()
        there = self._weights if weights_file(self._weights).is_file() else None
        # One excerpt that is as long as the sounds holds all there is to hear.
        clips = ClipConfig(seconds=self._world.config.sound_seconds, count=1)
        return replace(shelf, hearing=replace(shelf.hearing, weights=there, clips=clips))


def _rest(sound: bytes, start: int) -> Iterator[bytes]:
    yield sound[start:]


def _cache_of(settings: Settings, config: WorldConfig) -> Path:
    """Return the folder of a world: the same for all that have the same songs, sounds, words and network."""
    facts = {name: value for name, value in asdict(config).items() if name not in _OF_JUDGES}
    text = json.dumps([zetdard.__version__, facts], sort_keys=True)
    return settings.home / "cache" / f"world-{hashlib.sha256(text.encode()).hexdigest()[:16]}"
