"""Starting and stopping the server: here until Ctrl-C, or beside us in a process or a thread of its own."""

from __future__ import annotations

import gc
import http.client
import os
import queue
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from typing import Any

import orjson
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from zetdard.errors import InputError, ZetDardError
from zetdard.sandbox.config import WorldConfig
from zetdard.sandbox.server.app import App
from zetdard.sandbox.server.misbehaviour import Plan
from zetdard.sandbox.server.service import Service
from zetdard.sandbox.server.wire import EXPONENT, PrivateKey
from zetdard.sandbox.world import World, generate

HOST = "127.0.0.1"
PORT = 8165
_START_S = 180.0
"""How long a server may take to invent its world and listen."""
_STOP_S = 5.0


class Protocol(HttpToolsProtocol):
    """HTTP that lets the application break the connection."""

    def on_message_begin(self) -> None:
        """Put the connection where the application finds it."""
        super().on_message_begin()
        self.scope["state"]["transport"] = self.transport


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningServer:
    """A server that runs.

    Attributes:
        url: Its address, without a slash at the end.
        modulus: Of the RSA key that weapi requests must be wrapped for, hexadecimal.
        exponent: Of the same key.
        about: What its control page says: totals, seed, a listener.
    """

    url: str
    modulus: str
    exponent: int
    about: Mapping[str, Any]

    def set_plan(self, plan: Plan) -> None:
        """Replace how it misbehaves; requests are counted from 1 again."""
        self._ask("POST", "/sandbox/plan", orjson.dumps(plan.to_json()))

    def requests(self) -> dict[str, dict[str, int]]:
        """Return how many requests came by route (``requests``), and what was refused (``refusals``)."""
        counts: dict[str, dict[str, int]] = self._ask("GET", "/sandbox/requests")
        return counts

    def _ask(self, method: str, path: str, body: bytes | None = None) -> Any:
        connection = http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=30)
        try:
            connection.request(method, path, body)
            reply = connection.getresponse()
            value = orjson.loads(reply.read())
            if reply.status != 200:
                raise InputError(f"the sandbox refuses: {value.get('error', value)}")
            return value
        finally:
            connection.close()


def serve(
    world: World,
    port: int = PORT,
    plan: Plan | None = None,
    *,
    cache_replies: bool = False,
    ready: Callable[[RunningServer], None] | None = None,
) -> None:
    """Serve a world on 127.0.0.1 until the process is told to stop.

    Args:
        world: What to tell of.
        port: 0 = any free one.
        plan: How to misbehave; by default not at all.
        cache_replies: See ``App``.
        ready: Called once the server listens.

    Raises:
        InputError: The port is not free.
        KeyboardInterrupt: Somebody pressed Ctrl-C.
    """
    listening, sock = _bound(port)
    server, running = _prepared(world, listening, plan or Plan(), cache_replies=cache_replies)
    server.ready = None if ready is None else lambda: ready(running)
    try:
        server.run(sockets=[sock])
    finally:
        sock.close()


@contextmanager
def running_server(
    world: World | WorldConfig,
    plan: Plan | None = None,
    *,
    cache_replies: bool = False,
    in_thread: bool = False,
    start_s: float = _START_S,
) -> Iterator[RunningServer]:
    """Serve a world on a free port while the block runs.

    Args:
        world: What to tell of, or what to invent.
        plan: How to misbehave; by default not at all.
        cache_replies: See ``App``.
        in_thread: Serve in a thread of this process. Otherwise a process of its own invents the world again, shares
            no CPU time with this one, and ends when this one ends, however that happens.
        start_s: Seconds after which a server that does not listen is given up.

    Raises:
        ZetDardError: It does not start.
    """
    beside = _in_thread if in_thread else _in_process
    with beside(world, plan or Plan(), cache_replies, start_s) as running:
        yield running


@contextmanager
def _in_thread(
    world: World | WorldConfig, plan: Plan, cache_replies: bool, start_s: float
) -> Iterator[RunningServer]:
    url, sock = _bound(0)
    told = generate(world) if isinstance(world, WorldConfig) else world
    server, running = _prepared(told, url, plan, cache_replies=cache_replies)
    listening = threading.Event()
    server.ready = listening.set
    thread = threading.Thread(
        target=server.run, kwargs={"sockets": [sock]}, name="zetdard-sandbox", daemon=True
    )
    thread.start()
    try:
        if not listening.wait(start_s):
            raise ZetDardError(f"the sandbox did not start within {start_s:g} s")
        yield running
    finally:
        server.should_exit = True
        thread.join(_STOP_S)
        server.force_exit = True
        sock.close()


@contextmanager
def _in_process(
    world: World | WorldConfig, plan: Plan, cache_replies: bool, start_s: float
) -> Iterator[RunningServer]:
    config = world if isinstance(world, WorldConfig) else world.config
    order = {"config": asdict(config), "plan": plan.to_json(), "cache_replies": cache_replies}
    process = subprocess.Popen(
        [sys.executable, "-m", "zetdard.sandbox.server"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        # Ctrl-C is for us: what we have asked for shall still be answered while we stop.
        start_new_session=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    lines: queue.Queue[bytes] = queue.Queue()
    reader = threading.Thread(
        target=lambda out: lines.put(out.readline()), args=(process.stdout,), daemon=True
    )
    try:
        # One that has already ended is found out below.
        with suppress(BrokenPipeError):
            process.stdin.write(orjson.dumps(order) + b"\n")
            process.stdin.flush()
        reader.start()
        try:
            line = lines.get(timeout=start_s)
        except queue.Empty:
            raise ZetDardError(f"the sandbox did not start within {start_s:g} s") from None
        if not line:
            raise ZetDardError("the sandbox ended before it listened; its message is above")
        report = orjson.loads(line)
        rsa = report["about"]["rsa"]
        yield RunningServer(
            url=report["url"],
            modulus=rsa["modulus"],
            exponent=rsa["exponent"],
            about=report["about"],
        )
    finally:
        process.terminate()
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        with suppress(BrokenPipeError):
            process.stdin.close()
        process.stdout.close()


def serve_for_parent() -> None:
    """Serve what the first line of standard input orders; end when standard input ends, as the parent has then."""
    order = orjson.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    world = generate(WorldConfig(**order["config"]))
    # What lives as long as the process need not be looked at by the garbage collector again.
    gc.collect()
    gc.freeze()

    def report(running: RunningServer) -> None:
        sys.stdout.buffer.write(orjson.dumps({"url": running.url, "about": running.about}) + b"\n")
        sys.stdout.buffer.flush()

    serve(world, 0, Plan.from_json(order["plan"]), cache_replies=order["cache_replies"], ready=report)


def _end_with_parent() -> None:
    while sys.stdin.buffer.read(1):
        pass
    os._exit(0)


class _Server(uvicorn.Server):
    """Says when it listens."""

    ready: Callable[[], None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.ready is not None:
            self.ready()


def _bound(port: int) -> tuple[str, socket.socket]:
    """Return the address and a socket that holds it."""
    # With the protocol left open, asyncio would not switch Nagle's algorithm off, and each reply would take 40 ms.
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if os.name == "posix":
        # A port that was closed a moment ago may be taken again; elsewhere the option would steal a busy one.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((HOST, port))
        # Without this, a port on which somebody binds but does not listen yet would count as free.
        sock.listen(256)
    except (OSError, OverflowError) as error:
        sock.close()
        raise InputError(f"cannot listen on {HOST}:{port}: {error}; name another with --port") from None
    return f"http://{HOST}:{sock.getsockname()[1]}", sock


def _prepared(world: World, url: str, plan: Plan, *, cache_replies: bool) -> tuple[_Server, RunningServer]:
    key = PrivateKey()
    app = App(Service(world, url, plan), key, cache_replies=cache_replies)
    config = uvicorn.Config(
        app,
        interface="asgi3",
        http=Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        # It would complain of every connection that is dropped on purpose; ``App`` prints its own errors.
        log_level="critical",
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        # Long, so that no client meets a connection that closes at the moment it is used again.
        timeout_keep_alive=600,
        timeout_graceful_shutdown=1,
    )
    running = RunningServer(url=url, modulus=f"{key.modulus:x}", exponent=EXPONENT, about=app.about())
    return _Server(config), running
