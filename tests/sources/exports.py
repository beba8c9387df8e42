"""The contents of a small invented export of each format."""

from __future__ import annotations

import io
import json
import zipfile


def zipped(files: dict[str, bytes]) -> bytes:
    """Return a zip archive of the files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def lines(*values: object) -> bytes:
    """Return JSON lines."""
    return "".join(json.dumps(value, ensure_ascii=False) + "\n" for value in values).encode()


PLAYLIST_FILES = {
    "songs.csv": (
        "song_id,title,artists,popularity\r\n"
        '7,"Rain, again",Ana Brook|李雨,100\r\n'
        "007,灯塔,李雨,55.5\r\n"
        "9,No One,,\r\n"
    ).encode(),
    "playlists.csv": (
        "playlist_id,creator,name,tags,created,play_count,collect_count,comment_count\r\n"
        "p1,u1,夜晚,华语|流行,2024-05-07,120,3,评论\r\n"
        "p2,u1,Morning,,,,,\r\n"
        "p3,u2,Other,Jazz,2023-01-31,5,0,1\r\n"
    ).encode(),
    "playlist_songs.csv": b"playlist_id,song_id,position\r\np1,7,0\r\np1,007,1\r\np2,7,0\r\np3,9,0\r\n",
}

COMMENTS = (
    "comment_id,song_id,user,time_ms,liked_count,content\r\n"
    'c1,7,u1,1465317195627,12,"first line\nsecond, with 😀"\r\n'
    "c2,7,u2,1465317195628,0,好听\r\n"
    "c3,8,u1,1465317195629,1,\r\n"
).encode()

HETREC_FILES = {
    "artists.dat": 'id\tname\turl\tpictureURL\n1\tThe "Kites"\tu\tp\n2\tMañana\tu\tp\n'.encode(),
    "user_artists.dat": b"userID\tartistID\tweight\n10\t1\t100\n10\t2\t5\n11\t1\t1\n",
    "user_friends.dat": b"userID\tfriendID\n10\t12\n12\t10\n",
    "tags.dat": "tagID\ttagValue\n5\tbossa\n6\tcanção\n".encode("cp1252"),
    "user_taggedartists.dat": (
        b"userID\tartistID\ttagID\tday\tmonth\tyear\n10\t1\t5\t1\t4\t2009\n10\t2\t6\t1\t6\t1956\n11\t99\t5\t1\t4\t2009\n"
    ),
}

ANA = "aaaaaaaa-0000-4000-8000-000000000001"
LI = "aaaaaaaa-0000-4000-8000-000000000002"
RECORDING = "bbbbbbbb-0000-4000-8000-000000000001"
MSID = "cccccccc-0000-4000-8000-000000000001"
OTHER_MSID = "cccccccc-0000-4000-8000-000000000002"

LISTENS: list[object] = [
    {
        "inserted_at": 1700000001,
        "listened_at": 1700000000.0,
        "recording_msid": MSID,
        "track_metadata": {
            "track_name": "rain again",
            "artist_name": "Ana Brook feat. 李雨",
            "release_name": "Weather",
            "mbid_mapping": {
                "recording_name": "Rain, Again",
                "recording_mbid": RECORDING,
                "artist_mbids": [ANA, LI],
                "artists": [
                    {"artist_mbid": ANA, "artist_credit_name": "Ana Brook", "join_phrase": " feat. "},
                    {"artist_mbid": LI, "artist_credit_name": "李雨", "join_phrase": ""},
                ],
            },
            "additional_info": {"duration_ms": 200000, "recording_msid": MSID},
        },
    },
    {
        "listened_at": 1700000300,
        "recording_msid": OTHER_MSID,
        "track_metadata": {
            "track_name": "Harbour",
            "artist_name": "ana brook",
            "mbid_mapping": None,
            "additional_info": {"duration": 180},
        },
    },
    {"listened_at": 1700000600, "track_metadata": {"track_name": "Untitled", "artist_name": "Nobody Else"}},
]
FEEDBACK = [
    {"recording_msid": None, "recording_mbid": RECORDING, "score": 1, "created": 1700000700},
    {"recording_msid": OTHER_MSID, "recording_mbid": None, "score": -1, "created": 1700000701.5},
    {"recording_msid": OTHER_MSID, "recording_mbid": None, "score": 0, "created": 1700000702},
    {
        "recording_msid": "dddddddd-0000-4000-8000-000000000009",
        "recording_mbid": None,
        "score": 1,
        "created": 1700000703,
    },
]
LISTENBRAINZ_ZIP = {
    "user.json": b'{"user_id": 5, "username": "lena"}\n',
    "listens/2023/11.jsonl": lines(*LISTENS),
    "feedback.jsonl": lines(*FEEDBACK),
    "pinned_recording.jsonl": b"not read\n",
}
_LISTEN_COUNTS = {"User": 1, "Song": 3, "Artist": 3, "SongArtist": 4, "Listen": 3}

LASTFM_CSV = (
    b"Ana Brook,Weather,Harbour,31 Dec 2022 23:59\n"
    b'"Brook, Ana",,Tide,"01 Jan 2023, 00:03"\n'
    b"Ana Brook,Weather,Harbour,\n"
)


def lastfm_page(*tracks: object) -> dict[str, object]:
    return {"recenttracks": {"track": list(tracks), "@attr": {"user": "lena", "page": "1"}}}


LASTFM_TRACKS: list[object] = [
    {
        "artist": {"#text": "Ana Brook", "mbid": ""},
        "name": "Now",
        "album": {"#text": ""},
        "@attr": {"nowplaying": "true"},
    },
    {
        "artist": {"#text": "Ana Brook", "mbid": ANA},
        "name": "Harbour",
        "mbid": RECORDING,
        "album": {"#text": "Weather", "mbid": ""},
        "date": {"uts": "1700000000", "#text": "14 Nov 2023, 22:13"},
    },
    {
        "artist": {"name": "ANA BROOK", "mbid": ""},
        "name": "Tide",
        "mbid": "",
        "album": {"#text": ""},
        "date": {"uts": "1700000300"},
    },
]

TRACK = "0AbCdEfGhIjKlMnOpQrStU"


def spotify_play(**changed: object) -> dict[str, object]:
    return {
        "ts": "2024-05-07T21:15:00Z",
        "ms_played": 180000,
        "master_metadata_track_name": "Harbour",
        "master_metadata_album_artist_name": "Ana Brook",
        "master_metadata_album_album_name": "Weather",
        "spotify_track_uri": f"spotify:track:{TRACK}",
        "episode_name": None,
    } | changed


SPOTIFY_EXTENDED = {
    "Streaming_History_Audio_2024_0.json": json.dumps(
        [
            spotify_play(),
            spotify_play(ms_played=29999),
            spotify_play(master_metadata_track_name=None, spotify_track_uri=None, episode_name="Talk"),
            spotify_play(
                ts="2024-05-07T21:20:00Z", master_metadata_track_name="Tide", spotify_track_uri=None
            ),
        ],
        indent=1,
    ).encode(),
    # Not read where an extended history lies beside it.
    "StreamingHistory0.json": b'[{"endTime": "2024-05-07 21:15", "artistName": "X", "trackName": "Y", "msPlayed": 90000}]',
}

SPOTIFY_ACCOUNT = {
    "StreamingHistory_music_0.json": json.dumps(
        [
            {
                "endTime": "2024-05-07 21:15",
                "artistName": "Ana Brook",
                "trackName": "Harbour",
                "msPlayed": 90000,
            },
            {
                "endTime": "2024-05-07 21:20",
                "artistName": "Ana Brook",
                "trackName": "Tide",
                "msPlayed": 90000,
            },
        ],
        indent=1,
    ).encode(),
    "StreamingHistory_podcast_0.json": b"not read",
    "YourLibrary.json": json.dumps(
        {
            "tracks": [
                {
                    "artist": "ana brook",
                    "album": "Weather",
                    "track": "Harbour",
                    "uri": f"spotify:track:{TRACK}",
                }
            ]
        }
    ).encode(),
    "Playlist1.json": json.dumps(
        {
            "playlists": [
                {
                    "name": "Evening",
                    "items": [
                        {
                            "track": {
                                "trackName": "Harbour",
                                "artistName": "Ana Brook",
                                "albumName": "Weather",
                                "trackUri": f"spotify:track:{TRACK}",
                            },
                            "addedDate": "2024-01-02",
                        },
                        {"track": None, "episode": {"episodeName": "Talk"}, "addedDate": "2024-01-02"},
                    ],
                },
                {"name": "evening", "items": []},
            ]
        }
    ).encode(),
    "Userdata.json": b'{"username": "lena", "country": "DE"}',
}


def listen(artist: str, title: str = "T", **changed: object) -> dict[str, object]:
    return {
        "listened_at": 1700000000,
        "track_metadata": {"artist_name": artist, "track_name": title} | changed,
    }


def mapped(mbid: str, name: str, recording: str = RECORDING) -> dict[str, object]:
    return {"recording_mbid": recording, "artists": [{"artist_mbid": mbid, "artist_credit_name": name}]}
