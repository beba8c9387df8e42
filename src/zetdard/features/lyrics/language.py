"""In which languages a lyric is, and how much of it is in each.

Writing systems decide where they can: kana is Japanese, hangul is Korean, Han characters are Chinese unless kana stand
near. Languages that share a script (Latin, Cyrillic, Arabic, Devanagari, Hebrew) are told apart by naive Bayes over
byte n-grams (py3langid, after Lui & Baldwin, "langid.py: An Off-the-shelf Language Identification Tool", ACL 2012),
among the languages that songs are sung in. A line of a song is short ("oh baby baby" alone looks Turkmen), so each
line is judged together with the song::

    language of a line = argmax over l of  s(line, l) + s(all lines in that script, l) / 2
    s(text, l)         = (log P(text | l) + head start of l) / sqrt(bytes of the text),  less the best l's
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from zetdard.features.lyrics.libraries import load_library, once

UNKNOWN: Final = "und"
"""The language of a text without letters, or in a script that no language here is written in."""

_SCRIPTS: Final = MappingProxyType(
    {
        "han": r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3005\u3007\U00020000-\U0003134f",
        "kana": r"\u3041-\u3096\u30a1-\u30fa\u30fc-\u30fe\u31f0-\u31ff\uff66-\uff9f",
        "hangul": r"\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7a3",
        "latin": r"A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff",
        "cyrillic": r"\u0400-\u052f",
        "arabic": r"\u0620-\u064a\u066e-\u06d3\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc",
        "hebrew": r"\u05d0-\u05ea",
        "devanagari": r"\u0900-\u097f",
        "thai": r"\u0e01-\u0e3a\u0e40-\u0e4e",
        "greek": r"\u0370-\u03ff\u1f00-\u1fff",
    }
)
_LETTERS: Final = {script: re.compile(f"[{ranges}]") for script, ranges in _SCRIPTS.items()}
_WORDS: Final = {
    script: re.compile(f"[{_SCRIPTS[script]}](?:['’]?[{_SCRIPTS[script]}])*")
    for script in ("latin", "cyrillic", "arabic", "hebrew", "devanagari", "greek", "hangul")
}
_ALONE: Final = MappingProxyType({"hangul": "ko", "thai": "th", "greek": "el"})
_SHARED: Final = MappingProxyType(
    {
        "latin": (
            "en",
            "fr",
            "es",
            "de",
            "it",
            "pt",
            "nl",
            "sv",
            "no",
            "da",
            "fi",
            "pl",
            "cs",
            "hu",
            "ro",
            "tr",
            "id",
            "vi",
        ),
        "cyrillic": ("ru", "uk", "bg", "sr"),
        "arabic": ("ar", "fa", "ur"),
        "hebrew": ("he",),
        "devanagari": ("hi", "mr", "ne"),
    }
)
_CHINESE_ONLY: Final = re.compile(
    "[们这为说时对过还让爱从见风云梦离难听谁请认识东车门问间开头发长你吗呢吧啊哪她它]"
)
"""Frequent characters that Japanese does not write, or not in this form."""
_SOUNDS: Final = (
    "ah aha ay ayy baby da dah doo dum eh ey ha hah hey hmm ho la lala mm mmm na nah nana o oh ohh ooh oo oooh "
    "uh uhh whoa woah wo woo yeah yea yah yo ya ye ok okay"
)
_SUNG_IN_ANY: Final = frozenset(_SOUNDS.split())
"""Sung in songs of all languages, so that they say nothing of theirs."""
_HEAD_START: Final = 4.0
"""Nats by which the first language of a script leads: "love" alone is English, though Czech would do as well."""
_SONG_WEIGHT: Final = 0.5
_CJK_CHARACTERS_A_WORD: Final = 1.5
_JAPANESE_KANA: Final = 0.1
_MOST_LINES: Final = 400
_MOST_DISTINCT: Final = 4000
_MOST_WORDS: Final = 800


@dataclass(frozen=True, slots=True)
class Languages:
    """Languages of a text.

    Attributes:
        shares: ISO 639-1 code → share of the words, 0–1, largest first; they add up to 1, or there are none.
        lines: The main language of each line; ``und`` for a line without letters.
    """

    shares: Mapping[str, float]
    lines: tuple[str, ...]

    @property
    def main(self) -> str:
        """The language with the largest share; ``und`` where there is none."""
        return next(iter(self.shares), UNKNOWN)

    def share(self, language: str) -> float:
        """Return the share of a language, 0 where it does not occur."""
        return self.shares.get(language, 0.0)


def languages_of(lines: Sequence[str]) -> Languages:
    """Find the languages of a lyric.

    A word of an alphabet counts one, a Han or kana character two thirds of a word. A line that is
    repeated counts once. Of more than 4,000 distinct lines, the first 4,000 count.

    Args:
        lines: Its lines, without credits.

    Raises:
        MissingExtraError: There are letters that several languages use, and the library is not installed.
    """
    whole = [_letters(line) for line in _sample(lines)]
    kana = sum(counts["kana"] for counts in whole)
    japanese = kana > _JAPANESE_KANA * (kana + sum(counts["han"] for counts in whole))
    song = {
        script: _song_scores(script, lines) for script in _SHARED if any(counts[script] for counts in whole)
    }
    total: defaultdict[str, float] = defaultdict(float)
    mains: dict[str, str] = {}
    for line in lines:
        if line not in mains:
            if len(mains) >= _MOST_DISTINCT:
                break
            found = _languages_of_line(line, japanese, song)
            mains[line] = max(found, key=lambda code: (found[code], code), default=UNKNOWN)
            for code, count in found.items():
                total[code] += count
    weight = sum(total.values())
    shares = {
        code: count / weight for code, count in sorted(total.items(), key=lambda item: (-item[1], item[0]))
    }
    return Languages(MappingProxyType(shares), tuple(mains.get(line, UNKNOWN) for line in lines))


def script_counts(text: str) -> dict[str, int]:
    """Return how many letters of each script a text has; scripts without any are left out."""
    return {script: count for script, count in _letters(text).items() if count}


def _letters(text: str) -> Counter[str]:
    if text.isascii():
        return Counter({"latin": len(_LETTERS["latin"].findall(text))})
    return Counter({script: len(letters.findall(text)) for script, letters in _LETTERS.items()})


def _languages_of_line(
    line: str, japanese: bool, song: Mapping[str, Mapping[str, float]]
) -> dict[str, float]:
    found: defaultdict[str, float] = defaultdict(float)
    letters = _letters(line)
    for script, count in letters.items():
        if not count:
            continue
        if script == "kana":
            found["ja"] += count / _CJK_CHARACTERS_A_WORD
        elif script == "han":
            # Kanji of a Japanese line; a line of kanji alone goes with the song.
            code = "ja" if letters["kana"] or (japanese and not _CHINESE_ONLY.search(line)) else "zh"
            if letters["hangul"]:
                code = "ko"
            found[code] += count / _CJK_CHARACTERS_A_WORD
        elif script in _ALONE:
            found[_ALONE[script]] += len(_WORDS[script].findall(line)) if script in _WORDS else count / 3
        else:
            words = _WORDS[script].findall(line)
            found[_best(script, words, song.get(script, {}))] += len(words)
    return found


def _song_scores(script: str, lines: Sequence[str]) -> Mapping[str, float]:
    words: list[str] = []
    for line in dict.fromkeys(_sample(lines)):
        words += _WORDS[script].findall(line)
        if len(words) > _MOST_WORDS:
            break
    return _scores(script, words)


def _best(script: str, words: Sequence[str], song: Mapping[str, float]) -> str:
    own = _scores(script, words)
    return max(own, key=lambda code: (own[code] + _SONG_WEIGHT * song.get(code, 0.0), code))


def _scores(script: str, words: Sequence[str]) -> dict[str, float]:
    """Return each language's log-likelihood over the root of the bytes, relative to the best."""
    codes = _SHARED[script]
    if len(codes) == 1:
        return dict.fromkeys(codes, 0.0)
    told = (word.casefold() for word in words[:_MOST_WORDS])
    text = " ".join(word for word in told if word not in _SUNG_IN_ANY)
    scores = dict(_identifiers()[script].rank(text)) if text else dict.fromkeys(codes, 0.0)
    scores[codes[0]] += _HEAD_START
    best = max(scores.values())
    root = math.sqrt(len(text.encode("utf-8", "replace")) or 1)
    return {code: (score - best) / root for code, score in scores.items()}


def _sample(lines: Sequence[str]) -> Sequence[str]:
    step = max(1, len(lines) // _MOST_LINES)
    return lines[::step]


@once
def _identifiers() -> dict[str, Any]:
    langid = load_library("py3langid.langid", "telling languages apart")
    found = {}
    for script, codes in _SHARED.items():
        identifier = langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE)
        identifier.set_languages(codes)
        found[script] = identifier
    return found
