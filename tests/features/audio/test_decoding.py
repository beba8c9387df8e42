"""Decoding: every format, rate and number of channels comes out as the sound that went in, block by block."""

from __future__ import annotations

import builtins
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import soxr

from features.audio.signals import FORMATS, noise, sine, write, write_m4a
from zetdard.errors import InputError, MissingExtraError
from zetdard.features.audio.decoding import Target, fan_out, probe, read, stream


def test_channels_are_mixed_by_the_stated_rule(tmp_path: Path) -> None:
    left, right, further = sine(300, 1), sine(500, 1), sine(700, 1)
    stereo = write(tmp_path / "2.wav", np.column_stack((left, right)), 22_050, subtype="FLOAT")
    np.testing.assert_array_equal(read(stereo, 22_050, 2), np.column_stack((left, right)))
    np.testing.assert_allclose(read(stereo, 22_050, 1), (left + right) / 2, atol=1e-7)
    mono = write(tmp_path / "1.wav", left, 22_050, subtype="FLOAT")
    np.testing.assert_array_equal(read(mono, 22_050, 2), np.column_stack((left, left)))
    np.testing.assert_array_equal(read(mono, 22_050, 1), left)
    four = write(
        tmp_path / "4.wav", np.column_stack((left, right, further, further)), 22_050, subtype="FLOAT"
    )
    # Weights 1, ½, ½, divided by their sum 2.
    np.testing.assert_allclose(read(four, 22_050, 2)[:, 0], left / 2 + further / 2, atol=1e-6)
    np.testing.assert_allclose(read(four, 22_050, 2)[:, 1], right / 2 + further / 2, atol=1e-6)
    np.testing.assert_allclose(read(four, 22_050, 1), (left + right + 2 * further) / 4, atol=1e-6)


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_gives_the_tone_that_was_written(kind: str, tmp_path: Path) -> None:
    rate = FORMATS[kind][2]
    path = write(tmp_path / f"tone.{kind}", sine(440, 3, rate), rate, kind)
    info = probe(path)
    assert (info.rate, info.channels, info.format.split()[0]) == (rate, 1, FORMATS[kind][0])
    assert info.seconds == pytest.approx(3, abs=0.001)
    _assert_tone(read(path, 16_000), 16_000, 440, 3)


def test_m4a_gives_the_tone_that_was_written(tmp_path: Path) -> None:
    path = write_m4a(tmp_path / "tone.m4a", sine(440, 3, 44_100), 44_100)
    info = probe(path)
    assert (info.rate, info.channels, info.frames, info.format) == (44_100, 1, None, "MP4 AAC")
    assert info.seconds == pytest.approx(3, abs=0.1)
    _assert_tone(read(path, 16_000), 16_000, 440, 3)


def test_m4a_without_its_part_names_the_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_m4a(tmp_path / "tone.m4a", sine(440, 1, 44_100), 44_100)
    _without(monkeypatch, "av")
    with pytest.raises(MissingExtraError, match=r"zetdard\[m4a\]") as caught:
        read(path, 16_000)
    assert caught.value.extra == "m4a"


@pytest.mark.parametrize("library", ["soundfile", "soxr"])
def test_without_decoders_the_message_names_the_part(
    library: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "tone.wav", sine(440, 1), 22_050)
    _without(monkeypatch, library)
    with pytest.raises(MissingExtraError, match=r"zetdard\[audio\]"):
        read(path, 16_000)


@pytest.mark.parametrize(("kind", "name"), [("mp3", "song.wav"), ("ogg", "song.mp3"), ("wav", "song")])
def test_the_content_decides_not_the_name(kind: str, name: str, tmp_path: Path) -> None:
    path = write(tmp_path / name, sine(440, 1, 44_100), 44_100, kind)
    _assert_tone(read(path, 16_000), 16_000, 440, 1)


@pytest.mark.parametrize("name", [b"\xff\xfe\xc3.wav", "夜曲.wav".encode()])
def test_any_name_can_be_read(name: bytes, tmp_path: Path) -> None:
    path = tmp_path / name.decode("utf-8", "surrogateescape")
    write(tmp_path / "a.wav", sine(440, 1), 22_050).rename(path)
    _assert_tone(read(path, 22_050), 22_050, 440, 1)


@pytest.mark.parametrize("rate", [8_000, 11_025, 48_000, 96_000, 192_000])
def test_rates_from_8_to_192_khz(rate: int, tmp_path: Path) -> None:
    path = write(tmp_path / "tone.wav", sine(440, 1, rate), rate)
    _assert_tone(read(path, 22_050), 22_050, 440, 1)


@pytest.mark.parametrize("block_seconds", [0.05, 0.7, 100])
def test_the_blocks_joined_are_the_whole(block_seconds: float, tmp_path: Path) -> None:
    sound = noise(4, 44_100)
    path = write(tmp_path / "noise.wav", sound, 44_100, subtype="FLOAT")
    blocks = list(stream(path, 22_050, block_seconds=block_seconds))
    np.testing.assert_allclose(np.concatenate(blocks), soxr.resample(sound, 44_100, 22_050), atol=1e-6)
    assert max(map(len, blocks)) <= min(block_seconds, 4) * 22_050 + 2_000  # what the filter had held back


@pytest.mark.parametrize("kind", FORMATS)
def test_a_stretch_is_that_part_of_the_whole(kind: str, tmp_path: Path) -> None:
    rate = FORMATS[kind][2]
    path = write(tmp_path / f"noise.{kind}", noise(6, rate), rate, kind)
    whole = read(path, rate)
    part = np.concatenate(list(stream(path, rate, start=2.5, seconds=1.5)))
    assert len(part) == round(1.5 * rate)
    start = round(2.5 * rate)
    # A lossy decoder that starts in the middle needs some frames to become exact.
    np.testing.assert_allclose(part[rate // 4 :], whole[start : start + len(part)][rate // 4 :], atol=2e-3)


def test_a_stretch_of_m4a_is_that_part_of_the_whole(tmp_path: Path) -> None:
    path = write_m4a(tmp_path / "noise.m4a", noise(4, 44_100), 44_100)
    part = np.concatenate(list(stream(path, 44_100, start=1.5, seconds=1)))
    np.testing.assert_array_equal(part, read(path, 44_100)[round(1.5 * 44_100) :][:44_100])


def test_reading_stops_at_the_limit(tmp_path: Path) -> None:
    path = write(tmp_path / "noise.wav", noise(5, 44_100), 44_100)
    assert len(read(path, 22_050, most_seconds=2)) == 2 * 22_050


def test_one_decoding_serves_several_listeners(tmp_path: Path) -> None:
    path = write(tmp_path / "noise.wav", np.column_stack((noise(3, 44_100), noise(3, 44_100, 1))), 44_100)
    blocks = list(fan_out(path, [Target(22_050, 2), Target(16_000, 1)]))
    for number, target in enumerate([(22_050, 2), (16_000, 1)]):
        together = np.concatenate([block[number] for block in blocks])
        np.testing.assert_array_equal(together, read(path, *target))


@pytest.mark.parametrize("quiet", [(0, 2), (2, 7)])
def test_an_mp3_without_a_stated_length_is_read_to_its_end(quiet: tuple[int, int], tmp_path: Path) -> None:
    """libsndfile guesses the length from the first bitrate: too long after silence, else too short, and stops there."""
    sound = noise(8, 44_100, amplitude=0.2)
    sound[quiet[0] * 44_100 : quiet[1] * 44_100] = 0
    with soundfile.SoundFile(
        tmp_path / "v.mp3", "w", 44_100, 1, format="MP3", bitrate_mode="VARIABLE", compression_level=0.3
    ) as file:
        file.write(sound)
    data = (tmp_path / "v.mp3").read_bytes()
    second_frame = data.index(data[:2], 150)  # the first holds the length
    path = tmp_path / "w.mp3"
    path.write_bytes(data[second_frame:])
    assert abs(soundfile.info(path).duration - 8) > 1
    assert probe(path).frames is None
    decoded = read(path, 44_100)
    assert len(decoded) / 44_100 == pytest.approx(8, abs=0.1)
    assert np.std(decoded[-22_050:]) == pytest.approx(0.2, rel=0.1)
    part = np.concatenate(list(stream(path, 44_100, start=6, seconds=1)))
    np.testing.assert_array_equal(part, decoded[6 * 44_100 : 7 * 44_100])
    next(stream(path, 44_100))  # a reader who leaves early leaves no thread behind (pytest would warn)


def test_a_tag_of_any_size_stands_before_the_sound(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp3", sine(440, 2, 44_100), 44_100, "mp3")
    tag = b"ID3\x04\x00\x00" + bytes([0, 18, 0, 0]) + bytes(18 << 14)
    (tmp_path / "b.mp3").write_bytes(tag + path.read_bytes())
    np.testing.assert_array_equal(read(tmp_path / "b.mp3", 16_000), read(path, 16_000))


def test_memory_does_not_grow_with_length(tmp_path: Path) -> None:
    def peak(seconds: int) -> int:
        path = write(tmp_path / f"{seconds}.flac", np.zeros(seconds * 8_000, np.float32), 8_000, "flac")
        tracemalloc.start()
        try:
            assert sum(map(len, stream(path, 8_000))) == seconds * 8_000
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(10)  # what is loaded once
    assert peak(2_000) < 1.5 * peak(20)


@pytest.mark.parametrize("wrong", [{"block_seconds": 0}, {"start": -1}, {"seconds": 0}])
def test_impossible_stretches_are_refused(wrong: dict[str, Any], tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", sine(440, 1), 22_050)
    with pytest.raises(InputError):
        next(stream(path, 22_050, **wrong))


def _assert_tone(sound: np.ndarray, rate: int, frequency: float, seconds: float) -> None:
    assert sound.dtype == np.float32
    assert len(sound) / rate == pytest.approx(seconds, abs=0.1)
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    assert np.argmax(spectrum) * rate / len(sound) == pytest.approx(frequency, abs=1.5)
    assert np.sqrt(np.mean(sound[rate // 4 : rate // 2] ** 2)) == pytest.approx(0.5 / np.sqrt(2), rel=0.05)


def _without(monkeypatch: pytest.MonkeyPatch, library: str) -> None:
    real = builtins.__import__

    def refusing(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == library:
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", refusing)
