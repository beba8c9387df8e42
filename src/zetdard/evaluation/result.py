"""What an evaluation found: runs, intervals of their means, paired comparisons; as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from zetdard.evaluation.experiment import Run
from zetdard.measure.intervals import LEVEL, Comparison, Interval, compare, intervals

COMPARED = ("ndcg", "recall")
"""Metrics that pairs of models are compared by."""


@dataclass(frozen=True, slots=True)
class PairedComparison:
    """Model ``a`` against model ``b`` by one metric."""

    a: str
    b: str
    metric: str
    comparison: Comparison

    def to_json(self) -> dict[str, Any]:
        """Return plain lists, texts and numbers."""
        return {
            "a": self.a,
            "b": self.b,
            "metric": self.metric,
            "difference": self.comparison.difference,
            "ci": list(self.comparison.interval),
            "better": self.comparison.better,
            "worse": self.comparison.worse,
        }


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """What was found: one table of models, with intervals and paired comparisons.

    Attributes:
        protocol: How it was measured, in words and numbers.
        dataset: What it was measured on.
        ks: Cut-offs, ascending.
        runs: Requested models in their order, then controls.
        intervals: Run → metric → confidence interval of its mean.
        paired: Each pair of runs with at least one requested model; a control is never ``a`` beside a model.
    """

    protocol: Mapping[str, Any]
    dataset: Mapping[str, Any]
    ks: tuple[int, ...]
    runs: tuple[Run, ...]
    intervals: Mapping[str, Mapping[str, Interval]]
    paired: tuple[PairedComparison, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain dictionaries, lists, texts and numbers."""
        return {
            "protocol": dict(self.protocol),
            "dataset": dict(self.dataset),
            "models": {run.name: self._model_json(run) for run in self.runs},
            "paired": [pair.to_json() for pair in self.paired],
        }

    def _model_json(self, run: Run) -> dict[str, Any]:
        entry: dict[str, Any] = {}
        for name, mean in run.table.means().items():
            entry[name] = mean
            if name in self.intervals[run.name]:
                entry[f"{name}_ci"] = list(self.intervals[run.name][name])
        times = {"fit_seconds": run.fit_seconds, "score_seconds": run.score_seconds}
        return entry | times | {"control": run.control}


def measured(
    runs: Sequence[Run],
    requested: set[str],
    *,
    protocol: Mapping[str, Any],
    dataset: Mapping[str, Any],
    ks: tuple[int, ...],
    resamples: int,
    seed: int,
) -> Measured:
    """Add intervals and paired comparisons to runs.

    Args:
        runs: In the order in which they are shown.
        requested: Names of the runs that pairs are formed with.
        protocol: How it was measured.
        dataset: What it was measured on.
        ks: Cut-offs, ascending.
        resamples: Bootstrap resamples of an interval.
        seed: Seed of the resamples.
    """
    return Measured(
        protocol={
            **protocol,
            "ks": list(ks),
            "seed": seed,
            "interval": f"percentile bootstrap over users, {LEVEL:.0%}",
            "resamples": resamples,
        },
        dataset=dataset,
        ks=ks,
        runs=tuple(runs),
        intervals={run.name: intervals(run.table.per_user, resamples=resamples, seed=seed) for run in runs},
        paired=_paired(runs, requested, resamples=resamples, seed=seed),
    )


def _paired(
    runs: Sequence[Run], requested: set[str], *, resamples: int, seed: int
) -> tuple[PairedComparison, ...]:
    found = []
    for a, b in combinations(sorted(runs, key=lambda run: run.control), 2):
        if not requested & {a.name, b.name} or not _comparable(a, b):
            continue
        sides = [
            {name: v for name, v in run.table.per_user.items() if name.split("@")[0] in COMPARED}
            for run in (a, b)
        ]
        for metric, comparison in compare(*sides, resamples=resamples, seed=seed).items():
            found.append(PairedComparison(a.name, b.name, metric, comparison))
    return tuple(found)


def _comparable(a: Run, b: Run) -> bool:
    """Whether a pair says something: a re-ranked variant is compared with its own model only."""
    return all(one.variant_of in {None, other.name} for one, other in ((a, b), (b, a)))
