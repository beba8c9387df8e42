"""What songs, or artists, have in common that can be named: tags, moods, words, tempo, key."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from zetdard.data.features import FeatureBlock
from zetdard.data.moods import HIGH, LOW
from zetdard.data.traits import (
    KEY_CONFIDENCE,
    KEY_COS,
    KEY_MODE,
    KEY_SIN,
    TEMPO,
    TEMPO_CONFIDENCE,
    SongTraits,
)
from zetdard.data.types import Csr, Rows
from zetdard.data.vocabulary import Vocabulary
from zetdard.features.audio.tonality import PITCH_CLASSES

MOST_TAGS = 5
MOST_WORDS = 5
MOST_CHANGES = 3
"""Tags named for one step of a path, that come, and that go."""

LEAST_LEAD = math.log(2)
"""A tag stands out where its odds are at least twice those of the mean song …"""
LEAST_FIT = 0.1
"""… and where it fits at all: ten times nearly nothing is nothing that anybody hears."""

LEAST_MOOD = 1.0
"""A mood stands out from one standard deviation on: on either side, of normal numbers, one song in six does."""

_LEAST_CHANGE = math.log(1.5)
_TEMPO_TOLERANCE = 0.04
_LEAST_TEMPO_CONFIDENCE = 0.2
_LEAST_KEY_CONFIDENCE = 0.3

Profile = NDArray[np.float64]
"""How well each tag fits, 0 to 1: shape (tags,)."""


def leads(profile: Profile, of_all: Profile) -> Profile:
    """Return by how much each tag leads over the mean of all songs, in log-odds, −∞ where it hardly fits.

    ``logit(p) − logit(q)``: what is common everywhere ("rock") tells little.

    Args:
        profile: Shape (tags,).
        of_all: Mean profile of all songs, shape (tags,).
    """
    return np.where(profile >= LEAST_FIT, _logit(profile) - _logit(of_all), -np.inf)


def shared_tags(first: Profile, second: Profile, of_all: Profile, names: Sequence[str]) -> tuple[str, ...]:
    """Return the tags by which both stand out, at most ``MOST_TAGS``: first those of which the lesser lead is largest."""
    both = np.minimum(leads(first, of_all), leads(second, of_all))
    order = np.argsort(-both, kind="stable")[:MOST_TAGS]
    return tuple(names[tag] for tag in order.tolist() if both[tag] >= LEAST_LEAD)


def changed_tags(
    first: Profile, second: Profile, of_all: Profile, names: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the tags that come and those that go from the first to the second, the largest change of odds first.

    A tag comes if the second stands out by it and the first does not, and its odds are at least half as large again: two
    songs on both sides of a threshold, and near it, do not differ.
    """
    change = _logit(second) - _logit(first)
    before, after = leads(first, of_all) >= LEAST_LEAD, leads(second, of_all) >= LEAST_LEAD
    found = []
    for amount in (np.where(after & ~before, change, 0.0), np.where(before & ~after, -change, 0.0)):
        order = np.argsort(-amount, kind="stable")[:MOST_CHANGES]
        found.append(tuple(names[tag] for tag in order.tolist() if amount[tag] >= _LEAST_CHANGE))
    return found[0], found[1]


def shared_words(first: Csr, second: Csr, names: Sequence[str]) -> tuple[str, ...]:
    """Return the words that both have, at most ``MOST_WORDS``, those with the largest product of weights first.

    The products are what the cosine of two TF-IDF vectors is the sum of.

    Args:
        first: CSR, shape (1, words).
        second: CSR, shape (1, words).
        names: The words.
    """
    columns, of_first, of_second = np.intersect1d(
        first.indices, second.indices, assume_unique=True, return_indices=True
    )
    joint = first.data[of_first].astype(np.float64) * second.data[of_second]
    order = np.argsort(-joint, kind="stable")[:MOST_WORDS]
    return tuple(names[int(columns[place])] for place in order.tolist() if joint[place] > 0)


def key_name(x: float, y: float, mode: float, confidence: float) -> str | None:
    """Return a key in words, or ``None`` where nothing is sure of it.

    Args:
        x: Of the tonic on the circle of fifths, C at angle 0.
        y: The same.
        mode: Lead of major over minor.
        confidence: 0 to 1.
    """
    if math.hypot(x, y) < 0.5 or confidence < _LEAST_KEY_CONFIDENCE:
        return None
    fifths = round(math.atan2(y, x) / (math.pi / 6))
    return f"{PITCH_CLASSES[7 * fifths % 12]} {'major' if mode >= 0 else 'minor'}"


class SharedTraits:
    """Compares songs, or groups of songs such as those of an artist, by traits that have names.

    Args:
        traits: What is known of the songs.
        songs: The songs of the dataset, which the traits must be of.

    Raises:
        InputError: The traits are of other songs.
    """

    def __init__(self, traits: SongTraits, songs: Vocabulary) -> None:
        traits.check(songs)
        self._traits = traits

    def tags(self, first: Rows, second: Rows) -> tuple[str, ...]:
        """Return the tags by which the mean profiles of both groups stand out; none where one has no tags."""
        profiles = self._profile(first), self._profile(second)
        if self._traits.tags is None or profiles[0] is None or profiles[1] is None:
            return ()
        return shared_tags(profiles[0], profiles[1], self._mean_profile, self._traits.tags.columns)

    def changes(self, first: int, second: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the tags that come and those that go from one song to another."""
        profiles = self._profile(np.array([first])), self._profile(np.array([second]))
        if self._traits.tags is None or profiles[0] is None or profiles[1] is None:
            return (), ()
        return changed_tags(profiles[0], profiles[1], self._mean_profile, self._traits.tags.columns)

    def moods(self, first: Rows, second: Rows) -> tuple[tuple[str, ...], bool]:
        """Return the moods by which both groups stand out to the same side, and whether any of the songs' was heard.

        First that of which the lesser lead is largest: "+ energy", "− valence".
        """
        moods = self._traits.moods
        if moods is None:
            return (), False
        leads = moods.leads(first), moods.leads(second)
        both = np.where(leads[0] * leads[1] > 0, np.minimum(np.abs(leads[0]), np.abs(leads[1])), 0.0)
        found = tuple(
            f"{HIGH if leads[0][mood] > 0 else LOW} {moods.block.columns[mood]}"
            for mood in np.argsort(-both, kind="stable").tolist()
            if both[mood] >= LEAST_MOOD
        )
        return found, bool(moods.heard[first].any() or moods.heard[second].any())

    def words(self, first: Rows, second: Rows) -> tuple[str, ...]:
        """Return the words that both groups have, by their mean weights."""
        lexicon = self._traits.lexicon
        if lexicon is None:
            return ()
        return shared_words(
            _mean_row(lexicon.weights, first), _mean_row(lexicon.weights, second), lexicon.names
        )

    def tempo(self, first: int, second: int) -> tuple[float, float] | None:
        """Return the beats a minute of both songs if both have a beat and they differ by 4% at most."""
        found = []
        for song in (first, second):
            if self._number(song, TEMPO_CONFIDENCE, 1.0) < _LEAST_TEMPO_CONFIDENCE:
                return None
            found.append(self._number(song, TEMPO, 0.0))
        slower, faster = sorted(found)
        near = slower > 0 and faster - slower <= _TEMPO_TOLERANCE * faster
        return (found[0], found[1]) if near else None

    def key(self, first: int, second: int) -> str | None:
        """Return the key of both songs if both are sure of one and it is the same."""
        keys = {self._key(first), self._key(second)}
        return keys.pop() if len(keys) == 1 else None

    def _key(self, song: int) -> str | None:
        return key_name(
            self._number(song, KEY_COS, 0.0),
            self._number(song, KEY_SIN, 0.0),
            self._number(song, KEY_MODE, 0.0),
            self._number(song, KEY_CONFIDENCE, 0.0),
        )

    def _number(self, song: int, column: str, otherwise: float) -> float:
        """Return a descriptor of a song; ``otherwise`` where there is no such column, 0 where it was not measured."""
        if column not in self._columns:
            return otherwise
        block = self._traits.descriptors
        return float(block.values[song, self._columns[column]]) if block and self._described[song] else 0.0

    def _profile(self, songs: Rows) -> Profile | None:
        block = self._traits.tags
        known = songs[self._tagged[songs]] if block is not None else songs[:0]
        if block is None or len(known) == 0:
            return None
        return np.asarray(block.values[known].mean(axis=0, dtype=np.float64))

    @cached_property
    def _mean_profile(self) -> Profile:
        block = self._traits.tags
        assert block is not None
        return np.asarray(block.values[self._tagged].mean(axis=0, dtype=np.float64))

    @cached_property
    def _tagged(self) -> NDArray[np.bool_]:
        return _presence(self._traits.tags)

    @cached_property
    def _described(self) -> NDArray[np.bool_]:
        return _presence(self._traits.descriptors)

    @cached_property
    def _columns(self) -> dict[str, int]:
        block = self._traits.descriptors
        return {} if block is None else {name: column for column, name in enumerate(block.columns)}


def _presence(block: FeatureBlock | None) -> NDArray[np.bool_]:
    return np.empty(0, bool) if block is None else block.known


def _mean_row(weights: Csr, rows: Rows) -> Csr:
    """Return the mean of rows: CSR, shape (1, columns)."""
    if len(rows) == 1:
        return weights[rows]
    shares = csr_array(np.full((1, len(rows)), 1 / max(len(rows), 1)))
    mean = (shares @ weights[rows]).tocsr()
    mean.sort_indices()
    return mean


def _logit(shares: Profile) -> Profile:
    bounded = np.clip(shares, 1e-6, 1 - 1e-6)
    logits: Profile = np.log(bounded) - np.log1p(-bounded)
    return logits
