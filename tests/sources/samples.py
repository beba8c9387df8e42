"""A small invented export of each format, and how to read it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from sources.exports import (
    _LISTEN_COUNTS,
    COMMENTS,
    HETREC_FILES,
    LASTFM_CSV,
    LASTFM_TRACKS,
    LISTENBRAINZ_ZIP,
    LISTENS,
    PLAYLIST_FILES,
    SPOTIFY_ACCOUNT,
    SPOTIFY_EXTENDED,
    lastfm_page,
    lines,
    zipped,
)
from sources.reading import strict
from zetdard.records import Record
from zetdard.sources.base import FileSource
from zetdard.sources.comments import CommentFile
from zetdard.sources.hetrec import HetRecFiles
from zetdard.sources.lastfm import LastfmHistory
from zetdard.sources.listenbrainz import ListenBrainzExport
from zetdard.sources.playlists import PlaylistFiles
from zetdard.sources.spotify import SpotifyExport


@dataclass(frozen=True)
class Sample:
    """An export in memory.

    Attributes:
        files: Name → content of each file.
        entry: The file to read; empty = the folder.
        counts: Records that a strict read yields, by kind.
        bad: File, a line or text in it, and the same with a line before it that must be refused.
    """

    name: str
    source: FileSource
    files: dict[str, bytes]
    entry: str
    counts: dict[str, int]
    bad: tuple[str, bytes, bytes]
    bad_line: int | None = field(default=None)

    def write(self, folder: Path, **changed: bytes | None) -> Path:
        """Write the files, some of them changed (``None`` = absent), and return the path to read.

        Names of changed files are given with ``_`` for the dot: ``songs_csv=…``.
        """
        for name, content in self.files.items():
            new = changed.get(name.replace(".", "_"), content)
            if new is not None:
                (folder / name).write_bytes(new)
        return folder / self.entry if self.entry else folder


SAMPLES = [
    Sample(
        "playlists",
        PlaylistFiles(),
        PLAYLIST_FILES,
        "",
        {"User": 2, "Song": 3, "Artist": 2, "SongArtist": 3, "Playlist": 3, "PlaylistSong": 4},
        ("songs.csv", b"007,", b"8,Bad,Nobody,loud\r\n007,"),
        3,
    ),
    Sample(
        "comments",
        CommentFile(),
        {"comments.csv": COMMENTS},
        "comments.csv",
        {"User": 2, "Comment": 3},
        ("comments.csv", b"c2,", b"c9,7,u1,yesterday,0,x\r\nc2,"),
        4,
    ),
    Sample(
        "hetrec",
        HetRecFiles(),
        HETREC_FILES,
        "",
        {"User": 3, "Artist": 2, "ArtistPlays": 3, "Follow": 2, "Tagging": 3},
        ("user_artists.dat", b"10\t2\t", b"10\t77\t3\n10\t2\t"),
        3,
    ),
    Sample(
        "listenbrainz-zip",
        ListenBrainzExport(),
        {"lena.zip": zipped(LISTENBRAINZ_ZIP)},
        "lena.zip",
        _LISTEN_COUNTS | {"SongVerdict": 2},
        (
            "lena.zip",
            zipped(LISTENBRAINZ_ZIP),
            zipped(LISTENBRAINZ_ZIP | {"listens/2023/11.jsonl": b'{"listened_at": 0}\n' + lines(*LISTENS)}),
        ),
        1,
    ),
    Sample(
        "listenbrainz-jsonl",
        ListenBrainzExport(),
        {"listens.jsonl": lines(*LISTENS)},
        "listens.jsonl",
        _LISTEN_COUNTS,
        ("listens.jsonl", lines(LISTENS[1]), b'{"listened_at": \n' + lines(LISTENS[1])),
        2,
    ),
    Sample(
        "listenbrainz-json",
        ListenBrainzExport(),
        {"listens.json": json.dumps(LISTENS, ensure_ascii=False, indent=1).encode()},
        "listens.json",
        _LISTEN_COUNTS,
        ("listens.json", b"[\n", b"[\n\n7,\n"),
        3,
    ),
    Sample(
        "lastfm-csv",
        LastfmHistory(),
        {"lena.csv": LASTFM_CSV},
        "lena.csv",
        {"User": 1, "Song": 2, "Artist": 2, "SongArtist": 2, "Listen": 2},
        ("lena.csv", b'"Brook', b'Ana Brook,,Never,31 Feb 2022 10:00\n"Brook'),
        2,
    ),
    Sample(
        "lastfm-json",
        LastfmHistory(),
        {"lena.json": json.dumps([lastfm_page(*LASTFM_TRACKS)], ensure_ascii=False).encode()},
        "lena.json",
        {"User": 1, "Song": 2, "Artist": 1, "SongArtist": 2, "Listen": 2},
        ("lena.json", b"[", b'[{"error": 29, "message": "Rate limit"},\n'),
        1,
    ),
    Sample(
        "spotify-extended",
        SpotifyExport(),
        SPOTIFY_EXTENDED,
        "",
        {"User": 1, "Song": 2, "Artist": 1, "SongArtist": 2, "Listen": 2},
        ("Streaming_History_Audio_2024_0.json", b"[\n", b'[\n{"ts": "2024-05-07"},\n'),
        2,
    ),
    Sample(
        "spotify-account",
        SpotifyExport(),
        SPOTIFY_ACCOUNT,
        "",
        {"User": 1, "Playlist": 3, "Song": 2, "Artist": 1, "SongArtist": 2, "PlaylistSong": 2, "Listen": 2},
        ("StreamingHistory_music_0.json", b"[\n", b'[\n{"endTime": "2024-05-07"},\n'),
        2,
    ),
]


def sample(name: str, folder: Path) -> list[Record]:
    chosen = next(each for each in SAMPLES if each.name == name)
    return strict(chosen.source, chosen.write(folder))
