"""What is on disk, put together by the songs of a dataset."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from features.audio.signals import sine
from jobs.featurize.libraries import library, lyric, no_blobs, put, recording
from store.facts import ALL_RELATIONS
from zetdard.data.traits import SongTraits
from zetdard.errors import NoDataError
from zetdard.features.audio.clips import ClipConfig
from zetdard.features.audio.descriptors import DESCRIPTOR_NAMES
from zetdard.features.audio.hearing import CLIPS, DESCRIPTORS, MUSICNN, Hearing
from zetdard.features.audio.musicnn import TAGS
from zetdard.features.lyrics.wording import LYRICS, lyric_hash
from zetdard.jobs.featurize.network import featurize_network, network_block
from zetdard.jobs.featurize.shelf import FeatureShelf
from zetdard.jobs.featurize.traits import SongFeatures
from zetdard.records import Lyric, LyricState, Song
from zetdard.store.arrays import ArrayFolder
from zetdard.store.store import Store

RNG = np.random.default_rng(0)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(f"sqlite:///{tmp_path / 'store.sqlite3'}")


@pytest.fixture
def shelf(tmp_path: Path) -> FeatureShelf:
    return FeatureShelf(tmp_path / "features", Hearing(clips=ClipConfig(rate=8_000, seconds=0.5, count=2)))


@pytest.fixture
def contents(store: Store, tmp_path: Path) -> dict[str, str]:
    """Songs c, a, b with recordings, and d without."""
    folder = tmp_path / "music"
    folder.mkdir()
    files = {
        song: recording(folder / f"{song}.wav", sine(100 * n, 1)) for n, song in enumerate("cab", start=1)
    }
    made = library(store, files)
    put(store, Song(id="d", title="d"))
    return made


def heard(shelf: FeatureShelf, sha256: str, number: float) -> None:
    shelf.audio(DESCRIPTORS).write(sha256, {"values": np.full(141, number, np.float32) * np.arange(141)})
    shelf.audio(MUSICNN).write(
        sha256,
        {
            "mean": RNG.standard_normal(200).astype(np.float32),
            "spread": np.ones(200, np.float32),
            "tags": np.full(50, number / 10, np.float32),
        },
    )


def read(
    text: str, tokens: list[str], meaning: int
) -> tuple[Lyric, dict[str, np.ndarray[tuple[int, ...], np.dtype[np.generic]]]]:
    direction = np.zeros(512, np.float32)
    direction[meaning] = 1
    record = Lyric(song="x", state=LyricState.PRESENT, text=text)
    return record, {
        "values": np.zeros(28, np.float32),
        "meaning": direction,
        "tokens": np.array(tokens),
        "present": np.array(True),
    }


def features(store: Store, shelf: FeatureShelf) -> SongFeatures:
    return SongFeatures(store, store.dataset(ALL_RELATIONS), shelf, no_blobs(shelf.folder.parent))


def test_nothing_made_is_nothing_known(store: Store, shelf: FeatureShelf, contents: dict[str, str]) -> None:
    traits = features(store, shelf).traits()
    assert traits == SongTraits() or (traits.sound, traits.words, traits.tags, traits.lexicon) == (None,) * 4
    with pytest.raises(NoDataError, match="--clips"):
        features(store, shelf).clips()


def test_rows_are_the_songs_whatever_the_order_on_disk(
    store: Store, shelf: FeatureShelf, contents: dict[str, str]
) -> None:
    for number, song in enumerate("ab", start=1):
        heard(shelf, contents[song], number)
    made = features(store, shelf)
    block = made.descriptors()
    assert block.columns == DESCRIPTOR_NAMES
    assert block.present is not None
    assert block.present.tolist() == [True, True, False, False]
    assert block.values[:, 2].tolist() == [2, 4, 0, 0]
    assert made.tags().values[:, 0] == pytest.approx([0.1, 0.2, 0, 0])
    assert made.tags().columns == TAGS
    assert made.recording(0) == Path(f"{shelf.folder.parent}/music/a.wav")
    assert made.recording(3) is None
    traits = made.traits()
    traits.check(store.dataset(ALL_RELATIONS).songs.vocabulary)
    assert traits.sound is not None
    assert traits.descriptors is not None
    heard(shelf, contents["c"], 3)
    assert features(store, shelf).descriptors().values[:, 2].tolist() == [2, 4, 6, 0]


def test_sound_is_read_once_where_there_are_no_clips(
    store: Store, shelf: FeatureShelf, contents: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    heard(shelf, contents["a"], 1)
    read: list[str] = []
    table = ArrayFolder.table

    def counted(folder: ArrayFolder, array: str, names: list[str]) -> np.ndarray:
        read.append(array)
        return table(folder, array, names)

    monkeypatch.setattr(ArrayFolder, "table", counted)
    sound = features(store, shelf).sound()
    assert read == ["values", "mean"]
    assert sound.clips is None
    assert list(sound.blocks) == [DESCRIPTORS, MUSICNN]
    assert [block.known.sum() for block in sound.blocks.values()] == [1, 1]


def test_silence_is_like_nothing(store: Store, shelf: FeatureShelf, contents: dict[str, str]) -> None:
    for number, song in enumerate("abc", start=1):
        heard(shelf, contents[song], number)
    sha256 = contents["b"]
    silent = shelf.audio(DESCRIPTORS).read(sha256)["values"]
    silent[DESCRIPTOR_NAMES.index("loudness (LUFS)")] = -70
    shelf.audio(DESCRIPTORS).write(sha256, {"values": silent})
    traits = features(store, shelf).traits()
    for block in (traits.sound, traits.tags):
        assert block is not None
        assert block.present is not None
        assert block.present.tolist() == [True, False, True, False]
    assert traits.descriptors is not None
    assert traits.descriptors.values[1].any()  # what was measured stays


def test_damaged_features_are_left_out_and_made_again_another_time(
    store: Store, shelf: FeatureShelf, contents: dict[str, str]
) -> None:
    for number, song in enumerate("abc", start=1):
        heard(shelf, contents[song], number)
    for song in "ab":
        sha256 = contents[song]
        (shelf.audio(DESCRIPTORS).folder / sha256[:2] / f"{sha256[2:]}.npz").write_bytes(b"")
    block = features(store, shelf).descriptors()
    assert block.present is not None
    assert block.present.tolist() == [False, False, True, False]


def test_of_two_recordings_of_a_song_the_one_that_was_heard_counts(
    store: Store, shelf: FeatureShelf, tmp_path: Path
) -> None:
    first = recording(tmp_path / "1.wav", sine(100, 1))
    second = recording(tmp_path / "2.wav", sine(200, 1))
    library(store, {"a": first})
    from jobs.featurize.libraries import entry

    put(store, entry(first, "a"), entry(second, "a"))
    heard(shelf, entry(second, "a").sha256 or "", 5)
    assert features(store, shelf).descriptors().values[0, 1] == 5


def test_words_and_meaning_make_a_space_and_a_lexicon(store: Store, shelf: FeatureShelf) -> None:
    texts = {
        "a": read("1", ["月亮", "故乡", "想念"], 0),
        "b": read("2", ["月亮", "故乡", "夜"], 0),
        "c": read("3", ["sun", "夜"], 1),
        "d": read("4", ["sun", "happy"], 1),
    }
    put(store, *(record for song, (found, _) in texts.items() for record in lyric(song, found.text or "")))
    put(store, Song(id="e", title="e"), Lyric(song="e", state=LyricState.INSTRUMENTAL))
    for found, arrays in texts.values():
        shelf.lyrics().write(lyric_hash(found), arrays)
    for _ in range(2):  # made, and then kept
        made = features(store, shelf)
        traits = made.traits()
        assert traits.words is not None
        assert traits.words.present is not None
        assert traits.words.present.tolist() == [True] * 4 + [False]
        cosines = traits.words.values @ traits.words.values.T
        assert cosines[0, 1] > cosines[0, 2] > cosines[0, 3] - 1e-6
        assert cosines[2, 3] > cosines[2, 1]
        assert traits.lexicon is not None
        row = traits.lexicon.weights[[0]]
        words = {traits.lexicon.names[column] for column in row.indices}
        assert words == {"月亮", "故乡"}  # what no other song says joins nothing
        assert traits.lexicon.weights[[4]].nnz == 0
    assert made.meanings().values[:, 0].tolist() == [1, 1, 0, 0, 0]
    assert made.lyric_numbers().provenance["extractor"] == LYRICS


def test_lyrics_that_share_no_word_still_have_a_meaning(store: Store, shelf: FeatureShelf) -> None:
    for song, (found, arrays) in {"a": read("1", ["x"], 0), "b": read("2", ["y"], 0)}.items():
        put(store, *lyric(song, found.text or ""))
        shelf.lyrics().write(lyric_hash(found), arrays)
    traits = features(store, shelf).traits()
    assert traits.lexicon is None
    assert traits.words is not None
    assert traits.words.values[0] @ traits.words.values[1] == pytest.approx(1)


def test_clips_are_opened_by_row(store: Store, shelf: FeatureShelf, contents: dict[str, str]) -> None:
    shelf.audio(CLIPS).write_one(contents["b"], np.full((2, 2, 4_000), 7, np.int16))
    clips = features(store, shelf).clips()
    assert clips.present.tolist() == [1]
    assert (clips.rate, clips.count, clips.frames) == (8_000, 2, 4_000)
    assert clips.of(1)[1, 1, -1] == 7
    assert isinstance(clips.of(1), np.memmap)


def test_the_network_is_described_once_for_one_state_of_what_is_held(
    store: Store, shelf: FeatureShelf, contents: dict[str, str], tmp_path: Path
) -> None:
    dataset = store.dataset(ALL_RELATIONS)
    assert featurize_network(dataset, shelf).made == {"network": 4}
    report = featurize_network(dataset, shelf)
    assert (report.made, report.known) == ({"network": 0}, {"network": 4})
    block = network_block(dataset, shelf)
    assert block.present is not None
    assert block.present.tolist() == [True, True, True, False]
    assert block.columns[-1] == "holders (ln(1 + n))"
    library(store, {"a": recording(tmp_path / "x.wav", sine(50, 1))})
    assert featurize_network(store.dataset(ALL_RELATIONS), shelf).made == {"network": 4}
    assert len(shelf.network().hashes()) == 1
    empty = Store.open(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    with pytest.raises(NoDataError):
        featurize_network(empty.dataset(ALL_RELATIONS), shelf)
