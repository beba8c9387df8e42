"""Similar songs and artists, and paths through sound, as text for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from zetdard.recommend.likeness import (
    By,
    CloseTempo,
    CommonHolders,
    Likeness,
    Near,
    SameKey,
    Similar,
    SimilarKind,
)
from zetdard.recommend.path import SoundPath, Stop
from zetdard.recommend.query import Named, SharedMoods, SharedTags, SharedWords
from zetdard.surfaces.cli.text import display_width, printable, shared_line

_WIDEST = 60
"""Columns of a terminal for titles; longer ones push what follows to the right."""


def print_similar(answer: Similar) -> None:
    """Write what is like a song or an artist, with its places and what both have in common."""
    by = ", ".join(_by(part, answer.model) for part in answer.parts)
    kind = "songs" if answer.query.kind is SimilarKind.SONGS else "artists"
    print(f"{kind} like {_titled(answer.asked, answer.artists)} — by {by}")
    if answer.note:
        print(f"note: {printable(answer.note)}")
    titles = [_titled(Named(item.id, item.name), item.artists) for item in answer.items]
    width = _column(titles)
    for item, title in zip(answer.items, titles, strict=True):
        print(f"{item.rank:4d}  {_padded(title, width)}  {_score(item.score)}")
        for line in _likeness_lines(item.reasons, fused=len(answer.parts) > 1):
            print(f"      {line}")


def print_path(answer: SoundPath) -> None:
    """Write the songs of a path with the size of each step, and the tags that come and go."""
    if answer.note:
        print(f"note: {printable(answer.note)}")
    titles = [_titled(stop.song, stop.artists) for stop in answer.stops]
    width = _column(titles)
    for place, (stop, title) in enumerate(zip(answer.stops, titles, strict=True), start=1):
        step = "" if stop.step is None else f"{stop.step:7.4f}"
        cells = f"{place:4d}  {_padded(title, width)}  {step:7}  {_changes(stop)}"
        print(cells.rstrip())
    if len(answer.stops) > 1:
        print(
            f"steps: 0 = sounds the same, 1 = unrelated; the largest {answer.largest:.4f}, directly {answer.direct:.4f}"
        )


def _by(part: By, model: str | None) -> str:
    return f"{part.value} (model {model})" if part is By.PEOPLE else part.value


def _titled(thing: Named, artists: Sequence[Named]) -> str:
    names = ", ".join(artist.name for artist in artists)
    name = f"{thing.name} – {names}" if names else thing.name
    return printable(name if thing.name == thing.id else f"{name}  [{thing.id}]")


def _score(score: float) -> str:
    """Return a score with four digits that tell something: fused ones are small."""
    return f"{score:.4f}" if abs(score) >= 0.1 else f"{score:.4g}"


def _likeness_lines(reasons: Sequence[Likeness], *, fused: bool) -> list[str]:
    lines = []
    places = [reason for reason in reasons if isinstance(reason, Near)]
    if fused and places:
        named = [f"{near.by.value} rank {near.rank:,} ({_score(near.score)})" for near in places]
        lines.append(f"by {', '.join(named)}")
    for reason in reasons:
        match reason:
            case SharedTags() | SharedMoods() | SharedWords():
                lines.append(shared_line(reason))
            case CloseTempo():
                slower, faster = sorted((round(reason.own), round(reason.other)))
                both = f"about {slower}" if slower == faster else f"{slower} to {faster}"
                lines.append(f"both {both} BPM")
            case SameKey():
                lines.append(f"both in {reason.key}")
            case CommonHolders():
                lines.append(
                    f"{reason.count:,} {'person holds' if reason.count == 1 else 'people hold'} both"
                )
            case Near():
                pass  # told above, all in one line
    return lines


def _changes(stop: Stop) -> str:
    come = [f"+ {printable(tag)}" for tag in stop.comes]
    go = [f"− {printable(tag)}" for tag in stop.goes]
    return "  ".join([*come, *go])


def _column(titles: Sequence[str]) -> int:
    return min(_WIDEST, max((display_width(title) for title in titles), default=0))


def _padded(text: str, width: int) -> str:
    return text + " " * max(0, width - display_width(text))
