"""Files that the sandbox serves: sounds under addresses that are signed and expire, and images.

Addresses of sounds: ``/sound/EXPIRY/SIGNATURE/SONG.wav`` and ``…/SONG-preview.wav``; the expiry is in milliseconds.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from zetdard.sandbox.world import World

LIFETIME_S = 1200
"""How long the address of a sound is good, as the service states it."""
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_PREVIEW = "-preview"


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file: its bytes, its type and the MD5 of its bytes."""

    data: bytes
    type: str
    md5: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What is sent of a file: HTTP status, headers, body."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


class Sounds:
    """The sounds of a world, synthesised when first asked for.

    Args:
        world: Whose.
        clock: Seconds since 1970.
        kept: How many sounds stay in memory.
    """

    def __init__(self, world: World, clock: Callable[[], float] = time.time, kept: int = 256) -> None:
        self._world, self._clock, self._kept = world, clock, kept
        self._files: OrderedDict[str, File] = OrderedDict()
        self._stated: dict[str, tuple[str, int]] = {}
        self._secret = hashlib.blake2b(f"sandbox sounds {world.config.seed}".encode()).digest()

    def name(self, row: int, *, preview: bool) -> str:
        """Return the name of a song's sound, or of its excerpt."""
        return self._world.music_labels.song_ids[row] + (_PREVIEW if preview else "")

    def stated(self, row: int, *, preview: bool) -> tuple[str, int]:
        """Return the MD5 and the size in bytes."""
        name = self.name(row, preview=preview)
        if name not in self._stated:
            file = self.file(row, preview=preview)
            self._stated[name] = file.md5, len(file.data)
        return self._stated[name]

    def file(self, row: int, *, preview: bool) -> File:
        """Return the sound of a song that has one."""
        name = self.name(row, preview=preview)
        file = self._files.pop(name, None)
        if file is None:
            data = self._world.preview(row) if preview else self._world.sound(row)
            file = File(data=data, type="audio/wav", md5=_md5(data))
            while len(self._files) >= self._kept:
                self._files.popitem(last=False)
        self._files[name] = file
        return file

    def address(self, row: int, *, preview: bool) -> str:
        """Return the path of a sound, good for ``LIFETIME_S``."""
        name = self.name(row, preview=preview)
        expiry = str(int((self._clock() + LIFETIME_S) * 1000))
        return f"/sound/{expiry}/{self._signature(expiry, name)}/{name}.wav"

    def admits(self, path: str) -> tuple[str, bool] | None:
        """Return the song id and whether it is an excerpt, if the address is ours and has not expired."""
        parts = path.removeprefix("/sound/").split("/")
        if len(parts) != 3 or not parts[2].endswith(".wav"):
            return None
        expiry, signature, name = parts[0], parts[1], parts[2].removesuffix(".wav")
        if not hmac.compare_digest(signature.encode(), self._signature(expiry, name).encode()):
            return None
        if int(expiry) < self._clock() * 1000:
            return None
        return name.removesuffix(_PREVIEW), name.endswith(_PREVIEW)

    def _signature(self, expiry: str, name: str) -> str:
        return hmac.new(self._secret, f"{expiry}/{name}".encode(), hashlib.sha256).hexdigest()[:32]


class Images:
    """The images of a world by kind and row, drawn when first asked for."""

    def __init__(self, world: World, kept: int = 4096) -> None:
        self._world, self._kept = world, kept
        self._files: OrderedDict[tuple[str, int], File] = OrderedDict()

    def file(self, kind: str, row: int) -> File:
        """Return an image; ``kind`` as in ``World.image``."""
        file = self._files.get((kind, row))
        if file is None:
            data = self._world.image(kind, row)
            file = self._files[kind, row] = File(data=data, type="image/png", md5=_md5(data))
            if len(self._files) > self._kept:
                self._files.popitem(last=False)
        return file


def deliver(file: File, headers: Mapping[bytes, bytes]) -> Sent:
    """Return what a request is sent of a file: all, the part it asks for, or nothing (RFC 9110, 13 and 14).

    Args:
        file: The file.
        headers: Of the request, names in lower case.
    """
    size, tag = len(file.data), f'"{file.md5}"'.encode()
    common = [(b"etag", tag), (b"accept-ranges", b"bytes"), (b"content-type", file.type.encode())]
    if headers.get(b"if-none-match", b"").strip() in (tag, b"*"):
        return Sent(status=304, headers=common, body=b"")
    wanted = headers.get(b"range")
    if wanted is not None and headers.get(b"if-range", tag) == tag:
        span = _span(wanted.decode("latin-1"), size)
        if span == (0, 0):
            return Sent(
                status=416, headers=[*common, (b"content-range", f"bytes */{size}".encode())], body=b""
            )
        if span is not None:
            first, after = span
            place = (b"content-range", f"bytes {first}-{after - 1}/{size}".encode())
            return Sent(status=206, headers=[*common, place], body=file.data[first:after])
    return Sent(status=200, headers=common, body=file.data)


def _span(wanted: str, size: int) -> tuple[int, int] | None:
    """Return first byte and the one after the last; (0, 0) = cannot be met; ``None`` = not understood: send all."""
    found = _RANGE.fullmatch(wanted.replace(" ", ""))
    if found is None or wanted.endswith("=-"):
        return None
    first, last = found.groups()
    if not first:
        length = min(int(last), size)
        return (size - length, size) if length else (0, 0)
    if last and int(last) < int(first):
        return None
    if int(first) >= size:
        return 0, 0
    return int(first), min(int(last) + 1, size) if last else size


def _md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()
