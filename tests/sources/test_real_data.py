"""The published data sets pass a strict import, whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sources.reading import counts, strict
from zetdard.records import Tagging
from zetdard.sources.comments import CommentFile
from zetdard.sources.hetrec import HetRecFiles
from zetdard.sources.playlists import PlaylistFiles


def test_netease_playlists(real_data: Callable[[str], Path]) -> None:
    found = counts(strict(PlaylistFiles(), real_data("netease_playlists")))
    assert found["Playlist"] == 634
    assert found["User"] == 295
    assert found["Song"] == 38_552
    assert found["PlaylistSong"] == 72_342


def test_netease_comments(real_data: Callable[[str], Path]) -> None:
    assert counts(strict(CommentFile(), real_data("netease_comments") / "comments.csv"))["Comment"] == 4_987


def test_hetrec(real_data: Callable[[str], Path]) -> None:
    records = strict(HetRecFiles(), real_data("lastfm_hetrec"))
    found = counts(records)
    assert found["User"] == 1_892
    assert found["Artist"] == 17_632
    assert found["ArtistPlays"] == 92_834
    assert found["Follow"] == 25_434
    assert found["Tagging"] == 186_479
    tags = {record.tag for record in records if isinstance(record, Tagging)}
    assert {"tropicália", "die Ärzte"} <= tags
    assert sum(record.at is None for record in records if isinstance(record, Tagging)) == 5
