"""Clips in a folder: what was written is read, by label, and what is something else is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from zetdard.data.vocabulary import Vocabulary
from zetdard.errors import FormatError, InputError
from zetdard.evaluation.taste.clipfiles import read_clips, write_clips

SAMPLES = np.random.default_rng(0).integers(-32_768, 32_768, size=(3, 2, 2, 50)).astype(np.int16)


def written(folder: Path) -> Path:
    write_clips(folder, zip(("甲", "b", "c"), SAMPLES, strict=True), 8_000)
    return folder


def test_songs_find_their_clips_by_label(tmp_path: Path) -> None:
    clips = read_clips(written(tmp_path / "new"), Vocabulary(("c", "unknown", "甲"), kind="song"))
    assert (clips.rate, clips.count, clips.frames) == (8_000, 2, 50)
    assert clips.present.tolist() == [0, 2]
    np.testing.assert_array_equal(clips.of(0), SAMPLES[2])
    np.testing.assert_array_equal(clips.of(2), SAMPLES[0])
    with pytest.raises(InputError):
        clips.of(1)


@pytest.mark.parametrize("shape", [(2, 50), (2, 1, 50)])
def test_other_shapes_are_refused(tmp_path: Path, shape: tuple[int, ...]) -> None:
    with pytest.raises(InputError):
        write_clips(tmp_path, [("a", np.zeros(shape, np.int16))], 8_000)
    with pytest.raises(InputError):
        write_clips(tmp_path, [], 8_000)
    with pytest.raises(InputError):
        write_clips(tmp_path, [("a", SAMPLES[0]), ("b", SAMPLES[0, :1])], 8_000)


@pytest.mark.parametrize("damage", ["none", "json", "labels", "samples"])
def test_what_is_something_else_is_refused(tmp_path: Path, damage: str) -> None:
    songs = Vocabulary(("b",), kind="song")
    if damage != "none":
        written(tmp_path)
    if damage == "json":
        (tmp_path / "clips.json").write_text("[]")
    if damage == "labels":
        (tmp_path / "clips.json").write_text('{"rate": 8000, "songs": ["b"]}')
    if damage == "samples":
        np.save(tmp_path / "clips.npy", SAMPLES.astype(np.float32))
    with pytest.raises(FormatError, match="no folder of clips"):
        read_clips(tmp_path, songs)
