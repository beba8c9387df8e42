"""Lyric files → lines with times, translations, and the facts that were written between the words.

Nothing here refuses: lyric files are written by many hands, and a broken one still has words.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from types import MappingProxyType
from typing import Final

from zetdard.features.lyrics.credits import Credit, is_notice, read_credits
from zetdard.features.lyrics.stamps import StampedLine, TimedWord, read_line, third_is_hundredths
from zetdard.records import LyricState

_TAG: Final = re.compile(
    r"\s*\[(ti|ar|al|au|by|re|ve|la|lang|length|offset|tool|id|hash|total|sign|qq|encoding|kana|#)\s*:([^\]]*)\]?\s*",
    re.IGNORECASE,
)
_OFFSET: Final = re.compile(r"\s*([+-]?[0-9]{1,7})\s*")
_SECTION: Final = re.compile(
    r"[\[(（【]\s*(?:verse|chorus|bridge|intro|outro|hook|refrain|interlude|solo|pre-?chorus|post-?chorus|break|part"
    r"|instrumental|前奏|间奏|尾奏|主歌|副歌|桥段|过门)\b[^\])）】]{0,60}[\])）】]\s*[:：]?",
    re.IGNORECASE,
)
_SINGER: Final = re.compile(r"(?:男|女|合|男声|女声|合唱|齐唱|rap)\s*[:：]\s*", re.IGNORECASE)
_WORDLESS: Final = re.compile(
    r"(?:此歌曲为|这是一首|本歌曲为|该歌曲为)?\s*(?:没有填词的)?\s*纯音乐\s*[，,]?\s*(?:请(?:您|你)?\s*欣赏)?\s*[。.!！~～]*"
    r"|(?:this (?:song|track) is )?(?:purely |an )?instrumental(?: music| track)?[.!]?",
    re.IGNORECASE,
)
_MISSING: Final = re.compile(
    r"(?:暂无歌词|暂时没有歌词|没有歌词|歌词暂缺|暂未收录歌词|还没有歌词)\s*[。.!！]?|(?:no lyrics(?: available| yet)?)[.!]?"
    r"|(?:暂无歌词.{0,10}求歌词)",
    re.IGNORECASE,
)
_INVISIBLE: Final = dict.fromkeys([0xFEFF, 0x200B, 0x200C, 0x200E, 0x200F, 0x2060, 0xAD])
_NEAR_MS: Final = 100
_NEAR_WORDS_MS: Final = 500
_SPACES: Final = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class LyricLine:
    """A line that is sung.

    Attributes:
        text: Its words.
        start_ms: When it begins, in milliseconds; ``None`` where the source has no times.
        end_ms: When it ends, by its stated length, else by the next stamp (a stamp without words ends a line).
        translation: The same line in another language, where the source has it.
        words: Times of its words, where the source has them.
    """

    text: str
    start_ms: int | None = None
    end_ms: int | None = None
    translation: str | None = None
    words: tuple[TimedWord, ...] = ()


@dataclass(frozen=True, slots=True)
class ParsedLyric:
    """What a lyric file says.

    Attributes:
        lines: Sung lines in the order of their times; a line without a time stays after the one it follows.
        credits: Who wrote, played and recorded the song.
        tags: Id tags of the file (``ti``, ``ar``, ``al``, ``by`` …), lower-case; the first of each.
        state: ``INSTRUMENTAL`` or ``UNCOLLECTED`` where the file itself says in words that there are none.
    """

    lines: tuple[LyricLine, ...] = ()
    credits: tuple[Credit, ...] = ()
    tags: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    state: LyricState = LyricState.PRESENT

    @property
    def text(self) -> str:
        """The sung lines alone, a line each, in whatever language they are."""
        return "\n".join(line.text for line in self.lines)

    @property
    def translation(self) -> str:
        """The translated lines, a line each; empty where there are none."""
        return "\n".join(line.translation for line in self.lines if line.translation)

    @property
    def is_timed(self) -> bool:
        """Whether any line has a time."""
        return any(line.start_ms is not None for line in self.lines)

    def names(self, role: str) -> tuple[str, ...]:
        """Return the people with a role (a key of ``credits.ROLES``), each once, in the order given."""
        return tuple(
            dict.fromkeys(name for credit in self.credits if credit.role == role for name in credit.names)
        )


@dataclass(frozen=True, slots=True)
class _Entry:
    start: int | None
    line: StampedLine


def parse_lrc(text: str, translation: str | None = None, word_times: str | None = None) -> ParsedLyric:
    """Read a lyric file: LRC, enhanced LRC, NetEase's yrc and JSON lines, or plain text.

    Args:
        text: The file.
        translation: A second file with the same stamps, in another language. Without it, a file in which most stamps
            hold two different lines is taken to hold its own translation.
        word_times: A second file of the same words in a format with a time for each word.

    Returns:
        What it says; no input raises.
    """
    entries, tags = _entries(text)
    offset = tags.get("offset", "")
    finer = _entries(word_times, offset)[0] if word_times else []
    if not any(entry.line.text for entry in entries):
        entries, finer = finer, []
    entries, credits, state = _take_facts(entries)
    if translation:
        lines = _join(_lines(entries), _entries(translation, offset)[0])
    else:
        lines = _pair_own_translation(_lines(entries))
    if finer:
        lines = _with_words(lines, finer)
    return ParsedLyric(tuple(lines), tuple(credits), MappingProxyType(tags), state)


def _entries(text: str, offset: str = "") -> tuple[list[_Entry], dict[str, str]]:
    """Return the lines, one for each of their stamps, sorted by time, and the file's tags.

    ``offset`` is for a file that goes with another and does not state its own.
    """
    text = text.translate(_INVISIBLE)
    hundredths = third_is_hundredths(text)
    tags: dict[str, str] = {}
    found: list[StampedLine] = []
    for raw in text.splitlines():
        tag = _TAG.fullmatch(raw)
        if tag:
            tags.setdefault(tag[1].lower(), tag[2].strip())
            continue
        found.append(read_line(html.unescape(raw) if "&" in raw else raw, hundredths=hundredths))
    shift = _OFFSET.fullmatch(tags.get("offset", offset))
    # A positive offset makes the words come sooner.
    return _in_order(found, int(shift[1]) if shift else 0), tags


def _in_order(lines: Sequence[StampedLine], sooner: int) -> list[_Entry]:
    keyed: list[tuple[int, _Entry]] = []
    last = -1
    for line in lines:
        if not line.starts_ms:
            if line.text:
                keyed.append((last, _Entry(None, line)))
            continue
        first = line.starts_ms[0]
        for start in line.starts_ms:
            at = max(0, start - sooner)
            shift = start - first - sooner  # words are timed for the first start
            words = tuple(
                TimedWord(word.text, max(0, word.start_ms + shift), word.duration_ms) for word in line.words
            )
            keyed.append((at, _Entry(at, StampedLine((at,), line.text, line.duration_ms, words))))
        last = max(0, line.starts_ms[-1] - sooner)
    keyed.sort(key=lambda pair: pair[0])  # stable
    return [entry for _, entry in keyed]


def _take_facts(entries: list[_Entry]) -> tuple[list[_Entry], list[Credit], LyricState]:
    """Return what is sung (and stamps without words), the credits, and the state that the words state."""
    state = LyricState.PRESENT
    if sum(1 for entry in entries if entry.line.text) <= 12:  # a notice among credits
        for entry in entries:
            if _WORDLESS.fullmatch(entry.line.text):
                state = LyricState.INSTRUMENTAL
            elif _MISSING.fullmatch(entry.line.text):
                state = LyricState.UNCOLLECTED
    first, head = _walk_edge(entries)
    n_last, tail = _walk_edge(entries[first:][::-1])
    end = len(entries) - n_last
    credits, sung = [credit for stated in head for credit in stated], []
    for entry in entries[first:end]:
        stated = read_credits(entry.line.text, at_edge=False)
        if stated:
            credits += stated
        elif not is_notice(entry.line.text):
            sung.append(entry)
    credits += [credit for stated in tail[::-1] for credit in stated]
    if state is not LyricState.PRESENT:
        sung = []
    # Stamps without words at the end of the song tell when its last line ends.
    closing = [entry for entry in entries[end:] if entry.start is not None][:1]
    blank = [_Entry(entry.start, StampedLine(entry.line.starts_ms, "")) for entry in closing]
    return [*sung, *blank], credits, state


def _walk_edge(entries: Sequence[_Entry]) -> tuple[int, list[tuple[Credit, ...]]]:
    """Return how many entries come before the first sung one, and the credits of each line among them."""
    credits: list[tuple[Credit, ...]] = []
    for place, entry in enumerate(entries):
        text = entry.line.text
        if not text:
            continue
        stated = read_credits(text, at_edge=True)
        if stated:
            credits.append(stated)
        elif not is_notice(text) and not (place == 0 and _is_heading(entries)):
            return place, credits
    return len(entries), credits


def _is_heading(entries: Sequence[_Entry]) -> bool:
    """Return whether a file begins with "title - artist", as those with credits below it do."""
    return (
        " - " in entries[0].line.text
        and len(entries) > 1
        and bool(read_credits(entries[1].line.text, at_edge=True))
    )


def _lines(entries: Sequence[_Entry]) -> list[LyricLine]:
    starts = [entry.start for entry in entries if entry.start is not None]
    following = dict(pairwise(dict.fromkeys(starts)))
    lines = []
    for entry in entries:
        text = _spoken(entry.line.text)
        if not text:
            continue
        end = None
        if entry.start is not None:
            length = entry.line.duration_ms
            end = following.get(entry.start) if length is None else entry.start + length
        words = tuple(word for word in entry.line.words if _spoken(word.text))
        lines.append(LyricLine(text, entry.start, end, None, words))
    return lines


def _spoken(text: str) -> str:
    """Return a line without marks of sections (``[Chorus]``) and of who sings (``女：``)."""
    if text[:1] in "[(（【":
        found = _SECTION.match(text)
        text = text[found.end() :].lstrip() if found else text
    found = _SINGER.match(text)
    return text[found.end() :] if found else text


def _join(lines: list[LyricLine], translated: Sequence[_Entry]) -> list[LyricLine]:
    """Give each line the translation with its stamp, or with the nearest within a tenth of a second."""
    by_start: dict[int, list[str]] = {}
    for entry in translated:
        text = _spoken(entry.line.text)
        if entry.start is not None and text and not read_credits(text, at_edge=True):
            by_start.setdefault(entry.start, []).append(text)
    if not by_start:
        plain = [_spoken(entry.line.text) for entry in translated if entry.line.text]
        if len(plain) == len(lines):  # without stamps: line for line, where there are as many
            return [_translated(line, text) for line, text in zip(lines, plain, strict=True)]
        return lines
    starts = sorted(by_start)
    used: dict[int, int] = {}
    joined = []
    for line in lines:
        at = None if line.start_ms is None else _nearest(starts, line.start_ms, _NEAR_MS)
        if at is None or used.get(at, 0) >= len(by_start[at]):
            joined.append(line)
            continue
        joined.append(_translated(line, by_start[at][used.get(at, 0)]))
        used[at] = used.get(at, 0) + 1
    return joined


def _pair_own_translation(lines: list[LyricLine]) -> list[LyricLine]:
    """Take the second of two different lines at one stamp for the first's translation, if most stamps have two."""
    stamps: dict[int, list[LyricLine]] = {}
    for line in lines:
        if line.start_ms is not None:
            stamps.setdefault(line.start_ms, []).append(line)
    pairs = {
        start: held
        for start, held in stamps.items()
        if len(held) == 2 and held[0].text != held[1].text  # a line and its translation
    }
    if not pairs or 2 * len(pairs) < len(stamps):
        return lines
    second = {id(held[1]) for held in pairs.values()}
    return [
        _translated(line, pairs[line.start_ms][1].text)
        if line.start_ms is not None and line.start_ms in pairs
        else line
        for line in lines
        if id(line) not in second
    ]


def _with_words(lines: list[LyricLine], finer: Sequence[_Entry]) -> list[LyricLine]:
    """Give lines the times of their words from another file, where both have the same words at about one time."""
    by_start = {entry.start: entry.line for entry in finer if entry.start is not None and entry.line.words}
    starts = sorted(by_start)
    timed = []
    for line in lines:
        at = None if line.start_ms is None or line.words else _nearest(starts, line.start_ms, _NEAR_WORDS_MS)
        if at is not None and _squeezed(by_start[at].text) == _squeezed(line.text):
            other = by_start[at]
            length = other.duration_ms
            end = line.end_ms if length is None else at + length
            line = LyricLine(line.text, line.start_ms, end, line.translation, other.words)
        timed.append(line)
    return timed


def _translated(line: LyricLine, text: str) -> LyricLine:
    return LyricLine(line.text, line.start_ms, line.end_ms, text, line.words)


def _nearest(starts: Sequence[int], start: int, most: int) -> int | None:
    place = bisect_left(starts, start)
    near = [at for at in starts[max(0, place - 1) : place + 1] if abs(at - start) <= most]
    return min(near, key=lambda at: abs(at - start), default=None)


def _squeezed(text: str) -> str:
    return _SPACES.sub("", text).casefold()
