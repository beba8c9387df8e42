"""What Last.fm histories become."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sources.exports import ANA, LASTFM_CSV, LASTFM_TRACKS, RECORDING, lastfm_page
from sources.reading import collect, counts, of, strict
from sources.samples import sample
from zetdard.errors import FormatError
from zetdard.records import (
    Listen,
    Song,
    SongArtist,
    User,
)
from zetdard.sources.lastfm import LastfmHistory


def test_lastfm_csv(tmp_path: Path) -> None:
    records = sample("lastfm-csv", tmp_path)
    assert [(play.user, play.song, play.at) for play in of(records, Listen)] == [
        ("me", "name:ana brook – harbour", 1672531140000),
        ("me", "name:brook, ana – tide", 1672531380000),
    ]
    assert [song.album for song in of(records, Song)] == ["Weather", None]


@pytest.mark.parametrize(
    "date", ["2022-12-31 23:59", "31 Dez 2022 23:59", "31 Dec 2022 24:00", "0 Jan 2022 00:00"]
)
def test_lastfm_dates_that_are_refused(date: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(LASTFM_CSV + f"A,B,C,{date}\n".encode())
    _, refused = collect(LastfmHistory(), tmp_path / "a.csv")
    assert [error.line for error in refused] == [4]


def test_lastfm_json(tmp_path: Path) -> None:
    records = sample("lastfm-json", tmp_path)
    assert of(records, User) == [User(id="lena")]
    assert [(song.id, song.recording_mbid) for song in of(records, Song)] == [
        (RECORDING, None),
        ("name:ana brook – tide", None),
    ]
    assert {edge.artist for edge in of(records, SongArtist)} == {ANA}
    assert [play.at for play in of(records, Listen)] == [1700000000000, 1700000300000]


@pytest.mark.parametrize("shape", ["one", "pretty", "lines", "single"])
def test_lastfm_json_shapes(shape: str, tmp_path: Path) -> None:
    page, second = lastfm_page(*LASTFM_TRACKS[:2]), lastfm_page(*LASTFM_TRACKS[2:])
    text = {
        "one": json.dumps(page),
        "pretty": json.dumps(page, indent=2),
        "lines": json.dumps(page) + "\n" + json.dumps(second) + "\n",
        "single": json.dumps({"recenttracks": {"track": LASTFM_TRACKS[1]}}),
    }[shape]
    (tmp_path / "a.JSONL").write_text(text)
    expected = 2 if shape == "lines" else 1
    assert counts(strict(LastfmHistory(), tmp_path / "a.JSONL"))["Listen"] == expected


@pytest.mark.parametrize(
    ("track", "reason"),
    [
        ({"name": "X"}, "artist is not a JSON object"),
        ({"artist": {"#text": "A"}, "name": "X"}, "the track has no date"),
        (
            {"artist": {"#text": "A"}, "name": "X", "date": {"uts": "soon"}},
            "date.uts 'soon' is not a whole number",
        ),
        ({"artist": {"#text": "A"}, "name": "X", "date": {"uts": "0"}}, "date.uts 0 is not between"),
        ({"artist": {"#text": "A", "mbid": "7"}, "name": "X", "date": {"uts": "1"}}, "mbid '7'"),
    ],
)
def test_lastfm_tracks_that_are_refused(track: object, reason: str, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("\n\n" + json.dumps(lastfm_page(track, *LASTFM_TRACKS)))
    records, refused = collect(LastfmHistory(), tmp_path / "a.json")
    assert [(error.line, reason in error.reason) for error in refused] == [(3, True)]
    assert "track 1 of the page that starts here: " in refused[0].reason
    assert len(of(records, Listen)) == 2


def test_lastfm_pages_of_two_people_and_files_of_other_kinds(tmp_path: Path) -> None:
    other = lastfm_page(*LASTFM_TRACKS)
    other["recenttracks"]["@attr"]["user"] = "omar"  # type: ignore[index]
    (tmp_path / "a.json").write_text(json.dumps([lastfm_page(*LASTFM_TRACKS), other]))
    with pytest.raises(FormatError, match="two people's"):
        strict(LastfmHistory(), tmp_path / "a.json")
    assert counts(strict(LastfmHistory(), tmp_path / "a.json", user="x"))["Listen"] == 4
    (tmp_path / "a.xml").write_text("<lfm/>")
    with pytest.raises(FormatError, match=r"must end in \.csv"):
        strict(LastfmHistory(), tmp_path / "a.xml")
    (tmp_path / "a.json").write_text(json.dumps(lastfm_page(LASTFM_TRACKS[0])))
    with pytest.raises(FormatError, match="none of its 1 rows holds a track with a date"):
        strict(LastfmHistory(), tmp_path / "a.json")
