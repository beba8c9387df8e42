"""What HetRec becomes."""

from __future__ import annotations

from pathlib import Path

import pytest

from sources.exports import HETREC_FILES
from sources.reading import counts, of, strict
from sources.samples import sample
from zetdard.errors import FormatError
from zetdard.records import (
    Artist,
    Tagging,
)
from zetdard.sources.hetrec import HetRecFiles


def test_hetrec(tmp_path: Path) -> None:
    records = sample("hetrec", tmp_path)
    assert of(records, Tagging) == [
        Tagging(user="10", artist="1", tag="bossa", at=1238544000000),
        Tagging(user="10", artist="2", tag="canção", at=None),
        # An artist that artists.dat does not name.
        Tagging(user="11", artist="99", tag="bossa", at=1238544000000),
    ]
    assert of(records, Artist)[0].name == 'The "Kites"'


def test_hetrec_needs_both_tag_files_or_none(tmp_path: Path) -> None:
    for name, content in HETREC_FILES.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "tags.dat").unlink()
    with pytest.raises(FormatError, match=r"tags\.dat is missing"):
        strict(HetRecFiles(), tmp_path)
    (tmp_path / "user_taggedartists.dat").unlink()
    assert "Tagging" not in counts(strict(HetRecFiles(), tmp_path))


def test_hetrec_encoding_overrides_all_files(tmp_path: Path) -> None:
    for name, content in HETREC_FILES.items():
        text = content.decode("cp1252" if name == "tags.dat" else "utf-8")
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert of(strict(HetRecFiles(), tmp_path, encoding="utf-8"), Tagging)[1].tag == "canção"
