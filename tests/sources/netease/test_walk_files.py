"""How sound and images are received."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from sources.netease import replies
from sources.netease.replies import Scripted
from sources.netease.walking import ALL, Memory, walk
from zetdard.errors import (
    GoneError,
    NoRightsError,
    PreviewOnlyError,
    RejectedRequestError,
    UnavailableError,
    UnreadableReplyError,
)
from zetdard.records import (
    AudioFile,
    Picture,
)
from zetdard.sources.netease.visits import visit
from zetdard.tasks import Task

URL = "http://m7.example/20261124/a.mp3"
SOUND = b"ID3" + bytes(range(7))


def fetch(transport: Scripted, task: Task, keeper: Memory | None = None, **settings: Any) -> Any:
    (record,) = walk(transport, **settings).visit(task, ALL, keeper or Memory()).records
    return record


def test_audio() -> None:
    keeper = Memory()
    transport = Scripted({"song-url": replies.song_url()}, {URL: [[SOUND[:4], SOUND[4:]]]})
    assert fetch(transport, visit("audio", "7"), keeper) == AudioFile(
        song="7",
        sha256=hashlib.sha256(SOUND).hexdigest(),
        size=10,
        format="mp3",
        md5="900150983cd24fb0d6963f7d28e17f72",
        level="standard",
        place="here",
    )
    part, size, md5, most = keeper.asked[0]
    assert (part, size, md5) == ("900150983cd24fb0d6963f7d28e17f72", 10, "900150983cd24fb0d6963f7d28e17f72")
    assert most is not None


def test_audio_that_we_may_not_have() -> None:
    for changes in ({"url": None, "code": 404}, {"code": 404}, {"url": None}):
        with pytest.raises(NoRightsError):
            fetch(Scripted({"song-url": replies.song_url(**changes)}), visit("audio", "7"))
    preview = replies.song_url(freeTrialInfo={"start": 0, "end": 30})
    with pytest.raises(PreviewOnlyError):
        fetch(Scripted({"song-url": preview}), visit("audio", "7"))
    assert fetch(
        Scripted({"song-url": preview}, {URL: [[SOUND]]}), visit("audio", "7"), previews=True
    ).preview
    with pytest.raises(GoneError):
        fetch(Scripted({"song-url": {"code": 200, "data": []}}), visit("audio", "7"))


def test_an_address_that_runs_out_is_renewed_and_the_rest_received() -> None:
    later = "http://m7.example/later/a.mp3"
    transport = Scripted(
        {"song-url": [replies.song_url(), replies.song_url(url=later)]},
        {URL: [[SOUND[:4], GoneError("expired")]], later: [[SOUND[4:]]]},
    )
    assert fetch(transport, visit("audio", "7")).sha256 == hashlib.sha256(SOUND).hexdigest()
    assert transport.streamed == [(URL, 0), (later, 4)]


def test_an_address_is_renewed_once() -> None:
    transport = Scripted({"song-url": replies.song_url()}, {})
    with pytest.raises(GoneError):
        fetch(transport, visit("audio", "7"))
    assert len(transport.asked("song-url")) == 2


def test_other_sound_under_the_new_address_is_not_mixed_in() -> None:
    transport = Scripted(
        {"song-url": [replies.song_url(), replies.song_url(size=11)]}, {URL: [[b"ID3", GoneError("")]]}
    )
    with pytest.raises(UnavailableError, match="changed"):
        fetch(transport, visit("audio", "7"))


def test_a_part_that_was_received_before_is_not_received_again() -> None:
    keeper = Memory({"900150983cd24fb0d6963f7d28e17f72": SOUND})
    transport = Scripted({"song-url": replies.song_url()})
    assert fetch(transport, visit("audio", "7"), keeper).size == 10
    assert transport.streamed == []


@pytest.mark.parametrize(
    ("head", "form"),
    [
        (b"ID3\x04", "mp3"),
        (b"\xff\xfb\x90\x00", "mp3"),
        (b"fLaC", "flac"),
        (b"RIFF\x24\0\0\0WAVEfmt ", "wav"),
        (b"\0\0\0\x20ftypM4A ", "m4a"),
        (b"OggS", "ogg"),
        (b"????", "mp3"),
    ],
)
def test_format_of_sound(head: bytes, form: str) -> None:
    transport = Scripted({"song-url": replies.song_url(size=None, md5=None)}, {URL: [[head]]})
    keeper = Memory()
    assert fetch(transport, visit("audio", "7"), keeper).format == form
    assert keeper.asked[0][0] == "song-7-unknown-standard"


def test_sound_of_no_known_format() -> None:
    transport = Scripted({"song-url": replies.song_url(type=None)}, {URL: [[b"????"]]})
    with pytest.raises(UnreadableReplyError):
        fetch(transport, visit("audio", "7"))


PICTURE = Task(kind="picture", id="user:1", payload={"kind": "user", "of": "1", "url": replies.AVATAR})


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n\0", "image/png"),
        (b"GIF89a..", "image/gif"),
        (b"RIFF\x24\0\0\0WEBPVP8 ", "image/webp"),
    ],
)
def test_picture(head: bytes, media_type: str) -> None:
    keeper = Memory()
    transport = Scripted({}, {replies.AVATAR: [[head]]})
    assert fetch(transport, PICTURE, keeper) == Picture(
        of="1",
        kind="user",
        sha256=hashlib.sha256(head).hexdigest(),
        size=len(head),
        media_type=media_type,
        place="here",
    )
    assert keeper.asked[0][3] == 5 * 1024 * 1024


def test_picture_goes_on_where_it_broke_off() -> None:
    whole = b"GIF89a0123456789"
    keeper = Memory()
    broken = Scripted({}, {replies.AVATAR: [[whole[:9], UnavailableError("dropped")]]})
    with pytest.raises(UnavailableError):
        fetch(broken, PICTURE, keeper)
    again = Scripted({}, {replies.AVATAR: [[whole[:3], whole[3:12], whole[12:]]]})
    assert fetch(again, PICTURE, keeper).sha256 == hashlib.sha256(whole).hexdigest()


def test_what_is_no_picture() -> None:
    with pytest.raises(UnreadableReplyError, match="not an image"):
        fetch(Scripted({}, {replies.AVATAR: [[b"<html>"]]}), PICTURE)
    with pytest.raises(RejectedRequestError):
        fetch(Scripted({}), Task(kind="picture", id="user:1", payload={"url": "file:///etc/passwd"}))
