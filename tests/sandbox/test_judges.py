"""To the judges' taste sound, words and network each contribute what they should, and nothing of each other."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from zetdard.errors import InputError
from zetdard.measure.binary import METRICS
from zetdard.sandbox import SCALES, World, WorldConfig, generate
from zetdard.sandbox.config import GENRES
from zetdard.sandbox.judges import PARTS
from zetdard.sandbox.truth import export_truth
from zetdard.sandbox.words import ACTS, GENRE_WORDS, LOOKS, Pair

TASTE = SCALES["taste"]
SMALL = replace(TASTE, n_users=60, n_songs=150, n_artists=30, n_judges=8, judge_labels=60, sound_seconds=0.5)


@pytest.fixture(scope="module")
def world() -> World:
    return generate(TASTE)


def auc(world: World, of: Any) -> float:
    """Return the mean over judges of the AUC of scores, (n_judges, n_songs), against what they say."""
    judges = world.judges
    said = zip(of, judges.labelled, judges.liked, strict=True)
    return float(np.mean([METRICS["auc"](scores[rows], liked) for scores, rows, liked in said]))


@pytest.mark.parametrize("seed", range(6))
def test_oracles_reach_what_they_should(seed: int) -> None:
    world = generate(replace(TASTE, seed=seed))
    assert 0.90 <= auc(world, world.judges.fit) <= 0.95
    for part in range(3):
        assert auc(world, world.judges.parts[:, part]) <= 0.75


def test_parts_have_the_same_weight_and_are_independent(world: World) -> None:
    parts = world.judges.parts
    np.testing.assert_allclose(parts.mean(axis=2), 0, atol=1e-9)
    np.testing.assert_allclose(parts.std(axis=2), 1)
    np.testing.assert_allclose(world.judges.fit, parts.sum(axis=1) / np.sqrt(3))
    # Between two random directions among 640 songs lies a correlation of about 1 / √640 = .04, either way.
    for a, b in ((0, 1), (0, 2), (1, 2)):
        correlations = (parts[:, a] * parts[:, b]).mean(axis=1)
        assert abs(correlations.mean()) < 0.04
        assert np.abs(correlations).max() < 0.25


@pytest.mark.parametrize("part", range(3))
def test_a_part_without_a_share_says_nothing_of_taste(part: int) -> None:
    none = replace(TASTE, **{f"{PARTS[part]}_share": 0.0})
    world = generate(none)
    assert abs(auc(world, world.judges.parts[:, part]) - 0.5) < 0.03
    others = [other for other in range(3) if other != part]
    np.testing.assert_allclose(world.judges.fit, world.judges.parts[:, others].sum(axis=1) / np.sqrt(2))
    assert auc(world, world.judges.fit) > 0.9


def test_shares_change_the_judges_alone(world: World) -> None:
    other = generate(replace(TASTE, sound_share=0.0))
    np.testing.assert_array_equal(other.judges.parts, world.judges.parts)
    np.testing.assert_array_equal(other.judges.labelled, world.judges.labelled)
    assert list(other.records()) == list(world.records())
    assert other.sound(7) == world.sound(7)


def test_judges_are_no_part_of_what_is_collected(world: World) -> None:
    without = replace(TASTE, n_judges=0)
    quiet = generate(without)
    assert [one.songs.tolist() for one in quiet.playlists] == [one.songs.tolist() for one in world.playlists]
    assert len(world.people_labels.user_ids) == TASTE.n_users
    assert not set(world.judges.names) & set(world.people_labels.user_ids)


def test_qualities_of_words_are_what_is_sung(world: World) -> None:
    """Counted in the text itself, in which a line has one look, or none, as its template has it."""

    def counted(song: int, *kinds: tuple[Pair, ...]) -> list[int]:
        text = world.lyric(song).text or ""
        sung = [line for line in text.splitlines() if not line.startswith("[00:00.00]")]
        assert len(sung) == 16
        return [sum(line.count(word) for line in sung for word, _ in kind) for kind in kinds]

    songs = range(0, 640, 6)
    for column, kinds in ((-2, (LOOKS[True], LOOKS[False])), (-1, (ACTS[True], ACTS[False]))):
        counts = np.array([counted(song, *kinds) for song in songs])
        shares = counts[:, 0] / counts.sum(axis=1)
        assert np.corrcoef(shares, world.qualities[1][list(songs), column])[0, 1] > 0.85
    nouns = np.array([counted(song, *(GENRE_WORDS[genre] for genre in GENRES[:4])) for song in songs])
    for genre in range(4):
        shares = nouns[:, genre] / nouns.sum(axis=1)
        assert np.corrcoef(shares, world.qualities[1][list(songs), genre])[0, 1] > 0.9


def test_qualities_of_sound_are_what_is_synthesised(world: World) -> None:
    traits, heard = world.sound_traits(4), world.qualities[0][4]
    assert heard[0] == np.log2(traits.tempo)
    assert heard[1] == traits.major
    assert heard[3:] == pytest.approx([traits.busy, np.log(traits.drive)])


def test_a_judge_likes_the_share_that_is_stated(world: World) -> None:
    assert world.judges.liked.shape == (60, 240)
    assert set(world.judges.liked.sum(axis=1)) == {72}
    assert (np.diff(world.judges.labelled, axis=1) > 0).all()


def test_without_chance_the_judges_say_what_fits() -> None:
    world = generate(replace(SMALL, judge_noise=0.0))
    assert auc(world, world.judges.fit) == 1


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"version_share": 0.1}, "version_share is 0 where there are judges"),
        ({"instrumental_share": 0.1}, "instrumental_share is 0"),
        ({"n_sounding": 3}, "all songs have sound"),
        ({"judge_labels": 700}, "n_songs at most"),
        ({"judge_likes": 0.0}, "likes some of them"),
        ({"judge_labels": 2, "judge_likes": 0.1}, "some are liked"),
        ({"sound_share": 0.0, "words_share": 0.0, "network_share": 0.0}, "one share"),
        ({"sound_share": -1.0}, "sound_share is too small"),
    ],
)
def test_worlds_that_would_leak_are_refused(values: dict[str, Any], reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        replace(TASTE, **values)


def test_a_world_without_judges_says_so() -> None:
    with pytest.raises(InputError, match="no judges"):
        _ = generate(WorldConfig(n_users=9, n_songs=12, n_artists=3)).judges


def test_the_truth_about_judges_is_exported(tmp_path: Path) -> None:
    world = generate(SMALL)
    export_truth(world, tmp_path)
    readme = (tmp_path / "README.txt").read_text(encoding="utf-8").split()
    for name in ("judges.csv", "qualities.csv"):
        assert name in readme
    with (tmp_path / "judges.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 8 * 60
    shares = json.loads((tmp_path / "shares.json").read_text(encoding="utf-8"))["judges"]["shares"]
    for row in rows[::37]:
        fit = sum(np.sqrt(shares[part]) * float(row[part]) for part in PARTS)
        assert float(row["fit"]) == pytest.approx(fit, abs=1e-4)
    songs = world.music_labels.song_ids
    assert [row["song"] for row in rows[:60]] == [songs[song] for song in world.judges.labelled[0]]
    assert [row["liked"] == "1" for row in rows[:60]] == world.judges.liked[0].tolist()
    with (tmp_path / "qualities.csv").open(encoding="utf-8", newline="") as file:
        qualities = [list(map(float, list(row.values())[1:])) for row in csv.DictReader(file)]
    np.testing.assert_allclose(qualities, np.concatenate(world.qualities, axis=1), rtol=1e-5, atol=1e-5)


def test_an_export_without_judges_removes_those_of_an_earlier_one(tmp_path: Path) -> None:
    export_truth(generate(SMALL), tmp_path)
    export_truth(generate(replace(SMALL, n_judges=0)), tmp_path)
    assert not list(tmp_path.glob("judges.csv"))
    assert "judges" not in (tmp_path / "README.txt").read_text(encoding="utf-8")
