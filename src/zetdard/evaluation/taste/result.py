"""A taste experiment: models and controls on one pool, with intervals and paired differences; as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from zetdard.errors import InputError
from zetdard.evaluation.result import PairedComparison
from zetdard.evaluation.taste.controls import OF_SOUND, SHUFFLED, controls, note_of
from zetdard.evaluation.taste.lift import Lift, lifts
from zetdard.evaluation.taste.pool import Pool
from zetdard.evaluation.taste.protocol import LearnerFactory, TastePlan, TasteRun, run
from zetdard.measure.intervals import LEVEL, RESAMPLES, Interval, compare, intervals
from zetdard.progress import Progress, silent


@dataclass(frozen=True, slots=True, eq=False)
class TasteMeasured:
    """What was found on one pool.

    Attributes:
        pool: The pool's name.
        protocol: How it was measured, in words and numbers.
        dataset: What it was measured on.
        listeners: Their names, in the order of every run's values.
        runs: Requested models in their order, then controls.
        intervals: Run → metric → confidence interval of its mean over listeners.
        paired: Each requested model against each base, by each metric, no pair both ways round; then the pairs that were
            asked for.
        lifts: Run → its share of the oracle's lift over chance; empty where no oracle is known.
    """

    pool: str
    protocol: Mapping[str, Any]
    dataset: Mapping[str, Any]
    listeners: tuple[str, ...]
    runs: tuple[TasteRun, ...]
    intervals: Mapping[str, Mapping[str, Interval]]
    paired: tuple[PairedComparison, ...]
    lifts: Mapping[str, Lift] = field(default_factory=dict)

    def run(self, name: str) -> TasteRun:
        """Return a run by its name."""
        for one in self.runs:
            if one.name == name:
                return one
        raise InputError(f"{name!r} was not measured; there are {', '.join(one.name for one in self.runs)}")

    def against(self, name: str, base: str, metric: str = "auc") -> PairedComparison | None:
        """Return the paired difference of a run and a base, where it was made."""
        for pair in self.paired:
            if (pair.a, pair.b, pair.metric) == (name, base, metric):
                return pair
        return None

    def to_json(self) -> dict[str, Any]:
        """Return plain dictionaries, lists, texts and numbers."""
        return {
            "pool": self.pool,
            "protocol": dict(self.protocol),
            "dataset": dict(self.dataset),
            "models": {one.name: self._run_json(one) for one in self.runs},
            "paired": [pair.to_json() for pair in self.paired],
        }

    def _run_json(self, one: TasteRun) -> dict[str, Any]:
        entry: dict[str, Any] = {}
        for metric, mean in one.means().items():
            entry[metric] = mean
            entry[f"{metric}_ci"] = list(self.intervals[one.name][metric])
        if one.name in self.lifts:
            entry["oracle_lift"] = self.lifts[one.name].to_json()
        return entry | {
            "listeners": {metric: values.tolist() for metric, values in one.per_listener.items()},
            "roc": one.roc.round(4).tolist(),
            "learn_seconds": one.learn_seconds,
            "score_seconds": one.score_seconds,
            "control": one.control,
        }


def evaluate_taste(
    pool: Pool,
    models: Mapping[str, LearnerFactory],
    *,
    how: TastePlan | None = None,
    bases: Sequence[str] = (),
    pairs: Sequence[tuple[str, str]] = (),
    resamples: int = RESAMPLES,
    progress: Progress = silent,
) -> TasteMeasured:
    """Measure models of taste on a pool, beside the controls that it allows.

    Args:
        pool: Listeners, folds and features.
        models: Name → how to make a learner.
        how: How the pool is used.
        bases: Names of runs that the models are compared with; if left out, the plain controls that hear, or where the pool
            allows none the first model.
        pairs: Further pairs of runs (a, b) that are compared, as a − b.
        resamples: Bootstrap resamples of an interval.
        progress: Told what is going on.

    Raises:
        InputError: No model is asked for, or one has the name of a control, or a base is none of the runs.
    """
    if not models:
        raise InputError("name at least one model")
    taken = sorted(name for name in models if note_of(name) is not None)
    if taken:
        raise InputError(f"{taken[0]!r} is the name of a control")
    how = how or TastePlan()
    beside = controls(pool, next(iter(models.values())))
    bases = bases or tuple(name for name in OF_SOUND if name in beside) or (next(iter(models)),)
    named = {*bases, *(name for pair in pairs for name in pair)}
    unknown = sorted(named - set(models) - set(beside))
    if unknown:
        raise InputError(f"nothing is compared with {unknown[0]!r}: it is not among the runs")
    runs = [
        run(name, make, pool, how, control=name in beside, progress=progress)
        for name, make in {**models, **beside}.items()
    ]
    return TasteMeasured(
        pool=pool.name,
        protocol=_protocol(pool, how, next(iter(models)), [*beside], bases, resamples),
        dataset=_dataset(pool),
        listeners=tuple(listener.name for listener in pool.listeners),
        runs=tuple(runs),
        intervals={one.name: intervals(one.per_listener, resamples=resamples, seed=how.seed) for one in runs},
        paired=_paired(runs, bases, pairs, resamples=resamples, seed=how.seed),
        lifts=lifts(runs, resamples=resamples, seed=how.seed),
    )


def _paired(
    runs: Sequence[TasteRun],
    bases: Sequence[str],
    asked: Sequence[tuple[str, str]],
    *,
    resamples: int,
    seed: int,
) -> tuple[PairedComparison, ...]:
    by_name = {one.name: one for one in runs}
    pairs: dict[tuple[str, str], None] = {}
    for base in bases:
        for one in runs:
            if not one.control and one.name != base and (base, one.name) not in pairs:
                pairs[one.name, base] = None
    for a, b in asked:
        pairs.pop((b, a), None)
        pairs[a, b] = None
    return tuple(
        PairedComparison(a, b, metric, comparison)
        for a, b in pairs
        for metric, comparison in compare(
            by_name[a].per_listener, by_name[b].per_listener, resamples=resamples, seed=seed
        ).items()
    )


def _protocol(
    pool: Pool, how: TastePlan, first: str, beside: Sequence[str], bases: Sequence[str], resamples: int
) -> dict[str, Any]:
    notes = {name: note_of(name) for name in beside}
    return {
        **pool.facts,
        **asdict(how),
        "split": "by song: a song's labels of all listeners are held out together",
        "pooled": "a listener's scores of all folds are measured together",
        "average": "over listeners",
        "verdict": "liked where the score is above 0",
        "interval": f"percentile bootstrap over listeners, {LEVEL:.0%}",
        "resamples": resamples,
        "bases": list(bases),
        "controls": {name: f"{note} ({first})" if name == SHUFFLED else note for name, note in notes.items()},
    }


def _dataset(pool: Pool) -> dict[str, Any]:
    liked = np.array([listener.liked.mean() for listener in pool.listeners])
    sizes = [len(listener.rows) for listener in pool.listeners]
    labelled = np.unique(np.concatenate([listener.rows for listener in pool.listeners]))
    features = {}
    for name, block in pool.blocks.items():
        present = block.known
        features[name] = {"columns": len(block.columns), "known": int(present[labelled].sum())}
    return {
        "name": pool.name,
        "listeners": len(pool.listeners),
        "songs": len(labelled),
        "labels": sum(sizes),
        "liked": float(liked.mean()),
        "folds": len(np.unique(pool.folds)),
        "features": features,
    }
