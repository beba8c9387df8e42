"""One model on one split: fit, score, mask, rank, measure. Ranked without the product's re-ranking."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from zetdard.data.interactions import Histories
from zetdard.data.types import Rows
from zetdard.evaluation.lists import Arrange, ListMaker, check_sizes
from zetdard.measure.metrics import MetricTable
from zetdard.measure.splits import HeldOut
from zetdard.models.base import Model, TrainingData
from zetdard.progress import Progress, silent


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """What came out for one model.

    Attributes:
        name: The model's name in the results.
        control: Whether it is there only to be compared with.
        ranked: Shape (evaluated users, largest k): item rows, best first, −1 where the candidates ran out.
        table: The metrics.
        fit_seconds: Time to fit; 0 for a run that uses a model fitted before.
        score_seconds: Time the model took to score the evaluated users; masking and ranking not counted.
    """

    name: str
    control: bool
    ranked: Rows
    table: MetricTable
    fit_seconds: float
    score_seconds: float
    variant_of: str | None = None
    """Name of the run that this one differs from by re-ranking alone; it is compared with that one only."""


@dataclass(frozen=True, slots=True, eq=False)
class Experiment:
    """A split, and how lists are made and measured on it.

    A list holds candidates only, without the items that the user holds in train; score descending, then row
    ascending. Relevant items that are no candidates count as misses: they stay in the recall's denominator and
    in the ideal list. Users without train items get the list of the most held items, whatever the model.

    Attributes:
        data: What models are fitted on.
        held_out: The evaluated users and their relevant items.
        candidates: Shape (items,): which items may be ranked.
        ks: Cut-offs, ascending.
        batch_size: Largest number of users scored at once.
    """

    data: TrainingData
    held_out: HeldOut
    candidates: NDArray[np.bool_]
    ks: tuple[int, ...] = (10, 20, 40)
    batch_size: int = 256

    def __post_init__(self) -> None:
        check_sizes(self.ks, self.batch_size)

    def histories(self) -> Histories:
        """Return the train items of the evaluated users, in their order; users that train does not know: none."""
        matrix = self.data.interactions.matrix
        # One empty row at the end, for those users.
        indptr = np.append(matrix.indptr, matrix.indptr[-1])
        extended = csr_array(
            (matrix.data, matrix.indices, indptr), shape=(matrix.shape[0] + 1, matrix.shape[1])
        )
        rows = self.held_out.rows
        return Histories(extended[np.where(rows < 0, matrix.shape[0], rows)], rows)

    def run(
        self,
        name: str,
        model: Model,
        *,
        control: bool = False,
        arrange: Arrange | None = None,
        progress: Progress = silent,
    ) -> Run:
        """Fit a model and measure its lists, re-ranked by ``arrange`` where it is given."""
        progress(f"{name}: fitting", 0, 1)
        start = perf_counter()
        model.fit(self.data)
        fit_seconds = perf_counter() - start
        return self.measure(
            name, model, control=control, fit_seconds=fit_seconds, arrange=arrange, progress=progress
        )

    def run_shuffled(self, name: str, model: Model, *, progress: Progress = silent) -> Run | None:
        """Measure lists that a fitted personal model made for the wrong people (the shuffled-identity control).

        Each listener's history is replaced by that of another, by a seeded derangement of the listeners with a
        history, while their own train items are masked. What remains of the model's advantage over popularity is
        not personal.

        Returns:
            The run, or ``None`` where fewer than two listeners have a history.
        """
        own = self.histories()
        donors = deranged(np.diff(own.matrix.indptr) > 0, self.data.seed)
        if donors is None:
            return None
        asked = Histories(own.matrix[donors], own.users[donors])
        return self.measure(name, model, control=True, asked=asked, progress=progress)

    def measure(
        self,
        name: str,
        model: Model,
        *,
        control: bool = False,
        asked: Histories | None = None,
        fit_seconds: float = 0.0,
        arrange: Arrange | None = None,
        progress: Progress = silent,
    ) -> Run:
        """Measure the lists of a fitted model.

        Args:
            name: The model's name in the results.
            model: Fitted on ``data``.
            control: Whether it is there only to be compared with.
            asked: What the model is told about each evaluated user; ``None`` = the truth. Masks are those of the
                true train items in any case.
            fit_seconds: Time it took to fit.
            arrange: Re-rank each list as the product does.
            progress: Told after each batch of users.
        """
        own = self.histories()
        questions = own if asked is None else asked
        interactions = self.data.interactions
        lists = ListMaker(
            held_out=self.held_out,
            masked=own.matrix,
            candidates=self.candidates,
            holders=interactions.item_degrees(),
            n_holding_users=int(np.count_nonzero(interactions.user_degrees())),
            no_evidence=np.diff(own.matrix.indptr) == 0,
            ks=self.ks,
            batch_size=self.batch_size,
        ).make(
            name,
            lambda rows: model.score(Histories(questions.matrix[rows], questions.users[rows])),
            arrange=arrange,
            progress=progress,
        )
        return Run(name, control, lists.ranked, lists.table, fit_seconds, lists.score_seconds)


def deranged(listeners: NDArray[np.bool_], seed: int) -> NDArray[np.int64] | None:
    """Return who takes whose place: a seeded cycle through all listeners, so that nobody keeps their own.

    Args:
        listeners: Shape (evaluated users,): who has a history. The others keep their place.
        seed: Seed of the cycle.

    Returns:
        Shape (evaluated users,): positions; ``None`` where fewer than two have a history.
    """
    rows = np.flatnonzero(listeners)
    if len(rows) < 2:
        return None
    circle = np.random.default_rng((seed, 2)).permutation(rows)
    donors = np.arange(len(listeners))
    donors[circle] = np.roll(circle, -1)
    return donors
