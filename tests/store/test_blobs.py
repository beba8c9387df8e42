"""Files under their content hash: resumed, checked, and never half there."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from zetdard.errors import InputError, StoreError, UnavailableError, UnreadableReplyError
from zetdard.store.blobs import Blobs

CONTENT = bytes(range(256)) * 1_000
SHA = hashlib.sha256(CONTENT).hexdigest()
MD5 = hashlib.md5(CONTENT).hexdigest()


def stream(
    content: bytes, *, breaks_at: int | None = None, asked: list[int] | None = None, step: int = 1_000
) -> Callable[[int], Iterator[bytes]]:
    """Return a stream of ``content`` that breaks after so many bytes of the whole."""

    def pieces(offset: int) -> Iterator[bytes]:
        if asked is not None:
            asked.append(offset)
        for start in range(offset, len(content), step):
            if breaks_at is not None and start >= breaks_at:
                raise UnavailableError("the connection broke")
            yield content[start : start + step]

    return pieces


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs(tmp_path / "a" / "blobs")


def files(blobs: Blobs) -> dict[str, bytes]:
    """Everything in the folder but its id."""
    return {
        str(path.relative_to(blobs.folder)): path.read_bytes()
        for path in blobs.folder.rglob("*")
        if path.is_file() and path.name != "place"
    }


def test_a_file_lies_under_its_hash(blobs: Blobs) -> None:
    assert not blobs.has(SHA)
    kept = blobs.keep("part", stream(CONTENT), size=len(CONTENT), md5=MD5.upper())
    assert (kept.sha256, kept.size, kept.head, kept.place) == (SHA, len(CONTENT), CONTENT[:64], blobs.place)
    assert blobs.path(SHA) == blobs.folder / SHA[:2] / SHA[2:]
    assert blobs.has(SHA)
    assert files(blobs) == {f"{SHA[:2]}/{SHA[2:]}": CONTENT}
    assert blobs.keep("other", stream(CONTENT)) == kept
    assert files(blobs) == {f"{SHA[:2]}/{SHA[2:]}": CONTENT}


def test_what_arrived_is_kept_and_the_next_try_goes_on(blobs: Blobs) -> None:
    asked: list[int] = []
    for breaks_at in (10_000, 10_000, 200_000):
        with pytest.raises(UnavailableError, match="broke"):
            blobs.keep("part", stream(CONTENT, breaks_at=breaks_at, asked=asked), size=len(CONTENT), md5=MD5)
        assert not blobs.has(SHA)
    blobs.keep("other", stream(b"other", asked=asked))
    again = Blobs(blobs.folder)
    assert again.keep("part", stream(CONTENT, asked=asked), size=len(CONTENT), md5=MD5).sha256 == SHA
    assert asked == [0, 10_000, 10_000, 0, 200_000]


def test_a_stream_that_ends_early_goes_on_later(blobs: Blobs) -> None:
    with pytest.raises(UnavailableError, match="only 1000 of 256000 bytes"):
        blobs.keep("part", stream(CONTENT[:1_000]), size=len(CONTENT))
    asked: list[int] = []
    assert blobs.keep("part", stream(CONTENT, asked=asked), size=len(CONTENT)).sha256 == SHA
    assert asked == [1_000]


def test_what_is_complete_already_is_not_asked_for(blobs: Blobs) -> None:
    with pytest.raises(ZeroDivisionError):
        blobs.keep("part", failing_at_the_end, size=len(CONTENT), md5=MD5)
    asked: list[int] = []
    assert blobs.keep("part", stream(b"", asked=asked), size=len(CONTENT), md5=MD5).sha256 == SHA
    assert asked == []


def failing_at_the_end(offset: int) -> Iterator[bytes]:
    yield CONTENT[offset:]
    raise ZeroDivisionError


def test_another_hash_drops_what_was_received(blobs: Blobs) -> None:
    with pytest.raises(UnavailableError, match="MD5"):
        blobs.keep("part", stream(CONTENT[::-1]), size=len(CONTENT), md5=MD5)
    asked: list[int] = []
    blobs.keep("part", stream(CONTENT, asked=asked), size=len(CONTENT), md5=MD5)
    assert asked == [0]
    assert list(files(blobs).values()) == [CONTENT]


@pytest.mark.parametrize("limit", ["size", "most"])
def test_what_is_too_long_is_given_up_while_it_comes(blobs: Blobs, limit: str) -> None:
    came: list[bytes] = []

    def endless(offset: int) -> Iterator[bytes]:
        while True:
            came.append(b"x" * 100)
            yield came[-1]

    error = UnavailableError if limit == "size" else UnreadableReplyError
    with pytest.raises(error, match="longer than"):
        blobs.keep("part", endless, **{limit: 1_000})
    assert len(came) == 11
    assert set(files(blobs).values()) == {b""}


def test_exactly_as_long_as_allowed(blobs: Blobs) -> None:
    kept = blobs.keep("part", stream(CONTENT), size=len(CONTENT), most=len(CONTENT))
    assert kept.size == len(CONTENT)


def test_an_older_part_that_is_longer_than_stated_is_not_used(blobs: Blobs) -> None:
    with pytest.raises(UnavailableError):
        blobs.keep("part", stream(b"y" * 5_000, breaks_at=5_000), size=6_000)
    asked: list[int] = []
    assert blobs.keep("part", stream(b"short", asked=asked), size=5).size == 5
    assert asked == [0]


def test_nothing_at_all_is_no_file(blobs: Blobs) -> None:
    with pytest.raises(UnavailableError, match="empty"):
        blobs.keep("part", stream(b""))
    assert blobs.keep("part", stream(b""), size=0).size == 0


@pytest.mark.parametrize("part", ["../../x", "/etc/passwd", "a" * 5_000, "晴\0\ud800", ""])
def test_a_part_may_have_any_name(blobs: Blobs, part: str) -> None:
    with pytest.raises(UnavailableError):
        blobs.keep(part, stream(CONTENT, breaks_at=1_000))
    assert [Path(name).parent.name for name in files(blobs)] == ["parts"]


@pytest.mark.parametrize("sha256", ["", "../x", SHA.upper(), SHA[1:], SHA + "\n"])
def test_what_is_no_hash(blobs: Blobs, sha256: str) -> None:
    with pytest.raises(InputError):
        blobs.has(sha256)


def test_the_folder_keeps_its_id(blobs: Blobs, tmp_path: Path) -> None:
    assert not blobs.is_used()
    assert blobs.place == blobs.place == Blobs(blobs.folder).place
    assert blobs.is_used()
    assert Blobs(tmp_path / "b").place != blobs.place


def test_parts_that_nobody_goes_on_with_are_removed_after_a_month(blobs: Blobs) -> None:
    for name in ("old", "new"):
        with pytest.raises(UnavailableError):
            blobs.keep(name, stream(name.encode() * 9, breaks_at=9, step=9))
    for path in (blobs.folder / "parts").iterdir():
        if path.read_bytes().startswith(b"old"):
            os.utime(path, (path.stat().st_mtime - 31 * 24 * 3600,) * 2)
    assert Blobs(blobs.folder).place == blobs.place
    assert list(files(blobs).values()) == [b"newnewnew"]


def test_many_who_come_at_once_see_one_id(tmp_path: Path) -> None:
    found: list[str] = []
    start = threading.Barrier(8)

    def ask() -> None:
        start.wait()
        found.append(Blobs(tmp_path / "new").place)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["place"]


def test_two_who_receive_the_same_part_do_not_mix_it(blobs: Blobs) -> None:
    """The second one comes while the first is half-way, and finishes first."""

    def interrupted(offset: int) -> Iterator[bytes]:
        yield CONTENT[:100_000]
        assert Blobs(blobs.folder).keep("part", stream(CONTENT), size=len(CONTENT), md5=MD5).sha256 == SHA
        with pytest.raises(UnavailableError):
            blobs.keep("part", stream(CONTENT, breaks_at=5_000), size=len(CONTENT))
        yield CONTENT[100_000:]

    assert blobs.keep("part", interrupted, size=len(CONTENT), md5=MD5).sha256 == SHA
    assert files(blobs) == {f"{SHA[:2]}/{SHA[2:]}": CONTENT}


def test_many_at_once(blobs: Blobs) -> None:
    errors: list[BaseException] = []

    def receive() -> None:
        try:
            for _ in range(10):
                assert blobs.keep("part", stream(CONTENT, step=50_000), md5=MD5).sha256 == SHA
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=receive) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert files(blobs) == {f"{SHA[:2]}/{SHA[2:]}": CONTENT}


KILLED = """
import sys, time
from pathlib import Path
from zetdard.store.blobs import Blobs

def stream(offset):
    yield b"x" * 70_000
    print("half-way", flush=True)
    time.sleep(60)

Blobs(Path(sys.argv[1])).keep("part", stream)
"""


def test_a_process_that_is_killed_leaves_its_part_and_no_lock(blobs: Blobs) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(blobs.folder)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "half-way\n"
    finally:
        process.kill()
        process.communicate()
    asked: list[int] = []
    assert blobs.keep("part", stream(b"x" * 80_000, asked=asked), size=80_000).size == 80_000
    assert asked == [70_000]


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(StoreError):
        Blobs(tmp_path / "file" / "blobs").keep("part", stream(CONTENT))


def test_a_disk_without_links_has_a_place_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(source: Path, target: Path) -> None:
        raise PermissionError(f"no links here: {source} {target}")

    monkeypatch.setattr(os, "link", refuse)
    place = Blobs(tmp_path / "blobs").place
    assert place
    assert Blobs(tmp_path / "blobs").place == place
