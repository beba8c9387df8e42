"""Other invented listeners over the same tracks: the recipe that the real file of them was made by."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zetdard.errors import InputError
from zetdard.evaluation.taste.controls import ORACLE, controls
from zetdard.evaluation.taste.invented import LISTENERS, invented_listeners
from zetdard.evaluation.taste.pools import AUDIO_TASTE_PROTOCOLS, audio_taste
from zetdard.evaluation.taste.protocol import TastePlan, run

Kind = Literal["composer", "style"]


@given(
    st.lists(st.integers(1, 40), min_size=4, max_size=12),
    st.sampled_from(["composer", "style"]),
    st.integers(0, 5),
)
def test_what_is_liked_is_what_fits_but_for_chance(sizes: list[int], kind: Kind, seed: int) -> None:
    groups = [f"group-{number}" for number, size in enumerate(sizes) for _ in range(size)]
    if kind == "composer" and sum(sorted(sizes)[-2:]) < 16:
        with pytest.raises(InputError, match="too few to invent listeners over"):
            invented_listeners(groups, kind, seed)
        return
    for one in invented_listeners(groups, kind, seed):
        assert one.in_taste is not None
        liked_groups = {groups[row] for row in one.rows[one.in_taste]}
        assert len(liked_groups) <= (1 if kind == "style" else 3)
        assert one.in_taste.sum() <= 45
        by_chance = (one.liked & ~one.in_taste).sum()
        assert by_chance <= round((one.liked & one.in_taste).sum() / 9)
        assert (~one.liked).sum() <= 4 * one.liked.sum() + one.in_taste.sum()


def test_everybody_is_somebody_else_and_each_style_has_its_turn() -> None:
    groups = [f"group-{number % 6}" for number in range(300)]
    first, again, other = (invented_listeners(groups, "style", seed) for seed in (0, 0, 1))
    assert len(first) == LISTENERS
    assert all(
        (a.rows == b.rows).all() and (a.liked == b.liked).all() for a, b in zip(first, again, strict=True)
    )
    assert any(
        len(a.rows) != len(b.rows) or (a.rows != b.rows).any() for a, b in zip(first, other, strict=True)
    )
    tastes = [groups[one.rows[one.in_taste][0]] for one in first if one.in_taste is not None]
    assert all(tastes.count(group) == LISTENERS // 6 for group in set(groups))
    missed = np.mean([1 - one.liked[one.in_taste].mean() for one in first])
    assert 0.07 < missed < 0.13


def test_one_group_is_not_enough() -> None:
    with pytest.raises(InputError, match="too few"):
        invented_listeners(["one"] * 30, "style", 0)


def test_who_likes_all_or_nothing_is_left_out(tmp_path: Path) -> None:
    sizes = {"a": 1, "b": 1, "c": 60}
    styles = [style for style, size in sizes.items() for _ in range(size)]
    lines = [f"{row},{row % 5},{row % 3},{row % 3},{style}" for row, style in enumerate(styles)]
    header = "track,album,fold_by_track,fold_by_album,style"
    (tmp_path / "tracks.csv").write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    assert any(one.liked.all() or not one.liked.any() for one in invented_listeners(styles, "style", 0))
    pool = audio_taste(tmp_path, "S-seen", others=0)
    assert 0 < len(pool.listeners) < LISTENERS
    assert pool.facts["left out"] == LISTENERS - len(pool.listeners)


def test_they_are_like_those_of_the_file(real_data: Callable[[str], Path]) -> None:
    folder = real_data("audio_taste")
    with (folder / "tracks.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    for protocol, (kind, _) in AUDIO_TASTE_PROTOCOLS.items():
        theirs, others = audio_taste(folder, protocol), audio_taste(folder, protocol, deal=5, others=5)
        assert others.facts["others"] == 5
        column = "style" if kind == "style" else "composer_group"
        for one in others.listeners:
            assert one.in_taste is not None
            fits = {table[row][column] for row in one.rows[one.in_taste]}
            assert not fits & {table[row][column] for row in one.rows[~one.in_taste]} or kind == "style"
        shares = [np.mean([one.liked.mean() for one in pool.listeners]) for pool in (theirs, others)]
        assert abs(shares[0] - shares[1]) < 0.03
        oracle = run(ORACLE, controls(others)[ORACLE], others, TastePlan()).means()
        assert 0.91 < oracle["auc"] < 0.97
