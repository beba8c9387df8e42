"""What all tests share: real data, a home of their own, and a plain word about what was skipped."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest

# Tests run side by side, and their matrices are small: threads that wait for each other cost many times what they save.
os.environ.setdefault("OMP_NUM_THREADS", "1")

IN_CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}
"""On the build machine everything is at hand: there a skipped test is a failure."""


@pytest.fixture(scope="session")
def real_data(pytestconfig: pytest.Config) -> Callable[[str], Path]:
    """Return the folder of a real data set by its name, ``real_data("lastfm_hetrec")``; skip where it is not."""

    def find(name: str) -> Path:
        folder = pytestconfig.rootpath.parent / "shared" / "data" / name
        if not folder.is_dir():
            reason = f"real data {name!r} is not at ../shared/data/{name}"
            if IN_CI:
                pytest.fail(reason)
            # The data belong to others and are not in the repository: a contributor may not have them.
            pytest.skip(reason)
        return folder

    return find


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that ZetDard takes for its home during the test."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("ZETDARD_HOME", str(folder))
    return folder


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line("markers", "smoke: a second's check, also run on other Pythons by .ci/run")


def _skipped(config: pytest.Config) -> dict[str, list[str]]:
    """Return what was skipped, by reason. Empty on the workers of xdist: their controller knows it all."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    reasons: dict[str, list[str]] = defaultdict(list)
    if reporter is not None and not hasattr(config, "workerinput"):
        for report in reporter.stats.get("skipped", []):
            where = report.longrepr
            reason = where[2] if isinstance(where, tuple) else str(where)
            reasons[reason.removeprefix("Skipped: ")].append(report.nodeid)
    return {reason: sorted(set(tests)) for reason, tests in sorted(reasons.items())}


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI, turn a run that would pass with skips into a failed one."""
    if IN_CI and session.exitstatus == pytest.ExitCode.OK and _skipped(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Name what was skipped and why."""
    skipped = _skipped(config)
    terminalreporter.section("skipped tests", sep="-")
    if not skipped:
        terminalreporter.line("none")
    for reason, tests in skipped.items():
        terminalreporter.line(f"{len(tests)} because: {reason}")
        for test in tests:
            terminalreporter.line(f"    {test}")
    if skipped and IN_CI:
        terminalreporter.line("FAILED: CI=true, and in CI nothing may be skipped", red=True)
