"""A skipped test is named with its reason, and is a failure in CI."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).parents[1] / "conftest.py"
TESTS = {
    "test_one.py": """
        import pytest

        def test_passes():
            pass

        def test_needs_data(real_data):
            real_data("no_such_data")

        @pytest.mark.skip(reason="no moon tonight")
        def test_moon():
            pass
    """,
    "test_two.py": """
        import pytest

        pytest.importorskip("no_such_library")
    """,
    "test_three.py": """
        import pytest

        @pytest.mark.xfail(reason="known", strict=True)
        def test_known():
            assert False
    """,
}


def run(
    folder: Path, *words: str, ci: bool, workers: int, files: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    folder.mkdir(exist_ok=True)
    shutil.copy(CONFTEST, folder / "conftest.py")
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    for name, source in files.items():
        lines = [line.removeprefix("        ") for line in source.splitlines()]
        (folder / name).write_text("\n".join(lines), encoding="utf-8")
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
    command = [sys.executable, "-m", "pytest", "-n", str(workers), "-p", "no:cacheprovider", *words]
    return subprocess.run(
        command,
        cwd=folder,
        env=environment | {"CI": "true" if ci else "false"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize("workers", [0, 2])
def test_skips_are_named_and_allowed_at_home(tmp_path: Path, workers: int) -> None:
    done = run(tmp_path / "tests", ci=False, workers=workers, files=TESTS)
    assert done.returncode == 0, done.stdout
    assert "1 because: real data 'no_such_data' is not at ../shared/data/no_such_data" in done.stdout
    assert "1 because: no moon tonight" in done.stdout
    assert "1 because: could not import 'no_such_library'" in done.stdout
    assert "    test_one.py::test_moon" in done.stdout
    assert "nothing may be skipped" not in done.stdout


@pytest.mark.parametrize("workers", [0, 2])
def test_skips_fail_in_ci(tmp_path: Path, workers: int) -> None:
    files = {name: source for name, source in TESTS.items() if name == "test_two.py"} | {
        "test_four.py": "        def test_passes():\n            pass\n"
    }
    done = run(tmp_path / "tests", ci=True, workers=workers, files=files)
    assert done.returncode == 1, done.stdout
    assert "1 because: could not import 'no_such_library'" in done.stdout
    assert "FAILED: CI=true, and in CI nothing may be skipped" in done.stdout


def test_missing_data_fail_in_ci(tmp_path: Path) -> None:
    done = run(
        tmp_path / "tests",
        "-k",
        "needs_data",
        ci=True,
        workers=0,
        files={"test_one.py": TESTS["test_one.py"]},
    )
    assert done.returncode == 1
    assert "1 failed" in done.stdout
    assert "real data 'no_such_data' is not at" in done.stdout


def test_nothing_skipped_passes_in_ci(tmp_path: Path) -> None:
    done = run(tmp_path / "tests", ci=True, workers=2, files={"test_three.py": TESTS["test_three.py"]})
    assert done.returncode == 0, done.stdout
    assert "1 xfailed" in done.stdout
