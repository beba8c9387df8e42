"""``demo``: the whole way on an invented world, without network, account or data."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import numpy as np

from zetdard.data.dataset import Dataset
from zetdard.errors import InputError
from zetdard.evaluation.report import to_brief
from zetdard.sandbox.config import WorldConfig
from zetdard.sandbox.world import generate
from zetdard.settings import own_database
from zetdard.surfaces.cli.options import opened
from zetdard.surfaces.cli.text import print_recommendation, printable
from zetdard.surfaces.python_api import ZetDard

SOURCE = "sandbox"
"""Namespace of the invented ids, so that they never mix with real ones."""


def run_demo(home: Path | None, *, seed: int) -> None:
    """Invent a world, import it, recommend to one of its listeners with reasons, and measure.

    Args:
        home: Where to keep it; ``None`` = a temporary folder that is removed at the end.
        seed: Seed of the world.
    """
    begun = time.monotonic()
    with _folder(home) as folder, opened(folder, own_database(folder)) as zetdard:
        _refuse_real_data(zetdard)
        _step("An INVENTED world: its listeners, songs and artists do not exist")
        world = generate(WorldConfig(seed=seed))
        report = zetdard.import_records(SOURCE, world.records(), format="world")
        print(", ".join(f"{count:,} × {name}" for name, count in report.counts.items()))
        dataset = zetdard.dataset()
        listener = _listener(dataset)
        label = dataset.users.vocabulary.label(listener)
        _show_history(dataset, listener)
        _step("Songs, and why")
        print_recommendation(zetdard.recommend("songs", label, n=5), explain=True)
        _step("Artists, and why")
        print_recommendation(zetdard.recommend("artists", label, n=5), explain=True)
        _step("People, and why")
        print_recommendation(zetdard.recommend("friends", label, n=5), explain=True)
        _step("A listener without an account")
        likes = [dataset.songs.name(int(song)) for song in dataset.holdings.held(listener)[:2]]
        print_recommendation(zetdard.recommend("songs", like=likes, n=3), explain=False)
        _measure(zetdard)
        print(f"\nDone in {time.monotonic() - begun:.0f} s. Everything above is invented.")
        if home is not None:
            print(f"The world is kept in {folder}: try zetdard recommend songs {label} --home {folder}")
    print("With data of your own: zetdard import --help")


def _refuse_real_data(zetdard: ZetDard) -> None:
    """Keep the invented apart from the real: nobody could tell them from each other afterwards."""
    if any(entry["source"] != SOURCE for entry in zetdard.imports()):
        raise InputError("this home holds data that are not invented: name another folder for the demo")


def _measure(zetdard: ZetDard) -> None:
    _step("How good is that? Held-out songs, artists and follows, beside controls")
    measured: dict[Literal["songs", "artists", "friends"], list[str]] = {
        "songs": ["song-graph", "user-neighbours", "item-knn"],
        "artists": ["song-graph"],
        "friends": ["adamic-adar", "thesis"],
    }
    for kind, models in measured.items():
        print()
        print(kind)
        print(to_brief(zetdard.evaluate(kind, models, ks=(20,))), end="")


def _listener(dataset: Dataset) -> int:
    """Return the row of a listener with a history of middling length: neither a beginner nor a collector."""
    sizes = dataset.holdings.user_degrees()
    known = np.flatnonzero(sizes)
    return int(known[np.argsort(sizes[known], kind="stable")[len(known) // 2]])


def _show_history(dataset: Dataset, listener: int) -> None:
    held = dataset.holdings.held(listener)
    some = ", ".join(dataset.songs.name(int(song)) for song in held[:6])
    print(
        printable(f"Our listener: {dataset.describe_user(listener)}, who holds {len(held)} songs: {some} …")
    )


def _step(title: str) -> None:
    print(f"\n── {title} ──")


@contextmanager
def _folder(home: Path | None) -> Iterator[Path]:
    if home is not None:
        yield home
        return
    with tempfile.TemporaryDirectory(prefix="zetdard-demo-") as temporary:
        yield Path(temporary)
