"""Answers about playlists: whose there are, what is in them, who collects them."""

from __future__ import annotations

from typing import Any

from zetdard.sandbox.server.service import Asked, Service

Reply = dict[str, Any]
TRACKS_FOR_STRANGERS, TRACKS_FOR_MEMBERS = 10, 1000
"""How many songs a playlist shows in full, to those who are not logged in and to those who are."""


def user_playlists(service: Service, asked: Asked) -> Reply:
    """Answer ``/api/user/playlist``: the liked list, the other own ones, then those that were collected."""
    row = service.user_row(asked["uid"])
    catalogue = service.catalogue
    rows, more = asked.page([*catalogue.owned[row], *catalogue.subscribed[row]])
    own = row == asked.login
    playlists = [catalogue.playlist(playlist, private=service.private(playlist)) for playlist in rows]
    if own:
        me = int(service.world.people_labels.user_ids[row])
        for playlist in playlists:
            playlist["subscribed"] = playlist["userId"] != me
    return {"code": 200, "more": more, "version": "0", "playlist": playlists}


def playlist_detail(service: Service, asked: Asked) -> Reply:
    """Answer ``/api/v6/playlist/detail``: every track's id, and the first songs in full."""
    row = service.playlist_row(asked["id"], asked.login)
    world, catalogue = service.world, service.catalogue
    drawn, ids = world.playlists[row], world.music_labels.song_ids
    owner = int(world.people_labels.user_ids[drawn.owner])
    limit = service.plan.track_limit
    if limit is None:
        limit = TRACKS_FOR_STRANGERS if asked.login is None else TRACKS_FOR_MEMBERS
    songs = drawn.songs.tolist()
    shown = service.there(songs[:limit])
    playlist = catalogue.playlist(row, private=service.private(row)) | {
        "commentCount": 0,
        "shareCount": 0,
        "trackIds": [
            {"id": int(ids[song]), "v": 1, "t": 0, "at": at, "uid": owner, "alg": None, "rcmdReason": ""}
            for song, at in zip(songs, drawn.added_at.tolist(), strict=True)
        ],
        "tracks": [catalogue.song(song) for song in shown],
        "subscribers": [catalogue.user_lite(user) for user in catalogue.subscribers[row][: asked["s"]]],
    }
    return {
        "code": 200,
        "relatedVideos": None,
        "playlist": playlist,
        "urls": None,
        "privileges": [service.privilege(song) for song in shown],
    }


def subscribers(service: Service, asked: Asked) -> Reply:
    """Answer ``/api/playlist/subscribers``."""
    row = service.playlist_row(asked["id"], asked.login)
    everyone = service.catalogue.subscribers[row]
    rows, more = asked.page(everyone)
    users = [service.catalogue.user_lite(user) for user in rows]
    return {"code": 200, "total": len(everyone), "more": more, "subscribers": users}
