"""What NetEase playlists and comments become."""

from __future__ import annotations

from pathlib import Path

import pytest

from sources.exports import COMMENTS, PLAYLIST_FILES
from sources.reading import collect, of, strict
from sources.samples import sample
from zetdard.errors import FormatError
from zetdard.records import (
    Artist,
    Comment,
    Playlist,
    Relation,
    Role,
    Song,
    SongArtist,
    Subscription,
    User,
)
from zetdard.sources.comments import CommentFile
from zetdard.sources.playlists import PlaylistFiles


def test_playlists(tmp_path: Path) -> None:
    records = sample("playlists", tmp_path)
    assert [(song.id, song.title, song.popularity, song.artists_raw) for song in of(records, Song)] == [
        ("7", "Rain, again", 100.0, "Ana Brook|李雨"),
        ("007", "灯塔", 55.5, "李雨"),
        ("9", "No One", None, None),
    ]
    assert of(records, Artist) == [
        Artist(id="name:ana brook", name="Ana Brook"),
        Artist(id="name:李雨", name="李雨"),
    ]
    assert [(edge.song, edge.artist, edge.position, edge.role) for edge in of(records, SongArtist)] == [
        ("7", "name:ana brook", 0, Role.PERFORMER),
        ("7", "name:李雨", 1, Role.PERFORMER),
        ("007", "name:李雨", 0, Role.PERFORMER),
    ]
    first, second, _ = of(records, Playlist)
    assert first == Playlist(
        id="p1",
        creator="u1",
        name="夜晚",
        tags=("华语", "流行"),
        created_at=1715040000000,
        play_count=120,
        collect_count=3,
        comment_count=None,
        relation=Relation.OWN,
    )
    assert (second.tags, second.created_at, second.play_count) == ((), None, None)
    assert of(records, User) == [User(id="u1"), User(id="u2")]


def test_playlists_with_optional_columns_and_file(tmp_path: Path) -> None:
    for name, content in PLAYLIST_FILES.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "songs.csv").write_text(
        "originCoverType,song_id,title,artists,popularity,other\n1,7,A,X|Y,,\n2,007,B,X,,\n0,9,C,X,,\n,8,D,X,,\n"
    )
    listed = PLAYLIST_FILES["playlists.csv"].decode().splitlines()
    flags = ["relation", "liked", "", "own"]
    (tmp_path / "playlists.csv").write_text(
        "\n".join(f"{line},{flag}" for line, flag in zip(listed, flags, strict=True))
    )
    (tmp_path / "subscriptions.csv").write_text("user,playlist_id\nu3,p1\nu2,p1\nu3,p1\n")
    records = strict(PlaylistFiles(), tmp_path)
    assert [edge.role for edge in of(records, SongArtist)] == [Role.ORIGINAL] * 2 + [Role.PERFORMER] * 3
    assert [playlist.relation for playlist in of(records, Playlist)] == [
        Relation.LIKED,
        Relation.OWN,
        Relation.OWN,
    ]
    assert of(records, Subscription) == [
        Subscription(user="u3", playlist="p1"),
        Subscription(user="u2", playlist="p1"),
    ]
    assert [user.id for user in of(records, User)] == ["u1", "u2", "u3"]

    (tmp_path / "subscriptions.csv").write_text("user,playlist_id\nu3,p9\nu1,p1\nu3,p1\n")
    kept, refused = collect(PlaylistFiles(), tmp_path)
    assert [error.line for error in refused] == [2, 3]
    assert "cannot subscribe" in refused[1].reason
    assert len(of(kept, Subscription)) == 1
    (tmp_path / "subscriptions.csv").write_text("")
    with pytest.raises(FormatError, match=r"subscriptions\.csv: the file is empty"):
        strict(PlaylistFiles(), tmp_path)


def test_comments(tmp_path: Path) -> None:
    comments = of(sample("comments", tmp_path), Comment)
    assert comments[0] == Comment(
        id="c1",
        song="7",
        user="u1",
        at=1465317195627,
        liked_count=12,
        text="first line\nsecond, with 😀",
    )
    assert comments[2].text == ""
    (tmp_path / "comments.csv").write_bytes(
        COMMENTS + b"c4,7,u1,1465317195,0,x\r\nc2,7,u2,1465317195628,1,x\r\n"
    )
    _, refused = collect(CommentFile(), tmp_path / "comments.csv")
    assert "these look like seconds" in refused[0].reason
    assert "comment c2 is stated differently on line 4 and on line 7" in refused[1].reason
