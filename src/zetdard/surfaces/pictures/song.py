"""The picture of a song: its waveform, spectrum and notes over time, and what is known of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from zetdard.features.audio.portrait import Portrait, mel_band_of
from zetdard.features.audio.tonality import PITCH_CLASSES
from zetdard.surfaces.pictures.canvas import LINES, MUTED, OWN, Picture, bars, look, panel, say, sheet
from zetdard.surfaces.pictures.letters import clean

_HERTZ = (60, 125, 250, 500, 1_000, 2_000, 4_000, 8_000)
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 36_000)
_MOST_MARKS = 12
_RANGE_DB = 80.0
_MOST_MOODS, _MOOD_REACH = 5, 3.0
"""Moods that are shown, and where their bars end: standard deviations."""
_LEAST_GAP = 0.06
"""Of the height, between two marks of the axis of frequency."""


def song_picture(
    portrait: Portrait,
    title: str,
    artists: Sequence[str] = (),
    *,
    tags: Sequence[tuple[str, float]] = (),
    facts: Sequence[tuple[str, str]] = (),
    moods: Sequence[tuple[str, float, float]] = (),
    heard: bool = True,
    width: int = 1_600,
    height: int = 1_000,
) -> Picture:
    """Draw a song.

    Args:
        portrait: What it looks like.
        title: Its title.
        artists: Who performs it.
        tags: (name, probability) of what it sounds like, the most likely first; up to 10 are shown.
        facts: (name, value) in words, for example ``("Tempo", "97 BPM")``; up to 8 are shown.
        moods: (name, number, standard deviations from the mean of what was given); up to 5 are shown.
        heard: Whether they were heard, and not given by a person.
        width: Pixels.
        height: Pixels.
    """
    with look():
        length = clock(portrait.seconds)
        by = ", ".join(clean(artist, 40) for artist in artists)
        picture = sheet(
            width,
            height,
            title,
            " · ".join(filter(None, (by, length))),
            description=f"Waveform, mel spectrogram and chroma of {title!r}, {length} long",
        )
        beside = 330 if tags or facts or moods else 0
        left, right = 95, width - 40 - (beside + 45 if beside else 0)
        top, room = 135, height - 135 - 60
        heights = [room * share for share in (0.22, 0.46, 0.32)]
        places = [top, top + heights[0], top + heights[0] + heights[1]]
        wide = right - left
        _waveform(panel(picture, left, places[0], wide, heights[0] - 52, "Waveform"), portrait)
        _spectrogram(
            panel(picture, left, places[1], wide, heights[1] - 52, "Loudness by frequency"), portrait
        )
        _chroma(panel(picture, left, places[2], wide, heights[2] - 20, "Notes"), portrait)
        if beside:
            _beside(picture, width - 40 - beside, top, beside, room, tags, facts, moods, heard=heard)
        picture.use_fonts()
    return picture


def clock(seconds: float) -> str:
    """Return a time as m:ss, or h:mm:ss from an hour on."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _waveform(axes: Any, portrait: Portrait) -> None:
    columns = len(portrait.envelope)
    times = (np.arange(columns) + 0.5) * portrait.seconds / columns
    axes.fill_between(times, portrait.envelope[:, 0], portrait.envelope[:, 1], color=OWN, linewidth=0)
    axes.axhline(0, color=OWN, linewidth=0.8)
    reach = max(float(np.abs(portrait.envelope).max()), 1e-3) * 1.05
    axes.set_ylim(-reach, reach)
    peak = reach / 1.05
    axes.set_yticks([-peak, 0, peak], [f"−{peak:.2g}", "0", f"{peak:.2g}"])
    axes.grid(axis="x", color=LINES, linewidth=0.6)
    _time_axis(axes, portrait.seconds, labels=False)


def _spectrogram(axes: Any, portrait: Portrait) -> None:
    bands = len(portrait.log_mel)
    loudest = float(portrait.log_mel.max())
    image = axes.imshow(
        portrait.log_mel,
        aspect="auto",
        origin="lower",
        cmap="magma",
        vmin=loudest - _RANGE_DB,
        vmax=loudest,
        extent=(0, portrait.seconds, -0.5, bands - 0.5),
        interpolation="nearest",
    )
    # The lower bands are narrow: marks that would write over each other are left out, from the top down.
    marks: list[tuple[float, int]] = []
    for hz in reversed(_HERTZ):
        band = float(mel_band_of([hz])[0])
        if not marks or marks[-1][0] - band >= bands * _LEAST_GAP:
            marks.append((band, hz))
    axes.set_yticks(
        [band for band, _ in marks], [f"{hz // 1000} k" if hz >= 1000 else str(hz) for _, hz in marks]
    )
    axes.set_ylabel("Hz")
    _time_axis(axes, portrait.seconds, labels=False)
    inside = axes.inset_axes((0.83, 1.035, 0.17, 0.035))
    bar = axes.figure.colorbar(image, cax=inside, orientation="horizontal", ticks=[])
    bar.outline.set_visible(False)
    inside.text(
        -0.03, 0.5, f"−{_RANGE_DB:.0f} dB", transform=inside.transAxes, ha="right", va="center", color=MUTED
    )
    inside.text(
        1.0, 1.6, "loudest", transform=inside.transAxes, ha="right", va="bottom", color=MUTED, fontsize=11
    )


def _chroma(axes: Any, portrait: Portrait) -> None:
    axes.imshow(
        portrait.chroma,
        aspect="auto",
        origin="lower",
        cmap="magma",
        vmin=0,
        vmax=1,
        extent=(0, portrait.seconds, -0.5, 11.5),
        interpolation="nearest",
    )
    axes.set_yticks(range(12), PITCH_CLASSES, fontsize=10)
    _time_axis(axes, portrait.seconds, labels=True)


def _time_axis(axes: Any, seconds: float, *, labels: bool) -> None:
    step = next((step for step in _STEPS if seconds / step <= _MOST_MARKS), 36_000)
    marks = np.arange(0, seconds + 1e-9, step)
    axes.set_xlim(0, seconds)
    axes.set_xticks(marks, [clock(mark) if labels else "" for mark in marks])


def _beside(
    picture: Picture,
    left: float,
    top: float,
    width: float,
    height: float,
    tags: Sequence[tuple[str, float]],
    facts: Sequence[tuple[str, str]],
    moods: Sequence[tuple[str, float, float]],
    *,
    heard: bool,
) -> None:
    shown = list(facts[:8])
    for_facts = 55 + 34 * len(shown) if shown else 0
    if shown:
        axes = panel(picture, left, top, width, for_facts - 45, "What was measured")
        axes.set_axis_off()
        axes.set(xlim=(0, 1), ylim=(len(shown), 0))
        for number, (name, value) in enumerate(shown):
            axes.text(0, number + 0.5, clean(name, 22), va="center", color=MUTED)
            axes.text(1, number + 0.5, clean(value, 22), va="center", ha="right")
    felt = list(moods[:_MOST_MOODS])
    for_moods = 55 + 34 * len(felt) if felt else 0
    if felt:
        axes = panel(
            picture,
            left,
            top + for_facts,
            width,
            for_moods - 45,
            f"Moods, as {'heard' if heard else 'given'}",
        )
        _moods(axes, felt)
    room = height - for_facts - for_moods
    fitting = max(1, min(10, int((room - 55) / 49)))
    axes = panel(
        picture, left, top + for_facts + for_moods, width, min(room, 55 + 52 * fitting), "Sounds like"
    )
    if tags:
        bars(axes, [(name, value) for name, value in tags[:fitting]], OWN)
    else:
        say(axes, "No tags: see zetdard weights.")


def _moods(axes: Any, moods: Sequence[tuple[str, float, float]]) -> None:
    """Draw moods from the top down: a bar from the mean of what was given, and the number at the right."""
    middle, half = 0.6, 0.2
    axes.set_axis_off()
    axes.set(xlim=(0, 1), ylim=(len(moods), 0))
    axes.axvline(middle, color=LINES, linewidth=1)
    for number, (name, value, lead) in enumerate(moods):
        reach = half * float(np.clip(lead / _MOOD_REACH, -1, 1))
        axes.barh(number + 0.5, reach, left=middle, height=0.4, color=OWN)
        axes.text(0, number + 0.5, clean(name, 16), va="center", color=MUTED)
        axes.text(1, number + 0.5, f"{value:.3g}", va="center", ha="right")
