"""Normal forms of names and titles, and the splitting of artist strings.

Used to give an artist one identity, to find songs by what a person types, and to recognise versions of one
song. Normal forms are for comparing; what is shown is always the raw string.
"""

from __future__ import annotations

import re
import unicodedata

_SPACE = re.compile(r"\s+")
_OPEN, _CLOSE = "([（［【「『", ")]）］】」』"
_LETTER = "a-zà-ɏ"
"""Letters between which a version's word is part of a longer word; between Chinese and Latin no \\b stands."""

# White space is matched only after a bracket: searched for everywhere, a long run of it would take minutes.
_FEATURING = re.compile(rf"([{re.escape(_OPEN)}]\s*)?(?<![{_LETTER}])(?:feat|ft)\.", re.IGNORECASE)

# Words that name a version wherever they stand in a bracket or after a dash. The rest of this file's patterns
# are for normal forms: lower case, brackets and letters of normal width.
_ANYWHERE = rf"""
    (?<![{_LETTER}'’]) (?:
        remix(?:ed|es)? | remaster(?:ed)? | acoustic | instrumental | karaoke | unplugged
      | live\s (?:at|in|from|on) | (?:feat|ft|prod)\.? ) (?![{_LETTER}])
  | 现场 | 翻唱 | 伴奏 | 纯音乐 | 混音 | 重制 | 版 | 翻自 | 原唱 | 片段 | 完整 | 铃声 | 慢速 | 加速
"""
# Words that do so only where they begin or end it: (I live for you) names a song.
_AT_AN_END = r"""
    live | demo | cover | edit(?:ion)? | version | ver\.? | mix | deluxe | bonus | radio | extended | explicit
  | clean | mono | stereo | reprise
"""
_GUEST = r"with\s (?! (?:you|u|me|us|him|her|them|it|my|your|our|the|a|an|no|or|out) \b )"
_VERSION = re.compile(
    rf"{_ANYWHERE} | ^(?:{_AT_AN_END})(?![{_LETTER}]) | (?<![{_LETTER}'’])(?:{_AT_AN_END})[\s\d.]*$ | ^{_GUEST}",
    re.VERBOSE,
)
_BRACKET = re.compile(rf"\s*[{re.escape(_OPEN)}]([^{re.escape(_OPEN + _CLOSE)}]*)[{re.escape(_CLOSE)}]")
_TAIL = re.compile(r"^(.*\S)\s+[-–—]\s+(.+)$")


def normal_form(text: str) -> str:
    """Return ``text`` folded for comparison: NFKC (which folds width), case, and white space.

    Diacritics stay: ``Beyoncé`` and ``Beyonce`` may be two people, and an ambiguous merge is not made.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    # Case folding can denormalise (for example U+0130), so normalise once more.
    return _SPACE.sub(" ", unicodedata.normalize("NFKC", folded)).strip()


def split_artists(raw: str, *, separator: str | None) -> tuple[str, ...]:
    """Split an artist string into the names of single artists, in order, without repeats.

    Splits at ``separator`` (the source's own) and at ``feat.`` / ``ft.``, also in brackets. Never at ``&``, ``/``,
    ``,`` or ``x``, which belong to names (Simon & Garfunkel, AC/DC).

    Args:
        raw: The string as the source wrote it.
        separator: What the source itself puts between artists; ``None`` where it documents none.

    Returns:
        Stripped names; empty when ``raw`` holds no name.
    """
    names: dict[str, str] = {}
    for part in raw.split(separator) if separator else [raw]:
        first, *featured = _FEATURING.split(part)  # name, bracket, name, bracket, name …
        pieces = [first]
        for bracket, piece in zip(featured[::2], featured[1::2], strict=True):
            pieces.append(_without_closing(piece) if bracket else piece)
        for name in (piece.strip() for piece in pieces):
            if name:
                names.setdefault(normal_form(name), name)
    return tuple(names.values())


def _without_closing(text: str) -> str:
    """Remove the bracket that closes one which was opened before ``text``."""
    depth = 1
    for place, character in enumerate(text):
        depth += (character in _OPEN) - (character in _CLOSE)
        if depth == 0:
            return text[:place] + text[place + 1 :]
    return text


def title_key(title: str) -> str:
    """Return the normal form of a title without the brackets and tails that only name a version.

    ``晴天 (Live)``, ``晴天 - Remastered 2004`` and ``晴天`` share one key. A title that consists of such words
    alone keeps them.
    """
    whole = normal_form(title)
    former, plain = "", whole
    while plain != former:
        former = plain
        plain = _BRACKET.sub(lambda found: "" if _names_version(found[1]) else found[0], plain)
        tail = _TAIL.match(plain)
        if tail and _names_version(tail[2]):
            plain = tail[1]
        plain = normal_form(plain)
    return plain or whole


def _names_version(text: str) -> bool:
    return _VERSION.search(text.strip()) is not None
