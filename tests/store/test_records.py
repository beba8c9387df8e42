"""Records in, rows out: nothing lost, nothing twice, nothing erased by silence."""

from __future__ import annotations

from typing import Any

import pytest

from store.facts import BIG, EVERY_KIND, SHA, contents, write
from zetdard.errors import InputError
from zetdard.records import (
    Artist,
    ArtistPlays,
    AudioFile,
    ChartEntry,
    Comment,
    Follow,
    Listen,
    Lyric,
    LyricState,
    Period,
    Picture,
    Playlist,
    PlaylistSong,
    Record,
    Relation,
    SimilarSong,
    Song,
    SongArtist,
    SongVerdict,
    Subscription,
    Suggester,
    Suggestion,
    User,
    Verdict,
)
from zetdard.store import writer
from zetdard.store.store import Store

OURS = {"source": "here"}


def rows(store: Store, table: str) -> list[dict[str, Any]]:
    return contents(store, without=("key", "fetched_at", "undone_at"))[table]


def test_every_kind_is_kept_with_its_source(store: Store) -> None:
    write(store, *EVERY_KIND)
    assert rows(store, "users") == [
        OURS | {"id": "u1", "name": "安", "region": "上海"},
        OURS | {"id": "u2", "name": None, "region": None},
    ]
    songs = {row["id"]: row for row in rows(store, "songs")}
    assert songs["s1"] == OURS | {
        "id": "s1",
        "title": "晴天",
        "artists_raw": "周杰伦|AC/DC",
        "album": "叶惠美",
        "duration_ms": 269_000,
        "popularity": 99.5,
        "released_at": -BIG,
        "recording_mbid": "0f4a1b0e-3a53-4b2a-9d8e-0123456789ab",
    }
    assert songs["s2"]["title"] == "'; DROP TABLE songs; --"
    assert songs["s3"]["title"] == "🎵 emoji\tand\ncontrol"
    assert {row["name"] for row in rows(store, "artists")} == {"周杰伦", "AC/DC"}
    assert rows(store, "song_artists") == [
        OURS | {"song": "here:s1", "artist": "here:a1", "position": 0, "role": "original"},
        OURS | {"song": "here:s1", "artist": "here:a2", "position": 1, "role": "performer"},
    ]
    lists = {row["id"]: row for row in rows(store, "playlists")}
    assert lists["p1"] == OURS | {
        "id": "p1",
        "creator": "here:u1",
        "name": "夜",
        "tags": '["华语", "quo\\"te"]',
        "created_at": 1_000,
        "play_count": BIG,
        "collect_count": 2,
        "comment_count": 3,
        "relation": "own",
    }
    assert lists["p2"]["relation"] == "liked"
    assert {
        (row["playlist"], row["song"], row["position"], row["added_at"])
        for row in rows(store, "playlist_songs")
    } == {
        ("here:p1", "here:s1", 0, 2_000),
        ("here:p1", "here:s2", 1, None),
        ("here:p2", "here:s3", 0, None),
    }
    assert rows(store, "subscriptions") == [OURS | {"user": "here:u2", "playlist": "here:p1"}]
    assert {(row["at"], row["played_ms"]) for row in rows(store, "listens")} == {(BIG, 30_000), (5_000, None)}
    assert rows(store, "artist_plays") == [OURS | {"user": "here:u1", "artist": "here:a1", "plays": BIG}]
    assert rows(store, "taggings") == [
        OURS | {"user": "here:u2", "artist": "unknown", "tag": "摇滚", "at": 7}
    ]
    assert rows(store, "follows") == [OURS | {"user": "here:u1", "followed": "here:u2"}]
    assert rows(store, "comments") == [
        OURS
        | {
            "id": "c1",
            "song": "unknown",
            "user": "here:u1",
            "at": BIG,
            "liked_count": BIG,
            "text": "听哭了\n",
        }
    ]
    assert rows(store, "feedback") == [
        OURS | {"user": "here:u2", "song": "here:s1", "artist": None, "verdict": "like", "at": 9_000}
    ]


def test_every_fact_knows_when_it_was_read(store: Store) -> None:
    write(store, *EVERY_KIND)
    stamps = {
        row["fetched_at"]
        for name, table in contents(store).items()
        if name not in {"feedback", "imports", "state"}
        for row in table
    }
    assert len(stamps) == 1
    assert 1_600_000_000_000 < stamps.pop() < 10**14


@pytest.mark.parametrize("batch", [1, 2, 5_000])
def test_importing_twice_changes_nothing(store: Store, monkeypatch: pytest.MonkeyPatch, batch: int) -> None:
    monkeypatch.setattr(writer, "BATCH", batch)

    def facts() -> dict[str, list[dict[str, Any]]]:
        tables = contents(store, without=("fetched_at",))
        return {name: rows for name, rows in tables.items() if name not in {"imports", "state"}}

    with_key = ("users", "artists", "songs", "playlists", "comments", "feedback")
    write(store, *EVERY_KIND)
    before = facts()
    write(store, *EVERY_KIND, *EVERY_KIND)
    assert facts() == before
    assert all(before[name] for name in with_key)


@pytest.mark.parametrize("batch", [1, 5_000])
@pytest.mark.parametrize("imports", [1, 2])
def test_silence_does_not_erase_and_news_update(
    store: Store, monkeypatch: pytest.MonkeyPatch, batch: int, imports: int
) -> None:
    monkeypatch.setattr(writer, "BATCH", batch)
    full = (
        User(id="u", name="old", region="here"),
        Song(id="s", title="old", album="A", duration_ms=1, popularity=2.0),
        Playlist(id="p", creator="u", name="old", created_at=5, play_count=6),
        PlaylistSong(playlist="p", song="s", position=0, added_at=77),
    )
    brief = (
        User(id="u", name="new"),
        Song(id="s", title="new", popularity=3.0),
        Playlist(id="p", creator="u", name="new"),
        PlaylistSong(playlist="p", song="s", position=4),
    )
    if imports == 1:
        write(store, *full, *brief)
    else:
        write(store, *full)
        write(store, *brief)
    (user,), (song,), (playlist,), (entry,) = (
        rows(store, name) for name in ("users", "songs", "playlists", "playlist_songs")
    )
    assert (user["name"], user["region"]) == ("new", "here")
    assert (song["title"], song["album"], song["duration_ms"], song["popularity"]) == ("new", "A", 1, 3.0)
    assert (playlist["name"], playlist["created_at"], playlist["play_count"]) == ("new", 5, 6)
    assert (entry["position"], entry["added_at"]) == (4, 77)


def playlist_of(*songs: str) -> list[Record]:
    return [
        User(id="u"),
        *(Song(id=song, title=song) for song in songs),
        Playlist(id="p", creator="u", name="p"),
        *(PlaylistSong(playlist="p", song=song, position=at) for at, song in enumerate(songs)),
    ]


def test_a_playlist_that_is_read_again_is_replaced(store: Store) -> None:
    other = [Playlist(id="q", creator="u", name="q"), PlaylistSong(playlist="q", song="a", position=0)]
    write(store, *playlist_of("a", "b", "c"), *other)
    write(store, *playlist_of("d", "b"))
    found = [(row["playlist"], row["song"], row["position"]) for row in rows(store, "playlist_songs")]
    assert sorted(found) == [("here:p", "here:b", 1), ("here:p", "here:d", 0), ("here:q", "here:a", 0)]


def test_playlists_read_in_the_same_millisecond_are_replaced(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "now_ms", lambda: 1_700_000_000_000)
    for songs in ("abc", "ad", "e"):
        write(store, *playlist_of(*songs))
    assert [row["song"] for row in rows(store, "playlist_songs")] == ["here:e"]


def test_a_playlist_without_its_songs_does_not_empty_it(store: Store) -> None:
    write(store, *playlist_of("a", "b"))
    write(store, User(id="u"), Playlist(id="p", creator="u", name="renamed"))
    assert len(rows(store, "playlist_songs")) == 2
    assert rows(store, "playlists")[0]["name"] == "renamed"


def test_many_playlists_are_replaced(store: Store) -> None:
    """More than fit into one list of parameters."""

    def lists(song: str) -> list[Record]:
        found: list[Record] = [User(id="u"), Song(id=song, title=song)]
        for number in range(1_100):
            found.append(Playlist(id=f"p{number}", creator="u", name=""))
            found.append(PlaylistSong(playlist=f"p{number}", song=song, position=0))
        return found

    write(store, *lists("a"))
    write(store, *lists("b"))
    assert {row["song"] for row in rows(store, "playlist_songs")} == {"here:b"}


UNKNOWN: list[Record] = [
    Playlist(id="p", creator="nobody", name=""),
    PlaylistSong(playlist="none", song="s", position=0),
    SongArtist(song="s", artist="nobody", position=0),
    Subscription(user="u", playlist="none"),
    Listen(user="u", song="none", at=1),
    ArtistPlays(user="u", artist="nobody", plays=1),
    Follow(user="u", followed="nobody"),
    Comment(id="c", song="s", user="nobody", at=1, liked_count=0, text=""),
    SongVerdict(user="u", song="none", verdict=Verdict.BAN, at=1),
    Lyric(song="none", state=LyricState.UNCOLLECTED),
    AudioFile(song="none", sha256=SHA, size=1, format="mp3"),
    ChartEntry(user="u", song="none", period=Period.ALL, position=0, score=1),
    SimilarSong(song="s", similar="none", position=0),
    Suggestion(user="nobody", song="s", by=Suggester.RADIO, day="2024-01-01", position=0),
]
WRONG: list[Record] = [
    Playlist(id="p", creator="u", name="", relation=Relation.SUBSCRIBED),
    ArtistPlays(user="u", artist="a", plays=0),
    Follow(user="u", followed="u"),
    AudioFile(song="s", sha256="../secret", size=1, format="mp3"),
    Picture(of="u", kind="user", sha256=SHA.upper(), size=1, media_type="image/png"),
    Picture(of="u", kind="house", sha256=SHA, size=1, media_type="image/png"),
    SimilarSong(song="s", similar="s", position=0),
    Suggestion(user="u", song="s", by=Suggester.DAILY, day="today", position=0),
]


@pytest.mark.parametrize("record", [*UNKNOWN, *WRONG], ids=lambda record: type(record).__name__)
def test_what_names_something_unknown_or_is_wrong_stores_nothing(store: Store, record: Record) -> None:
    with pytest.raises(InputError):
        write(store, User(id="u"), Song(id="s", title="s"), record)
    assert sum(store.counts().values()) == 0
    assert store.revision() == 0


def test_another_sources_entities_are_not_ours(store: Store) -> None:
    write(store, User(id="u"), Song(id="s", title="s"), source="there")
    with pytest.raises(InputError, match="'s' is named before"):
        write(store, User(id="u"), Listen(user="u", song="s", at=1))


def test_something_that_is_no_record(store: Store) -> None:
    with pytest.raises(InputError, match="str is not a record"):
        write(store, "song")  # type: ignore[arg-type]


def test_a_record_may_come_after_its_name_as_long_as_both_wait(store: Store) -> None:
    lists = [Playlist(id="p", creator="u", name=""), PlaylistSong(playlist="p", song="s", position=0)]
    write(store, *lists, User(id="u"), Song(id="s", title="s"))
    assert [row["song"] for row in rows(store, "playlist_songs")] == ["here:s"]


@pytest.mark.parametrize("source", ["", "a:b", "a b", "x" * 41, "ümläut!"])
def test_what_cannot_name_a_source(store: Store, source: str) -> None:
    with pytest.raises(InputError, match="cannot name a source"):
        write(store, User(id="u"), source=source)


def test_verdicts_of_an_export_are_stored_once_even_when_taken_back(store: Store) -> None:
    said = [
        User(id="u"),
        Song(id="s", title="s"),
        SongVerdict(user="u", song="s", verdict=Verdict.LIKE, at=9),
    ]
    write(store, *said)
    data = store.dataset(Relation)
    store.undo(data, 0, "song", 0)
    write(store, *said)
    assert len(rows(store, "feedback")) == 1
    assert store.opinions(data, 0).liked_songs.tolist() == []


def test_the_credits_of_a_song_that_is_read_again_are_replaced(store: Store) -> None:
    song = Song(id="1", title="Here")
    artists = [Artist(id=id_, name=id_) for id_ in ("a", "b", "c")]
    credits = [SongArtist(song="1", artist=id_, position=0) for id_ in ("a", "b")]
    write(store, song, *artists, credits[0])
    write(store, song, credits[1])
    dataset = store.dataset([])
    assert [dataset.artists.name(int(row)) for row in dataset.artists_of(0)] == ["b"]
    write(store, Song(id="1", title="There"))
    assert len(store.dataset([]).artists_of(0)) == 1  # a reading that states no credits takes none away
