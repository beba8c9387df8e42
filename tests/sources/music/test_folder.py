"""A folder of music as records: every file is used or refused with a reason, and the same sound is the same song."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import mutagen
import numpy as np
import pytest
import soundfile

from features.audio.signals import noise, sine
from sources.music.made import look_or_die, sound_file, tag
from zetdard import registry
from zetdard.errors import Failure, FormatError, MissingExtraError
from zetdard.features.audio.decoding import probe
from zetdard.features.audio.isolation import run_apart
from zetdard.features.audio.refusal import AudioError
from zetdard.records import (
    Artist,
    Lyric,
    MusicFile,
    Playlist,
    PlaylistSong,
    Record,
    Song,
    SongArtist,
    User,
)
from zetdard.sources.base import ReadOptions
from zetdard.sources.music.examining import Examined, examine
from zetdard.sources.music.folder import MusicFolder

R = TypeVar("R")


def here(paths: Sequence[Path]) -> Iterator[tuple[Path, Examined | Failure]]:
    """Look at files in this process."""
    for path in paths:
        try:
            yield path, examine(path, probe)
        except AudioError as error:
            yield path, Failure(error.reason, error.detail)


def read(folder: Path, **options: Any) -> list[Record]:
    def never(error: FormatError) -> None:
        raise error

    return list(MusicFolder(here).read(folder, ReadOptions(**options), never))


def of(records: Sequence[Record], kind: type[R]) -> list[R]:
    return [record for record in records if isinstance(record, kind)]


def refused(records: Sequence[Record]) -> dict[str, str]:
    return {Path(file.uri).name: file.reason for file in of(records, MusicFile) if file.reason}


@pytest.fixture
def music(tmp_path: Path) -> Path:
    folder = tmp_path / "My Music"
    (folder / "叶惠美").mkdir(parents=True)
    tag(
        sound_file(folder / "叶惠美" / "03.mp3"),
        "晴天",
        ["周杰伦"],
        "叶惠美",
        genre="流行",
        lyrics="故事的小黄花",
    )
    tag(sound_file(folder / "b.flac", 550), "Duet", ["周杰伦", "B"], genre="Pop")
    sound_file(folder / "C - d.ogg", 660)
    return folder


def test_what_a_folder_says(music: Path) -> None:
    records = read(music)
    assert of(records, User) == [User(id="me")]
    songs = {song.title: song for song in of(records, Song)}
    assert songs.keys() == {"晴天", "Duet", "d"}
    assert songs["晴天"].album == "叶惠美"
    assert songs["晴天"].duration_ms == pytest.approx(1_000, abs=100)
    assert {artist.name: artist.id for artist in of(records, Artist)} == {
        "周杰伦": "name:周杰伦",
        "B": "name:b",
        "C": "name:c",
    }
    credits = Counter(credit.artist for credit in of(records, SongArtist))
    assert credits == {"name:周杰伦": 2, "name:b": 1, "name:c": 1}
    (playlist,) = of(records, Playlist)
    assert (playlist.name, playlist.creator, playlist.tags) == ("My Music", "me", ("Pop", "流行"))
    listed = {entry.song: entry.added_at for entry in of(records, PlaylistSong)}
    assert listed.keys() == {song.id for song in songs.values()}
    assert listed[songs["Duet"].id] == (music / "b.flac").stat().st_mtime_ns // 1_000_000
    assert [lyric.text for lyric in of(records, Lyric)] == ["故事的小黄花"]
    assert {file.format for file in of(records, MusicFile)} == {"mp3", "flac", "ogg"}
    assert refused(records) == {}
    assert of(read(music, user="ann"), Playlist)[0].creator == "ann"


def test_moved_renamed_retagged_and_copied_files_are_the_same_songs(music: Path, tmp_path: Path) -> None:
    before = {song.id for song in of(read(music), Song)}
    other = tmp_path / "elsewhere"
    shutil.move(music, other)
    (other / "b.flac").rename(other / "renamed.flac")
    tag(other / "renamed.flac", "Another title", ["Someone else"])
    shutil.copy(other / "C - d.ogg", other / "copy.ogg")
    records = read(other)
    assert {song.id for song in of(records, Song)} == before
    assert len(of(records, MusicFile)) == 4
    assert len(of(records, PlaylistSong)) == 3


def test_what_has_not_changed_is_not_read_again(music: Path, tmp_path: Path) -> None:
    (music / "bad.mp3").write_bytes(b"no sound")
    first = read(music)
    known = {file.uri: file for file in of(first, MusicFile)}
    looked: list[Path] = []

    def watching(paths: Sequence[Path]) -> Iterator[tuple[Path, Examined | Failure]]:
        looked.extend(paths)
        yield from here(paths)

    os.utime(music / "b.flac", ns=(1, 1))
    sound_file(music / "new.wav", 200)
    records = list(MusicFolder(watching).read(music, ReadOptions(known=lambda: known), lambda _: None))
    assert {path.name for path in looked} == {"b.flac", "new.wav"}
    assert len(of(records, PlaylistSong)) == 4
    assert {song.title for song in of(records, Song)} == {"Duet", "new"}
    assert refused(records) == {"bad.mp3": "not-audio"}
    again = {file.uri: file for file in of(records, MusicFile)}
    assert all(again[uri] == file for uri, file in known.items() if not uri.endswith("b.flac"))


@pytest.mark.parametrize("before", [True, False])
def test_a_copy_without_tags_does_not_rename_the_song(music: Path, before: bool) -> None:
    known = {file.uri: file for file in of(read(music), MusicFile)} if before else {}
    shutil.copy(music / "b.flac", music / "a copy.flac")
    mutagen.File(music / "a copy.flac").delete()
    records = read(music, known=lambda: known)
    assert {song.title for song in of(records, Song)} == (set() if before else {"晴天", "Duet", "d"})
    assert len(of(records, MusicFile)) == 4


def test_a_list_keeps_its_genres_where_not_every_file_is_read_again(music: Path) -> None:
    known = {file.uri: file for file in of(read(music), MusicFile)}
    tag(sound_file(music / "new.flac", 700), "new", ["a"], genre="Jazz")
    (playlist,) = of(read(music, known=lambda: known), Playlist)
    assert playlist.tags == ()


def test_what_may_pass_is_tried_again(music: Path) -> None:
    known = {
        file.uri: MusicFile(
            playlist="x",
            uri=file.uri,
            size=file.size,
            modified_ns=file.modified_ns,
            reason="missing-extra",
            detail="[m4a]",
        )
        for file in of(read(music), MusicFile)
    }
    assert len(of(read(music, known=lambda: known), Song)) == 3


def test_bad_files_are_refused_and_strange_ones_are_not(tmp_path: Path) -> None:
    good = sound_file(tmp_path / "good.wav")
    (tmp_path / "empty.flac").touch()
    (tmp_path / "text.mp3").write_text("This is no sound.", encoding="utf-8")
    (tmp_path / "cut.wav").write_bytes(good.read_bytes()[:20_000])
    (tmp_path / "old.wma").touch()
    (tmp_path / "folder.mp3").mkdir()
    os.mkfifo(tmp_path / "pipe.wav")
    (tmp_path / "gone.ogg").symlink_to("nowhere.ogg")
    (tmp_path / "round.ogg").symlink_to("round.ogg")
    (tmp_path / "._good.wav").write_bytes(b"resource fork")
    (tmp_path / "loop").symlink_to(tmp_path)
    soundfile.write(tmp_path / "one sample.wav", np.zeros(1), 44_100)
    soundfile.write(tmp_path / "silence.wav", np.zeros(44_100), 44_100)
    soundfile.write(tmp_path / "eight.wav", np.tile(noise(0.5)[:, None], 8), 22_050)
    soundfile.write(tmp_path / "low.wav", sine(440, 1, 8_000), 8_000)
    soundfile.write(tmp_path / "high.wav", sine(440, 1, 192_000), 192_000)
    soundfile.write(tmp_path / "nan.wav", np.full(22_050, np.nan), 22_050, subtype="FLOAT")
    tag(sound_file(tmp_path / "long title.flac", 300), "长" * 3_000, ["a"])
    tag(sound_file(tmp_path / "long lyric.flac", 310), "t", ["a"], lyrics="words\n" * 300_000)
    records = read(tmp_path)
    assert refused(records) == {
        "empty.flac": "empty",
        "text.mp3": "not-audio",
        "cut.wav": "truncated",
        "old.wma": "unread-format",
        "pipe.wav": "not-a-file",
        "gone.ogg": "missing",
        "round.ogg": "missing",
    }
    found = [Path(file.uri).name for file in of(records, MusicFile)]
    assert len(found) == len(set(found))  # the loop is walked once
    used = {Path(file.uri).name for file in of(records, MusicFile) if file.song}
    # A sample that is no number shows only when the sound is decoded.
    assert len(used) == 9
    assert all(file.detail for file in of(records, MusicFile) if file.reason)


def test_a_name_that_is_not_utf8(tmp_path: Path) -> None:
    name = os.fsdecode("晴天.wav".encode("gb18030"))
    sound_file(tmp_path / "x.wav").rename(tmp_path / name)
    (file,) = of(read(tmp_path), MusicFile)
    assert file.uri.endswith("/%C7%E7%CC%EC.wav")
    (song,) = of(read(tmp_path), Song)
    assert song.title


def test_a_folder_that_cannot_be_read_is_one_refusal(music: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scan = os.scandir

    def guarded(place: Path) -> Any:
        if place.name == "叶惠美":
            raise PermissionError(13, "Permission denied")
        return scan(place)

    monkeypatch.setattr(os, "scandir", guarded)
    records = read(music)
    assert list(refused(records).values()) == ["unreadable"]
    assert len(of(records, Song)) == 2


def test_a_folder_is_one_however_it_is_spelt_and_has_one_list_for_each_owner(music: Path) -> None:
    lists = {of(read(path), Playlist)[0].id for path in (music, music / ".." / music.name)}
    assert len(lists) == 1
    assert of(read(music, user="ann"), Playlist)[0].id not in lists


def test_a_time_that_no_database_holds(music: Path) -> None:
    os.utime(music / "b.flac", (10**10, 10**10))
    assert len(of(read(music), Song)) == 3


@pytest.mark.parametrize("what", ["missing", "file", "nothing"])
def test_what_is_no_folder_of_music(tmp_path: Path, what: str) -> None:
    place = tmp_path / what
    if what == "file":
        place.touch()
    elif what == "nothing":
        place.mkdir()
    with pytest.raises(FormatError):
        read(place)


def test_each_file_is_looked_at_apart_as_users_get_it(music: Path) -> None:
    def never(error: FormatError) -> None:
        raise error

    told: list[tuple[int, int | None]] = []
    options = ReadOptions(progress=lambda _, done, total: told.append((done, total)))
    records = list(registry.file_source("music").read(music, options, never))
    assert sorted(map(repr, records)) == sorted(map(repr, read(music)))
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_a_file_that_kills_its_decoder_or_never_ends_costs_itself_only(music: Path) -> None:
    for name in ("segfault", "sleep"):
        sound_file(music / f"{name}.wav", 300)

    def apart(paths: Sequence[Path]) -> Iterator[tuple[Path, Examined | Failure]]:
        yield from run_apart(look_or_die, paths, seconds=8, memory_mb=1_024)

    records = list(MusicFolder(apart).read(music, ReadOptions(), lambda _: None))
    assert refused(records) == {"segfault.wav": "crashed", "sleep.wav": "time-limit"}
    assert len(of(records, Song)) == 3


def test_without_the_libraries_nothing_is_stored_and_the_extra_is_named(
    music: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *more: None if name == "mutagen" else find(name, *more)
    )
    with pytest.raises(MissingExtraError, match=r"\[audio\]"):
        registry.file_source("music").read(music, ReadOptions(), lambda _: None)
