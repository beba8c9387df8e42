"""Moods that were given of some songs → moods heard in all others: learned from their sound, kept, and found again."""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from zetdard.data.dataset import Entities
from zetdard.data.features import FeatureBlock
from zetdard.data.moods import SongMoods
from zetdard.data.taste import TasteSongs
from zetdard.data.types import Floats, Rows
from zetdard.errors import MissingExtraError, NoDataError, StoreError
from zetdard.features.moods import MOODS, GivenMoods, digest_of, given_moods, read_moods
from zetdard.jobs.featurize.report import FeatureReport
from zetdard.jobs.featurize.shelf import FeatureShelf

LEAST_SONGS = 20
"""Of fewer songs nothing is learned: the half of them that is set apart could say nothing."""

_APART, _LEAST_APART = 0.2, 12
"""Share of the given songs that is set apart, and how many at least: of twelve, r = 0.6 is more than chance."""
_Z = 1.96
"""A standard normal number lies within this of 0 in 95 of 100 cases."""
_NAMED = 3
"""So many songs are named in a note."""

Contents: TypeAlias = Mapping[str, Mapping[int, str]]
"""Kind of ``hearing.KINDS`` → row of a song that has it → content hash of the recording that it is of."""


class Heard(Protocol):
    """What a learner heard."""

    @property
    def block(self) -> FeatureBlock:
        """The moods of all songs that it can hear."""
        ...

    @property
    def curve(self) -> Floats:
        """Losses after each epoch, in training and on the songs set apart: shape (epochs, 2)."""
        ...


class MoodLearner(Protocol):
    """Something that learns to hear moods."""

    @property
    def name(self) -> str:
        """What it is called."""
        ...

    @property
    def identity(self) -> str:
        """What the result depends on, besides songs, moods and seed."""
        ...

    @property
    def refits(self) -> bool:
        """Whether it learns from the songs set apart as well, when they have said how well it hears."""
        ...

    def learn(self, songs: TasteSongs, moods: FeatureBlock, *, apart: Rows, seed: int) -> Heard:
        """Learn from the songs whose moods are present, but for those set apart, and hear those of all."""
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
    known: TasteSongs,
    contents: Contents,
    learners: Sequence[Callable[[], MoodLearner]],
    *,
    seed: int,
) -> FeatureReport:
    """Hear the moods of all songs that have sound, unless that was done with the same table and the same sound.

    Some of the songs are set apart. Each mood is heard by the learner that hears it best in these; one that no learner
    hears better than by chance is heard of no song: the mean of what was given stands for it.

    Args:
        shelf: Where the table of moods lies, and where what is heard is kept.
        songs: The songs that are stored.
        known: What is known of their sound.
        contents: Of which recordings that is.
        learners: Make what learns; one that raises ``MissingExtraError``, or finds too little to learn from, is left out.
        seed: Of everything random.

    Raises:
        NoDataError: Moods and sound are known of too few songs.
        FormatError: The table breaks its format.
    """
    begun = time.monotonic()
    table = read_moods(shelf.given_moods)
    given = given_moods(table, songs)
    of = _recordings(contents)
    told = np.array([row for row in sorted(of) if given.block.known[row]], np.int32)
    if len(told) < LEAST_SONGS:
        raise NoDataError(
            f"moods are learned from {LEAST_SONGS} songs or more that were heard and whose moods are given; here are "
            f"{len(told)} (zetdard featurize audio hears recordings)"
        )
    made, missing = _made(learners)
    told_of = sorted((of[row], given.block.values[row].tolist()) for row in told.tolist())
    sound = [
        (kind, shelf.audio(kind).extractor.key, sorted(set(rows.values()))) for kind, rows in contents.items()
    ]
    facts = (sound, told_of, digest_of(table), [learner.identity for learner in made], seed)
    name = hashlib.sha256(repr(facts).encode()).hexdigest()
    folder = shelf.moods()
    former = list(folder.hashes())
    report = FeatureReport(MOODS, len(of), {MOODS: 0}, {MOODS: 0})
    arrays = _read(shelf, name) if name in former else None
    if arrays is None:
        apart = _set_apart(told, seed)
        tested: dict[str, Heard] = {}
        heard: dict[str, Heard] = {}
        for learner in made:
            try:
                test = learner.learn(known, given.block, apart=apart, seed=seed)
            except NoDataError as error:
                missing.append(f"{learner.name}: {error}")
                continue
            tested[learner.name] = heard[learner.name] = test
            if learner.refits:
                heard[learner.name] = learner.learn(known, given.block, apart=apart[:0], seed=seed)
        if not heard:
            raise NoDataError("; ".join(missing))
        checks = {
            name: [_check(one.block, given.block, apart, axis) for axis in range(len(table.columns))]
            for name, one in tested.items()
        }
        arrays = _arrays(heard, checks, given.block, of) | {
            "apart": np.array(len(apart)),
            "table": np.array(digest_of(table)),
            "missing": np.array(missing, dtype=np.str_),
        }
        folder.write(name, arrays)
        for other in former:
            if other != name:
                folder.forget(other)
        report.made[MOODS] = len(of)
    else:
        report.known[MOODS] = len(of)
    report.notes += _notes(arrays, given, table.columns)
    report.seconds = time.monotonic() - begun
    return report


def _set_apart(told: Rows, seed: int) -> Rows:
    """Return songs to test with: never more than half of those that are told."""
    n = min(len(told) // 2, max(round(_APART * len(told)), _LEAST_APART))
    return np.sort(np.random.default_rng((seed, 1)).permutation(told)[:n])


def _recordings(contents: Contents) -> dict[int, str]:
    """Return row → content hash; of several recordings of a song that of the first kind."""
    return {row: sha256 for rows in reversed(list(contents.values())) for row, sha256 in rows.items()}


def _made(learners: Sequence[Callable[[], MoodLearner]]) -> tuple[list[MoodLearner], list[str]]:
    """Return the learners whose libraries are installed, and why others are left out."""
    made, missing = [], []
    for make in learners:
        try:
            made.append(make())
        except MissingExtraError as error:
            missing.append(str(error))
    return made, missing


def moods_of(shelf: FeatureShelf, songs: Entities, contents: Contents) -> SongMoods:
    """Return the moods that were given, and of other songs those that were heard from the same table.

    Args:
        shelf: Where they lie.
        songs: The songs that are stored.
        contents: Of which recordings their sound is known.

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
        for row, sha256 in _recordings(contents).items():
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
    if arrays is None or not len(arrays["curve"]):
        raise NoDataError("no network has heard moods here: zetdard featurize audio --clips --moods FILE")
    curve: Floats = arrays["curve"]
    return curve


def stated_checks(shelf: FeatureShelf) -> list[Correlation]:
    """Return how well each mood was heard in the songs set apart, in the order of the table; none where nothing is kept."""
    arrays = _newest(shelf)
    return [] if arrays is None else _checks(arrays)


def _checks(arrays: Mapping[str, NDArray[Any]]) -> list[Correlation]:
    return [Correlation(*numbers) for numbers in arrays["checks"].tolist()]


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
    heard: Mapping[str, Heard],
    checks: Mapping[str, Sequence[Correlation]],
    given: FeatureBlock,
    of: Mapping[int, str],
) -> dict[str, NDArray[Any]]:
    """Return what is kept: moods by recording, and how well they are heard, and by what."""
    values = np.repeat(given.values[given.known].mean(axis=0, keepdims=True), len(given.vocabulary), axis=0)
    best = []
    for axis in range(len(given.columns)):
        # Who hears no better than by chance comes after all who do, however high its r: its word does not stand.
        order = sorted(
            heard,
            key=lambda name: (
                not checks[name][axis].is_heard,
                -float(np.nan_to_num(checks[name][axis].r, nan=-2.0)),
            ),
        )
        best.append(order[0])
        # The best last: where it knows a song, its word stands.
        for name in reversed(order):
            if checks[name][axis].is_heard:
                known = heard[name].block.known
                values[known, axis] = heard[name].block.values[known, axis]
    any_known = np.any([one.block.known for one in heard.values()], axis=0)
    rows = {of[row]: row for row in sorted(of, reverse=True) if any_known[row]}
    names = sorted(rows)
    chosen = [checks[name][axis] for axis, name in enumerate(best)]
    curves = [one.curve for one in heard.values() if len(one.curve)]
    return {
        "contents": np.array(names, dtype=np.str_),
        "values": values[[rows[name] for name in names]].astype(np.float32),
        "best": np.array(best, dtype=np.str_),
        "checks": np.array([(check.r, check.low, check.high) for check in chosen], np.float64),
        "curve": curves[-1] if curves else np.zeros((0, 2), np.float32),
    }


def _check(heard: FeatureBlock, given: FeatureBlock, apart: Rows, axis: int) -> Correlation:
    tested = apart[heard.known[apart]]
    return Correlation.of(heard.values[tested, axis], given.values[tested, axis])


def _notes(arrays: Mapping[str, NDArray[Any]], given: GivenMoods, columns: tuple[str, ...]) -> list[str]:
    checks = _checks(arrays)
    audible, lost = [], []
    for column, check, best in zip(columns, checks, arrays["best"].tolist(), strict=True):
        if check.is_heard:
            audible.append(f"{column} {check.r:.2f} [{check.low:.2f}, {check.high:.2f}] by {best}")
        else:
            lost.append(column)
    tested = f"in {int(arrays['apart'])} given songs that were not learned from"
    notes = []
    if audible:
        notes.append(f"heard {tested} (r and its 95% interval): {', '.join(audible)}")
    if lost:
        notes.append(f"not heard better than by chance {tested}: {', '.join(lost)}; the mean stands there")
    notes += [f"not asked: {why}" for why in arrays["missing"].tolist()]
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
