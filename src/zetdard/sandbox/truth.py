"""Writes the truth of an invented world to a folder, so that a recommendation can be compared with it."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np

from zetdard.errors import InputError
from zetdard.sandbox.config import GENRES, REGIONS
from zetdard.sandbox.judges import HEARD, PARTS, shares_of
from zetdard.sandbox.moods import AXES
from zetdard.sandbox.music import NOBODY
from zetdard.sandbox.stating import performers_of
from zetdard.sandbox.world import World

Progress: TypeAlias = Callable[[str, int, int | None], None]

_BLOCK_USERS = 64
_KINDS = ("", "original", "cover")

README: Final = """\
INVENTED. Nothing in this folder is about real people or real music: it is the truth of a world that ZetDard
made up from one seed. Figures measured with it show that code works; they say nothing about real listeners.

users.csv      every listener: id, region, how many songs they picked (repeats counted), share_GENRE = taste
songs.csv      every song: id, genre, original_id (what it is a version or cover of), cover_type (what the service
               says), log_popularity, held (whether anybody may hold it), has_sound, tempo and major (of songs with
               sound), the five moods that words and sound follow, and latent_N = the song's place in the space
oracle.npy     float32 (listeners, songs), rows in the order of users.csv, columns in that of songs.csv: the true
               score; a listener picks a song with chance proportional to exp(score)
shares.json    how strong each link is, and how much of the score is taste
config.json    all parameters; the same parameters make the same world
import/        what the listeners did, for: zetdard import playlists import/playlists
                                       and: zetdard import comments import/comments.csv
"""

JUDGES_README: Final = """
In this world there are judges, and sound and words follow latents of their own: the moods in songs.csv are those that
sound follows, the latents are those that collectors go by.

judges.csv     every judge and every song that they speak of: liked (0 or 1), fit = the true taste, and sound, words,
               network = the three parts of it, each with variance 1 over all songs; fit = the sum of root(share) * part,
               with the shares of shares.json; what is liked is the top of fit + chance
qualities.csv  every song: what is heard (sound_N), said (words_N) and collected by (network_N): a part is a direction
               through these
"""
"""What the readme says besides, where there are judges."""

_FILES: Final = (
    "README.txt",
    "judges.csv",
    "qualities.csv",
    "users.csv",
    "songs.csv",
    "oracle.npy",
    "shares.json",
    "config.json",
    "import/playlists/songs.csv",
    "import/playlists/playlists.csv",
    "import/playlists/playlist_songs.csv",
    "import/playlists/subscriptions.csv",
    "import/comments.csv",
)


def export_truth(world: World, folder: Path, progress: Progress | None = None) -> None:
    """Write the truth about a world; an earlier export in the same folder is replaced.

    The oracle is written in blocks of listeners, so that memory does not grow with their number.

    Args:
        world: The world.
        folder: Where to; it is made if it is not there.
        progress: Told how many listeners' scores are written.

    Raises:
        InputError: The folder is a file, holds files that no export writes, or cannot be written.
    """
    try:
        _refuse_other_files(folder)
        (folder / "import" / "playlists").mkdir(parents=True, exist_ok=True)
        judged = world.config.n_judges > 0
        (folder / "README.txt").write_text(README + JUDGES_README * judged, encoding="utf-8")
        _write_json(folder / "config.json", asdict(world.config))
        _write_rows(folder / "users.csv", _users(world))
        _write_rows(folder / "songs.csv", _songs(world))
        for name, rows in (("judges.csv", _judges), ("qualities.csv", _qualities)):
            (folder / name).unlink(missing_ok=True)
            if judged:
                _write_rows(folder / name, rows(world))
        _write_imports(world, folder / "import")
        taste_variance = _write_oracle(world, folder / "oracle.npy", progress)
        _write_json(folder / "shares.json", _shares(world, taste_variance))
    except OSError as error:
        raise InputError(f"cannot write {folder}: {error.strerror or error}") from error


def _refuse_other_files(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file; name a folder for the truth")
    ours = {Path(name) for name in _FILES}
    ours.update(*(path.parents for path in ours))
    for path in sorted(folder.rglob("*")):
        if path.relative_to(folder) not in ours:
            raise InputError(f"{folder} holds {path.relative_to(folder)}; name an empty folder for the truth")


def _users(world: World) -> Iterator[list[object]]:
    listeners = world.listeners
    genres = GENRES[: world.config.n_genres]
    yield ["id", "region", "picks", *(f"share_{genre}" for genre in genres)]
    for row, user in enumerate(world.people_labels.user_ids):
        shares = [_short(share) for share in listeners.user_tastes[row].tolist()]
        region = REGIONS[int(listeners.user_regions[row])].name
        yield [user, region, int(listeners.user_picks[row]), *shares]


def _songs(world: World) -> Iterator[list[object]]:
    music, labels = world.music, world.music_labels
    yield [
        *(
            "id",
            "genre",
            "original_id",
            "cover_type",
            "log_popularity",
            "held",
            "has_sound",
            "tempo",
            "major",
        ),
        *AXES,
        *(f"latent_{number}" for number in range(world.config.latent_size)),
    ]
    genres = music.song_genres.tolist()
    for row, song in enumerate(labels.song_ids):
        original = int(music.song_originals[row])
        traits = world.sound_traits(row) if world.has_sound(row) else None
        yield [
            song,
            GENRES[genres[row]],
            "" if original == NOBODY else labels.song_ids[original],
            _KINDS[world.original_cover_type(row)],
            _short(float(music.log_popularity[row])),
            int(music.song_held[row]),
            int(traits is not None),
            "" if traits is None else _short(traits.tempo),
            "" if traits is None else int(traits.major),
            *(_short(value) for value in world.sound_moods.songs[row].tolist()),
            *(_short(value) for value in music.song_latents[row].tolist()),
        ]


def _judges(world: World) -> Iterator[list[object]]:
    judges, songs = world.judges, world.music_labels.song_ids
    yield ["judge", "song", "liked", "fit", *PARTS]
    for judge, name in enumerate(judges.names):
        for song, liked in zip(judges.labelled[judge].tolist(), judges.liked[judge].tolist(), strict=True):
            parts = judges.parts[judge, :, song].tolist()
            numbers = (_short(value) for value in (float(judges.fit[judge, song]), *parts))
            yield [name, songs[song], int(liked), *numbers]


def _qualities(world: World) -> Iterator[list[object]]:
    genres = GENRES[: world.config.n_genres]
    names: dict[str, tuple[str, ...]] = {
        "sound": HEARD,
        "words": (*genres, "bright", "lively"),
        "network": genres,
    }
    yield ["song", *(f"{part}_{name}" for part in PARTS for name in names[part])]
    table = np.concatenate(world.qualities, axis=1)
    for song, row in zip(world.music_labels.song_ids, table.tolist(), strict=True):
        yield [song, *map(_short, row)]


def _write_oracle(world: World, path: Path, progress: Progress | None) -> float:
    """Write the scores; return the mean over listeners of the variance, over songs, of taste's part in them."""
    config, music = world.config, world.music
    users = world.listeners.user_latents
    songs = np.ascontiguousarray(music.song_latents.T)
    popular = config.popularity_strength * music.log_popularity
    variance = 0.0
    with path.open("wb") as file:
        shape = (config.n_users, config.n_songs)
        header = {"descr": "<f4", "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(file, header)
        for begin in range(0, config.n_users, _BLOCK_USERS):
            taste = config.taste_strength * (users[begin : begin + _BLOCK_USERS] @ songs)
            variance += float(taste.var(axis=1).sum())
            file.write((taste + popular).astype("<f4").tobytes())
            if progress is not None:
                progress("oracle scores", min(begin + _BLOCK_USERS, config.n_users), config.n_users)
    return variance / config.n_users


def _shares(world: World, taste_variance: float) -> dict[str, Any]:
    config = world.config
    popular = config.popularity_strength**2 * float(world.music.log_popularity.var())
    whole = taste_variance + popular
    shares: dict[str, Any] = {
        "invented": True,
        "network": {
            "taste_strength": config.taste_strength,
            "popularity_strength": config.popularity_strength,
            "theme_strength": config.theme_strength,
            "subscription_strength": config.subscription_strength,
            "follow_strength": config.follow_strength,
            "region_strength": config.region_strength,
            "taste_share_of_score_variance": taste_variance / whole if whole else 0.0,
        },
        "words": {
            "lyric_strength": config.lyric_strength,
            "comment_strength": config.comment_strength,
            "commenter_strength": config.commenter_strength,
        },
        "sound": {"sound_strength": config.sound_strength},
        "service": {"service_noise": config.service_noise},
    }
    if config.n_judges:
        shares["judges"] = {
            "shares": dict(zip(PARTS, shares_of(config).tolist(), strict=True)),
            "noise": config.judge_noise,
            "likes": config.judge_likes,
        }
    return shares


def _write_imports(world: World, folder: Path) -> None:
    playlists = folder / "playlists"
    _write_rows(playlists / "songs.csv", _import_songs(world))
    _write_rows(playlists / "playlists.csv", _import_playlists(world))
    people, songs = world.people_labels, world.music_labels.song_ids
    pairs: Iterator[list[object]] = (
        [people.playlist_ids[row], songs[song], position]
        for row, drawn in enumerate(world.playlists)
        for position, song in enumerate(drawn.songs.tolist())
    )
    _write_rows(playlists / "playlist_songs.csv", pairs, header=["playlist_id", "song_id", "position"])
    subscriptions: Iterator[list[object]] = (
        [people.user_ids[user], people.playlist_ids[row]] for user, row in world.subscriptions.tolist()
    )
    _write_rows(playlists / "subscriptions.csv", subscriptions, header=["user", "playlist_id"])
    comments: Iterator[list[object]] = (
        [each.id, song, people.user_ids[each.user_row], each.at, each.liked_count, each.text]
        for row, song in enumerate(songs)
        for each in world.comments(row)
    )
    header = ["comment_id", "song_id", "user", "time_ms", "liked_count", "content"]
    _write_rows(folder / "comments.csv", comments, header=header)


def _import_songs(world: World) -> Iterator[list[object]]:
    labels = world.music_labels
    yield ["song_id", "title", "artists", "popularity", "originCoverType"]
    for row, song in enumerate(labels.song_ids):
        artists = "|".join(labels.artist_names[artist] for artist in performers_of(world, row))
        figure = int(labels.popularity[row])
        yield [song, labels.titles[row], artists, figure, world.original_cover_type(row)]


def _import_playlists(world: World) -> Iterator[list[object]]:
    people = world.people_labels
    collected = np.bincount(world.subscriptions[:, 1], minlength=len(world.playlists)).tolist()
    yield [
        *("playlist_id", "creator", "name", "tags", "created"),
        *("play_count", "collect_count", "comment_count", "relation"),
    ]
    for row, drawn in enumerate(world.playlists):
        day = datetime.fromtimestamp(drawn.created_at / 1000, UTC).date().isoformat()
        tag = "" if drawn.theme == NOBODY else GENRES[drawn.theme]
        creator, plays = people.user_ids[drawn.owner], int(people.play_counts[row])
        name = people.playlist_names[row]
        yield [people.playlist_ids[row], creator, name, tag, day, plays, collected[row], "", drawn.relation]


def _write_rows(path: Path, rows: Iterable[list[object]], header: list[str] | None = None) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        if header:
            writer.writerow(header)
        writer.writerows(rows)


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _short(number: float) -> str:
    return f"{number:.6g}"
