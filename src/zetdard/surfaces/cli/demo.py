"""``demo``: the whole way on an invented world, without network, account or data."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from zetdard.data.dataset import Dataset
from zetdard.errors import InputError
from zetdard.evaluation.report import to_brief
from zetdard.records import UserId
from zetdard.sandbox.config import WorldConfig
from zetdard.sandbox.server import running_server
from zetdard.settings import own_database
from zetdard.surfaces.cli.crawling import display, show_crawl
from zetdard.surfaces.cli.featurizing import show_features
from zetdard.surfaces.cli.options import opened
from zetdard.surfaces.cli.similar import print_similar
from zetdard.surfaces.cli.text import print_recommendation, printable
from zetdard.surfaces.python_api import ZetDard

SOURCE = "sandbox"
"""Namespace of the invented ids, so that they never mix with real ones."""

_SOUNDS = 60
"""So many songs are fetched with their sound: enough to compare, quickly heard."""

_EXTRAS = {"audio": "soundfile", "lyrics": "jieba"}
"""Extra → a library that is there when it is installed."""

_DEPTH = 20
"""Steps from person to person: enough to meet everybody whom the listener's world reaches."""


def run_demo(home: Path | None, *, seed: int) -> None:
    """Invent a world, serve it as a NetEase, crawl it, recommend to one of its listeners with reasons, and measure.

    Args:
        home: Where to keep it; ``None`` = a temporary folder that is removed at the end.
        seed: Seed of the world.
    """
    begun = time.monotonic()
    with _folder(home) as folder, opened(folder, own_database(folder)) as zetdard:
        _refuse_real_data(zetdard)
        _step("An INVENTED NetEase: its listeners, songs and artists do not exist")
        label = _crawl(zetdard, seed)
        dataset = zetdard.dataset()
        listener = dataset.users.vocabulary.row(UserId(label))
        _show_history(dataset, listener)
        _step("Songs, and why")
        print_recommendation(zetdard.recommend("songs", label, n=5), explain=True)
        _listen_and_read(zetdard, dataset, listener)
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


def _crawl(zetdard: ZetDard, seed: int) -> str:
    """Serve an invented NetEase, crawl it from one listener on, and return the listener's id."""
    with running_server(WorldConfig(seed=seed)) as server, display() as watch:
        print(f"It listens on {server.url} and speaks the protocol of the real one, encryption included.")
        label = str(server.about["listener"]["id"])
        print(
            f"zetdard crawl --sandbox --user {label} --depth {_DEPTH} --rate 0 --audio --limit audio={_SOUNDS}"
        )
        report = zetdard.crawl(
            users=[label],
            sandbox=server.url,
            depth=_DEPTH,
            rate=0,
            also=("audio",),
            limits={"audio": _SOUNDS},
            watch=watch,
        )
    world, stored = server.about["counts"], zetdard.counts()
    show_crawl(report, json=False)
    found = ", ".join(
        f"{stored[name]:,} of {world[name]:,} {name}" for name in ("users", "playlists", "songs", "artists")
    )
    print(f"found: {found}")
    return label


def _listen_and_read(zetdard: ZetDard, dataset: Dataset, listener: int) -> None:
    """Describe sound and words, as far as the libraries are installed, and show what is like one of the songs."""
    _step("What is like one of these songs, by sound, words and people")
    missing = [extra for extra, library in _EXTRAS.items() if find_spec(library) is None]
    if missing:
        print(f"Sound and words need libraries: pip install 'zetdard[{','.join(missing)}]'")
    print("zetdard featurize")
    show_features(zetdard.featurize(), json=False)
    sound = zetdard.features().descriptors().present
    held = dataset.holdings.held(listener)
    heard = [int(song) for song in held if sound is not None and sound[song]]
    song = dataset.songs.vocabulary.label(heard[0] if heard else int(held[0]))
    print(f"zetdard similar songs {song}")
    print_similar(zetdard.similar("songs", song, n=4))


def _refuse_real_data(zetdard: ZetDard) -> None:
    """Keep the invented apart from the real: nobody could tell them from each other afterwards."""
    sources = {entry["source"] for entry in zetdard.imports()} | zetdard.crawl_states().keys()
    if sources - {SOURCE}:
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
