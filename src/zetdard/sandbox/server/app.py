"""The ASGI application: takes a request apart, lets the plan spoil it, and sends what the service answers."""

from __future__ import annotations

import asyncio
import sys
import traceback
from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import orjson

from zetdard.errors import InputError
from zetdard.sandbox.server.files import File, deliver
from zetdard.sandbox.server.misbehaviour import Fault, Plan
from zetdard.sandbox.server.reading import read, route_name
from zetdard.sandbox.server.routes import NAMES, Route
from zetdard.sandbox.server.service import BAD_REQUEST, NEEDS_LOGIN, SAID, Asked, RefusedError, Service
from zetdard.sandbox.server.wire import EXPONENT, PrivateKey, WireError, seal

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]
Headers = list[tuple[bytes, bytes]]
Meant = tuple[str, str, int | None]
"""What is asked: route, fields, and who is logged in."""

NAME = "zetdard-sandbox"
_INVENTED = (b"x-invented", NAME.encode())
_JSON = (b"content-type", b"application/json;charset=UTF-8")
_HTML = (b"content-type", b"text/html;charset=utf8")
_MARK = {"invented": NAME}
"""In every JSON object, because a server between us and a client may leave out the header."""
_NO_ROUTE = orjson.dumps({"code": 404, "msg": "接口未找到！", **_MARK})
_PAGE = (
    "<!DOCTYPE html><html><head><title>502</title></head><body>网络太拥挤，请稍候再试</body></html>".encode()
)
_MOST_BODY = 4 << 20
_MOST_CACHED = 512 << 20


class App:
    """The invented service as an ASGI application.

    Args:
        service: What answers.
        key: Opens weapi requests.
        cache_replies: Whether to keep encoded replies and answer the same question with the same bytes, for as long
            as nothing misbehaves. For measuring clients.

    Raises:
        InputError: The service's plan names a route that there is not.
    """

    def __init__(self, service: Service, key: PrivateKey, *, cache_replies: bool = False) -> None:
        _check_names(service.plan)
        self.service, self.key = service, key
        self.requests: Counter[str] = Counter()
        self.refusals: Counter[str] = Counter()
        self._cache_room = _MOST_CACHED if cache_replies else 0
        self._cache: dict[Meant, bytes] = {}

    def about(self) -> dict[str, Any]:
        """Return what the control page says: that all is invented, the public key, the totals, a listener."""
        world, people = self.service.world, self.service.world.people_labels
        config, listener = world.config, self.service.listener
        return {
            "invented": True,
            "name": NAME,
            "seed": config.seed,
            "scale": {"users": config.n_users, "songs": config.n_songs, "artists": config.n_artists},
            "rsa": {"modulus": f"{self.key.modulus:x}", "exponent": EXPONENT},
            "counts": {
                "users": config.n_users,
                "artists": config.n_artists,
                "songs": config.n_songs,
                "playlists": len(world.playlists),
                "playlist_songs": sum(int(drawn.songs.size) for drawn in world.playlists),
                "subscriptions": len(world.subscriptions),
                "follows": len(world.follows),
                "comments": config.total_comments,
                "lyrics": config.n_songs,
                "sounding": config.total_sounding,
            },
            "listener": {"id": people.user_ids[listener], "name": people.nicknames[listener]},
        }

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        if scope["type"] != "http":
            return
        try:
            await self._answer(scope, receive, send)
        except Exception:
            # The server's own logging is off, since it complains of every connection that is dropped on purpose.
            traceback.print_exc(file=sys.stderr)
            await _reply(
                send, 500, [(b"content-type", b"text/plain")], b"the sandbox is broken: see its terminal"
            )

    async def _answer(self, scope: Message, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        headers = dict(scope["headers"])
        if path.startswith(("/weapi/", "/eapi/", "/api/")):
            await self._api(scope, headers, await _body(receive), send)
        elif path.startswith("/sound/") and scope["method"] in ("GET", "HEAD"):
            await self._sound(path, headers, send)
        elif path.startswith("/image/") and scope["method"] in ("GET", "HEAD"):
            self.requests["image"] += 1
            await _send_file(send, self._image(path), headers)
        elif path == "/sandbox/plan" and scope["method"] == "POST":
            await self._take_plan(await _body(receive), send)
        elif path == "/sandbox":
            await _reply(send, 200, [_JSON], orjson.dumps(self.about()))
        elif path == "/sandbox/requests":
            counts = {"requests": dict(self.requests), "refusals": dict(self.refusals)}
            await _reply(send, 200, [_JSON], orjson.dumps(counts))
        else:
            await _reply(send, 404, [_JSON], _NO_ROUTE)

    async def _api(self, scope: Message, headers: dict[bytes, bytes], body: bytes, send: Send) -> None:
        name = route_name(scope["path"])
        if name is None:
            self.requests["unknown"] += 1
            await _reply(send, 404, [_JSON], _NO_ROUTE)
            return
        fault, more, sealed, lasting, meant = None, [], False, False, None
        try:
            request = read(scope["method"], scope["path"], headers, body, self.key)
            name, sealed, lasting = request.route.name, request.sealed, request.route.lasting
            asked = Asked(request.values, self.service.logged_in(request.token))
            code = self.service.mischief.count()
            if code:
                raise RefusedError(code)
            fault = self.service.mischief.fault(name, request.identity)
            # By what is asked, not by how: what wraps a question holds keys and times that change.
            meant = (name, request.identity(), asked.login)
            if fault is None and not sealed and (known := self._cache.get(meant)) is not None:
                self.requests[name] += 1
                await _reply(send, 200, [_JSON], known)
                return
            reply = self._ask(request.route, asked)
            more = [(b"set-cookie", value.encode()) for value in asked.cookies]
        except (RefusedError, WireError) as error:
            code = error.code if isinstance(error, RefusedError) else BAD_REQUEST
            self.refusals[str(code)] += 1
            reply, lasting = self._refusal(code, str(error)), False
        self.requests[name] += 1
        data = orjson.dumps(reply | _MARK)
        if sealed:
            data = seal(data, zipped=b"x-aeapi" in headers)
        if fault is not None:
            self.refusals[fault.value] += 1
            await self._spoil(fault, scope, [_JSON, *more], data, send)
            return
        if meant is not None and lasting and not sealed and self.service.plan.quiet:
            self._keep(meant, data)
        await _reply(send, 200, [_JSON, *more], data)

    def _keep(self, meant: Meant, data: bytes) -> None:
        if self._cache_room >= len(data):
            self._cache_room -= len(data)
            self._cache[meant] = data

    def _ask(self, route: Route, asked: Asked) -> dict[str, Any]:
        needs = route.login or route.name in self.service.plan.needs_login
        if needs and asked.login is None:
            raise RefusedError(NEEDS_LOGIN)
        return route.answer(self.service, asked)

    def _refusal(self, code: int, why: str) -> dict[str, Any]:
        reply: dict[str, Any] = {"code": code, "msg": SAID.get(code, why), "message": why}
        if code == -462:
            url = f"{self.service.base}/verify?event=invented"
            reply["data"] = {
                "verifyType": 4,
                "verifyId": 1,
                "verifyUrl": url,
                "verifyToken": "invented",
                "blockText": SAID[code],
                "params": {"event_id": "invented", "sign": "invented"},
                "url": url,
            }
        return reply

    async def _spoil(self, fault: Fault, scope: Message, headers: Headers, data: bytes, send: Send) -> None:
        match fault:
            case Fault.HTTP_503:
                await _reply(send, 503, [_HTML], _PAGE)
            case Fault.EMPTY:
                await _reply(send, 200, headers, b"")
            case Fault.HTML:
                await _reply(send, 200, [_HTML], _PAGE)
            case Fault.TRUNCATED:
                await _reply(send, 200, headers, data[: len(data) // 2])
            case Fault.DROPPED:
                await _drop(scope)
            case Fault.STALLED:
                await asyncio.sleep(self.service.plan.stall_seconds)
                await _reply(send, 200, headers, data)

    async def _sound(self, path: str, headers: dict[bytes, bytes], send: Send) -> None:
        self.requests["sound"] += 1
        admitted = self.service.sounds.admits(path)
        name = path.rpartition("/")[2]
        if admitted is None or self.service.mischief.sound_expired(name):
            self.refusals["403"] += 1
            await _reply(send, 403, [_HTML], "<html>链接已失效</html>".encode())
            return
        song, preview = admitted
        row = self.service.catalogue.songs.get(song)
        file = None if row is None else self.service.sounds.file(row, preview=preview)
        half = file is not None and self.service.mischief.sound_halved(name)
        if half:
            self.refusals["halved"] += 1
        await _send_file(send, file, headers, half=half)

    def _image(self, path: str) -> File | None:
        kind, _, name = path.removeprefix("/image/").partition("/")
        catalogue = self.service.catalogue
        rows = {
            "user": catalogue.users,
            "song": catalogue.songs,
            "playlist": catalogue.playlists,
            "artist": catalogue.artists,
        }.get(kind, {})
        row = rows.get(name.removesuffix(".png")) if name.endswith(".png") else None
        return None if row is None else self.service.images.file(kind, row)

    async def _take_plan(self, body: bytes, send: Send) -> None:
        try:
            plan = Plan.from_json(body)
            _check_names(plan)
        except InputError as error:
            await _reply(send, 400, [_JSON], orjson.dumps({"error": str(error)}))
            return
        self.service.set_plan(plan)
        self._cache_room += sum(map(len, self._cache.values()))
        self._cache.clear()
        await _reply(send, 200, [_JSON], orjson.dumps({"plan": plan.to_json()}))


def _check_names(plan: Plan) -> None:
    unknown = sorted(set(plan.needs_login) - NAMES)
    if unknown:
        raise InputError(f"there is no route {unknown[0]!r}; there are {', '.join(sorted(NAMES))}")


async def _body(receive: Receive) -> bytes:
    parts, size = [], 0
    while True:
        message = await receive()
        part = message.get("body", b"")
        size += len(part)
        if size <= _MOST_BODY:
            parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)


async def _reply(send: Send, status: int, headers: Headers, body: bytes) -> None:
    full = [*headers, _INVENTED, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": full})
    await send({"type": "http.response.body", "body": body})


async def _send_file(
    send: Send, file: File | None, headers: dict[bytes, bytes], *, half: bool = False
) -> None:
    if file is None:
        await _reply(send, 404, [_HTML], b"<html>404</html>")
        return
    sent = deliver(file, headers)
    size = [] if sent.status == 304 else [(b"content-length", str(len(sent.body)).encode())]
    full = [*sent.headers, _INVENTED, *size]
    await send({"type": "http.response.start", "status": sent.status, "headers": full})
    # Returning before the body is complete makes the server close the connection.
    body = sent.body[: len(sent.body) // 2] if half else sent.body
    await send({"type": "http.response.body", "body": body, "more_body": half})


async def _drop(scope: Message) -> None:
    """Break the connection; ``serve.Protocol`` puts it into the scope's state."""
    scope["state"]["transport"].abort()
    # The server must hear of it before the application returns, or it would send a reply for it.
    await asyncio.sleep(0.01)
