"""How the sandbox misbehaves, on request: a plan, and what has become of it.

Whatever is chosen by a share is chosen by a hash of the seed and of what it is about, never by order or time, so that
the final result of a crawl is determined by the seed. docs/sandbox-server.md describes every field.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any

import orjson

from zetdard.errors import InputError


class Fault(StrEnum):
    """What may go wrong with a single reply."""

    HTTP_503 = "http_503"
    EMPTY = "empty"
    HTML = "html"
    TRUNCATED = "truncated"
    DROPPED = "dropped"
    STALLED = "stalled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """A time in which every request is refused.

    Attributes:
        at: Number of the request that begins it; requests are counted from 1 since the plan was set.
        requests: How many requests it lasts.
        seconds: How long it lasts. With neither, it lasts until the plan is replaced.
    """

    at: int
    requests: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultAt:
    """A fault of one request, by its number since the plan was set, counted from 1."""

    at: int
    fault: Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What goes wrong. The default is a service that behaves.

    Shares lie between 0 and 1. A count of 0 means never.

    Attributes:
        track_limit: A playlist's ``tracks`` hold at most so many songs for everybody; ``None`` = 10 for those who
            are not logged in and 1,000 for the others.
        comment_cap: Row offset in the classic comments from which nothing new comes.
        comment_cap_repeats: Whether the last rows come again then; otherwise the pages are empty.
        extra_comments: The new comments bring so many rows more than were asked for.
        cursor_repeats_after: After so many pages of one song, the new comments give the cursor they were given.
        fans_cap: Row offset in the fans from which the first rows come again, with ``more`` true.
        private_playlists: Share of the playlists that only their owner may see (401).
        deleted_songs: Share of the songs that playlists still name but that are gone.
        previews: Share of the sounding songs of which only an excerpt is given.
        no_rights: Share of the sounding songs that may not be played.
        wrong_md5: Share of the sounds whose stated MD5 is wrong.
        hidden_records: Share of the listeners whose play record is hidden (-2).
        needs_login: Names of further routes that need a login (301).
        slow_down: Spells of 405.
        cheating: Spells of -460.
        risk_check: Spells of -462.
        http_503: Share of the requests that get HTTP 503 at first.
        empty: … an empty reply with HTTP 200.
        html: … a page of HTML.
        truncated: … half of the JSON.
        dropped: … a connection that is dropped without a reply.
        stalled: … their reply only after ``stall_seconds``.
        times: How often that happens to the same request before it goes through.
        stall_seconds: See ``stalled``.
        faults_at: Faults of single requests, by number.
        expired_sounds: The first so many fetches of each sound get 403, as an expired address does.
        halved_sounds: Share of the sounds whose connection drops half-way, the first ``times`` times.
    """

    track_limit: int | None = None
    comment_cap: int = 0
    comment_cap_repeats: bool = True
    extra_comments: int = 0
    cursor_repeats_after: int = 0
    fans_cap: int = 0
    private_playlists: float = 0.0
    deleted_songs: float = 0.0
    previews: float = 0.0
    no_rights: float = 0.0
    wrong_md5: float = 0.0
    hidden_records: float = 0.0
    needs_login: tuple[str, ...] = ()
    slow_down: tuple[Spell, ...] = ()
    cheating: tuple[Spell, ...] = ()
    risk_check: tuple[Spell, ...] = ()
    http_503: float = 0.0
    empty: float = 0.0
    html: float = 0.0
    truncated: float = 0.0
    dropped: float = 0.0
    stalled: float = 0.0
    times: int = 1
    stall_seconds: float = 30.0
    faults_at: tuple[FaultAt, ...] = ()
    expired_sounds: int = 0
    halved_sounds: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what cannot be.

        Raises:
            InputError: A share is not one, a count is negative, or the shares of faults are over 1 together.
        """
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name in _SHARES and not (_is_number(value) and 0 <= value <= 1):
                raise InputError(f"{field.name} must be a share between 0 and 1, not {value!r}")
            if field.type in ("int", "int | None") and not (
                (value is None and field.type != "int") or (type(value) is int and value >= 0)
            ):
                raise InputError(f"{field.name} must be a number from 0 on, not {value!r}")
        if not (_is_number(self.stall_seconds) and self.stall_seconds >= 0):
            raise InputError(f"stall_seconds must be a number from 0 on, not {self.stall_seconds!r}")
        if not isinstance(self.comment_cap_repeats, bool):
            raise InputError("comment_cap_repeats must be true or false")
        if sum(getattr(self, fault.value) for fault in Fault) > 1:
            raise InputError("the shares of faults are over 1 together")
        spells = (*self.slow_down, *self.cheating, *self.risk_check)
        for at in (*(spell.at for spell in spells), *(entry.at for entry in self.faults_at)):
            if type(at) is not int or at < 1:
                raise InputError(f"requests are counted from 1, not {at!r}")
        for spell in spells:
            if type(spell.requests) is not int or not _is_number(spell.seconds):
                raise InputError("a spell lasts a whole number of requests, or a number of seconds")

    @property
    def quiet(self) -> bool:
        """Whether every reply depends on its request alone."""
        return self == Plan()

    def to_json(self) -> dict[str, Any]:
        """Return the plan as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: object) -> Plan:
        """Read a plan from JSON text or JSON values; absent fields have their defaults.

        Raises:
            InputError: It is not a plan, or names a field that there is not.
        """
        if isinstance(value, (str, bytes)):
            try:
                value = orjson.loads(value)
            except orjson.JSONDecodeError as error:
                raise InputError(f"a plan must be JSON: {error}") from None
        if not isinstance(value, Mapping):
            raise InputError("a plan must be a JSON object")
        given = dict(value)
        try:
            for name in ("slow_down", "cheating", "risk_check"):
                if name in given:
                    given[name] = tuple(Spell(**entry) for entry in given[name])
            if "faults_at" in given:
                given["faults_at"] = tuple(
                    FaultAt(at=entry["at"], fault=Fault(entry["fault"])) for entry in given["faults_at"]
                )
            if "needs_login" in given:
                given["needs_login"] = tuple(str(name) for name in given["needs_login"])
            return cls(**given)
        except (TypeError, KeyError, ValueError) as error:
            raise InputError(f"not a plan: {error}") from None


_SHARES = frozenset(
    {
        *(fault.value for fault in Fault),
        "private_playlists",
        "deleted_songs",
        "previews",
        "no_rights",
        "wrong_md5",
        "hidden_records",
        "halved_sounds",
    }
)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


class Mischief:
    """A plan at work: it counts requests and remembers whom it has already wronged.

    Args:
        plan: What goes wrong.
        seed: Chooses whom it hits.
        clock: Seconds; only differences matter.
    """

    def __init__(self, plan: Plan, seed: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.plan = plan
        self._seed, self._clock = seed, clock
        self._requests = 0
        self._begun: dict[Spell, float] = {}
        self._wronged: dict[str, int] = {}
        self._single = {entry.at: entry.fault for entry in plan.faults_at}
        self._faults = [(fault, getattr(plan, fault.value)) for fault in Fault if getattr(plan, fault.value)]

    def count(self) -> int:
        """Count a request and return the code it is refused with, or 0."""
        self._requests += 1
        plan = self.plan
        for code, spells in ((-460, plan.cheating), (-462, plan.risk_check), (405, plan.slow_down)):
            if any(self._lasts(spell) for spell in spells):
                return code
        return 0

    def fault(self, route: str, identity: Callable[[], str]) -> Fault | None:
        """Return what goes wrong with the request that was just counted.

        Args:
            route: Name of its route.
            identity: What it asks for, the same whenever it is asked again; only called if needed.
        """
        single = self._single.get(self._requests)
        if single is not None or not self._faults:
            return single
        about = f"{route} {identity()}"
        place = self._place("fault", about)
        for fault, share in self._faults:
            if place < share:
                return fault if self._wrong(about) else None
            place -= share
        return None

    def chosen(self, share: float, what: str, about: str) -> bool:
        """Say whether ``about`` belongs to the share that ``what`` hits."""
        return share > 0 and self._place(what, about) < share

    def sound_expired(self, name: str) -> bool:
        """Say whether this fetch of a sound meets an expired address."""
        return self._wrong(f"expired {name}", self.plan.expired_sounds)

    def sound_halved(self, name: str) -> bool:
        """Say whether the connection drops half-way through this fetch of a sound."""
        return self.chosen(self.plan.halved_sounds, "halved", name) and self._wrong(f"halved {name}")

    def _lasts(self, spell: Spell) -> bool:
        if self._requests < spell.at:
            return False
        if not spell.requests and not spell.seconds:
            return True
        if self._requests < spell.at + spell.requests:
            return True
        begun = self._begun.setdefault(spell, self._clock())
        return spell.seconds > 0 and self._clock() - begun < spell.seconds

    def _wrong(self, about: str, times: int | None = None) -> bool:
        most = self.plan.times if times is None else times
        done = self._wronged.get(about, 0)
        if done >= most:
            return False
        self._wronged[about] = done + 1
        return True

    def _place(self, what: str, about: str) -> float:
        """Return a number in [0, 1) that depends on nothing but the seed and the two words."""
        key = f"{self._seed}|{what}|{about}".encode()
        return int.from_bytes(hashlib.blake2b(key, digest_size=6).digest(), "big") / 2**48
