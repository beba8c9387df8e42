"""docs/formats.md names every file, column and bound that the readers know."""

from __future__ import annotations

from pathlib import Path

import pytest

from sources.samples import SAMPLES
from zetdard.sources import (
    archives,
    comments,
    hetrec,
    jsonfiles,
    lastfm,
    playlists,
    spotify_rows,
    textfiles,
    textlines,
)

TEXT = (Path(__file__).parents[2] / "docs" / "formats.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "columns",
    [
        playlists.SONG_COLUMNS,
        playlists.PLAYLIST_COLUMNS,
        playlists.PLAYLIST_SONG_COLUMNS,
        playlists.SUBSCRIPTION_COLUMNS,
        comments.COLUMNS,
        hetrec.ARTIST_COLUMNS,
        hetrec.PLAY_COLUMNS,
        hetrec.FRIEND_COLUMNS,
        hetrec.TAG_COLUMNS,
        hetrec.TAGGING_COLUMNS,
        lastfm.CSV_COLUMNS,
    ],
)
def test_columns_are_documented(columns: tuple[str, ...]) -> None:
    assert [name for name in columns if f"`{name}`" not in TEXT] == []


def test_formats_are_documented() -> None:
    for sample in SAMPLES:
        assert f"import {sample.source.format} " in TEXT
        assert f"`{sample.source.source}`" in TEXT


@pytest.mark.parametrize(
    "bound",
    [
        textlines.MAX_LINE_CHARACTERS,
        textfiles.MAX_RECORD_CHARACTERS,
        jsonfiles.MAX_ELEMENT_CHARACTERS,
        jsonfiles.MAX_DOCUMENT_CHARACTERS,
        lastfm.MAX_PAGE_CHARACTERS,
        archives.MAX_ENTRIES,
        archives.MAX_RATIO,
        spotify_rows.SHORTEST_STREAM_MS // 1000,
    ],
)
def test_bounds_are_documented(bound: int) -> None:
    assert f"{bound:,}" in TEXT
