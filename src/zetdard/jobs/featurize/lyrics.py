"""Lyrics → what they say, feel like and mean: in processes of their own, each text once."""

from __future__ import annotations

import time

from zetdard.errors import Failure, MissingExtraError, StoreError
from zetdard.features.audio.isolation import STORE, Isolated
from zetdard.features.lyrics.wording import LYRICS, lyric_hash
from zetdard.jobs.featurize.keeping import Read, read
from zetdard.jobs.featurize.report import FeatureReport, RefusedContent
from zetdard.jobs.featurize.shelf import FeatureShelf
from zetdard.jobs.featurize.wordspace import keep_word_space
from zetdard.jobs.featurize.workers import Workers
from zetdard.progress import Progress, silent
from zetdard.records import Lyric
from zetdard.store.store import Store

_SECONDS, _MEMORY_MB = 120.0, 2048
_ONE_PROCESS = 200
"""So many lyrics are read sooner than a second process has loaded its dictionaries."""


def featurize_lyrics(
    store: Store,
    shelf: FeatureShelf,
    *,
    processes: int | None = None,
    progress: Progress = silent,
) -> FeatureReport:
    """Make what is missing of every lyric that is stored; a text that two songs share is read once.

    Args:
        store: Says which lyrics there are.
        shelf: Where the arrays lie.
        processes: How many lyrics are read at once; ``None`` = by how many there are and by the processors.
        progress: Told how many are done.

    Raises:
        MissingExtraError: The libraries that read lyrics are not installed.
    """
    begun = time.monotonic()
    folder = shelf.lyrics()
    songs: dict[str, str] = {}
    texts: dict[str, Lyric] = {}
    for origin, lyric in store.lyrics():
        sha256 = lyric_hash(lyric)
        songs.setdefault(sha256, ":".join(origin))
        texts.setdefault(sha256, lyric)
    done = folder.hashes()
    orders = [Read(sha256, lyric, folder) for sha256, lyric in texts.items() if done.get(sha256) != ".npz"]
    report = FeatureReport("lyrics", len(texts), {LYRICS: 0}, {LYRICS: len(texts) - len(orders)})
    if processes is None and len(orders) <= _ONE_PROCESS:
        processes = 1
    workers = Workers(processes, _SECONDS, _MEMORY_MB)
    with Isolated(read, workers.count(len(orders)), workers.seconds, workers.memory_mb) as pool:
        for count, (order, outcome) in enumerate(pool.map(orders), start=1):
            if isinstance(outcome, Failure):
                if outcome.reason == STORE:
                    raise StoreError(outcome.detail)
                if outcome.reason == "missing-extra":
                    raise MissingExtraError("lyrics", "reading lyrics")
                report.refused.append(
                    RefusedContent(songs[order.sha256], "lyrics", outcome.reason, outcome.detail)
                )
            else:
                report.made[LYRICS] += 1
            progress("reading lyrics", count, len(orders))
    progress("learning the words", 0, 1)
    keep_word_space(shelf)
    progress("learning the words", 1, 1)
    if not texts:
        report.notes.append("no lyrics are stored: zetdard import music DIR, or zetdard crawl, brings some")
    report.seconds = time.monotonic() - begun
    return report
