"""Arrays by content and extractor: whole or not there, damaged ones made again, refusals remembered."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import numpy as np
import pytest

from zetdard.data.extractor import Extractor
from zetdard.errors import Failure, InputError, StoreError
from zetdard.store.arrays import ArrayFolder

A, B, C = ("a" * 64, "b" * 64, "c" * 64)
PLAIN = Extractor("descriptors", "1", {"sampling": "whole"})


@pytest.fixture
def folder(tmp_path: Path) -> ArrayFolder:
    return ArrayFolder(tmp_path / "features", PLAIN)


def test_arrays_come_back_as_they_were(folder: ArrayFolder) -> None:
    arrays = {
        "values": np.arange(3, dtype=np.float32),
        "words": np.array(["月", "moon"]),
        "flag": np.array(True),
    }
    folder.write(A, arrays)
    found = folder.read(A)
    assert found.keys() == arrays.keys()
    for name, array in arrays.items():
        assert found[name].dtype == array.dtype
        assert np.array_equal(found[name], array)
    assert folder.hashes() == {A: ".npz"}


def test_a_single_array_is_mapped_and_not_read(folder: ArrayFolder) -> None:
    folder.write_one(A, np.arange(12, dtype=np.int16).reshape(3, 4))
    found = folder.open_one(A)
    assert isinstance(found, np.memmap)
    assert found[2, 3] == 11


def test_another_version_or_setting_is_another_folder(tmp_path: Path) -> None:
    extractors = [
        PLAIN,
        Extractor("descriptors", "2", {"sampling": "whole"}),
        Extractor("descriptors", "1", {"sampling": "3 x 10 s"}),
        Extractor("musicnn", "1", {"sampling": "whole"}),
    ]
    for number, extractor in enumerate(extractors):
        ArrayFolder(tmp_path, extractor).write(A, {"number": np.array(number)})
    assert [int(ArrayFolder(tmp_path, extractor).read(A)["number"]) for extractor in extractors] == [
        0,
        1,
        2,
        3,
    ]
    about = json.loads((ArrayFolder(tmp_path, PLAIN).folder / "about.json").read_text("utf-8"))
    assert about["settings"] == {"sampling": "whole"}


def test_an_extractor_is_the_same_whatever_the_order_of_its_settings() -> None:
    assert Extractor("x", "1", {"a": "1", "b": "2"}).key == Extractor("x", "1", {"b": "2", "a": "1"}).key
    with pytest.raises(InputError):
        Extractor("../x", "1")


def test_a_refusal_gives_way_to_arrays_and_arrays_to_no_refusal(folder: ArrayFolder) -> None:
    folder.refuse(A, "truncated", "结束")
    assert folder.refusals() == {A: Failure("truncated", "结束")}
    folder.write(A, {"values": np.zeros(1)})
    assert folder.hashes() == {A: ".npz"}
    folder.refuse(A, "crashed", "said by another process")
    assert folder.hashes() == {A: ".npz"}
    folder.forget(A)
    assert folder.hashes() == {}


def test_what_the_system_refuses_removes_nothing(
    folder: ArrayFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.write(A, {"values": np.zeros(1)})
    folder.write_one(B, np.zeros(1))

    def too_many(*_: object, **__: object) -> None:
        raise OSError(24, "Too many open files")

    with monkeypatch.context() as patched:
        patched.setattr(np, "load", too_many)
        for read in (lambda: folder.read(A), lambda: folder.open_one(B)):
            with pytest.raises(StoreError, match="Too many open files"):
                read()
    assert folder.hashes() == {A: ".npz", B: ".npy"}


def test_all_damaged_files_of_a_table_are_removed_at_once(folder: ArrayFolder) -> None:
    for sha256 in (A, B, C):
        folder.write(sha256, {"values": np.zeros(2, np.float32)})
    for path in list(folder.folder.glob("*/*.npz"))[:2]:
        path.write_bytes(b"")
    with pytest.raises(StoreError, match="damaged"):
        folder.table("values", [A, B, C])
    assert len(folder.hashes()) == 1


def test_leftovers_of_a_day_ago_are_swept(folder: ArrayFolder) -> None:
    folder.write(A, {"values": np.zeros(1)})
    shelf = folder.folder / A[:2]
    for name, age in ((".old", 2 * 86_400), (".new", 60)):
        (shelf / name).write_bytes(b"half")
        os.utime(shelf / name, (time.time() - age, time.time() - age))
    folder.sweep()
    assert not (shelf / ".old").exists()
    assert (shelf / ".new").exists()
    assert folder.hashes() == {A: ".npz"}


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04", b"not an archive"])
def test_a_damaged_file_is_removed_so_that_it_is_made_again(folder: ArrayFolder, damage: bytes) -> None:
    folder.write(A, {"values": np.zeros(3)})
    (file,) = folder.folder.glob("*/*.npz")
    file.write_bytes(damage)
    with pytest.raises(StoreError, match="featurize again"):
        folder.read(A)
    assert folder.hashes() == {}
    with pytest.raises(StoreError, match="not there"):
        folder.read(A)


def test_a_damaged_refusal_and_a_damaged_clip_are_removed(folder: ArrayFolder) -> None:
    folder.refuse(A, "x", "")
    folder.write_one(B, np.zeros(3))
    for file in [*folder.folder.glob("*/*.json"), *folder.folder.glob("*/*.npy")]:
        file.write_bytes(b"{")
    assert folder.refusals() == {}
    with pytest.raises(StoreError):
        folder.open_one(B)
    assert folder.hashes() == {}


def test_what_was_not_finished_is_not_there(folder: ArrayFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.write(A, {"values": np.zeros(1)})

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(StoreError, match="No space left"):
        folder.write(B, {"values": np.zeros(1)})
    assert folder.hashes() == {A: ".npz"}
    assert (
        len([path for path in folder.folder.rglob("*") if path.is_file()]) == 2
    )  # the array, and about.json


def test_objects_and_strange_names_are_refused(folder: ArrayFolder) -> None:
    with pytest.raises(InputError, match="objects"):
        folder.write(A, {"values": np.array([{}], dtype=object)})
    with pytest.raises(InputError, match="hexadecimal"):
        folder.write("../" + "a" * 61, {"values": np.zeros(1)})


def test_a_table_is_kept_and_made_anew_for_other_contents(folder: ArrayFolder) -> None:
    for number, sha256 in enumerate((A, B, C)):
        folder.write(sha256, {"values": np.full(2, number, np.float32)})
    assert folder.table("values", [A, B]).tolist() == [[0, 0], [1, 1]]
    folder.forget(A)
    assert folder.table("values", [A, B]).tolist() == [[0, 0], [1, 1]]  # as long as nobody asks for others
    assert folder.table("values", [C, B]).tolist() == [[2, 2], [1, 1]]
    assert len(list((folder.folder / "tables").iterdir())) == 1
    assert folder.hashes() == {B: ".npz", C: ".npz"}
    with pytest.raises(StoreError):
        folder.table("values", [A])
