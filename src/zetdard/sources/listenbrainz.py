"""ListenBrainz exports: listens, and the songs a listener loves or hates.

Shapes: ``listenbrainz/background/export.py`` of metabrainz/listenbrainz-server (the zip archive of today, with
``user.json``, ``listens/YEAR/MONTH.jsonl``, ``feedback.jsonl`` and ``pinned_recording.jsonl``), and the JSON
documentation of the ListenBrainz API (the older export, one array of listens).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import ClassVar

from zetdard.errors import FormatError, InputError
from zetdard.records import Record, UserId
from zetdard.sources.archives import Archive, is_zip, open_archive
from zetdard.sources.base import ReadOptions, Refuse
from zetdard.sources.jsonfields import as_object, optional_text
from zetdard.sources.jsonfiles import JsonStream, json_lines, json_value
from zetdard.sources.listenbrainz_rows import ListenReader
from zetdard.sources.refusal import Tally
from zetdard.sources.textlines import open_binary, resolve_encoding

_log = logging.getLogger(__name__)

_LISTENS = re.compile(r"(?:.*/)?listens/\d{4}/\d{1,2}\.jsonl")
_FEEDBACK = re.compile(r"(?:.*/)?feedback\.jsonl")
_USER = re.compile(r"(?:.*/)?user\.json")

Place = tuple[Path | str, int]
Rows = Callable[[Refuse], Iterator[tuple[Place, object]]]
"""Opens the listens anew and yields where each stands and what it holds."""


class ListenBrainzExport:
    """Reads the zip archive of a ListenBrainz export, or a file of listens (``.json`` array or JSON lines)."""

    format: ClassVar[str] = "listenbrainz"
    source: ClassVar[str] = "listenbrainz"
    summary: ClassVar[str] = "a ListenBrainz export: the zip archive, or a JSON or JSONL file of listens"

    def read(self, path: Path, options: ReadOptions, refuse: Refuse) -> Iterator[Record]:
        """Yield the user, songs, artists, listens and verdicts; see ``FileSource.read``."""
        encoding = resolve_encoding(options.encoding)
        if path.suffix.lower() != ".zip" and not is_zip(path):
            yield from _read(_file_rows(path, encoding), None, options.user, refuse, path)
            return
        with open_archive(path) as archive:
            listens, feedback, user = _entries(archive)
            owner = options.user
            if owner is None and user is not None:
                owner = _owner(archive, user, encoding)
            yield from _read(
                _archive_rows(archive, listens, encoding),
                _archive_rows(archive, feedback, encoding),
                owner,
                refuse,
                path,
            )


def _read(
    listens: Rows, feedback: Rows | None, owner: str | None, refuse: Refuse, path: Path
) -> Iterator[Record]:
    reader = ListenReader(None if owner is None else UserId(owner))
    # A first reading learns which names belong to artists with an id; what is wrong is reported by the second.
    for _, value in listens(_ignore):
        reader.learn(value)
    tally = Tally(refuse)
    for place, value in listens(tally.refuse):
        yield from tally.build(place, partial(reader.listen, value))
    if feedback is not None:
        for place, value in feedback(tally.refuse):
            yield from tally.build(place, partial(reader.feedback, value))
        if reader.unknown_verdicts:
            _log.info("%d loved or hated songs were never listened to and left out", reader.unknown_verdicts)
    tally.require_facts(path, "a listen, or a verdict on a song that was listened to")


def _ignore(error: FormatError) -> None:
    """Take no notice: the second reading reports it."""


def _entries(archive: Archive) -> tuple[list[str], list[str], str | None]:
    listens = [name for name in archive.names if _LISTENS.fullmatch(name)]
    feedback = [name for name in archive.names if _FEEDBACK.fullmatch(name)]
    users = [name for name in archive.names if _USER.fullmatch(name)]
    if not listens and not feedback:
        raise FormatError(
            "this is no ListenBrainz export: neither listens/YEAR/MONTH.jsonl nor feedback.jsonl is in it",
            path=archive.path,
        )
    if len(feedback) > 1 or len(users) > 1:
        raise FormatError("several exports are in one archive", path=archive.path)

    def month(name: str) -> tuple[int, ...]:
        return tuple(int(part) for part in re.findall(r"\d+", name)[-2:])

    return sorted(listens, key=month), feedback, users[0] if users else None


def _owner(archive: Archive, name: str, encoding: str) -> str | None:
    label = archive.label(name)
    with archive.open(name) as stream:
        value = json_value(stream, label=label, encoding=encoding)
    try:
        return optional_text(as_object(value, "the user"), "username")
    except InputError as error:
        raise FormatError(str(error), path=label) from None


def _archive_rows(archive: Archive, names: list[str], encoding: str) -> Rows:
    def rows(refuse: Refuse) -> Iterator[tuple[Place, object]]:
        for name in names:
            label = archive.label(name)
            with archive.open(name) as stream:
                for line, value in json_lines(stream, refuse, label=label, encoding=encoding):
                    yield (label, line), value

    return rows


def _file_rows(path: Path, encoding: str) -> Rows:
    def rows(refuse: Refuse) -> Iterator[tuple[Place, object]]:
        with open_binary(path) as stream:
            is_array = JsonStream(stream, label=path, encoding=encoding).peek() == "["
        with open_binary(path) as stream:
            if is_array:
                for line, value in JsonStream(stream, label=path, encoding=encoding).elements():
                    yield (path, line), value
            else:
                for line, value in json_lines(stream, refuse, label=path, encoding=encoding):
                    yield (path, line), value

    return rows
