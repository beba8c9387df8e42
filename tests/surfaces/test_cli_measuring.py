"""``evaluate`` and ``benchmark`` as scripts read them."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

import zetdard
from recommend.small import open_world
from surfaces.asking import ask, ask_json, refused, write_hetrec, write_playlists
from zetdard.measure.intervals import RESAMPLES

METRICS = ("ndcg", "recall", "precision", "map", "mrr", "hit_rate", "coverage", "novelty", "gini")
KINDS = ["songs", "artists", "friends"]


@pytest.fixture(scope="module")
def world_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("measured")
    open_world(folder).close()
    return folder


@pytest.mark.parametrize("kind", KINDS)
def test_evaluate_shows_controls_and_intervals(world_home: Path, kind: str) -> None:
    model = "adamic-adar" if kind == "friends" else "song-graph"
    document = ask_json("evaluate", kind, model, "--k", "5,10", "--home", world_home)
    assert list(document) == ["protocol", "dataset", "models", "paired"]
    models = document["models"]
    assert {model, "popular", "random"} < set(models)
    shuffled = [name for name in models if name.startswith("shuffled")]
    assert len(shuffled) == 1
    assert ("song-graph, as shown" in models) == (kind == "songs")
    for name in (model, "popular", "random", *shuffled):
        entry = models[name]
        assert entry["control"] == (name != model)
        for metric in METRICS:
            for k in (5, 10):
                assert math.isfinite(entry[f"{metric}@{k}"])
        low, high = entry["ndcg@10_ci"]
        assert low <= entry["ndcg@10"] <= high
        assert {"fit_seconds", "score_seconds"} <= set(entry)
    assert document["protocol"]["ks"] == [5, 10]
    assert document["protocol"]["resamples"] == RESAMPLES
    assert {"popular", "random"} < set(document["protocol"]["controls"])
    pairs = {(pair["a"], pair["b"], pair["metric"]) for pair in document["paired"]}
    assert (model, "popular", "ndcg@10") in pairs
    for metric in ("ndcg@10", "recall@10"):
        assert models[model][metric] > models["popular"][metric] > 0
        assert models[model][metric] > models[shuffled[0]][metric]


def test_evaluate_as_text(world_home: Path) -> None:
    done = ask("evaluate", "songs", "popular", "--k", "10", "--home", world_home)
    assert done.exit_code == 0
    assert "nDCG@10" in done.stdout
    assert "random (control)" in done.stdout


def test_evaluate_other_files(home: Path, tmp_path: Path) -> None:
    hetrec = write_hetrec(tmp_path / "hetrec")
    friends = ask_json("evaluate", "friends", "overlap", "--data", hetrec, "--k", "1")
    assert friends["dataset"]["test_users"] == 4
    assert friends["models"]["overlap"]["ndcg@1"] == 0.5  # by hand: 2 and 3 find each other, 4 and 5 do not
    artists = ask_json("evaluate", "artists", "popular", "--data", hetrec, "--k", "1")
    assert artists["dataset"]["users"] == 4
    assert "no songs are stored" in refused("evaluate", "songs", "--data", hetrec)
    playlists = write_playlists(tmp_path / "playlists")
    songs = ask_json("evaluate", "songs", "popular", "--data", playlists, "--split", "random", "--k", "2")
    assert songs["dataset"]["test_users"] > 0
    assert list(home.iterdir()) == []
    assert "cannot be measured on" in refused("evaluate", "songs", "--data", tmp_path)


def test_what_cannot_be_measured_is_said(world_home: Path) -> None:
    assert "no model 'magic'" in refused("evaluate", "songs", "magic", "--home", world_home)
    for kind in ("artists", "friends"):
        line = refused("evaluate", kind, "--split", "time", "--home", world_home)
        assert "only songs can be divided by time" in line


@pytest.fixture
def split(tmp_path: Path) -> Path:
    folder = tmp_path / "split"
    folder.mkdir()
    (folder / "train.txt").write_text("1 10 20\n2 10 20 30\n3 20 30\n")
    (folder / "test.txt").write_text("1 30\n3 10 99\n")
    return folder


def test_benchmark_by_hand(split: Path, home: Path) -> None:
    document = ask_json("benchmark", split, "--models", "popular,item-knn", "--k", "1,2")
    models = document["models"]
    assert list(models)[:2] == ["popular", "item-knn"]
    assert "random" in models
    # Each list holds the one song that is left: a hit for both; 99 stands in no train row.
    assert models["popular"]["hit_rate@1"] == 1.0
    assert models["popular"]["recall@2"] == 0.75
    assert models["popular"]["ndcg@2"] == pytest.approx((1 + 1 / (1 + 1 / math.log2(3))) / 2)
    assert document["dataset"]["test_items_not_in_train"] == 1
    assert list(home.iterdir()) == []


def test_benchmark_refuses_what_it_does_not_know(split: Path) -> None:
    assert "there is no model 'magic'" in refused("benchmark", split, "--models", "magic")
    assert refused("benchmark", split, "--models", ",")
    assert "items.csv" in refused("benchmark", split, "--models", "popular", "--cold")
    (split / "test.txt").write_text("1 30 x\ty \x1b[2J\n")
    assert "\x1b" not in ask("benchmark", split, "--models", "popular").stderr


def test_the_python_api_measures_the_same(split: Path, world_home: Path) -> None:
    def without_times(document: dict[str, object]) -> object:
        models: dict[str, dict[str, object]] = document["models"]  # type: ignore[assignment]
        return {
            name: {metric: value for metric, value in entry.items() if not metric.endswith("_seconds")}
            for name, entry in models.items()
        }

    told = ask_json("benchmark", split, "--models", "popular", "--k", "2")
    assert without_times(zetdard.benchmark(split, ["popular"], ks=(2,)).to_json()) == without_times(told)
    told = ask_json("evaluate", "friends", "jaccard", "--k", "10", "--home", world_home)
    with zetdard.open(world_home) as z:
        found = z.evaluate("friends", ["jaccard"], ks=(10,)).to_json()
    assert without_times(found) == without_times(told)


@pytest.mark.parametrize(
    "words", [["--others", "3"], ["--picture", "roc.svg"], ["--likes", "5"], ["--modalities"]]
)
def test_what_is_for_taste_is_refused_elsewhere(world_home: Path, words: list[str]) -> None:
    done = ask("evaluate", "songs", "song-graph", *words, "--home", world_home)
    assert (done.exit_code, done.stdout) == (2, "")
    assert f"{words[0]} is for taste, not for songs" in done.stderr


def test_other_listeners_need_tracks(world_home: Path) -> None:
    for data in ([], ["--data", "world"]):
        said = refused("evaluate", "taste", "svm", *data, "--others", "3", "--home", world_home)
        assert "over the tracks of a folder only" in said
