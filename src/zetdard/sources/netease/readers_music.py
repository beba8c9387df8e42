"""Replies about artists, about what is like a song, and about what a listener plays and is offered."""

from __future__ import annotations

from zetdard.records import (
    Artist,
    ChartEntry,
    Period,
    SimilarSong,
    SongId,
    Suggester,
    Suggestion,
    User,
    UserId,
)
from zetdard.sources.netease.fields import (
    Json,
    Misread,
    address,
    array,
    each,
    ident,
    identifier,
    member,
    number,
    optional_array,
    optional_text,
    reader,
    says,
)
from zetdard.sources.netease.readers_songs import artist_record, described, gathered, song_facts
from zetdard.sources.netease.reading import Gathering, PictureLink, Reading, SongFacts


@reader
def read_artist(body: Json) -> Reading:
    """Read ``artist``: the artist and the songs that are heard most."""
    raw = member(body, "artist")
    artist, picture = _each_artist(raw, "artist")
    found = Gathering()
    found.add_artist(artist)
    if picture:
        found.pictures.append(PictureLink("artist", artist.id, picture))
    for facts in described(each(optional_array(body, "hotSongs"), song_facts, "hotSongs")):
        found.add_song(facts)
    return found.reading(total=number(raw, "musicSize"))


def _each_artist(raw: Json, *parts: str) -> tuple[Artist, str | None]:
    try:
        name = optional_text(raw, "name")
        if name is None:
            raise Misread("is missing", "name")
        return artist_record(ident(raw, "id"), name), address(raw, "picUrl") or address(raw, "img1v1Url")
    except Misread as error:
        raise error.within(*parts) from None


@reader
def read_artist_songs(body: Json) -> Reading:
    """Read a page of ``artist-songs``."""
    rows = array(body, "songs")
    found = gathered(described(each(rows, song_facts, "songs")))
    return found.reading(more=says(body, "more"), total=number(body, "total"), rows=len(rows))


@reader
def read_artist_list(body: Json) -> Reading:
    """Read a page of ``artist-list``."""
    rows = array(body, "artists")
    found = Gathering()
    for artist, _ in each(rows, _each_artist, "artists"):
        found.add_artist(artist)
    return found.reading(more=says(body, "more"), rows=len(rows))


@reader
def read_similar_songs(body: Json, song: str) -> Reading:
    """Read ``similar-songs``: the songs that the service calls similar to a stored song, the most similar first."""
    rows = array(body, "songs")
    facts = [one for one in described(each(rows, song_facts, "songs")) if one.song.id != song]
    found = gathered(facts)
    similar = dict.fromkeys(one.song.id for one in facts)
    found.records += [
        SimilarSong(song=SongId(song), similar=other, position=position)
        for position, other in enumerate(similar)
    ]
    return found.reading(rows=len(rows))


@reader
def read_daily_songs(body: Json, user: str, day: str) -> Reading:
    """Read ``daily-songs``: what the service offers to the person who is logged in."""
    data = member(body, "data")
    try:
        rows = array(data, "dailySongs")
    except Misread as error:
        raise error.within("data") from None
    reasons = {
        identifier(raw.get("songId")): optional_text(raw, "reason")
        for raw in optional_array(data, "recommendReasons")
        if type(raw) is dict
    }
    for raw in rows:
        if type(raw) is dict and (said := optional_text(raw, "reason")):
            reasons[identifier(raw.get("id"))] = said
    facts = described(each(rows, song_facts, "data", "dailySongs"))
    return _suggested(facts, user, Suggester.DAILY, day, reasons)


@reader
def read_personal_radio(body: Json, user: str, day: str) -> Reading:
    """Read ``personal-radio``: the next few songs of the radio of the person who is logged in."""
    facts = described(each(array(body, "data"), song_facts, "data"))
    return _suggested(facts, user, Suggester.RADIO, day, {})


def _suggested(
    facts: list[SongFacts], user: str, by: Suggester, day: str, reasons: dict[str | None, str | None]
) -> Reading:
    found = gathered(facts)
    found.add_user(User(id=UserId(user)))
    songs = dict.fromkeys(one.song.id for one in facts)
    found.records += [
        Suggestion(user=UserId(user), song=song, by=by, day=day, position=position, reason=reasons.get(song))
        for position, song in enumerate(songs)
    ]
    return found.reading()


@reader
def read_record(body: Json, user: str, period: Period) -> Reading:
    """Read ``record``: the chart of what a listener plays most; 0 plays mean that they are not shown."""
    name = "weekData" if period is Period.WEEK else "allData"
    entries = each(optional_array(body, name), _chart_row, name)
    found = gathered(described(facts for facts, _, _ in entries))
    found.add_user(User(id=UserId(user)))
    charted: dict[SongId, ChartEntry] = {}
    for position, (facts, score, plays) in enumerate(entries):
        if facts is not None and facts.song.id not in charted:
            charted[facts.song.id] = ChartEntry(
                user=UserId(user),
                song=facts.song.id,
                period=period,
                position=position,
                score=score,
                plays=plays or None,
            )
    found.records += charted.values()
    return found.reading(rows=len(entries))


def _chart_row(raw: Json) -> tuple[SongFacts | None, int, int | None]:
    score = number(raw, "score")
    if score is None:
        raise Misread("is not a whole number", "score")
    song = member(raw, "song")
    try:
        return song_facts(song), score, number(raw, "playCount")
    except Misread as error:
        raise error.within("song") from None
