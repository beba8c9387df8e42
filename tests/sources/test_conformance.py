"""What every format must do, whatever it reads."""

from __future__ import annotations

import contextlib
import dataclasses
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.reading import collect, counts, strict
from sources.samples import SAMPLES, Sample
from zetdard.errors import FormatError, InputError
from zetdard.records import (
    Artist,
    ArtistPlays,
    Comment,
    Follow,
    Listen,
    Playlist,
    PlaylistSong,
    Record,
    Song,
    SongArtist,
    SongVerdict,
    Subscription,
    Tagging,
    User,
)
from zetdard.sources.base import ReadOptions

every_format = pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
every_file = pytest.mark.parametrize(
    ("sample", "file"),
    [
        (sample, name)
        for sample in SAMPLES
        for name in sample.files
        if b"not read" not in sample.files[name]
        and not (sample.name == "spotify-extended" and name[0:10] == "StreamingH")
    ],
    ids=lambda value: getattr(value, "name", value),
)


def changed(sample: Sample, folder: Path, file: str, content: bytes | None) -> Path:
    return sample.write(folder, **{file.replace(".", "_"): content})


def is_text(sample: Sample) -> bool:
    return sample.name != "listenbrainz-zip"


# The field of a record → the kind of record that must have come before.
_NAMED: dict[type, dict[str, type]] = {
    SongArtist: {"song": Song, "artist": Artist},
    Playlist: {"creator": User},
    PlaylistSong: {"playlist": Playlist, "song": Song},
    Subscription: {"user": User, "playlist": Playlist},
    Listen: {"user": User, "song": Song},
    ArtistPlays: {"user": User, "artist": Artist},
    # A tag may be about an artist that is not described, and a comment about such a song.
    Tagging: {"user": User},
    Follow: {"user": User, "followed": User},
    SongVerdict: {"user": User, "song": Song},
    Comment: {"user": User},
}


def assert_defined_before_named(records: list[Record]) -> None:
    defined: set[tuple[type, str]] = set()
    for record in records:
        for name, kind in _NAMED.get(type(record), {}).items():
            assert (kind, getattr(record, name)) in defined, record
        if isinstance(record, User | Artist | Song | Playlist):
            assert (type(record), record.id) not in defined, f"twice: {record}"
            defined.add((type(record), record.id))


@every_format
def test_valid_export_is_read_strictly(sample: Sample, tmp_path: Path) -> None:
    records = strict(sample.source, sample.write(tmp_path))
    assert counts(records) == sample.counts
    assert_defined_before_named(records)
    assert strict(sample.source, tmp_path / sample.entry) == records


@every_format
def test_names_are_stated(sample: Sample, tmp_path: Path) -> None:
    assert sample.source.format == sample.name.split("-")[0]
    assert sample.source.source in {"netease", "hetrec", "listenbrainz", "lastfm", "spotify"}
    assert sample.source.summary
    assert "\n" not in sample.source.summary


@every_format
def test_byte_order_mark_and_crlf_change_nothing(sample: Sample, tmp_path: Path) -> None:
    expected = strict(sample.source, sample.write(tmp_path))
    if not is_text(sample):
        return
    for name, content in sample.files.items():
        unix = content.replace(b"\r\n", b"\n")
        # A quoted field keeps its own line ends, so only unquoted files get new ones.
        new = unix if b'"first line\n' in content else unix.replace(b"\n", b"\r\n")
        (tmp_path / name).write_bytes(new if name == "tags.dat" else b"\xef\xbb\xbf" + new)
    assert strict(sample.source, tmp_path / sample.entry) == expected


@every_format
def test_other_encoding_is_read_when_named(sample: Sample, tmp_path: Path) -> None:
    expected = strict(sample.source, sample.write(tmp_path))
    if not is_text(sample):
        return
    for name, content in sample.files.items():
        text = content.decode("cp1252" if name == "tags.dat" else "utf-8")
        (tmp_path / name).write_bytes(text.encode("utf-16"))
    assert strict(sample.source, tmp_path / sample.entry, encoding="utf-16") == expected


@every_format
@pytest.mark.parametrize("encoding", ["no-such-code", "base64", "idna", "", "a\0b", "unicode_escape"])
def test_unknown_encoding_is_an_input_error(sample: Sample, encoding: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no text encoding") as caught:
        strict(sample.source, sample.write(tmp_path), encoding=encoding)
    assert not isinstance(caught.value, FormatError)


@every_format
def test_refused_row_is_named_and_the_others_are_read(sample: Sample, tmp_path: Path) -> None:
    expected = strict(sample.source, sample.write(tmp_path))
    file, before, after = sample.bad
    content = sample.files[file]
    assert before in content
    path = changed(sample, tmp_path, file, content.replace(before, after, 1))
    records, refused = collect(sample.source, path)
    assert records == expected
    assert len(refused) == 1
    assert refused[0].line == sample.bad_line
    assert file in str(refused[0].path)
    assert len(refused[0].reason) > 10
    with pytest.raises(FormatError) as caught:
        strict(sample.source, path)
    assert str(caught.value) == str(refused[0])


@every_format
def test_nothing_there(sample: Sample, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="there is no such") as caught:
        strict(sample.source, tmp_path / "absent" / (sample.entry or "folder"))
    assert "absent" in str(caught.value.path)


@every_format
def test_file_for_folder_and_folder_for_file(sample: Sample, tmp_path: Path) -> None:
    path = tmp_path / (sample.entry or "folder")
    if sample.entry:
        path.mkdir()
    else:
        path.write_bytes(b"x")
    with pytest.raises(FormatError, match=r"this is a (file|folder)") as caught:
        strict(sample.source, path)
    assert caught.value.path == path


@every_file
def test_empty_file(sample: Sample, file: str, tmp_path: Path) -> None:
    path = changed(sample, tmp_path, file, b"")
    with pytest.raises(FormatError) as caught:
        strict(sample.source, path)
    assert file in str(caught.value.path)


@every_file
def test_unreadable_file(sample: Sample, file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = sample.write(tmp_path)
    real_open = Path.open

    def denied(self: Path, *args: object, **kwargs: object) -> object:
        if self.name == file:
            raise PermissionError(13, "Permission denied")
        return real_open(self, *args, **kwargs)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", denied)
    with pytest.raises(FormatError, match="not permitted") as caught:
        strict(sample.source, path)
    assert file in str(caught.value.path)


@every_file
def test_bytes_of_another_encoding(sample: Sample, file: str, tmp_path: Path) -> None:
    if not is_text(sample) or file == "tags.dat":
        return
    content = sample.files[file]
    path = changed(sample, tmp_path, file, content + b"\n\n\xff")
    with pytest.raises(FormatError, match="--encoding") as caught:
        strict(sample.source, path)
    assert file in str(caught.value.path)
    assert caught.value.line == content.count(b"\n") + 3


@every_file
def test_nul_character(sample: Sample, file: str, tmp_path: Path) -> None:
    if not is_text(sample):
        return
    content = sample.files[file]
    cut = content.index(b"\n") + 3 if b"\n" in content else len(content) // 2
    path = changed(sample, tmp_path, file, content[:cut] + b"\0" + content[cut:])
    with pytest.raises(FormatError):
        strict(sample.source, path)


@every_format
@pytest.mark.parametrize("user", [" lena", "", "x" * 301])
def test_bad_user_is_an_input_error_or_is_not_used(sample: Sample, user: str, tmp_path: Path) -> None:
    path = sample.write(tmp_path)
    if sample.source.format in {"listenbrainz", "lastfm", "spotify"}:
        with pytest.raises(InputError):
            strict(sample.source, path, user=user)
    else:
        assert counts(strict(sample.source, path, user=user)) == sample.counts


@every_format
def test_user_names_the_listener(sample: Sample, tmp_path: Path) -> None:
    records = strict(sample.source, sample.write(tmp_path), user="somebody")
    if sample.source.format in {"listenbrainz", "lastfm", "spotify"}:
        assert {record.id for record in records if isinstance(record, User)} == {"somebody"}


mutations = st.lists(
    st.tuples(
        st.floats(0, 1), st.sampled_from(["set", "drop", "add", "copy"]), st.binary(min_size=1, max_size=6)
    ),
    min_size=1,
    max_size=4,
)
_TELLING = [
    b'"',
    b",",
    b"\t",
    b"\n",
    b"\r",
    b"\0",
    b"[",
    b"]",
    b"{",
    b"}",
    b"1e999",
    b"NaN",
    b"-1",
    b"\\ud800",
    b"null",
]


def mutate(content: bytes, steps: list[tuple[float, str, bytes]]) -> bytes:
    for where, what, piece in steps:
        at = int(where * len(content))
        if piece[0] % 2:
            piece = _TELLING[piece[0] // 2 % len(_TELLING)]
        if what == "set":
            content = content[:at] + piece + content[at + len(piece) :]
        elif what == "drop":
            content = content[:at] + content[at + len(piece) * 3 :]
        elif what == "add":
            content = content[:at] + piece + content[at:]
        else:
            content = content[:at] + content[at // 2 :]
    return content


@every_format
@settings(max_examples=150, deadline=None)
@given(data=st.data(), steps=mutations)
def test_damaged_bytes_yield_records_or_our_errors(
    sample: Sample, data: st.DataObject, steps: list[tuple[float, str, bytes]]
) -> None:
    file = data.draw(st.sampled_from(sorted(sample.files)))
    with tempfile.TemporaryDirectory() as folder:
        path = changed(sample, Path(folder), file, mutate(sample.files[file], steps))
        refused: list[FormatError] = []
        records: list[Record] = []
        with contextlib.suppress(InputError):
            records.extend(sample.source.read(path, ReadOptions(), refused.append))
            assert records or refused, "an empty success"
        assert all(dataclasses.is_dataclass(record) for record in records)
        assert all(isinstance(error, FormatError) and error.path is not None for error in refused)
        assert_defined_before_named(records)


@every_format
def test_reading_stops_cleanly_halfway(sample: Sample, tmp_path: Path) -> None:
    reading = sample.source.read(sample.write(tmp_path), ReadOptions(), lambda error: None)
    next(iter(reading))
    reading.close()  # type: ignore[attr-defined]
