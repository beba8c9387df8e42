"""Generate: music like what a listener likes, from the clips of their songs."""

from __future__ import annotations

import hashlib
import os
import wave
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from zetdard.data.clips import Clips
from zetdard.data.types import Floats, Rows
from zetdard.errors import ArtifactError, InputError, NoDataError
from zetdard.models.base import Workshop
from zetdard.whole import written_whole

LEAST_SONGS = 5
"""Of fewer songs' clips the discriminator learns every one by heart."""
MOST_SONGS = 400
"""So many songs at most are learned from before the listener's own."""

_RATE = 16_000
_LARGEST = 32_767
_KEPT = 8
"""So many listeners' generators are kept."""
_KEY_DIGITS = 16


class Piece(Protocol):
    """A piece of generated music."""

    @property
    def sound(self) -> Floats:
        """Samples of one channel at 16 kHz, within ±1: shape (samples,)."""
        ...


class Nearness(Protocol):
    """How near a piece comes to the clips that were learned from; a dataclass."""

    @property
    def clip(self) -> int:
        """The nearest clip."""
        ...

    @property
    def nearest(self) -> float:
        """Its distance."""
        ...

    @property
    def rare(self) -> float:
        """Nearer than this are only 5% of clips to those of other songs."""
        ...

    @property
    def copied(self) -> float:
        """Share of the piece that is nearer than that."""
        ...

    @property
    def only_copies(self) -> bool:
        """Whether that is too much to be chance."""
        ...


class Composer(Protocol):
    """Something that generates music like the clips that it learned from last."""

    @property
    def curve(self) -> Floats:
        """Losses of both networks in the last training: shape (rounds, 2)."""
        ...

    @property
    def finished(self) -> bool:
        """Whether no training was stopped by its budget."""
        ...

    @property
    def identity(self) -> str:
        """What the result depends on, besides the clips."""
        ...

    def heard(self, clips: Clips, rows: Rows) -> Floats:
        """Return what it learns from: shape (songs · clips, …)."""
        ...

    def learn(self, spectrograms: Floats, workshop: Workshop, *, name: str, identity: str) -> None:
        """Learn from many songs."""
        ...

    def learn_more(self, spectrograms: Floats, workshop: Workshop, *, name: str, identity: str) -> None:
        """Go on, from a listener's songs."""
        ...

    def compose(self, seconds: float, *, seed: int) -> Any:
        """Return a piece."""
        ...

    def nearness(self, made: Any, spectrograms: Floats, songs: NDArray[np.int64]) -> Any:
        """Say how near a piece comes to clips."""
        ...

    def keep(self, path: Path) -> None:
        """Write what was learned."""
        ...

    def take(self, path: Path) -> bool:
        """Take what ``keep`` wrote; return whether it could."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Generated:
    """Music that was generated, and how near it comes to what was learned from.

    Attributes:
        sound: Shape (samples,), one channel of 16 kHz, within ±1.
        liked: Songs of the listener that were learned from.
        songs: Songs of anybody that were learned from before.
        nearest_song: Row of the song whose clip is nearest.
        nearness: How near it is.
    """

    sound: Floats
    liked: int
    songs: int
    nearest_song: int
    nearness: Nearness

    def to_json(self) -> dict[str, Any]:
        """Return plain numbers."""
        found: Any = self.nearness
        return {
            "generated": True,
            "seconds": len(self.sound) / _RATE,
            "rate": _RATE,
            "liked songs": self.liked,
            "songs before": self.songs,
            "nearness": {**asdict(found), "only_copies": self.nearness.only_copies},
        }


def generate(
    make_composer: Callable[[], Composer],
    clips: Clips,
    liked: Rows,
    workshop: Workshop,
    *,
    seconds: float,
    seed: int,
) -> Generated:
    """Learn what a listener likes, or take what was learned before, and generate music like it.

    The networks are kept in the workshop's folder: those that learned from many songs, and the listeners' own. A
    training that was stopped goes on; one that its budget has stopped is not kept.

    Args:
        make_composer: Makes one that has not learned.
        clips: Excerpts of songs.
        liked: Rows of the listener's songs.
        workshop: Its folder also keeps what was learned; the budget is for both trainings together.
        seconds: Length of the music.
        seed: Of the noise that becomes the music.

    Raises:
        NoDataError: Too few of the songs have clips.
    """
    own = np.intersect1d(liked, clips.present).astype(np.int32)
    if len(own) < LEAST_SONGS:
        raise NoDataError(
            f"music is generated from the clips of {LEAST_SONGS} liked songs or more; {len(own)} of this listener's "
            f"{len(liked)} have some (zetdard featurize audio --clips makes them of recordings)"
        )
    common = _drawn(clips.present)
    composer = make_composer()
    folder = workshop.folder
    before = _key(composer.identity, clips, common)
    key = _key(before, clips, own)
    kept = None if folder is None else folder / f"dcgan-own-{before}-{key}.npz"
    spectrograms = composer.heard(clips, own)
    if kept is None or not composer.take(kept):
        _learn(composer, clips, common, workshop, before)
        half = replace(workshop, budget_s=None if workshop.budget_s is None else workshop.budget_s / 2)
        composer.learn_more(spectrograms, half, name=f"dcgan-own-{key}-unfinished", identity=key)
        if composer.finished:
            _keep(composer, kept)
            _forget_former(folder)
    else:
        os.utime(kept)
    piece = composer.compose(seconds, seed=seed)
    songs = np.repeat(own, clips.count).astype(np.int64)
    near: Nearness = composer.nearness(piece, spectrograms, songs)
    return Generated(piece.sound, len(own), len(common), int(songs[near.clip]), near)


def newest(composer: Composer, folder: Path) -> Composer:
    """Let a composer take the last that was kept.

    Raises:
        NoDataError: There is none.
    """
    kept = [path for path in folder.glob("dcgan-*.npz") if "unfinished" not in path.name]
    for path in sorted(kept, key=lambda path: -path.stat().st_mtime):
        if composer.take(path):
            return composer
    raise NoDataError("no music has been generated here yet: zetdard generate USER --out FILE.wav")


def _learn(composer: Composer, clips: Clips, common: Rows, workshop: Workshop, key: str) -> None:
    """Learn from many songs, or take what was learned from them."""
    kept = None if workshop.folder is None else workshop.folder / f"dcgan-{key}.npz"
    if kept is not None and composer.take(kept):
        return
    workshop.progress("listening to clips", 0, 1)
    spectrograms = composer.heard(clips, common)
    workshop.progress("listening to clips", 1, 1)
    half = replace(workshop, budget_s=None if workshop.budget_s is None else workshop.budget_s / 2)
    composer.learn(spectrograms, half, name=f"dcgan-{key}-unfinished", identity=key)
    if composer.finished:
        _keep(composer, kept)


def _keep(composer: Composer, path: Path | None) -> None:
    # A home that cannot be written to still gives music; it only learns anew each time.
    if path is not None:
        with suppress(ArtifactError):  # see above
            composer.keep(path)


def _forget_former(folder: Path | None) -> None:
    """Remove all but the newest listeners' generators, of which each is a few megabytes."""
    if folder is None:
        return
    with suppress(OSError):  # another process may remove them too
        own = [path for path in folder.glob("dcgan-own-*.npz") if "unfinished" not in path.name]
        for path in sorted(own, key=lambda path: -path.stat().st_mtime)[_KEPT:]:
            path.unlink()


def _drawn(rows: Rows) -> Rows:
    """Return so many of the songs as are learned from: the same for every listener."""
    drawn = np.random.default_rng(0).permutation(rows)[:MOST_SONGS]
    return np.sort(drawn).astype(np.int32)


def _key(identity: str, clips: Clips, rows: Rows) -> str:
    """Return the identity of a training: of the settings, the songs, and the beginning of each one's sound."""
    digest = hashlib.sha256(f"{identity} {clips.rate} {clips.count} {clips.frames}".encode())
    for row in rows.tolist():
        digest.update(f"\n{clips.vocabulary.label(row)}".encode())
        digest.update(np.ascontiguousarray(clips.of(row)[:, 0, : _RATE // 4]).tobytes())
    return digest.hexdigest()[:_KEY_DIGITS]


def write_wav(sound: Floats, path: Path) -> None:
    """Write one channel of 16 kHz as 16 bits, in place of what is there, whole or not at all.

    Raises:
        InputError: The file cannot be written.
    """
    samples = np.rint(np.clip(sound, -1, 1) * _LARGEST).astype("<i2")
    try:
        with written_whole(path) as temporary, wave.open(str(temporary), "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(_RATE)
            out.writeframes(samples.tobytes())
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror or error}") from None
