"""What a record refuses, so that every database keeps what it takes."""

from __future__ import annotations

import dataclasses
import typing

import pytest

from zetdard import records
from zetdard.errors import InputError
from zetdard.records import (
    Artist,
    Comment,
    Follow,
    Listen,
    Playlist,
    PlaylistSong,
    Record,
    Song,
    SongArtist,
    Tagging,
    User,
)
from zetdard.records.base import BaseRecord

KINDS = typing.get_args(Record)


@pytest.mark.parametrize(
    "id_", ["043031882418", "37e075492390", "007", "7", "name:ana brook", "🎵", "a\tb", "x" * 300]
)
def test_ids_are_kept_as_they_are(id_: str) -> None:
    assert Song(id=id_, title="").id == id_


@pytest.mark.parametrize("id_", ["", " ", " 7", "7\n", "\u30007", "x" * 301, 7, 7.0, b"7"])
def test_ids_that_are_none(id_: object) -> None:
    with pytest.raises(InputError, match=r"^(id|user|followed) "):
        User(id=id_)
    with pytest.raises(InputError, match=r"^(id|user|followed) "):
        Follow(user="u", followed=id_)


@pytest.mark.parametrize("text", ["a\0b", "\0", "\ud83c", "a\udcffb"])
def test_text_that_no_database_keeps(text: str) -> None:
    for make in (
        lambda: User(id="u", name=text),
        lambda: Artist(id="a", name=text),
        lambda: Playlist(id="p", creator="u", name="", tags=("fine", text)),
        lambda: Comment(id="c", song="s", user="u", at=0, liked_count=0, text=text),
        lambda: Song(id=text, title=""),
    ):
        with pytest.raises(InputError, match=r"NUL|surrogate"):
            make()


def test_any_other_text_is_kept_as_written() -> None:
    text = "  line\r\n\t\x01 é e\u0301 ＡＢ 🎵 \U0010ffff "
    assert Song(id="s", title=text, album="").title == text


@pytest.mark.parametrize("at", [2**63, -(10**30)])
def test_numbers_that_no_column_holds(at: int) -> None:
    with pytest.raises(InputError, match=r"^at "):
        Listen(user="u", song="s", at=at)


@pytest.mark.parametrize("position", [-1, 2**31])
def test_a_position_counts_from_zero(position: int) -> None:
    for make in (
        lambda: PlaylistSong(playlist="p", song="s", position=position),
        lambda: SongArtist(song="s", artist="a", position=position),
    ):
        with pytest.raises(InputError, match=r"^position "):
            make()


@pytest.mark.parametrize("popularity", [float("nan"), float("inf"), -float("inf")])
def test_numbers_that_are_not_finite(popularity: float) -> None:
    with pytest.raises(InputError, match=r"^popularity "):
        Song(id="s", title="", popularity=popularity)


def test_texts_that_are_longer_than_their_column() -> None:
    assert len(Tagging(user="u", artist="a", tag="很" * 500).tag) == 500
    with pytest.raises(InputError, match="tag has 501 characters; 500 are allowed"):
        Tagging(user="u", artist="a", tag="x" * 501)
    with pytest.raises(InputError, match="recording_mbid has 37 characters"):
        Song(id="s", title="", recording_mbid="0" * 37)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_records_are_frozen_and_take_no_unknown_field(kind: type) -> None:
    facts = {
        field.name: 1 if "int" in str(field.type) else "x"
        for field in dataclasses.fields(kind)
        if field.default is dataclasses.MISSING
    }
    record = kind(**facts)
    assert record == kind(**facts)
    assert hash(record) == hash(kind(**facts))
    for name in (*facts, "other"):
        with pytest.raises((AttributeError, TypeError)):
            setattr(record, name, "y")
    with pytest.raises(TypeError):
        kind(**facts, titel="x")


def test_every_kind_of_record_is_listed() -> None:
    defined = {
        kind for kind in vars(records).values() if isinstance(kind, type) and issubclass(kind, BaseRecord)
    } - {BaseRecord}
    assert set(KINDS) == defined
