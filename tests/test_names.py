"""Normal forms, artist strings and titles of versions."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zetdard.names import normal_form, split_artists, title_key

laws = settings(deadline=None, max_examples=200)

NAME_PARTS = [
    "Ann", "周杰伦", "ｆｅａｔ．", "feat.", "Ft.", "feat", "&", "/", ",", ";", "|", "x", "(", ")", "（", "）",
    "［", "］", "【", "】", " ", "\u3000", "İ", "Å", "ﬁ", "ß", "\u0301", "ΐ", "Live", "remix", "版", "-", "–", "2004",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(NAME_PARTS)).map("".join) | st.text(max_size=12)


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("Beyoncé", "beyonce\u0301"),
        ("ＡＢＣ　１２３", "abc 123"),
        ("ｶﾞ", "ガ"),
        ("  Two \t\n words ", "two words"),
        ("STRASSE", "straße"),
        ("ﬁn", "FIN"),
        ("（Live）", "(live)"),
        ("Ⅳ", "iv"),
    ],
)
def test_one_normal_form(written: str, same: str) -> None:
    assert normal_form(written) == normal_form(same)


@pytest.mark.parametrize(
    ("one", "other"), [("Beyoncé", "Beyonce"), ("AC/DC", "ACDC"), ("007", "7"), ("周", "週")]
)
def test_what_may_be_two_stays_two(one: str, other: str) -> None:
    assert normal_form(one) != normal_form(other)


@laws
@given(TEXTS)
def test_the_normal_form_of_a_normal_form_is_itself(text: str) -> None:
    once = normal_form(text)
    assert normal_form(once) == once
    assert once == once.strip()
    assert not re.search(r"\s\s|[^\S ]", once)


def test_every_character_has_a_stable_normal_form() -> None:
    unstable = [
        character
        for character in map(chr, range(0x30000))
        if normal_form(normal_form(character)) != normal_form(character)
    ]
    assert unstable == []


@pytest.mark.parametrize(
    ("raw", "names"),
    [
        ("Ann", ("Ann",)),
        ("Ann feat. Bo", ("Ann", "Bo")),
        ("Ann FT. Bo", ("Ann", "Bo")),
        ("Ann ft.Bo feat. Cy", ("Ann", "Bo", "Cy")),
        ("Ann (feat. Bo)", ("Ann", "Bo")),
        ("Ann ( feat. Bo )", ("Ann", "Bo")),
        ("Ann [ft. Bo & Cy]", ("Ann", "Bo & Cy")),
        ("周杰伦（feat. 李雨）", ("周杰伦", "李雨")),
        ("周杰伦［feat. 李雨］", ("周杰伦", "李雨")),
        ("周杰伦【feat. 李雨】", ("周杰伦", "李雨")),
        ("周杰伦feat.李雨", ("周杰伦", "李雨")),
        ("Ann (feat. Bo (UK))", ("Ann", "Bo (UK)")),
        ("Ann (feat. Bo) [DJ]", ("Ann", "Bo [DJ]")),
        ("Ann feat. Bo (UK)", ("Ann", "Bo (UK)")),
        ("feat. Bo", ("Bo",)),
        ("Ann feat. ", ("Ann",)),
        ("Ann feat. ANN", ("Ann",)),
        ("  ", ()),
        ("", ()),
    ],
)
def test_splitting_at_featured_artists(raw: str, names: tuple[str, ...]) -> None:
    assert split_artists(raw, separator=None) == names


@pytest.mark.parametrize(
    "name",
    [
        "Simon & Garfunkel", "AC/DC", "Tyler, The Creator", "A; B", "A|B", "Chloe x Halle", "Daft. Punk", "Feats",
        "Left. Right", "Crosby, Stills, Nash & Young", "+/-", "Sunn O)))", "(G)I-DLE", "!!!",
    ],
)  # fmt: skip
def test_names_that_stay_whole(name: str) -> None:
    assert split_artists(name, separator=None) == (name,)


def test_only_the_given_separator_splits() -> None:
    assert split_artists("A|B/C| |a|D feat. E", separator="|") == ("A", "B/C", "D", "E")
    assert split_artists("A/B|C", separator="/") == ("A", "B|C")


@laws
@given(TEXTS, st.sampled_from([None, "|", "/"]))
def test_splitting_loses_nothing_but_what_separates(raw: str, separator: str | None) -> None:
    """Every letter outside "feat." and "ft." is still there, in order, and each name is told once."""
    names = split_artists(raw, separator=separator)
    assert all(name and name == name.strip() for name in names)
    assert len({normal_form(name) for name in names}) == len(names)
    letters = re.sub(r"feat\.|ft\.", "", raw, flags=re.IGNORECASE)
    for name in names:
        assert set(re.findall(r"\w", name)) <= set(re.findall(r"\w", raw))
    kept = {normal_form(character) for character in "".join(names)}
    assert {normal_form(letter) for letter in re.findall(r"\w", letters)} <= kept


VERSIONS = {
    "晴天": [
        "晴天 (Live)", "晴天（Ｌｉｖｅ）", "晴天(Live版)", "晴天 [现场]", "晴天【伴奏】", "晴天「纯音乐」", "晴天［DJ版］",
        "晴天 (翻自 周杰伦)", "晴天 - Remastered 2004", "晴天 - 现场版", "晴天 – Live at 台北", "晴天 (Live) [Remix]",
        "晴天 (Live) - 2004 Remaster", "晴天 (片段)", "晴天 (feat. 李雨)", "（Live）晴天", "晴天 (Cover: 周杰伦)",
    ],
    "Hello": [
        "HELLO", "Hello (Remastered)", "Hello - Radio Edit", "Hello [Deluxe Edition]", "Hello (Piano Ver.)",
        "Hello (Skrillex Remix 2010)", "Hello (with Bo)", "Hello (prod. Cy)", "Hello (Ann's Version)",
        "Hello (Remix (Live))", "Hello - Live - Remastered 2009", "Hello (Recorded Live at Home)", "Hello - Lo-Fi Remix",
        "Hello (Acoustic)", "Hello (feat. Bo) (Radio Mix)", "Hello (live2004)",
    ],
}  # fmt: skip
OTHER_SONGS = [
    "Live Forever", "Alive (It Feels Like)", "Song (Olive Tree)", "Song (Believe Me)", "Song (Discover)",
    "Song (Deliver)", "Song (Credit)", "Song (Mixed Feelings)", "Song (I Live for You)", "Song (With You)",
    "Song (Featuring Dreams)", "Song (Part 2)", "Song (Remixology)", "Song - Alive", "Song-Live", "晴天 (上)",
    "Remix", "(Live)", "[伴奏]", "Live", "Demo", "Version", "- Live", "Radio Ga Ga", "Cover Me", "(I Can't Get No) Love",
]  # fmt: skip


@pytest.mark.parametrize(
    ("title", "version"), [(title, version) for title, versions in VERSIONS.items() for version in versions]
)
def test_versions_share_the_key_of_the_song(title: str, version: str) -> None:
    assert title_key(version) == normal_form(title)


@pytest.mark.parametrize("title", OTHER_SONGS)
def test_titles_that_only_look_like_versions_keep_every_word(title: str) -> None:
    assert title_key(title) == normal_form(title)


@laws
@given(TEXTS)
def test_the_key_of_a_key_is_itself_and_never_empty(title: str) -> None:
    key = title_key(title)
    assert title_key(key) == key
    assert bool(key) == bool(normal_form(title))
    assert key == normal_form(key)


@pytest.mark.parametrize(
    "text",
    ["(" * 5_000, "x" + " " * 5_000 + "y", "( live" * 1_000, "( " * 2_000 + "x", "feat." * 2_000 + "x"],
    ids=["brackets", "spaces", "live", "open", "feat"],
)
def test_long_odd_texts_are_read_in_one_go(text: str) -> None:
    """With a pattern that backtracks these would take minutes."""
    assert title_key(text)
    assert split_artists(text, separator=None)
