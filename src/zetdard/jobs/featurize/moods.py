"""Moods that were given of some songs → moods heard in all others: learned from their clips, kept, and found again."""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from zetdard.data.clips import Clips
from zetdard.data.dataset import Entities
from zetdard.data.features import FeatureBlock
from zetdard.data.moods import SongMoods
from zetdard.data.taste import TasteSongs
from zetdard.data.types import Floats, Rows
from zetdard.errors import NoDataError, StoreError
from zetdard.features.audio.hearing import CLIPS
from zetdard.features.moods import MOODS, GivenMoods, digest_of, given_moods, read_moods
from zetdard.jobs.featurize.report import FeatureReport
from zetdard.jobs.featurize.shelf import FeatureShelf

LEAST_SONGS = 20
"""Of fewer songs nothing is learned: the fifth of them that is set apart could not say when to stop."""

_Z = 1.96
"""A standard normal number lies within this of 0 in 95 of 100 cases."""
_NAMED = 3
"""So many songs are named in a note."""


class Heard(Protocol):
    """What a learner heard."""

    @property
    def block(self) -> FeatureBlock:
        """The moods of all songs that have clips."""
        ...

    @property
    def curve(self) -> Floats:
        """Losses after each epoch, in training and on the songs set apart: shape (epochs, 2)."""
        ...

    @property
    def apart(self) -> Rows:
        """Songs whose moods were known and not learned from."""
        ...


class MoodLearner(Protocol):
    """Something that learns to hear moods."""

    @property
    def identity(self) -> str:
        """What the result depends on, besides songs, moods and seed."""
        ...

    def learn(self, songs: TasteSongs, moods: FeatureBlock, *, seed: int) -> Heard:
        """Learn from the songs whose moods are present, and hear those of all that have clips."""
        ...


@dataclass(frozen=True, slots=True)
class Correlation:
    """How well a mood is heard: Pearson's r of what was heard and what was given.

    Attributes:
        r: NaN where either does not differ among the songs.
        low: Lower end of its 95% interval, by Fisher's z; NaN where there are fewer than 4 songs.
        high: Upper end.
    """

    r: float
    low: float
    high: float

    @property
    def is_heard(self) -> bool:
        """Whether it is above 0 by more than chance."""
        return self.low > 0

    @classmethod
    def of(cls, heard: Floats, given: Floats) -> Correlation:
        """Return that of two columns of numbers."""
        n = len(heard)
        if n < 2 or min(np.ptp(heard), np.ptp(given)) <= 1e-6 * max(np.abs(heard).max(), np.abs(given).max()):
            return cls(math.nan, math.nan, math.nan)
        r = float(np.corrcoef(heard.astype(np.float64), given.astype(np.float64))[0, 1])
        if n < 4:
            return cls(r, math.nan, math.nan)
        z, reach = math.atanh(min(max(r, -1 + 1e-12), 1 - 1e-12)), _Z / math.sqrt(n - 3)
        return cls(r, math.tanh(z - reach), math.tanh(z + reach))


def featurize_moods(
    shelf: FeatureShelf,
    songs: Entities,
    clips: Clips,
    contents: Mapping[int, str],
    learner: MoodLearner,
    *,
    seed: int,
) -> FeatureReport:
    """Hear the moods of all songs that have clips, unless that was done with the same table and the same clips.

    A mood that is not heard better than by chance, in the songs set apart, is heard of no song: the mean of what was
    given stands for it.

    Args:
        shelf: Where the table of moods lies, and where what is heard is kept.
        songs: The songs that are stored.
        clips: Excerpts of them.
        contents: Row of a song that has clips → content hash of the recording they are of.
        learner: What learns.
        seed: Of everything random.

    Raises:
        NoDataError: Moods and clips are known of too few songs.
        FormatError: The table breaks its format.
    """
    begun = time.monotonic()
    table = read_moods(shelf.given_moods)
    given = given_moods(table, songs)
    told = np.intersect1d(np.flatnonzero(given.block.known), clips.present)
    if len(told) < LEAST_SONGS:
        raise NoDataError(
            f"moods are learned from {LEAST_SONGS} songs or more that have clips and whose moods are given; here are "
            f"{len(told)} (zetdard featurize audio --clips makes clips of recordings)"
        )
    folder = shelf.moods()
    known_of = sorted((contents[row], given.block.values[row].tolist()) for row in told.tolist())
    facts = (shelf.audio(CLIPS).extractor.key, sorted(set(contents.values())), table.columns, known_of)
    name = hashlib.sha256(repr((facts, digest_of(table), learner.identity, seed)).encode()).hexdigest()
    report = FeatureReport(MOODS, len(clips.present), {MOODS: 0}, {MOODS: 0})
    former = list(folder.hashes())
    arrays = _read(shelf, name) if name in former else None
    if arrays is None:
        heard = learner.learn(TasteSongs({}, clips), given.block, seed=seed)
        arrays = _arrays(heard, given.block, contents, digest_of(table))
        folder.write(name, arrays)
        for other in former:
            if other != name:
                folder.forget(other)
        report.made[MOODS] = len(clips.present)
    else:
        report.known[MOODS] = len(clips.present)
    report.notes += _notes(arrays, given, table.columns)
    report.seconds = time.monotonic() - begun
    return report


def moods_of(shelf: FeatureShelf, songs: Entities, contents: Mapping[int, str]) -> SongMoods:
    """Return the moods that were given, and of other songs those that were heard from the same table.

    Args:
        shelf: Where they lie.
        songs: The songs that are stored.
        contents: Row of a song that has clips → content hash of the recording they are of.

    Raises:
        NoDataError: No moods were given.
        FormatError: The table breaks its format.
    """
    if not shelf.given_moods.is_file():
        raise NoDataError("no moods are known: give those of some songs with zetdard featurize --moods FILE")
    table = read_moods(shelf.given_moods)
    given = given_moods(table, songs).block
    values, present = given.values.copy(), given.known.copy()
    arrays = _newest(shelf)
    if arrays is not None and str(arrays["table"]) == digest_of(table):
        at = {sha256: place for place, sha256 in enumerate(arrays["contents"].tolist())}
        for row, sha256 in contents.items():
            if sha256 in at and not present[row]:
                values[row] = arrays["values"][at[sha256]]
                present[row] = True
    block = FeatureBlock(
        songs.vocabulary, values, table.columns, shelf.moods().extractor.provenance(), present
    )
    return SongMoods(block, given.known)


def moods_curve(shelf: FeatureShelf) -> Floats:
    """Return the losses of the last training: shape (epochs, 2).

    Raises:
        NoDataError: There was none.
    """
    arrays = _newest(shelf)
    if arrays is None:
        raise NoDataError("no moods were heard here yet: zetdard featurize audio --clips --moods FILE")
    curve: Floats = arrays["curve"]
    return curve


def _newest(shelf: FeatureShelf) -> dict[str, NDArray[Any]] | None:
    """Return what is kept, of which there is one."""
    for name in shelf.moods().hashes():
        arrays = _read(shelf, name)
        if arrays is not None:
            return arrays
    return None


def _read(shelf: FeatureShelf, name: str) -> dict[str, NDArray[Any]] | None:
    try:
        return shelf.moods().read(name)
    except StoreError:  # a damaged one is removed by that, and made again
        return None


def _arrays(
    heard: Heard, given: FeatureBlock, contents: Mapping[int, str], table: str
) -> dict[str, NDArray[Any]]:
    """Return what is kept: moods by content, and how well they are heard."""
    apart = heard.apart
    checks = [
        Correlation.of(heard.block.values[apart, axis], given.values[apart, axis])
        for axis in range(len(given.columns))
    ]
    audible = np.array([check.is_heard for check in checks])
    mean = given.values[given.known].mean(axis=0)
    values = np.where(audible, heard.block.values, mean).astype(np.float32)
    rows = {contents[row]: row for row in sorted(contents, reverse=True) if heard.block.known[row]}
    names = sorted(rows)
    return {
        "contents": np.array(names, dtype=np.str_),
        "values": values[[rows[name] for name in names]],
        "checks": np.array([(check.r, check.low, check.high) for check in checks], np.float64),
        "apart": np.array(len(apart)),
        "curve": heard.curve,
        "table": np.array(table),
    }


def _notes(arrays: Mapping[str, NDArray[Any]], given: GivenMoods, columns: tuple[str, ...]) -> list[str]:
    n_apart = int(arrays["apart"])
    checks = [Correlation(*numbers) for numbers in arrays["checks"].tolist()]
    said = ", ".join(
        f"{name} {check.r:.2f} [{check.low:.2f}, {check.high:.2f}]"
        for name, check in zip(columns, checks, strict=True)
        if not math.isnan(check.low)
    )
    tested = f"heard, by {n_apart} given songs that were not learned from (r and its 95% interval): {said}"
    notes = [tested] if said else []
    lost = [name for name, check in zip(columns, checks, strict=True) if not check.is_heard]
    if lost:
        notes.append(f"not heard better than by chance, so that the mean stands for it: {', '.join(lost)}")
    for what, lines in (
        ("are not stored", given.unknown),
        ("have ids that several songs have", given.unsure),
        ("are songs of earlier lines", given.twice),
    ):
        if lines:
            some = ", ".join(f"{name!r} in line {line}" for line, name in lines[:_NAMED])
            more = f" and {len(lines) - _NAMED:,} more" if len(lines) > _NAMED else ""
            notes.append(f"moods of songs that {what} are not used: {some}{more}")
    return notes
