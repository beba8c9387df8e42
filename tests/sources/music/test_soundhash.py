"""The hash of a sound: tags do not change it, and another sound does."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

import mutagen
import pytest
from mutagen.apev2 import APEv2
from mutagen.flac import Picture
from mutagen.id3 import APIC, ID3

from sources.music.made import KINDS, sound_file, tag
from zetdard.sources.music.soundhash import sound_hash

LONG = "很长的标题" * 2_000
"""Longer than a page of an Ogg stream."""


@pytest.mark.parametrize("kind", KINDS)
def test_tags_change_nothing_and_another_sound_does(tmp_path: Path, kind: str) -> None:
    path = sound_file(tmp_path / f"a.{kind}")
    bare = sound_hash(path)
    assert bare != sound_hash(sound_file(tmp_path / f"b.{kind}", 660))
    before = path.read_bytes()
    tag(path, "晴天", ["周杰伦"], "叶惠美", date="2003-07-31")
    assert path.read_bytes() != before
    assert sound_hash(path) == bare
    tag(path, LONG, ["a", "b"], LONG, lyrics=LONG)
    assert sound_hash(path) == bare
    mutagen.File(path).delete()
    assert sound_hash(path) == bare


def test_a_cover_changes_nothing(tmp_path: Path) -> None:
    image = random.Random(0).randbytes(200_000)
    mp3, flac = sound_file(tmp_path / "a.mp3"), sound_file(tmp_path / "a.flac")
    bare = sound_hash(mp3), sound_hash(flac)
    tags = ID3()
    tags.add(APIC(3, "image/jpeg", 3, "cover", image))
    tags.save(mp3)
    file = mutagen.File(flac)
    picture = Picture()
    picture.data = image
    file.add_picture(picture)
    file.save()
    assert (sound_hash(mp3), sound_hash(flac)) == bare


def test_tags_at_the_end_of_an_mp3(tmp_path: Path) -> None:
    path = sound_file(tmp_path / "a.mp3")
    bare, content = sound_hash(path), path.read_bytes()
    ape = tmp_path / "ape.mp3"
    ape.write_bytes(content)
    tags = APEv2()
    tags["Title"] = "晴天"
    tags.save(ape)
    lyrics = b"LYRICSBEGINhello"
    for tail in (
        b"TAG" + b"\0" * 125,
        lyrics + f"{len(lyrics):06d}".encode() + b"LYRICS200" + b"TAG" + b"\0" * 125,
        ape.read_bytes()[len(content) :] + b"TAG" + b"\0" * 125,
    ):
        path.write_bytes(content + tail)
        assert sound_hash(path) == bare


@pytest.mark.parametrize(
    "content", [b"", b"ID3", b"ID3\4\0\0\x7f\x7f\x7f\x7f", b"fLaC\0\xff\xff\xff", b"OggS", b"plain text"]
)
def test_what_is_no_sound_is_hashed_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.mp3"
    path.write_bytes(content)
    assert sound_hash(path) == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("kind", KINDS)
def test_damage_anywhere_never_raises_or_hangs(tmp_path: Path, kind: str) -> None:
    content = sound_file(tmp_path / f"a.{kind}").read_bytes()
    rng = random.Random(kind)
    path = tmp_path / f"b.{kind}"
    for _ in range(60):
        broken = bytearray(content[: rng.randrange(1, len(content))])
        for _ in range(rng.randrange(4)):
            broken[rng.randrange(min(len(broken), 400))] = rng.randrange(256)
        path.write_bytes(broken)
        assert len(sound_hash(path)) == 64
