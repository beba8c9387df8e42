"""Similar songs, paths and shared traits as a person reads them on a terminal."""

from __future__ import annotations

import pytest

from zetdard.recommend.likeness import (
    By,
    CloseTempo,
    CommonHolders,
    Near,
    SameKey,
    Similar,
    SimilarItem,
    SimilarKind,
    SimilarQuery,
)
from zetdard.recommend.path import SoundPath, Stop
from zetdard.recommend.query import (
    Kind,
    Named,
    Query,
    Recommendation,
    Recommended,
    SharedMoods,
    SharedTags,
    SharedWords,
    Without,
)
from zetdard.surfaces.cli.similar import print_path, print_similar
from zetdard.surfaces.cli.text import display_width, print_recommendation

ASKED = Named("1", "晴天")


def answer(by: By = By.ALL, kind: SimilarKind = SimilarKind.SONGS, note: str | None = None) -> Similar:
    everything = (
        Near(By.SOUND, 3, 0.9512),
        SharedTags("song", ASKED, ("metal", "loud")),
        SharedMoods("song", ASKED, ("+ energy", "− valence"), heard=True),
        CloseTempo(119.6, 121.2),
        SameKey("A minor"),
        SharedWords("song", ASKED, ("月亮", "故乡")),
        Near(By.PEOPLE, 1200, 0.0125),
        CommonHolders(1234),
    )
    return Similar(
        query=SimilarQuery(kind=kind, item="晴天", by=by),
        asked=ASKED,
        artists=(Named("7", "周杰伦"),),
        parts=(By.SOUND, By.PEOPLE) if by is By.ALL else (by,),
        model="song-graph",
        items=(
            SimilarItem(rank=1, id="2", name="稻香", score=0.03226, artists=(Named("7", "周杰伦"),), reasons=everything),
            SimilarItem(rank=2, id="3", name="Sea", score=0.5, reasons=(CommonHolders(1), CloseTempo(120, 120.2))),
        ),
        note=note,
    )  # fmt: skip


def test_a_list_with_all_its_reasons(capsys: pytest.CaptureFixture[str]) -> None:
    print_similar(answer(note="not by words: none"))
    assert capsys.readouterr().out.splitlines() == [
        "songs like 晴天 – 周杰伦  [1] — by sound, people (model song-graph)",
        "note: not by words: none",
        "   1  稻香 – 周杰伦  [2]  0.03226",
        "      by sound rank 3 (0.9512), people rank 1,200 (0.0125)",
        "      both sound: metal, loud",
        "      both feel: + energy, − valence (as heard)",
        "      both 120 to 121 BPM",
        "      both in A minor",
        "      words in common: 月亮, 故乡",
        "      1,234 people hold both",
        "   2  Sea  [3]            0.5000",
        "      1 person holds both",
        "      both about 120 BPM",
    ]


def test_scores_stand_in_one_column(capsys: pytest.CaptureFixture[str]) -> None:
    print_similar(answer())
    lines = [line for line in capsys.readouterr().out.splitlines() if line[3:4].isdigit()]
    assert len({display_width(line[: line.rindex(" ")]) for line in lines}) == 1


def test_one_part_needs_no_ranks_of_parts(capsys: pytest.CaptureFixture[str]) -> None:
    print_similar(answer(By.SOUND))
    out = capsys.readouterr().out
    assert "songs like 晴天 – 周杰伦  [1] — by sound\n" in out
    assert "rank" not in out


def test_a_path_with_what_comes_and_goes(capsys: pytest.CaptureFixture[str]) -> None:
    stops = (
        Stop(Named("1", "晴天"), (Named("7", "周杰伦"),), None),
        Stop(Named("2", "Sea"), (), 0.0123, ("piano", "soft"), ("guitar",)),
        Stop(Named("3", "3"), (), 0.1),
    )
    print_path(SoundPath(stops, 0.25, "as short as that"))
    assert capsys.readouterr().out.splitlines() == [
        "note: as short as that",
        "   1  晴天 – 周杰伦  [1]",
        "   2  Sea  [2]             0.0123  + piano  + soft  − guitar",
        "   3  3                    0.1000",
        "steps: 0 = sounds the same, 1 = unrelated; the largest 0.1000, directly 0.2500",
    ]


def test_a_path_of_one_song_has_no_steps(capsys: pytest.CaptureFixture[str]) -> None:
    print_path(SoundPath((Stop(ASKED, (), None),), 0.0, "it is one song"))
    assert capsys.readouterr().out == "note: it is one song\n   1  晴天  [1]\n"


def test_what_others_wrote_steers_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    bad = Named("\x1b[2J", "\x1b]0;x\x07\u202etitle")
    query = SimilarQuery(kind=SimilarKind.ARTISTS, item="x")
    reasons = (SharedTags("artist", bad, ("\x1b[1m",)), SharedWords("artist", bad, ("\u202ex", "\n")))
    reasons += (SharedMoods("artist", bad, ("+ \x1b[1m",), heard=False),)
    items = (SimilarItem(rank=1, id=bad.id, name=bad.name, score=1, artists=(bad,), reasons=reasons),)
    print_similar(
        Similar(query=query, asked=bad, artists=(bad,), parts=(), model=None, items=items, note="\x1b")
    )
    print_path(SoundPath((Stop(bad, (bad,), 0.1, ("\x1b",), ("\x1b",)),), 0.1, "\x1b"))
    assert not {"\x1b", "\x07", "\u202e"} & set(capsys.readouterr().out)


def test_recommendations_say_what_is_shared(capsys: pytest.CaptureFixture[str]) -> None:
    reasons = (
        SharedTags("song", ASKED, ("metal", "loud")),
        SharedMoods("song", ASKED, ("+ energy",), heard=False),
        SharedWords("song", ASKED, ("月亮", "故乡")),
        Without("song", ASKED, 2),
    )
    item = Recommended(rank=1, id="2", name="稻香", score=1, reasons=reasons)
    query = Query(kind=Kind.SONGS, user="ann")
    print_recommendation(Recommendation(query=query, model="m", personal=True, items=(item,)), explain=True)
    assert capsys.readouterr().out.splitlines()[2:] == [
        "      both sound: metal, loud (with 晴天)",
        "      both feel: + energy (with 晴天)",
        "      words in common: 月亮, 故乡 (with 晴天)",
        "      without 晴天: rank 2",
    ]


@pytest.mark.parametrize(
    ("text", "columns"), [("sea", 3), ("晴天", 4), ("ＡＢ", 4), ("e\u0301", 1), ("한", 2), ("", 0), ("a\u200db", 2)]
)  # fmt: skip
def test_columns_of_a_terminal(text: str, columns: int) -> None:
    assert display_width(text) == columns
