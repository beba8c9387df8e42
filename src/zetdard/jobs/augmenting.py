"""Generated songs for learners of taste: music like a listener's liked songs, heard as real songs are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import scipy.signal

from zetdard.data.clips import FULL_SCALE, Samples16
from zetdard.data.taste import Labelled, MadeSongs, TasteSongs
from zetdard.data.types import Floats
from zetdard.errors import NoDataError
from zetdard.features.audio import spectra
from zetdard.features.audio.descriptors import describe
from zetdard.features.audio.musicnn import RATE, embed
from zetdard.features.audio.musicnn.network import Network
from zetdard.models.base import Workshop

_LEAST = 2
"""Liked songs with clips, without which nothing is generated for a listener."""
_UP, _DOWN = 441, 320
"""22,050 to 16,000."""


class GeneratedSongs:
    """Makes liked songs for each listener.

    A generator learns from the clips of all labelled songs, once, and goes on for each listener from the liked ones; what it
    then makes is cut into clips, and described and embedded as recordings are. Features that no sound gives (lyrics,
    network) are not known of it.

    Args:
        make_composer: Seed → a composer that has not learned.
        network: MusiCNN; ``None`` = no embedding.
        count: Songs for each listener.
        workshop: Who is told.
    """

    def __init__(
        self,
        make_composer: Callable[[int], Any],
        network: Network | None,
        *,
        count: int = 4,
        workshop: Workshop | None = None,
    ) -> None:
        self._make_composer = make_composer
        self._network = network
        self._count = count
        self._workshop = workshop or Workshop()
        self._made: dict[bytes, list[MadeSongs]] = {}

    def __call__(self, songs: TasteSongs, listeners: Sequence[Labelled], seed: int) -> list[MadeSongs]:
        """Return each listener's songs; the same question is answered once.

        Raises:
            NoDataError: There are no clips.
        """
        if songs.clips is None or not len(songs.clips.present):
            raise NoDataError("there are no clips: make them with zetdard featurize audio --clips")
        key = b"".join(
            [seed.to_bytes(8, "little"), *(one.rows.tobytes() + one.liked.tobytes() for one in listeners)]
        )
        if key not in self._made:
            self._made[key] = self._make(songs, listeners, seed)
        return self._made[key]

    def _make(self, songs: TasteSongs, listeners: Sequence[Labelled], seed: int) -> list[MadeSongs]:
        clips: Any = songs.clips
        labelled = np.unique(np.concatenate([np.empty(0, np.int32), *(one.rows for one in listeners)]))
        composer = self._make_composer(seed)
        composer.learn(composer.heard(clips, np.intersect1d(labelled, clips.present)), self._workshop)
        made = []
        for place, one in enumerate(listeners):
            self._workshop.progress("generating songs: listeners", place, len(listeners))
            liked = np.intersect1d(one.rows[one.liked], clips.present).astype(np.int32)
            if len(liked) < _LEAST:
                made.append(MadeSongs(np.empty(0, np.bool_)))
                continue
            own = composer.branch()
            own.learn_more(own.heard(clips, liked), Workshop())
            seconds = clips.count * clips.frames / clips.rate
            sounds = [own.compose(seconds, seed=seed + 1 + number).sound for number in range(self._count)]
            blocks = {
                name: np.array([self.features(sound, name) for sound in sounds], np.float32)
                for name in ("descriptors", "musicnn", "tags")
                if name in songs.blocks and (name == "descriptors" or self._network is not None)
            }
            cut = None
            if clips.rate == RATE:
                cut = np.stack([_clips_of(sound, clips.count, clips.frames) for sound in sounds])
            made.append(MadeSongs(np.ones(self._count, np.bool_), blocks, cut))
        self._workshop.progress("generating songs: listeners", len(listeners), len(listeners))
        return made

    def features(self, sound: Floats, name: str) -> Floats:
        """Return ``descriptors``, ``musicnn`` or ``tags`` of a sound of 16 kHz: shape (columns,)."""
        if name == "descriptors":
            faster = scipy.signal.resample_poly(sound, _UP, _DOWN).astype(np.float32)
            assert spectra.RATE * _DOWN == RATE * _UP
            return describe([faster]).vector
        assert self._network is not None
        heard = embed(sound, self._network)
        return heard.mean if name == "musicnn" else heard.tags


def _clips_of(sound: Floats, count: int, frames: int) -> Samples16:
    """Cut a sound into clips of two equal channels: shape (count, 2, frames)."""
    pieces = np.resize(sound, (count, 1, frames))
    limit = FULL_SCALE - 1
    return np.repeat(np.clip(np.rint(pieces * FULL_SCALE), -limit, limit), 2, axis=1).astype(np.int16)
