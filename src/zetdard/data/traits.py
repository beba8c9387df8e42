"""SongTraits: what is known of the songs themselves, by their sound and their words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zetdard.data.features import FeatureBlock
from zetdard.data.moods import SongMoods
from zetdard.data.types import Csr
from zetdard.data.vocabulary import Vocabulary
from zetdard.errors import InputError

TEMPO, TEMPO_CONFIDENCE = "tempo (BPM)", "tempo confidence"
"""Columns of ``descriptors`` that reasons read: beats a minute, and how sure that is (0–1)."""
KEY_COS, KEY_SIN, KEY_MODE, KEY_CONFIDENCE = "key cos", "key sin", "mode", "key confidence"
"""The tonic on the circle of fifths (C at angle 0, G at 30°), the lead of major over minor, and how sure that is."""

_LENGTH_TOLERANCE = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """The words of each song.

    Attributes:
        vocabulary: Labels of the rows.
        weights: CSR, shape (songs, words): TF-IDF, not negative; a row without entries is a song without words.
        names: The words, one for each column.
    """

    vocabulary: Vocabulary
    weights: Csr
    names: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.weights.shape != (len(self.vocabulary), len(self.names)):
            raise InputError(
                f"a lexicon of {len(self.vocabulary)} songs and {len(self.names)} words got weights of shape "
                f"{self.weights.shape}"
            )
        if not self.weights.has_canonical_format:
            raise InputError("a lexicon needs sorted, unique columns")
        if not np.isfinite(self.weights.data).all() or (self.weights.data < 0).any():
            raise InputError("the weights of words must be finite and not negative")


@dataclass(frozen=True, slots=True, eq=False)
class SongTraits:
    """What is known of the songs themselves; the rows of every part are the rows of ``Dataset.songs``.

    A part in which no song is present becomes ``None``, so that there is one way to say that nothing is known.

    Attributes:
        sound: A space in which songs that sound alike are near; rows that are present have length 1.
        words: The same for lyrics.
        tags: How well each tag fits, 0 to 1; the columns are the tags.
        lexicon: The words of the lyrics.
        descriptors: Named numbers about the sound; read by name, so that any of them may be missing.
        moods: How songs feel: what a person gave of some, and what was heard in others.
    """

    sound: FeatureBlock | None = None
    words: FeatureBlock | None = None
    tags: FeatureBlock | None = None
    lexicon: Lexicon | None = None
    descriptors: FeatureBlock | None = None
    moods: SongMoods | None = None

    def __post_init__(self) -> None:
        for name in ("sound", "words", "tags", "descriptors"):
            block: FeatureBlock | None = getattr(self, name)
            if block is not None and not block.known.any():
                object.__setattr__(self, name, None)
        if self.moods is not None and not self.moods.block.known.any():
            object.__setattr__(self, "moods", None)
        if self.lexicon is not None and self.lexicon.weights.nnz == 0:
            object.__setattr__(self, "lexicon", None)
        for name, space in (("sound", self.sound), ("words", self.words)):
            if space is not None:
                _check_lengths(name, space)
        if self.tags is not None and ((self.tags.values < 0) | (self.tags.values > 1)).any():
            raise InputError("how well a tag fits is a number from 0 to 1")

    def check(self, songs: Vocabulary) -> None:
        """Refuse traits of other songs than these.

        Raises:
            InputError: A part has other rows; the message names it.
        """
        parts = {
            "sound": self.sound,
            "words": self.words,
            "tags": self.tags,
            "lexicon": self.lexicon,
            "descriptors": self.descriptors,
            "moods": None if self.moods is None else self.moods.block,
        }
        for name, part in parts.items():
            if part is not None and part.vocabulary is not songs and part.vocabulary != songs:
                raise InputError(f"the {name} that are known are of other songs than those that are stored")


def _check_lengths(name: str, space: FeatureBlock) -> None:
    present = space.known
    lengths = np.linalg.norm(space.values[present], axis=1)
    if (np.abs(lengths - 1) > _LENGTH_TOLERANCE).any():
        raise InputError(f"every song that is present in the space of {name} must have length 1")
    if space.values[~present].any():
        raise InputError(f"a song that is not present in the space of {name} must be zero")
