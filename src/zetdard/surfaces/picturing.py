"""What a picture shows, gathered from a home: the song, the listener, the map, the clusters on it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from zetdard.data.dataset import Dataset
from zetdard.data.features import FeatureBlock
from zetdard.data.interactions import ones_like
from zetdard.data.moods import SongMoods
from zetdard.data.traits import KEY_CONFIDENCE, KEY_COS, KEY_MODE, KEY_SIN, SongTraits
from zetdard.data.types import Csr, Floats
from zetdard.errors import NoDataError
from zetdard.features.audio.style import background, outstanding_tags, style
from zetdard.recommend.clusters import Clustering, typical
from zetdard.recommend.shared import key_name
from zetdard.surfaces.pictures.canvas import Picture
from zetdard.surfaces.pictures.listener import Spread, Taste, listener_picture
from zetdard.surfaces.pictures.map import MOST_GROUPS, Caption, map_picture
from zetdard.surfaces.pictures.song import song_picture

if TYPE_CHECKING:
    from zetdard.features.audio.portrait import Portrait

MapBy = Literal["sound", "words", "people"]
ClustersOf = Literal["artists", "listeners"]

_TAGS = 10
_CLUSTER_TAGS = 2
_LEAST_LEAD = 0.1
"""In log-odds: less than a tenth more likely is not more."""
_SECONDS, _MEMORY_MB = 300.0, 1024
_RUN = {
    "sound": "zetdard import music brings recordings, zetdard featurize audio hears them",
    "words": "zetdard crawl and zetdard import music bring lyrics, zetdard featurize lyrics reads them",
    "people": "import or crawl what people hold",
}


def portrait_apart(path: Path) -> Portrait:
    """Return what a recording looks like, made in a process of its own: a file may kill its decoder.

    Raises:
        NoDataError: The recording cannot be read; the message says why.
    """
    from zetdard.errors import Failure
    from zetdard.features.audio.isolation import run_apart
    from zetdard.features.audio.portrait import portrait

    ((_, found),) = run_apart(portrait, [path], seconds=_SECONDS, memory_mb=_MEMORY_MB)
    if isinstance(found, Failure):
        raise NoDataError(f"{path.name} cannot be pictured: {found.reason}: {found.detail}")
    return found


def draw_song(dataset: Dataset, row: int, traits: SongTraits, portrait: Portrait) -> Picture:
    """Draw a song's recording, and what is known of its sound."""
    artists = [dataset.artists.name(int(artist)) for artist in dataset.artists_of(row)]
    return song_picture(
        portrait,
        dataset.songs.name(row),
        artists,
        tags=_likely_tags(traits.tags, row),
        facts=_facts(traits.descriptors, row),
        moods=_moods(traits.moods, row),
        heard=traits.moods is not None and bool(traits.moods.heard[row]),
    )


def _likely_tags(tags: FeatureBlock | None, row: int) -> list[tuple[str, float]]:
    if tags is None or not tags.known[row]:
        return []
    order = np.argsort(-tags.values[row], kind="stable")[:_TAGS]
    return [(tags.columns[tag], float(tags.values[row, tag])) for tag in order.tolist()]


def _moods(moods: SongMoods | None, row: int) -> list[tuple[str, float, float]]:
    if moods is None or not moods.block.known[row]:
        return []
    leads = moods.leads(np.array([row], np.int32))
    return list(zip(moods.block.columns, moods.block.values[row].tolist(), leads.tolist(), strict=True))


def _facts(descriptors: FeatureBlock | None, row: int) -> list[tuple[str, str]]:
    if descriptors is None or not descriptors.known[row]:
        return []
    number = dict(zip(descriptors.columns, descriptors.values[row].tolist(), strict=True))
    facts = [("Tempo", f"{number['tempo (BPM)']:.0f} BPM")] if number["tempo (BPM)"] > 0 else []
    key = key_name(number[KEY_COS], number[KEY_SIN], number[KEY_MODE], number[KEY_CONFIDENCE])
    if key:
        facts.append(("Key", key))
    facts.append(("Loudness", f"{number['loudness (LUFS)']:.1f} LUFS"))
    facts.append(("Range", f"{number['loudness range (LU)']:.1f} LU"))
    facts.append(("Onsets", f"{number['onset rate (1/s)']:.1f} a second"))
    facts.append(("Brightness", f"{number['centroid mean (Hz)']:,.0f} Hz"))
    return facts


def draw_listener(dataset: Dataset, user: int, traits: SongTraits, lyrics: FeatureBlock | None) -> Picture:
    """Draw a listener's taste: by what their songs differ from all songs."""
    songs = np.asarray(dataset.holdings.held(user))
    credited = Counter(int(artist) for song in songs.tolist() for artist in dataset.artists_of(song))
    plays = dataset.plays.matrix[[user]].tocoo()
    credited.update({int(artist): round(float(n)) for artist, n in zip(plays.col, plays.data, strict=True)})
    taste = Taste(
        songs=len(songs),
        heard=_known(traits.sound, songs),
        read=_known(lyrics, songs),
        tagged=_known(traits.tags, songs) > 0,
        tags=_leading_tags(traits.tags, songs),
        artists=[(dataset.artists.name(artist), count) for artist, count in credited.most_common(7)],
        alone=_known(traits.sound, songs)
        == _known(traits.sound, np.arange(len(dataset.songs), dtype=np.int32)),
        tempo=_spread(traits.descriptors, "tempo (BPM)", songs),
        valence=_spread(lyrics, "valence (-1 to 1)", songs, sure="valence confidence (0 to 1)"),
        loudness=_spread(traits.descriptors, "loudness (LUFS)", songs),
        brightness=_spread(traits.descriptors, "centroid mean (Hz)", songs),
    )
    return listener_picture(taste, dataset.users.name(user))


def _known(block: FeatureBlock | None, songs: NDArray[np.int32]) -> int:
    return 0 if block is None else int(block.known[songs].sum())


def _spread(
    block: FeatureBlock | None, column: str, songs: NDArray[np.int32], *, sure: str | None = None
) -> Spread | None:
    """Return a column of the listener's songs and of all; of those only where the column ``sure`` is over 0."""
    if block is None:
        return None
    counted = block.known
    if sure is not None:
        counted = counted & (block.values[:, block.columns.index(sure)] > 0)
    values = block.values[:, block.columns.index(column)]
    own = songs[counted[songs]]
    return Spread(values[own], values[counted]) if len(own) else None


def _leading_tags(
    tags: FeatureBlock | None, songs: NDArray[np.int32], weights: NDArray[np.float64] | None = None
) -> tuple[tuple[str, float], ...]:
    if tags is None or not _known(tags, songs):
        return ()
    present = tags.known
    try:
        of_all = background(tags.values[present], tags.values[present])
    except NoDataError:  # fewer than two songs: nothing to differ from
        return ()
    own = tags.values[songs[present[songs]]]
    counted = None if weights is None else weights[present[songs]]
    if counted is None and len(own) == present.sum():  # there are no others to differ from
        mean = own.mean(axis=0)
        order = np.argsort(-mean, kind="stable")[:7]
        return tuple((tags.columns[tag], float(mean[tag])) for tag in order.tolist())
    leading = outstanding_tags(style(own, of_all, tags=own, weights=counted), of_all, tags.columns, 7)
    return tuple((tag, lead) for tag, lead in leading if lead >= _LEAST_LEAD)


def draw_map(
    dataset: Dataset, space: FeatureBlock | None, by: MapBy, seed: int, user: int | None = None
) -> Picture:
    """Draw all songs of a space in two dimensions; colours are the artists with most songs.

    Raises:
        NoDataError: No song has a place in the space.
    """
    from zetdard.features.layout import lay_out

    rows = np.flatnonzero(space.known) if space is not None else np.empty(0, np.int64)
    if space is None or not len(rows):
        raise NoDataError(f"no song has a place by {by} yet: {_RUN[by]}")
    if len(rows) > 2 and (space.values[rows] == space.values[rows[:1]]).all():
        raise NoDataError(f"by {by} nothing can be told apart: all songs are at one place")
    first = [next(iter(dataset.artists_of(int(row)).tolist()), None) for row in rows]
    groups = ["" if artist is None else dataset.artists.name(artist) for artist in first]
    own = None if user is None else np.isin(rows, dataset.holdings.held(user))
    words = {"sound": "sounds alike", "words": "says alike", "people": "is held by the same people"}[by]
    return map_picture(
        lay_out(space.values[rows], seed=seed),
        groups,
        own=own,
        listener="" if user is None else dataset.users.name(user),
        title=f"All songs by {by}",
        subtitle=f"{len(rows):,} songs; what lies near {words}, what lies far says little",
    )


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster on a map.

    Attributes:
        artists: Names of artists that are typical of it.
        tags: By which its songs differ from all, the strongest first; none where songs have none.
        size: How many it holds.
    """

    artists: tuple[str, ...]
    tags: tuple[str, ...]
    size: int


@dataclass(frozen=True, slots=True)
class ClusterMap:
    """Artists or listeners in clusters, and what the reader should be told of the picture.

    Attributes:
        of: What is in the clusters.
        clusters: The largest first.
        stability: Mean adjusted Rand index of two clusterings of resampled points: 1 = the same, 0 = as by chance.
        notes: Whether there was nothing to mark, and see ``Picture.save``.
    """

    of: ClustersOf
    clusters: tuple[Cluster, ...]
    stability: float
    notes: tuple[str, ...] = ()


def draw_clusters(
    dataset: Dataset,
    styles: Floats,
    tastes: Floats,
    of: ClustersOf,
    tags: FeatureBlock | None,
    seed: int,
    user: int | None = None,
) -> tuple[Picture, ClusterMap]:
    """Draw artists by their style, or listeners by their taste; colours are clusters of them.

    Args:
        dataset: Who they are.
        styles: Shape (artists, width), each of length 1; zeros where unknown.
        tastes: Shape (users, width), likewise.
        of: Whom to draw.
        tags: Tags of the songs, where they have any.
        seed: Of places and clusters.
        user: Whose artists are marked, or who is marked among listeners.

    Raises:
        NoDataError: Fewer than three have a style, or a taste, of their own.
    """
    from zetdard.features.layout import lay_out

    points = styles if of == "artists" else tastes
    rows = np.flatnonzero(points.any(axis=1))
    try:
        found = Clustering.learn(points[rows], most=MOST_GROUPS, seed=seed)
    except NoDataError as error:
        raise NoDataError(f"no clusters of {of}: {error}") from None
    artists = [dataset.artists.name(row) for row in range(len(dataset.artists))]
    belongs = np.zeros((len(found), len(points)), np.float64)
    belongs[found.of, rows] = 1
    holds = dataset.artist_holdings().binary()  # (users, artists)
    if of == "artists":
        collected = np.tile(np.asarray(holds.sum(axis=0), np.float64), (len(found), 1))
        offered = belongs > 0
    else:
        collected = np.asarray(belongs @ holds)
        offered = collected > 0
    chosen = typical(found, styles, collected, offered, artists)
    performed = ones_like(dataset.song_artists) if of == "artists" else dataset.holdings.binary().T.tocsr()
    clusters = tuple(
        Cluster(
            tuple(names),
            _cluster_tags(tags, performed, rows[found.members(number)]),
            len(found.members(number)),
        )
        for number, names in enumerate(chosen)
    )
    labels = [" · ".join(one.artists) or f"cluster {number + 1}" for number, one in enumerate(clusters)]
    marked = None
    notes: tuple[str, ...] = ()
    if user is not None:
        own = holds[[user]].indices if of == "artists" else np.array([user])
        marked = np.isin(rows, own)
        if not marked.any():
            name = dataset.users.name(user)
            reason = f"no artist of {name} has a style" if of == "artists" else f"{name} has no taste"
            notes = (f"nothing is marked: {reason} yet",)
    picture = map_picture(
        lay_out(points[rows], seed=seed),
        [labels[cluster] for cluster in found.of.tolist()],
        own=marked,
        listener="" if user is None else dataset.users.name(user),
        things=of,
        captions={
            label: Caption(one.artists or (label,), ", ".join(one.tags) or label)
            for label, one in zip(labels, clusters, strict=True)
        },
        title={"artists": "Artists by style", "listeners": "Listeners by taste"}[of],
        subtitle=f"{len(rows):,} {of} in {len(found)} clusters, named after artists; "
        f"resampled clusterings agree by {found.stability:.2f} (adjusted Rand index)",
    )
    return picture, ClusterMap(of, clusters, found.stability, notes)


def _cluster_tags(tags: FeatureBlock | None, songs_of: Csr, members: NDArray[np.int64]) -> tuple[str, ...]:
    """Return the leading tags of the songs of the members, each song as often as members have it.

    Args:
        tags: Of the songs.
        songs_of: CSR, shape (songs, things): what belongs to whom.
        members: Columns.
    """
    counts = np.asarray(songs_of[:, members].sum(axis=1), np.float64)
    songs = np.flatnonzero(counts).astype(np.int32)
    return tuple(tag for tag, _ in _leading_tags(tags, songs, counts[songs])[:_CLUSTER_TAGS])
