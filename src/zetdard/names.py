"""Normal forms of names and titles, and the splitting of artist strings.

Used to give an artist one identity, to find songs by what a person types, and to recognise versions of one
song. Normal forms are for comparing; what is shown is always the raw string.
"""

from __future__ import annotations

import re
import unicodedata

_SPACE = re.compile(r"\s+")
_FEATURING = re.compile(r"\s*[\(\[（【]?\s*\b(?:feat|ft)\.\s*", re.IGNORECASE)
# A bracketed or dashed tail that names a version and not another song.
_VERSION_WORDS = (
    r"live|remix|remaster(?:ed)?|demo|acoustic|instrumental|karaoke|cover|edit|version|ver\.?|mix|"
    r"deluxe|bonus|radio|extended|explicit|clean|mono|stereo|reprise|unplugged|"
    r"现场|翻唱|伴奏|纯音乐|混音|重制|版|版本|翻自|原唱|片段|完整|铃声|慢速|加速"
)
_BRACKETED_VERSION = re.compile(
    rf"\s*[\(\[（【「][^\)\]）】」]*(?:{_VERSION_WORDS}|\b(?:feat|ft|with|prod)\b)[^\)\]）】」]*[\)\]）】」]",
    re.IGNORECASE,
)
_DASHED_VERSION = re.compile(
    rf"\s+[-–—]\s+[^-–—]*\b(?:{_VERSION_WORDS.split('|现场')[0]})\b[^-–—]*$", re.IGNORECASE
)


def normal_form(text: str) -> str:
    """Return ``text`` folded for comparison: NFKC (which folds width), case, and white space.

    Diacritics stay: ``Beyoncé`` and ``Beyonce`` may be two people, and an ambiguous merge is not made.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    # Case folding can denormalise (for example U+0130), so normalise once more.
    return _SPACE.sub(" ", unicodedata.normalize("NFKC", folded)).strip()


def split_artists(raw: str, *, separator: str | None) -> tuple[str, ...]:
    """Split an artist string into the names of single artists, in order, without repeats.

    Splits at ``separator`` (the source's own) and at ``feat.`` / ``ft.``. Never at ``&``, ``/``, ``,`` or
    ``x``, which belong to names (Simon & Garfunkel, AC/DC).

    Args:
        raw: The string as the source wrote it.
        separator: What the source itself puts between artists; ``None`` where it documents none.

    Returns:
        Stripped names; empty when ``raw`` holds no name.
    """
    parts = raw.split(separator) if separator else [raw]
    names: dict[str, str] = {}
    for part in parts:
        for index, piece in enumerate(_FEATURING.split(part)):
            name = piece.strip()
            if index > 0:
                name = name.rstrip(")]）】").rstrip() if not re.search(r"[\(\[（【]", name) else name
            if name:
                names.setdefault(normal_form(name), name)
    return tuple(names.values())


def title_key(title: str) -> str:
    """Return the normal form of a title without the words that only name a version.

    ``晴天 (Live)``, ``晴天 - Remastered 2004`` and ``晴天`` share one key. A title that consists of such a
    tail alone keeps it.
    """
    plain = _DASHED_VERSION.sub("", _BRACKETED_VERSION.sub("", title))
    return normal_form(plain) or normal_form(title)
