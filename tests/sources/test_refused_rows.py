"""Rows of the delimited formats that are refused: file, line, reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from sources.exports import HETREC_FILES, PLAYLIST_FILES
from sources.reading import collect, strict
from zetdard.errors import FormatError
from zetdard.records import PlaylistSong, Song
from zetdard.sources.base import ReadOptions
from zetdard.sources.hetrec import HetRecFiles
from zetdard.sources.playlists import PlaylistFiles


def playlists_with(folder: Path, **changed: str) -> Path:
    for name, content in PLAYLIST_FILES.items():
        new = changed.get(name.removesuffix(".csv"))
        (folder / name).write_bytes(content if new is None else new.encode())
    return folder


SONGS = "song_id,title,artists,popularity\n"
LISTS = "playlist_id,creator,name,tags,created,play_count,collect_count,comment_count\n"
PAIRS = "playlist_id,song_id,position\n"


@pytest.mark.parametrize(
    ("file", "content", "line", "reason"),
    [
        ("songs", SONGS + "7,A,B,100.5\n", 2, "popularity 100.5 is not between 0 and 100"),
        ("songs", SONGS + "7,A,B,1e2\n", 2, "popularity '1e2' is not a number"),
        ("songs", SONGS + "7,A,B,-1\n", 2, "is not a number"),
        ("songs", SONGS + "7, ,B,1\n", 2, "title is empty"),
        ("songs", SONGS + ",A,B,1\n", 2, "song_id is empty"),
        ("songs", SONGS + " 7,A,B,1\n", 2, "white space"),
        ("songs", SONGS + "1.23E+11,A,B,1\n", 2, "spreadsheet"),
        (
            "songs",
            SONGS + "7,A,B,1\n8,A,B,1\n7,A,C,1\n",
            4,
            "song 7 is stated differently on line 2 and on line 4",
        ),
        ("songs", SONGS[:-1] + ",originCoverType\n7,A,B,1,3\n", 2, "originCoverType '3'"),
        ("playlists", LISTS + "p1,u1,N,,2024-02-30,1,1,1\n", 2, "no day 30 of month 2"),
        ("playlists", LISTS + "p1,u1,N,,20240230,1,1,1\n", 2, "not a date like"),
        ("playlists", LISTS + "p1,u1,N,,2024-05-07,1.0,1,1\n", 2, "play_count '1.0' is not a whole number"),
        ("playlists", LISTS + "p1,u1,N,,2024-05-07,-1,1,1\n", 2, "play_count -1 is not between"),
        ("playlists", LISTS + "p1,u1,N,,2024-05-07,٣,1,1\n", 2, "is not a whole number"),
        ("playlists", LISTS + "p1,u1,N,,2024-05-07,9223372036854775808,1,1\n", 2, "is not between"),
        ("playlists", LISTS + "p1,u1,,,2024-05-07,1,1,1\n", 2, "name is empty"),
        ("playlists", LISTS[:-1] + ",relation\np1,u1,N,,,1,1,1,hated\n", 2, "relation 'hated'"),
        (
            "playlists",
            LISTS + "p1,u1,N,,,1,1,1\np1,u2,N,,,1,1,1\n",
            3,
            "playlist p1 is stated differently on line 2",
        ),
        ("playlist_songs", PAIRS + "p9,7,0\n", 2, "playlist_id 'p9' is not in playlists.csv"),
        ("playlist_songs", PAIRS + "p1,77,0\n", 2, "song_id '77' is not in songs.csv"),
        ("playlist_songs", PAIRS + "p1,7,x\n", 2, "position 'x' is not a whole number"),
        (
            "playlist_songs",
            PAIRS + "p1,7,0\np1,9,1\np1,7,2\n",
            4,
            "stated differently on line 2 and on line 4",
        ),
    ],
)
def test_rows_of_playlists_that_are_refused(
    file: str, content: str, line: int, reason: str, tmp_path: Path
) -> None:
    _, refused = collect(PlaylistFiles(), playlists_with(tmp_path, **{file: content}))
    first = refused[0]
    assert reason in first.reason
    assert (first.path, first.line) == (tmp_path / f"{file}.csv", line)
    assert str(first).startswith(f"{tmp_path / file}.csv:{line}: ")


def test_a_repeated_row_counts_once(tmp_path: Path) -> None:
    content = PLAYLIST_FILES["songs.csv"].decode()
    pairs = PLAYLIST_FILES["playlist_songs.csv"].decode()
    path = playlists_with(
        tmp_path, songs=content + content.splitlines()[1], playlist_songs=pairs + "p1,7,0\r\n"
    )
    records = strict(PlaylistFiles(), path)
    assert len([record for record in records if isinstance(record, Song)]) == 3
    assert len([record for record in records if isinstance(record, PlaylistSong)]) == 4


def test_headers_are_checked_before_anything_is_yielded(tmp_path: Path) -> None:
    reading = PlaylistFiles().read(playlists_with(tmp_path, playlist_songs="a,b\n1,2\n"), ReadOptions(), fail)
    with pytest.raises(FormatError, match="playlist_songs"):
        next(reading)


def fail(error: FormatError) -> None:
    raise error


@pytest.mark.parametrize(
    ("file", "content", "line", "reason"),
    [
        ("artists.dat", "id\tname\n1\t\n", 2, "name is empty"),
        ("artists.dat", "id\tname\n1\tA\n1\tB\n", 3, "stated differently on line 2"),
        ("user_artists.dat", "userID\tartistID\tweight\n10\t1\t0\n", 2, "weight 0 is not between 1"),
        (
            "user_artists.dat",
            "userID\tartistID\tweight\n10\t1\t5\n10\t1\t6\n",
            3,
            "10 / 1 is stated differently",
        ),
        ("user_artists.dat", "userID\tartistID\tweight\n10\t9\t5\n", 2, "artistID '9' is not in artists.dat"),
        ("user_friends.dat", "userID\tfriendID\n10\t10\n", 2, "their own friend"),
        ("tags.dat", "tagID\ttagValue\n5\t \n", 2, "tagValue is empty"),
        ("tags.dat", "tagID\ttagValue\n5\tcanção\n", 2, "--encoding utf-8"),
        (
            "user_taggedartists.dat",
            "userID\tartistID\ttagID\tday\tmonth\tyear\n10\t1\t8\t1\t1\t2009\n",
            2,
            "tagID '8' is not in tags.dat",
        ),
        (
            "user_taggedartists.dat",
            "userID\tartistID\ttagID\tday\tmonth\tyear\n10\t1\t5\t31\t4\t2009\n",
            2,
            "no day 31 of month 4",
        ),
        (
            "user_taggedartists.dat",
            "userID\tartistID\ttagID\tday\tmonth\tyear\n10\t1\t5\t1\t13\t2009\n",
            2,
            "month 13 is not between 1 and 12",
        ),
    ],
)
def test_rows_of_hetrec_that_are_refused(
    file: str, content: str, line: int, reason: str, tmp_path: Path
) -> None:
    for name, valid in HETREC_FILES.items():
        (tmp_path / name).write_bytes(content.encode() if name == file else valid)
    _, refused = collect(HetRecFiles(), tmp_path)
    assert reason in refused[0].reason
    assert (refused[0].path, refused[0].line) == (tmp_path / file, line)
