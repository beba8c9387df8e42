"""Glad is glad and sad is sad, in both languages, with negation, emoji, and both languages in a line."""

from __future__ import annotations

import pytest

from zetdard.errors import InputError
from zetdard.features.lyrics import (
    Sentiment,
    combine,
    count_emotions,
    sentiment,
    sentiment_of_lines,
    words_of,
)

GLAD = [
    "今天真开心，阳光灿烂，我们一起欢笑",
    "幸福的笑容像花一样绽放",
    "我爱你，和你在一起多么甜蜜",
    "快樂的歌聲響徹整個夏天",
    "I am so happy, the sun is shining and we laugh",
    "what a wonderful day, I love you so much",
    "celebrate, everybody smile and have fun",
]
SAD = [
    "我很难过想哭，眼泪一直流",
    "孤独的夜里心碎了，只剩悲伤",
    "你离开我以后，我痛苦绝望",
    "憂傷的眼淚流滿臉龐",
    "tears are falling and I am so lonely",
    "my heart is broken, I cry in pain and misery",
    "I hate this sad and hopeless life",
]
NEGATED_GLAD = [
    "我不快乐",
    "我一点也不开心",
    "没有希望",
    "I am not happy",
    "this is no fun, I don't love you",
]
NEGATED_SAD = ["别难过了", "我再也不害怕", "一点也不伤心", "I am not afraid", "I don't want to cry anymore"]


@pytest.mark.parametrize("text", GLAD)
def test_glad(text: str) -> None:
    found = sentiment(text)
    assert found.valence > 0.4
    assert found.confidence > 0.4


@pytest.mark.parametrize("text", SAD)
def test_sad(text: str) -> None:
    found = sentiment(text)
    assert found.valence < -0.4
    assert found.confidence > 0.4


@pytest.mark.parametrize("text", NEGATED_GLAD)
def test_negated_gladness_is_sad(text: str) -> None:
    assert sentiment(text).valence < -0.2


@pytest.mark.parametrize("text", NEGATED_SAD)
def test_negated_sadness_is_glad(text: str) -> None:
    assert sentiment(text).valence > 0.2


def test_a_negation_stays_in_its_clause_and_line_and_a_double_one_affirms() -> None:
    assert sentiment("我不，快乐").valence > 0.5
    assert sentiment("不是不开心").valence > 0.2
    assert sentiment("从来没有这么快乐").valence > 0.5


def test_whole_songs() -> None:
    assert sentiment("\n".join(GLAD)).valence > 0.5
    assert sentiment("\n".join(SAD)).valence < -0.5
    assert sentiment("\n".join(GLAD)).confidence > 0.8
    torn = sentiment("\n".join(GLAD + SAD))
    assert abs(torn.valence) < 0.3
    assert torn.confidence < sentiment("\n".join(GLAD)).confidence


def test_both_languages_in_a_line() -> None:
    assert sentiment("我好开心 I am so happy").valence > 0.5
    assert sentiment("我好难过 I am so sad").valence < -0.5
    one_each = sentiment("我好难过 but I am so happy")
    assert set(one_each.method.split("+")) == {"lexicon", "vader"}
    assert abs(one_each.valence) < 0.5


@pytest.mark.parametrize("language", ["zh", "en", None, "und"])
def test_emoji_are_the_same_in_every_language(language: str | None) -> None:
    assert sentiment("😊🎉", language).valence > 0.5
    assert sentiment("😭💔", language).valence < -0.5


def test_traditional_is_scored_like_simplified() -> None:
    for traditional, plain in [
        ("我們的愛情很幸福", "我们的爱情很幸福"),
        ("孤獨的夜裡傷心", "孤独的夜里伤心"),
    ]:
        assert sentiment(traditional) == sentiment(plain)


def test_where_nothing_is_known_nothing_is_said() -> None:
    for text in ("", "   ", "the chair", "♪"):
        assert (sentiment(text).valence, sentiment(text).confidence) == (0, 0)
    assert sentiment("je suis triste", "fr").confidence == 0
    assert sentiment("桌子在那里").confidence < 0.1  # SnowNLP alone is hardly trusted


def test_formula_of_combining() -> None:
    both = combine([Sentiment(1.0, 0.5, "a"), Sentiment(-0.5, 0.25, "b")])
    # W = .75, Σcv = .375, Σc|v| = .625
    assert both.valence == pytest.approx(0.375 / 0.75)
    assert both.confidence == pytest.approx(0.75 / 1.25 * (1 + 0.375 / 0.625) / 2)
    assert both.method == "a+b"
    assert combine([]).method == "none"


def test_bad_values_are_refused() -> None:
    with pytest.raises(InputError):
        Sentiment(1.5, 0.5, "x")
    with pytest.raises(InputError, match="2 lines have 1"):
        sentiment_of_lines(["a", "b"], ["en"])


@pytest.mark.parametrize(
    ("text", "emotion"),
    [
        ("我想念故乡，怀念从前", "longing"),
        ("愤怒的谎言，我恨你", "anger"),
        ("害怕噩梦，恐惧颤抖", "fear"),
        ("安静的夜，轻轻的风", "calm"),
        ("热血沸腾，疯狂奔跑", "energy"),
        ("I was dancing in the fire, running wild", "energy"),
        ("missing yesterday and its memories", "longing"),
        ("kissed my darling lover", "love"),
    ],
)
def test_emotion_words(text: str, emotion: str) -> None:
    counts = count_emotions(words_of(text)).counts
    assert max(counts, key=lambda name: counts[name]) == emotion
    assert counts[emotion] >= 2


def test_shares_and_negated_emotions() -> None:
    found = count_emotions(words_of("happy happy sad not afraid"))
    assert found.shares()["joy"] == pytest.approx(2 / 3)
    assert found.shares()["fear"] == 0
    assert found.words == 5
    assert sum(count_emotions([]).shares().values()) == 0


def test_a_word_that_only_holds_an_emotion_is_none() -> None:
    for text in ("恨不得", "爱好", "哭笑不得"):
        assert count_emotions([text]).valences == ()
