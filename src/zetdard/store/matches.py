"""Which songs of different sources are, or may be, one recording: kept, decided and taken back.

No row of songs is changed: ``joins`` makes readers treat what is joined as one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection

from zetdard.errors import AmbiguousIdError, InputError, UnknownEntityError
from zetdard.store import schema
from zetdard.store.database import bump_revision, now_ms
from zetdard.store.statements import among, rows, run, upsert


class MatchState(StrEnum):
    """What a pair of songs is."""

    JOINED = "joined"
    UNSURE = "unsure"
    APART = "apart"


RULE, PERSON = "rule", "person"
"""Who decided."""

_DECIDED = "SELECT song, other FROM song_matches WHERE decided_by = 'person'"
_COUNTS = (
    "state = ? AND (state <> 'unsure' OR song NOT IN (SELECT song FROM song_matches WHERE state = 'joined'))"
)
"""What is unsure about a song that is joined no longer matters."""

_KEY = 'songs."key"'
_FACTS = f"{_KEY}, source, id, title, album, duration_ms, recording_mbid"


@dataclass(frozen=True, slots=True)
class StoredSong:
    """A song as its source describes it.

    Attributes:
        key: Of its row.
        source: Who describes it.
        id: The source's id.
        title: Title.
        artists: Names, in the order of the credits.
        album: Album.
        duration_ms: Length.
        recording_mbid: MusicBrainz's id of the recording.
    """

    key: int
    source: str
    id: str
    title: str
    artists: tuple[str, ...]
    album: str | None
    duration_ms: int | None
    recording_mbid: str | None

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "id": f"{self.source}:{self.id}",
            "title": self.title,
            "artists": list(self.artists),
            "album": self.album,
            "duration_ms": self.duration_ms,
        }


@dataclass(frozen=True, slots=True)
class StoredMatch:
    """A pair of songs.

    Attributes:
        song: Of a source whose songs are looked for among others'.
        other: What it is or may be.
        confidence: 0–1.
        reasons: What speaks for and against it, in words.
        state: What it counts as.
        decided_by: ``rule`` or ``person``.
    """

    song: StoredSong
    other: StoredSong
    confidence: float
    reasons: tuple[str, ...]
    state: MatchState
    decided_by: str

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "song": self.song.to_json(),
            "other": self.other.to_json(),
            "confidence": self.confidence,
            "reasons": list(self.reasons),
            "state": self.state.value,
            "decided_by": self.decided_by,
        }


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a rule says about a pair, by keys."""

    song: int
    other: int
    confidence: float
    reasons: tuple[str, ...]
    joins: bool


def read_songs(connection: Connection, *, source: str, others: bool = False) -> list[StoredSong]:
    """Read the songs of a source, or of all other sources, ordered by key."""
    condition = "songs.source <> ?" if others else "songs.source = ?"
    return _songs(connection, condition, [source])


def decided_apart(connection: Connection, source: str) -> frozenset[tuple[int, int]]:
    """Return the pairs that a person said are not one, by keys, a song of the source first."""
    apart: set[tuple[int, int]] = set()
    # A person may have named the two in either order.
    for first, second in (("song", "other"), ("other", "song")):
        found = rows(
            connection,
            f'SELECT {first}, {second} FROM song_matches JOIN songs ON songs."key" = {first} '  # noqa: S608 - our names
            "WHERE source = ? AND state = 'apart' AND decided_by = 'person'",
            [source],
        )
        apart.update((int(song), int(other)) for song, other in found)
    return frozenset(apart)


def write_proposals(connection: Connection, source: str, proposals: Iterable[Proposal]) -> None:
    """Replace what rules said about the songs of a source; what a person decided stays.

    A song about which a person said which one it is, is not joined otherwise by a rule. What would be joined to a
    joined song is joined to what that one is joined to, and what others are joined to is joined to nothing: readers
    follow one step.
    """
    before = _joined(connection, source)
    of_source = 'song IN (SELECT "key" FROM songs WHERE source = ?)'
    persons = rows(
        connection,
        f"SELECT song, other, state FROM song_matches WHERE decided_by = 'person' AND {of_source}",  # noqa: S608 - our names
        [source],
    )
    settled = {song for song, _, state in persons if state == MatchState.JOINED}
    run(connection, f"DELETE FROM song_matches WHERE decided_by = 'rule' AND {of_source}", [source])  # noqa: S608 - our names
    # The rules' own rows of this source have just gone; what a person decided may name the two in either order.
    joined = dict(rows(connection, "SELECT song, other FROM song_matches WHERE state = 'joined'"))
    closed = settled.union(joined.values())
    decided = {
        (one, joined.get(two, two))
        for song, other in rows(connection, _DECIDED)
        for one, two in ((song, other), (other, song))
    }
    kept: dict[tuple[int, int], Proposal] = {}
    for proposal in sorted(proposals, key=lambda proposal: -proposal.confidence):
        other = joined.get(proposal.other, proposal.other)
        pair = (proposal.song, other)
        if proposal.song not in closed and proposal.song != other and pair not in decided:
            kept.setdefault(pair, replace(proposal, other=other))
    _write(
        connection,
        [
            (
                proposal.song,
                proposal.other,
                proposal.confidence,
                json.dumps(proposal.reasons, ensure_ascii=False),
                (MatchState.JOINED if proposal.joins else MatchState.UNSURE).value,
                RULE,
            )
            for proposal in kept.values()
        ],
    )
    if _joined(connection, source) != before:
        bump_revision(connection)


def read_matches(connection: Connection, state: MatchState) -> list[StoredMatch]:
    """Read the pairs of a state, the surest first; of unsure ones only those of songs that are not joined."""
    found = rows(
        connection,
        f"SELECT song, other, confidence, reasons, decided_by FROM song_matches WHERE {_COUNTS} "  # noqa: S608 - our names
        "ORDER BY confidence DESC, song, other",
        [state.value],
    )
    keys = {key for song, other, *_ in found for key in (song, other)}
    songs = {
        song.key: song
        for condition, values in among(connection, 'songs."key"', sorted(keys))
        for song in _songs(connection, condition, values)
    }
    return [
        StoredMatch(
            songs[song], songs[other], float(confidence), tuple(json.loads(reasons)), state, decided_by
        )
        for song, other, confidence, reasons, decided_by in found
    ]


def count_matches(connection: Connection) -> dict[str, int]:
    """Return how many pairs ``read_matches`` gives for each state."""
    counted = f"SELECT count(*) FROM song_matches WHERE {_COUNTS}"  # noqa: S608 - our words
    return {state.value: int(rows(connection, counted, [state.value])[0][0]) for state in MatchState}


def decide(connection: Connection, song: str, other: str, *, same: bool) -> tuple[StoredSong, StoredSong]:
    """Keep what a person says about two songs, named by ``source:id`` or an id that one song alone has.

    Raises:
        UnknownEntityError: One is not stored.
        AmbiguousIdError: Several sources use the id.
        InputError: They are one song already, of one source, or joined to something else.
    """
    first, second = find_song(connection, song), find_song(connection, other)
    if first.key == second.key:
        raise InputError("a song is the same as itself")
    if first.source == second.source:
        raise InputError(f"both songs are of the source {first.source!r}: a source tells its own songs apart")
    pair = [first.key, second.key]
    turned = rows(connection, "SELECT 1 FROM song_matches WHERE song = ? AND other = ?", pair[::-1])
    if turned:
        first, second, pair = second, first, pair[::-1]
    if same:
        if rows(connection, "SELECT 1 FROM song_matches WHERE state = 'joined' AND song = ?", [second.key]):
            raise InputError(
                f"{second.source}:{second.id} is joined to another song: join {first.id} to that one"
            )
        _follow(connection, first, second)
        run(
            connection,
            "UPDATE song_matches SET state = 'apart', decided_by = 'person' "
            "WHERE song = ? AND other <> ? AND state = 'joined'",
            pair,
        )
    known = rows(
        connection, "SELECT confidence, reasons FROM song_matches WHERE song = ? AND other = ?", pair
    )
    confidence, reasons = known[0] if known else (1.0 if same else 0.0, "[]")
    state = MatchState.JOINED if same else MatchState.APART
    run(connection, "DELETE FROM song_matches WHERE song = ? AND other = ?", pair[::-1])
    _write(connection, [(first.key, second.key, confidence, reasons, state.value, PERSON)])
    bump_revision(connection)
    return first, second


def _follow(connection: Connection, first: StoredSong, second: StoredSong) -> None:
    """Let what is joined to ``first`` be joined to ``second``, which ``first`` is about to be joined to: no chains."""
    joined = rows(
        connection, "SELECT song FROM song_matches WHERE state = 'joined' AND other = ?", [first.key]
    )
    for song in (
        _songs(connection, 'songs."key" IN (' + ", ".join("?" * len(joined)) + ")", [k for (k,) in joined])
        if joined
        else []
    ):
        if song.source == second.source:
            raise InputError(
                f"{song.source}:{song.id} is joined to {first.source}:{first.id}: part them first"
            )
        run(
            connection,
            "DELETE FROM song_matches WHERE song = ? AND other IN (?, ?)",
            [song.key, first.key, second.key],
        )
        _write(connection, [(song.key, second.key, 1.0, "[]", MatchState.JOINED.value, PERSON)])


def find_song(connection: Connection, text: str) -> StoredSong:
    """Return the song that ``source:id`` or an id names.

    Raises:
        UnknownEntityError: None is stored.
        AmbiguousIdError: Several are.
    """
    source, colon, id_ = text.partition(":")
    found = _songs(connection, "songs.source = ? AND songs.id = ?", [source, id_]) if colon else []
    found = found or _songs(connection, "songs.id = ?", [text])
    if not found:
        raise UnknownEntityError(f"no song {text!r} is stored")
    if len(found) > 1:
        names = ", ".join(f"{song.source}:{song.id}" for song in found)
        raise AmbiguousIdError(f"the song id {text!r} is used by several sources: {names}")
    return found[0]


def _joined(connection: Connection, source: str) -> set[tuple[Any, ...]]:
    return set(
        rows(
            connection,
            'SELECT song, other FROM song_matches JOIN songs ON songs."key" = song '
            "WHERE source = ? AND state = 'joined'",
            [source],
        )
    )


def _write(connection: Connection, pairs: Sequence[tuple[Any, ...]]) -> None:
    if not pairs:
        return
    columns = [list(column) for column in zip(*pairs, strict=True)]
    upsert(
        connection,
        schema.song_matches,
        [*columns, [now_ms()] * len(pairs)],
        names=("song", "other", "confidence", "reasons", "state", "decided_by", "at"),
        keep=("song", "other"),
        anew=True,
    )


def _songs(connection: Connection, condition: str, values: Sequence[Any]) -> list[StoredSong]:
    credits: dict[int, list[str]] = {}
    of = 'JOIN songs ON songs."key" = song_artists.song JOIN artists ON artists."key" = song_artists.artist'
    for key, name in rows(
        connection,
        f"SELECT song_artists.song, artists.name FROM song_artists {of} WHERE {condition} "  # noqa: S608 - our names
        "ORDER BY song_artists.song, song_artists.position, song_artists.artist",
        values,
    ):
        credits.setdefault(key, []).append(name)
    found = rows(
        connection,
        f"SELECT {_FACTS} FROM songs WHERE {condition} ORDER BY {_KEY}",  # noqa: S608 - our names
        values,
    )
    return [
        StoredSong(key, source, id_, title, tuple(credits.get(key, ())), album, duration, mbid)
        for key, source, id_, title, album, duration, mbid in found
    ]
