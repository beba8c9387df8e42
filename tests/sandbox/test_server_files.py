"""Sounds and images of the sandbox: addresses that are signed and expire, parts of files, and tags."""

from __future__ import annotations

import hashlib
import wave
from collections.abc import Iterator
from io import BytesIO

import pytest

from sandbox.asking import Asker
from zetdard.sandbox import World, WorldConfig, generate
from zetdard.sandbox.server import running_server
from zetdard.sandbox.server.files import LIFETIME_S, File, Sounds, deliver

CONFIG = WorldConfig(seed=4, n_users=20, n_songs=60, n_artists=10, n_sounding=12, sound_seconds=2.0)
FILE = File(data=bytes(range(100)), type="audio/wav", md5="0" * 32)
TAG = b'"' + b"0" * 32 + b'"'


@pytest.fixture(scope="module")
def world() -> World:
    return generate(CONFIG)


@pytest.fixture(scope="module")
def ask(world: World) -> Iterator[Asker]:
    with running_server(world, in_thread=True) as server:
        yield Asker(server.url, int(server.modulus, 16))


def test_song_urls(world: World, ask: Asker) -> None:
    ids = world.music_labels.song_ids
    asked = f"[{','.join(ids)},1]"
    reply = ask.eapi("song/enhance/player/url/v1", ids=asked, level="standard", encodeType="flac")
    data = reply["data"]
    assert [entry["id"] for entry in data] == [*map(int, ids), 1]
    for row, entry in enumerate(data):
        if row < len(ids) and world.has_sound(row):
            assert (entry["code"], entry["type"], entry["expi"]) == (200, "wav", 1200)
            got = ask.fetch(entry["url"])
            assert got.body == world.sound(row)
            assert (len(got.body), hashlib.md5(got.body).hexdigest()) == (entry["size"], entry["md5"])
            assert got.headers["X-Invented"] == "zetdard-sandbox"
        else:
            assert (entry["code"], entry["url"], entry["size"]) == (404, None, 0)
    first = next(entry for entry in data if entry["url"])
    with wave.open(BytesIO(ask.fetch(first["url"]).body)) as sound:
        assert sound.getnframes() / sound.getframerate() == pytest.approx(2.0, abs=0.01)
    assert first["time"] == 2000


def test_addresses_cannot_be_made_up(world: World, ask: Asker) -> None:
    row = next(row for row in range(60) if world.has_sound(row))
    id_ = world.music_labels.song_ids[row]
    reply = ask.eapi("song/enhance/player/url/v1", ids=f"[{id_}]", level="standard", encodeType="flac")
    url = reply["data"][0]["url"]
    head, expiry, signature, name = url.rsplit("/", 3)
    assert ask.fetch(url).status == 200
    for other in (
        f"{head}/{int(expiry) + 1}/{signature}/{name}",
        f"{head}/{expiry}/{signature[::-1]}/{name}",
        f"{head}/{expiry}/{signature}/{id_}-preview.wav",
        f"{head}/{expiry}/{signature}/{name}/x",
        f"{head}/x",
    ):
        assert ask.fetch(other).status == 403


def test_addresses_expire(world: World) -> None:
    now = [1_000_000.0]
    made = Sounds(world, clock=lambda: now[0])
    row = next(row for row in range(60) if world.has_sound(row))
    id_ = world.music_labels.song_ids[row]
    whole, preview = made.address(row, preview=False), made.address(row, preview=True)
    now[0] += LIFETIME_S - 1
    assert (made.admits(whole), made.admits(preview)) == ((id_, False), (id_, True))
    now[0] += 2
    assert (made.admits(whole), made.admits(preview)) == (None, None)


def test_few_sounds_stay_in_memory(world: World) -> None:
    made = Sounds(world, kept=3)
    rows = [row for row in range(60) if world.has_sound(row)]
    stated = [made.stated(row, preview=False) for row in rows]
    assert len(made._files) == 3
    again = [made.file(row, preview=False) for row in rows]
    assert [(file.md5, len(file.data)) for file in again] == stated


@pytest.mark.parametrize(
    ("headers", "status", "body", "span"),
    [
        ({}, 200, FILE.data, None),
        ({b"range": b"bytes=0-9"}, 206, FILE.data[:10], b"bytes 0-9/100"),
        ({b"range": b"bytes=90-"}, 206, FILE.data[90:], b"bytes 90-99/100"),
        ({b"range": b"bytes=90-500"}, 206, FILE.data[90:], b"bytes 90-99/100"),
        ({b"range": b"bytes=-5"}, 206, FILE.data[95:], b"bytes 95-99/100"),
        ({b"range": b"bytes=-500"}, 206, FILE.data, b"bytes 0-99/100"),
        ({b"range": b"bytes=100-"}, 416, b"", b"bytes */100"),
        ({b"range": b"bytes=-0"}, 416, b"", b"bytes */100"),
        ({b"range": b"bytes=9-3"}, 200, FILE.data, None),
        ({b"range": b"bytes=-"}, 200, FILE.data, None),
        ({b"range": b"bytes=0-1,5-6"}, 200, FILE.data, None),
        ({b"range": b"lines=0-1"}, 200, FILE.data, None),
        ({b"range": b"bytes=0-9", b"if-range": TAG}, 206, FILE.data[:10], b"bytes 0-9/100"),
        ({b"range": b"bytes=0-9", b"if-range": b'"another"'}, 200, FILE.data, None),
        ({b"if-none-match": TAG}, 304, b"", None),
    ],
)
def test_parts_of_files(headers: dict[bytes, bytes], status: int, body: bytes, span: bytes | None) -> None:
    sent = deliver(FILE, headers)
    told = dict(sent.headers)
    assert (sent.status, sent.body, told.get(b"content-range")) == (status, body, span)
    assert told[b"etag"] == TAG
    assert told[b"accept-ranges"] == b"bytes"


def test_images(world: World, ask: Asker) -> None:
    labels, people = world.music_labels, world.people_labels
    for kind, id_ in (
        ("user", people.user_ids[3]),
        ("song", labels.song_ids[3]),
        ("playlist", people.playlist_ids[3]),
        ("artist", labels.artist_ids[3]),
    ):
        got = ask.fetch(f"/image/{kind}/{id_}.png")
        assert got.body == world.image(kind, 3)
        assert got.headers["Content-Type"] == "image/png"
        part = ask.fetch(f"/image/{kind}/{id_}.png", headers={"Range": "bytes=0-7"})
        assert (part.status, part.body) == (206, b"\x89PNG\r\n\x1a\n")
        tag = got.headers["ETag"]
        assert ask.fetch(f"/image/{kind}/{id_}.png", headers={"If-None-Match": tag}).status == 304
    head = ask.fetch(f"/image/song/{labels.song_ids[0]}.png", "HEAD")
    assert (head.status, head.body) == (200, b"")
    assert int(head.headers["Content-Length"]) == len(world.image("song", 0))
    for path in ("/image/user/1.png", "/image/cat/1.png", f"/image/song/{labels.song_ids[0]}", "/image/"):
        assert ask.fetch(path).status == 404
    detail = ask.weapi(f"v1/user/detail/{people.user_ids[0]}")["profile"]
    assert ask.fetch(detail["avatarUrl"]).status == 200
