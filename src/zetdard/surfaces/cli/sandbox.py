"""``sandbox``: serve the invented NetEase on this machine, or write down its truth."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from zetdard.errors import InputError
from zetdard.sandbox.config import SCALES
from zetdard.sandbox.world import generate
from zetdard.surfaces.cli.progress import TerminalProgress
from zetdard.surfaces.cli.text import print_json, printable

if TYPE_CHECKING:
    from zetdard.sandbox.server import Plan, RunningServer


def run_sandbox(
    *, port: int, scale: str, seed: int, export: Path | None, plan: Path | None, json: bool = False
) -> None:
    """Invent a world and serve it until Ctrl-C, or export its truth and return.

    Args:
        port: Where to listen on 127.0.0.1; 0 = any free port.
        scale: Name of a world in ``SCALES``.
        seed: Of the world.
        export: Folder to write the truth to, instead of serving.
        plan: JSON file that says how to misbehave (docs/sandbox-server.md).
        json: Write one JSON document, what the control page says, when it listens.

    Raises:
        InputError: There is no such scale, the plan cannot be read, or the port is not free.
        KeyboardInterrupt: Somebody pressed Ctrl-C.
    """
    if scale not in SCALES:
        raise InputError(f"no world is called {scale!r}; there are {', '.join(SCALES)}")
    config = replace(SCALES[scale], seed=seed)
    if export is not None:
        from zetdard.sandbox.truth import export_truth

        with TerminalProgress() as progress:
            export_truth(generate(config), export, progress)
        if json:
            print_json({"exported": str(export), "invented": True, "seed": seed, "scale": scale})
            return
        print(f"The truth about the INVENTED world of seed {seed} lies in {printable(str(export))}")
        return
    from zetdard.sandbox.server import serve

    misbehaviour = _read_plan(plan)
    serve(generate(config), port, misbehaviour, ready=_announce_json if json else _announce)


def _read_plan(path: Path | None) -> Plan | None:
    from zetdard.sandbox.server import Plan

    if path is None:
        return None
    try:
        text = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read the plan {path}: {error.strerror}") from None
    return Plan.from_json(text)


def _announce_json(server: RunningServer) -> None:
    print_json({"url": server.url, **server.about})
    sys.stdout.flush()


def _announce(server: RunningServer) -> None:
    from zetdard.sandbox.server import PORT

    about, listener = server.about, server.about["listener"]
    counts = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in about["counts"].items())
    place = "" if server.url.endswith(f":{PORT}") else f" --sandbox-url {server.url}"
    print(f"An INVENTED NetEase listens on {server.url}: nobody and nothing in it is real.")
    print(f"Seed {about['seed']}: {counts}")
    print(f"A listener with a history of middling length: {listener['id']} ({printable(listener['name'])})")
    print("In another terminal:")
    print(f"  zetdard crawl --sandbox{place} --user {listener['id']} --rate 0")
    print(f"  zetdard recommend songs {listener['id']} --explain")
    print("Ctrl-C stops it.", flush=True)
