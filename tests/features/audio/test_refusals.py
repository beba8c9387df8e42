"""Bad files: each is refused with its reason, or is not bad after all."""

from __future__ import annotations

import os
import pickle
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from features.audio.signals import FORMATS, noise, sine, write, write_m4a
from zetdard.features.audio.decoding import probe, read
from zetdard.features.audio.descriptors import describe
from zetdard.features.audio.refusal import REASONS, AudioError

HALF_IS_LESS = {"wav": "truncated", "mp3": "truncated", "flac": "damaged"}


def _missing(path: Path) -> None:
    assert not path.exists()


def _unreadable(path: Path) -> None:
    write(path, sine(440, 1), 22_050)
    path.chmod(0)


def _nan(path: Path) -> None:
    sound = sine(440, 2)
    sound[30_000] = np.nan
    write(path, sound, 22_050, subtype="FLOAT")


def _infinite(path: Path) -> None:
    sound = sine(440, 2)
    sound[30_000] = -np.inf
    write(path, sound, 22_050, subtype="FLOAT")


def _beyond(path: Path) -> None:
    write(path, sine(440, 2, amplitude=1e6), 22_050, subtype="FLOAT")


def _damaged_m4a(path: Path) -> None:
    data = write_m4a(path, sine(440, 1, 44_100), 44_100).read_bytes()
    path.write_bytes(data[: len(data) // 2])  # what says where the sound lies stands at the end


def _headless(path: Path) -> None:
    path.write_bytes(write(path, sine(440, 1), 22_050, "ogg").read_bytes()[:40])


BAD: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (_missing, "missing"),
    "folder": (lambda path: path.mkdir(), "not-a-file"),
    "named pipe": (lambda path: os.mkfifo(path), "not-a-file"),
    "empty": (lambda path: path.write_bytes(b""), "empty"),
    "text": (lambda path: path.write_text("la la la\n" * 1000), "not-audio"),
    "zeros": (lambda path: path.write_bytes(bytes(50_000)), "not-audio"),
    "picture": (lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(1000)), "not-audio"),
    "only a tag": (lambda path: path.write_bytes(b"ID3\x04\x00\x00\x00\x00\x00\x10" + bytes(16)), "damaged"),
    "a header without music": (_headless, "damaged"),
    "no samples": (lambda path: write(path, sine(440, 0), 22_050), "no-samples"),
    "one sample": (lambda path: write(path, np.ones(1, np.float32), 44_100), "too-short"),
    "half a second": (lambda path: write(path, sine(440, 0.5), 22_050), "too-short"),
    "not a number": (_nan, "not-finite"),
    "infinite": (_infinite, "not-finite"),
    "beyond full scale": (_beyond, "out-of-range"),
    "100 channels": (
        lambda path: write(path, np.zeros((9_000, 100), np.float32), 8_000),
        "too-many-channels",
    ),
    "1 kHz": (lambda path: write(path, sine(100, 2, 1_000), 1_000), "strange-rate"),
    "damaged m4a": (_damaged_m4a, "damaged"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_with_its_reason(name: str, tmp_path: Path) -> None:
    make, reason = BAD[name]
    path = tmp_path / "song.mp3"
    make(path)
    with pytest.raises(AudioError) as caught:
        describe(path)
    assert caught.value.reason == reason
    assert str(caught.value).startswith(f"{reason}: ")


def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "song.wav"
    _unreadable(path)
    if os.geteuid() == 0:  # root may read everything

        def refused(*_: object, **__: object) -> object:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(AudioError) as caught:
        probe(path)
    assert caught.value.reason == "unreadable"


def test_a_link_to_itself_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "song.wav"
    path.symlink_to(path)
    with pytest.raises(AudioError) as caught:
        probe(path)
    assert caught.value.reason == "unreadable"


@pytest.mark.parametrize("kind", HALF_IS_LESS)
def test_a_file_that_announces_more_than_it_holds_is_refused(kind: str, tmp_path: Path) -> None:
    path = write(tmp_path / f"song.{kind}", noise(10, 44_100), 44_100, kind)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(AudioError) as caught:
        read(path, 22_050)
    assert caught.value.reason == HALF_IS_LESS[kind]


def test_a_wave_written_without_a_length_is_not_truncated(tmp_path: Path) -> None:
    """Programs that write to a pipe cannot go back to the header."""
    path = write(tmp_path / "a.wav", sine(440, 2), 22_050)
    data = bytearray(path.read_bytes())
    at = data.index(b"data") + 4
    data[at : at + 4] = data[4:8] = b"\xff" * 4
    path.write_bytes(data)
    assert len(read(path, 22_050)) == 2 * 22_050


@pytest.mark.parametrize("kind", FORMATS)
def test_damage_gives_a_refusal_or_sound_and_nothing_else(kind: str, tmp_path: Path) -> None:
    """Sixty files with bytes changed or cut off: whatever comes of them is an answer."""
    rate = FORMATS[kind][2]
    good = write(tmp_path / f"good.{kind}", noise(2, rate), rate, kind).read_bytes()
    chance = random.Random(kind)
    answers = set()
    for number in range(60):
        data = bytearray(good)
        for _ in range(chance.choice((1, 20, 400))):
            data[int(len(data) * chance.random() ** 3)] = chance.randrange(
                256
            )  # more often near the beginning
        path = tmp_path / f"bad{number}.{kind}"
        path.write_bytes(data[: chance.choice((len(data), chance.randrange(len(data))))])
        try:
            sound = read(path, 22_050, most_seconds=20)
        except AudioError as error:
            answers.add(error.reason)
        else:
            assert np.isfinite(sound).all()
            answers.add("sound")
    assert len(answers) > 1
    assert answers <= {"sound", *REASONS}


@pytest.mark.parametrize("channels", [1, 2, 3, 6, 8, 64])
def test_many_channels_are_not_refused(channels: int, tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", np.repeat(sine(440, 1)[:, None], channels, axis=1), 22_050)
    assert describe(path)["stereo width"] == pytest.approx(0, abs=1e-9)


def test_a_refusal_travels_between_processes() -> None:
    again = pickle.loads(pickle.dumps(AudioError("truncated", "3.0 s are missing")))
    assert (again.reason, again.detail, str(again)) == (
        "truncated",
        "3.0 s are missing",
        "truncated: 3.0 s are missing",
    )


def test_a_reason_that_nobody_counts_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        AudioError("bad-mood")
