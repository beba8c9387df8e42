"""What may be said about a crawl, from the Python API and from the command line, and how it is carried out."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from zetdard import registry
from zetdard.errors import InputError
from zetdard.jobs.crawl.crawling import Again, Watch, crawl, state_of
from zetdard.jobs.crawl.plan import CrawlPlan, CrawlReport, CrawlState, wanted_kinds
from zetdard.settings import Settings
from zetdard.sources.crawling import Beginning
from zetdard.store.store import Store

_log = logging.getLogger(__name__)

POLITE_RATE = 2.0
"""Requests a second, of all workers together, unless a person says otherwise."""

ANY_DEPTH = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlWishes:
    """How a crawl is wanted.

    Attributes:
        depth: How many steps from person to person to go.
        workers: How many workers this command has.
        rate: Requests a second of all workers together; 0 = any number.
        also: Kinds of visits besides the usual ones.
        without: Usual kinds to leave out.
        limits: At most so many visits of a kind.
        comment_pages: At most so many pages of comments of a song.
        artist_pages: At most so many pages of the list of artists to begin with.
        previews: Take excerpts where a whole song is not to be had.
        refresh_ms: Visit again what was visited longer ago than this.
        retry_failed: Try again what was given up.
        unblock: A person has done what an earlier stop asked for.
        api_server: Address of a Node API server to go through.
        sandbox: Address of the invented NetEase, to ask it instead of the real one.
        blobs: Folder of sound and images, where it is not the home's.
        watch: Told about once a second how far it is.
    """

    depth: int = 1
    workers: int = 1
    rate: float = POLITE_RATE
    also: Collection[str] = ()
    without: Collection[str] = ()
    limits: Mapping[str, int] = field(default_factory=dict)
    comment_pages: int = 5
    artist_pages: int = 10
    previews: bool = False
    refresh_ms: int | None = None
    retry_failed: bool = False
    unblock: bool = False
    api_server: str | None = None
    sandbox: str | None = None
    blobs: Path | None = None
    watch: Watch | None = None


def wishes_of(wishes: Mapping[str, Any]) -> CrawlWishes:
    """Return wishes from keyword arguments.

    Raises:
        InputError: There is no such wish.
    """
    known = {field.name for field in fields(CrawlWishes)}
    if unknown := sorted(wishes.keys() - known):
        raise InputError(f"{unknown[0]!r} cannot be wished of a crawl; there are {', '.join(sorted(known))}")
    return CrawlWishes(**wishes)


def run_crawl(store: Store, settings: Settings, beginning: Beginning, wishes: CrawlWishes) -> CrawlReport:
    """Carry out a crawl; see ``zetdard.jobs.crawl.crawling.crawl``."""
    kinds = registry.netease_kinds()
    wanted = wanted_kinds(kinds, frozenset(wishes.also), frozenset(wishes.without))
    for name in wishes.limits:
        if name not in kinds:
            raise InputError(f"there is no kind of visit {name!r}; there are {', '.join(kinds)}")
    if wishes.rate < 0:
        raise InputError(f"a rate of {wishes.rate:g} requests a second is not possible")
    if wishes.comment_pages < 1 or wishes.artist_pages < 1:
        raise InputError("at least one page is read; --without comments leaves comments out")
    service = registry.netease_service(
        settings,
        sandbox=wishes.sandbox,
        api_server=wishes.api_server,
        previews=wishes.previews,
        comment_pages=wishes.comment_pages,
        artist_pages=wishes.artist_pages,
    )
    if wishes.sandbox is None and not 0 < wishes.rate <= POLITE_RATE:
        often = "as often as it can" if wishes.rate == 0 else f"{wishes.rate:g} times a second"
        _log.warning(
            "this asks NetEase %s; more than %g times a second is not polite and may get you blocked",
            often,
            POLITE_RATE,
        )
    somewhere = (
        beginning.me or beginning.users or beginning.nicknames or beginning.playlists or beginning.artist_list
    )
    return crawl(
        store,
        settings.database_url,
        service.source,
        registry.netease_connect(service),
        CrawlPlan(
            wanted=wanted,
            depth=wishes.depth,
            workers=wishes.workers,
            rate=wishes.rate or None,
            limits=wishes.limits,
        ),
        beginning if somewhere else None,
        blobs=wishes.blobs or settings.blobs_folder,
        again=Again(
            older_than_ms=wishes.refresh_ms,
            failed=wishes.retry_failed,
            logged_in=registry.netease_is_logged_in(service),
        ),
        unblock=wishes.unblock,
        watch=wishes.watch,
    )


def crawl_states(store: Store) -> dict[str, CrawlState]:
    """Return how far the crawls are, by source."""
    kinds = registry.netease_kinds()
    plan = CrawlPlan(wanted=frozenset(kinds), depth=ANY_DEPTH, rate=None)
    return {source: state_of(store, source, kinds, plan) for source in store.crawled_sources()}
