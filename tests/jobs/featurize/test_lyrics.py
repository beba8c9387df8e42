"""Featurize lyrics: each text once, kept whole, and put together as a space of words and meaning."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from jobs.featurize.libraries import lyric, put
from zetdard.features.lyrics.describe import LYRIC_NAMES
from zetdard.features.lyrics.wording import LYRICS, lyric_hash, word
from zetdard.jobs.featurize.lyrics import featurize_lyrics
from zetdard.jobs.featurize.shelf import FeatureShelf
from zetdard.records import Lyric, LyricState, Song
from zetdard.store.store import Store

MOON = "[00:01.00]月亮在天上\n[00:20.00]我想念故乡的月亮\n"
SUN = "The sun is shining\nI am so happy today\n"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(f"sqlite:///{tmp_path / 'store.sqlite3'}")


@pytest.fixture
def shelf(tmp_path: Path) -> FeatureShelf:
    return FeatureShelf(tmp_path / "features")


def test_a_text_is_read_once_and_kept(store: Store, shelf: FeatureShelf) -> None:
    put(store, *lyric("a", MOON), *lyric("b", SUN), *lyric("c", MOON))
    report = featurize_lyrics(store, shelf)
    assert (report.made, report.known, report.refused) == ({LYRICS: 2}, {LYRICS: 0}, [])
    assert featurize_lyrics(store, shelf).known == {LYRICS: 2}
    put(store, *lyric("b", SUN + "and the moon too\n"))
    assert featurize_lyrics(store, shelf).made == {LYRICS: 1}


def test_what_is_kept_is_what_the_text_says() -> None:
    moon = word(Lyric(song="a", state=LyricState.PRESENT, text=MOON))
    assert moon["values"].shape == (len(LYRIC_NAMES),)
    assert bool(moon["present"])
    assert "月亮" in moon["tokens"].tolist()
    assert np.linalg.norm(moon["meaning"]) == pytest.approx(1, abs=1e-5)
    silent = word(Lyric(song="a", state=LyricState.INSTRUMENTAL))
    assert not silent["present"]
    assert not silent["meaning"].any()
    assert silent["tokens"].shape == (0,)


def test_the_hash_is_of_the_text_and_not_of_the_song() -> None:
    one, other = (Lyric(song=song, state=LyricState.PRESENT, text=MOON) for song in "ab")
    assert lyric_hash(one) == lyric_hash(other)
    assert lyric_hash(one) != lyric_hash(Lyric(song="a", state=LyricState.PRESENT, text=SUN))
    assert lyric_hash(one) != lyric_hash(
        Lyric(song="a", state=LyricState.PRESENT, text=MOON, translation="moon")
    )


def test_songs_without_words_have_a_state_and_no_place(store: Store, shelf: FeatureShelf) -> None:
    put(store, Song(id="a", title="a"), Lyric(song="a", state=LyricState.UNCOLLECTED))
    assert featurize_lyrics(store, shelf).made == {LYRICS: 1}
