"""The sound of songs, and images."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from zetdard.errors import (
    GoneError,
    NoRightsError,
    PreviewOnlyError,
    RejectedRequestError,
    UnavailableError,
    UnreadableReplyError,
)
from zetdard.records import AudioFile, Picture, SongId
from zetdard.sources.crawling import Keeper
from zetdard.sources.netease.client import NetEase
from zetdard.sources.netease.fields import address, optional_text
from zetdard.sources.netease.reading import SongUrl
from zetdard.tasks import Task

if TYPE_CHECKING:
    from zetdard.sources.netease.transport import Transport

MOST_PICTURE_BYTES = 5 * 1024 * 1024
MOST_SOUND_BYTES = 1024 * 1024 * 1024
"""An hour of high resolution. More is damage."""


def fetch_sound(
    netease: NetEase, transport: Transport, song: str, keeper: Keeper, *, level: str, previews: bool
) -> AudioFile:
    """Receive the sound of a song.

    An address is good for some minutes only. When it runs out on the way, a new one is asked for once, and the rest
    is received from there.

    Raises:
        NoRightsError: The service may not play it to us.
        PreviewOnlyError: There is only an excerpt, and ``previews`` is not set.
    """
    stated = _playable(netease.song_url(song, level=level), previews)

    def stream(offset: int) -> Iterator[bytes]:
        nonlocal stated
        if stated.size is not None and offset >= stated.size:
            return  # all of it was received when we were interrupted
        try:
            for piece in transport.stream(str(stated.url), offset):
                offset += len(piece)
                yield piece
        except GoneError:
            fresh = _playable(netease.song_url(song, level=level), previews)
            if (fresh.md5, fresh.size) != (stated.md5, stated.size):
                raise UnavailableError(f"the sound of song {song} changed while it was received") from None
            stated = fresh
            yield from transport.stream(str(stated.url), offset)

    part = stated.md5 or f"song-{song}-{stated.size or 'unknown'}-{level if level.isalnum() else 'other'}"
    kept = keeper.keep(part, stream, size=stated.size, md5=stated.md5, most=MOST_SOUND_BYTES)
    form = _sound_format(kept.head) or stated.format
    if form is None:
        raise UnreadableReplyError(
            f"the sound of song {song} has no format that we know", path="$.data[0].type"
        )
    return AudioFile(
        song=SongId(song),
        sha256=kept.sha256,
        md5=stated.md5,
        size=kept.size,
        format=form,
        level=stated.level or level,
        preview=stated.preview,
        place=kept.place,
    )


def _playable(found: SongUrl, previews: bool) -> SongUrl:
    """Return what was found, or say why it is not for us."""
    if found.url is None or found.code not in (200, None):
        raise NoRightsError(f"the service does not play song {found.song} to us", code=found.code)
    if found.preview and not previews:
        raise PreviewOnlyError(f"the service gives only an excerpt of song {found.song}")
    return found


def fetch_picture(transport: Transport, task: Task, keeper: Keeper) -> Picture:
    """Receive an image of at most ``MOST_PICTURE_BYTES``.

    Raises:
        UnreadableReplyError: It is longer, or not an image.
    """
    url, kind, of = (
        address(task.payload, "url"),
        optional_text(task.payload, "kind"),
        optional_text(task.payload, "of"),
    )
    if url is None or kind is None or of is None:
        raise RejectedRequestError(f"visit {task.id} does not say which image it means")
    part = "picture-" + hashlib.sha256(url.encode()).hexdigest()[:32]

    def stream(offset: int) -> Iterator[bytes]:
        # From its beginning: nobody states an image's size, and beyond its end there is no range to ask for.
        for piece in transport.stream(url):
            if offset < len(piece):
                yield piece[offset:]
            offset = max(0, offset - len(piece))

    kept = keeper.keep(part, stream, most=MOST_PICTURE_BYTES)
    media_type = _image_type(kept.head)
    if media_type is None:
        raise UnreadableReplyError(f"what {url} leads to is not an image")
    return Picture(
        of=of, kind=kind, sha256=kept.sha256, size=kept.size, media_type=media_type, place=kept.place
    )


def _image_type(head: bytes) -> str | None:
    """Return what the first bytes of an image say that it is."""
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    return None


def _sound_format(head: bytes) -> str | None:
    """Return what the first bytes of a sound file say that it is."""
    if head.startswith(b"fLaC"):
        return "flac"
    if head.startswith(b"RIFF") and head[8:12] == b"WAVE":
        return "wav"
    if head.startswith(b"OggS"):
        return "ogg"
    if head[4:8] == b"ftyp":
        return "m4a"
    if head.startswith(b"ID3") or (head[:1] == b"\xff" and len(head) > 1 and head[1] & 0xE6 == 0xE2):
        return "mp3"
    return None
