"""The training loop: it learns, stops, goes on after a stop with the same bytes, and leaves the world as it was."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from zetdard.errors import ArtifactError, InputError
from zetdard.models.base import Workshop
from zetdard.models.deep import checkpoints, training
from zetdard.models.deep.training import Plan, train
from zetdard.models.deep.weights import weights_of, with_weights


class Line:
    """Learns y = 2 x + 1 through a dropout, so that torch's random numbers count."""

    def __init__(self, *, validated: bool = True, stop_at: int | None = None, noise: float = 0.0) -> None:
        torch.manual_seed(3)
        self.network = torch.nn.Sequential(
            torch.nn.Linear(1, 8), torch.nn.Dropout(0.2), torch.nn.Linear(8, 1)
        )
        self.x = torch.linspace(-1, 1, 32)[:, None]
        self.validated, self.stop_at, self.noise = validated, stop_at, noise
        self.epochs = 0

    def losses(self, random: np.random.Generator) -> Iterator[torch.Tensor]:
        if self.epochs == self.stop_at:
            raise KeyboardInterrupt
        self.epochs += 1
        for rows in np.array_split(random.permutation(32), 4):
            x = self.x[rows]
            yield ((self.network(x) - 2 * x - 1) ** 2).mean()

    def validation(self) -> float | None:
        if not self.validated:
            return None
        return float(((self.network(self.x) - 2 * self.x - 1) ** 2).mean()) + self.noise * self.epochs


def run(lesson: Line, workshop: Workshop | None = None, **plan: object) -> training.Trained:
    settings = {"epochs": 12, "learning_rate": 0.05, "seed": 7, **plan}
    return train(lesson, Plan(**settings), workshop or Workshop(), name="line", identity="a line")  # type: ignore[arg-type]  # settings by their names


def test_it_learns_and_tells_a_curve() -> None:
    lesson = Line()
    trained = run(lesson, epochs=60)
    assert trained.curve.shape == (60, 2)
    assert trained.curve[-1, 1] < 0.05 * trained.curve[0, 1]
    assert trained.stopped == "epochs"
    assert not lesson.network.training


def test_the_best_network_is_kept() -> None:
    lesson = Line(noise=10.0)  # each epoch looks worse than the one before
    trained = run(lesson, patience=3)
    assert (trained.best, trained.stopped, len(trained.curve)) == (0, "patience", 4)
    with torch.no_grad():
        assert lesson.validation() == pytest.approx(trained.curve[0, 1] + 10.0 * 3, rel=1e-5)


def test_without_validation_the_last_network_is_kept() -> None:
    trained = run(Line(validated=False), patience=1)
    assert trained.best == 11
    assert np.isnan(trained.curve[:, 1]).all()


def test_two_trainings_give_the_same_bytes_whatever_was_drawn_before() -> None:
    first, second = Line(), Line()
    one = run(first)
    torch.rand(5)
    assert run(second).curve.tobytes() == one.curve.tobytes()
    assert weights_of(first.network).tobytes() == weights_of(second.network).tobytes()


def test_what_others_draw_is_as_if_nothing_had_been() -> None:
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    lesson = Line()
    torch.manual_seed(0)
    run(lesson)
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.parametrize("stop_at", [1, 5, 11])
def test_a_stopped_training_goes_on_with_the_same_result(
    tmp_path: Path, stop_at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "_CHECKPOINT_S", -1.0)
    peaceful = Line()
    expected = run(peaceful)
    workshop = Workshop(tmp_path / "training")
    with pytest.raises(KeyboardInterrupt):
        run(Line(stop_at=stop_at), workshop)
    lesson = Line()
    trained = run(lesson, workshop)
    assert lesson.epochs == 12 - stop_at
    assert trained.curve.tobytes() == expected.curve.tobytes()
    assert weights_of(lesson.network).tobytes() == weights_of(peaceful.network).tobytes()
    assert not list((tmp_path / "training").iterdir())


@pytest.mark.parametrize("what", ["damaged", "of another"])
def test_a_checkpoint_that_cannot_be_used_costs_time_only(
    tmp_path: Path, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "_CHECKPOINT_S", -1.0)
    with pytest.raises(KeyboardInterrupt):
        run(Line(stop_at=4), Workshop(tmp_path))
    file = tmp_path / "line.npz"
    if what == "damaged":
        file.write_bytes(file.read_bytes()[:100])
    else:
        state = checkpoints.read(file)
        assert state is not None
        checkpoints.write(file, {**state, "identity": "another line"})
    lesson = Line()
    run(lesson, Workshop(tmp_path))
    assert lesson.epochs == 12


def test_a_folder_that_cannot_be_written_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "_CHECKPOINT_S", -1.0)
    (tmp_path / "file").touch()
    assert len(run(Line(), Workshop(tmp_path / "file" / "below")).curve) == 12


def test_a_budget_ends_it() -> None:
    trained = run(Line(), Workshop(budget_s=0.0), epochs=10_000)
    assert trained.stopped == "budget"
    assert len(trained.curve) < 10_000


def test_progress_is_told() -> None:
    told: list[tuple[str, int, int | None]] = []
    run(Line(), Workshop(progress=lambda *about: told.append(about)))
    assert [done for _, done, _ in told] == list(range(13))
    assert {total for _, _, total in told} == {12}


def test_a_loss_that_is_no_number_is_refused() -> None:
    with pytest.raises(InputError, match="no number"):
        run(Line(), learning_rate=1e30, clip=None)


def test_a_checkpoint_gives_back_what_was_written(tmp_path: Path) -> None:
    state = {"a": torch.arange(3), "b": {0: [1, 2.5, "x", None, torch.eye(2)]}, "c": True}
    checkpoints.write(tmp_path / "x.npz", state)
    found = checkpoints.read(tmp_path / "x.npz")
    assert found is not None
    assert torch.equal(found["a"], state["a"])
    assert found["b"][0][:4] == [1, 2.5, "x", None]
    assert torch.equal(found["b"][0][4], torch.eye(2))
    assert found["c"] is True
    assert checkpoints.read(tmp_path / "none.npz") is None


def test_weights_go_round() -> None:
    network = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3))
    network(torch.randn(8, 2))
    other = with_weights(
        torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3)), weights_of(network)
    )
    assert weights_of(other).tobytes() == weights_of(network).tobytes()
    assert not other.training
    with pytest.raises(ArtifactError):
        with_weights(other, np.zeros(3, np.float32))
