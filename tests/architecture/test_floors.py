"""Imports point only down, and loading ZetDard loads nothing heavy."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from architecture.floors import FLOORS, MOST_LINES, violations

PACKAGE = Path(__file__).parents[2] / "src" / "zetdard"
HEAVY = ("numpy", "numba", "scipy", "sklearn", "torch", "sqlalchemy")


def test_the_house_keeps_its_floors() -> None:
    assert violations(PACKAGE) == []


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A small sound package, into which a test plants one breach."""
    package = tmp_path / "zetdard"
    for module, source in {
        "__init__": '__version__ = "1"\n\n\ndef __getattr__(name):\n    from zetdard.surfaces.python_api import Library\n',
        "errors": "class ZetDardError(Exception): ...\n",
        "records": "from zetdard.errors import ZetDardError\n",
        "data/dataset": "import numpy as np\nfrom zetdard.errors import ZetDardError\nfrom . import types\n",
        "data/types": "",
        "models/base": "from zetdard.data import dataset\n",
        "models/item_knn": "from zetdard.models.base import Model\n",
        "store/reader": "from zetdard import __version__\nfrom zetdard import records as r\n",
        "features/audio": "import librosa\n",
        "recommend/recommender": "from zetdard.models.base import Model\n",
        "evaluation/experiment": "from zetdard.recommend.recommender import Recommender\n",
        "registry": "from zetdard.models.item_knn import ItemKnn\n",
        "jobs/evaluate": "from zetdard.evaluation.experiment import Experiment\n",
        "sandbox/world": "import json\nimport numpy\nfrom zetdard.records import Record\n",
        "surfaces/cli": "from zetdard.jobs import evaluate\nimport zetdard.sandbox.world\n",
        "surfaces/python_api": "from zetdard.registry import models\n",
    }.items():
        plant(package, module, source)
    assert violations(package) == []
    return package


def plant(package: Path, module: str, source: str) -> None:
    path = package / f"{module}.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.parent != package:
        (path.parent / "__init__.py").touch()
    path.write_text(source, encoding="utf-8")


@pytest.mark.parametrize(
    ("module", "source", "reason"),
    [
        ("models/new", "from zetdard.recommend.query import Query", "imports up"),
        ("models/new", "def f():\n    from zetdard.recommend.query import Query", "imports up"),
        (
            "models/new",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from zetdard.jobs.x import X",
            "imports up",
        ),
        ("models/new", "import importlib\nimportlib.import_module('zetdard.jobs')", "imports up"),
        ("models/new", "import zetdard.store.reader", "imports sideways"),
        ("features/new", "from zetdard.models import base", "imports sideways"),
        ("sources/new", "from zetdard import store", "imports sideways"),
        ("store/new", "from ..features import audio", "imports sideways"),
        ("store/new", "from ..errors import ZetDardError", "a relative import reaches up"),
        ("data/new", "from zetdard.measure import splits", "imports sideways"),
        ("errors", "from zetdard.records import User", "imports up"),
        ("jobs/new", "from zetdard import registry", "imports sideways"),
        ("jobs/new", "from zetdard.models.item_knn import ItemKnn", "only registry names concrete models"),
        (
            "surfaces/new",
            "from zetdard.sources.netease import Client",
            "only registry names concrete sources",
        ),
        ("recommend/new", "from zetdard.evaluation.experiment import E", "serves and imports"),
        ("surfaces/api", "from zetdard.evaluation.experiment import E", "serves and imports"),
        ("surfaces/web/pages", "from zetdard.evaluation import experiment", "serves and imports"),
        ("sandbox/new", "from zetdard.data.types import Rows", "the sandbox imports"),
        ("sandbox/new", "import scipy", "the sandbox imports scipy"),
        ("jobs/new", "from zetdard.sandbox import World", "only surfaces and tests know the sandbox"),
        ("__init__", "from zetdard.errors import ZetDardError", "export it lazily"),
        ("recommend/new", "import torch", "optional library torch"),
        (
            "features/new",
            "try:\n    import pyspark\nexcept ImportError:\n    pyspark = None",
            "library pyspark",
        ),
        ("models/new", "import soundfile as sf", "optional library soundfile"),
        ("cellar/new", "", "unknown room 'cellar': add it to FLOORS"),
        ("surfaces/new", "from zetdard.cellar import wine", "imports the unknown room 'cellar'"),
        ("store/new", "from zetdard import Library", "if it is a public name, import it from its own room"),
        ("attic", "", "unknown room 'attic'"),
        ("data/array_utils", "", "'utils'"),
        ("jobs/misc/new", "", "'misc'"),
        ("data/new", "\n" * (MOST_LINES + 1), "401 lines"),
    ],
)
def test_a_planted_breach_is_found(house: Path, module: str, source: str, reason: str) -> None:
    plant(house, module, source)
    found = violations(house)
    assert any(reason in line for line in found), found


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("models/new", "def fit():\n    import torch\n    import faiss"),
        ("recommend/new", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import torch"),
        ("models/new", "from .base import Model"),
        ("data/new", "\n" * MOST_LINES),
        (
            "__init__",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from zetdard.surfaces import python_api",
        ),
    ],
)
def test_what_is_allowed_is_not_reported(house: Path, module: str, source: str) -> None:
    plant(house, module, source)
    assert violations(house) == []


def test_every_room_of_the_four_is_on_floor_three() -> None:
    assert {room for room, floor in FLOORS.items() if floor == 3} == {
        "sources",
        "store",
        "features",
        "models",
    }


def loaded_by(code: str) -> list[str]:
    """Run ``code`` in a fresh interpreter and return which heavy libraries it loaded."""
    report = f"import json, sys\nprint(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{report}"], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    loaded: list[str] = json.loads(done.stdout.splitlines()[-1])
    return loaded


@pytest.mark.smoke
def test_importing_zetdard_loads_nothing_heavy() -> None:
    assert loaded_by("import zetdard") == []


@pytest.mark.smoke
def test_the_command_line_loads_nothing_heavy() -> None:
    assert loaded_by("import zetdard.surfaces.cli") == []


@pytest.mark.smoke
def test_help_loads_nothing_heavy() -> None:
    code = (
        "import runpy, sys\n"
        "sys.argv = ['zetdard', '--help']\n"
        "try:\n"
        "    runpy.run_module('zetdard', run_name='__main__')\n"
        "except SystemExit as end:\n"
        "    assert not end.code, end.code\n"
    )
    assert loaded_by(code) == []
