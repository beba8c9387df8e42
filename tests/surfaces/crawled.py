"""An invented NetEase that the command line's tests crawl, and the words that lead there."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from surfaces.asking import ask_json
from zetdard.sandbox import World, WorldConfig, generate
from zetdard.sandbox.server import RunningServer, running_server

CONFIG = WorldConfig(
    seed=3,
    n_users=30,
    n_songs=80,
    n_artists=15,
    n_genres=4,
    latent_size=8,
    mean_follows=2,
    n_sounding=40,
    sound_seconds=0.5,
)
COMMAND = [sys.executable, "-m", "zetdard"]


@dataclass(frozen=True)
class Town:
    """The server and the truth behind it."""

    world: World
    server: RunningServer

    @property
    def listener(self) -> str:
        """A listener with a history of middling length."""
        return str(self.server.about["listener"]["id"])

    @property
    def here(self) -> list[str]:
        return ["--sandbox", "--sandbox-url", self.server.url]

    def crawl(self, *words: str | Path, rate: float = 0) -> list[str | Path]:
        """Return the words of a crawl."""
        return ["crawl", *self.here, "--rate", str(rate), *words]

    def requests(self, route: str) -> int:
        """Return how often something was asked for since the server began."""
        return self.server.requests()["requests"].get(route, 0)


@contextmanager
def town() -> Iterator[Town]:
    world = generate(CONFIG)
    with running_server(world, in_thread=True) as server:
        yield Town(world, server)


def start(*words: str | Path, **environment: str) -> subprocess.Popen[str]:
    """Start the command as a process, in a group of its own, as a terminal does."""
    return subprocess.Popen(
        [*COMMAND, *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONWARNINGS": "error", **environment},
        start_new_session=True,
    )


def stored(home: Path) -> dict[str, int]:
    counts: dict[str, int] = ask_json("status", "--home", home)["stored"]
    return counts


def visits(home: Path) -> dict[str, Any]:
    """Return what ``status`` says of each kind of visit."""
    kinds: dict[str, Any] = ask_json("status", "--home", home)["crawls"]["sandbox"]["kinds"]
    return kinds
