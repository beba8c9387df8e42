"""One ListenBrainz listen or feedback → records.

A listen's ``track_metadata`` holds what the player sent; its ``mbid_mapping`` holds what ListenBrainz
recognised in MusicBrainz (recording and artists with their MBIDs) and is ``null`` where it recognised nothing.
"""

from __future__ import annotations

from zetdard.errors import InputError
from zetdard.names import split_artists
from zetdard.records import Artist, ArtistId, Listen, Record, Song, SongId, SongVerdict, User, UserId, Verdict
from zetdard.sources.definitions import Introductions
from zetdard.sources.fields import shown
from zetdard.sources.identity import ArtistNames, song_name_id
from zetdard.sources.jsonfields import (
    Object,
    as_object,
    as_uuid,
    optional_count,
    optional_list,
    optional_object,
    optional_text,
    optional_uuid,
    required_text,
    seconds_as_ms,
)

NOBODY = "me"
"""The listener of an export that names none."""

_VERDICTS = {1: Verdict.LIKE, -1: Verdict.DISLIKE}


class ListenReader:
    """Turns rows into records and keeps what later rows refer to.

    Args:
        owner: Whose export it is; ``None`` = whoever the listens name, else ``me``.
    """

    def __init__(self, owner: UserId | None) -> None:
        self._owner = None if owner is None else User(id=owner).id
        self._owner_is_given = owner is not None
        self._names = ArtistNames()
        self._introductions = Introductions()
        self._by_msid: dict[str, SongId] = {}
        self.unknown_verdicts = 0
        """Verdicts about songs that no listen describes."""

    def learn(self, value: object) -> None:
        """Note which artist ids the listen states for which names; a listen that is wrong is passed over."""
        try:
            metadata = optional_object(as_object(value, "the listen"), "track_metadata")
            for artist in _identified_artists(metadata):
                self._names.note(artist.name, artist.id)
        except InputError:
            return

    def listen(self, value: object) -> list[Record]:
        """Return the records of one listen.

        Raises:
            InputError: The listen breaks the format.
        """
        listen = as_object(value, "the listen")
        at = seconds_as_ms(listen, "listened_at")
        metadata = as_object(listen.get("track_metadata"), "track_metadata")
        info = optional_object(metadata, "additional_info")
        mapping = optional_object(metadata, "mbid_mapping")
        artist_name = required_text(metadata, "artist_name")
        title = optional_text(mapping, "recording_name") or required_text(metadata, "track_name")
        mbid = optional_uuid(mapping, "recording_mbid") or optional_uuid(info, "recording_mbid")
        msid = optional_text(listen, "recording_msid") or optional_text(info, "recording_msid")
        song = Song(
            id=SongId(mbid or msid or song_name_id(artist_name, title)),
            title=title,
            album=optional_text(metadata, "release_name"),
            duration_ms=_duration_ms(info),
            recording_mbid=mbid,
            artists_raw=artist_name,
        )
        artists = _identified_artists(metadata)
        credited = optional_list(mapping, "artists")
        if not artists or len(artists) < len(credited):
            artists = self._named_artists(metadata, artist_name)
        user = self._user(optional_text(listen, "user_name"))
        record = Listen(user=user, song=song.id, at=at, played_ms=optional_count(info, "ms_played"))
        out = [*self._introductions.user(user), *self._introductions.song(song, artists), record]
        if msid:
            self._by_msid.setdefault(msid, song.id)
        return out

    def feedback(self, value: object) -> list[Record]:
        """Return the verdict of one feedback; nothing for one that was taken back (score 0).

        Raises:
            InputError: The feedback breaks the format.
        """
        feedback = as_object(value, "the feedback")
        at = seconds_as_ms(feedback, "created")
        score = feedback.get("score")
        if isinstance(score, bool) or score not in (1, 0, -1):
            raise InputError(f"score {shown(score)} is none of 1, 0 and -1")
        mbid = optional_uuid(feedback, "recording_mbid")
        msid = optional_text(feedback, "recording_msid")
        if mbid is None and msid is None:
            raise InputError("the feedback names no song: recording_mbid and recording_msid are empty")
        if score == 0:
            return []
        song = (
            SongId(mbid)
            if mbid and self._introductions.knows(SongId(mbid))
            else self._by_msid.get(msid or "")
        )
        if song is None:
            # The export states no title for it; without a listen there is no song to judge.
            self.unknown_verdicts += 1
            return []
        user = self._user(None)
        verdict = SongVerdict(user=user, song=song, verdict=_VERDICTS[int(score)], at=at)
        return [*self._introductions.user(user), verdict]

    def _named_artists(self, metadata: Object, artist_name: str) -> list[Artist]:
        """Artists of whom at most the name is known, from the mapping's credits or the player's string."""
        mapping = optional_object(metadata, "mbid_mapping")
        artists = []
        for value in optional_list(mapping, "artists"):
            credit = as_object(value, "an artist")
            name = required_text(credit, "artist_credit_name")
            mbid = optional_uuid(credit, "artist_mbid")
            artists.append(Artist(id=ArtistId(mbid) if mbid else self._names.resolve(name), name=name))
        return artists or self._names.artists(split_artists(artist_name, separator=None))

    def _user(self, named: str | None) -> UserId:
        if self._owner is None:
            self._owner = UserId(named or NOBODY)
        elif not self._owner_is_given and named is not None and named != self._owner:
            raise InputError(
                f"the listen is by {shown(named)}, but this import is of {shown(self._owner)};"
                " import two people's listens one by one, or say --user"
            )
        return self._owner


def _identified_artists(metadata: Object) -> list[Artist]:
    """Artists with an MBID and a name: the mapping's credits, or the one artist whose MBID the player sent."""
    mapping = optional_object(metadata, "mbid_mapping")
    artists = []
    for value in optional_list(mapping, "artists"):
        credit = as_object(value, "an artist")
        mbid = optional_uuid(credit, "artist_mbid")
        if mbid is not None:
            artists.append(Artist(id=ArtistId(mbid), name=required_text(credit, "artist_credit_name")))
    if artists or optional_list(mapping, "artists"):
        return artists
    info = optional_object(metadata, "additional_info")
    mbids = optional_list(mapping, "artist_mbids") or optional_list(info, "artist_mbids")
    name = optional_text(metadata, "artist_name")
    # Several MBIDs and one string do not say whose name is whose.
    if len(mbids) == 1 and name is not None:
        return [Artist(id=ArtistId(as_uuid(mbids[0], "artist_mbids")), name=name)]
    return []


def _duration_ms(info: Object) -> int | None:
    milliseconds = optional_count(info, "duration_ms")
    if milliseconds is not None:
        return milliseconds
    seconds = optional_count(info, "duration")
    return None if seconds is None else seconds * 1000
