"""Where the sound of songs lies, own files, and words."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from store.facts import EVERY_KIND, SHA, write
from zetdard.errors import InputError
from zetdard.records import AudioFile, LyricState, MusicFile, Playlist, Record, Song, User
from zetdard.store.attachments import Sound, path_of
from zetdard.store.store import Store

OTHER = SHA[::-1]


def file(uri: str, song: str | None = "a", sha256: str | None = SHA, **more: str) -> MusicFile:
    return MusicFile(playlist="l", uri=uri, size=1, modified_ns=2, song=song, sha256=sha256, **more)


FOLDER: tuple[Record, ...] = (
    User(id="me"),
    Song(id="a", title="a"),
    Song(id="b", title="b"),
    Playlist(id="l", creator="me", name="Music"),
)


def test_files_come_back_as_they_were_written(store: Store) -> None:
    files = [
        file("file:///1.mp3", format="mp3"),
        file("file:///2.mp3", None, None, reason="empty", detail="0 bytes"),
    ]
    write(store, *FOLDER, *files)
    assert store.music_files() == {found.uri: found for found in files}


def test_a_folder_that_is_read_again_is_replaced_as_a_whole(store: Store) -> None:
    write(store, *FOLDER, Playlist(id="m", creator="me", name="more"))
    write(store, file("file:///1"), file("file:///2"), replace(file("file:///3"), playlist="m"))
    write(store, file("file:///2", "b", OTHER))
    assert {uri: found.song for uri, found in store.music_files().items()} == {
        "file:///2": "b",
        "file:///3": "a",
    }


@pytest.mark.parametrize(
    "bad", [file("x", None), file("x", "a", None), file("x", reason="empty"), file("x", "a", "12")]
)
def test_a_file_is_of_a_song_or_refused(store: Store, bad: MusicFile) -> None:
    with pytest.raises(InputError):
        write(store, *FOLDER, bad)


def test_whole_recordings_come_before_excerpts_and_own_files_before_blobs(store: Store) -> None:
    write(
        store,
        *FOLDER,
        file("file:///z", sha256=OTHER),
        file("file:///y", sha256=OTHER),
        AudioFile(song="a", sha256=SHA, size=1, format="mp3", place="here"),
        AudioFile(song="b", sha256=SHA, size=1, format="mp3", place="here", preview=True),
        AudioFile(song="b", sha256=OTHER, size=1, format="mp3", place="elsewhere"),
    )
    a, b = ("here", "a"), ("here", "b")
    own = [Sound(a, OTHER, f"file:///{name}", size=1, modified_ns=2) for name in "yz"]
    assert store.sounds("here") == [*own, Sound(a, SHA), Sound(b, SHA, preview=True)]
    assert store.sounds(None) == own


def test_a_uri_leads_back_to_its_file(tmp_path: Path) -> None:
    for name in (b"a b%20#?.mp3", "晴天.mp3".encode(), "晴天.mp3".encode("gb18030")):
        path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))
        assert path_of(path.as_uri()) == path


def test_words_come_with_their_song(store: Store) -> None:
    write(store, *EVERY_KIND)
    (first, present), (second, instrumental) = store.lyrics()
    assert (first, second) == (("here", "s1"), ("here", "s2"))
    assert (present.text, present.translation) == ("[00:01.00]故事的小黄花\n", "[00:01.00]flower")
    assert instrumental.state is LyricState.INSTRUMENTAL
