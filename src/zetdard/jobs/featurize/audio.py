"""Recordings → descriptors, embeddings, clips: in processes of their own, each recording once."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from zetdard.errors import Failure, MissingExtraError, StoreError
from zetdard.features.audio.hearing import Recording
from zetdard.features.audio.isolation import STORE, Isolated
from zetdard.jobs.featurize.keeping import Listen, listen
from zetdard.jobs.featurize.report import FeatureReport, RefusedContent
from zetdard.jobs.featurize.shelf import FeatureShelf
from zetdard.jobs.featurize.workers import Workers
from zetdard.progress import Progress, silent
from zetdard.records import MusicFile
from zetdard.store.arrays import ArrayFolder
from zetdard.store.attachments import Sound, path_of
from zetdard.store.blobs import Blobs
from zetdard.store.store import Store

PASSING = frozenset(
    {"missing", "changed", "unreadable", "missing-extra", "memory-limit", "time-limit", "crashed", "error"}
)
"""Reasons that say nothing about the recording itself: it is tried again by the next run."""

_CHANGED = Failure("changed", "the file has changed since it was imported: import its folder again")


def featurize_audio(
    store: Store,
    shelf: FeatureShelf,
    blobs: Blobs,
    kinds: Sequence[str],
    *,
    workers: Workers | None = None,
    retry: bool = False,
    progress: Progress = silent,
) -> FeatureReport:
    """Make what is missing of every recording that is at hand.

    A recording that two songs share, or that lies at two places, is heard once. What is done is on disk at once: a run
    that is killed loses what its workers were at, one recording each.

    Args:
        store: Says which recordings there are.
        shelf: Where the arrays lie, and how recordings are heard.
        blobs: The folder of recordings that came from a service.
        kinds: Of ``hearing.KINDS``.
        workers: How many at once, and their limits.
        retry: Also try again what an earlier run refused.
        progress: Told how many recordings are done.

    Raises:
        MissingExtraError: What decodes sound is not installed.
    """
    begun = time.monotonic()
    workers = workers or Workers()
    sounds = store.sounds(blobs.place if blobs.is_used() else None)
    places = {sha256: _place(same, blobs) for sha256, same in _by_content(sounds).items()}
    folders = {kind: shelf.audio(kind) for kind in kinds}
    for folder in folders.values():
        folder.sweep()
    done = {kind: _done(folder, retry=retry) for kind, folder in folders.items()}
    report = FeatureReport("audio", len(places), made=dict.fromkeys(kinds, 0))
    report.known = {kind: sum(done[kind].get(sha256, False) for sha256 in places) for kind in kinds}
    passing: dict[str, Failure] = {}
    orders: list[Listen] = []
    for sha256, place in places.items():
        wanted = tuple(kind for kind in kinds if sha256 not in done[kind])
        if wanted and isinstance(place, Failure):
            passing[sha256] = place
        elif wanted and isinstance(place, Path):
            orders.append(Listen(Recording(sha256, place, wanted, shelf.hearing), folders))
    with Isolated(listen, workers.count(len(orders)), workers.seconds, workers.memory_mb) as pool:
        for count, (order, outcome) in enumerate(pool.map(orders), start=1):
            sha256 = order.recording.sha256
            if isinstance(outcome, Failure):
                if outcome.reason == STORE:  # a full disk: all others would be heard for nothing
                    raise StoreError(outcome.detail)
                passing[sha256] = outcome
            else:
                for kind in outcome.made:
                    report.made[kind] += 1
                for kind, refused in outcome.refused.items():
                    if refused.reason in PASSING:
                        passing[sha256] = refused
                    else:
                        folders[kind].refuse(sha256, refused.reason, refused.detail)
            progress("listening", count, len(orders))
    lacking = sum(failure.reason == "missing-extra" for failure in passing.values())
    if orders and lacking == len(orders):
        raise MissingExtraError("audio", "listening to music")
    report.refused = _refused(sounds, folders, passing)
    report.seconds = time.monotonic() - begun
    return report


def _by_content(sounds: Sequence[Sound]) -> dict[str, list[Sound]]:
    contents: dict[str, list[Sound]] = {}
    for sound in sounds:
        contents.setdefault(sound.sha256, []).append(sound)
    return contents


def _place(same: Sequence[Sound], blobs: Blobs) -> Path | Failure:
    """Return where a recording can be read: the first of its places at which it still lies."""
    found: Path | Failure = Failure("missing", "no file is there any more")
    for sound in same:
        path = blobs.path(sound.sha256) if sound.uri is None else path_of(sound.uri)
        try:
            about = path.stat()
        except OSError:
            continue
        if sound.uri is None or MusicFile.state(about) == (sound.size, sound.modified_ns):
            return path
        found = _CHANGED
    return found


def _done(folder: ArrayFolder, *, retry: bool) -> dict[str, bool]:
    """Return what need not be made: hash → whether it has arrays (else it is refused)."""
    done = {sha256: ending != ".json" for sha256, ending in folder.hashes().items()}
    return {sha256: made for sha256, made in done.items() if made} if retry else done


def _refused(
    sounds: Sequence[Sound], folders: Mapping[str, ArrayFolder], passing: Mapping[str, Failure]
) -> list[RefusedContent]:
    """Return what has no arrays and why, in the order of songs: once for each content."""
    why = {sha256: (failure.reason, failure.detail) for sha256, failure in passing.items()}
    for folder in folders.values():
        for sha256, refused in folder.refusals().items():
            why.setdefault(sha256, (refused.reason, refused.detail))
    return [
        RefusedContent(
            ":".join(same[0].origin), str(path_of(same[0].uri)) if same[0].uri else sha256, *why[sha256]
        )
        for sha256, same in _by_content(sounds).items()
        if sha256 in why
    ]
