"""Several models in one experiment, beside the controls that always stand there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from zetdard.errors import InputError
from zetdard.evaluation.experiment import Experiment, Run
from zetdard.models.base import Model
from zetdard.progress import Progress, silent

ModelFactory: TypeAlias = Callable[[], Model]
SHUFFLED = "shuffled"
"""Name of the shuffled-identity control."""


def compete(
    experiment: Experiment,
    models: Mapping[str, ModelFactory],
    controls: Mapping[str, ModelFactory],
    *,
    progress: Progress = silent,
) -> tuple[list[Run], dict[str, str]]:
    """Fit and measure models, then controls, then the first personal model with shuffled identities.

    Args:
        experiment: The split.
        models: Name → how to make the requested model.
        controls: Likewise for models that always stand beside them. A model that is requested too has one entry,
            marked as a control.
        progress: Told what is going on.

    Returns:
        The runs in order, and for each control what it is.

    Raises:
        InputError: No model is asked for, or a name is taken.
    """
    check_names(models, controls)
    runs: list[Run] = []
    first_personal: tuple[str, Model] | None = None
    for name, make in (dict(models) | {n: c for n, c in controls.items() if n not in models}).items():
        model = make()
        runs.append(experiment.run(name, model, control=name in controls, progress=progress))
        if first_personal is None and model.personal and name not in controls:
            first_personal = name, model
    notes = {run.name: "no personal taste: a line to beat" for run in runs if run.control}
    if first_personal is not None:
        shuffled = experiment.run_shuffled(SHUFFLED, first_personal[1], progress=progress)
        if shuffled is not None:
            runs.append(shuffled)
            notes[SHUFFLED] = shuffled_note(first_personal[0])
    return runs, notes


def check_names(models: Mapping[str, ModelFactory], controls: Mapping[str, ModelFactory]) -> None:
    """Refuse to begin without a model, or with one that has a control's name."""
    if not models:
        raise InputError("name at least one model")
    if SHUFFLED in models or SHUFFLED in controls:
        raise InputError(f"{SHUFFLED!r} is the name of a control")


def shuffled_note(model: str) -> str:
    """Say what the shuffled-identity control of a model is."""
    return (
        f"{model} asked with the history of another, random listener (a seeded derangement), "
        "own train items masked"
    )
