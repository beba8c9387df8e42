"""Titles and names in pictures: made harmless, and a font found that has their letters."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from zetdard.errors import MissingExtraError

USUAL = "DejaVu Sans"
"""Comes with matplotlib, so that it is the same on every machine."""

_FIRST_TRIED = (
    "notosanscjk",
    "notosanssc",
    "sourcehansans",
    "pingfang",
    "msyh",
    "microsoftyahei",
    "wqy",
    "hiragino",
    "arialunicode",
    "simhei",
    "droidsansfallback",
    "applesdgothic",
    "malgun",
    "yugoth",
)
"""What a file's name holds, the most readable first. Others are tried after them."""
_MOST_FONTS = 4
_MOST_LOOKED_AT = 400
_IN_COLOUR = ("coloremoji", "colouremoji", "applecoloremoji", "seguiemj", "twemoji", "lastresort")
"""Fonts whose letters are pictures, which cannot be drawn, or that have only a box for every letter."""


class Choice(NamedTuple):
    """Which fonts to write with.

    Attributes:
        families: Their names, the usual one first.
        missing: Letters that none of them has, in their order in Unicode.
    """

    families: tuple[str, ...]
    missing: str


def clean(text: str, most: int = 60) -> str:
    """Return one line of at most ``most`` letters, without what cannot be seen or would turn the line around.

    Line breaks, control characters, marks of direction, variation selectors and halves of letters go; runs of spaces
    become one; what is too long ends in "…".
    """
    kept = []
    for letter in unicodedata.normalize("NFC", text):
        kind = unicodedata.category(letter)
        if kind in ("Cc", "Zl", "Zp", "Zs"):
            kept.append(" ")
        elif kind not in ("Cf", "Cs", "Co", "Cn") and not 0xFE00 <= ord(letter) <= 0xFE0F:
            kept.append(letter)
    line = " ".join("".join(kept).split())
    return line if len(line) <= most else f"{line[: max(0, most - 1)].rstrip()}…"


def choose(letters: Iterable[str]) -> Choice:
    """Find fonts of this machine for letters.

    Args:
        letters: Texts or single letters.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    wanted = {letter for text in letters for letter in text if not letter.isspace()}
    missing = wanted - _letters_of_usual()
    families = [USUAL]
    for path in _candidates() if missing else ():
        if len(families) > _MOST_FONTS or not missing:
            break
        found = _best_face(path, missing)
        if found is None or found.family in families:
            continue
        _register(path)
        families.append(found.family)
        missing -= found.letters
    return Choice(tuple(families), "".join(sorted(missing)))


def advice(missing: str) -> str:
    """Return a sentence for somebody whose machine lacks letters; empty where none is missing."""
    if not missing:
        return ""
    some = " ".join(missing[:20]) + (f" and {len(missing) - 20:,} more" if len(missing) > 20 else "")
    if any(_is_east_asian(letter) for letter in missing):
        remedy = "a font with Chinese letters"
        if sys.platform.startswith("linux"):
            remedy += " (Debian, Ubuntu: apt install fonts-noto-cjk, or the smaller fonts-wqy-microhei)"
    else:
        remedy = "a font that has them (in one colour)"
    return f"No font here has {some}: boxes stand in their place. Install {remedy} and draw again."


class _Face(NamedTuple):
    family: str
    letters: frozenset[str]


def _best_face(path: str, wanted: set[str]) -> _Face | None:
    """Return the face of a font file that has the most of some letters; ``None`` where none has any."""
    faces = [_Face(face.family, face.letters & wanted) for face in _faces(path)]
    best = max(faces, key=lambda face: len(face.letters), default=None)
    return best if best is not None and best.letters else None


@cache
def _faces(path: str) -> Sequence[_Face]:
    """Return the faces of a font file that matplotlib can reach by their name, of the first few of a collection."""
    library = _library().ft2font
    found: list[_Face] = []
    try:
        first = library.FT2Font(path)
        # Before 3.11, matplotlib opens the first face of a collection only.
        reachable = (
            min(getattr(first, "num_faces", 1), 6) if "face_index" in str(first.__init__.__doc__) else 1
        )
        for number in range(reachable):
            face = library.FT2Font(path, face_index=number) if number else first
            if face.scalable:
                found.append(_Face(face.family_name, frozenset(map(chr, face.get_charmap()))))
    except (
        OSError,
        RuntimeError,
        ValueError,
        UnicodeDecodeError,
    ):  # damaged, or of a kind that cannot be drawn
        return ()
    return tuple(found)


@cache
def _candidates() -> tuple[str, ...]:
    """Return font files of this machine, the best for Chinese first; not from matplotlib's list, which grows stale."""
    paths = [path for path in _library().font_manager.findSystemFonts() if _is_plain(path)]
    return tuple(sorted(paths, key=_order))[:_MOST_LOOKED_AT]


def _is_plain(path: str) -> bool:
    name = Path(path).name.casefold().replace("-", "").replace(" ", "")
    return not any(word in name for word in _IN_COLOUR)


def _order(path: str) -> tuple[int, bool, str]:
    name = Path(path).name.casefold().replace("-", "").replace(" ", "").replace("_", "")
    rank = next((number for number, word in enumerate(_FIRST_TRIED) if word in name), len(_FIRST_TRIED))
    unusual = any(
        word in name for word in ("bold", "italic", "oblique", "light", "thin", "black", "mono", "heavy")
    )
    return rank, unusual, path


@cache
def _register(path: str) -> None:
    _library().font_manager.fontManager.addfont(path)


@cache
def _letters_of_usual() -> frozenset[str]:
    path = str(Path(_library().get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf")
    return _faces(path)[0].letters


def _is_east_asian(letter: str) -> bool:
    return (unicodedata.east_asian_width(letter) in ("W", "F") and ord(letter) < 0x1F000) or ord(
        letter
    ) >= 0x20000


@cache
def _library() -> Any:
    try:
        import matplotlib
        import matplotlib.font_manager
        import matplotlib.ft2font
    except ImportError as error:
        raise MissingExtraError("pictures", "drawing pictures") from error
    return matplotlib
