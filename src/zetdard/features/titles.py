"""What a song's title says beside its name: which version it is, which edition, and who sings along.

All forms are for comparing and are never shown.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from zetdard.names import normal_form, title_key

_LONGEST = 500
"""Characters of a title that are read: brackets in brackets in a longer one would take minutes."""

_LETTER = "a-zà-ɏ"
_BRACKETS = "()[]【】「」『』"
_BRACKET = re.compile(rf"[(\[【「『]([^{re.escape(_BRACKETS)}]*)[)\]】」』]")
_TAIL = re.compile(r"^(.*\S)\s+[-–—~]\s+(.+)$")
_GUESTS = re.compile(rf"(?<![{_LETTER}])(?:feat|ft)(?:\.|\s)\s*", re.IGNORECASE)
_GUEST_NOTE = re.compile(r"^(?:(?:feat|ft)(?:\.|\s)|featuring\s)\s*")
_BESIDE = re.compile(r"^(?:prod(?:\.|\s)|produced\sby\s)")
_SEVERAL = re.compile(r"\s*(?:[&/,、;|+()]|\s(?:feat|ft)\.|\s(?:x|vs\.?|and|with)\s)\s*")

_EDITION = re.compile(
    rf"""(?<![{_LETTER}])(?:
        (?:\d{{4}}\s)?(?:digital(?:ly)?\s)?remaster(?:ed)?(?:\s(?:version|edition))?(?:\s\d{{4}})?
      | (?:super\s)?deluxe(?:\sedition)? | bonus(?:\strack)? | explicit | (?:album|single|original)\s(?:version|mix)
      | official(?:\s(?:audio|video|music\svideo|mv))? | stereo | hd | hq
    )(?![{_LETTER}]) | 完整版 | 重制版? | 原版 | 无损""",
    re.VERBOSE,
)
"""Words for the same recording, published otherwise."""


def _words(latin: str, other: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![{_LETTER}'])(?:{latin})(?![{_LETTER}])|{other}")


_KINDS = {
    "live": _words(r"live|concert|unplugged|mtv\sunplugged", "现场|現場|演唱会|演唱會|音乐会|ライブ|ライヴ"),
    "remix": _words(
        r"remix(?:ed|es)?|mix|mashup|bootleg|rework|nightcore|sped\sup|slowed|reverb|dj|vip",
        "混音|加速|慢速|降调|升调|变速",
    ),
    "cover": _words(r"cover(?:ed)?(?:\sby)?|tribute", "翻唱|翻自|翻奏|原唱"),
    "instrumental": _words(
        r"instrumental|inst\.?|karaoke|off\svocal|backing\strack|piano|guitar|orchestral|music\sbox|beat",
        "伴奏|纯音乐|純音樂|钢琴|吉他|八音盒|カラオケ",
    ),
    "acoustic": _words(r"acoustic", "不插电|木吉他"),
    "demo": _words(r"demo", "小样|试听"),
    "part": _words(r"snippet|preview|excerpt|ringtone", "片段|铃声"),
    "cut": _words(r"edit|extended|short\sver(?:sion|\.)?|tv\ssize", "剪辑|短版"),
    "a cappella": _words(r"a\s?cappella|acapella", "清唱|阿卡贝拉"),
}
"""Words that name another recording of a song; a kind stands for all of its words."""

_PLAIN = re.compile(r"版本?|(?<![a-z])(?:version|ver\.?|edition|track|mix)(?![a-z])")
_TRAILING = re.compile(
    r"(?<=\S)\s*(?:(?:live|dj|remix)\s?版|(?:现场|伴奏|纯音乐|翻唱|混音)版?)$|"
    r"(?<=\S)\s(?:live|remix|instrumental|acoustic|karaoke|demo)$"
)
"""Versions that are named without a bracket or a dash."""

_ALBUM_KINDS = ("live", "instrumental")
_NUMBER = re.compile(r"\d+|(?<![a-z])(?:i{1,3}|iv|vi{0,3}|ix|xi{0,3})(?![a-z])|[一二三四五六七八九十上中下]")


class _Letters(dict[int, int | None]):
    """Keeps what is not a space, a mark of punctuation, a symbol or a control character."""

    def __missing__(self, code: int) -> int | None:
        self[code] = None if unicodedata.category(chr(code))[0] in "PSZC" else code
        return self[code]


_letters = _Letters()


def compact(text: str) -> str:
    """Return the normal form without spaces, punctuation and symbols; of a text that has nothing else, with them."""
    folded = normal_form(text[:_LONGEST])
    return folded.translate(_letters) or folded


@dataclass(frozen=True, slots=True)
class Title:
    """A title, taken apart.

    Attributes:
        written: Its normal form.
        whole: All of it, as ``compact`` returns it.
        bare: The name alone: no brackets, no version, no guests.
        kinds: Which kinds of version its words name, wherever they stand.
        versions: What brackets and tails say of the version: the kinds, and what makes this one of them.
        subtitles: What brackets say that names neither version, edition nor guest.
        editions: Words for the same recording, published otherwise.
        guests: Who sings along, as ``split_names`` returns them.
        numbers: Numbers in the name, in order: parts of a work differ in nothing else.
    """

    written: str
    whole: str
    bare: str
    kinds: frozenset[str]
    versions: frozenset[str]
    subtitles: frozenset[str]
    editions: frozenset[str]
    guests: frozenset[str]
    numbers: tuple[str, ...]


def title_keys(title: str) -> tuple[str, str]:
    """Return (``whole``, ``bare``) of a title, by which it is looked up."""
    written = normal_form(title[:_LONGEST])
    name, _, _ = _apart(written)
    return written.translate(_letters) or written, name.translate(_letters) or name


def read_title(title: str) -> Title:
    """Take a title apart."""
    written = normal_form(title[:_LONGEST])
    name, notes, guests = _apart(written)
    versions: set[str] = set()
    subtitles: set[str] = set()
    editions: set[str] = set()
    for note in notes:
        editions.update(found[0].translate(_letters) for found in _EDITION.finditer(note))
        rest = _EDITION.sub(" ", note).strip()
        if not rest.translate(_letters):
            continue
        if _names_version(note) or kinds_of(rest):
            versions.add(_version(rest))
        else:
            subtitles.add(rest.translate(_letters))
    return Title(
        written=written,
        whole=written.translate(_letters) or written,
        bare=name.translate(_letters) or name,
        kinds=kinds_of(_EDITION.sub(" ", written)),
        versions=frozenset(versions),
        subtitles=frozenset(subtitles),
        editions=frozenset(editions),
        guests=frozenset().union(*(split_names(guest) for guest in guests)),
        numbers=tuple(_NUMBER.findall(name)),
    )


def kinds_of(text: str) -> frozenset[str]:
    """Return the kinds of version that the words of a normal form name."""
    return frozenset(kind for kind, words in _KINDS.items() if words.search(text))


def album_kinds(album: str) -> frozenset[str]:
    """Return the kinds of version that all songs of an album are, as its title says."""
    return kinds_of(normal_form(album[:_LONGEST])).intersection(_ALBUM_KINDS)


def split_names(names: str) -> frozenset[str]:
    """Return the compact forms of all that may be a name, split also at what may belong to one (AC/DC)."""
    return frozenset(form for name in _SEVERAL.split(normal_form(names)) if (form := name_form(name)))


def name_form(name: str) -> str:
    """Return the compact form of an artist's name, without a leading "the"; empty for no name at all."""
    if not name.strip():
        return ""
    form = normal_form(name[:_LONGEST])
    return compact(form.removeprefix("the ") or form)


def _apart(written: str) -> tuple[str, list[str], list[str]]:
    """Take a normal form apart: the name, notes in brackets and tails, guests."""
    notes: list[str] = []
    guests: list[str] = []

    def note(text: str) -> None:
        text = text.strip()
        if guest := _GUEST_NOTE.match(text):
            guests.append(text[guest.end() :])
        elif text and not _BESIDE.match(text):
            notes.append(text)

    name, former = written, ""
    while name != former and any(bracket in name for bracket in "([【「『"):
        former = name
        for found in _BRACKET.finditer(name):
            note(found[1])
        name = _BRACKET.sub(" ", name)
    name = normal_form(name)
    while (tail := _TAIL.match(name)) and (_names_version(tail[2]) or kinds_of(tail[2])):
        note(tail[2])
        name = tail[1]
    first, *sung_by = _GUESTS.split(name)
    if sung_by and first.strip():
        name = first.strip()
        guests += sung_by
    if trailing := _TRAILING.search(name):
        note(trailing[0])
        name = name[: trailing.start()]
    if not name.translate(_letters):
        # The brackets are the name.
        return written, [], []
    return name, notes, guests


@lru_cache(maxsize=20_000)
def _names_version(note: str) -> bool:
    return title_key(f"x ({note})") == "x"


def _version(note: str) -> str:
    """Return one form for all ways to say the same version: ``live版`` and ``现场`` are one, ``live at …`` another."""
    kinds = kinds_of(note)
    rest = note
    for kind in kinds:
        rest = _KINDS[kind].sub(" ", rest)
    return " ".join([*sorted(kinds), _PLAIN.sub(" ", rest).translate(_letters)])
