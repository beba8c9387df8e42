"""Moods of some songs → of all that can be heard: once for one table and the same clips, and only what can be heard."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from jobs.featurize.libraries import put
from store.facts import ALL_RELATIONS
from zetdard.data.clips import Clips
from zetdard.data.dataset import Entities
from zetdard.data.features import FeatureBlock
from zetdard.data.taste import TasteSongs
from zetdard.data.types import Floats, Rows
from zetdard.errors import MissingExtraError, NoDataError
from zetdard.features.audio.hearing import Hearing
from zetdard.jobs.featurize.moods import (
    Contents,
    Correlation,
    featurize_moods,
    moods_curve,
    moods_of,
    stated_checks,
)
from zetdard.jobs.featurize.report import FeatureReport
from zetdard.jobs.featurize.shelf import FeatureShelf
from zetdard.records import Song
from zetdard.store.store import Store

N, TOLD = 60, 40
TRUE = np.random.default_rng(0).normal(size=(N, 2)).astype(np.float32)


@dataclass
class Ears:
    """Hears one mood, by default a little falsely, and nothing of the other, in the songs of which it knows the sound."""

    hears: int = 0
    knows: np.ndarray = field(default_factory=lambda: np.ones(N, bool))
    name: str = "ears"
    refits: bool = False
    lessons: list[tuple[Rows, Rows]] = field(default_factory=list)
    noise: float = 0.3

    @property
    def identity(self) -> str:
        return f"{self.name} {self.hears}"

    def learn(self, songs: TasteSongs, moods: FeatureBlock, *, apart: Rows, seed: int) -> Learned:
        assert songs.clips is not None
        present = self.knows & np.isin(np.arange(N), songs.clips.present)
        told = np.flatnonzero(moods.known & present)
        if not len(told):
            raise NoDataError("nothing is told")
        self.lessons.append((np.setdiff1d(told, apart), apart))
        random = np.random.default_rng((seed, 9))  # other numbers than the truth
        values = random.normal(size=(N, 2))
        values[:, self.hears] = TRUE[:, self.hears] + self.noise * random.normal(size=N)
        values[~present] = 0
        block = FeatureBlock(moods.vocabulary, values.astype(np.float32), moods.columns, present=present)
        return Learned(block, np.array([[2, 2], [1, 1]], np.float32))


@dataclass
class Learned:
    block: FeatureBlock
    curve: Floats


@pytest.fixture
def songs(tmp_path: Path) -> Entities:
    store = Store.open(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    put(store, *(Song(id=f"s{row:02}", title="x") for row in range(N)))
    return store.dataset(ALL_RELATIONS).songs


@pytest.fixture
def shelf(tmp_path: Path) -> FeatureShelf:
    return FeatureShelf(tmp_path / "home" / "features", Hearing())


def table(shelf: FeatureShelf, told: int = TOLD, more: str = "", header: str = "song,valence,energy") -> None:
    lines = [f"s{row:02},{TRUE[row, 0]},{TRUE[row, 1]}\n" for row in range(told)]
    shelf.given_moods.parent.mkdir(exist_ok=True)
    shelf.given_moods.write_text(f"{header}\n{''.join(lines)}{more}", encoding="utf-8")


def contents(heard: np.ndarray) -> Contents:
    return {"descriptors": {}, "clips": {row: f"{row:064x}" for row in np.flatnonzero(heard).tolist()}}


def made(shelf: FeatureShelf, songs: Entities, of: Contents, *ears: Ears, seed: int = 0) -> FeatureReport:
    present = np.array(sorted(of["clips"]), np.int32)
    known = TasteSongs({}, Clips(songs.vocabulary, 8_000, 1, 10, present, lambda row: np.zeros(0)))
    makers = [partial(lambda one: one, one) for one in ears]
    return featurize_moods(shelf, songs, known, of, makers, seed=seed)


HEARD = np.arange(N) % 10 != 0
"""Songs that have clips."""


def test_given_moods_stay_and_all_others_are_heard(shelf: FeatureShelf, songs: Entities) -> None:
    table(shelf)
    of = contents(HEARD)
    before = moods_of(shelf, songs, of)
    assert before.given.tolist() == [True] * TOLD + [False] * (N - TOLD)
    assert not before.heard.any()
    ears = Ears()
    report = made(shelf, songs, of, ears)
    assert report.made == {"moods": int(HEARD.sum())}
    ((learned, apart),) = ears.lessons
    assert len(apart) == 12
    assert sorted([*learned, *apart]) == [row for row in range(TOLD) if HEARD[row]]
    found = moods_of(shelf, songs, of)
    assert found.block.columns == ("valence", "energy")
    np.testing.assert_array_equal(found.block.values[:TOLD], TRUE[:TOLD])
    np.testing.assert_array_equal(found.given, before.given)
    np.testing.assert_array_equal(found.heard, HEARD & (np.arange(N) >= TOLD))
    assert np.corrcoef(found.block.values[found.heard, 0], TRUE[found.heard, 0])[0, 1] > 0.8
    np.testing.assert_array_equal(moods_curve(shelf), [[2, 2], [1, 1]])
    assert [check.is_heard for check in stated_checks(shelf)] == [True, False]


def test_a_mood_that_is_not_heard_is_the_mean_and_that_is_said(shelf: FeatureShelf, songs: Entities) -> None:
    table(shelf)
    report = made(shelf, songs, contents(HEARD), Ears())
    assert report.notes[0].startswith(
        "heard in 12 given songs that were not learned from (r and its 95% interval): v"
    )
    assert report.notes[0].endswith("by ears")
    assert report.notes[1].startswith("not heard better than by chance in 12 given songs")
    assert report.notes[1].endswith(": energy; the mean stands there")
    found = moods_of(shelf, songs, contents(HEARD))
    np.testing.assert_allclose(found.block.values[found.heard, 1], TRUE[:TOLD, 1].mean(), rtol=1e-5)
    assert np.ptp(found.block.values[found.heard, 0]) > 1


def test_each_mood_is_heard_by_who_hears_it_best(shelf: FeatureShelf, songs: Entities) -> None:
    table(shelf)
    of, last = contents(HEARD), np.arange(N) == N - 1
    report = made(shelf, songs, of, Ears(0, name="first"), Ears(1, name="second", knows=~last))
    assert re.fullmatch(
        r".*: valence 0\.\S+ \[.*\] by first, energy 0\.\S+ \[.*\] by second", report.notes[0]
    )
    found = moods_of(shelf, songs, of)
    assert found.heard[last].all()
    for mood in range(2):
        heard = found.heard & ~last
        assert np.corrcoef(found.block.values[heard, mood], TRUE[heard, mood])[0, 1] > 0.8
    # Of a song that the better learner does not know, who hears nothing is not asked.
    np.testing.assert_allclose(found.block.values[last, 1], TRUE[:TOLD, 1].mean(), rtol=1e-5)


def test_who_hears_by_chance_does_not_come_before_who_hears(shelf: FeatureShelf, songs: Entities) -> None:
    table(shelf)
    of, wide = contents(HEARD), Ears(name="wide")
    made(shelf, songs, of, wide)
    alone = moods_of(shelf, songs, of).block.values
    # It is right about all that it knows, but knows three of the songs apart: too few to be more than chance.
    ((_, apart),) = wide.lessons
    narrow = Ears(name="narrow", noise=0, knows=~np.isin(np.arange(N), apart[3:]))
    report = made(shelf, songs, of, narrow, wide)
    assert re.fullmatch(r"heard in .*: valence 0\.\S+ \[.*\] by wide", report.notes[0])
    assert report.notes[1].endswith(": energy; the mean stands there")
    assert stated_checks(shelf)[0].is_heard
    np.testing.assert_array_equal(moods_of(shelf, songs, of).block.values, alone)


def test_who_refits_learns_from_the_songs_apart_as_well(shelf: FeatureShelf, songs: Entities) -> None:
    table(shelf, N)
    ears = Ears(refits=True)
    made(shelf, songs, contents(np.ones(N, bool)), ears)
    (test, final) = ears.lessons
    assert (len(test[0]), len(test[1])) == (48, 12)
    assert (len(final[0]), len(final[1])) == (60, 0)


@pytest.mark.parametrize(("told", "apart"), [(20, 10), (30, 12), (60, 12)])
def test_how_many_are_set_apart(shelf: FeatureShelf, songs: Entities, told: int, apart: int) -> None:
    table(shelf, told)
    ears = Ears()
    made(shelf, songs, contents(np.ones(N, bool)), ears)
    assert len(ears.lessons[0][1]) == apart


def test_who_cannot_be_asked_is_left_out_and_told(shelf: FeatureShelf, songs: Entities) -> None:
    def missing() -> Ears:
        raise MissingExtraError("deep", "hearing")

    table(shelf)
    of = contents(HEARD)
    known = TasteSongs(
        {}, Clips(songs.vocabulary, 8_000, 1, 10, np.array(sorted(of["clips"]), np.int32), np.zeros)
    )
    deaf = Ears(name="deaf", knows=np.zeros(N, bool))
    for _ in range(2):  # made, and then known
        report = featurize_moods(shelf, songs, known, of, [missing, lambda: deaf, Ears], seed=0)
        assert report.notes[-2].startswith("not asked: hearing needs")
        assert report.notes[-1] == "not asked: deaf: nothing is told"
    with pytest.raises(NoDataError, match="deaf: nothing is told"):
        featurize_moods(shelf, songs, known, of, [lambda: deaf], seed=0)


def test_it_is_done_once_and_anew_when_something_changes(shelf: FeatureShelf, songs: Entities) -> None:
    table(shelf)
    ears, of = Ears(), contents(HEARD)
    notes = made(shelf, songs, of, ears).notes
    again = made(shelf, songs, of, ears)
    assert (again.made, again.known) == ({"moods": 0}, {"moods": int(HEARD.sum())})
    assert again.notes == notes
    assert len(ears.lessons) == 1
    made(shelf, songs, contents(HEARD | (np.arange(N) == 0)), ears)  # another song has clips
    assert len(ears.lessons) == 2
    table(shelf, TOLD + 1)  # another song's moods are given
    made(shelf, songs, of, ears)
    assert len(ears.lessons) == 3
    made(shelf, songs, of, ears, seed=1)
    made(shelf, songs, of, Ears(name="other", lessons=ears.lessons), seed=1)
    assert len(ears.lessons) == 5
    assert len(shelf.moods().hashes()) == 1


def test_what_was_heard_from_another_table_does_not_count(shelf: FeatureShelf, songs: Entities) -> None:
    table(shelf)
    made(shelf, songs, contents(HEARD), Ears())
    table(shelf, TOLD - 1)
    assert not moods_of(shelf, songs, contents(HEARD)).heard.any()


def test_damaged_moods_are_left_out_and_made_again(shelf: FeatureShelf, songs: Entities) -> None:
    table(shelf)
    of = contents(HEARD)
    made(shelf, songs, of, Ears())
    (path,) = shelf.moods().folder.glob("*/*.npz")
    path.write_bytes(b"PK")
    assert not moods_of(shelf, songs, of).heard.any()
    assert made(shelf, songs, of, Ears()).made == {"moods": int(HEARD.sum())}
    assert moods_of(shelf, songs, of).heard.any()


def test_too_few_songs_and_none(shelf: FeatureShelf, songs: Entities) -> None:
    with pytest.raises(NoDataError, match="--moods FILE"):
        moods_of(shelf, songs, {})
    with pytest.raises(NoDataError, match="--moods FILE"):
        moods_curve(shelf)
    assert stated_checks(shelf) == []
    table(shelf, 22)  # of which 19 have clips
    with pytest.raises(NoDataError, match="here are 19"):
        made(shelf, songs, contents(HEARD), Ears())


def test_songs_that_are_not_stored_are_named(shelf: FeatureShelf, songs: Entities) -> None:
    table(shelf, more="".join(f"t{row},0,0\n" for row in range(5)) + "test:s99,0,0\nfiles:s00,9,9\n")
    notes = made(shelf, songs, contents(HEARD), Ears()).notes
    assert (
        "moods of songs that are not stored are not used: 't0' in line 42, 't1' in line 43, 't2' in line 44 and 3 more"
        in notes
    )
    assert "moods of songs that are songs of earlier lines are not used: 'files:s00' in line 48" in notes


def test_how_well_a_mood_is_heard() -> None:
    random = np.random.default_rng(1)
    given = random.normal(size=200).astype(np.float32)
    good = Correlation.of(given + random.normal(size=200).astype(np.float32), given)
    assert 0 < good.low < good.r < good.high < 1
    # Fisher: of 200 pairs, the interval's half width is 1.96/√197 about z.
    assert math.atanh(good.high) - math.atanh(good.r) == pytest.approx(1.96 / math.sqrt(197))
    assert Correlation.of(given, given).is_heard
    assert not Correlation.of(-given, given).is_heard
    assert not Correlation.of(given[:3], given[:3]).is_heard  # three points say nothing
    assert math.isnan(Correlation.of(np.full(9, 0.1, np.float32), given[:9]).r)
