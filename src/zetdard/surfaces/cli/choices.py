"""Words that commands choose from."""

from __future__ import annotations

from enum import StrEnum


class FileFormat(StrEnum):
    """What can be imported; a test compares it with the registry."""

    PLAYLISTS = "playlists"
    COMMENTS = "comments"
    HETREC = "hetrec"
    LISTENBRAINZ = "listenbrainz"
    LASTFM = "lastfm"
    SPOTIFY = "spotify"
    MUSIC = "music"


class FeedbackKind(StrEnum):
    """What a listener can say."""

    LIKE = "like"
    DISLIKE = "dislike"
    SKIP = "skip"
    BAN = "ban"
    UNDO = "undo"


class SplitKind(StrEnum):
    """How a user's history is divided for measuring."""

    AUTO = "auto"
    TIME = "time"
    RANDOM = "random"


class GraphFormat(StrEnum):
    """How the network is written."""

    GRAPHML = "graphml"
    GEXF = "gexf"
    CSV = "csv"


class FeatureWord(StrEnum):
    """What can be featurized."""

    GRAPH = "graph"
    AUDIO = "audio"
    LYRICS = "lyrics"


class MapWord(StrEnum):
    """What lies near each other on a map."""

    SOUND = "sound"
    WORDS = "words"
    PEOPLE = "people"


class MapOfWord(StrEnum):
    """What is on a map."""

    SONGS = "songs"
    ARTISTS = "artists"
    LISTENERS = "listeners"


class MeasuredWord(StrEnum):
    """What can be evaluated."""

    SONGS = "songs"
    ARTISTS = "artists"
    FRIENDS = "friends"
    TASTE = "taste"
