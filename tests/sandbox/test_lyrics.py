"""The words of invented songs are sound LRC, and say as much of the song as the config wants."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace

import numpy as np
import pytest

from sandbox.probes import told
from zetdard.records import Lyric, LyricState
from zetdard.sandbox import World, WorldConfig, generate
from zetdard.sandbox.config import GENRES
from zetdard.sandbox.music import NOBODY
from zetdard.sandbox.words import ACTS, GENRE_WORDS, LOOKS

LINE = re.compile(r"\[(\d\d):([0-5]\d)\.(\d\d)\](.+)")
WORDS = [pair for pairs in (*GENRE_WORDS.values(), *LOOKS.values(), *ACTS.values()) for pair in pairs]
CONFIG = WorldConfig(n_users=2, n_songs=800, n_artists=100)


@pytest.fixture(scope="module")
def world() -> World:
    return generate(CONFIG)


def times(text: str) -> list[int]:
    found = [LINE.fullmatch(line) for line in text.split("\n")]
    assert all(found), text
    return [6000 * int(line[1]) + 100 * int(line[2]) + int(line[3]) for line in found if line]


def counted(world: World) -> tuple[list[int], np.ndarray]:
    """Rows of the songs that are nobody's version or cover and have words, and how often each word comes."""
    rows, counts = [], []
    for row, original in enumerate(world.music.song_originals.tolist()):
        text = world.lyric(row).text
        if original == NOBODY and text is not None:
            rows.append(row)
            counts.append([text.count(zh) + text.count(en) for zh, en in WORDS])
    return rows, np.array(counts, dtype=float)


@pytest.mark.smoke
def test_lines_are_lrc_within_the_song(world: World) -> None:
    present = 0
    for row in range(300):
        text = world.lyric(row).text
        if text is not None:
            present += 1
            found = times(text)
            assert found == sorted(found)
            assert found[-1] * 10 < world.music_labels.durations_ms[row]
    assert present > 200


def test_a_translation_says_the_same_at_the_same_times(world: World) -> None:
    translated = 0
    for row in range(world.config.n_songs):
        lyric = world.lyric(row)
        if lyric.text is None or lyric.translation is None:
            continue
        translated += 1
        own = [line for line in lyric.text.split("\n") if not line.startswith("[00:00.00]")]
        assert times("\n".join(own)) == times(lyric.translation)
        for line, other in zip(own, lyric.translation.split("\n"), strict=True):
            here = [number for number, pair in enumerate(WORDS) if pair[0] in line or pair[1] in line]
            there = [number for number, pair in enumerate(WORDS) if pair[0] in other or pair[1] in other]
            assert set(here) & set(there)
        assert lyric.translation.isascii() != lyric.text.isascii()
    assert translated > 50


def test_the_language_is_the_artists(world: World) -> None:
    for row, artist in enumerate(world.music.song_artists.tolist()):
        text = world.lyric(row).text
        if world.music.song_originals[row] == NOBODY and text is not None:
            assert text.isascii() != world.music_labels.artist_chinese[artist]


def test_some_songs_have_no_words_and_of_some_nobody_has_them(world: World) -> None:
    states = [world.lyric(row).state for row in range(world.config.n_songs)]
    assert 0.03 < states.count(LyricState.INSTRUMENTAL) / len(states) < 0.12
    assert 0.04 < states.count(LyricState.UNCOLLECTED) / len(states) < 0.13
    for row, title in enumerate(world.music_labels.titles):
        if "伴奏" in title or "Instrumental" in title:
            assert states[row] is LyricState.INSTRUMENTAL
        if states[row] is not LyricState.PRESENT:
            assert world.lyric(row).text is None
            assert world.lyric(row).translation is None


def test_a_version_and_a_cover_sing_the_words_of_their_original(world: World) -> None:
    compared = 0
    originals = world.music.song_originals
    for row in np.flatnonzero(originals != NOBODY).tolist():
        one, other = world.lyric(row), world.lyric(int(originals[row]))
        if one.text and other.text:
            assert [line[10:] for line in one.text.split("\n")] == [
                line[10:] for line in other.text.split("\n")
            ]
            compared += 1
    assert compared > 20


def test_words_tell_of_the_song_as_much_as_wanted() -> None:
    """So "do lyrics help?" has a known answer."""

    def learnt(strength: float) -> float:
        world = generate(replace(CONFIG, lyric_strength=strength))
        rows, counts = counted(world)
        return told(counts, world.music.song_latents[rows], ridge=100.0)

    none, some, much = learnt(0.0), learnt(0.4), learnt(1.0)
    assert none < 0.02
    assert some > none + 0.1
    assert much > some + 0.03


def test_words_are_those_of_the_genre_and_looks_follow_valence(world: World) -> None:
    rows, counts = counted(world)
    genres = world.music.song_genres[rows]
    sizes = [len(GENRE_WORDS[genre]) for genre in GENRES]
    begins = np.cumsum([0, *sizes])
    by_genre = np.stack(
        [counts[:, begin:end].sum(axis=1) for begin, end in itertools.pairwise(begins)], axis=1
    )
    assert (by_genre.argmax(axis=1) == genres).mean() > 0.5
    bright = counts[:, begins[-1] : begins[-1] + len(LOOKS[True])].sum(axis=1)
    assert np.corrcoef(bright, world.moods.songs[rows, 0])[0, 1] > 0.3


def test_records_state_the_lyrics(world: World) -> None:
    stated = [record for record in world.records() if isinstance(record, Lyric)]
    assert [record.song for record in stated] == list(world.music_labels.song_ids)
    drawn = world.lyric(7)
    assert (stated[7].state, stated[7].text, stated[7].translation) == (
        drawn.state,
        drawn.text,
        drawn.translation,
    )


def test_a_song_has_its_words_whoever_was_asked_before(world: World) -> None:
    assert generate(CONFIG).lyric(11) == world.lyric(11)


def test_words_are_distinct_in_each_language() -> None:
    """A word that two genres shared, or that is part of another, would blur the truth."""
    for language in (0, 1):
        words = [pair[language] for pair in WORDS]
        assert len(set(words)) == len(words)
