"""Whether two songs are one recording: rules with a confidence.

The confidence of a pair is a product of factors, one for each thing that is compared, and behaves like a
probability: 1 is certain, what is ``JOIN`` or more may be treated as one song, what is ``UNSURE`` or more is worth a
person's look. Some findings bound it below ``JOIN``, whatever else agrees.

============================================  ========  ==========
finding                                        factor    join?
============================================  ========  ==========
the same MusicBrainz recording id              certain   yes
all that is compared is the same               .97
title alike but for punctuation                .97
… but for ♯, ♭, + or a point between digits    .97       no
… but for a word such as "Remastered"          .96
… but for a bracket that names no version      .80       no
… nearly the same (95 of 100, same numbers)    .95
… but for a whole word or a Chinese character  .95       no
… similar (85 of 100, same numbers)            .70       no
… another of the same kind of version          .75       no
… another kind of version (live, remix, …)     .60       no
one names artists whom the other leaves out    .97
both name artists whom the other leaves out    .85       no
no artist is known of one                      .60       no
other artists, on one album, of one length     .60       no
other artists                                  .20       no
lengths within 2 s                             1
lengths within 5 s, or one is not known        .96
lengths within 10 s                            .85
lengths within 30 s                            .55       no
lengths further apart                          .30       no
the same album                                 halves the doubt
another album                                  .97
one album is a live one, the other is not      .85       no
another MusicBrainz recording id               .80       no
============================================  ========  ==========

The factors are set by hand.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from rapidfuzz import fuzz

from zetdard.features.titles import Title, album_kinds, name_form, read_title, split_names, title_keys

JOIN = 0.9
"""Confidence from which on two songs are treated as one."""

UNSURE = 0.5
"""Confidence from which on a person is asked."""

_AGREED = 0.97
_NEARLY, SIMILAR = 95.0, 85.0
"""Likeness (0–100) of names that may be slips of the pen."""

_SAME_WORD = 60.0
_CHINESE_FROM = 0x2E80
_MEANT = re.compile(r"[+#♯♭]|(?<=\d)[.,:](?=\d)")

BELOW_JOIN = JOIN - 0.01
"""The most that a pair has which must not be joined."""

_NOBODY = frozenset(
    name_form(name)
    for name in ("various artists", "various", "va", "群星", "unknown artist", "unknown", "未知艺术家", "未知歌手")
)  # fmt: skip
_NO_ALBUM = frozenset(name_form(name) for name in ("unknown album", "unknown", "未知专辑"))


class Why(StrEnum):
    """What was found when two songs were compared."""

    RECORDING = "recording-id"
    OTHER_RECORDING = "other-recording-id"
    TITLE = "title"
    PUNCTUATION = "title-but-for-punctuation"
    EDITION = "title-but-for-edition"
    SUBTITLE = "title-but-for-subtitle"
    NEARLY = "title-nearly"
    SIMILAR = "title-similar"
    OTHER_TITLE = "other-title"
    SAME_KIND = "another-such-version"
    VERSION = "other-version"
    ARTISTS = "artists"
    SOME_ARTISTS = "artists-left-out"
    SHARED_ARTISTS = "artists-shared"
    NO_ARTIST = "artist-unknown"
    OTHER_ARTISTS = "other-artists"
    LENGTH = "length"
    NEAR_LENGTH = "length-within-5s"
    FAR_LENGTH = "length-within-10s"
    OTHER_LENGTH = "other-length"
    NO_LENGTH = "length-unknown"
    ALBUM = "album"
    OTHER_ALBUM = "other-album"
    LIVE_ALBUM = "live-album"
    SEVERAL = "several-alike"
    CROWD = "too-many-alike"


@dataclass(frozen=True, slots=True)
class SongFacts:
    """What is compared.

    Attributes:
        key: Names the song; among equals the smaller one comes first.
        title: As its source writes it.
        artists: Who performs it, in any order.
        album: Its album.
        duration_ms: Length in milliseconds.
        recording_mbid: Its recording at MusicBrainz.
        source: Who describes it; a source tells its own songs apart.
    """

    key: int
    title: str
    artists: tuple[str, ...] = ()
    album: str | None = None
    duration_ms: int | None = None
    recording_mbid: str | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """A song that is, or may be, another one.

    Attributes:
        song: Key of the song.
        other: Key of what it may be.
        confidence: 0–1; ``JOIN`` and more: it is.
        reasons: What was found.
    """

    song: int
    other: int
    confidence: float
    reasons: tuple[Why, ...]

    @property
    def joins(self) -> bool:
        """Whether both are to be treated as one."""
        return self.confidence >= JOIN


def compare(song: SongFacts, other: SongFacts) -> Match:
    """Return how sure it is that two songs are one, looking at nothing but the two."""
    return judge(Known(song), Known(other)).match


class Known:
    """A song with the forms that are compared; each is made when it is asked for."""

    def __init__(self, facts: SongFacts) -> None:
        self.facts = facts

    @cached_property
    def title(self) -> Title:
        """The title, taken apart."""
        return read_title(self.facts.title)

    @cached_property
    def keys(self) -> tuple[str, str]:
        """Forms by which the title is looked up: whole, bare."""
        return title_keys(self.facts.title)

    @cached_property
    def names(self) -> frozenset[str]:
        """Names of the artists as credited."""
        return _names(self.facts.artists)

    @cached_property
    def parts(self) -> frozenset[str]:
        """Names of the artists, where several may stand in one credit, and of the title's guests."""
        split = frozenset().union(*(split_names(name) for name in self.facts.artists))
        return (split | self.title.guests) - _NOBODY

    @cached_property
    def all_names(self) -> frozenset[str]:
        """All that may be the name of an artist."""
        return self.names | self.parts

    @cached_property
    def album(self) -> str | None:
        """The album's title without edition; ``None`` = not known."""
        if self.facts.album is None or not self.facts.album.strip():
            return None
        _, bare = title_keys(self.facts.album)
        return None if bare in _NO_ALBUM else bare

    @cached_property
    def kinds(self) -> frozenset[str]:
        """Kinds of version that the title or the album names."""
        return self.title.kinds | album_kinds(self.facts.album or "")

    @cached_property
    def mbid(self) -> str | None:
        """The recording's id at MusicBrainz."""
        return self.facts.recording_mbid.strip().lower() or None if self.facts.recording_mbid else None

    @cached_property
    def length(self) -> int | None:
        """Length in milliseconds; ``None`` = not known."""
        return self.facts.duration_ms if self.facts.duration_ms and self.facts.duration_ms > 0 else None


def _names(artists: Iterable[str]) -> frozenset[str]:
    return frozenset(form for name in artists if (form := name_form(name))) - _NOBODY


@dataclass(frozen=True, slots=True)
class Judged:
    """A pair that was compared.

    Attributes:
        match: What came of it.
        strength: By which several others are told apart: what agrees beside the same recording id counts too.
    """

    match: Match
    strength: float


@dataclass(frozen=True, slots=True)
class _Finding:
    factor: float
    why: Why
    joins: bool = True


def judge(song: Known, other: Known) -> Judged:
    """Compare two songs by the factors above."""
    artists = _artists(song, other)
    findings = [_title(song.title, other.title, artists.why), artists, *_length(song, other)]
    album = song.album is not None and song.album == other.album
    if song.kinds != other.kinds and song.title.kinds == other.title.kinds and not album:
        findings.append(_Finding(0.85, Why.LIVE_ALBUM, joins=False))
    if song.mbid and other.mbid and song.mbid != other.mbid:
        findings.append(_Finding(0.8, Why.OTHER_RECORDING, joins=False))
    confidence = _AGREED
    for finding in findings:
        confidence *= finding.factor
    reasons = [finding.why for finding in findings]
    if album:
        confidence = 1 - (1 - confidence) / 2 if confidence >= UNSURE else confidence
        reasons.append(Why.ALBUM)
    elif song.album is not None and other.album is not None:
        confidence *= 0.97
        reasons.append(Why.OTHER_ALBUM)
    if not all(finding.joins for finding in findings):
        confidence = min(confidence, BELOW_JOIN)
    same = song.mbid is not None and song.mbid == other.mbid
    if same:
        reasons.insert(0, Why.RECORDING)
    pair = Match(song.facts.key, other.facts.key, 1.0 if same else round(confidence, 4), tuple(reasons))
    return Judged(pair, confidence + same)


def _title(one: Title, two: Title, artists: Why) -> _Finding:
    if one.written == two.written:
        return _Finding(1.0, Why.TITLE)
    if one.whole == two.whole:
        # E and E♭, 1.1 and 11 are other pieces, whatever else is punctuation.
        return _Finding(0.97, Why.PUNCTUATION, joins=_signs(one.written) == _signs(two.written))
    versions = one.kinds == two.kinds and one.versions == two.versions
    if one.bare == two.bare:
        if one.kinds != two.kinds:
            return _Finding(0.6, Why.VERSION, joins=False)
        if not versions:
            return _Finding(0.75, Why.SAME_KIND, joins=False)
        if one.subtitles != two.subtitles:
            return _Finding(0.8, Why.SUBTITLE, joins=False)
        return _Finding(0.96, Why.EDITION) if one.editions != two.editions else _Finding(1.0, Why.TITLE)
    if artists in (Why.ARTISTS, Why.SOME_ARTISTS) and versions and one.numbers == two.numbers:
        alike = fuzz.ratio(one.bare, two.bare)
        if alike >= _NEARLY and one.subtitles == two.subtitles:
            return _Finding(0.95, Why.NEARLY, joins=_is_slip(one.written, two.written))
        if alike >= SIMILAR:
            return _Finding(0.7, Why.SIMILAR, joins=False)
    return _Finding(0.0, Why.OTHER_TITLE, joins=False)


def _signs(written: str) -> tuple[str, ...]:
    """Return what is no mere punctuation: sharps, flats, plus signs, and points between digits."""
    return tuple(_MEANT.findall(written))


def _is_slip(one: str, two: str) -> bool:
    """Whether titles differ as by a slip of the pen: not by a whole word, and not by a Chinese character."""
    words = one.split(), two.split()
    if len(words[0]) == len(words[1]):
        for a, b in zip(*words, strict=True):
            if a != b and fuzz.ratio(a, b) < _SAME_WORD:
                return False
    ours, theirs = Counter(one), Counter(two)
    return all(ord(letter) < _CHINESE_FROM for letter in ((ours - theirs) + (theirs - ours)))


def _artists(song: Known, other: Known) -> _Finding:
    if not song.all_names or not other.all_names:
        return _Finding(0.6, Why.NO_ARTIST, joins=False)
    if song.names == other.names or song.parts == other.parts:
        return _Finding(1.0, Why.ARTISTS)
    one_in_other = song.names and (song.names <= other.all_names or song.parts <= other.parts)
    other_in_one = other.names and (other.names <= song.all_names or other.parts <= song.parts)
    if one_in_other or other_in_one:
        return _Finding(0.97, Why.SOME_ARTISTS)
    if song.all_names & other.all_names:
        return _Finding(0.85, Why.SHARED_ARTISTS, joins=False)
    one_place = song.album is not None and song.album == other.album
    one_length = song.length and other.length and abs(song.length - other.length) <= 2_000
    return _Finding(0.6 if one_place and one_length else 0.2, Why.OTHER_ARTISTS, joins=False)


def _length(song: Known, other: Known) -> Iterator[_Finding]:
    if song.length is None or other.length is None:
        yield _Finding(0.96, Why.NO_LENGTH)
        return
    apart = abs(song.length - other.length)
    if apart <= 2_000:
        yield _Finding(1.0, Why.LENGTH)
    elif apart <= 5_000:
        yield _Finding(0.96, Why.NEAR_LENGTH)
    elif apart <= 10_000:
        yield _Finding(0.85, Why.FAR_LENGTH)
    else:
        yield _Finding(0.55 if apart <= 30_000 else 0.3, Why.OTHER_LENGTH, joins=False)
