"""What a ListenBrainz export becomes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sources.exports import (
    ANA,
    FEEDBACK,
    LI,
    LISTENBRAINZ_ZIP,
    MSID,
    OTHER_MSID,
    RECORDING,
    lines,
    listen,
    mapped,
    zipped,
)
from sources.reading import collect, of, strict
from sources.samples import sample
from zetdard.errors import FormatError
from zetdard.records import (
    Artist,
    Listen,
    Record,
    Song,
    SongArtist,
    SongVerdict,
    User,
    Verdict,
)
from zetdard.sources.identity import song_name_id
from zetdard.sources.listenbrainz import ListenBrainzExport


def listenbrainz(folder: Path, *listens: object, user: str | None = None) -> list[Record]:
    (folder / "listens.jsonl").write_bytes(lines(*listens))
    return strict(ListenBrainzExport(), folder / "listens.jsonl", user=user)


def test_listenbrainz(tmp_path: Path) -> None:
    records = sample("listenbrainz-zip", tmp_path)
    assert of(records, User) == [User(id="lena")]
    unnamed = song_name_id("Nobody Else", "Untitled")
    assert of(records, Song) == [
        Song(
            id=RECORDING,
            title="Rain, Again",
            album="Weather",
            duration_ms=200000,
            recording_mbid=RECORDING,
            artists_raw="Ana Brook feat. 李雨",
        ),
        Song(id=OTHER_MSID, title="Harbour", duration_ms=180000, artists_raw="ana brook"),
        Song(id=unnamed, title="Untitled", artists_raw="Nobody Else"),
    ]
    assert [(edge.song, edge.artist) for edge in of(records, SongArtist)] == [
        (RECORDING, ANA),
        (RECORDING, LI),
        # The bare name is that of exactly one artist with an id.
        (OTHER_MSID, ANA),
        (unnamed, "name:nobody else"),
    ]
    assert [(play.song, play.at) for play in of(records, Listen)] == [
        (RECORDING, 1700000000000),
        (OTHER_MSID, 1700000300000),
        (unnamed, 1700000600000),
    ]
    assert of(records, SongVerdict) == [
        SongVerdict(user="lena", song=RECORDING, verdict=Verdict.LIKE, at=1700000700000),
        SongVerdict(user="lena", song=OTHER_MSID, verdict=Verdict.DISLIKE, at=1700000701500),
    ]


def test_listenbrainz_feedback_by_msid_finds_the_mapped_song(tmp_path: Path) -> None:
    feedback = [{"recording_msid": MSID, "recording_mbid": None, "score": 1, "created": 1700000700}]
    (tmp_path / "a.zip").write_bytes(zipped(LISTENBRAINZ_ZIP | {"feedback.jsonl": lines(*feedback)}))
    assert [
        verdict.song for verdict in of(strict(ListenBrainzExport(), tmp_path / "a.zip"), SongVerdict)
    ] == [RECORDING]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"score": 2}, "score 2 is none of"),
        ({"score": True}, "score True is none of"),
        ({"created": None}, "created None is not a time"),
        ({"recording_msid": "", "recording_mbid": None}, "names no song"),
        ({"recording_mbid": "x"}, "recording_mbid 'x' is not an id"),
    ],
)
def test_listenbrainz_feedback_that_is_refused(
    changed: dict[str, object], reason: str, tmp_path: Path
) -> None:
    rows = [FEEDBACK[0], FEEDBACK[1] | changed]
    (tmp_path / "a.zip").write_bytes(zipped(LISTENBRAINZ_ZIP | {"feedback.jsonl": lines(*rows)}))
    records, refused = collect(ListenBrainzExport(), tmp_path / "a.zip")
    assert [(error.line, reason in error.reason) for error in refused] == [(2, True)]
    assert str(refused[0].path).endswith("a.zip!feedback.jsonl")
    assert len(of(records, SongVerdict)) == 1


def test_an_ambiguous_name_is_not_joined(tmp_path: Path) -> None:
    records = listenbrainz(
        tmp_path,
        listen("Echo"),
        listen("Echo", "U", mbid_mapping=mapped(ANA, "Echo")),
        listen("Echo", "V", mbid_mapping=mapped(LI, "ECHO", MSID)),
    )
    assert [artist.id for artist in of(records, Artist)] == ["name:echo", ANA, LI]


def test_a_name_is_joined_wherever_the_id_stands(tmp_path: Path) -> None:
    records = listenbrainz(
        tmp_path, listen("Echo"), listen("Echo", "U", mbid_mapping=mapped(ANA, "Ｅｃｈｏ"))
    )
    assert [artist.id for artist in of(records, Artist)] == [ANA]


def test_single_mbid_of_the_player_is_used_several_are_not(tmp_path: Path) -> None:
    records = listenbrainz(
        tmp_path,
        listen("Ana", additional_info={"artist_mbids": [ANA], "recording_mbid": RECORDING.upper()}),
        listen("Bo & Cy", additional_info={"artist_mbids": [ANA, LI]}),
    )
    assert [artist.id for artist in of(records, Artist)] == [ANA, "name:bo & cy"]
    assert of(records, Song)[0].id == RECORDING


def test_a_credit_without_id_keeps_its_place(tmp_path: Path) -> None:
    mapping = mapped(ANA, "Ana")
    mapping["artists"] = [{"artist_mbid": None, "artist_credit_name": "Bo"}, *mapping["artists"]]  # type: ignore[misc]
    edges = of(listenbrainz(tmp_path, listen("Bo, Ana", mbid_mapping=mapping)), SongArtist)
    assert [(edge.artist, edge.position) for edge in edges] == [("name:bo", 0), (ANA, 1)]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ([], "the listen is not a JSON object"),
        ({"track_metadata": {}}, "listened_at None is not a time"),
        ({"listened_at": True, "track_metadata": {}}, "listened_at True"),
        ({"listened_at": 1e300, "track_metadata": {}}, "lies outside the years"),
        ({"listened_at": 1700000000000, "track_metadata": {}}, "seconds are needed"),
        ({"listened_at": 1}, "track_metadata is not a JSON object"),
        (listen(" "), "artist_name is missing"),
        (listen("A", ""), "track_name is missing"),
        (listen("A", additional_info={"duration_ms": -1}), "duration_ms -1"),
        (listen("A", additional_info={"duration_ms": "1"}), "duration_ms '1'"),
        (listen("A", mbid_mapping={"recording_mbid": "7"}), "recording_mbid '7' is not an id"),
        (listen("A\ud800"), "surrogate"),
        (listen("A", release_name="\0"), "NUL"),
    ],
)
def test_listens_that_are_refused(value: object, reason: str, tmp_path: Path) -> None:
    good = listen("A")
    (tmp_path / "listens.jsonl").write_text("\n".join(json.dumps(each) for each in (good, value, good)))
    records, refused = collect(ListenBrainzExport(), tmp_path / "listens.jsonl")
    assert [(error.line, reason in error.reason) for error in refused] == [(2, True)]
    assert len(of(records, Listen)) == 2


def test_listeners_of_a_file(tmp_path: Path) -> None:
    assert of(listenbrainz(tmp_path, listen("A")), User) == [User(id="me")]
    named = listen("A") | {"user_name": "lena"}
    assert of(listenbrainz(tmp_path, named), User) == [User(id="lena")]
    assert of(listenbrainz(tmp_path, named, user="x"), User) == [User(id="x")]
    with pytest.raises(FormatError, match="two people's"):
        listenbrainz(tmp_path, named, listen("A") | {"user_name": "omar"})
