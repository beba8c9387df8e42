"""The only file that names concrete sources and models. To add one, add a line.

Names and summaries stand here in words, so that ``--help`` can list them without importing any model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

from zetdard.errors import UnknownEntityError

if TYPE_CHECKING:
    from zetdard.models.base import Model
    from zetdard.sources.base import FileSource


@dataclass(frozen=True, slots=True)
class Entry:
    """Where something is defined, what it is in one line, and how it is made."""

    place: str
    """``module:Class``, below ``zetdard``."""
    summary: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Config values that make it what its name says."""

    def load(self) -> Any:
        """Import the class."""
        module, _, name = self.place.partition(":")
        return getattr(import_module(f"zetdard.{module}"), name)


FILE_SOURCES: Mapping[str, Entry] = {
    "playlists": Entry("sources.playlists:PlaylistFiles", "NetEase playlists in three CSV files"),
    "comments": Entry("sources.comments:CommentFile", "NetEase song comments in a CSV file"),
    "hetrec": Entry("sources.hetrec:HetRecFiles", "the HetRec 2011 Last.fm data set"),
    "listenbrainz": Entry("sources.listenbrainz:ListenBrainzExport", "a ListenBrainz export"),
    "lastfm": Entry("sources.lastfm:LastfmHistory", "Last.fm scrobbles, CSV or JSON"),
    "spotify": Entry("sources.spotify:SpotifyExport", "a Spotify data export"),
}

MODELS: Mapping[str, Entry] = {
    "song-graph": Entry(
        "models.song_graph:SongGraph",
        "a walk over the song network: songs that the holders of your songs also hold",
    ),
    "user-neighbours": Entry(
        "models.user_neighbours:UserNeighbours",
        "the songs of similar listeners, counted (the thesis's first recommender)",
    ),
    "item-knn": Entry("models.item_knn:ItemKNN", "songs most alike to yours by who holds them"),
    "popular": Entry("models.popular:Popular", "what most people hold; not personal"),
}
"""Models that score songs (or artists, where a source counts artists)."""

PEOPLE_MODELS: Mapping[str, Entry] = {
    name: Entry("models.user_similarity:UserSimilarity", summary, {"similarity": name})
    for name, summary in {
        "adamic-adar": "what both hold, the rarer the more",
        "cosine": "shared, by the geometric mean of both numbers",
        "jaccard": "shared, of all that either holds",
        "overlap": "how much both hold",
        "thesis": "shared, times how close the numbers of neighbours are",
    }.items()
}
"""Similarities that score people."""

CONTROLS: Mapping[str, Entry] = {
    "popular": MODELS["popular"],
    "random": Entry("models.random_order:RandomOrder", "a random order; a control"),
}
"""What stands beside every measured model."""

DEFAULT_MODEL = "song-graph"
DEFAULT_PEOPLE_MODEL = "adamic-adar"


def file_source(name: str) -> FileSource:
    """Return the reader of a file format."""
    source: FileSource = _entry(FILE_SOURCES, name, "file format").load()()
    return source


def make_model(name: str, settings: Mapping[str, Any] | None = None) -> Model:
    """Return a model that has not learned yet.

    Args:
        name: A name of ``MODELS``, ``PEOPLE_MODELS`` or ``CONTROLS``.
        settings: Config values besides the defaults.

    Raises:
        UnknownEntityError: There is no such model; the message lists those there are.
    """
    entry = _entry({**CONTROLS, **PEOPLE_MODELS, **MODELS}, name, "model")
    kind: Any = entry.load()
    model: Model = kind(kind.config_class(**{**entry.settings, **(settings or {})}))
    return model


def model_kinds() -> dict[str, type[Model]]:
    """Return the classes of all models by the name that their files carry."""
    kinds = [entry.load() for entry in {**CONTROLS, **PEOPLE_MODELS, **MODELS}.values()]
    return {kind.name: kind for kind in kinds}


def _entry(entries: Mapping[str, Entry], name: str, what: str) -> Entry:
    try:
        return entries[name]
    except KeyError:
        raise UnknownEntityError(
            f"there is no {what} {name!r}; there are: {', '.join(sorted(entries))}"
        ) from None
