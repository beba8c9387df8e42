"""The invented world as the service tells it: who is where, and the JSON of each song, listener and playlist.

What is said of a song is encoded once and kept, since the same song stands in hundreds of playlists.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import numpy as np
import orjson

from zetdard.records import Relation
from zetdard.sandbox.config import GENRES, REGIONS
from zetdard.sandbox.music import NOBODY
from zetdard.sandbox.server.shapes import Album, legacy_song, modern_song
from zetdard.sandbox.world import World

LIKED, ORDINARY = 5, 0
"""``specialType`` of a liked list, and of every other playlist."""
_NO_BIRTHDAY = -2_209_017_600_000
_FIRST_ALBUM = 5_000_001


class Catalogue:
    """Rows by id, the links of each row, and what is said of it.

    Args:
        world: What is told.
        base: Address of the server, without a slash at the end; it stands in the addresses of images.
    """

    def __init__(self, world: World, base: str) -> None:
        self.world, self.base = world, base
        music, people = world.music_labels, world.people_labels
        self.users: dict[str, int] = {id_: row for row, id_ in enumerate(people.user_ids)}
        self.nicknames: dict[str, int] = {name: row for row, name in enumerate(people.nicknames)}
        self.folded_nicknames = [name.casefold() for name in people.nicknames]
        self.artists: dict[str, int] = {id_: row for row, id_ in enumerate(music.artist_ids)}
        self.songs: dict[str, int] = {id_: row for row, id_ in enumerate(music.song_ids)}
        self.playlists: dict[str, int] = {id_: row for row, id_ in enumerate(people.playlist_ids)}
        self.performers = [
            [main] if guest == NOBODY else [main, guest]
            for main, guest in zip(
                world.music.song_artists.tolist(), world.music.song_guests.tolist(), strict=True
            )
        ]
        self.artist_songs = _grouped(
            (artist, song) for song, artists in enumerate(self.performers) for artist in artists
        )
        self.owned = [world.playlists_of(user) for user in range(world.config.n_users)]
        subscriptions, follows = world.subscriptions.tolist(), world.follows.tolist()
        self.subscribed = _grouped((user, playlist) for user, playlist in subscriptions)
        self.subscribers = _grouped((playlist, user) for user, playlist in subscriptions)
        self.followed = _grouped((user, other) for user, other in follows)
        self.fans = _grouped((other, user) for user, other in follows)
        self.by_fame = np.argsort(-world.music.artist_fame, kind="stable").tolist()
        self.artist_lists: dict[tuple[int, int, int], list[int]] = {}
        self._albums: dict[tuple[int, str], tuple[int, int]] = {}
        for song, (artists, title) in enumerate(zip(self.performers, music.albums, strict=True)):
            self._albums.setdefault((artists[0], title), (_FIRST_ALBUM + len(self._albums), song))
        self._modern: dict[int, orjson.Fragment] = {}
        self._modern_bytes: dict[int, bytes] = {}
        self._legacy: dict[int, orjson.Fragment] = {}
        self._user_lites: dict[int, orjson.Fragment] = {}

    def listener(self) -> int:
        """Return the row of a listener with a history of middling length."""
        held: dict[int, set[int]] = defaultdict(set)
        for drawn in self.world.playlists:
            held[drawn.owner].update(drawn.songs.tolist())
        some = sorted((len(songs), user) for user, songs in held.items() if songs)
        return some[len(some) // 2][1] if some else 0

    def image(self, kind: str, row: int) -> str:
        """Return the address of an image; ``kind`` as in ``World.image``."""
        labels, people = self.world.music_labels, self.world.people_labels
        ids: dict[str, tuple[str, ...]] = {
            "user": people.user_ids,
            "song": labels.song_ids,
            "playlist": people.playlist_ids,
            "artist": labels.artist_ids,
        }
        return f"{self.base}/image/{kind}/{ids[kind][row]}.png"

    def song(self, row: int) -> orjson.Fragment:
        """Return a song in the modern shape."""
        found = self._modern.get(row)
        if found is None:
            self._modern_bytes[row] = orjson.dumps(
                modern_song(self.world, row, self.performers[row], self._album(row))
            )
            found = self._modern[row] = orjson.Fragment(self._modern_bytes[row])
        return found

    def song_with(self, row: int, **more: Any) -> orjson.Fragment:
        """Return a song in the modern shape with further fields."""
        self.song(row)
        return orjson.Fragment(self._modern_bytes[row][:-1] + b"," + orjson.dumps(more)[1:])

    def legacy_song(self, row: int) -> orjson.Fragment:
        """Return a song in the shape of the older routes."""
        found = self._legacy.get(row)
        if found is None:
            found = self._legacy[row] = orjson.Fragment(
                orjson.dumps(legacy_song(self.world, row, self._credits(row), self._album(row)))
            )
        return found

    def _credits(self, row: int) -> list[tuple[int, str]]:
        return [(artist, self.image("artist", artist)) for artist in self.performers[row]]

    def artist(self, row: int) -> dict[str, Any]:
        """Return an artist."""
        songs = self.artist_songs[row]
        return {
            "id": int(self.world.music_labels.artist_ids[row]),
            "name": self.world.music_labels.artist_names[row],
            "alias": [],
            "trans": "",
            "briefDesc": "",
            "picUrl": self.image("artist", row),
            "img1v1Url": self.image("artist", row),
            "albumSize": len({self.world.music_labels.albums[song] for song in songs}),
            "musicSize": len(songs),
            "mvSize": 0,
            "followed": False,
            "publishTime": int(max(self.world.music_labels.released_at[song] for song in songs)),
        }

    def user(self, row: int) -> dict[str, Any]:
        """Return a listener as search, profile and playlists show one. No age, no sex, no words of their own."""
        region = REGIONS[int(self.world.listeners.user_regions[row])]
        picture = self.image("user", row)
        return {
            "userId": int(self.world.people_labels.user_ids[row]),
            "nickname": self.world.people_labels.nicknames[row],
            "avatarUrl": picture,
            "avatarImgIdStr": str(row + 1),
            "avatarImgId_str": str(row + 1),
            "backgroundUrl": picture,
            "signature": "",
            "description": "",
            "gender": 0,
            "birthday": _NO_BIRTHDAY,
            "province": int(region.province),
            "city": int(region.city),
            "userType": 0,
            "vipType": 0,
            "authStatus": 0,
            "accountStatus": 0,
            "djStatus": 0,
            "followed": False,
            "mutual": False,
            "expertTags": None,
            "experts": None,
        }

    def profile(self, row: int) -> dict[str, Any]:
        """Return a listener with the numbers of their page."""
        owned, subscribed = self.owned[row], self.subscribed[row]
        collected = sum(len(self.subscribers[playlist]) for playlist in owned)
        return self.user(row) | {
            "blacklist": False,
            "followeds": len(self.fans[row]),
            "follows": len(self.followed[row]),
            "newFollows": 0,
            "eventCount": 0,
            "playlistCount": len(owned),
            "playlistBeSubscribedCount": collected,
            "allSubscribedCount": len(subscribed),
            "cCount": 0,
            "sCount": 0,
            "sDJPCount": 0,
            "artistIdentity": [],
            "createTime": self.joined(row),
        }

    def user_lite(self, row: int) -> orjson.Fragment:
        """Return a listener as lists of followers and comments show one."""
        found = self._user_lites.get(row)
        if found is None:
            lite = {
                "userId": int(self.world.people_labels.user_ids[row]),
                "nickname": self.world.people_labels.nicknames[row],
                "avatarUrl": self.image("user", row),
                "signature": None,
                "gender": 0,
                "vipType": 0,
                "userType": 0,
                "authStatus": 0,
                "accountStatus": 0,
                "followeds": len(self.fans[row]),
                "follows": len(self.followed[row]),
                "playlistCount": len(self.owned[row]),
                "eventCount": 0,
                "mutual": False,
                "followed": False,
                "remarkName": None,
                "time": self.joined(row),
                "py": None,
                "expertTags": None,
                "experts": None,
                "avatarDetail": None,
                "vipRights": None,
            }
            found = self._user_lites[row] = orjson.Fragment(orjson.dumps(lite))
        return found

    def joined(self, row: int) -> int:
        """Return when a listener came, in milliseconds UTC."""
        return int(min(self.world.playlists[playlist].created_at for playlist in self.owned[row]))

    def playlist(self, row: int, *, private: bool) -> dict[str, Any]:
        """Return a playlist without its songs."""
        drawn, people = self.world.playlists[row], self.world.people_labels
        updated = int(drawn.added_at.max()) if drawn.added_at.size else drawn.created_at
        return {
            "id": int(people.playlist_ids[row]),
            "name": people.playlist_names[row],
            "userId": int(people.user_ids[drawn.owner]),
            "creator": self.user(drawn.owner),
            "coverImgUrl": self.image("playlist", row),
            "description": None,
            "tags": [] if drawn.theme == NOBODY else [GENRES[drawn.theme]],
            "trackCount": int(drawn.songs.size),
            "playCount": int(people.play_counts[row]),
            "subscribedCount": len(self.subscribers[row]),
            "cloudTrackCount": 0,
            "createTime": drawn.created_at,
            "updateTime": updated,
            "trackUpdateTime": updated,
            "trackNumberUpdateTime": updated,
            "specialType": LIKED if drawn.relation is Relation.LIKED else ORDINARY,
            "privacy": 10 if private else 0,
            "status": 0,
            "subscribed": False,
            "ordered": True,
            "highQuality": False,
            "commentThreadId": f"A_PL_0_{people.playlist_ids[row]}",
            "tracks": None,
        }

    def _album(self, song: int) -> Album:
        """Return the album of a song; the songs of one album share its picture."""
        title = self.world.music_labels.albums[song]
        number, first = self._albums[self.performers[song][0], title]
        return Album(number, title, self.image("song", first))


def _grouped(pairs: Iterable[tuple[int, int]]) -> defaultdict[int, list[int]]:
    """Return the second numbers of the pairs by the first, in their order."""
    groups: defaultdict[int, list[int]] = defaultdict(list)
    for first, second in pairs:
        groups[first].append(second)
    return groups
