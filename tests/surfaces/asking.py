"""The command line, asked in this process, and small files to import."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from zetdard.surfaces.cli import app

HOLDS = {
    "ann": ["1", "2", "3"],
    "bob": ["1", "2", "3", "4", "6"],
    "cat": ["2", "3", "4", "5"],
    "dan": ["1", "5", "6", "7"],
    "eve": ["8"],
}
"""User → songs of their only playlist."""
TITLES = {
    "1": "稻香",
    "2": "晴天",
    "3": "Sky",
    "4": "Sea",
    "5": "Sun",
    "6": "Sand",
    "7": "Snow",
    "8": "Salt",
}
ARTISTS = {
    "1": "周杰伦",
    "2": "周杰伦",
    "3": "Ann Lee",
    "4": "Bo|Ann Lee",
    "5": "Cy",
    "6": "Di",
    "7": "Ed",
    "8": "Flo",
}


_PROGRESS = re.compile(r" …|: [\d,]+ (of [\d,]+ \(|so far, )")


def ask(*arguments: str | Path) -> Any:
    """Run a command; an exception that is no orderly exit is raised."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def ask_json(*arguments: str | Path) -> Any:
    """Run a command with --json and return the one document that it writes."""
    result = ask(*arguments, "--json")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.endswith("}\n")
    return json.loads(result.stdout)


def refused(*arguments: str | Path) -> str:
    """Run a command that ends in an error meant for a person; return its line."""
    result = ask(*arguments)
    assert result.exit_code == 1, result.stderr
    assert result.stdout == ""
    # A slow machine also shows progress.
    errors = [
        line
        for line in result.stderr.splitlines()
        if not line.startswith("note: ") and not _PROGRESS.search(line)
    ]
    assert len(errors) == 1, result.stderr
    assert errors[0].startswith("error: ")
    return errors[0].removeprefix("error: ")


def write_playlists(
    folder: Path,
    holds: Mapping[str, Iterable[str]] = HOLDS,
    titles: Mapping[str, str] = TITLES,
    artists: Mapping[str, str] = ARTISTS,
) -> Path:
    """Write the three files of ``import playlists``: one playlist a user."""
    folder.mkdir(parents=True, exist_ok=True)
    songs = [(song, titles[song], artists[song], "50") for song in titles]
    lists = [(f"p-{user}", user, f"list of {user}", "", "2020-01-02", "1", "1", "1") for user in holds]
    pairs = [(f"p-{user}", song, place + 1) for user in holds for place, song in enumerate(holds[user])]
    _write(folder / "songs.csv", "song_id title artists popularity", songs)
    _write(
        folder / "playlists.csv",
        "playlist_id creator name tags created play_count collect_count comment_count",
        lists,
    )
    _write(folder / "playlist_songs.csv", "playlist_id song_id position", pairs)
    return folder


def _write(path: Path, header: str, rows: Iterable[Iterable[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header.split())
        writer.writerows(rows)


def write_hetrec(folder: Path) -> Path:
    """Write a small HetRec folder: artists with play counts, friends, no songs."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        "artists.dat": [
            "id\tname\turl\tpictureURL",
            *(f"{n}\tArtist {n}\thttp://a/{n}\t" for n in range(1, 7)),
        ],
        "user_artists.dat": [
            "userID\tartistID\tweight",
            *(
                f"{user}\t{artist}\t{10 * user + artist}"
                for user, artists in {2: (1, 2, 3), 3: (1, 2, 4), 4: (2, 3, 5), 5: (4, 5, 6)}.items()
                for artist in artists
            ),
        ],
        "user_friends.dat": ["userID\tfriendID", "2\t3", "3\t2", "4\t5", "5\t4"],
        "tags.dat": ["tagID\ttagValue", "1\tmetal"],
        "user_taggedartists.dat": ["userID\tartistID\ttagID\tday\tmonth\tyear", "2\t1\t1\t1\t4\t2009"],
        "user_taggedartists-timestamps.dat": ["userID\tartistID\ttagID\ttimestamp", "2\t1\t1\t1238536800000"],
    }
    for name, lines in files.items():
        (folder / name).write_text("\r\n".join(lines) + "\r\n", encoding="latin-1", newline="")
    return folder
