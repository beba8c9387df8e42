"""Comments on NetEase Cloud Music songs in one CSV file.

The columns are those of public collections of NetEase's hot comments; they are listed in
``docs/formats.md``. The file knows songs by id only, and no title is invented: a comment may name a song
that nothing else defines.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from zetdard.errors import InputError
from zetdard.records import Comment, CommentId, Record, SongId, UserId
from zetdard.sources.base import ReadOptions, Refuse
from zetdard.sources.definitions import Definitions, Introductions
from zetdard.sources.fields import LATEST_MS, identifier, whole_number
from zetdard.sources.textfiles import Row, Table
from zetdard.sources.textlines import resolve_encoding

COLUMNS = ("comment_id", "song_id", "user", "time_ms", "liked_count", "content")

# In milliseconds this is 1973, in seconds 5138: a smaller number is a time in seconds.
_SMALLEST_MS = 10**11


class CommentFile:
    """Reads one CSV file of comments."""

    format: ClassVar[str] = "comments"
    source: ClassVar[str] = "netease"
    summary: ClassVar[str] = "a CSV file of comments on NetEase songs"

    def read(self, path: Path, options: ReadOptions, refuse: Refuse) -> Iterator[Record]:
        """Yield users and comments; see ``FileSource.read``."""
        introductions = Introductions()
        comments = Definitions("comment")

        def build(row: Row) -> list[Record]:
            comment = _comment(row.fields)
            if not comments.is_new(comment.id, comment, row.line):
                return []
            return [*introductions.user(comment.user), comment]

        with Table(path, columns=COLUMNS, encoding=resolve_encoding(options.encoding)) as table:
            yield from table.records(refuse, build)


def _comment(fields: dict[str, str]) -> Comment:
    at = whole_number(fields["time_ms"], "time_ms", maximum=LATEST_MS - 1)
    if at < _SMALLEST_MS:
        raise InputError(f"time_ms {at} is before 1973; milliseconds are needed, these look like seconds")
    return Comment(
        id=CommentId(identifier(fields["comment_id"], "comment_id")),
        song=SongId(identifier(fields["song_id"], "song_id")),
        user=UserId(identifier(fields["user"], "user")),
        at=at,
        liked_count=whole_number(fields["liked_count"], "liked_count"),
        text=fields["content"],
    )
