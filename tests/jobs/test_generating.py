"""Generating: what is kept and used again, who has too few songs, what is written."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from zetdard.data.clips import Clips
from zetdard.data.types import Rows
from zetdard.data.vocabulary import Vocabulary
from zetdard.errors import InputError, NoDataError
from zetdard.jobs.generating import LEAST_SONGS, Generated, generate, write_wav
from zetdard.models.base import Workshop
from zetdard.models.deep.gan_copies import FRAMES
from zetdard.models.deep.gan_music import Composer, Composition, DcganConfig

SMALL = DcganConfig(code=4, width=1, frames=16, batch=2, common_steps=25, own_steps=25)


def clips_of(n_songs: int = 10, without: tuple[int, ...] = (9,), loudness: float = 1.0) -> Clips:
    """Songs of a tone and noise each, two clips of 1.3 s at 16 kHz."""
    vocabulary = Vocabulary((f"song {row}" for row in range(n_songs)), kind="song")
    time = np.arange(20_800) / 16_000

    def open_(row: int) -> np.ndarray:
        random = np.random.default_rng(row)
        tone = np.sin(2 * np.pi * 200 * (1 + row) * time) + random.normal(size=(2, 2, len(time)))
        return np.rint(3000 * loudness * tone).astype(np.int16)

    present = np.setdiff1d(np.arange(n_songs), without).astype(np.int32)
    return Clips(vocabulary, 16_000, 2, len(time), present, open_)


class Watched(Composer):
    """Says what it learned."""

    trainings: list[str]

    def __init__(self) -> None:
        super().__init__(SMALL)

    def learn(self, *arguments: object, **more: object) -> None:
        self.trainings.append("common")
        super().learn(*arguments, **more)  # type: ignore[arg-type]  # passed on as they are

    def learn_more(self, *arguments: object, **more: object) -> None:
        self.trainings.append("own")
        super().learn_more(*arguments, **more)  # type: ignore[arg-type]  # passed on as they are


@pytest.fixture(autouse=True)
def trainings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    done: list[str] = []
    monkeypatch.setattr(Watched, "trainings", done, raising=False)
    return done


def run(
    folder: Path | None, liked: Rows, clips: Clips | None = None, seed: int = 0, **more: float
) -> Generated:
    workshop = Workshop(folder, budget_s=more.get("budget_s"))
    return generate(Watched, clips or clips_of(), liked, workshop, seconds=1.5, seed=seed)


LIKED = np.array([0, 1, 2, 3, 4, 9], np.int32)
OTHER = np.array([3, 4, 5, 6, 7], np.int32)


def test_what_was_learned_is_used_again(tmp_path: Path, trainings: list[str]) -> None:
    first = run(tmp_path, LIKED)
    assert (len(first.sound), first.liked, first.songs) == (24_000, 5, 9)
    assert first.nearest_song in LIKED
    again = run(tmp_path, LIKED)
    assert np.array_equal(first.sound, again.sound)
    assert trainings == ["common", "own"]
    assert not np.array_equal(run(tmp_path, LIKED, seed=1).sound, first.sound)
    assert not np.array_equal(run(tmp_path, OTHER).sound, first.sound)
    assert trainings == ["common", "own", "own"]


def test_without_a_folder_the_music_is_the_same(tmp_path: Path) -> None:
    assert np.array_equal(run(None, LIKED).sound, run(tmp_path, LIKED).sound)


def test_other_sound_is_learned_anew(tmp_path: Path, trainings: list[str]) -> None:
    run(tmp_path, LIKED)
    run(tmp_path, LIKED, clips_of(loudness=0.5))
    assert trainings == ["common", "own"] * 2


def test_what_the_clock_has_stopped_is_not_kept(tmp_path: Path) -> None:
    run(tmp_path, LIKED, budget_s=0.0)
    assert not list(tmp_path.iterdir())
    run(tmp_path, LIKED, budget_s=600.0)
    assert len(list(tmp_path.iterdir())) == 2


def test_too_few_songs_with_clips() -> None:
    with pytest.raises(NoDataError, match=rf"{LEAST_SONGS} liked songs or more; 4 of this listener's 5"):
        run(None, np.array([0, 1, 2, 3, 9], np.int32))


def test_a_generator_that_copies_is_caught() -> None:
    class Copier(Watched):
        def compose(self, seconds: float, *, seed: int) -> Composition:
            clips = self.heard(clips_of(), np.array([2, 3], np.int32))
            return Composition(np.zeros(24_000, np.float32), np.concatenate(list(clips), axis=1))

    clips = clips_of()
    made = generate(Copier, clips, LIKED, Workshop(), seconds=1.5, seed=0)
    assert clips.frames / 256 > FRAMES
    assert made.nearness.only_copies
    assert made.nearest_song in (2, 3)
    assert made.to_json()["nearness"]["only_copies"]


def test_a_wav_file(tmp_path: Path) -> None:
    sound = np.sin(np.arange(24_000) / 10).astype(np.float32)
    write_wav(sound, tmp_path / "music.wav")
    with wave.open(str(tmp_path / "music.wav")) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 16_000)
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32_767
    np.testing.assert_allclose(samples, sound, atol=1 / 32_767)
    assert [path.name for path in tmp_path.iterdir()] == ["music.wav"]
    with pytest.raises(InputError, match="cannot be written"):
        write_wav(sound, tmp_path / "nowhere" / "music.wav")
