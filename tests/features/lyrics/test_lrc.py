"""Lyric files of every kind give lines, times and facts; broken ones give what they have, never an exception."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zetdard.features.lyrics import parse_lrc
from zetdard.records import LyricState


def starts(text: str) -> list[int | None]:
    return [line.start_ms for line in parse_lrc(text).lines]


@pytest.mark.parametrize(
    ("stamp", "ms"),
    [
        ("[00:12.34]", 12_340),
        ("[00:12.345]", 12_345),
        ("[00:12.3]", 12_300),
        ("[01:02]", 62_000),
        ("[1:02.50]", 62_500),
        ("[01:00:02.50]", 3_602_500),
        ("[01:00:02]", 3_602_000),
        ("[03:10:75]", 190_750),  # no second is the 75th: hundredths
    ],
)
def test_stamps(stamp: str, ms: int) -> None:
    assert starts(f"{stamp}words") == [ms]


def test_several_stamps_on_a_line_come_in_the_order_of_time() -> None:
    parsed = parse_lrc("[00:10.00][00:30.00]chorus\n[00:20.00]verse")
    assert [(line.start_ms, line.text) for line in parsed.lines] == [
        (10_000, "chorus"),
        (20_000, "verse"),
        (30_000, "chorus"),
    ]


def test_a_stamp_without_words_ends_a_line() -> None:
    lines = parse_lrc("[00:01.00]one\n[00:03.00]\n[00:09.00]two\n[00:12.00]").lines
    assert [(line.text, line.end_ms) for line in lines] == [("one", 3000), ("two", 12_000)]


def test_a_positive_offset_makes_words_come_sooner_and_moves_the_translation_too() -> None:
    parsed = parse_lrc("[ti:T]\n[offset:+500]\n[00:02.00]一\n[00:00.10]二", "[00:02.00]one\n[00:00.10]two")
    assert [(line.start_ms, line.translation) for line in parsed.lines] == [(0, "two"), (1500, "one")]
    assert parsed.tags == {"ti": "T", "offset": "+500"}


def test_enhanced_lrc_gives_the_times_of_words() -> None:
    for opening, closing in ("<>", "[]"):
        line = parse_lrc(f"[00:05.00]{opening}00:05.00{closing}hello {opening}00:05.50{closing}world").lines[
            0
        ]
        assert line.text == "hello world"
        assert [(word.text, word.start_ms, word.duration_ms) for word in line.words] == [
            ("hello", 5000, 500),
            ("world", 5500, None),
        ]


def test_words_of_a_repeated_line_are_timed_for_each_time() -> None:
    lines = parse_lrc("[00:05.00][00:15.00]<00:05.00>a <00:06.00>b").lines
    assert [[word.start_ms for word in line.words] for line in lines] == [[5000, 6000], [15_000, 16_000]]


def test_yrc() -> None:
    line = parse_lrc("[1000,900](1000,300,0)你(1300,600,0)好").lines[0]
    assert (line.text, line.start_ms, line.end_ms) == ("你好", 1000, 1900)
    assert [(word.text, word.start_ms, word.duration_ms) for word in line.words] == [
        ("你", 1000, 300),
        ("好", 1300, 600),
    ]


def test_word_times_of_another_file_go_to_the_lines_with_the_same_words() -> None:
    parsed = parse_lrc("[00:01.00]你好\n[00:09.00]再见", None, "[1100,900](1100,300,0)你(1400,600,0)好")
    assert [len(line.words) for line in parsed.lines] == [2, 0]
    assert parsed.lines[0].end_ms == 2000
    assert [line.text for line in parse_lrc("", None, "[1100,900](1100,300,0)你").lines] == ["你"]


def test_json_lines_are_credits() -> None:
    parsed = parse_lrc(
        '{"t":0,"c":[{"tx":"作曲: "},{"tx":"甲","li":"x"},{"tx":"/"},{"tx":"乙"}]}\n[00:01.00]你好'
    )
    assert parsed.text == "你好"
    assert parsed.names("composer") == ("甲", "乙")


@pytest.mark.parametrize(
    ("line", "role", "names"),
    [
        ("作词 : 甲", "lyricist", ("甲",)),
        ("词：甲、乙", "lyricist", ("甲", "乙")),
        ("曲 :甲", "composer", ("甲",)),
        ("編曲：甲", "arranger", ("甲",)),
        ("制作人：甲", "producer", ("甲",)),
        ("混音师 Mixing Engineer：甲", "mixer", ("甲",)),
        ("母带：甲", "mastering", ("甲",)),
        ("和声：甲", "backing vocals", ("甲",)),
        ("吉他/贝斯：甲", "instrument", ("甲",)),
        ("Lyrics by : Ann", "lyricist", ("Ann",)),
        ("Composed by Ann, Bob", "composer", ("Ann", "Bob")),
        ("Producer: Ann", "producer", ("Ann",)),
        ("OP：某公司", "publisher", ("某公司",)),
        ("作词：", "lyricist", ()),
    ],
)
def test_credits_are_facts_and_no_words(line: str, role: str, names: tuple[str, ...]) -> None:
    for text in (f"[00:00.00]{line}\n[00:09.00]la la", f"[00:09.00]la la\n[00:20.00]{line}"):
        parsed = parse_lrc(text)
        assert parsed.text == "la la"
        assert [(credit.role, credit.names) for credit in parsed.credits] == [(role, names)]


def test_one_line_may_state_two_roles() -> None:
    for line in ("词/曲：甲", "词曲：甲", "Words and music by 甲", "Written and composed by 甲"):
        parsed = parse_lrc(f"{line}\n你好")
        assert parsed.names("lyricist") == parsed.names("composer") == ("甲",)


def test_what_only_looks_like_a_credit_is_sung() -> None:
    sung = "我说：你好\nMusic: my only friend\nWritten by the hand of fate\n她问我：词不达意怎么办"
    assert parse_lrc(f"first line\n{sung}\nlast line").text == f"first line\n{sung}\nlast line"
    assert parse_lrc(f"first line\n{sung}\nlast line").credits == ()


def test_headings_notices_sections_and_singers_are_no_words() -> None:
    parsed = parse_lrc("晴 - 甲\n词：乙\n[Verse 1: 甲]\n女：你好\n[Chorus] 再见\n未经许可，不得翻唱或使用")
    assert parsed.text == "你好\n再见"


def test_only_credits_leave_no_words() -> None:
    parsed = parse_lrc("[00:00.00]作词 : 甲\n[00:01.00]作曲 : 乙")
    assert parsed.lines == ()
    assert len(parsed.credits) == 2


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("[00:00.00]作曲 : 甲\n[00:05.00]纯音乐，请欣赏", LyricState.INSTRUMENTAL),
        ("[00:00.00]此歌曲为没有填词的纯音乐，请您欣赏", LyricState.INSTRUMENTAL),
        ("Instrumental", LyricState.INSTRUMENTAL),
        ("暂无歌词", LyricState.UNCOLLECTED),
        ("我爱纯音乐，请欣赏我", LyricState.PRESENT),
    ],
)
def test_a_text_may_say_that_there_are_no_words(text: str, state: LyricState) -> None:
    parsed = parse_lrc(text)
    assert parsed.state is state
    assert bool(parsed.lines) is (state is LyricState.PRESENT)


def test_translations_go_by_their_stamps() -> None:
    parsed = parse_lrc("[00:01.00]一\n[00:02.00]二\n[00:03.00]三", "[by:x]\n[00:03.00]three\n[00:01.05]one")
    assert [line.translation for line in parsed.lines] == ["one", None, "three"]
    assert parsed.translation == "one\nthree"


def test_a_file_may_hold_its_own_translation() -> None:
    parsed = parse_lrc("[00:01.00]我爱你\n[00:01.00]I love you\n[00:05.00]再见\n[00:05.00]goodbye")
    assert [(line.text, line.translation) for line in parsed.lines] == [
        ("我爱你", "I love you"),
        ("再见", "goodbye"),
    ]


def test_plain_text_has_no_times() -> None:
    parsed = parse_lrc("\ufeffone\r\n\r\ntwo &amp; three\n")
    assert [(line.text, line.start_ms) for line in parsed.lines] == [("one", None), ("two & three", None)]
    assert not parsed.is_timed


PIECES = st.sampled_from(
    [
        *(
            "[",
            "]",
            "<",
            ">",
            "(",
            ")",
            "{",
            "}",
            ":",
            "：",
            ".",
            ",",
            "00",
            "9",
            "12:3",
            "[00:01.00]",
            "<00:02>",
        ),
        *(
            "[1,2]",
            "(1,2,0)",
            '{"t":1,"c":[',
            '{"tx":"a"}',
            "]}",
            "[offset:",
            "-5",
            "作词",
            "曲：",
            "Lyrics by ",
        ),
        *(
            "\n",
            "\r",
            " ",
            "你好",
            "word",
            "🎉",
            "&#0;",
            "&amp;",
            "\ud800",
            "女：",
            "[Chorus",
            " - ",
            "²",
            "٣",
        ),
        *("纯音乐，请欣赏", "暂无歌词"),
    ]
)


@given(
    st.lists(PIECES, max_size=40).map("".join) | st.text(),
    st.none() | st.lists(PIECES, max_size=20).map("".join),
    st.none() | st.text(max_size=50),
)
@settings(max_examples=300, deadline=None)
def test_nothing_raises(text: str, translation: str | None, word_times: str | None) -> None:
    parsed = parse_lrc(text, translation, word_times)
    known = [line.start_ms for line in parsed.lines if line.start_ms is not None]
    assert known == sorted(known)
    assert all(start >= 0 for start in known)
    assert all(line.text and line.text == line.text.strip() for line in parsed.lines)


@pytest.mark.parametrize(
    "text", ['{"t":0,"c":' + "[" * 100_000, '{"t":' + "9" * 6000 + ',"c":[]}', "[" * 100_000]
)
def test_hostile_lines_are_words_like_others(text: str) -> None:
    assert [line.text for line in parse_lrc(text).lines] == [text]
