"""Saved models: the same bytes, all of it or nothing, and nothing that is damaged or strange is taken."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import pytest
from numpy.typing import NDArray

from models.conformance import interactions_of, random_matrix
from zetdard.errors import ArtifactError, NotFittedError
from zetdard.models.base import TrainingData
from zetdard.models.persistence import load, read_manifest, save
from zetdard.models.popular import Popular
from zetdard.models.song_graph import SongGraph, SongGraphConfig

KINDS: dict[str, Any] = {"popular": Popular, "song-graph": SongGraph}
DATA = TrainingData(interactions_of(random_matrix()))


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def same_arrays(one: Any, other: Any) -> None:
    assert one.state().keys() == other.state().keys()
    for name, array in one.state().items():
        np.testing.assert_array_equal(array, other.state()[name], strict=True)


@pytest.mark.parametrize(
    "model",
    [Popular(), SongGraph(), SongGraph(SongGraphConfig(neighbours=2))],
    ids=["popular", "song-graph", "small song-graph"],
)
@pytest.mark.parametrize("check", [True, False])
def test_what_is_loaded_is_what_was_saved(tmp_path: Path, model: Any, check: bool) -> None:
    model.fit(DATA)
    assert save(model, tmp_path / "一" / "m") == tmp_path / "一" / "m"
    loaded = load(KINDS, tmp_path / "一" / "m", check=check)
    same_arrays(model, loaded)
    assert loaded.config == model.config
    assert type(loaded) is type(model)


def test_the_same_model_gives_the_same_bytes(tmp_path: Path) -> None:
    save(SongGraph().fit(DATA), tmp_path / "one")
    save(SongGraph().fit(DATA), tmp_path / "two")
    save(load(KINDS, tmp_path / "one"), tmp_path / "three")
    assert files(tmp_path / "one") == files(tmp_path / "two") == files(tmp_path / "three")


def test_a_model_can_be_saved_over_the_one_it_was_read_from(tmp_path: Path) -> None:
    save(SongGraph().fit(DATA), tmp_path / "m")
    before = files(tmp_path / "m")
    save(load(KINDS, tmp_path / "m", check=False), tmp_path / "m")
    assert files(tmp_path / "m") == before
    assert [path.name for path in tmp_path.iterdir()] == ["m"]


def test_a_later_model_replaces_an_earlier_one_entirely(tmp_path: Path) -> None:
    save(SongGraph().fit(DATA), tmp_path / "m")
    save(Popular().fit(DATA), tmp_path / "m")
    assert set(files(tmp_path / "m")) == {"model.json", "holders.npy"}
    assert [path.name for path in tmp_path.iterdir()] == ["m"]


@pytest.mark.parametrize("kind", ["file", "link", "dangling link", "full folder", "empty folder"])
def test_whatever_is_there_is_replaced(tmp_path: Path, kind: str) -> None:
    place, other = tmp_path / "m", tmp_path / "other"
    if kind == "file":
        place.write_text("x", encoding="utf-8")
    elif "link" in kind:
        place.symlink_to(other)
    else:
        place.mkdir()
    if kind == "link":
        other.mkdir()
        (other / "precious").write_text("x", encoding="utf-8")
    if kind == "full folder":
        (place / "stale.npy").write_text("x", encoding="utf-8")
    save(Popular().fit(DATA), place)
    assert set(files(place)) == {"model.json", "holders.npy"}
    assert kind != "link" or (other / "precious").is_file()


@pytest.mark.parametrize("place", range(0, 300, 37))
def test_one_changed_byte_of_an_array_is_detected(tmp_path: Path, place: int) -> None:
    save(Popular().fit(DATA), tmp_path / "m")
    file = tmp_path / "m" / "holders.npy"
    content = bytearray(file.read_bytes())
    content[place] ^= 1
    file.write_bytes(content)
    with pytest.raises(ArtifactError, match="damaged"):
        load(KINDS, tmp_path / "m")


@pytest.mark.parametrize(
    "header", ["((", "{'descr'", "{'a': 01}", "{'shape': (10**99,)}", "", "\\", "{" * 90]
)
def test_a_header_that_is_no_header(tmp_path: Path, header: str) -> None:
    save(Popular().fit(DATA), tmp_path / "m")
    file = tmp_path / "m" / "holders.npy"
    content = file.read_bytes()
    file.write_bytes(content[:10] + header.ljust(117).encode() + content[127:])
    with pytest.raises(ArtifactError, match="cannot be read"):
        load(KINDS, tmp_path / "m", check=False)


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"format": 2}, "another version"),
        ({"format": None}, "another version"),
        ({"model": "oracle"}, "'oracle' that is not known"),
        ({"model": ["popular"]}, "not known"),
        ({"config": {"depth": 1}}, "damaged model"),
        ({"config": 7}, "damaged model"),
        ({"arrays": {}}, "damaged model"),
        ({"arrays": None}, "damaged model"),
        ({"arrays": {"holders": None}}, "damaged"),
    ],
)
def test_a_manifest_that_is_not_ours(tmp_path: Path, facts: dict[str, Any], message: str) -> None:
    save(Popular().fit(DATA), tmp_path / "m")
    file = tmp_path / "m" / "model.json"
    file.write_text(json.dumps(read_manifest(tmp_path / "m") | facts), encoding="utf-8")
    with pytest.raises(ArtifactError, match=message):
        load(KINDS, tmp_path / "m")


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b"{", b"\xff\xfe", b'{"format": 1}'])
def test_a_manifest_that_cannot_be_read(tmp_path: Path, content: bytes) -> None:
    save(Popular().fit(DATA), tmp_path / "m")
    (tmp_path / "m" / "model.json").write_bytes(content)
    with pytest.raises(ArtifactError):
        load(KINDS, tmp_path / "m")


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="holds no model"):
        load(KINDS, tmp_path / "none")


class Strange:
    """A model that has learned whatever the test says."""

    name: ClassVar[str] = "strange"
    config_class = Popular.config_class
    learned: ClassVar[Mapping[str, str]] = {"x": "anything"}

    def __init__(self, config: Any = None, **state: Any) -> None:
        self.config = config or Popular().config
        self._state = state

    def state(self) -> dict[str, NDArray[Any]]:
        return self._state

    def restore(self, state: Mapping[str, NDArray[Any]]) -> Self:
        self._state = dict(state)
        return self


@pytest.mark.parametrize(
    "array",
    [
        np.float32(1.5),
        np.array(7),
        np.empty((0, 3), np.int32),
        np.asfortranarray(np.arange(6).reshape(2, 3)),
        np.arange(10)[::-2],
        np.array(["一", "b"]),
        np.array([True]),
    ],
    ids=lambda array: f"{array.dtype}{array.shape}",
)
def test_shapes_and_types_are_kept(tmp_path: Path, array: Any) -> None:
    save(Strange(x=array), tmp_path / "m")  # type: ignore[arg-type]
    found = load({"strange": Strange}, tmp_path / "m").state()["x"]  # type: ignore[dict-item]
    np.testing.assert_array_equal(found, np.asarray(array), strict=True)


def test_objects_are_refused_and_the_former_model_stays(tmp_path: Path) -> None:
    save(Strange(x=np.arange(3)), tmp_path / "m")  # type: ignore[arg-type]
    before = files(tmp_path / "m")
    with pytest.raises(ArtifactError, match="cannot be saved"):
        save(Strange(x=np.array([{}], dtype=object)), tmp_path / "m")  # type: ignore[arg-type]
    assert files(tmp_path / "m") == before
    assert [path.name for path in tmp_path.iterdir()] == ["m"]


def test_a_pickle_in_an_arrays_place_is_never_opened(tmp_path: Path) -> None:
    save(Strange(x=np.arange(3)), tmp_path / "m")  # type: ignore[arg-type]
    np.save(tmp_path / "m" / "x.npy", np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(ArtifactError, match="cannot be read"):
        load({"strange": Strange}, tmp_path / "m", check=False)  # type: ignore[dict-item]


def test_other_arrays_than_declared_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"learned \['y'\], declared \['x'\]"):
        save(Strange(y=np.arange(3)), tmp_path / "m")  # type: ignore[arg-type]


def test_a_model_that_has_not_learned_is_not_saved(tmp_path: Path) -> None:
    with pytest.raises(NotFittedError):
        save(Popular(), tmp_path / "m")
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(ArtifactError, match="cannot be saved"):
        save(Popular().fit(DATA), tmp_path / "file" / "m")


class Replaced(Strange):
    """A model whose folder is replaced by another at the moment its config is read."""

    folder: ClassVar[Path]
    waiting: ClassVar[bool]

    def __init__(self, config: Any = None, **state: Any) -> None:
        super().__init__(config, **state)
        if type(self).waiting:
            type(self).waiting = False
            save(Strange(x=np.arange(5)), self.folder)  # type: ignore[arg-type]


def test_a_reader_never_mixes_two_models(tmp_path: Path) -> None:
    Replaced.folder, Replaced.waiting = tmp_path / "m", False
    save(Replaced(x=np.arange(3)), tmp_path / "m")  # type: ignore[arg-type]
    Replaced.waiting = True
    kinds: dict[str, Any] = {"strange": Replaced}
    with pytest.raises(ArtifactError, match="replaced while it was read"):
        load(kinds, tmp_path / "m", check=False)
    assert load(kinds, tmp_path / "m").state()["x"].tolist() == [0, 1, 2, 3, 4]


def test_many_writers_of_one_folder_all_succeed_and_leave_one_whole_model(tmp_path: Path) -> None:
    models = [Strange(x=np.full(2_000, number)) for number in range(6)]
    start = threading.Barrier(len(models))

    def write(model: Strange) -> None:
        start.wait()
        for _ in range(15):
            save(model, tmp_path / "m")  # type: ignore[arg-type]

    with ThreadPoolExecutor(len(models)) as pool:
        for done in [pool.submit(write, model) for model in models]:
            done.result()
    found = load({"strange": Strange}, tmp_path / "m").state()["x"]  # type: ignore[dict-item]
    assert found.shape == (2_000,)
    assert len(set(found.tolist())) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["m"]
