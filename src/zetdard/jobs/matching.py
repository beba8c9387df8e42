"""Match: which songs of one source are songs that others describe too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from zetdard.features.matching import SongFacts, match
from zetdard.progress import Progress, silent
from zetdard.store import matches
from zetdard.store.matches import MatchState, Proposal, StoredSong
from zetdard.store.store import Store


@dataclass(frozen=True, slots=True)
class MatchReport:
    """How many pairs there are now.

    Attributes:
        joined: Counted as one song.
        unsure: Waiting for a person.
    """

    joined: int
    unsure: int


def match_songs(store: Store, source: str, *, progress: Progress = silent) -> MatchReport:
    """Look for the songs of a source among those of all others, and keep what was found.

    What a person decided stays. Songs that are certain are joined: from then on they are one song with both ids.

    Args:
        store: Read, and then changed in one short transaction.
        source: Whose songs are looked for.
        progress: Told what is going on.
    """
    with store.database.read() as connection:
        songs = matches.read_songs(connection, source=source)
        others = matches.read_songs(connection, source=source, others=True) if songs else []
        apart = matches.decided_apart(connection, source)
        standing = {
            pair.song.key: pair.other.key for pair in matches.read_matches(connection, MatchState.JOINED)
        }
    proposals: list[Proposal] = []
    if songs and others:
        progress("comparing songs", 0, 1)
        proposals = [
            Proposal(found.song, found.other, found.confidence, tuple(found.reasons), found.joins)
            for found in match(_facts(songs), _facts(others), apart=apart, standing=standing)
        ]
        progress("comparing songs", 1, 1)
    with store.database.write() as connection:
        matches.write_proposals(connection, source, proposals)
    with store.database.read() as connection:
        return MatchReport(
            len(matches.read_matches(connection, MatchState.JOINED)),
            len(matches.read_matches(connection, MatchState.UNSURE)),
        )


def _facts(songs: Sequence[StoredSong]) -> list[SongFacts]:
    return [
        SongFacts(
            song.key,
            song.title,
            song.artists,
            song.album,
            song.duration_ms,
            song.recording_mbid,
            song.source,
        )
        for song in songs
    ]
