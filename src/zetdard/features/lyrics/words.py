"""Words of a lyric: Chinese segmented (jieba) in Simplified characters (OpenCC), English normalised, others as written.

Traditional and Simplified writings of one line give the same words.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from types import MappingProxyType
from typing import Any, Final

from zetdard.features.lyrics.libraries import cache_folder, load_library, once
from zetdard.features.lyrics.stopwords import CHINESE, ENGLISH

_HAN: Final = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3005\u3007\U00020000-\U0003134f"
_ANY_HAN: Final = re.compile(f"[{_HAN}]")
_RUNS: Final = re.compile(
    # Han; kana; words of an alphabet, with apostrophes within and after ("don't", "runnin'").
    rf"(?P<han>[{_HAN}]+)|(?P<kana>[ぁ-ゖァ-ヺー]+)|(?P<word>[^\W\d_](?:[^\W\d_]|['’‘`´](?=[^\W\d_]))*(?:(?<=[nN])['’])?)"
)
_JAPANESE: Final = re.compile("[ぁ-ゖァ-ヺ]")
_SHORT_FORMS: Final = MappingProxyType(
    {
        "cause": "because", "cuz": "because", "coz": "because", "til": "till", "em": "them", "u": "you", "ur": "your",
        "luv": "love", "nite": "night", "thru": "through", "wit": "with", "yall": "you", "y'all": "you", "ima": "gonna",
        "an'": "and", "ol'": "old", "lil": "little", "lil'": "little", "tryna": "try", "gon'": "gonna", "mornin": "morning",
    }
)  # fmt: skip
_LONG_ENOUGH: Final = 5
_MOST_RUN: Final = 200
"""Characters segmented at a time: jieba's time grows with the square of a run of unknown words."""
_REPEATED: Final = re.compile(r"([a-z])\1{2,}")


def simplified(text: str) -> str:
    """Return a text with Traditional characters as Simplified ones; Japanese is left as it is.

    Raises:
        MissingExtraError: OpenCC is not installed.
    """
    if not _ANY_HAN.search(text):
        return text
    if not _JAPANESE.search(text):
        return str(_converter().convert(text))
    return "\n".join(
        line if _JAPANESE.search(line) or not _ANY_HAN.search(line) else str(_converter().convert(line))
        for line in text.split("\n")
    )


def words_of(text: str) -> list[str]:
    """Return all words of a text, in order, normalised.

    Chinese: Simplified, segmented. Alphabets: case folded, apostrophes made one kind, ``runnin'`` → ``running``,
    ``soooo`` → ``so``, ``'s`` of possession left out. Kana: each run as it stands. Numbers and signs are no words.

    Raises:
        MissingExtraError: There is Chinese, and a library of the ``[lyrics]`` extra is not installed.
    """
    found: list[str] = []
    for run in _RUNS.finditer(simplified(text)):
        if run["han"]:
            found += segment(run["han"])
        elif run["word"]:
            found.append(_normalise(run["word"]))
        else:
            found.append(run["kana"])
    return found


def content_words(text: str) -> list[str]:
    """Return the words of :func:`words_of` that say something: without stop words and single Latin letters."""
    return without_stop_words(words_of(text))


def without_stop_words(words: Sequence[str]) -> list[str]:
    """Return the words that say something, of words that :func:`words_of` found."""
    return [
        word
        for word in words
        if word not in CHINESE and word not in ENGLISH and not (len(word) == 1 and word.isascii())
    ]


def segment(text: str) -> list[str]:
    """Split Chinese without spaces into words, by jieba's dictionary and its model for words that are not in it.

    Raises:
        MissingExtraError: jieba is not installed.
    """
    segmenter = _segmenter()
    return [
        word for at in range(0, len(text), _MOST_RUN) for word in segmenter.cut(text[at : at + _MOST_RUN])
    ]


def _normalise(word: str) -> str:
    word = word.casefold()
    for mark in "’‘`´":
        word = word.replace(mark, "'")
    if word in _SHORT_FORMS:
        return _SHORT_FORMS[word]
    if word.endswith("in'") and len(word) >= _LONG_ENOUGH:
        return word[:-1] + "g"
    word = word.rstrip("'")
    if word.endswith("'s") and word not in ENGLISH:
        word = word[:-2]
    return _REPEATED.sub(r"\1", word) if word.isascii() else word


@once
def _converter() -> Any:
    return load_library("opencc", "reading Traditional Chinese").OpenCC("t2s")


@once
def _segmenter() -> Any:
    """Load jieba's dictionary; it is kept in our cache folder, as the shared temporary folder is anybody's."""
    logging.getLogger("jieba").setLevel(logging.CRITICAL)
    jieba = load_library("jieba", "splitting Chinese into words")
    jieba.setLogLevel(logging.CRITICAL)  # it tells of its loading on standard error
    segmenter = jieba.Tokenizer()
    folder = cache_folder()
    if folder is None:
        segmenter.FREQ, segmenter.total = segmenter.gen_pfdict(segmenter.get_dict_file())
        segmenter.initialized = True
    else:
        segmenter.tmp_dir, segmenter.cache_file = str(folder), "jieba-words.cache"
        segmenter.initialize()
    return segmenter
