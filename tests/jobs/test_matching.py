"""Music files are found among the songs of other sources."""

from __future__ import annotations

from collections.abc import Sequence

from store.facts import ALL_RELATIONS, write
from zetdard.jobs.matching import MatchReport, match_songs
from zetdard.records import Artist, Playlist, PlaylistSong, Record, Song, SongArtist, User
from zetdard.store.store import Store

Row = tuple[str, str, str, int]
"""Id, title, artist, seconds."""


def library(user: str, rows: Sequence[Row]) -> list[Record]:
    artists = dict.fromkeys(artist for _, _, artist, _ in rows)
    return [
        User(id=user),
        *(Artist(id=artist, name=artist) for artist in artists),
        *(Song(id=id_, title=title, duration_ms=1_000 * seconds) for id_, title, _, seconds in rows),
        *(SongArtist(song=id_, artist=artist, position=0) for id_, _, artist, _ in rows),
        Playlist(id="p", creator=user, name="p"),
        *(PlaylistSong(playlist="p", song=id_, position=at) for at, (id_, *_) in enumerate(rows)),
    ]


NETEASE: list[Row] = [
    ("1", "晴天", "周杰伦", 269),
    ("2", "晴天 (Live)", "周杰伦", 269),
    ("3", "七里香", "周杰伦", 299),
    ("4", "Creep", "Radiohead", 239),
]
FILES: list[Row] = [
    ("a", "晴天", "周杰伦", 270),
    ("b", "七里香", "周杰伦", 320),
    ("c", "CREEP", "radiohead", 238),
    ("d", "Nowhere else", "Nobody", 100),
]


def test_what_is_certain_is_joined_and_what_is_not_waits(store: Store) -> None:
    write(store, *library("u", NETEASE), source="netease")
    write(store, *library("me", FILES), source="files")
    report = match_songs(store, "files")
    dataset = store.dataset(ALL_RELATIONS)
    same = {id_: dataset.songs.vocabulary.label(dataset.songs.find(f"files:{id_}")) for id_ in "abcd"}
    assert same == {"a": "1", "b": "b", "c": "4", "d": "d"}
    assert report.joined == 2
    assert report.unsure >= 1
    held = dataset.holdings.held(dataset.users.find("me"))
    assert {dataset.songs.vocabulary.label(int(song)) for song in held} == {"1", "4", "b", "d"}
    assert match_songs(store, "files") == report


def test_nothing_to_compare_is_no_work(store: Store) -> None:
    assert match_songs(store, "files") == MatchReport(0, 0)
    write(store, *library("me", FILES), source="files")
    assert match_songs(store, "files") == MatchReport(0, 0)
    assert store.revision() == 1


def test_a_song_that_left_the_other_source_is_no_longer_joined(store: Store) -> None:
    write(store, *library("u", NETEASE), source="netease")
    write(store, *library("me", FILES[:1]), source="files")
    assert match_songs(store, "files").joined == 1
    write(store, Song(id="1", title="Quite another song"), source="netease")
    assert match_songs(store, "files").joined == 0
