"""Languages by script and by letters; words the same however they are written."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from zetdard.errors import MissingExtraError
from zetdard.features.lyrics import content_words, languages_of, libraries, simplified, words_of
from zetdard.features.lyrics import words as words_module


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("我一直在等你", "zh"),
        ("愛してる", "ja"),
        ("사랑해요 그대", "ko"),
        ("the rain falls on the empty street", "en"),
        ("love", "en"),
        ("hold me now", "en"),
        ("te quiero mi corazón", "es"),
        ("je t'aime mon amour", "fr"),
        ("Ich liebe dich so sehr", "de"),
        ("я тебя люблю", "ru"),
        ("ฉันรักเธอ", "th"),
        ("أحبك يا حبيبي", "ar"),
        ("♪ 123", "und"),
        ("", "und"),
    ],
)
def test_the_language_of_a_line(line: str, code: str) -> None:
    found = languages_of([line])
    assert (found.main, found.lines) == (code, (code,))


def test_short_lines_go_with_the_song() -> None:
    found = languages_of(["Oh oh oh", "la la la", "Je t'aime encore", "mon coeur est à toi"])
    assert found.lines == ("fr",) * 4
    assert languages_of(["oh baby", "na na na", "I can't live without you"]).shares == {"en": 1.0}


def test_kanji_alone_are_japanese_in_a_japanese_song_and_chinese_in_a_chinese_one() -> None:
    assert languages_of(["愛してる", "君の名は", "世界"]).lines == ("ja", "ja", "ja")
    assert languages_of(["我们都一样", "你好吗", "世界"]).lines == ("zh", "zh", "zh")


def test_shares_of_mixed_languages_add_up() -> None:
    found = languages_of(["我爱你我爱你", "I love you", "さよなら"])
    assert set(found.shares) == {"zh", "en", "ja"}
    assert sum(found.shares.values()) == pytest.approx(1)
    assert found.main == "zh"
    assert languages_of([]).shares == {}


def test_traditional_and_simplified_give_the_same_words() -> None:
    one = words_of("愛與夢想飛揚，後來的我們聽見風聲")
    assert one == words_of("爱与梦想飞扬，后来的我们听见风声")
    assert simplified("頭髮發亮") == "头发发亮"
    assert simplified("愛してる\n愛與夢") == "愛してる\n爱与梦"


def test_english_words_are_normalised() -> None:
    assert words_of("Don’t stop RUNNIN' soooo far 'cause it's the girl's ’90s") == [
        *["don't", "stop", "running", "so", "far", "because", "it's", "the", "girl", "s"]
    ]


def test_stop_words_are_left_out_in_both_languages() -> None:
    assert content_words("我们在雨里奔跑 and we are running in the rain, oh yeah") == [
        "雨里",
        "奔跑",
        "running",
        "rain",
    ]


def test_long_runs_cost_no_more_than_their_length() -> None:
    assert "".join(words_of("爱" * 20_000)) == "爱" * 20_000


def test_the_dictionary_is_kept_in_our_cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZETDARD_CACHE_DIR", str(tmp_path))
    segmenter = words_module._segmenter.__wrapped__()
    assert list(segmenter.cut("我来到北京")) == ["我", "来到", "北京"]
    assert [path.name for path in (tmp_path / "lyrics").iterdir()] == ["jieba-words.cache"]


def test_without_a_folder_to_write_to_words_are_split_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ZETDARD_CACHE_DIR", str(tmp_path / "file"))
    assert libraries.cache_folder() is None
    assert list(words_module._segmenter.__wrapped__().cut("我来到北京")) == ["我", "来到", "北京"]


def test_what_is_made_once_is_made_once_for_all_threads() -> None:
    made = []
    gate = threading.Barrier(8)

    @libraries.once
    def thing() -> int:
        made.append(1)
        return len(made)

    def ask() -> None:
        gate.wait()
        thing()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert thing() == 1


def test_a_missing_library_is_named_by_its_extra() -> None:
    with pytest.raises(MissingExtraError, match=r"zetdard\[lyrics\]") as caught:
        libraries.load_library("no_such_library_of_lyrics", "testing")
    assert caught.value.extra == "lyrics"
