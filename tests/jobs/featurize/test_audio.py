"""Featurize audio: each recording once, by workers, resumable, refusals recorded."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from features.audio.signals import musical, noise, sine
from jobs.featurize.libraries import entry, library, no_blobs, put, recording
from zetdard.errors import StoreError
from zetdard.features.audio.clips import ClipConfig
from zetdard.features.audio.descriptors import describe
from zetdard.features.audio.hearing import CLIPS, DESCRIPTORS, Hearing
from zetdard.features.audio.sampling import Sampling
from zetdard.jobs.featurize.audio import featurize_audio
from zetdard.jobs.featurize.report import FeatureReport
from zetdard.jobs.featurize.shelf import FeatureShelf
from zetdard.jobs.featurize.workers import Workers
from zetdard.records import AudioFile, MusicFile, Song
from zetdard.store.store import Store

ONE = Workers(processes=1, seconds=60)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(f"sqlite:///{tmp_path / 'store.sqlite3'}")


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    folder = tmp_path / "music"
    folder.mkdir()
    return {
        "tone": recording(folder / "tone.wav", sine(440, 2)),
        "song": recording(folder / "晴天.wav", musical(3)),
        "noise": recording(folder / "noise.wav", noise(2)),
    }


@pytest.fixture
def shelf(tmp_path: Path) -> FeatureShelf:
    return FeatureShelf(tmp_path / "features", Hearing(clips=ClipConfig(rate=8_000, seconds=0.5, count=3)))


def run(store: Store, shelf: FeatureShelf, *kinds: str, retry: bool = False) -> FeatureReport:
    blobs = no_blobs(shelf.folder.parent)
    return featurize_audio(store, shelf, blobs, kinds or (DESCRIPTORS,), workers=ONE, retry=retry)


def test_every_recording_is_described_as_it_is_by_itself(
    store: Store, shelf: FeatureShelf, files: dict[str, Path]
) -> None:
    contents = library(store, files)
    report = run(store, shelf, DESCRIPTORS, CLIPS)
    assert (report.made, report.known) == ({DESCRIPTORS: 3, CLIPS: 3}, {DESCRIPTORS: 0, CLIPS: 0})
    assert report.refused == []
    for song, path in files.items():
        found = shelf.audio(DESCRIPTORS).read(contents[song])["values"]
        # Another number of threads adds in another order.
        np.testing.assert_allclose(found, describe(path).vector, rtol=1e-4, atol=1e-4)
    clips = shelf.audio(CLIPS).open_one(contents["tone"])
    assert clips.shape == (3, 2, 4_000)
    assert 0.45 < np.abs(clips).max() / 32_767 < 0.55


def test_what_is_done_is_not_done_again_and_what_is_new_is(
    store: Store, shelf: FeatureShelf, files: dict[str, Path], tmp_path: Path
) -> None:
    library(store, files)
    run(store, shelf)
    assert run(store, shelf).made == {DESCRIPTORS: 0}
    more = {**files, "more": recording(tmp_path / "more.wav", sine(220, 2))}
    library(store, more)
    report = run(store, shelf, DESCRIPTORS, CLIPS)
    assert (report.made, report.known) == ({DESCRIPTORS: 1, CLIPS: 4}, {DESCRIPTORS: 3, CLIPS: 0})
    excerpts = FeatureShelf(shelf.folder, Hearing(sampling=Sampling.spread(1, 1.0)))
    assert run(store, excerpts).made == {DESCRIPTORS: 4}


def test_the_same_recording_at_two_places_is_heard_once_and_a_lost_place_does_not_matter(
    store: Store, shelf: FeatureShelf, files: dict[str, Path], tmp_path: Path
) -> None:
    copy = tmp_path / "a copy.wav"
    copy.write_bytes(files["tone"].read_bytes())
    library(store, {"tone": files["tone"], "again": copy})
    copy.unlink()
    report = run(store, shelf)
    assert report.made == {DESCRIPTORS: 1}
    assert report.refused == []


def test_a_recording_that_came_from_a_service_is_heard_too(
    store: Store, shelf: FeatureShelf, files: dict[str, Path], tmp_path: Path
) -> None:
    blobs = no_blobs(tmp_path)
    kept = blobs.keep("x", lambda start: iter([files["tone"].read_bytes()[start:]]))
    put(
        store,
        Song(id="s", title="s"),
        AudioFile(song="s", sha256=kept.sha256, size=kept.size, format="wav", place=kept.place),
    )
    assert run(store, shelf).made == {DESCRIPTORS: 1}
    assert shelf.audio(DESCRIPTORS).hashes() == {kept.sha256: ".npz"}


def test_a_bad_recording_is_refused_with_its_reason_and_only_tried_again_when_asked(
    store: Store, shelf: FeatureShelf, files: dict[str, Path], tmp_path: Path
) -> None:
    short = recording(tmp_path / "short.wav", sine(440, 0.2))
    cut = tmp_path / "cut.wav"
    cut.write_bytes(files["song"].read_bytes()[:50_000])
    contents = library(store, {**files, "short": short, "cut": cut})
    for _ in range(2):
        report = run(store, shelf)
        assert {(one.song, one.reason) for one in report.refused} == {
            ("files:short", "too-short"),
            ("files:cut", "truncated"),
        }
        assert {one.place for one in report.refused} == {str(short), str(cut)}
    assert report.made == {DESCRIPTORS: 0}
    shelf.audio(DESCRIPTORS).forget(contents["tone"])
    shelf.audio(DESCRIPTORS).refuse(contents["tone"], "damaged", "by chance")
    assert run(store, shelf).made == {DESCRIPTORS: 0}
    assert run(store, shelf, retry=True).made == {DESCRIPTORS: 1}


def test_a_file_that_is_gone_or_changed_is_named_and_comes_back(
    store: Store, shelf: FeatureShelf, files: dict[str, Path]
) -> None:
    library(store, files)
    away = files["tone"].rename(files["tone"].with_suffix(".away"))
    recording(files["noise"], sine(100, 2))
    report = run(store, shelf)
    assert {(one.song, one.reason) for one in report.refused} == {
        ("files:tone", "missing"),
        ("files:noise", "changed"),
    }
    assert report.made == {DESCRIPTORS: 1}
    away.rename(files["tone"])
    assert run(store, shelf).made == {DESCRIPTORS: 1}


def test_files_that_the_import_refused_are_not_heard(
    store: Store, shelf: FeatureShelf, files: dict[str, Path]
) -> None:
    library(store, files)
    put(
        store,
        entry(files["tone"], "tone"),
        MusicFile(playlist="folder", uri="file:///x.mp3", size=0, modified_ns=0, reason="empty"),
    )
    assert run(store, shelf).made == {DESCRIPTORS: 1}


KILLED = """
import sys
from pathlib import Path
from zetdard.features.audio.hearing import DESCRIPTORS, Hearing
from zetdard.jobs.featurize.audio import featurize_audio
from zetdard.jobs.featurize.shelf import FeatureShelf
from zetdard.jobs.featurize.workers import Workers
from zetdard.store.blobs import Blobs
from zetdard.store.store import Store

if __name__ == "__main__":
    folder = Path(sys.argv[1])

    def die(message, done, total):
        if done == 4:
            import os, signal
            os.kill(os.getpid(), signal.SIGKILL)

    with Store.open(f"sqlite:///{folder / 'store.sqlite3'}") as store:
        featurize_audio(
            store,
            FeatureShelf(folder / "features"),
            Blobs(folder / "blobs"),
            [DESCRIPTORS],
            workers=Workers(processes=2),
            progress=die,
        )
"""


def test_a_run_that_is_killed_repeats_at_most_one_recording_for_each_worker(
    store: Store, tmp_path: Path
) -> None:
    files = {f"s{n}": recording(tmp_path / f"{n}.wav", sine(100 + 10 * n, 2)) for n in range(9)}
    library(store, files)
    (tmp_path / "run.py").write_text(KILLED)
    done = subprocess.run(
        [sys.executable, tmp_path / "run.py", tmp_path],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONWARNINGS": "error"},
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    shelf = FeatureShelf(tmp_path / "features")
    kept = len(shelf.audio(DESCRIPTORS).hashes())
    assert 4 <= kept < 9
    report = run(store, shelf)
    # Four were told; what the two workers finished after that is kept too, and nothing is done twice.
    assert report.known[DESCRIPTORS] + report.made[DESCRIPTORS] == 9
    assert report.made[DESCRIPTORS] <= 9 - kept


def test_a_worker_that_is_killed_while_it_writes_leaves_nothing_half(
    store: Store, shelf: FeatureShelf, files: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    library(store, files)
    monkeypatch.setenv("ZETDARD_FAILPOINT", "array-written:2")
    report = run(store, shelf)
    assert [one.reason for one in report.refused] == ["crashed"]
    assert report.made == {DESCRIPTORS: 2}
    monkeypatch.delenv("ZETDARD_FAILPOINT")
    assert run(store, shelf, retry=True).made == {DESCRIPTORS: 1}
    assert set(shelf.audio(DESCRIPTORS).hashes().values()) == {".npz"}


def test_what_says_nothing_about_the_recording_is_not_remembered(
    store: Store, shelf: FeatureShelf, files: dict[str, Path]
) -> None:
    library(store, files)
    blobs = no_blobs(shelf.folder.parent)
    slow = featurize_audio(store, shelf, blobs, [DESCRIPTORS], workers=Workers(1, seconds=0.001))
    assert {one.reason for one in slow.refused} == {"time-limit"}
    assert shelf.audio(DESCRIPTORS).hashes() == {}
    assert run(store, shelf).made == {DESCRIPTORS: 3}


def test_half_a_second_has_clips_and_no_descriptors(
    store: Store, shelf: FeatureShelf, tmp_path: Path
) -> None:
    library(store, {"short": recording(tmp_path / "short.wav", sine(440, 0.5))})
    report = run(store, shelf, DESCRIPTORS, CLIPS)
    assert report.made == {DESCRIPTORS: 0, CLIPS: 1}
    assert [one.reason for one in report.refused] == ["too-short"]


def test_a_full_disk_ends_the_run(
    store: Store, files: dict[str, Path], shelf: FeatureShelf, tmp_path: Path
) -> None:
    contents = library(store, files)
    folder = shelf.audio(DESCRIPTORS).folder
    folder.mkdir(parents=True)
    for sha256 in contents.values():
        (folder / sha256[:2]).write_bytes(b"a file where a folder would be: nothing can be written")
    with pytest.raises(StoreError):
        run(store, shelf)


def test_progress_counts_the_recordings(store: Store, shelf: FeatureShelf, files: dict[str, Path]) -> None:
    library(store, files)
    told: list[tuple[int, int | None]] = []
    featurize_audio(
        store,
        shelf,
        no_blobs(shelf.folder.parent),
        [DESCRIPTORS],
        workers=ONE,
        progress=lambda _, done, total: told.append((done, total)),
    )
    assert told == [(1, 3), (2, 3), (3, 3)]
