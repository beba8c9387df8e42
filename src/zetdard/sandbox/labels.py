"""What people see of an invented world: ids, names, titles and dates, one for each row of the truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zetdard.records import ArtistId, PlaylistId, SongId, UserId
from zetdard.sandbox import names
from zetdard.sandbox.collecting import DAY_MS, FIRST_DAY, LAST_DAY, DrawnPlaylist
from zetdard.sandbox.config import GENRES, WorldConfig
from zetdard.sandbox.music import NOBODY, Ints, Music

_ALBUMS_AN_ARTIST = 3


@dataclass(frozen=True, slots=True, eq=False)
class MusicLabels:
    """Ids, names and dates of artists and songs, in row order.

    Attributes:
        artist_ids: Distinct, digits.
        artist_names: Distinct.
        artist_chinese: (n_artists,) whether the artist's language is Chinese; the others sing in English.
        song_ids: Distinct, digits.
        titles: Not always distinct.
        albums: Title of the album of each song.
        durations_ms: (n_songs,).
        released_at: (n_songs,) milliseconds UTC; a version or cover comes after its original.
        popularity: (n_songs,) the service's figure: 0–100 in steps of 5, rising with log popularity.
    """

    artist_ids: tuple[ArtistId, ...]
    artist_names: tuple[str, ...]
    artist_chinese: NDArray[np.bool_]
    song_ids: tuple[SongId, ...]
    titles: tuple[str, ...]
    albums: tuple[str, ...]
    durations_ms: Ints
    released_at: Ints
    popularity: Ints


@dataclass(frozen=True, slots=True, eq=False)
class PeopleLabels:
    """Ids and names of listeners and playlists, in row order.

    Attributes:
        user_ids: Distinct, digits.
        nicknames: Distinct.
        playlist_ids: Distinct, digits.
        playlist_names: A liked list is named after its owner, as on NetEase.
        play_counts: (n_playlists,).
    """

    user_ids: tuple[UserId, ...]
    nicknames: tuple[str, ...]
    playlist_ids: tuple[PlaylistId, ...]
    playlist_names: tuple[str, ...]
    play_counts: Ints


def label_music(config: WorldConfig, music: Music) -> MusicLabels:
    """Name and date the artists and songs."""
    random = config.stream("names of artists")
    chinese = [bool(value) for value in random.random(config.n_artists) < config.chinese_share]
    artist_names = names.artist_names(random, chinese)
    artist_ids = names.digit_ids(random, config.n_artists, 10_001)
    random = config.stream("ids of songs")
    song_ids = names.digit_ids(random, config.n_songs, 18_600_000)
    titles, albums = _titles(config, music, artist_names, chinese)
    random = config.stream("durations")
    durations = np.clip(225 + 45 * random.standard_normal(config.n_songs), 60, 600)
    low, high = music.log_popularity.min(), music.log_popularity.max()
    share = (music.log_popularity - low) / max(high - low, 1e-12)
    return MusicLabels(
        artist_ids=tuple(ArtistId(value) for value in artist_ids),
        artist_names=tuple(artist_names),
        artist_chinese=np.array(chinese, dtype=np.bool_),
        song_ids=tuple(SongId(value) for value in song_ids),
        titles=tuple(titles),
        albums=tuple(albums),
        durations_ms=np.rint(durations * 1000).astype(np.int64),
        released_at=_release_times(config, music),
        popularity=5 * np.rint(20 * share).astype(np.int64),
    )


def label_people(config: WorldConfig, playlists: tuple[DrawnPlaylist, ...]) -> PeopleLabels:
    """Name the listeners and their playlists."""
    random = config.stream("names of listeners")
    nicknames = names.nicknames(random, config.n_users, config.chinese_share)
    user_ids = names.digit_ids(random, config.n_users, 32_900_000)
    random = config.stream("names of playlists")
    playlist_ids = names.digit_ids(random, len(playlists), 460_000_000)
    playlist_names = [
        f"{nicknames[drawn.owner]}喜欢的音乐"
        if drawn.theme == NOBODY
        else names.playlist_name(random, GENRES[drawn.theme])
        for drawn in playlists
    ]
    return PeopleLabels(
        user_ids=tuple(UserId(value) for value in user_ids),
        nicknames=tuple(nicknames),
        playlist_ids=tuple(PlaylistId(value) for value in playlist_ids),
        playlist_names=tuple(playlist_names),
        play_counts=np.exp(3 + 1.5 * random.standard_normal(len(playlists))).astype(np.int64),
    )


def _titles(
    config: WorldConfig, music: Music, artist_names: list[str], chinese: list[bool]
) -> tuple[list[str], list[str]]:
    """Return titles and albums, (n_songs,) each: originals first, then what is named after them."""
    random = config.stream("titles")
    shelf = [[names.album_title(random, zh) for _ in range(_ALBUMS_AN_ARTIST)] for zh in chinese]
    originals = music.song_originals
    plain = [names.song_title(random, chinese[artist]) for artist in music.song_artists]
    titles, albums = [], []
    for song in range(config.n_songs):
        artist, original, guest = music.song_artists[song], originals[song], music.song_guests[song]
        title, zh = plain[song], chinese[artist]
        if original != NOBODY:
            performer = music.song_artists[original]
            if performer == artist:
                title = names.version_title(random, plain[original], zh)
            else:
                title = names.cover_title(random, plain[original], artist_names[performer], zh)
        if guest != NOBODY:
            title = names.featuring_title(random, title, artist_names[guest])
        titles.append(title)
        albums.append(shelf[artist][int(random.integers(_ALBUMS_AN_ARTIST))])
    return titles, albums


def _release_times(config: WorldConfig, music: Music) -> Ints:
    random = config.stream("release dates")
    # Everything is out a year before the world ends, so that there is time to collect it.
    days = random.integers(FIRST_DAY - 5_000, LAST_DAY - 800, size=config.n_songs)
    derived = music.song_originals != NOBODY
    earliest = days[music.song_originals[derived]]
    days[derived] = earliest + random.integers(30, 400, size=earliest.size)
    return (days * DAY_MS).astype(np.int64)
