"""The only file that names concrete sources and models. To add one, add a line.

Names and summaries stand here in words, so that ``--help`` can list them without importing any model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

from zetdard.errors import Failure, MissingExtraError, UnknownEntityError
from zetdard.progress import Progress, silent

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    from zetdard.models.base import Model, Workshop
    from zetdard.settings import Settings
    from zetdard.sources.base import FileSource
    from zetdard.sources.crawling import Connect, CrawlKind
    from zetdard.sources.music.examining import Examined
    from zetdard.sources.netease.connect import Service
    from zetdard.sources.netease.login import LoginDesk
    from zetdard.sources.netease.nodeserver import NodeServer


@dataclass(frozen=True, slots=True)
class Entry:
    """Where something is defined, what it is in one line, and how it is made."""

    place: str
    """``module:Class``, below ``zetdard``."""
    summary: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Config values that make it what its name says."""
    needs: frozenset[str] = frozenset()
    """What a learner of taste cannot do without: ``clips``, ``torch``, or the name of a block of features."""

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
    "music": Entry("sources.music.folder:MusicFolder", "a folder of music files"),
}

MATCHED_SOURCES = ("files",)
"""Sources whose songs may be songs that other sources describe too."""

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

TASTE_MODELS: Mapping[str, Entry] = {
    "taste": Entry(
        "models.taste_towers:TasteTowers",
        "styles and tastes in one space, learned from who collects whom, sound and words",
    ),
}
"""Models that score songs, artists and people."""

SONG_MODELS: Mapping[str, Entry] = {
    "context-vae": Entry(
        "models.context_vae:ContextVae",
        "an autoencoder of listening that knows where listeners live (after Schedl)",
    ),
    "graph-autoencoder": Entry(
        "models.graph_autoencoder:GraphAutoencoder",
        "nearest songs by codes that a graph autoencoder gives to the song network (the thesis's 3.1)",
    ),
    "row-autoencoder": Entry(
        "models.row_autoencoder:RowAutoencoder",
        "nearest songs by codes that an autoencoder gives to rows of the song network",
    ),
    "cluster-cf": Entry(
        "models.cluster_cf:ClusterCF",
        "for each of your songs the one most alike in its cluster of sound (the thesis's 3.6)",
    ),
    "interest-vsm": Entry(
        "models.interest_vsm:InterestVSM",
        "songs that say what yours say: words of lyrics in one space (after Gong Zhi)",
    ),
    "svm": Entry(
        "models.svm:SvmTaste",
        "a support vector machine on sound, words and network, one for each listener (the thesis's 3.4)",
    ),
    "logistic": Entry(
        "models.logistic:LogisticTaste",
        "logistic regression on sound, words and network, one for each listener",
    ),
    "random-forest": Entry(
        "models.forest:ForestTaste", "a random forest on sound, words and network, one for each listener"
    ),
    "knn": Entry("models.knn_taste:KnnTaste", "nearest songs by sound, words and network, held or not held"),
    "audio-cnn": Entry("models.audio_cnn:AudioCNN", "a network that hears the waveform (the thesis's 3.2)"),
    "mel-cnn": Entry("models.mel_cnn:MelCNN", "a network that hears the mel spectrogram"),
    "cnn-lstm": Entry(
        "models.cnn_lstm:CnnLSTM",
        "a network that hears the spectrogram as a course of time (after Chen Changfeng)",
    ),
    "cnn-forest": Entry(
        "models.cnn_forest:CnnForestTaste", "a random forest on what mel-cnn hears (after Fu Wei)"
    ),
    "multimodal-cnn": Entry(
        "models.multimodal_cnn:MultimodalCNN",
        "a network on sound, words and network, for all listeners together (the thesis's 3.3)",
    ),
}
"""Models that score songs alone: they learn from features, or take long to train."""

_TORCH, _CLIPS = frozenset({"torch"}), frozenset({"torch", "clips"})

TASTE_LEARNERS: Mapping[str, Entry] = {
    "svm": Entry("models.taste.classical:Svm", "a support vector machine"),
    "logistic": Entry("models.taste.classical:Logistic", "logistic regression"),
    "random-forest": Entry("models.taste.classical:Forest", "a random forest"),
    "knn": Entry("models.taste.classical:Knn", "nearest songs"),
    "fused": Entry(
        "models.taste.classical:Fused",
        "svm on all features and logistic on MusiCNN, averaged",
        needs=frozenset({"musicnn"}),
    ),
    "audio-cnn": Entry("models.deep.hearing:AudioCnn", "a network that hears the waveform", needs=_CLIPS),
    "mel-cnn": Entry(
        "models.deep.hearing:MelSpectrogramCnn", "a network that hears the mel spectrogram", needs=_CLIPS
    ),
    "cnn-lstm": Entry(
        "models.deep.hearing:RecurrentCnn",
        "a network that hears the spectrogram as a course of time",
        needs=_CLIPS,
    ),
    "cnn-forest": Entry(
        "models.deep.hearing:CnnForest", "a random forest on the codes of mel-cnn", needs=_CLIPS
    ),
    "multimodal-cnn": Entry(
        "models.deep.multimodal:Multimodal",
        "networks on sound, words and network, for all listeners together",
        needs=_TORCH,
    ),
    "taste-default": Entry(
        "models.deep.multimodal:SvmAndNetworks",
        "svm and multimodal-cnn, averaged: the best here",
        needs=_TORCH,
    ),
}
"""What learns listeners' tastes from labelled songs; ``evaluate taste`` measures them."""

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

_LOOK_SECONDS, _LOOK_MEMORY_MB = 120.0, 1024
"""What looking at one music file may take: reading all of a large one from a slow disk, once."""

DEFAULT_MODEL = "song-graph"
DEFAULT_PEOPLE_MODEL = "adamic-adar"


def file_source(name: str) -> FileSource:
    """Return the reader of a file format."""
    kind = _entry(FILE_SOURCES, name, "file format").load()
    source: FileSource = kind(_examine_apart) if name == "music" else kind()
    return source


def _examine_apart(paths: Sequence[Path]) -> Iterator[tuple[Path, Examined | Failure]]:
    """Look at music files in processes of their own: a file that its decoder cannot bear costs itself only."""
    from functools import partial
    from importlib.util import find_spec

    from zetdard.features.audio.decoding import probe
    from zetdard.features.audio.isolation import run_apart
    from zetdard.sources.music.examining import examine

    if any(find_spec(library) is None for library in ("mutagen", "soundfile")):
        raise MissingExtraError("audio", "reading music files")
    look = partial(examine, probe=probe)
    yield from run_apart(look, paths, seconds=_LOOK_SECONDS, memory_mb=_LOOK_MEMORY_MB)


def netease_service(
    settings: Settings,
    *,
    sandbox: str | None = None,
    api_server: str | None = None,
    previews: bool = False,
    comment_pages: int = 5,
    artist_pages: int = 10,
) -> Service:
    """Return which NetEase is asked, and how.

    Args:
        settings: Addresses, keys and the home.
        sandbox: Address of an invented NetEase to ask instead of the real one.
        api_server: Address of a Node API server to go through.
        previews: Take excerpts where a whole song is not to be had.
        comment_pages: At most so many pages of comments of a song.
        artist_pages: At most so many pages of the list of artists to begin with.

    Raises:
        UnavailableError: The invented NetEase is not running.
    """
    from dataclasses import replace

    from zetdard.sources.netease.connect import Service, invented_service

    if sandbox is not None:
        service = invented_service(sandbox, session=_session_file(settings, invented=True))
    else:
        service = Service(
            web=settings.netease_web,
            interface=settings.netease_interface,
            modulus=settings.netease_modulus,
            exponent=settings.netease_exponent,
            session=_session_file(settings, invented=False),
        )
    return replace(
        service,
        api=api_server or settings.netease_api,
        previews=previews,
        comment_pages=comment_pages,
        artist_pages=artist_pages,
    )


def netease_connect(service: Service) -> Connect:
    """Return what opens the service for a worker; it can be sent to another process."""
    from functools import partial

    from zetdard.sources.netease.connect import connect

    return partial(connect, service)


def netease_is_logged_in(service: Service) -> bool:
    """Return whether a login to that service is kept."""
    from zetdard.sources.netease.connect import is_logged_in

    return is_logged_in(service)


def netease_login(service: Service) -> LoginDesk:
    """Return where a login to that service is given, checked, kept and forgotten."""
    from zetdard.sources.netease.connect import login_desk

    return login_desk(service)


def netease_log_out(settings: Settings, *, invented: bool) -> bool:
    """Forget the login here, whether or not the service can be asked; return whether there was one."""
    from zetdard.sources.netease.login import log_out

    return log_out(_session_file(settings, invented=invented))


def _session_file(settings: Settings, *, invented: bool) -> Path:
    return settings.home / ("sandbox-session.json" if invented else "netease-session.json")


def netease_api_install(home: Path, progress: Progress = silent) -> Path:
    """Install the Node API server into a home, unless it is there; return its folder.

    Raises:
        MissingExtraError: There is no Node.
        UnavailableError: npm could not get it.
    """
    from zetdard.sources.netease.nodeserver import install

    return install(home, progress)


def netease_api_server(home: Path, service: Service, *, port: int = 0) -> AbstractContextManager[NodeServer]:
    """Return a Node API server that asks that service and runs as long as the context lasts."""
    from zetdard.sources.netease.nodeserver import node_server

    return node_server(
        home,
        port=port,
        upstream=service.web,
        interface=service.interface,
        modulus=service.modulus,
        exponent=service.exponent,
    )


def netease_kinds() -> Mapping[str, CrawlKind]:
    """Return the kinds of visits to NetEase, by name."""
    from zetdard.sources.netease.visits import KINDS

    return KINDS


def make_model(name: str, settings: Mapping[str, Any] | None = None) -> Model:
    """Return a model that has not learned yet.

    Args:
        name: A name of ``MODELS``, ``SONG_MODELS``, ``TASTE_MODELS``, ``PEOPLE_MODELS`` or ``CONTROLS``.
        settings: Config values besides the defaults.

    Raises:
        UnknownEntityError: There is no such model; the message lists those there are.
    """
    entry = _entry(_all_models(), name, "model")
    kind: Any = entry.load()
    model: Model = kind(kind.config_class(**{**entry.settings, **(settings or {})}))
    return model


def model_settings(name: str) -> list[str]:
    """Return the names of a model's settings.

    Raises:
        UnknownEntityError: There is no such model; the message lists those there are.
    """
    kind: Any = _entry(_all_models(), name, "model").load()
    return list(kind.config_class.model_fields)


def _all_models() -> dict[str, Entry]:
    return {**CONTROLS, **PEOPLE_MODELS, **TASTE_MODELS, **SONG_MODELS, **MODELS}


def taste_learner(name: str) -> Callable[[], Any]:
    """Return what makes a learner of taste.

    Raises:
        UnknownEntityError: There is no such learner; the message lists those there are.
    """
    make: Callable[[], Any] = _entry(TASTE_LEARNERS, name, "learner of taste").load()
    return make


def composer(seed: int) -> Any:
    """Return what generates music, before it has learned; MissingExtraError: torch is not installed."""
    return Entry("models.deep.gan_music:Composer", "networks that generate music").load()(seed=seed)


def mood_learners(workshop: Workshop) -> list[Callable[[], Any]]:
    """Return what make the learners that hear moods; the second raises MissingExtraError where torch is not installed."""
    ridge, network = (
        Entry("models.moods:RidgeMoods", "ridge"),
        Entry("models.deep.emotions:EmotionLearner", "cnn-lstm"),
    )
    return [lambda: ridge.load()(), lambda: network.load()(workshop=workshop)]


def augmented(make: Callable[[], Any], how: str, generate: Any = None) -> Callable[[], Any]:
    """Return what makes a learner of taste that learns from more songs than there are; see ``taste.augment``."""
    from zetdard.models.taste.augment import augmented as more

    return more(make, how, generate)


def model_kinds() -> dict[str, type[Model]]:
    """Return the classes of all models by the name that their files carry."""
    return {kind.name: kind for kind in (entry.load() for entry in _all_models().values())}


def _entry(entries: Mapping[str, Entry], name: str, what: str) -> Entry:
    try:
        return entries[name]
    except KeyError:
        raise UnknownEntityError(
            f"there is no {what} {name!r}; there are: {', '.join(sorted(entries))}"
        ) from None
