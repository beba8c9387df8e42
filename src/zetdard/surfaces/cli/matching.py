"""``match``: what may be one song, shown and asked about."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from zetdard.store.matches import StoredMatch, StoredSong
from zetdard.surfaces.cli.text import printable

Decide = Callable[[str, str, bool], object]
"""(song, other, whether they are the same)."""

_WORDS = {"y": True, "n": False}


def name_of(song: StoredSong) -> str:
    """Return the id by which a song is named whatever other sources hold."""
    return f"{song.source}:{song.id}"


def print_matches(found: Sequence[StoredMatch]) -> None:
    """List pairs, both songs under each other."""
    for number, pair in enumerate(found, start=1):
        _print_pair(number, pair)


def _print_pair(number: int, pair: StoredMatch) -> None:
    why = ", ".join(reason.replace("-", " ") for reason in pair.reasons)
    print(f"{number:4d}  {pair.confidence:.2f}  {printable(why)}")
    for song in (pair.song, pair.other):
        print(f"      {_line(song)}")


def _line(song: StoredSong) -> str:
    artists = f" – {', '.join(song.artists)}" if song.artists else ""
    album = f" · {song.album}" if song.album else ""
    length = ""
    if song.duration_ms:
        minutes, seconds = divmod(round(song.duration_ms / 1000), 60)
        length = f" · {minutes}:{seconds:02d}"
    return printable(f"{song.title}{artists}{album}{length}  [{name_of(song)}]")


def ask_about(found: Sequence[StoredMatch], decide: Decide) -> int:
    """Ask about one pair after another; return how many were decided."""
    decided = 0
    settled: set[int] = set()
    for number, pair in enumerate(found, start=1):
        if pair.song.key in settled:
            continue
        _print_pair(number, pair)
        answer = _answer()
        if answer is None:
            break
        if answer in _WORDS:
            decide(name_of(pair.song), name_of(pair.other), _WORDS[answer])
            decided += 1
            if _WORDS[answer]:
                settled.add(pair.song.key)
    return decided


def _answer() -> str | None:
    """Return y, n or s (later); ``None`` to stop."""
    while True:
        try:
            word = (
                input("      the same recording? y = yes, n = no, s = later, q = stop: ").strip().lower()[:1]
            )
        except EOFError:
            return None
        if word == "q":
            return None
        if word in ("y", "n", "s"):
            return word


def may_ask() -> bool:
    """Return whether a person sits at both ends."""
    return sys.stdin.isatty() and sys.stdout.isatty()
