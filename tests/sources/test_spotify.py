"""What a Spotify export becomes."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from sources.exports import TRACK, spotify_play
from sources.reading import collect, of, strict
from sources.samples import sample
from zetdard.errors import FormatError
from zetdard.records import (
    Listen,
    Playlist,
    PlaylistSong,
    Relation,
    Song,
    User,
)
from zetdard.sources.spotify import SpotifyExport


def test_spotify_extended(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "zetdard.sources.spotify"):
        records = sample("spotify-extended", tmp_path)
    assert of(records, Listen) == [
        Listen(user="me", song=TRACK, at=1715116500000, played_ms=180000),
        Listen(user="me", song="name:ana brook – tide", at=1715116800000, played_ms=180000),
    ]
    assert of(records, Song)[0] == Song(id=TRACK, title="Harbour", album="Weather", artists_raw="Ana Brook")
    assert "1 plays shorter than 30 s" in caplog.text
    assert "1 plays or entries that are not Spotify's music" in caplog.text


def test_spotify_account(tmp_path: Path) -> None:
    records = sample("spotify-account", tmp_path)
    assert of(records, User) == [User(id="lena")]
    assert [(each.id, each.name, each.relation) for each in of(records, Playlist)] == [
        ("lena:liked", "Liked Songs", Relation.LIKED),
        ("lena:list:1:evening", "Evening", Relation.OWN),
        ("lena:list:2:evening", "evening", Relation.OWN),
    ]
    assert of(records, PlaylistSong) == [
        PlaylistSong(playlist="lena:liked", song=TRACK, position=0),
        PlaylistSong(playlist="lena:list:1:evening", song=TRACK, position=0, added_at=1704153600000),
    ]
    # The short history has no ids; the listener's lists know the one track of this name.
    assert [play.song for play in of(records, Listen)] == [TRACK, "name:ana brook – tide"]


def test_spotify_two_tracks_of_one_name_are_not_joined(tmp_path: Path) -> None:
    track = {"artist": "A", "album": "One", "track": "T"}
    tracks = [track | {"uri": "spotify:track:1"}, track | {"uri": "spotify:track:2"}]
    (tmp_path / "YourLibrary.json").write_text(json.dumps({"tracks": tracks}))
    (tmp_path / "StreamingHistory0.json").write_text(
        json.dumps([{"endTime": "2024-05-07 21:15", "artistName": "A", "trackName": "T", "msPlayed": 90000}])
    )
    assert of(strict(SpotifyExport(), tmp_path), Listen)[0].song == "name:a – t"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"ts": "2024-05-07T21:15:00"}, "ts '2024-05-07T21:15:00' is not a time"),
        ({"ts": "2024-02-30T21:15:00Z"}, "there is no time 2024-02-30"),
        ({"ms_played": -1}, "ms_played -1"),
        ({"ms_played": None}, "ms_played is missing"),
        ({"master_metadata_album_artist_name": None}, "a track but no artist"),
        ({"spotify_track_uri": "spotify:album:1"}, "is not a track address"),
        ({"master_metadata_track_name": 7}, "is not a string"),
    ],
)
def test_spotify_plays_that_are_refused(changed: dict[str, object], reason: str, tmp_path: Path) -> None:
    plays = [spotify_play(), spotify_play(**changed), spotify_play()]
    text = "[\n" + ",\n".join(json.dumps(play) for play in plays) + "\n]"
    (tmp_path / "endsong_0.json").write_text(text)
    records, refused = collect(SpotifyExport(), tmp_path)
    assert [(error.line, reason in error.reason) for error in refused] == [(3, True)]
    assert len(of(records, Listen)) == 2


def test_spotify_listener(tmp_path: Path) -> None:
    (tmp_path / "endsong_0.json").write_text(json.dumps([spotify_play(username="lena")]))
    assert of(strict(SpotifyExport(), tmp_path), User) == [User(id="lena")]
    (tmp_path / "endsong_1.json").write_text(json.dumps([spotify_play(username="omar")]))
    with pytest.raises(FormatError, match="one person's export"):
        strict(SpotifyExport(), tmp_path)


def test_spotify_folder_without_an_export(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="no file of a Spotify export"):
        strict(SpotifyExport(), tmp_path)
    (tmp_path / "endsong_0.json").write_text("[]")
    with pytest.raises(FormatError, match="not one row"):
        strict(SpotifyExport(), tmp_path)
    (tmp_path / "endsong_0.json").write_text(json.dumps([spotify_play(ms_played=1)]))
    with pytest.raises(FormatError, match="none of its 1 rows"):
        strict(SpotifyExport(), tmp_path)
