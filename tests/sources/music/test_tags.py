"""Tags of every format as one thing, cleaned; file names where there are none."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from mutagen.id3 import ID3, SYLT, TCON, TIT2, TPE1, USLT

from sources.music.made import KINDS, MBID, sound_file, tag
from zetdard.errors import MissingExtraError
from zetdard.sources.music.tags import Tags, clean, read_tags

LYRICS = "[00:01.00]故事的小黄花\n[00:03.00]从出生那年就飘着"


@pytest.mark.parametrize("kind", KINDS)
def test_every_format_says_the_same(tmp_path: Path, kind: str) -> None:
    path = sound_file(tmp_path / f"file.{kind}")
    tag(path, "晴天", ["周杰伦"], "叶惠美", date="2003-07-31", genre="流行", lyrics=LYRICS, mbid=MBID)
    assert read_tags(path) == Tags(
        title="晴天",
        artists=("周杰伦",),
        artists_raw="周杰伦",
        album="叶惠美",
        released_at=round(datetime(2003, 7, 31, tzinfo=UTC).timestamp() * 1000),
        genres=("流行",),
        recording_mbid=MBID,
        lyrics=LYRICS,
    )


@pytest.mark.parametrize(
    ("raw", "artists"),
    [
        (["A", "B"], ("A", "B")),
        (["A; B"], ("A", "B")),
        (["AC/DC"], ("AC/DC",)),
        (["Simon & Garfunkel"], ("Simon & Garfunkel",)),
        (["A feat. B"], ("A", "B")),
        (["A", "a"], ("A",)),
        ([" "], ()),
    ],
)
def test_several_artists(tmp_path: Path, raw: list[str], artists: tuple[str, ...]) -> None:
    assert read_tags(tag(sound_file(tmp_path / "x.flac"), "t", raw)).artists == artists


@pytest.mark.parametrize(
    ("name", "artist", "title"),
    [
        ("周杰伦 - 晴天.mp3", "周杰伦", "晴天"),
        ("07 晴天.mp3", None, "晴天"),
        ("07. 周杰伦 - 晴天.mp3", "周杰伦", "晴天"),
        ("1-07 - Title.mp3", None, "Title"),
        ("99 Luftballons.mp3", None, "99 Luftballons"),
        ("50 Cent - In da Club.mp3", "50 Cent", "In da Club"),
        ("12) Title.mp3", None, "Title"),
        ("01 - Title.mp3", None, "Title"),
        ("01 - Artist - Title.mp3", "Artist", "Title"),
        ("01 – Title.mp3", None, "Title"),
        ("2.0 Boys.mp3", None, "2.0 Boys"),
        ("a_b.mp3", None, "a b"),
        ("12.mp3", None, "12"),
        ("---.mp3", None, "---"),
    ],
)
def test_a_file_without_tags_is_called_by_its_name(
    tmp_path: Path, name: str, artist: str | None, title: str
) -> None:
    found = read_tags(sound_file(tmp_path / name))
    assert (found.title, found.artists) == (title, (artist,) if artist else ())


def latin(path: Path, *texts: str) -> Path:
    """Write texts as GBK bytes in tags that declare Latin-1, as old Chinese programs did."""
    tags = ID3()
    tags.add(TIT2(0, [texts[0].encode("gbk").decode("latin-1")]))
    for text in texts[1:]:
        tags.add(TPE1(0, [text.encode("gbk").decode("latin-1")]))
    tags.save(path, v2_version=3)
    return path


def test_gbk_that_calls_itself_latin_is_repaired(tmp_path: Path) -> None:
    found = read_tags(latin(sound_file(tmp_path / "x.mp3"), "晴天", "周杰伦"))
    assert (found.title, found.artists) == ("晴天", ("周杰伦",))


@pytest.mark.parametrize(
    ("title", "artist"),
    [
        ("Café del Mar", "Énergie"),
        ("Ænima", "Björk"),
        ("Señorita ñandú", "Mäximo Ñu"),
        ("Voilà été", "Noël"),
        # Two bytes that are one rare character in GBK, and two that are one common one.
        ("La vie en rose", "Édith Piaf"),
        ("Água", "Ólafur Arnalds"),
        ("x", "ÀÉ"),
    ],
)
def test_latin_that_is_latin_stays(tmp_path: Path, title: str, artist: str) -> None:
    path = sound_file(tmp_path / "x.mp3")
    tags = ID3()
    tags.add(TIT2(0, [title]))
    tags.add(TPE1(0, [artist]))
    tags.save(path)
    found = read_tags(path)
    assert (found.title, found.artists) == (title, (artist,))


def test_strange_texts_are_cleaned(tmp_path: Path) -> None:
    path = sound_file(tmp_path / "x.flac")
    tag(path, "a\tb\x07c\u0000d", ["e\nf"], "x" * 5_000, date="nonsense", mbid="not an id")
    found = read_tags(path)
    assert (found.title, found.artists, found.released_at, found.recording_mbid) == (
        "a bcd",
        ("e f",),
        None,
        None,
    )
    assert found.album == "x" * 1_000
    assert clean("a\ud800b") == "ab"
    assert clean("a\r\nb", lines=True) == "a\nb"


@pytest.mark.parametrize(("date", "day"), [("2003", (2003, 1, 1)), ("2003-07", (2003, 7, 1))])
def test_dates_that_say_less(tmp_path: Path, date: str, day: tuple[int, int, int]) -> None:
    found = read_tags(tag(sound_file(tmp_path / "x.flac"), "t", ["a"], date=date))
    assert found.released_at == round(datetime(*day, tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize("date", ["0000-00-00", "2003-13-01", "9999999", ""])
def test_dates_that_are_none(tmp_path: Path, date: str) -> None:
    found = read_tags(tag(sound_file(tmp_path / "x.flac"), "t", ["a"], date=date))
    assert found.released_at is None or found.released_at > 0


def test_timed_words_become_lrc_and_win_over_plain_ones(tmp_path: Path) -> None:
    path = sound_file(tmp_path / "x.mp3")
    tags = ID3()
    tags.add(USLT(3, "chi", "", "plain"))
    tags.add(SYLT(3, "chi", 2, 1, "", [("晴天", 61_500), ("下雨", 125_010)]))
    tags.add(TCON(3, ["17"]))
    tags.save(path)
    found = read_tags(path)
    assert found.lyrics == "[01:01.50]晴天\n[02:05.01]下雨"
    assert found.genres == ("Rock",)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_words_of_a_file_beside(tmp_path: Path, encoding: str) -> None:
    path = sound_file(tmp_path / "x.ogg")
    (tmp_path / "x.lrc").write_text(LYRICS, encoding=encoding)
    assert read_tags(path).lyrics == LYRICS
    tag(path, "t", ["a"], lyrics="own words")
    assert read_tags(path).lyrics == "own words"


def test_broken_tags_count_as_none(tmp_path: Path) -> None:
    path = sound_file(tmp_path / "Artist - Song.mp3")
    content = path.read_bytes()
    path.write_bytes(b"ID3\4\0\0\0\0\1\0TIT2\0\0\0\x7f\0\0\xff\xff\xff" + b"\0" * 115 + content)
    found = read_tags(path)
    assert (found.title, found.artists) == ("Song", ("Artist",))


def test_without_mutagen_the_message_names_the_extra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "mutagen", None)
    with pytest.raises(MissingExtraError, match=r"\[audio\]"):
        read_tags(tmp_path / "x.mp3")
