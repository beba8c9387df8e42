"""Where listeners live, from the store and a table of places to a list: ``context-vae`` by its name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import zetdard
from surfaces.asking import ask, ask_json, refused
from zetdard.sandbox.config import WorldConfig
from zetdard.sandbox.world import generate
from zetdard.surfaces.choosing import make_model

SMALL = {"hidden": 8, "code": 4, "epochs": 2}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home of an invented world, with a small model of it on the shelf."""
    folder = tmp_path_factory.mktemp("context") / "home"
    world = generate(WorldConfig(seed=3, n_users=40, n_songs=120, n_artists=20, n_regions=4))
    with zetdard.open(folder) as z:
        z.import_records("sandbox", world.records(), format="world")
    return folder


def contexts(home: Path) -> np.ndarray:
    """Fit, or take from the shelf, and return what the model was told of each listener."""
    with zetdard.open(home) as z:
        from zetdard.recommend.query import Kind

        spaces = z._current_desk().spaces(Kind.SONGS, lambda: make_model("context-vae", SMALL))
    assert spaces.songs is not None
    return spaces.songs.model.state()["contexts"]


def test_regions_and_a_table_of_places_reach_the_model(home: Path, tmp_path: Path) -> None:
    before = contexts(home)
    assert before.shape == (40, 4)  # a column for each region
    assert before.any()
    table = tmp_path / "places.csv"
    table.write_text("region,happiness\n浙江省,5\n广东省,6\n四川省 成都市,7\n", encoding="utf-8")
    said = ask("featurize", "--culture", table, "--home", home)
    assert said.exit_code == 0
    assert said.stdout.startswith("kept: numbers about the places of ")
    after = contexts(home)
    assert after.shape == (40, 5)
    known = ask_json("featurize", "--culture", table, "--home", home)["culture"]
    assert known == {"known": int(np.count_nonzero(after[:, 4])), "users": 40}
    assert 0 < known["known"] < 40


def test_a_bad_table_is_refused_and_the_old_one_stays(home: Path, tmp_path: Path) -> None:
    table = tmp_path / "places.csv"
    kept = home / "culture.csv"
    before = kept.read_bytes() if kept.exists() else None
    table.write_text("region,happiness\nA,much\n", encoding="utf-8")
    assert ":2: happiness" in refused("featurize", "--culture", table, "--home", home)
    assert (kept.read_bytes() if kept.exists() else None) == before


def test_it_recommends_by_its_name(home: Path) -> None:
    with zetdard.open(home) as z:
        user = next(
            label
            for row, label in enumerate(z.dataset().users.vocabulary)
            if len(z.dataset().holdings.held(row))
        )
    answer = ask_json("recommend", "songs", user, "--model", "context-vae", "--home", home)
    assert answer["model"] == "context-vae"
    assert answer["personal"]
    assert len(answer["items"]) == 20
