"""How glad or sad words are: one interface for Chinese and English, with how far it may be trusted.

==========  ====================================================================================================
Chinese     our lexicon of emotion words with its negations; SnowNLP only where no such word occurs, and then with
            little confidence: it has learnt from reviews of goods, calls 我很难过想哭 (I am sad and want to cry) 93%
            positive, and does not see the 不 of 我不快乐 (I am not happy)
English     VADER (Hutto & Gilbert, ICWSM 2014), our lexicon where VADER knows no word
emoji       a small table of our own, the same in every language
others      nothing is said: valence 0, confidence 0
==========  ====================================================================================================

A line in which both languages occur is taken apart. Opinions with valences v_i and confidences c_i join into::

    valence     V = Σ c_i v_i / Σ c_i
    confidence  C = W / (W + 1/2) · (1 + agreement) / 2,   W = Σ c_i,   agreement = |Σ c_i v_i| / Σ c_i |v_i|
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from zetdard.errors import InputError
from zetdard.features.lyrics.emotions import count_emotions
from zetdard.features.lyrics.libraries import load_library, once
from zetdard.features.lyrics.words import simplified, words_of


@dataclass(frozen=True, slots=True)
class Sentiment:
    """An opinion on how glad words are.

    Attributes:
        valence: −1 (sad, angry) to 1 (glad).
        confidence: 0 (nothing is known) to 1.
        method: What it comes from, parted by ``+``: ``lexicon``, ``snownlp``, ``vader``, ``emoji``; ``none``.
    """

    valence: float
    confidence: float
    method: str

    def __post_init__(self) -> None:
        if not (-1 <= self.valence <= 1 and 0 <= self.confidence <= 1):
            raise InputError(f"valence {self.valence} or confidence {self.confidence} is out of range")


NOTHING: Final = Sentiment(0.0, 0.0, "none")
_HAN: Final = re.compile(r"[\u3400-\u9fff]")
_LATIN: Final = re.compile(r"[A-Za-z]")
_CLAUSES: Final = re.compile(r"[,，.。;；!！?？…—~～:：、\n]+")
_EMOJI: Final = MappingProxyType(
    dict.fromkeys("😀😃😄😁😆😊🙂😍🥰😘😎🤗🥳🎉❤💕💖💗💓💛💙💚💜🧡👍✨🌈🌞☀😇😂😻💃🕺🌹", 0.8)
    | dict.fromkeys("😢😭😞😔😟🙁☹😣😖😫😩😿💔😡😠🤬👎😰😨😱🥀😥😓🖤", -0.8)
    | {"🤣": 0.7, "🥺": -0.4, "😐": -0.1, "😒": -0.5, "🌧": -0.3}
)
_SIGNS: Final = re.compile(r"[:;=][-']?[)D]|\^[_.]?\^|哈哈哈+|2333+")
_SAD_SIGNS: Final = re.compile(r"[:=]['‘’]?-?\(|T[_.]T|QAQ|呜呜呜*")
_MOST_LINES: Final = 400
_MOST_CHARACTERS: Final = 2000
_SNOW_TRUST: Final = 0.1
_VADER_TRUST: Final = 0.9
_LEXICON_TRUST: Final = 0.8
_HALF: Final = 0.5


def sentiment(text: str, language: str | None = None) -> Sentiment:
    """Score a text of one or many lines; see the module for what each language gets.

    Args:
        text: Words without stamps and credits. Of more than 400 lines, 400 evenly spaced ones are scored.
        language: ISO 639-1 code; only ``zh`` and ``en`` are scored. ``None`` goes by the script of each part, so that
            any text in Latin letters counts as English.

    Raises:
        MissingExtraError: A library of the ``[lyrics]`` extra is not installed.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    return combine(sentiment_of_lines(lines, None if language is None else [language] * len(lines)))


def sentiment_of_lines(lines: Sequence[str], languages: Sequence[str] | None = None) -> list[Sentiment]:
    """Score each line; of more than 400, 400 evenly spaced ones. Repeated lines are scored each time they come.

    Args:
        lines: The lines.
        languages: The language of each line, or ``None`` to go by script.

    Raises:
        InputError: The two differ in length.
        MissingExtraError: A library of the ``[lyrics]`` extra is not installed.
    """
    if languages is not None and len(languages) != len(lines):
        raise InputError(f"{len(lines)} lines have {len(languages)} languages")
    step = max(1, math.ceil(len(lines) / _MOST_LINES))
    known: dict[tuple[str, str | None], Sentiment] = {}
    found = []
    for place in range(0, len(lines), step):
        key = (lines[place], None if languages is None else languages[place])
        if key not in known:
            known[key] = _of_line(*key)
        found.append(known[key])
    return found


def combine(opinions: Sequence[Sentiment]) -> Sentiment:
    """Join opinions into one by the formula of the module; none, or none with confidence, give ``NOTHING``."""
    heard = [opinion for opinion in opinions if opinion.confidence > 0]
    weight = math.fsum(opinion.confidence for opinion in heard)
    if not weight:
        return NOTHING
    if len(heard) == 1:
        return heard[0]
    pull = math.fsum(opinion.confidence * opinion.valence for opinion in heard)
    strength = math.fsum(opinion.confidence * abs(opinion.valence) for opinion in heard)
    agreement = abs(pull) / strength if strength else 1.0
    methods = sorted({part for opinion in heard for part in opinion.method.split("+")})
    valence = min(1.0, max(-1.0, pull / weight))
    return Sentiment(
        valence, min(1.0, weight / (weight + _HALF) * (1 + min(1.0, agreement)) / 2), "+".join(methods)
    )


def _of_line(line: str, language: str | None) -> Sentiment:
    line = line[:_MOST_CHARACTERS]
    opinions = []
    glad = [_EMOJI[sign] for sign in line if sign in _EMOJI]
    glad += [0.6] * len(_SIGNS.findall(line)) + [-0.6] * len(_SAD_SIGNS.findall(line))
    if glad:
        opinions.append(Sentiment(sum(glad) / len(glad), _trust(_LEXICON_TRUST, len(glad)), "emoji"))
    # English words within a Chinese line are English, and the other way round.
    scored = language in (None, "zh", "en")
    if scored and _HAN.search(line):
        opinions.append(_chinese(line))
    if scored and _LATIN.search(line):
        opinions.append(
            _english("".join(sign for sign in line if sign not in _EMOJI and not _HAN.match(sign)))
        )
    return combine(opinions)


def _chinese(line: str) -> Sentiment:
    text = " ".join(re.findall(r"[^A-Za-z]+", simplified(line)))
    valences = _lexicon(text)
    if valences:
        return Sentiment(sum(valences) / len(valences), _trust(_LEXICON_TRUST, len(valences)), "lexicon")
    glad = 2 * float(_snow().classify(text)) - 1
    return Sentiment(max(-1.0, min(1.0, glad)), _SNOW_TRUST * min(1.0, abs(glad)), "snownlp")


def _english(line: str) -> Sentiment:
    scores = _vader().polarity_scores(line.replace("’", "'"))
    glad, told = float(scores["compound"]), 1 - float(scores["neu"])
    if glad:
        return Sentiment(
            max(-1.0, min(1.0, glad)),
            _VADER_TRUST * math.sqrt(min(1.0, told)) * min(1.0, 4 * abs(glad)),
            "vader",
        )
    valences = _lexicon(line)
    if valences:
        return Sentiment(sum(valences) / len(valences), _trust(_HALF, len(valences)), "lexicon")
    return NOTHING


def _lexicon(text: str) -> tuple[float, ...]:
    words: list[str] = []
    for clause in _CLAUSES.split(text):
        words += [*words_of(clause), ""]  # a negation does not reach beyond its clause
    return count_emotions(words).valences


def _trust(most: float, n: int) -> float:
    """Return most · n / (n + 1/2): one word of emotion says two thirds of what many say."""
    return most * n / (n + _HALF)


@once
def _vader() -> Any:
    return load_library("vaderSentiment.vaderSentiment", "scoring English").SentimentIntensityAnalyzer()


@once
def _snow() -> Any:
    return load_library("snownlp.sentiment", "scoring Chinese")
