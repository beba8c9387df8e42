"""An invented world: the truth about its listeners and music, and the records that a source would state."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from zetdard.errors import InputError, UnknownEntityError
from zetdard.records import Record, UserId
from zetdard.sandbox.collecting import (
    DrawnPlaylist,
    draw_follows,
    draw_playlists,
    draw_subscriptions,
    oracle_scores,
)
from zetdard.sandbox.config import WorldConfig
from zetdard.sandbox.images import IMAGE_KINDS, pattern
from zetdard.sandbox.judges import Judges, collected_by, draw_judges, heard_in, said_in
from zetdard.sandbox.labels import MusicLabels, PeopleLabels, label_music, label_people
from zetdard.sandbox.listeners import Listeners, draw_listeners
from zetdard.sandbox.lyrics import DrawnLyric, draw_lyric, what_is_said
from zetdard.sandbox.moods import Moods, draw_moods, draw_moods_apart
from zetdard.sandbox.music import Floats, Ints, Music, draw_music
from zetdard.sandbox.opinions import DrawnComment, Opinions, draw_opinions
from zetdard.sandbox.service import (
    DAILY_LENGTH,
    RADIO_LENGTH,
    ChartRow,
    draw_chart,
    draw_offers,
    draw_similar,
)
from zetdard.sandbox.sound import SAMPLE_RATE, SoundTraits, draw_sounding, sound_traits, synthesise, wav
from zetdard.sandbox.stating import state_records


@dataclass(frozen=True, eq=False)
class World:
    """An invented world. Rows of users, artists, songs and playlists are the positions in ``*_labels``.

    Attributes:
        config: What it was drawn from.
        music: The truth about genres, artists and songs.
        listeners: The truth about regions and tastes.
        playlists: What the listeners collected; a liked list for everyone, empty for the one with nothing.
        subscriptions: (n, 2) user row, playlist row.
        follows: (n, 2) user row, followed row.
        music_labels: Ids, names and dates of artists and songs.
        people_labels: Ids and names of listeners and playlists.
    """

    config: WorldConfig
    music: Music
    listeners: Listeners
    playlists: tuple[DrawnPlaylist, ...]
    subscriptions: Ints
    follows: Ints
    music_labels: MusicLabels
    people_labels: PeopleLabels

    def records(self) -> Iterator[Record]:
        """Yield what a crawl with the default kinds of visits finds; a record comes before those that name its id."""
        yield from state_records(self)

    def oracle(self, user: UserId) -> Floats:
        """Return the true score of every song for a listener, shape (n_songs,), in song rows.

        The listener picks songs with chance ∝ exp(score), so no recommender ranks better in expectation.
        Songs the listener holds and songs that nobody may hold are scored like the others.

        Raises:
            UnknownEntityError: Nobody here has that id.
        """
        return self._scores(self.user_row(user))

    def user_row(self, user: UserId) -> int:
        """Return a listener's row.

        Raises:
            UnknownEntityError: Nobody here has that id.
        """
        try:
            return self._user_rows[user]
        except KeyError:
            raise UnknownEntityError(f"no user {user} in the invented world") from None

    def songs_of(self, user: UserId) -> Ints:
        """Return the sorted, distinct rows of the songs in a listener's liked list and own playlists.

        Raises:
            UnknownEntityError: Nobody here has that id.
        """
        return self._held(self.user_row(user))

    def playlists_of(self, user_row: int) -> tuple[int, ...]:
        """Return the rows of a listener's playlists, the liked list first."""
        return self._playlist_rows[user_row]

    def likes(self, user_row: int) -> tuple[int, ...]:
        """Return the rows of the songs in a listener's liked list, newest first."""
        return tuple(self.playlists[self._playlist_rows[user_row][0]].songs.tolist())

    def original_cover_type(self, song_row: int) -> int:
        """Return what the service says of a song: 1 = the original of a known cover, 2 = a cover, 0 = nothing."""
        return self._cover_types[song_row]

    def lyric(self, song_row: int) -> DrawnLyric:
        """Return the words of a song."""
        work = self._works[song_row]
        return draw_lyric(self.config, self.music, self.music_labels, self.word_moods, song_row, work)

    def comments(self, song_row: int) -> tuple[DrawnComment, ...]:
        """Return the comments on a song, newest first; over all songs they are ``config.total_comments``."""
        return self.opinions.of(song_row)

    def has_sound(self, song_row: int) -> bool:
        """Return whether the service has the sound of a song; ``config.total_sounding`` songs have one."""
        return bool(self._sounding[song_row])

    def sound_traits(self, song_row: int) -> SoundTraits:
        """Return the truth about the sound of a song, whether the service has it or not."""
        return sound_traits(self.config, self.music, self.sound_moods, song_row, self._works[song_row])

    def sound(self, song_row: int) -> bytes:
        """Return a WAV file of ``config.sound_seconds`` (16-bit PCM, mono, 22,050 Hz).

        Raises:
            UnknownEntityError: The service does not have the sound of this song.
        """
        return wav(self._samples(song_row))

    def preview(self, song_row: int) -> bytes:
        """Return a WAV file of the first second of a song's sound.

        Raises:
            UnknownEntityError: The service does not have the sound of this song.
        """
        return wav(self._samples(song_row)[:SAMPLE_RATE])

    def chart(self, user_row: int) -> tuple[ChartRow, ...]:
        """Return what a listener plays most, at most 100 songs, from those the listener holds."""
        return self._chart(user_row, week=False)

    def week_chart(self, user_row: int) -> tuple[ChartRow, ...]:
        """Return what a listener played most in the last week, some of the songs that the listener holds."""
        return self._chart(user_row, week=True)

    def similar_songs(self, song_row: int, n: int = 5) -> tuple[int, ...]:
        """Return the rows of the songs that the service finds most like a song, the likest first."""
        return draw_similar(self.config, self.music, song_row, n)

    def daily_songs(self, user_row: int) -> tuple[int, ...]:
        """Return the rows of the 30 songs that the service recommends to a listener today."""
        return self._offers(user_row, "songs of the day", DAILY_LENGTH)

    def radio(self, user_row: int) -> tuple[int, ...]:
        """Return the rows of the next 3 songs of a listener's personal radio."""
        return self._offers(user_row, "radio", RADIO_LENGTH)

    def image(self, kind: str, row: int) -> bytes:
        """Return the PNG image of a ``"user"``, ``"song"`` (the cover of its album), ``"playlist"`` or ``"artist"``.

        Raises:
            InputError: There are no images of that kind.
        """
        if kind not in IMAGE_KINDS:
            raise InputError(f"no images of kind {kind!r}; there are {', '.join(IMAGE_KINDS)}")
        if kind == "song":
            album = zlib.crc32(self.music_labels.albums[row].encode())
            return pattern(self.config.stream("image of song", int(self.music.song_artists[row]), album))
        return pattern(self.config.stream(f"image of {kind}", row))

    @cached_property
    def moods(self) -> Moods:
        """What comments follow, and sound and words too where there are no judges."""
        return draw_moods(self.config, self.music)

    @cached_property
    def sound_moods(self) -> Moods:
        """What sound follows."""
        return draw_moods_apart(self.config, self.music, "sound") if self.config.n_judges else self.moods

    @cached_property
    def word_moods(self) -> Moods:
        """What lyrics follow."""
        return draw_moods_apart(self.config, self.music, "words") if self.config.n_judges else self.moods

    @cached_property
    def judges(self) -> Judges:
        """What the judges like, and what they say of it. They hold and follow nothing.

        Raises:
            InputError: There are none in this world.
        """
        if not self.config.n_judges:
            raise InputError("there are no judges in this world: n_judges is 0")
        return draw_judges(self.config, self.qualities)

    @cached_property
    def qualities(self) -> tuple[Floats, Floats, Floats]:
        """What is heard, said and collected by: for each of ``judges.PARTS`` an array (n_songs, qualities)."""
        songs = range(self.config.n_songs)
        said = [what_is_said(self.config, self.word_moods, self._works[song]) for song in songs]
        return (
            heard_in([self.sound_traits(song) for song in songs]),
            said_in(said, self.config.n_genres),
            collected_by(self.music),
        )

    @cached_property
    def opinions(self) -> Opinions:
        """How many comments each song has, and who writes them."""
        labels = (self.music_labels, self.people_labels)
        return draw_opinions(self.config, self.music, self.moods, self.listeners, self.playlists, labels)

    @cached_property
    def _sounding(self) -> NDArray[np.bool_]:
        return draw_sounding(self.config, self.music)

    @cached_property
    def _works(self) -> tuple[int, ...]:
        return tuple(self.music.song_works.tolist())

    @cached_property
    def _cover_types(self) -> tuple[int, ...]:
        is_cover = self.music.is_cover
        types = np.where(is_cover, 2, 0)
        types[self.music.song_originals[is_cover]] = 1
        return tuple(types.tolist())

    @cached_property
    def _user_rows(self) -> dict[UserId, int]:
        return {user: row for row, user in enumerate(self.people_labels.user_ids)}

    @cached_property
    def _playlist_rows(self) -> tuple[tuple[int, ...], ...]:
        rows: list[list[int]] = [[] for _ in range(self.config.n_users)]
        for row, drawn in enumerate(self.playlists):
            rows[drawn.owner].append(row)
        return tuple(tuple(own) for own in rows)

    def _held(self, user_row: int) -> Ints:
        return np.unique(np.concatenate([self.playlists[row].songs for row in self._playlist_rows[user_row]]))

    def _scores(self, user_row: int) -> Floats:
        return oracle_scores(self.config, self.music, self.listeners.user_latents[user_row])

    def _chart(self, user_row: int, *, week: bool) -> tuple[ChartRow, ...]:
        held, scores = self._held(user_row), self._scores(user_row)
        return draw_chart(self.config, user_row, held, scores, week=week)

    def _offers(self, user_row: int, purpose: str, n: int) -> tuple[int, ...]:
        held, scores = self._held(user_row), self._scores(user_row)
        return draw_offers(self.config, self.music, user_row, held, scores, purpose=purpose, n=n)

    def _samples(self, song_row: int) -> NDArray[np.int16]:
        if not self.has_sound(song_row):
            song = self.music_labels.song_ids[song_row]
            raise UnknownEntityError(f"the invented service does not have the sound of song {song}")
        random = self.config.stream("rhythm", song_row)
        return synthesise(self.sound_traits(song_row), random, self.config.sound_seconds)


def generate(config: WorldConfig | None = None) -> World:
    """Draw the world that ``config`` describes; without one, the small world of seed 0."""
    config = config or WorldConfig()
    music = draw_music(config)
    listeners = draw_listeners(config, music)
    music_labels = label_music(config, music)
    playlists = draw_playlists(config, music, listeners, music_labels.released_at)
    return World(
        config=config,
        music=music,
        listeners=listeners,
        playlists=playlists,
        subscriptions=draw_subscriptions(config, music, listeners, playlists),
        follows=draw_follows(config, listeners),
        music_labels=music_labels,
        people_labels=label_people(config, playlists),
    )
