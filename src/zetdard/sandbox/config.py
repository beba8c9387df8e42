"""What an invented world is made of: its size, and how strong each link in it is."""

from __future__ import annotations

import math
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from zetdard.errors import InputError

GENRES = (
    "民谣",
    "摇滚",
    "电子",
    "说唱",
    "古风",
    "爵士",
    "R&B",
    "轻音乐",
    "金属",
    "后摇",
    "朋克",
    "世界音乐",
)


class Region(NamedTuple):
    """A place where listeners live. The place is real, what its people like is invented.

    Attributes:
        name: Province and city, as a client writes them.
        province: The province's number in GB/T 2260, the standard that NetEase's replies speak in.
        city: The city's number there.
    """

    name: str
    province: int
    city: int


REGIONS = (
    Region("浙江省 杭州市", 330000, 330100),
    Region("广东省 深圳市", 440000, 440300),
    Region("四川省 成都市", 510000, 510100),
    Region("湖北省 武汉市", 420000, 420100),
    Region("福建省 厦门市", 350000, 350200),
    Region("黑龙江省 哈尔滨市", 230000, 230100),
    Region("陕西省 西安市", 610000, 610100),
    Region("云南省 昆明市", 530000, 530100),
)

_AT_LEAST_ONE = frozenset({"n_users", "n_songs", "n_artists", "n_genres", "n_regions", "few_songs"})
_SHARES = frozenset(
    {
        "region_strength",
        "liked_share",
        "few_share",
        "unheld_share",
        "version_share",
        "cover_share",
        "guest_share",
        "chinese_share",
        "follow_back",
        "sounding_share",
        "comment_strength",
        "lyric_strength",
        "instrumental_share",
        "uncollected_share",
        "translated_share",
        "sound_strength",
        "judge_likes",
    }
)
_POSITIVE = frozenset({"taste_concentration", "median_songs", "sound_seconds"})
_NONE_WITH_JUDGES = ("version_share", "cover_share", "instrumental_share", "uncollected_share")
_MOST_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldConfig:
    """Size of a world and strength of its links; a strength of 0 cuts its link.

    Attributes:
        seed: Everything derives from it.
        n_users: Listeners, counting the one who holds nothing.
        n_songs: Songs, counting versions, covers and songs that nobody holds.
        n_artists: Artists; each has at least one song.
        n_genres: At most ``len(GENRES)``.
        n_regions: At most ``len(REGIONS)``.
        latent_size: Length of every latent vector; at least ``n_genres``, so that genres can be orthogonal.
        artist_spread: How far artists lie from the centre of their genre (length of the step, centre = 1).
        song_spread: How far songs lie from their artist.
        user_spread: How far a listener lies from what their genre shares say.
        taste_concentration: Dirichlet concentration of genre shares; small = devoted to few genres.
        region_strength: Share of a listener's expected taste that comes from the region, 0–1.
        taste_strength: Weight of cosine(listener, song) in the oracle score.
        popularity_strength: Weight of the song's log popularity in the oracle score.
        theme_strength: Pull of an own playlist's theme genre, on top of the oracle score.
        zipf_exponent: Slope of log popularity over log rank.
        popularity_noise: Standard deviation of the noise on log popularity.
        fame_strength: Weight of the artist's fame, against the song's own luck, in its popularity rank.
        median_songs: Median number of songs that a listener picks (log-normal).
        songs_sigma: Sigma of that log-normal.
        liked_share: Share of the picks that go to the list of liked songs.
        mean_own_playlists: Mean number of own playlists beside the liked list (Poisson).
        mean_subscriptions: Mean number of other people's playlists that a listener collects (Poisson).
        subscription_strength: Weight of cosine(listener, playlist) when subscribing.
        mean_follows: Mean number of people a listener follows unprompted (Poisson).
        follow_strength: Weight of cosine(listener, listener) when following.
        follow_back: Chance that a follow is answered.
        few_share: Share of listeners with at most ``few_songs`` songs.
        few_songs: See ``few_share``.
        unheld_share: Share of the songs that nobody holds.
        version_share: Share of the songs that are another version by the same artist.
        cover_share: Share of the songs that are a cover by another artist.
        guest_share: Share of the songs with a featured guest.
        chinese_share: Share of artists and nicknames in Chinese; the others are in English.
        n_playlists: Liked lists and own playlists together, exactly; ``None`` = from ``mean_own_playlists``.
        n_follows: Pairs of who follows whom, exactly; ``None`` = from ``mean_follows`` and ``follow_back``.
        n_comments: Comments on all songs together, exactly; ``None`` = ``mean_comments`` a listener.
        mean_comments: Mean number of comments that a listener writes.
        comment_skew: Weight of the song's log popularity in its share of the comments.
        commenter_strength: Weight of cosine(listener, song) in who comments.
        comment_strength: Chance that a part of a comment follows the song and the fit, 0–1; else it is any.
        lyric_strength: Chance that a word of a lyric follows the song, 0–1; else it is any word.
        instrumental_share: Share of the songs without words, beside those whose title says so.
        uncollected_share: Share of the songs whose words the service does not have.
        translated_share: Share of the English lyrics with a translation; a tenth of it for Chinese ones.
        n_sounding: Songs with sound, exactly; ``None`` = ``sounding_share`` of the songs.
        sounding_share: See ``n_sounding``.
        sound_strength: Correlation of what is heard with the song's latents, 0–1.
        sound_seconds: Length of each sound, at most 60.
        service_noise: Standard deviation of the noise, in cosines, in the service's own recommendations.
        n_judges: Judges: people outside the network who say of songs whether they like them. With judges, sound and
            words follow latents of their own, and all songs have both.
        judge_labels: Songs that each judge speaks of.
        judge_likes: Share of these that the judge likes.
        judge_noise: Standard deviation of the chance in a judge's liking; what is taste in it has 1.
        sound_share: Weight of what is heard in the variance of a judge's taste, against the two others.
        words_share: Weight of what the words say.
        network_share: Weight of what collectors go by.
    """

    seed: int = 0
    n_users: int = 300
    n_songs: int = 1500
    n_artists: int = 200
    n_genres: int = 8
    n_regions: int = 6
    latent_size: int = 16
    artist_spread: float = 0.9
    song_spread: float = 0.45
    user_spread: float = 0.55
    taste_concentration: float = 1.6
    region_strength: float = 0.35
    taste_strength: float = 7.0
    popularity_strength: float = 1.0
    theme_strength: float = 2.0
    zipf_exponent: float = 0.7
    popularity_noise: float = 0.3
    fame_strength: float = 0.6
    median_songs: float = 45.0
    songs_sigma: float = 0.6
    liked_share: float = 0.55
    mean_own_playlists: float = 2.0
    mean_subscriptions: float = 1.0
    subscription_strength: float = 8.0
    mean_follows: float = 4.0
    follow_strength: float = 10.0
    follow_back: float = 0.6
    few_share: float = 0.04
    few_songs: int = 4
    unheld_share: float = 0.04
    version_share: float = 0.06
    cover_share: float = 0.04
    guest_share: float = 0.08
    chinese_share: float = 0.6
    n_playlists: int | None = None
    n_follows: int | None = None
    n_comments: int | None = None
    mean_comments: float = 13.4
    comment_skew: float = 1.4
    commenter_strength: float = 6.0
    comment_strength: float = 0.6
    lyric_strength: float = 0.7
    instrumental_share: float = 0.06
    uncollected_share: float = 0.08
    translated_share: float = 0.5
    n_sounding: int | None = None
    sounding_share: float = 0.2
    sound_strength: float = 0.8
    sound_seconds: float = 4.0
    service_noise: float = 0.15
    n_judges: int = 0
    judge_labels: int = 240
    judge_likes: float = 0.3
    judge_noise: float = 0.62
    sound_share: float = 1.0
    words_share: float = 1.0
    network_share: float = 1.0

    def __post_init__(self) -> None:
        """Refuse what no world can be made of.

        Raises:
            InputError: A value has the wrong type, is out of its range, or contradicts another.
        """
        for field in fields(self):
            value = getattr(self, field.name)
            if value is None and "None" in str(field.type):
                continue
            _refuse_bad_value(field.name, value, whole="int" in str(field.type))
        for name, most in (("n_genres", len(GENRES)), ("n_regions", len(REGIONS))):
            if getattr(self, name) > most:
                raise InputError(f"{name} is {getattr(self, name)}; at most {most} have names")
        if self.n_songs < self.n_artists:
            raise InputError(f"n_songs {self.n_songs} < n_artists {self.n_artists}: every artist has a song")
        if self.latent_size < self.n_genres:
            raise InputError(f"latent_size {self.latent_size} < n_genres {self.n_genres}")
        if self.version_share + self.cover_share > 0.5:
            raise InputError("version_share + cover_share is over 0.5: originals must be the majority")
        if self.n_playlists is not None and self.n_playlists < self.n_users:
            raise InputError(
                f"n_playlists {self.n_playlists} < n_users {self.n_users}: all have a liked list"
            )
        pairs = self.n_users * (self.n_users - 1)
        if self.n_follows is not None and self.n_follows > pairs // 2:
            raise InputError(f"n_follows {self.n_follows} is over half of the {pairs} possible pairs")
        if self.n_sounding is not None and self.n_sounding > self.n_songs:
            raise InputError(f"n_sounding {self.n_sounding} > n_songs {self.n_songs}")
        if self.sound_seconds > _MOST_SECONDS:
            raise InputError(f"sound_seconds is {self.sound_seconds}; at most {_MOST_SECONDS:g}")
        if self.n_judges:
            self._refuse_bad_judges()

    def _refuse_bad_judges(self) -> None:
        """Refuse a world in which the sound, the words and the network of a song could tell of each other."""
        for name in _NONE_WITH_JUDGES:
            if getattr(self, name):
                raise InputError(f"{name} is 0 where there are judges, not {getattr(self, name)}")
        if self.total_sounding != self.n_songs:
            raise InputError("all songs have sound where there are judges: n_sounding is n_songs")
        if self.judge_labels > self.n_songs or not 0 < self.judge_likes < 1:
            raise InputError("a judge speaks of n_songs at most, and likes some of them and not all")
        if not 1 <= round(self.judge_likes * self.judge_labels) < self.judge_labels:
            raise InputError("a judge speaks of so many songs that some are liked and some are not")
        if not self.sound_share + self.words_share + self.network_share:
            raise InputError("one share of the judges' taste is above 0")

    @property
    def total_comments(self) -> int:
        """Comments on all songs together."""
        if self.n_comments is not None:
            return self.n_comments
        return round(self.mean_comments * self.n_users)

    @property
    def total_sounding(self) -> int:
        """Songs with sound."""
        return self.n_sounding if self.n_sounding is not None else round(self.sounding_share * self.n_songs)

    def stream(self, purpose: str, *rows: int) -> np.random.Generator:
        """Return the random numbers for one purpose.

        Each purpose has a stream of its own, so that a new part of the world leaves the others as they are.
        With ``rows`` each row has one too, so that one row can be drawn without the rows before it.
        """
        return np.random.default_rng([self.seed, zlib.crc32(purpose.encode()), *rows])


def _refuse_bad_value(name: str, value: object, *, whole: bool) -> None:
    if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
        raise InputError(f"{name} must be {'an integer' if whole else 'a number'}, not {value!r}")
    if not math.isfinite(value):
        raise InputError(f"{name} must be finite, not {value}")
    if value < 0 or (value < 1 and name in _AT_LEAST_ONE) or (value == 0 and name in _POSITIVE):
        raise InputError(f"{name} is too small: {value}")
    if name in _SHARES and value > 1:
        raise InputError(f"{name} is a share and must be at most 1, not {value}")


SCALES: Mapping[str, WorldConfig] = MappingProxyType(
    {
        "small": WorldConfig(),
        "thesis": WorldConfig(
            n_users=3000,
            n_songs=30000,
            n_artists=3000,
            n_genres=12,
            n_regions=8,
            n_playlists=15000,
            n_follows=8000,
            n_comments=150_000,
            n_sounding=2000,
        ),
        "taste": WorldConfig(
            n_users=400,
            n_songs=640,
            n_artists=120,
            n_genres=4,
            latent_size=4,
            popularity_strength=0.5,
            median_songs=60.0,
            unheld_share=0.0,
            version_share=0.0,
            cover_share=0.0,
            chinese_share=1.0,
            n_comments=0,
            lyric_strength=1.0,
            instrumental_share=0.0,
            uncollected_share=0.0,
            translated_share=0.0,
            sounding_share=1.0,
            sound_strength=1.0,
            n_judges=60,
        ),
    }
)
"""Named worlds. ``thesis`` has the size that the thesis reports, and more songs than those with sound; ``taste`` has judges,
to whose taste sound, words and network each contribute a known share."""
