"""Several models on a ready-made split, beside controls, with intervals and paired comparisons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zetdard.data.features import FeatureBlock
from zetdard.data.regions import region_block
from zetdard.errors import InputError
from zetdard.evaluation.contest import ModelFactory, compete
from zetdard.evaluation.experiment import Experiment
from zetdard.evaluation.result import Measured, measured
from zetdard.evaluation.splitfiles import SplitFiles, read_split
from zetdard.measure.intervals import RESAMPLES
from zetdard.models.base import TrainingData
from zetdard.progress import Progress, silent


def benchmark(
    folder: Path,
    models: Mapping[str, ModelFactory],
    *,
    controls: Mapping[str, ModelFactory],
    ks: Sequence[int] = (10, 20, 40),
    cold: bool = False,
    seed: int = 0,
    resamples: int = RESAMPLES,
    progress: Progress = silent,
) -> Measured:
    """Fit and measure models on the split in a folder.

    Args:
        folder: See :mod:`zetdard.evaluation.splitfiles`.
        models: Name → how to make the requested model.
        controls: Likewise for models that always stand beside them. A model that is requested too has one entry,
            marked as a control.
        ks: Cut-offs.
        cold: Rank exactly the items of items.csv that no train row holds, instead of exactly those one does.
        seed: Seed of fits, controls and resamples.
        resamples: Bootstrap resamples of an interval.
        progress: Told what is going on.

    Raises:
        InputError: No model is asked for, a name is taken, or ``cold`` has nothing to rank.
        FormatError: A file breaks the format.
        NoDataError: Train or test is empty.
    """
    split = read_split(folder)
    experiment = Experiment(
        data=TrainingData(split.train, user_features=_user_features(split), seed=seed),
        held_out=split.test,
        candidates=_candidates(split, cold=cold),
        ks=tuple(sorted(set(ks))),
    )
    runs, notes = compete(experiment, models, controls, progress=progress)
    return measured(
        runs,
        set(models),
        protocol=_protocol(notes, cold=cold),
        dataset=_dataset(split, experiment),
        ks=experiment.ks,
        resamples=resamples,
        seed=seed,
    )


def _user_features(split: SplitFiles) -> dict[str, FeatureBlock]:
    """Return where the users live, if a column of users.csv says so."""
    columns = split.user_columns
    regions = columns.get("region", columns.get("country"))
    return {} if regions is None else {"region": region_block(split.train.users, regions)}


def _candidates(split: SplitFiles, *, cold: bool) -> NDArray[np.bool_]:
    """Return which items may be ranked: shape (items,)."""
    held: NDArray[np.bool_] = split.train.item_degrees() > 0
    if not cold:
        return held
    # The vocabulary is train and items.csv together: what train does not hold stands in items.csv.
    if held.all():
        raise InputError("a cold benchmark needs an items.csv with items that no row of train.txt holds")
    return ~held


def _protocol(notes: Mapping[str, str], *, cold: bool) -> dict[str, Any]:
    candidates = "items of items.csv that no train row holds" if cold else "items that a train row holds"
    return {
        "fit": "train only",
        "candidates": candidates,
        "masked": "the user's train items, nothing else",
        "unranked_items": "test items that are no candidates count as misses",
        "average": "over users with test items",
        "ndcg": "log2 discount, ideal list cut at k",
        "ties": "by id",
        "users_without_train_items": "the most held items",
        "reranking": "none",
        "cold": cold,
        "controls": dict(notes),
    }


def _dataset(split: SplitFiles, experiment: Experiment) -> dict[str, Any]:
    histories = experiment.histories()
    return {
        "name": split.name,
        "users": split.n_user_ids,
        "items": split.n_item_ids,
        "train_pairs": len(split.train),
        "valid_pairs": 0 if split.valid is None else int(split.valid.n_relevant.sum()),
        "test_pairs": int(split.test.n_relevant.sum()),
        "test_users": len(split.test),
        "test_users_without_train_items": int(np.count_nonzero(np.diff(histories.matrix.indptr) == 0)),
        "candidates": int(np.count_nonzero(experiment.candidates)),
        "test_items_not_in_train": split.n_unranked_test_items,
        "item_columns": list(split.item_columns),
        "user_columns": list(split.user_columns),
    }
