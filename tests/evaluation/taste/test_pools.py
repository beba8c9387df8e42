"""Pools: strict files, folds that keep groups together, songs sampled as not liked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.taste.small_pools import pool_of
from recommend.small import dataset_of
from zetdard.data.features import FeatureBlock
from zetdard.data.vocabulary import Vocabulary
from zetdard.errors import FormatError, InputError, NoDataError
from zetdard.evaluation.taste.blocks import read_blocks, write_blocks
from zetdard.evaluation.taste.controls import ORACLE, AlwaysNo, controls
from zetdard.evaluation.taste.pool import Pool, PoolListener, dealt, learnable
from zetdard.evaluation.taste.pools import (
    SPOTIFY_COLUMNS,
    audio_taste,
    audio_taste_songs,
    spotify_playlists,
)
from zetdard.evaluation.taste.protocol import TastePlan, run
from zetdard.evaluation.taste.sampling import Sampling, sampled, stored

TRACKS = """track,album,fold_by_track,fold_by_album
a,p,0,0
b,p,1,0
c,q,0,1
d,q,1,1
"""
LISTENERS = """listener,kind,taste,track,liked,in_taste
one,composer,x,b,0,1
one,composer,x,a,1,1
one,composer,x,c,0,0
one,composer,x,d,1,0
two,style,y,a,1,1
two,style,y,b,0,0
two,style,y,c,0,0
two,style,y,d,1,1
"""


def audio_folder(folder: Path, tracks: str = TRACKS, listeners: str = LISTENERS) -> Path:
    (folder / "tracks.csv").write_text(tracks, encoding="utf-8")
    (folder / "listeners.csv").write_text(listeners, encoding="utf-8")
    return folder


def test_invented_listeners_are_read_as_written(tmp_path: Path) -> None:
    pool = audio_taste(audio_folder(tmp_path), "C")
    assert pool.songs.labels == ("a", "b", "c", "d")
    assert pool.folds.tolist() == [0, 1, 0, 1]
    (one,) = pool.listeners
    assert (one.name, one.rows.tolist()) == ("one", [0, 1, 2, 3])
    assert one.liked.tolist() == [True, False, False, True]
    assert one.in_taste is not None
    assert one.in_taste.tolist() == [True, True, False, False]
    styles = audio_taste(tmp_path, "S-unseen")
    assert [listener.name for listener in styles.listeners] == ["two"]
    assert styles.folds.tolist() == [0, 0, 1, 1]
    assert audio_taste(tmp_path, "S-seen").folds.tolist() == [0, 1, 0, 1]


@pytest.mark.parametrize(
    ("file", "old", "new", "reason", "line"),
    [
        ("tracks", "fold_by_album", "fold", "has no column 'fold_by_album'", 1),
        ("tracks", "b,p,1,0", "a,p,1,0", "track 'a' occurs twice", 3),
        ("tracks", "b,p,1,0", "b,p,x,0", "fold_by_track is a small whole number, not 'x'", 3),
        ("tracks", "b,p,1,0", "b,p,-1,0", "fold_by_track is a small whole number, not '-1'", 3),
        ("tracks", "b,p,1,0", "b,p,1", "more or fewer fields", 3),
        ("tracks", "b,p,1,0", "b,p,1,0,0", "more or fewer fields", 3),
        ("tracks", "b,p,1,0", "b,p,,0", "fold_by_track is empty", 3),
        ("listeners", "x,b,0,1", "x,z,0,1", "track 'z' is not in tracks.csv", 2),
        ("listeners", "x,b,0,1", "x,b,2,1", "liked is 0 or 1, not '2'", 2),
        ("listeners", "x,b,0,1", "x,b,0,yes", "in_taste is 0 or 1, not 'yes'", 2),
        ("listeners", "x,a,1,1", "x,b,1,1", "'one' has labelled the track 'b' twice", 3),
        ("listeners", "one,composer,x,b", "one,poet,x,b", "kind is composer or style, not 'poet'", 2),
    ],
)
def test_what_breaks_the_format_is_refused_with_its_place(
    tmp_path: Path, file: str, old: str, new: str, reason: str, line: int
) -> None:
    texts = {"tracks": TRACKS, "listeners": LISTENERS}
    assert old in texts[file]
    texts[file] = texts[file].replace(old, new, 1)
    with pytest.raises(FormatError, match=reason) as caught:
        audio_taste(audio_folder(tmp_path, **texts), "C")
    assert caught.value.line == line
    assert caught.value.path == tmp_path / f"{file}.csv"


def test_a_file_that_is_not_there_or_is_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="cannot be read"):
        audio_taste(tmp_path, "C")
    (tmp_path / "tracks.csv").write_bytes(b"track,fold_by_track,fold_by_album\n\xff\xfe,0,0\n")
    with pytest.raises(FormatError, match="is no CSV"):
        audio_taste(tmp_path, "C")


def test_nobody_is_measured_on_labels_of_one_kind(tmp_path: Path) -> None:
    without = LISTENERS.replace("x,a,1,1", "x,a,0,1")  # all likes of "one" are in one fold
    with pytest.raises(InputError, match="'one' has no songs of both kinds outside every fold"):
        audio_taste(audio_folder(tmp_path, listeners=without), "C")
    with pytest.raises(NoDataError, match="nobody"):
        audio_taste(
            audio_folder(tmp_path, listeners=LISTENERS.replace("composer", "style").replace("one", "zero")),
            "C",
        )


def test_other_folds_can_be_dealt(tmp_path: Path) -> None:
    listeners = LISTENERS.replace("y,b,0,0", "y,b,1,1").replace("y,a,1,1", "y,a,0,0")
    audio_folder(tmp_path, listeners=listeners)
    pools = [audio_taste(tmp_path, "S-unseen", deal=seed) for seed in range(6)]
    assert all(pool.folds[0] == pool.folds[1] != pool.folds[2] == pool.folds[3] for pool in pools)
    assert len({tuple(pool.folds.tolist()) for pool in pools}) == 2
    # Where both likes of "one" fall into one fold, nobody is left.
    left = 0
    for seed in range(12):
        try:
            left += len(audio_taste(tmp_path, "C", deal=seed).listeners)
        except NoDataError:
            continue
    assert 0 < left < 12


def test_the_real_tracks_and_their_listeners(real_data: Callable[[str], Path]) -> None:
    """The figures that hold whatever is heard: always no, and the oracle."""
    folder = real_data("audio_taste")
    assert len(audio_taste_songs(folder)) == 294
    for protocol, listeners, share in (("C", 24, 0.81), ("S-seen", 24, 0.80), ("S-unseen", 24, 0.80)):
        pool = audio_taste(folder, protocol)  # type: ignore[arg-type]
        assert len(pool.listeners) == listeners
        assert np.unique(pool.folds).tolist() == [0, 1, 2]
        no = run("no", AlwaysNo, pool, TastePlan()).means()
        assert no["accuracy"] == pytest.approx(share, abs=0.006)
        anew = audio_taste(folder, protocol, deal=1)  # type: ignore[arg-type]
        assert (anew.folds != pool.folds).any()
        assert len(anew.listeners) + anew.facts["left out"] == listeners  # type: ignore[operator]
        oracle = run(ORACLE, controls(pool)[ORACLE], pool, TastePlan()).means()
        assert 0.93 < oracle["auc"] < 0.95


# ---- folds ----


@given(
    st.lists(st.integers(0, 12), min_size=1, max_size=60),
    st.integers(2, 5),
    st.integers(0, 3),
)
def test_folds_keep_groups_together_and_are_about_equal(groups: list[int], n_folds: int, seed: int) -> None:
    folds = dealt(groups, n_folds, seed)
    assert all(len({int(f) for f, g in zip(folds, groups, strict=True) if g == one}) == 1 for one in groups)
    assert set(folds.tolist()) <= set(range(n_folds))
    sizes = np.bincount(folds, minlength=n_folds)
    assert sizes.max() - sizes.min() <= max(groups.count(one) for one in groups)
    assert np.array_equal(folds, dealt(groups, n_folds, seed))


def test_single_songs_make_equal_folds_in_random_order() -> None:
    folds = dealt(np.arange(100), 5, 1)
    assert np.bincount(folds).tolist() == [20] * 5
    assert not np.array_equal(folds, dealt(np.arange(100), 5, 2))
    with pytest.raises(InputError, match="two folds"):
        dealt([0, 1], 1, 0)


def test_a_pool_is_checked() -> None:
    pool = pool_of()
    with pytest.raises(InputError, match="needs a fold"):
        replace(pool, folds=pool.folds[:-1])
    with pytest.raises(InputError, match="other songs"):
        pool.with_blocks({"x": FeatureBlock(Vocabulary(["a"]), np.zeros((1, 1), np.float32), ("x",))})
    with pytest.raises(InputError, match="does not know"):
        replace(pool, listeners=(PoolListener("one", np.array([0, 900]), np.array([True, False])),))
    with pytest.raises(InputError, match="ascending"):
        PoolListener("one", np.array([1, 1], np.int32), np.array([True, False]))
    with pytest.raises(InputError, match="oracle"):
        PoolListener("one", np.array([1], np.int32), np.array([True]), np.array([], bool))


# ---- sampling ----


def histories(n_users: int = 40, n_songs: int = 400, seed: int = 0) -> list[tuple[str, Any]]:
    """Songs of very different popularity: the first are held by nearly everybody."""
    rng = np.random.default_rng(seed)
    chance = 0.9 * np.exp(-np.arange(n_songs) / 60) + 0.01
    return [
        (f"user-{user}", np.flatnonzero(rng.random(n_songs) < chance).astype(np.int32))
        for user in range(n_users)
    ]


@pytest.mark.parametrize("negatives", ["uniform", "popularity"])
def test_what_is_held_is_liked_and_what_is_sampled_is_not_held(negatives: Any) -> None:
    who, folds = histories(), dealt(np.arange(400), 4, 0)
    listeners, facts = sampled(who, folds, np.ones(400, bool), Sampling(negatives, ratio=2), seed=3)
    assert len(listeners) == facts["drawn"] == 40
    held = dict(who)
    for one in listeners:
        assert np.array_equal(one.rows[one.liked], held[one.name])
        assert not np.isin(one.rows[~one.liked], held[one.name]).any()
        assert (~one.liked).sum() == 2 * one.liked.sum()
        assert learnable(one, folds)
    again, _ = sampled(who, folds, np.ones(400, bool), Sampling(negatives, ratio=2), seed=3)
    assert all(np.array_equal(a.rows, b.rows) for a, b in zip(listeners, again, strict=True))


def test_popularity_tells_much_of_uniform_negatives_and_little_of_matched_ones() -> None:
    who, folds = histories(120, 1_500), dealt(np.arange(1_500), 4, 0)
    degrees = np.zeros(1_500)
    for _, held in who:
        degrees[held] += 1
    auc = {}
    for negatives in ("uniform", "popularity"):
        listeners, _ = sampled(who, folds, np.ones(1_500, bool), Sampling(negatives, 1.0), seed=0)  # type: ignore[arg-type]
        pool = Pool("p", Vocabulary(map(str, range(1_500))), listeners, folds)
        others = [degrees[one.rows] - one.liked for one in pool.listeners]
        won = [
            np.mean(
                (own[one.liked][:, None] > own[~one.liked]) + (own[one.liked][:, None] == own[~one.liked]) / 2
            )
            for own, one in zip(others, listeners, strict=True)
        ]
        auc[negatives] = float(np.mean(won))
    assert auc["uniform"] > 0.8
    # The most popular songs are held by nearly all: there are not as many that one does not hold.
    assert auc["popularity"] < auc["uniform"] - 0.1


def test_matched_negatives_are_held_by_as_many_others_where_there_are_enough() -> None:
    # 8 popular songs and 8 rare ones; each listener holds half of either
    who = [
        (f"u{n}", np.array([*range(4), *range(8, 12)] if n % 2 else [*range(4, 8), *range(12, 16)]))
        for n in range(8)
    ]
    who += [(f"more{n}", np.arange(8)) for n in range(8)]
    who = [(name, rows.astype(np.int32)) for name, rows in who]
    sampling = Sampling("popularity", ratio=1.0, least=2)
    listeners, _ = sampled(who, dealt(np.arange(16), 2, 0), np.ones(16, bool), sampling, seed=0)
    halves = [one for one in listeners if one.name.startswith("u")]
    assert halves
    for one in halves:
        assert (one.rows[~one.liked] < 8).sum() == 4


def test_listeners_are_drawn_bounded_and_left_out_with_their_number_told() -> None:
    who = [*histories(30), ("short", np.array([1, 2], np.int32))]
    listeners, facts = sampled(
        who, dealt(np.arange(400), 4, 0), np.ones(400, bool), Sampling(listeners=7, most_likes=12), seed=1
    )
    assert (len(listeners), facts["drawn"], facts["listeners with enough likes"]) == (7, 7, 30)
    assert all(one.liked.sum() == 12 for one in listeners)
    wider, _ = sampled(
        who, dealt(np.arange(400), 4, 0), np.ones(400, bool), Sampling(listeners=20, most_likes=12), seed=1
    )
    same = {one.name: one.rows.tolist() for one in wider}
    assert all(same[one.name] == one.rows.tolist() for one in listeners)


def test_songs_without_features_take_no_part() -> None:
    known = np.arange(400) % 2 == 0
    listeners, _ = sampled(histories(), dealt(np.arange(400), 4, 0), known, Sampling(), seed=0)
    assert all(known[one.rows].all() for one in listeners)


@pytest.mark.parametrize(
    "wrong",
    [{"negatives": "all"}, {"ratio": 0}, {"least": 1}, {"least": 20, "most_likes": 10}, {"listeners": 0}],
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        Sampling(**wrong)


# ---- what is stored ----


def stored_world() -> tuple[Any, dict[str, FeatureBlock]]:
    names = [f"s{number:02d}" for number in range(60)]
    rng = np.random.default_rng(0)
    holds = {f"u{n}": [str(s) for s in rng.choice(names, 15, replace=False)] for n in range(8)}
    data = dataset_of(holds, credits={name: [f"a{int(name[1:]) // 6}"] for name in names})
    songs = data.songs.vocabulary
    return data, {"x": FeatureBlock(songs, np.ones((len(songs), 1), np.float32), ("x",))}


def test_what_is_stored_makes_a_pool() -> None:
    data, blocks = stored_world()
    pool = stored(data, blocks, n_folds=3, sampling=Sampling(ratio=1))
    assert pool.songs is data.songs.vocabulary
    for one in pool.listeners:
        assert np.array_equal(one.rows[one.liked], data.holdings.held(data.users.vocabulary.row(one.name)))


def test_songs_of_an_artist_stay_together() -> None:
    data, blocks = stored_world()
    pool = stored(data, blocks, by="artist", n_folds=3)
    folds: dict[int, set[int]] = {}
    for song in range(len(data.songs)):
        folds.setdefault(int(data.artists_of(song)[0]), set()).add(int(pool.folds[song]))
    assert len(folds) == 10
    assert all(len(own) == 1 for own in folds.values())
    given = stored(data, blocks, groups=np.arange(60) // 20, n_folds=3)
    assert [len(set(given.folds[at : at + 20].tolist())) for at in (0, 20, 40)] == [1, 1, 1]


def test_labelled_dislikes_come_first() -> None:
    data, blocks = stored_world()
    row = data.users.vocabulary.row("u3")
    held = data.holdings.held(row)
    disliked = np.array([held[0], *np.setdiff1d(np.arange(60), held)[:5]], np.int32)
    pool = stored(data, blocks, dislikes={row: disliked}, n_folds=3, sampling=Sampling(ratio=1, least=5))
    one = next(one for one in pool.listeners if one.name == "u3")
    assert np.isin(disliked, one.rows[~one.liked]).all(), "also where it is held"
    assert one.liked.sum() == (~one.liked).sum() == 14


def test_without_features_there_is_nothing_to_measure() -> None:
    data, blocks = stored_world()
    with pytest.raises(NoDataError, match="no features"):
        stored(data, {})
    with pytest.raises(NoDataError, match="nobody"):
        stored(data, blocks, sampling=Sampling(least=50))


# ---- playlists with audio features ----


def spotify_file(folder: Path, *, n: int = 40) -> Path:
    header = ["track_id", "track_album_id", "playlist_id", *SPOTIFY_COLUMNS]
    lines = [",".join(header)]
    for number in range(n):
        for playlist in (number % 2, 2 + number % 3):
            numbers = [str(number / 100 + place) for place in range(12)]
            lines.append(",".join([f"t{number}", f"album{number // 4}", f"p{playlist}", *numbers]))
    (folder / "spotify_songs.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def test_a_playlist_is_a_listener(tmp_path: Path) -> None:
    pool = spotify_playlists(spotify_file(tmp_path), n_folds=4)
    assert len(pool.songs) == 40
    assert sorted(one.name for one in pool.listeners) == ["p0", "p1", "p2", "p3", "p4"]
    even = next(one for one in pool.listeners if one.name == "p0")
    assert even.rows[even.liked].tolist() == list(range(0, 40, 2))
    assert even.liked.sum() == (~even.liked).sum()
    block = pool.blocks["spotify"]
    assert block.columns == SPOTIFY_COLUMNS
    np.testing.assert_allclose(block.values[7], 0.07 + np.arange(12), rtol=1e-6)
    by_album = spotify_playlists(tmp_path, by="album", n_folds=4)
    assert all(len(set(by_album.folds[at : at + 4].tolist())) == 1 for at in range(0, 40, 4))


def test_a_feature_that_is_no_number_is_refused(tmp_path: Path) -> None:
    path = spotify_file(tmp_path) / "spotify_songs.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("0.01,1.01", "loud,1.01", 1), encoding="utf-8")
    with pytest.raises(FormatError, match="danceability is a number, not 'loud'") as caught:
        spotify_playlists(tmp_path)
    assert caught.value.line == 4


def test_the_real_playlists(real_data: Callable[[str], Path]) -> None:
    pool = spotify_playlists(real_data("spotify_playlists"), sampling=Sampling(ratio=1, listeners=30))
    assert len(pool.songs) == 28_356
    assert len(pool.listeners) == 30
    assert run("no", AlwaysNo, pool, TastePlan()).means()["accuracy"] == pytest.approx(0.5)


# ---- features in a file ----


def test_features_survive_a_file_and_follow_their_songs(tmp_path: Path) -> None:
    pool = pool_of()
    blocks = {
        **pool.blocks,
        "part": FeatureBlock(
            pool.songs,
            np.tri(90, 2, dtype=np.float32) * (np.arange(90) > 4)[:, None].astype(np.float32),
            ("tempo (BPM)", "调"),
            {"version": "1", "of": "a: b"},
            np.arange(90) > 4,
        ),
    }
    write_blocks(tmp_path / "features.npz", blocks)
    back = read_blocks(tmp_path / "features.npz", pool.songs)
    assert set(back) == {"sound", "mastering", "part"}
    for name, block in blocks.items():
        np.testing.assert_array_equal(back[name].values, block.values)
        assert back[name].columns == block.columns
        assert back[name].provenance == block.provenance
    some = read_blocks(tmp_path / "features.npz", Vocabulary(["song-007", "unknown", "song-001"]))["part"]
    assert some.present is not None
    assert some.present.tolist() == [True, False, False]
    np.testing.assert_array_equal(some.values, [[1, 1], [0, 0], [0, 0]])


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "features.npz"
    songs = Vocabulary(["a"])
    for spoil in (lambda: None, lambda: path.write_bytes(b"nothing"), lambda: np.savez(path, x=np.ones(3))):
        spoil()
        with pytest.raises(FormatError, match="is no file of features"):
            read_blocks(path, songs)
    with pytest.raises(InputError, match="same songs"):
        write_blocks(path, {})
