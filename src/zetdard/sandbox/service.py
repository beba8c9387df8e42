"""What an invented service says of its own: charts of plays, similar songs, the songs of the day, a radio."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zetdard.sandbox.collecting import pick
from zetdard.sandbox.config import WorldConfig
from zetdard.sandbox.music import Floats, Ints, Music

CHART_LENGTH = 100
DAILY_LENGTH = 30
RADIO_LENGTH = 3

_WEEK_SHARE = 0.3
_WEEK_DIVISOR = 20.0
_PLAYS_SPREAD = 0.9
_PLAYS_LEAN = 0.15


@dataclass(frozen=True, slots=True)
class ChartRow:
    """A song's place in the chart of a listener's plays.

    Attributes:
        song_row: The song.
        score: Plays in percent of the first song's, rounded.
        plays: How often it was played, at least once.
    """

    song_row: int
    score: int
    plays: int


def draw_chart(
    config: WorldConfig, user: int, held: Ints, scores: Floats, *, week: bool
) -> tuple[ChartRow, ...]:
    """Draw the chart of a listener, most played first.

    Plays are log-normal and lean towards what the listener likes.

    Args:
        config: The streams.
        user: Row of the listener.
        held: (n,) rows of the songs that the listener holds.
        scores: (n_songs,) the listener's oracle scores.
        week: The last week's chart, of some of these songs; else the chart of all time.
    """
    random = config.stream("plays", user)
    spread = random.standard_normal(held.size)
    lately, luck = random.random(held.size) < _WEEK_SHARE, random.standard_normal(held.size)
    if held.size == 0:
        return ()
    likes = scores[held] - scores[held].mean()
    plays = np.exp(3 + _PLAYS_SPREAD * spread + _PLAYS_LEAN * likes)
    if week:
        plays, held = (plays * np.exp(0.5 * luck) / _WEEK_DIVISOR)[lately], held[lately]
    counts = np.maximum(1, plays.astype(np.int64))
    order = np.argsort(-counts, kind="stable")[:CHART_LENGTH]
    return tuple(
        ChartRow(
            song_row=int(held[row]), score=round(100 * counts[row] / counts[order[0]]), plays=int(counts[row])
        )
        for row in order.tolist()
    )


def draw_similar(config: WorldConfig, music: Music, song: int, n: int) -> tuple[int, ...]:
    """Return the rows of the ``n`` songs most like one, the likest first: cosine and the service's noise."""
    n = min(n, config.n_songs - 1)
    if n <= 0:
        return ()
    likeness = music.song_latents @ music.song_latents[song]
    likeness += config.service_noise * config.stream("similar songs", song).standard_normal(config.n_songs)
    likeness[song] = -np.inf
    nearest = np.argpartition(-likeness, n - 1)[:n]
    return tuple(nearest[np.argsort(-likeness[nearest], kind="stable")].tolist())


def draw_offers(
    config: WorldConfig, music: Music, user: int, held: Ints, scores: Floats, *, purpose: str, n: int
) -> tuple[int, ...]:
    """Draw ``n`` songs that the service offers to a listener, as the listener would pick them.

    Noise of ``service_noise`` cosines is in what the service knows; held songs are not offered, nor those that
    nobody holds.

    Args:
        config: Strengths and streams.
        music: The songs.
        user: Row of the listener.
        held: Rows of the songs that the listener holds.
        scores: (n_songs,) the listener's oracle scores.
        purpose: Which of the service's recommenders, a name for its stream.
        n: How many, at most.
    """
    random = config.stream(purpose, user)
    noise = config.taste_strength * config.service_noise * random.standard_normal(config.n_songs)
    known = scores + noise
    known[held] = -np.inf
    known[~music.song_held] = -np.inf
    return tuple(pick(random, known, n).tolist())
