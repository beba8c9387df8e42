"""Artists on one's own data: held-out artists of each listener, with all songs by them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from zetdard.data.dataset import Dataset
from zetdard.data.interactions import Histories, Interactions, ones_like
from zetdard.data.types import Csr, Floats
from zetdard.errors import NoDataError
from zetdard.evaluation.contest import SHUFFLED, ModelFactory, compete, shuffled_note
from zetdard.evaluation.experiment import Experiment, Run, deranged
from zetdard.evaluation.lists import ListMaker, ScoreRows
from zetdard.evaluation.stored_parts import (
    SHARE,
    Contest,
    Split,
    refuse_time,
    run_lists,
    scores_of,
    split_facts,
)
from zetdard.measure.splits import HeldOut, random_holdout
from zetdard.models.base import Model, TrainingData
from zetdard.progress import Progress
from zetdard.recommend.artists import ArtistScorer


def artists_contest(
    dataset: Dataset,
    models: Mapping[str, ModelFactory],
    controls: Mapping[str, ModelFactory],
    ks: tuple[int, ...],
    split: Split,
    seed: int,
    progress: Progress,
) -> Contest:
    """Measure how well held-out artists are found; through songs where songs are stored, else by plays."""
    refuse_time(split, "artists")
    through_songs = len(dataset.holdings) > 0
    whole = dataset.artist_holdings() if through_songs else dataset.plays
    if len(whole) == 0:
        raise NoDataError("no artists are stored that anybody holds or plays")
    train, test = random_holdout(whole, SHARE, seed=seed)
    if len(test) == 0:
        raise NoDataError("nobody holds two artists: nothing can be held out")
    protocol = {
        "split": f"at random: {SHARE:.0%} of each user's artists are held out (seed {seed})",
        "candidates": "artists that somebody holds in train",
        "masked": "the user's artists in train",
        "users_without_train_items": "the most held artists",
        "reranking": "none",
    }
    if not through_songs:
        experiment = Experiment(
            TrainingData(train, seed=seed), HeldOut.of(test), train.item_degrees() > 0, ks
        )
        runs, notes = compete(experiment, models, controls, progress=progress)
        return (
            runs,
            protocol | {"controls": notes},
            split_facts(train, test, experiment.candidates, "artists"),
        )
    songs = _without_artists(dataset, test)
    kept = replace(dataset, holdings=songs)
    held_out = HeldOut.of(test)
    # Gone with the songs may be artists who appear beside held-out ones. They are held all the same, and neither
    # offered nor relevant; but what is left in songs is all that a model learns from.
    masked = train.matrix[held_out.rows]
    train = kept.artist_holdings()
    maker = _list_maker(train, masked, held_out, ks)
    data = TrainingData(songs, seed=seed)
    artist_data = TrainingData(train, seed=seed)
    donors = deranged(~maker.no_evidence, seed)
    runs = []
    shuffled: list[Run] = []
    notes = {}
    for name, make in (dict(models) | {n: c for n, c in controls.items() if n not in models}).items():
        begun = perf_counter()
        artist_model = make().fit(artist_data)
        # Who asks nobody ranks artists directly, as the product does. So do controls: through songs, a random order
        # would favour artists of many songs.
        model = make().fit(data) if artist_model.personal and name not in controls else None
        seconds = perf_counter() - begun
        if model is None:
            scores = scores_of(artist_model, train, held_out)
        else:
            scores = _artist_scores(kept, model, artist_model, held_out)
        runs.append(run_lists(maker, name, scores, seconds, progress, control=name in controls))
        if name in controls:
            notes[name] = "no personal taste: a line to beat"
        elif model is not None and not shuffled and donors is not None:
            wrong = _artist_scores(kept, model, artist_model, held_out, donors)
            shuffled.append(run_lists(maker, SHUFFLED, wrong, 0.0, progress, control=True))
            notes[SHUFFLED] = shuffled_note(name)
    runs += shuffled
    return runs, protocol | {"controls": notes}, split_facts(train, test, maker.candidates, "artists")


def _without_artists(dataset: Dataset, test: Interactions) -> Interactions:
    """Return who holds which song, without each user's songs by artists that are held out for them."""
    credits = ones_like(dataset.song_artists)
    by_held_out = ((test.binary() @ credits.T).multiply(dataset.holdings.binary())).tocsr()
    by_held_out.sort_indices()
    size = np.int64(len(dataset.songs))
    whole = dataset.holdings.matrix.tocoo()
    gone = by_held_out.tocoo()
    mask = ~np.isin(whole.row * size + whole.col, gone.row * size + gone.col)
    return dataset.holdings.keep(mask)


def _artist_scores(
    dataset: Dataset,
    songs: Model,
    artists: Model,
    held_out: HeldOut,
    donors: NDArray[np.int64] | None = None,
) -> ScoreRows:
    """Return how the product scores artists for the evaluated users.

    Args:
        dataset: With the songs of train.
        songs: Fitted on them.
        artists: Fitted on the artists of these songs.
        held_out: The evaluated users.
        donors: Position of the user whose history each is given; ``None`` = the truth.
    """
    order = np.arange(len(held_out)) if donors is None else donors

    def score(rows: slice) -> Floats:
        users = held_out.rows[order[rows]]
        parts = []
        for user in users:
            history = Histories.of_users(dataset.holdings, np.array([user]))
            eligible = np.ones(len(dataset.songs), bool)
            eligible[history.matrix.indices] = False
            parts.append(ArtistScorer(dataset, songs, artists, eligible).score(history))
        return np.concatenate(parts)

    return score


def _list_maker(train: Interactions, masked: Csr, held_out: HeldOut, ks: tuple[int, ...]) -> ListMaker:
    return ListMaker(
        held_out=held_out,
        masked=masked,
        candidates=train.item_degrees() > 0,
        holders=train.item_degrees(),
        n_holding_users=int(np.count_nonzero(train.user_degrees())),
        no_evidence=train.user_degrees()[held_out.rows] == 0,
        ks=ks,
    )
