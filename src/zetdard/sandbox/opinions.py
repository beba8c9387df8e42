"""What listeners of an invented world write about songs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zetdard.records import CommentId
from zetdard.sandbox.collecting import DAY_MS, LAST_DAY, DrawnPlaylist
from zetdard.sandbox.config import GENRES, WorldConfig
from zetdard.sandbox.labels import MusicLabels, PeopleLabels
from zetdard.sandbox.listeners import Listeners
from zetdard.sandbox.moods import VALENCE, Moods
from zetdard.sandbox.music import Floats, Ints, Music
from zetdard.sandbox.words import FEELINGS, GENRE_WORDS, OPINIONS, REMEMBERED, SCENES, Pair

_LOWEST_ID = 1_000_000_000
# A multiplicative generator of full period (Park and Miller 1988): distinct numbers get distinct ids.
_PRIME, _FACTOR = 2**31 - 1, 48_271

_OTHER_LANGUAGE = 0.1
_APPROVAL, _APPROVAL_SLOPE, _MOOD_SLOPE = 0.75, 5.0, 1.5


@dataclass(frozen=True, slots=True)
class DrawnComment:
    """A comment on a song.

    Attributes:
        id: Distinct in the world, digits.
        user_row: Who wrote it.
        at: Milliseconds UTC; no two comments on a song share one.
        liked_count: How many people liked it.
        text: What it says.
    """

    id: CommentId
    user_row: int
    at: int
    liked_count: int
    text: str


@dataclass(frozen=True, eq=False)
class Opinions:
    """Draws the comments on any song without drawing those on others.

    Attributes:
        counts: (n_songs,) comments on each song; they sum to ``config.total_comments``.
        firsts: (n_songs,) how many comments the songs before have.
        talkative: (n_users,) log of how much each listener writes; -inf for who holds nothing.
        joined: (n_users,) milliseconds UTC; nobody writes before.
        chinese: Whether each listener writes Chinese, as their nickname is.
    """

    config: WorldConfig
    music: Music
    moods: Moods
    listeners: Listeners
    released_at: Ints
    counts: Ints
    firsts: Ints
    talkative: Floats
    joined: Ints
    chinese: tuple[bool, ...]

    def of(self, song: int) -> tuple[DrawnComment, ...]:
        """Return the comments on a song, newest first."""
        n = int(self.counts[song])
        if n == 0:
            return ()
        random = self.config.stream("comments", song)
        users, fits = self._writers(random, song, n)
        last = LAST_DAY * DAY_MS - n
        begin = np.maximum(self.joined[users], self.released_at[song])
        times = (begin + random.random(n) * (last - begin)).astype(np.int64)
        order = np.argsort(times, kind="stable")
        # A comment at a taken time moves on to the next free millisecond.
        steps = np.arange(n)
        times = (np.maximum.accumulate(times[order] - steps) + steps)[::-1]
        users, fits = users[order][::-1], fits[order][::-1]
        liked = np.exp(1.6 * random.standard_normal(n) + 0.5).astype(np.int64)
        texts = self._texts(random, song, users, fits)
        first = int(self.firsts[song])
        return tuple(
            DrawnComment(id=_id(first + n - 1 - place), user_row=user, at=at, liked_count=likes, text=text)
            for place, (user, at, likes, text) in enumerate(
                zip(users.tolist(), times.tolist(), liked.tolist(), texts, strict=True)
            )
        )

    def _writers(self, random: np.random.Generator, song: int, n: int) -> tuple[Ints, Floats]:
        """Draw who comments, (n,), with repeats, and their cosines with the song, (n,)."""
        cosines = self.listeners.user_latents @ self.music.song_latents[song]
        scores = self.talkative + self.config.commenter_strength * cosines
        cumulative = np.cumsum(np.exp(scores - scores.max()))
        users = np.searchsorted(cumulative / cumulative[-1], random.random(n), side="right")
        return users.astype(np.int64), cosines[users]

    def _texts(self, random: np.random.Generator, song: int, users: Ints, fits: Floats) -> list[str]:
        config, n = self.config, users.size
        follows = random.random((n, 3)) < config.comment_strength
        chances = random.random((n, 3))
        words = random.random((n, 5))
        foreign = random.random(n) < _OTHER_LANGUAGE
        approves = chances[:, 0] < np.where(follows[:, 0], _sigmoid(_APPROVAL_SLOPE * fits), _APPROVAL)
        glad_chance = _sigmoid(_MOOD_SLOPE * self.moods.songs[song, VALENCE])
        glad = chances[:, 1] < np.where(follows[:, 1], glad_chance, 0.5)
        cumulative = np.cumsum(self.moods.genre_shares[song])
        near = np.searchsorted(cumulative / cumulative[-1], chances[:, 2], side="right")
        anywhere = (chances[:, 2] * config.n_genres).astype(np.int64)
        genres = np.where(follows[:, 2], np.minimum(near, config.n_genres - 1), anywhere)
        texts = []
        for place, user in enumerate(users.tolist()):
            language = 0 if self.chinese[user] != bool(foreign[place]) else 1
            kind, *rest = words[place].tolist()
            scene = _one(SCENES, rest[0])[language]
            opinion = _one(OPINIONS[bool(approves[place])], rest[1])[language]
            feeling = _one(FEELINGS[bool(glad[place])], rest[2])[language]
            comma = "，" if language == 0 else ", "
            if kind < 0.3:
                text = opinion
            elif kind < 0.5:
                text = f"{scene}{comma}{opinion}"
            elif kind < 0.65:
                text = f"{scene}{comma}{feeling}"
            elif kind < 0.8:
                text = f"{opinion}{comma}{feeling}"
            else:
                noun = _one(GENRE_WORDS[GENRES[genres[place]]], rest[3])[language]
                text = _one(REMEMBERED, rest[0])[language].format(noun=noun, feeling=feeling)
            texts.append(text)
        return texts


def draw_opinions(
    config: WorldConfig,
    music: Music,
    moods: Moods,
    listeners: Listeners,
    playlists: tuple[DrawnPlaylist, ...],
    labels: tuple[MusicLabels, PeopleLabels],
) -> Opinions:
    """Share the comments out over the songs, and find who writes how much.

    Args:
        config: Sizes and strengths.
        music: The songs.
        moods: What the comments follow.
        listeners: The tastes.
        playlists: The first of each listener says since when they are there.
        labels: Release dates and nicknames.
    """
    music_labels, people_labels = labels
    weights = np.exp(config.comment_skew * (music.log_popularity - music.log_popularity.max()))
    random = config.stream("numbers of comments")
    counts = random.multinomial(config.total_comments, weights / weights.sum()).astype(np.int64)
    talkative = config.stream("talkative listeners").standard_normal(config.n_users)
    silent = listeners.user_picks == 0
    if not silent.all():
        talkative[silent] = -np.inf
    joined = np.full(config.n_users, LAST_DAY * DAY_MS, dtype=np.int64)
    for drawn in playlists:
        joined[drawn.owner] = min(int(joined[drawn.owner]), drawn.created_at)
    return Opinions(
        config=config,
        music=music,
        moods=moods,
        listeners=listeners,
        released_at=music_labels.released_at,
        counts=counts,
        firsts=np.cumsum(counts) - counts,
        talkative=talkative,
        joined=joined,
        chinese=tuple(not name.isascii() for name in people_labels.nicknames),
    )


def _id(number: int) -> CommentId:
    return CommentId(str(_LOWEST_ID + (number + 1) * _FACTOR % _PRIME))


def _sigmoid(values: Floats | float) -> Floats:
    shares: Floats = 1 / (1 + np.exp(-np.asarray(values, dtype=np.float64)))
    return shares


def _one(choices: tuple[Pair, ...], chance: float) -> Pair:
    return choices[int(chance * len(choices))]
