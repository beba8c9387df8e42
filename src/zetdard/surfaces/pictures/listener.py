"""The picture of a listener's taste: by what their songs differ from all songs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zetdard.errors import InputError
from zetdard.surfaces.pictures.canvas import ACCENT, OWN, REST, Picture, bars, look, panel, say, sheet

_BINS = 24


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """One number of each song: of a listener's own and of all.

    Attributes:
        own: Shape (own songs,); what is not a number is left out.
        everybody: Shape (songs,), likewise.
    """

    own: ArrayLike
    everybody: ArrayLike


@dataclass(frozen=True, slots=True, eq=False)
class Taste:
    """What is known of a listener; what is left out is said to be unknown.

    Attributes:
        songs: How many songs the listener holds.
        heard: Of how many of them the sound is known.
        read: Of how many of them the words are known.
        alone: Whether there are no songs but theirs; then ``tags`` are (name, probability).
        tagged: Whether tags are known of some of them.
        tags: (name, lead) by which the listener differs from all songs, the strongest first.
        artists: (name, number of songs held), the most first.
        tempo: BPM.
        valence: Mood of the words, −1 sad to 1 glad.
        loudness: LUFS.
        brightness: Spectral centroid, Hz.
    """

    songs: int
    heard: int = 0
    read: int = 0
    alone: bool = False
    tagged: bool = False
    tags: Sequence[tuple[str, float]] = ()
    artists: Sequence[tuple[str, float]] = ()
    tempo: Spread | None = None
    valence: Spread | None = None
    loudness: Spread | None = None
    brightness: Spread | None = None


def listener_picture(taste: Taste, name: str, *, width: int = 1_600, height: int = 1_000) -> Picture:
    """Draw a listener's taste.

    Args:
        taste: What is known.
        name: The listener's name.
        width: Pixels.
        height: Pixels.
    """
    with look():
        picture = sheet(
            width,
            height,
            f"The taste of {name}",
            f"{taste.songs:,} songs · sound known of {taste.heard:,} · words known of {taste.read:,}",
            description=f"Tags, artists, tempo, mood, loudness and brightness of the {taste.songs:,} songs of {name!r}",
        )
        left, gap, top, low = 50, 60, 150, 70
        wide = (width - 2 * left - 2 * gap) / 3
        tall = (height - top - low - 105) / 2

        def at(row: int, column: int, title: str) -> Any:
            return panel(picture, left + column * (wide + gap), top + row * (tall + 105), wide, tall, title)

        axes = at(0, 0, "Sounds like" if taste.alone else "Sounds more than others")
        if taste.tags:
            form = "{:.2f}" if taste.alone else "+{:.1f}"
            bars(axes, [(tag, lead) for tag, lead in taste.tags[:7]], OWN, form)
        elif taste.tagged:
            say(axes, "These songs sound as all songs do.")
        else:
            say(axes, "No tags are known of these songs.")
        axes = at(1, 0, "Artists held most")
        if taste.artists:
            bars(axes, [(artist, float(count)) for artist, count in taste.artists[:7]], OWN, "{:,.0f}")
        else:
            say(axes, "No artists are known of these songs.")
        sound, words = "The sound of these songs is not known.", "The words of these songs are not known."
        _histogram(at(0, 1, "Tempo"), taste.tempo, "BPM", sound)
        _histogram(at(0, 2, "Mood of the words"), taste.valence, "sad  ←  →  glad", words, (-1.0, 1.0))
        _histogram(at(1, 1, "Loudness"), taste.loudness, "LUFS", sound)
        _histogram(at(1, 2, "Brightness"), taste.brightness, "spectral centroid, Hz", sound)
        _legend(picture, width, height)
        picture.use_fonts()
    return picture


def _histogram(
    axes: Any, spread: Spread | None, unit: str, without: str, span: tuple[float, float] | None = None
) -> None:
    own = _finite(spread.own) if spread is not None else np.empty(0)
    everybody = _finite(spread.everybody) if spread is not None else np.empty(0)
    if not len(own):
        say(axes, without)
        return
    groups = [values for values in (own, everybody) if len(values)]
    low, high = span or (
        min(float(np.quantile(values, 0.01)) for values in groups),
        max(float(np.quantile(values, 0.99)) for values in groups),
    )
    if high - low < 1e-9:
        low, high = low - 0.5, high + 0.5
    edges = np.linspace(low, high, _BINS + 1)
    if len(everybody):
        axes.stairs(_shares(everybody, edges), edges, fill=True, color=REST, alpha=0.55)
    axes.stairs(_shares(own, edges), edges, color=OWN, linewidth=2.4)
    middle = float(np.median(own))
    axes.axvline(min(max(middle, low), high), color=ACCENT, linewidth=1.6, linestyle=(0, (4, 3)))
    axes.set_xlim(low, high)
    axes.set_ylim(0, axes.get_ylim()[1] * 1.12)
    axes.yaxis.set_major_formatter(lambda share, _: f"{share:.0%}")
    axes.locator_params(axis="y", nbins=4)
    axes.locator_params(axis="x", nbins=6)
    axes.set_xlabel(unit)


def _finite(values: ArrayLike) -> NDArray[np.float64]:
    numbers = np.asarray(values, np.float64)
    if numbers.ndim != 1:
        raise InputError(f"there must be one number for each song, not an array of shape {numbers.shape}")
    return numbers[np.isfinite(numbers)]


def _shares(values: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return which share of the values is in each bin; what lies outside counts to the first or last."""
    counts, _ = np.histogram(np.clip(values, edges[0], edges[-1]), edges)
    return counts / len(values)


def _legend(picture: Picture, width: int, height: int) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    picture.figure.legend(
        [
            Line2D([], [], color=OWN, linewidth=2.4),
            Line2D([], [], color=ACCENT, linewidth=1.6, linestyle=(0, (4, 3))),
            Patch(color=REST, alpha=0.55),
        ],
        ["this listener's songs", "their middle (median)", "all songs"],
        loc="upper right",
        bbox_to_anchor=(1 - 40 / width, 1 - 24 / height),
        ncols=3,
    )
