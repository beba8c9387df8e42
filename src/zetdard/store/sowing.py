"""Visits that follow from what earlier visits brought, though nobody wanted them then."""

from __future__ import annotations

from sqlalchemy import Connection

from zetdard.store.statements import run
from zetdard.tasks import Led, Way

_PLAYLIST = 'JOIN playlists AS p ON p.source = t.source AND p.id = t.id JOIN playlist_songs AS e ON e.playlist = p."key"'
_USER = "JOIN users AS u ON u.source = t.source AND u.id = t.id"
_LISTS = 'SELECT creator AS "user", "key" AS playlist FROM playlists UNION SELECT "user", playlist FROM subscriptions'

_JOINS = {
    Led.ITSELF: 'JOIN tasks AS x ON x."key" = t."key"',
    Led.PLAYLIST_SONGS: f'{_PLAYLIST} JOIN songs AS x ON x."key" = e.song',
    Led.PLAYLIST_ARTISTS: f'{_PLAYLIST} JOIN song_artists AS c ON c.song = e.song JOIN artists AS x ON x."key" = c.artist',
    Led.ARTIST_SONGS: """JOIN artists AS a ON a.source = t.source AND a.id = t.id
        JOIN song_artists AS e ON e.artist = a."key" JOIN songs AS x ON x."key" = e.song""",
    Led.CHART_SONGS: f'{_USER} JOIN chart_entries AS e ON e."user" = u."key" JOIN songs AS x ON x."key" = e.song',
    Led.LIKED_SONGS: f"""{_USER} JOIN playlists AS p ON p.creator = u."key" AND p.relation = 'liked'
        JOIN playlist_songs AS e ON e.playlist = p."key" JOIN songs AS x ON x."key" = e.song""",
    Led.CHART_ARTISTS: f"""{_USER} JOIN chart_entries AS e ON e."user" = u."key"
        JOIN song_artists AS c ON c.song = e.song JOIN artists AS x ON x."key" = c.artist""",
    Led.LIKED_ARTISTS: f"""{_USER} JOIN playlists AS p ON p.creator = u."key" AND p.relation = 'liked'
        JOIN playlist_songs AS e ON e.playlist = p."key" JOIN song_artists AS c ON c.song = e.song
        JOIN artists AS x ON x."key" = c.artist""",
    Led.LIKED_PLAYLIST: f"""{_USER} JOIN playlists AS x ON x.creator = u."key" AND x.relation = 'liked'
        AND replace(x.id, ':', '') = x.id""",
    Led.PLAYLISTS: f'{_USER} JOIN ({_LISTS}) AS e ON e."user" = u."key" JOIN playlists AS x ON x."key" = e.playlist',
    Led.FOLLOWED: f'{_USER} JOIN follows AS e ON e."user" = u."key" JOIN users AS x ON x."key" = e.followed',
    Led.FANS: f'{_USER} JOIN follows AS e ON e.followed = u."key" JOIN users AS x ON x."key" = e."user"',
}
"""From a visit ``t`` to what it led to, ``x``."""


def sow_from_visits(connection: Connection, source: str, kind: str, way: Way, now: int) -> int:
    """Add the tasks of a kind to which visits that were made would lead now; return how many are new."""
    return run(
        connection,
        f"""INSERT INTO tasks (source, kind, id, "cursor", depth, priority, payload, state, attempts,
        not_before, reason, led, added_at)
        SELECT CAST(? AS VARCHAR(40)), CAST(? AS VARCHAR(40)), id, '', depth + CAST(? AS INTEGER),
        priority + CAST(? AS INTEGER), '{{}}', 'todo', 0, CAST(? AS BIGINT), '', 0, CAST(? AS BIGINT)
        FROM (
            SELECT x.id AS id, min(t.depth) AS depth, min(t.priority) AS priority, min(t."key") AS first
            FROM tasks AS t {_JOINS[way.to]}
            WHERE t.source = ? AND t.kind = ? AND t.state = 'done' GROUP BY x."key", x.id
        ) AS led WHERE NOT EXISTS (
            SELECT 1 FROM tasks AS old WHERE old.source = ? AND old.kind = ? AND old.id = led.id
        ) ORDER BY first, id""",  # noqa: S608 - our names
        [source, kind, way.deeper, way.later, now, now, source, way.visited, source, kind],
    )
