"""Replies about playlists and liked songs."""

from __future__ import annotations

from zetdard.records import (
    MAX_POSITION,
    Playlist,
    PlaylistId,
    Record,
    Relation,
    SongId,
    Subscription,
    User,
    UserId,
)
from zetdard.sources.netease.fields import (
    Json,
    Misread,
    address,
    array,
    clean,
    each,
    ident,
    identifier,
    member,
    moment,
    number,
    optional_array,
    reader,
    says,
    text,
)
from zetdard.sources.netease.readers_people import user_record
from zetdard.sources.netease.readers_songs import described, song_facts
from zetdard.sources.netease.reading import Entry, PlaylistReading, Reading

_LIKED = 5
"""The ``specialType`` of a listener's list of liked songs."""


def _playlist(raw: Json) -> tuple[User, Playlist]:
    """Return a playlist and its maker, from a list of playlists or from its own page."""
    maker = raw.get("creator")
    if type(maker) is dict:
        try:
            creator = user_record(maker)
        except Misread as error:
            raise error.within("creator") from None
    else:
        creator = User(id=UserId(ident(raw, "userId")))
    tags = (clean(tag) for tag in optional_array(raw, "tags") if type(tag) is str and tag.strip())
    return creator, Playlist(
        id=PlaylistId(ident(raw, "id")),
        creator=creator.id,
        name=text(raw, "name"),
        tags=tuple(dict.fromkeys(tags)),
        created_at=moment(raw, "createTime"),
        play_count=number(raw, "playCount"),
        collect_count=number(raw, "subscribedCount"),
        comment_count=number(raw, "commentCount"),
        relation=Relation.LIKED if number(raw, "specialType") == _LIKED else Relation.OWN,
    )


@reader
def read_user_playlists(body: Json, user: str) -> Reading:
    """Read a page of ``user-playlists``: those that ``user`` made, and other people's that they collected."""
    rows = array(body, "playlist")
    listed = each(rows, _playlist, "playlist")
    makers: dict[UserId, User] = {UserId(user): User(id=UserId(user))}
    for creator, _ in listed:
        known = makers.get(creator.id)
        if known is None or known.name is None:
            makers[creator.id] = creator
    playlists = {playlist.id: playlist for _, playlist in listed}
    records: list[Record] = [*makers.values(), *playlists.values()]
    records += [
        Subscription(user=UserId(user), playlist=playlist.id)
        for playlist in playlists.values()
        if playlist.creator != user
    ]
    liked = (
        playlist.id
        for playlist in playlists.values()
        if playlist.creator == user and playlist.relation is Relation.LIKED
    )
    return Reading(
        records=tuple(records),
        playlists=tuple(playlists),
        liked=next(liked, None),
        more=says(body, "more"),
        rows=len(rows),
    )


@reader
def read_playlist(body: Json) -> PlaylistReading:
    """Read ``playlist-detail``.

    ``trackIds`` names every song; ``tracks`` describes them all or only the first few.
    """
    raw = member(body, "playlist")
    try:
        return _playlist_reading(raw)
    except Misread as error:
        raise error.within("playlist") from None


def _playlist_reading(raw: Json) -> PlaylistReading:
    creator, playlist = _playlist(raw)
    facts = described(each(optional_array(raw, "tracks"), song_facts, "tracks"))
    named = each(optional_array(raw, "trackIds"), _track, "trackIds")
    if not named:
        named = [(facts_.song.id, None) for facts_ in facts]
    stated = number(raw, "trackCount")
    if stated and not named:
        raise Misread(f"is missing, though there are {stated} songs", "trackIds")
    entries: dict[SongId, Entry] = {}
    for position, (song, added_at) in enumerate(named[: MAX_POSITION + 1]):
        entries.setdefault(song, Entry(song, position, added_at))
    return PlaylistReading(
        creator=creator,
        playlist=playlist,
        entries=tuple(entries.values()),
        facts=tuple(facts),
        stated=stated,
        cover=address(raw, "coverImgUrl"),
    )


def _track(raw: Json) -> tuple[SongId, int | None]:
    return SongId(ident(raw, "id")), moment(raw, "at")


@reader
def read_likes(body: Json) -> Reading:
    """Read ``likes``: ids of the liked songs. The service states no order, so they come in that of their ids."""
    songs: set[SongId] = set()
    for place, value in enumerate(array(body, "ids")):
        song = identifier(value)
        if song is None:
            raise Misread("is not an id", "ids", place)
        songs.add(SongId(song))
    return Reading(songs=tuple(sorted(songs, key=lambda song: (len(song), song))), total=len(songs))
