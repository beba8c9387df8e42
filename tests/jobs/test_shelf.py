"""The shelf: what was fitted before is taken from disk, and nothing on disk can break it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from models.conformance import interactions_of, random_matrix
from zetdard.data.interactions import Histories
from zetdard.jobs.shelf import ModelShelf
from zetdard.models.base import TrainingData
from zetdard.models.item_knn import ItemKNN, ItemKNNConfig
from zetdard.models.popular import Popular

DATA = TrainingData(interactions_of(random_matrix()))
QUESTION = Histories.of_items(np.array([1, 2]), DATA.interactions.n_items)


class Shelf:
    """A shelf, and how often something was fitted for it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.shelf = ModelShelf(folder, lambda: {"popular": Popular, "item-knn": ItemKNN})
        self.told: list[tuple[str, int, int | None]] = []

    def fitted(
        self, model: Any, *, data: TrainingData = DATA, space: str = "songs", state: str = "one"
    ) -> bool:
        """Ask for a model; return whether it had to be fitted. It always answers like a fresh one."""
        self.told.clear()
        found = self.shelf.fitted(
            model, data, space=space, fingerprint=state, progress=lambda *words: self.told.append(words)
        )
        fresh = type(model)(model.config).fit(data)
        np.testing.assert_array_equal(found.score(QUESTION), fresh.score(QUESTION))
        if self.told:
            assert [done for _, done, _ in self.told] == [0, 1]
        return bool(self.told)

    @property
    def places(self) -> list[Path]:
        return sorted(self.folder.iterdir())


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "a" / "models")


def test_the_second_time_it_comes_from_disk(shelf: Shelf) -> None:
    assert [shelf.fitted(Popular()) for _ in range(3)] == [True, False, False]
    assert len(shelf.places) == 1
    assert shelf.places[0].name.startswith("songs-popular-")
    assert Shelf(shelf.folder).fitted(Popular()) is False


def test_it_says_what_it_fits(shelf: Shelf) -> None:
    shelf.fitted(Popular(), space="artists")
    assert shelf.told[0] == ("fitting popular on 30 artists", 0, 1)


def test_other_data_settings_seeds_spaces_and_models_are_fitted_anew(shelf: Shelf) -> None:
    other_seed = TrainingData(DATA.interactions, seed=1)
    asks: list[dict[str, Any]] = [
        {"model": Popular()},
        {"model": Popular(), "state": "two"},
        {"model": ItemKNN()},
        {"model": ItemKNN(ItemKNNConfig(neighbours=3))},
        {"model": Popular(), "space": "artists"},
        {"model": Popular(), "data": other_seed, "space": "people"},
        {"model": Popular(), "space": "people"},
    ]
    assert [shelf.fitted(**ask) for ask in asks] == [True] * len(asks)
    assert [shelf.fitted(**ask) for ask in asks] == [False] * len(asks)


def test_at_most_the_two_newest_states_stay(shelf: Shelf) -> None:
    shelf.fitted(ItemKNN())
    others = shelf.places
    # A folder of something whose name only begins alike, and one that is no model's.
    (shelf.folder / "songs-popular-plus-0123456789abcdef").mkdir()
    (shelf.folder / "songs-popular-notes").mkdir()
    for age, state in enumerate(("one", "two", "three", "four")):
        shelf.fitted(Popular(), state=state)
        for place in shelf.folder.glob("songs-popular-*"):
            os.utime(place, (place.stat().st_mtime - 1_000 * (age + 1),) * 2)
    assert shelf.fitted(Popular(), state="four") is False
    assert shelf.fitted(Popular(), state="three") is False
    assert len([place for place in shelf.places if (place / "model.json").exists()]) == 3
    assert set(others) <= set(shelf.places)
    assert (shelf.folder / "songs-popular-plus-0123456789abcdef").is_dir()
    assert (shelf.folder / "songs-popular-notes").is_dir()
    assert shelf.fitted(Popular(), state="one") is True


def test_it_leaves_nothing_unfinished_behind(shelf: Shelf) -> None:
    for state in ("one", "two", "three"):
        shelf.fitted(Popular(), state=state)
    assert [place.name for place in shelf.places if place.name.startswith(".")] == []


def test_what_a_killed_process_left_is_removed_after_a_day(shelf: Shelf) -> None:
    left = [shelf.folder / f".songs-popular-0123456789abcdef-{age}" for age in ("old", "new")]
    for folder in left:
        folder.mkdir(parents=True)
    day_before_yesterday = left[0].stat().st_mtime - 2 * 24 * 3600
    os.utime(left[0], (day_before_yesterday,) * 2)
    shelf.fitted(Popular())
    assert [folder.exists() for folder in left] == [False, True]


def empty_array(place: Path) -> None:
    (place / "holders.npy").write_bytes(b"")


def cut_array(place: Path) -> None:
    content = (place / "holders.npy").read_bytes()
    (place / "holders.npy").write_bytes(content[:-9])


def pickled_array(place: Path) -> None:
    np.save(place / "holders.npy", np.array([{}], dtype=object), allow_pickle=True)


def zipped_array(place: Path) -> None:
    with (place / "holders.npy").open("wb") as stream:
        np.savez(stream, holders=np.arange(30))


def no_array(place: Path) -> None:
    (place / "holders.npy").unlink()


def no_manifest(place: Path) -> None:
    (place / "model.json").unlink()


def binary_manifest(place: Path) -> None:
    (place / "model.json").write_bytes(b"\xff\x00")


def other_format(place: Path) -> None:
    change(place, format=0)


def other_model(place: Path) -> None:
    change(place, model="forgotten")


def other_config(place: Path) -> None:
    change(place, config={"unknown": 1})


def no_hashes(place: Path) -> None:
    change(place, arrays=None)


def a_file(place: Path) -> None:
    for file in place.iterdir():
        file.unlink()
    place.rmdir()
    place.write_text("x", encoding="utf-8")


def change(place: Path, **facts: Any) -> None:
    manifest = json.loads((place / "model.json").read_text(encoding="utf-8"))
    (place / "model.json").write_text(json.dumps(manifest | facts), encoding="utf-8")


class TestDamage:
    DAMAGES: ClassVar = [
        empty_array,
        cut_array,
        pickled_array,
        zipped_array,
        no_array,
        no_manifest,
        binary_manifest,
        other_format,
        other_model,
        other_config,
        no_hashes,
        a_file,
    ]

    @pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
    def test_what_is_damaged_is_fitted_again(self, shelf: Shelf, damage: Any) -> None:
        shelf.fitted(Popular())
        damage(shelf.places[0])
        assert shelf.fitted(Popular()) is True
        assert shelf.fitted(Popular()) is False


def test_a_folder_that_cannot_be_written_still_gives_models(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    shelf = Shelf(tmp_path / "file" / "models")
    assert shelf.fitted(Popular()) is True
    assert shelf.fitted(Popular()) is True
