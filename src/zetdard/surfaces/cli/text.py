"""Answers as text for a terminal."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Sequence
from typing import Any

from zetdard.recommend.query import (
    Because,
    HeldBy,
    Kind,
    Popular,
    Reason,
    Recommendation,
    Recommended,
    SharedMoods,
    SharedTags,
    SharedWords,
    Without,
)


def printable(text: str) -> str:
    """Return ``text`` without what could steer a terminal or turn the reading direction.

    Titles and nicknames are other people's words: escape sequences, line breaks and bidirectional overrides in
    them become a visible replacement.
    """
    return "".join(
        "\ufffd"
        if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"} and character not in _HARMLESS
        else character
        for character in text
    )


# Zero-width joiners make emoji and some scripts; they steer nothing.
_HARMLESS = frozenset("\u200c\u200d")


def print_json(document: dict[str, Any]) -> None:
    """Write one JSON document to standard output; with escapes where its encoding cannot hold every character."""
    ascii_only = not (sys.stdout.encoding or "").lower().startswith("utf")
    json.dump(document, sys.stdout, ensure_ascii=ascii_only, indent=2, allow_nan=False)
    sys.stdout.write("\n")


def print_recommendation(answer: Recommendation, *, explain: bool) -> None:
    """Write a list, with its reasons where asked."""
    for song in answer.understood:
        print(f"you like: {printable(song.name)} [{printable(song.id)}]")
    who = answer.query.user or "you"
    kind = "" if answer.personal else " (not personal)"
    print(f"{answer.query.kind.value} for {printable(who)}{kind} — model {answer.model}")
    if answer.note:
        print(f"note: {printable(answer.note)}")
    if explain and answer.items and not any(item.reasons for item in answer.items):
        print(f"note: the model {answer.model} gives no reasons")
    for item in answer.items:
        print(f"{item.rank:4d}  {_title(item, answer.query.kind)}")
        if explain:
            for line in _reason_lines(item.reasons, item.rank):
                print(f"      {line}")


def _title(item: Recommended, kind: Kind) -> str:
    artists = ", ".join(artist.name for artist in item.artists)
    name = f"{item.name} – {artists}" if artists else item.name
    label = "" if item.name == item.id else f"  [{item.id}]"
    return printable(f"{name}{label}")


def _reason_lines(reasons: Sequence[Reason], rank: int) -> list[str]:
    lines = []
    for kind, what in (("song", "your songs"), ("artist", "your artists")):
        causes = [reason for reason in reasons if isinstance(reason, Because) and reason.kind == kind]
        if causes:
            named = [f"{printable(cause.source.name)} {cause.share:.0%}" for cause in causes[:3]]
            more = len(causes) - len(named)
            lines.append(f"{what}: {', '.join(named)}{f' and {more} more' if more else ''}")
    people = [reason for reason in reasons if isinstance(reason, HeldBy)]
    if people:
        named = [f"{printable(reason.person.name)} ({reason.shared} in common)" for reason in people[:3]]
        more = len(people) - len(named)
        lines.append(f"held by: {', '.join(named)}{f' and {more} more' if more else ''}")
    for reason in reasons:
        if isinstance(reason, SharedTags | SharedMoods | SharedWords):
            lines.append(f"{shared_line(reason)} (with {printable(reason.source.name)})")
        elif isinstance(reason, Without):
            lines.append(f"without {printable(reason.source.name)}: {_without(reason.rank, rank)}")
        elif isinstance(reason, Popular):
            many = f"{reason.count:,}"
            lines.append(f"held by {many} people" if reason.word == "holders" else f"holds {many}")
    return lines


def shared_line(reason: SharedTags | SharedMoods | SharedWords) -> str:
    """Return in words what two songs or artists have in common."""
    if isinstance(reason, SharedTags):
        return f"both sound: {', '.join(printable(tag) for tag in reason.tags)}"
    if isinstance(reason, SharedMoods):
        moods = ", ".join(printable(mood) for mood in reason.moods)
        return f"both feel: {moods}{' (as heard)' if reason.heard else ''}"
    return f"words in common: {', '.join(printable(word) for word in reason.words)}"


def _without(place: int | None, rank: int) -> str:
    if place is None:
        return "it would not be here"
    return "still at this rank" if place == rank else f"rank {place:,}"


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Write columns: the first to the left, the others to the right; wide characters count two."""
    widths = [max(display_width(row[column]) for row in [header, *rows]) for column in range(len(header))]
    for row in [header, *rows]:
        cells = [
            text + " " * (width - display_width(text))
            if column == 0
            else " " * (width - display_width(text)) + text
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        print("  ".join(cells).rstrip())


def display_width(text: str) -> int:
    """Return how many columns of a terminal a text takes: wide characters two, marks on others none."""
    return sum(_columns_of(character) for character in text)


def _columns_of(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
