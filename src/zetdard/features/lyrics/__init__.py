"""Lyrics: what the words of a song say, as facts and as numbers.

The way through: ``lrc`` reads a file into lines, times and ``credits``; ``language`` and ``words`` take the lines apart;
``emotions`` and ``sentiment`` say how they feel, ``embedding`` what they mean, ``interest`` which words a listener keeps
company with; ``describe`` puts it into a FeatureBlock. The libraries of the ``[lyrics]`` extra are loaded when they are
first needed.
"""

from zetdard.features.lyrics.credits import Credit
from zetdard.features.lyrics.describe import (
    LYRIC_NAMES,
    LYRIC_VERSION,
    LyricDescription,
    describe_lyric,
    describe_lyrics,
    lyric_block,
    parse_lyric,
)
from zetdard.features.lyrics.embedding import (
    EMBEDDING_NAMES,
    EMBEDDING_SIZE,
    EMBEDDING_VERSION,
    EmbeddingConfig,
    embed_lines,
    embed_texts,
    embedding_key,
)
from zetdard.features.lyrics.emotions import EMOTIONS, EmotionCount, count_emotions
from zetdard.features.lyrics.interest import (
    InterestConfig,
    WordSpace,
    interest_in,
    interest_of,
    learn_word_space,
    listening_weights,
)
from zetdard.features.lyrics.language import Languages, languages_of
from zetdard.features.lyrics.lrc import LyricLine, ParsedLyric, parse_lrc
from zetdard.features.lyrics.sentiment import Sentiment, combine, sentiment, sentiment_of_lines
from zetdard.features.lyrics.stamps import TimedWord
from zetdard.features.lyrics.words import content_words, simplified, words_of

__all__ = [
    "EMBEDDING_NAMES",
    "EMBEDDING_SIZE",
    "EMBEDDING_VERSION",
    "EMOTIONS",
    "LYRIC_NAMES",
    "LYRIC_VERSION",
    "Credit",
    "EmbeddingConfig",
    "EmotionCount",
    "InterestConfig",
    "Languages",
    "LyricDescription",
    "LyricLine",
    "ParsedLyric",
    "Sentiment",
    "TimedWord",
    "WordSpace",
    "combine",
    "content_words",
    "count_emotions",
    "describe_lyric",
    "describe_lyrics",
    "embed_lines",
    "embed_texts",
    "embedding_key",
    "interest_in",
    "interest_of",
    "languages_of",
    "learn_word_space",
    "listening_weights",
    "lyric_block",
    "parse_lrc",
    "parse_lyric",
    "sentiment",
    "sentiment_of_lines",
    "simplified",
    "words_of",
]
