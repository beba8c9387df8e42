"""What earlier visits lead to, for a kind of visits that is wanted only now."""

from __future__ import annotations

import pytest

from store.visits import claim, done, task
from zetdard.records import (
    Artist,
    ChartEntry,
    Follow,
    Period,
    Playlist,
    PlaylistSong,
    Record,
    Relation,
    Song,
    SongArtist,
    Subscription,
    User,
)
from zetdard.store.store import Store
from zetdard.tasks import Led, Way

WAYS = {
    Led.ITSELF: {"me"},
    Led.PLAYLIST_SONGS: {"s1", "s2"},
    Led.PLAYLIST_ARTISTS: {"a1", "a2"},
    Led.ARTIST_SONGS: {"s1"},
    Led.CHART_SONGS: {"s3"},
    Led.CHART_ARTISTS: {"a3"},
    Led.LIKED_SONGS: {"s2"},
    Led.LIKED_ARTISTS: {"a2"},
    Led.LIKED_PLAYLIST: {"liked"},
    Led.PLAYLISTS: {"made", "liked", "collected"},
    Led.FOLLOWED: {"friend"},
    Led.FANS: {"fan"},
}
VISITED = {Led.PLAYLIST_SONGS: "made", Led.PLAYLIST_ARTISTS: "made", Led.ARTIST_SONGS: "a1"}


@pytest.mark.parametrize("led", Led)
def test_visits_that_were_made_lead_to_a_kind_that_is_wanted_later(store: Store, led: Led) -> None:
    frontier = store.frontier("here")
    visited = VISITED.get(led, "me")
    facts: list[Record] = [
        *(User(id=user) for user in ("me", "friend", "fan", "stranger")),
        *(Artist(id=artist, name="") for artist in ("a1", "a2", "a3")),
        *(Song(id=song, title="") for song in ("s1", "s2", "s3", "s4")),
        *(SongArtist(song=f"s{number}", artist=f"a{number}", position=0) for number in (1, 2, 3)),
        Playlist(id="made", creator="me", name=""),
        Playlist(id="liked", creator="me", name="", relation=Relation.LIKED),
        *(Playlist(id=name, creator="stranger", name="") for name in ("collected", "other")),
        *(PlaylistSong(playlist="made", song=song, position=0) for song in ("s1", "s2")),
        PlaylistSong(playlist="liked", song="s2", position=0),
        Subscription(user="me", playlist="collected"),
        Follow(user="me", followed="friend"),
        Follow(user="fan", followed="me"),
        Follow(user="fan", followed="stranger"),
        ChartEntry(user="me", song="s3", period=Period.ALL, position=0, score=1),
    ]
    way = Way(visited="user", to=led, deeper=1, later=7)
    frontier.sow([task(visited, kind="user", depth=2, priority=3)], facts)
    assert frontier.sow_from_visits("song", [way]) == 0
    frontier.settle("w", [done(held) for held in claim(frontier, "w", 9)])
    known = min(WAYS[led])
    frontier.sow([task(known, priority=-1)])
    assert frontier.sow_from_visits("song", [way]) == len(WAYS[led]) - 1
    assert frontier.sow_from_visits("song", [way]) == 0
    first, *rest = claim(frontier, "w", 9)
    assert first.task == task(known, priority=-1)
    assert {held.task.id for held in rest} == WAYS[led] - {known}
    assert all((held.task.depth, held.task.priority) == (3, 10) for held in rest)
