"""Files that the database knows and a folder of blobs no longer has."""

from __future__ import annotations

import json
from collections.abc import Callable

from sqlalchemy import Connection

from zetdard.store import tasktable
from zetdard.store.statements import among, rows, run


def reset_missing(
    connection: Connection, source: str, place: str, present: Callable[[str], bool], now: int
) -> int:
    """Forget files that are no longer in a folder of blobs and make their tasks due; return how many."""
    files = rows(
        connection,
        """SELECT songs."key", songs.id, sha256 FROM audio_files JOIN songs ON songs."key" = audio_files.song
        WHERE songs.source = ? AND place = ?""",
        [source, place],
    )
    songs = {key: id_ for key, id_, sha256 in files if not present(sha256)}
    for condition, keys in among(connection, "song", list(songs)):
        run(connection, f"DELETE FROM audio_files WHERE place = ? AND {condition}", [place, *keys])  # noqa: S608 - our names
    for condition, ids in among(connection, "id", list(songs.values())):
        tasktable.reopen(connection, source, f"kind = 'audio' AND {condition}", ids, now)
    images = rows(
        connection,
        'SELECT kind, "of", sha256 FROM pictures WHERE source = ? AND place = ?',
        [source, place],
    )
    pictures = {(kind, of) for kind, of, sha256 in images if not present(sha256)}
    for kind, of in pictures:
        run(
            connection,
            'DELETE FROM pictures WHERE source = ? AND kind = ? AND "of" = ?',
            [source, kind, of],
        )
    if pictures:
        # A task for a picture says in its payload whose it is.
        visits = rows(
            connection,
            "SELECT \"key\", payload FROM tasks WHERE source = ? AND kind = 'picture' AND state <> 'todo'",
            [source],
        )
        again = [key for key, text in visits if _pictured(text) in pictures]
        for condition, keys in among(connection, '"key"', again):
            tasktable.reopen(connection, source, condition, keys, now)
    return len(songs) + len(pictures)


def _pictured(text: str) -> tuple[object, object]:
    payload = json.loads(text)
    return payload.get("kind"), payload.get("of")
