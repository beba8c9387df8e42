"""Time stamps of lyric files: ``[mm:ss.xx]`` before a line, ``<mm:ss.xx>`` before a word, and NetEase's formats.

======================  ==========================================================================
LRC                     ``[mm:ss.xx]text``, several stamps for a line that comes several times
LRC, enhanced           ``[mm:ss.xx]<mm:ss.xx>word <mm:ss.xx>word``; square brackets within the line mean the same
yrc                     ``[start,duration](start,duration,0)word(start,duration,0)word``, milliseconds
JSON lines              ``{"t":start,"c":[{"tx":"text"},{"tx":"more"}]}``, milliseconds; NetEase's lines of credits
======================  ==========================================================================

Every number is bounded in its digits, so that hostile input costs no more than its length.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Final

_NUMBERS: Final = r"([0-9]{1,3}):([0-9]{1,3})(?::([0-9]{1,3}))?(?:\.([0-9]{1,9}))?"
_LEADING: Final = re.compile(rf"\s*\[{_NUMBERS}\]")
_WITHIN: Final = re.compile(rf"[\[<]{_NUMBERS}[\]>]")
_THREE_NUMBERS: Final = re.compile(r"\[[0-9]{1,3}:[0-9]{1,3}:([0-9]{1,3})\]")
_YRC_LINE: Final = re.compile(r"\s*\[([0-9]{1,9}),([0-9]{1,9})\]")
_YRC_WORD: Final = re.compile(r"\(([0-9]{1,9}),([0-9]{1,9}),-?[0-9]{1,9}\)")
_MOST_MS: Final = 10**9
_SECONDS_OF_A_MINUTE: Final = 60


@dataclass(frozen=True, slots=True)
class TimedWord:
    """A word, or a syllable, with its time.

    Attributes:
        text: As written, without white space at its ends.
        start_ms: Milliseconds from the beginning of the song.
        duration_ms: Milliseconds; ``None`` where only the start is stated.
    """

    text: str
    start_ms: int
    duration_ms: int | None = None


@dataclass(frozen=True, slots=True)
class StampedLine:
    """A line as one of the formats states it.

    Attributes:
        starts_ms: Every time at which the line begins; empty for a line without stamps.
        text: Without its stamps.
        duration_ms: As stated, else ``None``.
        words: Times of its words, for its first start.
    """

    starts_ms: tuple[int, ...]
    text: str
    duration_ms: int | None = None
    words: tuple[TimedWord, ...] = ()


def third_is_hundredths(text: str) -> bool:
    """Return whether ``[aa:bb:cc]`` in this text means minutes, seconds and hundredths.

    The stamp alone does not say. Read as hours, minutes and seconds, no number can be over 59; the hundredths of a
    song's lines nearly always hold one that is.
    """
    return any(int(third) >= _SECONDS_OF_A_MINUTE for third in _THREE_NUMBERS.findall(text))


def read_line(raw: str, *, hundredths: bool) -> StampedLine:
    """Read one line in any of the formats; what is in none of them is a line of text without stamps.

    Args:
        raw: The line, without its line break.
        hundredths: See :func:`third_is_hundredths`.
    """
    found = _YRC_LINE.match(raw)
    if found:
        return _read_yrc(raw[found.end() :], int(found[1]), int(found[2]))
    if raw.lstrip().startswith("{"):
        line = _read_json(raw)
        if line is not None:
            return line
    return _read_lrc(raw, hundredths)


def _read_lrc(raw: str, hundredths: bool) -> StampedLine:
    starts, at = [], 0
    while found := _LEADING.match(raw, at):
        starts.append(_milliseconds(found, hundredths))
        at = found.end()
    rest = raw[at:]
    marks = list(_WITHIN.finditer(rest))
    if not marks:
        return StampedLine(tuple(starts), _squeeze(rest))
    if not starts:
        starts = [_milliseconds(marks[0], hundredths)]
    words = []
    pieces = [rest[: marks[0].start()]]
    if pieces[0].strip():  # before the first stamp within: sung when the line begins
        words.append((pieces[0], starts[0]))
    ends = [mark.start() for mark in marks[1:]] + [len(rest)]
    for mark, end in zip(marks, ends, strict=True):
        piece = rest[mark.end() : end]
        pieces.append(piece)
        words.append((piece, _milliseconds(mark, hundredths)))
    following = [start for _, start in words[1:]]
    timed = [
        TimedWord(word.strip(), start, max(0, after - start) if after is not None else None)
        for (word, start), after in zip(words, [*following, None], strict=True)
        if word.strip()
    ]
    return StampedLine(tuple(starts), _squeeze("".join(pieces)), None, tuple(timed))


def _milliseconds(found: re.Match[str], hundredths: bool) -> int:
    first, second, third, fraction = found.groups()
    thousandths = int((fraction or "0").ljust(3, "0")[:3])
    if third is None:
        minutes, seconds = int(first), int(second)
    elif hundredths and fraction is None:
        minutes, seconds, thousandths = int(first), int(second), int(third.ljust(3, "0"))
    else:
        minutes, seconds = 60 * int(first) + int(second), int(third)
    return 1000 * (_SECONDS_OF_A_MINUTE * minutes + seconds) + thousandths


def _read_yrc(rest: str, start: int, duration: int) -> StampedLine:
    # split gives: text before, then (start, duration, word) for each stamp.
    parts = _YRC_WORD.split(rest)
    words = tuple(
        TimedWord(word.strip(), int(at), int(length))
        for at, length, word in zip(parts[1::3], parts[2::3], parts[3::3], strict=True)
        if word.strip()
    )
    return StampedLine((start,), _squeeze("".join([parts[0], *parts[3::3]])), duration, words)


def _read_json(raw: str) -> StampedLine | None:
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    if not isinstance(body, dict) or not isinstance(body.get("c"), list):
        return None
    start = body.get("t")
    starts = (
        (start,) if isinstance(start, int) and not isinstance(start, bool) and 0 <= start <= _MOST_MS else ()
    )
    parts = [part.get("tx") for part in body["c"] if isinstance(part, dict)]
    text = "".join(part for part in parts if isinstance(part, str))
    return StampedLine(starts, _squeeze(text))


def _squeeze(text: str) -> str:
    return " ".join(text.split())
