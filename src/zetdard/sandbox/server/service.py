"""What every answer needs: the world as it is told, the plan at work, and who asks."""

from __future__ import annotations

import bisect
import hashlib
import hmac
import operator
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import orjson

from zetdard.sandbox.server.catalogue import Catalogue
from zetdard.sandbox.server.files import Images, Sounds
from zetdard.sandbox.server.misbehaviour import Mischief, Plan
from zetdard.sandbox.server.shapes import privilege
from zetdard.sandbox.world import World

T = TypeVar("T")

BAD_REQUEST, NEEDS_LOGIN, FORBIDDEN, GONE, HIDDEN = 400, 301, 401, 404, -2
SAID = {
    BAD_REQUEST: "参数错误",
    NEEDS_LOGIN: "需要登录",
    FORBIDDEN: "无权访问",
    GONE: "no resource",
    HIDDEN: "无权限访问",
    405: "操作频繁，请稍候再试",
    -460: "Cheating",
    -462: "请完成验证操作",
}
"""What the service says beside its codes."""
_COMMENT_REST: dict[str, Any] = {
    "beReplied": [],
    "ipLocation": {"ip": None, "location": "", "userId": None},
    "showFloorComment": None,
    "replyCount": 0,
    "richContent": None,
    "commentLocationType": 0,
    "expressionUrl": None,
    "pendantData": None,
    "decoration": {},
}


class RefusedError(Exception):
    """The service refuses; ``code`` is its own code."""

    def __init__(self, code: int, why: str = "") -> None:
        super().__init__(why or SAID.get(code, ""))
        self.code = code


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that has been read and checked.

    Attributes:
        values: The fields, and ``tail``, the id at the end of the path, where the route has one.
        login: Row of the listener who is logged in.
        cookies: ``Set-Cookie`` headers for the reply; an answer may add to them.
    """

    values: Mapping[str, Any]
    login: int | None = None
    cookies: list[str] = field(default_factory=list)

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def page(self, entries: Sequence[T]) -> tuple[Sequence[T], bool]:
        """Return the entries that ``limit`` and ``offset`` ask for, and whether more follow."""
        begin = self.values["offset"]
        end = begin + self.values["limit"]
        return entries[begin:end], end < len(entries)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """The comments of a song, newest first: their JSON, times in milliseconds UTC, and likes."""

    entries: tuple[orjson.Fragment, ...]
    times: tuple[int, ...]
    likes: tuple[int, ...]

    def before(self, moment: int) -> int:
        """Return the position of the first comment that is older than ``moment``."""
        return bisect.bisect_right(self.times, -moment, key=operator.neg)


class Service:
    """The invented service.

    Args:
        world: What it tells of.
        base: Address of the server, without a slash at the end.
        plan: How it misbehaves.
    """

    VISITOR = 8_000_000_001
    """Id of everybody who is not logged in."""

    def __init__(self, world: World, base: str, plan: Plan) -> None:
        self.world, self.base = world, base
        self.catalogue = Catalogue(world, base)
        self.sounds, self.images = Sounds(world), Images(world)
        self.listener = self.catalogue.listener()
        self._secret = hashlib.blake2b(f"sandbox logins {world.config.seed}".encode()).digest()
        self.lyrics: dict[int, dict[str, Any]] = {}
        self.similar: dict[int, tuple[int, ...]] = {}
        self._privileges: dict[int, orjson.Fragment] = {}
        self._threads: dict[int, Thread] = {}
        self.polls: dict[str, int] = {}
        self.keys_given = 0
        self.set_plan(plan)

    def set_plan(self, plan: Plan) -> None:
        """Replace how it misbehaves; requests are counted from 1 again."""
        self._privileges.clear()
        self.plan, self.mischief = plan, Mischief(plan, self.world.config.seed)
        ids = self.world.music_labels.song_ids
        self.gone = frozenset(
            row
            for row, song in enumerate(ids if plan.deleted_songs else ())
            if self.mischief.chosen(plan.deleted_songs, "deleted", song)
        )

    def song_row(self, song: str) -> int:
        """Return the row of a song that is still there.

        Raises:
            RefusedError: There is none.
        """
        row = self.catalogue.songs.get(song)
        if row is None or row in self.gone:
            raise RefusedError(GONE)
        return row

    def user_row(self, user: str) -> int:
        """Return the row of a listener.

        Raises:
            RefusedError: There is none.
        """
        return _row(self.catalogue.users, user)

    def artist_row(self, artist: str) -> int:
        """Return the row of an artist.

        Raises:
            RefusedError: There is none.
        """
        return _row(self.catalogue.artists, artist)

    def playlist_row(self, playlist: str, login: int | None) -> int:
        """Return the row of a playlist that whoever is logged in may see.

        Raises:
            RefusedError: There is none, or it is private.
        """
        row = _row(self.catalogue.playlists, playlist)
        if self.private(row) and self.world.playlists[row].owner != login:
            raise RefusedError(FORBIDDEN)
        return row

    def private(self, playlist: int) -> bool:
        """Say whether only its owner may see a playlist."""
        about = self.world.people_labels.playlist_ids[playlist]
        return self.mischief.chosen(self.plan.private_playlists, "private", about)

    def there(self, songs: Iterable[int]) -> list[int]:
        """Return the songs that are still there, in their order."""
        return [row for row in songs if row not in self.gone] if self.gone else list(songs)

    def playable(self, song: int) -> bool:
        """Say whether a song has a sound that may be played."""
        about = self.world.music_labels.song_ids[song]
        return bool(self.world.has_sound(song)) and not self.mischief.chosen(
            self.plan.no_rights, "no rights", about
        )

    def privilege(self, song: int) -> orjson.Fragment:
        """Return what may be done with a song."""
        found = self._privileges.get(song)
        if found is None:
            value = privilege(self.world, song, playable=self.playable(song))
            found = self._privileges[song] = orjson.Fragment(orjson.dumps(value))
        return found

    def preview_only(self, song: int) -> bool:
        """Say whether only an excerpt of a song is given."""
        return self.mischief.chosen(self.plan.previews, "preview", self.world.music_labels.song_ids[song])

    def token(self, user: int) -> str:
        """Return the ``MUSIC_U`` that a login hands out."""
        id_ = self.world.people_labels.user_ids[user]
        return f"{id_}.{hmac.new(self._secret, id_.encode(), hashlib.sha256).hexdigest()}"

    def logged_in(self, token: str) -> int | None:
        """Return the row of the listener whose ``MUSIC_U`` it is: from a login, or ``sandbox-ID``."""
        if token.startswith("sandbox-"):
            return self.catalogue.users.get(token.removeprefix("sandbox-"))
        row = self.catalogue.users.get(token.partition(".")[0])
        return (
            row if row is not None and hmac.compare_digest(self.token(row).encode(), token.encode()) else None
        )

    def thread(self, song: int) -> Thread:
        """Return all comments of a song."""
        found = self._threads.get(song)
        if found is None:
            drawn = self.world.comments(song)
            found = self._threads[song] = Thread(
                entries=tuple(
                    orjson.Fragment(
                        orjson.dumps(
                            {
                                "commentId": int(comment.id),
                                "content": comment.text,
                                "time": comment.at,
                                "timeStr": "",
                                "likedCount": comment.liked_count,
                                "liked": False,
                                "status": 0,
                                "parentCommentId": 0,
                                "user": self.catalogue.user_lite(comment.user_row),
                                **_COMMENT_REST,
                            }
                        )
                    )
                    for comment in drawn
                ),
                times=tuple(comment.at for comment in drawn),
                likes=tuple(comment.liked_count for comment in drawn),
            )
        return found


def _row(rows: Mapping[str, int], id_: str) -> int:
    row = rows.get(id_)
    if row is None:
        raise RefusedError(GONE)
    return row
