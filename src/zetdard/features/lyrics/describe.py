"""Everything that a lyric says, as named numbers."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from zetdard.data.features import FeatureBlock
from zetdard.data.types import Floats
from zetdard.data.vocabulary import Vocabulary
from zetdard.errors import InputError
from zetdard.features.lyrics.credits import Credit
from zetdard.features.lyrics.emotions import EMOTIONS, EmotionCount, count_emotions
from zetdard.features.lyrics.language import UNKNOWN, Languages, languages_of
from zetdard.features.lyrics.lrc import LyricLine, ParsedLyric, parse_lrc
from zetdard.features.lyrics.sentiment import Sentiment, combine, sentiment_of_lines
from zetdard.features.lyrics.words import without_stop_words, words_of
from zetdard.records import Lyric, LyricState

LYRIC_VERSION: Final = "1"
"""Raised whenever the same lyric would be described by other numbers."""

_NAMED_LANGUAGES: Final = ("zh", "en", "ja", "ko")
LYRIC_NAMES: Final = (
    "words present (0/1)",
    "instrumental (0/1)",
    "uncollected (0/1)",
    "translated (0/1)",
    *(f"language {code} (share)" for code in _NAMED_LANGUAGES),
    "language other (share)",
    "valence (-1 to 1)",
    "valence confidence (0 to 1)",
    "valence spread over lines",
    *(f"{emotion} (share of emotion words)" for emotion in EMOTIONS),
    "emotion words (share of words)",
    "lines (ln(1+n))",
    "words (ln(1+n))",
    "distinct words (share of words)",
    "repeated lines (share of lines)",
    "words per minute",
    "words per minute known (0/1)",
)
"""Columns of ``LyricDescription.vector``, with their units."""

_MOST_CHARACTERS: Final = 200_000
_MOST_WORDS_PER_MINUTE: Final = 600.0
_MS_PER_MINUTE: Final = 60_000
_LEAST_SPAN_MS: Final = 10_000


@dataclass(frozen=True, slots=True, eq=False)
class LyricDescription:
    """What a lyric says.

    Attributes:
        state: The source's, or what the text itself says ("纯音乐，请欣赏" is instrumental); a text of credits alone is
            uncollected.
        vector: Shape (len(LYRIC_NAMES),), finite. All but the state is 0 where there are no words.
        languages: Shares, and the main language (``languages.main``, ``und`` without words).
        credits: Who made the song, as the text says.
        sentiment: Of all lines together; of the translation where the words are in neither Chinese nor English.
        emotions: Words of emotion.
        tokens: The words that say something, in order: what ``interest`` learns from.
        lines: The sung lines: what ``embedding`` reads.
    """

    state: LyricState
    vector: Floats
    languages: Languages
    credits: tuple[Credit, ...]
    sentiment: Sentiment
    emotions: EmotionCount
    tokens: tuple[str, ...]
    lines: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The name of each number of the vector."""
        return LYRIC_NAMES

    def value(self, name: str) -> float:
        """Return one number of the vector.

        Raises:
            InputError: No number has that name.
        """
        if name not in LYRIC_NAMES:
            raise InputError(f"a lyric has no number {name!r}; it has {', '.join(LYRIC_NAMES)}")
        return float(self.vector[LYRIC_NAMES.index(name)])


def parse_lyric(lyric: Lyric) -> ParsedLyric:
    """Read the texts of a record; a state without words gives no lines."""
    if lyric.state is not LyricState.PRESENT:
        return ParsedLyric(state=lyric.state)
    parsed = parse_lrc(lyric.text or "", lyric.translation, lyric.word_times)
    if not parsed.lines and parsed.state is LyricState.PRESENT:
        return replace(parsed, state=LyricState.UNCOLLECTED)
    return parsed


def describe_lyric(lyric: Lyric) -> LyricDescription:
    """Describe a lyric. Of more than 200,000 characters only the lines within the first are read.

    Raises:
        MissingExtraError: A library of the ``[lyrics]`` extra is not installed.
    """
    parsed = parse_lyric(lyric)
    lines = _bounded(parsed.lines)
    texts = [line.text for line in lines]
    languages = languages_of(texts)
    words = [words_of(text) for text in texts]
    # Empty words part the lines: a negation does not reach into the next.
    emotions = count_emotions([word for line in words for word in (*line, "")])
    opinions = _opinions(lines, languages)
    feeling = combine(opinions)
    flat = [word for line in words for word in line]
    vector = np.array(
        [
            parsed.state is LyricState.PRESENT,
            parsed.state is LyricState.INSTRUMENTAL,
            parsed.state is LyricState.UNCOLLECTED,
            any(line.translation for line in lines),
            *(languages.share(code) for code in _NAMED_LANGUAGES),
            sum(share for code, share in languages.shares.items() if code not in _NAMED_LANGUAGES),
            feeling.valence,
            feeling.confidence,
            _spread(opinions),
            *emotions.shares().values(),
            len(emotions.valences) / max(1, len(flat)),
            math.log1p(len(lines)),
            math.log1p(len(flat)),
            len(set(flat)) / max(1, len(flat)),
            _repeated(texts),
            *_pace(lines, [len(line) for line in words]),
        ],
        dtype=np.float32,
    )
    return LyricDescription(
        state=parsed.state,
        vector=vector,
        languages=languages,
        credits=parsed.credits,
        sentiment=feeling,
        emotions=emotions,
        tokens=tuple(without_stop_words(flat)),
        lines=tuple(texts),
    )


def lyric_block(descriptions: Mapping[str, LyricDescription], songs: Vocabulary) -> FeatureBlock:
    """Put descriptions into a table with a row for each song.

    A song without a description, or with a description without words, is not ``present`` and its row is zero.

    Args:
        descriptions: Song id → description; ids that ``songs`` does not hold are left out.
        songs: The rows.
    """
    values = np.zeros((len(songs), len(LYRIC_NAMES)), dtype=np.float32)
    present = np.zeros(len(songs), dtype=np.bool_)
    for label, description in descriptions.items():
        row = songs.get(label)
        if row is not None and description.state is LyricState.PRESENT:
            values[row], present[row] = description.vector, True
    provenance = {"extractor": "lyrics", "version": LYRIC_VERSION}
    return FeatureBlock(songs, values, LYRIC_NAMES, provenance, present)


def describe_lyrics(lyrics: Iterable[Lyric], songs: Vocabulary) -> FeatureBlock:
    """Describe lyrics and put them into a table; see :func:`lyric_block`."""
    return lyric_block({lyric.song: describe_lyric(lyric) for lyric in lyrics if lyric.song in songs}, songs)


def _bounded(lines: Sequence[LyricLine]) -> list[LyricLine]:
    kept, left = [], _MOST_CHARACTERS
    for line in lines:
        if left <= 0:
            break
        kept.append(replace(line, text=line.text[:left]))
        left -= len(line.text)
    return kept


def _opinions(lines: Sequence[LyricLine], languages: Languages) -> list[Sentiment]:
    if languages.main in ("zh", "en", UNKNOWN):
        return sentiment_of_lines([line.text for line in lines], languages.lines)
    translated = [line.translation for line in lines if line.translation]
    if not translated:
        return sentiment_of_lines([line.text for line in lines], languages.lines)
    return sentiment_of_lines(translated, languages_of(translated).lines)


def _spread(opinions: Sequence[Sentiment]) -> float:
    """Return the standard deviation of the valences, weighted by confidence: √(Σ c (v − V)² / Σ c)."""
    weight = math.fsum(opinion.confidence for opinion in opinions)
    if not weight:
        return 0.0
    middle = math.fsum(opinion.confidence * opinion.valence for opinion in opinions) / weight
    return math.sqrt(
        math.fsum(opinion.confidence * (opinion.valence - middle) ** 2 for opinion in opinions) / weight
    )


def _repeated(texts: Sequence[str]) -> float:
    """Return the share of lines that another line repeats, the first included: a chorus sung twice counts twice."""
    counts = Counter(text.casefold() for text in texts)
    return sum(n for n in counts.values() if n > 1) / max(1, len(texts))


def _pace(lines: Sequence[LyricLine], n_words: Sequence[int]) -> tuple[float, float]:
    """Return words per minute and whether they are known.

    The words of all timed lines but the last, over the time from the first stamp to the last: when the last line ends
    is not known. Lines that begin within ten seconds in all have no pace.
    """
    timed = [(line.start_ms, n) for line, n in zip(lines, n_words, strict=True) if line.start_ms is not None]
    if not timed or timed[-1][0] - timed[0][0] < _LEAST_SPAN_MS:
        return 0.0, 0.0
    first, last = timed[0][0], timed[-1][0]
    pace = _MS_PER_MINUTE * sum(n for start, n in timed if start < last) / (last - first)
    return min(pace, _MOST_WORDS_PER_MINUTE), 1.0
