"""What the listeners of an invented world do: fill playlists, subscribe to others', follow each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zetdard.errors import InputError
from zetdard.records import Relation
from zetdard.sandbox.config import WorldConfig
from zetdard.sandbox.listeners import Listeners
from zetdard.sandbox.music import NOBODY, Floats, Ints, Music, lock_arrays

DAY_MS = 86_400_000
FIRST_DAY = 16_436
"""1 January 2015, in days since 1970: the oldest account."""
LAST_DAY = 19_844
"""1 May 2024: nothing happens after it."""


@dataclass(frozen=True, slots=True, eq=False)
class DrawnPlaylist:
    """A playlist as it was drawn; songs lie newest first, as NetEase lists them.

    Attributes:
        owner: Row of the listener who made it.
        relation: ``OWN`` or ``LIKED``.
        theme: Row of the genre that an own playlist is about; ``NOBODY`` for liked lists.
        songs: (n,) distinct rows of songs.
        added_at: (n,) milliseconds UTC, not increasing.
        created_at: Milliseconds UTC, not after any ``added_at``.
    """

    owner: int
    relation: Relation
    theme: int
    songs: Ints
    added_at: Ints
    created_at: int

    def __post_init__(self) -> None:
        """Lock what was drawn."""
        lock_arrays(self)


def oracle_scores(config: WorldConfig, music: Music, user_latent: Floats) -> Floats:
    """Return the listener's score of every song, shape (n_songs,): a song is picked with chance ∝ exp(score).

    score(u, s) = taste_strength · cosine(u, s) + popularity_strength · log popularity(s)
    """
    scores: Floats = (
        config.taste_strength * (music.song_latents @ user_latent)
        + config.popularity_strength * music.log_popularity
    )
    return scores


def draw_playlists(
    config: WorldConfig, music: Music, listeners: Listeners, released_at: Ints
) -> tuple[DrawnPlaylist, ...]:
    """Draw every listener's liked list and own playlists.

    Args:
        config: The strengths.
        music: The songs.
        listeners: The tastes.
        released_at: (n_songs,) milliseconds UTC; no song is collected before it is out.
    """
    random = config.stream("playlists")
    sparse = set(listeners.sparse_users(config.few_songs).tolist())
    numbers = None if config.n_playlists is None else _numbers_of_playlists(config, listeners)
    genre_fit = music.song_latents @ music.genre_centres.T  # (n_songs, n_genres)
    playlists: list[DrawnPlaylist] = []
    for user in range(config.n_users):
        scores = oracle_scores(config, music, listeners.user_latents[user])
        scores[~music.song_held] = -np.inf
        joined = int(random.integers(FIRST_DAY, LAST_DAY - 400)) * DAY_MS
        if numbers is not None:
            n_own = int(numbers[user])
        else:
            n_own = 0 if user in sparse else int(random.poisson(config.mean_own_playlists))
        picks = int(listeners.user_picks[user])
        n_liked = picks if n_own == 0 else _liked_of(config, picks)
        liked = pick(random, scores, n_liked)
        playlists.append(_dated(random, released_at, user, Relation.LIKED, NOBODY, liked, joined))
        for size in _sizes(random, picks - n_liked, n_own):
            theme = int(random.choice(config.n_genres, p=listeners.user_tastes[user]))
            themed = scores + config.theme_strength * genre_fit[:, theme]
            created = joined + int(random.integers(1, 400)) * DAY_MS
            songs = pick(random, themed, size)
            playlists.append(_dated(random, released_at, user, Relation.OWN, theme, songs, created))
    return tuple(playlists)


def draw_subscriptions(
    config: WorldConfig, music: Music, listeners: Listeners, playlists: tuple[DrawnPlaylist, ...]
) -> Ints:
    """Draw who collects whose playlist, by how well its songs fit; shape (n, 2): user row, playlist row."""
    random = config.stream("subscriptions")
    offered = [
        row for row, drawn in enumerate(playlists) if drawn.relation is Relation.OWN and drawn.songs.size
    ]
    pairs: list[tuple[int, int]] = []
    if offered:
        middles = np.stack([music.song_latents[playlists[row].songs].mean(axis=0) for row in offered])
        owners = np.array([playlists[row].owner for row in offered])
        sparse = set(listeners.sparse_users(config.few_songs).tolist())
        for user in range(config.n_users):
            wanted = 0 if user in sparse else int(random.poisson(config.mean_subscriptions))
            scores = config.subscription_strength * (middles @ listeners.user_latents[user])
            scores[owners == user] = -np.inf
            pairs += [(user, offered[index]) for index in sorted(pick(random, scores, wanted).tolist())]
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def draw_follows(config: WorldConfig, listeners: Listeners) -> Ints:
    """Draw who follows whom, by likeness of taste; shape (n, 2): user row, followed row; sorted, distinct."""
    random = config.stream("follows")
    if config.n_follows is not None:
        return _exactly(config, listeners, random, config.n_follows)
    pairs: set[tuple[int, int]] = set()
    for user in range(config.n_users):
        scores = config.follow_strength * (listeners.user_latents @ listeners.user_latents[user])
        scores[user] = -np.inf
        for other in pick(random, scores, int(random.poisson(config.mean_follows))).tolist():
            pairs.add((user, other))
            if random.random() < config.follow_back:
                pairs.add((other, user))
    return np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2)


def _exactly(config: WorldConfig, listeners: Listeners, random: np.random.Generator, n_follows: int) -> Ints:
    """Draw follows one after the other, each by any listener, until there are ``n_follows`` pairs."""
    latents = listeners.user_latents
    followed: list[set[int]] = [set() for _ in range(config.n_users)]
    n = 0
    while n < n_follows:
        user = int(random.integers(config.n_users))
        scores = config.follow_strength * (latents @ latents[user])
        scores[[user, *followed[user]]] = -np.inf
        for other in pick(random, scores, 1).tolist():
            followed[user].add(other)
            n += 1
            if n < n_follows and user not in followed[other] and random.random() < config.follow_back:
                followed[other].add(user)
                n += 1
    pairs = [(user, other) for user in range(config.n_users) for other in sorted(followed[user])]
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def _liked_of(config: WorldConfig, picks: int) -> int:
    """Return how many of the picks go to the liked list of a listener with own playlists."""
    return max(1, round(config.liked_share * picks))


def _numbers_of_playlists(config: WorldConfig, listeners: Listeners) -> Ints:
    """Share the own playlists out, (n_users,), so that all lists together are ``n_playlists``.

    Raises:
        InputError: The listeners hold too few songs for so many playlists.
    """
    random = config.stream("numbers of playlists")
    left = (config.n_playlists or 0) - config.n_users
    # A playlist holds a song, so nobody has more playlists than songs for them.
    room = np.array([max(0, picks - _liked_of(config, picks)) for picks in listeners.user_picks.tolist()])
    room[listeners.sparse_users(config.few_songs)] = 0
    if left > room.sum():
        raise InputError(f"n_playlists is at most {config.n_users + room.sum()} with so few songs held")
    numbers = np.zeros(config.n_users, dtype=np.int64)
    while left > 0:
        free = room > numbers
        numbers += random.multinomial(left, free / free.sum())
        np.minimum(numbers, room, out=numbers)
        left = (config.n_playlists or 0) - config.n_users - int(numbers.sum())
    return numbers


def pick(random: np.random.Generator, scores: Floats, n: int) -> Ints:
    """Draw up to ``n`` distinct rows, one after the other, each with chance ∝ exp(score).

    The n largest of score + Gumbel noise are such a draw (Gumbel top-k; Kool, van Hoof and Welling 2019).
    Rows of score -inf are never drawn.
    """
    noisy = scores + random.gumbel(size=scores.size)
    n = min(n, noisy.size)
    best = np.argpartition(-noisy, n - 1)[:n] if n else np.empty(0, dtype=np.int64)
    best = best[np.argsort(-noisy[best])]
    return best[np.isfinite(noisy[best])].astype(np.int64)


def _sizes(random: np.random.Generator, n_songs: int, n_playlists: int) -> list[int]:
    """Share ``n_songs`` out over up to ``n_playlists`` playlists of at least one song."""
    n_playlists = min(n_playlists, n_songs)
    if n_playlists <= 0:
        return []
    shares = random.dirichlet(np.full(n_playlists, 3.0))
    sizes = random.multinomial(n_songs - n_playlists, shares) + 1
    return [int(size) for size in sizes]


def _dated(
    random: np.random.Generator,
    released_at: Ints,
    owner: int,
    relation: Relation,
    theme: int,
    songs: Ints,
    created_at: int,
) -> DrawnPlaylist:
    last = LAST_DAY * DAY_MS
    added = random.integers(created_at, last, size=songs.size)
    # A song cannot be collected before it is out; it is collected within a month then.
    added = np.maximum(added, released_at[songs] + random.integers(0, 30 * DAY_MS, size=songs.size))
    newest_first = np.argsort(-added, kind="stable")
    return DrawnPlaylist(
        owner=owner,
        relation=relation,
        theme=theme,
        songs=songs[newest_first],
        added_at=added[newest_first].astype(np.int64),
        created_at=created_at,
    )
