"""The words of invented songs: LRC lyrics, Chinese or English, that follow the song's genre and mood.

A line is a template with words in its gaps. Every template and word is there in both languages, so that a
translation says the same. No line is from a real song.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zetdard.records import LyricState
from zetdard.sandbox import names
from zetdard.sandbox.config import GENRES, WorldConfig
from zetdard.sandbox.labels import MusicLabels
from zetdard.sandbox.moods import ENERGY, VALENCE, Moods
from zetdard.sandbox.music import Floats, Ints, Music
from zetdard.sandbox.words import ACTS, GENRE_WORDS, LINES, LOOKS, Pair

_PART_LINES = 4
# Verse, chorus, verse, chorus: the chorus comes twice.
_FORM = (0, 1, 2, 1)
_N_PARTS = 3
SUNG_LINES = tuple(part * _PART_LINES + line for part in _FORM for line in range(_PART_LINES))
"""The composed lines in the order in which they are sung."""
_CREDITED_SHARE = 0.5
_CHINESE_TRANSLATED = 0.1
_WORDLESS_TITLES = ("伴奏", "Instrumental")
_MOOD_SLOPE = 1.5
_N_FACTS = 3
"""Numbers drawn before the lines: whether there are words, credits, a translation."""


@dataclass(frozen=True, slots=True)
class DrawnLyric:
    """The words of a song; texts are LRC, and ``None`` where the song has no words or the service lacks them.

    Attributes:
        state: Whether there are words.
        text: Lines ``[mm:ss.xx]text``.
        translation: The same lines in the other language, at the same times.
    """

    state: LyricState
    text: str | None = None
    translation: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """What each composed line says, before it is put into words.

    Attributes:
        genres: (lines, 2) genres of both nouns.
        bright: (lines,) whether the look is bright.
        lively: (lines,) whether the act is lively.
        choices: (lines, 5) numbers from 0 to 1 that choose the template and the words.
    """

    genres: Ints
    bright: NDArray[np.bool_]
    lively: NDArray[np.bool_]
    choices: Floats


def what_is_said(config: WorldConfig, moods: Moods, work: int) -> Said:
    """Return what the words of a work say, if it has words.

    Args:
        config: ``lyric_strength``.
        moods: What the words follow.
        work: Row of an original.
    """
    random = config.stream("words", work)
    random.random(_N_FACTS)
    return _draw_said(config, moods, work, random)


def draw_lyric(
    config: WorldConfig, music: Music, labels: MusicLabels, moods: Moods, song: int, work: int
) -> DrawnLyric:
    """Compose the words of a song.

    Versions and covers sing the words of their original, in its language, at times of their own.

    Args:
        config: The strengths.
        music: The songs.
        labels: Titles, durations and languages.
        moods: What the words follow.
        song: Row of the song.
        work: Row of its original, which is itself for most.
    """
    random = config.stream("words", work)
    wordless, credited, translated = random.random(_N_FACTS)
    title = labels.titles[song]
    if wordless < config.instrumental_share or any(word in title for word in _WORDLESS_TITLES):
        return DrawnLyric(state=LyricState.INSTRUMENTAL)
    own = config.stream("times of words", song)
    if own.random() < config.uncollected_share:
        return DrawnLyric(state=LyricState.UNCOLLECTED)
    chinese = bool(labels.artist_chinese[music.song_artists[work]])
    lines = _compose(config, moods, work, random)
    stamps = _stamps(own, int(labels.durations_ms[song]))
    credits = []
    if credited < _CREDITED_SHARE:
        # These people wrote nothing else, so that a credit says nothing of taste.
        credits = [
            f"[00:00.00]{job} : {names.person(random, chinese)}"
            for job in (("作词", "作曲") if chinese else ("Lyrics by", "Composed by"))
        ]
    language = 0 if chinese else 1
    text = "\n".join([*credits, *_timed(stamps, lines[language])])
    share = config.translated_share * (_CHINESE_TRANSLATED if chinese else 1.0)
    other = "\n".join(_timed(stamps, lines[1 - language])) if translated < share else None
    return DrawnLyric(state=LyricState.PRESENT, text=text, translation=other)


def _draw_said(config: WorldConfig, moods: Moods, work: int, random: np.random.Generator) -> Said:
    n = _N_PARTS * _PART_LINES
    follows = random.random((n, 4)) < config.lyric_strength
    chances = random.random((n, 4))
    choices = random.random((n, 5))
    # (n, 2): the genres of both nouns of each line.
    cumulative = np.cumsum(moods.genre_shares[work])
    near = np.searchsorted(cumulative / cumulative[-1], chances[:, :2], side="right")
    anywhere = (chances[:, :2] * config.n_genres).astype(np.int64)
    genres = np.where(follows[:, :2], np.minimum(near, config.n_genres - 1), anywhere)
    # (n, 2): how likely the look is bright and the act is lively.
    leaning = 1 / (1 + np.exp(-_MOOD_SLOPE * moods.songs[work, [VALENCE, ENERGY]]))
    high = chances[:, 2:] < np.where(follows[:, 2:], leaning, 0.5)
    return Said(genres, high[:, 0], high[:, 1], choices)


def _compose(
    config: WorldConfig, moods: Moods, work: int, random: np.random.Generator
) -> tuple[list[str], list[str]]:
    """Return the lines in Chinese and in English, chorus repeated."""
    said = _draw_said(config, moods, work, random)
    zh, en = [], []
    for line, choices in enumerate(said.choices):
        pattern = _one(LINES, choices[0])
        noun = _one(GENRE_WORDS[GENRES[said.genres[line, 0]]], choices[1])
        other = _one(GENRE_WORDS[GENRES[said.genres[line, 1]]], choices[2])
        look = _one(LOOKS[bool(said.bright[line])], choices[3])
        act = _one(ACTS[bool(said.lively[line])], choices[4])
        zh.append(pattern[0].format(noun=noun[0], other=other[0], look=look[0], act=act[0]))
        en.append(pattern[1].format(noun=noun[1], other=other[1], look=look[1], act=act[1]))
    return [zh[line] for line in SUNG_LINES], [en[line] for line in SUNG_LINES]


def _stamps(random: np.random.Generator, duration_ms: int) -> list[str]:
    """Return rising times ``[mm:ss.xx]`` within the song, one for each sung line."""
    n = len(_FORM) * _PART_LINES
    begin, end = 0.08 * duration_ms, 0.92 * duration_ms
    places = (np.arange(n) + 0.6 * random.random(n)) / n
    hundredths = ((begin + places * (end - begin)) / 10).astype(np.int64).tolist()
    return [f"[{at // 6000:02d}:{at // 100 % 60:02d}.{at % 100:02d}]" for at in hundredths]


def _timed(stamps: list[str], lines: list[str]) -> list[str]:
    return [stamp + line for stamp, line in zip(stamps, lines, strict=True)]


def _one(choices: tuple[Pair, ...], chance: float) -> Pair:
    return choices[int(chance * len(choices))]
