"""One contract for both ways to ask NetEase: every route, over both transports, against the truth of the world.

The second transport goes through the real Node server. Behind both is the invented NetEase of ``zetdard sandbox``.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from contract.truths import AS_SOMEBODY, CHECKS, DAY, Client, Truth, Watched, said_truly, truth_of
from sources.netease.walking import Memory
from surfaces.asking import ask_json, refused
from zetdard.errors import (
    BlockedError,
    CrawlStoppedError,
    ForbiddenError,
    GoneError,
    NeedsLoginError,
    NoRightsError,
    RefusalError,
    RiskCheckError,
    SlowDownError,
    UnavailableError,
    UnreadableReplyError,
    ZetDardError,
)
from zetdard.records import AudioFile, Comment, Lyric, PlaylistSong, Record
from zetdard.sandbox import WorldConfig, generate
from zetdard.sandbox.server import Plan, RunningServer, Spell, running_server
from zetdard.sources.crawling import Beginning
from zetdard.sources.netease.apiserver import ApiServerTransport
from zetdard.sources.netease.connect import Service, connect, login_desk, open_transport
from zetdard.sources.netease.direct import DirectTransport
from zetdard.sources.netease.login import qr_login
from zetdard.sources.netease.nodeserver import installed, node_server
from zetdard.sources.netease.reading import Reading
from zetdard.sources.netease.routes import ROUTES
from zetdard.sources.netease.session import Session, save_session
from zetdard.sources.netease.transport import Transport, silent_gate
from zetdard.sources.netease.visits import KINDS
from zetdard.sources.netease.walk import NetEaseWalk
from zetdard.tasks import Task

CONFIG = WorldConfig(seed=11, n_users=40, n_songs=90, n_artists=12, mean_follows=3, mean_subscriptions=2)
WAYS = ("direct", "node")
SAID_HERE = frozenset({"qr-key", "qr-check"})
"""Routes with tests of their own."""
OWN_WORK = {"code": 404, "data": None, "msg": "Not Found"}
"""What the Node server says where its own code fails."""


@dataclass(frozen=True)
class Room:
    """All that is running, and the truth behind it."""

    server: RunningServer
    node: str
    home: Path
    """In which the Node server is installed."""
    truth: Truth

    def service(self, way: str, session: Path | None = None) -> Service:
        return Service(
            web=self.server.url,
            interface=self.server.url,
            modulus=self.server.modulus,
            exponent=self.server.exponent,
            api=self.node if way == "node" else None,
            invented=True,
            session=session,
        )

    def examples(self) -> Mapping[str, dict[str, Any]]:
        """One request a route."""
        user, song, playlist = self.truth.user, self.truth.song, self.truth.playlist
        return {
            "user-detail": {"uid": user},
            "search-users": {"nickname": "a"},
            "user-ids": {"nicknames": self.truth.world.people_labels.nicknames[0]},
            "user-playlists": {"uid": user},
            "playlist-detail": {"id": playlist},
            "song-detail": {"ids": [song]},
            "song-url": {"ids": [song]},
            "lyrics": {"id": song},
            "lyrics-classic": {"id": song},
            "comments": {"id": song},
            "comments-new": {"id": song},
            "artist": {"id": self.truth.artist},
            "artist-songs": {"id": self.truth.artist},
            "artist-list": {},
            "follows": {"uid": user},
            "fans": {"uid": user},
            "likes": {"uid": user},
            "record": {"uid": user, "type": "0"},
            "subscribers": {"id": playlist},
            "similar-songs": {"id": song},
            "daily-songs": {},
            "personal-radio": {},
            "account": {},
            "qr-key": {},
            "qr-check": {"key": "of-nobody"},
        }


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    """Install the Node server once, and start it before the invented NetEase."""
    world, home = generate(CONFIG), tmp_path_factory.mktemp("node")
    with (
        running_server(world, in_thread=True) as server,
        node_server(
            home,
            upstream=server.url,
            modulus=server.modulus,
            exponent=server.exponent,
        ) as node,
    ):
        yield Room(server, node.url, home, truth_of(world))


@pytest.fixture
def plan(room: Room) -> Iterator[Callable[[Plan], None]]:
    """Let the invented NetEase misbehave during the test."""
    yield room.server.set_plan
    room.server.set_plan(Plan())


Open = Callable[..., Transport]


@pytest.fixture
def ask(room: Room) -> Iterator[Open]:
    """Open transports, ``ask("node", session)``; they are closed after the test."""
    opened: list[Transport] = []

    def open_one(way: str, session: Session | None = None) -> Transport:
        opened.append(open_transport(room.service(way), session))
        return opened[-1]

    yield open_one
    for transport in opened:
        transport.close()


def somebody(truth: Truth) -> Session:
    return Session(music_u=f"sandbox-{truth.user}", csrf="0123456789abcdef")


# --- what is read ----------------------------------------------------------------------------------------------


def test_the_contract_covers_every_route(room: Room) -> None:
    assert CHECKS.keys() | SAID_HERE == ROUTES.keys()
    assert room.examples().keys() == ROUTES.keys()


@pytest.mark.parametrize("route", CHECKS)
def test_both_ways_read_the_truth(room: Room, ask: Open, route: str) -> None:
    session = somebody(room.truth) if route in AS_SOMEBODY else None
    read: dict[str, Any] = {}
    for way in WAYS:
        before = room.server.requests()["requests"].get(route, 0)
        transport = Watched(ask(way, session))
        read[way] = CHECKS[route](Client(transport), room.truth)
        came = room.server.requests()["requests"][route] - before
        assert came == transport.routes.count(route) > 0
        said_truly(_records(read[way]), room.truth)
    assert read["direct"] == read["node"]


def _records(read: Any) -> Iterator[Record]:
    """Yield the records of all readings in what a check returned."""
    if isinstance(read, Reading):
        yield from read.records
    elif isinstance(read, (list, tuple)):
        for part in read:
            yield from _records(part)


@pytest.mark.parametrize("route", sorted(ROUTES.keys() - SAID_HERE - {"song-url"}))
def test_both_ways_hand_on_the_same_reply(room: Room, ask: Open, route: str) -> None:
    """But for the mark of the invented, which the Node server drops where it takes a reply apart."""
    replies = []
    for way in WAYS:
        transport = ask(way, somebody(room.truth))
        reply = dict(transport.call(route, **room.examples()[route]))
        reply.pop("invented", None)
        replies.append(reply)
    direct, node = replies
    if route == "user-detail":
        # The Node server gives this field, which is there under both names, only the second one.
        del direct["profile"]["avatarImgId_str"]
    assert node == direct


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("route", sorted(AS_SOMEBODY - {"account"}))
def test_routes_that_need_a_login(room: Room, ask: Open, way: str, route: str) -> None:
    for session in (None, Session(music_u="sandbox-1", csrf="c")):
        transport = ask(way, session)
        with pytest.raises(NeedsLoginError):
            transport.call(route, **room.examples()[route])


@pytest.mark.parametrize("way", WAYS)
def test_nobody_is_logged_in(ask: Open, way: str) -> None:
    transport = ask(way)
    assert Client(transport).account().users == ()


@pytest.mark.parametrize("way", WAYS)
def test_a_login_by_qr_code_to_the_end(room: Room, way: str, tmp_path: Path) -> None:
    listener = room.server.about["listener"]
    desk = login_desk(room.service(way, tmp_path / "session.json"))
    shown: list[str] = []
    told: list[str] = []
    found = desk.scan(shown.append, told.append, wait=lambda _: None)
    assert (found.user_id, found.nickname) == (listener["id"], listener["name"])
    assert len(shown) == len(told) == 1
    status = desk.status()
    assert status is not None
    assert status.user_id == listener["id"]
    # The login is good for what nobody else may see.
    walk = connect(room.service(way, tmp_path / "session.json"), silent_gate)
    _, tasks = walk.begin(Beginning(me=True))
    assert [(task.kind, task.id) for task in tasks] == [("user", listener["id"])]
    suggested = walk.visit(Task(kind="suggestions", id=listener["id"]), frozenset(KINDS), Memory())
    assert suggested.records
    walk.close()


@pytest.mark.parametrize("way", WAYS)
def test_a_qr_code_that_has_expired(ask: Open, way: str) -> None:
    transport = ask(way)
    assert transport.call("qr-check", key="of-nobody")["code"] == 800
    key = transport.call("qr-key")["unikey"]
    assert [transport.call("qr-check", key=key)["code"] for _ in range(4)] == [801, 802, 803, 800]

    class Slow:
        """Somebody else has used the code up before it is polled."""

        def call(self, route: str, **parameters: Any) -> dict[str, Any]:
            reply = transport.call(route, **parameters)
            for _ in range(3 if route == "qr-key" else 0):
                transport.call("qr-check", key=reply["unikey"])
            return reply

        stream = transport.stream
        close = transport.close

    with pytest.raises(NeedsLoginError, match="expired"):
        qr_login(Slow(), lambda _: None, lambda _: None, wait=lambda _: None)


# --- how it is refused -----------------------------------------------------------------------------------------


def refusals(room: Room, transport: Transport) -> dict[str, ZetDardError | None]:
    """Ask every route once; return how each was refused, ``None`` where it was not."""
    found: dict[str, ZetDardError | None] = {}
    for route, parameters in room.examples().items():
        found[route] = refusal(transport, route, **parameters)
    return found


def refusal(transport: Transport, route: str, **parameters: Any) -> ZetDardError | None:
    try:
        transport.call(route, **parameters)
    except (RefusalError, CrawlStoppedError) as error:
        return error
    return None


FOR_EVER = (Spell(at=1),)
OFTEN = 1_000_000
REFUSALS: Mapping[str, tuple[Plan, type[RefusalError]]] = {
    "301": (Plan(needs_login=tuple(ROUTES)), NeedsLoginError),
    "405": (Plan(slow_down=FOR_EVER), SlowDownError),
    "-460": (Plan(cheating=FOR_EVER), BlockedError),
    "-462": (Plan(risk_check=FOR_EVER), RiskCheckError),
    "HTTP 503": (Plan(http_503=1.0, times=OFTEN), UnavailableError),
    "dropped connection": (Plan(dropped=1.0, times=OFTEN), UnavailableError),
    "empty 200": (Plan(empty=1.0, times=OFTEN), UnreadableReplyError),
    "HTML": (Plan(html=1.0, times=OFTEN), UnreadableReplyError),
    "truncated JSON": (Plan(truncated=1.0, times=OFTEN), UnreadableReplyError),
}
BY_CODE = ("301", "405", "-460", "-462")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("what", REFUSALS)
def test_every_route_is_refused_as_what_it_is_but_qr_check_of_node(
    room: Room, ask: Open, plan: Callable[[Plan], None], way: str, what: str
) -> None:
    mischief, kind = REFUSALS[what]
    plan(mischief)
    found = refusals(room, ask(way, None if what == "301" else somebody(room.truth)))
    if way == "node" and what in BY_CODE:
        del found["qr-check"]  # see the next test
    assert {route: type(error) for route, error in found.items()} == dict.fromkeys(found, kind)
    if kind is RiskCheckError:
        urls = {error.url for error in found.values() if isinstance(error, RiskCheckError)}
        assert urls == {f"{room.server.url}/verify?event=invented"}


@pytest.mark.parametrize("what", BY_CODE)
def test_node_fails_itself_where_qr_check_is_refused_and_that_is_no_word_of_netease(
    room: Room, ask: Open, plan: Callable[[Plan], None], what: str
) -> None:
    """Its code for that case names a variable that there is not, and it answers 404 for every failure of its own."""
    plan(REFUSALS[what][0])
    found = refusal(ask("node"), "qr-check", key="k")
    assert type(found) is UnavailableError
    assert "API server itself failed" in str(found)
    said = httpx.post(f"{room.node}/login/qr/check?timestamp={what}", data={"key": "k"}, trust_env=False)
    assert (said.status_code, said.json()) == (404, OWN_WORK)


@pytest.mark.parametrize("way", WAYS)
def test_what_passes_is_asked_again_with_success(
    room: Room, ask: Open, plan: Callable[[Plan], None], way: str
) -> None:
    transport = ask(way, somebody(room.truth))
    for fault in ("http_503", "dropped", "empty", "html", "truncated"):
        plan(Plan(**{fault: 1.0}))
        first, second = refusals(room, transport), refusals(room, transport)
        assert None not in first.values(), fault
        # Every poll for a key of nobody's is the same request; so is every key, which is asked for without words.
        assert set(second.values()) == {None}, fault


@pytest.mark.parametrize("way", WAYS)
def test_what_others_may_not_see(room: Room, ask: Open, plan: Callable[[Plan], None], way: str) -> None:
    truth = room.truth
    plan(Plan(private_playlists=1.0, hidden_records=1.0))
    row = truth.world.people_labels.playlist_ids.index(truth.playlist)  # type: ignore[arg-type]
    owner = truth.users[truth.world.playlists[row].owner]
    stranger = next(user for user in truth.users if user != owner)
    theirs, ours = (ask(way, Session(music_u=f"sandbox-{user}", csrf="c")) for user in (stranger, owner))
    for route in ("playlist-detail", "subscribers"):
        found = refusal(theirs, route, id=truth.playlist)
        assert (type(found), found and found.code) == (ForbiddenError, 401)
        assert refusal(ours, route, id=truth.playlist) is None
    found = refusal(theirs, "record", uid=owner, type="0")
    assert (type(found), found and found.code) == (ForbiddenError, -2)
    assert refusal(ours, "record", uid=owner, type="0") is None


ABSENT: Mapping[str, dict[str, Any]] = {
    **{name: {"uid": "999"} for name in ["user-detail", "user-playlists", "follows", "fans", "likes"]},
    **{name: {"id": "999"} for name in ["playlist-detail", "subscribers", "artist", "artist-songs"]},
    **{
        name: {"id": "999"}
        for name in ["lyrics", "lyrics-classic", "comments", "comments-new", "similar-songs"]
    },
    "record": {"uid": "999", "type": "1"},
}


@pytest.mark.parametrize("way", WAYS)
def test_what_is_not_there(room: Room, ask: Open, way: str) -> None:
    transport = ask(way, somebody(room.truth))
    found = {route: type(refusal(transport, route, **where)) for route, where in ABSENT.items()}
    assert found == dict.fromkeys(ABSENT, GoneError)


# --- the traps of the Node server ------------------------------------------------------------------------------


def came(room: Room, route: str) -> int:
    return room.server.requests()["requests"].get(route, 0)


def test_the_cache_of_node_is_a_trap_into_which_the_transport_does_not_fall(room: Room, ask: Open) -> None:
    user = room.truth.user
    before = came(room, "user-detail")
    for _ in range(3):
        reply = httpx.get(f"{room.node}/user/detail?uid={user}", trust_env=False)
        assert reply.json()["code"] == 200
    assert came(room, "user-detail") == before + 1, "the trap is there: two replies are the server's own"
    transports = (ask("node"), ask("node"), ask("node", somebody(room.truth)))
    for number in range(3):
        for place, transport in enumerate(transports, 1):
            transport.call("user-detail", uid=user)
            assert came(room, "user-detail") == before + 1 + 3 * number + place


def test_through_node_every_call_of_every_route_reaches_the_service(room: Room, ask: Open) -> None:
    transport = ask("node", somebody(room.truth))
    before = room.server.requests()["requests"]
    for _ in range(3):
        assert set(refusals(room, transport).values()) == {None}
    after = room.server.requests()["requests"]
    assert {route: after[route] - before.get(route, 0) for route in ROUTES} == dict.fromkeys(ROUTES, 3)


def test_a_change_is_seen_at_once_through_node(room: Room, ask: Open, plan: Callable[[Plan], None]) -> None:
    transport, parameters = ask("node"), {"id": room.truth.playlist}
    for share in (0.0, 1.0, 0.0):
        plan(Plan(private_playlists=share))
        found = refusal(transport, "playlist-detail", **parameters)
        assert type(found) is (ForbiddenError if share else type(None))


# --- the invented never mixes with the real --------------------------------------------------------------------


@pytest.fixture
def unaware(room: Room) -> Iterator[dict[str, Transport]]:
    """Transports that take the invented NetEase for the real one; the second does not even get its header."""
    blind = httpx.Client(event_hooks={"response": [lambda reply: reply.headers.pop("X-Invented")]})
    where = {"web": room.server.url, "interface": room.server.url, "modulus": room.server.modulus}
    session = somebody(room.truth)
    found: dict[str, Transport] = {
        "direct": DirectTransport(**where, session=session),
        "direct, without the header": DirectTransport(**where, session=session, client=blind),
        "node": ApiServerTransport(room.node, session=session),
    }
    yield found
    for transport in found.values():
        transport.close()
    blind.close()


def test_replies_of_the_invented_are_not_read_as_real(
    room: Room, unaware: dict[str, Transport], plan: Callable[[Plan], None]
) -> None:
    # Nor are refusals: an invented -460 would stop a crawl of the real service.
    for mischief in (Plan(), Plan(cheating=FOR_EVER), Plan(needs_login=tuple(ROUTES))):
        plan(mischief)
        for way, transport in unaware.items():
            found = refusals(room, transport)
            if way == "node" and not mischief.quiet:
                del found["qr-check"]  # Node answers in words of its own, as above
            for route, error in found.items():
                assert type(error) is CrawlStoppedError, (way, route, error)
                assert "--sandbox" in str(error)


def test_a_crawl_through_node_of_the_invented_as_the_real_begins_nowhere(room: Room) -> None:
    real = Service(web="https://127.0.0.1:9", interface="https://127.0.0.1:9", api=room.node)
    assert real.source == "netease"
    walk = connect(real, silent_gate)
    try:
        with pytest.raises(CrawlStoppedError, match="--sandbox"):
            walk.begin(Beginning(nicknames=[room.truth.world.people_labels.nicknames[0]]))
        with pytest.raises(CrawlStoppedError, match="--sandbox"):
            walk.visit(Task(kind="user", id=room.truth.user), frozenset(KINDS), Memory())
    finally:
        walk.close()


# --- the walk --------------------------------------------------------------------------------------------------


def wander(walk: NetEaseWalk, beginning: Beginning, depth: int) -> tuple[set[Record], dict[str, int]]:
    """Make every visit that a beginning leads to; return the records, and how many visits of each kind there were."""
    records, tasks = walk.begin(beginning)
    found, known, waiting = set(records), {task.identity for task in tasks}, list(tasks)
    made: dict[str, int] = {}
    while waiting:
        task = waiting.pop()
        try:
            outcome = walk.visit(task, frozenset(KINDS), Memory())
        except NoRightsError:
            continue
        made[task.kind] = made.get(task.kind, 0) + 1
        found.update(outcome.records)
        for child in outcome.children:
            if child.depth <= depth and child.identity not in known:
                known.add(child.identity)
                waiting.append(child)
    return found, made


def test_a_walk_brings_the_same_both_ways_and_it_is_true(room: Room, tmp_path: Path) -> None:
    truth = room.truth
    session = tmp_path / "session.json"
    save_session(somebody(truth), session)
    brought = {}
    for way in WAYS:
        walk = connect(room.service(way, session), silent_gate)
        walk._today = lambda: DAY
        brought[way] = wander(walk, Beginning(me=True), 0)
        walk.close()
    records, made = brought["direct"]
    assert made.keys() == frozenset(KINDS) - {"follows", "fans"}, "all kinds but those that lead further"
    assert brought["node"] == brought["direct"]
    said_truly(records, truth)
    own = {truth.world.people_labels.playlist_ids[row] for row in truth.world.playlists_of(truth.row)}
    for kind in (PlaylistSong, Lyric, Comment, AudioFile):
        assert any(type(record) is kind for record in records), kind
    stated = {
        record
        for record in truth.world.records()
        if isinstance(record, PlaylistSong) and record.playlist in own
    }
    assert stated <= records
    songs = {record.song for record in stated}
    assert {
        record for record in truth.world.records() if isinstance(record, Comment) and record.song in songs
    } <= records


# --- the command line ------------------------------------------------------------------------------------------


def test_a_crawl_through_node_stores_what_a_direct_one_does(room: Room, tmp_path: Path) -> None:
    crawl = ["crawl", "--user", room.truth.user, "--rate", "0", "--sandbox", "--sandbox-url", room.server.url]
    through_node, direct = tmp_path / "node", tmp_path / "direct"
    ask_json(*crawl, "--home", direct)
    ask_json(*crawl, "--home", through_node, "--api-server", room.node)
    counts, expected = (ask_json("status", "--home", home) for home in (through_node, direct))
    assert counts["stored"] == expected["stored"]
    assert counts["crawls"] == expected["crawls"]
    assert counts["stored"]["lyrics"] > 0


def test_an_unexpected_invented_netease_is_refused_with_what_to_do(room: Room, tmp_path: Path) -> None:
    home, cookie = tmp_path / "home", tmp_path / "cookie"
    cookie.write_text(somebody(room.truth).music_u, encoding="utf-8")
    login = ["login", "--cookie-file", str(cookie), "--api-server", room.node, "--home", str(home)]
    assert "this is the invented NetEase of `zetdard sandbox`: say so with --sandbox" in refused(*login)
    assert not home.exists(), "nothing is kept"
    assert ask_json(*login, "--sandbox", "--sandbox-url", room.server.url)["user"] == room.truth.user


@pytest.mark.skipif(os.name != "posix", reason="Ctrl-C is a signal here")
def test_the_command_that_runs_the_node_server(room: Room) -> None:
    words = ["netease-api", "--sandbox", "--sandbox-url", room.server.url, "--port", "0", "--json"]
    where = ["--home", str(room.home)]
    process = subprocess.Popen(
        [sys.executable, "-m", "zetdard", *words, *where],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    try:
        said = "".join(iter(process.stdout.readline, "}\n")) + "}"
        transport = ApiServerTransport(json.loads(said)["url"], invented=True)
        assert Client(transport).user(room.truth.user).users == (room.truth.user,)
        transport.close()
        os.killpg(process.pid, signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    finally:
        process.kill()
        process.communicate()
    assert (process.returncode, errors) == (130, "interrupted; the same command goes on\n")
    assert ask_json("netease-api", "--install-only", *where) == {"installed": str(installed(room.home))}
